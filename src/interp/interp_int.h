// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files of the interpreter share.
//
// Two halves. The loops (handlers.h, in four instances: slots of 8 or 16 bytes,
// without or with fuel) run what is frequent, with their state in registers.
// Everything else is a plain function exec_<name>, in exec_*.c: the loop stores
// its state in the frame (pc at the opcode, sp, ctl), calls it, and goes on
// with whatever the top frame then says. So these functions are free to call
// the host, allocate, trap, throw, branch, and make or leave frames.
#pragma once

#include "interp/fuse.h"
#include "interp/interp.h"
#include "rt/instance.h"
#include "valid/side.h"
#include "vmabi/fuel.h"
#include "wasm/op.h"

// One activation of the interpreter; on the C stack of its entry.
typedef struct Exec {
    Activation activation; // first; `top` is the running frame, NULL: done
    Store *store;
    const _Atomic uint64_t *epoch;
    // Of the running frame's instance:
    Context *context;
    const FuncInfo *infos; // of defined functions
    const uint8_t *bytes;  // the module's
    const CtlEntry *ctls;
    const CtlTarget *far_ctls;
    FastTable *fast; // the module's; NULL: the originals run
    uint32_t import_len;
    uint32_t direct_from; // functions that the loops may enter by themselves

    // Where functions may be compiled as well; NULL: they never are. The loops
    // then poll always, and leave all calls to exec_call*.
    InterpLeave *leave;

    char *stack_end;
    Slot *base;        // where the first frame's arguments were and results go
    const uint8_t *at; // opcode of the prefixed instruction that is running
    uint64_t segment;  // fuel of the straight line so far, not yet charged
    Trap trap;         // on the way to the handler that traps
    bool is_wide;      // the running frame has slots of 16 bytes
    bool uses_fuel;
    bool is_deterministic;
} Exec;

typedef Status ExecFn(Exec *x);

// Runs from the top frame's pc until that frame's activation is done
// (STATUS_ok, top NULL), slots of the other size are needed (STATUS_ok), or
// something was thrown or trapped.
ExecFn loop_narrow, loop_wide, loop_narrow_fuel, loop_wide_fuel;

// --- frames (frame.c) ----------------------------------------------------------

static inline FrameHeader *exec_frame(Exec *x) {
    return x->activation.top;
}
static inline bool info_is_wide(const FuncInfo *info) {
    return info->flags & FUNC_has_v128;
}
static inline size_t slot_size(bool is_wide) {
    return is_wide ? 2 * sizeof(Slot) : sizeof(Slot);
}
// The slot `n` slots above (below) another.
static inline Slot *slot_at(const Exec *x, Slot *s, ptrdiff_t n) {
    return s + (x->is_wide ? 2 * n : n);
}
static inline Slot *frame_operands(FrameHeader *f) {
    return (Slot *)(void *)(f + 1);
}
// Operand counted from the top of the frame's stack: 0 is the last.
static inline Slot *operand(Exec *x, size_t n) {
    return slot_at(x, exec_frame(x)->sp, -(ptrdiff_t)n - 1);
}

Raw slot_get(bool is_wide, const Slot *s);
void slot_put(bool is_wide, Slot *s, Raw value);
// Moves values between slots of either size. Widening may write beyond both.
void slots_move(Slot *to, bool to_wide, Slot *from, bool from_wide,
                uint32_t len);

// Makes x's fields those of an instance.
void exec_set_instance(Exec *x, Instance *inst);

// A call of a wasm function: `len` arguments end at `args` + len and were put
// there by a frame of slots of size `args_wide`. The results will be where
// `place` is, in the caller's slots.
typedef struct Entry {
    Instance *instance;
    uint32_t func; // defined in that instance's module
    FrameHeader *caller;
    Slot *args;
    bool args_wide;
    Slot *place;
} Entry;
// Makes the frame and polls. Nothing has changed when the stack has no room.
NODISCARD Status frame_enter(Exec *x, const Entry *e);
// Puts the results of the top frame in their place and drops it.
void frame_leave(Exec *x);
// Finds the handler of store->exception in this activation and goes on there.
NODISCARD bool frame_catch(Exec *x);

// --- for exec_*.c ----------------------------------------------------------------

// Traps at the top frame's instruction.
NODISCARD Status exec_trap(Exec *x, Trap code);
// Before the host may run without func_call_host (the embedder's limiter, the
// deadline's callback): a nested activation starts above our operands.
static inline void exec_protect(Exec *x) {
    x->activation.stack->top = (char *)exec_frame(x)->sp;
}
// The slow path of a poll; the frame is saved.
NODISCARD Status exec_poll(Exec *x);
// The same at a loop's head, and steps over it; or its function goes on as
// machine code, and the frame is gone.
NODISCARD Status exec_poll_loop(Exec *x);

// Where a frame is in the original code of its function.
static inline uint32_t frame_pc(const FrameHeader *f) {
    return f->info->code_size - 1 - (uint32_t)(f->end - f->pc);
}
static inline const uint8_t *frame_code(const FrameHeader *f) {
    return f->end - (f->info->code_size - 1);
}

uint64_t imm_u64_long(const uint8_t **p);
static inline uint64_t imm_u64(const uint8_t **p) {
    if (UNLIKELY(**p >= 0x80)) return imm_u64_long(p);
    return *(*p)++;
}
static inline uint32_t imm_u32(const uint8_t **p) {
    return (uint32_t)imm_u64(p);
}
int64_t imm_s64(const uint8_t **p); // s32 and s33 too
void imm_skip(const uint8_t **p);   // one LEB128
// A cursor over the immediates of the instruction at the frame's pc.
static inline const uint8_t *imm_at(Exec *x) {
    const uint8_t *p = exec_frame(x)->pc;
    if (*p++ >= 0xfb) (void)imm_u32(&p); // a prefix
    return p;
}
// Those of block, try_table, select with types; each returns what follows.
const uint8_t *imm_skip_block(const uint8_t *p);
const uint8_t *imm_skip_try_table(const uint8_t *p);
const uint8_t *imm_skip_types(const uint8_t *p);
// A heap type as a reference type.
RtValType imm_heap(const Exec *x, const uint8_t **p, bool is_nullable);

// The alignment is left out.
static inline MemArg imm_memarg(const uint8_t **p) {
    uint32_t flags = imm_u32(p);
    uint32_t memory = flags & MEMARG_memory ? imm_u32(p) : 0;
    return (MemArg){.memory = memory, .offset = imm_u64(p)};
}

// Ends an instruction: goes on at `p` with `popped` operands fewer.
static inline void exec_done(Exec *x, const uint8_t *p, size_t popped) {
    FrameHeader *f = exec_frame(x);
    f->pc = p;
    f->sp = slot_at(x, f->sp, -(ptrdiff_t)popped);
}
// The same, and one result.
static inline Status exec_result(Exec *x, const uint8_t *p, size_t popped,
                                 uint64_t value) {
    exec_done(x, p, popped);
    FrameHeader *f = exec_frame(x);
    f->sp->u64 = value;
    f->sp = slot_at(x, f->sp, 1);
    return STATUS_ok;
}

// Takes or steps over the branch of the instruction at the frame's pc.
void exec_branch(Exec *x);
static inline void exec_no_branch(Exec *x) {
    FrameHeader *f = exec_frame(x);
    f->ctl = (const CtlEntry *)f->ctl + 1;
}
// Ends the straight line that fuel is counted for.
static inline void exec_end_segment(Exec *x) {
    if (!x->uses_fuel) return;
    x->store->context.fuel -= (int64_t)x->segment;
    x->segment = 0;
}
static inline bool exec_should_poll(const Exec *x, bool uses_fuel) {
    const StoreContext *c = &x->store->context;
    return UNLIKELY(atomic_load_explicit(x->epoch, memory_order_relaxed) >=
                    c->deadline) ||
           (uses_fuel && UNLIKELY(c->fuel < 0));
}

// Any load, store or atomic access, completely.
ExecFn exec_access;

// --- the functions ---------------------------------------------------------------

ExecFn exec_call; // what the loop's own handler does not do
ExecFn exec_call_indirect, exec_leave; // likewise
#define SLOW(prefix, name) ExecFn exec_##name;
#include "interp/slow.def"

// By the code behind a prefix; the loop counts the cost.
typedef struct ExecRow {
    ExecFn *run;
    uint8_t cost;
} ExecRow;
extern const ExecRow exec_fb[], exec_fe[];
