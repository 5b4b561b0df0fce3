# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# shellcheck disable=SC2154,SC2034,SC2086,SC2015,SC2016 # run.sh has the rest
# What perf, gdb and the Firefox profiler are told.

cat >native.wat <<'END'
(module
  (func $leaf (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then unreachable))
    (i32.div_u (i32.const 1) (local.get 0)))
  (func $caller (param i32) (result i32)
    (i32.add (call $leaf (local.get 0)) (i32.const 1)))
  (func (param i32) (result i32) (call $caller (local.get 0)))
  (func $"odd name\0a" (export "odd") (param i32) (result i32)
    (call 2 (local.get 0)))
  (func $spin (export "spin") (param i32) (local i32)
    (loop
      (local.set 1 (call $leaf (i32.const 7)))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))
END
names='leaf caller wasm-function\[2\] odd_name_ foliot-stubs foliot-adapters'

# perf_map OPTIONS...: every function is in the map, once, and apart.
perf_map() {
    "$foliot" run -C compiler=baseline "$@" --profile=perfmap --invoke odd \
        native.wat 3 >out 2>err &
    pid=$!
    wait $pid
    map=/tmp/perf-$pid.map
    [ -f "$map" ] || return 1
    mv "$map" perf.map
    for name in $names; do
        [ "$(grep -c "^[0-9a-f]* [0-9a-f]* $name\$" perf.map)" -ge 1 ] ||
            { cat perf.map && return 1; }
    done
    [ "$(sort -u perf.map | wc -l)" -eq "$(wc -l <perf.map)" ]
}

verdict "perf map, lazy" perf_map
verdict "perf map, eager" perf_map -C compile=eager
verdict "nothing is told unless asked for" \
    sh -c '"$1" run --invoke odd native.wat 3 >out & p=$!; wait $p
        [ ! -e /tmp/perf-$p.map ] && [ ! -e jit-$p.dump ]' - "$foliot"

# refused VALUE
refused() {
    "$foliot" run "--profile=$1" --invoke odd native.wat 3 >out 2>err
    [ $? -eq 2 ] && grep -q 'expected perfmap' err
}
for value in '' perf guest,x,soon guest,x,0 perfmap,x; do
    verdict "--profile=$value is refused" refused "$value"
done

jitdump() {
    rm -f jit-*.dump
    "$foliot" run -C compiler=baseline --profile=jitdump --invoke "$2" "$1" \
        $3 >out 2>err
    python3 "$here/jitdump.py" jit-*.dump >dump.txt || return 1
    shift 3
    for pattern; do
        grep -q "$pattern" dump.txt || { cat dump.txt && return 1; }
    done
}

guest() {
    "$foliot" run "$@" -W timeout=200ms --profile=guest,guest.json,1ms \
        --invoke spin native.wat 0 >out 2>err
    grep -q 'wasm trap: interrupt' err &&
        python3 "$here/profile.py" guest.json spin
}

if command -v python3 >/dev/null; then
    verdict "jitdump" jitdump native.wat odd 3 '^load leaf ' '^load odd_name_ ' \
        '^load foliot-stubs '
    [ ! -f lines-5-2.wasm ] ||
        verdict "jitdump with lines" jitdump lines-5-2.wasm inlined '' \
            '^load sum ' '^line .*/lines.c:'
    verdict "guest profile, interpreted" guest -C compiler=interp
    verdict "guest profile, compiled" guest -C compiler=baseline
else
    skipped=$((skipped + 1))
fi

# frames PROGRAM EXPORT PATTERN...: gdb's backtrace has them in this order.
frames() {
    program=$1
    export=$2
    shift 2
    timeout -k 5 60 gdb -nx -batch -ex 'set debuginfod enabled off' \
        -ex 'set confirm off' -ex 'break store_trap' -ex run -ex bt \
        -ex continue --args "$foliot" run -C compiler=baseline -D debug-info \
        --invoke "$export" "$program" ${argument-} >gdb.txt 2>&1
    # Whether processes may be traced is the host's choice.
    if grep -q -e 'ptrace' -e 'No symbol table' -e 'not defined' gdb.txt; then
        return 0
    fi
    last=0
    for pattern; do
        line=$(grep -n "^#.* $pattern" gdb.txt | head -n 1 | cut -d: -f1)
        [ -n "$line" ] && [ "$line" -gt $last ] ||
            { cat gdb.txt && return 1; }
        last=$line
    done
}

if command -v gdb >/dev/null; then
    argument=0
    verdict "gdb" frames native.wat odd 'leaf ()' 'caller ()' \
        'wasm-function\[2\] ()' 'odd_name_ ()' 'foliot-adapters ()' 'main ('
    argument=
    [ ! -f lines-5-2.wasm ] ||
        verdict "gdb with lines" frames lines-5-2.wasm inlined \
            'sum () at .*lines.c:[0-9]' 'inlined () at .*lines.c:[0-9]' 'main ('
else
    skipped=$((skipped + 1))
fi
