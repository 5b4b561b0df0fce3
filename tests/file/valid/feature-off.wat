;;! stage = valid
;;! flags = -W simd=n
;; What needs a feature that is off says which.
(module (func (result v128) (v128.const i64x2 1 2)))
;;= error: feature-off.wat:4:23: v128 needs the simd feature, which is off
;;=     (module (func (result v128) (v128.const i64x2 1 2)...
;;=                           ^
;;= exit 1
