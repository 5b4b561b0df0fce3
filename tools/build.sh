#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Configures and builds a preset, quietly unless something is wrong.
#
#   tools/build.sh [PRESET [FOLDER [CMAKE-ARGUMENTS...]]] [-- TARGETS...]
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/tools/need.sh"

need cmake=cmake ninja=ninja-build "${CC:-gcc}=gcc" objcopy=binutils \
    /usr/include/stdlib.h=libc6-dev

preset=release
[ $# -eq 0 ] || [ "$1" = -- ] || { preset=$1 && shift; }
folder=$preset
[ $# -eq 0 ] || [ "$1" = -- ] || { folder=$1 && shift; }
options=
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    options="$options $1"
    shift
done
[ $# -eq 0 ] || shift

# gcc is the compiler unless CC says otherwise; the first choice stays.
CC=${CC:-gcc}
export CC
cd "$root"
mkdir -p build
log=build/$folder.log
# shellcheck disable=SC2086 # options without spaces
if ! cmake --preset "$preset" -B "build/$folder" $options >"$log" 2>&1 ||
    ! cmake --build "build/$folder" ${1:+--target "$@"} >>"$log" 2>&1; then
    cat "$log" >&2
    echo "the build in build/$folder failed" >&2
    exit 1
fi
