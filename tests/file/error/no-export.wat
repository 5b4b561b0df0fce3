;;! stage = error
;;! invoke = g
;; An export that is not there is named.
(module (func (export "f")))
;;= error: no-export.wat: no export g
;;= exit 1
