#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Prints where the headers or the library of the release are that our API
follows, fetched into build/api where they are not there yet.

    tests/api/published.py headers | library | configuration

The configuration is a folder with the file that the headers want generated.
"""
import sys

import compare


def main():
    store = compare.ROOT / "build/api"
    store.mkdir(parents=True, exist_ok=True)
    try:
        if sys.argv[1] == "library":
            print(compare.fetch_library(store))
            return 0
        headers = compare.fetch_headers(store)
        if sys.argv[1] == "configuration":
            configured = store / "configuration"
            compare.configure(headers, configured, True)
            headers = configured / "all"
        print(headers)
        return 0
    except (compare.Missing, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        return 1


sys.exit(main())
