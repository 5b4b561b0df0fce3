;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; Copying, filling and initialising, between memories of both index types: the
;; length of a copy is of the smaller of the two.

(module
  (memory $m32 1)
  (memory $m64 i64 1)
  (memory $n64 i64 1)
  (data (memory $m32) (i32.const 0) "narrow..")
  (data (memory $m64) (i64.const 0) "wide....")
  (data $part "0123456789")

  (func (export "get32") (param i32) (result i32)
    (i32.load8_u $m32 (local.get 0)))
  (func (export "get64") (param i64) (result i32)
    (i32.load8_u $m64 (local.get 0)))
  (func (export "get n64") (param i64) (result i32)
    (i32.load8_u $n64 (local.get 0)))

  (func (export "copy 64 64") (param i64 i64 i64)
    (memory.copy $n64 $m64 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy within") (param i64 i64 i64)
    (memory.copy $m64 $m64 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy to 64") (param i64 i32 i32)
    (memory.copy $m64 $m32 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy to 32") (param i32 i64 i32)
    (memory.copy $m32 $m64 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "fill") (param i64 i32 i64)
    (memory.fill $m64 (local.get 0) (local.get 1) (local.get 2)))
  (func (export "init") (param i64 i32 i32)
    (memory.init $m64 $part (local.get 0) (local.get 1) (local.get 2)))
  (func (export "drop") (data.drop $part)))

;; 32 to 64 and back.
(assert_return (invoke "copy to 64" (i64.const 100) (i32.const 0) (i32.const 6)))
(assert_return (invoke "get64" (i64.const 100)) (i32.const 0x6e)) ;; n
(assert_return (invoke "get64" (i64.const 105)) (i32.const 0x77)) ;; w
(assert_return (invoke "get64" (i64.const 106)) (i32.const 0))
(assert_return (invoke "copy to 32" (i32.const 200) (i64.const 0) (i32.const 4)))
(assert_return (invoke "get32" (i32.const 200)) (i32.const 0x77)) ;; w
(assert_return (invoke "get32" (i32.const 203)) (i32.const 0x65)) ;; e

;; Between two of 64 bits, and within one, overlapping.
(assert_return (invoke "copy 64 64"
  (i64.const 0xfffc) (i64.const 0) (i64.const 4)))
(assert_return (invoke "get n64" (i64.const 0xffff)) (i32.const 0x65))
(assert_return (invoke "copy within" (i64.const 2) (i64.const 0) (i64.const 4)))
(assert_return (invoke "get64" (i64.const 2)) (i32.const 0x77))
(assert_return (invoke "get64" (i64.const 5)) (i32.const 0x65))
(assert_return (invoke "copy within" (i64.const 0) (i64.const 2) (i64.const 4)))
(assert_return (invoke "get64" (i64.const 3)) (i32.const 0x65))

;; Nothing to copy is checked all the same, on both sides.
(assert_return (invoke "copy 64 64"
  (i64.const 0x10000) (i64.const 0x10000) (i64.const 0)))
(assert_trap (invoke "copy 64 64" (i64.const 0x10001) (i64.const 0) (i64.const 0))
  "out of bounds memory access")
(assert_trap (invoke "copy 64 64" (i64.const 0) (i64.const 0x10001) (i64.const 0))
  "out of bounds memory access")

;; 64-bit places and lengths that would wrap around or be cut.
(assert_trap (invoke "copy 64 64" (i64.const -1) (i64.const 0) (i64.const 2))
  "out of bounds memory access")
(assert_trap (invoke "copy 64 64" (i64.const 0) (i64.const -1) (i64.const 2))
  "out of bounds memory access")
(assert_trap (invoke "copy 64 64" (i64.const 1) (i64.const 1) (i64.const -1))
  "out of bounds memory access")
(assert_trap (invoke "copy 64 64"
  (i64.const 0) (i64.const 0) (i64.const 0x1_0000_0000))
  "out of bounds memory access")
(assert_trap (invoke "copy 64 64"
  (i64.const 0x1_0000_0000) (i64.const 0) (i64.const 1))
  "out of bounds memory access")
(assert_trap (invoke "copy to 64"
  (i64.const 0x1_0000_0000) (i32.const 0) (i32.const 1))
  "out of bounds memory access")
(assert_trap (invoke "copy to 64" (i64.const 0) (i32.const 0) (i32.const -1))
  "out of bounds memory access")
(assert_trap (invoke "copy to 64" (i64.const 0) (i32.const -1) (i32.const 1))
  "out of bounds memory access")
(assert_trap (invoke "copy to 32"
  (i32.const 0) (i64.const 0x1_0000_0000) (i32.const 1))
  "out of bounds memory access")
(assert_trap (invoke "copy to 32" (i32.const 0xffff) (i64.const 0) (i32.const 2))
  "out of bounds memory access")

;; A copy that fails writes nothing.
(assert_return (invoke "get64" (i64.const 0xffff)) (i32.const 0))
(assert_trap (invoke "copy within"
  (i64.const 0xffff) (i64.const 0) (i64.const 2))
  "out of bounds memory access")
(assert_return (invoke "get64" (i64.const 0xffff)) (i32.const 0))

(assert_return (invoke "fill" (i64.const 0xfff0) (i32.const 0x1aa) (i64.const 16)))
(assert_return (invoke "get64" (i64.const 0xfff0)) (i32.const 0xaa))
(assert_return (invoke "get64" (i64.const 0xffff)) (i32.const 0xaa))
(assert_return (invoke "get64" (i64.const 0xffef)) (i32.const 0))
(assert_return (invoke "fill" (i64.const 0x10000) (i32.const 1) (i64.const 0)))
(assert_trap (invoke "fill" (i64.const 0xfff1) (i32.const 1) (i64.const 16))
  "out of bounds memory access")
(assert_trap (invoke "fill" (i64.const 8) (i32.const 1) (i64.const -8))
  "out of bounds memory access")
(assert_trap (invoke "fill"
  (i64.const 0) (i32.const 1) (i64.const 0x1_0000_0001))
  "out of bounds memory access")
(assert_return (invoke "get64" (i64.const 0xfff1)) (i32.const 0xaa))

;; Segments have places and lengths of 32 bits.
(assert_return (invoke "init" (i64.const 500) (i32.const 3) (i32.const 4)))
(assert_return (invoke "get64" (i64.const 500)) (i32.const 0x33))
(assert_return (invoke "get64" (i64.const 503)) (i32.const 0x36))
(assert_return (invoke "get64" (i64.const 504)) (i32.const 0))
(assert_trap (invoke "init" (i64.const 0) (i32.const 8) (i32.const 3))
  "out of bounds memory access")
(assert_trap (invoke "init" (i64.const 0x1_0000_0000) (i32.const 0) (i32.const 1))
  "out of bounds memory access")
(assert_trap (invoke "init" (i64.const -1) (i32.const 0) (i32.const 2))
  "out of bounds memory access")
(assert_return (invoke "drop"))
(assert_trap (invoke "init" (i64.const 0) (i32.const 0) (i32.const 1))
  "out of bounds memory access")
(assert_return (invoke "init" (i64.const 0) (i32.const 0) (i32.const 0)))

;; Active segments have 64-bit offsets.
(assert_trap
  (module (memory i64 1) (data (i64.const 0x1_0000_0000) "x"))
  "out of bounds memory access")
(assert_trap
  (module (memory i64 1) (data (i64.const 0xffff) "xy"))
  "out of bounds memory access")
(assert_trap
  (module (memory i64 1) (data (i64.const -1) "x"))
  "out of bounds memory access")
(module (memory i64 1) (data (i64.const 0x10000) ""))
(module
  (global $base i64 (i64.const 8))
  (memory i64 1)
  (data (i64.add (global.get $base) (i64.mul (i64.const 4) (i64.const 2))) "z")
  (func (export "f") (result i32) (i32.load8_u (i64.const 16))))
(assert_return (invoke "f") (i32.const 0x7a))
