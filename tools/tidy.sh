#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The rules that a program can check. Each rule prints the places that break it.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root" || exit 1

passed=0
failed=0

# rule WHAT COMMAND...: passes when the command prints nothing.
rule() {
    what=$1
    shift
    found=$("$@" 2>&1)
    if [ -z "$found" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '%s:\n%s\n\n' "$what" "$found"
    fi
}

sources=$(find src include examples tests tools -name '*.[ch]' 2>/dev/null | sort)
tables=$(find src -name '*.def' | sort)
scripts=$(find x .ci tools tests bench -type f 2>/dev/null | while read -r f; do
    case $f in
    *.sh) echo "$f" ;;
    *.*/*.*) ;;
    *) head -n 1 "$f" | grep -q '^#!/bin/sh' && echo "$f" ;;
    esac
done | sort -u)
others=$(find cmake CMakeLists.txt tools tests bench -name '*.cmake' -o \
    -name CMakeLists.txt -o -name '*.awk' -o -name '*.py' 2>/dev/null | sort)

layers() {
    # shellcheck disable=SC2046
    awk -f tools/layers.awk src/LAYERS $(find src -name '*.[ch]')
}

# `#if` belongs to the host's folder and the two doors to the compiler. Tables
# may give a group row its default, and stress and assert switches go anywhere.
conditionals() {
    # shellcheck disable=SC2086
    grep -nE '^[[:space:]]*#[[:space:]]*(if|ifdef|ifndef|elif)' $sources $tables |
        grep -vE '^(include/|src/os/|src/base/defs\.h|src/interp/dispatch\.h)' |
        grep -vE '^[^:]*\.def:[0-9]*:#ifndef [A-Z]' |
        grep -vE '(FOLIOT_STRESS|NDEBUG)'
}

# word PATTERN ALLOWED: lines of src/ with it in code, outside the allowed files.
word() {
    # shellcheck disable=SC2086
    grep -nE "$1" $sources | grep -v '_test\.c:' | grep -E '^src/' |
        grep -vE ":[0-9]+:[[:space:]]*//" | grep -vE "^($2):"
}

marks() {
    # shellcheck disable=SC2086
    grep -nwE 'TODO|FIXME|XXX|HACK' $sources $tables $scripts $others |
        grep -v '^tools/tidy.sh:'
}

licence() {
    for file in $sources $tables $scripts $others; do
        head -n 2 "$file" | grep -q \
            'SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception$' ||
            echo "$file: no SPDX line"
    done
}

long_functions() {
    # shellcheck disable=SC2086
    awk -f tools/functions.awk $sources |
        awk '$1 > 100 && !$4 { print $2 ": " $3 " has " $1 " lines" }'
}

long_files() {
    for file in $sources; do
        [ "$(wc -l <"$file")" -le 1500 ] ||
            head -n 20 "$file" | grep -q '^// LONG:' ||
            echo "$file: has $(wc -l <"$file") lines"
    done
}

architecture() {
    for folder in src/*/ include/ cmake/ tools/ tests/ docs/; do
        grep -q "\`$folder\`" ARCHITECTURE.md || echo "$folder is not named"
    done
}

# err.def names every error once. `used` looks for its id in the sources,
# `tested` for its id or the fixed start of its text in tests.
error_rows() {
    sed -nE 's/^ERR\(([a-z0-9_]+), *[a-z]+, *"(.*)"\).*/\1 \2/p' src/base/err.def
}

unused_errors() {
    [ -f src/base/err.def ] || return
    # shellcheck disable=SC2046,SC2086
    cat $(find src tools -name '*.[ch]' ! -name '*_test.c') $tables |
        grep -owE '(E|ERR)_[a-z0-9_]+' | sort -u >build/errors.used
    error_rows | while read -r name text; do
        grep -qE "^(E|ERR)_$name\$" build/errors.used ||
            echo "E_$name is never reported: $text"
    done
}

untested_errors() {
    [ -f src/base/err.def ] || return
    # shellcheck disable=SC2046
    cat $(find src -name '*_test.c') $(find tests -type f) >build/errors.tests
    error_rows | while read -r name text; do
        start=${text%%%*}
        start=${start%%:*}
        grep -qw "E_$name" build/errors.tests && continue
        if [ ${#start} -ge 6 ]; then
            grep -qF -- "${start% }" build/errors.tests && continue
        fi
        echo "E_$name has no test: $text"
    done
}

# Versions of clang-format differ in details: 19 is the one that counts.
formatting() {
    for tool in clang-format-19 clang-format; do
        $tool --version 2>/dev/null | grep -q 'version 19\.' || continue
        # shellcheck disable=SC2086
        $tool --dry-run -Werror $sources 2>&1 | grep -E '(error|warning):' |
            cut -d: -f1 | sort | uniq -c |
            awk '{ print $2 ": " $1 " places differ" }'
        return
    done
}

shell() {
    for file in $scripts; do
        sh -n "$file"
        if command -v shellcheck >/dev/null; then
            shellcheck -x -e SC1091 "$file"
        fi
    done
}

# Paths of somebody's machine, and addresses other than the standards'.
private() {
    command -v git >/dev/null || return 0 # an archive, or a bare machine
    git grep -nE '(^|[^a-zA-Z0-9._*/"-])/(home|root|work|Users)/' -- \
        ':!tools/tidy.sh' ':!.ci'
    git grep -nE 'https?://' -- ':!LICENSE' ':!tools/tidy.sh' | grep -vE \
        '//(webassembly\.github\.io|github\.com/WebAssembly|wasi\.dev|spdx\.org)'
}

spaces() {
    # shellcheck disable=SC2086
    grep -nE '[[:space:]]+$' $sources $tables $scripts $others
    # shellcheck disable=SC2086
    grep -n "$(printf '\t')" $sources $tables
}

mkdir -p build
rule "includes go down (src/LAYERS)" layers
rule "#if is not allowed here" conditionals
rule "allocation goes through base/alloc.h" \
    word '(^|[^.>_a-zA-Z0-9])(malloc|calloc|realloc|free|strdup|strndup|aligned_alloc) ?\(' \
    'src/base/alloc\.c|src/os/[^:]*'
rule "setjmp is for the arena's guard" \
    word '\<(setjmp|longjmp|alloca) ?\(' 'src/base/arena\.[ch]'
rule "errno and feature macros stay in os/" \
    word '\<errno\>|_GNU_SOURCE|_POSIX_C_SOURCE' 'src/os/[^:]*'
rule "no marks of unfinished work" marks
rule "the first line says the licence" licence
rule "a function of more than 100 lines says why (LONG:)" long_functions
rule "a file of more than 1500 lines says why (LONG:)" long_files
rule "ARCHITECTURE.md names every folder" architecture
rule "every error is reported by something" unused_errors
rule "every error has a test" untested_errors
rule "clang-format agrees" formatting
rule "shell scripts are clean" shell
rule "nothing private" private
rule "no tabs, no trailing spaces" spaces
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
