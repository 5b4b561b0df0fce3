;; A list of the collected heap, and what its elements are.
(module
  (type $cell (struct (field $head anyref) (field $tail (ref null $cell))))
  (type $point (struct (field $x i32) (field $y (mut i32))))
  (global $list (mut (ref null $cell)) (ref.null $cell))

  (func (export "push") (param $what anyref)
    (global.set $list
      (struct.new $cell (local.get $what) (global.get $list))))
  (func (export "pop") (result anyref)
    (local $cell (ref null $cell))
    (local.set $cell (global.get $list))
    (global.set $list (struct.get $cell $tail (local.get $cell)))
    (struct.get $cell $head (local.get $cell)))
  (func (export "point") (param $x i32) (param $y i32) (result anyref)
    (struct.new $point (local.get $x) (local.get $y)))
  (func (export "y") (param $what anyref) (result i32)
    (struct.get $point $y (ref.cast (ref $point) (local.get $what)))))
