#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Fuzzes.
#
#     tests/fuzz/run.sh                     every target for about 20 seconds,
#                                           always with the same inputs; then
#                                           what else there is, on those
#     tests/fuzz/run.sh TARGET SECONDS      one, with other inputs each time
#     tests/fuzz/run.sh all SECONDS         all of them, on two cores
#     tests/fuzz/run.sh nightly [SECONDS]   all for an hour, what earlier runs
#                                           found minimized first
#     tests/fuzz/run.sh minimize TARGET     drops inputs that reach nothing new
#     tests/fuzz/run.sh again TARGET FILE   one input, as it was found
#
# A target starts from tests/corpus/ and the modules of the specification's test
# suite; with SECONDS also from what earlier runs found (build/fuzz/found/). An
# input that shows a bug stays as build/fuzz/bugs/TARGET-*, and the output ends
# with it; once the bug is fixed it belongs into tests/corpus/.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$root"
passed=0
failed=0
# What a target reads: modules, text, changes to a file, or choices of a
# generator.
targets="decode:binary text:text valid:binary dwarf:binary shape:binary
    artifact:changes run:choices api:choices"

# A clang that has libFuzzer.
find_clang() {
    echo 'int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void)
        { return 0; }' >build/fuzz-probe.c
    for clang in clang-19 clang clang-20 clang-21 clang-22 clang-18 clang-14; do
        command -v $clang >/dev/null || continue
        if $clang -fsanitize=fuzzer build/fuzz-probe.c -o build/fuzz-probe \
            >/dev/null 2>&1; then
            echo $clang
            return
        fi
    done
}

# Seeds of the suite, once; without the suite there are fewer.
make_seeds() {
    [ ! -d build/fuzz/seeds ] || return 0
    suite=$(tools/spec-suite.sh)
    [ "$suite" != none ] || return 0
    rm -rf build/fuzz/seeds.new
    mkdir -p build/fuzz/seeds.new/text build/fuzz/seeds.new/binary
    # shellcheck disable=SC2046 # names without spaces
    build/fuzz/tests/fuzz/fuzz_seeds build/fuzz/seeds.new/text \
        build/fuzz/seeds.new/binary $(find "$suite" -name '*.wast' \
        ! -path '*/legacy/*' ! -path '*/custom-descriptors/*' | sort)
    mv build/fuzz/seeds.new build/fuzz/seeds
}

# What libFuzzer says, without its dictionary and its statistics.
without_noise() {
    sed -e '/^"/d' -e '/^###### /d' -e '/^stat::/d' -e '/^INFO: /d' "$1"
}

# The input in base64 and the first lines of the stack: enough to see the bug
# from the end of a log, far from here. At most a page.
tell() {
    echo "--- $1 failed: status $2"
    without_noise "$3" | grep -v '^[[:space:]]*NEW_' |
        grep -n -m 1 -A 16 -E 'bug:|ERROR: |runtime error' ||
        without_noise "$3" | tail -n 16
    find build/fuzz/bugs -name "$1-*" -newer "$3.begin" |
        while read -r input; do
            echo "$input in base64, which goes to"
            echo "build/fuzz/tests/fuzz/fuzz_$1 $input"
            base64 -w 76 "$input" | head -n 80
        done
}

form_of() {
    for word in $targets; do
        [ "${word%:*}" != "$1" ] || echo "${word#*:}"
    done
}

# fuzz TARGET OPTIONS...: leaves the status in build/fuzz/TARGET.status, and the
# processor's time in build/fuzz/TARGET.times.
fuzz() {
    target=$1
    form=$(form_of "$target")
    seeds=build/fuzz/seeds/$form
    log=build/fuzz/$target.log
    shift
    mkdir -p "$seeds" build/fuzz/bugs build/fuzz/none
    corpus=tests/corpus/$form
    [ -d "$corpus" ] || corpus=build/fuzz/none
    touch "$log.begin"
    (
        status=0
        # shellcheck disable=SC2086 # $fixed is a command or nothing
        $fixed build/fuzz/tests/fuzz/fuzz_"$target" -rss_limit_mb=2048 \
            -max_len=4096 -verbosity=0 -print_final_stats=1 \
            -artifact_prefix="build/fuzz/bugs/$target-" \
            "$@" "$seeds" "$corpus" >"$log" 2>&1 || status=$?
        echo $status >"build/fuzz/$target.status"
        times >"build/fuzz/$target.times"
    )
}

# count TARGET: passes when nothing was found.
count() {
    status=$(cat "build/fuzz/$1.status")
    runs=$(sed -n 's/^stat::number_of_executed_units: //p' "build/fuzz/$1.log")
    used=$(awk 'NR == 2 { print $1 " user, " $2 " system" }' \
        "build/fuzz/$1.times")
    echo "$1: status $status, ${runs:-?} runs, $used"
    if [ "$status" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        told="$told $1:$status"
    fi
}

# The same inputs on every machine: the seed and the number of runs are given,
# nothing is kept from earlier runs, and names hash as they did before, which
# takes an address space that is not laid out at random. The time is a bound.
fuzz_same() {
    rm -rf "build/fuzz/same/$1"
    mkdir -p "build/fuzz/same/$1"
    fuzz "$1" -seed=1 -runs="$2" -max_total_time=90 -timeout=30 \
        "build/fuzz/same/$1"
    count "$1"
}

# fuzz_for TARGET SECONDS
fuzz_for() {
    mkdir -p "build/fuzz/found/$1"
    fuzz "$1" -max_total_time="$2" -timeout=20 "build/fuzz/found/$1"
}

# minimize TARGET FOLDER: what reaches nothing that others do not reach goes.
minimize() {
    old=build/fuzz/$2/$1
    new=build/fuzz/$2.new/$1
    rm -rf "$new"
    mkdir -p "$old" "$new"
    if build/fuzz/tests/fuzz/fuzz_"$1" -merge=1 -rss_limit_mb=2048 \
        -timeout=20 "$new" "$old" >"build/fuzz/$1.merge.log" 2>&1; then
        echo "$1: $(find "$old" -type f | wc -l) inputs," \
            "$(find "$new" -type f | wc -l) after minimizing"
        rm -rf "$old"
        mv "$new" "$old"
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        told="$told $1:merge"
        cp "build/fuzz/$1.merge.log" "build/fuzz/$1.log"
        touch "build/fuzz/$1.log.begin"
    fi
}

again() {
    build/fuzz/tests/fuzz/fuzz_"$1" "$2"
}

# Each input that minimizing left is one that can be had again.
again_same() {
    find "build/fuzz/same/$1" -type f | sort | head -n 20 | (
        status=1
        while read -r input; do
            again "$1" "$input" >"build/fuzz/$1.again.log" 2>&1 || exit 1
            status=0
        done
        exit $status
    )
}

# all_for SECONDS: on two cores. Modules are run all the while, the other
# targets take turns.
all_for() {
    fuzz_for run "$1" &
    for word in $targets; do
        [ "${word%:*}" != run ] || continue
        fuzz_for "${word%:*}" $(($1 / 7 > 0 ? $1 / 7 : 1))
        count "${word%:*}"
    done
    wait
    count run
}

mkdir -p build
CC=$(find_clang)
if [ -z "$CC" ]; then
    . "$root/tools/need.sh"
    need clang=clang
    CC=$(find_clang)
fi
export CC
# Less of what was freed is kept, so that a small machine will do.
export ASAN_OPTIONS=quarantine_size_mb=64
tools/build.sh sanitize fuzz \
    -DFOLIOT_SANITIZE=fuzzer-no-link,address,undefined -- fuzz_targets
make_seeds
told=
fixed=
case ${1:-same} in
same)
    ! setarch -R true 2>/dev/null || fixed="setarch -R"
    while read -r target runs; do
        fuzz_same "$target" "$runs"
    done <<END
decode 1000000
text 300000
valid 450000
dwarf 500000
shape 160000
artifact 45000
run 700
api 3000
END
    minimize decode same
    if again_same decode; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "inputs of decode do not run alone"
    fi
    ;;
all) all_for "${2:-3600}" ;;
nightly)
    for word in $targets; do
        minimize "${word%:*}" found
    done
    all_for "${2:-3600}"
    ;;
minimize) minimize "$2" found ;;
again)
    again "$2" "$3"
    exit
    ;;
*)
    fuzz_for "$1" "${2:-60}"
    count "$1"
    ;;
esac
for word in $told; do
    tell "${word%:*}" "${word#*:}" "build/fuzz/${word%:*}.log"
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
