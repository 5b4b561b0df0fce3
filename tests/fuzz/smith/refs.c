// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// References, structures, arrays, casts.
#include "fuzz/smith/smith_int.h"

enum {
    FIXED_MAX = 4,
};

static bool is_ref_to(Smith *s, ValType want, HeapKind top) {
    return vt_is_ref(want) && type_top(&s->m, want) == top;
}

// --- references ----------------------------------------------------------------------

// The type itself or what is below every type of its hierarchy.
static ValType null_type(Smith *s, ValType want) {
    if (!smith_has(s, FEATURE_gc) || smith_chance(s, 2)) return want;
    switch (type_top(&s->m, want)) {
    case HEAP_func:
        return VT_ABSTRACT_REF(HEAP_nofunc);
    case HEAP_extern:
        return VT_ABSTRACT_REF(HEAP_noextern);
    case HEAP_exn:
        return VT_ABSTRACT_REF(HEAP_noexn);
    default:
        return VT_ABSTRACT_REF(HEAP_none);
    }
}

bool smith_ref_null(Smith *s, ValType want) {
    if (!vt_is_ref(want) || !vt_is_nullable(want)) return false;
    emit_op(s, OP_ref_null);
    emit_heap_type(s, null_type(s, want));
    return true;
}

bool smith_ref_is_null(Smith *s, ValType want) {
    if (want != VT_i32) return false;
    smith_value(s, smith_ref_type(s));
    emit_op(s, OP_ref_is_null);
    return true;
}

bool smith_ref_func(Smith *s, ValType want) {
    if (!is_ref_to(s, want, HEAP_func)) return false;
    uint32_t len = s->m.funcs.len, from = len ? smith_below(s, len) : 0;
    for (uint32_t i = 0; i < len; i++) {
        uint32_t f = (from + i) % len;
        ValType have = smith_has(s, FEATURE_function_references)
                           ? vt_ref(s->m.funcs.data[f].type, false)
                           : VT_FUNCREF;
        if (f == s->undeclared || !smith_fits(s, have, want)) continue;
        emit_index(s, OP_ref_func, f);
        return true;
    }
    return false;
}

bool smith_ref_eq(Smith *s, ValType want) {
    if (want != VT_i32) return false;
    smith_value(s, VT_EQREF);
    smith_value(s, VT_EQREF);
    emit_op(s, OP_ref_eq);
    return true;
}

bool smith_ref_as_non_null(Smith *s, ValType want) {
    if (!vt_is_ref(want)) return false;
    smith_value(s, want | VT_NULL);
    emit_op(s, OP_ref_as_non_null);
    return true;
}

// A label that takes at least a reference last, or any (is_ref false).
static bool find_label(Smith *s, bool is_ref, uint32_t *out) {
    uint32_t len = s->labels.len, from = smith_below(s, len);
    for (uint32_t i = 0; i < len; i++) {
        uint32_t depth = (from + i) % len;
        const Label *l = &s->labels.data[len - 1 - depth];
        if (is_ref && (!l->len || !vt_is_ref(l->types[l->len - 1]))) continue;
        *out = depth;
        return true;
    }
    return false;
}

static Label label_at(const Smith *s, uint32_t depth) {
    return s->labels.data[s->labels.len - 1 - depth];
}

// A copy of a label's types whose last one may change.
static ValType *types_of(Smith *s, const Label *l) {
    ValType *types = NEW_N(s->arena, ValType, l->len + 1);
    for (uint32_t i = 0; i < l->len; i++)
        types[i] = l->types[i];
    return types;
}

bool smith_br_on_null(Smith *s, ValType want) {
    uint32_t depth;
    if (!find_label(s, false, &depth)) return false;
    Label l = label_at(s, depth);
    ValType *types = types_of(s, &l);
    types[l.len] =
        vt_is_ref(want) ? want & ~VT_NULL : smith_ref_type(s) & ~VT_NULL;
    if (!smith_can_keep(s, types, l.len + 1, want)) return false;
    smith_values(s, types, l.len);
    smith_value(s, types[l.len] | VT_NULL);
    emit_index(s, OP_br_on_null, depth);
    smith_keep(s, types, l.len + 1, want);
    return true;
}

bool smith_br_on_non_null(Smith *s, ValType want) {
    uint32_t depth;
    if (!find_label(s, true, &depth)) return false;
    Label l = label_at(s, depth);
    if (!smith_can_keep(s, l.types, l.len - 1, want)) return false;
    smith_values(s, l.types, l.len - 1);
    smith_value(s, l.types[l.len - 1] | VT_NULL);
    emit_index(s, OP_br_on_non_null, depth);
    smith_keep(s, l.types, l.len - 1, want);
    return true;
}

// --- structures ----------------------------------------------------------------------

static const TypeDef *def_at(const Smith *s, uint32_t type) {
    return &s->m.types.data[type];
}

// A type of that kind, references to which fit; TYPE_NONE: none.
static uint32_t find_def(Smith *s, CompKind kind, ValType want) {
    if (!vt_is_ref(want)) return TYPE_NONE;
    uint32_t len = s->m.types.len, from = len ? smith_below(s, len) : 0;
    for (uint32_t i = 0; i < len; i++) {
        uint32_t t = (from + i) % len;
        if (def_at(s, t)->kind == kind && smith_fits(s, vt_ref(t, false), want))
            return t;
    }
    return TYPE_NONE;
}

static bool has_defaults(const TypeDef *def) {
    for (uint32_t i = 0; i < def->structure.field_len; i++)
        if (!vt_is_defaultable(def->structure.fields[i].storage)) return false;
    return true;
}

bool smith_struct_new(Smith *s, ValType want) {
    uint32_t t = find_def(s, COMP_struct, want);
    if (t == TYPE_NONE) return false;
    for (uint32_t i = 0; i < def_at(s, t)->structure.field_len; i++)
        smith_value(s, vt_unpacked(def_at(s, t)->structure.fields[i].storage));
    emit_index(s, OP_struct_new, t);
    return true;
}

bool smith_struct_new_default(Smith *s, ValType want) {
    uint32_t t = find_def(s, COMP_struct, want);
    if (t == TYPE_NONE || !has_defaults(def_at(s, t))) return false;
    emit_index(s, OP_struct_new_default, t);
    return true;
}

static bool struct_get(Smith *s, Op op, ValType want) {
    uint32_t t = smith_def(s, COMP_struct);
    if (want == VT_bot || t == TYPE_NONE) return false;
    bool is_packed = op != OP_struct_get;
    uint32_t len = def_at(s, t)->structure.field_len;
    uint32_t from = len ? smith_below(s, len) : 0;
    for (uint32_t i = 0; i < len; i++) {
        uint32_t field = (from + i) % len;
        ValType have = def_at(s, t)->structure.fields[field].storage;
        if (vt_is_packed(have) != is_packed ||
            !smith_fits(s, vt_unpacked(have), want))
            continue;
        smith_value(s, vt_ref(t, smith_chance(s, 4)));
        emit_pair(s, op, t, field);
        return true;
    }
    return false;
}

bool smith_struct_get(Smith *s, ValType want) {
    return struct_get(s, OP_struct_get, want);
}

bool smith_struct_get_s(Smith *s, ValType want) {
    return struct_get(s, OP_struct_get_s, want);
}

bool smith_struct_get_u(Smith *s, ValType want) {
    return struct_get(s, OP_struct_get_u, want);
}

bool smith_struct_set(Smith *s, ValType want) {
    uint32_t t = smith_def(s, COMP_struct);
    if (want != VT_bot || t == TYPE_NONE) return false;
    const TypeDef *def = def_at(s, t);
    if (!def->structure.field_len) return false;
    uint32_t field = smith_below(s, def->structure.field_len);
    FieldType f = def->structure.fields[field];
    if (!f.is_mutable) return false;
    smith_value(s, vt_ref(t, smith_chance(s, 4)));
    smith_value(s, vt_unpacked(f.storage));
    emit_pair(s, OP_struct_set, t, field);
    return true;
}

// --- arrays --------------------------------------------------------------------------

static FieldType element(const Smith *s, uint32_t type) {
    return def_at(s, type)->structure.fields[0];
}

// A length, or a position in something short.
static void emit_small(Smith *s, uint32_t max) {
    smith_known(s, false, smith_chance(s, 24) ? 4096 : smith_below(s, max + 1));
}

bool smith_array_new(Smith *s, ValType want) {
    uint32_t t = find_def(s, COMP_array, want);
    if (t == TYPE_NONE) return false;
    smith_value(s, vt_unpacked(element(s, t).storage));
    emit_small(s, 40);
    emit_index(s, OP_array_new, t);
    return true;
}

bool smith_array_new_default(Smith *s, ValType want) {
    uint32_t t = find_def(s, COMP_array, want);
    if (t == TYPE_NONE || !vt_is_defaultable(element(s, t).storage))
        return false;
    emit_small(s, 40);
    emit_index(s, OP_array_new_default, t);
    return true;
}

bool smith_array_new_fixed(Smith *s, ValType want) {
    uint32_t t = find_def(s, COMP_array, want);
    if (t == TYPE_NONE) return false;
    uint32_t len = smith_below(s, FIXED_MAX + 1);
    for (uint32_t i = 0; i < len; i++)
        smith_value(s, vt_unpacked(element(s, t).storage));
    emit_pair(s, OP_array_new_fixed, t, len);
    return true;
}

// A segment whose references fit; UINT32_MAX: none.
static uint32_t find_elem(Smith *s, ValType want) {
    uint32_t len = s->m.elems.len, from = len ? smith_below(s, len) : 0;
    for (uint32_t i = 0; i < len; i++) {
        uint32_t e = (from + i) % len;
        if (smith_fits(s, s->m.elems.data[e].type, want)) return e;
    }
    return UINT32_MAX;
}

bool smith_array_new_data(Smith *s, ValType want) {
    uint32_t t = find_def(s, COMP_array, want);
    if (t == TYPE_NONE || vt_is_ref(element(s, t).storage) || !s->m.datas.len)
        return false;
    emit_small(s, 4);
    emit_small(s, 4);
    emit_pair(s, OP_array_new_data, t, smith_below(s, s->m.datas.len));
    return true;
}

bool smith_array_new_elem(Smith *s, ValType want) {
    uint32_t t = find_def(s, COMP_array, want);
    if (t == TYPE_NONE || !vt_is_ref(element(s, t).storage)) return false;
    uint32_t elem = find_elem(s, element(s, t).storage);
    if (elem == UINT32_MAX) return false;
    emit_small(s, 2);
    emit_small(s, 2);
    emit_pair(s, OP_array_new_elem, t, elem);
    return true;
}

static bool array_get(Smith *s, Op op, ValType want) {
    uint32_t t = smith_def(s, COMP_array);
    if (want == VT_bot || t == TYPE_NONE) return false;
    ValType have = element(s, t).storage;
    if (vt_is_packed(have) != (op != OP_array_get) ||
        !smith_fits(s, vt_unpacked(have), want))
        return false;
    smith_value(s, vt_ref(t, smith_chance(s, 4)));
    emit_small(s, 3);
    emit_index(s, op, t);
    return true;
}

bool smith_array_get(Smith *s, ValType want) {
    return array_get(s, OP_array_get, want);
}

bool smith_array_get_s(Smith *s, ValType want) {
    return array_get(s, OP_array_get_s, want);
}

bool smith_array_get_u(Smith *s, ValType want) {
    return array_get(s, OP_array_get_u, want);
}

// A mutable array type; TYPE_NONE: none was found.
static uint32_t mutable_array(Smith *s) {
    uint32_t t = smith_def(s, COMP_array);
    return t == TYPE_NONE || element(s, t).is_mutable ? t : TYPE_NONE;
}

bool smith_array_set(Smith *s, ValType want) {
    uint32_t t = mutable_array(s);
    if (want != VT_bot || t == TYPE_NONE) return false;
    smith_value(s, vt_ref(t, smith_chance(s, 4)));
    emit_small(s, 3);
    smith_value(s, vt_unpacked(element(s, t).storage));
    emit_index(s, OP_array_set, t);
    return true;
}

bool smith_array_len(Smith *s, ValType want) {
    if (want != VT_i32) return false;
    smith_value(s, VT_ARRAYREF);
    emit_op(s, OP_array_len);
    return true;
}

bool smith_array_fill(Smith *s, ValType want) {
    uint32_t t = mutable_array(s);
    if (want != VT_bot || t == TYPE_NONE) return false;
    smith_value(s, vt_ref(t, smith_chance(s, 4)));
    emit_small(s, 3);
    smith_value(s, vt_unpacked(element(s, t).storage));
    emit_small(s, 3);
    emit_index(s, OP_array_fill, t);
    return true;
}

static bool storage_fits(Smith *s, ValType have, ValType want) {
    return have == want || (vt_is_ref(have) && smith_fits(s, have, want));
}

bool smith_array_copy(Smith *s, ValType want) {
    uint32_t to = mutable_array(s), from = smith_def(s, COMP_array);
    if (want != VT_bot || to == TYPE_NONE ||
        !storage_fits(s, element(s, from).storage, element(s, to).storage))
        return false;
    smith_value(s, vt_ref(to, smith_chance(s, 4)));
    emit_small(s, 3);
    smith_value(s, vt_ref(from, smith_chance(s, 4)));
    emit_small(s, 3);
    emit_small(s, 3);
    emit_pair(s, OP_array_copy, to, from);
    return true;
}

static bool array_init(Smith *s, Op op, uint32_t type, uint32_t segment) {
    smith_value(s, vt_ref(type, smith_chance(s, 4)));
    emit_small(s, 3);
    emit_small(s, 2);
    emit_small(s, 2);
    emit_pair(s, op, type, segment);
    return true;
}

bool smith_array_init_data(Smith *s, ValType want) {
    uint32_t t = mutable_array(s);
    if (want != VT_bot || t == TYPE_NONE || !s->m.datas.len ||
        vt_is_ref(element(s, t).storage))
        return false;
    return array_init(s, OP_array_init_data, t, smith_below(s, s->m.datas.len));
}

bool smith_array_init_elem(Smith *s, ValType want) {
    uint32_t t = mutable_array(s);
    if (want != VT_bot || t == TYPE_NONE || !vt_is_ref(element(s, t).storage))
        return false;
    uint32_t elem = find_elem(s, element(s, t).storage);
    return elem != UINT32_MAX && array_init(s, OP_array_init_elem, t, elem);
}

// --- casts ---------------------------------------------------------------------------

// Some reference type of that hierarchy at or below `top`.
static ValType below(Smith *s, ValType top) {
    for (int tries = 0; tries < 8; tries++) {
        ValType t = smith_ref_type(s);
        if (smith_fits(s, t & ~VT_NULL, top | VT_NULL)) return t;
    }
    return top;
}

static ValType top_of(Smith *s, ValType t) {
    return VT_ABSTRACT_REF(type_top(&s->m, t)) | VT_NULL;
}

// Exceptions cannot be cast.
static bool can_cast(Smith *s, ValType t) {
    return vt_is_ref(t) && type_top(&s->m, t) != HEAP_exn;
}

static bool ref_test(Smith *s, Op op, ValType want) {
    ValType t = smith_ref_type(s);
    if (want != VT_i32 || !can_cast(s, t)) return false;
    ValType from = smith_chance(s, 2) ? top_of(s, t) : below(s, top_of(s, t));
    smith_value(s, from);
    emit_op(s, op);
    emit_heap_type(s, t);
    return true;
}

bool smith_ref_test(Smith *s, ValType want) {
    return ref_test(s, OP_ref_test, want);
}

bool smith_ref_test_null(Smith *s, ValType want) {
    return ref_test(s, OP_ref_test_null, want);
}

static bool ref_cast(Smith *s, Op op, ValType want) {
    bool is_null = op == OP_ref_cast_null;
    if (!can_cast(s, want) || (is_null && !vt_is_nullable(want))) return false;
    ValType t = below(s, want);
    smith_value(s, smith_chance(s, 2) ? want | VT_NULL : top_of(s, want));
    emit_op(s, op);
    emit_heap_type(s, t);
    return true;
}

bool smith_ref_cast(Smith *s, ValType want) {
    return ref_cast(s, OP_ref_cast, want);
}

bool smith_ref_cast_null(Smith *s, ValType want) {
    return ref_cast(s, OP_ref_cast_null, want);
}

enum {
    CAST_from_null = 1,
    CAST_to_null = 2,
};

// The branch is taken with `to` (br_on_cast) or with what is left of `from`.
static bool br_on_cast(Smith *s, Op op, ValType want) {
    uint32_t depth;
    if (!find_label(s, true, &depth)) return false;
    Label l = label_at(s, depth);
    ValType last = l.types[l.len - 1];
    if (!can_cast(s, last)) return false;
    bool on_fail = op == OP_br_on_cast_fail;
    ValType from = on_fail ? last : top_of(s, last);
    ValType to = below(s, on_fail ? from : last);
    if (!vt_is_nullable(from) || (!on_fail && !vt_is_nullable(last)))
        to &= ~VT_NULL;
    ValType rest = vt_is_nullable(to) ? from & ~VT_NULL : from;
    ValType *types = types_of(s, &l);
    types[l.len - 1] = on_fail ? to : rest;
    if (!smith_can_keep(s, types, l.len, want)) return false;
    smith_values(s, types, l.len - 1);
    smith_value(s, from);
    emit_op(s, op);
    write_u8(s->w, (uint8_t)((vt_is_nullable(from) ? CAST_from_null : 0) |
                             (vt_is_nullable(to) ? CAST_to_null : 0)));
    write_u32(s->w, depth);
    emit_heap_type(s, from);
    emit_heap_type(s, to);
    smith_keep(s, types, l.len, want);
    return true;
}

bool smith_br_on_cast(Smith *s, ValType want) {
    return br_on_cast(s, OP_br_on_cast, want);
}

bool smith_br_on_cast_fail(Smith *s, ValType want) {
    return br_on_cast(s, OP_br_on_cast_fail, want);
}

bool smith_any_convert_extern(Smith *s, ValType want) {
    if (want != VT_ANYREF && want != VT_ABSTRACT_REF(HEAP_any)) return false;
    smith_value(s, VT_ABSTRACT_REF(HEAP_extern) | (want & VT_NULL));
    emit_op(s, OP_any_convert_extern);
    return true;
}

bool smith_extern_convert_any(Smith *s, ValType want) {
    if (want != VT_EXTERNREF && want != VT_ABSTRACT_REF(HEAP_extern))
        return false;
    smith_value(s, VT_ABSTRACT_REF(HEAP_any) | (want & VT_NULL));
    emit_op(s, OP_extern_convert_any);
    return true;
}

bool smith_ref_i31(Smith *s, ValType want) {
    if (!smith_fits(s, VT_ABSTRACT_REF(HEAP_i31), want)) return false;
    smith_value(s, VT_i32);
    emit_op(s, OP_ref_i31);
    return true;
}

static bool i31_get(Smith *s, Op op, ValType want) {
    if (want != VT_i32) return false;
    smith_value(s, smith_chance(s, 4) ? VT_I31REF : VT_ABSTRACT_REF(HEAP_i31));
    emit_op(s, op);
    return true;
}

bool smith_i31_get_s(Smith *s, ValType want) {
    return i31_get(s, OP_i31_get_s, want);
}

bool smith_i31_get_u(Smith *s, ValType want) {
    return i31_get(s, OP_i31_get_u, want);
}
