#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes modules that are broken, hostile or just large.

    hostile.py FOLDER

Names say what the command has to do: good-* is a module, bad-* is not.
"""
import sys

HEADER = b"\0asm\1\0\0\0"


def u32(x):
    out = bytearray()
    while x >= 0x80:
        out.append(x & 0x7F | 0x80)
        x >>= 7
    out.append(x)
    return bytes(out)


def section(number, *parts):
    body = b"".join(parts)
    return bytes([number]) + u32(len(body)) + body


def vec(items):
    return u32(len(items)) + b"".join(items)


def sized(data):
    return u32(len(data)) + data


EXPORT_F = section(7, vec([sized(b"f") + b"\0\0"]))


def module_of(body, locals_=b"\0", count=1):
    """`count` functions of type [] -> [] with this body; the first is f."""
    code = sized(locals_ + body + b"\x0b")
    return (
        HEADER
        + section(1, vec([b"\x60\0\0"]))
        + section(3, u32(count), b"\0" * count)
        + EXPORT_F
        + section(10, u32(count), code * count)
    )


def lebs():
    """An i32.const whose operand has each length from 1 to 12 bytes."""
    for size in range(1, 13):
        operand = b"\x80" * (size - 1) + b"\0"
        name = "good" if size <= 5 else "bad"
        yield f"{name}-leb-{size}", module_of(b"\x41" + operand + b"\x1a")
        claim = b"\x80" * (size - 1) + b"\0"
        yield f"{name}-count-{size}", HEADER + section(1, claim)
    # The last of five bytes has bits that do not fit.
    yield "bad-leb-bits", module_of(b"\x41\x80\x80\x80\x80\x70\x1a")
    yield "bad-leb-cut", HEADER + b"\x01\x80"


def modules():
    small = module_of(b"\x41\0\x1a")
    yield "good-small", small
    ends = {8, 8 + 5, 8 + 5 + 1}  # where what is left may be a module
    for cut in range(len(small)):
        name = "good" if cut == 8 else "bad"
        if cut not in ends or cut == 8:
            yield f"{name}-cut-{cut}", small[:cut]
    yield "bad-empty", b""
    yield "bad-magic", b"\0ASM\1\0\0\0"
    yield "bad-version", b"\0asm\2\0\0\0"
    yield "bad-elf", b"\x7fELF\2\1\1" + b"\0" * 100
    yield "bad-trailing", small + b"\0"
    yield "bad-section-twice", small + section(10, b"\0")
    yield "bad-section-id", HEADER + section(77, b"")
    deep = 10_000
    yield "good-deep", module_of(b"\x02\x40" * deep + b"\x0b" * deep)
    yield "bad-deep", module_of(b"\x02\x40" * deep)
    yield "good-locals", module_of(b"", vec([u32(50_000) + b"\x7f"]))
    yield "bad-locals", module_of(b"", vec([u32(50_001) + b"\x7f"]))
    yield "bad-locals-sum", module_of(b"", vec([u32(2**32 - 1) + b"\x7f"] * 9))
    yield "good-functions", module_of(b"", count=100_000)
    huge = u32(2**30)
    yield "bad-data", HEADER + section(5, vec([b"\0\1"])) + (
        b"\x0b" + u32(12) + b"\1\0\x41\0\x0b" + huge + b"xx")
    yield "bad-data-section", HEADER + b"\x0b" + huge + b"\0" * 60
    yield "bad-name", HEADER + b"\0" + u32(6) + huge + b"x"
    for number in range(1, 14):
        if number != 8:  # the start section holds no count
            claim = u32(2**32 - 1)
            yield f"bad-items-{number}", HEADER + section(number, claim)
    yield from lebs()


def texts():
    yield "good-empty", "(module)"
    yield "bad-unclosed", "(module (func"
    yield "bad-word", "(modul)"
    yield "bad-string", '(module (export "a'
    yield "bad-parens", "(" * 100_000
    yield "bad-blocks", "(module (func " + "(block " * 10_000
    deep = "(block " * 10_000 + ")" * 10_000
    yield "good-blocks", f'(module (func (export "f") {deep}))'
    yield "bad-comment", "(module (; (; ;)"
    yield "bad-number", "(module (func (drop (i32.const 4294967296))))"
    yield "bad-id", "(module (func (call $nobody)))"
    yield "bad-utf8", b'(module (export "\xff" (func 0)) (func))'
    names = "".join(f"(func $f{i})" for i in range(100_000))
    yield "good-names", f'(module {names} (export "f" (func $f99999)))'
    long = "x" * 100_000
    yield "bad-long-id", f"(module (func (call ${long})))"


def main():
    folder = sys.argv[1]
    for name, data in modules():
        with open(f"{folder}/{name}.wasm", "wb") as file:
            file.write(data)
    for name, text in texts():
        data = text if isinstance(text, bytes) else text.encode()
        with open(f"{folder}/{name}.wat", "wb") as file:
            file.write(data)


main()
