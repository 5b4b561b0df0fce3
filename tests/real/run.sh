#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# Real programs, built here by real toolchains, run natively and under Foliot:
# same standard output, same exit code, same files left behind.
#
#     tests/real/run.sh [BUILD_DIR]
#
# BUILD_DIR has the command (build/release when left out). The variable FOLIOT
# names another command line instead, up to its options, for instance
# FOLIOT="build/debug/foliot run -C compiler=interp".
set -eu
cd "$(dirname "$0")/../.."

FOLIOT=${FOLIOT:-${1:-build/release}/foliot run}
REAL=${REAL:-$PWD/build/real}
export REAL
mkdir -p "$REAL"
# shellcheck source=tests/real/lib.sh
. "$PWD/tests/real/lib.sh"

passed=0
failed=0
skipped=0

pass() {
    echo "pass  $1"
    passed=$((passed + 1))
}

fail() {
    echo "FAIL  $1: $2"
    failed=$((failed + 1))
}

# build NAME SCRIPT [ARGS]: makes a program; false when it is not there.
build() {
    log=$REAL/$1.log
    program=$1
    script=$2
    shift 2
    code=0
    "tests/real/$script" "$@" >"$log" 2>&1 || code=$?
    if [ "$code" -eq "$REAL_SKIP" ]; then
        echo "skip  $program: $(tail -n 1 "$log")"
        skipped=$((skipped + 1))
        return 1
    elif [ "$code" -ne 0 ]; then
        tail -n 20 "$log" >&2
        fail "$program" "cannot be built, see $log"
        return 1
    fi
}

# Each program starts with a directory for each side and no other settings.
begin() {
    work=$REAL/work/$1
    rm -rf "$work"
    mkdir -p "$work/native" "$work/guest"
    input=/dev/null # a file; @DIR@ in it is replaced as in arguments
    folder=         # where the native program runs; the guest sees it as "."
    codes=same      # or `failing`: both must fail, how is up to the platform
}

# Prints its argument with @DIR@ as that side knows it.
for_side() {
    if [ "$1" = native ]; then place=$work/native; else place=/data; fi
    printf '%s\n' "$2" | sed "s,@DIR@,$place,g"
}

# side native|guest COMMAND ARGS...: one run; leaves the exit code in `code`.
side() {
    which=$1
    shift
    for argument; do
        shift
        set -- "$@" "$(for_side "$which" "$argument")"
    done
    sed "s,@DIR@,$(for_side "$which" @DIR@),g" "$input" >"$work/$which.in"
    code=0
    (cd "${folder:-$PWD}" && timeout 600 "$@" <"$work/$which.in" \
        >"$work/$which.out" 2>"$work/$which.err") || code=$?
}

codes_agree() {
    if [ "$codes" = same ]; then
        [ "$1" -eq "$2" ]
    else
        # 124 is what `timeout` says: a hang is no way to fail.
        [ "$1" -ne 0 ] && [ "$2" -ne 0 ] && [ "$2" -ne 124 ]
    fi
}

# check NAME NATIVE WASM ARGS...: runs both sides and compares.
check() {
    case_name=$1
    native=$2
    wasm=$3
    shift 3
    GREETING='héllo wörld' SQLITE_TMPDIR=$work/native \
        side native "$REAL/$native" "$@"
    native_code=$code
    guest_run "$wasm" "$@"
    if ! cmp -s "$work/native.out" "$work/guest.out"; then
        diff "$work/native.out" "$work/guest.out" | head -n 10 >&2 || true
        tail -n 5 "$work/guest.err" >&2
        fail "$case_name" "the output differs"
    elif ! codes_agree "$native_code" "$code"; then
        tail -n 5 "$work/guest.err" >&2
        fail "$case_name" "exit code $code, natively $native_code"
    elif ! diff -r "$work/native" "$work/guest" >&2; then
        fail "$case_name" "the files left behind differ"
    else
        pass "$case_name"
    fi
}

guest_run() {
    module=$REAL/$1
    shift
    set -- "$module" "$@"
    [ -z "$folder" ] || set -- --dir "$folder::." "$@"
    # shellcheck disable=SC2086 # a command with options
    side guest $engine --dir "$work/guest::/data" \
        --env 'GREETING=héllo wörld' --env SQLITE_TMPDIR=/data "$@"
}

# The command may be named relative to here, and programs run elsewhere.
case ${FOLIOT%% *} in
/*) engine=$FOLIOT ;;
*/*) engine=$PWD/$FOLIOT ;;
*) engine=$FOLIOT ;;
esac
command -v "${engine%% *}" >/dev/null || die "no command ${engine%% *}"

real_hello() {
    build hello hello/build.sh || return 0
    begin hello
    check 'hello' hello hello.wasm @DIR@ to be or not to be
    check 'hello usage' hello hello.wasm
    check 'hello failure' hello hello.wasm @DIR@/none word
}

real_sqlite() {
    build sqlite sqlite/build.sh || return 0
    for locking in unix-dotfile unix-none; do
        begin "sqlite-$locking"
        for script in script reopen errors; do
            input=tests/real/sqlite/$script.sql
            check "sqlite $locking $script" sqlite sqlite.wasm \
                -batch -vfs "$locking" @DIR@/main.db
        done
    done
}

# real_lua KIND SCRIPT...
real_lua() {
    kind=$1
    shift
    build "lua-$kind" lua/build.sh "$kind" || return 0
    begin "lua-$kind"
    input=$REAL/work/lua-input
    printf '12 0x1F rest\nline\n\na longer line, without an end' >"$input"
    folder=$PWD/tests/real/lua
    for script; do
        check "lua-$kind $script" lua "lua-$kind.wasm" "$script.lua" @DIR@ \
            two 'three and four'
    done
}

# real_program NAME: those two that take the same arguments.
real_program() {
    build "$1" "$1/build.sh" || return 0
    begin "$1"
    input=$PWD/tests/real/input.txt
    check "$1" "$1-program" "$1.wasm" @DIR@ one 'two words' '' 'ünï'
    begin "$1"
    check "$1 exit code" "$1-program" "$1.wasm" @DIR@ exit 99
    codes=failing
    check "$1 panic" "$1-program" "$1.wasm" @DIR@ panic
}

scripts="language numbers strings tables files"
real_hello
real_sqlite
# shellcheck disable=SC2086 # a list of names
real_lua plain $scripts
# shellcheck disable=SC2086
real_lua sjlj $scripts errors coroutines
real_program go
real_program rust

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
