// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/num_text.h"

#include "base/bits.h"
#include "base/hash.h"
#include "unit/unit.h"

#include <math.h>
#include <stdlib.h>

// --- integers

typedef struct IntCase {
    const char *text;
    unsigned bits;
    NumText result;
    uint64_t want;
} IntCase;

static const IntCase ints[] = {
    {"0", 32, NUM_ok, 0},
    {"+0", 32, NUM_ok, 0},
    {"-0", 32, NUM_ok, 0},
    {"007", 32, NUM_ok, 7},
    {"1_000_000", 32, NUM_ok, 1000000},
    {"0xDead_beef", 32, NUM_ok, 0xdeadbeef},
    {"-1", 8, NUM_ok, 0xff},
    {"255", 8, NUM_ok, 255},
    {"256", 8, NUM_out_of_range, 0},
    {"-128", 8, NUM_ok, 0x80},
    {"-129", 8, NUM_out_of_range, 0},
    {"-0x8000", 16, NUM_ok, 0x8000},
    {"-0x8001", 16, NUM_out_of_range, 0},
    {"65535", 16, NUM_ok, 65535},
    {"65536", 16, NUM_out_of_range, 0},
    {"4294967295", 32, NUM_ok, 0xffffffff},
    {"4294967296", 32, NUM_out_of_range, 0},
    {"-2147483648", 32, NUM_ok, 0x80000000},
    {"-2147483649", 32, NUM_out_of_range, 0},
    {"18446744073709551615", 64, NUM_ok, UINT64_MAX},
    {"18446744073709551616", 64, NUM_out_of_range, 0},
    {"0xffff_ffff_ffff_ffff", 64, NUM_ok, UINT64_MAX},
    {"0x1_0000_0000_0000_0000", 64, NUM_out_of_range, 0},
    {"-9223372036854775808", 64, NUM_ok, UINT64_C(1) << 63},
    {"-9223372036854775809", 64, NUM_out_of_range, 0},
    {"99999999999999999999999999999999", 64, NUM_out_of_range, 0},
    {"99999999999999999999999999999999x", 64, NUM_malformed, 0},
};

static const char *const bad_ints[] = {
    "",    "+",    "-",    "--1", "+-1", "_",    "_1",  "1_",  "1__0", "0x",
    "-0x", "0x_1", "0_x1", "0X1", "1x",  "0x1_", "0xg", "1.",  "1e1",  "a",
    " 1",  "1 ",   "0x-1", "x1",  "1-",  "-_1",  "inf", "nan", "0b1",
};

static void integers(void) {
    for (size_t i = 0; i < COUNTOF(ints); i++) {
        const IntCase *c = &ints[i];
        uint64_t got = 0;
        int before = unit_failures;
        EXPECT_EQ(num_parse_int(c->text, strlen(c->text), c->bits, &got),
                  c->result);
        if (c->result == NUM_ok) EXPECT_EQ(got, c->want);
        bool has_sign = c->text[0] == '-' || c->text[0] == '+';
        EXPECT_EQ(num_parse_uint(c->text, strlen(c->text), c->bits, &got),
                  has_sign ? NUM_malformed : c->result);
        if (unit_failures > before) fprintf(stderr, "    %s\n", c->text);
    }
}

static void malformed_integers(void) {
    for (size_t i = 0; i < COUNTOF(bad_ints); i++) {
        uint64_t got;
        const char *text = bad_ints[i];
        bool ok = EXPECT_EQ(num_parse_int(text, strlen(text), 32, &got),
                            NUM_malformed) &&
                  EXPECT_EQ(num_parse_uint(text, strlen(text), 32, &got),
                            NUM_malformed);
        if (!ok) fprintf(stderr, "    \"%s\"\n", text);
    }
}

static void text_ends_at_its_length(void) {
    uint64_t got = 0;
    uint32_t bits = 0;
    EXPECT_EQ(num_parse_int("123456", 3, 32, &got), NUM_ok);
    EXPECT_EQ(got, 123);
    EXPECT_EQ(num_parse_f32("1e5", 1, &bits), NUM_ok);
    EXPECT_EQ(bits, f32_bits(1.0f));
    EXPECT_EQ(num_parse_f32("0x1p3", 4, &bits), NUM_malformed);
    EXPECT_EQ(num_parse_f32("nan:0x1", 6, &bits), NUM_malformed);
    EXPECT_EQ(num_parse_f32("infinite", 3, &bits), NUM_ok);
}

// --- parsing floats

typedef struct FloatCase {
    const char *text;
    NumText result;
    uint64_t want;
} FloatCase;

static const FloatCase f32s[] = {
    {"0", NUM_ok, 0},
    {"-0", NUM_ok, 0x80000000},
    {"+1.", NUM_ok, 0x3f800000},
    {"1_0.0_0e0_1", NUM_ok, 0x42c80000},
    {"1E-2", NUM_ok, 0x3c23d70a},
    {"1.e1", NUM_ok, 0x41200000},
    {"0x1P-149", NUM_ok, 1},
    {"0x0.8p-149", NUM_ok, 0},        // a tie, to even
    {"0x0.80000001p-149", NUM_ok, 1}, //
    {"0x1.8p-149", NUM_ok, 2},        // a tie, to even
    {"0x0.7fffffffp-149", NUM_ok, 0},
    {"0x1.fffffdp-127", NUM_ok, 0x007fffff},
    {"0x1.ffffffp-127", NUM_ok, 0x00800000}, // rounds up to a normal number
    {"0x1.000001p0", NUM_ok, 0x3f800000},
    {"0x1.00000100000000000000000000001p0", NUM_ok, 0x3f800001},
    {"0x1.000003p0", NUM_ok, 0x3f800002},
    {"0x1.fffffep127", NUM_ok, 0x7f7fffff},
    {"0x1.fffffeffffffffffffp127", NUM_ok, 0x7f7fffff},
    {"0x1.ffffffp127", NUM_out_of_range, 0},
    {"0x1p128", NUM_out_of_range, 0},
    {"0x.8p0", NUM_malformed, 0},
    {"0xF_f.8_8", NUM_ok, 0x437f8800},
    {"340282356779733661637539395458142568447", NUM_ok, 0x7f7fffff},
    {"340282356779733661637539395458142568448", NUM_out_of_range, 0},
    {"1e39", NUM_out_of_range, 0},
    {"1e-45", NUM_ok, 1},
    {"7.006492321624085354618e-46", NUM_ok, 0},
    {"7.006492321624085354619e-46", NUM_ok, 1},
    // Right for f32, wrong through f64: just above halfway.
    {"1.00000005960464477539062500000001", NUM_ok, 0x3f800001},
    {"1.000000059604644775390625", NUM_ok, 0x3f800000},
    {"inf", NUM_ok, 0x7f800000},
    {"-inf", NUM_ok, 0xff800000},
    {"nan", NUM_ok, 0x7fc00000},
    {"-nan", NUM_ok, 0xffc00000},
    {"+nan:0x1", NUM_ok, 0x7f800001},
    {"nan:0x7f_ffff", NUM_ok, 0x7fffffff},
    {"nan:0x80_0000", NUM_out_of_range, 0},
    {"nan:0x0", NUM_out_of_range, 0},
    {"nan:0xffff_ffff_ffff_ffff_ffff", NUM_out_of_range, 0},
    {"1e99999999999999999999999999", NUM_out_of_range, 0},
    {"1e-99999999999999999999999999", NUM_ok, 0},
    {"0e99999999999999999999999999", NUM_ok, 0},
    {"-0x1p-99999999999999999999999999", NUM_ok, 0x80000000},
    {"0x1p99999999999999999999999999", NUM_out_of_range, 0},
};

static const FloatCase f64s[] = {
    {"0x1.fffffffffffffp1023", NUM_ok, 0x7fefffffffffffff},
    {"0x1.fffffffffffff7fffp1023", NUM_ok, 0x7fefffffffffffff},
    {"0x1.fffffffffffff8p1023", NUM_out_of_range, 0},
    {"1.7976931348623157e308", NUM_ok, 0x7fefffffffffffff},
    {"1.797693134862315807937e308", NUM_ok, 0x7fefffffffffffff},
    {"1.7976931348623159e308", NUM_out_of_range, 0},
    {"4.9406564584124654e-324", NUM_ok, 1},
    {"2.4703282292062327e-324", NUM_ok, 0},
    {"2.4703282292062328e-324", NUM_ok, 1},
    {"2.2250738585072011e-308", NUM_ok, 0x000fffffffffffff},
    {"2.2250738585072012e-308", NUM_ok, 0x0010000000000000},
    {"9007199254740993", NUM_ok, 0x4340000000000000},
    {"9007199254740993.00000000000000000000000001", NUM_ok, 0x4340000000000001},
    {"0x1p-1074", NUM_ok, 1},
    {"0x1p-1075", NUM_ok, 0},
    {"0x1.8p-1074", NUM_ok, 2},
    {"nan", NUM_ok, 0x7ff8000000000000},
    {"-nan:0xf_ffff_ffff_ffff", NUM_ok, UINT64_MAX},
    {"nan:0x10_0000_0000_0000", NUM_out_of_range, 0},
    {"0x1.0000000000000800000000000000000000000000000001p0", NUM_ok,
     0x3ff0000000000001},
};

static void float_cases(void) {
    for (size_t i = 0; i < COUNTOF(f32s); i++) {
        const FloatCase *c = &f32s[i];
        uint32_t got = 0;
        bool ok = EXPECT_EQ(num_parse_f32(c->text, strlen(c->text), &got),
                            c->result) &&
                  (c->result != NUM_ok || EXPECT_EQ(got, c->want));
        if (!ok) fprintf(stderr, "    %s\n", c->text);
    }
    for (size_t i = 0; i < COUNTOF(f64s); i++) {
        const FloatCase *c = &f64s[i];
        uint64_t got = 0;
        bool ok = EXPECT_EQ(num_parse_f64(c->text, strlen(c->text), &got),
                            c->result) &&
                  (c->result != NUM_ok || EXPECT_EQ(got, c->want));
        if (!ok) fprintf(stderr, "    %s\n", c->text);
    }
}

static const char *const bad_floats[] = {
    "",
    "+",
    "-",
    ".",
    ".5",
    "-.5",
    "_1",
    "1_",
    "1__0",
    "1_.0",
    "1._0",
    "1.0_",
    "1e",
    "1e+",
    "1e_1",
    "1e1_",
    "1_e1",
    "1.e",
    "1.5e",
    "1e1.5",
    "1p1",
    "0x",
    "0x.",
    "0x1.p",
    "0x1e+",
    "0x1p",
    "0x1p+",
    "0xp1",
    "0x_1",
    "0x1_",
    "0x1._8",
    "0x1.8_",
    "0x1pa",
    "0X1",
    "0x1P_1",
    "nan:",
    "nan:0x",
    "nan:1",
    "nan:0x_1",
    "nan:0x1_",
    "nan:0xg",
    "nan1",
    "nan:canonical",
    "infinity",
    "inf1",
    "Inf",
    "NaN",
    "+-1",
    "1 ",
    " 1",
    "1f",
    "0x1.g",
    "1..2",
    "1.2.3",
    "++inf",
    "1e1e1",
    "0x1p1p1",
    "1,5",
    "nan: 0x1",
};

static void malformed_floats(void) {
    for (size_t i = 0; i < COUNTOF(bad_floats); i++) {
        uint32_t f32;
        uint64_t f64;
        const char *text = bad_floats[i];
        size_t len = strlen(text);
        bool ok = EXPECT_EQ(num_parse_f32(text, len, &f32), NUM_malformed) &&
                  EXPECT_EQ(num_parse_f64(text, len, &f64), NUM_malformed);
        if (!ok) fprintf(stderr, "    \"%s\"\n", text);
    }
}

// The C library's conversions round correctly too, and are the oracle.
static bool same_f64(const char *text) {
    uint64_t got;
    NumText result = num_parse_f64(text, strlen(text), &got);
    double want = strtod(text, NULL);
    bool ok = isinf(want)
                  ? EXPECT_EQ(result, NUM_out_of_range)
                  : EXPECT_EQ(result, NUM_ok) && EXPECT_EQ(got, f64_bits(want));
    if (!ok) fprintf(stderr, "    f64 %s\n", text);
    return ok;
}

static bool same_f32(const char *text) {
    uint32_t got;
    NumText result = num_parse_f32(text, strlen(text), &got);
    float want = strtof(text, NULL);
    bool ok = isinf(want)
                  ? EXPECT_EQ(result, NUM_out_of_range)
                  : EXPECT_EQ(result, NUM_ok) && EXPECT_EQ(got, f32_bits(want));
    if (!ok) fprintf(stderr, "    f32 %s\n", text);
    return ok;
}

// A finite f64 from the n-th random word.
static double random_f64(uint64_t n) {
    uint64_t bits = hash_u64(n);
    if ((bits >> 52 & 0x7ff) == 0x7ff) bits ^= UINT64_C(1) << 60;
    return f64_of_bits(bits);
}

static void random_decimals_agree(void) {
    for (uint64_t n = 0; n < 40000; n++) {
        char text[64];
        double value = random_f64(n);
        if (n % 2) { // most f64 are out of f32's range: choose the exponent
            uint64_t mantissa = f64_bits(value) << 12 >> 12;
            value = f64_of_bits((1023 - 160 + n % 300) << 52 | mantissa);
        }
        snprintf(text, sizeof text, "%.*e", (int)(n % 31), value);
        if (!same_f64(text) || !same_f32(text)) return;
        snprintf(text, sizeof text, "%.*a", (int)(n % 16), value);
        if (!same_f64(text) || !same_f32(text)) return;
    }
}

// One less in the last decimal place.
static void decrement(char *last) {
    for (; *last == '0' || *last == '.'; last--)
        if (*last == '0') *last = '9';
    (*last)--;
}

// Halfway between two neighbours, exactly, and one digit above and below.
static void halfway_cases_agree(void) {
    static char text[1600];
    for (uint64_t n = 0; n < 3000; n++) {
        uint64_t bits = f64_bits(random_f64(n)) & INT64_MAX;
        if (n % 4 == 0) bits >>= 11; // the least numbers have most digits
        if (n % 4 == 1) bits = bits >> 52 << 52;
        double low = f64_of_bits(bits), high = f64_of_bits(bits + 1);
        if (isinf(high)) continue;
        // Exact, since long double has more bits and a wider range.
        long double middle = ((long double)low + (long double)high) / 2;
        snprintf(text, sizeof text, "%.1150Le", middle);
        if (!same_f64(text)) return;
        char *last = strchr(text, 'e') - 1;
        *last = '1';
        if (!same_f64(text)) return;
        *last = '0';
        decrement(last);
        if (!same_f64(text)) return;
    }
}

static void long_texts(void) {
    enum {
        ZEROS = 5000
    };
    static char text[2 * ZEROS + 32];
    uint64_t got = 0;
    memset(text, '0', sizeof text);
    text[0] = '1';
    size_t len = ZEROS + 1;
    len += (size_t)sprintf(text + len, "e-%d", ZEROS);
    EXPECT_EQ(num_parse_f64(text, len, &got), NUM_ok);
    EXPECT_EQ(got, f64_bits(1.0));

    memset(text, '0', sizeof text);
    text[1] = '.';
    len = ZEROS + 1;
    len += (size_t)sprintf(text + len, "1e%d", ZEROS);
    EXPECT_EQ(num_parse_f64(text, len, &got), NUM_ok);
    EXPECT_EQ(got, f64_bits(1.0));

    // 0x0.000...01p4(n+1)
    memset(text, '0', sizeof text);
    text[1] = 'x';
    text[3] = '.';
    len = 4 + ZEROS;
    len += (size_t)sprintf(text + len, "1p%d", 4 * (ZEROS + 1));
    EXPECT_EQ(num_parse_f64(text, len, &got), NUM_ok);
    EXPECT_EQ(got, f64_bits(1.0));

    memset(text, '9', sizeof text);
    len = 2 * ZEROS;
    text[1] = '.';
    EXPECT_EQ(num_parse_f64(text, len, &got), NUM_ok);
    EXPECT_EQ(got, f64_bits(10.0));
    text[1] = '9';
    EXPECT_EQ(num_parse_f64(text, len, &got), NUM_out_of_range);
}

// --- printing floats

static void prints_as_expected(void) {
    static const struct {
        double value;
        const char *want;
    } cases[] = {
        {0.0, "0"},
        {-0.0, "-0"},
        {1.0, "1"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {100.0, "100"},
        {123456.789, "123456.789"},
        {1e20, "100000000000000000000"},
        {1e21, "1e21"},
        {1.25e25, "1.25e25"},
        {1e-6, "0.000001"},
        {1e-7, "1e-7"},
        {1.5e-300, "1.5e-300"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e308"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {9007199254740992.0, "9007199254740992"},
        {5e22, "5e22"},
        {9.5, "9.5"},
        {(double)INFINITY, "inf"},
        {-(double)INFINITY, "-inf"},
    };
    char text[NUM_TEXT_MAX];
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        size_t len = num_print_f64(text, f64_bits(cases[i].value));
        EXPECT_STR(text, cases[i].want);
        EXPECT_EQ(len, strlen(text));
    }
    num_print_f64(text, 0x7ff8000000000000);
    EXPECT_STR(text, "nan");
    num_print_f64(text, UINT64_MAX);
    EXPECT_STR(text, "-nan:0xfffffffffffff");
    num_print_f32(text, 0x7f800001);
    EXPECT_STR(text, "nan:0x1");
    num_print_f32(text, 0xffc00000);
    EXPECT_STR(text, "-nan");
    num_print_f32(text, f32_bits(0.1f));
    EXPECT_STR(text, "0.1");
    num_print_f32(text, 1);
    EXPECT_STR(text, "1e-45");
    num_print_f32(text, 0x7f7fffff);
    EXPECT_STR(text, "3.4028235e38");
}

// "1.25e-7" as its significant digits, "125".
static size_t significant_digits(const char *text) {
    size_t len = 0, zeros = 0;
    for (; *text && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (len == 0 && *text == '0')) continue;
        len++;
        zeros = *text == '0' ? zeros + 1 : 0;
    }
    return len - zeros;
}

// Bits of every kind: any word, and the numbers around a power of two, where
// the neighbour below is nearer.
static uint64_t interesting_bits(uint64_t n, unsigned mantissa_bits) {
    uint64_t bits = hash_u64(n);
    if (n % 3 != 0) return bits;
    return (bits >> mantissa_bits << mantissa_bits) + (n / 3) % 5 - 2;
}

static bool f32_prints_shortest(uint32_t bits) {
    char text[NUM_TEXT_MAX], shorter[64];
    uint32_t back = ~bits;
    size_t len = num_print_f32(text, bits);
    bool ok = EXPECT(len < NUM_TEXT_MAX) &&
              EXPECT_EQ(num_parse_f32(text, len, &back), NUM_ok) &&
              EXPECT_EQ(back, bits);
    float value = f32_of_bits(bits);
    if (!ok || isnan(value) || isinf(value) || value == 0) return ok;
    ok = EXPECT_EQ(f32_bits(strtof(text, NULL)), bits);
    size_t digits = significant_digits(text);
    if (digits == 1) return ok;
    snprintf(shorter, sizeof shorter, "%.*e", (int)digits - 2, (double)value);
    return EXPECT(f32_bits(strtof(shorter, NULL)) != bits) && ok;
}

static bool f64_prints_shortest(uint64_t bits) {
    char text[NUM_TEXT_MAX], other[64];
    uint64_t back = ~bits;
    size_t len = num_print_f64(text, bits);
    bool ok = EXPECT(len < NUM_TEXT_MAX) &&
              EXPECT_EQ(num_parse_f64(text, len, &back), NUM_ok) &&
              EXPECT_EQ(back, bits);
    double value = f64_of_bits(bits);
    if (!ok || isnan(value) || isinf(value) || value == 0) return ok;
    ok = EXPECT_EQ(f64_bits(strtod(text, NULL)), bits);
    size_t digits = significant_digits(text);
    if (digits == 1) return ok;
    snprintf(other, sizeof other, "%.*e", (int)digits - 2, value);
    return EXPECT(f64_bits(strtod(other, NULL)) != bits) && ok;
}

static void prints_shortest(void) {
    for (uint64_t bits = 0; bits <= UINT32_MAX; bits += 65521)
        if (!f32_prints_shortest((uint32_t)bits)) return;
    for (uint64_t n = 0; n < 40000; n++) {
        uint64_t bits = hash_u64(n);
        if (!f32_prints_shortest((uint32_t)interesting_bits(n, 23))) return;
        if (!f64_prints_shortest(interesting_bits(n, 52))) return;
        if (!f64_prints_shortest(f64_bits((double)(bits % 10000000) / 1e4)))
            return;
    }
    for (uint64_t bits = 1; bits < 3000; bits++) // the least of all
        if (!f64_prints_shortest(bits) || !f32_prints_shortest((uint32_t)bits))
            return;
}

// Every power of two and of ten, and their neighbours.
static void prints_powers(void) {
    for (uint64_t field = 0; field < 0x7ff; field++)
        for (uint64_t near = 0; near < 3; near++)
            if (!f64_prints_shortest((field << 52) + near - (field > 0)))
                return;
    for (int power = -330; power < 310; power++) {
        char text[32];
        snprintf(text, sizeof text, "1e%d", power);
        if (!same_f64(text) || !same_f32(text)) return;
        uint64_t bits = f64_bits(strtod(text, NULL));
        for (uint64_t near = 0; near < 3; near++)
            if (!f64_prints_shortest(bits + near - (bits > 0))) return;
    }
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(integers), UNIT_TEST(malformed_integers),
                    UNIT_TEST(text_ends_at_its_length), UNIT_TEST(float_cases),
                    UNIT_TEST(malformed_floats),
                    UNIT_TEST(random_decimals_agree),
                    UNIT_TEST(halfway_cases_agree), UNIT_TEST(long_texts),
                    UNIT_TEST(prints_as_expected), UNIT_TEST(prints_shortest),
                    UNIT_TEST(prints_powers));
}
