;;! stage = print
;; A section of names that is not the last one says where it was.
(module $m
  (func $f)
  (@custom "name" (after code) "")
  (@custom "producers" (after code) "\00"))
;;= (module $m
;;=   (type (;0;) (func))
;;=   (func $f (;0;) (type 0))
;;=   (@custom "name" (after code) "")
;;=   (@custom "producers" (after code) "\00"))
