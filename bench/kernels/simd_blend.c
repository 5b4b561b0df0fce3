// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// SIMD, bytes in memory: two pictures blended by a third, with rounding.

#include "kernel.h"
#include "vector.h"

enum {
    BLOCKS = 1024
};

static U8x16 front[BLOCKS];
static U8x16 back[BLOCKS];
static U8x16 mask[BLOCKS];

static void picture_make(U8x16 *picture, uint32_t *random) {
    for (int i = 0; i < BLOCKS; i++) {
        for (int k = 0; k < 16; k++)
            picture[i][k] = (uint8_t)random_next(random);
    }
}

static U16x8 low_half(U8x16 v) {
    return __builtin_convertvector(
        __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7), U16x8);
}

static U16x8 high_half(U8x16 v) {
    return __builtin_convertvector(
        __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15), U16x8);
}

// (f * m + b * (255 - m)) / 255, rounded, in 16 bits.
static U16x8 blend(U16x8 f, U16x8 b, U16x8 m) {
    U16x8 x = f * m + b * (255 - m) + 128;
    return (x + (x >> 8)) >> 8;
}

static void blend_all(void) {
    for (int i = 0; i < BLOCKS; i++) {
        U16x8 low =
            blend(low_half(front[i]), low_half(back[i]), low_half(mask[i]));
        U16x8 high =
            blend(high_half(front[i]), high_half(back[i]), high_half(mask[i]));
        // The low bytes of all sixteen.
        back[i] =
            __builtin_shufflevector((U8x16)low, (U8x16)high, 0, 2, 4, 6, 8, 10,
                                    12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
        mask[i] += 37;
    }
}

uint32_t run(int32_t n) {
    uint32_t random = 2463534242U;
    picture_make(front, &random);
    picture_make(back, &random);
    picture_make(mask, &random);
    for (int32_t i = 0; i < n; i++)
        blend_all();
    uint32_t sum = 0;
    for (int i = 0; i < BLOCKS; i++) {
        for (int k = 0; k < 16; k++)
            sum = mix(sum, back[i][k]);
    }
    return sum;
}
