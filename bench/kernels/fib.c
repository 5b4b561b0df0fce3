// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls: the doubly recursive Fibonacci number.

#include "kernel.h"

static uint32_t fib(uint32_t n) {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

uint32_t run(int32_t n) {
    uint32_t sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum = mix(sum, fib(20 + ((uint32_t)i & 1)));
    return sum;
}
