// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the machine-neutral half asks of a machine: implemented once for each,
// in baseline/<arch>/. None of these but masm_test and masm_compare changes the
// flags, so values can be moved between a comparison and its use.
#pragma once

#include "baseline/base_int.h"

// --- registers of the machine convention -------------------------------------

extern const Reg masm_int_args[MACHINE_INT_REGS];
// Of no argument.
enum {
    MASM_CALLEE_REGS = 3
};
extern const Reg masm_callee_regs[MASM_CALLEE_REGS];
// What may be allocated.
uint32_t masm_regs(bool is_float);
// Free at entries, where arguments are in their registers.
extern const Reg masm_entry_free;
// Of MACHINE_float number i.
static inline Reg masm_float_arg(uint32_t i) {
    return (Reg)(REG_FLOATS + i);
}
static inline Reg masm_place_reg(MachinePlace p) {
    return p.kind == MACHINE_int ? masm_int_args[p.at] : masm_float_arg(p.at);
}

// --- moves -------------------------------------------------------------------

void masm_move(Base *f, Reg to, Reg from);
void masm_swap(Base *f, Reg a, Reg b); // integers
void masm_load(Base *f, BaseType t, Reg to, Place from);
void masm_store(Base *f, BaseType t, Place to, Reg from);
void masm_copy(Base *f, BaseType t, Place to, Place from);
void masm_const(Base *f, BaseType t, Reg to, uint64_t value);
void masm_v128(Base *f, Reg to, const uint8_t bytes[16]);
void masm_store_const(Base *f, BaseType t, Place to, uint64_t value);
void masm_set(Base *f, Reg to, Cond c); // 1 or 0
extern const Reg masm_scratch, masm_float_scratch;

// --- control -----------------------------------------------------------------

// After masm_test and machine comparisons.
void masm_jump_if(Base *f, Cond c, CodeLabel to);
void masm_jump(Base *f, CodeLabel to);
extern const Cond masm_if_zero, masm_unless_zero;
void masm_test(Base *f, BaseType t, Reg r); // against zero
// Jumps by index through a table that follows; `len` labels and the default.
// `temp` is lost, and may be the index.
void masm_jump_table(Base *f, Reg index, Reg temp, const CodeLabel *labels,
                     uint32_t len);
void masm_select(Base *f, BaseType t, Reg to, Reg otherwise, Cond c);

// --- frames and calls --------------------------------------------------------

void masm_enter(Base *f);
// The same for an entry at a loop: `slots` values lie where masm_int_args[0]
// says. No check of the stack.
void masm_enter_loop(Base *f, uint32_t slots);
void masm_check_stack(Base *f, uint32_t size);
void masm_zero_slots(Base *f, uint32_t from, uint32_t to);
void masm_leave(Base *f); // the epilogue, with its return
// Leaves the frame for a tail call whose arguments on the stack, `size` bytes,
// lie at the stack pointer.
void masm_leave_for(Base *f, uint32_t size);
void masm_push_area(Base *f, uint32_t size);
void masm_pop_area(Base *f, uint32_t size);
// Calls, or jumps to, a defined function or the reference in masm_scratch.
void masm_call_func(Base *f, uint32_t func, bool is_tail);
void masm_call_ref(Base *f, bool is_tail);
void masm_load_func(Base *f,
                    uint32_t func); // an import's reference, to scratch
// The reference in a cell of a table, if it is there and of exactly that type.
void masm_find_callee(Base *f, Reg func, Reg index, uint32_t table,
                      uint32_t type, CodeLabel otherwise);
void masm_trap_if_zero(Base *f, Reg r, Trap t);
// The frame's own context, then the base of memory 0.
void masm_reload(Base *f, bool context);
void masm_helper(Base *f, HelperId helper);
void masm_trap_call(Base *f, Trap t);
// The base of the collected heap, where code goes on after an allocation.
void masm_heap_base(Base *f);
// The arguments of a row helper.
void masm_row_args(Base *f, uint32_t slot, uint64_t a, uint64_t b);
// Jumps there when the deadline has come, or fuel ran out. `temp`: to use.
void masm_poll(Base *f, Reg temp, CodeLabel slow);
void masm_charge(Base *f, uint32_t fuel);
