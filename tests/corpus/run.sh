#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Inputs that once showed a bug, mostly found by fuzzing: the command accepts
# each, or refuses it with one error and exit code 1.
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

for file in "$root"/tests/corpus/*/*.wa*; do
    try validate -W all-proposals "$file"
    case $file in
    *.wasm) try print -W all-proposals "$file" ;;
    *.wat) try parse -W all-proposals -o "$work/module.wasm" "$file" ;;
    esac
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
