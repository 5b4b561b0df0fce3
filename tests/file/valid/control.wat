;;! stage = valid
;; A tab in a string has to be escaped.
(module (data "a	b"))
;;= error: control.wat:3:17: illegal control character in a string
;;=     (module (data "a	b"))
;;=                     ^
;;= exit 1
