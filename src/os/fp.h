// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The floating-point control register. Guest code needs rounding to nearest, no
// flushing of denormals, no traps.
//
// Inline, since every entry into guest code goes through here: on a thread that
// has the register right already both functions cost a few instructions.
#pragma once

#include "base/defs.h"

#if defined(__x86_64__)

#include <xmmintrin.h>

enum {
    FP_RIGHT = 0x1f80, // all exceptions masked, to nearest
    FP_STATUS = 0x3f,  // sticky flags: no business of ours
};

INLINE uint64_t fp_get(void) {
    return _mm_getcsr();
}
INLINE void fp_set(uint64_t control) {
    _mm_setcsr((uint32_t)control);
}

#elif defined(__aarch64__)

enum {
    FP_RIGHT = 0,
    FP_STATUS = 0, // in a register of its own
};

INLINE uint64_t fp_get(void) {
    uint64_t control;
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
    return control;
}
INLINE void fp_set(uint64_t control) {
    __asm__ volatile("msr fpcr, %0" ::"r"(control));
}

#else
#error "how does this processor control floating point?"
#endif

static inline bool fp_is_right(uint64_t control) {
    return (control & ~(uint64_t)FP_STATUS) == FP_RIGHT;
}

// Sees to it; returns what fp_leave puts back.
INLINE uint64_t fp_enter(void) {
    uint64_t saved = fp_get();
    if (UNLIKELY(!fp_is_right(saved))) fp_set(FP_RIGHT);
    return saved;
}
INLINE void fp_leave(uint64_t saved) {
    if (UNLIKELY(!fp_is_right(saved))) fp_set(saved);
}
