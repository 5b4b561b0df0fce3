;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; Division by a constant against division by the same number in a variable,
;; over numbers at the boundaries and others: how many differ. And sums with a
;; shifted operand.
(module
  (type $check32 (func (param i32 i32) (result i32)))
  (type $check64 (func (param i64 i64) (result i32)))
  (func $i32_1 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 1)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 1)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 1)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 1)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_2 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 2)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 2)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 2)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 2)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_3 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 3)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 3)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 3)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 3)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_5 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 5)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 5)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 5)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 5)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_6 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 6)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 6)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 6)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 6)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_7 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 7)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 7)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 7)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 7)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_9 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 9)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 9)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 9)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 9)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_10 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 10)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 10)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 10)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 10)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_11 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 11)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 11)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 11)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 11)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_12 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 12)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 12)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 12)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 12)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_13 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 13)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 13)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 13)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 13)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_25 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 25)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 25)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 25)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 25)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_60 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 60)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 60)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 60)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 60)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_64 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 64)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 64)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 64)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 64)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_100 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 100)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 100)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 100)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 100)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_125 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 125)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 125)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 125)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 125)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_127 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 127)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 127)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 127)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 127)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_255 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 255)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 255)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 255)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 255)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_256 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 256)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 256)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 256)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 256)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_641 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 641)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 641)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 641)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 641)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_1000 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 1000)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 1000)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 1000)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 1000)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_1009 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 1009)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 1009)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 1009)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 1009)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_3600 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 3600)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 3600)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 3600)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 3600)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_10000 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 10000)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 10000)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 10000)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 10000)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_65535 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 65535)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 65535)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 65535)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 65535)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_65536 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 65536)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 65536)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 65536)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 65536)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_65537 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 65537)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 65537)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 65537)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 65537)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_1000000 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 1000000)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 1000000)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 1000000)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 1000000)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_16777619 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 16777619)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 16777619)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 16777619)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 16777619)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_1073741823 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 1073741823)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 1073741823)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 1073741823)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 1073741823)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_1073741824 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 1073741824)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 1073741824)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 1073741824)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 1073741824)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_1431655765 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 1431655765)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 1431655765)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 1431655765)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 1431655765)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_2147483646 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 2147483646)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 2147483646)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 2147483646)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 2147483646)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_2147483647 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 2147483647)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 2147483647)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 2147483647)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 2147483647)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_2147483648 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 2147483648)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 2147483648)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 2147483648)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 2147483648)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_2147483649 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 2147483649)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 2147483649)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 2147483649)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 2147483649)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_2863311531 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 2863311531)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 2863311531)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 2863311531)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 2863311531)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_4294967294 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 4294967294)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 4294967294)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 4294967294)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 4294967294)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_4294967295 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 4294967295)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 4294967295)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 4294967295)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_4294967293 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 4294967293)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 4294967293)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 4294967293)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 4294967293)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_4294967289 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 4294967289)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 4294967289)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 4294967289)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 4294967289)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_4294967286 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 4294967286)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 4294967286)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 4294967286)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 4294967286)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i32_4294966296 (param $x i32) (param $d i32) (result i32)
    (i32.ne (i32.div_u (local.get $x) (i32.const 4294966296)) (i32.div_u (local.get $x) (local.get $d)))
    (i32.ne (i32.rem_u (local.get $x) (i32.const 4294966296)) (i32.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.rem_s (local.get $x) (i32.const 4294966296)) (i32.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i32.ne (i32.div_s (local.get $x) (i32.const 4294966296)) (i32.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_1 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 1)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 1)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 1)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 1)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_2 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 2)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 2)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 2)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 2)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_3 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 3)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 3)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 3)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 3)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_7 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 7)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 7)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 7)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 7)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_8 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 8)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 8)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 8)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 8)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_10 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 10)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 10)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 10)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 10)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_4096 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 4096)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 4096)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 4096)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 4096)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_2147483648 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 2147483648)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 2147483648)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 2147483648)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 2147483648)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_4294967296 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 4294967296)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 4294967296)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 4294967296)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 4294967296)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_4294967297 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 4294967297)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 4294967297)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 4294967297)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 4294967297)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_1099511627776 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 1099511627776)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 1099511627776)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 1099511627776)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 1099511627776)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_9223372036854775807 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 9223372036854775807)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 9223372036854775807)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 9223372036854775807)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 9223372036854775807)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_9223372036854775808 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 9223372036854775808)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 9223372036854775808)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 9223372036854775808)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 9223372036854775808)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_9223372036854775809 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 9223372036854775809)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 9223372036854775809)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 9223372036854775809)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 9223372036854775809)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_18446744073709551615 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 18446744073709551615)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 18446744073709551615)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 18446744073709551615)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_18446744073709551614 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 18446744073709551614)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 18446744073709551614)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 18446744073709551614)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 18446744073709551614)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_18446744073709551606 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 18446744073709551606)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 18446744073709551606)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 18446744073709551606)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 18446744073709551606)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_1000000000000000000 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 1000000000000000000)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 1000000000000000000)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 1000000000000000000)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 1000000000000000000)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_5 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 5)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 5)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 5)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 5)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_6 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 6)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 6)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 6)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 6)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_11 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 11)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 11)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 11)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 11)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_12 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 12)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 12)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 12)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 12)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_13 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 13)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 13)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 13)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 13)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_25 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 25)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 25)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 25)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 25)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_28 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 28)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 28)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 28)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 28)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_100 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 100)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 100)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 100)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 100)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_641 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 641)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 641)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 641)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 641)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_1000 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 1000)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 1000)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 1000)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 1000)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_3600 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 3600)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 3600)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 3600)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 3600)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_1000000007 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 1000000007)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 1000000007)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 1000000007)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 1000000007)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_2147483647 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 2147483647)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 2147483647)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 2147483647)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 2147483647)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_3298534883328 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 3298534883328)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 3298534883328)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 3298534883328)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 3298534883328)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_6148914691236517205 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 6148914691236517205)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 6148914691236517205)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 6148914691236517205)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 6148914691236517205)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_12297829382473034411 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 12297829382473034411)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 12297829382473034411)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 12297829382473034411)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 12297829382473034411)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_18446744073709551601 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 18446744073709551601)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 18446744073709551601)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 18446744073709551601)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 18446744073709551601)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_18446744073709551613 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 18446744073709551613)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 18446744073709551613)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 18446744073709551613)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 18446744073709551613)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_18446744073709551611 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 18446744073709551611)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 18446744073709551611)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 18446744073709551611)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 18446744073709551611)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_18446744073709551609 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 18446744073709551609)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 18446744073709551609)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 18446744073709551609)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 18446744073709551609)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_18446744073709551608 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 18446744073709551608)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 18446744073709551608)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 18446744073709551608)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 18446744073709551608)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_18446744071562067968 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 18446744071562067968)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 18446744071562067968)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 18446744071562067968)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 18446744071562067968)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_18446742974197923840 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 18446742974197923840)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 18446742974197923840)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 18446742974197923840)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 18446742974197923840)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_13835058055282163712 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 13835058055282163712)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 13835058055282163712)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 13835058055282163712)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 13835058055282163712)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (func $i64_18446744072709551609 (param $x i64) (param $d i64) (result i32)
    (i64.ne (i64.div_u (local.get $x) (i64.const 18446744072709551609)) (i64.div_u (local.get $x) (local.get $d)))
    (i64.ne (i64.rem_u (local.get $x) (i64.const 18446744072709551609)) (i64.rem_u (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.rem_s (local.get $x) (i64.const 18446744072709551609)) (i64.rem_s (local.get $x) (local.get $d)))
    i32.add
    (i64.ne (i64.div_s (local.get $x) (i64.const 18446744072709551609)) (i64.div_s (local.get $x) (local.get $d)))
    i32.add)
  (table $i32 funcref (elem
    $i32_1
    $i32_2
    $i32_3
    $i32_5
    $i32_6
    $i32_7
    $i32_9
    $i32_10
    $i32_11
    $i32_12
    $i32_13
    $i32_25
    $i32_60
    $i32_64
    $i32_100
    $i32_125
    $i32_127
    $i32_255
    $i32_256
    $i32_641
    $i32_1000
    $i32_1009
    $i32_3600
    $i32_10000
    $i32_65535
    $i32_65536
    $i32_65537
    $i32_1000000
    $i32_16777619
    $i32_1073741823
    $i32_1073741824
    $i32_1431655765
    $i32_2147483646
    $i32_2147483647
    $i32_2147483648
    $i32_2147483649
    $i32_2863311531
    $i32_4294967294
    $i32_4294967295
    $i32_4294967293
    $i32_4294967289
    $i32_4294967286
    $i32_4294966296))
  (table $i64 funcref (elem
    $i64_1
    $i64_2
    $i64_3
    $i64_7
    $i64_8
    $i64_10
    $i64_4096
    $i64_2147483648
    $i64_4294967296
    $i64_4294967297
    $i64_1099511627776
    $i64_9223372036854775807
    $i64_9223372036854775808
    $i64_9223372036854775809
    $i64_18446744073709551615
    $i64_18446744073709551614
    $i64_18446744073709551606
    $i64_1000000000000000000
    $i64_5
    $i64_6
    $i64_11
    $i64_12
    $i64_13
    $i64_25
    $i64_28
    $i64_100
    $i64_641
    $i64_1000
    $i64_3600
    $i64_1000000007
    $i64_2147483647
    $i64_3298534883328
    $i64_6148914691236517205
    $i64_12297829382473034411
    $i64_18446744073709551601
    $i64_18446744073709551613
    $i64_18446744073709551611
    $i64_18446744073709551609
    $i64_18446744073709551608
    $i64_18446744071562067968
    $i64_18446742974197923840
    $i64_13835058055282163712
    $i64_18446744072709551609))
  (func $next (param $x i64) (result i64)
    (i64.add (i64.mul (local.get $x) (i64.const 6364136223846793005))
      (i64.const 1442695040888963407)))
  ;; i32: small ones, multiples of the divisor and their neighbours, extremes.
  (func (export "i32") (param $which i32) (param $d i32) (result i32)
    (local $x i32) (local $i i32) (local $bad i32) (local $r i64)
    (loop $again
      (local.set $r (call $next (i64.add (local.get $r)
        (i64.extend_i32_u (local.get $i)))))
      (local.set $x (i32.wrap_i64 (i64.rotl (local.get $r) (i64.const 17))))
      (if (i32.and (local.get $i) (i32.const 1))
        (then (local.set $x (i32.shr_s (local.get $x) (i32.const 16)))))
      (if (i32.and (local.get $i) (i32.const 2))
        (then (local.set $x (i32.add (i32.mul (local.get $x) (local.get $d))
          (i32.sub (i32.and (local.get $x) (i32.const 3)) (i32.const 1))))))
      (if (i32.eq (local.get $i) (i32.const 4))
        (then (local.set $x (i32.const 2147483648))))
      (if (i32.eq (local.get $i) (i32.const 8))
        (then (local.set $x (i32.const -1))))
      (if (i32.eq (local.get $i) (i32.const 12))
        (then (local.set $x (i32.const 2147483647))))
      (if (i32.eq (local.get $i) (i32.const 16))
        (then (local.set $x (i32.const 0))))
      (local.set $bad (i32.add (local.get $bad)
        (call_indirect $i32 (type $check32) (local.get $x) (local.get $d)
          (local.get $which))))
      (br_if $again (i32.lt_u (local.tee $i
        (i32.add (local.get $i) (i32.const 1))) (i32.const 300))))
    (local.get $bad))
  ;; i64: small ones, multiples of the divisor and their neighbours, extremes.
  (func (export "i64") (param $which i32) (param $d i64) (result i32)
    (local $x i64) (local $i i32) (local $bad i32) (local $r i64)
    (loop $again
      (local.set $r (call $next (i64.add (local.get $r)
        (i64.extend_i32_u (local.get $i)))))
      (local.set $x (i64.rotl (local.get $r) (i64.const 17)))
      (if (i32.and (local.get $i) (i32.const 1))
        (then (local.set $x (i64.shr_s (local.get $x) (i64.const 32)))))
      (if (i32.and (local.get $i) (i32.const 2))
        (then (local.set $x (i64.add (i64.mul (local.get $x) (local.get $d))
          (i64.sub (i64.and (local.get $x) (i64.const 3)) (i64.const 1))))))
      (if (i32.eq (local.get $i) (i32.const 4))
        (then (local.set $x (i64.const 9223372036854775808))))
      (if (i32.eq (local.get $i) (i32.const 8))
        (then (local.set $x (i64.const -1))))
      (if (i32.eq (local.get $i) (i32.const 12))
        (then (local.set $x (i64.const 9223372036854775807))))
      (if (i32.eq (local.get $i) (i32.const 16))
        (then (local.set $x (i64.const 0))))
      (local.set $bad (i32.add (local.get $bad)
        (call_indirect $i64 (type $check64) (local.get $x) (local.get $d)
          (local.get $which))))
      (br_if $again (i32.lt_u (local.tee $i
        (i32.add (local.get $i) (i32.const 1))) (i32.const 300))))
    (local.get $bad))
  (func (export "zero") (param i32) (result i32)
    (i32.div_u (local.get 0) (i32.const 0)))
  (func (export "zero s") (param i64) (result i64)
    (i64.rem_s (local.get 0) (i64.const 0)))
  (func (export "overflow") (param i32) (result i32)
    (i32.div_s (local.get 0) (i32.const -1)))

  ;; A sum with a shifted operand is one instruction: all operands of it.
  (func (export "index") (param $a i32) (param $i i32) (result i32)
    (local $x i32)
    (local.set $x (i32.add (local.get $a)
      (i32.shl (local.get $i) (i32.const 2))))
    (local.set $a (i32.add (local.get $a)
      (i32.shl (local.get $i) (i32.const 3))))
    (local.set $i (i32.add (i32.const -5)
      (i32.shl (local.get $i) (i32.const 1))))
    (i32.xor (i32.add (local.get $x) (i32.shl (local.get $x) (i32.const 1)))
      (i32.add (i32.mul (local.get $a) (i32.const 3))
        (i32.shl (i32.add (local.get $i) (local.get $x)) (i32.const 4)))))
  (func (export "wide") (param $a i64) (param $i i64) (result i64)
    (i64.add (i64.add (local.get $a) (i64.shl (local.get $i) (i64.const 3)))
      (i64.add (i64.const 0x123456789) (i64.shl (local.get $i) (i64.const 66)))))
)
(assert_return (invoke "i32" (i32.const 0) (i32.const 1)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 1) (i32.const 2)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 2) (i32.const 3)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 3) (i32.const 5)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 4) (i32.const 6)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 5) (i32.const 7)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 6) (i32.const 9)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 7) (i32.const 10)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 8) (i32.const 11)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 9) (i32.const 12)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 10) (i32.const 13)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 11) (i32.const 25)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 12) (i32.const 60)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 13) (i32.const 64)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 14) (i32.const 100)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 15) (i32.const 125)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 16) (i32.const 127)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 17) (i32.const 255)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 18) (i32.const 256)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 19) (i32.const 641)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 20) (i32.const 1000)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 21) (i32.const 1009)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 22) (i32.const 3600)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 23) (i32.const 10000)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 24) (i32.const 65535)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 25) (i32.const 65536)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 26) (i32.const 65537)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 27) (i32.const 1000000)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 28) (i32.const 16777619)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 29) (i32.const 1073741823)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 30) (i32.const 1073741824)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 31) (i32.const 1431655765)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 32) (i32.const 2147483646)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 33) (i32.const 2147483647)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 34) (i32.const 2147483648)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 35) (i32.const 2147483649)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 36) (i32.const 2863311531)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 37) (i32.const 4294967294)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 38) (i32.const 4294967295)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 39) (i32.const 4294967293)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 40) (i32.const 4294967289)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 41) (i32.const 4294967286)) (i32.const 0))
(assert_return (invoke "i32" (i32.const 42) (i32.const 4294966296)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 0) (i64.const 1)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 1) (i64.const 2)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 2) (i64.const 3)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 3) (i64.const 7)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 4) (i64.const 8)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 5) (i64.const 10)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 6) (i64.const 4096)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 7) (i64.const 2147483648)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 8) (i64.const 4294967296)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 9) (i64.const 4294967297)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 10) (i64.const 1099511627776)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 11) (i64.const 9223372036854775807)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 12) (i64.const 9223372036854775808)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 13) (i64.const 9223372036854775809)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 14) (i64.const 18446744073709551615)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 15) (i64.const 18446744073709551614)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 16) (i64.const 18446744073709551606)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 17) (i64.const 1000000000000000000)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 18) (i64.const 5)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 19) (i64.const 6)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 20) (i64.const 11)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 21) (i64.const 12)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 22) (i64.const 13)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 23) (i64.const 25)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 24) (i64.const 28)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 25) (i64.const 100)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 26) (i64.const 641)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 27) (i64.const 1000)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 28) (i64.const 3600)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 29) (i64.const 1000000007)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 30) (i64.const 2147483647)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 31) (i64.const 3298534883328)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 32) (i64.const 6148914691236517205)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 33) (i64.const 12297829382473034411)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 34) (i64.const 18446744073709551601)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 35) (i64.const 18446744073709551613)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 36) (i64.const 18446744073709551611)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 37) (i64.const 18446744073709551609)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 38) (i64.const 18446744073709551608)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 39) (i64.const 18446744071562067968)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 40) (i64.const 18446742974197923840)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 41) (i64.const 13835058055282163712)) (i32.const 0))
(assert_return (invoke "i64" (i32.const 42) (i64.const 18446744072709551609)) (i32.const 0))
(assert_trap (invoke "zero" (i32.const 1)) "integer divide by zero")
(assert_trap (invoke "zero s" (i64.const 1)) "integer divide by zero")
(assert_trap (invoke "overflow" (i32.const 0x80000000)) "integer overflow")
(assert_return (invoke "overflow" (i32.const 7)) (i32.const -7))
(assert_return (invoke "index" (i32.const 100) (i32.const 7)) (i32.const 3044))
(assert_return (invoke "index" (i32.const 4294967295) (i32.const 1073741825)) (i32.const 28))
(assert_return (invoke "index" (i32.const 5) (i32.const 4294967294)) (i32.const 232))
(assert_return (invoke "wide" (i64.const 100) (i64.const 7)) (i64.const 4886718529))
(assert_return (invoke "wide" (i64.const 18446744073709551615) (i64.const 4611686018427387904)) (i64.const 4886718344))
(assert_return (invoke "wide" (i64.const 5) (i64.const 18446744073709551612)) (i64.const 4886718302))
