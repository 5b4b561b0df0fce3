// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/hash.h"

#include "unit/unit.h"

static void every_byte_and_the_size_count(void) {
    uint8_t bytes[40] = {0};
    uint64_t seen[41 + 40 * 8];
    size_t len = 0;
    for (size_t size = 0; size <= 40; size++)
        seen[len++] = hash_bytes(bytes, size);
    for (size_t bit = 0; bit < 40 * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        seen[len++] = hash_bytes(bytes, 40);
        bytes[bit / 8] = 0;
    }
    for (size_t i = 0; i < len; i++)
        for (size_t j = 0; j < i; j++)
            if (!EXPECT(seen[i] != seen[j])) return;
}

static void does_not_depend_on_alignment(void) {
    char text[64] = "xthe same bytes elsewhere";
    char moved[64] = "the same bytes elsewhere";
    EXPECT(hash_bytes(text + 1, 24) == hash_bytes(moved, 24));
    EXPECT(hash_bytes(NULL, 0) == hash_bytes(moved, 0));
}

// The map takes the low bits, so keys that differ in high bits must spread.
static void low_bits_spread(void) {
    for (unsigned shift = 0; shift <= 54; shift++) {
        uint32_t buckets[64] = {0};
        for (uint64_t i = 0; i < 1024; i++)
            buckets[hash_u64(i << shift) % 64]++;
        for (int i = 0; i < 64; i++)
            EXPECT(buckets[i] < 60); // 16 on average
    }
}

static void combine_is_ordered(void) {
    EXPECT(hash_combine(hash_combine(0, 1), 2) !=
           hash_combine(hash_combine(0, 2), 1));
    EXPECT(hash_combine(0, 0) != 0);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(every_byte_and_the_size_count),
                    UNIT_TEST(does_not_depend_on_alignment),
                    UNIT_TEST(low_bits_spread), UNIT_TEST(combine_is_ordered));
}
