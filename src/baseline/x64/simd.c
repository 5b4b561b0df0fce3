// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Vectors on x86-64, with SSE4.1: tables of what is one instruction, and short
// sequences for the rest. What is in neither is left to the runtime.
#include "baseline/x64/x64.h"

typedef X64VecOp VecOp;

// --- tables ------------------------------------------------------------------

// clang-format off
static VecOp *const binary[OP_count] = {
    [OP_i8x16_add] = x64_paddb_rr,        [OP_i8x16_sub] = x64_psubb_rr,
    [OP_i8x16_add_sat_s] = x64_paddsb_rr, [OP_i8x16_add_sat_u] = x64_paddusb_rr,
    [OP_i8x16_sub_sat_s] = x64_psubsb_rr, [OP_i8x16_sub_sat_u] = x64_psubusb_rr,
    [OP_i8x16_min_s] = x64_pminsb_rr,     [OP_i8x16_min_u] = x64_pminub_rr,
    [OP_i8x16_max_s] = x64_pmaxsb_rr,     [OP_i8x16_max_u] = x64_pmaxub_rr,
    [OP_i8x16_avgr_u] = x64_pavgb_rr,
    [OP_i8x16_eq] = x64_pcmpeqb_rr,       [OP_i8x16_gt_s] = x64_pcmpgtb_rr,
    [OP_i8x16_narrow_i16x8_s] = x64_packsswb_rr,
    [OP_i8x16_narrow_i16x8_u] = x64_packuswb_rr,
    [OP_i16x8_add] = x64_paddw_rr,        [OP_i16x8_sub] = x64_psubw_rr,
    [OP_i16x8_add_sat_s] = x64_paddsw_rr, [OP_i16x8_add_sat_u] = x64_paddusw_rr,
    [OP_i16x8_sub_sat_s] = x64_psubsw_rr, [OP_i16x8_sub_sat_u] = x64_psubusw_rr,
    [OP_i16x8_mul] = x64_pmullw_rr,       [OP_i16x8_avgr_u] = x64_pavgw_rr,
    [OP_i16x8_min_s] = x64_pminsw_rr,     [OP_i16x8_min_u] = x64_pminuw_rr,
    [OP_i16x8_max_s] = x64_pmaxsw_rr,     [OP_i16x8_max_u] = x64_pmaxuw_rr,
    [OP_i16x8_eq] = x64_pcmpeqw_rr,       [OP_i16x8_gt_s] = x64_pcmpgtw_rr,
    [OP_i16x8_narrow_i32x4_s] = x64_packssdw_rr,
    [OP_i16x8_narrow_i32x4_u] = x64_packusdw_rr,
    [OP_i32x4_add] = x64_paddd_rr,        [OP_i32x4_sub] = x64_psubd_rr,
    [OP_i32x4_mul] = x64_pmulld_rr,
    [OP_i32x4_min_s] = x64_pminsd_rr,     [OP_i32x4_min_u] = x64_pminud_rr,
    [OP_i32x4_max_s] = x64_pmaxsd_rr,     [OP_i32x4_max_u] = x64_pmaxud_rr,
    [OP_i32x4_eq] = x64_pcmpeqd_rr,       [OP_i32x4_gt_s] = x64_pcmpgtd_rr,
    [OP_i32x4_dot_i16x8_s] = x64_pmaddwd_rr,
    [OP_i64x2_add] = x64_paddq_rr,        [OP_i64x2_sub] = x64_psubq_rr,
    [OP_i64x2_eq] = x64_pcmpeqq_rr,
    [OP_v128_and] = x64_pand_rr,          [OP_v128_or] = x64_por_rr,
    [OP_v128_xor] = x64_pxor_rr,
    [OP_f32x4_add] = x64_addps_rr,        [OP_f32x4_sub] = x64_subps_rr,
    [OP_f32x4_mul] = x64_mulps_rr,        [OP_f32x4_div] = x64_divps_rr,
    [OP_f64x2_add] = x64_addpd_rr,        [OP_f64x2_sub] = x64_subpd_rr,
    [OP_f64x2_mul] = x64_mulpd_rr,        [OP_f64x2_div] = x64_divpd_rr,
};

// With the operands exchanged.
static VecOp *const reversed[OP_count] = {
    [OP_i8x16_lt_s] = x64_pcmpgtb_rr, [OP_i16x8_lt_s] = x64_pcmpgtw_rr,
    [OP_i32x4_lt_s] = x64_pcmpgtd_rr, [OP_v128_andnot] = x64_pandn_rr,
    [OP_f32x4_pmin] = x64_minps_rr,   [OP_f32x4_pmax] = x64_maxps_rr,
    [OP_f64x2_pmin] = x64_minpd_rr,   [OP_f64x2_pmax] = x64_maxpd_rr,
};

// Whose result is the complement of what is wanted.
static VecOp *const inverted[OP_count] = {
    [OP_i8x16_ne] = x64_pcmpeqb_rr, [OP_i8x16_le_s] = x64_pcmpgtb_rr,
    [OP_i16x8_ne] = x64_pcmpeqw_rr, [OP_i16x8_le_s] = x64_pcmpgtw_rr,
    [OP_i32x4_ne] = x64_pcmpeqd_rr, [OP_i32x4_le_s] = x64_pcmpgtd_rr,
    [OP_i64x2_ne] = x64_pcmpeqq_rr,
};
static VecOp *const reversed_inverted[OP_count] = {
    [OP_i8x16_ge_s] = x64_pcmpgtb_rr, [OP_i16x8_ge_s] = x64_pcmpgtw_rr,
    [OP_i32x4_ge_s] = x64_pcmpgtd_rr,
};

static VecOp *const unary[OP_count] = {
    [OP_i8x16_abs] = x64_pabsb_rr,  [OP_i16x8_abs] = x64_pabsw_rr,
    [OP_i32x4_abs] = x64_pabsd_rr,
    [OP_f32x4_sqrt] = x64_sqrtps_rr, [OP_f64x2_sqrt] = x64_sqrtpd_rr,
    [OP_f32x4_convert_i32x4_s] = x64_cvtdq2ps_rr,
    [OP_f64x2_convert_low_i32x4_s] = x64_cvtdq2pd_rr,
    [OP_f64x2_promote_low_f32x4] = x64_cvtps2pd_rr,
    [OP_f32x4_demote_f64x2_zero] = x64_cvtpd2ps_rr,
    [OP_i16x8_extend_low_i8x16_s] = x64_pmovsxbw_rr,
    [OP_i16x8_extend_low_i8x16_u] = x64_pmovzxbw_rr,
    [OP_i32x4_extend_low_i16x8_s] = x64_pmovsxwd_rr,
    [OP_i32x4_extend_low_i16x8_u] = x64_pmovzxwd_rr,
    [OP_i64x2_extend_low_i32x4_s] = x64_pmovsxdq_rr,
    [OP_i64x2_extend_low_i32x4_u] = x64_pmovzxdq_rr,
};

// Of the upper half.
static VecOp *const high[OP_count] = {
    [OP_i16x8_extend_high_i8x16_s] = x64_pmovsxbw_rr,
    [OP_i16x8_extend_high_i8x16_u] = x64_pmovzxbw_rr,
    [OP_i32x4_extend_high_i16x8_s] = x64_pmovsxwd_rr,
    [OP_i32x4_extend_high_i16x8_u] = x64_pmovzxwd_rr,
    [OP_i64x2_extend_high_i32x4_s] = x64_pmovsxdq_rr,
    [OP_i64x2_extend_high_i32x4_u] = x64_pmovzxdq_rr,
};

// 0 - x.
static VecOp *const negate[OP_count] = {
    [OP_i8x16_neg] = x64_psubb_rr, [OP_i16x8_neg] = x64_psubw_rr,
    [OP_i32x4_neg] = x64_psubd_rr, [OP_i64x2_neg] = x64_psubq_rr,
};

// Whose NaNs deterministic execution makes canonical: the runtime does.
static const bool has_nan[OP_count] = {
#define VEC1_NAN(op, R, T, value)        [OP_##op] = true,
#define VEC2_NAN(op, R, T, value)        [OP_##op] = true,
#define VEC3_NAN(op, R, T, value)        [OP_##op] = true,
#define ZERO1_NAN(op, R, T, value)       [OP_##op] = true,
#define HALF1_NAN(op, R, T, from, value) [OP_##op] = true,
#include "wasm/num.def"
};
// clang-format on

// --- shapes ------------------------------------------------------------------

static void push_vector(Base *f, Reg r) {
    push_reg(f, TY_v128, r);
}

static X64Mem bytes_of(Base *f, const uint8_t bytes[16]) {
    return x64_at_label(code_const(&f->b, bytes, 16));
}

static void complement(Base *f, Reg r) {
    x64_pcmpeqd_rr(&f->b, XMM_15, XMM_15);
    x64_pxor_rr(&f->b, xmm(r), XMM_15);
}

// `to` = first op second.
static Reg apply(Base *f, VecOp *op, Reg first, Reg second) {
    Reg to = result_reg(f, TY_v128, first, reg_bit(second));
    masm_move(f, to, first);
    op(&f->b, xmm(to), xmm(second));
    return to;
}

static bool vec_binary(Base *f) {
    Op op = f->in.op;
    if (binary[op] || inverted[op]) {
        Reg b = pop_reg(f), a = pop_reg(f);
        Reg to = apply(f, binary[op] ? binary[op] : inverted[op], a, b);
        if (inverted[op]) complement(f, to);
        push_vector(f, to);
        return true;
    }
    if (reversed[op] || reversed_inverted[op]) {
        Reg b = pop_reg(f), a = pop_reg(f);
        Reg to =
            apply(f, reversed[op] ? reversed[op] : reversed_inverted[op], b, a);
        if (reversed_inverted[op]) complement(f, to);
        push_vector(f, to);
        return true;
    }
    return false;
}

static bool vec_unary(Base *f) {
    Op op = f->in.op;
    if (unary[op]) {
        Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
        unary[op](&f->b, xmm(to), xmm(from));
        push_vector(f, to);
        return true;
    }
    if (high[op]) {
        Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
        x64_pshufd_rr(&f->b, xmm(to), xmm(from), 0xee);
        high[op](&f->b, xmm(to), xmm(to));
        push_vector(f, to);
        return true;
    }
    if (negate[op]) {
        Reg from = pop_reg(f), to = reg_alloc(f, true);
        x64_pxor_rr(&f->b, xmm(to), xmm(to));
        negate[op](&f->b, xmm(to), xmm(from));
        push_vector(f, to);
        return true;
    }
    return false;
}

Reg x64_pop_result(Base *f) {
    Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
    masm_move(f, to, from);
    return to;
}

// --- sequences ---------------------------------------------------------------

// a >= b is max(a, b) == a, for what the machine cannot compare.
static void at_least(Base *f, VecOp *extreme, VecOp *equal, bool inverts) {
    Reg b = pop_reg(f), a = pop_reg(f), to = reg_alloc(f, true);
    masm_move(f, to, a);
    extreme(&f->b, xmm(to), xmm(b));
    equal(&f->b, xmm(to), xmm(a));
    if (inverts) complement(f, to);
    push_vector(f, to);
}

static void float_lanes(Base *f, bool is_f64, uint8_t predicate, bool swaps) {
    Reg b = pop_reg(f), a = pop_reg(f);
    Reg first = swaps ? b : a, second = swaps ? a : b;
    Reg to = result_reg(f, TY_v128, first, reg_bit(second));
    masm_move(f, to, first);
    if (is_f64)
        x64_cmppd_rr(&f->b, xmm(to), xmm(second), predicate);
    else
        x64_cmpps_rr(&f->b, xmm(to), xmm(second), predicate);
    push_vector(f, to);
}

static void float_round(Base *f, bool is_f64, RoundOp op) {
    Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
    uint8_t how = (uint8_t)(8 | op);
    if (is_f64)
        x64_roundpd_rr(&f->b, xmm(to), xmm(from), how);
    else
        x64_roundps_rr(&f->b, xmm(to), xmm(from), how);
    push_vector(f, to);
}

static void float_sign(Base *f, bool is_f64, bool is_abs) {
    uint64_t sign = is_f64 ? 0x8000000000000000 : 0x8000000080000000;
    uint64_t lanes[2] = {is_abs ? ~sign : sign, is_abs ? ~sign : sign};
    Reg to = pop_own(f);
    X64Mem mask = x64_at_label(code_const(&f->b, lanes, 16));
    if (is_abs)
        x64_andps_rm(&f->b, xmm(to), mask);
    else
        x64_xorps_rm(&f->b, xmm(to), mask);
    push_vector(f, to);
}

static void splat(Base *f, uint32_t size) {
    CodeBuf *b = &f->b;
    Reg from = pop_reg(f), to = reg_alloc(f, true);
    if (size == 3)
        x64_movq_xr(b, xmm(to), gp(from));
    else
        x64_movd_xr(b, xmm(to), gp(from));
    if (size == 0) {
        x64_pxor_rr(b, XMM_15, XMM_15);
        x64_pshufb_rr(b, xmm(to), XMM_15);
    } else if (size == 1) {
        x64_pshuflw_rr(b, xmm(to), xmm(to), 0);
    }
    if (size == 2)
        x64_pshufd_rr(b, xmm(to), xmm(to), 0);
    else if (size != 0)
        x64_punpcklqdq_rr(b, xmm(to), xmm(to));
    push_vector(f, to);
}

static void float_splat(Base *f, bool is_f64) {
    Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
    x64_pshufd_rr(&f->b, xmm(to), xmm(from), is_f64 ? 0x44 : 0);
    push_vector(f, to);
}

static void extract(Base *f, uint32_t size, bool is_signed) {
    CodeBuf *b = &f->b;
    uint8_t lane = (uint8_t)f->in.imm.index;
    Reg from = pop_reg(f), to = reg_alloc(f, false);
    if (size == 0) {
        x64_pextrb_rr(b, gp(to), xmm(from), lane);
        if (is_signed) x64_movsx8_rr(b, W_32, gp(to), gp(to));
    } else if (size == 1) {
        x64_pextrw_rr(b, gp(to), xmm(from), lane);
        if (is_signed) x64_movsx16_rr(b, W_32, gp(to), gp(to));
    } else if (size == 2) {
        x64_pextrd_rr(b, gp(to), xmm(from), lane);
    } else {
        x64_pextrq_rr(b, gp(to), xmm(from), lane);
    }
    push_reg(f, size == 3 ? TY_i64 : TY_i32, to);
}

static void float_extract(Base *f, bool is_f64) {
    uint32_t lane = f->in.imm.index;
    Reg from = pop_reg(f), to = reg_alloc(f, true);
    x64_pshufd_rr(&f->b, xmm(to), xmm(from),
                  (uint8_t)(is_f64 ? (lane ? 0xee : 0x44) : lane));
    push_reg(f, is_f64 ? TY_f64 : TY_f32, to);
}

static void replace(Base *f, uint32_t size) {
    CodeBuf *b = &f->b;
    uint8_t lane = (uint8_t)f->in.imm.index;
    Reg from = pop_reg(f), to = pop_own(f);
    if (size == 0)
        x64_pinsrb_rr(b, xmm(to), gp(from), lane);
    else if (size == 1)
        x64_pinsrw_rr(b, xmm(to), gp(from), lane);
    else if (size == 2)
        x64_pinsrd_rr(b, xmm(to), gp(from), lane);
    else
        x64_pinsrq_rr(b, xmm(to), gp(from), lane);
    push_vector(f, to);
}

static void float_replace(Base *f, bool is_f64) {
    CodeBuf *b = &f->b;
    uint32_t lane = f->in.imm.index;
    Reg from = pop_reg(f), to = pop_own(f);
    if (!is_f64)
        x64_insertps_rr(b, xmm(to), xmm(from), (uint8_t)(lane << 4));
    else if (lane)
        x64_movlhps(b, xmm(to), xmm(from));
    else
        x64_movsd_rr(b, xmm(to), xmm(from));
    push_vector(f, to);
}

static void bitselect(Base *f) {
    CodeBuf *b = &f->b;
    Reg mask = pop_reg(f), other = pop_reg(f), to = pop_own(f);
    masm_move(f, REG_float_scratch, mask);
    if (to == mask || to == other) {
        Reg copy = reg_alloc(f, true);
        masm_move(f, copy, to);
        to = copy;
    }
    x64_pand_rr(b, xmm(to), xmm(mask));
    x64_pandn_rr(b, XMM_15, xmm(other));
    x64_por_rr(b, xmm(to), XMM_15);
    push_vector(f, to);
}

static void any_true(Base *f) {
    Reg r = pop_reg(f);
    x64_ptest_rr(&f->b, xmm(r), xmm(r));
    push_cond(f, CC_ne);
}

// No lane is equal to zero.
static void all_true(Base *f, VecOp *equal) {
    Reg r = pop_reg(f);
    x64_pxor_rr(&f->b, XMM_15, XMM_15);
    equal(&f->b, XMM_15, xmm(r));
    x64_ptest_rr(&f->b, XMM_15, XMM_15);
    push_cond(f, CC_e);
}

static void bitmask(Base *f, uint32_t size) {
    Reg r = pop_reg(f), to = reg_alloc(f, false);
    if (size == 0) {
        x64_pmovmskb(&f->b, gp(to), xmm(r));
    } else if (size == 1) {
        x64_pxor_rr(&f->b, XMM_15, XMM_15);
        Reg narrow = reg_alloc(f, true);
        masm_move(f, narrow, r);
        x64_packsswb_rr(&f->b, xmm(narrow), XMM_15);
        x64_pmovmskb(&f->b, gp(to), xmm(narrow));
    } else if (size == 2) {
        x64_movmskps(&f->b, gp(to), xmm(r));
    } else {
        x64_movmskpd(&f->b, gp(to), xmm(r));
    }
    push_reg(f, TY_i32, to);
}

// Indices beyond 15 get their top bit, which makes a zero.
static void swizzle(Base *f) {
    uint8_t bytes[16];
    for (int i = 0; i < 16; i++)
        bytes[i] = 0x70;
    Reg b = pop_reg(f), to = pop_own(f);
    masm_move(f, REG_float_scratch, b);
    x64_paddusb_rm(&f->b, XMM_15, bytes_of(f, bytes));
    x64_pshufb_rr(&f->b, xmm(to), XMM_15);
    push_vector(f, to);
}

// Both ways round: where one is a NaN, either result has it. Maxima of zeros
// differ in the sign, which is then taken away; of minima it is kept. A NaN
// keeps its sign and the quiet bit.
static void float_min(Base *f, bool is_f64, bool is_max) {
    CodeBuf *c = &f->b;
    enum {
        UNORDERED = 3,
    };
    VecOp *op = is_f64 ? (is_max ? x64_maxpd_rr : x64_minpd_rr)
                       : (is_max ? x64_maxps_rr : x64_minps_rr);
    Reg b = pop_reg(f), a = pop_reg(f), r = reg_alloc(f, true);
    X64Xmm to = xmm(r);
    masm_move(f, REG_float_scratch, b);
    op(c, XMM_15, xmm(a));
    masm_move(f, r, a);
    op(c, to, xmm(b));
    if (is_max) {
        x64_xorps_rr(c, XMM_15, to);
        x64_orps_rr(c, to, XMM_15);
        if (is_f64)
            x64_subpd_rr(c, to, XMM_15);
        else
            x64_subps_rr(c, to, XMM_15);
    } else {
        x64_orps_rr(c, to, XMM_15);
    }
    masm_move(f, REG_float_scratch, r);
    if (is_f64) {
        x64_cmppd_rr(c, XMM_15, XMM_15, UNORDERED);
        x64_orps_rr(c, to, XMM_15);
        x64_psrlq_ri(c, XMM_15, 13);
    } else {
        x64_cmpps_rr(c, XMM_15, XMM_15, UNORDERED);
        x64_orps_rr(c, to, XMM_15);
        x64_psrld_ri(c, XMM_15, 10);
    }
    x64_andnps_rr(c, XMM_15, to);
    masm_move(f, r, REG_float_scratch);
    push_vector(f, r);
}

// Three products of 32 bits: the low ones, and both crosses in the upper half.
static void i64_mul(Base *f) {
    CodeBuf *c = &f->b;
    Reg b = pop_reg(f), a = pop_reg(f);
    Reg r = reg_alloc(f, true), cross = reg_alloc(f, true);
    masm_move(f, cross, a);
    x64_psrlq_ri(c, xmm(cross), 32);
    x64_pmuludq_rr(c, xmm(cross), xmm(b));
    masm_move(f, REG_float_scratch, b);
    x64_psrlq_ri(c, XMM_15, 32);
    x64_pmuludq_rr(c, XMM_15, xmm(a));
    x64_paddq_rr(c, XMM_15, xmm(cross));
    x64_psllq_ri(c, XMM_15, 32);
    masm_move(f, r, a);
    x64_pmuludq_rr(c, xmm(r), xmm(b));
    x64_paddq_rr(c, xmm(r), XMM_15);
    push_vector(f, r);
}

// Sums of neighbours, as products with ones.
static void pairwise(Base *f, bool is_i16, bool is_signed) {
    uint8_t ones[16];
    for (int i = 0; i < 16; i++)
        ones[i] = (uint8_t)(!is_i16 || i % 2 == 0);
    Reg to = pop_own(f);
    if (is_i16) {
        x64_pmaddwd_rm(&f->b, xmm(to), bytes_of(f, ones));
    } else if (is_signed) {
        x64_movaps_rm(&f->b, XMM_15, bytes_of(f, ones));
        x64_pmaddubsw_rr(&f->b, XMM_15, xmm(to));
        masm_move(f, to, REG_float_scratch);
    } else {
        x64_pmaddubsw_rm(&f->b, xmm(to), bytes_of(f, ones));
    }
    push_vector(f, to);
}

// The one product that does not fit comes out as the least number.
static void q15_mul(Base *f) {
    uint8_t least[16];
    for (int i = 0; i < 16; i++)
        least[i] = (uint8_t)(i % 2 ? 0x80 : 0);
    Reg b = pop_reg(f), to = pop_own(f);
    x64_pmulhrsw_rr(&f->b, xmm(to), xmm(b));
    x64_movaps_rm(&f->b, XMM_15, bytes_of(f, least));
    x64_pcmpeqw_rr(&f->b, XMM_15, xmm(to));
    x64_pxor_rr(&f->b, xmm(to), XMM_15);
    push_vector(f, to);
}

// Products of lanes twice as wide.
static void extmul(Base *f, VecOp *widen, VecOp *multiply, bool is_high) {
    Reg b = pop_reg(f), a = pop_reg(f), to = reg_alloc(f, true);
    uint8_t half = is_high ? 0xee : 0x44;
    x64_pshufd_rr(&f->b, XMM_15, xmm(b), half);
    widen(&f->b, XMM_15, XMM_15);
    x64_pshufd_rr(&f->b, xmm(to), xmm(a), half);
    widen(&f->b, xmm(to), xmm(to));
    multiply(&f->b, xmm(to), XMM_15);
    push_vector(f, to);
}

// Bytes of the first operand and bytes of the second, each picked by its own
// mask, which has 0x80 where the other's bytes go.
void emit_shuffle(Base *f) {
    uint8_t first[16], second[16];
    const uint8_t *lanes = f->in.imm.bytes16;
    for (int i = 0; i < 16; i++) {
        first[i] = lanes[i] < 16 ? lanes[i] : 0x80;
        second[i] = (uint8_t)(lanes[i] < 16 ? 0x80 : lanes[i] - 16);
    }
    Reg b = pop_reg(f);
    Reg to = pop_own(f);
    masm_move(f, REG_float_scratch, b);
    x64_pshufb_rm(&f->b, XMM_15, bytes_of(f, second));
    x64_pshufb_rm(&f->b, xmm(to), bytes_of(f, first));
    x64_por_rr(&f->b, xmm(to), XMM_15);
    push_vector(f, to);
}

// One row for each instruction of a sequence.
static bool sequence(Base *f) { // LONG: a table
    enum {
        EQ = 0,
        LT = 1,
        LE = 2,
        NE = 4,
    };
    // clang-format off
    switch ((int)f->in.op) {
    case OP_i8x16_ge_u: at_least(f, x64_pmaxub_rr, x64_pcmpeqb_rr, false); break;
    case OP_i8x16_le_u: at_least(f, x64_pminub_rr, x64_pcmpeqb_rr, false); break;
    case OP_i8x16_lt_u: at_least(f, x64_pmaxub_rr, x64_pcmpeqb_rr, true); break;
    case OP_i8x16_gt_u: at_least(f, x64_pminub_rr, x64_pcmpeqb_rr, true); break;
    case OP_i16x8_ge_u: at_least(f, x64_pmaxuw_rr, x64_pcmpeqw_rr, false); break;
    case OP_i16x8_le_u: at_least(f, x64_pminuw_rr, x64_pcmpeqw_rr, false); break;
    case OP_i16x8_lt_u: at_least(f, x64_pmaxuw_rr, x64_pcmpeqw_rr, true); break;
    case OP_i16x8_gt_u: at_least(f, x64_pminuw_rr, x64_pcmpeqw_rr, true); break;
    case OP_i32x4_ge_u: at_least(f, x64_pmaxud_rr, x64_pcmpeqd_rr, false); break;
    case OP_i32x4_le_u: at_least(f, x64_pminud_rr, x64_pcmpeqd_rr, false); break;
    case OP_i32x4_lt_u: at_least(f, x64_pmaxud_rr, x64_pcmpeqd_rr, true); break;
    case OP_i32x4_gt_u: at_least(f, x64_pminud_rr, x64_pcmpeqd_rr, true); break;
    case OP_f32x4_eq: float_lanes(f, false, EQ, false); break;
    case OP_f32x4_ne: float_lanes(f, false, NE, false); break;
    case OP_f32x4_lt: float_lanes(f, false, LT, false); break;
    case OP_f32x4_le: float_lanes(f, false, LE, false); break;
    case OP_f32x4_gt: float_lanes(f, false, LT, true); break;
    case OP_f32x4_ge: float_lanes(f, false, LE, true); break;
    case OP_f64x2_eq: float_lanes(f, true, EQ, false); break;
    case OP_f64x2_ne: float_lanes(f, true, NE, false); break;
    case OP_f64x2_lt: float_lanes(f, true, LT, false); break;
    case OP_f64x2_le: float_lanes(f, true, LE, false); break;
    case OP_f64x2_gt: float_lanes(f, true, LT, true); break;
    case OP_f64x2_ge: float_lanes(f, true, LE, true); break;
    case OP_f32x4_ceil: float_round(f, false, ROUND_ceil); break;
    case OP_f32x4_floor: float_round(f, false, ROUND_floor); break;
    case OP_f32x4_trunc: float_round(f, false, ROUND_trunc); break;
    case OP_f32x4_nearest: float_round(f, false, ROUND_nearest); break;
    case OP_f64x2_ceil: float_round(f, true, ROUND_ceil); break;
    case OP_f64x2_floor: float_round(f, true, ROUND_floor); break;
    case OP_f64x2_trunc: float_round(f, true, ROUND_trunc); break;
    case OP_f64x2_nearest: float_round(f, true, ROUND_nearest); break;
    case OP_f32x4_abs: float_sign(f, false, true); break;
    case OP_f32x4_neg: float_sign(f, false, false); break;
    case OP_f64x2_abs: float_sign(f, true, true); break;
    case OP_f64x2_neg: float_sign(f, true, false); break;
    case OP_i8x16_splat: splat(f, 0); break;
    case OP_i16x8_splat: splat(f, 1); break;
    case OP_i32x4_splat: splat(f, 2); break;
    case OP_i64x2_splat: splat(f, 3); break;
    case OP_f32x4_splat: float_splat(f, false); break;
    case OP_f64x2_splat: float_splat(f, true); break;
    case OP_i8x16_extract_lane_s: extract(f, 0, true); break;
    case OP_i8x16_extract_lane_u: extract(f, 0, false); break;
    case OP_i16x8_extract_lane_s: extract(f, 1, true); break;
    case OP_i16x8_extract_lane_u: extract(f, 1, false); break;
    case OP_i32x4_extract_lane: extract(f, 2, false); break;
    case OP_i64x2_extract_lane: extract(f, 3, false); break;
    case OP_f32x4_extract_lane: float_extract(f, false); break;
    case OP_f64x2_extract_lane: float_extract(f, true); break;
    case OP_i8x16_replace_lane: replace(f, 0); break;
    case OP_i16x8_replace_lane: replace(f, 1); break;
    case OP_i32x4_replace_lane: replace(f, 2); break;
    case OP_i64x2_replace_lane: replace(f, 3); break;
    case OP_f32x4_replace_lane: float_replace(f, false); break;
    case OP_f64x2_replace_lane: float_replace(f, true); break;
    case OP_v128_not: {
        Reg to = pop_own(f);
        complement(f, to);
        push_vector(f, to);
        break;
    }
    case OP_f32x4_min:
    case OP_f32x4_relaxed_min: float_min(f, false, false); break;
    case OP_f32x4_max:
    case OP_f32x4_relaxed_max: float_min(f, false, true); break;
    case OP_f64x2_min:
    case OP_f64x2_relaxed_min: float_min(f, true, false); break;
    case OP_f64x2_max:
    case OP_f64x2_relaxed_max: float_min(f, true, true); break;
    case OP_i64x2_mul: i64_mul(f); break;
    case OP_i16x8_q15mulr_sat_s:
    case OP_i16x8_relaxed_q15mulr_s: q15_mul(f); break;
    case OP_i16x8_extadd_pairwise_i8x16_s: pairwise(f, false, true); break;
    case OP_i16x8_extadd_pairwise_i8x16_u: pairwise(f, false, false); break;
    case OP_i32x4_extadd_pairwise_i16x8_s: pairwise(f, true, true); break;
    case OP_i8x16_relaxed_laneselect:
    case OP_i16x8_relaxed_laneselect:
    case OP_i32x4_relaxed_laneselect:
    case OP_i64x2_relaxed_laneselect:
    case OP_v128_bitselect: bitselect(f); break;
    case OP_v128_any_true: any_true(f); break;
    case OP_i8x16_all_true: all_true(f, x64_pcmpeqb_rr); break;
    case OP_i16x8_all_true: all_true(f, x64_pcmpeqw_rr); break;
    case OP_i32x4_all_true: all_true(f, x64_pcmpeqd_rr); break;
    case OP_i64x2_all_true: all_true(f, x64_pcmpeqq_rr); break;
    case OP_i8x16_bitmask: bitmask(f, 0); break;
    case OP_i16x8_bitmask: bitmask(f, 1); break;
    case OP_i32x4_bitmask: bitmask(f, 2); break;
    case OP_i64x2_bitmask: bitmask(f, 3); break;
    case OP_i8x16_relaxed_swizzle:
    case OP_i8x16_swizzle: swizzle(f); break;
    case OP_i16x8_extmul_low_i8x16_s: extmul(f, x64_pmovsxbw_rr, x64_pmullw_rr, false); break;
    case OP_i16x8_extmul_low_i8x16_u: extmul(f, x64_pmovzxbw_rr, x64_pmullw_rr, false); break;
    case OP_i16x8_extmul_high_i8x16_s: extmul(f, x64_pmovsxbw_rr, x64_pmullw_rr, true); break;
    case OP_i16x8_extmul_high_i8x16_u: extmul(f, x64_pmovzxbw_rr, x64_pmullw_rr, true); break;
    case OP_i32x4_extmul_low_i16x8_s: extmul(f, x64_pmovsxwd_rr, x64_pmulld_rr, false); break;
    case OP_i32x4_extmul_low_i16x8_u: extmul(f, x64_pmovzxwd_rr, x64_pmulld_rr, false); break;
    case OP_i32x4_extmul_high_i16x8_s: extmul(f, x64_pmovsxwd_rr, x64_pmulld_rr, true); break;
    case OP_i32x4_extmul_high_i16x8_u: extmul(f, x64_pmovzxwd_rr, x64_pmulld_rr, true); break;
    case OP_i64x2_extmul_low_i32x4_s: extmul(f, x64_pmovsxdq_rr, x64_pmuldq_rr, false); break;
    case OP_i64x2_extmul_low_i32x4_u: extmul(f, x64_pmovzxdq_rr, x64_pmuludq_rr, false); break;
    case OP_i64x2_extmul_high_i32x4_s: extmul(f, x64_pmovsxdq_rr, x64_pmuldq_rr, true); break;
    case OP_i64x2_extmul_high_i32x4_u: extmul(f, x64_pmovzxdq_rr, x64_pmuludq_rr, true); break;
    default:
        return false;
    }
    // clang-format on
    return true;
}

void emit_vector(Base *f) {
    bool canonical = f->options->is_deterministic && has_nan[f->in.op];
    if (canonical || (!vec_binary(f) && !vec_unary(f) && !sequence(f) &&
                      !x64_vector_rest(f)))
        emit_num(f);
}

// --- memory ------------------------------------------------------------------

typedef void VecLoad(CodeBuf *b, X64Xmm dst, X64Mem m);

static void load_splat(Base *f, uint32_t size, Reg to, X64Mem m) {
    CodeBuf *b = &f->b;
    if (size == 3) {
        x64_movddup_rm(b, xmm(to), m);
    } else if (size == 2) {
        x64_movss_rm(b, xmm(to), m);
        x64_pshufd_rr(b, xmm(to), xmm(to), 0);
    } else if (size == 1) {
        x64_pinsrw_rm(b, xmm(to), m, 0);
        x64_pshuflw_rr(b, xmm(to), xmm(to), 0);
        x64_punpcklqdq_rr(b, xmm(to), xmm(to));
    } else {
        x64_pinsrb_rm(b, xmm(to), m, 0);
        x64_pxor_rr(b, XMM_15, XMM_15);
        x64_pshufb_rr(b, xmm(to), XMM_15);
    }
}

void emit_vector_load(Base *f) {
    static VecLoad *const loads[OP_count] = {
        [OP_v128_load8x8_s] = x64_pmovsxbw_rm,
        [OP_v128_load8x8_u] = x64_pmovzxbw_rm,
        [OP_v128_load16x4_s] = x64_pmovsxwd_rm,
        [OP_v128_load16x4_u] = x64_pmovzxwd_rm,
        [OP_v128_load32x2_s] = x64_pmovsxdq_rm,
        [OP_v128_load32x2_u] = x64_pmovzxdq_rm,
        [OP_v128_load32_zero] = x64_movss_rm,
        [OP_v128_load64_zero] = x64_movsd_rm,
    };
    bool faults;
    Op op = f->in.op;
    uint32_t size = op_info[op].access_log2;
    MemArg arg = f->in.imm.mem.arg;
    Entry index = pop_entry(f);
    X64Mem m = x64_address(f, &index, &arg, (uint64_t)1 << size, &faults);
    Reg to = reg_alloc(f, true);
    if (faults) site_fault(f);
    if (loads[op])
        loads[op](&f->b, xmm(to), m);
    else
        load_splat(f, size, to, m);
    push_vector(f, to);
}

static void load_lane(Base *f, uint32_t size, Reg to, X64Mem m, uint8_t lane) {
    CodeBuf *b = &f->b;
    if (size == 0)
        x64_pinsrb_rm(b, xmm(to), m, lane);
    else if (size == 1)
        x64_pinsrw_rm(b, xmm(to), m, lane);
    else if (size == 2)
        x64_pinsrd_rm(b, xmm(to), m, lane);
    else
        x64_pinsrq_rm(b, xmm(to), m, lane);
}

static void store_lane(Base *f, uint32_t size, Reg from, X64Mem m,
                       uint8_t lane) {
    CodeBuf *b = &f->b;
    if (size == 0)
        x64_pextrb_mr(b, m, xmm(from), lane);
    else if (size == 1)
        x64_pextrw_mr(b, m, xmm(from), lane);
    else if (size == 2)
        x64_pextrd_mr(b, m, xmm(from), lane);
    else
        x64_pextrq_mr(b, m, xmm(from), lane);
}

void emit_vector_lane(Base *f) {
    bool faults, is_store = sig_result_len(op_info[f->in.op].sig) == 0;
    uint32_t size = op_info[f->in.op].access_log2;
    uint8_t lane = f->in.imm.mem.lane;
    MemArg arg = f->in.imm.mem.arg;
    Reg vector = is_store ? pop_reg(f) : pop_own(f);
    Entry index = pop_entry(f);
    X64Mem m = x64_address(f, &index, &arg, (uint64_t)1 << size, &faults);
    if (faults) site_fault(f);
    if (is_store) {
        store_lane(f, size, vector, m, lane);
    } else {
        load_lane(f, size, vector, m, lane);
        push_vector(f, vector);
    }
}
