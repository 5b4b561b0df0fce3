;;! stage = valid
;; A hint is one byte, 0 or 1.
(module
  (func (param i32)
    (block
      local.get 0
      (@metadata.code.branch_hint "\02") br_if 0)))
;;= error: hint-value.wat:7:7: @metadata.code.branch_hint annotation: the value must be 0 or 1
;;=           (@metadata.code.branch_hint ...
;;=           ^
;;= exit 1
