#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# The command from outside: options, exit codes, errors, hostile input.
#
#   tests/cli/run.sh BUILD
set -u
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
build=$(CDPATH='' cd -- "$1" && pwd) || exit 2
foliot=$build/foliot
work=$build/cli-test
passed=0
failed=0
rm -rf "$work"
mkdir -p "$work/hostile" "$work/dir/sub"
cd "$work" || exit 2
unset NO_COLOR

# run CODE ARGS...: the command's exit code, its output in `out` and `err`.
run() {
    want=$1
    shift
    what="foliot $*"
    timeout -k 5 60 "$foliot" "$@" >out 2>err </dev/null
    status=$?
    verdict "exit $status, expected $want" [ $status -eq "$want" ]
}

# verdict WHY CONDITION...
verdict() {
    why=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $what: $why"
        head -c 400 out err
    fi
}

out_is() { verdict "printed '$(head -c 200 out)'" [ "$(cat out)" = "$1" ]; }
out_has() { verdict "no '$1' in the output" grep -qF -- "$1" out; }
err_has() { verdict "no '$1' in the errors" grep -qF -- "$1" err; }
err_none() { verdict "there are errors" [ ! -s err ]; }
one_error() {
    verdict "not one error" [ "$(grep -c '^error: ' err)" -eq 1 ]
}
absent() { verdict "there is $1" [ ! -e "$1" ]; }

# --- modules that the tests use ---------------------------------------------

cat >lib.wat <<'END'
(module $lib
  (func (export "add") (param i32 i32) (result i32)
    (i32.add (local.get 0) (local.get 1)))
  (func (export "i64") (param i64) (result i64) (local.get 0))
  (func (export "f32") (param f32) (result f32) (local.get 0))
  (func (export "f64") (param f64) (result f64) (local.get 0))
  (func (export "v128") (param v128) (result v128) (local.get 0))
  (func (export "ref") (param externref) (result externref) (local.get 0))
  (func (export "swap") (param i32 i64) (result i64 i32)
    (local.get 1) (local.get 0))
  (func $boom (export "boom") unreachable)
  (func $deep (export "deep") (call $deep))
  (func (export "forever") (loop (br 0)))
  (func (export "grow") (param i32) (result i32)
    (memory.grow (local.get 0)))
  (memory (export "memory") 1)
  (global (export "answer") i32 (i32.const 42)))
END
cat >user.wat <<'END'
(module
  (import "lib" "add" (func $add (param i32 i32) (result i32)))
  (func (export "twice") (param i32) (result i32)
    (call $add (local.get 0) (local.get 0))))
END
cat >missing.wat <<'END'
(module
  (import "env" "f" (func $f (param i32) (result i64)))
  (func (export "f") (result i64) (call $f (i32.const 1))))
END
cat >exit.wat <<'END'
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start") (call $exit (i32.const 200))))
END
# Writes its arguments, then its variables, each with a zero behind.
cat >echo.wat <<'END'
(module
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $args_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get"
    (func $args (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get"
    (func $vars_sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get"
    (func $vars (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 64)
  (func $put (param $len i32)
    (i32.store (i32.const 0) (i32.const 1048576))
    (i32.store (i32.const 4) (local.get $len))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1)
                          (i32.const 8))))
  (func (export "_start")
    (drop (call $args_sizes (i32.const 16) (i32.const 20)))
    (drop (call $args (i32.const 64) (i32.const 1048576)))
    (call $put (i32.load (i32.const 20)))
    (drop (call $vars_sizes (i32.const 16) (i32.const 20)))
    (drop (call $vars (i32.const 64) (i32.const 1048576)))
    (call $put (i32.load (i32.const 20)))))
END
# Copies standard input to standard output and error.
cat >cat.wat <<'END'
(module
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (loop $more
      (i32.store (i32.const 0) (i32.const 64))
      (i32.store (i32.const 4) (i32.const 4096))
      (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1)
                           (i32.const 8)))
      (i32.store (i32.const 4) (i32.load (i32.const 8)))
      (if (i32.load (i32.const 8)) (then
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1)
                              (i32.const 12)))
        (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 1)
                              (i32.const 12)))
        (br $more))))))
END
# The number of the first descriptor that is no directory.
cat >dirs.wat <<'END'
(module
  (import "wasi_snapshot_preview1" "fd_prestat_get"
    (func $stat (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "count") (result i32) (local $fd i32)
    (local.set $fd (i32.const 3))
    (loop $next
      (if (i32.eqz (call $stat (local.get $fd) (i32.const 0))) (then
        (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
        (br $next))))
    (local.get $fd)))
END

# --- help, version, wrong usage ---------------------------------------------

run 0 --version && out_has 'foliot '
run 0 -V
run 0 help && out_has 'Commands:' && err_none
run 0 --help && out_has '--dir=HOST[::GUEST]'
run 0 -h
for tool in run validate parse print objdump wast completion help; do
    run 0 help $tool && out_has "foliot $tool"
    run 0 $tool --help && out_has "foliot $tool"
done
for group in W S O C D; do
    run 0 -$group help && out_has "-$group, --"
done
run 0 --wasm help && out_has 'fuel=N'
run 0 run -Whelp lib.wat && out_has 'max-memory-size=N'
run 2 && one_error
run 2 help nothing && one_error
run 2 help vaildate && err_has "'validate'"
run 1 vaildate && err_has "the command 'validate'"
run 2 run && one_error
run 2 validate && one_error
run 2 parse lib.wat lib.wat && one_error
run 2 --dri . lib.wat && err_has "did you mean '--dir'?" && one_error
run 2 -W fule=1 lib.wat && err_has "did you mean '-W fuel'?" && one_error
run 2 -W zzzzzzzzzzz lib.wat && err_has "'-W zzzzzzzzzzz'" && one_error
run 2 -x lib.wat && err_has "'-x'"
run 2 -hx lib.wat && one_error
run 2 -W && one_error
run 2 --dir && err_has '--dir needs a value'
run 2 --invoke && one_error
run 2 -W fuel lib.wat && err_has '-W fuel needs a value'
run 2 -W fuel= lib.wat && one_error
run 2 -W fuel=-1 lib.wat && one_error
run 2 -W fuel=18446744073709551616 lib.wat && one_error
run 2 -W timeout=1y lib.wat && err_has 'expected a time'
run 2 -W timeout=99999999999999999h lib.wat && one_error
run 2 -W timeout=s lib.wat && one_error
run 2 -W simd=maybe lib.wat && err_has 'expected y or n'
run 2 -O opt-level=9 lib.wat && err_has '0|1|2|s'
run 2 -C compiler=magic lib.wat && one_error
run 2 -S threads lib.wat && err_has 'not supported yet'
run 2 --counts=1 wast lib.wat && err_has 'takes no value'
run 2 --counts lib.wat && err_has "not an option of 'run'"
run 2 validate --dir . lib.wat && err_has "not an option of 'validate'"
run 2 validate -S inherit-env lib.wat && one_error
run 2 -W ,, lib.wat && one_error
run 2 --preload lib.wat user.wat && err_has 'NAME=FILE'
run 2 --preload =lib.wat user.wat && one_error

# --- completion and the manual page -----------------------------------------

for shell in bash zsh fish; do
    run 0 completion $shell && out_has foliot && err_none
    command -v $shell >/dev/null || continue
    what="the syntax of completion $shell"
    $shell -n out 2>err
    err_none
done
run 2 completion && one_error
run 2 completion ksh && err_has 'bash|zsh|fish'
run 2 --man lib.wat && err_has "not an option of 'run'"
"$foliot" completion bash >complete.bash

# completes EXPECTED WORDS...: what bash offers for the last word.
completes() {
    want=$1
    shift
    what="completion of $*"
    bash -c '. ./complete.bash
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _foliot
        echo "${COMPREPLY[@]}"' bash "$@" >out 2>err
    out_is "$want" && err_none
}
completes '--dir' foliot --di
completes 'validate' foliot val
completes '' foliot validate --di
completes 'lib.wat' foliot run lib
completes 'fuel=' foliot -W fue
completes 'simd,fuel=' foliot run -W simd,fue
completes 'timeout=' foliot --wasm ti
completes 'interp' foliot -C compiler = int
completes 'y n' foliot -W fuel=1,simd =
completes 'inherit-stdin inherit-stdout inherit-stderr' foliot -S inherit-std
completes '--codegen --counts' foliot wast --co

run 0 help --man && out_has '.TH FOLIOT 1' && out_has '\-\-dir' && err_none
verdict "a line that is a request by mistake" \
    [ "$(grep '^[.'"'"']' out | grep -cvE '^\.(TH|SH|SS|TP|br)')" -eq 0 ]
if command -v groff >/dev/null; then
    what="the manual page"
    groff -man -Tascii -ww out >page 2>err
    err_none
fi

# --- run --------------------------------------------------------------------

run 0 lib.wat && out_is '' && err_none
run 0 run lib.wat
run 0 -- lib.wat
run 0 run -- lib.wat
run 0 --invoke add lib.wat 1 2 && out_is 3
run 0 --invoke=add lib.wat -5 0xffffffff && out_is -6
run 0 run --invoke add lib.wat 4_0 +2 && out_is 42
run 0 --invoke i64 lib.wat -9223372036854775808 && out_is -9223372036854775808
run 0 --invoke f32 lib.wat 0.1 && out_is 0.1
run 0 --invoke f32 lib.wat -inf && out_is -inf
run 0 --invoke f64 lib.wat 0x1.8p1 && out_is 3
run 0 --invoke f64 lib.wat nan && out_is nan
run 0 --invoke v128 lib.wat 0x10000000000000000 && out_is 18446744073709551616
run 0 --invoke v128 lib.wat 340282366920938463463374607431768211455 &&
    out_is 340282366920938463463374607431768211455
run 2 --invoke v128 lib.wat 340282366920938463463374607431768211456
run 2 --invoke v128 lib.wat 0x
run 0 --invoke ref lib.wat null && out_is '<null externref>'
run 2 --invoke ref lib.wat 1
run 0 --invoke swap lib.wat 1 2 && out_is "$(printf '2\n1')"
run 2 --invoke add lib.wat 1 && err_has 'takes 2' && one_error
run 2 --invoke add lib.wat 1 2 3
run 2 --invoke add lib.wat 1 4294967296 && err_has 'argument 2'
run 2 --invoke add lib.wat 1 '' && one_error
run 1 --invoke nothing lib.wat && err_has 'no export nothing' && one_error
run 1 --invoke answer lib.wat && err_has 'not a function'
run 134 --invoke boom lib.wat && err_has 'lib!boom' && one_error
run 134 --invoke deep lib.wat && err_has 'call stack exhausted' && one_error
run 134 -W max-wasm-stack=100000 --invoke deep lib.wat
run 200 exit.wat && err_none
run 200 --invoke _start exit.wat

run 0 --preload lib=lib.wat --invoke twice user.wat 21 && out_is 42
run 1 --preload other=lib.wat --invoke twice user.wat 21 &&
    err_has 'unknown import: lib.add' && one_error
run 1 --preload lib=nothing.wat user.wat && err_has nothing.wat && one_error
run 1 missing.wat && err_has 'unknown import: env.f'
run 134 -W unknown-imports-trap --invoke f missing.wat && one_error
run 0 -W unknown-imports-default --invoke f missing.wat && out_is 0
run 1 -S cli=n exit.wat && err_has 'proc_exit'
run 1 -S common=n exit.wat

run 134 -W timeout=200ms --invoke forever lib.wat && err_has interrupt
run 134 -W fuel=100000 --invoke forever lib.wat && err_has fuel
run 0 -W fuel=100000,timeout=60s --invoke add lib.wat 1 2 && out_is 3
run 0 --invoke grow lib.wat 1 && out_is 1
run 0 -W max-memory-size=65536 --invoke grow lib.wat 1 && out_is -1
run 1 -W max-memory-size=1 lib.wat && one_error
run 0 -W max-memory-size=65536,trap-on-grow-failure=n --invoke grow lib.wat 1
run 134 -W max-memory-size=65536,trap-on-grow-failure --invoke grow lib.wat 1 &&
    err_has 'growing a memory by 1 failed' && one_error
run 0 -W trap-on-grow-failure --invoke grow lib.wat 1 && out_is 1
# Where no code can be made, auto is the interpreter.
run 134 -C compiler=auto -W max-memory-size=65536,trap-on-grow-failure \
    --invoke grow lib.wat 1
run 134 -C compiler=interp -W max-memory-size=65536,trap-on-grow-failure \
    --invoke grow lib.wat 1
run 0 -W max-memories=1,max-tables=0,max-instances=1 lib.wat
run 1 -W max-memories=0 lib.wat && err_has 'memories of a store' && one_error
run 1 -W max-instances=0 lib.wat && err_has 'instances of a store'
run 1 -W max-instances=1 --preload lib=lib.wat user.wat && one_error
run 1 -W max-module-memories=0 lib.wat && err_has 'memories in a module'
run 0 -O memory-reservation=0 --invoke grow lib.wat 10 && out_is 1
run 0 -O memory-may-move=n,memory-guard-size=65536 --invoke grow lib.wat 1
run 0 -O pooling-allocator --invoke grow lib.wat 1 && out_is 1
run 0 -O memory-init-cow=n,pooling-allocator=n,pooling-total-memories=0 lib.wat
run 1 -O pooling-allocator,pooling-total-memories=0 lib.wat &&
    err_has 'as many memories in the engine' && one_error
run 1 -O pooling-allocator,pooling-total-core-instances=0 lib.wat && one_error
run 1 -O pooling-allocator,pooling-max-memory-size=1 lib.wat && one_error
run 0 -O pooling-allocator,pooling-max-memory-size=1 -W max-memory-size=65536 \
    --invoke grow lib.wat 1 && out_is -1
run 0 -O pooling-allocator,pooling-max-unused-warm-slots=0 --invoke grow lib.wat 1
run 0 -O pooling-allocator,pooling-memory-keep-resident=4096 --preload lib=lib.wat \
    user.wat
run 0 -O opt-level=2 -C compiler=auto,collector=copying --invoke add lib.wat 1 1
run 0 -C compiler=interp,parallel-compilation=n -D logging=n lib.wat
run 0 -W nan-canonicalization,relaxed-simd-deterministic -O signals-based-traps=n \
    --invoke f64 lib.wat 1 && out_is 1
run 0 -D gc-collect-always --invoke add lib.wat 1 2 && out_is 3
run 0 -W all-proposals lib.wat
run 1 -W all-proposals=n lib.wat && one_error
run 0 -W all-proposals=n,simd,reference-types,multi-value,mutable-global lib.wat
run 1 -W simd=n lib.wat && err_has simd

run 0 echo.wat a 'b c' --dir x -W y && [ -s out ] &&
    tr '\0' '\n' <out >lines && mv lines out &&
    out_is "$(printf 'echo.wat\na\nb c\n--dir\nx\n-W\ny')"
run 0 --argv0 me echo.wat && out_has me
run 0 --env A=1 --env B= --env NOWHERE echo.wat && out_has A=1 && out_has B=
verdict "a variable that is not set" [ "$(grep -c NOWHERE out)" -eq 0 ]
FOLIOT_TEST=yes
export FOLIOT_TEST
run 0 --env FOLIOT_TEST echo.wat && out_has FOLIOT_TEST=yes
run 0 -S inherit-env echo.wat && out_has FOLIOT_TEST=yes
run 0 echo.wat
verdict "variables are inherited" [ "$(grep -c FOLIOT out)" -eq 0 ]
run 0 --invoke count dirs.wat && out_is 3
run 0 --dir dir --dir dir/sub::/sub --dir=.::here --invoke count dirs.wat &&
    out_is 6
run 1 --dir nowhere dirs.wat && err_has nowhere && one_error
run 1 --dir lib.wat dirs.wat && one_error

what="standard input"
echo hello | "$foliot" cat.wat >out 2>err
out_is hello && err_has hello
echo hello | "$foliot" -S inherit-stdin=n cat.wat >out 2>err
out_is '' && err_none
echo hello | "$foliot" -S inherit-stdout=n,inherit-stderr=n cat.wat >out 2>err
out_is '' && err_none
what="a deadline while waiting for input"
sleep 5 | timeout 4 "$foliot" -W timeout=100ms cat.wat >out 2>err
verdict "exit $?" [ $? -eq 134 ]
err_has interrupt
what="a module from standard input"
"$foliot" --invoke add - 1 2 <lib.wat >out 2>err
out_is 3
# shellcheck disable=SC2002 # a pipe it has to be
cat lib.wat | "$foliot" validate - >out 2>err
verdict "exit $?" [ $? -eq 0 ]
what="a name without ending"
cp lib.wat plain && run 0 --invoke add plain 1 2 && out_is 3

# The type of descriptor 3; -1: there is none.
cat >fd3.wat <<'END'
(module
  (import "wasi_snapshot_preview1" "fd_fdstat_get"
    (func $stat (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "type") (result i32)
    (if (result i32) (call $stat (i32.const 3) (i32.const 0))
      (then (i32.const -1)) (else (i32.load8_u (i32.const 0))))))
END
run 0 --invoke type fd3.wat && out_is -1
run 0 -S tcplisten=127.0.0.1:0 --invoke type fd3.wat && out_is 6
run 0 --dir . -S tcplisten=127.0.0.1:0 --invoke type fd3.wat && out_is 3
run 0 -S tcplisten=127.0.0.1:0,tcplisten=127.0.0.1:0 --invoke type fd3.wat
for address in localhost:80 127.0.0.1 127.0.0.1: :80 127.0.0.1:65536 '[::1:80' \
    127.0.0.1:8x 127.0.0.1:-1 '' '[]:1' 256.0.0.1:1 \
    "$(head -c 200 /dev/zero | tr '\0' 1):1"; do
    run 1 -S "tcplisten=$address" fd3.wat && err_has 'cannot listen at' && one_error
done

# Accepts one connection, says hello on it and goes.
cat >serve.wat <<'END'
(module
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_accept"
    (func $accept (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_send"
    (func $send (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 256) "hello\n")
  (func (export "_start")
    (i32.store8 (i32.const 8) (i32.const 1)) ;; wait until it can be read
    (i32.store (i32.const 16) (i32.const 3))
    (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1)
                      (i32.const 128)))
    (if (call $accept (i32.const 3) (i32.const 0) (i32.const 128))
      (then unreachable))
    (i32.store (i32.const 0) (i32.const 256))
    (i32.store (i32.const 4) (i32.const 6))
    (if (call $send (i32.load (i32.const 128)) (i32.const 0) (i32.const 1)
                    (i32.const 0) (i32.const 132))
      (then unreachable))))
END
what="a socket that listens"
python3 "$here/listen.py" "$foliot" serve.wat >out 2>err
out_is hello && err_none

what="the longest arguments"
long=$(head -c 100000 /dev/zero | tr '\0' x)
run 0 echo.wat "$long" "$long" && verdict size [ "$(wc -c <out)" -gt 200000 ]

# --- colours -----------------------------------------------------------------

what="colours"
run 1 nothing.wat && verdict "a colour in a file" [ "$(grep -c '\[' err)" -eq 0 ]
if command -v script >/dev/null && # which needs a terminal to give
    script -qec true /dev/null >/dev/null 2>&1 </dev/null; then
    script -qec "'$foliot' nothing.wat" /dev/null >out 2>err </dev/null
    verdict "no colour on a terminal" grep -q '\[1;31m' out
    NO_COLOR=1 script -qec "'$foliot' nothing.wat" /dev/null >out 2>err \
        </dev/null
    verdict "a colour with NO_COLOR" [ "$(grep -c '\[1;31m' out)" -eq 0 ]
fi

what="names that act on a terminal"
printf '(module (import "a\\1b[2J" "\\0aerror: b" (func)))' >escape.wat
run 1 escape.wat && one_error
verdict "a control character" [ "$(tr -d '\n\040-\176' <err | wc -c)" -eq 0 ]

# --- parse, print, objdump ---------------------------------------------------

run 0 parse lib.wat -o lib.wasm && out_is '' && err_none
run 0 parse --output=lib2.wasm lib.wat
verdict "two files differ" cmp -s lib.wasm lib2.wasm
run 0 parse lib.wat && verdict "no bytes on standard output" cmp -s out lib.wasm
run 0 parse -o - lib.wat && verdict "- is standard output" cmp -s out lib.wasm
# shellcheck disable=SC2016 # $lib is a name
run 0 print lib.wasm && cp out lib3.wat && out_has '(module $lib'
run 0 parse lib3.wat -olib3.wasm
verdict "text and back is another module" cmp -s lib.wasm lib3.wasm
run 0 print lib.wat -o lib4.wat
verdict "print of text" cmp -s lib3.wat lib4.wat
run 0 --invoke add lib.wasm 1 2 && out_is 3
run 0 objdump lib.wasm && out_has 'Sections:' && out_has '"boom"'

# Machine code, files of it, and a directory of those; where there is none, the
# command says so.
if "$foliot" compile lib.wasm -o lib.cwasm 2>err; then
    cp lib.cwasm bad.cwasm
    printf X | dd of=bad.cwasm bs=1 seek=5000 conv=notrunc 2>dd.err
    run 1 lib.cwasm && one_error && err_has '--allow-precompiled'
    run 0 run --allow-precompiled --invoke add lib.cwasm 2 3 && out_is 5
    run 0 run --allow-precompiled --verify --invoke add lib.cwasm 2 3 &&
        out_is 5
    run 1 run --allow-precompiled --verify bad.cwasm && one_error &&
        err_has 'contents'
    run 1 run --allow-precompiled -W fuel=100 lib.cwasm && one_error &&
        err_has 'another configuration: fuel'
    run 0 objdump --code lib.wasm && out_has 'ret' && out_has 'frame' &&
        out_has 'slots of 16'
    cp out lib.code
    run 0 objdump --code lib.cwasm && out_has 'Exports:' && err_none
    verdict 'the code of the file differs' [ \
        "$(sed '1,/^Machine/d' out)" = "$(sed '1,/^Machine/d' lib.code)" ]
    run 0 objdump lib.cwasm && verdict 'code unasked' [ \
        "$(grep -c '^Machine' out)" -eq 0 ]
    run 1 objdump bad.wat.cwasm && one_error
    for again in first second; do
        run 0 -C cache-dir=cache/here --invoke add lib.wasm 2 3 && out_is 5
        verdict "$again: one file" [ "$(find cache/here -name '*.cwasm' |
            wc -l)" -eq 1 ]
    done
    XDG_CACHE_HOME=$work/xdg
    export XDG_CACHE_HOME
    run 0 -C cache --invoke add lib.wasm 2 3 && out_is 5
    verdict 'in its place' [ "$(find xdg/foliot -name '*.cwasm' |
        wc -l)" -eq 1 ]
    run 0 -C cache=n --invoke i64 lib.wasm 7 && out_is 7
    run 0 -C cache -C compiler=interp --invoke i64 lib.wasm 7 && out_is 7
    unset XDG_CACHE_HOME
else
    verdict 'says why' grep -q 'no compiler' err
fi
run 1 objdump lib.wasm exit.wat && out_has 'Sections:' && one_error
run 1 parse hostile/none.wat && one_error
echo '(module (func (i32.konst)))' >wrong.wat
run 1 parse wrong.wat -o wrong.wasm && one_error
absent wrong.wasm
echo old >kept.wasm
run 1 parse wrong.wat -o kept.wasm
verdict "a file was changed" [ "$(cat kept.wasm)" = old ]
run 1 parse lib.wat -o nowhere/x.wasm && one_error
run 1 parse lib.wat -o dir && one_error
run 1 parse lib.wat -o dir/ && one_error
run 0 parse lib.wat -o /dev/null
verdict "/dev/null is gone" [ -c /dev/null ]
what="files left over"
verdict "temporary files" [ -z "$(find . -name '.foliot-*')" ]
what="a reader that goes away"
"$foliot" print lib.wasm 2>err | head -c 1 >out
err_none
if [ -w /dev/full ]; then
    what="a full disk"
    "$foliot" parse lib.wat >/dev/full 2>err
    verdict "exit $?" [ $? -eq 1 ]
    one_error
fi

# Finding the place in the text takes memory, too.
echo '(module (memory 1) (func (export "f") (result i32) (nop)))' >invalid.wat
run 1 validate invalid.wat && err_has 'invalid.wat:1:57: type mismatch'
for size in 1 1000 10000 30000 50000 70000 90000 110000 200000 400000; do
    run 1 validate -W max-compile-memory=$size invalid.wat && one_error
done

# --- files that are none -----------------------------------------------------

for tool in run validate parse print objdump wast; do
    run 1 $tool nothing.wasm && err_has nothing.wasm && one_error
    run 1 $tool dir && err_has dir && one_error
    run 1 $tool '' && one_error
done
run 1 validate -W max-module-size=100 lib.wasm && err_has max-module-size
run 1 validate -W max-module-size=1000 /dev/zero && one_error
run 1 validate lib.wat nothing.wat exit.wat && one_error

# --- wast --------------------------------------------------------------------

cat >good.wast <<'END'
(module (func (export "f") (result i32) (i32.const 1)))
(assert_return (invoke "f") (i32.const 1))
(assert_malformed (module quote "(func") "unexpected token")
END
cat >wrong.wast <<'END'
(module (func (export "f") (result i32) (i32.const 1)))
(assert_return (invoke "f") (i32.const 2))
(assert_malformed (module quote "(func") "something else")
END
echo '(assert_return' >broken.wast
echo ';; nothing' >empty.wast
run 0 wast good.wast && out_is '3 passed, 0 failed'
run 0 wast --counts good.wast && out_has 'count assert_return 1 0'
run 0 wast -D gc-collect-always good.wast
run 1 wast wrong.wast && out_has 'FAIL wrong.wast:2 assert_return: ' &&
    out_has 'FAIL wrong.wast:3 assert_malformed: ' &&
    out_has '1 passed, 2 failed'
run 1 wast --ignore-error-messages wrong.wast && out_has '2 passed, 1 failed'
run 1 wast broken.wast good.wast && out_has '3 passed, 1 failed'
run 1 wast empty.wast && out_has '0 passed, 1 failed'
run 1 wast nothing.wast good.wast && out_has '3 passed, 1 failed'

cat >fuel.wast <<'END'
(module (func (export "f") (loop (br 0))))
(assert_trap (invoke "f") "all fuel consumed")
END
run 0 wast -W fuel=1000 good.wast fuel.wast

cat >thread.wast <<'END'
(module $Mem (memory (export "shared") 1 2 shared) (func (export "f")))
(thread $T1 (shared (module $Mem))
  (register "mem" $Mem)
  (module
    (memory (import "mem" "shared") 1 2 shared)
    (func (export "run")
      (i32.atomic.store (i32.const 4) (i32.const 42))
      (drop (memory.atomic.notify (i32.const 4) (i32.const 1)))))
  (assert_return (invoke "run")))
(register "mem" $Mem)
(module
  (memory (import "mem" "shared") 1 2 shared)
  (func (export "wait") (result i32)
    (loop (if (i32.eqz (i32.atomic.load (i32.const 4))) (then
      (drop (memory.atomic.wait32 (i32.const 4) (i32.const 0) (i64.const -1)))
      (br 1))))
    (i32.atomic.load (i32.const 4))))
(assert_return (invoke "wait") (i32.const 42))
(wait $T1)
(thread $T2 (assert_return (invoke "wait") (i32.const 42)))
(wait $T2)
(thread $T3 (shared (module $Mem)) (shared (module $Mem))
  (register "m" $Mem)
  (assert_unlinkable (module (import "m" "f" (func))) "unknown import"))
END
run 1 wast thread.wast && out_has '14 passed, 1 failed' &&
    out_has 'FAIL thread.wast:20 assert_return: no instance'
cat >threads.wast <<'END'
(thread (module))
(thread $T (shared (module $M)))
(wait $T)
(thread $T (module))
(wait $T)
(wait $T)
END
# shellcheck disable=SC2016 # $T is a name
run 1 wast threads.wast && out_has '3 passed, 4 failed' &&
    out_has 'FAIL threads.wast:6 wait: no thread $T'

# --- hostile modules ---------------------------------------------------------

python3 "$here/hostile.py" hostile || exit 1
for file in hostile/good-*; do
    run 0 validate "$file" && err_none
    run 0 print "$file" -o hostile/out.wat
    run 0 run "$file"
done
for file in hostile/bad-*; do
    run 1 validate "$file" && one_error
    run 1 run "$file" && one_error
    rm -f hostile/out.wasm
    case $file in
    *.wat) run 1 parse "$file" -o hostile/out.wasm && one_error ;;
    *) # it does not look into bodies
        what="foliot objdump $file"
        "$foliot" objdump "$file" >out 2>err
        verdict "a crash" [ $? -le 1 ]
        ;;
    esac
    absent hostile/out.wasm
done
for file in hostile/good-deep.wasm hostile/good-locals.wasm \
    hostile/good-functions.wasm hostile/good-blocks.wat; do
    run 0 --invoke f "$file" && err_none
done

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
