;; One that does not behave: it takes all memory that it gets, then all time.
(module
  (memory (export "memory") 1)
  (func (export "buffer") (param $size i32) (result i32)
    (loop $more
      (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
    (i32.const 0))
  (func (export "apply") (param $size i32) (result i32)
    (loop $again (br $again))
    unreachable))
