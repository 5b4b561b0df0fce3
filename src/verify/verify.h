// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Proves of one function's finished machine code, from its bytes and the tables
// that go with it, that whatever it computes it stays inside of what a function
// of its module may touch (decision 0031 says what exactly, and what is taken
// for granted). It knows nothing of the compiler that made the code.
//
// The proof is an abstract interpretation: each register holds a number within
// bounds, or a pointer of a known kind that was reached through a checked chain
// of loads. Any bytes get an answer, in time linear in their number.
#pragma once

#include "valid/side.h"
#include "vmabi/code.h"

typedef struct VerifyEnv {
    const Module *module;
    const SideTables *side;
    // As the code was compiled: memory 0 has 4 GiB and `guard_bytes` of address
    // space and does not move.
    bool memory0_is_guarded;
    uint64_t guard_bytes;
    // Of code that was placed: what a call or jump refers to that leads `to`
    // there, counted from the function's first byte. NULL: relocations say.
    bool (*target)(void *env, int64_t to, CodeReloc *out);
    void *target_env;
} VerifyEnv;

typedef struct VerifyRefusal {
    uint32_t at;      // offset of the instruction
    const char *what; // "an access that nothing bounds"
} VerifyRefusal;

// Before relocation, or with env->target after it. `func` is an index among the module's defined functions.
// False: it could not be proved, *out says why. The arena is scratch and needs
// a guard. Any thread.
NODISCARD bool verify_code(const VerifyEnv *env, uint32_t func,
                           const CodeFunc *code, Arena *scratch,
                           VerifyRefusal *out);
