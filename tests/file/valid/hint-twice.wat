;;! stage = valid
;; One hint an instruction.
(module
  (func (param i32)
    (block
      local.get 0
      (@metadata.code.branch_hint "\00")
      (@metadata.code.branch_hint "\01")
      br_if 0)))
;;= error: hint-twice.wat:8:7: @metadata.code.branch_hint annotation: duplicate annotation
;;=           (@metadata.code.branch_hint ...
;;=           ^
;;= exit 1
