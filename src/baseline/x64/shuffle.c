// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// i8x16.shuffle: the masks that one instruction of the machine does, and two
// table look-ups for any other.
#include "baseline/x64/x64.h"

#include <string.h>

// The lanes of both operands, 0..31. An operand that is not used is the other.
typedef struct Shuffle {
    uint8_t lane[16];
    Reg a, b;
} Shuffle;

static bool is_one(const Shuffle *s) {
    for (int i = 0; i < 16; i++)
        if (s->lane[i] >= 16) return false;
    return true;
}

// Only lanes of b: a and b exchanged. Of the same register: all are a's.
static void normalize(Shuffle *s) {
    bool any_a = false;
    for (int i = 0; i < 16; i++)
        any_a |= s->lane[i] < 16;
    if (!any_a) s->a = s->b;
    if (s->a == s->b)
        for (int i = 0; i < 16; i++)
            s->lane[i] &= 15;
}

// Whole groups of `size` bytes: which one comes in group `i`, or -1.
static int group(const Shuffle *s, int size, int i) {
    int first = s->lane[i * size];
    for (int k = 0; k < size; k++)
        if (s->lane[i * size + k] != first + k) return -1;
    return first % size == 0 ? first / size : -1;
}

// Four groups of four bytes as an immediate, taken `mod` 4; false: not so.
static bool groups_of_four(const Shuffle *s, int group_of[4], uint8_t *imm) {
    *imm = 0;
    for (int i = 0; i < 4; i++) {
        group_of[i] = group(s, 4, i);
        if (group_of[i] < 0) return false;
        *imm |= (uint8_t)((group_of[i] & 3) << 2 * i);
    }
    return true;
}

// pshufd, or shufps: two of a, then two of b.
static bool by_four(Base *f, const Shuffle *s, Reg to) {
    int group_of[4];
    uint8_t imm;
    if (!groups_of_four(s, group_of, &imm)) return false;
    if (is_one(s)) {
        x64_vec_i(f, X64_pshufd_rr, to, s->a, s->a, imm);
        return true;
    }
    if (group_of[0] >= 4 || group_of[1] >= 4 || group_of[2] < 4 ||
        group_of[3] < 4)
        return false;
    x64_vec_i(f, X64_shufps_rr, to, s->a, s->b, imm);
    return true;
}

// Groups of a and of b in turns, from the lower halves or the upper ones.
static bool by_unpack(Base *f, const Shuffle *s, Reg to) {
    static const uint16_t rows[][2] = {
        {X64_punpcklbw_rr, X64_punpckhbw_rr},
        {X64_punpcklwd_rr, X64_punpckhwd_rr},
        {X64_punpckldq_rr, X64_punpckhdq_rr},
        {X64_punpcklqdq_rr, X64_punpckhqdq_rr},
    };
    int other = s->a == s->b ? 0 : 16; // where b's lanes begin
    for (int log = 0; log < 4; log++) {
        int size = 1 << log, groups = 16 >> log;
        for (int half = 0; half < 2; half++) {
            bool fits = true;
            for (int i = 0; i < groups && fits; i++) {
                int from = half * groups / 2 + i / 2;
                fits = group(s, size, i) == from + (i % 2 ? other >> log : 0);
            }
            if (!fits) continue;
            x64_vec(f, (X64Op)rows[log][half], to, s->a, s->b);
            return true;
        }
    }
    return false;
}

// Each pair of bytes stays where it is, of a or of b.
static bool by_blend(Base *f, const Shuffle *s, Reg to) {
    uint8_t imm = 0;
    for (int i = 0; i < 8; i++) {
        int from = group(s, 2, i);
        if (from != i && from != i + 8) return false;
        if (from != i) imm |= (uint8_t)(1 << i);
    }
    x64_vec_i(f, X64_pblendw_rr, to, s->a, s->b, imm);
    return true;
}

// One piece of both in a row: b is the upper half of what palignr shifts.
static bool by_align(Base *f, const Shuffle *s, Reg to) {
    uint8_t first = s->lane[0];
    uint8_t mask = s->a == s->b ? 15 : 31;
    for (int i = 1; i < 16; i++)
        if (s->lane[i] != ((first + i) & mask)) return false;
    bool wraps = first > 16; // b, then a again
    Reg low = wraps ? s->b : s->a, high = wraps ? s->a : s->b;
    // Without AVX the first operand is where the result goes.
    x64_vec_i(f, X64_palignr_rr, to, high, low, first & 15);
    return true;
}

// Bytes of the first operand and bytes of the second, each picked by its own
// mask, which has 0x80 where the other's bytes go.
static void by_tables(Base *f, const Shuffle *s, Reg to) {
    uint8_t first[16], second[16];
    for (int i = 0; i < 16; i++) {
        uint8_t lane = s->lane[i];
        first[i] = lane < 16 ? lane : 0x80;
        second[i] = (uint8_t)(lane < 16 ? 0x80 : lane - 16);
    }
    X64Mem of_a = x64_at_label(code_const(&f->b, first, 16));
    if (is_one(s)) {
        x64_vec_m(f, X64_pshufb_rr, to, s->a, of_a);
        return;
    }
    X64Mem of_b = x64_at_label(code_const(&f->b, second, 16));
    x64_vec_m(f, X64_pshufb_rr, REG_float_scratch, s->b, of_b);
    x64_vec_m(f, X64_pshufb_rr, to, s->a, of_a);
    x64_por_rr(&f->b, xmm(to), XMM_15);
}

void emit_shuffle(Base *f) {
    Shuffle s;
    memcpy(s.lane, f->in.imm.bytes16, sizeof s.lane);
    s.b = pop_reg(f);
    s.a = pop_reg(f);
    normalize(&s);
    // With two operands a form may have either of them first.
    bool any = s.a == s.b || has_cpu(f, BASELINE_CPU_avx);
    Reg to =
        any ? x64_vec_result(f, TY_v128, s.a, s.b)
            : result_reg(f, TY_v128, REG_NONE, reg_bit(s.a) | reg_bit(s.b));
    if (!by_four(f, &s, to) && !by_unpack(f, &s, to) && !by_blend(f, &s, to) &&
        !by_align(f, &s, to))
        by_tables(f, &s, to);
    push_reg(f, TY_v128, to);
}
