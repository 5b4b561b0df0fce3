;;! stage = valid
;; An initial value is where its expression starts.
(module
  (global i32 (i32.const 1))
  (global i32 (i64.const 1)))
;;= error: place-init.wat:5:15: type mismatch: instruction requires [i32] but stack has [i64] (end)
;;=       (global i32 (i64.const 1)))
;;=                   ^
;;= exit 1
