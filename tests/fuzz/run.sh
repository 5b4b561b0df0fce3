#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Fuzzes: every target for a minute, or one for as long as wanted.
#
#     tests/fuzz/run.sh [TARGET SECONDS]
#
# A target (decode, text, valid) starts from tests/corpus/, the modules of the
# specification's test suite and what earlier runs found (build/fuzz/found/).
# An input that shows a bug stays as build/fuzz/bugs/TARGET-*; once the bug is
# fixed it belongs into tests/corpus/.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
cd "$root"
passed=0
failed=0

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

# fuzz TARGET SECONDS
fuzz() {
    form=binary
    [ "$1" != text ] || form=text
    found=build/fuzz/found/$1
    seeds=build/fuzz/seeds/$form
    mkdir -p "$found" "$seeds" build/fuzz/bugs
    echo "--- $1"
    if "build/fuzz/tests/fuzz/fuzz_$1" -max_total_time="$2" -timeout=10 \
        -rss_limit_mb=2048 -max_len=4096 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="build/fuzz/bugs/$1-" \
        "$found" "$seeds" tests/corpus/$form 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
}

mkdir -p build
CC=$(find_clang)
if [ -z "$CC" ]; then
    . "$root/tools/need.sh"
    need clang=clang
    CC=$(find_clang)
fi
export CC
tools/build.sh sanitize fuzz \
    -DFOLIOT_SANITIZE=fuzzer-no-link,address,undefined -- fuzz_targets
make_seeds
if [ $# -gt 0 ]; then
    fuzz "$1" "${2:-60}"
else
    for target in decode text valid; do
        fuzz $target 60
    done
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
