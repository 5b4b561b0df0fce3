// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/num_big.h"

#include "unit/unit.h"

static void sizes_and_order(void) {
    Big a, b;
    big_set(&a, 0);
    EXPECT(big_is_zero(&a));
    EXPECT_EQ(big_bits(&a), 0);
    big_shift_left(&a, 700);
    EXPECT(big_is_zero(&a));
    big_set(&a, 1);
    big_set(&b, 1);
    for (unsigned bits = 1; bits < 3000; bits++) {
        if (!EXPECT_EQ(big_bits(&a), bits)) return;
        if (!EXPECT_EQ(big_compare(&a, &b), 0)) return;
        big_shift_left(&a, 1);
        EXPECT_EQ(big_compare(&a, &b), 1);
        EXPECT_EQ(big_compare(&b, &a), -1);
        big_set(&b, 1);
        big_shift_left(&b, bits); // all at once
    }
}

static void powers_of_five(void) {
    for (unsigned n = 0; n < 1200; n++) {
        Big a, b;
        big_set(&a, 1);
        big_set(&b, 1);
        big_mul_pow5(&a, n);
        for (unsigned i = 0; i < n; i++)
            big_mul_add(&b, 5, 0);
        if (!EXPECT_EQ(big_compare(&a, &b), 0)) return;
    }
}

// (b * q + r) / b for quotients of up to 16 bits.
static void division_undoes_multiplication(void) {
    static const unsigned quotients[] = {1, 2, 7, 9, 10, 12345, 40000, 65535};
    for (unsigned power = 0; power < 1000; power += 37) {
        for (size_t i = 0; i < COUNTOF(quotients); i++) {
            Big a, b;
            big_set(&b, 8);
            big_mul_pow5(&b, power);
            big_set(&a, 8);
            big_mul_pow5(&a, power);
            big_mul_add(&a, quotients[i], 7); // the remainder
            unsigned bits = big_bits(&b);
            big_align(&a, &b, 17);
            EXPECT_EQ(big_bits(&b) % 64, 64 - 17);
            if (!EXPECT_EQ(big_divide_small(&a, &b), quotients[i])) return;
            // What is left is 7, shifted as far as b was.
            Big rest;
            big_set(&rest, 7);
            big_shift_left(&rest, big_bits(&b) - bits);
            EXPECT_EQ(big_compare(&a, &rest), 0);
        }
    }
}

static void top_bits(void) {
    Big a;
    uint64_t top;
    int64_t exponent;
    big_set(&a, 5);
    EXPECT(!big_top64(&a, &top, &exponent));
    EXPECT_EQ(top, UINT64_C(5) << 61);
    EXPECT_EQ(exponent, -61);
    for (unsigned shift = 0; shift < 200; shift++) {
        big_set(&a, UINT64_C(0x8000000000000001));
        big_shift_left(&a, shift);
        EXPECT(!big_top64(&a, &top, &exponent));
        EXPECT_EQ(top, 0x8000000000000001);
        EXPECT_EQ(exponent, shift);
        big_set(&a, UINT64_C(0x8000000000000001));
        big_shift_left(&a, shift + 1);
        big_mul_add(&a, 1, 1);
        EXPECT(big_top64(&a, &top, &exponent));
        EXPECT_EQ(top, 0x8000000000000001);
    }
}

static void sums_compare(void) {
    Big a, b, c;
    for (unsigned shift = 0; shift < 150; shift++) {
        // (2^shift - 1) + 1 * 1 against 2^shift, and one around it
        big_set(&b, 1);
        big_set(&c, 1);
        big_shift_left(&c, shift);
        big_set(&a, 0);
        for (unsigned i = 0; i < shift; i++)
            big_mul_add(&a, 2, 1);
        EXPECT_EQ(big_compare_sum(&a, &b, 1, &c), 0);
        EXPECT_EQ(big_compare_sum(&a, &b, 0, &c), -1);
        EXPECT_EQ(big_compare_sum(&a, &b, 2, &c), 1);
        EXPECT_EQ(big_compare_sum(&a, &c, UINT64_MAX, &b), 1);
    }
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(sizes_and_order), UNIT_TEST(powers_of_five),
                    UNIT_TEST(division_undoes_multiplication),
                    UNIT_TEST(top_bits), UNIT_TEST(sums_compare));
}
