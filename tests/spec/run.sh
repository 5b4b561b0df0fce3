#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The specification's test suite, every file and every command of it.
#
#     tests/spec/run.sh BUILD [-W option ...]
#
# It runs interpreted unless an option says otherwise: tests/code/ has the rest.
# In a release build and without options the runner also proves itself: an
# independent script has to count the same commands, and a copy of the suite
# with altered expectations has to fail at every altered line.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
build=$(CDPATH='' cd -- "$1" && pwd)
shift
suite=$("$root/tools/spec-suite.sh")
if [ "$suite" = none ]; then
    echo 'spec: without the suite, as FOLIOT_SPEC_SUITE=none asks' >&2
    echo '0 passed, 0 failed, 1 skipped'
    exit 0
fi
work=$build/spec
rm -rf "$work"
mkdir -p "$work"
mode="${build##*/} $*"
proves=false
[ "${build##*/}" != release ] || [ $# -gt 0 ] || proves=true
set -- -C compiler=interp "$@"
passed=0
failed=0

features_of() {
    awk -v folder="$1" '$1 == folder { found = $2 }
        END { print found == "" ? "-" : found }' "$here/features"
}

# check NAME: counts the step itself as a test; its exit code says how it went.
check() {
    if [ "$2" = 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "spec: $1" >&2
    fi
}

# run_folder FOLDER OPTIONS...: all scripts of one folder of the suite.
run_folder() {
    folder=$1
    shift
    log=$work/$(echo "$folder" | tr / _).log
    set -- "$@" "$suite/$folder"/*.wast
    status=0
    "$build/foliot" wast --counts "$@" >"$log" 2>"$log.err" || status=$?
    grep -v '^count ' "$log" | grep -E '^FAIL' >&2 || true
    if ! tail -n 1 "$log" | grep -q ' passed, '; then
        tail -n 5 "$log.err" >&2
        check "$folder: the runner ended with status $status" 1
        return
    fi
    passed=$((passed + $(tail -n 1 "$log" | awk '{ print $1 }')))
    failed=$((failed + $(tail -n 1 "$log" | awk '{ print $3 }')))
    [ "$status" -le 1 ] || check "$folder: status $status" 1
    ! $proves || prove_counts "$log" "$suite/$folder"
}

prove_counts() {
    awk '$1 == "count" && $3 + $4 > 0 { print $2, $3 + $4 }' "$1" |
        LC_ALL=C sort >"$1.ours"
    python3 "$here/count.py" "$2"/*.wast | LC_ALL=C sort >"$1.theirs"
    status=0
    diff "$1.ours" "$1.theirs" >&2 || status=$?
    check "$2: the independent count differs" "$status"
}

# prove_negation FOLDER OPTIONS...: every altered line fails.
prove_negation() {
    folder=$1
    shift
    for file in "$suite/$folder"/*.wast; do
        copy=$work/negated.wast
        python3 "$here/negate.py" 1 "$file" "$copy" >"$work/lines"
        LC_ALL=C sort -u "$work/lines" >"$work/altered"
        "$build/foliot" wast "$@" "$copy" >"$work/negated.log" 2>&1 || true
        sed -n 's/^FAIL [^ ]*:\([0-9]*\) .*/\1/p' "$work/negated.log" |
            LC_ALL=C sort -u >"$work/noticed"
        missed=$(LC_ALL=C comm -23 "$work/altered" "$work/noticed" |
            tr '\n' ' ')
        [ -z "$missed" ] || echo "$file: not noticed: $missed" >&2
        [ -z "$missed" ] && status=0 || status=1
        check "$file: altered expectations pass" "$status"
    done
}

# test_folder FOLDER FEATURES OPTIONS...
test_folder() {
    folder=$1
    features=$2
    shift 2
    [ "$features" = - ] || set -- "$@" -W "$features"
    run_folder "$folder" "$@"
    ! $proves || prove_negation "$folder" "$@"
}

for dir in "$suite" "$suite/custom" "$suite/legacy" "$suite"/proposals/*; do
    [ -d "$dir" ] || continue
    folder=${dir#"$suite"}
    folder=${folder#/}
    folder=${folder:-.}
    features=$(features_of "$folder")
    [ "$features" = later ] || test_folder "$folder" "$features" "$@"
done
# What modes.sh looks for.
mkdir -p "$root/build/logs"
[ "$failed" != 0 ] || [ "$passed" = 0 ] ||
    echo "$mode" >>"$root/build/logs/spec-modes"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
