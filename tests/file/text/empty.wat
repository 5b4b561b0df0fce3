;;! stage = text
;; Empty sections are left out.
(module)
;;= 00 61 73 6d 01 00 00 00
