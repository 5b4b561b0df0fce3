# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A reader of scripts that shares nothing with ours: just enough of the
lexical grammar to find the top-level forms and what they are made of."""
import re

TOKEN = re.compile(
    r'(?P<space>\s+|;;[^\n]*)|(?P<block>\(;)|(?P<open>\()|(?P<close>\))'
    r'|(?P<string>"(?:[^"\\]|\\.)*")'
    r'|(?P<atom>[^\s()";]+(?:"(?:[^"\\]|\\.)*")?|;)')


def skip_block(text, at):
    depth = 0
    for m in re.compile(r'\(;|;\)').finditer(text, at):
        depth += 1 if m.group() == '(;' else -1
        if depth == 0:
            return m.end()
    raise ValueError('a block comment does not end')


def tokens(text):
    """Yields (kind, start, end): open, close, string or atom."""
    at = 0
    while at < len(text):
        m = TOKEN.match(text, at)
        if not m:
            raise ValueError(f'no token at {at}: {text[at:at + 20]!r}')
        if m.lastgroup == 'block':
            at = skip_block(text, at)
            continue
        at = m.end()
        if m.lastgroup != 'space':
            yield m.lastgroup, m.start(), m.end()


class Form:
    """A parenthesised form: its head, where it lies, what is in it."""

    def __init__(self, start):
        self.start, self.end, self.items = start, None, []

    def head(self, text):
        """The first word, behind any annotations."""
        for item in self.items:
            if not isinstance(item, Form):
                return text[item[1]:item[2]]
            if not item.head(text).startswith('@'):
                break
        return ''


def forms(text):
    """The top-level forms, in order."""
    stack, top = [], []
    for kind, start, end in tokens(text):
        if kind == 'open':
            form = Form(start)
            (stack[-1].items if stack else top).append(form)
            stack.append(form)
        elif kind == 'close':
            stack.pop().end = end
        elif stack:
            stack[-1].items.append((kind, start, end))
    return top


COMMANDS = {
    'module': 'module', 'register': 'register', 'invoke': 'action',
    'get': 'action', 'assert_return': 'assert_return',
    'assert_trap': 'assert_trap', 'assert_exception': 'assert_exception',
    'assert_exhaustion': 'assert_exhaustion',
    'assert_malformed': 'assert_malformed', 'assert_invalid': 'assert_invalid',
    'assert_unlinkable': 'assert_unlinkable',
    'assert_malformed_custom': 'assert_malformed_custom',
    'assert_invalid_custom': 'assert_invalid_custom',
}


def commands(text):
    """(kind, form) for each command. Bare module fields are one module."""
    found, bare = [], False
    for form in forms(text):
        head = form.head(text)
        if head.startswith('@'):
            continue
        if head in COMMANDS:
            found.append((COMMANDS[head], form))
        elif not bare:
            bare = True
            found.append(('module', form))
    return found
