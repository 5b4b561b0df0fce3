;; A memory of two pages that may have three, and functions that look at it.
(module
  (memory (export "memory") 2 3)
  (data (i32.const 0x1000) "\01\02\03\04")
  (func (export "load") (param $at i32) (result i32)
    (i32.load8_s (local.get $at)))
  (func (export "store") (param $at i32) (param $value i32)
    (i32.store8 (local.get $at) (local.get $value)))
  (func (export "size") (result i32)
    (memory.size)))
