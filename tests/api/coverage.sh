#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Lists the functions of the headers that no test and no example names. What a
# macro of a test pastes together is named by its expansion.
#
#     tests/api/coverage.sh BUILD
set -eu
LC_ALL=C
export LC_ALL
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
build=$(CDPATH='' cd -- "$1" && pwd)
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

cp "$build/generated/exports.names" "$temp/functions"
# Declarations are left out: only lines of the programs themselves count.
for test in "$here"/*_test.c "$root"/tests/embed/*.c "$root"/examples/*/*.c; do
    cc -E -I"$root/include" -I"$root/src" -I"$root/tests" \
        -I"$root/examples" "$test" |
        awk -v root="$root/" '/^# / {
            on = index($0, "\"" root "tests/") ||
                 index($0, "\"" root "examples/")
        } on'
done | grep -oE '\b(wasm|wasi|wasmtime|foliot)_[a-z0-9_]+' |
    sort -u >"$temp/named"
comm -23 "$temp/functions" "$temp/named" >"$temp/left"
sed 's/$/ has no test/' "$temp/left"
echo "$(wc -l <"$temp/functions") functions, $(wc -l <"$temp/left") untested"
[ ! -s "$temp/left" ]
