#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The library in processes that do what processes do: load and unload it, fork,
# and have handlers of signals of their own.
#
#     tests/embed/run.sh BUILD
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
build=$(CDPATH='' cd -- "$1" && pwd) || exit 2
work=$build/embed-test
passed=0
failed=0
skipped=0
mkdir -p "$work"
if "$here/locks.sh"; then passed=1; else failed=1; fi
# The compiler and the sanitizers of the build.
cc=$(sed -n 's/^CMAKE_C_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
sanitize=$(sed -n 's/^FOLIOT_SANITIZE:[A-Z]*=//p' "$build/CMakeCache.txt")
times=1000
# The sanitizers' own memory grows, and their handlers come first.
[ -z "$sanitize" ] || times=30

# compile OUT WORDS...
compile() {
    out=$work/$1
    shift
    "$cc" -std=gnu17 -Wall -Wextra -Wshadow -Wconversion -Werror -g -fPIC \
        ${sanitize:+-fsanitize=$sanitize -fno-omit-frame-pointer} \
        -I"$root/include" -o "$out" "$@" -pthread -ldl \
        -Wl,-rpath,"$build" -Wl,-rpath,"$work"
}

# count PASSED FAILED SKIPPED
count() {
    passed=$((passed + $1))
    failed=$((failed + $2))
    skipped=$((skipped + $3))
}

# cases PROGRAM WORDS...: adds up the last line of a program of cases.
cases() {
    program=$work/$1
    shift
    timeout -k 5 300 "$program" "$@" >"$program.out" 2>"$program.err"
    line=$(tail -n 1 "$program.out")
    case $line in
    *passed,*failed,*skipped) ;;
    *) line="0 passed, 1 failed, 0 skipped" ;;
    esac
    # shellcheck disable=SC2086,SC2046 # three numbers
    count $(echo "$line" | tr -dc '0-9 ')
    cat "$program.err"
}

reload() {
    LD_LIBRARY_PATH=$work timeout -k 5 300 \
        "$work/reload" "$times" "$1" 2>"$work/reload.err"
    status=$?
    if [ -n "$sanitize" ] && [ $status -eq 1 ] &&
        grep -q 'then' "$work/reload.err"; then
        status=0 # it ran to the end; the numbers are the sanitizer's
    fi
    case $status in
    0) count 1 0 0 ;;
    4) count 0 0 1 ;;
    *) count 0 1 0 && echo "FAILED reload (strategy $1)" ;;
    esac
    cat "$work/reload.err"
}

if compile libguest.so -shared "$here/guest.c" -L"$build" -lfoliot &&
    compile reload "$here/reload.c" &&
    compile handlers "$here/handlers.c" "$here/guest.c" -L"$build" -lfoliot &&
    compile fork "$here/fork.c" "$here/guest.c" -L"$build" -lfoliot &&
    compile fork_waits "$here/fork_waits.c" "$here/guest.c" -L"$build" \
        -lfoliot &&
    compile stacks "$here/stacks.c" "$here/guest.c" -L"$build" -lfoliot; then
    for strategy in 0 64 1 2 18; do # as guest.h numbers them
        reload $strategy
    done
    # The sanitizers install handlers first, and have larger frames.
    [ -n "$sanitize" ] || cases handlers
    [ -n "$sanitize" ] || cases stacks
    cases fork ${sanitize:+alone}
    cases fork_waits ${sanitize:+alone}
else
    count 0 1 0
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
