// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Vector instructions that take a sequence on x86-64: shifts of bytes and of
// signed 64 bits, comparisons of those, conversions, dot products, and the
// relaxed instructions, which do in every tier what the interpreter does.
#include "baseline/x64/x64.h"

static void push_vector(Base *f, Reg r) {
    push_reg(f, TY_v128, r);
}

// A constant of lanes that are all alike.
static X64Mem all_32(Base *f, uint32_t lane) {
    uint32_t lanes[4] = {lane, lane, lane, lane};
    return x64_at_label(code_const(&f->b, lanes, 16));
}

static X64Mem all_64(Base *f, uint64_t lane) {
    uint64_t lanes[2] = {lane, lane};
    return x64_at_label(code_const(&f->b, lanes, 16));
}

static X64Mem all_f64(Base *f, double lane) {
    return all_64(f, f64_bits(lane));
}

// --- shifts ------------------------------------------------------------------

// The count in xmm15, or a constant below the width.
typedef struct Count {
    bool is_const;
    uint8_t value;
} Count;

static Count pop_count(Base *f, uint8_t mask, uint8_t more) {
    Entry e = pop_entry(f);
    if (e.where == AT_const)
        return (Count){true, (uint8_t)((e.value & mask) + more)};
    Reg r = entry_reg(f, &e), own = r;
    if (!reg_is_free(f, r)) {
        own = reg_alloc(f, false);
        masm_move(f, own, r);
    }
    x64_alu_ri(&f->b, ALU_and, W_32, gp(own), mask);
    if (more > 0) x64_alu_ri(&f->b, ALU_add, W_32, gp(own), more);
    x64_movd_xr(&f->b, XMM_15, gp(own));
    return (Count){false, 0};
}

static void shift_by(Base *f, const X64VecShift *shift, Reg to, Reg from,
                     Count count) {
    if (count.is_const)
        x64_vec_shift(f, (X64Op)shift->by_imm, to, from, count.value);
    else
        x64_vec(f, (X64Op)shift->by_reg, to, from, REG_float_scratch);
}

// Shifts of words, doublewords and quadwords that the machine has.
static bool shift_lanes(Base *f) {
    static const struct {
        Op op;
        uint8_t mask;
        X64VecShift shift;
    } rows[] = {
        {OP_i16x8_shl, 15, {X64_psllw_rr, X64_psllw_ri}},
        {OP_i16x8_shr_s, 15, {X64_psraw_rr, X64_psraw_ri}},
        {OP_i16x8_shr_u, 15, {X64_psrlw_rr, X64_psrlw_ri}},
        {OP_i32x4_shl, 31, {X64_pslld_rr, X64_pslld_ri}},
        {OP_i32x4_shr_s, 31, {X64_psrad_rr, X64_psrad_ri}},
        {OP_i32x4_shr_u, 31, {X64_psrld_rr, X64_psrld_ri}},
        {OP_i64x2_shl, 63, {X64_psllq_rr, X64_psllq_ri}},
        {OP_i64x2_shr_u, 63, {X64_psrlq_rr, X64_psrlq_ri}},
    };
    for (size_t i = 0; i < COUNTOF(rows); i++) {
        if (rows[i].op != f->in.op) continue;
        Count count = pop_count(f, rows[i].mask, 0);
        Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
        shift_by(f, &rows[i].shift, to, from, count);
        push_vector(f, to);
        return true;
    }
    return false;
}

// Bytes become the halves of words: shifted there, and narrowed again.
static void shift_bytes(Base *f, const X64VecShift *shift, bool is_signed,
                        bool is_left) {
    CodeBuf *b = &f->b;
    // A signed byte is the upper half of a word: 8 more.
    Count count = pop_count(f, 7, is_signed ? 8 : 0);
    Reg from = pop_reg(f), low = reg_alloc(f, true), high = reg_alloc(f, true);
    Reg fill = from;
    if (!is_signed) {
        fill = reg_alloc(f, true);
        x64_pxor_rr(b, xmm(fill), xmm(fill));
    }
    x64_vec(f, X64_punpcklbw_rr, low, from, fill);
    x64_vec(f, X64_punpckhbw_rr, high, from, fill);
    shift_by(f, shift, low, low, count);
    shift_by(f, shift, high, high, count);
    if (is_left) {
        x64_pand_rm(b, xmm(low), all_32(f, 0x00ff00ff));
        x64_pand_rm(b, xmm(high), all_32(f, 0x00ff00ff));
    }
    if (is_signed)
        x64_packsswb_rr(b, xmm(low), xmm(high));
    else
        x64_packuswb_rr(b, xmm(low), xmm(high));
    push_vector(f, low);
}

// x >> n, and what the sign bit became is made the sign of all above it.
static void shift_i64_s(Base *f) {
    CodeBuf *b = &f->b;
    Count count = pop_count(f, 63, 0);
    Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
    Reg sign = reg_alloc(f, true);
    X64VecShift shift = {X64_psrlq_rr, X64_psrlq_ri};
    x64_movaps_rm(b, xmm(sign), all_64(f, (uint64_t)1 << 63));
    shift_by(f, &shift, sign, sign, count);
    shift_by(f, &shift, to, from, count);
    x64_pxor_rr(b, xmm(to), xmm(sign));
    x64_psubq_rr(b, xmm(to), xmm(sign));
    push_vector(f, to);
}

// --- integers ----------------------------------------------------------------

// a > b in 64 bits. Without SSE4.2 (which came before AVX): the upper halves
// decide, or, where they are equal, the borrow of b - a.
static void greater_i64(Base *f, bool swaps, bool inverts) {
    CodeBuf *c = &f->b;
    Reg b = pop_reg(f), a = pop_reg(f), to = reg_alloc(f, true);
    if (swaps) {
        Reg other = a;
        a = b;
        b = other;
    }
    if (has_cpu(f, BASELINE_CPU_avx)) {
        x64_vec(f, X64_pcmpgtq_rr, to, a, b);
    } else {
        masm_move(f, REG_float_scratch, a);
        x64_pcmpeqd_rr(c, XMM_15, xmm(b));
        x64_vec(f, X64_psubq_rr, to, b, a);
        x64_pand_rr(c, xmm(to), XMM_15);
        masm_move(f, REG_float_scratch, a);
        x64_pcmpgtd_rr(c, XMM_15, xmm(b));
        x64_por_rr(c, xmm(to), XMM_15);
        x64_pshufd_rr(c, xmm(to), xmm(to), 0xf5);
    }
    if (inverts) {
        x64_pcmpeqd_rr(c, XMM_15, XMM_15);
        x64_pxor_rr(c, xmm(to), XMM_15);
    }
    push_vector(f, to);
}

static void abs_i64(Base *f) {
    CodeBuf *b = &f->b;
    Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
    x64_vec_shift(f, X64_psrad_ri, REG_float_scratch, from, 31);
    x64_pshufd_rr(b, XMM_15, XMM_15, 0xf5);
    x64_vec(f, X64_pxor_rr, to, from, REG_float_scratch);
    x64_psubq_rr(b, xmm(to), XMM_15);
    push_vector(f, to);
}

// The bits of each half byte, from a table.
static void popcnt_bytes(Base *f) {
    static const uint8_t bits[16] = {0, 1, 1, 2, 1, 2, 2, 3,
                                     1, 2, 2, 3, 2, 3, 3, 4};
    CodeBuf *b = &f->b;
    X64Mem low_half = all_32(f, 0x0f0f0f0f);
    X64Mem table = x64_at_label(code_const(b, bits, 16));
    Reg from = pop_reg(f), to = reg_alloc(f, true), high = reg_alloc(f, true);
    x64_vec_shift(f, X64_psrlw_ri, high, from, 4);
    x64_pand_rm(b, xmm(high), low_half);
    x64_vec_m(f, X64_pand_rr, REG_float_scratch, from, low_half);
    x64_movaps_rm(b, xmm(to), table);
    x64_pshufb_rr(b, xmm(to), XMM_15);
    x64_movaps_rm(b, XMM_15, table);
    x64_pshufb_rr(b, XMM_15, xmm(high));
    x64_paddb_rr(b, xmm(to), XMM_15);
    push_vector(f, to);
}

static void pairwise_u16(Base *f) {
    CodeBuf *b = &f->b;
    Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
    x64_vec_shift(f, X64_psrld_ri, REG_float_scratch, from, 16);
    x64_vec_m(f, X64_pand_rr, to, from, all_32(f, 0xffff));
    x64_paddd_rr(b, xmm(to), XMM_15);
    push_vector(f, to);
}

// Pairs of products of signed bytes, added and saturated to 16 bits.
static Reg dot_bytes(Base *f) {
    CodeBuf *c = &f->b;
    Reg b = pop_reg(f), a = pop_reg(f);
    Reg low = reg_alloc(f, true), high = reg_alloc(f, true);
    x64_pmovsxbw_rr(c, xmm(low), xmm(a));
    x64_pmovsxbw_rr(c, XMM_15, xmm(b));
    x64_pmaddwd_rr(c, xmm(low), XMM_15);
    x64_pshufd_rr(c, xmm(high), xmm(a), 0xee);
    x64_pmovsxbw_rr(c, xmm(high), xmm(high));
    x64_pshufd_rr(c, XMM_15, xmm(b), 0xee);
    x64_pmovsxbw_rr(c, XMM_15, XMM_15);
    x64_pmaddwd_rr(c, xmm(high), XMM_15);
    x64_packssdw_rr(c, xmm(low), xmm(high));
    return low;
}

static void dot_add(Base *f) {
    uint8_t ones[16];
    for (int i = 0; i < 16; i++)
        ones[i] = i % 2 == 0;
    Reg addend = pop_reg(f);
    Reg to = dot_bytes(f);
    x64_pmaddwd_rm(&f->b, xmm(to), x64_at_label(code_const(&f->b, ones, 16)));
    x64_paddd_rr(&f->b, xmm(to), xmm(addend));
    push_vector(f, to);
}

// --- conversions -------------------------------------------------------------

// NaNs become 0. What is too large comes out of the machine as 1 << 31, and
// its complement is the largest.
static void trunc_f32_s(Base *f) {
    CodeBuf *b = &f->b;
    Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
    x64_vec_i(f, X64_cmpps_rr, REG_float_scratch, from, from, 0);
    x64_vec(f, X64_andps_rr, to, from, REG_float_scratch);
    x64_movaps_rm(b, XMM_15, all_32(f, 0x4f000000)); // 2^31
    x64_cmpps_rr(b, XMM_15, xmm(to), 2);
    x64_cvttps2dq_rr(b, xmm(to), xmm(to));
    x64_pxor_rr(b, xmm(to), XMM_15);
    push_vector(f, to);
}

// In two parts: what is below 2^31, or 2^31, and what is above.
static void trunc_f32_u(Base *f) {
    CodeBuf *b = &f->b;
    X64Mem limit = all_32(f, 0x4f000000); // 2^31
    Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
    Reg above = reg_alloc(f, true);
    x64_xorps_rr(b, XMM_15, XMM_15);
    x64_vec(f, X64_maxps_rr, to, from, REG_float_scratch);
    x64_vec_m(f, X64_subps_rr, above, to, limit);
    x64_maxps_rr(b, xmm(above), XMM_15);
    x64_movaps_rm(b, XMM_15, limit);
    x64_cmpps_rr(b, XMM_15, xmm(above), 2);
    x64_cvttps2dq_rr(b, xmm(above), xmm(above));
    x64_pxor_rr(b, xmm(above), XMM_15);
    x64_cvttps2dq_rr(b, xmm(to), xmm(to));
    x64_paddd_rr(b, xmm(to), xmm(above));
    push_vector(f, to);
}

// The smaller of it and the limit; 0 for a NaN, which `minpd` takes from the
// second operand.
static void trunc_f64_s(Base *f) {
    CodeBuf *b = &f->b;
    Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
    x64_vec_i(f, X64_cmppd_rr, REG_float_scratch, from, from, 0);
    x64_andps_rm(b, XMM_15, all_f64(f, 0x1.fffffffcp30));
    x64_vec(f, X64_minpd_rr, to, from, REG_float_scratch);
    x64_cvttpd2dq_rr(b, xmm(to), xmm(to));
    push_vector(f, to);
}

// Added to 2^52, a number is in the low bits.
static void trunc_f64_u(Base *f) {
    enum {
        TRUNC = 11,
    };
    CodeBuf *b = &f->b;
    Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
    x64_xorps_rr(b, XMM_15, XMM_15);
    x64_vec(f, X64_maxpd_rr, to, from, REG_float_scratch);
    x64_minpd_rm(b, xmm(to), all_f64(f, 4294967295.0));
    x64_roundpd_rr(b, xmm(to), xmm(to), TRUNC);
    x64_addpd_rm(b, xmm(to), all_f64(f, 0x1p52));
    x64_shufps_rr(b, xmm(to), XMM_15, 0x88);
    push_vector(f, to);
}

// The halves are exact; their sum is rounded once.
static void f32_of_u32(Base *f) {
    CodeBuf *b = &f->b;
    Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
    x64_vec_shift(f, X64_psrld_ri, REG_float_scratch, from, 16);
    x64_cvtdq2ps_rr(b, XMM_15, XMM_15);
    x64_mulps_rm(b, XMM_15, all_32(f, 0x47800000)); // 2^16
    x64_vec_m(f, X64_pand_rr, to, from, all_32(f, 0xffff));
    x64_cvtdq2ps_rr(b, xmm(to), xmm(to));
    x64_addps_rr(b, xmm(to), XMM_15);
    push_vector(f, to);
}

// As the low bits of 2^52, which is then taken away.
static void f64_of_u32(Base *f) {
    Reg from = pop_reg(f), to = result_reg(f, TY_v128, from, 0);
    x64_vec_m(f, X64_unpcklps_rr, to, from, all_32(f, 0x43300000));
    x64_subpd_rm(&f->b, xmm(to), all_f64(f, 0x1p52));
    push_vector(f, to);
}

// a * b + c, or -(a * b) + c, rounded once, as everywhere; false: the runtime
// does it.
static bool multiply_add(Base *f, bool is_f64, bool is_negative) {
    if (!has_cpu(f, BASELINE_CPU_fma)) return false;
    Reg c = pop_reg(f), b = pop_reg(f), a = pop_reg(f);
    Reg to = result_reg(f, TY_v128, c, reg_bit(a) | reg_bit(b));
    masm_move(f, to, c);
    X64Op row = is_f64
                    ? (is_negative ? X64_vfnmadd231pd_rr : X64_vfmadd231pd_rr)
                    : (is_negative ? X64_vfnmadd231ps_rr : X64_vfmadd231ps_rr);
    x64_put_vrr(&f->b, x64_info[row].enc[VEC_128], xmm(to), xmm(a), xmm(b));
    push_vector(f, to);
    return true;
}

// --- which -------------------------------------------------------------------

bool x64_vector_rest(Base *f) {
    static const X64VecShift left = {X64_psllw_rr, X64_psllw_ri},
                             right_s = {X64_psraw_rr, X64_psraw_ri},
                             right_u = {X64_psrlw_rr, X64_psrlw_ri};
    if (shift_lanes(f)) return true;
    // clang-format off
    switch ((int)f->in.op) {
    case OP_i8x16_shl: shift_bytes(f, &left, false, true); break;
    case OP_i8x16_shr_s: shift_bytes(f, &right_s, true, false); break;
    case OP_i8x16_shr_u: shift_bytes(f, &right_u, false, false); break;
    case OP_i64x2_shr_s: shift_i64_s(f); break;
    case OP_i64x2_gt_s: greater_i64(f, false, false); break;
    case OP_i64x2_lt_s: greater_i64(f, true, false); break;
    case OP_i64x2_le_s: greater_i64(f, false, true); break;
    case OP_i64x2_ge_s: greater_i64(f, true, true); break;
    case OP_i64x2_abs: abs_i64(f); break;
    case OP_i8x16_popcnt: popcnt_bytes(f); break;
    case OP_i32x4_extadd_pairwise_i16x8_u: pairwise_u16(f); break;
    case OP_i16x8_relaxed_dot_i8x16_i7x16_s: push_vector(f, dot_bytes(f)); break;
    case OP_i32x4_relaxed_dot_i8x16_i7x16_add_s: dot_add(f); break;
    case OP_i32x4_trunc_sat_f32x4_s:
    case OP_i32x4_relaxed_trunc_f32x4_s: trunc_f32_s(f); break;
    case OP_i32x4_trunc_sat_f32x4_u:
    case OP_i32x4_relaxed_trunc_f32x4_u: trunc_f32_u(f); break;
    case OP_i32x4_trunc_sat_f64x2_s_zero:
    case OP_i32x4_relaxed_trunc_f64x2_s_zero: trunc_f64_s(f); break;
    case OP_i32x4_trunc_sat_f64x2_u_zero:
    case OP_i32x4_relaxed_trunc_f64x2_u_zero: trunc_f64_u(f); break;
    case OP_f32x4_convert_i32x4_u: f32_of_u32(f); break;
    case OP_f64x2_convert_low_i32x4_u: f64_of_u32(f); break;
    case OP_f32x4_relaxed_madd: return multiply_add(f, false, false);
    case OP_f32x4_relaxed_nmadd: return multiply_add(f, false, true);
    case OP_f64x2_relaxed_madd: return multiply_add(f, true, false);
    case OP_f64x2_relaxed_nmadd: return multiply_add(f, true, true);
    default:
        return false;
    }
    // clang-format on
    return true;
}
