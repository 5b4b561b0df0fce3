// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "os/cpu.h"

#include <cpuid.h>

const char cpu_arch[] = "x86_64";

#define BIT(value, n) ((uint64_t)((value) >> (n)) & 1)

// Which register sets the operating system switches. The instruction is only
// there if CPUID says so (OSXSAVE).
static uint32_t xcr0(void) {
    uint32_t lo;
    uint32_t hi;
    __asm__("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    return lo;
}

static uint64_t leaf7(bool ymm, bool zmm) {
    uint32_t a;
    uint32_t b;
    uint32_t c;
    uint32_t d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    const uint32_t avx512 =
        1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31; // F DQ CD BW VL
    uint64_t set = BIT(b, 3) << CPU_bmi1 | BIT(b, 8) << CPU_bmi2;
    if (ymm) set |= BIT(b, 5) << CPU_avx2;
    if (zmm && (b & avx512) == avx512) set |= 1u << CPU_avx512;
    return set;
}

uint64_t cpu_features(void) {
    uint32_t a;
    uint32_t b;
    uint32_t c;
    uint32_t d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
    uint32_t kept = BIT(c, 27) ? xcr0() : 0;
    bool ymm = (kept & 0x6) == 0x6 && BIT(c, 28);
    bool zmm = ymm && (kept & 0xe0) == 0xe0;
    uint64_t set = BIT(c, 19) << CPU_sse41 | BIT(c, 20) << CPU_sse42 |
                   BIT(c, 23) << CPU_popcnt | leaf7(ymm, zmm);
    if (ymm) set |= BIT(c, 12) << CPU_fma | 1u << CPU_avx;
    if (__get_cpuid(0x80000001, &a, &b, &c, &d)) set |= BIT(c, 5) << CPU_lzcnt;
    return set;
}

uint32_t cpu_cache_line(void) {
    return 64;
}
