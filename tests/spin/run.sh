#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Explores every order of the steps of the models beside this script.
#
#   tests/spin/run.sh [BUILD]
#
# A model passes when spin finds no error in all of its states, and when it
# finds one in each of the broken variants that the model's comment numbers.
set -u
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
build=${1:-$root/build/release}
mkdir -p "$build/spin" && build=$(CDPATH='' cd -- "$build" && pwd) || exit 2
# shellcheck source=tools/need.sh
. "$root/tools/need.sh"

models=$root/tests/spin
passed=0
failed=0

# explore MODEL OPTIONS...: what the explorer prints.
explore() {
    work=$build/spin/work
    rm -rf "$work"
    mkdir -p "$work" && cd "$work" || return 1
    model=$models/$1.pml
    shift
    # spin writes its explorer, pan.c, where it runs
    spin "$@" -a "$model" &&
        "${CC:-cc}" -O1 -w -DSAFETY -DMEMLIM=2000 -o pan pan.c &&
        timeout 300 ./pan -m1000000
}

# check WHAT WANTED MODEL OPTIONS...: is the number of errors as wanted?
check() {
    what=$1
    wanted=$2
    shift 2
    out=$(explore "$@" 2>&1)
    errors=$(echo "$out" | sed -n 's/.*errors: \([0-9]*\).*/\1/p')
    states=$(echo "$out" | sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p')
    # An error ends the search; otherwise it must have been complete.
    whole=true
    if echo "$out" | grep -qiE 'search not completed|depth too small'; then
        whole=false
    fi
    if [ "$errors" != "$wanted" ] || { [ "$wanted" = 0 ] && ! $whole; }; then
        echo "FAIL  $what: ${errors:-no} errors, $wanted wanted"
        echo "$out" | tail -n 20
        failed=$((failed + 1))
    else
        echo "pass  $what: $errors errors in ${states:-?} states"
        passed=$((passed + 1))
    fi
}

if ! (need spin=spin cc=gcc timeout=coreutils); then
    echo "there is no spin: the models are skipped"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi

check "registry, two threads, two rounds" 0 registry -DUSERS=2 -DROUNDS=2
check "registry, three threads" 0 registry -DUSERS=3 -DROUNDS=1
for n in 1 2 3 4; do
    check "registry, broken variant $n" 1 registry -DBROKEN="$n"
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
