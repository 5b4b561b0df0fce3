;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; Limits of 64-bit memories and tables, imports, and how they are written.

;; The largest memory has 2^48 pages, the largest table 2^64 - 1 elements.
(module definition (memory i64 0 0x1_0000_0000_0000))
(assert_invalid (module definition (memory i64 0x1_0000_0000_0001))
  "memory size")
(assert_invalid (module definition (memory i64 0 0x1_0000_0000_0001))
  "memory size")
(assert_invalid
  (module definition (memory i64 0 0xffff_ffff_ffff_ffff))
  "memory size")
(assert_invalid (module definition (memory 0x1_0001)) "memory size")
(assert_invalid (module definition (memory i64 2 1))
  "size minimum must not be greater than maximum")
(assert_invalid
  (module definition (memory i64 0x1_0000_0000 0xffff_ffff))
  "size minimum must not be greater than maximum")
(module definition (table i64 0 0xffff_ffff_ffff_ffff funcref))
(module definition (table i64 0 0x1_0000_0000 funcref))
(assert_invalid
  (module definition (table i64 0x1_0000_0000 0xffff_ffff funcref))
  "size minimum must not be greater than maximum")
(assert_malformed (module quote "(memory i64 0x1_0000_0000_0000_0000)")
  "i64 constant out of range")
(assert_malformed
  (module quote "(table i64 0x1_0000_0000_0000_0000 funcref)")
  "i64 constant out of range")
(assert_malformed (module quote "(memory i32 i64 1)") "unexpected token")
(assert_malformed (module quote "(memory f64 1)") "unexpected token")
(assert_malformed (module quote "(table i64 funcref 1)") "unexpected token")

;; The index type of 32 bits may be written too.
(module
  (memory i32 1 2)
  (table i32 1 funcref)
  (func (export "f") (result i32) (memory.size)))
(assert_return (invoke "f") (i32.const 1))

;; Abbreviations: data and elements inside, imports and exports inside.
(module $m
  (memory (export "memory") i64 (data "abc" "def"))
  (table (export "table") i64 funcref (elem $f $f))
  (func $f)
  (func (export "sizes") (result i64 i64) (memory.size) (table.size))
  (func (export "load") (param i64) (result i32)
    (i32.load8_u (local.get 0))))
(assert_return (invoke "sizes") (i64.const 1) (i64.const 2))
(assert_return (invoke "load" (i64.const 5)) (i32.const 0x66))
(register "m" $m)
(module
  (import "m" "memory" (memory i64 1))
  (table (import "m" "table") i64 0 funcref)
  (func (export "load") (param i64) (result i32)
    (i32.load8_u (local.get 0)))
  (func (export "size") (result i64) (table.size)))
(assert_return (invoke "load" (i64.const 0)) (i32.const 0x61))
(assert_return (invoke "size") (i64.const 2))

;; The index type is part of an import's type.
(assert_unlinkable (module (import "m" "memory" (memory 1)))
  "incompatible import type")
(assert_unlinkable (module (import "m" "table" (table 0 funcref)))
  "incompatible import type")
(assert_unlinkable (module (import "m" "memory" (memory i64 2)))
  "incompatible import type")
(assert_unlinkable (module (import "spectest" "memory" (memory i64 1)))
  "incompatible import type")
(assert_unlinkable (module (import "spectest" "table" (table i64 1 funcref)))
  "incompatible import type")
(module (import "spectest" "table64" (table i64 10 funcref)))

;; Offsets in text: as large as the features allow, powers of two for alignment.
(module
  (memory i64 1)
  (func (export "f") (param i64) (result i32)
    (i32.load offset=18446744073709551615 align=1 (local.get 0))))
(assert_trap (invoke "f" (i64.const 0)) "out of bounds memory access")
(assert_malformed
  (module quote "(memory i64 1) (func (drop (i32.load"
    " offset=18446744073709551616 (i64.const 0))))")
  "i64 constant")
(assert_invalid
  (module (memory 1)
    (func (drop (i32.load offset=0x1_0000_0000 (i32.const 0)))))
  "offset out of range")
(module (memory 1)
  (func (drop (i32.load offset=0xffff_ffff (i32.const 0)))))

;; In bytes: flags 4 to 7, limits of up to 64 bits.
(module binary "\00asm" "\01\00\00\00" "\05\03\01\04\01")
(module binary "\00asm" "\01\00\00\00" "\05\04\01\05\01\02")
(module binary "\00asm" "\01\00\00\00" "\05\04\01\07\01\02")
(module binary "\00asm" "\01\00\00\00"
  "\05\0c\01\05\00\80\80\80\80\80\80\80\80\00")
(assert_malformed
  (module binary "\00asm" "\01\00\00\00"
    "\05\0d\01\04\80\80\80\80\80\80\80\80\80\80\00")
  "integer representation too long")
(assert_malformed
  (module binary "\00asm" "\01\00\00\00"
    "\05\0c\01\04\80\80\80\80\80\80\80\80\80\02")
  "integer too large")
(assert_invalid
  (module binary "\00asm" "\01\00\00\00" "\05\03\01\06\01")
  "shared memory must have maximum")
(module binary "\00asm" "\01\00\00\00" "\04\04\01\70\04\01")
(module binary "\00asm" "\01\00\00\00" "\04\05\01\70\05\01\02")
