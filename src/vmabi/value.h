// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Values as running code sees them: slots of frames, cells of globals, and the
// 16-byte form in which values cross between host and guest.
//
// Nothing carries a tag: the types are known from validation.
#pragma once

#include "base/defs.h"
#include "wasm/num.h"

typedef struct Func Func;

// A reference to a collected object: an offset from the heap's base. 0 is
// null; an odd number is an i31, its 31 bits above the low bit. any, extern
// and exn references all have this form; function references are pointers.
typedef uint32_t GcRef;

static inline bool gc_ref_is_i31(GcRef r) {
    return r & 1;
}
static inline GcRef gc_ref_of_i31(uint32_t x) {
    return x << 1 | 1;
}
static inline uint32_t gc_i31_u(GcRef r) {
    return r >> 1;
}
static inline int32_t gc_i31_s(GcRef r) {
    return (int32_t)r >> 1;
}

// A slot of 8 bytes. i32, f32 and GcRef have their upper half zero, so that
// both halves may be copied and a 32-bit index used as a 64-bit one.
typedef union Slot {
    uint64_t u64;
    int64_t i64;
    uint32_t u32;
    int32_t i32;
    float f32;
    double f64;
    GcRef ref;
    Func *func;
} Slot;
static_assert(sizeof(Slot) == 8, "slots are 8 bytes, or two for v128");

// A value by itself: a global's cell, an argument or result of a host call. The
// layout is that of wasmtime_val_raw_t.
typedef union Raw {
    Slot slot;
    uint32_t u32;
    uint64_t u64;
    float f32;
    double f64;
    GcRef ref;
    Func *func;
    V128 v128;
    uint64_t u64x2[2];
} Raw;
static_assert(sizeof(Raw) == 16, "raw values are 16 bytes");
