// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The baseline compiler: one pass over the bytes of a validated function, from
// start to end, writing machine code as it reads. Linear in time and memory.
//
// It keeps what is on the operand stack and in the locals as an abstract state
// (in a register, in its slot, a constant, a copy of a local, or the flags of
// a comparison) and makes code only where a value is used. Conventions:
// vmabi/machine.h.
#pragma once

#include "valid/side.h"
#include "vmabi/code.h"

// What the code may rely on; one set of options per variant of a module.
typedef struct BaselineOptions {
    // Memory 0 has a guard region: 32-bit accesses whose offset is below
    // `guard_bytes` are not checked, and its base never moves.
    bool memory0_is_guarded;
    uint64_t guard_bytes;
    bool use_fuel, use_epoch;
    bool is_deterministic; // NaNs are canonical
    bool wants_marks;      // CodeFunc.marks
    bool wants_claims;     // CodeFunc.claims
    bool keep_slots;       // before each instruction all values are in their
                           // slots, and constants too: for core dumps
    bool call_direct;      // calls inside the module go by RELOC_func, not
                           // through slots
    bool loop_entries;     // frames of another tier may go on at loops
    uint32_t cpu;          // BaselineCpu
    // Tests: registers are handed out in an order drawn from this, unless 0.
    uint64_t chaos_seed;
} BaselineOptions;

typedef enum BaselineCpu { // beyond SSE4.1
    BASELINE_CPU_avx = 1 << 0,
    BASELINE_CPU_avx2 = 1 << 1,
    BASELINE_CPU_bmi1 = 1 << 2,
    BASELINE_CPU_bmi2 = 1 << 3,
    BASELINE_CPU_lzcnt = 1 << 4,
    BASELINE_CPU_popcnt = 1 << 5,
    BASELINE_CPU_fma = 1 << 6,
} BaselineCpu;

// Facts about types that only the runtime knows.
typedef struct BaselineEnv {
    const Module *module;
    const SideTables *side;
    const BaselineOptions *options;
} BaselineEnv;

// Compiles function `func` (an index among the module's defined functions).
// Everything in *out lives in `arena`; running out of its memory goes to its
// guard. Any thread.
void baseline_compile(const BaselineEnv *env, uint32_t func, Arena *arena,
                      CodeFunc *out);
