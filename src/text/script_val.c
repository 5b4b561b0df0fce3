// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Values in scripts: arguments of actions and patterns for results.
#include "text/script_int.h"

// nan:canonical and nan:arithmetic are patterns, not numbers.
static NanPattern take_nan(Parser *p) {
    if (parse_word(p, "nan:canonical")) return NAN_canonical;
    if (parse_word(p, "nan:arithmetic")) return NAN_arithmetic;
    return NAN_none;
}

static bool parse_lane_val(Parser *p, ValType type, uint64_t *bits,
                           NanPattern *nan) {
    uint32_t f32 = 0;
    *nan = NAN_none;
    switch (type) {
    case VT_i8:
        return parse_int(p, 8, bits);
    case VT_i16:
        return parse_int(p, 16, bits);
    case VT_i32:
        return parse_int(p, 32, bits);
    case VT_i64:
        return parse_int(p, 64, bits);
    case VT_f32:
        *nan = take_nan(p);
        if (*nan == NAN_none && !parse_f32(p, &f32)) return false;
        *bits = f32;
        return true;
    default: // VT_f64
        *nan = take_nan(p);
        *bits = 0;
        return *nan != NAN_none || parse_f64(p, bits);
    }
}

static bool parse_v128(Parser *p, ScriptVal *out) {
    static const struct {
        const char *shape;
        ValType lane;
        unsigned lanes;
    } shapes[] = {
        {"i8x16", VT_i8, 16}, {"i16x8", VT_i16, 8}, {"i32x4", VT_i32, 4},
        {"i64x2", VT_i64, 2}, {"f32x4", VT_f32, 4}, {"f64x2", VT_f64, 2},
    };
    out->kind = SCRIPT_v128;
    for (size_t i = 0; i < COUNTOF(shapes); i++) {
        if (!parse_word(p, shapes[i].shape)) continue;
        out->lane = shapes[i].lane;
        for (unsigned lane = 0; lane < shapes[i].lanes; lane++)
            if (!parse_lane_val(p, out->lane, &out->lane_bits[lane],
                                &out->lane_nan[lane]))
                return false;
        return true;
    }
    return parse_unexpected(p);
}

static bool parse_number(Parser *p, ScriptValKind kind, ValType type,
                         ScriptVal *out) {
    out->kind = kind;
    return parse_lane_val(p, type, &out->bits, &out->nan);
}

// (ref.null), (ref.null func), (ref.null 0)
static bool parse_null(Parser *p, ScriptVal *out) {
    ValType t = VT_ABSTRACT_REF(HEAP_bot);
    out->kind = SCRIPT_ref_null;
    if (!parse_is(p, TOK_rpar) && !parse_heap_type(p, &t)) return false;
    out->heap = vt_is_concrete(t) ? HEAP_bot : vt_heap(t);
    return true;
}

static bool parse_index_val(Parser *p, ScriptValKind kind, ScriptVal *out) {
    out->kind = kind;
    out->has_index = parse_is(p, TOK_number);
    return !out->has_index || parse_int(p, 32, &out->bits);
}

// (ref.func), (ref.struct) and so on: any reference of that kind.
static bool parse_any_ref(Parser *p, ScriptVal *out) {
    static const HeapKind kinds[] = {HEAP_func,   HEAP_any,   HEAP_eq, HEAP_i31,
                                     HEAP_struct, HEAP_array, HEAP_exn};
    Str word = p->tok.text;
    bool is_ref =
        parse_is(p, TOK_word) && word.len > 4 && !memcmp(word.data, "ref.", 4);
    for (size_t i = 0; is_ref && i < COUNTOF(kinds); i++) {
        Str rest = {word.data + 4, word.len - 4};
        if (!str_eq_z(rest, heap_text[kinds[i]])) continue;
        parse_advance(p);
        out->heap = kinds[i];
        return parse_index_val(p, SCRIPT_ref_any_kind, out);
    }
    return parse_unexpected(p);
}

static bool parse_plain(Parser *p, ScriptVal *out) {
    if (parse_word(p, "i32.const"))
        return parse_number(p, SCRIPT_i32, VT_i32, out);
    if (parse_word(p, "i64.const"))
        return parse_number(p, SCRIPT_i64, VT_i64, out);
    if (parse_word(p, "f32.const"))
        return parse_number(p, SCRIPT_f32, VT_f32, out);
    if (parse_word(p, "f64.const"))
        return parse_number(p, SCRIPT_f64, VT_f64, out);
    if (parse_word(p, "v128.const")) return parse_v128(p, out);
    if (parse_word(p, "ref.null")) return parse_null(p, out);
    if (parse_word(p, "ref.extern"))
        return parse_index_val(p, SCRIPT_ref_extern, out);
    if (parse_word(p, "ref.host"))
        return parse_index_val(p, SCRIPT_ref_host, out);
    return parse_any_ref(p, out);
}

// (either v v ...), without another one inside.
static bool parse_either(Parser *p, ScriptVal *out) {
    Vec(ScriptVal) list = {0};
    out->kind = SCRIPT_either;
    while (parse_is(p, TOK_lpar)) {
        ScriptVal v = {0};
        parse_advance(p);
        if (!parse_plain(p, &v) || !parse_expect(p, TOK_rpar)) return false;
        VEC_PUSH(p->arena, &list, v);
    }
    out->alternatives = list.data;
    out->alternative_len = list.len;
    return true;
}

bool parse_script_val(Parser *p, ScriptVal *out) {
    if (!parse_expect(p, TOK_lpar)) return false;
    bool ok =
        parse_word(p, "either") ? parse_either(p, out) : parse_plain(p, out);
    return ok && parse_expect(p, TOK_rpar);
}
