// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/utf8.h"

#include "unit/unit.h"

static void every_scalar_round_trips(void) {
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        char text[4] = {0};
        size_t size = utf8_write(text, c);
        if (c >= 0xd800 && c <= 0xdfff) {
            if (!EXPECT_EQ(size, 0)) return;
            continue;
        }
        uint32_t back = ~c;
        size_t want = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        if (!EXPECT_EQ(size, want)) return;
        if (!EXPECT_EQ(utf8_read(text, size, &back), want)) return;
        if (!EXPECT_EQ(back, c)) return;
        if (!EXPECT(utf8_valid(text, size))) return;
        if (!EXPECT(!utf8_valid(text, size - 1) || size == 1)) return;
        if (!EXPECT_EQ(utf8_read(text, size - 1, &back), 0)) return;
    }
    char text[4];
    EXPECT_EQ(utf8_write(text, 0x110000), 0);
    EXPECT_EQ(utf8_write(text, UINT32_MAX), 0);
}

// Whatever is read must write back to the same bytes: no overlong forms.
static void only_one_spelling(void) {
    for (uint32_t n = 0; n < 1u << 24; n += n < 1u << 16 ? 1 : 7) {
        uint8_t bytes[4] = {(uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16),
                            0x80};
        uint32_t c;
        size_t size = utf8_read(bytes, 4, &c);
        if (size == 0) continue;
        char again[4];
        if (!EXPECT_EQ(utf8_write(again, c), size)) return;
        if (!EXPECT(memcmp(bytes, again, size) == 0)) return;
    }
}

static void bad_sequences(void) {
    static const struct {
        const char *name, *bytes;
    } cases[] = {
        {"continuation alone", "\x80"},
        {"continuation missing", "\xc3("},
        {"end inside two", "\xc3"},
        {"end inside three", "\xe2\x82"},
        {"end inside four", "\xf0\x9f\x98"},
        {"overlong slash", "\xc0\xaf"},
        {"overlong in two", "\xc1\xbf"},
        {"overlong in three", "\xe0\x9f\xbf"},
        {"overlong in four", "\xf0\x8f\xbf\xbf"},
        {"low surrogate bound", "\xed\xa0\x80"},
        {"high surrogate bound", "\xed\xbf\xbf"},
        {"above the last", "\xf4\x90\x80\x80"},
        {"lead f5", "\xf5\x80\x80\x80"},
        {"lead ff", "\xff"},
        {"bad third byte", "\xe2\x82("},
        {"bad fourth byte", "\xf0\x9f\x98("},
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        char text[32] = "twelve bytes";
        size_t size = strlen(cases[i].bytes);
        memcpy(text + 12, cases[i].bytes, size);
        uint32_t c;
        int before = unit_failures;
        EXPECT(!utf8_valid(cases[i].bytes, size));
        EXPECT(!utf8_valid(text, 12 + size));
        EXPECT(!utf8_valid(text, 20));
        EXPECT_EQ(utf8_read(cases[i].bytes, size, &c), 0);
        if (unit_failures > before) fprintf(stderr, "    %s\n", cases[i].name);
    }
}

static void good_text(void) {
    static const char text[] = "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 and "
                               "more than eight letters\0behind a zero";
    EXPECT(utf8_valid(text, sizeof text));
    EXPECT(utf8_valid("", 0));
    EXPECT(utf8_valid(NULL, 0));
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(every_scalar_round_trips),
                    UNIT_TEST(only_one_spelling), UNIT_TEST(bad_sequences),
                    UNIT_TEST(good_text));
}
