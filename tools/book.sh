#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The pages of docs/book quote sources, and this keeps the quotes true.
#
#   tools/book.sh check | write
#
# A quote is a line `<!-- quote FILE [PART] -->` followed by a fenced block. A
# part of a file is what stands between `// [PART]` and `// [/PART]`, less its
# indentation; without PART it is the whole file.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
mode=${1:-check}
work=build/book
mkdir -p "$work"

# page FILE: the page with its quotes made anew.
page() {
    awk '
    # Prints a file, or what its marks enclose; other marks are left out.
    function quote(file, part,    line, on, found, indent) {
        on = part == ""
        found = on
        indent = -1
        while ((getline line <file) > 0) {
            if (line ~ /^ *\/\/ \[\/?[a-z0-9]+\]$/) {
                sub(/^ *\/\/ /, "", line)
                if (line == "[" part "]") { on = 1; found = 1 }
                if (line == "[/" part "]") on = 0
                continue
            }
            if (!on) continue
            if (part != "" && indent < 0) {
                match(line, /^ */)
                indent = RLENGTH
            }
            print part == "" ? line : substr(line, indent + 1)
        }
        close(file)
        if (!found) {
            print FILENAME ": " file " has no " part >"/dev/stderr"
            bad = 1
        }
    }
    /^<!-- quote / { file = $3; part = $4 == "-->" ? "" : $4 }
    skip && /^```$/ { skip = 0 }
    !skip { print }
    /^```./ && file != "" { quote(file, part); file = ""; skip = 1 }
    END { exit bad }' "$1"
}

status=0
for file in docs/book/*.md; do
    new=$work/$(basename "$file")
    page "$file" >"$new" || status=1
    cmp -s "$file" "$new" && continue
    if [ "$mode" = write ]; then
        cp "$new" "$file"
    else
        diff "$file" "$new" || true
        echo "$file is out of date: tools/book.sh write"
        status=1
    fi
done
exit $status
