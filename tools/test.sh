#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Runs test steps and adds up what they say.
#
#   tools/test.sh quick | test | extended | real
#
# A step is a command whose last line is `N passed, N failed[, N skipped]`. One
# that ends in another way has failed once more. docs/testing.md has the rest.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root" || exit 1

passed=0
failed=0
skipped=0

# Whoever stops this script stops the running step with it.
child=
trap '[ -z "$child" ] || kill "$child"; exit 1' INT TERM

# step NAME SECONDS COMMAND...
step() {
    name=$1
    limit=$2
    shift 2
    log=build/logs/$(echo "$name" | tr -c 'a-z0-9\n' '-').log
    begin=$(date +%s)
    timeout -k 10 "$limit" "$@" >"$log" 2>&1 </dev/null &
    child=$!
    wait $child
    status=$?
    counts=$(tail -n 1 "$log" | awk '
        !/^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/ { exit }
        { print $1, $3, $5 + 0 }')
    [ -n "$counts" ] || { counts="0 1 0" && echo "no result" >>"$log"; }
    # shellcheck disable=SC2086 # three numbers
    set -- $counts
    if [ $status -eq 124 ]; then
        echo "stopped after $limit seconds" >>"$log"
    fi
    bad=$2
    # A step that fails without counting a failure has one all the same.
    [ $status -eq 0 ] || [ "$bad" -ne 0 ] || bad=1
    passed=$((passed + $1))
    failed=$((failed + bad))
    skipped=$((skipped + $3))
    word=ok
    [ "$bad" -eq 0 ] || word=FAILED
    printf '%-6s %-28s %6d passed %4d failed %4d skipped %5d s\n' \
        $word "$name" "$1" "$bad" "$3" $(($(date +%s) - begin))
    if [ "$bad" -ne 0 ]; then
        echo "--- the end of $log (status $status):"
        tail -n 100 "$log"
        echo "---"
    fi
}

# A build is no test, but one that fails is a failure.
build() {
    begin=$(date +%s)
    if tools/build.sh "$@" -- all unit_tests; then
        printf '%-6s %-28s %42d s\n' built "${2:-$1}" $(($(date +%s) - begin))
        return 0
    fi
    echo "FAILED build of ${2:-$1}"
    failed=$((failed + 1))
    return 1
}

# areas BUILD: the areas of tests/ with a runner, apart from those that are
# `extended`. The model of spin is the same for every build.
areas() {
    for runner in tests/*/run.sh; do
        area=$(basename "$(dirname "$runner")")
        case $area:$1 in
        '*':* | real:* | fuzz:*) ;;
        spin:release) echo spin ;;
        spin:*) ;;
        *) [ ! -x "$runner" ] || echo "$area" ;;
        esac
    done
}

# Everything that runs against one build.
all_areas() {
    step "unit $1" 600 tools/unit.sh "build/$1"
    for area in $(areas "$1"); do
        step "$area $1" 900 "tests/$area/run.sh" "build/$1"
    done
}

quick() {
    build release || return
    all_areas release
    step "link release" 60 tools/link-test.sh build/release
    step tidy 120 tools/tidy.sh
    step "spec modes of quick" 60 tests/spec/modes.sh quick
}

main() {
    quick
    if build sanitize; then
        all_areas sanitize
        step "spec collect-always" 900 \
            tests/spec/run.sh build/sanitize -D gc-collect-always
    fi
    if build switch && [ -x tests/spec/run.sh ]; then
        step "spec switch" 600 tests/spec/run.sh build/switch
    fi
    step "spec modes" 60 tests/spec/modes.sh test
}

# The second compiler: a clang that is there, else the distribution's.
second_compiler() {
    for clang in clang-19 clang clang-20 clang-21 clang-22 clang-18 clang-14; do
        command -v $clang && return
    done
    (. "$root/tools/need.sh" && need clang=clang) && echo clang
}

extended() {
    build release || return
    if clang=$(second_compiler); then
        CC=$clang build release clang && all_areas clang
    else
        echo "FAILED there is no second compiler"
        failed=$((failed + 1))
    fi
    build tsan && step "unit tsan" 600 tools/unit.sh build/tsan
    for script in tests/*/extended.sh; do
        [ -x "$script" ] || continue
        area=$(basename "$(dirname "$script")")
        step "$area extended" 900 "$script" build/release
    done
    step "spec modes of extended" 60 tests/spec/modes.sh extended
    [ ! -x tests/fuzz/run.sh ] || step fuzz 900 tests/fuzz/run.sh
    real
}

real() {
    build release || return
    [ ! -x tests/real/run.sh ] ||
        step real 1800 tests/real/run.sh build/release
}

mkdir -p build/logs
rm -f build/logs/spec-modes
case ${1:-test} in
test) main ;;
quick | extended | real) "$1" ;;
*)
    echo "./x test: unknown '$1', see ./x help" >&2
    exit 2
    ;;
esac
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
