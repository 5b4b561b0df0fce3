// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Typing references, structures and arrays (part of valid/typer.h).
#pragma once

#include "valid/typer_data.h"

// --- references --------------------------------------------------------------

static inline bool check_heap(Typer *t) {
    if (!TYPER_CHECKS || val_type_known(t->m, t->in.imm.heap)) return true;
    return typer_fail(t, E_unknown_type, vt_index(t->in.imm.heap));
}

static inline bool valid_ref_null(Typer *t) {
    if (!check_heap(t)) return false;
    push(t, t->in.imm.heap | VT_NULL);
    return true;
}

static inline bool valid_ref_is_null(Typer *t) {
    ValType ref;
    if (!pop_ref(t, &ref)) return false;
    push_plain(t, VT_i32);
    return true;
}

static inline bool valid_ref_func(Typer *t) {
    uint32_t func = t->in.imm.index;
    if (TYPER_CHECKS && func >= t->m->funcs.len)
        return typer_fail(t, E_unknown_func, func);
    if (TYPER_CHECKS && !t->m->funcs.data[func].is_declared)
        return typer_fail(t, E_undeclared_func, func);
    push_plain(t, vt_ref(t->m->funcs.data[func].type, false));
    return true;
}

static inline bool valid_ref_eq(Typer *t) {
    if (!pop2(t, VT_EQREF, VT_EQREF)) return false;
    push_plain(t, VT_i32);
    return true;
}

static inline bool valid_ref_as_non_null(Typer *t) {
    ValType ref;
    if (!pop_ref(t, &ref)) return false;
    push(t, ref & ~VT_NULL);
    return true;
}

// --- tests and casts ---------------------------------------------------------

// The operand may be anything of the hierarchy that the cast's type is in.
static inline bool pop_castable(Typer *t) {
    if (!check_heap(t)) return false;
    if (!TYPER_CHECKS) return pop(t, VT_bot);
    HeapKind top = type_top(t->m, t->in.imm.heap);
    return pop(t, VT_ABSTRACT_REF(top) | VT_NULL);
}

static inline bool valid_ref_test(Typer *t) {
    if (!pop_castable(t)) return false;
    push_plain(t, VT_i32);
    return true;
}

static inline bool valid_ref_test_null(Typer *t) {
    return valid_ref_test(t);
}

static inline bool valid_ref_cast(Typer *t) {
    if (!pop_castable(t)) return false;
    push(t, t->in.imm.heap);
    return true;
}

static inline bool valid_ref_cast_null(Typer *t) {
    if (!pop_castable(t)) return false;
    push(t, t->in.imm.heap | VT_NULL);
    return true;
}

// The same reference as a member of another hierarchy.
static inline bool convert(Typer *t, HeapKind from, HeapKind to) {
    ValType ref = t->sp > t->floor ? t->sp[-1] : VT_bot;
    if (!pop(t, VT_ABSTRACT_REF(from) | VT_NULL)) return false;
    push(t, VT_ABSTRACT_REF(to) | (ref & VT_NULL));
    return true;
}

static inline bool valid_any_convert_extern(Typer *t) {
    return convert(t, HEAP_extern, HEAP_any);
}

static inline bool valid_extern_convert_any(Typer *t) {
    return convert(t, HEAP_any, HEAP_extern);
}

static inline bool valid_ref_i31(Typer *t) {
    if (!pop(t, VT_i32)) return false;
    push(t, VT_I31REF & ~VT_NULL);
    return true;
}

static inline bool valid_i31_get_s(Typer *t) {
    if (!pop(t, VT_I31REF)) return false;
    push_plain(t, VT_i32);
    return true;
}

static inline bool valid_i31_get_u(Typer *t) {
    return valid_i31_get_s(t);
}

// --- structures --------------------------------------------------------------

// The structure or array type with that index; NULL after an error.
static inline const TypeDef *comp_type(Typer *t, uint32_t index,
                                       CompKind kind) {
    if (TYPER_CHECKS && index >= t->m->types.len) {
        typer_fail(t, E_unknown_type, index);
        return NULL;
    }
    const TypeDef *def = &t->m->types.data[index];
    if (TYPER_CHECKS && def->kind != kind) {
        typer_fail(t, kind == COMP_struct ? E_not_a_struct : E_not_an_array,
                   index);
        return NULL;
    }
    return def;
}

// The result is a new object of the type.
static inline bool push_new(Typer *t, uint32_t index) {
    note_effect(t, LOOP_allocates, 0);
    push(t, vt_ref(index, false));
    return true;
}

static inline bool pop_fields(Typer *t, const TypeDef *def) {
    uint32_t len = def->structure.field_len;
    if (TYPER_CHECKS && !has_operands(t, len) && !is_dead(t))
        return typer_mismatch(t, "a field's value is missing");
    for (uint32_t i = len; i-- > 0;)
        if (!pop(t, vt_unpacked(def->structure.fields[i].storage)))
            return false;
    return true;
}

static inline bool valid_struct_new(Typer *t) {
    const TypeDef *def = comp_type(t, t->in.imm.index, COMP_struct);
    return def && pop_fields(t, def) && push_new(t, t->in.imm.index);
}

static inline bool check_defaults(Typer *t, const TypeDef *def) {
    if (!TYPER_CHECKS) return true;
    for (uint32_t i = 0; i < def->structure.field_len; i++)
        if (!vt_is_defaultable(def->structure.fields[i].storage))
            return typer_mismatch(t, "a field has no default value");
    return true;
}

static inline bool valid_struct_new_default(Typer *t) {
    const TypeDef *def = comp_type(t, t->in.imm.index, COMP_struct);
    return def && check_defaults(t, def) && push_new(t, t->in.imm.index);
}

static inline const FieldType *struct_field(Typer *t) {
    const TypeDef *def = comp_type(t, t->in.imm.pair.first, COMP_struct);
    if (!def) return NULL;
    uint32_t field = t->in.imm.pair.second;
    if (TYPER_CHECKS && field >= def->structure.field_len) {
        typer_fail(t, E_unknown_field, field);
        return NULL;
    }
    return &def->structure.fields[field];
}

// Reading a packed field needs to be told how to extend, and only that does.
static inline bool check_packed(Typer *t, const FieldType *f, bool packed) {
    if (!TYPER_CHECKS || vt_is_packed(f->storage) == packed) return true;
    return typer_mismatch(t, packed ? "the field is not packed"
                                    : "the field is packed");
}

static inline bool get_field(Typer *t, bool packed) {
    const FieldType *f = struct_field(t);
    if (!f || !check_packed(t, f, packed)) return false;
    if (!pop(t, vt_ref(t->in.imm.pair.first, true))) return false;
    push(t, vt_unpacked(f->storage));
    return true;
}

static inline bool valid_struct_get(Typer *t) {
    return get_field(t, false);
}
static inline bool valid_struct_get_s(Typer *t) {
    return get_field(t, true);
}
static inline bool valid_struct_get_u(Typer *t) {
    return get_field(t, true);
}

static inline bool valid_struct_set(Typer *t) {
    const FieldType *f = struct_field(t);
    if (!f) return false;
    if (TYPER_CHECKS && !f->is_mutable)
        return typer_fail(t, E_immutable_field, t->in.imm.pair.second);
    note_effect(t, LOOP_writes_gc, 0);
    return pop2(t, vt_ref(t->in.imm.pair.first, true), vt_unpacked(f->storage));
}

// --- arrays ------------------------------------------------------------------

static inline const FieldType *array_field(Typer *t, uint32_t index) {
    const TypeDef *def = comp_type(t, index, COMP_array);
    return def ? def->structure.fields : NULL;
}

static inline const FieldType *mutable_array(Typer *t, uint32_t index) {
    const FieldType *f = array_field(t, index);
    if (TYPER_CHECKS && f && !f->is_mutable) {
        typer_fail(t, E_immutable_array, index);
        return NULL;
    }
    note_effect(t, LOOP_writes_gc, 0);
    return f;
}

static inline bool valid_array_new(Typer *t) {
    const FieldType *f = array_field(t, t->in.imm.index);
    return f && pop2(t, vt_unpacked(f->storage), VT_i32) &&
           push_new(t, t->in.imm.index);
}

static inline bool valid_array_new_default(Typer *t) {
    const TypeDef *def = comp_type(t, t->in.imm.index, COMP_array);
    return def && check_defaults(t, def) && pop(t, VT_i32) &&
           push_new(t, t->in.imm.index);
}

static inline bool valid_array_new_fixed(Typer *t) {
    const FieldType *f = array_field(t, t->in.imm.pair.first);
    uint32_t len = t->in.imm.pair.second;
    if (!f) return false;
    if (TYPER_CHECKS && len > t->m->limits->array_fixed)
        return err_at(t->r.err, typer_offset(t), E_over_limit,
                      "operands of array.new_fixed", (unsigned long long)len,
                      (unsigned long long)t->m->limits->array_fixed);
    if (TYPER_CHECKS && !has_operands(t, len) && !is_dead(t))
        return typer_mismatch(t, "an element is missing");
    for (uint32_t i = 0; i < len; i++)
        if (!pop(t, vt_unpacked(f->storage))) return false;
    return push_new(t, t->in.imm.pair.first);
}

static inline bool check_numeric(Typer *t, const FieldType *f) {
    if (!TYPER_CHECKS || !vt_is_ref(f->storage)) return true;
    return typer_fail(t, E_array_not_numeric, 0);
}

static inline bool check_elem_type(Typer *t, const FieldType *f) {
    uint32_t elem = t->in.imm.pair.second;
    if (!check_elem(t, elem)) return false;
    if (!TYPER_CHECKS || fits(t, t->m->elems.data[elem].type, f->storage))
        return true;
    return typer_mismatch(t, "the segment's type is not the array's");
}

static inline bool valid_array_new_data(Typer *t) {
    const FieldType *f = array_field(t, t->in.imm.pair.first);
    return f && check_numeric(t, f) && check_data(t, t->in.imm.pair.second) &&
           pop2(t, VT_i32, VT_i32) && push_new(t, t->in.imm.pair.first);
}

static inline bool valid_array_new_elem(Typer *t) {
    const FieldType *f = array_field(t, t->in.imm.pair.first);
    return f && check_elem_type(t, f) && pop2(t, VT_i32, VT_i32) &&
           push_new(t, t->in.imm.pair.first);
}

static inline bool get_element(Typer *t, bool packed) {
    const FieldType *f = array_field(t, t->in.imm.index);
    if (!f || !check_packed(t, f, packed)) return false;
    if (!pop2(t, vt_ref(t->in.imm.index, true), VT_i32)) return false;
    push(t, vt_unpacked(f->storage));
    return true;
}

static inline bool valid_array_get(Typer *t) {
    return get_element(t, false);
}
static inline bool valid_array_get_s(Typer *t) {
    return get_element(t, true);
}
static inline bool valid_array_get_u(Typer *t) {
    return get_element(t, true);
}

static inline bool valid_array_set(Typer *t) {
    const FieldType *f = mutable_array(t, t->in.imm.index);
    return f && pop3(t, vt_ref(t->in.imm.index, true), VT_i32,
                     vt_unpacked(f->storage));
}

static inline bool valid_array_len(Typer *t) {
    if (!pop(t, VT_ARRAYREF)) return false;
    push_plain(t, VT_i32);
    return true;
}

static inline bool valid_array_fill(Typer *t) {
    const FieldType *f = mutable_array(t, t->in.imm.index);
    if (!f) return false;
    const ValType want[] = {vt_ref(t->in.imm.index, true), VT_i32,
                            vt_unpacked(f->storage), VT_i32};
    return pop_list(t, want, COUNTOF(want));
}

// Elements read from the one must be storable in the other.
static inline bool element_fits(Typer *t, ValType from, ValType to) {
    if (vt_is_packed(from) || vt_is_packed(to)) return from == to;
    return fits(t, from, to);
}

static inline bool valid_array_copy(Typer *t) {
    const FieldType *to = mutable_array(t, t->in.imm.pair.first);
    const FieldType *from = to ? array_field(t, t->in.imm.pair.second) : NULL;
    if (!from) return false;
    if (TYPER_CHECKS && !element_fits(t, from->storage, to->storage))
        return typer_fail(t, E_array_types, 0);
    const ValType want[] = {vt_ref(t->in.imm.pair.first, true), VT_i32,
                            vt_ref(t->in.imm.pair.second, true), VT_i32,
                            VT_i32};
    return pop_list(t, want, COUNTOF(want));
}

static inline bool pop_array_init(Typer *t) {
    const ValType want[] = {vt_ref(t->in.imm.pair.first, true), VT_i32, VT_i32,
                            VT_i32};
    return pop_list(t, want, COUNTOF(want));
}

static inline bool valid_array_init_data(Typer *t) {
    const FieldType *f = mutable_array(t, t->in.imm.pair.first);
    return f && check_numeric(t, f) && check_data(t, t->in.imm.pair.second) &&
           pop_array_init(t);
}

static inline bool valid_array_init_elem(Typer *t) {
    const FieldType *f = mutable_array(t, t->in.imm.pair.first);
    return f && check_elem_type(t, f) && pop_array_init(t);
}
