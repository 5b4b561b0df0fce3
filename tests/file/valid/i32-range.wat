;;! stage = valid
;; A number outside both the signed and the unsigned range.
(module
  (func (result i32)
    i32.const 4294967296))
;;= error: i32-range.wat:5:15: constant out of range: 4294967296
;;=         i32.const 4294967296))
;;=                   ^
;;= exit 1
