#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What generated modules showed: for each instruction, feature, trap and error.

    evidence.py check FILE...         every feature that is on by default must
                                      have been generated, run in each
                                      configuration, and compared
    evidence.py keep FILE...          writes tests/proof/evidence.tsv from it

FILEs are what smith_diff, smith_invalid and the runners of other engines write
with --evidence. `--gone PATH` checks as if a file of the tree were not there.
The last line of `check` is `N passed, N failed`.
"""
import glob
import os
import re
import sys

import page
from plant import ROOT, git

SOURCES = os.path.join(ROOT, "src")


def read(*path):
    with open(os.path.join(SOURCES, *path)) as f:
        return f.read()


def features():
    """Rows of feature.def as dicts, in order."""
    text = read("wasm", "feature.def")
    rows = []
    for m in re.finditer(r'^FEATURE\((\w+),\s*"([^"]*)",\s*(\d+),\s*(\w+),'
                         r'\s*"([^"]*)"\)', text, re.M):
        rows.append(dict(zip(("name", "flag", "phase", "default", "what"),
                             m.groups())))
    needs = {m.group(1): m.groups()[1:] for m in re.finditer(
        r'^EVIDENCE\((\w+),\s*(\w+),\s*"([^"]*)",\s*"([^"]*)"\)', text, re.M)}
    for row in rows:
        row["kind"], row["tests"], row["api"] = needs.get(row["name"],
                                                          ("", "", ""))
    return rows


def instructions():
    """The feature of each row of op.def."""
    out = {}
    for line in read("wasm", "op.def").split("\n"):
        m = re.match(r'([A-Z_]+)\s*\((\w+),\s*(\w\w),\s*(0x\w+),(.*)\)', line)
        if not m:
            continue
        rest = [w.strip() for w in m.group(5).split(",")]
        out[m.group(2)] = rest[2 if m.group(1) == "OPX" else 3]
    return out


def rows_of(table, prefix):
    return re.findall(rf"^{prefix}\((\w+),", read(*table), re.M)


# Engines that are not ours, and what each is called.
ENGINES = {"v8": "V8", "wasmtime": "Wasmtime"}


def judges(e, feature):
    """The engines of this evidence that can judge a feature."""
    return [engine for engine in e.engines
            if feature not in e.lacks.get(engine, ())]


class Evidence:
    def __init__(self, paths):
        self.ops = {}
        self.features = {}
        self.shapes = {}
        self.traps = {}
        self.errors = {}
        self.reasons = {}
        self.configs = []
        self.engines = []
        self.lacks = {}
        names = [f["name"] for f in features()]
        for path in paths:
            with open(path) as f:
                for line in f:
                    self.add(line.split(), names)

    def add(self, words, names):
        if not words:
            return
        kind, name, what = words[:3]
        if kind == "row":
            kind, name = "feature", names[int(name)]
        if kind == "engine":
            self.lacks.setdefault(name, set()).add(words[3])
            return
        number = int(words[-1]) if words[-1].isdigit() else 0
        if what in ENGINES and what not in self.engines:
            self.engines.append(what)
        if kind == "op":
            self.count(self.ops, name, words, number)
        elif kind == "feature":
            self.count(self.features, name, words, number)
        elif kind == "shape":
            self.count(self.shapes, name, words, number)
        elif kind == "trap":
            self.count(self.traps, name, words, number)
        elif kind == "error":
            if "never:" in words:
                self.errors[name] = "never"
                self.reasons[name] = " ".join(words[words.index("never:") + 1:])
            elif self.errors.get(name) != "never":
                self.errors[name] = self.errors.get(name, 0) + int(words[3])

    def count(self, table, name, words, number):
        key = words[2] if len(words) == 4 else f"{words[2]} {words[3]}"
        if words[2] == "executed" and words[3] not in self.configs:
            self.configs.append(words[3])
        row = table.setdefault(name, {})
        row[key] = row.get(key, 0) + number


def missing_of_op(e, op, feature):
    """What lacks of an instruction: words for people."""
    row = e.ops.get(op, {})
    if not row.get("generated"):
        yield "was never generated"
    for config in e.configs:
        if not row.get(f"executed {config}"):
            yield f"was never executed in the configuration {config}"
    if not row.get("compared"):
        yield "was never compared between configurations"
    for key, number in row.items():
        if key.startswith("operand ") and not number:
            yield f"never had an operand of the kind {key.split()[1]}"
    for engine in judges(e, feature):
        if not row.get(engine):
            yield f"was never compared with {ENGINES[engine]}"


def missing_of_feature(e, feature):
    row = e.features.get(feature, {})
    if not row.get("compared"):
        yield "was in no generated module that was compared"
    for engine in judges(e, feature):
        if not row.get(engine):
            yield ("was in no generated module that was compared with " +
                   ENGINES[engine])


def elsewhere():
    """Traps and errors that generated modules do not show: where they are."""
    out = {}
    with open(os.path.join(ROOT, "tests", "proof", "elsewhere.txt")) as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                name, path = line.split()[:2]
                out[name] = path
    return out


def is_named_in(trap, path):
    try:
        with open(os.path.join(ROOT, path)) as f:
            return f"TRAP_{trap}" in f.read()
    except OSError:
        return False


def described():
    """Features that docs/features.md has a section about."""
    with open(os.path.join(ROOT, "docs", "features.md")) as f:
        return re.findall(r"^## ([\w-]+)$", f.read(), re.M)


def programs_of_tests():
    """The programs that sources of tests make, as the build names them."""
    found = {}
    for pattern in (("src", "*"), ("tests", "*")):
        for path in glob.glob(os.path.join(ROOT, *pattern, "*_test.c")):
            folder, name = path.split("/")[-2:]
            found[f"{folder}_{name[:-2]}"] = os.path.relpath(path, ROOT)
    return found


def catchers():
    """{test program: the planted bugs that it was the first to notice}."""
    out = {}
    for name in sorted(os.listdir(page.DATA)):
        _, rows = page.read_table(name) if name.endswith(".tsv") else ({}, [])
        for row in rows:
            if row.get("by", "").startswith("unit "):
                key = row.get("key") or row.get("id")
                out.setdefault(row["by"][5:], []).append(f"{name[:-4]} {key}")
    return out


class Checker:
    def __init__(self, evidence, gone=()):
        self.e = evidence
        self.gone = gone
        self.passed = self.failed = 0

    def is_there(self, path):
        return path not in self.gone and \
            os.path.exists(os.path.join(ROOT, path))

    def expect(self, complaints, command):
        complaints = list(complaints)
        self.passed += not complaints
        self.failed += len(complaints)
        for text in complaints:
            print(f"{text}\n    to see it: {command}")

    def features(self):
        ops = instructions()
        sections = described()
        for f in features():
            name = f["name"]
            if f["default"] != "on":
                continue
            say = f"the feature {name} is on by default, but "
            if not f["kind"]:
                self.expect([say + "feature.def has no EVIDENCE for it"],
                            "src/wasm/feature.def")
            self.expect((say + "it " + why
                         for why in missing_of_feature(self.e, name)),
                        "smith_diff --count 1000 --evidence FILE")
            mine = [op for op, feature in ops.items() if feature == name]
            if f["kind"] == "code" and not mine:
                self.expect([say + "op.def has no instruction of it"],
                            "src/wasm/op.def")
            for op in mine:
                self.expect((say + f"{op} {why}"
                             for why in missing_of_op(self.e, op, name)),
                            f"smith_diff --op {op} --count 20")
            if not self.is_there(f["tests"]):
                self.expect([say + f"there is no {f['tests']}"],
                            "src/wasm/feature.def")
            if f["flag"] not in sections:
                self.expect([say + "docs/features.md has no section for it"],
                            "docs/features.md")

    def tiers(self):
        """Each tier is run, and the tests that noticed bugs in it are there."""
        for _, tier in TIERS:
            ok = any(tier_of(c) == tier for c in self.e.configs)
            self.expect([] if ok else [f"no configuration runs the tier {tier}"],
                        "diff_configs in tests/fuzz/diff/run.c")
        programs = programs_of_tests()
        for name, bugs in sorted(catchers().items()):
            path = programs.get(name)
            ok = path and self.is_there(path)
            self.expect([] if ok else [
                f"the test {name} is gone: {len(bugs)} planted bugs were "
                f"noticed by it first ({', '.join(bugs[:3])}, ...)"],
                "./x proof run FOLDER, to see who notices them now")

    def shapes(self):
        for name, row in sorted(self.e.shapes.items()):
            self.expect([] if row.get("compared") else
                        [f"no generated module with the shape {name} was "
                         "compared"],
                        "smith_diff --count 1000 --evidence FILE")

    def traps(self):
        others = elsewhere()
        for trap in rows_of(("wasm", "trap.def"), "TRAP"):
            if trap in others:
                ok = is_named_in(trap, others[trap])
                self.expect([] if ok else
                            [f"{others[trap]} does not name TRAP_{trap}"],
                            "tests/proof/elsewhere.txt")
                continue
            row = self.e.traps.get(trap, {})
            self.expect((f"the trap {trap} was never seen in the "
                         f"configuration {config}" for config in self.e.configs
                         if not row.get(f"seen {config}")),
                        "smith_diff --single --count 20 --evidence FILE")

    def errors(self):
        for name, count in sorted(self.e.errors.items()):
            if count == 0 and self.is_of_modules(name):
                self.expect([f"no generated module was refused for {name}"],
                            "smith_invalid --evidence FILE")
            else:
                self.expect([], "")

    def is_of_modules(self, name):
        order = rows_of(("base", "err.def"), "ERR")
        return order.index("unexpected_end") <= order.index(name) < \
            order.index("unknown_import")


def check(words):
    gone = [path for option, path in zip(words, words[1:]) if option == "--gone"]
    paths = [w for w in words if w != "--gone" and w not in gone]
    checker = Checker(Evidence(paths), gone)
    checker.features()
    checker.tiers()
    checker.shapes()
    checker.traps()
    checker.errors()
    for engine, title in ENGINES.items():
        if engine not in checker.e.engines:
            print(f"there was no {title} to compare with")
    print(f"{checker.passed} passed, {checker.failed} failed")
    return checker.failed != 0


# Configurations by what runs the code in them, from the start of their names.
TIERS = (("baseline", "baseline"), ("mixed", "mixed"), ("ahead", "file"),
         ("", "interpreter"))


def tier_of(config):
    return next(tier for start, tier in TIERS if config.startswith(start))


def least_runs(e, rows, tier):
    """How often the instruction that ran least has run in that tier."""
    configs = [c for c in e.configs if tier_of(c) == tier]
    return min((sum(row.get(f"executed {c}", 0) for c in configs)
                for row in rows), default=0)


def complaints(e, feature, mine):
    """Everything that lacks of a feature, on by default or not."""
    yield from missing_of_feature(e, feature)
    for op in mine:
        yield from missing_of_op(e, op, feature)


def feature_rows(e):
    """One line for each feature: what the status page says about it."""
    ops = instructions()
    tiers = [tier for _, tier in reversed(TIERS)]
    for f in features():
        mine = [op for op, name in ops.items() if name == f["name"]]
        rows = [e.ops.get(op, {}) for op in mine]
        modules = e.features.get(f["name"], {})
        lacks = len(list(complaints(e, f["name"], mine)))
        yield [f["name"], str(len(mine)),
               str(sum(row.get("generated", 0) for row in rows)),
               *(str(least_runs(e, rows, tier)) for tier in tiers),
               str(modules.get("compared", 0)),
               *(str(modules.get(engine, 0)) for engine in e.engines),
               str(lacks)]


def trap_rows(e):
    others = elsewhere()
    tiers = [tier for _, tier in reversed(TIERS)]
    for trap in rows_of(("wasm", "trap.def"), "TRAP"):
        row = e.traps.get(trap, {})
        yield [trap, *(str(sum(row.get(f"seen {c}", 0) for c in e.configs
                               if tier_of(c) == tier)) for tier in tiers),
               others.get(trap, "")]


def keep(paths):
    """The committed tables that the status page is made from."""
    e = Evidence(paths)
    tiers = [tier for _, tier in reversed(TIERS)]
    about = f"tree {git('rev-parse', '--short=12', 'HEAD:src')} " \
        f"date {git('log', '-1', '--format=%cs')}"
    page.write_table(
        os.path.join(page.DATA, "evidence.tsv"),
        f"{about} configurations {','.join(e.configs)}",
        ["feature", "instructions", "generated", *tiers, "compared",
         *e.engines, "missing"], feature_rows(e))
    page.write_table(os.path.join(page.DATA, "traps.tsv"), about,
                     ["trap", *tiers, "test"], trap_rows(e))
    page.write_table(os.path.join(page.DATA, "errors.tsv"), about,
                     ["error", "refused", "instead"],
                     [[name, str(e.errors[name]), e.reasons.get(name, "")]
                      for name in sorted(e.errors)])
    return 0


if __name__ == "__main__":
    sys.exit({"check": check, "keep": keep}[sys.argv[1]](sys.argv[2:]))
