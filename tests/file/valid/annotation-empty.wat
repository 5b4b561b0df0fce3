;;! stage = valid
;; Every annotation has a name.
(module (@ x))
;;= error: annotation-empty.wat:3:9: empty annotation id
;;=     (module (@ x))
;;=             ^
;;= exit 1
