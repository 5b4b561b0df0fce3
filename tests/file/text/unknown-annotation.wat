;;! stage = text
;; An annotation that nobody knows is a comment, even in an instruction.
(module (@x (y "z") ]) (func (@a) (i32.const (@b 1) 0) drop))
;;= 00 61 73 6d 01 00 00 00 01 04 01 60 00 00 03 02
;;= 01 00 0a 07 01 05 00 41 00 1a 0b
