;;! stage = valid
;; A table's initial value sees globals whose types are checked before.
(module
  (import "m" "g" (global (ref null 8)))
  (table 1 funcref (global.get 0)))
;;= error: table-init-global.wat:4:3: unknown type 8
;;=       (import "m" "g" (global (ref...
;;=       ^
;;= exit 1
