// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Dynamic programming over rows of integers: the edit distance of two strings.

#include "kernel.h"

enum {
    LEN = 300
};

static uint8_t left[LEN];
static uint8_t right[LEN];
static uint32_t row[LEN + 1];

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

static uint32_t distance(void) {
    for (uint32_t j = 0; j <= LEN; j++)
        row[j] = j;
    for (uint32_t i = 0; i < LEN; i++) {
        uint32_t diagonal = row[0];
        row[0] = i + 1;
        for (uint32_t j = 0; j < LEN; j++) {
            uint32_t replaced = diagonal + (left[i] != right[j]);
            diagonal = row[j + 1];
            row[j + 1] = least(replaced, 1 + least(diagonal, row[j]));
        }
    }
    return row[LEN];
}

uint32_t run(int32_t n) {
    uint32_t random = 2463534242U;
    uint32_t sum = 0;
    for (int32_t i = 0; i < n; i++) {
        for (int k = 0; k < LEN; k++) {
            left[k] = (uint8_t)(random_next(&random) % 6);
            right[k] = (uint8_t)(random_next(&random) % 6);
        }
        sum = mix(sum, distance());
    }
    return sum;
}
