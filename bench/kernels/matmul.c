// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Floating point in memory: products of square matrices.

#include "kernel.h"

enum {
    SIDE = 64
};

static double a[SIDE][SIDE];
static double b[SIDE][SIDE];
static double c[SIDE][SIDE];

static void multiply(void) {
    for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE; j++) {
            double sum = 0;
            for (int k = 0; k < SIDE; k++)
                sum += a[i][k] * b[k][j];
            c[i][j] = sum;
        }
    }
}

uint32_t run(int32_t n) {
    for (int i = 0; i < SIDE; i++) {
        for (int j = 0; j < SIDE; j++) {
            a[i][j] = 1.0 / (i + j + 1);
            b[i][j] = i == j ? 1.0 : (i - j) / 4096.0;
        }
    }
    for (int32_t i = 0; i < n; i++) {
        multiply();
        for (int j = 0; j < SIDE; j++)
            a[i % SIDE][j] = c[j][i % SIDE];
    }
    uint32_t sum = 0;
    for (int i = 0; i < SIDE; i++)
        sum = mix(sum, (uint32_t)(int32_t)(a[i][i] * 1e6));
    return sum;
}
