// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "binary/binary.h"

#include "binary/binary_test.h"
#include "unit/unit.h"

#include <string.h>

static bool same_bytes(const Bytes *a, const uint8_t *data, size_t size) {
    return a->size == size && !memcmp(a->data, data, size);
}

static void everything_comes_back(void) {
    Fixture f;
    fixture_init(&f);
    add_everything(&f);
    EXPECT(decode(&f));
    Bytes out;
    module_encode(&f.m, &f.arena, &out);
    EXPECT(same_bytes(&out, f.w.data, f.w.len));
    fixture_release(&f);
}

static void module_of_nothing_is_its_header(void) {
    Fixture f;
    fixture_init(&f);
    module_init(&f.m, &f.arena, f.features, &f.limits);
    Bytes out;
    module_encode(&f.m, &f.arena, &out);
    EXPECT(same_bytes(&out, module_header, HEADER_SIZE));
    fixture_release(&f);
}

// Every integer outside bodies and expressions gets its shortest form.
static void padded_integers_get_short(void) {
    static const uint8_t want[] = {0,    'a', 's',  'm', 1, 0, 0, 0, 1, 5, 1,
                                   0x60, 1,   0x7f, 0,   5, 4, 1, 1, 1, 2};
    Fixture f;
    fixture_init(&f);
    SECTION_OF(&f, SECTION_type, 0x81, 0x80, 0, 0x60, 0x81, 0, 0x7f, 0x80, 0);
    SECTION_OF(&f, SECTION_memory, 0x81, 0, 1, 0x81, 0x80, 0x80, 0, 0x82, 0);
    EXPECT(decode(&f));
    Bytes out;
    module_encode(&f.m, &f.arena, &out);
    EXPECT(same_bytes(&out, want, sizeof want));
    fixture_release(&f);
}

static void empty_sections_are_left_out(void) {
    Fixture f;
    fixture_init(&f);
    SECTION_OF(&f, SECTION_type, 0);
    CUSTOM_OF(&f, "kept", 0);
    SECTION_OF(&f, SECTION_func, 0);
    SECTION_OF(&f, SECTION_code, 0);
    EXPECT(decode(&f));
    Bytes out;
    module_encode(&f.m, &f.arena, &out);
    EXPECT_EQ(out.size, HEADER_SIZE + 2 + 6);
    fixture_release(&f);
}

// A count of no data segments is something that a module says.
static void data_count_of_zero_stays(void) {
    Fixture f;
    fixture_init(&f);
    SECTION_OF(&f, SECTION_data_count, 0);
    EXPECT(decode(&f));
    Bytes out;
    module_encode(&f.m, &f.arena, &out);
    EXPECT(same_bytes(&out, f.w.data, f.w.len));
    fixture_release(&f);
}

static void long_sections_have_long_sizes(void) {
    static const unsigned lens[] = {124,   125,   126,   127,   16379,
                                    16380, 16381, 16382, 100000};
    for (size_t i = 0; i < COUNTOF(lens); i++) {
        Fixture f;
        fixture_init(&f);
        uint8_t *bytes = NEW_N(&f.arena, uint8_t, lens[i]);
        bytes[lens[i] - 1] = 7;
        add_custom(&f, "c", bytes, lens[i]);
        EXPECT(decode(&f));
        Bytes out;
        module_encode(&f.m, &f.arena, &out);
        EXPECT(same_bytes(&out, f.w.data, f.w.len));
        fixture_release(&f);
    }
}

// What the text format gives: names and hints, but no custom sections.
static void names_and_hints_become_sections(void) {
    Fixture f;
    fixture_init(&f);
    add_everything(&f);
    EXPECT(decode(&f));
    Bytes with, without;
    module_encode(&f.m, &f.arena, &with);
    // Keep all but these two and "last", which the names would come before.
    uint32_t kept = 0;
    VEC_EACH (CustomSection, custom, &f.m.customs)
        if (custom->name.len != 4 && !str_eq_z(custom->name, HINT_SECTION))
            f.m.customs.data[kept++] = *custom;
    f.m.customs.len = kept;
    module_encode(&f.m, &f.arena, &without);
    uint32_t last = 2 + 5 + 1;
    EXPECT(same_bytes(&without, with.data, with.size - last));
    fixture_release(&f);
}

static void memory_may_run_out_anywhere(void) {
    volatile bool ok = false;
    for (volatile unsigned n = 1; !ok && n < 1000; n++) {
        Fixture f;
        fixture_init(&f);
        add_everything(&f);
        EXPECT(decode(&f));
        f.arena.fail_in = n;
        ArenaGuard guard;
        Bytes out;
        if (ARENA_GUARD(&f.arena, &guard)) {
            f.m.size = 0; // no hint: the buffer must grow
            module_encode(&f.m, &f.arena, &out);
            ok = true;
        }
        arena_unguard(&f.arena, &guard);
        fixture_release(&f);
    }
    EXPECT(ok);
}

// Whatever damage decodes, encodes, and decodes again to the same.
static void damaged_modules_come_back(void) {
    Fixture whole;
    fixture_init(&whole);
    add_everything(&whole);
    unsigned decoded = 0;
    for (size_t bit = 0; bit < 8 * whole.w.len; bit++) {
        Fixture f;
        fixture_init(&f);
        whole.w.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        bool ok = decode_bytes(&f, whole.w.data, whole.w.len);
        whole.w.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (ok) {
            Bytes first, again;
            module_encode(&f.m, &f.arena, &first);
            if (!EXPECT(decode_bytes(&f, first.data, first.size)))
                fprintf(stderr, "bit %d: %s\n", (int)bit, f.err.text);
            module_encode(&f.m, &f.arena, &again);
            EXPECT(same_bytes(&again, first.data, first.size));
            decoded++;
        }
        fixture_release(&f);
    }
    EXPECT(decoded > 100);
    fixture_release(&whole);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(everything_comes_back),
                    UNIT_TEST(module_of_nothing_is_its_header),
                    UNIT_TEST(padded_integers_get_short),
                    UNIT_TEST(empty_sections_are_left_out),
                    UNIT_TEST(data_count_of_zero_stays),
                    UNIT_TEST(long_sections_have_long_sizes),
                    UNIT_TEST(names_and_hints_become_sections),
                    UNIT_TEST(memory_may_run_out_anywhere),
                    UNIT_TEST(damaged_modules_come_back));
}
