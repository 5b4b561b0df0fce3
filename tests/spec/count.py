# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Counts the commands of scripts by kind, independently of our parser.
Prints `kind number`, sorted. A file without commands is an error."""
import collections
import sys

import wast_forms

counts = collections.Counter()
for path in sys.argv[1:]:
    with open(path, encoding='utf-8', errors='surrogateescape') as f:
        found = wast_forms.commands(f.read())
    if not found:
        sys.exit(f'{path}: no commands')
    counts.update(kind for kind, _ in found)
for kind, number in sorted(counts.items()):
    print(kind, number)
