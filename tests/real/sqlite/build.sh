#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# SQLite's shell from the distribution's source package.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/real/lib.sh
. "$here/../lib.sh"

up_to_date "$REAL/sqlite.wasm" "$here/wasi" "$here/build.sh" && exit 0

need_c_for_wasi
need_packages tcl
tree=$REAL/src/sqlite
source_package sqlite3 "$tree"
cd "$tree"
if ! [ -f sqlite3.c ] || ! [ -f shell.c ]; then
    ./configure --disable-tcl >configure.log 2>&1
    make -s sqlite3.c shell.c
fi

# The same features on both sides: one thread, no shared memory.
features="-DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION \
    -DSQLITE_OMIT_WAL -DSQLITE_MAX_MMAP_SIZE=0 -DSQLITE_NOHAVE_SYSTEM \
    -DSQLITE_ENABLE_MATH_FUNCTIONS -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE"
emulated="-D_WASI_EMULATED_MMAN -D_WASI_EMULATED_SIGNAL \
    -D_WASI_EMULATED_PROCESS_CLOCKS -D_WASI_EMULATED_GETPID"
libraries="-lwasi-emulated-mman -lwasi-emulated-signal \
    -lwasi-emulated-process-clocks -lwasi-emulated-getpid"

# shellcheck disable=SC2086 # lists of options
build_native() {
    gcc -O2 $features -o "$REAL/sqlite" shell.c sqlite3.c -lm
}

# shellcheck disable=SC2086
build_wasm() {
    clang-19 --target=wasm32-wasi -O2 $features $emulated -I "$here/wasi" \
        -include host.h -o "$REAL/sqlite.part" shell.c sqlite3.c $libraries
}

both build_native build_wasm
mv "$REAL/sqlite.part" "$REAL/sqlite.wasm"
