#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# What `cmake --install` leaves is enough for a program of somebody else: found
# by pkg-config and by CMake, shared and static, under our names and under the
# other library's, also after the tree was moved.
#
#     tests/install/run.sh BUILD
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
build=$(CDPATH='' cd -- "$1" && pwd) || exit 2
# shellcheck source=tools/need.sh
. "$root/tools/need.sh"
need cc=gcc cmake=cmake ninja=ninja-build pkg-config=pkgconf nm=binutils
# Programs outside would have to be sanitized, too.
if grep -q '^FOLIOT_SANITIZE:STRING=.' "$build/CMakeCache.txt"; then
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
work=$build/install-test
prefix=$work/moved
passed=0
failed=0

# check WHAT COMMAND...
check() {
    what=$1
    shift
    if "$@" >"$work/log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $what: $*"
        tail -n 20 "$work/log"
    fi
}

install_twice() {
    cmake --install "$build" --prefix "$work/first" &&
        cmake --install "$build" --prefix "$work/first" --component compat &&
        mv "$work/first" "$prefix"
}

# said FILE PROGRAM...: does it print that file?
said() {
    expected=$1
    shift
    "$@" >"$work/out" && diff "$expected" "$work/out"
}

# by_pkg_config PACKAGE FLAGS...: compiles hello.c as an embedder would.
by_pkg_config() {
    package=$1
    shift
    # shellcheck disable=SC2046 # lists of words
    cc -o hello hello.c $(pkg-config --cflags "$package") "$@" \
        $(pkg-config --static --libs "$package")
}

# by_book NAME: what the book tells its readers to do, for one of its programs.
by_book() {
    mkdir -p "book/$1" && cp "$root/examples/example.h" book &&
        cp "$root/examples/$1"/* "book/$1" || return 1
    (
        unset LD_LIBRARY_PATH
        PREFIX=$prefix
        cd "book/$1" || exit
        # shellcheck disable=SC2046 # lists of words
        cc -I.. "$1.c" -o "$1" $(pkg-config --cflags --libs foliot) \
            -Wl,-rpath,"$PREFIX/lib" -pthread &&
            said expected.txt "./$1"
    )
}

by_clash() {
    # shellcheck disable=SC2046 # lists of words
    cc -o clash clash.c -static $(pkg-config --cflags foliot) \
        $(pkg-config --static --libs foliot)
}

installed() {
    for file in bin/foliot include/wasm.h include/wasmtime.h \
        lib/libfoliot.a lib/libfoliot.so share/man/man1/foliot.1 \
        share/bash-completion/completions/foliot \
        share/zsh/site-functions/_foliot \
        share/fish/vendor_completions.d/foliot.fish; do
        [ -s "$prefix/$file" ] || { echo "$file is missing" && return 1; }
    done
    # Neither our own headers nor the place of the build.
    ! find "$prefix/include" -name '*_int.h' | grep . &&
        ! grep -rl "$root" "$prefix/lib/cmake" "$prefix/lib/pkgconfig"
}

# exports NM-ARGUMENTS...: are they what the headers declare, all and only?
exports() {
    nm --without-symbol-versions --defined-only "$@" |
        awk 'NF == 3 && $2 != "A" { print $3 }' | LC_ALL=C sort |
        diff "$build/generated/exports.names" -
}

rm -rf "$work"
mkdir -p "$work"
cd "$work" || exit 2
cp "$root/examples/hello/hello.c" "$root/examples/hello/hello.wat" \
    "$root/examples/hello/expected.txt" "$root/examples/example.h" \
    "$here/clash.c" .
cp "$here/outside.cmake" CMakeLists.txt
echo '(module (func (export "f")))' >f.wat

PKG_CONFIG_PATH=$prefix/lib/pkgconfig
LD_LIBRARY_PATH=$prefix/lib
export PKG_CONFIG_PATH LD_LIBRARY_PATH
check "cmake --install" install_twice
check "what was installed" installed
check "the command" "$prefix/bin/foliot" run --invoke f "$work/f.wat"
check "exports of the shared library" exports -D "$prefix/lib/libfoliot.so"
check "exports of the archive" exports -g "$prefix/lib/libfoliot.a"

for package in foliot wasmtime; do
    check "pkg-config $package" by_pkg_config $package
    check "shared by pkg-config $package" said expected.txt ./hello
    check "pkg-config $package -static" by_pkg_config $package -static
    check "static by pkg-config $package" said expected.txt ./hello
done
for example in "$root"/examples/*/; do
    check "an example as the book says" by_book "$(basename "$example")"
done
check "a program with names of ours" by_clash
check "each calls its own" ./clash
check "CMake" cmake -G Ninja -B cmake -S . -DCMAKE_PREFIX_PATH="$prefix"
check "CMake builds" cmake --build cmake
for program in foliot_foliot foliot_static wasmtime_wasmtime; do
    check "$program by CMake" said expected.txt "cmake/$program"
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
