;;! stage = run
;;! invoke = all
;; Results come one a line.
(module
  (func $f (export "all")
    (result i32 i64 f32 f64 v128 funcref externref)
    (i32.const -1) (i64.const 0x8000000000000000) (f32.const 0.1)
    (f64.const -0) (v128.const i64x2 0 1) (ref.func $f) (ref.null extern)))
;;= -1
;;= -9223372036854775808
;;= 0.1
;;= -0
;;= 18446744073709551616
;;= <funcref>
;;= <null externref>
