# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compiling and proving take a time that is linear in a function's size.

    python3 tests/verify/linear.py BUILD [SHAPE...]

Functions of unusual shape are compiled in three sizes, each twice as large as
the one before, with and without the two checks of finished code. What counts is
how many instructions that takes, as valgrind says, so nothing depends on the
machine or its load. What a program does besides is the same in all sizes and is
not in the differences: of those the second one is twice the first one where all
is linear, and four times where something is quadratic.
"""
import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

RATIO_MAX = 2.3
NOISE = 100_000  # instructions: below, a difference says nothing

TYPES = """(module (memory 1) (tag $e)
  (type $s (sub (struct (field (mut i32)))))
  (type $t (sub $s (struct (field (mut i32)) (field i32))))
  (func $nop) (func $id (param i32) (result i32) (local.get 0))
  (func $two (param anyref i32) (result anyref) (local.get 0))
"""


def func(body, locals_="", results=""):
    return (f"{TYPES}(func (export \"f\") (param $p i32) (param $r anyref)"
            f" {results} (local $a i32) {locals_}\n{body}))")


def many_locals(n):
    names = "i32 " * n
    body = "\n".join(
        f"(local.set {3 + i} (i32.add (local.get {3 + (i * 7) % n})"
        f" (local.get $p)))" for i in range(n))
    return func(body, f"(local {names})")


def locals_and_calls(n):
    """What collectors look at, at each call."""
    body = "\n".join(
        f"(local.set {3 + i} (call $two (local.get $r) (local.get $p)))"
        f" (call $nop)" for i in range(n))
    return func(body, f"(local {'anyref ' * n})")


def nested(opening):
    def shape(n):
        step = "(local.set $a (i32.sub (local.get $a) (local.get $p)))"
        return func(f"({opening} {step} (br_if 0 (local.get $p))\n" * n +
                    "(br_if 0 (local.get $a)))\n" * n)
    return shape


def one_table(n):
    labels = " ".join(str(i % 3) for i in range(4 * n))
    return func(f"(block (block (block (br_table {labels} (local.get $p)))"
                " (call $nop)) (call $nop))")


def many_tables(n):
    table = "(block (block (block (br_table 0 1 2 1 0 (local.get $p)))))\n"
    return func(table * n)


TRY = "(block (try_table (catch $e 0) (catch_all 0) (call $nop)"


def handlers(n):
    return func((TRY + "))\n") * n)


def nested_handlers(n):
    """Each call may throw to all of them."""
    return func((TRY + "\n") * n + "(call $nop)))" * n)


def calls_under_handler(n):
    body = "(local.set $a (call $id (local.get $a)))\n" * n
    return func(f"(block (try_table (catch_all 0) {body}))",
                f"(local {'funcref ' * 100})")


def deep_stack(n):
    return func("(local.get $p) (i32.const 7) (call $id)\n" * n +
                "(call $nop) (drop)\n" * 2 * n)


def deep_references(n):
    return func("(struct.new $s (local.get $p))\n" * n +
                "(call $nop) (drop)\n" * n)


def live_values(n):
    return func("(i32.add (local.get $p) (i32.const 3))\n" * 60 +
                "(call $nop)\n" * n + "(drop)\n" * 60)


def constants(n):
    return func("".join(f"(drop (f64.add (f64.const {i}.5) (f64.const 0.1)))"
                        f"(drop (v128.not (v128.const i64x2 {i} 7)))\n"
                        for i in range(n)))


def loads(n):
    return func("(local.set $a (i32.load (local.get $a)))"
                "(i64.store (local.get $p) (i64.const 1))\n" * n)


def objects(n):
    """Allocation and casts, whose rare half lies behind the function's code."""
    return func("(local.set $r (struct.new $t (local.get $p) (local.get $a)))"
                "(drop (ref.test (ref $t) (local.get $r)))\n" * n)


SHAPES = {
    "many locals": (many_locals, 600),
    "locals and calls": (locals_and_calls, 300),
    "nested blocks": (nested("block"), 300),
    "nested loops": (nested("loop"), 250),
    # Branches that are far (32 KiB of wasm, or 16384 entries) have larger
    # entries in the side table: linear on either side of that.
    "one table": (one_table, 600),
    "one large table": (one_table, 9600),
    "many tables": (many_tables, 200),
    "handlers": (handlers, 200),
    "nested handlers": (nested_handlers, 150),
    "calls under a handler": (calls_under_handler, 300),
    "deep stack": (deep_stack, 250),
    "deep references": (deep_references, 100),
    "live values": (live_values, 400),
    "constants": (constants, 300),
    "loads": (loads, 500),
    "objects": (objects, 150),
}


def instructions(foliot, module, options):
    """How many it takes to compile the module."""
    done = subprocess.run(
        ["valgrind", "--tool=cachegrind", "--cache-sim=no",
         "--cachegrind-out-file=/dev/null", foliot, "compile",
         "-C", f"parallel-compilation=n,{options}", module, "-o", "/dev/null"],
        capture_output=True, text=True, timeout=120)
    found = re.search(r"I +refs: +([0-9,]+)", done.stderr)
    if done.returncode or not found:
        sys.exit(f"{module}: {done.stderr}")
    return int(found.group(1).replace(",", ""))


def measure(foliot, folder, name):
    """A line for each of the two parts that is not linear, and all lines."""
    make, size = SHAPES[name]
    compiling, proving = [], []
    for n in (size, 2 * size, 4 * size):
        text = os.path.join(folder, f"{name.replace(' ', '-')}-{n}.wat")
        with open(text, "w") as f:
            f.write(make(n))
        module = text[:-3] + "wasm"
        subprocess.run([foliot, "parse", text, "-o", module], check=True)
        plain = instructions(foliot, module, "verify-code=n,verify-values=n")
        proved = instructions(foliot, module, "verify-code,verify-values")
        compiling.append(plain)
        proving.append(proved - plain)
    lines = []
    for what, counts in (("compiled", compiling), ("proved", proving)):
        first, second = counts[1] - counts[0], counts[2] - counts[1]
        ratio = second / max(first, NOISE)
        lines.append((ratio <= RATIO_MAX, f"{name}, {what}: {first} and"
                      f" {second} more instructions, {ratio:.2f} times"))
    return lines


def main():
    foliot = os.path.join(sys.argv[1], "foliot")
    names = sys.argv[2:] or list(SHAPES)
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            done = pool.map(lambda n: measure(foliot, folder, n), names)
            for lines in done:
                for ok, line in lines:
                    passed += ok
                    failed += not ok
                    if not ok or sys.argv[2:]:
                        print(line)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
