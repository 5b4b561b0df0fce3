// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "text/text.h"

#include "unit/unit.h"

static void expect_pos(const char *text, uint64_t at, uint32_t line,
                       uint32_t column, const char *source) {
    TextPos pos = text_locate(text, strlen(text), at);
    EXPECT_EQ(pos.line, line);
    EXPECT_EQ(pos.column, column);
    EXPECT(str_eq_z(pos.source_line, source));
}

static void lines_and_columns(void) {
    expect_pos("", 0, 1, 1, "");
    expect_pos("abc", 0, 1, 1, "abc");
    expect_pos("abc", 3, 1, 4, "abc");
    expect_pos("abc", 99, 1, 4, "abc");
    expect_pos("a\nbc\n", 1, 1, 2, "a");
    expect_pos("a\nbc\n", 2, 2, 1, "bc");
    expect_pos("a\nbc\n", 5, 3, 1, "");
    expect_pos("a\r\nbc\r\n", 4, 2, 2, "bc");
    // Characters, not bytes.
    expect_pos("\xc3\xa4\xe2\x82\xac(", 5, 1, 3, "\xc3\xa4\xe2\x82\xac(");
}

static void expect_shown(const char *text, uint64_t at, const char *want) {
    Arena arena;
    ArenaGuard guard;
    arena_init(&arena, 0);
    if (ARENA_GUARD(&arena, &guard)) {
        TextBuf out;
        text_init(&out, &arena);
        Err err = {.kind = ERR_malformed, .at = at};
        strcpy(err.text, "wrong");
        text_print_err(&out, "f.wat", text, strlen(text), &err);
        text_char(&out, 0);
        EXPECT(text_finish(&out));
        EXPECT_STR(out.data, want);
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
}

static void errors_have_an_excerpt(void) {
    expect_shown("(module\n  (func nop foo))\n", 20,
                 "f.wat:2:13: wrong\n"
                 "      (func nop foo))\n"
                 "                ^\n");
    expect_shown("\t\xc3\xa4\tx", 4,
                 "f.wat:1:4: wrong\n"
                 "    \t\xc3\xa4\tx\n"
                 "    \t \t^\n");
    // At the end of the text, and nowhere.
    expect_shown("(", 1, "f.wat:1:2: wrong\n    (\n     ^\n");
    expect_shown("(", ERR_NOWHERE, "f.wat: wrong\n");
}

static void excerpts_are_short_and_printable(void) {
    char text[1000];
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = 0;
    expect_shown(text, 500,
                 "f.wat:1:501: wrong\n"
                 "    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                 "aaaaaaaaaaaaaaaaaaaaaa...\n"
                 "                                                      ^\n");
    expect_shown("a\x1b\xff\x7f.", 4,
                 "f.wat:1:5: wrong\n"
                 "    a???.\n"
                 "        ^\n");
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(lines_and_columns),
                    UNIT_TEST(errors_have_an_excerpt),
                    UNIT_TEST(excerpts_are_short_and_printable));
}
