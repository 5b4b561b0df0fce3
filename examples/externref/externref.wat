;; Keeps what the host hands in, in a table, a global, and nowhere.
(module
  (table $seats (export "seats") 4 externref)
  (global $last (mut externref) (ref.null extern))
  (func (export "sit") (param $seat i32) (param $who externref)
    (table.set $seats (local.get $seat) (local.get $who))
    (global.set $last (local.get $who)))
  (func (export "leave") (param $seat i32)
    (table.set $seats (local.get $seat) (ref.null extern))
    (global.set $last (ref.null extern)))
  (func (export "last") (result externref)
    (global.get $last)))
