;;! stage = valid
;; A use that names a type and spells another.
(module
  (type $t (func (param i32)))
  (func (type $t) (param i64)))
;;= error: inline-type.wat:5:15: inline function type differs from type 0
;;=       (func (type $t) (param i64)))
;;=                   ^
;;= exit 1
