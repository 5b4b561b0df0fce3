;;! stage = text
;; The section of hints comes before the code: function 0, byte 5, likely.
(module
  (func (param i32)
    (block
      local.get 0
      (@metadata.code.branch_hint "\01") br_if 0)))
;;= 00 61 73 6d 01 00 00 00 01 05 01 60 01 7f 00 03
;;= 02 01 00 00 20 19 6d 65 74 61 64 61 74 61 2e 63
;;= 6f 64 65 2e 62 72 61 6e 63 68 5f 68 69 6e 74 01
;;= 00 01 05 01 01 0a 0b 01 09 00 02 40 20 00 0d 00
;;= 0b 0b
