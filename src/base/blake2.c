// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/blake2.h"

#include "base/bits.h"

#include <string.h>

// RFC 7693, 2.6: the first 64 bits of the fractional parts of the square roots
// of the first eight primes.
static const uint64_t iv[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b,
                               0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
                               0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                               0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

// 2.7
static const uint8_t sigma[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};

static inline uint64_t rotate(uint64_t x, int by) {
    return x >> by | x << (64 - by);
}

#define MIX(a, b, c, d, x, y)           \
    do {                                \
        v[a] += v[b] + (x);             \
        v[d] = rotate(v[d] ^ v[a], 32); \
        v[c] += v[d];                   \
        v[b] = rotate(v[b] ^ v[c], 24); \
        v[a] += v[b] + (y);             \
        v[d] = rotate(v[d] ^ v[a], 16); \
        v[c] += v[d];                   \
        v[b] = rotate(v[b] ^ v[c], 63); \
    } while (0)

// 3.2. `end` is how many bytes there are up to the block's end.
static void compress(Blake2 *b, const uint8_t *block, uint64_t end,
                     bool is_last) {
    uint64_t v[16], m[16];
    memcpy(m, block, sizeof m);
    memcpy(v, b->h, sizeof b->h);
    memcpy(v + 8, iv, sizeof iv);
    v[12] ^= end;
    if (is_last) v[14] = ~v[14];
    for (int round = 0; round < 12; round++) {
        const uint8_t *s = sigma[round % 10];
        MIX(0, 4, 8, 12, m[s[0]], m[s[1]]);
        MIX(1, 5, 9, 13, m[s[2]], m[s[3]]);
        MIX(2, 6, 10, 14, m[s[4]], m[s[5]]);
        MIX(3, 7, 11, 15, m[s[6]], m[s[7]]);
        MIX(0, 5, 10, 15, m[s[8]], m[s[9]]);
        MIX(1, 6, 11, 12, m[s[10]], m[s[11]]);
        MIX(2, 7, 8, 13, m[s[12]], m[s[13]]);
        MIX(3, 4, 9, 14, m[s[14]], m[s[15]]);
    }
    for (int i = 0; i < 8; i++)
        b->h[i] ^= v[i] ^ v[i + 8];
}

void blake2_init(Blake2 *b) {
    *b = (Blake2){0};
    memcpy(b->h, iv, sizeof iv);
    b->h[0] ^= 0x01010000 ^ BLAKE2_SIZE; // no key, one leaf
}

// A full block waits until something follows: the last one is special.
void blake2_add(Blake2 *b, const void *bytes, size_t size) {
    const uint8_t *at = bytes;
    while (size > 0) {
        if (b->used == BLAKE2_BLOCK) {
            b->len += BLAKE2_BLOCK;
            compress(b, b->block, b->len, false);
            b->used = 0;
        }
        while (b->used == 0 && size > BLAKE2_BLOCK) {
            b->len += BLAKE2_BLOCK;
            compress(b, at, b->len, false);
            at += BLAKE2_BLOCK;
            size -= BLAKE2_BLOCK;
        }
        size_t n = MIN(size, (size_t)BLAKE2_BLOCK - b->used);
        memcpy(b->block + b->used, at, n);
        b->used += (uint32_t)n;
        at += n;
        size -= n;
    }
}

void blake2_finish(Blake2 *b, uint8_t out[BLAKE2_SIZE]) {
    memset(b->block + b->used, 0, BLAKE2_BLOCK - b->used);
    compress(b, b->block, b->len + b->used, true);
    memcpy(out, b->h, BLAKE2_SIZE);
}
