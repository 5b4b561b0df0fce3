// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Division on x86-64: of rdx and rax by the machine's slowest instruction, or,
// by a constant, a multiplication.
#include "baseline/x64/x64.h"

// --- by a constant -----------------------------------------------------------

// to = x - q * d, with q in r11.
static void push_remainder(Base *f, Reg x, uint32_t d) {
    x64_imul(&f->b, W_32, GP_r11, GP_r11, (int32_t)d);
    Reg to = result_reg(f, TY_i32, x, 0);
    masm_move(f, to, x);
    x64_sub_rr(&f->b, W_32, gp(to), GP_r11);
    push_reg(f, TY_i32, to);
}

static void push_quotient(Base *f, Reg x) {
    Reg to = result_reg(f, TY_i32, x, 0);
    x64_mov_rr(&f->b, W_32, gp(to), GP_r11);
    push_reg(f, TY_i32, to);
}

// The exponent of the next power of two.
static uint32_t log2_above(uint32_t d) {
    return 32 - clz32(d - 1);
}

// Multiplication by 2^(32 + l) / d, rounded up, which is 2^32 and something: the
// product's error is too small to reach the next number (Granlund and
// Montgomery 1994, figure 4.1). d is no power of two.
static void unsigned_by(Base *f, uint32_t d, bool is_rem) {
    CodeBuf *b = &f->b;
    uint32_t l = log2_above(d);
    // (2^(32 + l) - 2^32 * d) / d + 1 without what does not fit.
    uint64_t factor = (((((uint64_t)1 << l) - d) << 32) / d) + 1;
    Reg x = pop_reg(f);
    x64_mov(b, GP_r11, factor);
    x64_imul_rr(b, W_64, GP_r11, gp(x));
    x64_shift_ri(b, SHIFT_shr, W_64, GP_r11, 32);
    x64_add_rr(b, W_64, GP_r11, gp(x));
    x64_shift_ri(b, SHIFT_shr, W_64, GP_r11, (uint8_t)l);
    if (is_rem)
        push_remainder(f, x, d);
    else
        push_quotient(f, x);
}

// The same with 2^(31 + l) / |d| (figure 5.2), plus one if the number is
// negative: towards zero. |d| is 2 at least.
static void signed_by(Base *f, int32_t d, bool is_rem) {
    CodeBuf *b = &f->b;
    uint32_t size = d < 0 ? 0 - (uint32_t)d : (uint32_t)d;
    uint32_t l = log2_above(size);
    uint64_t factor = ((uint64_t)1 << (31 + l)) / size + 1;
    Reg x = pop_reg(f), temp = reg_alloc(f, false);
    x64_mov(b, gp(temp), factor);
    x64_movsxd_rr(b, GP_r11, gp(x));
    x64_imul_rr(b, W_64, GP_r11, gp(temp));
    x64_shift_ri(b, SHIFT_sar, W_64, GP_r11, (uint8_t)(31 + l));
    x64_mov_rr(b, W_32, gp(temp), gp(x));
    x64_shift_ri(b, SHIFT_shr, W_32, gp(temp), 31);
    x64_add_rr(b, W_32, GP_r11, gp(temp));
    if (d < 0) x64_neg_r(b, W_32, GP_r11);
    if (is_rem)
        push_remainder(f, x, (uint32_t)d);
    else
        push_quotient(f, x);
}

// --- of 64 bits --------------------------------------------------------------

enum {
    RAX_RDX = 1 << GP_rax | 1 << GP_rdx,
};

// The number, in a register that the product spares; rax and rdx are taken.
static Reg product_operand(Base *f) {
    Reg x = x64_move_away(f, pop_reg(f), RAX_RDX);
    x64_take_locked(f, GP_rax);
    x64_take_locked(f, GP_rdx);
    return x;
}

// The quotient in rdx, or x - q * d.
static void push_from_rdx(Base *f, Reg x, uint64_t d, bool is_rem) {
    CodeBuf *b = &f->b;
    if (!is_rem) {
        push_reg(f, TY_i64, GP_rdx);
        return;
    }
    if ((int64_t)d == (int32_t)d) {
        x64_imul(b, W_64, GP_rax, GP_rdx, (int32_t)d);
    } else {
        x64_mov(b, GP_rax, d);
        x64_imul_rr(b, W_64, GP_rax, GP_rdx);
    }
    x64_neg_r(b, W_64, GP_rax);
    x64_add_rr(b, W_64, GP_rax, gp(x));
    push_reg(f, TY_i64, GP_rax);
}

// With one bit less the factor has 64, if what rounding adds is small enough
// (theorem 4.2 there); else as for 32 bits, the sum halved so that it fits.
static void unsigned_64_by(Base *f, uint64_t d, bool is_rem) {
    CodeBuf *b = &f->b;
    uint32_t l = 64 - (uint32_t)clz64(d - 1);
    uint128 scale = (uint128)1 << (63 + l);
    uint64_t factor = (uint64_t)(scale / d) + 1;
    bool is_short = d - (uint64_t)(scale % d) <= (uint64_t)1 << (l - 1);
    if (!is_short)
        factor = (uint64_t)((((((uint128)1 << l) - d) << 64) / d) + 1);
    Reg x = product_operand(f);
    x64_mov(b, GP_rax, factor);
    x64_mul_r(b, W_64, gp(x));
    if (!is_short) {
        x64_mov_rr(b, W_64, GP_r11, gp(x));
        x64_sub_rr(b, W_64, GP_r11, GP_rdx);
        x64_shift_ri(b, SHIFT_shr, W_64, GP_r11, 1);
        x64_add_rr(b, W_64, GP_rdx, GP_r11);
    }
    x64_shift_ri(b, SHIFT_shr, W_64, GP_rdx, (uint8_t)(l - 1));
    push_from_rdx(f, x, d, is_rem);
}

// The factor is 2^64 too large for the product of signed numbers, which is one
// multiple of the number that is added.
static void signed_64_by(Base *f, int64_t d, bool is_rem) {
    CodeBuf *b = &f->b;
    uint64_t size = d < 0 ? 0 - (uint64_t)d : (uint64_t)d;
    uint32_t l = 64 - (uint32_t)clz64(size - 1);
    uint64_t factor = (uint64_t)(((uint128)1 << (63 + l)) / size) + 1;
    Reg x = product_operand(f);
    x64_mov(b, GP_rax, factor);
    x64_imul_r(b, W_64, gp(x));
    x64_add_rr(b, W_64, GP_rdx, gp(x));
    x64_shift_ri(b, SHIFT_sar, W_64, GP_rdx, (uint8_t)(l - 1));
    x64_mov_rr(b, W_64, GP_r11, gp(x));
    x64_shift_ri(b, SHIFT_shr, W_64, GP_r11, 63);
    x64_add_rr(b, W_64, GP_rdx, GP_r11);
    if (d < 0) x64_neg_r(b, W_64, GP_rdx);
    push_from_rdx(f, x, (uint64_t)d, is_rem);
}

// --- by a power of two -------------------------------------------------------

// Negative numbers are raised by 2^log2 - 1 first: towards zero.
static void signed_by_power(Base *f, BaseType t, uint32_t log2, bool is_rem,
                            bool is_negative) {
    CodeBuf *b = &f->b;
    X64Width w = width_of(t);
    uint32_t bits = t == TY_i64 ? 64 : 32;
    Reg x = pop_reg(f);
    x64_mov_rr(b, w, GP_r11, gp(x));
    if (log2 > 1) x64_shift_ri(b, SHIFT_sar, w, GP_r11, (uint8_t)(bits - 1));
    x64_shift_ri(b, SHIFT_shr, w, GP_r11, (uint8_t)(bits - log2));
    x64_add_rr(b, w, GP_r11, gp(x));
    x64_shift_ri(b, SHIFT_sar, w, GP_r11, (uint8_t)log2);
    if (is_rem) x64_shift_ri(b, SHIFT_shl, w, GP_r11, (uint8_t)log2);
    if (!is_rem && is_negative) x64_neg_r(b, w, GP_r11);
    Reg to = result_reg(f, t, x, 0);
    masm_move(f, to, is_rem ? x : REG_scratch);
    if (is_rem) x64_sub_rr(b, w, gp(to), GP_r11);
    push_reg(f, t, to);
}

static void by_power(Base *f, BaseType t, uint32_t log2, bool is_rem) {
    CodeBuf *b = &f->b;
    X64Width w = width_of(t);
    Reg x = pop_reg(f), to = result_reg(f, t, x, 0);
    masm_move(f, to, x);
    if (!is_rem) {
        x64_shift_ri(b, SHIFT_shr, w, gp(to), (uint8_t)log2);
    } else if (log2 < 32) {
        x64_alu_ri(b, ALU_and, W_32, gp(to),
                   (int32_t)(((uint32_t)1 << log2) - 1));
    } else {
        x64_mov(b, GP_r11, ((uint64_t)1 << log2) - 1);
        x64_and_rr(b, W_64, gp(to), GP_r11);
    }
    push_reg(f, t, to);
}

// Division by a constant where that is not the machine's instruction.
static bool by_constant(Base *f, BaseType t, bool is_signed, bool is_rem) {
    const Entry *e = &f->stack[f->height - 1];
    if (e->where != AT_const || e->value == 0) return false;
    uint64_t d = e->value;
    if (!is_signed && (d & (d - 1)) == 0) {
        pop_entry(f);
        by_power(f, t, (uint32_t)ctz64(d), is_rem);
        return true;
    }
    int64_t n = t == TY_i64 ? (int64_t)d : (int32_t)d;
    if (!is_signed) {
        pop_entry(f);
        if (t == TY_i64)
            unsigned_64_by(f, d, is_rem);
        else
            unsigned_by(f, (uint32_t)d, is_rem);
        return true;
    }
    if (n == 1 || n == -1) return false;
    pop_entry(f);
    uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    if ((size & (size - 1)) == 0)
        signed_by_power(f, t, (uint32_t)ctz64(size), is_rem, n < 0);
    else if (t == TY_i64)
        signed_64_by(f, n, is_rem);
    else
        signed_by(f, (int32_t)n, is_rem);
    return true;
}

// --- by anything -------------------------------------------------------------

static void divide(Base *f, X64Width w, bool is_signed, Reg b) {
    if (is_signed) {
        if (w == W_64)
            x64_cqo(&f->b);
        else
            x64_cdq(&f->b);
        x64_idiv_r(&f->b, w, gp(b));
    } else {
        x64_alu_rr(&f->b, ALU_xor, W_32, GP_rdx, GP_rdx);
        x64_div_r(&f->b, w, gp(b));
    }
}

// The largest negative number by -1: a trap, or a remainder of 0.
static void divide_signed(Base *f, X64Width w, Reg b, bool is_rem) {
    CodeBuf *c = &f->b;
    CodeLabel usual = code_label(c), done = code_label(c);
    x64_alu_ri(c, ALU_cmp, w, gp(b), -1);
    x64_jcc(c, CC_ne, usual);
    if (is_rem) {
        x64_alu_rr(c, ALU_xor, W_32, GP_rdx, GP_rdx);
        x64_jmp(c, done);
    } else {
        x64_neg_r(c, w, GP_rax);
        x64_jcc(c, CC_o, trap_label(f, TRAP_int_overflow));
        x64_jmp(c, done);
    }
    code_bind(c, usual);
    divide(f, w, true, b);
    code_bind(c, done);
}

void emit_div(Base *f, BaseType t, DivOp op) {
    X64Width w = width_of(t);
    bool is_signed = op == DIV_div_s || op == DIV_rem_s;
    bool is_rem = op == DIV_rem_s || op == DIV_rem_u;
    if (by_constant(f, t, is_signed, is_rem)) return;
    const Entry *divisor = &f->stack[f->height - 1];
    // Neither zero nor -1.
    bool is_harmless = divisor->where == AT_const && divisor->value + 1 > 1 &&
                       (t == TY_i64 || (uint32_t)divisor->value != UINT32_MAX);
    Reg b = pop_reg(f), a = pop_reg(f);
    b = x64_move_away(f, b, RAX_RDX);
    x64_take_locked(f, GP_rax);
    masm_move(f, GP_rax, a);
    x64_take_locked(f, GP_rdx);
    if (!is_harmless) {
        x64_test_rr(&f->b, w, gp(b), gp(b));
        x64_jcc(&f->b, CC_e, trap_label(f, TRAP_div_by_zero));
    }
    if (is_signed && !is_harmless)
        divide_signed(f, w, b, is_rem);
    else
        divide(f, w, is_signed, b);
    push_reg(f, t, is_rem ? GP_rdx : GP_rax);
}
