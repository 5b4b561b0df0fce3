;;! stage = text
;; @name is what the name section says, whatever the identifier.
(module (func $id (@name "other")))
;;= 00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02
;;= 01 00 0a 04 01 02 00 0b 00 0f 04 6e 61 6d 65 01
;;= 08 01 00 05 6f 74 68 65 72
