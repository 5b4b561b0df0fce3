;; A program over the library and a function of the host.
(module
  (import "text" "count" (func $count (param i32 i32 i32) (result i32)))
  (import "text" "size" (global $size i32))
  (import "host" "print" (func $print (param i32 i32)))
  (func $report (param $byte i32)
    (call $print (local.get $byte)
      (call $count (local.get $byte) (i32.const 64) (global.get $size))))
  (func (export "run")
    (call $report (i32.const 98))
    (call $report (i32.const 111))
    (call $report (i32.const 32))))
