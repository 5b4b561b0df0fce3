;;! stage = valid
;; Names are text in UTF-8.
(module (func (@name "\ff")))
;;= error: name-utf8.wat:3:22: malformed UTF-8 encoding
;;=     (module (func (@name "\ff")))
;;=                          ^
;;= exit 1
