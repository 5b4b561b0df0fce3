// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The processor: what it can do beyond its architecture's base. Its
// floating-point control register is in os/fp.h.
#pragma once

#include "base/defs.h"

// One bit each; those of other architectures are never set. A bit means that
// the operating system keeps the registers, too.
typedef enum CpuFeature {
    CPU_sse41,
    CPU_sse42,
    CPU_popcnt,
    CPU_lzcnt,
    CPU_bmi1,
    CPU_bmi2,
    CPU_fma,
    CPU_avx,
    CPU_avx2,
    CPU_avx512, // F, BW, CD, DQ and VL
    CPU_lse,    // AArch64 atomics
    CPU_fp16,
    CPU_dotprod,
} CpuFeature;

// The architecture's name, as in target triples.
extern const char cpu_arch[];

uint64_t cpu_features(void); // 1 << CPU_x
uint32_t cpu_cache_line(void);

// Processors that this process may run on; at least 1.
uint32_t cpu_count(void);
