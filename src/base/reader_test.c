// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/reader.h"

#include "unit/unit.h"

enum {
    BASE = 1000
};

typedef enum Kind {
    U32,
    U64,
    S32,
    S33,
    S64
} Kind;

static uint64_t read_kind(Reader *r, Kind kind) {
    switch (kind) {
    case U32:
        return read_u32(r);
    case U64:
        return read_u64(r);
    case S32:
        return (uint64_t)(int64_t)read_s32(r);
    case S33:
        return (uint64_t)read_s33(r);
    case S64:
        return (uint64_t)read_s64(r);
    }
    UNREACHABLE();
}

enum {
    OK = E_count
}; // in the place of an error's id

static const struct {
    Kind kind;
    const char *bytes;
    size_t size;
    uint64_t want;
    unsigned error;
} lebs[] = {
#define BYTES(s) s, sizeof(s) - 1
    {U32, BYTES("\x00"), 0, OK},
    {U32, BYTES("\x7f"), 127, OK},
    {U32, BYTES("\x80\x01"), 128, OK},
    {U32, BYTES("\x80\x80\x80\x80\x00"), 0, OK},
    {U32, BYTES("\xff\xff\xff\xff\x0f"), UINT32_MAX, OK},
    {U32, BYTES("\xff\xff\xff\xff\x1f"), 0, E_int_too_large},
    {U32, BYTES("\x80\x80\x80\x80\x70"), 0, E_int_too_large},
    {U32, BYTES("\x80\x80\x80\x80\x80\x00"), 0, E_int_too_long},
    {U32, BYTES("\x80\x80\x80\x80\x80"), 0, E_int_too_long},
    {U32, BYTES(""), 0, E_unexpected_end},
    {U32, BYTES("\x80"), 0, E_unexpected_end},
    {U32, BYTES("\x80\x80\x80\x80"), 0, E_unexpected_end},

    {U64, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), UINT64_MAX, OK},
    {U64, BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"), 0, OK},
    {U64, BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02"), 0,
     E_int_too_large},
    {U64, BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00"), 0,
     E_int_too_long},
    {U64, BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80"), 0, E_unexpected_end},

    {S32, BYTES("\x3f"), 63, OK},
    {S32, BYTES("\x40"), (uint64_t)-64, OK},
    {S32, BYTES("\x7f"), (uint64_t)-1, OK},
    {S32, BYTES("\xff\x7f"), (uint64_t)-1, OK},
    {S32, BYTES("\x80\x7f"), (uint64_t)-128, OK},
    {S32, BYTES("\xff\x00"), 127, OK},
    {S32, BYTES("\xff\xff\xff\xff\x07"), INT32_MAX, OK},
    {S32, BYTES("\x80\x80\x80\x80\x78"), (uint64_t)INT32_MIN, OK},
    {S32, BYTES("\xff\xff\xff\xff\x7f"), (uint64_t)-1, OK},
    {S32, BYTES("\x80\x80\x80\x80\x70"), 0, E_int_too_large},
    {S32, BYTES("\xff\xff\xff\xff\x0f"), 0, E_int_too_large},
    {S32, BYTES("\x80\x80\x80\x80\x1f"), 0, E_int_too_large},
    {S32, BYTES("\xff\xff\xff\xff\x4f"), 0, E_int_too_large},
    {S32, BYTES("\xff\xff\xff\xff\xff\x7f"), 0, E_int_too_long},
    {S32, BYTES("\x80\x80\x80\x80\x80\x00"), 0, E_int_too_long},
    {S32, BYTES("\xff\xff"), 0, E_unexpected_end},

    {S33, BYTES("\x40"), (uint64_t)-64, OK},
    {S33, BYTES("\xff\xff\xff\xff\x0f"), UINT32_MAX, OK},
    {S33, BYTES("\x80\x80\x80\x80\x70"), (uint64_t)-4294967296, OK},
    {S33, BYTES("\x80\x80\x80\x80\x10"), 0, E_int_too_large},
    {S33, BYTES("\x80\x80\x80\x80\x60"), 0, E_int_too_large},
    {S33, BYTES("\xff\xff\xff\xff\xff\x7f"), 0, E_int_too_long},
    {S33, BYTES("\x80\x80\x80\x80"), 0, E_unexpected_end},

    {S64, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x00"), INT64_MAX, OK},
    {S64, BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7f"),
     (uint64_t)INT64_MIN, OK},
    {S64, BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x40"),
     (uint64_t)INT64_MIN >> 1 | (uint64_t)INT64_MIN, OK},
    {S64, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), 0,
     E_int_too_large},
    {S64, BYTES("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x7e"), 0,
     E_int_too_large},
    {S64, BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), 0,
     E_int_too_long},
#undef BYTES
};

// A copy on the heap's edge would be as good: the bytes behind the end are
// there, but reading them shows in the value or in the cursor.
static void leb128(void) {
    for (size_t i = 0; i < COUNTOF(lebs); i++) {
        uint8_t bytes[16];
        memset(bytes, 0xaa, sizeof bytes);
        memcpy(bytes, lebs[i].bytes, lebs[i].size);
        Err err = {0};
        Reader r;
        reader_init(&r, bytes, lebs[i].size, BASE, &err);
        int before = unit_failures;
        EXPECT_EQ(read_kind(&r, lebs[i].kind), lebs[i].want);
        if (lebs[i].error == OK) {
            EXPECT(reader_ok(&r));
            EXPECT_EQ(reader_left(&r), 0);
        } else {
            EXPECT_EQ(err.id, lebs[i].error);
            EXPECT_EQ(err.kind, ERR_malformed);
            EXPECT_EQ(err.at, BASE);
            EXPECT_EQ(reader_offset(&r), BASE);
        }
        if (unit_failures > before) fprintf(stderr, "    leb %zu\n", i);
    }
}

// Zero, or minus one, in that many bytes.
static void padded_leb128(Kind kind, size_t size, bool negative) {
    static const size_t longest[] = {
        [U32] = 5, [U64] = 10, [S32] = 5, [S33] = 5, [S64] = 10};
    uint8_t bytes[24];
    memset(bytes, negative ? 0xff : 0x80, size);
    bytes[size - 1] = negative ? 0x7f : 0;
    bool fits = size <= longest[kind];
    Err err = {0};
    Reader r;
    reader_init(&r, bytes, size, BASE, &err);
    EXPECT_EQ(read_kind(&r, kind), fits && negative ? -1 : 0);
    EXPECT_EQ(reader_ok(&r), fits);
    EXPECT_EQ(reader_offset(&r), fits ? BASE + size : BASE);
    if (!fits) EXPECT_EQ(err.id, E_int_too_long);
}

static void every_length_of_leb128(void) {
    for (Kind kind = U32; kind <= S64; kind++)
        for (size_t size = 1; size <= 24; size++) {
            padded_leb128(kind, size, false);
            if (kind >= S32) padded_leb128(kind, size, true);
        }
}

static size_t write_leb(uint8_t *out, int64_t value) {
    size_t size = 0;
    for (;;) {
        uint8_t low = value & 0x7f;
        value >>= 7;
        bool done = value == ((low & 0x40) ? -1 : 0);
        out[size++] = done ? low : low | 0x80;
        if (done) return size;
    }
}

static void signed_round_trip(void) {
    for (unsigned shift = 0; shift < 64; shift++) {
        for (int64_t near = -3; near <= 3; near++) {
            uint64_t bits = (UINT64_C(1) << shift) + (uint64_t)near;
            int64_t value = (int64_t)bits;
            uint8_t bytes[10];
            Err err = {0};
            Reader r;
            reader_init(&r, bytes, write_leb(bytes, value), 0, &err);
            if (!EXPECT_EQ(read_s64(&r), value)) return;
            reader_init(&r, bytes, write_leb(bytes, value), 0, &err);
            bool fits = value >= INT32_MIN && value <= INT32_MAX;
            EXPECT_EQ(read_s32(&r), fits ? value : 0);
            if (!EXPECT_EQ(reader_ok(&r), fits)) return;
        }
    }
}

static void plain_reads(void) {
    static const uint8_t bytes[] = {1, 0, 0,    0x80, 0x3f, 0,   0,  0,
                                    0, 0, 0xf0, 0x3f, 0,    'x', 'y'};
    Err err = {0};
    Reader r;
    reader_init(&r, bytes, sizeof bytes, BASE, &err);
    EXPECT_EQ(read_u8(&r), 1);
    EXPECT_EQ(read_f32_bits(&r), 0x3f800000);
    EXPECT_EQ(reader_offset(&r), BASE + 5);
    r.at--;
    EXPECT_EQ(read_f64_bits(&r), 0x3ff000000000003f >> 8 << 8 | 0x3f);
    EXPECT_EQ(reader_left(&r), 3);
    EXPECT(read_bytes(&r, 1) == bytes + 12);
    EXPECT(read_bytes(&r, 2) == bytes + 13);
    EXPECT(read_bytes(&r, 0) == bytes + 15);
    EXPECT(reader_ok(&r));
}

static void failure_stays(void) {
    static const uint8_t bytes[] = {0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3};
    Err err = {0};
    Reader r;
    reader_init(&r, bytes, sizeof bytes, BASE, &err);
    EXPECT_EQ(read_u32(&r), 0);
    EXPECT_EQ(err.id, E_int_too_large);
    for (Kind kind = U32; kind <= S64; kind++)
        EXPECT_EQ(read_kind(&r, kind), 0);
    EXPECT_EQ(read_u8(&r), 0);
    EXPECT_EQ(read_f32_bits(&r), 0);
    EXPECT_EQ(read_f64_bits(&r), 0);
    EXPECT(!read_bytes(&r, 1));
    uint32_t size = 7;
    EXPECT(!read_name(&r, &size) && size == 0);
    EXPECT(!read_bytes(&r, 0));
    EXPECT_EQ(reader_offset(&r), BASE);
    EXPECT_EQ(err.id, E_int_too_large);
    EXPECT_EQ(err.at, BASE);
}

static void running_out(void) {
    static const uint8_t bytes[8] = {0};
    for (size_t size = 0; size < 8; size++) {
        Err err = {0};
        Reader r;
        reader_init(&r, bytes, size, BASE, &err);
        r.end_error = E_malformed_utf8; // any other text
        EXPECT(!read_bytes(&r, SIZE_MAX));
        EXPECT_EQ(err.id, E_malformed_utf8);

        err_clear(&err);
        reader_init(&r, bytes, size, BASE, &err);
        EXPECT_EQ(read_f64_bits(&r), 0);
        EXPECT_EQ(err.id, E_unexpected_end);
        EXPECT_EQ(err.at, BASE);
    }
}

// What lies between `end` and `whole_end` decides the wording, nothing else.
static void integers_cut_by_the_end(void) {
    static const uint8_t bytes[] = {0x80, 0x80, 0x01, 0x80, 0x80, 0x80,
                                    0x80, 0x80, 0x00, 0x80, 0x80};
    static const struct {
        size_t start, end;
        ErrId error;
    } cases[] = {
        {0, 1, E_malformed_utf8},  {0, 2, E_malformed_utf8},
        {3, 4, E_int_too_long},    {3, 7, E_int_too_long},
        {9, 10, E_malformed_utf8}, {2, 2, E_malformed_utf8},
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Err err = {0};
        Reader r;
        reader_init(&r, bytes, cases[i].end, 0, &err);
        r.whole_end = bytes + sizeof bytes;
        r.end_error = E_malformed_utf8; // any other text
        r.at += cases[i].start;
        EXPECT_EQ(read_u32(&r), 0);
        EXPECT_EQ(err.id, cases[i].error);
        EXPECT_EQ(err.at, cases[i].start);
        EXPECT_EQ(reader_offset(&r), cases[i].start);
        EXPECT_EQ(read_u32(&r), 0); // and it stays failed
        EXPECT_EQ(err.id, cases[i].error);
    }
}

static void names(void) {
    static const struct {
        const char *bytes, *want;
        size_t size;
        unsigned error;
        uint64_t at;
    } cases[] = {
        {"\x00", "", 1, OK, 0},
        {"\x03"
         "abcd",
         "abc", 5, OK, 0},
        {"\x02\xc3\xa9", "\xc3\xa9", 3, OK, 0},
        {"\x02\xc3(", NULL, 3, E_malformed_utf8, 1},
        {"\x01\xc3\xa9", NULL, 3, E_malformed_utf8, 1},
        {"\x04"
         "abc",
         NULL, 4, E_unexpected_end, 1},
        {"\xff\xff\xff\xff\x0f"
         "abc",
         NULL, 8, E_unexpected_end, 5},
        {"", NULL, 0, E_unexpected_end, 0},
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Err err = {0};
        Reader r;
        reader_init(&r, (const uint8_t *)cases[i].bytes, cases[i].size, 0,
                    &err);
        uint32_t size = 99;
        const char *name = read_name(&r, &size);
        if (cases[i].error == OK) {
            if (!EXPECT(name) || !EXPECT_EQ(size, strlen(cases[i].want)))
                continue;
            EXPECT(memcmp(name, cases[i].want, size) == 0);
            continue;
        }
        EXPECT(!name && size == 0);
        EXPECT_EQ(err.id, cases[i].error);
        EXPECT_EQ(err.at, cases[i].at);
    }
}

static void fail_is_at_the_cursor(void) {
    static const uint8_t bytes[] = {1, 2, 3};
    Err err = {0};
    Reader r;
    reader_init(&r, bytes, sizeof bytes, BASE, &err);
    read_u8(&r);
    EXPECT(!reader_fail(&r, E_int_too_large));
    EXPECT_EQ(err.at, BASE + 1);
    EXPECT_EQ(read_u8(&r), 0);
    EXPECT_EQ(reader_left(&r), 0);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(leb128), UNIT_TEST(every_length_of_leb128),
                    UNIT_TEST(signed_round_trip), UNIT_TEST(plain_reads),
                    UNIT_TEST(failure_stays), UNIT_TEST(running_out),
                    UNIT_TEST(integers_cut_by_the_end), UNIT_TEST(names),
                    UNIT_TEST(fail_is_at_the_cursor));
}
