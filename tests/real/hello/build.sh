#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# A word counter with arguments, files and an exit code.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/real/lib.sh
. "$here/../lib.sh"

source=$here/hello.c
up_to_date "$REAL/hello.wasm" "$source" "$here" && exit 0

need_c_for_wasi
gcc -std=c17 -O2 -o "$REAL/hello" "$source"
clang-19 --target=wasm32-wasi -std=c17 -O2 -o "$REAL/hello.part" "$source"
mv "$REAL/hello.part" "$REAL/hello.wasm"
