#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Were the specification's tests run in every mode that docs/testing.md says?
#
#     tests/spec/modes.sh quick | test | extended
#
# The table there is what is wanted; run.sh writes down what ran and passed since
# `./x test` began. So a mode that somebody drops from a script is missed here,
# and one that nobody wrote down is told.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
if [ "$("$root/tools/spec-suite.sh")" = none ]; then
    echo '0 passed, 0 failed, 1 skipped'
    exit 0
fi
record=$root/build/logs/spec-modes
touch "$record"
# `test` begins with all of `quick`.
awk -F'|' -v command="$1" '
    function trim(s) {
        gsub(/^[ `]+|[ `]+$/, "", s)
        return s
    }
    FILENAME ~ /spec-modes$/ {
        ran[trim($0)] = 1
        next
    }
    NF == 6 && trim($2) ~ /^(quick|test|extended)$/ {
        mode = trim(trim($3) " " trim($4))
        known[mode] = 1
        if (trim($2) != command && (command != "test" || trim($2) != "quick"))
            next
        if (mode in ran) {
            passed++
        } else {
            print "the suite did not pass as: " mode
            failed++
        }
    }
    END {
        for (mode in ran)
            if (!(mode in known)) {
                print "docs/testing.md does not name: " mode
                failed++
            }
        print passed + 0 " passed, " failed + 0 " failed"
        exit !passed || failed
    }' "$record" "$root/docs/testing.md"
