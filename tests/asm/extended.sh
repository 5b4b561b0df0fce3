#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Compares what our decoder and the table say of every case with Zydis, where
# the distribution has it: tests/asm/extended.sh BUILD
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=${1:-$root/build/release}
work=$build/asm-cases
# shellcheck source=tools/need.sh
. "$root/tools/need.sh"

if ! (need "${CC:-gcc}=gcc" /usr/include/Zydis/Zydis.h=libzydis-dev); then
    echo "Zydis is not here: skipped"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
mkdir -p "$work" || exit 1
"$build/unit/asm_cases_test" "$work" >"$work/rows.txt" 2>&1 ||
    { cat "$work/rows.txt" && exit 1; }
"${CC:-gcc}" -std=c17 -O1 -I "$root/src" -I "$build/generated" \
    "$root/tests/asm/zydis.c" "$root/src/asm/x64/decode.c" \
    "$root/src/asm/x64/inst.c" -lZydis -o "$work/zydis" || exit 1
"$work/zydis" "$work/all.bin"
