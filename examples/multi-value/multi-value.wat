;; Functions and blocks may have several results.
(module
  (import "host" "swap" (func $swap (param i32 i64) (result i64 i32)))
  (func (export "divide") (param $a i32) (param $b i32) (result i32 i32)
    (i32.div_u (local.get $a) (local.get $b))
    (i32.rem_u (local.get $a) (local.get $b)))
  (func (export "twice") (param i32 i64) (result i32 i64)
    (call $swap (local.get 0) (local.get 1))
    (block (param i64 i32) (result i32 i64)
      (local.set 0)
      (local.set 1)
      (i32.mul (local.get 0) (i32.const 2))
      (i64.mul (local.get 1) (i64.const 2)))))
