// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What every kernel offers: one function of one number, which does work in
// proportion to it and gives a checksum of what it did. A kernel imports
// nothing and calls no libc, so that any engine can run it; its memory is
// static. The same source is compiled for the machine (main.c calls it) and
// for WebAssembly.

#pragma once

#include <stdint.h>

__attribute__((visibility("default"))) uint32_t run(int32_t n);

// Mixes a value into a checksum.
static inline uint32_t mix(uint32_t sum, uint32_t value) {
    return (sum ^ value) * 16777619U;
}

// Pseudo-random numbers that are the same everywhere.
static inline uint32_t random_next(uint32_t *state) {
    uint32_t x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}
