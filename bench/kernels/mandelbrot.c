// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Floating point in registers: steps until a point leaves the circle.

#include "kernel.h"

static uint32_t steps(double cx, double cy, uint32_t limit) {
    double x = 0;
    double y = 0;
    uint32_t i = 0;
    while (i < limit && x * x + y * y < 4.0) {
        double next = x * x - y * y + cx;
        y = 2.0 * x * y + cy;
        x = next;
        i++;
    }
    return i;
}

uint32_t run(int32_t n) {
    uint32_t sum = 0;
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j++) {
            double cx = -2.0 + 2.5 * j / n;
            double cy = -1.25 + 2.5 * i / n;
            sum = mix(sum, steps(cx, cy, 200));
        }
    }
    return sum;
}
