#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Memories and tables of 64 bits, by scripts of our own: the packaged suite of
# the specification has none for them.
#
#     tests/spec64/run.sh BUILD [-W option ...]
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
build=$(CDPATH='' cd -- "$1" && pwd)
shift
exec "$build/foliot" wast -C compiler=interp "$@" "$here"/*.wast
