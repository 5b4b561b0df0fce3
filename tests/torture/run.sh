#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The command with too little address space: at every limit it works or ends
# with one error, never with a signal.
#
#     tests/torture/run.sh BUILD
#
# Sanitizers need address space of their own, so their builds skip this. (The
# tests of failing allocations are torture_test.c, part of the unit tests.)
set -eu
build=$(CDPATH='' cd -- "$1" && pwd)
if grep -q '^FOLIOT_SANITIZE:.*=.' "$build/CMakeCache.txt"; then
    echo '0 passed, 0 failed, 1 skipped'
    exit 0
fi
work=$build/torture
mkdir -p "$work"
cat >"$work/input.wat" <<'END'
(module
  (type $node (struct (field (ref null $node)) (field i64)))
  (global $list (mut (ref null $node)) (ref.null none))
  (memory (export "memory") 1)
  (memory $shared 1 100 shared)
  (table 10 funcref)
  (func (export "_start") (local $i i32)
    (drop (memory.grow (i32.const 100)))
    (drop (memory.grow $shared (i32.const 50)))
    (drop (table.grow (ref.null func) (i32.const 100000)))
    (loop $again
      (global.set $list
        (struct.new $node (global.get $list) (i64.const 7)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 200000))))))
END
passed=0
failed=0
worked=0
limit=2000 # KiB; the program itself needs about so much
while [ "$limit" -lt 40000000 ]; do
    status=0
    # shellcheck disable=SC3045 # dash, bash and ksh have it
    (ulimit -v "$limit" && exec "$build/foliot" run "$work/input.wat") \
        >"$work/out" 2>&1 || status=$?
    # 127: not even the loader had room. 134 is how a trap ends the command, and
    # then it says so; the shell reports an abort in the same way.
    case $status in
    0) ok=yes && worked=$((worked + 1)) ;;
    1 | 127) ok=yes ;;
    134) grep -q 'wasm trap: ' "$work/out" && ok=yes || ok=no ;;
    *) ok=no ;;
    esac
    if [ "$ok" = yes ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "with $limit KiB: status $status" >&2
        cat "$work/out" >&2
    fi
    limit=$((limit + limit / 8))
done
if [ "$worked" -eq 0 ]; then
    failed=$((failed + 1))
    echo 'the program works at no limit' >&2
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
