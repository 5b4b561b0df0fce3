# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What was measured, as scores and as docs/status.md."""
import os
import re

from plant import ROOT, git, say

DATA = os.environ.get("FOLIOT_PROOF_TABLES",
                      os.path.join(ROOT, "tests", "proof"))
GOAL = 95  # percent of the bugs that must be caught
COUNT = 60  # bugs in each folder
APART = 5  # points, at most, between the lists and a fresh seed's first pass
# Noticed at once, or after the survivors had been looked at.
CAUGHT = ("caught", "later")


# --- tables ------------------------------------------------------------------


def read_table(name):
    """(what the first line says, rows as dicts); nothing: no such table."""
    path = os.path.join(DATA, name)
    if not os.path.exists(path):
        return {}, []
    with open(path) as f:
        lines = f.read().rstrip("\n").split("\n")
    words = lines[0].lstrip("# ").split()
    about = dict(zip(words[::2], words[1::2]))
    columns = lines[1].lstrip("# ").split("\t")
    return about, [dict(zip(columns, line.split("\t"))) for line in lines[2:]]


def sources(about):
    """What a table's numbers are about, and from when."""
    date = f" ({about['date']})" if "date" in about else ""
    return about.get("tree", "?") + date


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
        with open(path) as f:
            for line in f:
                if line.strip() and not line.startswith("#"):
                    key, reason = line.strip().split(None, 1)
                    out[key] = reason
    return out


def read_history():
    """Blocks of `id`, `what`, `file`, and the change between <<< and >>>."""
    with open(os.path.join(DATA, "history.txt")) as f:
        text = f.read()
    pattern = re.compile(
        r"^id: ([^\n]+)\nwhat: ([^\n]+)\nfile: ([^\n]+)\n"
        r"<<<\n(.*?)\n===\n(.*?)\n?>>>$", re.M | re.S)
    return [dict(zip(("id", "what", "file", "old", "new"), m.groups()))
            for m in pattern.finditer(text)]


# --- scores ------------------------------------------------------------------


def score(results):
    """(caught, counted, equivalent, survivors) of (key, verdict) pairs."""
    equivalent = read_equivalent()
    caught = sum(v in CAUGHT for _, v in results)
    same = [k for k, v in results if v == "survived" and k in equivalent]
    left = [k for k, v in results if v == "survived" and k not in equivalent]
    return caught, len(results) - len(same), len(same), left


def percent(part, whole):
    return 100 * part / whole if whole else 0


def at_first(results):
    """How many were caught before any test was written for this sample."""
    return sum(v == "caught" for _, v in results)


def is_fresh(folder):
    return ".fresh." in folder


def has_first(folder, about):
    """Does the list say what was noticed at first? The oldest do not."""
    return is_fresh(folder) and "first" not in about


def pooled(tables):
    """(caught at first, caught, counted) over several lists."""
    sums = [(at_first(r), *score(r)[:2]) for _, _, r in tables]
    return tuple(map(sum, zip(*sums))) if sums else (0, 0, 0)


def fresh_seeds():
    """{seed: its lists that say what was noticed at first}, the newest last."""
    out = {}
    for table in folder_tables():
        if has_first(*table[:2]):
            out.setdefault(int(table[1]["seed"]), []).append(table)
    return dict(sorted(out.items()))


def print_score(folder, results):
    caught, counted, same, left = score(results)
    say(f"{folder:10} {caught} of {counted} caught, "
        f"{percent(caught, counted):.1f} %, "
        f"{at_first(results)} at first; {same} equivalent; "
        f"survivors: {' '.join(left) or 'none'}")


def folder_tables():
    for name in sorted(os.listdir(DATA)):
        if name.endswith(".tsv"):
            about, rows = read_table(name)
            if rows and "verdict" in rows[0] and "key" in rows[0]:
                yield name[:-4], about, [(r["key"], r["verdict"])
                                         for r in rows]


# --- the page ----------------------------------------------------------------

HEAD = """# Status

Made by `./x proof` from tables; [proof.md](proof.md) says how they come about.
Nothing here is written by hand, and `./x test` fails when it is not what the
tables say.

"""


# What a planted bug is about, when its line names no instruction: the first word
# that its file's path has.
PLACES = (("simd", "simd"), ("atomic", "threads"), ("wait", "threads"),
          ("gc", "gc"), ("object", "gc"), ("exn", "exceptions"),
          ("tag", "exceptions"), ("table", "reference_types"),
          ("const_expr", "extended_const"), ("src/valid/type", "gc"))


def feature_of(row, ops):
    """The feature of an instruction that the line names, or by its file."""
    for word in re.findall(r"\w+", row["before"]):
        for name in (word, re.sub(r"^(exec|emit|num|OP)_", "", word)):
            if name in ops:
                return ops[name]
    return next((feature for word, feature in PLACES if word in row["place"]),
                "mvp")


def bugs_by_feature():
    """{feature: (caught, counted)} over all lists."""
    import evidence
    ops = evidence.instructions()
    same = read_equivalent()
    out = {}
    for name in sorted(os.listdir(DATA)):
        _, rows = read_table(name) if name.endswith(".tsv") else ({}, [])
        for row in rows:
            if "verdict" not in row or "place" not in row or \
                    (row["verdict"] == "survived" and row["key"] in same):
                continue
            feature = feature_of(row, ops)
            caught, counted = out.get(feature, (0, 0))
            out[feature] = (caught + (row["verdict"] in CAUGHT), counted + 1)
    return out


RUNS = ("interpreter", "baseline", "mixed", "file")
FEATURE_TEXT = """How far each proposal of `feature.def` is. *Finished*: nothing
lacks of the evidence that a default needs. *Fuzzed*: under each tier how often
the feature's instruction that ran least has run in it; then the modules in which
all of our configurations agreed, and those of them that other engines agreed
with. *Bugs*: how many of the planted ones that are about the feature were
caught. *API* is the option of `foliot -W` and `foliot_config_feature_set`, *C
API* the function of the ecosystem's headers. Configurations: {configs}. Counted
for the sources {sources}.
"""


def feature_lines():
    import evidence
    about, rows = read_table("evidence.tsv")
    known = {r["feature"]: r for r in rows}
    engines = [e for e in evidence.ENGINES if rows and e in rows[0]]
    bugs = bugs_by_feature()
    sections = evidence.described()
    yield "## Features\n"
    yield FEATURE_TEXT.format(
        configs=about.get("configurations", "").replace(",", ", "),
        sources=sources(about))
    heads = ["proposal", "phase", "default", "finished", "tests",
             "instructions", *RUNS, "compared",
             *(evidence.ENGINES[e] for e in engines), "bugs", "API", "C API",
             "docs"]
    yield "| " + " | ".join(heads) + " |"
    yield "|---" * len(heads) + "|"
    for f in evidence.features():
        row = known.get(f["name"], {})
        ops = row.get("instructions", "0")
        caught, counted = bugs.get(f["name"], (0, 0))
        cells = [
            f["flag"], f["phase"], f["default"],
            {"": "", "0": "yes"}.get(row.get("missing", ""), "no"),
            f"`{f['tests']}`", ops if ops != "0" else "",
            *(row.get(tier, "") if ops != "0" else "" for tier in RUNS),
            row.get("compared", ""), *(row.get(e, "") for e in engines),
            f"{caught} of {counted}" if counted else "", f"`{f['flag']}`",
            f"`{f['api']}`" if f["api"] else "",
            f"[here](features.md#{f['flag']})" if f["flag"] in sections else ""]
        yield "| " + " | ".join(cells) + " |"
    yield ""


def trap_lines():
    about, rows = read_table("traps.tsv")
    yield "## Traps\n"
    yield ("How often generated modules ended so, in each tier; of those that "
           "they avoid, the test that names them. Counted for the sources "
           f"{sources(about)}.\n")
    yield "| trap | " + " | ".join(RUNS) + " | test |"
    yield "|---" * (2 + len(RUNS)) + "|"
    for row in rows:
        seen = [row[tier] if not row["test"] else "" for tier in RUNS]
        yield (f"| {row['trap']} | {' | '.join(seen)} | "
               f"{'`' + row['test'] + '`' if row['test'] else ''} |")
    yield ""


def error_lines():
    """Errors of decoder and validator: few stand out, so few are listed."""
    about, rows = read_table("errors.tsv")
    counts = {r["error"]: int(r["refused"]) for r in rows
              if r["refused"].isdigit() and int(r["refused"])}
    yield "## Errors\n"
    if counts:
        least = min(counts, key=counts.get)
        yield (f"Generated modules with one mistake were refused for {len(counts)}"
               f" different errors, {sum(counts.values())} modules in all and for"
               f" none less than {counts[least]} ({least}). Counted for the "
               f"sources {sources(about)}. The others:\n")
    yield "| error | instead |"
    yield "|---|---|"
    for row in rows:
        if row["instead"]:
            yield f"| {row['error']} | {row['instead']} |"
    yield ""


def mutant_lines():
    yield "## Injected bugs\n"
    yield ("One change at a time to one place of a folder's sources, chosen by "
           "a seed; places whose change gives the same machine code are not "
           "counted. Equivalent ones have their reason in "
           "`tests/proof/equivalent.txt`. *At first*: before tests were written "
           "for the survivors of a fresh seed.\n")
    yield ("| folder | seed | sources | planted | equivalent | at first | caught "
           "| score |")
    yield "|---|---|---|---|---|---|---|---|"
    for folder, about, results in folder_tables():
        caught, counted, same, _ = score(results)
        tree = sources(about) + (f", survivors again in {about['retried']}"
                                    if "retried" in about else "")
        first = at_first(results) if has_first(folder, about) else ""
        yield (f"| {folder.split('.')[0]} | {about.get('seed')} | {tree} | "
               f"{len(results)} | {same} | {first} | {caught} | "
               f"{percent(caught, counted):.1f} % |")
    yield ""
    for seed, tables in fresh_seeds().items():
        first, caught, counted = pooled(tables)
        yield (f"Seed {seed}, all folders: {first} of {counted} at first "
               f"({percent(first, counted):.1f} %), {caught} by now.\n")
    for folder, _, results in folder_tables():
        left = score(results)[3]
        if left:
            yield f"Survivors in {folder}: {', '.join(left)}.\n"


def history_lines():
    about, rows = read_table("history.tsv")
    known = {r["id"]: r for r in rows}
    yield "## Bugs of other runtimes, re-created\n"
    again = f", some again in {about['retried']}" if "retried" in about else ""
    yield f"In the sources {sources(about)}{again}.\n"
    yield "| id | what | file | result | by |"
    yield "|---|---|---|---|---|"
    for row in read_history():
        result = known.get(row["id"], {})
        yield (f"| {row['id']} | {row['what']} | `{row['file']}` | "
               f"{result.get('verdict', 'not tried')} | "
               f"{result.get('by', '')} |")


def write_page(path):
    lines = [*feature_lines(), *trap_lines(), *error_lines(), *mutant_lines(),
             *history_lines()]
    with open(path, "w") as f:
        f.write(HEAD + "\n".join(lines).rstrip("\n") + "\n")


def age(tree):
    """How many commits to the sources have been made since."""
    log = git("log", "--format=%T %H", "-200", "--", "src").split("\n")
    for n, line in enumerate(log):
        commit = line.split()[1]
        if git("rev-parse", "--short=12", f"{commit}:src") == tree:
            return n
    return None


def unmet():
    """What is short of the goals, and the command that works on it."""
    for folder, about, results in folder_tables():
        caught, counted, _, left = score(results)
        if len(results) < COUNT and not is_fresh(folder):
            yield (f"{folder} has {len(results)} bugs, not {COUNT}: "
                   f"./x proof run {folder} --more")
        if percent(caught, counted) < GOAL:
            yield (f"{folder} has {percent(caught, counted):.1f} %, not {GOAL} %:"
                   f" ./x proof one {' '.join(left)}")
    yield from unmet_fresh()
    _, rows = read_table("history.tsv")
    caught = [r["id"] for r in rows if r["verdict"] == "caught"]
    for row in read_history():
        if row["id"] not in caught:
            yield (f"{row['id']} ({row['what']}) is not caught: "
                   f"./x proof history {row['id']}")


def unmet_fresh():
    """The newest seed must say about all folders what the lists say, before
    anybody has looked at its survivors: small samples are only good together."""
    lists = [t for t in folder_tables() if not is_fresh(t[0])]
    _, caught, counted = pooled(lists)
    points = percent(caught, counted)
    seed, fresh = (list(fresh_seeds().items()) or [(2, [])])[-1]
    asked = [folder.split(".")[0] for folder, *_ in fresh]
    for folder, *_ in lists:
        if folder not in asked:
            yield (f"{folder} has no list of the fresh seed {seed}: "
                   f"./x proof run {folder} --fresh --seed {seed}")
    first, _, counted = pooled(fresh)
    if counted and abs(percent(first, counted) - points) > APART:
        yield (f"the lists have {points:.1f} %, the fresh seed {seed} at first "
               f"{percent(first, counted):.1f} %: better tests, then "
               f"./x proof run --fresh --count 15 --seed {seed + 1}")


def command_score(_):
    for folder, about, results in folder_tables():
        print_score(folder, results)
        n = age(about.get("tree"))
        say(f"           seed {about.get('seed')}, sources "
            f"{about.get('tree')}: " +
            ("not in the history" if n is None else
             f"{n} commits to src/ ago"))
    _, rows = read_table("history.tsv")
    caught = sum(r["verdict"] == "caught" for r in rows)
    say(f"history    {caught} of {len(read_history())} caught")
    write_page(os.path.join(ROOT, "docs", "status.md"))
    say("docs/status.md is written")
    return command_goals(None)


def command_goals(_):
    """Fails when something is short of the goals."""
    short = list(unmet())
    for text in short:
        say(text)
    say("the goals are met" if not short else f"{len(short)} goals are missed")
    return 1 if short else 0


def command_page(options):
    write_page(options.words[0])
