;;! stage = valid
;; Columns count characters, not bytes.
(module (@name "äöü") (export "日本語" (func $missing)))
;;= error: wide-line.wat:3:43: unknown func $missing
;;=     (module (@name "äöü") (export "日本語" (func $missing)))
;;=                                               ^
;;= exit 1
