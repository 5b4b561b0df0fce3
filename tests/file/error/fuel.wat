;;! stage = error
;;! flags = -W fuel=10000
;;! invoke = forever
;;! check = all fuel consumed
;;! check = exit 134
(module (func (export "forever") (loop (br 0))))
