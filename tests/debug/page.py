#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Checks a page of `foliot explore`: tags match, nothing comes from outside,
functions and their order, offsets that ascend, code that belongs to lines.

    page.py FILE FUNCTIONS [code]

Prints the names of functions, and lines that trap."""
import html.parser
import sys

VOID = {"meta"}
KNOWN = {"html", "head", "meta", "style", "title", "body", "nav", "table", "tr",
         "td", "a", "main", "h2", "h3", "section", "p", "div", "pre", "span",
         "i", "script"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.sections, self.names = [], [], []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        assert tag in KNOWN, tag
        allowed = {"lang", "charset", "http-equiv", "content", "href", "id",
                   "class", "data-i"}
        assert set(attrs) <= allowed, attrs
        assert attrs.get("href", "#").startswith("#")
        if tag not in VOID:
            self.open.append(tag)
        if tag == "section":
            self.sections.append((attrs["id"], []))
        if tag == "pre":
            self.sections[-1][1].append([])
        if tag == "span":
            self.sections[-1][1][-1].append(
                [attrs.get("data-i"), attrs.get("class", ""), ""])
        if tag == "h3":
            self.names.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        if "span" in self.open:
            self.sections[-1][1][-1][-1][2] += data
        if "h3" in self.open:
            self.names[-1] += data


def offsets(lines):
    values = [int(line[2].split()[0], 16) for line in lines]
    assert values == sorted(set(values)), "offsets"


def main(path, count, wants_code=None):
    page = Page()
    with open(path, encoding="utf-8") as file:
        page.feed(file.read())
    page.close()
    assert not page.open, page.open
    assert len(page.sections) == len(page.names) == int(count)
    assert "://" not in open(path, encoding="utf-8").read()
    for (name, (text, code)), title in zip(page.sections, page.names):
        print(name, title)
        offsets(text)
        offsets(code)
        assert [line[0] for line in text] == [str(i) for i in range(len(text))]
        assert bool(code) == (wants_code is not None), name
        known = {line[0] for line in text}
        assert {line[0] for line in code} <= known | {None}, name
        for line in code:
            if "t" in line[1].split():
                print("trap", line[2].strip())


main(*sys.argv[1:])
