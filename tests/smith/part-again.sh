# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# What a log names can be had again from its seed, and made smaller. Sourced by
# run.sh, whose counters and names it uses.
# shellcheck disable=SC2154

# verdict WHAT STATUS
verdict() {
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $1"
    fi
}

# of_seed N OPTIONS...: the module and its report, in $work/again.*.
of_seed() {
    seed=$1
    shift
    timeout 60 "$diff" --unproved --count 1 --seed "$seed" "$@" \
        --modules "$work/again.modules" --results "$work/again.results" \
        >"$work/again.log" 2>&1
}

# A module of a list, alone: the same report.
reproduces() {
    seed=$1
    shift
    of_seed 1 --count 20 "$@"
    awk -v RS= -v title="seed $seed " 'index($0, title) == 1' \
        "$work/again.results" >"$work/again.listed"
    of_seed "$seed" "$@"
    awk -v RS= 1 "$work/again.results" >"$work/again.alone"
    [ -s "$work/again.listed" ] && cmp "$work/again.listed" "$work/again.alone"
    verdict "seed $seed $* gives the module of the list" $?
}

# The first module that imports from its section `lib` and ends at `unreachable`
# becomes a small one that still does.
reduces() {
    seed=1
    until of_seed $seed && grep -q 'trap unreachable' "$work/again.results" &&
        grep -qa 'lib.m0' "$work/again.modules"; do
        seed=$((seed + 1))
        [ $seed -lt 200 ] || break
    done
    cat >"$work/judge.sh" <<END
#!/bin/sh
"$diff" --unproved --run "\$1" --results "$work/judge.results" >/dev/null &&
    grep -q 'trap unreachable' "$work/judge.results" && grep -qa 'lib.m0' "\$1"
END
    chmod +x "$work/judge.sh"
    "$diff" --seed "$seed" --count 1 --write "$work/big.wasm" >/dev/null
    timeout 120 "$build/tests/smith/smith_reduce" "$work/big.wasm" \
        "$work/small.wasm" "$work/judge.sh" >"$work/reduce.log" 2>&1 &&
        "$work/judge.sh" "$work/small.wasm" &&
        [ "$(wc -c <"$work/small.wasm")" -lt 1000 ]
    verdict "a smaller module, still with its library, of seed $seed" $?
}

reproduces 17
reproduces 17 --op br_table
reduces
