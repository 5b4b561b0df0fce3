;;! stage = text
;; The name section: module, function, local and label.
(module $m
  (func $f (param $p i32)
    (block $b)))
;;= 00 61 73 6d 01 00 00 00 01 05 01 60 01 7f 00 03
;;= 02 01 00 0a 07 01 05 00 02 40 0b 0b 00 1f 04 6e
;;= 61 6d 65 00 02 01 6d 01 04 01 00 01 66 02 06 01
;;= 00 01 00 01 70 03 06 01 00 01 00 01 62
