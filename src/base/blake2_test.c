// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/blake2.h"
#include "unit/unit.h"

#include <stdio.h>

static void hex(const uint8_t hash[BLAKE2_SIZE],
                char out[2 * BLAKE2_SIZE + 1]) {
    for (size_t i = 0; i < BLAKE2_SIZE; i++)
        snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

// What another implementation says of bytes 0, 1, 2, ...
static void knows_vectors(void) {
    static const struct {
        const char *name;
        size_t size;
        const char *hash;
    } cases[] = {
        {"nothing", 0,
         "0e5751c026e543b2e8ab2eb06099daa1"
         "d1e5df47778f7787faab45cdf12fe3a8"},
        {"one byte", 1,
         "03170a2e7597b7b7e3d84c05391d139a"
         "62b157e78786d8c082f29dcf4c111314"},
        {"one byte less than a block", 127,
         "f2fe67ff342e21b8f45e8f2e0bcd1d92"
         "43245d50ee6c78042e9c491388791c72"},
        {"a block", 128,
         "c3582f71ebb2be66fa5dd750f80baae9"
         "7554f3b015663c8be377cfcb2488c1d1"},
        {"more than a block", 129,
         "f7f3c46ba2564ff4c4c162da1f5b605f"
         "9f1c4aa6a20652a9f9a337c1a2f5b9c9"},
        {"two blocks", 256,
         "39a7eb9fedc19aabc83425c6755dd90e"
         "6f9d0c804964a1f4aaeea3b9fb599835"},
        {"many", 1000,
         "c636324d47d89f2b2434dc2c99410066"
         "3fbbaea880ff020fc5de89dd0f77a1ec"},
    };
    uint8_t bytes[1000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Blake2 b;
        uint8_t hash[BLAKE2_SIZE];
        char text[2 * BLAKE2_SIZE + 1];
        blake2_init(&b);
        blake2_add(&b, bytes, cases[i].size);
        blake2_finish(&b, hash);
        hex(hash, text);
        EXPECT_STR(text, cases[i].hash);
    }
}

// In pieces of any size it is the same: `size` bytes, bytes 0, 1, 2, ...
static void pieces_do_not_matter(void) {
    enum {
        SIZE = 1000
    };
    uint8_t bytes[SIZE];
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (uint8_t)i;
    for (size_t size = 0; size < SIZE; size += 61) {
        uint8_t whole[BLAKE2_SIZE], parts[BLAKE2_SIZE];
        Blake2 b;
        blake2_init(&b);
        blake2_add(&b, bytes, size);
        blake2_finish(&b, whole);
        for (size_t piece = 1; piece < 300; piece += 7) {
            blake2_init(&b);
            for (size_t at = 0; at < size; at += piece)
                blake2_add(&b, bytes + at, MIN(piece, size - at));
            blake2_finish(&b, parts);
            EXPECT(!memcmp(whole, parts, sizeof whole));
        }
    }
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(knows_vectors), UNIT_TEST(pieces_do_not_matter));
}
