#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Every function that configures an engine has a row in docs/c-api.md that says
# what it means here, and every row is of a function that there is.
#
#     tests/api/config.sh BUILD
set -eu
LC_ALL=C
export LC_ALL
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
build=$(CDPATH='' cd -- "$1" && pwd)
page=$root/docs/c-api.md

# The names in the first column of the table, a line each; `*` is any text.
# shellcheck disable=SC2016 # the quotes of the page
names() {
    awk -F'|' '
        /^## / { on = $0 == "## What configuration means here" }
        on && /^\| `/ { print $2 }' "$page" |
        grep -o '`[^`]*`' | tr -d '`' | sed 's/(.*//'
}

grep -E '^(wasm|wasmtime|foliot)_(config|pooling_allocation)_' \
    "$build/generated/exports.names" |
    awk -v rows="$(names | tr '\n' ' ')" '
    function pattern(name) {
        gsub(/\*/, "[a-z0-9_]*", name)
        return "^((wasmtime|wasm|foliot)_(pooling_allocation_)?config_)?" \
            name "$"
    }
    BEGIN { len = split(rows, row, " ") }
    {
        functions++
        has_row = 0
        for (i = 1; i <= len; i++)
            if ($0 ~ pattern(row[i])) has_row = used[i] = 1
        if (has_row) next
        print $0 " has no row in docs/c-api.md"
        missing++
    }
    END {
        for (i = 1; i <= len; i++)
            if (!used[i]) {
                print row[i] " in docs/c-api.md is no function"
                missing++
            }
        print functions " functions that configure, " missing + 0 " wrong"
        exit missing > 0
    }'
