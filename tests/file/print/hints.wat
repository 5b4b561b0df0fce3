;;! stage = print
;; Branch hints stay with their instructions.
(module
  (func (param i32) (result i32)
    (block
      local.get 0
      (@metadata.code.branch_hint "\00") br_if 0
      (@metadata.code.branch_hint "\01")
      (if (local.get 0) (then (return (i32.const 1)))))
    i32.const 2))
;;= (module
;;=   (type (;0;) (func (param i32) (result i32)))
;;=   (func (;0;) (type 0) (param i32) (result i32)
;;=     block ;; label = @0
;;=       local.get 0
;;=       (@metadata.code.branch_hint "\00") br_if 0 (;@0;)
;;=       local.get 0
;;=       (@metadata.code.branch_hint "\01") if ;; label = @1
;;=         i32.const 1
;;=         return
;;=       end
;;=     end
;;=     i32.const 2))
