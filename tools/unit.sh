#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Runs the unit test programs of a build: tools/unit.sh BUILD [NAME...]
set -u
build=$1
shift
# shellcheck disable=SC2046 # names without spaces
[ $# -gt 0 ] || set -- $(cat "$build/unit.list")

passed=0
failed=0
for name; do
    output=$(timeout -k 10 180 "$build/unit/$name" 2>&1)
    status=$?
    counts=$(printf '%s\n' "$output" | tail -n 1 | awk '
        /^[0-9]+ passed, [0-9]+ failed$/ { print $1, $3 }')
    if [ -z "$counts" ]; then
        counts="0 1"
    elif [ $status -ne 0 ] && [ "${counts#* }" -eq 0 ]; then
        counts="${counts% *} 1"
    fi
    passed=$((passed + ${counts% *}))
    failed=$((failed + ${counts#* }))
    if [ "${counts#* }" -ne 0 ]; then
        printf '%s\n' "$output"
        echo "FAILED $name (status $status)"
    fi
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
