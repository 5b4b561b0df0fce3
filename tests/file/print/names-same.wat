;;! stage = print
;; Where two things have one name, the second keeps it in an annotation.
(module
  (func $f)
  (func (@name "f") (call 0) (call 1))
  (func (@name "")))
;;= (module
;;=   (type (;0;) (func))
;;=   (func $f (;0;) (type 0))
;;=   (func (@name "f") (;1;) (type 0)
;;=     call $f
;;=     call 1)
;;=   (func (@name "") (;2;) (type 0)))
