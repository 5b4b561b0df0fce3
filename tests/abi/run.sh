#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Compares what linked programs rely on with what was agreed on, golden.txt.
#
#     tests/abi/run.sh BUILD [--bless]
#
# A line that goes or changes breaks programs, see docs/decisions/0008.
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
build=$(CDPATH='' cd -- "$1" && pwd) || exit 2
# shellcheck source=tools/need.sh
. "$root/tools/need.sh"
need cc=gcc readelf=binutils python3=python3
golden=$here/golden.txt
new=$build/abi.txt

if ! python3 "$here/dump.py" "$build" >"$new"; then
    echo "0 passed, 1 failed"
    exit 1
fi
if [ "${2:-}" = --bless ]; then
    cp "$new" "$golden"
fi
diff "$golden" "$new" >"$new.diff"
bad=$(grep -c '^[<>]' "$new.diff")
if [ "$bad" -ne 0 ]; then
    cat "$new.diff"
    echo "if that is meant: tests/abi/run.sh BUILD --bless"
fi
# What is declared must be there, whatever was agreed on.
for lack in 'function missing ' ': undeclared$'; do
    if grep -e "$lack" "$new"; then
        bad=$((bad + 1))
    fi
done
echo "$(grep -cxF -f "$golden" "$new") passed, $bad failed"
[ "$bad" -eq 0 ]
