#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# A sample of everything under valgrind's memcheck, interpreted and compiled:
# scripts of the specification, objects, exceptions, threads, a pool, the cache,
# compiled files, a real program.
#
#     tests/memcheck/extended.sh BUILD
#
# Guard regions are terabytes of address space, which memcheck does not give
# out: compiled code checks its accesses itself, in most of the runs.
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
build=$(CDPATH='' cd -- "$1" && pwd)
. "$root/tools/need.sh"
if ! (need valgrind=valgrind); then
    echo "valgrind is not to be had here: NOTHING WAS CHECKED"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
work=$build/memcheck
rm -rf "$work"
mkdir -p "$work"
passed=0
failed=0
skipped=0

# clean NAME COMMAND...: no error, and the exit code of success.
clean() {
    name=$1
    shift
    timeout 400 valgrind --tool=memcheck --error-exitcode=99 -q \
        --leak-check=full --errors-for-leak-kinds=definite \
        --suppressions="$here/suppressions" --max-stackframe=16777216 \
        "$@" >"$work/log" 2>&1
    status=$?
    if [ $status -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $name (status $status)"
        tail -n 30 "$work/log"
    fi
}

both() {
    name=$1
    shift
    clean "$name, interpreted" "$build/foliot" wast -C compiler=interp "$@"
    clean "$name, compiled" "$build/foliot" wast -C compiler=baseline \
        -O signals-based-traps=n "$@"
}

scripts="$root/tests/baseline"
both arithmetic "$scripts/arithmetic.wast"
both objects "$scripts/objects.wast"
both "objects that move" -D gc-collect-always "$scripts/objects.wast"
both memories "$scripts/bulk.wast"
clean "compiled files" "$build/foliot" wast -C compiler=baseline \
    -O signals-based-traps=n -D compiled-files "$scripts/pressure.wast"
clean pool "$build/foliot" wast -C compiler=baseline \
    -O signals-based-traps=n,pooling-allocator "$scripts/pressure.wast"
suite=$("$root/tools/spec-suite.sh")
if [ "$suite" = none ]; then
    skipped=$((skipped + 1))
else
    for name in call_indirect try_table struct i32; do
        file=$(find "$suite" -name $name.wast | sort | head -n 1)
        [ -z "$file" ] || both $name "$file"
    done
fi
# Made by tests/real/run.sh.
program=$root/build/real/hello.wasm
if [ -f "$program" ]; then
    mkdir -p "$work/data"
    for round in first second; do
        clean "a program from the cache, $round" "$build/foliot" run \
            -C "compiler=baseline,cache-dir=$work/cache" \
            -O signals-based-traps=n --dir "$work/data::/data" \
            "$program" /data one
    done
    clean "a program, interpreted" "$build/foliot" run -C compiler=interp \
        --dir "$work/data::/data" "$program" /data one
else
    skipped=$((skipped + 1))
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
