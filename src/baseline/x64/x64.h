// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the x86-64 files of the baseline compiler share.
#pragma once

#include "asm/x64/encode.h"
#include "baseline/emit.h"
#include "baseline/masm.h"
#include "vmabi/layout.h"

enum {
    REG_context = GP_r15,
    REG_memory = GP_r14,
    REG_scratch = GP_r11,
    REG_float_scratch = REG_FLOATS + XMM_15,
};

static inline X64Gp gp(Reg r) {
    assert(r < REG_FLOATS);
    return (X64Gp)r;
}
static inline X64Xmm xmm(Reg r) {
    assert(r >= REG_FLOATS);
    return (X64Xmm)(r - REG_FLOATS);
}
static inline X64Width width_of(BaseType t) {
    return t == TY_i64 || t == TY_func ? W_64 : W_32;
}
static inline X64Mem place_mem(Place p) {
    return x64_at(p.by_stack ? GP_rsp : GP_rbp, p.disp);
}
static inline X64Mem slot_mem(const Base *f, uint32_t slot) {
    return x64_at(GP_rbp, base_slot(f, slot));
}
static inline X64Mem context_mem(int field) {
    return x64_at(GP_r15, 8 * field);
}
static inline X64Mem store_mem(X64Gp store, int field) {
    return x64_at(store, 8 * field);
}
static inline bool has_cpu(const Base *f, BaselineCpu bit) {
    return f->options->cpu & (uint32_t)bit;
}

// A popped operand that an instruction may read where it is: memory, if it is
// in a slot and in no register.
typedef struct Operand {
    bool is_mem;
    X64Mem mem;
    Reg reg;
} Operand;
Operand x64_operand(Base *f, Entry *e);

// Where an access of `size` bytes goes, after its check. It may use r11, and is
// good until r11 changes. *faults: the access is a site (site_fault).
X64Mem x64_address(Base *f, Entry *index, const MemArg *m, uint64_t size,
                   bool *faults);

// An instruction wants certain registers for itself: they are locked, and then
// taken one by one. What was popped and is in one of them moves away.
Reg x64_move_away(Base *f, Reg r, uint32_t wanted);
void x64_take_locked(Base *f, Reg r);

// r11 = where `size` bytes from there end, after a check against the memory's
// size; what r11 is relative to.
X64Gp x64_range(Base *f, Entry *index, uint32_t memory, uint64_t size);

// --- floats and vectors (vec.c) ----------------------------------------------

// A row of SSE with two registers, or what AVX has for it. to = a op b; rows
// without a first operand: to = op b. Without AVX `b` may be `to` only if `a`
// is, too.
void x64_vec(Base *f, X64Op op, Reg to, Reg a, Reg b);
void x64_vec_m(Base *f, X64Op op, Reg to, Reg a, X64Mem b);
void x64_vec_i(Base *f, X64Op op, Reg to, Reg a, Reg b, uint8_t imm);
// to = op from, of the lowest lane; the others do not matter.
void x64_vec_lane(Base *f, X64Op op, Reg to, Reg from);
void x64_vec_lane_i(Base *f, X64Op op, Reg to, Reg from, uint8_t imm);
// A row that shifts by a constant.
void x64_vec_shift(Base *f, X64Op op, Reg to, Reg from, uint8_t count);
// Where `a op b` goes if it is one x64_vec, or one after x64_vecs that only read
// them; b: may be none.
Reg x64_vec_result(Base *f, BaseType t, Reg a, Reg b);
// A popped operand as the last of an instruction.
Operand x64_vec_operand(Base *f, Entry *e);
void x64_vec_apply(Base *f, X64Op op, Reg to, Reg a, const Operand *b);

// A shift of lanes, by the low half of a register or by a constant.
typedef struct X64VecShift {
    uint16_t by_reg, by_imm; // X64Op
} X64VecShift;
// The instructions of simd_convert.c; false: it is none of them.
bool x64_vector_rest(Base *f);

// A value of 1 << size bytes from memory or to it; integers are extended.
void x64_load(Base *f, BaseType t, uint32_t size, bool is_signed, Reg to,
              X64Mem m);
void x64_store(Base *f, BaseType t, uint32_t size, X64Mem m, Reg from);

// Does what comes next with what is there, if that is its last operand. `index`:
// the register in the address that is an operand's, if any. False: nothing was
// done.
bool x64_fold_load(Base *f, BaseType t, X64Mem m, bool faults, Reg index);
X64Op x64_float_row(BaseType t, FloatOp op);

// f32 or f64: the NaN that deterministic execution wants, if it is one.
void x64_canonical(Base *f, BaseType t, Reg r);
