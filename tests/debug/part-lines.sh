# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# shellcheck disable=SC2154,SC2034 # run.sh sets and reads them
# Backtraces with lines: what LLVM says of the same addresses, in programs that
# clang made, of both versions of DWARF, plain and optimized.

clang=$(first clang-19 clang-20 clang-18 clang-17 clang-16 clang)
symbolizer=$(first llvm-symbolizer-19 llvm-symbolizer-20 llvm-symbolizer)

# Places of a backtrace as BASENAME:LINE, a line each; "#" begins a frame.
places() {
    sed -n -e 's/^ *[0-9]*: 0x\([0-9a-f]*\) - .*/# \1/p' \
        -e 's/^ *at \(.*\)$/\1/p' "$1" | sed -e 's/ (inlined.*//' \
        -e 's|^.*/||' -e 's/^\([^:#]*:[0-9]*\):[0-9]*$/\1/'
}

# The same of LLVM, for the frames of our backtrace.
places_of_llvm() {
    code=$("$foliot" objdump "$2" | awk '$2 == "code" { print $3; exit }')
    places "$1" | sed -n 's/^# //p' | while read -r at; do
        echo "# $at"
        "$symbolizer" --obj="$2" --inlines --functions=none \
            --output-style=GNU "$(printf '0x%x' $((0x$at - code)))" |
            sed -e 's/ (discriminator.*//' -e 's|^.*/||' -e '/^?*:/d' -e '/^$/d'
    done
}

# The names of the functions that a frame has inlined, from the innermost on: all
# that LLVM names for it but the last, which is the frame's own. Optimized
# programs have some.
inlined_agree() {
    sed -n 's/^ *at .* (inlined \(.*\))$/\1/p' err >ours
    code=$("$foliot" objdump "$1" | awk '$2 == "code" { print $3; exit }')
    places err | sed -n 's/^# //p' | while read -r at; do
        "$symbolizer" --obj="$1" --inlines --functions=short \
            --output-style=LLVM "$(printf '0x%x' $((0x$at - code)))" |
            grep -v -e '^$' -e ':[0-9]*:[0-9]*$' | sed '$d'
    done >theirs
    diff ours theirs && { [ "$level" -eq 0 ] || [ -s ours ]; }
}

# lines_agree PROGRAM EXPORT: LLVM's and ours, and those of both tiers.
lines_agree() {
    program=$1
    export=$2
    "$foliot" run -C compiler=interp --invoke "$export" "$program" >out 2>err </dev/null
    "$foliot" run -C compiler=baseline --invoke "$export" "$program" \
        >out 2>err.baseline </dev/null
    diff err err.baseline || return 1
    places err >ours
    places_of_llvm err "$program" >theirs
    grep -q 'lines.c:' ours && diff ours theirs
}

# A column that is not known is not printed.
no_columns() {
    lines_agree "$1" "$2" && grep -q 'lines.c:[0-9]*$' err &&
        ! grep 'lines.c:[0-9]*:' err
}

if [ -n "$clang" ] && [ -n "$symbolizer" ] &&
    "$clang" --target=wasm32 -nostdlib -Wl,--no-entry "$here/lines.c" \
        -o probe.wasm 2>probe.err; then
    program=lines-columns.wasm
    "$clang" --target=wasm32 -nostdlib -Wl,--no-entry -g -O0 \
        -gno-column-info "$here/lines.c" -o "$program"
    verdict "without columns" no_columns "$program" plain
    for version in 4 5; do
        for level in 0 2; do
            program=lines-$version-$level.wasm
            "$clang" --target=wasm32 -nostdlib -Wl,--no-entry \
                "-gdwarf-$version" "-O$level" "$here/lines.c" -o "$program"
            lines_agree "$program" inlined && inlined_agree "$program"
            verdict "inlined functions in $program" test $? -eq 0
            for export in inlined plain deep indirect; do
                verdict "$export in $program" lines_agree "$program" $export
            done
        done
    done
else
    skipped=$((skipped + 1))
fi
