# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Places in C sources where one bug can be planted.

An operator is a pattern over a line of code (comments and strings blanked) and
what it becomes. Nothing here knows what the code means: whether a change is a
bug is decided by those who compile and test it.
"""
import hashlib
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    path: str  # from the root of the repository
    line: int  # from 0
    kind: str  # the operator
    before: str  # the line's text
    after: str
    key: str = ""  # the same wherever the line moves

    def apply(self, text):
        lines = text.split("\n")
        assert lines[self.line] == self.before
        lines[self.line] = self.after
        return "\n".join(lines)


def blank(text):
    """The text with comments, strings and characters as spaces."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
    return pattern.sub(
        lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def closing(line, at):
    """Where the parenthesis at `at` ends, or -1."""
    depth = 0
    for i in range(at, len(line)):
        depth += {"(": 1, ")": -1}.get(line[i], 0)
        if depth == 0:
            return i
    return -1


# What no bug is planted in: directives, declarations, checks of our own.
SKIP = re.compile(
    r"^\s*(#|assert\(|static_assert|CHECK\(|UNREACHABLE|extern |typedef |"
    r"UNIT_|EXPECT|log_|LOG)|^\s*$|__attribute__|NODISCARD|PRINTF\(|^\}")

# A word for word exchange: (kind, pattern, replacements).
EXCHANGES = [
    ("bound", r"(?<= )<(?= )", ["<="]),
    ("bound", r"(?<= )<=(?= )", ["<"]),
    ("bound", r"(?<= )>(?= )", [">="]),
    ("bound", r"(?<= )>=(?= )", [">"]),
    ("equality", r"(?<= )==(?= )", ["!="]),
    ("equality", r"(?<= )!=(?= )", ["=="]),
    ("logic", r"(?<= )&&(?= |$)", ["||"]),
    ("logic", r"(?<= )\|\|(?= |$)", ["&&"]),
    ("arithmetic", r"(?<= )\+(?= )", ["-"]),
    ("arithmetic", r"(?<= )-(?= )", ["+"]),
    ("arithmetic", r"(?<= )<<(?= )", [">>"]),
    ("arithmetic", r"(?<= )>>(?= )", ["<<"]),
    ("arithmetic", r"(?<=[\w)] )&(?= )", ["|"]),
    ("arithmetic", r"(?<=[\w)] )\|(?= )", ["&"]),
    ("arithmetic", r"(?<=[\w)] )\*(?= [\w(])", ["+"]),
    ("number", r"(?<![\w.\[])\d+(?![\w.\]])", None),
    ("width", r"\(uint64_t\)", ["(uint32_t)"]),
    ("width", r"\(int64_t\)", ["(int32_t)"]),
    ("width", r"\(uint32_t\)", ["(uint16_t)"]),
    ("sign", r"\(int32_t\)", ["(uint32_t)"]),
    ("sign", r"\(uint32_t\)", ["(int32_t)"]),
    ("truth", r"\btrue\b", ["false"]),
    ("truth", r"\bfalse\b", ["true"]),
    ("complement", r"(?<=[(\s])!(?=[\w(])", [""]),
    ("complement", r"~(?=[\w(])", [""]),
]
SWAP = re.compile(r"\b(\w+)\(([\w.>&-]+), ([\w.>&-]+)\)")
CALL = re.compile(r"^(\s+)(?!return|else|if|while|for|switch|case)"
                  r"[a-z_][\w>.-]*\(.*\);$")
STORE = re.compile(r"^(\s+)(\*?[a-z][\w.>\[\]-]*) (=|\|=|&=|\+=|-=) [^;]+;$")
STEP = re.compile(r"^(\s+)[\w.>-]+(\+\+|--);$")
RETURNS = re.compile(r"^\s*(?:\} else )?if \(")


def other_number(text):
    value = int(text)
    return {0: "1", 1: "2"}.get(value, str(value - 1))


def exchanges(line, code):
    for kind, pattern, news in EXCHANGES:
        for m in re.finditer(pattern, code):
            for new in news or [other_number(m.group())]:
                yield kind, line[:m.start()] + new + line[m.end():]


def conditions(line, code):
    m = re.search(r"\bif \(|\bwhile \(", code)
    if not m:
        return
    start = m.end() - 1
    end = closing(code, start)
    if end < 0:
        return
    inner = line[start + 1:end]
    yield "negation", f"{line[:start]}(!({inner})){line[end + 1:]}"
    if RETURNS.match(code) and "return" in code[end:]:
        yield "check", f"{line[:start]}(0 && ({inner})){line[end + 1:]}"


def swaps(line, code):
    for m in SWAP.finditer(code):
        name, a, b = m.groups()
        if a != b and not name.isupper():
            yield "swap", f"{line[:m.start()]}{name}({b}, {a}){line[m.end():]}"


def drops(line, code):
    for pattern, kind in ((CALL, "call"), (STORE, "store"), (STEP, "step")):
        m = pattern.match(code)
        if m and code.count("(") == code.count(")"):
            yield kind, m.group(1) + ";"


def sites(path, text):
    """All mutants of one file."""
    lines = text.split("\n")
    codes = blank(text).split("\n")
    is_table = path.endswith(".def")
    seen = {}
    continued = False
    for i, (line, code) in enumerate(zip(lines, codes)):
        whole = not continued
        continued = not re.search(r"[;{}:]\s*$", code) and code.strip() != ""
        if SKIP.search(code) or code.endswith("\\"):
            continued = False
            continue
        found = list(exchanges(line, code))
        if not is_table:
            found += conditions(line, code)
            found += swaps(line, code)
            if whole and line.startswith("    "):
                found += drops(line, code)
        for kind, after in found:
            name = f"{path}|{kind}|{line.strip()}|{after.strip()}"
            seen[name] = seen.get(name, 0) + 1
            digest = hashlib.sha256(f"{name}|{seen[name]}".encode()).hexdigest()
            yield Mutant(path, i, kind, line, after, digest[:12])
