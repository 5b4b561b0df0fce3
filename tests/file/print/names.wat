;;! stage = print
;; The names of all index spaces, locals, labels and fields are kept.
(module $module
  (type $pair (struct (field $left i32) (field $right (mut i64))))
  (type $sig (func (param i32) (result i32)))
  (import "env" "f" (func $imported (param $x f32)))
  (table $table 1 funcref)
  (memory $memory 1)
  (global $global (mut i32) (i32.const 0))
  (tag $tag (param i32))
  (func $first (type $sig) (param $n i32) (result i32)
    (local $sum i32)
    (block $out
      (loop $again
        (br_if $out (i32.eqz (local.get $n)))
        (local.set $sum (i32.add (local.get $sum) (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $again)))
    (drop (struct.get $pair $left (struct.new_default $pair)))
    (local.get $sum))
  (elem $elem func $first)
  (data $data "x"))
;;= (module $module
;;=   (type $pair (;0;) (struct (field $left i32) (field $right (mut i64))))
;;=   (type $sig (;1;) (func (param i32) (result i32)))
;;=   (type (;2;) (func (param f32)))
;;=   (type (;3;) (func (param i32)))
;;=   (import "env" "f" (func $imported (;0;) (type 2) (param $x f32)))
;;=   (table $table (;0;) 1 funcref)
;;=   (memory $memory (;0;) 1)
;;=   (global $global (;0;) (mut i32) (i32.const 0))
;;=   (tag $tag (;0;) (type 3) (param i32))
;;=   (elem $elem (;0;) func $first)
;;=   (func $first (;1;) (type $sig) (param $n i32) (result i32)
;;=     (local $sum i32)
;;=     block $out ;; label = @0
;;=       loop $again ;; label = @1
;;=         local.get $n
;;=         i32.eqz
;;=         br_if $out
;;=         local.get $sum
;;=         local.get $n
;;=         i32.add
;;=         local.set $sum
;;=         local.get $n
;;=         i32.const 1
;;=         i32.sub
;;=         local.set $n
;;=         br $again
;;=       end
;;=     end
;;=     struct.new_default $pair
;;=     struct.get $pair 0
;;=     drop
;;=     local.get $sum)
;;=   (data $data (;0;) "x"))
