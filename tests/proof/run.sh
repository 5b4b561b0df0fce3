#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The evidence for this tree: every feature that is on by default is generated,
# run in every configuration and compared; every trap and error is seen. Then
# that the check notices what is missing, and that the status page is current.
#
#     tests/proof/run.sh BUILD
#
# The last line is `N passed, N failed`.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=$(CDPATH='' cd -- "$1" && pwd)
smith=$build/tests/smith
work=$build/tests/proof
proof=$root/tools/proof
mkdir -p "$work"
rm -f "$work"/*.evidence
. "$root/tests/smith/engines.sh"
passed=0
failed=0

# expect WHAT STATUS: one test, passed when the status is 0.
expect() {
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $1"
    fi
}

# generate NAME OPTIONS...: runs generated modules, in other engines too if they
# are there.
generate() {
    name=$1
    shift
    timeout 300 "$smith/smith_diff" "$@" --modules "$work/modules" \
        --results "$work/results" --evidence "$work/$name.evidence" \
        >"$work/$name.log" 2>&1
    status=$?
    [ $status -eq 0 ] || tail -n 20 "$work/$name.log"
    expect "generated modules: $name" $status
    for engine in $engines; do
        ask "$engine" "$work/modules" "$work/results" \
            "$work/$name.$engine.evidence" >"$work/$name.$engine.log" 2>&1
        status=$?
        [ $status -eq 0 ] || tail -n 20 "$work/$name.$engine.log"
        expect "generated modules in $engine: $name" $status
    done
}

# check FILES...: what the evidence says, in $work/check.log.
check() {
    python3 "$proof/evidence.py" check "$@" >"$work/check.log" 2>&1
}

# notices WHAT TEXT: the last check has failed and says TEXT.
notices() {
    if grep -qF -- "$2" "$work/check.log" &&
        ! tail -n 1 "$work/check.log" | grep -q ' 0 failed'; then
        expect "$1" 0
    else
        tail -n 5 "$work/check.log"
        expect "$1: nobody says \"$2\"" 1
    fi
}

find_engines
generate single --single --count 3
generate random --seed 5000 --count 400
timeout 200 "$smith/smith_invalid" --count 5 \
    --evidence "$work/invalid.evidence" >"$work/invalid.log" 2>&1
expect "modules with one mistake" $?
check "$work"/*.evidence
cat "$work/check.log"
counts=$(tail -n 1 "$work/check.log" | awk '/passed/ { print $1, $3 }')
[ -n "$counts" ] || counts="0 1"
passed=$((passed + ${counts% *}))
failed=$((failed + ${counts#* }))

# A feature whose generator is off, a configuration that never ran an
# instruction, an error that nothing shows.
timeout 200 "$smith/smith_diff" --single --count 1 --without simd \
    --evidence "$work/off" >/dev/null 2>&1
check "$work/off"
notices "a generator that is off" \
    "simd is on by default, but i8x16_add was never generated"
sed '/^op i32_add executed fuel/d' "$work/single.evidence" >"$work/hole"
grep '^op i32_sub executed fuel' "$work/hole" >/dev/null
expect "there is a configuration with fuel" $?
check "$work/hole"
notices "a configuration that leaves something out" \
    "i32_add was never executed in the configuration fuel"
sed '/^op i64_rotl executed baseline /d' "$work/single.evidence" >"$work/hole"
check "$work/hole"
notices "a tier whose handler is never run" \
    "i64_rotl was never executed in the configuration baseline"
sed 's/^\(shape imported_tag compared\) .*/\1 0/' "$work/random.evidence" \
    >"$work/shapeless"
check "$work/shapeless"
notices "a shape that no module has" \
    "no generated module with the shape imported_tag was compared"
sed 's/^\(op f32_add operand spilled\) .*/\1 0/' "$work/single.evidence" \
    >"$work/register"
check "$work/register"
notices "an operand that never leaves its register" \
    "f32_add never had an operand of the kind spilled"
sed 's/^error unknown_label rejected [0-9]*/error unknown_label rejected 0/' \
    "$work/invalid.evidence" >"$work/silent"
check "$work/silent"
notices "an error without a module" \
    "no generated module was refused for unknown_label"

for engine in $engines; do
    sed "/^op i64_xor $engine /d" "$work/single.$engine.evidence" >"$work/unasked"
    check "$work/single.evidence" "$work/unasked"
    notices "an instruction that $engine was not asked about" \
        "i64_xor was never compared with "
done

# A tier's test that was deleted: what it noticed is known.
for gone in src/interp/fuse_test.c tests/code/shapes_test.c; do
    name=$(basename "$(dirname $gone)")_$(basename $gone .c)
    check "$work"/*.evidence --gone $gone
    notices "a test that is gone" "the test $name is gone: "
done
check "$work"/*.evidence --gone src/rt/table_test.c
notices "a feature's test that is gone" \
    "reference_types is on by default, but there is no src/rt/table_test.c"
grep -v ' executed baseline' "$work/single.evidence" >"$work/tierless"
check "$work/tierless"
notices "a tier that nothing runs" "no configuration runs the tier baseline"

# goals_say WHAT TEXT: the tables in $work/tables are short of a goal.
goals_say() {
    FOLIOT_PROOF_TABLES=$work/tables python3 "$proof/proof.py" goals \
        >"$work/goals.log" 2>&1
    status=$?
    [ $status -ne 0 ] && grep -qF -- "$2" "$work/goals.log"
    status=$?
    [ $status -eq 0 ] || cat "$work/goals.log"
    expect "$1" $status
}

# Tables of planted bugs that are short of the goals.
rm -rf "$work/tables"
mkdir -p "$work/tables"
cp "$root"/tests/proof/*.t* "$work/tables"
sed '3,12s/\tcaught\t/\tsurvived\t/' "$root/tests/proof/interp.tsv" \
    >"$work/tables/interp.tsv"
goals_say "bugs that nobody notices" "%, not 95 %: ./x proof one "
head -n 20 "$root/tests/proof/interp.tsv" >"$work/tables/interp.tsv"
goals_say "too few bugs" "interp has 18 bugs, not 60: ./x proof run interp"
cp "$root/tests/proof/interp.tsv" "$work/tables"
sed '3s/\tcaught\t/\tsurvived\t/' "$root/tests/proof/history.tsv" \
    >"$work/tables/history.tsv"
goals_say "a bug of others that came back" "is not caught: ./x proof history"

# Bugs planted by hand: builds that are made for speed of building only.
if ! grep -q '^FOLIOT_SANITIZE:[A-Z]*=.' "$build/CMakeCache.txt"; then
    python3 "$proof/by_hand.py" "$build" >"$work/by_hand.log" 2>&1
    status=$?
    [ $status -eq 0 ] || cat "$work/by_hand.log"
    expect "bugs planted by hand are noticed" $status
fi

python3 "$proof/proof.py" page "$work/status.md" >"$work/page.log" 2>&1
cmp "$work/status.md" "$root/docs/status.md"
expect "docs/status.md is what ./x proof writes" $?
rm -f "$work/modules" "$work/results"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
