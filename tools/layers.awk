# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# awk -f tools/layers.awk src/LAYERS FILES...
# Prints the includes that src/LAYERS does not allow. `wasm/op_hash.inc` and
# other generated files belong to the folder of their name.
/^#/ && FNR == NR { next }
FNR == NR {
    known[$1] = 1
    if ($2 == ":") for (i = 3; i <= NF; i++) may[$1, $i] = 1
    next
}
/^ *# *include "[^"]*\// {
    split(FILENAME, dir, "/"); from = dir[2]
    split($0, quoted, "\""); split(quoted[2], to, "/")
    if (to[1] == "unit" && FILENAME ~ /_test\.[ch]$/) next
    if (!(from in known)) report(from " is not in src/LAYERS")
    else if (from != to[1] && !((from, to[1]) in may))
        report(from " may not include " quoted[2])
}
function report(what) { printf "%s:%d: %s\n", FILENAME, FNR, what }
