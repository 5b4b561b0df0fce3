# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# awk -f tools/functions.awk FILES...
# Prints `lines file:line name reason` for each function of formatted C, where
# reason is 1 if the comment directly above says `LONG:` and why.
FNR == 1 { inside = 0; first = 0; reason = 0; above = "" }
inside {
    if (/^}/) {
        printf "%d %s:%d %s %d\n", FNR - first + 1, FILENAME, first, name, reason
        inside = 0; first = 0; reason = 0
    }
    next
}
# A comment at the left margin belongs to what follows it.
/^\/\// { if (/LONG:/) reason = 1; next }
/^[ \t]*$/ { first = 0; reason = 0; next }
/^[#}]/ { first = 0; next }
/^[A-Za-z_]/ { first = FNR; head = $0 }
/\) *[{]$/ && first {
    split(head, words, "("); count = split(words[1], parts, /[ *]/)
    name = parts[count]; inside = 1
    next
}
/[;}]$/ { first = 0; reason = 0 }
