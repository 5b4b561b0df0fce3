;;! stage = valid
;; About a module that is fine nothing is said.
(module (func (export "f") (param i32) (result i32) (local.get 0)))
