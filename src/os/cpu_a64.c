// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "os/cpu.h"

#include <sys/auxv.h>

// Bits of AT_HWCAP, part of the kernel's interface.
#define HAS_ATOMICS (1u << 8)
#define HAS_ASIMDHP (1u << 10)
#define HAS_ASIMDDP (1u << 20)

const char cpu_arch[] = "aarch64";

uint64_t cpu_features(void) {
    unsigned long has = getauxval(AT_HWCAP);
    uint64_t set = 0;
    if (has & HAS_ATOMICS) set |= 1u << CPU_lse;
    if (has & HAS_ASIMDHP) set |= 1u << CPU_fp16;
    if (has & HAS_ASIMDDP) set |= 1u << CPU_dotprod;
    return set;
}

// The smallest data line of all levels, in words of 4 bytes (CTR_EL0.DminLine).
uint32_t cpu_cache_line(void) {
    uint64_t ctr;
    __asm__("mrs %0, ctr_el0" : "=r"(ctr));
    return 4u << ((ctr >> 16) & 15);
}
