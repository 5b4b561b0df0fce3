// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The abstract state of the baseline compiler, and what its files share.
//
// Each operand is somewhere: in its slot, in a register, a constant, a local's
// value (nothing was done for the local.get yet) or the processor's flags. A
// register is free, held by operands, or the cache of one local. Only the
// topmost LAZY_MAX operands may be outside of their slots, so everything that
// looks at operands takes constant time.
#pragma once

#include "asm/buf.h"
#include "baseline/baseline.h"
#include "vmabi/claim.h"
#include "vmabi/helper.h"
#include "wasm/instr_read.h"
#include "wasm/trap.h"

// --- values ------------------------------------------------------------------

typedef enum BaseType {
    TY_i32,
    TY_i64,
    TY_f32,
    TY_f64,
    TY_v128,
    TY_ref,  // collected: 32 bits
    TY_func, // a pointer
} BaseType;

static inline bool ty_is_float(BaseType t) {
    return t >= TY_f32 && t <= TY_v128;
}

// 0..15 integer registers, 16..31 float registers.
typedef uint8_t Reg;
enum {
    REG_COUNT = 32,
    REG_FLOATS = 16, // the first of them
    REG_NONE = 255,
};
static inline uint32_t reg_bit(Reg r) {
    return (uint32_t)1 << r;
}

// A condition that the flags answer; the lowest bit inverts it. Those beyond
// the machine's own are equality of floats, which takes two of them.
typedef uint8_t Cond;
enum {
    COND_float_eq = 16,
    COND_float_ne = 17,
};
static inline Cond cond_not(Cond c) {
    return c ^ 1;
}

typedef enum Where {
    AT_slot,
    AT_reg,
    AT_const,
    AT_local,
    AT_flags,
} Where;

typedef struct Entry {
    uint8_t where; // Where
    uint8_t type;  // BaseType
    Reg reg;
    Cond cond;
    uint32_t local;
    uint64_t value;
} Entry;

enum {
    LAZY_MAX = 64,
};

// --- moves -------------------------------------------------------------------

// Memory of the frame: relative to the frame or the stack pointer.
typedef struct Place {
    bool by_stack;
    int32_t disp;
} Place;

typedef enum MoveFrom {
    FROM_reg,
    FROM_place,
    FROM_const,
} MoveFrom;

// All at once: no source changes before it was read. `to` memory never
// overlaps a source, or comes earlier in the list and is not above it.
typedef struct Move {
    uint8_t type; // BaseType
    uint8_t from; // MoveFrom
    Reg to_reg;   // REG_NONE: to memory
    Reg reg;
    Place to, place;
    uint64_t value;
} Move;

// --- control -----------------------------------------------------------------

// What code that arrives at a label agrees on: which registers cache which
// locals, and which of those may differ from their slots. The last of the
// values that go along is in a register, or in its slot like all others.
typedef struct Merge {
    uint32_t cached, dirty;
    Reg result;
    uint32_t local[REG_COUNT];
} Merge;

typedef enum CtrlKind {
    CTRL_func,
    CTRL_block,
    CTRL_loop,
    CTRL_if,
    CTRL_else,
    CTRL_try,
} CtrlKind;

typedef struct Ctrl {
    uint8_t kind; // CtrlKind
    bool has_label;
    bool has_else_label; // an if whose condition may be false
    uint32_t base;       // height without parameters
    uint32_t type;       // index of the block's type, or TYPE_NONE
    ValType result;      // then: its result, or VT_bot
    CodeLabel label;
    Merge *merge; // once something branched here
    CodeLabel else_label;
    Merge *else_merge;
    uint32_t loop;    // index of the innermost loop, itself or around it
    uint32_t stub_of; // br_table: the last one that branched here ...
    CodeLabel stub;   // ... and where it does
    const uint8_t *clauses;
    uint32_t clause_len;
} Ctrl;

typedef struct TypeSpan {
    const ValType *types;
    uint32_t len;
} TypeSpan;

// Code that is written after the function's.
typedef struct LateTrap {
    CodeLabel label;
    Trap trap;
    uint32_t pc;
} LateTrap;

typedef struct LatePoll {
    CodeLabel label, back;
    Merge *state;
    uint32_t pc;
} LatePoll;

// Where a frame that another tier began goes on. Below the loop there are so
// many slots, locals and operands.
typedef struct LateEntry {
    CodeLabel head;
    Merge *state;
    uint32_t pc, slots;
} LateEntry;

// A callee that was not found at once. What the arguments have in registers is
// saved in slots, or is there already, and is loaded again.
typedef struct LateSave {
    uint8_t type; // BaseType
    Reg reg;
    bool is_stored;
    uint32_t slot;
} LateSave;

typedef struct LateResolve {
    CodeLabel label, back;
    uint32_t pc, slot, type, table;
    Reg index, func;
    LateSave *saves;
    uint32_t save_len;
} LateResolve;

// A call of the runtime that is seldom needed, from the middle of an
// instruction: everything that is in registers goes to its slot, as the
// collector wants it, and comes back from there.
typedef struct LateCall {
    CodeLabel label, back;
    uint32_t pc, slot; // of the first operand, which becomes the result
    HelperId helper;
    uint64_t a;
    bool has_operand;
    Move operand; // to the slot, if it has one
    Move *saves, *loads;
    uint32_t save_len, load_len;
    Reg result;
    uint8_t result_type; // BaseType
} LateCall;

// --- one compilation ---------------------------------------------------------

typedef struct Base {
    CodeBuf b;
    Arena *arena;
    const BaselineOptions *options;
    const BaselineEnv *env;
    const Module *m;
    const FuncInfo *info;
    const FuncType *type;
    Reader r;
    FeatureSet features;
    Instr in;
    uint32_t pc; // of the instruction, from the start of the code
    bool is_live;

    // frame
    bool is_wide, has_try;
    uint32_t local_len;
    uint32_t frame_size;
    uint32_t args_size; // bytes of our own arguments on the stack
    uint8_t *local_type;
    Reg *local_reg;
    uint8_t *local_refs; // operands that are AT_local

    // operands
    Entry *stack;
    uint32_t height;
    uint32_t lazy; // all below are AT_slot

    // registers
    uint32_t held;   // by operands, so many:
    uint32_t cached; // a local's value, namely of:
    uint32_t dirty;  // cached, and the slot may be older
    uint32_t locked; // in use by the instruction
    uint32_t users[REG_COUNT];
    uint32_t local_of[REG_COUNT];
    uint64_t random; // chaos

    Vec(Ctrl) ctrls;
    Merge *free_merges; // linked through `local`
    Vec(Move) moves;
    Vec(LateTrap) traps;
    Vec(LatePoll) polls;
    Vec(LateResolve) resolves;
    Vec(LateCall) late_calls;
    Vec(LateEntry) entries;
    Vec(CodeSite) loops;
    Vec(CodeReloc) relocs;
    Vec(CodeSite) sites;
    Vec(CodeSite) marks;
    uint32_t *pads;
    uint32_t catch_next, loop_next, tables;
    uint32_t segment; // fuel of the straight line so far
    struct Claims *claims;
} Base;

// --- state.c -----------------------------------------------------------------

static inline int32_t base_slot(const Base *f, uint32_t slot) {
    return machine_slot(f->is_wide, slot);
}
static inline Place base_slot_place(const Base *f, uint32_t slot) {
    return (Place){false, base_slot(f, slot)};
}
static inline uint32_t operand_slot(const Base *f, uint32_t index) {
    return f->local_len + index;
}
BaseType base_type(const Base *f, ValType t);

// A register that is nobody's, locked until the instruction is done. What is in
// the way goes to its slot.
Reg reg_alloc(Base *f, bool is_float);
// The same for a certain one.
void reg_take(Base *f, Reg r);
static inline void reg_lock(Base *f, Reg r) {
    f->locked |= reg_bit(r);
}
// Neither an operand nor a local is in it.
static inline bool reg_is_free(const Base *f, Reg r) {
    return !((f->held | f->cached) & reg_bit(r));
}

void push_entry(Base *f, Entry e);
void push_reg(Base *f, BaseType t, Reg r);
void push_const(Base *f, BaseType t, uint64_t value);
void push_slot(Base *f, BaseType t);
// A comparison's answer. Kept in the flags if the next instruction uses it.
void push_cond(Base *f, Cond c);
Entry pop_entry(Base *f);
// An operand that was only looked at, and is in that register, stays.
void push_again(Base *f, Entry e, Reg r);
// In a register that is locked and may belong to a local: to be read only.
Reg entry_reg(Base *f, Entry *e);
Reg pop_reg(Base *f);
// In a register that is to be written.
Reg pop_own(Base *f);
// The register of the local that the next instruction sets, if nothing but that
// needs it.
Reg next_local_reg(const Base *f);
// Where to leave a result: in the local that the next instruction sets, in one
// of the operands' registers, or elsewhere; never in a register of `not_in`.
Reg result_reg(Base *f, BaseType t, Reg a, uint32_t not_in);

// Operands from `from` to `to` go to their slots; constants only if `all`.
void flush_range(Base *f, uint32_t from, uint32_t to, bool all);
static inline void flush_operands(Base *f) {
    flush_range(f, f->lazy, f->height, true);
    f->lazy = f->height;
}
// Locals that are newer in registers go to their slots, and stay there only.
void flush_locals(Base *f);
// What any call needs: everything below `height` can be found in its slot, and
// registers hold nothing but the operands above.
void flush_for_call(Base *f, uint32_t height);
void drop_local(Base *f, Reg r); // stores it if dirty
void bind_local(Base *f, uint32_t local, Reg r, bool is_dirty);
void unbind_local(Base *f, Reg r);

Move move_of_entry(const Base *f, const Entry *e, uint32_t index);
void move_add(Base *f, Move move);
void moves_emit(Base *f);

// In debug builds: does the state agree with itself?
#ifdef NDEBUG
static inline void state_check(const Base *f) {
    (void)f;
}
#else
void state_check(const Base *f);
#endif

// --- one function for each OPX row -------------------------------------------

#define OPX(name, prefix, code, text, imm, feature, cost) \
    void base_##name(Base *f);
#include "wasm/op.def"

// --- code.c: what accompanies code -------------------------------------------

// The code so far ends with a call that belongs to the instruction.
void site_here(Base *f, uint32_t pc);
// The next instruction may fault.
void site_fault(Base *f);
void reloc_here(Base *f, CodeRelocKind kind, uint32_t index);
// A label that traps, written later.
CodeLabel trap_label(Base *f, Trap t);
// Pays for the straight line that ends here.
void end_segment(Base *f);
void write_late(Base *f);
// Keeps what is needed to call a `row` helper from code that is written later
// and comes back with everything as it is now, the helper's result in `result`
// and, if that is an object, the heap's base as masm_heap_base has it. Nothing of the state may change until
// `label` was branched to for the last time. The helper's one operand, if it
// has any, is set by the caller. Good until the next one is made.
LateCall *late_call(Base *f, HelperId helper, uint64_t a, BaseType t,
                    Reg result);

// --- claim.c: the state, for who checks it -------------------------------------

void claims_init(Base *f);
COLD void claim_write(Base *f, ClaimKind kind, uint32_t base);
static inline void claim(Base *f, ClaimKind kind) {
    if (UNLIKELY(f->claims != NULL)) claim_write(f, kind, 0);
}
// At a label that operands from `base` on go along to.
static inline void claim_label(Base *f, uint32_t base) {
    if (UNLIKELY(f->claims != NULL)) claim_write(f, CLAIM_label, base);
}

// --- call.c ------------------------------------------------------------------

void helper_call(Base *f, HelperId helper);
// Calls a helper of kind `row` on the topmost operands, which all are in their
// slots, with the immediates.
void row_call(Base *f, HelperId helper, uint32_t operands, uint64_t a,
              uint64_t b);
void row_result(Base *f, BaseType t);
void write_resolve(Base *f, const LateResolve *late);
void base_return_values(Base *f);
void base_entry(Base *f);

// --- control.c ---------------------------------------------------------------

TypeSpan ctrl_params(const Base *f, const Ctrl *c);
TypeSpan ctrl_results(const Base *f, const Ctrl *c);
void branch_if(Base *f, uint32_t label, Cond cond);
Merge *merge_now(Base *f);
void merge_set(Base *f, const Merge *m);
void base_begin_func(Base *f);
void base_skip_dead(Base *f);
