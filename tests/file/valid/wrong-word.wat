;;! stage = valid
;; An error of the text has a line, a column and a caret.
(module
  (func (param i32)
    (drop (i32.konst 1))))
;;= error: wrong-word.wat:5:12: unknown operator i32.konst
;;=         (drop (i32.konst 1))))
;;=                ^
;;= exit 1
