;; One memory for what comes in, one for what goes out.
(module
  (memory $in (export "in") 1)
  (memory $out (export "out") 1)
  (func (export "upper") (param $size i32)
    (local $at i32) (local $byte i32)
    (memory.copy $out $in (i32.const 0) (i32.const 0) (local.get $size))
    (loop $next
      (if (i32.ge_u (local.get $at) (local.get $size)) (then (return)))
      (local.set $byte (i32.load8_u $out (local.get $at)))
      (if (i32.le_u (i32.sub (local.get $byte) (i32.const 97)) (i32.const 25))
        (then (i32.store8 $out (local.get $at)
          (i32.sub (local.get $byte) (i32.const 32)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next))))
