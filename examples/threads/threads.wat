;; Each thread has an instance of its own; the memory is the same.
(module
  (import "host" "memory" (memory 1 1 shared))
  (func (export "count") (param $times i32)
    (loop $again
      (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))
      (br_if $again
        (local.tee $times (i32.sub (local.get $times) (i32.const 1)))))))
