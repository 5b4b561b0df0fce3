// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files that follow values share (verify/values.h).
#pragma once

#include "verify/values.h"

#include "base/map.h"
#include "vmabi/claim.h"
#include "wasm/op.h"

// A value's name. Constants, arguments on the stack and addresses in the frame
// have names of their own; the others are numbered.
typedef uint64_t Name;
#define NAME_CONST ((Name)1 << 63)
#define NAME_ARG   ((Name)1 << 62)
#define NAME_FRAME ((Name)1 << 61)

static inline Name name_const(uint64_t value) {
    return NAME_CONST | (value * 0x9e3779b97f4a7c15u) >> 1;
}
static inline Name name_frame(int64_t disp) {
    return NAME_FRAME | (uint32_t)disp;
}

static inline bool name_is_frame(Name name) {
    return name >> 61 == 1;
}

typedef struct Write {
    uint32_t slot;
    Name name; // undoing: what was there
} Write;

// A place ahead in the same instruction's code that is jumped to.
typedef struct Ahead {
    uint32_t at; // UINT32_MAX: the stubs behind a jump table
    Name reg[CLAIM_REGS];
    uint32_t write_at, write_len; // in Values.writes
} Ahead;

// Which operands of a site collectors look at.
typedef struct SiteMap {
    uint32_t height;
    uint64_t refs; // of the topmost, from the top: bit 0 is the last one
} SiteMap;

typedef struct Values {
    const VerifyEnv *env;
    const Module *m;
    const CodeFunc *code;
    const Claims *claims;
    const FuncInfo *info;
    const FuncType *type;
    const uint8_t *wasm;
    Arena *arena;
    uint32_t func;

    // What is where, by name.
    Name next;
    Name reg[CLAIM_REGS];
    Name *slots;
    uint32_t slot_len, local_len;

    // What should be where: each local's value, each operand's, its type.
    Name *locals, *operands;
    uint8_t *types; // ClaimType or TYPE_UNKNOWN
    uint32_t height;
    // Slots of which the two may differ.
    Vec(uint32_t) suspects;

    // The instruction.
    const Claim *claim;
    Instr in;
    uint32_t pops; // operands that are gone where it branches
    uint32_t at, end;
    uint32_t late;  // where the code of all instructions ends
    uint32_t table; // what `lea` last named behind the code; or 0
    bool is_live;
    bool has_trapped; // always: what follows need not be reached
    bool in_late;
    Vec(Ahead) ahead;
    Vec(Write) writes; // of Ahead
    Vec(Write) log;    // since there was one

    // What collectors are told.
    Map by_site; // pc * 2 + at_call: an index of
    Vec(SiteMap) maps;
    uint32_t next_pc;
    uint32_t *pcs;
    bool at_call;

    const char *what;
} Values;

enum {
    TYPE_UNKNOWN = 255,
};

COLD bool values_fail(Values *v, const char *what);
static inline Name values_new(Values *v) {
    return ++v->next;
}
void values_set_slot(Values *v, uint32_t slot, Name name);
// Memory of the frame is written, or read.
void values_store(Values *v, int64_t disp, uint32_t size, Name name);
Name values_load(Values *v, int64_t disp);
// Control may go there.
NODISCARD bool values_jump(Values *v, uint32_t to);
// A call: of the runtime, or of a function, above so many operands.
NODISCARD bool values_site(Values *v, uint32_t at, bool is_helper,
                           uint32_t height);
// The helper's operands lie from there on.
void values_row(Values *v, int64_t disp);
Ahead *values_ahead(Values *v, uint32_t at);

// x64/values.c: follows the code from v->at to v->end, or, behind the
// function's, to where it comes back.
NODISCARD bool values_run(Values *v);
// The registers with the arguments.
void values_enter(Values *v);
// values.c: goes there and comes back.
NODISCARD bool values_late(Values *v, uint32_t at);
// Where nothing gets on: to the next place that is jumped to.
void values_skip(Values *v);
// Whoever jumped here comes together with whoever is here.
void values_meet(Values *v);
