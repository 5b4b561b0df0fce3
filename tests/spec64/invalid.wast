;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; Every operand that has the type of an index has to be of the right one.

(assert_invalid
  (module (memory i64 1) (func (drop (i32.load (i32.const 0)))))
  "type mismatch")
(assert_invalid
  (module (memory 1) (func (drop (i32.load (i64.const 0)))))
  "type mismatch")
(assert_invalid
  (module (memory i64 1) (func (i64.store (i32.const 0) (i64.const 0))))
  "type mismatch")
(assert_invalid
  (module (memory i64 1)
    (func (v128.store (i32.const 0) (v128.const i64x2 0 0))))
  "type mismatch")
(assert_invalid
  (module (memory i64 1)
    (func (drop (v128.load8_lane 0 (i32.const 0) (v128.const i64x2 0 0)))))
  "type mismatch")
(assert_invalid
  (module (memory i64 1 1 shared)
    (func (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 0)))))
  "type mismatch")
(assert_invalid
  (module (memory i64 1 1 shared)
    (func (drop
      (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0)))))
  "type mismatch")

;; Of several memories, the one that is named decides.
(assert_invalid
  (module (memory $a i64 1) (memory $b 1)
    (func (drop (i32.load $b (i64.const 0)))))
  "type mismatch")
(module (memory $a i64 1) (memory $b 1)
  (func (drop (i32.load $b (i32.const 0)))
    (drop (i32.load $a (i64.const 0)))))

;; Size and growth.
(assert_invalid
  (module (memory i64 1) (func (result i32) (memory.size)))
  "type mismatch")
(assert_invalid
  (module (memory i64 1) (func (result i64) (memory.grow (i32.const 0))))
  "type mismatch")
(assert_invalid
  (module (memory i64 1) (func (result i32) (memory.grow (i64.const 0))))
  "type mismatch")

;; Fill, copy, init: place by place.
(assert_invalid
  (module (memory i64 1)
    (func (memory.fill (i32.const 0) (i32.const 0) (i64.const 0))))
  "type mismatch")
(assert_invalid
  (module (memory i64 1)
    (func (memory.fill (i64.const 0) (i64.const 0) (i64.const 0))))
  "type mismatch")
(assert_invalid
  (module (memory i64 1)
    (func (memory.fill (i64.const 0) (i32.const 0) (i32.const 0))))
  "type mismatch")
(assert_invalid
  (module (memory i64 1)
    (func (memory.copy (i64.const 0) (i64.const 0) (i32.const 0))))
  "type mismatch")
(assert_invalid
  (module (memory $a i64 1) (memory $b 1)
    (func (memory.copy $a $b (i64.const 0) (i32.const 0) (i64.const 0))))
  "type mismatch")
(assert_invalid
  (module (memory $a i64 1) (memory $b 1)
    (func (memory.copy $a $b (i32.const 0) (i32.const 0) (i32.const 0))))
  "type mismatch")
(assert_invalid
  (module (memory $a i64 1) (memory $b 1)
    (func (memory.copy $b $a (i64.const 0) (i32.const 0) (i32.const 0))))
  "type mismatch")
(assert_invalid
  (module (memory i64 1) (data $d "")
    (func (memory.init $d (i32.const 0) (i32.const 0) (i32.const 0))))
  "type mismatch")
(assert_invalid
  (module (memory i64 1) (data $d "")
    (func (memory.init $d (i64.const 0) (i64.const 0) (i32.const 0))))
  "type mismatch")
(assert_invalid
  (module (memory i64 1) (data $d "")
    (func (memory.init $d (i64.const 0) (i32.const 0) (i64.const 0))))
  "type mismatch")

;; The offsets of active segments.
(assert_invalid (module (memory i64 1) (data (i32.const 0) "")) "type mismatch")
(assert_invalid (module (memory 1) (data (i64.const 0) "")) "type mismatch")
(assert_invalid
  (module (table i64 1 funcref) (elem (i32.const 0) func))
  "type mismatch")
(assert_invalid
  (module (table 1 funcref) (elem (i64.const 0) func))
  "type mismatch")

;; Tables.
(assert_invalid
  (module (table i64 1 externref)
    (func (result externref) (table.get 0 (i32.const 0))))
  "type mismatch")
(assert_invalid
  (module (table 1 externref)
    (func (result externref) (table.get 0 (i64.const 0))))
  "type mismatch")
(assert_invalid
  (module (table i64 1 externref)
    (func (table.set 0 (i32.const 0) (ref.null extern))))
  "type mismatch")
(assert_invalid
  (module (table i64 1 externref) (func (result i32) (table.size 0)))
  "type mismatch")
(assert_invalid
  (module (table i64 1 externref)
    (func (result i64) (table.grow 0 (ref.null extern) (i32.const 0))))
  "type mismatch")
(assert_invalid
  (module (table i64 1 externref)
    (func (result i32) (table.grow 0 (ref.null extern) (i64.const 0))))
  "type mismatch")
(assert_invalid
  (module (table i64 1 externref)
    (func (table.fill 0 (i64.const 0) (ref.null extern) (i32.const 0))))
  "type mismatch")
(assert_invalid
  (module (table i64 1 externref)
    (func (table.fill 0 (i32.const 0) (ref.null extern) (i64.const 0))))
  "type mismatch")
(assert_invalid
  (module (table $a i64 1 externref) (table $b 1 externref)
    (func (table.copy $a $b (i64.const 0) (i32.const 0) (i64.const 0))))
  "type mismatch")
(assert_invalid
  (module (table $a i64 1 externref) (table $b 1 externref)
    (func (table.copy $b $a (i64.const 0) (i64.const 0) (i32.const 0))))
  "type mismatch")
(assert_invalid
  (module (table i64 1 funcref) (elem $e func)
    (func (table.init $e (i32.const 0) (i32.const 0) (i32.const 0))))
  "type mismatch")
(assert_invalid
  (module (table i64 1 funcref) (elem $e func)
    (func (table.init $e (i64.const 0) (i32.const 0) (i64.const 0))))
  "type mismatch")
(assert_invalid
  (module (table i64 1 funcref) (func (call_indirect (i32.const 0))))
  "type mismatch")
(assert_invalid
  (module (table 1 funcref) (func (return_call_indirect (i64.const 0))))
  "type mismatch")
