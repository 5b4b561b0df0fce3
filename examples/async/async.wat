;; To the guest, a host function that waits is a call like any other.
(module
  (import "host" "fetch" (func $fetch (param i32) (result i32)))
  (func (export "sum") (param $n i32) (result i32)
    (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum)
        (call $fetch (local.get $n))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))
