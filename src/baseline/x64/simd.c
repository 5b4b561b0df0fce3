// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Vectors on x86-64: tables of what is one instruction, and short sequences for
// the rest. What is in neither is left to the runtime.
#include "baseline/x64/x64.h"

// --- tables: rows of the machine's instructions ------------------------------

// clang-format off
static const uint16_t binary[OP_count] = {
    [OP_i8x16_add] = X64_paddb_rr,        [OP_i8x16_sub] = X64_psubb_rr,
    [OP_i8x16_add_sat_s] = X64_paddsb_rr, [OP_i8x16_add_sat_u] = X64_paddusb_rr,
    [OP_i8x16_sub_sat_s] = X64_psubsb_rr, [OP_i8x16_sub_sat_u] = X64_psubusb_rr,
    [OP_i8x16_min_s] = X64_pminsb_rr,     [OP_i8x16_min_u] = X64_pminub_rr,
    [OP_i8x16_max_s] = X64_pmaxsb_rr,     [OP_i8x16_max_u] = X64_pmaxub_rr,
    [OP_i8x16_avgr_u] = X64_pavgb_rr,
    [OP_i8x16_eq] = X64_pcmpeqb_rr,       [OP_i8x16_gt_s] = X64_pcmpgtb_rr,
    [OP_i8x16_narrow_i16x8_s] = X64_packsswb_rr,
    [OP_i8x16_narrow_i16x8_u] = X64_packuswb_rr,
    [OP_i16x8_add] = X64_paddw_rr,        [OP_i16x8_sub] = X64_psubw_rr,
    [OP_i16x8_add_sat_s] = X64_paddsw_rr, [OP_i16x8_add_sat_u] = X64_paddusw_rr,
    [OP_i16x8_sub_sat_s] = X64_psubsw_rr, [OP_i16x8_sub_sat_u] = X64_psubusw_rr,
    [OP_i16x8_mul] = X64_pmullw_rr,       [OP_i16x8_avgr_u] = X64_pavgw_rr,
    [OP_i16x8_min_s] = X64_pminsw_rr,     [OP_i16x8_min_u] = X64_pminuw_rr,
    [OP_i16x8_max_s] = X64_pmaxsw_rr,     [OP_i16x8_max_u] = X64_pmaxuw_rr,
    [OP_i16x8_eq] = X64_pcmpeqw_rr,       [OP_i16x8_gt_s] = X64_pcmpgtw_rr,
    [OP_i16x8_narrow_i32x4_s] = X64_packssdw_rr,
    [OP_i16x8_narrow_i32x4_u] = X64_packusdw_rr,
    [OP_i32x4_add] = X64_paddd_rr,        [OP_i32x4_sub] = X64_psubd_rr,
    [OP_i32x4_mul] = X64_pmulld_rr,
    [OP_i32x4_min_s] = X64_pminsd_rr,     [OP_i32x4_min_u] = X64_pminud_rr,
    [OP_i32x4_max_s] = X64_pmaxsd_rr,     [OP_i32x4_max_u] = X64_pmaxud_rr,
    [OP_i32x4_eq] = X64_pcmpeqd_rr,       [OP_i32x4_gt_s] = X64_pcmpgtd_rr,
    [OP_i32x4_dot_i16x8_s] = X64_pmaddwd_rr,
    [OP_i64x2_add] = X64_paddq_rr,        [OP_i64x2_sub] = X64_psubq_rr,
    [OP_i64x2_eq] = X64_pcmpeqq_rr,
    [OP_v128_and] = X64_pand_rr,          [OP_v128_or] = X64_por_rr,
    [OP_v128_xor] = X64_pxor_rr,
    [OP_f32x4_add] = X64_addps_rr,        [OP_f32x4_sub] = X64_subps_rr,
    [OP_f32x4_mul] = X64_mulps_rr,        [OP_f32x4_div] = X64_divps_rr,
    [OP_f64x2_add] = X64_addpd_rr,        [OP_f64x2_sub] = X64_subpd_rr,
    [OP_f64x2_mul] = X64_mulpd_rr,        [OP_f64x2_div] = X64_divpd_rr,
};

// With the operands exchanged.
static const uint16_t reversed[OP_count] = {
    [OP_i8x16_lt_s] = X64_pcmpgtb_rr, [OP_i16x8_lt_s] = X64_pcmpgtw_rr,
    [OP_i32x4_lt_s] = X64_pcmpgtd_rr, [OP_v128_andnot] = X64_pandn_rr,
    [OP_f32x4_pmin] = X64_minps_rr,   [OP_f32x4_pmax] = X64_maxps_rr,
    [OP_f64x2_pmin] = X64_minpd_rr,   [OP_f64x2_pmax] = X64_maxpd_rr,
};

// Whose result is the complement of what is wanted.
static const uint16_t inverted[OP_count] = {
    [OP_i8x16_ne] = X64_pcmpeqb_rr, [OP_i8x16_le_s] = X64_pcmpgtb_rr,
    [OP_i16x8_ne] = X64_pcmpeqw_rr, [OP_i16x8_le_s] = X64_pcmpgtw_rr,
    [OP_i32x4_ne] = X64_pcmpeqd_rr, [OP_i32x4_le_s] = X64_pcmpgtd_rr,
    [OP_i64x2_ne] = X64_pcmpeqq_rr,
};
static const uint16_t reversed_inverted[OP_count] = {
    [OP_i8x16_ge_s] = X64_pcmpgtb_rr, [OP_i16x8_ge_s] = X64_pcmpgtw_rr,
    [OP_i32x4_ge_s] = X64_pcmpgtd_rr,
};

static const uint16_t unary[OP_count] = {
    [OP_i8x16_abs] = X64_pabsb_rr,  [OP_i16x8_abs] = X64_pabsw_rr,
    [OP_i32x4_abs] = X64_pabsd_rr,
    [OP_f32x4_sqrt] = X64_sqrtps_rr, [OP_f64x2_sqrt] = X64_sqrtpd_rr,
    [OP_f32x4_convert_i32x4_s] = X64_cvtdq2ps_rr,
    [OP_f64x2_convert_low_i32x4_s] = X64_cvtdq2pd_rr,
    [OP_f64x2_promote_low_f32x4] = X64_cvtps2pd_rr,
    [OP_f32x4_demote_f64x2_zero] = X64_cvtpd2ps_rr,
    [OP_i16x8_extend_low_i8x16_s] = X64_pmovsxbw_rr,
    [OP_i16x8_extend_low_i8x16_u] = X64_pmovzxbw_rr,
    [OP_i32x4_extend_low_i16x8_s] = X64_pmovsxwd_rr,
    [OP_i32x4_extend_low_i16x8_u] = X64_pmovzxwd_rr,
    [OP_i64x2_extend_low_i32x4_s] = X64_pmovsxdq_rr,
    [OP_i64x2_extend_low_i32x4_u] = X64_pmovzxdq_rr,
};

// Of the upper half.
static const uint16_t high[OP_count] = {
    [OP_i16x8_extend_high_i8x16_s] = X64_pmovsxbw_rr,
    [OP_i16x8_extend_high_i8x16_u] = X64_pmovzxbw_rr,
    [OP_i32x4_extend_high_i16x8_s] = X64_pmovsxwd_rr,
    [OP_i32x4_extend_high_i16x8_u] = X64_pmovzxwd_rr,
    [OP_i64x2_extend_high_i32x4_s] = X64_pmovsxdq_rr,
    [OP_i64x2_extend_high_i32x4_u] = X64_pmovzxdq_rr,
};

// 0 - x.
static const uint16_t negate[OP_count] = {
    [OP_i8x16_neg] = X64_psubb_rr, [OP_i16x8_neg] = X64_psubw_rr,
    [OP_i32x4_neg] = X64_psubd_rr, [OP_i64x2_neg] = X64_psubq_rr,
};

// Whose NaNs deterministic execution makes canonical: the runtime does.
static const bool has_nan[OP_count] = {
#define VEC1_NAN(op, R, T, value)        [OP_##op] = true,
#define VEC2_NAN(op, R, T, value)        [OP_##op] = true,
#define VEC3_NAN(op, R, T, value, fixed) [OP_##op] = true,
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

// The topmost two in their order.
static Reg apply(Base *f, X64Op op) {
    Entry e = pop_entry(f);
    Operand b = x64_vec_operand(f, &e);
    Reg a = pop_reg(f);
    Reg to = x64_vec_result(f, TY_v128, a, b.is_mem ? REG_NONE : b.reg);
    x64_vec_apply(f, op, to, a, &b);
    return to;
}

static Reg apply_reversed(Base *f, X64Op op) {
    Reg b = pop_reg(f), a = pop_reg(f), to = x64_vec_result(f, TY_v128, b, a);
    x64_vec(f, op, to, b, a);
    return to;
}

static bool vec_binary(Base *f) {
    Op op = f->in.op;
    uint32_t in_order = binary[op] | inverted[op];
    uint32_t exchanged = reversed[op] | reversed_inverted[op];
    if (!in_order && !exchanged) return false;
    Reg to = in_order ? apply(f, (X64Op)in_order)
                      : apply_reversed(f, (X64Op)exchanged);
    if (inverted[op] || reversed_inverted[op]) complement(f, to);
    push_vector(f, to);
    return true;
}

static bool vec_unary(Base *f) {
    Op op = f->in.op;
    if (unary[op]) {
        Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
        x64_vec(f, (X64Op)unary[op], to, from, from);
        push_vector(f, to);
        return true;
    }
    if (high[op]) {
        Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
        x64_vec_i(f, X64_pshufd_rr, to, from, from, 0xee);
        x64_vec(f, (X64Op)high[op], to, to, to);
        push_vector(f, to);
        return true;
    }
    if (negate[op]) {
        Reg from = pop_reg(f), to = reg_alloc(f, true);
        x64_pxor_rr(&f->b, xmm(to), xmm(to));
        x64_vec(f, (X64Op)negate[op], to, to, from);
        push_vector(f, to);
        return true;
    }
    return false;
}

// --- sequences ---------------------------------------------------------------

// a >= b is max(a, b) == a, for what the machine cannot compare.
static void at_least(Base *f, X64Op extreme, X64Op equal, bool inverts) {
    Reg b = pop_reg(f), a = pop_reg(f), to = reg_alloc(f, true);
    x64_vec(f, extreme, to, a, b);
    x64_vec(f, equal, to, to, a);
    if (inverts) complement(f, to);
    push_vector(f, to);
}

static void float_lanes(Base *f, bool is_f64, uint8_t predicate, bool swaps) {
    Reg b = pop_reg(f), a = pop_reg(f);
    Reg first = swaps ? b : a, second = swaps ? a : b;
    Reg to = x64_vec_result(f, TY_v128, first, second);
    x64_vec_i(f, is_f64 ? X64_cmppd_rr : X64_cmpps_rr, to, first, second,
              predicate);
    push_vector(f, to);
}

static void float_round(Base *f, bool is_f64, RoundOp op) {
    Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
    uint8_t how = (uint8_t)(8 | op);
    x64_vec_i(f, is_f64 ? X64_roundpd_rr : X64_roundps_rr, to, from, from, how);
    push_vector(f, to);
}

static void float_sign(Base *f, bool is_f64, bool is_abs) {
    uint64_t sign = is_f64 ? 0x8000000000000000 : 0x8000000080000000;
    uint64_t lanes[2] = {is_abs ? ~sign : sign, is_abs ? ~sign : sign};
    Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
    x64_vec_m(f, is_abs ? X64_andps_rr : X64_xorps_rr, to, from,
              x64_at_label(code_const(&f->b, lanes, 16)));
    push_vector(f, to);
}

// The lowest lane to all.
static void spread(Base *f, uint32_t size, Reg to) {
    CodeBuf *b = &f->b;
    if (has_cpu(f, BASELINE_CPU_avx2) && size < 2) {
        if (size == 0)
            x64_vpbroadcastb_rr(b, VEC_128, xmm(to), xmm(to));
        else
            x64_vpbroadcastw_rr(b, VEC_128, xmm(to), xmm(to));
        return;
    }
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
}

static void splat(Base *f, uint32_t size) {
    Reg from = pop_reg(f), to = reg_alloc(f, true);
    if (size == 3)
        x64_movq_xr(&f->b, xmm(to), gp(from));
    else
        x64_movd_xr(&f->b, xmm(to), gp(from));
    spread(f, size, to);
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
    Reg mask = pop_reg(f), other = pop_reg(f), from = pop_reg(f);
    Reg to = x64_vec_result(f, TY_v128, from, mask);
    x64_vec(f, X64_pandn_rr, REG_float_scratch, mask, other);
    x64_vec(f, X64_pand_rr, to, from, mask);
    x64_por_rr(&f->b, xmm(to), XMM_15);
    push_vector(f, to);
}

static void invert(Base *f) {
    Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
    x64_pcmpeqd_rr(&f->b, XMM_15, XMM_15);
    x64_vec(f, X64_pxor_rr, to, from, REG_float_scratch);
    push_vector(f, to);
}

static void any_true(Base *f) {
    Reg r = pop_reg(f);
    x64_ptest_rr(&f->b, xmm(r), xmm(r));
    push_cond(f, CC_ne);
}

// No lane is equal to zero.
static void all_true(Base *f, X64Op equal) {
    Reg r = pop_reg(f);
    x64_pxor_rr(&f->b, XMM_15, XMM_15);
    x64_vec(f, equal, REG_float_scratch, REG_float_scratch, r);
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
        x64_vec(f, X64_packsswb_rr, narrow, r, REG_float_scratch);
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
    Reg b = pop_reg(f), from = pop_reg(f);
    Reg to = result_reg(f, TY_v128, from, 0);
    x64_vec_m(f, X64_paddusb_rr, REG_float_scratch, b, bytes_of(f, bytes));
    x64_vec(f, X64_pshufb_rr, to, from, REG_float_scratch);
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
    X64Op op = is_f64 ? (is_max ? X64_maxpd_rr : X64_minpd_rr)
                      : (is_max ? X64_maxps_rr : X64_minps_rr);
    Reg b = pop_reg(f), a = pop_reg(f), r = reg_alloc(f, true);
    Reg other = REG_float_scratch;
    X64Xmm to = xmm(r);
    x64_vec(f, op, other, b, a);
    x64_vec(f, op, r, a, b);
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
    if (is_f64) {
        x64_vec_i(f, X64_cmppd_rr, other, r, r, UNORDERED);
        x64_orps_rr(c, to, XMM_15);
        x64_psrlq_ri(c, XMM_15, 13);
    } else {
        x64_vec_i(f, X64_cmpps_rr, other, r, r, UNORDERED);
        x64_orps_rr(c, to, XMM_15);
        x64_psrld_ri(c, XMM_15, 10);
    }
    x64_andnps_rr(c, XMM_15, to);
    masm_move(f, r, other);
    push_vector(f, r);
}

// Three products of 32 bits: the low ones, and both crosses in the upper half.
static void i64_mul(Base *f) {
    CodeBuf *c = &f->b;
    Reg b = pop_reg(f), a = pop_reg(f);
    Reg r = reg_alloc(f, true), cross = reg_alloc(f, true);
    x64_vec_shift(f, X64_psrlq_ri, cross, a, 32);
    x64_pmuludq_rr(c, xmm(cross), xmm(b));
    x64_vec_shift(f, X64_psrlq_ri, REG_float_scratch, b, 32);
    x64_pmuludq_rr(c, XMM_15, xmm(a));
    x64_paddq_rr(c, XMM_15, xmm(cross));
    x64_psllq_ri(c, XMM_15, 32);
    x64_vec(f, X64_pmuludq_rr, r, a, b);
    x64_paddq_rr(c, xmm(r), XMM_15);
    push_vector(f, r);
}

// Sums of neighbours, as products with ones.
static void pairwise(Base *f, bool is_i16, bool is_signed) {
    uint8_t ones[16];
    for (int i = 0; i < 16; i++)
        ones[i] = (uint8_t)(!is_i16 || i % 2 == 0);
    Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
    if (is_i16) {
        x64_vec_m(f, X64_pmaddwd_rr, to, from, bytes_of(f, ones));
    } else if (is_signed) {
        x64_movaps_rm(&f->b, XMM_15, bytes_of(f, ones));
        x64_pmaddubsw_rr(&f->b, XMM_15, xmm(from));
        masm_move(f, to, REG_float_scratch);
    } else {
        x64_vec_m(f, X64_pmaddubsw_rr, to, from, bytes_of(f, ones));
    }
    push_vector(f, to);
}

// The one product that does not fit comes out as the least number.
static void q15_mul(Base *f) {
    uint8_t least[16];
    for (int i = 0; i < 16; i++)
        least[i] = (uint8_t)(i % 2 ? 0x80 : 0);
    Reg b = pop_reg(f), a = pop_reg(f), to = x64_vec_result(f, TY_v128, a, b);
    x64_vec(f, X64_pmulhrsw_rr, to, a, b);
    x64_movaps_rm(&f->b, XMM_15, bytes_of(f, least));
    x64_pcmpeqw_rr(&f->b, XMM_15, xmm(to));
    x64_pxor_rr(&f->b, xmm(to), XMM_15);
    push_vector(f, to);
}

// Products of lanes twice as wide.
static void extmul(Base *f, X64Op widen, X64Op multiply, bool is_high) {
    Reg b = pop_reg(f), a = pop_reg(f), to = reg_alloc(f, true);
    Reg other = REG_float_scratch;
    if (is_high) {
        x64_vec_i(f, X64_pshufd_rr, other, b, b, 0xee);
        x64_vec_i(f, X64_pshufd_rr, to, a, a, 0xee);
        a = to;
        b = other;
    }
    x64_vec(f, widen, other, b, b);
    x64_vec(f, widen, to, a, a);
    x64_vec(f, multiply, to, to, other);
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
    case OP_i8x16_ge_u: at_least(f, X64_pmaxub_rr, X64_pcmpeqb_rr, false); break;
    case OP_i8x16_le_u: at_least(f, X64_pminub_rr, X64_pcmpeqb_rr, false); break;
    case OP_i8x16_lt_u: at_least(f, X64_pmaxub_rr, X64_pcmpeqb_rr, true); break;
    case OP_i8x16_gt_u: at_least(f, X64_pminub_rr, X64_pcmpeqb_rr, true); break;
    case OP_i16x8_ge_u: at_least(f, X64_pmaxuw_rr, X64_pcmpeqw_rr, false); break;
    case OP_i16x8_le_u: at_least(f, X64_pminuw_rr, X64_pcmpeqw_rr, false); break;
    case OP_i16x8_lt_u: at_least(f, X64_pmaxuw_rr, X64_pcmpeqw_rr, true); break;
    case OP_i16x8_gt_u: at_least(f, X64_pminuw_rr, X64_pcmpeqw_rr, true); break;
    case OP_i32x4_ge_u: at_least(f, X64_pmaxud_rr, X64_pcmpeqd_rr, false); break;
    case OP_i32x4_le_u: at_least(f, X64_pminud_rr, X64_pcmpeqd_rr, false); break;
    case OP_i32x4_lt_u: at_least(f, X64_pmaxud_rr, X64_pcmpeqd_rr, true); break;
    case OP_i32x4_gt_u: at_least(f, X64_pminud_rr, X64_pcmpeqd_rr, true); break;
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
    case OP_v128_not: invert(f); break;
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
    case OP_i8x16_all_true: all_true(f, X64_pcmpeqb_rr); break;
    case OP_i16x8_all_true: all_true(f, X64_pcmpeqw_rr); break;
    case OP_i32x4_all_true: all_true(f, X64_pcmpeqd_rr); break;
    case OP_i64x2_all_true: all_true(f, X64_pcmpeqq_rr); break;
    case OP_i8x16_bitmask: bitmask(f, 0); break;
    case OP_i16x8_bitmask: bitmask(f, 1); break;
    case OP_i32x4_bitmask: bitmask(f, 2); break;
    case OP_i64x2_bitmask: bitmask(f, 3); break;
    case OP_i8x16_relaxed_swizzle:
    case OP_i8x16_swizzle: swizzle(f); break;
    case OP_i16x8_extmul_low_i8x16_s: extmul(f, X64_pmovsxbw_rr, X64_pmullw_rr, false); break;
    case OP_i16x8_extmul_low_i8x16_u: extmul(f, X64_pmovzxbw_rr, X64_pmullw_rr, false); break;
    case OP_i16x8_extmul_high_i8x16_s: extmul(f, X64_pmovsxbw_rr, X64_pmullw_rr, true); break;
    case OP_i16x8_extmul_high_i8x16_u: extmul(f, X64_pmovzxbw_rr, X64_pmullw_rr, true); break;
    case OP_i32x4_extmul_low_i16x8_s: extmul(f, X64_pmovsxwd_rr, X64_pmulld_rr, false); break;
    case OP_i32x4_extmul_low_i16x8_u: extmul(f, X64_pmovzxwd_rr, X64_pmulld_rr, false); break;
    case OP_i32x4_extmul_high_i16x8_s: extmul(f, X64_pmovsxwd_rr, X64_pmulld_rr, true); break;
    case OP_i32x4_extmul_high_i16x8_u: extmul(f, X64_pmovzxwd_rr, X64_pmulld_rr, true); break;
    case OP_i64x2_extmul_low_i32x4_s: extmul(f, X64_pmovsxdq_rr, X64_pmuldq_rr, false); break;
    case OP_i64x2_extmul_low_i32x4_u: extmul(f, X64_pmovzxdq_rr, X64_pmuludq_rr, false); break;
    case OP_i64x2_extmul_high_i32x4_s: extmul(f, X64_pmovsxdq_rr, X64_pmuldq_rr, true); break;
    case OP_i64x2_extmul_high_i32x4_u: extmul(f, X64_pmovzxdq_rr, X64_pmuludq_rr, true); break;
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
    } else if (size == 2 && has_cpu(f, BASELINE_CPU_avx)) {
        x64_vbroadcastss_rm(b, VEC_128, xmm(to), m);
    } else if (size == 2) {
        x64_movss_rm(b, xmm(to), m);
        x64_pshufd_rr(b, xmm(to), xmm(to), 0);
    } else if (has_cpu(f, BASELINE_CPU_avx2)) {
        if (size == 1)
            x64_vpbroadcastw_rm(b, VEC_128, xmm(to), m);
        else
            x64_vpbroadcastb_rm(b, VEC_128, xmm(to), m);
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
