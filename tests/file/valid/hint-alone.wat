;;! stage = valid
;; A hint is about the instruction behind it, and there is none.
(module (func (@metadata.code.branch_hint "\00")))
;;= error: hint-alone.wat:3:15: misplaced @metadata.code.branch_hint annotation
;;=     (module (func (@metadata.code.branch_hint ...
;;=                   ^
;;= exit 1
