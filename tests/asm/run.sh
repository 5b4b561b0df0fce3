#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Compares our machine code with what the system's assembler and disassembler
# make of the same text and bytes: tests/asm/run.sh BUILD
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=${1:-$root/build/release}
cases=$build/unit/asm_cases_test
work=$build/asm-cases
# shellcheck source=tools/need.sh
. "$root/tools/need.sh"

passed=0
failed=0

# count NUMBER: so many differences were found in one check.
count() {
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
}

# What `as` makes of our text, one line an instruction as in as.txt.
assembled() {
    objdump -d -w -M intel as.o | awk -F '\t' '
        /^ *[0-9a-f]+:\t/ { sub(/ +$/, "", $2); print $2 }'
}

# What objdump sees in our bytes, spelled as we do.
disassembled() {
    objdump -D -w -b binary -m i386:x86-64 -M intel --no-show-raw-insn \
        all.bin | awk -F '\t' '
        /^ *[0-9a-f]+:\t/ {
            sub(/ *#.*/, "", $2); sub(/ +$/, "", $2); gsub(/ +/, " ", $2)
            sub(/,0x1$/, ",1", $2)
            print $2
        }'
}

if [ "$(uname -m)" != x86_64 ]; then
    echo "as and objdump are another machine's: skipped"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
need as=binutils objdump=binutils objcopy=binutils || exit 1
mkdir -p "$work" && work=$(CDPATH='' cd -- "$work" && pwd) || exit 1
"$cases" "$work" >"$work/rows.txt" || { cat "$work/rows.txt" && exit 1; }
passed=$(awk 'END { print $1 }' "$work/rows.txt")
cd "$work" || exit 1

as --64 -W -o as.o as.s && objcopy -O binary -j .text as.o as.out || exit 1
if cmp -s as.bin as.out; then
    count 0
else
    count 1
    echo "as writes other bytes (ours, then its own):"
    sed 's/ *\t.*//' as.txt >as.ours
    assembled | paste -d '|' as.ours - as.txt |
        awk -F '|' '$1 != $2' | head -n 20
fi

sed 's/,0x1$/,1/' all.txt >ours.txt
disassembled >theirs.txt
if cmp -s ours.txt theirs.txt; then
    count 0
else
    count 1
    echo "objdump reads something else (ours, then its own):"
    diff ours.txt theirs.txt | head -n 20
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
