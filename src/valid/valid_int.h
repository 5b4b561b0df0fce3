// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shared by the files of valid/: the state of typing one body.
//
// Operands are type words on a flat stack. Each open construct remembers the
// height that it started at; `floor` is that of the innermost one. Code after
// an unconditional branch is dead: there, popping at the floor gives VT_bot,
// which fits everything (core, appendix on the validation algorithm).
//
//     stack        floor           sp   max            limit
//       | operands   | operands     |    |  never used    |
//       | of outer   | of the       |    `- deepest so far
//       | constructs | innermost    |
#pragma once

#include "base/map.h"
#include "base/reader.h"
#include "valid/valid.h"
#include "wasm/op.h"

typedef enum CtrlKind {
    CTRL_func,
    CTRL_block,
    CTRL_loop,
    CTRL_if,
    CTRL_else,
    CTRL_try,
} CtrlKind;

#define NO_ENTRY UINT32_MAX

enum {
    STACK_SLACK = 8 // operands that an instruction may push beyond its size
};

// A control entry whose target lies ahead.
typedef struct SideWait {
    uint32_t entry; // its index in the function's
    uint32_t at;    // pc of the branch
    uint32_t keep, drop;
    uint32_t next; // in Typer.waits: of the same construct, or free
} SideWait;

// One open construct. Forward branches wait for its end in lists, of SideWait
// and threaded through the catch entries' own ctl fields; indices count from
// the function's first entry.
typedef struct Ctrl {
    const FuncType *type;
    uint32_t height;     // operands below its parameters
    uint32_t pc;         // of its opcode
    uint32_t init_at;    // length of Typer.inits when it began
    uint32_t ctl;        // loop: cursor at its opcode; if: its entry;
                         // try_table: pc of its first instruction
    uint32_t ctl_wait;   // Typer.waits: who waits for its end, or NO_ENTRY
    uint32_t catch_wait; // handlers that do
    uint32_t clause_at;  // try_table: its clauses, in Typer.clauses
    uint32_t table_at;   // pc of the last br_table that was checked against it
    uint8_t kind;        // CtrlKind
    bool is_dead;
} Ctrl;

// A run of declared locals of one type.
typedef struct LocalRun {
    uint32_t end; // index after its last local
    ValType type;
} LocalRun;

// A loop being recorded (loop.c).
typedef struct OpenLoop {
    uint32_t record;     // in the function's records, or UINT32_MAX
    uint32_t effects;    // of the enclosing loop, so far
    uint32_t log_at;     // Typer.log: the accesses of this loop start here
    uint32_t summary_at; // Typer.summaries: its inner loops' locals
    uint32_t op_len;     // instructions before it
} OpenLoop;

// How often a finished inner loop uses a local.
typedef struct LocalUse {
    uint32_t local;
    uint32_t weight; // saturating
    bool is_assigned;
} LocalUse;

typedef struct Typer {
    Reader r;
    const uint8_t *at; // the instruction being typed
    Instr in;          // its immediates
    const Module *m;
    FeatureSet features;
    Arena *scratch;
    ValType addr0; // index type of memory 0; VT_bot when there is none

    ValType *stack, *floor, *sp, *max, *limit;
    Vec(Ctrl) ctrls;
    const FuncType *type;

    // The first `local_near` locals have their type in an array; a body can
    // name at most as many as it has bytes, so the rest are found by run.
    ValType *locals;
    uint32_t local_near, local_len;
    Vec(LocalRun) runs;
    uint8_t *is_init;    // of near locals; NULL when all have defaults
    Map far_inits;       // of the others: index to 1
    Vec(uint32_t) inits; // those set since, innermost construct last

    // CHECK only: what is being recorded.
    SideTables *side;
    Arena *side_arena;
    uint32_t ctl_at, catch_at, loop_at; // this function's first
    Vec(SideWait) waits;
    uint32_t free_wait;       // the unused ones of these
    Vec(CatchClause) clauses; // of open try_tables
    uint32_t flags;           // FuncFlag
    uint32_t effects;         // LoopEffect, innermost loop
    bool has_call;
    uint32_t op_len;
    uint32_t *log; // locals accessed: index << 1 | assigned
    uint32_t log_len;
    Vec(OpenLoop) loops;
    Vec(LocalUse) summaries;
    LocalUse *uses; // loop.c: counters, all zero between loops
} Typer;

// Offset of the cursor, and of the instruction being typed, in the code.
static inline uint32_t typer_pc(const Typer *t) {
    return (uint32_t)(t->r.at - t->r.start);
}
static inline uint32_t typer_at(const Typer *t) {
    return (uint32_t)(t->at - t->r.start);
}
// Where that is in the module.
static inline uint64_t typer_offset(const Typer *t) {
    return t->r.base + typer_at(t);
}
static inline uint32_t typer_height(const Typer *t) {
    return (uint32_t)(t->sp - t->stack);
}

// --- typer.c: what is rare or long -------------------------------------------

// Reads the declarations of locals and opens the function's frame; the cursor
// is then at the first instruction. In the Reader, offset 0 is from then on the
// start of the code.
NODISCARD bool typer_init(Typer *t, const Module *m, const FuncType *type,
                          Bytes code, bool has_locals, Arena *scratch,
                          Err *err);
// Room for `more` further operands, besides those of the bytes to come.
void typer_grow(Typer *t, size_t more);
void typer_open(Typer *t, CtrlKind kind, const FuncType *type);
const FuncType *typer_value_type(Typer *t, ValType result);
ValType typer_far_local(const Typer *t, uint32_t local);
bool typer_is_init(const Typer *t, uint32_t local);
void typer_set_init(Typer *t, uint32_t local);
void typer_reset_inits(Typer *t, uint32_t len);
// FuncFlag of a type that is on the stack or in a local.
uint32_t typer_type_flags(const Module *m, ValType type);

// What the rows of op.def that access memory do with it.
typedef enum Access {
    ACCESS_none,
    ACCESS_load,
    ACCESS_store,
    ACCESS_atomic_load,
    ACCESS_atomic_store, // and whatever both reads and writes
} Access;

extern const uint8_t typer_access[OP_count]; // Access

// Each records an error at the instruction being typed.
COLD void typer_note(Typer *t, ErrId id, uint32_t index);
COLD void typer_note_operands(Typer *t, const ValType *want, uint32_t len);
COLD void typer_note_block(Typer *t, const ValType *want, uint32_t len);
COLD void typer_note_mismatch(Typer *t, const char *what);

// The same, returning false where compilers see it.
static inline bool typer_fail(Typer *t, ErrId id, uint32_t index) {
    typer_note(t, id, index);
    return false;
}
static inline bool typer_fail_operands(Typer *t, const ValType *want,
                                       uint32_t len) {
    typer_note_operands(t, want, len);
    return false;
}
static inline bool typer_fail_block(Typer *t, const ValType *want,
                                    uint32_t len) {
    typer_note_block(t, want, len);
    return false;
}
static inline bool typer_mismatch(Typer *t, const char *what) {
    typer_note_mismatch(t, what);
    return false;
}

// --- body.c ------------------------------------------------------------------

// Types instructions up to the end of the code.
NODISCARD bool body_run(Typer *t);

// --- side.c: control and catch entries ---------------------------------------

uint32_t side_wait(Typer *t, SideWait wait);
COLD CtlEntry side_far(Typer *t, CtlTarget target);
static inline CtlEntry side_entry(Typer *t, CtlTarget e) {
    // Where nothing is dropped, what is kept does not matter.
    uint32_t hop = (uint32_t)e.ctl + CTL_HOP_BIAS;
    if (UNLIKELY(hop >= CTL_FAR || e.pc != (int16_t)e.pc || e.drop))
        return side_far(t, e);
    return (CtlEntry){.pc = (int16_t)e.pc, .hop = (uint16_t)hop};
}
void side_catches(Typer *t, const Ctrl *c);
void side_resolve(Typer *t, const Ctrl *c, uint32_t pc);

// --- loop.c ------------------------------------------------------------------

void loop_begin(Typer *t);
void loop_finish(Typer *t);

// --- const_expr.c ------------------------------------------------------------

// A constant expression that may read the first `global_len` globals. The
// functions that it names become declared.
NODISCARD bool const_expr_valid(Module *m, Bytes expr, ValType want,
                                uint32_t global_len, Arena *scratch, Err *err);

// --- type.c ------------------------------------------------------------------

NODISCARD bool types_valid(Module *m, Arena *scratch, Err *err);
// Does the type name only types that exist?
static inline bool val_type_known(const Module *m, ValType t) {
    return !vt_is_concrete(t) || vt_index(t) < m->types.len;
}
