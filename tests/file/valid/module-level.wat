;;! stage = valid
;; An error outside of functions has its offset in the binary form only.
(module
  (memory 2 1))
;;= error: module-level.wat:4:3: size minimum must not be greater than maximum
;;=       (memory 2 1))
;;=       ^
;;= exit 1
