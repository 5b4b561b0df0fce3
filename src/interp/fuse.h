// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Copies of functions for the narrow loop, in which it may write over the bytes
// of instructions: frequent sequences run as one (fused.def), and indices that
// linkers wrote in five bytes lie there decoded.
//
// A copy is made when the function is first run, and keeps the layout of the
// original: every instruction that control can come to, and every one that can
// trap, call or allocate, is at its own offset, so that side tables, frames and
// backtraces know nothing of this (frame_pc says where a frame is in the
// original). What is copied is at most the code that ran, once. Without memory
// for a copy the original runs; so it does where fuel is counted, in functions
// with slots of 16 bytes, and in the portable loop.
#pragma once

#include "rt/rt_module.h"
#include "valid/side.h"

typedef struct FastFunc {
    const FuncInfo *info;
    const CtlEntry *ctl;
    const RtType *type;
    uint32_t frame_size; // locals, header and operands, in bytes
    uint16_t param_len;
    uint16_t rest_len; // locals that are not parameters
    uint32_t end;      // offset of the final `end`
    uint8_t code[];
} FastFunc;

// By index of the function; those not made and imports are NULL.
typedef struct FastTable {
    TierCache cache; // first: rt knows it by this
    uint32_t len;
    _Atomic(FastFunc *) funcs[];
} FastTable;

// Does this build have the loop for them? (dispatch.h)
extern const bool interp_fuses;

// The module's, made when there is none; NULL without memory, or when operands
// of sequences are to be found in their slots too.
FastTable *fast_table(RtModule *m);
// The same of a function that is defined in the module and has narrow slots.
const FastFunc *fast_func(const RtModule *m, FastTable *table, uint32_t func);

static inline const FastFunc *fast_get(const FastTable *table, uint32_t func) {
    return atomic_load_explicit(&table->funcs[func], memory_order_acquire);
}

enum {
#define FUSED(name, code) FUSED_##name = code,
#include "interp/fused.def"
};

enum {
    PAIR_none,
#define PAIR(name) PAIR_##name,
#include "interp/fused.def"
    PAIR_END
};
static_assert(PAIR_END <= 256, "a pair is a byte");
