// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The vector instructions that are not lane by lane.
#include "wasm/num.h"

// Lanes past the end are zero.
void num_i8x16_swizzle(const V128 *a, const V128 *b, V128 *out) {
    V128 r = NUM_ZERO;
    for (unsigned i = 0; i < 16; i++) {
        u8 lane = b->u8[i];
        r.u8[i] = lane < 16 ? a->u8[lane] : 0;
    }
    *out = r;
}

void num_i8x16_relaxed_swizzle(const V128 *a, const V128 *b, V128 *out) {
    num_i8x16_swizzle(a, b, out);
}

// Lanes 0 to 15 are those of a, 16 to 31 those of b; validation saw to that.
void num_i8x16_shuffle(const V128 *a, const V128 *b, const uint8_t lanes[16],
                       V128 *out) {
    V128 r = NUM_ZERO;
    for (unsigned i = 0; i < 16; i++) {
        unsigned lane = lanes[i] & 31;
        r.u8[i] = lane < 16 ? a->u8[lane] : b->u8[lane - 16];
    }
    *out = r;
}

// Sums of two products saturate before the sums of four are made of them.
void num_i32x4_relaxed_dot_i8x16_i7x16_add_s(const V128 *a, const V128 *b,
                                             const V128 *c, V128 *out) {
    V128 pairs, sums;
    num_i16x8_relaxed_dot_i8x16_i7x16_s(a, b, &pairs);
    num_i32x4_extadd_pairwise_i16x8_s(&pairs, &sums);
    num_i32x4_add(&sums, c, out);
}
