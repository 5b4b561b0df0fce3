# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# shellcheck disable=SC2154,SC2034,SC2086 # run.sh has the rest
# Pages of `foliot explore`, of modules whose names want to be more than names.

cat >page.wat <<'END'
(module $"</title><script>alert(1)</script>"
  (import "m" "f" (func $imported (param i32)))
  (memory 1)
  (func $"<img src=x onerror=alert(1)>" (param i32) (result i32)
    (call $imported (i32.const 1))
    (i32.load offset=8 (local.get 0)))
  (func $"\"' onmouseover='x&amp;</span></pre>" (param i32) (result i32)
    (local $"<b>" i32)
    (block $"</span>"
      (br_if $"</span>" (local.get 0))
      (local.set $"<b>" (i32.div_u (i32.const 1) (local.get 0))))
    (call 1 (local.get $"<b>")))
  (func (result v128) (v128.const i32x4 1 2 3 4))
  (func))
END

explore() {
    code=$1
    shift
    "$foliot" explore "$@" page.wat -o page.html 2>err &&
        python3 "$here/page.py" page.html 4 $code >page.txt &&
        ! grep -q -e '<img' -e 'alert(1)</script>' -e '<b>' page.html &&
        grep -qF 'f1 <img src=x onerror=alert(1)>' page.txt &&
        grep -qF "f2 \"' onmouseover='x&amp;</span></pre>" page.txt &&
        grep -qF 'f3 function 3' page.txt
}

if command -v python3 >/dev/null; then
    verdict "page of text and code" explore code -C compiler=baseline
    verdict "an access that traps is marked" grep -q '^trap .*0x8\]' page.txt
    verdict "a trap is named" grep -q '^trap .*; trap: integer divide by zero' \
        page.txt
    verdict "page without guards" explore code -C compiler=baseline \
        -O signals-based-traps=n
    verdict "page without code" explore '' -C compiler=interp
else
    skipped=$((skipped + 1))
fi
# Which functions: all of a small module, or those that are asked for.
chosen() {
    want=$1
    shift
    "$foliot" explore "$@" >out 2>err &&
        [ "$(grep -c '^<section' out)" -eq "$want" ]
}
verdict "one function by its index" chosen 1 page.wat --function 3
verdict "two functions, one of them twice" chosen 2 page.wat --function 1 \
    --function 4 --function 1
{
    echo '(module'
    i=0
    while [ $i -lt 40 ]; do
        echo "(func \$f$i (export \"f$i\") (drop (i32.const $i))"
        head -c 1250 /dev/zero |
            sed 's/\x00/(drop (i64.const 9223372036854775807))/g'
        echo ')'
        i=$((i + 1))
    done
    echo ')'
} >large.wat
verdict "a large module: what fits on a page" chosen 34 large.wat
verdict "a page that says so" grep -q '34 of 40 functions' out
verdict "all of it" chosen 40 large.wat --all
verdict "a function by its name" chosen 1 large.wat --function f39
"$foliot" explore large.wat --function f40 >out 2>err
verdict "a function that is not there" [ $? -ne 0 ]
verdict "... is named" grep -q "no function 'f40'" err
"$foliot" explore missing.wat >out 2>err
verdict "a module that is not there" [ $? -eq 1 ]
"$foliot" explore page.wat >out 2>err
verdict "a page on standard output" grep -q '^</html>$' out
