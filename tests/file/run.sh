#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Runs file tests, or accepts their output: a test is a module that says how to
# run it and what comes out (docs/testing.md).
#
#   tests/file/run.sh BUILD [--bless] [TEST.wat...]
#
#   ;;! stage = print                 what to do with the file
#   ;;! flags = -W multi-memory=n     options for the command
#   ;;! invoke = f                    for `run`: the function to call,
#   ;;! args  = 1 2                   ... and its arguments
#   ;;! check = popcnt                instead of `;;=` lines: some line has this
#   ;;! check-not = call              ... no line has this
#   ;;= one line of the expected output
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=$(CDPATH='' cd -- "$1" && pwd) || exit 2
shift
bless=false
[ "${1:-}" != --bless ] || { bless=true && shift; }

foliot=$build/foliot
work=$build/file
passed=0
failed=0
mkdir -p "$work"

# value KEY FILE: what the header says; several lines for several `check`s.
value() {
    sed -n "s/^;;! $1 *= *//p" "$2"
}

# Does with the file what its header says; `error` is a `run` that must fail.
run_stage() {
    stage=$(value stage "$1")
    # shellcheck disable=SC2046 # flags are words
    set -- "$1" $(value flags "$1")
    file=$1
    shift
    case $stage in
    valid) "$foliot" validate "$@" "$file" ;;
    text) # the binary that the text stands for, in hexadecimal
        "$foliot" parse "$@" "$file" -o "$work/test.wasm" &&
            od -A n -v -t x1 "$work/test.wasm" | sed 's/^ //'
        ;;
    print) # through the binary form and back
        "$foliot" parse "$@" "$file" -o "$work/test.wasm" &&
            "$foliot" print "$@" "$work/test.wasm"
        ;;
    run | error)
        invoke=$(value invoke "$file")
        # shellcheck disable=SC2046 # arguments are words
        "$foliot" run "$@" ${invoke:+--invoke "$invoke"} "$file" \
            $(value args "$file")
        ;;
    *) echo "no such stage: $stage" ;;
    esac
}

# What the command printed, with the folders cut off, and how it ended.
output_of() {
    run_stage "$1" >"$work/raw" 2>&1 </dev/null
    status=$?
    name=$(basename "$1")
    sed "s|$1|$name|g; s|$work/||g; s/[[:space:]]*\$//" "$work/raw"
    [ $status -eq 0 ] || echo "exit $status"
}

# The `check` lines that the output does not obey.
broken_checks() {
    value check "$1" | while read -r text; do
        grep -qF -- "$text" "$work/got" || echo "no line has: $text"
    done
    value check-not "$1" | while read -r text; do
        ! grep -qF -- "$text" "$work/got" || echo "a line has: $text"
    done
    if [ "$(value stage "$1")" = error ] && ! grep -q '^exit' "$work/got"; then
        echo "the command did not fail"
    fi
}

# Writes the output behind the module, where nothing else may stand.
accept() {
    grep -v '^;;=' "$1" >"$work/new"
    sed 's/^/;;= /; s/ *$//' "$work/got" >>"$work/new"
    cmp -s "$work/new" "$1" || { cp "$work/new" "$1" && echo "blessed $1"; }
}

test_file() {
    output_of "$1" >"$work/got"
    broken_checks "$1" >"$work/diff"
    if ! grep -q '^;;! check' "$1"; then
        if $bless && [ ! -s "$work/diff" ]; then
            accept "$1"
        fi
        sed -n 's/^;;= \{0,1\}//p' "$1" >"$work/want"
        diff -u "$work/want" "$work/got" | tail -n +3 >>"$work/diff"
    fi
    if [ -s "$work/diff" ]; then
        failed=$((failed + 1))
        echo "FAILED $1"
        cat "$work/diff"
    else
        passed=$((passed + 1))
    fi
}

if [ $# -eq 0 ]; then
    cd "$root" || exit 2
    # shellcheck disable=SC2046 # names of tests have no spaces
    set -- $(find tests/file -name '*.wat' | sort)
fi
for test; do
    test_file "$test"
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
