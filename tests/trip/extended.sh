#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# What clang, Go and rustc write, to text and back, byte for byte: the real
# programs (tests/real), built where their toolchains can be had.
#
#     tests/trip/extended.sh BUILD
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
build=$(CDPATH='' cd -- "$1" && pwd)
cd "$root"
REAL=${REAL:-$root/build/real}
export REAL
mkdir -p "$REAL"
# shellcheck source=tests/real/lib.sh
. "$root/tests/real/lib.sh"

work=$build/trip
mkdir -p "$work"
passed=0
failed=0
skipped=0

# The same by the command: bytes in normal form, their text, its bytes.
by_command() {
    "$build/foliot" parse "$REAL/$name.wasm" -o "$work/normal.wasm" &&
        "$build/foliot" print "$work/normal.wasm" -o "$work/text.wat" &&
        "$build/foliot" parse "$work/text.wat" -o "$work/again.wasm" &&
        cmp "$work/normal.wasm" "$work/again.wasm"
}

# trip NAME SCRIPT: builds the program, then NAME.wasm must come back.
trip() {
    name=$1
    code=0
    "tests/real/$2" >"$REAL/trip-$name.log" 2>&1 || code=$?
    if [ "$code" -eq "$REAL_SKIP" ]; then
        echo "skip  $name: $(tail -n 1 "$REAL/trip-$name.log")"
        skipped=$((skipped + 1))
    elif [ "$code" -ne 0 ]; then
        tail -n 20 "$REAL/trip-$name.log"
        failed=$((failed + 1))
    elif "$build/tests/trip/trip" "$REAL/$name.wasm" && by_command; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
}

trip hello hello/build.sh
trip sqlite sqlite/build.sh
trip go go/build.sh
trip rust rust/build.sh
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
