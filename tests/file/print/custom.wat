;;! stage = print
;; Custom sections keep their places and their bytes.
(module
  (@custom "one" (before first) "1")
  (type (func))
  (@custom "two" (after type) "\00\ff\22")
  (func (type 0))
  (@custom "three" (after func) "")
  (@custom "four" (after code) "a" "b")
  (@custom "" (before code) "no name"))
;;= (module
;;=   (type (;0;) (func))
;;=   (func (;0;) (type 0))
;;=   (@custom "one" (before first) "1")
;;=   (@custom "two" (after type) "\00\ff\22")
;;=   (@custom "three" (after func) "")
;;=   (@custom "" (after func) "no name")
;;=   (@custom "four" (after code) "ab"))
