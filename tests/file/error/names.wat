;;! stage  = error
;;! invoke = top
;; A backtrace has the names of functions.
(module
  (func $bottom unreachable)
  (func $"the middle" (call $bottom))
  (func $top (export "top") (call $"the middle")))
;;= error: names.wat: wasm trap: unreachable
;;= wasm backtrace:
;;=      0: 0x000022 - <module>!bottom
;;=      1: 0x000026 - <module>!the middle
;;=      2: 0x00002b - <module>!top
;;= exit 134
