#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Decodes a core dump (tool conventions, Coredump.md) and prints it as text.

    coredump.py FILE"""
import struct
import sys


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, size):
        assert self.at + size <= len(self.data), "cut off"
        self.at += size
        return self.data[self.at - size:self.at]

    def byte(self):
        return self.take(1)[0]

    def leb(self, signed=False):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        return value - (1 << shift) if signed and byte & 0x40 else value

    def name(self):
        return self.take(self.leb()).decode()

    def list(self, item):
        return [item() for _ in range(self.leb())]

    def done(self):
        return self.at == len(self.data)

    def version(self):
        assert self.byte() == 0, "version of an entry"


def value(r):
    kind = r.byte()
    if kind == 0x01:
        return "missing"
    if kind == 0x7F:
        return f"i32:{r.leb(True)}"
    if kind == 0x7E:
        return f"i64:{r.leb(True)}"
    if kind == 0x7D:
        return f"f32:{struct.unpack('<f', r.take(4))[0]}"
    assert kind == 0x7C, f"value of kind {kind}"
    return f"f64:{struct.unpack('<d', r.take(8))[0]}"


PLACES = ["local", "operand", "global"]
OBJECTS = {0x6B: "struct", 0x6A: "array", 0x69: "exception", 0x6F: "host"}
numbers = {}  # of objects, in the order that they are met


def thing(r):
    kind = r.byte()
    if kind == 0x7B:
        low, high = struct.unpack("<qq", r.take(16))
        return f"v128:{low},{high}"
    if kind == 0xD0:
        return "null"
    if kind == 0x70:
        return f"func:{r.leb()}/{r.leb()}" if r.byte() else "func:host"
    if kind == 0x6C:
        return f"i31:{r.leb(True)}"
    return f"{OBJECTS[kind]}:{numbers.setdefault(r.leb(), len(numbers))}"


def more(r):
    """What is missing in frames: Foliot's own section (engine/coredump.h)."""
    place, of, index = PLACES[r.byte()], r.leb(), r.leb()
    where = "" if place == "global" else f"{of} "
    return f"{place} {where}{index} {thing(r)}"


def frame(r):
    r.version()
    instance, func, offset = r.leb(), r.leb(), r.leb()
    assert offset > 0
    local = " ".join(r.list(lambda: value(r)))
    stack = " ".join(r.list(lambda: value(r)))
    return f"frame {instance} {func} [{local}] [{stack}]"


def instance(r):
    r.version()
    return f"instance {r.leb()} {r.list(r.leb)} {r.list(r.leb)}"


def module(r):
    r.version()
    return f"module {r.name()}"


def limits(r):
    flags = r.leb()
    least = r.leb()
    if flags & 1:
        r.leb()
    if flags & 8:
        r.leb()
    return f"memory {least}"


def constant(r):
    op = r.byte()
    if op in (0x41, 0x42):
        text = str(r.leb(True))
    elif op == 0x43:
        text = str(struct.unpack("<f", r.take(4))[0])
    elif op == 0x44:
        text = str(struct.unpack("<d", r.take(8))[0])
    elif op == 0xD0:
        r.byte()
        text = "null"
    else:
        assert (op, r.byte()) == (0xFD, 0x0C), f"constant {op}"
        text = r.take(16).hex()
    assert r.byte() == 0x0B
    return text


def glob(r):
    kind, mutable = r.byte(), r.byte()
    assert mutable == 0
    return f"global {kind:#x} {constant(r)}"


def data(r):
    flags = r.leb()
    memory = r.leb() if flags == 2 else 0
    assert flags in (0, 2)
    at = constant(r)
    content = r.take(r.leb())
    return f"data {memory} {at} {content.rstrip(bytes(1))!r}"


def custom(r):
    name = r.name()
    if name == "core":
        r.version()
        print("core", r.name())
    elif name == "corestack":
        r.version()
        print("thread", r.name())
        show(r.list(lambda: frame(r)))
    elif name == "corevalues":
        r.version()
        show(r.list(lambda: more(r)))
    elif name in ("coremodules", "coreinstances"):
        item = module if name == "coremodules" else instance
        show(r.list(lambda: item(r)))
    else:
        sys.exit(f"section {name}")


def show(lines):
    for line in lines:
        print(line)


def main(path):
    with open(path, "rb") as file:
        r = Reader(file.read())
    assert r.take(8) == b"\0asm\1\0\0\0"
    items = {5: limits, 6: glob, 11: data}
    while not r.done():
        kind = r.byte()
        section = Reader(r.take(r.leb()))
        if kind == 0:
            custom(section)
        else:
            show(section.list(lambda: items[kind](section)))
        assert section.done(), f"section {kind}"


main(sys.argv[1])
