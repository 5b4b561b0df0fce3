#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The C++ headers of the release that ours follow, over our C headers and
# library: they compile unchanged, and a program that uses them works. The same
# program, linked with the published library, works with it (which judges the
# test) and with ours in its place.
#
#     tests/cxx/extended.sh BUILD
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
build=$(CDPATH='' cd -- "$1" && pwd) || exit 2
# shellcheck source=tools/need.sh
. "$root/tools/need.sh"
need c++=g++ python3=python3
work=$build/cxx-test
sanitize=$(sed -n 's/^FOLIOT_SANITIZE:[A-Z]*=//p' "$build/CMakeCache.txt")
passed=0
failed=0
mkdir -p "$work"

published=$("$root/tests/api/published.py" headers 2>"$work/log")
if [ -z "$published" ]; then
    cat "$work/log"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
# The C++ headers alone, so that <wasm.h> and its like can only be ours.
rm -rf "$work/include"
(cd "$published" && find . -name '*.hh') | while read -r header; do
    mkdir -p "$work/include/$(dirname "$header")"
    cp "$published/$header" "$work/include/$header"
done

check() {
    what=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $what"
        head -n 30 "$work/log"
    fi
}

# alone COMPILER HEADER: what our headers warn about is an error.
alone() {
    echo "#include <$2>" | "$1" -std=c++17 -Wall -Wextra -Werror \
        -isystem "$work/include" -I"$root/include" -fsyntax-only -x c++ -
}

# compile COMPILER [OBJECT]
compile() {
    "$1" -std=c++17 -O1 -g -Wall -Wextra -Werror \
        ${sanitize:+-fsanitize=$sanitize} -isystem "$work/include" \
        -I"$root/include" "$here/wrapper_test.cc" ${2:+"$2"} \
        -o "$work/wrapper_test" -L"$build" -lfoliot -Wl,-rpath,"$build" -ldl
}

compile_with_tiers() {
    cc -std=gnu17 -Wall -Wextra -Werror -I"$root/include" -c \
        "$root/tests/examples/tier.c" -o "$work/tier.o" &&
        compile "$1" "$work/tier.o"
}

# run WHAT [LIBRARY-PATH]: runs the program and adds up what it says.
run() {
    LD_LIBRARY_PATH=${2:-} timeout 120 "$work/wrapper_test" \
        >"$work/out" 2>&1
    counts=$(tail -n 1 "$work/out" | awk '
        /^[0-9]+ passed, [0-9]+ failed$/ { print $1, $3 }')
    [ -n "$counts" ] || counts="0 1"
    passed=$((passed + ${counts% *}))
    failed=$((failed + ${counts#* }))
    [ "${counts#* }" -eq 0 ] || { echo "FAILED $1" && cat "$work/out"; }
}

for cxx in c++ clang++-19; do
    command -v $cxx >/dev/null || continue
    for header in wasm.hh wasmtime.hh; do
        check "$header with $cxx" alone $cxx $header
    done
    check "a program with $cxx" compile $cxx
    run "$cxx, linked with our library"
done
check "a program whose tier is chosen" compile_with_tiers c++
for tier in soon baseline; do
    export FOLIOT_TEST_TIER=$tier
    run "guests of the tier $tier"
done
unset FOLIOT_TEST_TIER

relinked() {
    c++ -std=c++17 -O1 -isystem "$published" -isystem "$configuration" \
        "$here/wrapper_test.cc" -o "$work/wrapper_test" \
        -L"$work/theirs" -lwasmtime
}

library=$("$root/tests/api/published.py" library 2>"$work/log")
configuration=$("$root/tests/api/published.py" configuration 2>>"$work/log")
if [ -n "$library" ] && [ -n "$configuration" ] && [ -z "$sanitize" ]; then
    mkdir -p "$work/theirs" "$work/ours"
    ln -sf "$library" "$work/theirs/libwasmtime.so"
    ln -sf "$build/libfoliot.so" "$work/ours/libwasmtime.so"
    check "a program with their library" relinked
    run "with their library" "$work/theirs"
    run "with ours in its place" "$work/ours"
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
