// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A value of a C type as a slot's 64 bits, and back. Narrow ones are
// zero-extended (vmabi/value.h).
#pragma once

#include "base/bits.h"

#define BITS_u32(v) ((uint64_t)(v))
#define BITS_i32(v) ((uint64_t)(uint32_t)(v))
#define BITS_u64(v) (v)
#define BITS_i64(v) ((uint64_t)(v))
#define BITS_f32(v) ((uint64_t)f32_bits(v))
#define BITS_f64(v) f64_bits(v)
#define VAL_u32(w)  ((uint32_t)(w))
#define VAL_i32(w)  ((int32_t)(uint32_t)(w))
#define VAL_u64(w)  (w)
#define VAL_i64(w)  ((int64_t)(w))
#define VAL_f32(w)  f32_of_bits((uint32_t)(w))
#define VAL_f64(w)  f64_of_bits(w)
