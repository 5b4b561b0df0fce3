// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The machine convention: how compiled functions call each other, the runtime
// and the host, and what their frames look like. Every tier that makes code,
// and the runtime that walks, enters and leaves it, obey this page.
//
// Registers (x86-64)
//
//   context      r15   Context * of the running function's instance
//   memory base  r14   base of memory 0, if the function's instance has one
//   frame        rbp   every function keeps the chain, always
//   scratch      r11   function reference or index across a call; free inside
//   integers     rax rcx rdx rsi rdi r8 r9 r10   arguments and results 0..7
//   floats       xmm0..xmm7                      arguments and results 0..7
//
// i32, i64 and references count as integers, f32, f64 and v128 as floats; each
// class is numbered by itself. An i32, f32 or collected reference has the rest
// of its register's low 64 bits zero (f32: bits 32..63 are not looked at). No
// register but rsp, rbp, r15 and r14 keeps its value across a call; r15 and
// r14 are the returning function's own, so a caller reloads both unless the
// callee is a function of its own instance that makes no tail call
// (FUNC_tail_calls, valid/side.h).
//
// What does not fit in registers lies on the stack in words of 8 bytes (v128:
// two), arguments in order from the lowest address, ending at a fixed high
// address where the area of the results that do not fit begins:
//
//         +-------------------+
//         | stack results     |  made by the caller, in order, upwards
//   end-> +-------------------+ <- rsp after the return: 16-byte aligned
//         | stack arguments   |  popped by the callee; both areas are rounded
//         | 0, 1, 2 ...       |  up to 16 bytes, the padding at the high end
//         +-------------------+ <- rsp at the call: 16-byte aligned
//         | return address    |
//         | caller's rbp      | <- rbp
//         | context           |    rbp - 8
//         | reserved          |    rbp - 16  (the callee's own)
//         | slot 0            |    rbp - 24
//         | slot 1 ...        |    downwards
//         +-------------------+ <- rsp, 16-byte aligned
//
// A tail call moves the return address so that its arguments end where the
// caller's own did; the area of results is that of the first caller, who knows
// the results' types: they are the same.
//
// Slots. Local i is slot i, operand i is slot local_len + i, as in the other
// tiers (vmabi/frame.h); 8 bytes each, or 16 in functions with FUNC_has_v128.
// At a safepoint (a call of any kind that can allocate, trap, throw or run
// other code) every collected reference that is alive lies in its slot, so the
// typer finds the roots (valid/valid.h: valid_stack_maps) exactly as it does
// for interpreted frames; a reference local is initialised in the prologue
// before the first safepoint. Operands that the call takes belong to the
// callee. In a function with a try_table all locals and all operands below the
// called instruction's own are in their slots too.
//
// Function references. A call through a reference (an import, call_ref,
// call_indirect) has the Func * in r11 and the caller's context still in r15,
// and calls the reference's `entry` (vmabi/layout.h), whose stub loads the
// callee's context and base, or, for the host, takes r15 as the caller.
//
// Helpers (vmabi/helper.def) are called through stubs in the same code region:
// arguments as the C convention has them from the second one on (rsi, rdx,
// rcx, r8, r9); the stub supplies the context in rdi, makes a frame that the
// stack walk starts from, tests the status and starts the unwinding. Registers
// other than rsp, rbp, r15, r14 are lost; memory bases may have changed if the
// helper's row says so.
//
// Trap sites. Explicit traps are out-of-line calls of a trap's stub; the
// return address names the site. An access that relies on a guard region is
// itself the site: its pc is in the map. Each frame is complete before its
// first site.
#pragma once

#include "vmabi/status.h"
#include "vmabi/value.h"

typedef struct Store Store;

enum {
    MACHINE_INT_REGS = 8,   // of arguments, and of results
    MACHINE_FLOAT_REGS = 8, // the same
    MACHINE_FRAME_CONTEXT = -8,
    MACHINE_FRAME_SLOT0 = -24, // narrow; wide: slot 0 is at -32
    MACHINE_FRAME_SLOT0_WIDE = -32,
    MACHINE_SMALL_LEAF = 256, // frames up to this size that call nothing need
                              // no check of the stack
    // From the frame pointer of an entry from C: its Activation
    // (vmabi/frame.h), below what C keeps in registers.
    MACHINE_ACTIVATION = -80,
};

// Distance of a slot from the frame pointer.
static inline int32_t machine_slot(bool is_wide, uint32_t slot) {
    return is_wide ? MACHINE_FRAME_SLOT0_WIDE - 16 * (int32_t)slot
                   : MACHINE_FRAME_SLOT0 - 8 * (int32_t)slot;
}

// Where one argument or result is.
typedef enum MachineKind {
    MACHINE_int,   // of the integer registers, number `at`
    MACHINE_float, // of the float registers
    MACHINE_stack, // at byte `at` of its area
} MachineKind;

typedef struct MachinePlace {
    MachineKind kind;
    uint32_t at;
} MachinePlace;

// Hands out places in order: start from zero, ask for each value's.
typedef struct MachineAssign {
    uint32_t ints, floats, stack; // stack: bytes so far
} MachineAssign;

static inline MachinePlace machine_assign(MachineAssign *a, bool is_float,
                                          bool is_v128) {
    static_assert((int)MACHINE_INT_REGS == MACHINE_FLOAT_REGS, "as many");
    uint32_t *next = is_float ? &a->floats : &a->ints;
    if (*next < MACHINE_INT_REGS)
        return (MachinePlace){is_float ? MACHINE_float : MACHINE_int,
                              (*next)++};
    MachinePlace place = {MACHINE_stack, a->stack};
    a->stack += is_v128 ? 16 : 8;
    return place;
}
// Bytes of the area on the stack, once all were assigned.
static inline uint32_t machine_stack_size(const MachineAssign *a) {
    return (a->stack + 15) & ~15u;
}

// The registers of arguments and results in memory, where C puts and reads
// them.
typedef struct MachineRegs {
    uint64_t ints[MACHINE_INT_REGS];
    V128 floats[MACHINE_FLOAT_REGS];
} MachineRegs;

// A call from C. Arguments and results that do not fit in registers go through
// `stack`: room for both areas, first the arguments, then, after `pop` bytes,
// the results.
typedef struct MachineCall {
    MachineRegs regs;
    void *context;  // of the callee's instance
    uintptr_t code; // what to call
    uint64_t *stack;
    uint64_t pop, size; // bytes of arguments, of both; multiples of 16
} MachineCall;

// A call of C: the entry of host functions saves its registers here, and loads
// them again after the call.
typedef struct MachineExit {
    MachineRegs regs;
    uint64_t pop; // set by the callee: bytes of arguments on the stack
    // Set by an interpreted callee: NULL, or how it goes on as machine code.
    struct MachineTail *tail;
} MachineExit;

// An interpreted function ended by a call of compiled code, in place of the
// call that the interpreter was entered by: registers are loaded, `pop` bytes
// of arguments copied from `stack` to above the return address, which moves to
// `sp`.
typedef struct MachineTail {
    MachineRegs regs;
    void *context;  // of the callee's instance
    uintptr_t code; // where to go
    uintptr_t sp;
    const uint64_t *stack;
    uint64_t pop;
    uint64_t padding;
} MachineTail;

// The two ways between an array of values and the registers, for one signature
// whose values all fit in registers. Made by code/adapter.h when it is first
// needed; a signature without them takes MachineCall and MachineExit.
//
// Calls `code` with the values as arguments, and puts the results in their
// place; the upper halves of narrow ones do not matter. An entry makes its
// activation, and who calls it puts the store's activation and exit_frame back;
// it traps when the stack ends at the store's limit already, and needs the
// floating-point control register as guests do. `store` is the context's.
typedef Status MachineEnter(void *context, uintptr_t code, Raw *values,
                            Store *store);
// The same for a reference to a function of an instance.
typedef Status FuncCall(Func *func, Store *store, Raw *values);
typedef struct MachineAdapter {
    FuncCall *call;      // NULL: there is no code for this signature
    MachineEnter *enter; // the same code, some instructions later
    uintptr_t host;      // `entry` of references to host functions
} MachineAdapter;

// Where an unwound stack goes on.
typedef struct MachineLanding {
    uintptr_t pc, fp, sp;
} MachineLanding;
