#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Lua from the distribution's source package, twice: `plain` ends the program
# where an error is raised, `sjlj` has setjmp lowered to exceptions.
#
#     build.sh plain | sjlj
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/real/lib.sh
. "$here/../lib.sh"

kind=$1
made=$REAL/lua-$kind.wasm
up_to_date "$made" "$here/wasi" "$here/build.sh" && exit 0

need_c_for_wasi
if [ "$kind" = sjlj ]; then
    # The final form of the exception instructions needs clang 20 or later.
    package_known clang-22 || skip "lua-sjlj: no clang-22 on this distribution"
    need_packages clang-22 lld-22 libclang-rt-22-dev-wasm32
fi

tree=$REAL/src/lua
source_package lua5.4 "$tree"
cd "$tree/src"
echo '#define DEB_HOST_MULTIARCH "none"' >lua5.4-deb-multiarch.h
set --
for file in *.c; do
    [ "$file" = luac.c ] || set -- "$@" "$file"
done

emulated="-D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_PROCESS_CLOCKS"
libraries="-lwasi-emulated-signal -lwasi-emulated-process-clocks"

# shellcheck disable=SC2086 # lists of options
build_plain() {
    clang-19 --target=wasm32-wasi -O2 -I "$here/wasi" -include host.h \
        $emulated -D'LUAI_THROW(L,c)=abort()' -D'LUAI_TRY(L,c,a)={a}' \
        -Dluai_jmpbuf=int -o "$made.part" "$@" $libraries
}

# shellcheck disable=SC2086
build_sjlj() {
    clang-22 --target=wasm32-wasi -Wno-deprecated -O2 -I "$here/wasi" \
        -include host.h $emulated -mllvm -wasm-enable-sjlj \
        -mllvm -wasm-use-legacy-eh=false -o "$made.part" "$@" \
        "$here/wasi/sjlj.c" $libraries
}

gcc -O2 -o "$REAL/lua" "$@" -lm
"build_$kind" "$@"
mv "$made.part" "$made"
