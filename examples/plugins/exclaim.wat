;; Adds as many exclamation marks as the host allows.
(module
  (import "host" "marks" (func $marks (result i32)))
  (memory (export "memory") 1)
  (func (export "buffer") (param $size i32) (result i32)
    (i32.const 0))
  (func (export "apply") (param $size i32) (result i32)
    (local $marks i32)
    (local.set $marks (call $marks))
    (memory.fill (local.get $size) (i32.const 33) (local.get $marks))
    (i32.add (local.get $size) (local.get $marks))))
