// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/err.h"

#include "unit/unit.h"

static void records_and_clears(void) {
    Err e = {0};
    EXPECT(err_ok(&e));
    EXPECT(!err_at(&e, 7, E_int_too_long));
    EXPECT(!err_ok(&e));
    EXPECT_EQ(e.kind, ERR_malformed);
    EXPECT_EQ(e.id, E_int_too_long);
    EXPECT_EQ(e.at, 7);
    EXPECT_EQ(e.func, ERR_NOWHERE);
    EXPECT_STR(e.text, "integer representation too long");
    err_clear(&e);
    EXPECT(err_ok(&e));
    EXPECT_STR(e.text, "");
}

static void earliest_offset_wins(void) {
    Err e = {0};
    err_at(&e, 20, E_unexpected_end);
    err_at(&e, 30, E_int_too_long);
    EXPECT_EQ(e.id, E_unexpected_end);
    err_at(&e, 20, E_int_too_long); // the first one at an offset stays
    EXPECT_EQ(e.id, E_unexpected_end);
    err_at(&e, 10, E_int_too_large);
    EXPECT_EQ(e.id, E_int_too_large);
    err_at(&e, ERR_NOWHERE, E_out_of_memory);
    EXPECT_EQ(e.id, E_int_too_large);
    EXPECT_EQ(e.at, 10);
}

static void formats_its_arguments(void) {
    Err e = {0};
    err_at(&e, 0, E_over_limit, "number of types", 1000001ull, 1000000ull);
    EXPECT_STR(e.text, "number of types is over the limit: 1000001, at most "
                       "1000000");
    EXPECT_EQ(e.kind, ERR_limit);
}

static void long_text_is_cut(void) {
    char what[2 * sizeof(((Err *)0)->text)];
    memset(what, 'x', sizeof what - 1);
    what[sizeof what - 1] = 0;
    Err e = {0};
    err_at(&e, 0, E_over_limit, what, 1ull, 2ull);
    EXPECT_EQ(strlen(e.text), sizeof e.text - 1);
}

// A row's conversions are few, so that call sites stay easy to check.
static void rows_are_well_formed(void) {
    for (ErrId id = 0; id < E_count; id++) {
        const char *format = err_format(id);
        EXPECT(format[0] != 0);
        EXPECT(strlen(format) < 160);
        for (const char *p = format; *p; p++) {
            if (*p != '%') continue;
            p += 1 + strspn(p + 1, "0123456789.*");
            p += strspn(p, "l");
            if (!EXPECT(*p && strchr("sucdx%", *p))) break;
        }
    }
}

static void kinds_have_names(void) {
    for (ErrKind kind = ERR_none; kind <= ERR_usage; kind++)
        EXPECT(err_kind_name(kind)[0] != 0);
    EXPECT_STR(err_kind_name(ERR_limit), "limit");
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(records_and_clears), UNIT_TEST(earliest_offset_wins),
        UNIT_TEST(formats_its_arguments), UNIT_TEST(long_text_is_cut),
        UNIT_TEST(rows_are_well_formed), UNIT_TEST(kinds_have_names));
}
