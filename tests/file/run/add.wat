;;! stage = run
;;! invoke = add
;;! args = 40 0x2
;; Arguments are spelled as in the text format.
(module
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1))))
;;= 42
