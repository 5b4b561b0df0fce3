#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Plants a few bugs by hand into a build, and expects the complaint.

    by_hand.py BUILD

One file is compiled again for each, as the build compiled it, and one program
linked. The last line is `N passed, N failed`.
"""
import json
import os
import shlex
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))

# (file, what is there, what it becomes, program, arguments, what must be said)
BUGS = [
    ("src/baseline/x64/int.c",
     "W_32, gp(to), gp(from));\n    push_reg(f, TY_i32, to);",
     "W_64, gp(to), gp(from));\n    push_reg(f, TY_i32, to);",
     "tests/smith/smith_diff", ["--op", "i32_wrap_i64", "--count", "5"],
     ["--op i32_wrap_i64: configurations differ", "baseline"]),
    ("src/rt/helper_access.c", "& (size - 1)) != 0",
     "& (size - 1)) == 1", "tests/smith/smith_diff",
     ["--op", "i32_atomic_load", "--count", "200"],
     ["--op i32_atomic_load: configurations differ", "plain"]),
    ("src/valid/typer_stack.h", "typer_fail(t, E_unknown_label, label);",
     "(void)label;", "tests/smith/smith_invalid",
     ["--rule", "no_label", "--count", "5"], ["rule no_label: refused for another reason"]),
]


def command_of(build, name):
    """How the build made an object or program, with absolute paths."""
    text = subprocess.run(["ninja", "-t", "commands", name], cwd=build,
                          stdout=subprocess.PIPE, check=True).stdout.decode()
    last = text.strip().split("\n")[-1].replace("&&", " ").replace(": ", " ")
    return [w for w in shlex.split(last) if w != ":"]


def users(build, path):
    """Objects that are made from a file, or may be: of a header's folder."""
    with open(os.path.join(build, "compile_commands.json")) as f:
        rows = json.load(f)
    for row in rows:
        source = os.path.relpath(row["file"], ROOT)
        is_near = path.endswith(".h") and "_test" not in source and \
            os.path.dirname(source) == os.path.dirname(path)
        if source == path or is_near:
            words = shlex.split(row["command"])
            yield words[words.index("-o") + 1], row["file"], words


def plant(build, work, path, old, new):
    """Objects with the bug, by the path of those without."""
    with open(os.path.join(ROOT, path)) as f:
        text = f.read()
    if text.count(old) != 1:
        raise SystemExit(f"{path} has {text.count(old)} times {old!r}: "
                         "say in tools/proof/by_hand.py what it has now")
    changed = os.path.join(work, path)
    os.makedirs(os.path.dirname(changed), exist_ok=True)
    with open(changed, "w") as f:
        f.write(text.replace(old, new))
    objects = {}
    for name, source, words in users(build, path):
        out = os.path.join(work, name.replace("/", "_"))
        words = [changed if w == source and path.endswith(".c") else w
                 for w in words]
        words[words.index("-o") + 1] = out
        include = ["-I" + os.path.join(work, "src")]
        subprocess.run([words[0], *include, "-w", "-Wno-error", *words[1:]],
                       cwd=build, check=True)
        objects[name] = out
    return objects


def notices(build, work, bug):
    path, old, new, program, arguments, texts = bug
    objects = plant(build, work, path, old, new)
    words = [objects.get(w, w) for w in command_of(build, program)]
    out = os.path.join(work, os.path.basename(program))
    words[words.index("-o") + 1] = out
    subprocess.run(words, cwd=build, check=True)
    done = subprocess.run([out, *arguments], cwd=work, timeout=300,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = done.stdout.decode(errors="replace")
    if done.returncode != 0 and all(text in said for text in texts):
        return True
    print(f"FAILED a bug in {path} ({new}) is not noticed as {texts}:\n"
          f"{said[-500:]}")
    return False


def main(build):
    build = os.path.abspath(build)
    work = os.path.join(build, "tests", "proof", "by_hand")
    passed = sum(notices(build, os.path.join(work, str(i)), bug)
                 for i, bug in enumerate(BUGS))
    print(f"{passed} passed, {len(BUGS) - passed} failed")
    return passed != len(BUGS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
