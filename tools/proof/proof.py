#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Injected bugs: which ones the tests notice.

    ./x proof                       scores, and docs/status.md from them
    ./x proof run [FOLDER...]       plants bugs and asks; takes a while
    ./x proof retry [FOLDER...]     asks again about those that survived
    ./x proof one KEY               one bug: its change, what the oracles say
    ./x proof history [ID...]       the bugs of others, re-created
    ./x proof goals                 fails when a score is short of its goal
    ./x proof page FILE             the status page, into a file

Options of `run`: --seed N, --count N (bugs in each folder), --seconds N (at most,
for each), --jobs N, --more (keeps the bugs of the list whose places are still
there, and adds to them), --fresh (a seed whose results go to a list of its own),
--quick (leaves the slow oracles to `retry`, which asks all about survivors).
`retry` without folders asks about every list.
docs/proof.md explains the whole.
"""
import argparse
import concurrent.futures
import difflib
import glob
import os
import random
import re
import subprocess
import sys
import time

import mutate
import page
import plant
from plant import ROOT, WORK, say

DATA = page.DATA
# What is sampled as one.
FOLDERS = {
    "valid": ["src/valid"],
    "interp": ["src/interp"],
    "vmabi": ["src/vmabi", "src/wasm"],
    "rt": ["src/rt"],
    "gc": ["src/gc"],
    "baseline": ["src/baseline"],
}
# Areas of tests/ whose programs are asked about a folder as well.
AREAS = {
    "interp": ["code", "suspend"],
    "vmabi": ["interp", "code", "baseline"],
    "rt": ["torture", "api", "code", "suspend"],
    "gc": ["rt", "code"],
    "baseline": ["baseline", "asm", "code"],
}
# Scripts of tests/ that need only the command.
SCRIPTS = ("file", "baseline", "code", "corpus", "cli", "debug")
COMPILED = ["-C", "compiler=baseline"]
# Files of which more objects than this are made come into a sample so often:
# nearly the whole engine is compiled again for each.
HEAVY_USERS = 16
HEAVY_MAX = 6
SINGLES = 4  # modules about each instruction
RANDOMS = 1500


# --- oracles -----------------------------------------------------------------


class Oracles:
    """Programs, fastest first, that say whether a tree has a bug."""

    def __init__(self, is_quick):
        self.is_quick = is_quick
        suite = plant.run([os.path.join(ROOT, "tools", "spec-suite.sh")])
        self.suite = suite.stdout.decode().strip().split("\n")[-1]
        os.makedirs(plant.GOLDEN, exist_ok=True)

    def targets(self):
        tests = glob.glob(os.path.join(ROOT, "src", "*", "*_test.c"))
        for area in sum(AREAS.values(), []):
            tests += glob.glob(os.path.join(ROOT, "tests", area, "*_test.c"))
        names = [f"{t.split('/')[-2]}_{os.path.basename(t)[:-2]}"
                 for t in tests]
        return sorted(set(names)) + ["smith_diff", "smith_invalid", "foliot",
                                "proof_stack_test"]

    def units(self, folder, paths, tree):
        """Unit tests of the folders, the changed file's own first; the others."""
        prefixes = [os.path.basename(f) for f in FOLDERS.get(folder, [folder])]
        prefixes += AREAS.get(folder, [])
        names = [p for p in tree.programs if p.endswith("_test")]
        near = [n for n in names if n.split("_")[0] in prefixes]
        own = {os.path.basename(p).split(".")[0] for p in paths}
        near.sort(key=lambda n: (n[:-5].split("_", 1)[1] not in own,
                                 prefixes.index(n.split("_")[0]), n))
        return near, [n for n in names if n not in near]

    def list(self, folder, paths, tree, is_quick=False):
        """(name, program, arguments, expected output or None, seconds): at least
        eight times what it takes on a machine of which others want much, too."""
        near, far = self.units(folder, paths, tree)
        yield from self.unit_tests(near)
        if "smith_invalid" in tree.programs:
            yield "invalid modules", "smith_invalid", ["--count", "40"], \
                None, 60
        yield "stacks", "proof_stack_test", [], None, 60
        for area in SCRIPTS:
            yield ("tests " + area, "foliot", ["SCRIPT", os.path.join(
                plant.TREE, "tests", area, "run.sh")], None, 120)
        yield from self.replays()
        if self.is_quick or is_quick:
            return
        yield from self.unit_tests(far)
        yield "single generate", "smith_diff", ["--single", "--count", "3"], \
            None, 200
        yield from self.spec(folder)

    def unit_tests(self, names):
        for name in names:
            yield "unit " + name, name, [], None, 60

    def replays(self):
        for name in ("single", "random"):
            base = os.path.join(plant.GOLDEN, name)
            yield ("smith " + name, "smith_diff",
                   ["--replay", base + ".modules", "--stop",
                    "--results", "OUT"], base + ".results", 200)

    def spec(self, folder):
        """The specification's suite, in the tiers that can show the bug."""
        tiers = {"interp": [[]], "baseline": [COMPILED],
                 "gc": [["-D", "gc-collect-always"]],
                 "valid": [[]]}.get(folder, [[], COMPILED])
        for options in tiers:
            yield from self.suite_with(options)

    def suite_with(self, options):
        """The suite's folders, with their features."""
        features = {"": []}
        path = os.path.join(ROOT, "tests", "spec", "features")
        for line in open(path):
            if not line.startswith("#") and len(line.split()) == 2:
                name, words = line.split()
                features["" if name == "." else name] = \
                    [] if words == "-" else ["-W", words]
        parts = {os.path.join(self.suite, name): words
                 for name, words in features.items() if words != ["-W",
                                                                  "later"]}
        parts[os.path.join(ROOT, "tests", "spec64")] = []
        for part, words in parts.items():
            files = sorted(glob.glob(os.path.join(part, "*.wast")))
            if files:
                yield (" ".join(["spec", *options[1:],
                                 os.path.basename(part)]), "foliot",
                       ["wast", *options, *words, *files], None, 60)

    def make_golden(self, tree):
        """What the tree without a bug says about modules that stay."""
        diff = tree.path("smith_diff")
        for name, options in (
                ("single", ["--single", "--count", str(SINGLES)]),
                ("random", ["--seed", "1000", "--count", str(RANDOMS)])):
            base = os.path.join(plant.GOLDEN, name)
            if plant.is_current(base + ".results"):
                continue
            plant.run([diff, *options, "--modules",
                       base + ".modules"], cwd=plant.GOLDEN)
            plant.run([diff, "--replay", base + ".modules",
                       "--results", base + ".results"], cwd=plant.GOLDEN)

    def check_clean(self, tree):
        """An oracle that complains without a bug is none. Asked once a tree."""
        self.broken = set()
        path = os.path.join(WORK, "quick" if self.is_quick else "sound")
        if plant.is_current(path):
            self.broken = set(open(path).read().split("\n"))
            return
        self.ask_clean(tree)
        with open(path, "w") as f:
            f.write("\n".join(sorted(self.broken)))

    def ask_clean(self, tree):
        sound = set()
        for folder in [*FOLDERS, "os"]:
            for name, program, arguments, *rest in self.list(folder, [], tree):
                key = (name, *arguments)
                if program not in tree.programs or name in self.broken or \
                        key in sound:
                    continue
                wrong = self.verdict(tree.path(program), arguments, *rest,
                                     plant.GOLDEN)
                if wrong:
                    say(f"without a bug, {name} fails ({wrong}): left out")
                    self.broken.add(name)
                sound.add(key)

    def verdict(self, path, arguments, golden, seconds, cwd):
        """Why this is not the behaviour of a tree without bugs; None: it is."""
        out = os.path.join(cwd, f"results.{os.getpid()}")
        words = [path, *(out if a == "OUT" else a for a in arguments)]
        if arguments[:1] == ["SCRIPT"]:
            words = [arguments[1], os.path.dirname(path)]
        status, text = plant.ask(words, seconds, cwd)
        if status == "timeout" or status in (-24, -9):
            return "too slow"
        if status != 0:
            lines = text.decode(errors="replace").strip().split("\n")
            lines = [x for x in lines if re.search(
                r"FAIL|seed|never|error|ERROR|assert|Assertion", x)] or lines
            return f"status {status}: {lines[0][:100]}"
        if golden and not plant.same_file(out, golden):
            return "other results"
        return None


# --- one bug -----------------------------------------------------------------

TREE = None
ORACLES = None


def try_mutant(mutant, folder, slot):
    text = open(os.path.join(plant.TREE, mutant.path)).read()
    return try_changes({mutant.path: mutant.apply(text)}, folder, slot)


def try_changes(changes, folder, slot):
    """(verdict, by, seconds): caught, survived, same, broken."""
    clock = plant.Clock()
    try:
        planted = plant.Planted(TREE, changes, slot)
        compiled = False
        for name, program, *rest in ORACLES.list(folder, list(changes), TREE):
            if program not in TREE.programs or name in ORACLES.broken:
                continue
            try:
                planted.compile([program])
                compiled = True
            except plant.Same:
                continue
            path = planted.program(program)
            if not path:
                continue
            wrong = ORACLES.verdict(path, *rest, planted.folder)
            if wrong:
                return "caught", f"{name}: {wrong}", clock.seconds()
        if not compiled:
            return "same", "", clock.seconds()
        by = "" if ORACLES.is_quick else sanitized(changes, folder, slot,
                                                   planted)
        return ("caught" if by else "survived"), by, clock.seconds()
    except plant.Broken:
        return "broken", "", clock.seconds()


def sanitized(changes, folder, slot, planted):
    """Who notices a survivor under sanitizers, but nothing without the bug."""
    users = [name for name, path in planted.objects.items() if path]
    bug = plant.Sanitized(TREE, changes, slot + "-sanitized", users)
    clean = None
    for name, program, arguments, golden, seconds in ORACLES.list(
            folder, list(changes), TREE, True):
        path = program in TREE.programs and bug.program(program)
        if not path or name in ORACLES.broken:
            continue
        wrong = ORACLES.verdict(path, arguments, golden, 4 * seconds,
                                bug.folder)
        if not wrong:
            continue
        same = {p: open(os.path.join(plant.TREE, p)).read() for p in changes}
        clean = clean or plant.Sanitized(TREE, same, slot + "-clean", users)
        if not ORACLES.verdict(clean.program(program), arguments, golden,
                               4 * seconds, clean.folder):
            return f"sanitized {name}: {wrong}"
    return ""


# --- samples -----------------------------------------------------------------


def all_sites(folder):
    found = []
    for base in FOLDERS[folder]:
        for path in sorted(glob.glob(os.path.join(plant.TREE, base, "**"),
                                     recursive=True)):
            name = os.path.relpath(path, plant.TREE)
            if name.endswith("_test.c") or name.endswith("_test.h") or \
                    not re.search(r"\.(c|h|def)$", name):
                continue
            found += mutate.sites(name, open(path).read())
    return found


def order(sites, seed):
    """A random order in which all kinds of bugs come equally often."""
    rng = random.Random(seed)
    kinds = {}
    for m in sites:
        kinds.setdefault(m.kind, []).append(m)
    for group in kinds.values():
        rng.shuffle(group)
    out = []
    while kinds:
        for kind in rng.sample(sorted(kinds), len(kinds)):
            out.append(kinds[kind].pop())
            if not kinds[kind]:
                del kinds[kind]
    return out


def lighten(sites):
    """The same without the heavy ones behind the first few."""
    heavy = [m for m in sites
             if len(TREE.users.get(m.path, ())) > HEAVY_USERS]
    left_out = set(m.key for m in heavy[HEAVY_MAX:])
    return [m for m in sites if m.key not in left_out]


def list_name(folder, options):
    return f"{folder}.fresh.{options.seed}" if options.fresh else folder


def earlier(folder, options, sites):
    """Results of the committed list whose places are still there."""
    places = {m.key: m for m in sites}
    name = list_name(folder, options) + ".tsv"
    _, rows = page.read_table(name) if options.more else ({}, [])
    return [(places[r["key"]], r["verdict"], r["by"], float(r["seconds"]))
            for r in rows if r["key"] in places]


def run_folder(folder, options, done):
    """Results of `count` bugs that are not the same code."""
    sites = all_sites(folder)
    results = earlier(folder, options, sites)
    known = {m.key for m, *_ in results}
    sites = [m for m in lighten(order(sites, f"{options.seed} {folder}"))
             if m.key not in known]
    say(f"{folder}: {len(sites)} places, {len(results)} known")
    for result in results:
        done(folder, result, False)
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        waiting = {}
        at = 0
        end = time.monotonic() + options.seconds
        while len(results) < options.count and (at < len(sites) or waiting):
            if time.monotonic() > end:
                break
            while len(waiting) < options.jobs and at < len(sites) and \
                    len(results) + len(waiting) < options.count + 1:
                slot = next(s for s in range(options.jobs)
                            if s not in waiting.values())
                job = pool.submit(try_mutant, sites[at], folder,
                                  f"-{folder}-{options.seed}-{slot}")
                job.mutant = sites[at]
                waiting[job] = slot
                at += 1
            ready, _ = concurrent.futures.wait(
                waiting, return_when=concurrent.futures.FIRST_COMPLETED)
            for job in ready:
                del waiting[job]
                verdict, by, seconds = job.result()
                if verdict in ("caught", "survived"):
                    results.append((job.mutant, verdict, by, seconds))
                    done(folder, results[-1], True)
    return results[:options.count]


def show(folder, result):
    m, verdict, by, seconds = result
    say(f"{folder} {m.key} {verdict:8} {seconds:5.1f} s {m.path}:{m.line + 1} "
        f"{m.kind}  {by}")
    if verdict == "survived":
        say(f"    - {m.before.strip()}\n    + {m.after.strip()}")


def write_results(folder, results, options):
    path = os.path.join(DATA, f"{list_name(folder, options)}.tsv")
    left = " slow left" if options.quick else ""
    with open(path, "w") as f:
        f.write(f"# seed {options.seed} {plant.about_tree()}{left}\n"
                "# key\tverdict\tby\tseconds\tkind\tplace\tbefore\tafter\n")
        for m, verdict, by, seconds in results:
            by = re.sub(r"\s+", " ", by.split(": ")[0])
            f.write("\t".join([m.key, verdict, by, f"{seconds:.1f}", m.kind,
                               m.path, m.before.strip(), m.after.strip()])
                    + "\n")


def prepare(is_quick=False):
    global TREE, ORACLES
    os.makedirs(WORK, exist_ok=True)
    ORACLES = Oracles(is_quick)
    TREE = plant.Tree(ORACLES.targets())
    ORACLES.make_golden(TREE)
    ORACLES.check_clean(TREE)


def command_run(options):
    prepare(options.quick)
    for folder in options.words or FOLDERS:
        if not os.path.isdir(os.path.join(plant.TREE, FOLDERS[folder][0])):
            say(f"{folder}: there is nothing yet")
            continue
        kept = []

        def keep(folder, result, is_new):
            kept.append(result)
            if is_new:
                show(folder, result)
                write_results(folder, kept, options)

        results = run_folder(folder, options, keep)
        page.print_score(folder, [(m.key, v) for m, v, _, _ in results])


def command_retry(options):
    """Asks again about survivors, after tests were added. What the slow oracles
    notice is of the first pass when nothing else has changed."""
    prepare(options.quick)
    for folder in options.words or [f for f, *_ in page.folder_tables()]:
        about, rows = page.read_table(f"{folder}.tsv")
        base = folder.split(".")[0]  # interp.fresh.2 is of interp
        is_first = "slow" in about and about["tree"] == plant.tree_hash()
        places = {m.key: m for m in all_sites(base)} if rows else {}
        for row in rows:
            m = places.get(row["key"])
            if row["verdict"] in page.CAUGHT or not m or \
                    row["key"] in page.read_equivalent():
                continue
            verdict, by, seconds = try_mutant(m, base, "retry")
            show(folder, (m, verdict, by, seconds))
            if verdict == "caught":
                row["verdict"] = "caught" if is_first else "later"
                row["by"] = re.sub(r"\s+", " ", by.split(": ")[0])
        if rows:
            if not options.quick:
                about.pop("slow", None)
            about["retried"] = plant.tree_hash()
            page.write_table(os.path.join(DATA, f"{folder}.tsv"),
                             " ".join(f"{k} {v}" for k, v in about.items()),
                             list(rows[0]), [list(r.values()) for r in rows])
            page.print_score(folder, [(r["key"], r["verdict"]) for r in rows])


def find_mutant(key):
    for folder in FOLDERS:
        for m in all_sites(folder):
            if m.key == key:
                return folder, m
    raise SystemExit(f"no place {key}: has the line changed?")


def command_one(options):
    prepare()
    for key in options.words:
        folder, m = find_mutant(key)
        text = open(os.path.join(plant.TREE, m.path)).read()
        sys.stdout.writelines(
            line + "\n" for line in difflib.unified_diff(
                text.split("\n"), m.apply(text).split("\n"), m.path, m.path,
                lineterm="", n=4))
        verdict, by, seconds = try_mutant(m, folder, "one")
        say(f"{m.key} {verdict} {seconds:.1f} s {by}")


# --- the bugs of others ------------------------------------------------------


def command_history(options):
    prepare()
    rows = page.read_history()
    caught = 0
    lines = []
    for row in rows:
        if options.words and row["id"] not in options.words:
            continue
        path = os.path.join(plant.TREE, row["file"])
        text = open(path).read()
        if text.count(row["old"]) != 1:
            raise SystemExit(f"{row['id']}: its place in {row['file']} has "
                             f"changed: {row['old']!r} is there "
                             f"{text.count(row['old'])} times")
        folder = row["file"].split("/")[1]
        verdict, by, seconds = try_changes(
            {row["file"]: text.replace(row["old"], row["new"])}, folder,
            "history")
        caught += verdict == "caught"
        lines.append((row["id"], verdict, by.split(": ")[0], f"{seconds:.1f}"))
        say(f"{row['id']:16} {verdict:8} {seconds:5.1f} s  {by}")
    about, old = page.read_table("history.tsv")
    if options.words:
        about["retried"] = plant.tree_hash()
    else:
        words = plant.about_tree().split()
        about, old = dict(zip(words[::2], words[1::2])), []
    new = {line[0]: list(line) for line in lines}
    kept = {r["id"]: list(r.values()) for r in old}
    page.write_table(os.path.join(DATA, "history.tsv"),
                     " ".join(f"{k} {v}" for k, v in about.items()),
                     ["id", "verdict", "by", "seconds"],
                     [new.get(r["id"]) or kept[r["id"]] for r in rows
                      if r["id"] in new or r["id"] in kept])
    say(f"{caught} passed, {len(lines) - caught} failed")
    return 0 if caught == len(lines) else 1


def main():
    parser = argparse.ArgumentParser(
        prog="./x proof", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", nargs="?", default="score",
                        choices=["score", "run", "retry", "one", "history",
                                 "goals", "page"])
    parser.add_argument("words", nargs="*")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--count", type=int, default=page.COUNT)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=int, default=7200)
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--more", action="store_true")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_intermixed_args()
    command = {"run": command_run, "retry": command_retry, "one": command_one,
               "history": command_history, "score": page.command_score,
               "goals": page.command_goals, "page": page.command_page}[options.command]
    return command(options) or 0


if __name__ == "__main__":
    sys.exit(main())
