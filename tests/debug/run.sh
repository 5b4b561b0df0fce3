#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Looking inside: each tool's output is read by something else than what wrote
# it.
#
#     tests/debug/run.sh BUILD
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
build=$(CDPATH='' cd -- "$1" && pwd) || exit 2
# shellcheck disable=SC2034 # the parts use it
foliot=$build/foliot
work=$build/debug-test
passed=0
failed=0
skipped=0
rm -rf "$work"
mkdir -p "$work"
cd "$work" || exit 2

# verdict WHAT CONDITION...: a condition that prints what is wrong.
verdict() {
    what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $what"
    fi
}

# first COMMAND...: the first of them that there is.
first() {
    for command; do
        command -v "$command" && return 0
    done
    return 1
}

for part in "$here"/part-*.sh; do
    # shellcheck source=/dev/null
    . "$part"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
