#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints what a program that was linked with the library relies on.

    tests/abi/dump.py BUILD

One fact a line, sorted: `function VERSION PROTOTYPE` of everything that the
headers declare and the shared library exports, `constant NAME VALUE`, `size
TYPE BYTES` and `offset TYPE.FIELD BYTES`.
"""
import pathlib
import re
import sys
import tempfile

MARK = "exported_function"  # stands before what is exported
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/api"))
import compare  # noqa: E402  how headers are read is said there


def versions(library):
    """Name -> version of every function that a library exports."""
    text = compare.call("readelf", "--dyn-syms", "--wide", str(library))
    rows = [line.split() for line in text.splitlines()]
    found = {}
    for row in rows:
        if len(row) == 8 and row[3] == "FUNC" and row[6] != "UND":
            name, _, version = row[7].partition("@")
            found[name] = version.strip("@") or "none"
    return found


def functions(text, exported):
    declared = {}
    for prototype in re.findall(MARK + r"\s+([^;]+);", text):
        prototype = re.sub(r"([(*])\s+", r"\1",
                           re.sub(r"\s+", " ", prototype))
        declared[compare.FUNCTION.search(prototype).group(1)] = prototype
    lines = []
    for name in sorted(declared.keys() | exported.keys()):
        prototype = declared.get(name, f"{name}: undeclared")
        version = exported.get(name, "missing")
        lines.append(f"function {version} {prototype}")
    return lines


def data(text, flags, include, folder):
    """Constants, sizes and offsets, as a program sees them."""
    names = set(compare.enumerators(text))
    names.update(compare.macros(include.name, flags))
    names = {n for n in names if not re.fullmatch(r"\w+_H", n)}
    lines = []
    for line in compare.run_probe(
            compare.probe(include.name, text, names), flags, folder):
        name = line.split()[0]
        kind = ("constant" if name in names else
                "offset" if "." in name else "size")
        lines.append(f"{kind} {line}")
    return lines


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as temp:
        folder = pathlib.Path(temp)
        headers = sorted(h.relative_to(ROOT / "include").as_posix()
                         for h in (ROOT / "include").rglob("*.h"))
        include = folder / "all_headers.h"
        include.write_text("".join(f"#include <{h}>\n" for h in headers))
        flags = [f"-I{folder}", f"-I{ROOT / 'include'}"]
        marks = [f"-D{api}_API_EXTERN={MARK}"
                 for api in ("WASM", "WASI", "FOLIOT")]
        text = compare.preprocess(include.name, flags + marks)
        # System headers declare much, but nothing with our names.
        lines = functions(text, versions(build / "libfoliot.so"))
        lines += sorted(set(data(text, flags, include, folder)))
    print("\n".join(lines))
    return 0


sys.exit(main())
