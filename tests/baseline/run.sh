#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Scripts of what the compiler makes in line, under settings that choose other
# code: registers at random, an old processor, a collection at each allocation, checks instead of
# guards, fuel. Every script runs in the interpreter first.
#
#     tests/baseline/run.sh BUILD
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
foliot=$(CDPATH='' cd -- "$1" && pwd)/foliot
passed=0
failed=0

# run SCRIPT OPTION...
run() {
    script=$1
    shift
    output=$(timeout 300 "$foliot" wast "$@" "$script" 2>&1)
    code=$?
    last=$(printf '%s\n' "$output" | tail -n 1)
    if [ $code -eq 0 ] && [ "${last#0 }" = "$last" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '%s %s: %s\n' "$(basename "$script")" "$*" "$output" >&2
    fi
}

for script in "$here"/*.wast; do
    run "$script" -C compiler=interp
    for options in '' '-D chaos-seed=7' '-D chaos-seed=8' \
        '-C cpu=floor' '-O signals-based-traps=n' '-W fuel=1000000000000000' \
        '-D gc-collect-always=y' \
        '-D gc-collect-always=y -D chaos-seed=9'; do
        # shellcheck disable=SC2086 # options
        run "$script" -C compiler=baseline $options
    done
done
for script in "$here"/deterministic/*.wast; do
    for options in compiler=interp compiler=baseline \
        compiler=baseline,cpu=floor; do
        run "$script" -C $options -W relaxed-simd-deterministic
    done
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
