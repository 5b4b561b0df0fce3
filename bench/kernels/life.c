// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A grid of bytes: the game of life, all neighbours read for each cell.

#include "kernel.h"

enum {
    SIDE = 96,
    WIDTH = SIDE + 2
};

static uint8_t grids[2][WIDTH * WIDTH];

static void step(const uint8_t *from, uint8_t *to) {
    for (int y = 1; y <= SIDE; y++) {
        const uint8_t *row = &from[y * WIDTH];
        for (int x = 1; x <= SIDE; x++) {
            int around = row[x - WIDTH - 1] + row[x - WIDTH] +
                         row[x - WIDTH + 1] + row[x - 1] + row[x + 1] +
                         row[x + WIDTH - 1] + row[x + WIDTH] +
                         row[x + WIDTH + 1];
            to[y * WIDTH + x] = around == 3 || (around == 2 && row[x] != 0);
        }
    }
}

uint32_t run(int32_t n) {
    uint32_t random = 2463534242U;
    for (int y = 1; y <= SIDE; y++) {
        for (int x = 1; x <= SIDE; x++)
            grids[0][y * WIDTH + x] = random_next(&random) % 3 == 0;
    }
    for (int32_t i = 0; i < n; i++)
        step(grids[i & 1], grids[~i & 1]);
    uint32_t sum = 0;
    for (int i = 0; i < WIDTH * WIDTH; i++)
        sum = mix(sum, grids[n & 1][i]);
    return sum;
}
