// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Handles, roots, and the tagged values of wasmtime/val.h.
#include "api/wasmtime_int.h"

#include <wasmtime/val.h>

// --- handles -----------------------------------------------------------------

wasmtime_func_t handle_of_func(const Func *f) {
    if (!f) return (wasmtime_func_t){0};
    return (wasmtime_func_t){
        .store_id = f->store->id,
        .__private = (void *)(uintptr_t)f->handle, // NOLINT: an index
    };
}

Instance *handle_instance(const Store *s, const wasmtime_instance_t *h) {
    if (!h || h->store_id != s->id) return NULL;
    return h->__private < s->instances.len ? s->instances.data[h->__private]
                                           : NULL;
}

wasmtime_instance_t handle_of_instance(const Instance *inst) {
    return (wasmtime_instance_t){
        .store_id = inst->store->id,
        .__private = inst->handle,
    };
}

// HANDLE(name, Type, list): the others, all of one kind.
#define HANDLE(name, Type, list)                                        \
    Type *handle_##name(const Store *s, const wasmtime_##name##_t *h) { \
        if (!h || h->store_id != s->id) return NULL;                    \
        uint32_t index = h->__private1;                                 \
        return index < s->list.len ? s->list.data[index] : NULL;        \
    }                                                                   \
    wasmtime_##name##_t handle_of_##name(const Type *x) {               \
        return (wasmtime_##name##_t){                                   \
            .store_id = x->store->id,                                   \
            .__private1 = x->handle,                                    \
        };                                                              \
    }
// clang-format off
HANDLE(table,  Table,  tables)
HANDLE(memory, Memory, memories)
HANDLE(global, Global, globals)
HANDLE(tag,    Tag,    tags)
// clang-format on

wasmtime_error_t *error_of_handle(void) {
    return error_of_text("the handle is null or of another store");
}

// --- roots -------------------------------------------------------------------

#define SAME_FORM(name)                                            \
    static_assert(sizeof(wasmtime_##name##_t) == sizeof(Root) &&   \
                      offsetof(wasmtime_##name##_t, __private1) == \
                          offsetof(Root, __private1) &&            \
                      offsetof(wasmtime_##name##_t, __private3) == \
                          offsetof(Root, __private3),              \
                  "all roots have one form");
SAME_FORM(eqref)
SAME_FORM(structref)
SAME_FORM(arrayref)
SAME_FORM(externref)
SAME_FORM(exnref)

bool root_new(Store *s, GcRef ref, Root *out) {
    *out = (Root){0};
    if (ref == 0) return true;
    RootCell *cell = NULL;
    if (!gc_ref_is_i31(ref)) {
        cell = root_cell_new(s, ref);
        if (!cell) return false;
    }
    out->store_id = s->id;
    out->__private1 = cell ? 0 : ref;
    out->__private3 = cell;
    return true;
}

void root_clone(const Root *from, Root *out) {
    *out = from ? *from : (Root){0};
    if (out->store_id && out->__private3) root_cell_ref(out->__private3);
}

void root_unroot(Root *r) {
    if (!r) return;
    if (r->store_id && r->__private3) root_cell_unref(r->__private3);
    *r = (Root){0};
}

GcRef root_get(const Store *s, const Root *r) {
    if (!r || r->store_id != s->id) return 0;
    const RootCell *cell = r->__private3;
    if (cell) return cell->store_id == s->id ? cell->ref : 0;
    return gc_ref_is_i31(r->__private1) ? r->__private1 : 0;
}

// --- conversions -------------------------------------------------------------

static bool func_to_raw(const Store *s, const wasmtime_func_t *h, Raw *out) {
    if (wasmtime_funcref_is_null(h)) return true;
    out->func = handle_func(s, h);
    return out->func != NULL;
}

static bool is_exn(const Store *s, GcRef ref) {
    return ref && !gc_ref_is_i31(ref) &&
           gc_type_of(s->heap, ref)->kind == GC_exn;
}

static bool root_to_raw(const Store *s, const Root *r, bool want_exn,
                        Raw *out) {
    if (r->store_id == 0) return true;
    out->ref = root_get(s, r);
    return out->ref && is_exn(s, out->ref) == want_exn;
}

// Is the kind of a value that of a reference type's hierarchy?
static bool ref_to_raw(Store *s, const wasmtime_val_t *v, RtValType t,
                       Raw *out) {
    HeapKind top = rt_val_type_top(t);
    switch (v->kind) {
    case WASMTIME_FUNCREF:
        return top == HEAP_func && func_to_raw(s, &v->of.funcref, out);
    case WASMTIME_EXTERNREF:
    case WASMTIME_ANYREF: // both have the form of an anyref
        return top == (v->kind == WASMTIME_ANYREF ? HEAP_any : HEAP_extern) &&
               root_to_raw(s, &v->of.anyref, false, out);
    case WASMTIME_EXNREF:
        return top == HEAP_exn && root_to_raw(s, &v->of.anyref, true, out);
    default: // any byte may come in
        return false;
    }
}

// The kinds of numbers have the order of their types.
static_assert(WASMTIME_I32 == VT_i32 - VT_i32 &&
                  WASMTIME_I64 == VT_i64 - VT_i32 &&
                  WASMTIME_F32 == VT_f32 - VT_i32 &&
                  WASMTIME_F64 == VT_f64 - VT_i32 &&
                  WASMTIME_V128 == VT_v128 - VT_i32,
              "in that order");

static inline bool is_32(ValType t) {
    return t == VT_i32 || t == VT_f32;
}

// Reads no more than was written just now: a processor cannot yet read what two
// stores have written.
static inline bool num_to_raw(const wasmtime_val_t *v, ValType t, Raw *out) {
    if (is_32(t))
        *out = (Raw){.u64 = (uint32_t)v->of.i32};
    else if (t == VT_v128)
        memcpy(out, v->of.v128, sizeof *out);
    else
        *out = (Raw){.u64 = (uint64_t)v->of.i64};
    return v->kind == t - VT_i32;
}

static inline void num_of_raw(const Raw *raw, ValType t, wasmtime_val_t *out) {
    *out = (wasmtime_val_t){.kind = (wasmtime_valkind_t)(t - VT_i32)};
    if (is_32(t))
        out->of.i64 = raw->u32;
    else if (t == VT_v128)
        memcpy(out->of.v128, raw, sizeof *raw);
    else
        out->of.i64 = (int64_t)raw->u64;
}

bool value_to_raw(Store *s, const wasmtime_val_t *v, RtValType t, Raw *out) {
    if (!vt_is_ref(t.code)) return num_to_raw(v, t.code, out);
    *out = (Raw){0};
    return ref_to_raw(s, v, t, out) && store_ref_matches(s, *out, t);
}

static bool ref_of_value(Store *s, Raw raw, RtValType t, wasmtime_val_t *out) {
    HeapKind top = rt_val_type_top(t);
    if (top == HEAP_func) {
        out->kind = WASMTIME_FUNCREF;
        out->of.funcref = handle_of_func(raw.func);
        return true;
    }
    out->kind = top == HEAP_any   ? WASMTIME_ANYREF
                : top == HEAP_exn ? WASMTIME_EXNREF
                                  : WASMTIME_EXTERNREF;
    return root_new(s, raw.ref, &out->of.anyref);
}

bool value_of_raw(Store *s, Raw raw, RtValType t, wasmtime_val_t *out) {
    if (vt_is_ref(t.code)) {
        *out = (wasmtime_val_t){0};
        return ref_of_value(s, raw, t, out);
    }
    num_of_raw(&raw, t.code, out);
    return true;
}

bool values_to_raws(Store *s, const wasmtime_val_t *from,
                    const RtValType *types, uint32_t len, Raw *out) {
    for (uint32_t i = 0; i < len; i++) {
        ValType t = types[i].code;
        if (!(LIKELY(!vt_is_ref(t))
                  ? num_to_raw(&from[i], t, &out[i])
                  : value_to_raw(s, &from[i], types[i], &out[i])))
            return false;
    }
    return true;
}

uint32_t values_misfit(Store *s, const wasmtime_val_t *from,
                       const RtValType *types, uint32_t len) {
    Raw raw;
    uint32_t i = 0;
    while (i < len && value_to_raw(s, &from[i], types[i], &raw))
        i++;
    return i;
}

bool values_of_raws(Store *s, const Raw *from, const RtValType *types,
                    uint32_t len, wasmtime_val_t *out) {
    for (uint32_t i = 0; i < len; i++) {
        if (LIKELY(!vt_is_ref(types[i].code))) {
            num_of_raw(&from[i], types[i].code, &out[i]);
        } else if (!value_of_raw(s, from[i], types[i], &out[i])) {
            values_unroot(out, i);
            return false;
        }
    }
    return true;
}

// --- the public ones ---------------------------------------------------------

static bool has_root(const wasmtime_val_t *v) {
    return v->kind == WASMTIME_EXTERNREF || v->kind == WASMTIME_ANYREF ||
           v->kind == WASMTIME_EXNREF;
}

void wasmtime_val_unroot(wasmtime_val_t *val) {
    if (val && has_root(val)) root_unroot(&val->of.anyref);
}

void values_unroot(wasmtime_val_t *values, size_t len) {
    for (size_t i = 0; i < len; i++)
        if (has_root(&values[i])) root_unroot(&values[i].of.anyref);
}

void wasmtime_val_clone(const wasmtime_val_t *src, wasmtime_val_t *dst) {
    *dst = *src;
    if (has_root(src)) root_clone(&src->of.anyref, &dst->of.anyref);
}
