;;! stage = print
;; Floats are printed with the fewest digits that give the same bits.
(module
  (global f32 (f32.const 0.1))
  (global f64 (f64.const 0x1p-1074))
  (global f64 (f64.const -0))
  (global f32 (f32.const nan:0x200000))
  (global f64 (f64.const -inf)))
;;= (module
;;=   (global (;0;) f32 (f32.const 0.1))
;;=   (global (;1;) f64 (f64.const 5e-324))
;;=   (global (;2;) f64 (f64.const -0))
;;=   (global (;3;) f32 (f32.const nan:0x200000))
;;=   (global (;4;) f64 (f64.const -inf)))
