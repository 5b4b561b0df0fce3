// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Instructions on floats and vectors in the form that the processor has: with
// AVX three operands, which leave the first as it is and read memory at any
// address; else two, behind a move. Both are the same opcode in the table, with
// a VEX prefix or without (asm/x64/x64_test.c compares the rows), so a row of
// SSE stands for both everywhere else.
#include "baseline/x64/x64.h"

static bool has_avx(const Base *f) {
    return has_cpu(f, BASELINE_CPU_avx);
}

static uint32_t enc_of(X64Op op) {
    return x64_info[op].enc[0];
}

// Rows that keep part of what they write, or work on it, have a first operand.
static bool has_first(X64Op op) {
    return x64_info[op].operand[0].role & ROLE_read;
}

// The first operand as VEX has it, or the move that stands for it.
static uint32_t first_of(Base *f, X64Op op, Reg to, Reg a) {
    if (!has_first(op)) return 0;
    if (has_avx(f)) return xmm(a);
    masm_move(f, to, a);
    return 0;
}

void x64_vec(Base *f, X64Op op, Reg to, Reg a, Reg b) {
    assert(has_avx(f) || !has_first(op) || to == a || to != b);
    uint32_t first = first_of(f, op, to, a);
    if (has_avx(f))
        x64_put_vrr(&f->b, x64_vex(enc_of(op)), xmm(to), first, xmm(b));
    else
        x64_put_rr(&f->b, enc_of(op), xmm(to), xmm(b));
}

void x64_vec_m(Base *f, X64Op op, Reg to, Reg a, X64Mem b) {
    uint32_t first = first_of(f, op, to, a);
    if (has_avx(f))
        x64_put_vrm(&f->b, x64_vex(enc_of(op)), xmm(to), first, b);
    else
        x64_put_rm(&f->b, enc_of(op), xmm(to), b);
}

void x64_vec_i(Base *f, X64Op op, Reg to, Reg a, Reg b, uint8_t imm) {
    assert(has_avx(f) || !has_first(op) || to == a || to != b);
    uint32_t first = first_of(f, op, to, a);
    if (has_avx(f))
        x64_put_vrri(&f->b, x64_vex(enc_of(op)), xmm(to), first, xmm(b), imm);
    else
        x64_put_rri(&f->b, enc_of(op), xmm(to), xmm(b), imm);
}

// Without AVX what is above the lowest lane stays what it was in `to`.
void x64_vec_lane(Base *f, X64Op op, Reg to, Reg from) {
    if (has_avx(f))
        x64_vec(f, op, to, from, from);
    else
        x64_put_rr(&f->b, enc_of(op), xmm(to), xmm(from));
}

void x64_vec_lane_i(Base *f, X64Op op, Reg to, Reg from, uint8_t imm) {
    if (has_avx(f))
        x64_vec_i(f, op, to, from, from, imm);
    else
        x64_put_rri(&f->b, enc_of(op), xmm(to), xmm(from), imm);
}

// ModRM.reg is part of the opcode: VEX.vvvv is written.
void x64_vec_shift(Base *f, X64Op op, Reg to, Reg from, uint8_t count) {
    uint32_t enc = enc_of(op), digit = enc >> ENC_DIGIT & 7;
    if (has_avx(f)) {
        x64_put_vrri(&f->b, x64_vex(enc), digit, xmm(to), xmm(from), count);
        return;
    }
    masm_move(f, to, from);
    x64_put_rri(&f->b, enc, digit, xmm(to), count);
}

Reg x64_vec_result(Base *f, BaseType t, Reg a, Reg b) {
    uint32_t second = b == REG_NONE ? 0 : reg_bit(b);
    if (!has_avx(f)) return result_reg(f, t, a, second);
    if (!reg_is_free(f, a) && b != REG_NONE && reg_is_free(f, b)) a = b;
    return result_reg(f, t, a, 0);
}

// A number in the pool, or where it was spilled; zero is made in a register.
// Vectors have to lie at multiples of 16, unless there is AVX.
Operand x64_vec_operand(Base *f, Entry *e) {
    BaseType t = (BaseType)e->type;
    if (e->where == AT_slot && (t != TY_v128 || has_avx(f)))
        return (Operand){.is_mem = true, .mem = slot_mem(f, e->local)};
    if (e->where == AT_const && e->value != 0 && t != TY_v128) {
        uint32_t size = t == TY_f64 ? 8 : 4;
        CodeLabel label = code_const(&f->b, &e->value, size);
        return (Operand){.is_mem = true, .mem = x64_at_label(label)};
    }
    return (Operand){.reg = entry_reg(f, e)};
}

void x64_vec_apply(Base *f, X64Op op, Reg to, Reg a, const Operand *b) {
    if (b->is_mem)
        x64_vec_m(f, op, to, a, b->mem);
    else
        x64_vec(f, op, to, a, b->reg);
}
