;;! stage = valid
;; The instruction of an error among folded ones, which come after operands.
(module
  (memory 1)
  (func $f (param i32) (result i32)
    (local $x i64)
    (if (result i32) (local.get 0)
      (then (i32.load (i32.const 0)))
      (else (block (result i32)
        (drop (i64.add (local.get $x) (local.get 0)))
        (i32.const 1))))))
;;= error: place-fold.wat:10:16: type mismatch: instruction requires [i64 i64] but stack has [i64 i32] (i64.add)
;;=             (drop (i64.add (local.get $x) (loca...
;;=                    ^
;;=     in function 0, f
;;= exit 1
