;;! stage = valid
;; The instruction of an error among flat ones.
(module
  (func)
  (func $f (param i32) (result i32)
    local.get 0
    if (result i32)
      i32.const 1
    else
      f32.const 1
    end))
;;= error: place-flat.wat:11:5: type mismatch: instruction requires [i32] but stack has [f32] (end)
;;=         end))
;;=         ^
;;=     in function 1, f
;;= exit 1
