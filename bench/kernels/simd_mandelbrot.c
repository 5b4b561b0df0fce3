// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// SIMD, floating point in registers: four points at a time.

#include "kernel.h"
#include "vector.h"

enum {
    STEPS = 200
};

static I32x4 steps(F32x4 cx, F32x4 cy) {
    F32x4 x = f32x4_all(0);
    F32x4 y = f32x4_all(0);
    I32x4 count = {0};
    for (int i = 0; i < STEPS; i++) {
        I32x4 inside = x * x + y * y < f32x4_all(4);
        if ((inside[0] | inside[1] | inside[2] | inside[3]) == 0) break;
        count -= inside; // true is -1
        F32x4 next = x * x - y * y + cx;
        y = (x + x) * y + cy;
        x = next;
    }
    return count;
}

uint32_t run(int32_t n) {
    uint32_t sum = 0;
    for (int32_t i = 0; i < n; i++) {
        for (int32_t j = 0; j < n; j += 4) {
            F32x4 at = f32x4_all((float)j) + (F32x4){0, 1, 2, 3};
            F32x4 cx = at * f32x4_all(2.5F / (float)n) - f32x4_all(2);
            F32x4 cy = f32x4_all(2.5F * (float)i / (float)n - 1.25F);
            I32x4 count = steps(cx, cy);
            sum = mix(sum, (uint32_t)(count[0] + count[1] * 3 + count[2] * 5 +
                                      count[3] * 7));
        }
    }
    return sum;
}
