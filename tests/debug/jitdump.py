#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Reads a jitdump (perf's jitdump-specification) and prints what is in it.

    jitdump.py FILE

Anything that is not as it must be is an error."""
import struct
import sys


def need(condition, what):
    if not condition:
        sys.exit(f"jitdump: {what}")


def text(data, at):
    end = data.index(b"\0", at)
    return data[at:end].decode(), end + 1


def main(path):
    with open(path, "rb") as file:
        data = file.read()
    magic, version, size, machine, _, pid, began, flags = struct.unpack_from(
        "<IIIIIIQQ", data)
    need((magic, version, size, machine) == (0x4A695444, 1, 40, 62), "header")
    need(f"jit-{pid}.dump" in path and flags == 0, "process")
    at, loaded, described, last = size, set(), None, began
    while at < len(data):
        kind, size, time = struct.unpack_from("<IIQ", data, at)
        need(size >= 16 and at + size <= len(data), f"size at {at}")
        need(time >= last, f"time at {at}")
        last = time
        if kind == 0:
            process, thread, vma, code, code_size, index = struct.unpack_from(
                "<IIQQQQ", data, at + 16)
            name, end = text(data, at + 56)
            need(process == pid and thread and vma == code, f"load at {at}")
            need(end + code_size == at + size, f"code of {name}")
            need(any(data[end:at + size]), f"bytes of {name}")
            need(described in (None, code), f"lines of {name}")
            need(index not in loaded, f"{name} is there twice")
            loaded.add(index)
            described = None
            print("load", name, code_size)
        elif kind == 2:
            described, count = struct.unpack_from("<QQ", data, at + 16)
            end, before = at + 32, 0
            for _ in range(count):
                address, line, _ = struct.unpack_from("<QII", data, end)
                need(address >= max(described, before), f"lines at {at}")
                before = address
                name, end = text(data, end + 16)
                print(f"line {address - described:#x} {name}:{line}")
            need(end == at + size, f"size of lines at {at}")
        else:
            need(False, f"record {kind} at {at}")
        at += size
    need(at == len(data) and loaded, "end")


main(sys.argv[1])
