// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Choices: from the input's bytes, then from a generator of random numbers
// (Steele, Lea and Flood's splitmix, 2014).
#include "fuzz/smith/smith_int.h"

static uint64_t next_random(Smith *s) {
    uint64_t x = s->random += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

uint32_t smith_below(Smith *s, uint32_t n) {
    if (s->at >= s->in->size) return (uint32_t)(next_random(s) >> 32) % n;
    uint32_t x = s->in->bytes[s->at++];
    if (n > 256 && s->at < s->in->size) x = x << 8 | s->in->bytes[s->at++];
    return x % n;
}

bool smith_chance(Smith *s, uint32_t one_in) {
    return smith_below(s, one_in) == 0;
}

bool smith_rarely(Smith *s, uint32_t one_in) {
    return s->in->single == OP_count && smith_chance(s, one_in);
}

uint64_t smith_bits(Smith *s) {
    return next_random(s);
}

// --- numbers -----------------------------------------------------------------------

uint64_t smith_i64_bits(Smith *s) {
    uint64_t bit = UINT64_C(1) << smith_below(s, 64);
    switch (smith_below(s, 8)) {
    case 0:
        return smith_bits(s);
    case 1:
        return bit;
    case 2:
        return bit - 1;
    case 3:
        return 0 - bit;
    case 4:
        return (uint64_t)INT64_MIN + smith_below(s, 3) - 1;
    case 5:
        return (uint64_t)(int64_t)(int8_t)smith_below(s, 256);
    case 6: // around the powers of ten and of 128: long and short LEB128
        return UINT64_C(0x2040810204081) * smith_below(s, 129);
    default:
        return smith_below(s, 5) - UINT64_C(2);
    }
}

uint32_t smith_i32_bits(Smith *s) {
    uint64_t x = smith_i64_bits(s);
    return smith_chance(s, 4) ? (uint32_t)(x >> 32) : (uint32_t)x;
}

static const uint32_t f32_corners[] = {
    0x00000000, 0x80000000, 0x3f800000, 0xbf800000, // 0 -0 1 -1
    0x3f000000, 0xbf000000, 0x40200000, 0x3fc00000, // halves
    0x00000001, 0x80000001, 0x007fffff, 0x00800000, // least ones
    0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, // greatest, infinities
    0x7fc00000, 0xffc00000, 0x7f800001, 0xffc12345, // not numbers
    0x4f000000, 0xcf000000, 0xcf000001, 0x4effffff, // around 2^31
    0x4f800000, 0x4f7fffff, 0x5f000000, 0xdf000000, // 2^32, 2^63
    0x5f800000, 0x5effffff, 0x4b000000, 0x4b800001, // 2^64, 2^23, 2^24
};

uint32_t smith_f32_bits(Smith *s) {
    if (smith_chance(s, 4)) return (uint32_t)smith_bits(s);
    return f32_corners[smith_below(s, COUNTOF(f32_corners))];
}

static const uint64_t f64_corners[] = {
    UINT64_C(0x0000000000000000), UINT64_C(0x8000000000000000), // 0
    UINT64_C(0x3ff0000000000000), UINT64_C(0xbff0000000000000), // 1
    UINT64_C(0x3fe0000000000000), UINT64_C(0xbfe0000000000000), // halves
    UINT64_C(0x4004000000000000), UINT64_C(0xbfefffffffffffff),
    UINT64_C(0x0000000000000001), UINT64_C(0x800fffffffffffff), // least
    UINT64_C(0x0010000000000000), UINT64_C(0x7fefffffffffffff),
    UINT64_C(0x7ff0000000000000), UINT64_C(0xfff0000000000000), // infinite
    UINT64_C(0x7ff8000000000000), UINT64_C(0xfff8000000000000), // NaN
    UINT64_C(0x7ff0000000000001), UINT64_C(0xfff4000000000123),
    UINT64_C(0x41e0000000000000), UINT64_C(0x41dfffffffc00000), // 2^31
    UINT64_C(0xc1e0000000000000), UINT64_C(0xc1e0000000200000),
    UINT64_C(0x41efffffffe00000), UINT64_C(0x41f0000000000000), // 2^32
    UINT64_C(0x43e0000000000000), UINT64_C(0x43dfffffffffffff), // 2^63
    UINT64_C(0xc3e0000000000000), UINT64_C(0xc3e0000000000001),
    UINT64_C(0x43f0000000000000), UINT64_C(0x43efffffffffffff), // 2^64
    UINT64_C(0x47efffffe0000000), UINT64_C(0x47efffffefffffff), // f32's
    UINT64_C(0x36a0000000000000), UINT64_C(0x3690000000000001),
};

uint64_t smith_f64_bits(Smith *s) {
    if (smith_chance(s, 4)) return smith_bits(s);
    return f64_corners[smith_below(s, COUNTOF(f64_corners))];
}

// --- types -------------------------------------------------------------------------

ValType smith_num_type(Smith *s) {
    uint32_t i = smith_below(s, smith_has(s, FEATURE_simd) ? 6 : 4);
    return i < 4 ? VT_i32 + i : VT_v128;
}

static HeapKind heap_kind(Smith *s) {
    static const HeapKind kinds[] = {
        HEAP_func,     HEAP_extern, HEAP_any,   HEAP_eq,
        HEAP_i31,      HEAP_struct, HEAP_array, HEAP_none,
        HEAP_noextern, HEAP_nofunc, HEAP_exn,   HEAP_noexn,
    };
    uint32_t len = smith_has(s, FEATURE_gc) ? 10 : 2;
    bool has_exn = smith_has(s, FEATURE_exceptions);
    if (has_exn && smith_chance(s, 8))
        return len == 10 && smith_chance(s, 4) ? HEAP_noexn : HEAP_exn;
    return kinds[smith_below(s, len)];
}

ValType smith_ref_type(Smith *s) {
    bool is_typed = smith_has(s, FEATURE_function_references);
    bool is_nullable = !is_typed || !smith_chance(s, 3);
    if (is_typed && s->m.types.len && smith_chance(s, 2))
        return vt_ref(smith_below(s, s->m.types.len), is_nullable);
    return VT_ABSTRACT_REF(heap_kind(s)) | (is_nullable ? VT_NULL : 0);
}

ValType smith_type(Smith *s) {
    return smith_has(s, FEATURE_reference_types) && smith_chance(s, 3)
               ? smith_ref_type(s)
               : smith_num_type(s);
}

ValType smith_defaultable_type(Smith *s) {
    ValType t = smith_type(s);
    return vt_is_ref(t) ? t | VT_NULL : t;
}

uint32_t smith_def(Smith *s, CompKind kind) {
    uint32_t len = s->m.types.len;
    uint32_t from = len ? smith_below(s, len) : 0;
    for (uint32_t i = 0; i < len; i++) {
        uint32_t at = (from + i) % len;
        if (s->m.types.data[at].kind == kind) return at;
    }
    return TYPE_NONE;
}

static bool same_types(const ValType *a, uint32_t a_len, const ValType *b,
                       uint32_t b_len) {
    if (a_len != b_len) return false;
    for (uint32_t i = 0; i < a_len; i++)
        if (a[i] != b[i]) return false;
    return true;
}

static const ValType *copy_types(Smith *s, const ValType *types, uint32_t len) {
    ValType *copy = NEW_N(s->arena, ValType, len);
    for (uint32_t i = 0; i < len; i++)
        copy[i] = types[i];
    return copy;
}

uint32_t smith_func_type(Smith *s, const ValType *params, uint32_t param_len,
                         const ValType *results, uint32_t result_len) {
    VEC_EACH (TypeDef, t, &s->m.types)
        if (t->kind == COMP_func && t->group_len == 1 && !t->has_sub &&
            same_types(t->func.params, t->func.param_len, params, param_len) &&
            same_types(t->func.results, t->func.result_len, results,
                       result_len))
            return (uint32_t)(t - s->m.types.data);
    uint32_t index = s->m.types.len;
    TypeDef type = {
        .kind = COMP_func,
        .is_final = true,
        .super = TYPE_NONE,
        .group_start = index,
        .group_len = 1,
        .canon = index,
        .func = {copy_types(s, params, param_len),
                 copy_types(s, results, result_len), param_len, result_len},
    };
    VEC_PUSH(s->arena, &s->m.types, type);
    return index;
}
