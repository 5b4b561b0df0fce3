#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Every program of examples/ is compiled against the headers and the shared
# library, runs in its folder, and prints what expected.txt says; again in each
# tier, which tier.c chooses for it. The book has a page for each, and quotes
# them as they are.
#
#     tests/examples/run.sh BUILD [NAME...]
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
build=$(CDPATH='' cd -- "$1" && pwd) || exit 2
shift
work=$build/examples-test
passed=0
failed=0
mkdir -p "$work"
# The compiler and the sanitizers of the build.
cc=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
sanitize=$(sed -n 's/^FOLIOT_SANITIZE:[A-Z]*=//p' "$build/CMakeCache.txt")

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

# compile NAME OUT SOURCES...
compile() {
    name=$1
    out=$2
    shift 2
    "$cc" -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -g \
        ${sanitize:+-fsanitize=$sanitize} -I"$root/examples" \
        -I"$root/include" "$root/examples/$name/$name.c" "$@" -o "$work/$out" \
        -L"$build" -lfoliot -Wl,-rpath,"$build" -pthread
}

# run NAME PROGRAM
run() {
    (cd "$root/examples/$1" && timeout -k 5 60 "$work/$2") >"$work/$2.out" ||
        return 1
    diff "$root/examples/$1/expected.txt" "$work/$2.out"
}

example() {
    compile "$1" "$1" && run "$1" "$1"
}

# in_tier NAME TIER
in_tier() {
    FOLIOT_TEST_TIER=$2 run "$1" "$1.tiers"
}

# shellcheck disable=SC2046 # names without spaces
[ $# -gt 0 ] || set -- $(cd "$root/examples" && find . -mindepth 2 -name '*.c' |
    sed 's|.*/||; s|\.c$||' | sort)
for name; do
    verdict "$name" example "$name"
    verdict "$name with tiers" compile "$name" "$name.tiers" "$here/tier.c"
    for tier in interp soon baseline; do
        verdict "$name, $tier" in_tier "$name" $tier
    done
    verdict "$name has no page" [ -f "$root/docs/book/$name.md" ]
    verdict "$name has no link to its source" grep -qF \
        "[$name.c](../../examples/$name/$name.c)" "$root/docs/book/$name.md"
    verdict "$name is not in the book's list" \
        grep -q "($name.md)" "$root/docs/book/README.md"
done
verdict "the book quotes what is not there" "$root/tools/book.sh" check
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
