#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Interpreted and compiled, every script of the specification and every real
# program that was built does the same: each call's results or trap, and at the
# end the bytes of all memories, the globals and the tables.
#
#     tests/tiers/extended.sh BUILD
#
# NaNs may have any bits that the language allows. A script that ends with
# other bytes is compared once more with canonical ones; then nothing may differ.
# Programs must write the same; what they leave depends on clocks.
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
build=$(CDPATH='' cd -- "$1" && pwd)
work=$build/tiers
rm -rf "$work"
mkdir -p "$work"
passed=0
failed=0
skipped=0

# expect WHAT STATUS
expect() {
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $1" >&2
    fi
}

# states TIER FILE OPTIONS...: what a script came to, in $work/TIER.
states() {
    tier=$1
    file=$2
    shift 2
    timeout 120 "$build/foliot" wast -C "$tier" -D states "$@" "$file" \
        >"$work/${tier#*=}" 2>&1
}

# agree FILE OPTIONS...
agree() {
    states compiler=interp "$@"
    states compiler=baseline "$@"
    cmp -s "$work/interp" "$work/baseline"
}

scripts() {
    features=$2
    for file in "$1"/*.wast; do
        [ -e "$file" ] || continue
        set -- "$file"
        [ "$features" = - ] || set -- "$@" -W "$features"
        status=0
        agree "$@" || agree "$@" -W nan-canonicalization || status=1
        [ $status -eq 0 ] || diff "$work/interp" "$work/baseline" | head -n 5 >&2
        # What agrees must have run.
        tail -n 1 "$work/interp" | grep -q ' passed, 0 failed$' || status=1
        expect "$file" $status
    done
}

suite=$("$root/tools/spec-suite.sh")
if [ "$suite" = none ]; then
    skipped=$((skipped + 1))
else
    for dir in "$suite" "$suite/custom" "$suite/legacy" "$suite"/proposals/*; do
        folder=${dir#"$suite"}
        folder=${folder#/}
        features=$(awk -v folder="${folder:-.}" '$1 == folder { found = $2 }
            END { print found == "" ? "-" : found }' "$root/tests/spec/features")
        [ "$features" = later ] || scripts "$dir" "$features"
    done
fi
scripts "$root/tests/spec64" -
scripts "$root/tests/baseline" -

# program NAME ARGUMENTS...: in both tiers, in a folder of its own.
program() {
    name=$1
    shift
    for tier in interp baseline; do
        rm -rf "$work/dir"
        mkdir -p "$work/dir"
        timeout 300 "$build/foliot" run -C "compiler=$tier" --dir "$work/dir::/" \
            "$root/build/real/$name.wasm" "$@" >"$work/$name.$tier" 2>&1
        echo "exit $?" >>"$work/$name.$tier"
    done
    cmp -s "$work/$name.interp" "$work/$name.baseline"
    expect "$name" $?
}

for name in hello lua-plain lua-sjlj sqlite go rust; do
    if [ ! -f "$root/build/real/$name.wasm" ]; then
        echo "$name is not built: tests/real/run.sh does that"
        skipped=$((skipped + 1))
        continue
    fi
    case $name in
    lua-*) program $name -e \
        'local t = {} for i = 1, 3000 do t[#t + 1] = (i * i) % 97 end
         table.sort(t) print(table.concat(t, " "), pcall(error, "x"))' ;;
    sqlite) program $name :memory: \
        'with recursive n(i) as (select 1 union all select i + 1 from n
         where i < 2000) select sum(i * i), avg(i) from n;' ;;
    *) program $name one two ;;
    esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
