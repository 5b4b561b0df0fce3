// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "binary/binary.h"

#include "binary/binary_test.h"
#include "unit/unit.h"

// Decodes, normalises and encodes; false with f->err set.
static bool normalise(Fixture *f, Bytes *out) {
    if (!EXPECT(decode(f))) return false;
    ArenaGuard guard;
    volatile bool ok = false;
    if (ARENA_GUARD(&f->arena, &guard)) {
        ok = module_normalise(&f->m, &f->err);
        if (ok) module_encode(&f->m, &f->arena, out);
    } else {
        err_clear(&f->err);
        err_at(&f->err, ERR_NOWHERE, E_out_of_memory);
    }
    arena_unguard(&f->arena, &guard);
    return ok;
}

static void expect_becomes(Fixture *f, const Fixture *want) {
    Bytes out;
    if (!EXPECT(normalise(f, &out))) return;
    EXPECT_EQ(out.size, want->w.len);
    EXPECT(out.size == want->w.len &&
           !memcmp(out.data, want->w.data, out.size));
}

static void what_is_short_stays(void) {
    Fixture f;
    fixture_init(&f);
    // The groups of locals in it are one of i64 and one of references.
    add_every_declaration(&f);
    add_every_content(&f);
    expect_becomes(&f, &f);
    fixture_release(&f);
}

// One function without parameters, which every index 0 refers to.
static void add_func(Fixture *f) {
    SECTION_OF(f, SECTION_type, 1, 0x60, 0, 0);
    SECTION_OF(f, SECTION_func, 1, 0);
}

#define BODY_OF(f, ...)                                              \
    SECTION_OF(f, SECTION_code, 1, sizeof((uint8_t[]){__VA_ARGS__}), \
               __VA_ARGS__)

static void locals_are_grouped(void) {
    Fixture f, want;
    fixture_init(&f);
    fixture_init(&want);
    add_func(&f);
    add_func(&want);
    BODY_OF(&f, 6, 0, 0x7e, 1, 0x7f, 0x82, 0, 0x7f, 0, 0x7d, 1, 0x63, 0x70, 1,
            0x70, 0x0b);
    BODY_OF(&want, 2, 3, 0x7f, 2, 0x70, 0x0b);
    expect_becomes(&f, &want);
    fixture_release(&f);
    fixture_release(&want);
}

// A group of none between two of one type.
static void groups_of_none_separate_nothing(void) {
    Fixture f, want;
    fixture_init(&f);
    fixture_init(&want);
    add_func(&f);
    add_func(&want);
    BODY_OF(&f, 4, 2, 0x7f, 0, 0x7e, 3, 0x7f, 0, 0x7f, 0x0b);
    BODY_OF(&want, 1, 5, 0x7f, 0x0b);
    expect_becomes(&f, &want);
    fixture_release(&f);
    fixture_release(&want);
}

static void expressions_everywhere(void) {
    Fixture f, want;
    fixture_init(&f);
    fixture_init(&want);
    add_func(&f);
    SECTION_OF(&f, SECTION_table, 1, 0x40, 0, 0x70, 0, 5, 0xd2, 0x80, 0, 0x0b);
    SECTION_OF(&f, SECTION_memory, 1, 0, 1);
    SECTION_OF(&f, SECTION_global, 1, 0x7f, 0, 0x41, 0xff, 0x7f, 0x0b);
    SECTION_OF(&f, SECTION_elem, 1, 4, 0x41, 0x81, 0, 0x0b, 2, 0xd2, 0x80, 0,
               0x0b, 0xd0, 0x70, 0x0b);
    BODY_OF(&f, 0, 0x0b);
    SECTION_OF(&f, SECTION_data, 1, 0, 0x41, 0x82, 0x80, 0, 0x0b, 1, 'x');
    add_func(&want);
    SECTION_OF(&want, SECTION_table, 1, 0x40, 0, 0x70, 0, 5, 0xd2, 0, 0x0b);
    SECTION_OF(&want, SECTION_memory, 1, 0, 1);
    SECTION_OF(&want, SECTION_global, 1, 0x7f, 0, 0x41, 0x7f, 0x0b);
    SECTION_OF(&want, SECTION_elem, 1, 4, 0x41, 1, 0x0b, 2, 0xd2, 0, 0x0b, 0xd0,
               0x70, 0x0b);
    BODY_OF(&want, 0, 0x0b);
    SECTION_OF(&want, SECTION_data, 1, 0, 0x41, 2, 0x0b, 1, 'x');
    expect_becomes(&f, &want);
    fixture_release(&f);
    fixture_release(&want);
}

// Those at 5 and 11, of local.get and if. Of the others, one is for the middle of
// an instruction, one behind the end and one for a function that is not there.
static void hints_move_with_their_instructions(void) {
    Fixture f, want;
    fixture_init(&f);
    fixture_init(&want);
    add_func(&f);
    add_func(&want);
    CUSTOM_OF(&f, HINT_SECTION, 2, 0, 4, 5, 1, 0, 11, 1, 1, 14, 1, 0, 99, 1, 1,
              7, 1, 0, 1, 1);
    BODY_OF(&f, 2, 1, 0x7f, 0, 0x7e,         // at 0, two groups
            0x20, 0x80, 0x80, 0x80, 0x80, 0, // at 5
            0x04, 0x40,                      // at 11
            0x0c, 0x80, 0, 0x0b,             // at 13 and 16
            0x0b);
    CUSTOM_OF(&want, HINT_SECTION, 1, 0, 2, 3, 1, 0, 5, 1, 1);
    BODY_OF(&want, 1, 1, 0x7f, 0x20, 0, 0x04, 0x40, 0x0c, 0, 0x0b, 0x0b);
    expect_becomes(&f, &want);
    fixture_release(&f);
    fixture_release(&want);
}

static void malformed_hints_go(void) {
    Fixture f, want;
    fixture_init(&f);
    fixture_init(&want);
    add_func(&f);
    add_func(&want);
    CUSTOM_OF(&f, HINT_SECTION, 1, 0, 1, 1, 2, 0, 0);
    BODY_OF(&f, 0, 0x0b);
    BODY_OF(&want, 0, 0x0b);
    expect_becomes(&f, &want);
    fixture_release(&f);
    fixture_release(&want);
}

// Decoding does not read what is between the locals and the end.
static void bad_bodies_are_errors(void) {
    static const uint8_t bad[] = {0xff, 0x06, 0x43, 0xfc};
    for (size_t i = 0; i < COUNTOF(bad); i++) {
        Fixture f;
        Bytes out;
        fixture_init(&f);
        add_func(&f);
        BODY_OF(&f, 0, 0x01, bad[i], 0x80, 0x0b);
        EXPECT(!normalise(&f, &out));
        EXPECT_EQ(f.err.kind, ERR_malformed);
        EXPECT_EQ(f.err.func, 0);
        EXPECT(f.err.at > f.w.len - 5 && f.err.at < f.w.len);
        fixture_release(&f);
    }
}

static void memory_may_run_out_anywhere(void) {
    volatile bool ok = false;
    volatile unsigned n = 1;
    for (; !ok && n < 1000; n++) {
        Fixture f;
        fixture_init(&f);
        add_func(&f);
        SECTION_OF(&f, SECTION_elem, 1, 5, 0x70, 1, 0xd2, 0x80, 0, 0x0b);
        BODY_OF(&f, 2, 1, 0x7f, 1, 0x7f, 0x0b);
        EXPECT(decode(&f));
        f.arena.fail_in = n;
        ArenaGuard guard;
        if (ARENA_GUARD(&f.arena, &guard)) ok = module_normalise(&f.m, &f.err);
        arena_unguard(&f.arena, &guard);
        fixture_release(&f);
    }
    EXPECT(ok && n > 4);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(what_is_short_stays), UNIT_TEST(locals_are_grouped),
        UNIT_TEST(groups_of_none_separate_nothing),
        UNIT_TEST(expressions_everywhere),
        UNIT_TEST(hints_move_with_their_instructions),
        UNIT_TEST(malformed_hints_go), UNIT_TEST(bad_bodies_are_errors),
        UNIT_TEST(memory_may_run_out_anywhere));
}
