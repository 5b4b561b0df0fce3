;;! stage = valid
;; An error outside of functions has its offset in the binary form only.
(module
  (memory 2 1))
;;= error: module-level.wat: size minimum must not be greater than maximum
;;=     at 0xb of the binary form
;;= exit 1
