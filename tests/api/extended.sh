#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Our headers and library beside those of the release that they follow, which
# are fetched from the package registries.
#
#     tests/api/extended.sh BUILD
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
exec python3 "$here/compare.py" "$1"
