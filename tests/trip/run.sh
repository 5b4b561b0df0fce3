#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Every valid module of the specification's test suite and of our own tests, to
# text and back, byte for byte.
#
#     tests/trip/run.sh BUILD
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
build=$(CDPATH='' cd -- "$1" && pwd)
suite=$("$root/tools/spec-suite.sh")
set -- "$root"/tests/spec64/*.wast "$root"/tests/file/print/*.wat \
    "$root"/tests/file/text/*.wat
if [ "$suite" != none ]; then
    set -- "$@" "$suite"/*.wast
    for dir in "$suite/custom" "$suite"/proposals/*; do
        [ ! -d "$dir" ] || set -- "$@" "$dir"/*.wast
    done
fi
exec "$build/tests/trip/trip" "$@"
