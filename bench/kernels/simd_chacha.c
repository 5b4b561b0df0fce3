// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// SIMD, integers in registers: rounds in the shape of ChaCha (RFC 8439), each
// vector one row of the state.

#include "kernel.h"
#include "vector.h"

static U32x4 rotate(U32x4 x, int by) {
    return x << by | x >> (32 - by);
}

static void quarter_rounds(U32x4 row[4]) {
    row[0] += row[1], row[3] = rotate(row[3] ^ row[0], 16);
    row[2] += row[3], row[1] = rotate(row[1] ^ row[2], 12);
    row[0] += row[1], row[3] = rotate(row[3] ^ row[0], 8);
    row[2] += row[3], row[1] = rotate(row[1] ^ row[2], 7);
}

static void double_round(U32x4 row[4]) {
    quarter_rounds(row);
    row[1] = __builtin_shufflevector(row[1], row[1], 1, 2, 3, 0);
    row[2] = __builtin_shufflevector(row[2], row[2], 2, 3, 0, 1);
    row[3] = __builtin_shufflevector(row[3], row[3], 3, 0, 1, 2);
    quarter_rounds(row);
    row[1] = __builtin_shufflevector(row[1], row[1], 3, 0, 1, 2);
    row[2] = __builtin_shufflevector(row[2], row[2], 2, 3, 0, 1);
    row[3] = __builtin_shufflevector(row[3], row[3], 1, 2, 3, 0);
}

uint32_t run(int32_t n) {
    U32x4 start[4];
    uint32_t random = 2463534242U;
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < 4; k++)
            start[i][k] = random_next(&random);
    }
    U32x4 sum = {0};
    for (int32_t i = 0; i < n; i++) {
        U32x4 row[4] = {start[0], start[1], start[2], start[3]};
        for (int k = 0; k < 10; k++)
            double_round(row);
        sum ^= row[0] + start[0];
        sum += row[1] ^ row[2] ^ row[3];
        start[3][0]++;
    }
    return sum[0] ^ sum[1] ^ sum[2] ^ sum[3];
}
