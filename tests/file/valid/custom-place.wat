;;! stage = valid
;; There is no such section to stand behind.
(module (@custom "c" (after types) ""))
;;= error: custom-place.wat:3:29: @custom annotation: malformed section kind
;;=     (module (@custom "c" (after types) ""))
;;=                                 ^
;;= exit 1
