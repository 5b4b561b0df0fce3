#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks a profile in the Firefox profiler's processed format: tables are as
long as they say, every index is one, stacks lead to roots, and functions with
the given names were sampled.

    profile.py FILE NAME..."""
import json
import sys


def check_table(name, table):
    for column, values in table.items():
        if isinstance(values, list):
            assert len(values) == table["length"], f"{name}.{column}"


def main(path, *wanted):
    with open(path, encoding="utf-8") as file:
        profile = json.load(file)
    assert profile["meta"]["preprocessedProfileVersion"] == 44
    assert profile["meta"]["interval"] > 0
    seen = set()
    for thread in profile["threads"]:
        stacks, frames = thread["stackTable"], thread["frameTable"]
        funcs, samples = thread["funcTable"], thread["samples"]
        for name in ("stackTable", "frameTable", "funcTable", "resourceTable"):
            check_table(name, thread[name])
        assert len(samples["stack"]) == len(samples["time"]) == samples["length"]
        assert samples["time"] == sorted(samples["time"])
        for i, below in enumerate(stacks["prefix"]):
            assert below is None or below < i
        assert all(f < frames["length"] for f in stacks["frame"])
        for stack in samples["stack"]:
            while stack is not None:
                func = frames["func"][stacks["frame"][stack]]
                seen.add(thread["stringArray"][funcs["name"][func]])
                stack = stacks["prefix"][stack]
    missing = set(wanted) - seen
    assert not missing, f"never sampled: {missing}"


main(*sys.argv[1:])
