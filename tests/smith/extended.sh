#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Generated modules whose allocations fail: tests/smith/extended.sh BUILD
set -eu
exec timeout 300 "$1/tests/smith/smith_starve" --count 400 --tries 15
