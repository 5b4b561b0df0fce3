// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where an error is, for people: line, column, and the line itself with a
// caret. The text may be anything, so nothing of it is trusted to be a line of
// reasonable length, UTF-8 or printable.
#include "base/utf8.h"
#include "text/text.h"

enum {
    EXCERPT_BEFORE = 50, // characters shown before the caret, at most ...
    EXCERPT_AFTER = 28,  // ... and from it on
};

// Bytes that go on with a character do not count.
static uint32_t count_chars(const char *p, const char *end) {
    uint32_t count = 0;
    for (; p < end; p++)
        count += ((unsigned char)*p & 0xc0) != 0x80;
    return count;
}

TextPos text_locate(const char *text, size_t size, uint64_t at) {
    const char *end = text + size;
    const char *here = text + MIN(at, size), *start = text;
    uint32_t line = 1;
    for (const char *p = text; p < here;) {
        p = memchr(p, '\n', (size_t)(here - p));
        if (!p) break;
        start = ++p;
        line++;
    }
    const char *stop = memchr(here, '\n', (size_t)(end - here));
    if (!stop) stop = end;
    if (stop > start && stop[-1] == '\r') stop--;
    size_t len = (size_t)(stop - start);
    return (TextPos){.line = line,
                     .column = count_chars(start, here) + 1,
                     .source_line = {start, (uint32_t)MIN(len, UINT32_MAX)}};
}

// One character of the excerpt: as it is, or a question mark for what a
// terminal would not show as one. Returns its size in the text.
static size_t show_char(TextBuf *out, const char *p, const char *end) {
    uint32_t c;
    size_t size = utf8_read(p, (size_t)(end - p), &c);
    bool is_shown = size && (c >= ' ' || c == '\t') && c != 0x7f &&
                    !(c >= 0x80 && c < 0xa0);
    if (is_shown)
        text_bytes(out, p, size);
    else
        text_char(out, '?');
    return size ? size : 1;
}

// Back by at most `count` characters.
static const char *step_back(const char *p, const char *start, uint32_t count) {
    while (p > start && count > 0) {
        p--;
        count -= ((unsigned char)*p & 0xc0) != 0x80;
    }
    return p;
}

// The caret's line repeats the tabs, so that it stands where it should.
static void show_caret(TextBuf *out, const char *p, const char *here) {
    text_str(out, "    ");
    while (p < here) {
        uint32_t c;
        size_t size = utf8_read(p, (size_t)(here - p), &c);
        text_char(out, *p == '\t' ? '\t' : ' ');
        p += size ? size : 1;
    }
    text_str(out, "^\n");
}

static void show_excerpt(TextBuf *out, Str line, size_t offset) {
    const char *end = line.data + line.len;
    const char *here = line.data + MIN(offset, line.len);
    const char *from = step_back(here, line.data, EXCERPT_BEFORE);
    const char *p = from;
    text_str(out, "    ");
    while (p < here)
        p += show_char(out, p, end);
    for (int i = 0; i < EXCERPT_AFTER && p < end; i++)
        p += show_char(out, p, end);
    text_str(out, p < end ? "...\n" : "\n");
    show_caret(out, from, here);
}

void text_print_err(TextBuf *out, const char *file, const char *text,
                    size_t size, const Err *err) {
    if (err->at == ERR_NOWHERE || err->at > size) {
        text_printf(out, "%s: %s\n", file, err->text);
        return;
    }
    TextPos pos = text_locate(text, size, err->at);
    text_printf(out, "%s:%u:%u: %s\n", file, pos.line, pos.column, err->text);
    size_t offset = (size_t)(text + err->at - pos.source_line.data);
    show_excerpt(out, pos.source_line, offset);
}
