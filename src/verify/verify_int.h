// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the verifier knows at a place of the code.
#pragma once

#include "verify/verify.h"

#include "asm/x64/decode.h"
#include "wasm/op.h"

// --- values ------------------------------------------------------------------

typedef enum ValueKind {
    V_number,   // between min and max; of anything else nothing is known
    V_context,  // of the function's instance
    V_store,    // its store's
    V_limit,    // of the native stack, plus `arg`
    V_epoch,    // where the engine's is
    V_memories, // arrays of the context ...
    V_tables,
    V_globals,
    V_funcs,
    V_types,
    V_memory, // ... and what is in them, at index `arg`
    V_table,
    V_global,
    V_import, // a function that is imported
    V_type,
    V_base,     // of memory `arg`
    V_block,    // in memory `arg`, `max` bytes that were checked follow
    V_shared,   // what memory `arg` shares
    V_cells,    // of table `arg`
    V_cell,     // of a table of functions: Func *, NULL, or odd
    V_func,     // Func * or NULL
    V_heap,     // base of the collected heap
    V_object,   // an object in it
    V_fresh,    // from its base to where the next object goes, or near there
    V_gc,       // the heap itself ...
    V_gc_ids,   // ... by type index: its own number for the type, plus one
    V_gc_types, // ... by that number
    V_gc_type,  // ... one of those
    V_rtype,    // RtType * or NULL, at least `of` - 1 deep
    V_display,  // of such a type
    V_frame,    // rbp + (int32_t)arg
    V_jumps,    // a jump table, at `arg`
    V_distance, // from the jump table at `arg`; its entries are below `max`
    V_target,   // where one of those leads
    V_return,   // our return address
    V_caller,   // our caller's frame pointer
} ValueKind;

// A relation of a number to what lies in memory; gone when the number changes.
typedef enum Bound {
    BOUND_none,
    BOUND_memory,       // at most the size of memory `of`
    BOUND_table,        // below the size of table `of`
    BOUND_length,       // below the length of the object in register `of`
    BOUND_up_to_length, // or equal to it
    BOUND_gc_type,      // a number of the heap for a type
    BOUND_gc_id,        // the same plus one, or 0
    BOUND_heap_end,     // V_fresh: what ends here has room
} Bound;

typedef struct Value {
    uint8_t kind;      // ValueKind
    uint8_t bound;     // Bound
    bool is_even;      // V_cell: it is no function that has no reference yet
    bool is_typed;     // V_func: of exactly type `arg`
    uint32_t arg, of;  // V_fresh: bytes that it was moved by, at most
    uint64_t min, max; // V_number, V_distance; V_func and V_cell: min only
} Value;

#define VALUE_ANY ((Value){.max = UINT64_MAX})
#define VALUE_U32 ((Value){.max = UINT32_MAX})

static inline Value value_of(ValueKind kind, uint32_t arg) {
    return (Value){.kind = (uint8_t)kind, .arg = arg, .max = UINT64_MAX};
}
static inline Value value_range(uint64_t min, uint64_t max) {
    return (Value){.min = min, .max = max};
}
static inline bool value_is_u32(Value v) {
    return v.kind == V_number && v.max <= UINT32_MAX;
}
// Has zeros above its low half: what an i32 or a collected reference is.
static inline bool value_is_word(Value v) {
    return value_is_u32(v) || v.kind == V_fresh;
}
static inline bool value_is(Value v, uint64_t number) {
    return v.kind == V_number && v.min == number && v.max == number;
}
bool value_equal(Value a, Value b);
// The least that holds of both; ranges widen in few steps.
Value value_join(Value a, Value b);
// A reference to a function, or NULL?
bool value_is_func(Value v);

// --- flags -------------------------------------------------------------------

// What the flags answer: a comparison of register `reg`.
typedef enum FlagsKind {
    FLAGS_none,
    FLAGS_number, // with `number`
    FLAGS_equal,  // with register `arg`
    FLAGS_bit0,   // test of its lowest bit
    FLAGS_memory, // with the size of memory `arg`
    FLAGS_table,  // with the size of table `arg`
    FLAGS_length, // with the length of the object in register `arg`
    FLAGS_type,   // the function's type with type `arg`
    FLAGS_carry,  // a sum, `number` or more unless it wrapped; `arg`: it did
    FLAGS_minus,  // 1 was taken from it; it was bound by `arg`
    FLAGS_depth,  // of the type in it, with `number`
    FLAGS_room,   // with the end of the heap's room
    FLAGS_stack,  // rsp with the limit plus `number`
} FlagsKind;

typedef struct Flags {
    uint8_t kind; // FlagsKind
    uint8_t reg;
    bool is_32; // only the low halves were compared
    uint32_t arg;
    uint64_t number;
} Flags;

// --- the state ---------------------------------------------------------------

// From entry to exit. Labels are in the body only.
typedef enum Phase {
    PHASE_entry,  // rsp is where the return address lies
    PHASE_pushed, // below it our caller's rbp
    PHASE_body,   // rbp is ours
    PHASE_moving, // rsp is where a tail call's return address goes
    PHASE_ready,  // the return address is there
    PHASE_left,   // rsp and rbp are the caller's, but for the return address
    PHASE_popped, // and that is in r11
    PHASE_done,   // and our arguments are gone
} Phase;

// A slot of the frame that holds a reference to a function, or zero.
typedef struct Fact {
    int32_t disp; // from rbp
    Value value;
} Fact;

typedef struct State {
    Value reg[16]; // those of rsp and rbp are not used
    Flags flags;
    uint16_t zero_xmms; // those that are 0
    uint8_t phase;      // Phase
    bool checked;       // the stack was
    bool moved;         // a tail call's arguments lie over the frame
    int32_t depth;      // rbp - rsp, in the body
    int32_t slack;      // rsp is at most so far below the checked limit
    uint32_t tail_size; // of the arguments that were moved
    const Fact *facts;  // ascending; never changed in place
    uint32_t fact_len;
} State;

// --- one verification --------------------------------------------------------

typedef enum Mark {
    MARK_none,
    MARK_start, // of an instruction
    MARK_inside,
    MARK_data, // constants, jump tables
} Mark;

typedef struct Handlers Handlers;

typedef struct Verify {
    const VerifyEnv *env;
    const Module *m;
    const CodeFunc *code;
    const FuncInfo *info;
    const FuncType *type;
    const uint8_t *wasm; // the function's first instruction ...
    Err err;             // of reading those
    uint32_t func;
    int32_t args_size, results_size; // of our own on the stack
    uint8_t *func_locals;            // 1: a reference to a function ...
    uint32_t *func_local_list;       // ... and which those are
    uint32_t func_local_len;
    Handlers *handlers;
    uint8_t *marks;     // Mark, of each byte
    uint8_t *leaders;   // 1: something jumps here
    State **states;     // of leaders that were reached
    uint64_t *dirty;    // bits: leaders to look at
    uint32_t dirty_low; // no bit is set in earlier words
    bool explores;      // this is the first pass
    bool again;         // a leader was found too late
    uint64_t steps;
    Arena *arena;
    uint32_t at; // of the instruction
    const char *what;
} Verify;

// False, with the reason.
COLD bool verify_fail(Verify *v, const char *what);
// Control may come here with this state.
NODISCARD bool verify_flow(Verify *v, int64_t to, const State *s);
// A landing pad: what is known there of what was known where it was thrown.
void verify_land(Verify *v, const CatchEntry *e, const State *from, State *s);
// Bytes that are data from now on.
NODISCARD bool verify_data(Verify *v, int64_t at, uint64_t size);
// Is there a site at this offset? The instruction that it is for, if wanted.
const CodeSite *verify_site(const Verify *v, uint32_t at, bool is_fault);
NODISCARD bool verify_site_instr(Verify *v, const CodeSite *site, Instr *out);
const CodeReloc *verify_reloc(const Verify *v, uint32_t at);

static inline bool verify_is_func_type(const Verify *v, ValType t) {
    return vt_is_ref(t) && type_top(v->m, t) == HEAP_func;
}

// handlers.c: once, and before each pass.
NODISCARD bool verify_handlers(Verify *v);
void verify_handlers_reset(Verify *v);
// What is called at a site may throw: it lands where handlers are.
NODISCARD bool verify_throw(Verify *v, const CodeSite *site, const State *s);

// state.c
Value state_fact(const State *s, int32_t disp);
// Those of slots from one address to another only.
void state_keep(State *s, int32_t from, int32_t to);
// Whatever lies between is overwritten.
void state_forget(Verify *v, State *s, int32_t from, int32_t to);
void state_store(Verify *v, State *s, int32_t disp, Value value);
bool state_equal(const State *a, const State *b);
bool state_facts_equal(const State *a, const State *b);
// What both know of slots; that of *a where it is the same.
void state_join_facts(Verify *v, const State *a, const State *b, State *out);
// False: they cannot meet.
NODISCARD bool state_join(Verify *v, const State *a, const State *b,
                          State *out);
