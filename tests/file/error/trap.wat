;;! stage = error
;;! invoke = outer
;; A trap has a backtrace, innermost first, and the exit code 134.
(module $deep
  (func $inner (param i32) (drop (i32.div_u (i32.const 1) (local.get 0))))
  (func $middle (call $inner (i32.const 0)))
  (func (export "outer") (call $middle)))
;;= error: trap.wat: wasm trap: integer divide by zero
;;= wasm backtrace:
;;=      0: 0x00002c - deep!inner
;;=      1: 0x000033 - deep!middle
;;=      2: 0x000038 - deep!<function 2>
;;= exit 134
