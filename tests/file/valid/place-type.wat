;;! stage = valid
;; A type is where it is defined.
(module
  (type $a (struct))
  (rec (type $b (struct))
       (type $c (sub $a (struct)))))
;;= error: place-type.wat:6:14: sub type 2 does not match super type 0
;;=            (type $c (sub $a (struct)))))
;;=                  ^
;;= exit 1
