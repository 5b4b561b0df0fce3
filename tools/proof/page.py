# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What was measured, as scores and as docs/status.md."""
import os
import re

from plant import ROOT, git, say, tree_hash

DATA = os.path.join(ROOT, "tests", "proof")


def read_table(name):
    """(what the first line says, rows as dicts); nothing: no such table."""
    path = os.path.join(DATA, name)
    if not os.path.exists(path):
        return {}, []
    lines = open(path).read().rstrip("\n").split("\n")
    words = lines[0].lstrip("# ").split()
    about = dict(zip(words[::2], words[1::2]))
    columns = lines[1].lstrip("# ").split("\t")
    return about, [dict(zip(columns, line.split("\t"))) for line in lines[2:]]


def write_table(path, about, columns, rows):
    with open(path, "w") as f:
        f.write(f"# {about}\n# " + "\t".join(columns) + "\n")
        for row in rows:
            f.write("\t".join(row) + "\n")


def read_equivalent():
    """Bugs that are none, with the reason: by key."""
    path = os.path.join(DATA, "equivalent.txt")
    out = {}
    if os.path.exists(path):
        for line in open(path):
            if line.strip() and not line.startswith("#"):
                key, reason = line.strip().split(None, 1)
                out[key] = reason
    return out


def read_history():
    """Blocks of `id`, `what`, `file`, and the change between `<<<` and `>>>`."""
    text = open(os.path.join(DATA, "history.txt")).read()
    rows = []
    pattern = re.compile(
        r"^id: ([^\n]+)\nwhat: ([^\n]+)\nfile: ([^\n]+)\n<<<\n(.*?)\n===\n(.*?)\n?>>>$",
        re.M | re.S)
    for m in pattern.finditer(text):
        rows.append(dict(zip(("id", "what", "file", "old", "new"),
                             m.groups())))
    return rows


def score(results):
    """(caught, counted, equivalent, survivors)"""
    equivalent = read_equivalent()
    caught = sum(v == "caught" for _, v in results)
    same = [k for k, v in results if v == "survived" and k in equivalent]
    left = [k for k, v in results if v == "survived" and k not in equivalent]
    return caught, len(results) - len(same), len(same), left


def print_score(folder, results):
    caught, counted, same, left = score(results)
    percent = 100 * caught / counted if counted else 0
    say(f"{folder:10} {caught} of {counted} caught, {percent:.1f} %; "
        f"{same} equivalent; survivors: {' '.join(left) or 'none'}")


def command_score(_):
    for name in sorted(os.listdir(DATA)):
        if name.endswith(".tsv") and name not in ("history.tsv",):
            about, rows = read_table(name)
            if rows and "key" in rows[0]:
                print_score(name[:-4], [(r["key"], r["verdict"])
                                        for r in rows])


def command_check(_):
    raise SystemExit("not yet")
