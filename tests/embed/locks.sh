#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Every file that declares a lock is in the table that says why forks are safe.
#
#     tests/embed/locks.sh
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
table=docs/decisions/0047-forks-and-locks.md
cd "$root"
files=$(grep -rlE '^( *|static )(Mutex|pthread_mutex_t) [a-z_]+;' \
    --include='*.[ch]' src | grep -v '_test\.c$' | sed 's|^src/||' | sort)
# The first column: names of files between words and marks.
named=$(sed -n 's/^| \([^|]*\) |.*/\1/p' "$table" | tr -c 'a-z_./' '\n' |
    grep '/.*\.[ch]$' | sort)
if [ -z "$files" ] || [ "$files" != "$named" ]; then
    echo "files that declare a lock:" "$files"
    echo "files in $table:" "$named"
    exit 1
fi
