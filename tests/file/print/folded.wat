;;! stage = print
;; Folded instructions come back flat; names and labels stay.
(module $names
  (func $max (export "max") (param $a i32) (param $b i32) (result i32)
    (if $bigger (result i32) (i32.gt_s (local.get $a) (local.get $b))
      (then (local.get $a))
      (else (local.get $b)))))
;;= (module $names
;;=   (type (;0;) (func (param i32 i32) (result i32)))
;;=   (export "max" (func $max))
;;=   (func $max (;0;) (type 0) (param $a i32) (param $b i32) (result i32)
;;=     local.get $a
;;=     local.get $b
;;=     i32.gt_s
;;=     if $bigger (result i32) ;; label = @0
;;=       local.get $a
;;=     else
;;=       local.get $b
;;=     end))
