// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Bit counting, rotation, unaligned access and checked arithmetic.
#pragma once

#include "base/defs.h"

#include <string.h>

static inline uint32_t rotl32(uint32_t x, uint32_t n) {
    return x << (n & 31) | x >> (-n & 31);
}
static inline uint32_t rotr32(uint32_t x, uint32_t n) {
    return x >> (n & 31) | x << (-n & 31);
}
static inline uint64_t rotl64(uint64_t x, uint64_t n) {
    return x << (n & 63) | x >> (-n & 63);
}
static inline uint64_t rotr64(uint64_t x, uint64_t n) {
    return x >> (n & 63) | x << (-n & 63);
}
// Defined at zero: the width.
static inline uint32_t clz32(uint32_t x) {
    return x ? (uint32_t)__builtin_clz(x) : 32;
}
static inline uint32_t ctz32(uint32_t x) {
    return x ? (uint32_t)__builtin_ctz(x) : 32;
}
static inline uint64_t clz64(uint64_t x) {
    return x ? (uint64_t)__builtin_clzll(x) : 64;
}
static inline uint64_t ctz64(uint64_t x) {
    return x ? (uint64_t)__builtin_ctzll(x) : 64;
}
static inline uint32_t popcnt32(uint32_t x) {
    return (uint32_t)__builtin_popcount(x);
}
static inline uint64_t popcnt64(uint64_t x) {
    return (uint64_t)__builtin_popcountll(x);
}
static inline bool is_pow2(uint64_t x) {
    return x != 0 && (x & (x - 1)) == 0;
}
// The next multiple of `to`, a power of two. The caller knows it fits.
static inline uint64_t align_up(uint64_t x, uint64_t to) {
    return (x + to - 1) & ~(to - 1);
}

// False on overflow; *out is then unspecified.
static inline bool add_ok(uint64_t a, uint64_t b, uint64_t *out) {
    return !__builtin_add_overflow(a, b, out);
}
static inline bool mul_ok(uint64_t a, uint64_t b, uint64_t *out) {
    return !__builtin_mul_overflow(a, b, out);
}

// Unaligned little-endian access (hosts are little-endian).
static inline uint16_t load_u16(const void *p) {
    uint16_t x;
    memcpy(&x, p, sizeof x);
    return x;
}
static inline uint32_t load_u32(const void *p) {
    uint32_t x;
    memcpy(&x, p, sizeof x);
    return x;
}
static inline uint64_t load_u64(const void *p) {
    uint64_t x;
    memcpy(&x, p, sizeof x);
    return x;
}
static inline void store_u16(void *p, uint16_t x) {
    memcpy(p, &x, sizeof x);
}
static inline void store_u32(void *p, uint32_t x) {
    memcpy(p, &x, sizeof x);
}
static inline void store_u64(void *p, uint64_t x) {
    memcpy(p, &x, sizeof x);
}
static inline uint32_t f32_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}
static inline uint64_t f64_bits(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}
static inline float f32_of_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}
static inline double f64_of_bits(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}
