#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Inputs that once showed a bug, mostly found by fuzzing: the command accepts
# each, or refuses it with one error and exit code 1. What it prints of a module
# means a module of which it prints the same.
#
#     tests/corpus/run.sh BUILD
#
# Hostile input that a few lines can make is in tests/torture/bad_input_test.c.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=$(CDPATH='' cd -- "$1" && pwd)
work=$build/corpus
mkdir -p "$work"
passed=0
failed=0

# try COMMAND FILE
try() {
    status=0
    timeout 20 "$build/foliot" "$@" >"$work/out" 2>"$work/err" || status=$?
    if [ $status -le 1 ] && { [ $status -eq 0 ] || [ -s "$work/err" ]; }; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "foliot $*: status $status" >&2
        cat "$work/err" >&2
    fi
}

# verdict WHAT CONDITION...
verdict() {
    what=$1
    shift
    if "$@" 2>"$work/err"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$what" >&2
        cat "$work/err" >&2
    fi
}

reprints() {
    "$build/foliot" print -W all-proposals "$1" -o "$work/a.wat" &&
        "$build/foliot" parse -W all-proposals "$work/a.wat" -o "$work/a.wasm" &&
        "$build/foliot" print -W all-proposals "$work/a.wasm" -o "$work/b.wat" &&
        cmp "$work/a.wat" "$work/b.wat"
}

for file in "$root"/tests/corpus/*/*.wa*; do
    try validate -W all-proposals "$file"
    case $file in
    *.wasm) try print -W all-proposals "$file" ;;
    *.wat) try parse -W all-proposals -o "$work/module.wasm" "$file" ;;
    esac
    ! "$build/foliot" validate -W all-proposals "$file" 2>/dev/null ||
        verdict "$file changes in its text" reprints "$file"
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
