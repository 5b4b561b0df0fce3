// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Floats on x86-64, with SSE4.1 or what newer processors have for it.
#include "baseline/x64/x64.h"

// --- constants ---------------------------------------------------------------

// Four bytes or eight.
static X64Mem number(Base *f, BaseType t, double value) {
    if (t == TY_f64) {
        uint64_t bits = f64_bits(value);
        return x64_at_label(code_const(&f->b, &bits, 8));
    }
    uint32_t bits = f32_bits((float)value);
    return x64_at_label(code_const(&f->b, &bits, 4));
}

// The sign in each lane, or all but it.
static X64Mem sign_mask(Base *f, BaseType t, bool inverted) {
    uint64_t lanes = t == TY_f64 ? 0x8000000000000000u : 0x8000000080000000u;
    uint64_t both[2] = {inverted ? ~lanes : lanes, inverted ? ~lanes : lanes};
    return x64_at_label(code_const(&f->b, both, 16));
}

// --- what there is for both widths -------------------------------------------

static void compare(Base *f, BaseType t, Reg a, Reg b) {
    if (t == TY_f64)
        x64_ucomisd_rr(&f->b, xmm(a), xmm(b));
    else
        x64_ucomiss_rr(&f->b, xmm(a), xmm(b));
}

static void compare_mem(Base *f, BaseType t, Reg a, X64Mem b) {
    if (t == TY_f64)
        x64_ucomisd_rm(&f->b, xmm(a), b);
    else
        x64_ucomiss_rm(&f->b, xmm(a), b);
}

X64Op x64_float_row(BaseType t, FloatOp op) {
    static const uint16_t rows[2][4] = {
        {
            [FLOAT_add] = X64_addss_rr,
            [FLOAT_sub] = X64_subss_rr,
            [FLOAT_mul] = X64_mulss_rr,
            [FLOAT_div] = X64_divss_rr,
        },
        {
            [FLOAT_add] = X64_addsd_rr,
            [FLOAT_sub] = X64_subsd_rr,
            [FLOAT_mul] = X64_mulsd_rr,
            [FLOAT_div] = X64_divsd_rr,
        },
    };
    return (X64Op)rows[t == TY_f64][op];
}

void x64_canonical(Base *f, BaseType t, Reg r) {
    if (!f->options->is_deterministic) return;
    CodeLabel number_label = code_label(&f->b);
    compare(f, t, r, r);
    x64_jcc(&f->b, CC_np, number_label);
    masm_const(f, t, r, t == TY_f64 ? 0x7ff8000000000000u : 0x7fc00000u);
    code_bind(&f->b, number_label);
}

static void push_nan(Base *f, BaseType t, Reg r) {
    x64_canonical(f, t, r);
    push_reg(f, t, r);
}

// --- operations --------------------------------------------------------------

// Both operands, the first in a register to be overwritten.
static Reg pop_two(Base *f, BaseType t, Reg *b) {
    *b = pop_reg(f);
    Reg a = pop_reg(f);
    Reg to = result_reg(f, t, a, reg_bit(*b));
    masm_move(f, to, a);
    return to;
}

void emit_float(Base *f, BaseType t, FloatOp op) {
    Entry e = pop_entry(f);
    Operand b = x64_vec_operand(f, &e);
    Reg a = pop_reg(f);
    Reg to = x64_vec_result(f, t, a, b.is_mem ? REG_NONE : b.reg);
    x64_vec_apply(f, x64_float_row(t, op), to, a, &b);
    push_nan(f, t, to);
}

// a < b is b > a: only "above" is false for what is unordered.
void emit_float_compare(Base *f, BaseType t, CompareOp op) {
    bool swapped = op == CMP_lt_s || op == CMP_le_s;
    Entry e = pop_entry(f);
    Operand b =
        swapped ? (Operand){.reg = entry_reg(f, &e)} : x64_vec_operand(f, &e);
    Reg a = pop_reg(f);
    if (b.is_mem)
        compare_mem(f, t, a, b.mem);
    else
        compare(f, t, swapped ? b.reg : a, swapped ? a : b.reg);
    if (op == CMP_eq || op == CMP_ne)
        push_cond(f, op == CMP_eq ? COND_float_eq : COND_float_ne);
    else
        push_cond(f, op == CMP_lt_s || op == CMP_gt_s ? CC_a : CC_ae);
}

// Equal ones may be zeros of different signs; a sum of what is unordered is the
// NaN that is wanted.
void emit_min(Base *f, BaseType t, bool is_max) {
    CodeBuf *c = &f->b;
    Reg b, to = pop_two(f, t, &b);
    CodeLabel nan = code_label(c), differ = code_label(c), done = code_label(c);
    compare(f, t, to, b);
    x64_jcc(c, CC_p, nan);
    x64_jcc(c, CC_ne, differ);
    if (is_max)
        x64_andps_rr(c, xmm(to), xmm(b));
    else
        x64_orps_rr(c, xmm(to), xmm(b));
    x64_jmp(c, done);
    code_bind(c, nan);
    x64_vec(f, x64_float_row(t, FLOAT_add), to, to, b);
    x64_jmp(c, done);
    code_bind(c, differ);
    if (t == TY_f64 && is_max)
        x64_maxsd_rr(c, xmm(to), xmm(b));
    else if (t == TY_f64)
        x64_minsd_rr(c, xmm(to), xmm(b));
    else if (is_max)
        x64_maxss_rr(c, xmm(to), xmm(b));
    else
        x64_minss_rr(c, xmm(to), xmm(b));
    code_bind(c, done);
    push_nan(f, t, to);
}

void emit_sqrt(Base *f, BaseType t) {
    Reg from = pop_reg(f), to = result_reg(f, t, from, 0);
    x64_vec_lane(f, t == TY_f64 ? X64_sqrtsd_rr : X64_sqrtss_rr, to, from);
    push_nan(f, t, to);
}

void emit_round(Base *f, BaseType t, RoundOp op) {
    enum {
        QUIET = 8, // no inexact exception
    };
    Reg from = pop_reg(f), to = result_reg(f, t, from, 0);
    x64_vec_lane_i(f, t == TY_f64 ? X64_roundsd_rr : X64_roundss_rr, to, from,
                   (uint8_t)(QUIET | op));
    push_nan(f, t, to);
}

void emit_abs(Base *f, BaseType t) {
    Reg from = pop_reg(f), to = result_reg(f, t, from, 0);
    x64_vec_m(f, X64_andps_rr, to, from, sign_mask(f, t, true));
    push_reg(f, t, to);
}

void emit_neg(Base *f, BaseType t) {
    Reg from = pop_reg(f), to = result_reg(f, t, from, 0);
    x64_vec_m(f, X64_xorps_rr, to, from, sign_mask(f, t, false));
    push_reg(f, t, to);
}

void emit_copysign(Base *f, BaseType t) {
    Reg b = pop_reg(f), a = pop_reg(f), to = x64_vec_result(f, t, a, b);
    x64_vec_m(f, X64_andps_rr, REG_float_scratch, b, sign_mask(f, t, false));
    x64_vec_m(f, X64_andps_rr, to, a, sign_mask(f, t, true));
    x64_orps_rr(&f->b, xmm(to), XMM_15);
    push_reg(f, t, to);
}

// --- between types -----------------------------------------------------------

void emit_demote(Base *f) {
    Reg from = pop_reg(f), to = result_reg(f, TY_f32, from, 0);
    x64_vec_lane(f, X64_cvtsd2ss_rr, to, from);
    push_nan(f, TY_f32, to);
}

void emit_promote(Base *f) {
    Reg from = pop_reg(f), to = result_reg(f, TY_f64, from, 0);
    x64_vec_lane(f, X64_cvtss2sd_rr, to, from);
    push_nan(f, TY_f64, to);
}

void emit_reinterpret(Base *f, BaseType t) {
    Reg from = pop_reg(f), to = result_reg(f, t, REG_NONE, 0);
    switch (t) {
    case TY_i32:
        x64_movd_rx(&f->b, gp(to), xmm(from));
        break;
    case TY_i64:
        x64_movq_rx(&f->b, gp(to), xmm(from));
        break;
    case TY_f32:
        x64_movd_xr(&f->b, xmm(to), gp(from));
        break;
    case TY_f64:
        x64_movq_xr(&f->b, xmm(to), gp(from));
        break;
    case TY_v128:
    case TY_ref:
    case TY_func:
        UNREACHABLE();
    }
    push_reg(f, t, to);
}

static void from_int(Base *f, BaseType t, X64Width w, Reg to, X64Gp from) {
    if (t == TY_f64)
        x64_cvtsi2sd_rr(&f->b, w, xmm(to), from);
    else
        x64_cvtsi2ss_rr(&f->b, w, xmm(to), from);
}

// With the top bit set: half of it, without losing that anything was below. What
// making room for `low` moves must have moved whichever way is taken.
static void from_u64(Base *f, BaseType t, Reg to, X64Gp from) {
    CodeBuf *b = &f->b;
    CodeLabel large = code_label(b), done = code_label(b);
    Reg low = reg_alloc(f, false);
    x64_test_rr(b, W_64, from, from);
    x64_jcc(b, CC_s, large);
    from_int(f, t, W_64, to, from);
    x64_jmp(b, done);
    code_bind(b, large);
    x64_mov_rr(b, W_64, GP_r11, from);
    x64_mov_rr(b, W_32, gp(low), from);
    x64_shift_ri(b, SHIFT_shr, W_64, GP_r11, 1);
    x64_alu_ri(b, ALU_and, W_32, gp(low), 1);
    x64_or_rr(b, W_64, GP_r11, gp(low));
    from_int(f, t, W_64, to, GP_r11);
    x64_vec(f, x64_float_row(t, FLOAT_add), to, to, to);
    code_bind(b, done);
}

void emit_convert(Base *f, BaseType t, BaseType from_type, bool is_signed) {
    Reg from = pop_reg(f), to = result_reg(f, t, REG_NONE, 0);
    bool is_u64 = !is_signed && from_type == TY_i64;
    x64_xorps_rr(&f->b, xmm(to), xmm(to)); // the rest depends on nothing
    if (is_u64)
        from_u64(f, t, to, gp(from));
    else
        from_int(f, t, is_signed && from_type == TY_i32 ? W_32 : W_64, to,
                 gp(from));
    push_reg(f, t, to);
}

// --- to integers -------------------------------------------------------------

static void to_int(Base *f, BaseType t, X64Gp to, Reg from) {
    if (t == TY_f64)
        x64_cvttsd2si_rr(&f->b, W_64, to, xmm(from));
    else
        x64_cvttss2si_rr(&f->b, W_64, to, xmm(from));
}

// It does not fit, and may be a NaN.
static void trap_bad(Base *f, BaseType t, Reg x) {
    compare(f, t, x, x);
    x64_jcc(&f->b, CC_p, trap_label(f, TRAP_bad_conversion));
    x64_jmp(&f->b, trap_label(f, TRAP_int_overflow));
}

// 32 bits: with 64 there is room to see what does not fit.
static void trunc_32(Base *f, BaseType t, X64Gp to, Reg x, bool is_signed,
                     bool saturates) {
    CodeBuf *b = &f->b;
    CodeLabel fits = code_label(b), done = code_label(b);
    to_int(f, t, to, x);
    if (is_signed)
        x64_movsxd_rr(b, GP_r11, to);
    else
        x64_mov_rr(b, W_32, GP_r11, to);
    x64_cmp_rr(b, W_64, GP_r11, to);
    x64_jcc(b, CC_e, fits);
    if (!saturates) {
        trap_bad(f, t, x);
    } else {
        x64_mov(b, to, 0);
        x64_xorps_rr(b, XMM_15, XMM_15);
        compare(f, t, x, REG_float_scratch);
        x64_jcc(b, CC_p, done);
        x64_mov(b, to, is_signed ? 0x80000000u : 0);
        x64_jcc(b, CC_b, done);
        x64_mov(b, to, is_signed ? 0x7fffffffu : 0xffffffffu);
        x64_jmp(b, done);
    }
    code_bind(b, fits);
    if (is_signed) x64_mov_rr(b, W_32, to, to);
    code_bind(b, done);
}

static void trunc_i64(Base *f, BaseType t, X64Gp to, Reg x, bool saturates) {
    CodeBuf *b = &f->b;
    CodeLabel done = code_label(b);
    to_int(f, t, to, x);
    x64_alu_ri(b, ALU_cmp, W_64, to, 1);
    x64_jcc(b, CC_no, done);
    if (saturates) {
        x64_xorps_rr(b, XMM_15, XMM_15);
        compare(f, t, x, REG_float_scratch);
        x64_mov(b, GP_r11, 0);
        x64_cmovcc_rr(b, W_64, CC_p, to, GP_r11);
        x64_mov(b, GP_r11, INT64_MAX);
        x64_cmovcc_rr(b, W_64, CC_a, to, GP_r11);
    } else {
        compare(f, t, x, x);
        x64_jcc(b, CC_p, trap_label(f, TRAP_bad_conversion));
        compare_mem(f, t, x, number(f, t, -0x1p63));
        x64_jcc(b, CC_ne, trap_label(f, TRAP_int_overflow));
    }
    code_bind(b, done);
}

// From 2^63 on: what is above it, and the top bit.
static void trunc_u64(Base *f, BaseType t, X64Gp to, Reg x, bool saturates) {
    CodeBuf *b = &f->b;
    CodeLabel large = code_label(b), done = code_label(b);
    X64Mem limit = number(f, t, 0x1p63);
    compare_mem(f, t, x, limit);
    x64_jcc(b, CC_ae, large);
    to_int(f, t, to, x);
    x64_test_rr(b, W_64, to, to);
    x64_jcc(b, CC_ns, done);
    if (saturates) {
        x64_mov(b, to, 0);
        x64_jmp(b, done);
    } else {
        trap_bad(f, t, x);
    }
    code_bind(b, large);
    x64_vec_m(f, x64_float_row(t, FLOAT_sub), REG_float_scratch, x, limit);
    to_int(f, t, to, REG_float_scratch);
    x64_mov(b, GP_r11, (uint64_t)1 << 63);
    if (saturates) {
        x64_xor_rr(b, W_64, to, GP_r11);
        x64_jcc(b, CC_s, done);
        x64_mov(b, to, UINT64_MAX);
    } else {
        x64_xor_rr(b, W_64, to, GP_r11);
        x64_jcc(b, CC_ns, trap_label(f, TRAP_int_overflow));
    }
    code_bind(b, done);
}

void emit_trunc(Base *f, BaseType to_type, BaseType from_type, bool is_signed,
                bool saturates) {
    Reg x = pop_reg(f), to = reg_alloc(f, false);
    if (to_type == TY_i32)
        trunc_32(f, from_type, gp(to), x, is_signed, saturates);
    else if (is_signed)
        trunc_i64(f, from_type, gp(to), x, saturates);
    else
        trunc_u64(f, from_type, gp(to), x, saturates);
    push_reg(f, to_type, to);
}
