# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# shellcheck disable=SC2154,SC2034,SC2086 # run.sh has the rest
# Core dumps: decoded, they say what the program had in its locals, on its
# operand stack, in globals and memories; in all tiers the same.

cat >core.wat <<'END'
(module $crash
  (memory 2)
  (memory $other 1)
  (data (i32.const 70000) "here")
  (data (memory $other) (i32.const 3) "there")
  (global $n (mut i32) (i32.const 5))
  (global $d f64 (f64.const 0.5))
  (global $r (mut externref) (ref.null extern))
  (func $zero (result i32) (i32.const 0))
  ;; Locals that are in registers, constants, and comparisons when it traps.
  (func $inner (param i32 i64) (result i32) (local f32 f64 externref)
    (local.set 0 (i32.add (local.get 0) (i32.const 1)))
    (local.set 1 (i64.mul (local.get 1) (i64.const 3)))
    (local.set 2 (f32.const 1.5))
    (local.set 3 (f64.add (f64.const 2) (f64.convert_i32_s (local.get 0))))
    (global.set $n (i32.const -7))
    (i32.const 11)
    (local.get 0)
    (i32.lt_s (local.get 0) (i32.const 100))
    (local.get 1)
    (i32.div_s (i32.const 9) (call $zero))
    (drop) (drop) (drop) (drop))
  (func $middle (param i32) (result i32) (local i32)
    (local.set 1 (i32.mul (local.get 0) (i32.const 2)))
    (loop
      (local.set 1 (i32.add (local.get 1) (i32.const 1)))
      (br_if 0 (i32.lt_u (local.get 1) (i32.const 50))))
    (i32.const 77)
    (i32.add (local.get 1)
      (call $inner (local.get 0) (i64.const -4)))
    (i32.add))
  ;; Wide slots.
  (func $wide (param v128 i32) (result i32) (local i64)
    (local.set 2 (i64.const 1000000000000))
    (i32.const 21)
    (call $middle (local.get 1))
    (i32.add))
  (func (export "go") (param i32) (result i32)
    (call $wide (v128.const i64x2 1 2) (local.get 0)))
  (func (export "load") (param i32) (result i32) (local i32)
    (local.set 1 (i32.const 8))
    (i32.add (local.get 1) (i32.load offset=4 (local.get 0))))
  (func $deep (export "deep") (param i32) (result i32)
    (call $deep (i32.add (local.get 0) (i32.const 1)))))
END

# Nobody catches what $throws throws: its frames are in the dump.
cat >thrown.wat <<'END'
(module $thrown
  (type $pair (struct (field i32 i32)))
  (type $bytes (array i8))
  (tag $tag (param i32))
  (tag $other)
  (global $kept (mut (ref null $pair)) (ref.null $pair))
  (func $throws (param i32) (result i32)
    (local funcref anyref v128 (ref null $pair) (ref null $bytes) exnref)
    (local.set 1 (ref.func $throws))
    (local.set 2 (ref.i31 (i32.const -5)))
    (local.set 3 (v128.const i64x2 7 -8))
    (local.set 4 (struct.new $pair (i32.const 1) (i32.const 2)))
    (local.set 5 (array.new_default $bytes (i32.const 3)))
    (global.set $kept (local.get 4))
    (local.get 4)
    (i32.const 9)
    (v128.const i64x2 1 2)
    (throw $tag (local.get 0))
    unreachable)
  (func $caught
    (block
      (try_table (catch_all 0) (drop (call $throws (i32.const 3))))))
  (func $middle (param i32) (result i32) (local exnref)
    (call $caught)
    (local.set 1 (block (result exnref)
      (try_table (catch_all_ref 0) (throw $other)) unreachable))
    (block
      (try_table (catch $other 0) (return (call $throws (local.get 0)))))
    (i32.const 0))
  (func (export "go") (param i32) (result i32)
    (i32.add (i32.const 40) (call $middle (local.get 0))))
  (elem declare func $throws))
END

cat >thrown.want <<'END'
core thrown.wat
module thrown
instance 0 [] [0]
thread main
frame 0 0 [i32:20 missing missing missing missing missing missing] [missing i32:9 missing i32:20]
frame 0 2 [i32:20 missing] []
frame 0 3 [i32:20] [i32:40]
local 0 1 func:0/0
local 0 2 i31:-5
local 0 3 v128:7,-8
local 0 4 struct:0
local 0 5 array:1
local 0 6 null
operand 0 0 struct:0
operand 0 2 v128:1,2
local 1 1 exception:2
global 0 struct:0
global 0x6f null
END

cat >core.want <<'END'
core core.wat
module crash
instance 0 [0, 1] [0, 1, 2]
thread main
frame 0 1 [i32:21 i64:-12 f32:1.5 f64:23.0 missing] [i32:11 i32:21 i32:1 i64:-12 i32:9 i32:0]
frame 0 2 [i32:20 i32:50] [i32:77 i32:50]
frame 0 3 [missing i32:20 i64:1000000000000] [i32:21]
frame 0 4 [i32:20] []
local 0 4 null
local 2 0 v128:1,2
global 2 null
memory 2
memory 1
global 0x7f -7
global 0x7c 0.5
global 0x6f null
END

# The interpreter keeps the topmost operand in a register.
sed 's/ i32:0\]$/ missing]/' core.want >interp.want

# dumped WANT EXPORT ARGUMENT OPTIONS...
dumped() {
    want=$1
    export=$2
    argument=$3
    shift 3
    rm -f core.dump
    "$foliot" run "$@" -D coredump=core.dump --invoke "$export" core.wat \
        "$argument" >out 2>err
    [ $? -eq 134 ] && grep -q '^core dumped: core.dump$' err || return 1
    python3 "$here/coredump.py" core.dump >core.txt || return 1
    grep '^data 0 .*here' core.txt >/dev/null &&
        grep '^data 1 0 .*there' core.txt >/dev/null || return 1
    grep -v '^data' core.txt | diff "$want" -
}

# thrown OPTIONS...
thrown() {
    rm -f core.dump
    "$foliot" run "$@" -D coredump=core.dump --invoke go thrown.wat 20 \
        >out 2>err
    [ $? -eq 134 ] && grep -q 'uncaught exception' err &&
        [ "$(grep -c '^core dumped: core.dump$' err)" -eq 1 ] || return 1
    python3 "$here/coredump.py" core.dump | diff thrown.want -
}

# top_is FRAME EXPORT ...: what the first frame begins with.
top_is() {
    pattern=$1
    shift
    dumped /dev/null "$@" >diff.txt
    grep '^> frame' diff.txt | head -n 1 | grep -F "$pattern" >/dev/null ||
        { head -n 20 diff.txt && false; }
}

refused_pattern() {
    "$foliot" run -D "coredump=$1" --invoke go core.wat 1 >out 2>err
    [ $? -eq 2 ]
}

named() {
    "$foliot" run -D coredump=core.%e.%p.%% --invoke go core.wat 1 >out 2>err &
    pid=$!
    ! wait $pid && [ -f core.core.wat.$pid.% ]
}

# The text of a real trap, but no dump.
no_room() {
    "$foliot" run -D coredump=/nowhere/core --invoke go core.wat 1 >out 2>err
    [ $? -eq 134 ] && grep -q '/nowhere/core' err && grep -q 'divide by' err
}

if command -v python3 >/dev/null; then
    for tier in "compiler=interp" "compiler=baseline" \
        "compiler=baseline -O signals-based-traps=n" \
        "compiler=baseline -C compile=eager -D chaos-seed=3"; do
        options="-C $tier"
        wanted=core.want
        access='[i32:200000 i32:8] [i32:8 i32:200000]'
        deepest='frame 0 6 [missing] []'
        if [ "$tier" = compiler=interp ]; then
            deepest='frame 0 6 [i32:'
            wanted=interp.want
            access='[i32:200000 i32:8] [i32:8 missing]'
        fi
        verdict "core dump, $tier" dumped $wanted go 20 $options
        verdict "core dump of an exception, $tier" thrown $options
        verdict "core dump of an access, $tier" top_is "$access" load 200000 \
            $options
        verdict "core dump of a deep stack, $tier" top_is "$deepest" \
            deep 0 $options
    done
    # Code from the cache is other code, or says what it is.
    XDG_CACHE_HOME=$work/cache
    export XDG_CACHE_HOME
    cached="-C compiler=baseline -C cache"
    "$foliot" run $cached --invoke go core.wat 20 >out 2>err
    for time in first second; do
        verdict "core dump of cached code, $time time" \
            dumped core.want go 20 $cached
    done
    verdict "core dumps end" [ "$(grep -c '^> frame' diff.txt)" -eq 1000 ]
else
    skipped=$((skipped + 1))
fi
verdict "a name by a pattern" named
verdict "a dump that cannot be written" no_room
for pattern in '' core.%x core.%; do
    verdict "coredump=$pattern is refused" refused_pattern "$pattern"
done
