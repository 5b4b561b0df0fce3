// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integers in registers: rounds in the shape of SHA-256 (FIPS 180-4) over a
// chain of blocks. Its constants are replaced by pseudo-random numbers, which
// does not change the work.

#include "kernel.h"

static uint32_t constants[64];
static uint32_t state[8];

static uint32_t rotate(uint32_t x, int by) {
    return x >> by | x << (32 - by);
}

static void constants_make(void) {
    uint32_t random = 2463534242U;
    for (int i = 0; i < 64; i++)
        constants[i] = random_next(&random);
    for (int i = 0; i < 8; i++)
        state[i] = random_next(&random);
}

static void compress(const uint32_t block[16]) {
    uint32_t w[64];
    for (int i = 0; i < 16; i++)
        w[i] = block[i];
    for (int i = 16; i < 64; i++) {
        uint32_t x = w[i - 15];
        uint32_t y = w[i - 2];
        w[i] = w[i - 16] + (rotate(x, 7) ^ rotate(x, 18) ^ x >> 3) + w[i - 7] +
               (rotate(y, 17) ^ rotate(y, 19) ^ y >> 10);
    }
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int i = 0; i < 64; i++) {
        uint32_t t1 = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
                      ((e & f) ^ (~e & g)) + constants[i] + w[i];
        uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
                      ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1;
        d = c, c = b, b = a, a = t1 + t2;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

uint32_t run(int32_t n) {
    constants_make();
    uint32_t block[16] = {0};
    for (int32_t i = 0; i < n; i++) {
        for (int k = 0; k < 16; k++)
            block[k] = state[k % 8] + (uint32_t)(i * 16 + k);
        compress(block);
    }
    return state[0] ^ state[7];
}
