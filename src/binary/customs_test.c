// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "binary/binary.h"

#include "binary/binary_test.h"
#include "unit/unit.h"

static void every_name_is_read(void) {
    Fixture f;
    fixture_init(&f);
    add_everything(&f);
    EXPECT(decode(&f));
    const Names *names = &f.m.names;
    EXPECT(names->has_module && str_eq(names->module, STR("m")));
    EXPECT_EQ(names->of[NAME_func].items.len, 2);
    EXPECT_EQ(names->of[NAME_func].items.data[1].index, 2);
    EXPECT(str_eq(module_func_name(&f.m, 2), STR("g")));
    EXPECT_EQ(module_func_name(&f.m, 1).len, 0);
    static const NameSpace indirect[] = {NAME_local, NAME_label, NAME_field};
    for (size_t i = 0; i < COUNTOF(indirect); i++)
        EXPECT_EQ(names->in[indirect[i]].items.len, 1);
    for (unsigned space = NAME_type; space < NAME_count; space++)
        EXPECT_EQ(names->of[space].items.len, space != NAME_field);
    const NameMap *locals = name_map_in(&names->in[NAME_local], 2);
    if (EXPECT(locals)) EXPECT(str_eq(name_map_get(locals, 0), STR("x")));
    EXPECT(module_decode_customs(&f.m, &f.err));
    fixture_release(&f);
}

typedef struct NameCase {
    const char *bytes;
    uint32_t size;
    ErrId id;
    uint32_t kept; // function names that are there all the same
} NameCase;

// clang-format off
#define NAMES(id, kept, bytes) {bytes, sizeof(bytes) - 1, id, kept}
// clang-format on

// The module is good, one function name or none is there, and only the strict
// reading complains.
static void bad_names_are_left_out(void) {
    static const NameCase cases[] = {
        NAMES(E_name_order, 1, "\1\4\1\0\1f\0\2\1m"),
        NAMES(E_name_order, 1, "\1\4\1\0\1f\1\4\1\0\1g"),
        NAMES(E_name_index, 0, "\1\7\2\1\1f\1\1g"),
        NAMES(E_name_index, 0, "\1\7\2\1\1f\0\1g"),
        NAMES(E_name_size, 0, "\1\5\1\0\1f\0"),
        NAMES(E_malformed_utf8, 0, "\1\4\1\0\1\xff"),
        NAMES(E_unexpected_end, 0, "\1\4\2\0\1f"),
        NAMES(E_length_out_of_bounds, 0, "\1\6\x80\x80\x80\x80\4\0"),
        NAMES(E_length_out_of_bounds, 1, "\1\4\1\0\1f\2\x7f"),
        NAMES(E_unexpected_end, 1, "\1\4\1\0\1f\2"),
        NAMES(E_malformed_utf8, 1, "\0\2\1\xff\1\4\1\0\1f"),
        NAMES(E_name_index, 1, "\1\4\1\0\1f\2\5\2\1\0\1\0"),
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Fixture f;
        fixture_init(&f);
        add_custom(&f, NAME_SECTION, (const uint8_t *)cases[i].bytes,
                   cases[i].size);
        EXPECT(decode(&f));
        EXPECT_EQ(f.m.names.of[NAME_func].items.len, cases[i].kept);
        EXPECT(!f.m.names.has_module);
        EXPECT(!module_decode_customs(&f.m, &f.err));
        if (!EXPECT_EQ(f.err.id, cases[i].id))
            fprintf(stderr, "case %d: %s\n", (int)i, f.err.text);
        EXPECT_EQ(f.err.kind, ERR_malformed);
        fixture_release(&f);
    }
}

static void unknown_subsections_are_skipped(void) {
    Fixture f;
    fixture_init(&f);
    CUSTOM_OF(&f, NAME_SECTION, 1, 4, 1, 0, 1, 'f', 77, 1, 0);
    EXPECT(decode(&f));
    EXPECT_EQ(f.m.names.of[NAME_func].items.len, 1);
    EXPECT(module_decode_customs(&f.m, &f.err));
    fixture_release(&f);
}

static void first_name_section_counts(void) {
    Fixture f;
    fixture_init(&f);
    CUSTOM_OF(&f, NAME_SECTION, 0, 2, 1, 'a');
    CUSTOM_OF(&f, NAME_SECTION, 0, 2, 1, 'b');
    EXPECT(decode(&f));
    EXPECT(str_eq(f.m.names.module, STR("a")));
    EXPECT(!module_decode_customs(&f.m, &f.err));
    EXPECT_EQ(f.err.id, E_custom_twice);
    fixture_release(&f);
}

// --- branch hints ------------------------------------------------------------

// One function, an `if` at 3 and a `br_if` at 7 of its body, behind the hints.
static void add_branches(Fixture *f, const uint8_t *hints, size_t size,
                         bool early) {
    SECTION_OF(f, SECTION_type, 1, 0x60, 0, 0);
    SECTION_OF(f, SECTION_func, 1, 0);
    if (early) add_custom(f, HINT_SECTION, hints, size);
    SECTION_OF(f, SECTION_code, 1, 11, 0, 0x41, 0, 0x04, 0x40, 0x41, 1, 0x0d, 0,
               0x0b, 0x0b);
    if (!early) add_custom(f, HINT_SECTION, hints, size);
}

static void hints_are_read(void) {
    static const uint8_t hints[] = {1, 0, 2, 3, 1, 0, 7, 1, 1};
    Fixture f;
    fixture_init(&f);
    add_branches(&f, hints, sizeof hints, true);
    EXPECT(decode(&f));
    if (EXPECT_EQ(f.m.hints.len, 2)) {
        EXPECT(f.m.hints.data[0].at == 3 && !f.m.hints.data[0].likely);
        EXPECT(f.m.hints.data[1].at == 7 && f.m.hints.data[1].likely);
    }
    EXPECT(module_decode_customs(&f.m, &f.err));
    EXPECT_EQ(f.m.hints.len, 2);
    fixture_release(&f);
}

typedef struct HintCase {
    const char *bytes;
    uint32_t size;
    ErrId id;
    bool is_late;
} HintCase;

// clang-format off
#define HINTS(id, bytes) {bytes, sizeof(bytes) - 1, id, false}
// clang-format on

static void bad_hints_are_left_out(void) {
    static const HintCase cases[] = {
        HINTS(E_hint_value, "\1\0\1\3\2\0"),
        HINTS(E_hint_value, "\1\0\1\3\1\2"),
        HINTS(E_hint_order, "\1\0\2\3\1\0\3\1\0"),
        HINTS(E_hint_order, "\1\0\2\7\1\0\3\1\0"),
        HINTS(E_hint_order, "\2\0\1\3\1\0\0\0"),
        HINTS(E_section_size, "\1\0\1\3\1\0\0"),
        HINTS(E_unexpected_end, "\1\0\1\3\1"),
        HINTS(E_length_out_of_bounds, "\1\0\x7f\3\1\0"),
        HINTS(E_unexpected_end, ""),
        {"\1\0\1\3\1\0", 6, E_hint_place, true},
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Fixture f;
        fixture_init(&f);
        add_branches(&f, (const uint8_t *)cases[i].bytes, cases[i].size,
                     !cases[i].is_late);
        EXPECT(decode(&f));
        EXPECT_EQ(f.m.hints.len, 0);
        EXPECT(!module_decode_customs(&f.m, &f.err));
        if (!EXPECT_EQ(f.err.id, cases[i].id))
            fprintf(stderr, "case %d: %s\n", (int)i, f.err.text);
        fixture_release(&f);
    }
}

// Well formed, but about something that is no branch.
static void hint_targets_are_branches(void) {
    static const HintCase cases[] = {
        HINTS(E_hint_func, "\1\1\1\3\1\0"),
        HINTS(E_hint_target, "\1\0\1\1\1\0"),   // i32.const
        HINTS(E_hint_target, "\1\0\1\2\1\0"),   // inside of it
        HINTS(E_hint_target, "\1\0\1\0\1\0"),   // the locals
        HINTS(E_hint_target, "\1\0\1\x7f\1\0"), // past the end
        HINTS(E_hint_target, "\1\0\2\3\1\0\x09\1\0"),
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Fixture f;
        fixture_init(&f);
        add_branches(&f, (const uint8_t *)cases[i].bytes, cases[i].size, true);
        EXPECT(decode(&f));
        EXPECT(f.m.hints.len > 0);
        EXPECT(!module_decode_customs(&f.m, &f.err));
        if (!EXPECT_EQ(f.err.id, cases[i].id))
            fprintf(stderr, "case %d: %s\n", (int)i, f.err.text);
        EXPECT_EQ(f.err.kind, ERR_invalid);
        fixture_release(&f);
    }
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(every_name_is_read), UNIT_TEST(bad_names_are_left_out),
        UNIT_TEST(unknown_subsections_are_skipped),
        UNIT_TEST(first_name_section_counts), UNIT_TEST(hints_are_read),
        UNIT_TEST(bad_hints_are_left_out),
        UNIT_TEST(hint_targets_are_branches));
}
