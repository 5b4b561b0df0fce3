#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# What a build depends on and what it exports: tools/link-test.sh BUILD
set -u
build=$1
passed=0
failed=0

# check WHAT OFFENDERS: passes when there are none.
check() {
    if [ -z "$2" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'FAILED %s:\n%s\n' "$1" "$2"
    fi
}

# Shared objects that a program needs, apart from the C library's own.
foreign_objects() {
    ldd "$1" | awk '{ print $1 }' | grep -Ev \
        '^(linux-vdso|libc|libm|libpthread|libc\.musl.*|/.*/ld-.*)\.so[.0-9]*$|^statically'
}

# Global symbols that the API does not have. The name of the symbols' version
# is one too, of type A.
foreign_symbols() {
    nm --without-symbol-versions "$@" |
        awk 'NF == 3 && $2 != "A" { print $3 }' |
        grep -Ev '^(wasm|wasi|wasmtime|foliot)_'
}

if [ -x "$build/foliot" ]; then
    check "the command needs libc only" "$(foreign_objects "$build/foliot")"
    strip -o "$build/foliot.stripped" "$build/foliot"
    size=$(wc -c <"$build/foliot.stripped")
    [ "$size" -le 1500000 ] && size=
    check "the stripped command has at most 1500000 bytes" "$size"
fi
if [ -f "$build/libfoliot.so" ]; then
    check "the library needs libc only" \
        "$(foreign_objects "$build/libfoliot.so")"
    check "the library exports the API only" \
        "$(foreign_symbols -D --defined-only "$build/libfoliot.so")"
fi
# The archive is plain as long as there is no API in it.
if [ -f "$build/foliot.o" ]; then
    check "the archive exports the API only" \
        "$(foreign_symbols -g --defined-only "$build/libfoliot.a")"
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
