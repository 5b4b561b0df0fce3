#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The specification's scripts, and ours for 64-bit memories, as machine code.
#
#     tests/code/run.sh BUILD [OPTION ...]
#
# The options go to every command, behind -C compiler=baseline. Without any, the
# scripts run in the modes that docs/testing.md wants of every build.
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
build=$(CDPATH='' cd -- "$1" && pwd)
shift
passed=0
failed=0
skipped=0

# run NAME COMMAND...: adds the counts of its last line.
run() {
    name=$1
    shift
    output=$("$@" 2>&1)
    counts=$(printf '%s\n' "$output" | tail -n 1 | awk '
        /^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/ {
            print $1, $3, $5 + 0 }')
    counts=${counts:-0 1 0}
    # shellcheck disable=SC2086 # three numbers
    set -- $counts
    passed=$((passed + $1))
    failed=$((failed + $2))
    skipped=$((skipped + $3))
    [ "$2" -eq 0 ] || printf '%s: %s\n' "$name" "$output" >&2
}

# suite OPTION...: both suites.
suite() {
    run "spec $*" "$here/../spec/run.sh" "$build" -C compiler=baseline "$@"
    run "spec64 $*" "$here/../spec64/run.sh" "$build" -C compiler=baseline "$@"
}

suite "$@"
if [ $# -eq 0 ]; then
    suite -O signals-based-traps=n
    suite -D chaos-seed=1
    suite -D gc-collect-always
    # Calls between tiers nest frames of C, which sanitizers make large.
    suite -D tier-seed=1 -W max-wasm-stack=6291456
    suite -D tier-seed=2,gc-collect-always -W max-wasm-stack=6291456
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
