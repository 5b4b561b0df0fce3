// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shapes of instructions that are the same on all machines: constants, and
// what the runtime does.
#include "baseline/emit.h"

#include "baseline/masm.h"

void emit_nothing(Base *f) {
    (void)f;
}

void emit_const(Base *f) {
    switch ((int)f->in.op) {
    case OP_i32_const:
        push_const(f, TY_i32, (uint32_t)f->in.imm.i32);
        break;
    case OP_i64_const:
        push_const(f, TY_i64, (uint64_t)f->in.imm.i64);
        break;
    case OP_f32_const:
        push_const(f, TY_f32, f->in.imm.f32);
        break;
    default:
        push_const(f, TY_f64, f->in.imm.f64);
        break;
    }
}

void emit_v128_const(Base *f) {
    Reg r = reg_alloc(f, true);
    masm_v128(f, r, f->in.imm.bytes16);
    push_reg(f, TY_v128, r);
}

// Operands and results as the signature says; an address may be of 64 bits.
static void call_for(Base *f, HelperId helper, uint64_t a, uint64_t b) {
    OpSig s = op_info[f->in.op].sig;
    row_call(f, helper, sig_param_len(s), a, b);
    for (unsigned i = 0; i < sig_result_len(s); i++)
        row_result(f, base_type(f, (ValType)sig_result(s, i)));
}

void emit_num(Base *f) {
    bool has_lane = op_info[f->in.op].imm == IMM_lane;
    call_for(f, HELPER_num, f->in.op, has_lane ? f->in.imm.index : 0);
}

void emit_notify(Base *f) {
    const MemArg *m = &f->in.imm.mem.arg;
    call_for(f, HELPER_memory_atomic_notify, m->memory, m->offset);
}

void emit_wait(Base *f, HelperId helper) {
    const MemArg *m = &f->in.imm.mem.arg;
    call_for(f, helper, m->memory, m->offset);
}
