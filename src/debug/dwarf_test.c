// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sections by hand, whole and broken. What compilers write is read in
// tests/debug/.
#include "debug/dwarf.h"

#include "unit/unit.h"

// A module of which only the place of the code section matters: its contents
// begin at 10.
static const uint8_t module_bytes[] = {0, 'a', 's', 'm',  1,
                                       0, 0,   0,   0x0a, 0x7f};
enum {
    CODE_AT = 10
};

// clang-format off

// Version 4: addresses 0x10 to 0x20 are lines 3 and 5 of d/f.c.
static const uint8_t line_4[] = {
    53, 0, 0, 0, 4, 0,                      // length, version
    29, 0, 0, 0, 1, 1, 1, 0xfb, 14, 13,     // line base -5, line range 14
    0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1,     // operands of opcodes
    'd', 0, 0,                              // directories
    'f', '.', 'c', 0, 1, 0, 0, 0,           // files
    0, 5, 2, 0x10, 0, 0, 0,                 // address 0x10
    3, 2, 5, 7, 1,                          // line 3, column 7
    0x84,                                   // 8 bytes, 2 lines further
    2, 8, 0, 1, 1,                          // 8 more, and the end
};

// Version 5: the same, with names in .debug_line_str.
static const uint8_t line_5[] = {
    65, 0, 0, 0, 5, 0, 4, 0,                // length, version, address size
    37, 0, 0, 0, 1, 1, 1, 0xfb, 14, 13,
    0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1,
    1, 1, 0x1f, 1, 0, 0, 0, 0,              // a directory: line_strp
    2, 1, 0x1f, 2, 0x0b, 1, 2, 0, 0, 0, 0,  // a file: line_strp, data1
    0, 5, 2, 0x10, 0, 0, 0, 4, 0,           // address 0x10, file 0
    3, 2, 5, 7, 1,
    0x84,
    2, 8, 0, 1, 1,
};

// A function f, with g inlined into it at line 9 over 0x14 to 0x18.
static const uint8_t abbrev[] = {
    1, 0x11, 1, 0x10, 0x17, 0, 0,                           // unit: stmt_list
    2, 0x2e, 1, 0x03, 0x08, 0x11, 0x01, 0x12, 0x06, 0, 0,   // name, low, high
    3, 0x1d, 0, 0x31, 0x13, 0x11, 0x01, 0x12, 0x06,         // origin, low, high
    0x58, 0x0b, 0x59, 0x0b, 0, 0,                           // call_file, _line
    4, 0x2e, 0, 0x03, 0x08, 0, 0,                           // name
    0,
};
static const uint8_t info[] = {
    52, 0, 0, 0, 4, 0, 0, 0, 0, 0, 4,                       // header
    1, 0, 0, 0, 0,                                          // the unit
    4, 'g', 0,                                              // at 16
    2, 'f', 0, 0x10, 0, 0, 0, 0x10, 0, 0, 0,                // f
    3, 16, 0, 0, 0, 0x14, 0, 0, 0, 4, 0, 0, 0, 1, 9, 0,     // g in f
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};
// clang-format on

static const uint8_t line_str[] = "d\0f.c";

typedef struct Sections {
    Bytes line, info, abbrev, line_str;
} Sections;

static Bytes bytes(const uint8_t *data, size_t size) {
    return (Bytes){data, (uint32_t)size, 0};
}

static void find(const Sections *s, const uint64_t *at, uint32_t len,
                 SourcePlace *out) {
    CustomSection customs[] = {
        {.name = STR(".debug_line"), .bytes = s->line},
        {.name = STR(".debug_info"), .bytes = s->info},
        {.name = STR(".debug_abbrev"), .bytes = s->abbrev},
        {.name = STR(".debug_line_str"), .bytes = s->line_str},
        {.name = STR(".debug_str"), .bytes = s->line_str},
    };
    Module m = {.bytes = module_bytes, .size = sizeof module_bytes};
    m.customs.data = customs;
    m.customs.len = m.customs.cap = COUNTOF(customs);
    Arena arena;
    ArenaGuard guard;
    arena_init(&arena, 0);
    if (ARENA_GUARD(&arena, &guard))
        dwarf_find(&m, at, len, out, &arena);
    else
        EXPECT(false);
    arena_unguard(&arena, &guard);
    arena_release(&arena);
}

static void expect_spot(const SourceSpot *s, const char *file, uint32_t line,
                        uint32_t column) {
    EXPECT(str_eq_z(s->dir, "d"));
    EXPECT(str_eq_z(s->file, file));
    EXPECT_EQ(s->line, line);
    EXPECT_EQ(s->column, column);
}

static void lines_are_found(void) {
    static const struct {
        const uint8_t *data;
        size_t size;
    } tables[] = {{line_4, sizeof line_4}, {line_5, sizeof line_5}};
    for (size_t i = 0; i < COUNTOF(tables); i++) {
        Sections s = {.line = bytes(tables[i].data, tables[i].size),
                      .line_str = bytes(line_str, sizeof line_str)};
        uint64_t at[] = {CODE_AT + 0x10,
                         CODE_AT + 0x17,
                         CODE_AT + 0x18,
                         CODE_AT + 0x1f,
                         CODE_AT + 0x20,
                         CODE_AT + 0x0f,
                         0};
        SourcePlace out[COUNTOF(at)];
        find(&s, at, COUNTOF(at), out);
        for (int k = 0; k < 4; k++) {
            EXPECT_EQ(out[k].len, 1);
            expect_spot(&out[k].spots[0], "f.c", k < 2 ? 3 : 5, 7);
        }
        for (int k = 4; k < 7; k++)
            EXPECT_EQ(out[k].len, 0);
    }
}

static void inlined_functions_are_found(void) {
    Sections s = {.line = bytes(line_4, sizeof line_4),
                  .info = bytes(info, sizeof info),
                  .abbrev = bytes(abbrev, sizeof abbrev)};
    uint64_t at[] = {CODE_AT + 0x10, CODE_AT + 0x14};
    SourcePlace out[COUNTOF(at)];
    find(&s, at, COUNTOF(at), out);
    EXPECT_EQ(out[0].len, 1);
    EXPECT(str_eq_z(out[0].spots[0].func, "f"));
    EXPECT_EQ(out[1].len, 2);
    EXPECT(str_eq_z(out[1].spots[0].func, "g"));
    EXPECT(str_eq_z(out[1].spots[1].func, "f"));
    expect_spot(&out[1].spots[1], "f.c", 9, 0);
}

// Every section cut at every length, and every byte changed: whatever comes
// out, it ends, and nothing is read that is not there (sanitizers watch).
static void broken_sections_end(void) {
    static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff, 0x16, 0x21};
    const Sections whole = {.line = bytes(line_5, sizeof line_5),
                            .info = bytes(info, sizeof info),
                            .abbrev = bytes(abbrev, sizeof abbrev),
                            .line_str = bytes(line_str, sizeof line_str)};
    const uint64_t at[] = {CODE_AT + 0x10, CODE_AT + 0x14, UINT64_MAX};
    SourcePlace out[COUNTOF(at)];
    for (int which = 0; which < 4; which++) {
        Sections s = whole;
        Bytes *part = which == 0   ? &s.line
                      : which == 1 ? &s.info
                      : which == 2 ? &s.abbrev
                                   : &s.line_str;
        uint8_t copy[128];
        const Bytes original = *part;
        for (uint32_t size = 0; size < original.size; size++) {
            // At the end of the array, so that one byte more is seen.
            uint8_t *end = copy + sizeof copy - size;
            memcpy(end, original.data, size);
            *part = bytes(end, size);
            find(&s, at, COUNTOF(at), out);
        }
        for (uint32_t i = 0; i < original.size * COUNTOF(values); i++) {
            uint8_t *end = copy + sizeof copy - original.size;
            memcpy(end, original.data, original.size);
            end[i / COUNTOF(values)] = values[i % COUNTOF(values)];
            *part = bytes(end, original.size);
            find(&s, at, COUNTOF(at), out);
            for (size_t k = 0; k < COUNTOF(at); k++)
                EXPECT(out[k].len <= DWARF_DEPTH_MAX);
        }
    }
}

// Many units that share one large table: the work stays in its budget.
static void sharing_is_bounded(void) {
    enum {
        UNITS = 20000,
        UNIT_SIZE = 12,
        TABLE = 200000,
    };
    static uint8_t many[UNITS * UNIT_SIZE], table[TABLE];
    for (int i = 0; i < UNITS; i++)
        memcpy(many + i * UNIT_SIZE,
               (uint8_t[UNIT_SIZE]){8, 0, 0, 0, 4, 0, 0, 0, 0, 0, 4, 1},
               UNIT_SIZE);
    memset(table, 1, sizeof table);
    Sections s = {.line = bytes(line_4, sizeof line_4),
                  .info = bytes(many, sizeof many),
                  .abbrev = bytes(table, sizeof table)};
    uint64_t at[] = {CODE_AT + 0x10};
    SourcePlace out[1];
    find(&s, at, 1, out);
    EXPECT_EQ(out[0].len, 1);
}

static void without_sections(void) {
    SourcePlace out[1] = {{.len = 7}};
    uint64_t at[] = {CODE_AT + 0x10};
    find(&(Sections){.line = {0}}, at, 1, out);
    EXPECT_EQ(out[0].len, 0);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(lines_are_found),
                    UNIT_TEST(inlined_functions_are_found),
                    UNIT_TEST(broken_sections_end),
                    UNIT_TEST(sharing_is_bounded), UNIT_TEST(without_sections));
}
