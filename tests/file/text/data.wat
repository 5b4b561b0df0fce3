;;! stage = text
;; Strings may hold any byte.
(memory 1)
(data (i32.const 16) "a\00\ff\u{1f600}" "b")
;;= 00 61 73 6d 01 00 00 00 05 03 01 00 01 0b 0e 01
;;= 00 41 10 0b 08 61 00 ff f0 9f 98 80 62
