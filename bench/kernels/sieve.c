// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Memory: bytes written with growing strides, then read in order.

#include "kernel.h"

enum {
    LIMIT = 200000
};

static uint8_t composite[LIMIT];

static uint32_t count_primes(uint32_t limit) {
    for (uint32_t i = 0; i < limit; i++)
        composite[i] = 0;
    uint32_t primes = 0;
    for (uint32_t i = 2; i < limit; i++) {
        if (composite[i] != 0) continue;
        primes++;
        for (uint32_t j = i + i; j < limit; j += i)
            composite[j] = 1;
    }
    return primes;
}

uint32_t run(int32_t n) {
    uint32_t sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum = mix(sum, count_primes(LIMIT - (uint32_t)i));
    return sum;
}
