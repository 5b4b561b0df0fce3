#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Sizes, lines per folder, and how long functions are: tools/stats.sh BUILD
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
build=$1

if [ -x "$build/foliot" ]; then
    strip -o "$build/foliot.stripped" "$build/foliot"
    printf 'command, stripped: %d bytes (at most 1500000)\n\n' \
        "$(wc -c <"$build/foliot.stripped")"
fi

# lines FIND-ARGUMENTS...: how many lines the files have that find finds.
lines() {
    find "$@" -exec cat {} + | wc -l
}

echo '  lines   tests  folder'
for folder in src/*/; do
    code=$(lines "$folder" -name '*.[chd]*' ! -name '*_test.c')
    tests=$(lines "$folder" -name '*_test.c')
    printf '%7d %7d  %s\n' "$code" "$tests" "$folder"
done
for folder in include tests tools cmake; do
    printf '%7d          %s/\n' "$(lines "$folder" -type f)" "$folder"
done

find src -name '*.[ch]' ! -name '*_test.c' \
    -exec awk -f tools/functions.awk {} + | sort -n >build/functions.txt
awk '
    { length_of[NR] = $1 }
    END {
        if (NR == 0) exit
        printf "\nfunctions: %d, median %d lines, 90%% at most %d, longest %d\n",
            NR, length_of[int((NR + 1) / 2)], length_of[int(NR * 0.9 + 0.5)],
            length_of[NR]
    }' build/functions.txt
echo 'the ten longest:'
tail -n 10 build/functions.txt | sort -rn |
    awk '{ printf "%7d  %s %s\n", $1, $2, $3 }'
