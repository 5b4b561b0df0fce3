// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One instruction after another, on x86-64.
#pragma once

#include "verify/verify_int.h"

#include "asm/x64/encode.h"

typedef struct Step {
    Verify *v;
    State *s;
    X64Inst in;
    const X64Info *info;
    uint32_t next;          // where the instruction ends
    const CodeReloc *reloc; // of its last four bytes
    CodeReloc target;       // the same, of code that was placed
    bool ends;              // nothing goes on behind it
} Step;

// False: refused. Flows to where it jumps itself; goes on at `next` unless it
// ends.
NODISCARD bool prove_step(Step *t);

// --- registers (step.c) ------------------------------------------------------

Value prove_reg(const State *s, uint32_t reg);
// What depends on the register's old value is forgotten. False: not one that
// this value may go to.
NODISCARD bool prove_set(Step *t, uint32_t reg, Value value);
// All registers, after a call.
void prove_lose(State *s, bool keeps_context, bool keeps_base);
// In bytes; general registers: what of them is used.
uint32_t prove_size(const Step *t, uint32_t operand);

// --- memory (memory.c) -------------------------------------------------------

typedef enum AccessKind {
    ACCESS_data,    // memory, globals, fields of objects, constants
    ACCESS_frame,   // at `disp`
    ACCESS_fuel,    // a counter of the store that may be changed
    ACCESS_pointer, // gives `value`; to be loaded as it is
    ACCESS_compare, // gives `flags` when it is compared with a register
    ACCESS_next,    // where the heap's next object goes; to be written
    ACCESS_type,    // of a new object; to be written
    ACCESS_entry,   // of the function `value`; to be called
} AccessKind;

typedef struct Access {
    AccessKind kind;
    int32_t disp;
    Value value;
    Flags flags;
} Access;

// The operand in memory, of so many bytes; it is refused unless it may be read,
// and written if `writes`.
NODISCARD bool prove_access(Step *t, uint64_t size, bool writes, Access *out);
// What lea makes of an end of an access that was checked: its start.
Value prove_block(const Step *t);
// Two loops that have a form of their own: filling slots with zeros, and
// moving the arguments of a tail call. The instruction may begin one: then
// *done, and the step goes on behind it.
NODISCARD bool prove_loop(Step *t, bool *done);
// A third: clearing a new object's elements. True: it was one.
NODISCARD bool prove_clear_loop(Step *t);

// --- control (control.c) -----------------------------------------------------

extern const uint8_t prove_int_regs[MACHINE_INT_REGS]; // X64Gp
void prove_context(const Verify *v, State *s);
// As a signature says: the registers, and words from rbp + disp on.
void prove_values(Verify *v, State *s, const ValType *types, uint32_t len,
                  int32_t disp);
NODISCARD bool prove_jump(Step *t);   // jmp and jcc to a distance
NODISCARD bool prove_jump_r(Step *t); // jmp to a register
NODISCARD bool prove_call(Step *t, bool is_tail);
NODISCARD bool prove_return(Step *t, int64_t pop);
