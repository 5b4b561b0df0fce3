;;! stage = valid
;; An addition needs two operands. The place is that of the function; the
;; offset is one into the binary form.
(module
  (func $half (result i32) (i32.add (i32.const 1))))
;;= error: too-few.wat:5:29: type mismatch: instruction requires [i32 i32] but stack has [i32] (i32.add)
;;=       (func $half (result i32) (i32.add (i32.const 1))))
;;=                                 ^
;;=     in function 0, half
;;= exit 1
