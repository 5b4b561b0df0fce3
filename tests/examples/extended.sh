#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Every program of examples/, compiled with the headers of the release that ours
# follow and linked with its library, prints what expected.txt says: with that
# library, which judges the example, and with ours in its place.
#
#     tests/examples/extended.sh BUILD
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
build=$(CDPATH='' cd -- "$1" && pwd) || exit 2
work=$build/examples-test
passed=0
failed=0
rm -rf "$work/theirs" "$work/ours"
mkdir -p "$work/theirs" "$work/ours"

skip() {
    cat "$work/log"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
}

# A program that is not sanitized cannot load a library that is.
grep -q '^FOLIOT_SANITIZE:STRING=.' "$build/CMakeCache.txt" &&
    echo "the library is sanitized" >"$work/log" && skip
published=$root/tests/api/published.py
library=$("$published" library 2>"$work/log") || skip
headers=$("$published" headers 2>"$work/log") || skip
configuration=$("$published" configuration 2>"$work/log") || skip
ln -s "$library" "$work/theirs/libwasmtime.so"
ln -s "$build/libfoliot.so" "$work/ours/libwasmtime.so"

compile() {
    cc -w -I"$root/examples" -I"$configuration" -I"$headers" \
        "$root/examples/$1/$1.c" -o "$work/$1.linked" -L"$work/theirs" \
        -lwasmtime -pthread
}

# run NAME FOLDER
run() {
    (cd "$root/examples/$1" && LD_LIBRARY_PATH=$work/$2 timeout -k 5 60 \
        "$work/$1.linked") >"$work/$1.out" &&
        diff "$root/examples/$1/expected.txt" "$work/$1.out"
}

# check WHAT COMMAND...
check() {
    what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $what"
    fi
}

for name in "$root"/examples/*/; do
    name=$(basename "$name")
    check "$name with the published headers" compile "$name"
    check "$name with the published library" run "$name" theirs
    check "$name with ours in its place" run "$name" ours
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
