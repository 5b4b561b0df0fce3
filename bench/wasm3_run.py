# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""wasm3 as a command: wasm3_run.py FILE FUNCTION NUMBER prints the result."""

import sys

import wasm3


def main() -> None:
    path, function, number = sys.argv[1:]
    environment = wasm3.Environment()
    runtime = environment.new_runtime(1024 * 1024)
    with open(path, "rb") as file:
        runtime.load(environment.parse_module(file.read()))
    print(runtime.find_function(function)(int(number)) & 0xFFFFFFFF)


if __name__ == "__main__":
    main()
