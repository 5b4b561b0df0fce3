;;! stage = print
;; Names that are no identifiers are quoted; those of labels are per function.
(module
  (func $"a b" (param $"(" i32) (block $l (br $l)))
  (func $"quote\"" (loop $l (br $l)))
  (func $"tab\09" (call $"a b" (i32.const 0)) (call $"\c3\a9t\c3\a9"))
  (func $"été"))
;;= (module
;;=   (type (;0;) (func (param i32)))
;;=   (type (;1;) (func))
;;=   (func $"a b" (;0;) (type 0) (param $"(" i32)
;;=     block $l ;; label = @0
;;=       br $l
;;=     end)
;;=   (func $"quote\22" (;1;) (type 1)
;;=     loop $l ;; label = @0
;;=       br $l
;;=     end)
;;=   (func $"tab\09" (;2;) (type 1)
;;=     i32.const 0
;;=     call $"a b"
;;=     call $"été")
;;=   (func $"été" (;3;) (type 1)))
