#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares our C API with the release that it follows, name by name.

    tests/api/compare.py BUILD

Every published function is declared again behind our header, where the compiler
accepts it only with the same signature. A program that prints every constant,
the size of every structure and the offset of every field is compiled with both
headers and must print the same. The library must export every function, and
what the published library exports besides must be of components: declared only
where the switches of components are on.

Without the packages nothing is compared, and the last line says `skipped`.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

RELEASE = "50.0.1"
ROOT = pathlib.Path(__file__).resolve().parents[2]
FUNCTION = re.compile(r"\b((?:wasm|wasi|wasmtime|foliot)_\w+)\s*\(")


class Missing(Exception):
    """A package cannot be had here."""


def call(*words, **options):
    done = subprocess.run(words, capture_output=True, text=True, **options)
    if done.returncode:
        raise Missing(f"{words[0]}: {done.stderr.strip()[-300:]}")
    return done.stdout


def fetch_headers(folder):
    """The package's include folder, fetched by the ordinary client."""
    project = folder / "headers"
    (project / "src").mkdir(parents=True, exist_ok=True)
    (project / "src/lib.rs").touch()
    (project / "Cargo.toml").write_text(
        '[package]\nname = "headers"\nversion = "0.0.0"\nedition = "2021"\n'
        "[dependencies.wasmtime-c-api-impl]\n"
        f'version = "={RELEASE}"\ndefault-features = false\n')
    if not (project / "vendor").is_dir():
        call("cargo", "vendor", "--quiet", cwd=project)
    return project / "vendor/wasmtime-c-api-impl/include"


def fetch_library(folder):
    wheels = folder / "wheel"
    if not list(wheels.glob("*.whl")):
        call(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
             "--dest", str(wheels), f"wasmtime=={RELEASE}")
    with zipfile.ZipFile(next(wheels.glob("*.whl"))) as wheel:
        for info in wheel.infolist():
            if info.filename.endswith("_libwasmtime.so"):
                return extract(wheel, info, wheels)
    raise Missing("no library in the wheel")


def extract(wheel, info, folder):
    """The file, in one step and only once: others may have it loaded."""
    path = folder / info.filename
    if not path.is_file() or path.stat().st_size != info.file_size:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as new:
            os.replace(wheel.extract(info, new), path)
    return path


def configure(include, folder, components):
    """The headers' configuration with every switch on, those of components
    only if wanted, and the flags that a compiler needs for it."""
    text = (include / "wasmtime/conf.h.in").read_text()
    text = re.sub(r"#cmakedefine (\w+)", r"#define \1", text)
    if not components:
        text = re.sub(r"#define (WASMTIME_FEATURE_COMPONENT\w*)", "", text)
    folder = folder / ("all" if components else "core")
    (folder / "wasmtime").mkdir(parents=True, exist_ok=True)
    (folder / "wasmtime/conf.h").write_text(text)
    # Not all of them include their configuration.
    return [f"-I{include}", f"-I{folder}", "-include", "wasmtime/conf.h"]


def preprocess(header, flags):
    return call("cc", "-E", "-P", *flags, "-x", "c", "-",
                input=f"#include <{header}>\n")


def macros(header, flags):
    text = call("cc", "-E", "-dM", *flags, "-x", "c", "-",
                input=f"#include <{header}>\n")
    name = r"(?:WASM|WASI|WASMTIME|FOLIOT)_\w+"
    found = re.findall(rf"#define ({name}) (\d+|0x\w+)$",
                       text, re.M)
    return [name for name, _ in found]


def strip_bodies(text):
    """Removes the bodies of functions, which are for the compiler."""
    text = re.sub(r"= \{[^{}]*\}", "", text)
    while True:
        short = re.sub(r"\)\s*\{[^{}]*\}", ");", text)
        if short == text:
            return text
        text = short


def declarations(text):
    """Name -> prototype of every function that is declared, not defined."""
    out = {}
    for piece in strip_bodies(text).split(";"):
        piece = piece.strip()
        match = FUNCTION.search(piece)
        if not match or "{" in piece or piece.startswith("typedef"):
            continue
        if "inline" not in piece:
            out[match.group(1)] = piece
    return out


def structures(text):
    """Name -> fields of every structure that is defined, not only named."""
    out = {}
    form = r"typedef (?:struct|union) \w*\s*\{((?:[^{}]|\{[^{}]*\})*)\} (\w+);"
    for body, name in re.findall(form, text):
        # The fields of a structure without a name are the outer one's.
        body = re.sub(r"\b(?:struct|union)\s*\{([^{}]*)\}\s*;", r"\1", body)
        outer = re.sub(r"\{[^{}]*\}", "", body)
        outer = re.sub(r"\(\*(\w+)\)\s*\([^()]*\)", r"\1", outer)
        out[name] = [f.split("[")[0] for f in
                     re.findall(r"(\w+(?:\[\w+\])?)\s*;", outer)]
    return out


def enumerators(text):
    bodies = re.findall(r"enum \w+ \{([^{}]*)\}", text)
    return [name for body in bodies
            for name in re.findall(r"(\w+)\s*(?:=[^,]*)?(?:,|$)",
                                   body.strip())]


def probe(header, text, constants):
    lines = [f"#include <{header}>", "#include <stdio.h>", "int main(void) {"]
    for name in sorted(set(constants)):
        lines.append(f'printf("{name} %lld\\n", (long long)({name}));')
    for name, fields in sorted(structures(text).items()):
        lines.append(f'printf("{name} %zu\\n", sizeof({name}));')
        for field in fields:
            lines.append(f'printf("{name}.{field} %zu\\n", '
                         f"offsetof({name}, {field}));")
    return "\n".join(lines + ["return 0;", "}"])


def run_probe(source, flags, folder):
    program = folder / "probe"
    call("cc", *flags, "-x", "c", "-", "-o", str(program), input=source)
    return call(str(program)).splitlines()


def signatures_differ(header, wanted, flags):
    """Functions that the compiler does not accept behind our header."""
    lines = [f"#include <{header}>"] + [f"{p};" for p in wanted.values()]
    done = subprocess.run(["cc", "-fsyntax-only", *flags, "-x", "c", "-"],
                          input="\n".join(lines), capture_output=True,
                          text=True)
    return [line for line in done.stderr.splitlines() if "error:" in line]


def compare(header, theirs, ours, exported, folder):
    """What differs in one header, as lines."""
    text = preprocess(header, theirs)
    have = declarations(preprocess(header, ours))
    wanted = declarations(text)
    bad = [f"{n} is not declared" for n in wanted if n not in have]
    bad += [f"{n} is not exported" for n in wanted if n not in exported]
    bad += [f"{n} is more than the release has" for n in have
            if n not in wanted]
    bad += signatures_differ(header, wanted, ours)
    constants = enumerators(text) + macros(header, theirs)
    source = probe(header, text, constants)
    want = run_probe(source, theirs, folder)
    try:
        got = run_probe(source, ours, folder)
    except Missing as error:
        return len(wanted), bad + [str(error)]
    bad += [f"{b}, not {a}" for a, b in zip(want, got) if a != b]
    print(f"{header}: {len(wanted)} functions, {len(want)} constants, "
          "sizes and offsets")
    return len(wanted), bad


def symbols(library):
    text = call("nm", "-D", "--defined-only", "--without-symbol-versions",
                str(library))
    return {line.split()[-1] for line in text.splitlines()}


def of_components(with_all, theirs):
    """Functions that only the switches of components declare."""
    every = declarations(preprocess("wasmtime.h", with_all))
    return every.keys() - declarations(preprocess("wasmtime.h", theirs)).keys()


def is_of_components(name, components):
    """The library also has some that no header of the release declares."""
    return name in components or name.startswith("wasmtime_component_")


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    store = ROOT / "build/api"
    store.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temp:
        folder = pathlib.Path(temp)
        try:
            include = fetch_headers(store)
            published = symbols(fetch_library(store))
        except (Missing, FileNotFoundError) as error:
            print(f"skipped: {error}")
            print("0 passed, 0 failed, 1 skipped")
            return 0
        theirs = configure(include, folder, False)
        components = of_components(configure(include, folder, True), theirs)
        ours = [f"-I{ROOT / 'include'}"]
        exported = symbols(build / "libfoliot.so")
        bad = []
        headers = [h.relative_to(ROOT / "include").as_posix()
                   for h in sorted((ROOT / "include").rglob("*.h"))]
        for header in headers:
            if header != "foliot.h" and header != "wasmtime/conf.h":
                bad += compare(header, theirs, ours, exported, folder)[1]
    ours_only = [n for n in exported - published
                 if re.match(r"(wasm|wasi|wasmtime)_", n)]
    bad += [f"{n} is exported, the release has no such" for n in ours_only]
    wanted = {n for n in published if re.match(r"(wasm|wasi|wasmtime)_", n)}
    absent = wanted - exported
    bad += [f"{n} of the library is missing"
            for n in absent if not is_of_components(n, components)]
    print(f"{len(wanted & exported)} of {len(wanted)} functions of the "
          f"library exist here; all but those of components: {len(absent)}")
    print("\n".join(sorted(set(bad))), end="\n" if bad else "")
    print(f"{len(headers)} passed, {len(set(bad))} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
