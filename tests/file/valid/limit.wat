;;! stage = valid
;;! flags = -W max-locals=3
;; Limits have names and can be set.
(module (func $many (local i32 i32 i64 i64)))
;;= error: limit.wat:4:44: parameters and locals of a function is over the limit: 4, at most 3
;;=     (module (func $many (local i32 i32 i64 i64)))
;;=                                                ^
;;= exit 1
