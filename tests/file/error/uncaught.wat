;;! stage = error
;;! invoke = f
;; An exception that nobody catches ends the program as a trap does.
(module
  (tag $e (param i32))
  (func (export "f") (throw $e (i32.const 5))))
;;= error: uncaught.wat: wasm trap: uncaught exception
;;= wasm backtrace:
;;=      0: 0x000029 - <module>!<function 0>
;;= exit 134
