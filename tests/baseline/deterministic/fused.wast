;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; As ../fused.wast, with two roundings: the tiny parts are lost.
(module
  (func (export "f32x4") (param $a v128) (param $c v128)
    (result v128 v128 v128 v128)
    (local $b v128) (local $d v128)
    (local.set $b (local.get $a))
    (local.set $d (local.get $c))
    (local.set $b (f32x4.relaxed_madd
      (local.get $a) (local.get $b) (local.get $c)))
    (local.set $d (f32x4.relaxed_madd
      (local.get $a) (local.get $a) (local.get $d)))
    (f32x4.relaxed_madd (local.get $a) (local.get $a) (local.get $c))
    (f32x4.relaxed_nmadd (local.get $a) (local.get $a)
      (f32x4.neg (local.get $c)))
    (local.get $b)
    (local.get $d))
  (func (export "f64x2") (param $a v128) (param $c v128)
    (result v128 v128 v128 v128)
    (local $b v128) (local $d v128)
    (local.set $b (local.get $a))
    (local.set $d (local.get $c))
    (local.set $b (f64x2.relaxed_madd
      (local.get $a) (local.get $b) (local.get $c)))
    (local.set $d (f64x2.relaxed_madd
      (local.get $a) (local.get $a) (local.get $d)))
    (f64x2.relaxed_madd (local.get $a) (local.get $a) (local.get $c))
    (f64x2.relaxed_nmadd (local.get $a) (local.get $a)
      (f64x2.neg (local.get $c)))
    (local.get $b)
    (local.get $d)))
(assert_return
  (invoke "f32x4"
    (v128.const f32x4 0x1.000002p0 0x1.000002p0 2 0x1.000002p0)
    (v128.const f32x4 -0x1.000004p0 -0x1.000004p0 1 -1))
  (v128.const f32x4 0 0 5 0x1p-22)
  (v128.const f32x4 0 0 -5 -0x1p-22)
  (v128.const f32x4 0 0 5 0x1p-22)
  (v128.const f32x4 0 0 5 0x1p-22))
(assert_return
  (invoke "f64x2"
    (v128.const f64x2 0x1.0000000000001p0 3)
    (v128.const f64x2 -0x1.0000000000002p0 -1))
  (v128.const f64x2 0 8)
  (v128.const f64x2 0 -8)
  (v128.const f64x2 0 8)
  (v128.const f64x2 0 8))
