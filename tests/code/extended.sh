#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The same in the ways that machine code can be made besides: all at load, after
# counting, with values kept in slots; and every module through a compiled file.
#
#     tests/code/extended.sh BUILD
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
passed=0
failed=0
skipped=0

variant() {
    output=$("$here/run.sh" "$@" 2>&1)
    last=$(printf '%s\n' "$output" | tail -n 1)
    # shellcheck disable=SC2086 # words
    set -- $last
    passed=$((passed + $1))
    failed=$((failed + $3))
    skipped=$((skipped + $5))
    [ "$3" -eq 0 ] || printf '%s\n' "$output" >&2
}

variant "$1" -C compile=eager
variant "$1" -D chaos-seed=2 -C compile=eager,parallel-compilation=n
variant "$1" -D tier-seed=3,chaos-seed=3 -O signals-based-traps=n
variant "$1" -C compile=counted
variant "$1" -D compiled-files
variant "$1" -D keep-slots
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
