;;! stage = valid
;; What is missing at the end of a function is missing at its parenthesis.
(module
  (func $f (param i32) (result i32)
    (drop (local.get 0))
  ))
;;= error: place-end.wat:6:3: type mismatch: instruction requires [i32] but stack has [] (end)
;;=       ))
;;=       ^
;;=     in function 0, f
;;= exit 1
