;;! stage = error
;;! invoke = f
;; An exception that nobody catches ends the program as a trap does.
(module
  (tag $e (param i32))
  (func (export "f") (throw $e (i32.const 5))))
;;= error: uncaught.wat: an exception was thrown and not caught
;;= exit 134
