;; A plugin: text comes to `buffer`, `apply` changes it and says its new size.
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param $size i32) (result i32)
    (i32.const 0))
  (func (export "apply") (param $size i32) (result i32)
    (local $at i32) (local $byte i32)
    (loop $next
      (if (i32.ge_u (local.get $at) (local.get $size))
        (then (return (local.get $size))))
      (local.set $byte (i32.load8_u (local.get $at)))
      (if (i32.le_u (i32.sub (local.get $byte) (i32.const 97)) (i32.const 25))
        (then (i32.store8 (local.get $at)
          (i32.sub (local.get $byte) (i32.const 32)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next))
    unreachable))
