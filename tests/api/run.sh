#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The public headers: they compile alone, twice, in every language that may
# include them, and every function of them has a test, those that configure a
# row in the documentation. The API's tests, with guests that are compiled.
#
#     tests/api/run.sh BUILD
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
build=$(CDPATH='' cd -- "$1" && pwd)
# shellcheck source=tools/need.sh
. "$root/tools/need.sh"
need cc=gcc c++=g++
failed=0
checks=0

# check WORDS...: runs a command that prints why it fails.
check() {
    checks=$((checks + 1))
    "$@" || {
        echo "FAILED: $*"
        failed=$((failed + 1))
    }
}

# alone COMPILER STANDARD LANGUAGE HEADER
alone() {
    printf '#include <%s>\n#include <%s>\nextern int x;\n' "$4" "$4" |
        "$1" "-std=$2" -x "$3" -I"$root/include" -fsyntax-only \
            -Wall -Wextra -Wpedantic -Wshadow -Werror -
}

# A user learns from the top of each header which threads may call it.
head_names_threads() {
    [ "$1" = wasmtime/conf.h ] ||
        sed '/^#ifndef/q' "$root/include/$1" | grep -qi thread
}

for header in $(cd "$root/include" && find . -name '*.h' | sed 's|^\./||' |
    sort); do
    for c in cc clang-19; do
        command -v $c >/dev/null || continue
        for standard in c99 c11 c17; do
            check alone $c $standard c "$header"
        done
    done
    check head_names_threads "$header"
    for cxx in c++ clang++-19; do
        command -v $cxx >/dev/null || continue
        check alone $cxx c++17 c++ "$header"
    done
done
check "$here/coverage.sh" "$build"
check "$here/config.sh" "$build"

# By default guests are too short to be compiled. Tests that choose tiers
# themselves run once, with all others.
own='async|config|exception|foliot|sequence|thread|type'
names=$(grep '^api_' "$build/unit.list" | grep -vE "_($own)_test$")
for tier in soon baseline; do
    export FOLIOT_TEST_TIER=$tier
    # shellcheck disable=SC2086 # names without spaces
    check "$root/tools/unit.sh" "$build" $names
done
echo "$((checks - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
