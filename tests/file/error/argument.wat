;;! stage = error
;;! invoke = f
;;! args = 1.5
;; An argument of another type is wrong usage.
(module (func (export "f") (param i32)))
;;= error: --invoke f: argument 1, '1.5', is no i32
;;= 'foliot help' tells how it is used
;;= exit 2
