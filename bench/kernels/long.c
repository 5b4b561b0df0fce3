// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// 64-bit integers: division, remainder, multiplication and rotation. Powers
// modulo a prime, greatest common divisors, and a hash of 64 bits.

#include "kernel.h"

static uint64_t rotate(uint64_t x, int by) {
    return x << by | x >> (64 - by);
}

static uint64_t power(uint64_t base, uint64_t exponent, uint64_t modulus) {
    uint64_t result = 1;
    for (; exponent != 0; exponent >>= 1) {
        if (exponent & 1) result = result * base % modulus;
        base = base * base % modulus;
    }
    return result;
}

static uint64_t common_divisor(uint64_t a, uint64_t b) {
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static uint64_t hash(uint64_t seed, int rounds) {
    uint64_t x = seed;
    for (int i = 0; i < rounds; i++) {
        x ^= rotate(x, 25) ^ rotate(x, 47);
        x *= 0x9E3779B97F4A7C15U;
        x ^= x >> 32;
        x += (uint64_t)i;
    }
    return x;
}

uint32_t run(int32_t n) {
    uint64_t sum = 0;
    for (int32_t i = 0; i < n; i++) {
        uint64_t x = hash((uint64_t)i, 64);
        sum += power(x & 0x7FFFFFFF, x >> 33 | 1, 2147483647);
        sum ^= common_divisor(x, (uint64_t)i * 30030 + 1);
        sum = rotate(sum, 5);
    }
    return (uint32_t)(sum ^ sum >> 32);
}
