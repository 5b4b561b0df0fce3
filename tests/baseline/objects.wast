;; SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
;; Objects made and asked in line: while values are in registers, in locals and
;; on the operand stack, with collections at any of them. Run by run.sh under
;; several settings; every answer is known from arithmetic.
(module
  (rec
    (type $list (sub (struct (field $next (mut (ref null $list)))
                             (field $value (mut i32)))))
    (type $pair (sub $list (struct (field (mut (ref null $list)))
                                   (field (mut i32))
                                   (field $wide (mut i64))
                                   (field $f (mut f64)))))
    (type $leaf (sub final $pair (struct (field (mut (ref null $list)))
                                         (field (mut i32))
                                         (field (mut i64))
                                         (field (mut f64))
                                         (field $byte (mut i8))
                                         (field $vec (mut v128))))))
  (type $other (struct (field i32)))
  (type $bytes (array (mut i8)))
  (type $words (array (mut i32)))
  (type $longs (array (mut i64)))
  (type $refs (array (mut (ref null $list))))
  (type $any (array (mut anyref)))
  (type $fn (func (param i32) (result i32)))
  (type $fn2 (func (param i64) (result i32)))
  (func $one (type $fn) (local.get 0))
  (func $two (type $fn2) (i32.wrap_i64 (local.get 0)))
  (elem declare func $one $two)

  ;; A list of n, built from its end; the sum of its values.
  (func (export "list") (param $n i32) (result i64)
    (local $l (ref null $list)) (local $i i32) (local $sum i64)
    (loop $again
      (local.set $l (struct.new $list (local.get $l) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
    (loop $walk
      (local.set $sum (i64.add (local.get $sum)
        (i64.extend_i32_u (struct.get $list $value (local.get $l)))))
      (br_if $walk (i32.eqz (ref.is_null
        (local.tee $l (struct.get $list $next (local.get $l)))))))
    (local.get $sum))

  ;; Operands below a new object, in all places: they survive and are the same.
  (func (export "below") (param $n i32) (result i32)
    (local $i i32) (local $bad i32) (local $l (ref null $list))
    (loop $again
      (local.set $l (struct.new $list (ref.null $list) (local.get $i)))
      (block $fine
        (br_if $fine (i32.eq (i32.const 6)
          (i32.add
            (i32.add
              (ref.eq (local.get $l)
                (block (result (ref null $list))
                  (local.get $l)
                  (struct.new $list (local.get $l) (i32.const 5))
                  struct.get $list $next
                  (drop (struct.new_default $leaf))
                  (local.set $l)
                  drop
                  (local.get $l)))
              (i32.eq (local.get $i) (struct.get $list $value (local.get $l))))
            (i32.add
              (call $deep (local.get $l) (local.get $i))
              (i32.eqz (i32.or
                (array.get_u $bytes (array.new_default $bytes (i32.const 3))
                  (i32.const 2))
                (array.get $words (array.new_default $words (i32.const 77))
                  (i32.const 76))))))))
        (local.set $bad (i32.add (local.get $bad) (i32.const 1))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $bad))

  ;; 3, if six references and two numbers on the stack live through more.
  (func $deep (param $l (ref null $list)) (param $i i32) (result i32)
    (local $r (ref $refs))
    (local.set $r (array.new_fixed $refs 6
      (struct.new $list (local.get $l) (i32.const 1))
      (struct.new $pair (local.get $l) (i32.const 2) (i64.const -7)
        (f64.const 1.5))
      (struct.new $leaf (ref.null $list) (local.get $i) (i64.const 3)
        (f64.const 2.5) (i32.const 300)
        (v128.const i64x2 0x1122334455667788 0x99aabbccddeeff00))
      (ref.null $list)
      (local.get $l)
      (struct.new_default $leaf)))
    (i32.add
      (i32.eq (i32.const 3) (i32.add
        (struct.get $list $value (array.get $refs (local.get $r) (i32.const 0)))
        (struct.get $list $value (array.get $refs (local.get $r) (i32.const 1)))))
      (i32.add
        (i32.eq (i32.const 44) (struct.get_u $leaf $byte
          (ref.cast (ref $leaf) (array.get $refs (local.get $r) (i32.const 2)))))
        (ref.eq (array.get $refs (local.get $r) (i32.const 4))
          (struct.get $list $next
            (array.get $refs (local.get $r) (i32.const 1)))))))

  ;; Arrays of n that hold a reference or a number everywhere.
  (func (export "fill") (param $n i32) (result i32)
    (local $l (ref $list)) (local $a (ref $refs)) (local $i i32) (local $ok i32)
    (local.set $l (struct.new $list (ref.null $list) (i32.const 9)))
    (local.set $a (array.new $refs (local.get $l) (local.get $n)))
    (block $done
      (loop $again
        (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
        (local.set $ok (i32.add (local.get $ok)
          (ref.eq (local.get $l) (array.get $refs (local.get $a) (local.get $i)))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $again)))
    (i32.add (local.get $ok) (array.len (array.new $refs
      (struct.new $list (local.get $l) (i32.const 1)) (local.get $n)))))
  (func (export "bytes") (param $n i32) (param $at i32) (result i32)
    (array.get_s $bytes (array.new $bytes (i32.const -3) (local.get $n))
      (local.get $at)))
  (func (export "longs") (param $n i32) (param $at i32) (result i64)
    (array.get $longs (array.new $longs (i64.const -3) (local.get $n))
      (local.get $at)))
  (func (export "zeros") (param $n i32) (result i64)
    (local $a (ref $longs)) (local $i i32) (local $sum i64)
    (local.set $a (array.new_default $longs (local.get $n)))
    (block $done
      (loop $again
        (br_if $done (i32.ge_u (local.get $i) (local.get $n)))
        (local.set $sum (i64.or (local.get $sum)
          (array.get $longs (local.get $a) (local.get $i))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $again)))
    (local.get $sum))

  ;; One of each kind, by number.
  (func $make (param $i i32) (result anyref)
    (block $list (block $pair (block $leaf (block $other (block $bytes
    (block $null (block $i31
      (br_table $list $pair $leaf $other $bytes $null $i31 (local.get $i)))
      (return (ref.i31 (local.get $i))))
      (return (ref.null any)))
      (return (array.new_default $bytes (i32.const 4))))
      (return (struct.new $other (i32.const 4))))
      (return (struct.new_default $leaf)))
      (return (struct.new_default $pair)))
    (struct.new_default $list))
  ;; The types that a value is of, one bit each.
  (func $types (param $x anyref) (result i32)
    (i32.or (i32.or (i32.or
      (ref.test (ref $list) (local.get $x))
      (i32.shl (ref.test (ref $pair) (local.get $x)) (i32.const 1)))
      (i32.or (i32.shl (ref.test (ref $leaf) (local.get $x)) (i32.const 2))
      (i32.shl (ref.test (ref $other) (local.get $x)) (i32.const 3))))
      (i32.or (i32.or (i32.shl (ref.test (ref $bytes) (local.get $x)) (i32.const 4))
      (i32.shl (ref.test (ref null $pair) (local.get $x)) (i32.const 5)))
      (i32.or (i32.shl (ref.test i31ref (local.get $x)) (i32.const 6))
      (i32.or (i32.shl (ref.test (ref eq) (local.get $x)) (i32.const 7))
      (i32.or (i32.shl (ref.test (ref struct) (local.get $x)) (i32.const 8))
      (i32.or (i32.shl (ref.test arrayref (local.get $x)) (i32.const 9))
      (i32.or (i32.shl (ref.test (ref any) (local.get $x)) (i32.const 10))
      (i32.shl (ref.test nullref (local.get $x)) (i32.const 11)))))))))
    )
  (func (export "types") (param i32) (result i32)
    (call $types (call $make (local.get 0))))
  (func (export "external") (param externref) (result i32)
    (call $types (any.convert_extern (local.get 0))))
  (func (export "cast") (param i32) (result i32)
    (ref.is_null (ref.cast (ref null $pair) (call $make (local.get 0)))))
  (func (export "branch") (param i32) (result i32)
    (local $x i32)
    (local.set $x (i32.const 5))
    (block $pair (result (ref $pair))
      (block $rest (result anyref)
        (drop (br_on_cast_fail $rest anyref (ref struct)
          (br_on_cast $pair anyref (ref $pair) (call $make (local.get 0)))))
        (return (i32.add (local.get $x) (i32.const 1))))
      drop
      (return (local.get $x)))
    drop
    (i32.const 7))
  (func (export "func") (param i32) (result i32)
    (local $f funcref)
    (if (i32.eqz (local.get 0)) (then (local.set $f (ref.func $one))))
    (if (i32.eq (local.get 0) (i32.const 1))
      (then (local.set $f (ref.func $two))))
    (i32.or (ref.test (ref $fn) (local.get $f))
      (i32.or
        (i32.shl (ref.test (ref null $fn2) (local.get $f)) (i32.const 1))
        (i32.or
          (i32.shl (ref.test (ref func) (local.get $f)) (i32.const 2))
          (i32.shl (ref.test nullfuncref (local.get $f)) (i32.const 3))))))
)
(assert_return (invoke "list" (i32.const 1)) (i64.const 0))
(assert_return (invoke "list" (i32.const 2000)) (i64.const 1999000))
(assert_return (invoke "below" (i32.const 800)) (i32.const 0))
(assert_return (invoke "fill" (i32.const 0)) (i32.const 0))
(assert_return (invoke "fill" (i32.const 1)) (i32.const 2))
(assert_return (invoke "fill" (i32.const 255)) (i32.const 510))
(assert_return (invoke "fill" (i32.const 257)) (i32.const 514))
(assert_return (invoke "fill" (i32.const 5000)) (i32.const 10000))
(assert_return (invoke "bytes" (i32.const 1) (i32.const 0)) (i32.const -3))
(assert_return (invoke "bytes" (i32.const 1025) (i32.const 1024)) (i32.const -3))
(assert_trap (invoke "bytes" (i32.const 9) (i32.const 9)) "out of bounds array access")
(assert_return (invoke "longs" (i32.const 128) (i32.const 127)) (i64.const -3))
(assert_return (invoke "longs" (i32.const 129) (i32.const 0)) (i64.const -3))
(assert_trap (invoke "longs" (i32.const -1) (i32.const 0)) "allocation size too large")
(assert_return (invoke "zeros" (i32.const 0)) (i64.const 0))
(assert_return (invoke "zeros" (i32.const 127)) (i64.const 0))
(assert_return (invoke "zeros" (i32.const 4000)) (i64.const 0))
(assert_return (invoke "types" (i32.const 0)) (i32.const 0x581))
(assert_return (invoke "types" (i32.const 1)) (i32.const 0x5a3))
(assert_return (invoke "types" (i32.const 2)) (i32.const 0x5a7))
(assert_return (invoke "types" (i32.const 3)) (i32.const 0x588))
(assert_return (invoke "types" (i32.const 4)) (i32.const 0x690))
(assert_return (invoke "types" (i32.const 5)) (i32.const 0xa60))
(assert_return (invoke "types" (i32.const 6)) (i32.const 0x4c0))
(assert_return (invoke "external" (ref.extern 3)) (i32.const 0x400))
(assert_return (invoke "external" (ref.null extern)) (i32.const 0xa60))
(assert_trap (invoke "cast" (i32.const 0)) "cast failure")
(assert_return (invoke "cast" (i32.const 1)) (i32.const 0))
(assert_return (invoke "cast" (i32.const 2)) (i32.const 0))
(assert_trap (invoke "cast" (i32.const 3)) "cast failure")
(assert_trap (invoke "cast" (i32.const 4)) "cast failure")
(assert_return (invoke "cast" (i32.const 5)) (i32.const 1))
(assert_trap (invoke "cast" (i32.const 6)) "cast failure")
(assert_return (invoke "branch" (i32.const 0)) (i32.const 6))
(assert_return (invoke "branch" (i32.const 1)) (i32.const 7))
(assert_return (invoke "branch" (i32.const 2)) (i32.const 7))
(assert_return (invoke "branch" (i32.const 3)) (i32.const 6))
(assert_return (invoke "branch" (i32.const 4)) (i32.const 5))
(assert_return (invoke "branch" (i32.const 5)) (i32.const 5))
(assert_return (invoke "branch" (i32.const 6)) (i32.const 5))
(assert_return (invoke "func" (i32.const 0)) (i32.const 5))
(assert_return (invoke "func" (i32.const 1)) (i32.const 6))
(assert_return (invoke "func" (i32.const 2)) (i32.const 10))
