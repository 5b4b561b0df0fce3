;;! stage = text
;; The whole encoding of a small module, names included.
(module $m
  (func $f (export "f") (param $x i32) (result i32)
    (i32.add (local.get $x) (i32.const -1))))
;;= 00 61 73 6d 01 00 00 00 01 06 01 60 01 7f 01 7f
;;= 03 02 01 00 07 05 01 01 66 00 00 0a 09 01 07 00
;;= 20 00 41 7f 6a 0b 00 17 04 6e 61 6d 65 00 02 01
;;= 6d 01 04 01 00 01 66 02 06 01 00 01 00 01 78
