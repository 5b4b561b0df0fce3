#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Compiles C to WebAssembly with the distribution's compiler and C library.
#
#   tools/wasi-cc.sh FILE.c OUT.wasm [COMPILER-ARGUMENTS...]
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/tools/need.sh"

# The version whose run-time library is there, else one that can be installed.
# 19 comes first because Debian 12 and 13 both have it whole.
find_version() {
    for version in 19 20 21 22 18 17 16; do
        command -v clang-$version >/dev/null || continue
        command -v wasm-ld-$version >/dev/null || continue
        [ -n "$(runtime $version)" ] || continue
        return 0
    done
    for version in 19 20 21 22 18 17 16; do
        has_package clang-$version || continue
        has_package libclang-rt-$version-dev-wasm32 || continue
        return 0
    done
    echo "no clang with a run-time library for WebAssembly was found;" \
        "Debian's packages: clang-19 lld-19 wasi-libc" \
        "libclang-rt-19-dev-wasm32" >&2
    exit 1
}

runtime() {
    find "/usr/lib/llvm-$1/lib/clang" -name 'libclang_rt.builtins*wasm32*' \
        2>/dev/null | head -n 1
    find "/usr/lib/llvm-$1/lib/clang" -path '*wasm32*' \
        -name 'libclang_rt.builtins.a' 2>/dev/null | head -n 1
}

source=$1
program=$2
shift 2
find_version
need "clang-$version=clang-$version" "wasm-ld-$version=lld-$version" \
    /usr/include/wasm32-wasi/stdio.h=wasi-libc
[ -n "$(runtime "$version")" ] ||
    need_packages "libclang-rt-$version-dev-wasm32"
exec "clang-$version" --target=wasm32-wasi -O2 -o "$program" "$source" "$@"
