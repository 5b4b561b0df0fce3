# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Alters expectations of a script at random, so that each altered command must
fail: the proof that the runner compares what it says it compares.

    negate.py SEED IN OUT    prints the line of each altered command
"""
import random
import sys

import wast_forms

MESSAGES = {'assert_trap', 'assert_exhaustion', 'assert_malformed',
            'assert_invalid', 'assert_unlinkable', 'assert_malformed_custom',
            'assert_invalid_custom'}


def altered_number(atom, is_float):
    """Another number, of another value in every type."""
    if is_float or atom.startswith('nan'):
        return '-733.40625'  # in no file of the suite
    digits = atom.replace('_', '').lower().lstrip('+-')
    value = int(digits, 16) if digits.startswith('0x') else int(digits)
    return '1' if value != 1 else '2'


def alter_result(text, form):
    """(start, end, replacement) for one expected value, or None."""
    head = form.head(text)
    atoms = [i for i in form.items[1:] if not isinstance(i, wast_forms.Form)]
    if head in ('i32.const', 'i64.const', 'f32.const', 'f64.const'):
        _, start, end = atoms[0]
        new = altered_number(text[start:end], head[0] == 'f')
        return start, end, new
    if head == 'v128.const':
        shape = text[atoms[0][1]:atoms[0][2]]
        _, start, end = atoms[1]
        new = altered_number(text[start:end], shape[0] == 'f')
        return start, end, new
    if head == 'ref.null':
        return form.start, form.end, '(i32.const 77)'
    if head.startswith('ref.'):
        return form.start, form.end, '(i32.const 77)'
    return None


def alteration(text, kind, form):
    if kind in MESSAGES:
        messages = [i for i in form.items
                    if not isinstance(i, wast_forms.Form) and i[0] == 'string']
        if not messages:
            return None
        _, start, _ = messages[-1]
        return start + 1, start + 1, 'other than '
    if kind == 'assert_exception':
        _, start, end = form.items[0]
        return start, end, 'assert_return'
    if kind != 'assert_return':
        return None
    results = [i for i in form.items[2:] if isinstance(i, wast_forms.Form)]
    if not results:  # an action without results: claim one
        return form.end - 1, form.end - 1, ' (i32.const 77)'
    for result in results:
        change = alter_result(text, result)
        if change:
            return change
    return None


def main():
    seed, source, target = sys.argv[1:]
    rng = random.Random(seed)
    with open(source, encoding='utf-8', errors='surrogateescape') as f:
        text = f.read()
    changes = []
    for kind, form in wast_forms.commands(text):
        if rng.random() < 0.5:
            continue
        change = alteration(text, kind, form)
        if change:
            changes.append((form.start, change))
    out, at = [], 0
    for start, (lo, hi, new) in changes:
        print(text.count('\n', 0, start) + 1)
        out += [text[at:lo], new]
        at = hi
    out.append(text[at:])
    with open(target, 'w', encoding='utf-8', errors='surrogateescape') as f:
        f.write(''.join(out))


main()
