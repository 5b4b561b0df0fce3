;;! stage = error
;; An import that nothing satisfies is named.
(module
  (import "env" "missing" (func)))
;;= error: unknown-import.wat: unknown import: env.missing
;;= exit 1
