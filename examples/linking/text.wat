;; A library: it owns the memory, and counts what is in it.
(module
  (memory (export "memory") 1)
  (data (i32.const 64) "to be or not to be")
  (global (export "size") i32 (i32.const 18))
  (func (export "count") (param $byte i32) (param $from i32) (param $size i32)
        (result i32)
    (local $n i32)
    (loop $next
      (if (i32.eqz (local.get $size)) (then (return (local.get $n))))
      (local.set $n (i32.add (local.get $n)
        (i32.eq (local.get $byte) (i32.load8_u (local.get $from)))))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (local.set $size (i32.sub (local.get $size) (i32.const 1)))
      (br $next))
    unreachable))
