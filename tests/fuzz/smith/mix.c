// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Any value becomes part of one number, by code of the module itself: what an
// export returns can then be compared whatever the types.
#include "fuzz/smith/smith_int.h"

enum {
    BLOCK_void = 0x40
};

static const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);

uint64_t smith_mix(uint64_t a, uint64_t b) {
    return (a * factor) ^ b;
}

// The i64 on top goes into `to`.
static void mix_i64(Smith *s, uint32_t to) {
    emit_index(s, OP_local_get, to);
    emit_i64(s, factor);
    emit_op(s, OP_i64_mul);
    emit_op(s, OP_i64_xor);
    emit_index(s, OP_local_set, to);
}

static void mix_i32(Smith *s, uint32_t to) {
    emit_op(s, OP_i64_extend_i32_u);
    mix_i64(s, to);
}

static void mix_v128(Smith *s, uint32_t to) {
    uint32_t tmp = smith_local(s, VT_v128);
    emit_index(s, OP_local_set, tmp);
    for (uint8_t lane = 0; lane < 2; lane++) {
        emit_index(s, OP_local_get, tmp);
        emit_op(s, OP_i64x2_extract_lane);
        write_u8(s->w, lane);
        mix_i64(s, to);
    }
}

static void mix_num(Smith *s, ValType t, uint32_t to) {
    switch (t) {
    case VT_i32:
        mix_i32(s, to);
        return;
    case VT_i64:
        mix_i64(s, to);
        return;
    case VT_f32:
        emit_op(s, OP_i32_reinterpret_f32);
        mix_i32(s, to);
        return;
    case VT_f64:
        emit_op(s, OP_i64_reinterpret_f64);
        mix_i64(s, to);
        return;
    default:
        mix_v128(s, to);
    }
}

// The fields of a structure that are numbers.
static void mix_struct(Smith *s, uint32_t type, uint32_t from, uint32_t to) {
    for (uint32_t i = 0; i < s->m.types.data[type].structure.field_len; i++) {
        ValType t = s->m.types.data[type].structure.fields[i].storage;
        if (vt_is_ref(t)) continue;
        emit_index(s, OP_local_get, from);
        emit_pair(s, vt_is_packed(t) ? OP_struct_get_u : OP_struct_get, type,
                  i);
        mix_num(s, vt_unpacked(t), to);
    }
}

// The length of an array, and its first element if that is a number.
static void mix_array(Smith *s, uint32_t type, uint32_t from, uint32_t to) {
    ValType t = s->m.types.data[type].structure.fields[0].storage;
    emit_index(s, OP_local_get, from);
    emit_op(s, OP_array_len);
    mix_i32(s, to);
    if (vt_is_ref(t)) return;
    emit_index(s, OP_local_get, from);
    emit_op(s, OP_array_len);
    emit_op(s, OP_if);
    write_u8(s->w, BLOCK_void);
    emit_index(s, OP_local_get, from);
    emit_i32(s, 0);
    emit_index(s, vt_is_packed(t) ? OP_array_get_s : OP_array_get, type);
    mix_num(s, vt_unpacked(t), to);
    emit_op(s, OP_end);
}

static void mix_i31(Smith *s, uint32_t from, uint32_t to) {
    ValType i31 = VT_ABSTRACT_REF(HEAP_i31);
    emit_index(s, OP_local_get, from);
    emit_op(s, OP_ref_test);
    emit_heap_type(s, i31);
    emit_op(s, OP_if);
    write_u8(s->w, BLOCK_void);
    emit_index(s, OP_local_get, from);
    emit_op(s, OP_ref_cast);
    emit_heap_type(s, i31);
    emit_op(s, OP_i31_get_u);
    mix_i32(s, to);
    emit_op(s, OP_end);
}

// What is behind a reference that is not null.
static void mix_object(Smith *s, ValType t, uint32_t from, uint32_t to) {
    if (!vt_is_concrete(t)) {
        mix_i31(s, from, to);
        return;
    }
    switch (s->m.types.data[vt_index(t)].kind) {
    case COMP_func:
        return;
    case COMP_struct:
        mix_struct(s, vt_index(t), from, to);
        return;
    case COMP_array:
        mix_array(s, vt_index(t), from, to);
        return;
    }
    UNREACHABLE();
}

static void mix_ref(Smith *s, ValType t, uint32_t to) {
    bool has_object =
        smith_has(s, FEATURE_gc) && type_top(&s->m, t) == HEAP_any;
    if (!has_object) {
        emit_op(s, OP_ref_is_null);
        mix_i32(s, to);
        return;
    }
    uint32_t tmp = smith_local(s, t | VT_NULL);
    emit_index(s, OP_local_tee, tmp);
    emit_op(s, OP_ref_is_null);
    mix_i32(s, to);
    emit_index(s, OP_local_get, tmp);
    emit_op(s, OP_ref_is_null);
    emit_op(s, OP_i32_eqz);
    emit_op(s, OP_if);
    write_u8(s->w, BLOCK_void);
    mix_object(s, t, tmp, to);
    emit_op(s, OP_end);
}

void smith_mix_value(Smith *s, ValType t, uint32_t to) {
    if (vt_is_ref(t))
        mix_ref(s, t, to);
    else
        mix_num(s, t, to);
}
