#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Compiling and proving functions of unusual shape in three sizes takes
# instructions in proportion: tests/verify/extended.sh BUILD
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
. "$root/tools/need.sh"
if ! (need valgrind=valgrind python3=python3); then
    echo "valgrind is not to be had here: NOTHING WAS COUNTED"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
exec timeout 600 python3 "$here/linear.py" "$1"
