# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Wasmtime's compilers, through its library: see peers.py.

    peer_wasmtime.py winch|cranelift COMMAND ...
"""

import importlib.metadata
import statistics
import sys
import time

import wasmtime
from wasmtime import _ffi

# The package's own setter does not know the first.
STRATEGIES = {"winch": 2, "cranelift": 1}


def engine_of(name: str) -> wasmtime.Engine:
    config = wasmtime.Config()
    config.parallel_compilation = False
    _ffi.wasmtime_config_strategy_set(config.ptr(), STRATEGIES[name])
    return wasmtime.Engine(config)


def code_size(data: bytes) -> int:
    at = 8
    while at < len(data):
        section, at = data[at], at + 1
        size = shift = 0
        while True:
            byte, at = data[at], at + 1
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        if section == 10:
            return size
        at += size
    return 0


def compile_rate(engine: wasmtime.Engine, data: bytes, runs: int) -> float:
    rates = []
    for _ in range(runs):
        start = time.process_time()
        wasmtime.Module(engine, data)
        rates.append(code_size(data) / 1e6 / (time.process_time() - start))
    return statistics.median(rates)


def invoke(engine: wasmtime.Engine, data: bytes, func: str, arg: int) -> int:
    store = wasmtime.Store(engine)
    module = wasmtime.Module(engine, data)
    instance = wasmtime.Instance(store, module, [])
    return instance.exports(store)[func](store, arg)


def run_wasi(engine: wasmtime.Engine, path: str, directory: str,
             arguments: list) -> None:
    wasi = wasmtime.WasiConfig()
    wasi.argv = [path, *arguments]
    wasi.inherit_stdin()
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    wasi.preopen_dir(directory, "/data")
    store = wasmtime.Store(engine)
    store.set_wasi(wasi)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    module = wasmtime.Module.from_file(engine, path)
    instance = linker.instantiate(store, module)
    try:
        instance.exports(store)["_start"](store)
    except wasmtime.ExitTrap as ended:
        sys.exit(ended.code)


def main() -> None:
    name, what, *rest = sys.argv[1:]
    if what == "version":
        print(importlib.metadata.version("wasmtime"))
        return
    engine = engine_of(name)
    with open(rest[0], "rb") as file:
        data = file.read()
    if what == "compile":
        runs = int(rest[1]) if len(rest) > 1 else 3
        print(f"{compile_rate(engine, data, runs):.2f}")
    elif what == "invoke":
        print(invoke(engine, data, rest[1], int(rest[2])))
    else:
        run_wasi(engine, rest[0], rest[1], rest[2:])


main()
