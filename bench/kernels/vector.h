// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vectors of 16 bytes by the compilers' own extension. With `-msimd128` they
// become SIMD instructions, without it scalar ones: the same source gives the
// kernel and its portable twin.

#pragma once

#include <stdint.h>

typedef float F32x4 __attribute__((vector_size(16)));
typedef int32_t I32x4 __attribute__((vector_size(16)));
typedef uint32_t U32x4 __attribute__((vector_size(16)));
typedef uint16_t U16x8 __attribute__((vector_size(16)));
typedef uint8_t U8x16 __attribute__((vector_size(16)));

static inline F32x4 f32x4_all(float x) {
    return (F32x4){x, x, x, x};
}
