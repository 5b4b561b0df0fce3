// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What validation leaves behind for those who run and compile the code: side
// tables, written in the same pass that checks the types (architecture,
// section 3). They are linear in the size of the code and never name an
// address, so they can be shared, mapped and cached.
#pragma once

#include "wasm/module.h"

// Where a branch goes. The interpreter keeps a cursor into the function's
// control entries; each branching instruction owns entries in code order:
//
//   if         1   taken when the condition is zero: to after `else`, or to
//                  the block's `end` when there is none
//   else       1   taken when reached from above: to the block's `end`
//   br, br_if, br_on_*   1   taken when it branches
//   br_table   n + 1     the targets in order, then the default
//
// A branch to a block, an if or the function goes to that construct's `end`
// opcode; a branch to a loop goes to its `loop` opcode, which polls. Falling
// through an instruction steps the cursor over the entries it owns.
//
//   pc      target minus the address of the branching opcode, in bytes
//   ctl     target cursor minus the address of the taken entry, in entries
//   keep    operands on top of the stack that go along ...
//   drop    ... moved down over so many that do not
typedef struct CtlTarget {
    int32_t pc;
    int32_t ctl;
    uint32_t keep, drop;
} CtlTarget;

// Nearly all are near and drop nothing (where operands are kept they then lie
// where they belong): they fit in a quarter of that. `hop` is `ctl` and
// CTL_HOP_BIAS, so that its upper bit says at no cost that an entry is another
// one, whose target is in SideTables.far_ctl at the index that the other bits
// are, those of `pc` below.
typedef struct CtlEntry {
    int16_t pc;
    uint16_t hop;
} CtlEntry;
static_assert(sizeof(CtlEntry) == 4, "4 bytes a branch target, or 20");

enum {
    CTL_FAR = 0x8000, // in `hop`
    CTL_HOP_BIAS = CTL_FAR / 2,
    CTL_FAR_MAX = INT32_MAX, // of the index
};

static inline bool ctl_is_far(const CtlEntry *e) {
    return e->hop & CTL_FAR;
}
// The cursor's way, of an entry that is not far.
static inline ptrdiff_t ctl_hop(const CtlEntry *e) {
    return (ptrdiff_t)e->hop - CTL_HOP_BIAS;
}

static inline uint32_t ctl_far_index(const CtlEntry *e) {
    return (uint32_t)(e->hop & ~CTL_FAR) << 16 | (uint16_t)e->pc;
}
static inline CtlEntry ctl_far(uint32_t index) {
    return (CtlEntry){
        .pc = (int16_t)index,
        .hop = (uint16_t)(CTL_FAR | index >> 16),
    };
}

static inline CtlTarget ctl_target(const CtlEntry *e, const CtlTarget *far) {
    if (ctl_is_far(e)) return far[ctl_far_index(e)];
    return (CtlTarget){.pc = e->pc, .ctl = (int32_t)ctl_hop(e)};
}

// A handler of a try_table, innermost first for any pc: the first entry of the
// function whose range holds the pc of the throwing instruction and whose tag
// fits takes the exception.
typedef struct CatchEntry {
    uint32_t from,
        to;          // pcs that it covers: offsets from code start, to excluded
    uint32_t kind;   // CatchKind
    uint32_t tag;    // tag index
    uint32_t pc;     // target, offset from the code start
    uint32_t ctl;    // target's cursor, index of the function's entries
    uint32_t height; // operands under the caught values at the target
} CatchEntry;

enum {
    LOOP_LOCALS_MAX = 64, // assigned locals by name; beyond: LOOP_assigns_all
    HOT_INT_MAX = 6,
    HOT_FLOAT_MAX = 8,
};

typedef enum LoopEffect {
    LOOP_stores_memory0 = 1 << 0,
    LOOP_stores_memory = 1 << 1, // another memory
    LOOP_grows_memory = 1 << 2,
    LOOP_calls_direct = 1 << 3,
    LOOP_calls_indirect = 1 << 4, // call_indirect, call_ref
    LOOP_calls_import = 1 << 5,
    LOOP_writes_table = 1 << 6,
    LOOP_writes_gc = 1 << 7,
    LOOP_allocates = 1 << 8,
    LOOP_atomics = 1 << 9,
    LOOP_may_throw = 1 << 10,
    LOOP_has_inner = 1 << 11,
    LOOP_assigns_all = 1 << 12, // more locals than are listed
    LOOP_writes_globals = 1 << 13,
} LoopEffect;

// Records and lists of a chunk of functions (valid.h) together take at most a
// quarter of the bytes of its code (or 1 KiB, if that is more): a list without room is left
// out and its loop says LOOP_assigns_all; a loop without room for a record has
// none, nor have the loops inside it, and whoever misses the record takes it
// that the loop does everything. In order of pc.
typedef struct LoopInfo {
    uint32_t pc, end_pc;   // offsets of `loop` and of its `end`
    uint32_t parent;       // enclosing loop in the function's, or UINT32_MAX
    uint32_t assigned_at;  // into SideTables.loop_locals: assigned locals ...
    uint16_t assigned_len; // ... ascending
    uint16_t effects;      // LoopEffect
    uint16_t depth;        // 1 = outermost
    uint8_t hot_int_len, hot_float_len; // most used locals, behind `assigned`
    uint32_t op_len;                    // instructions inside, saturating
} LoopInfo;

typedef enum FuncFlag {
    FUNC_has_v128 = 1 << 0, // slots are 16 bytes: v128 in the signature,
                            // locals or operands
    FUNC_is_leaf = 1 << 1,  // calls nothing
    FUNC_has_try = 1 << 2,
    FUNC_uses_memory0 = 1 << 3,
    FUNC_has_loop = 1 << 4,
    FUNC_tail_calls = 1 << 5, // may return from another function, or instance
    FUNC_has_refs =
        1 << 6, // a collected reference can be in a local or operand
    FUNC_grows_memory = 1 << 7,
} FuncFlag;

// One defined function. Indices run over the module's defined functions.
typedef struct FuncInfo {
    uint64_t code_at;         // offset in the module of the first instruction
    uint32_t code_size;       // up to and with the final `end`
    uint32_t local_len;       // parameters and locals
    uint32_t operand_max;     // deepest operand stack
    uint32_t ctl_at, ctl_len; // SideTables.ctl
    uint32_t catch_at, catch_len; // SideTables.catches
    uint32_t loop_at, loop_len;   // SideTables.loops
    uint16_t param_len, result_len;
    uint16_t flags;     // FuncFlag
    uint16_t unused[3]; // zero: files have the same bytes each time
} FuncInfo;
static_assert(sizeof(FuncInfo) == 56, "no other padding");

// How much there is of each table.
typedef struct SideMark {
    uint32_t funcs, ctl, far_ctl, catches, loops, loop_locals;
    uint64_t code_size;
} SideMark;

typedef struct SideTables {
    Vec(FuncInfo) funcs;
    Vec(CtlEntry) ctl;
    Vec(CtlTarget) far_ctl;
    Vec(CatchEntry) catches;
    Vec(LoopInfo) loops;
    Vec(uint16_t) loop_locals;
    uint64_t code_size; // of all these functions
    SideMark chunk;     // where the chunk began that is being validated: what
                        // bounds the loop records
} SideTables;

static inline SideMark side_mark(const SideTables *side) {
    return (SideMark){
        .funcs = side->funcs.len,
        .ctl = side->ctl.len,
        .far_ctl = side->far_ctl.len,
        .catches = side->catches.len,
        .loops = side->loops.len,
        .loop_locals = side->loop_locals.len,
        .code_size = side->code_size,
    };
}

// Tables of some functions become part of those of more. First there must be
// room for them, ...
NODISCARD bool side_has_room(const SideTables *to, const SideTables *from);
void side_make_room(SideTables *to, Arena *arena, const SideTables *from);
// ... then they get their place, those that come first before others, ...
SideMark side_place(SideTables *to, const SideTables *from);
// ... and are written there, by any thread, while others get or write theirs.
void side_write(SideTables *to, const SideMark *at, const SideTables *from);
