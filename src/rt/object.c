// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Structures, arrays and exceptions as the language sees them: the heap knows
// storage only, the registry knows types; this is where they meet.
#include "rt/instance.h"

#include "base/alloc.h"

// Keys of the store's map from types to the heap's: ids of types are above 0
// and far below this.
#define KEY_EXTERN UINT64_MAX

static GcStorage storage_of(RtValType t) {
    if (vt_is_ref(t.code))
        return rt_val_type_top(t) == HEAP_func ? GC_func : GC_ref;
    switch (t.code) {
    case VT_i8:
        return GC_i8;
    case VT_i16:
        return GC_i16;
    case VT_i64:
    case VT_f64:
        return GC_i64;
    case VT_v128:
        return GC_v128;
    default:
        return GC_i32;
    }
}

// Adds a type to the heap under a key. UINT32_MAX: no memory.
static uint32_t add_type(Store *s, uint64_t key, const GcType *type) {
    uint32_t index = gc_type_add(s->heap, type);
    if (index == UINT32_MAX) return index;
    return map_set(&s->gc_types, key, index) ? index : UINT32_MAX;
}

static uint32_t add_fielded(Store *s, uint64_t key, GcType type,
                            const RtField *types, uint32_t len) {
    GcField *fields = MEM_NEW_N(GcField, len + 1); // never empty
    if (!fields) return UINT32_MAX;
    for (uint32_t i = 0; i < len; i++)
        fields[i].storage = storage_of(types[i].storage);
    if (type.kind == GC_array)
        fields[0] = gc_layout_array(fields[0].storage, &type.size);
    else
        type.size = gc_layout_struct(fields, len);
    type.fields = fields;
    type.field_len = len;
    uint32_t index = type.size ? add_type(s, key, &type) : UINT32_MAX;
    mem_free(fields);
    return index;
}

uint32_t store_gc_type(Store *s, RtType *t) {
    uint32_t index = map_get(&s->gc_types, t->id);
    if (index != MAP_NONE) return index;
    if (!store_heap(s) || !store_hold_type(s, t)) return UINT32_MAX;
    GcType type = {
        .kind = t->kind == COMP_array ? GC_array : GC_struct,
        .owner = t,
    };
    return add_fielded(s, t->id, type, t->fields, t->field_len);
}

uint32_t store_gc_tag(Store *s, Tag *tag) {
    if (tag->gc_type != UINT32_MAX) return tag->gc_type;
    if (!store_heap(s)) return UINT32_MAX;
    uint32_t len = tag->type->param_len;
    GcField *fields = MEM_NEW_N(GcField, len + 1);
    if (!fields) return UINT32_MAX;
    for (uint32_t i = 0; i < len; i++)
        fields[i].storage = storage_of(tag->type->params[i]);
    GcType type = {
        .kind = GC_exn,
        .size = gc_layout_exn(fields, len),
        .fields = fields,
        .field_len = len,
        .owner = tag,
    };
    if (type.size) tag->gc_type = gc_type_add(s->heap, &type);
    mem_free(fields);
    return tag->gc_type;
}

uint32_t store_gc_extern(Store *s) {
    uint32_t index = map_get(&s->gc_types, KEY_EXTERN);
    if (index != MAP_NONE) return index;
    if (!store_heap(s)) return UINT32_MAX;
    GcField field = {.storage = GC_i32};
    GcType type = {.kind = GC_extern, .fields = &field, .field_len = 1};
    type.size = gc_layout_struct(&field, 1);
    return add_type(s, KEY_EXTERN, &type);
}

// --- function references in the heap ---------------------------------------------

uint32_t store_func_index(Func *f) {
    return f ? f->handle + 1 : 0;
}

Func *store_func_at(Store *s, uint32_t index) {
    if (index == 0) return NULL;
    CHECK(index <= s->funcs.len);
    return s->funcs.data[index - 1];
}

static Raw from_heap(Store *s, GcStorage storage, Raw value) {
    if (storage == GC_func) return (Raw){.func = store_func_at(s, value.u32)};
    return value;
}

static Raw to_heap(GcStorage storage, Raw value) {
    if (storage == GC_func) return (Raw){.u64 = store_func_index(value.func)};
    return value;
}

// --- access ------------------------------------------------------------------------

Raw object_field_get(Store *s, GcRef ref, uint32_t field) {
    GcStorage storage = gc_type_of(s->heap, ref)->fields[field].storage;
    return from_heap(s, storage, gc_field_get(s->heap, ref, field));
}

void object_field_set(Store *s, GcRef ref, uint32_t field, Raw value) {
    GcStorage storage = gc_type_of(s->heap, ref)->fields[field].storage;
    gc_field_set(s->heap, ref, field, to_heap(storage, value));
}

Raw object_element_get(Store *s, GcRef ref, uint32_t index) {
    GcStorage storage = gc_type_of(s->heap, ref)->fields[0].storage;
    return from_heap(s, storage, gc_element_get(s->heap, ref, index));
}

void object_element_set(Store *s, GcRef ref, uint32_t index, Raw value) {
    GcStorage storage = gc_type_of(s->heap, ref)->fields[0].storage;
    gc_element_set(s->heap, ref, index, to_heap(storage, value));
}

RtType *object_type(Store *s, GcRef ref) {
    union {
        const void *owner;
        RtType *type;
    } u = {gc_type_of(s->heap, ref)->owner};
    return u.type;
}

Tag *object_exn_tag(Store *s, GcRef exn) {
    union {
        const void *owner;
        Tag *tag;
    } u = {gc_type_of(s->heap, exn)->owner};
    return u.tag;
}

// --- allocation --------------------------------------------------------------------

Status object_new_struct(Store *s, RtType *t, Raw *values, GcRef *out) {
    uint32_t type = store_gc_type(s, t);
    if (type == UINT32_MAX) return store_trap(s, TRAP_out_of_memory);
    RawScope scope;
    raw_scope_enter(s, &scope, values, &t->fields->storage,
                    values ? t->field_len : 0);
    scope.type_stride = sizeof *t->fields;
    *out = gc_alloc(s->heap, type);
    root_scope_leave(s, &scope.scope);
    if (!*out) return store_trap(s, TRAP_out_of_memory);
    for (uint32_t i = 0; values && i < t->field_len; i++)
        object_field_set(s, *out, i, values[i]);
    return STATUS_ok;
}

// Allocates an array while `len` values are kept, all of the element's type:
// a stride of zero.
static Status array_alloc(Store *s, RtType *t, uint32_t len, Raw *values,
                          uint32_t value_len, GcRef *out) {
    uint32_t type = store_gc_type(s, t);
    if (type == UINT32_MAX) return store_trap(s, TRAP_out_of_memory);
    if (!gc_array_fits(s->heap, type, len))
        return store_trap(s, TRAP_allocation_too_large);
    RawScope scope;
    raw_scope_enter(s, &scope, values, &t->fields->storage, value_len);
    scope.type_stride = 0;
    *out = gc_alloc_array(s->heap, type, len);
    root_scope_leave(s, &scope.scope);
    return *out ? STATUS_ok : store_trap(s, TRAP_out_of_memory);
}

Status object_new_array(Store *s, RtType *t, uint32_t len, Raw fill,
                        GcRef *out) {
    Status status = array_alloc(s, t, len, &fill, 1, out);
    if (status != STATUS_ok) return status;
    for (uint32_t i = 0; i < len; i++)
        object_element_set(s, *out, i, fill);
    return STATUS_ok;
}

Status object_new_array_of(Store *s, RtType *t, Raw *values, uint32_t len,
                           GcRef *out) {
    Status status = array_alloc(s, t, len, values, len, out);
    if (status != STATUS_ok) return status;
    for (uint32_t i = 0; i < len; i++)
        object_element_set(s, *out, i, values[i]);
    return STATUS_ok;
}

Status object_new_exn(Store *s, Tag *tag, Raw *values, GcRef *out) {
    uint32_t type = store_gc_tag(s, tag);
    if (type == UINT32_MAX) return store_trap(s, TRAP_out_of_memory);
    RawScope scope;
    raw_scope_enter(s, &scope, values, tag->type->params, tag->type->param_len);
    *out = gc_alloc(s->heap, type);
    root_scope_leave(s, &scope.scope);
    if (!*out) return store_trap(s, TRAP_out_of_memory);
    for (uint32_t i = 0; i < tag->type->param_len; i++)
        object_field_set(s, *out, i, values[i]);
    return STATUS_ok;
}

// --- types of references -----------------------------------------------------------

// The kind of heap value that an any reference holds, and its type if it has
// one.
static HeapKind any_kind(Store *s, GcRef ref, RtType **type) {
    *type = NULL;
    if (gc_ref_is_i31(ref)) return HEAP_i31;
    switch (gc_type_of(s->heap, ref)->kind) {
    case GC_struct:
        *type = object_type(s, ref);
        return HEAP_struct;
    case GC_array:
        *type = object_type(s, ref);
        return HEAP_array;
    case GC_exn:
        return HEAP_exn;
    case GC_extern:
    case GC_func_none:
        break;
    }
    return HEAP_any; // an external value, internalized
}

bool store_ref_matches(Store *s, Raw raw, RtValType want) {
    HeapKind top = rt_val_type_top(want);
    bool is_null = top == HEAP_func ? raw.func == NULL : raw.ref == 0;
    if (is_null) return vt_is_nullable(want.code);
    if (top == HEAP_func)
        return want.type ? rt_type_is(raw.func->type, want.type)
                         : heap_matches(HEAP_func, vt_heap(want.code));
    // Any value may be externalized, and every exception is an exn.
    if (top == HEAP_extern || top == HEAP_exn)
        return heap_matches(top, vt_heap(want.code));
    RtType *type;
    HeapKind kind = any_kind(s, raw.ref, &type);
    if (want.type) return type && rt_type_is(type, want.type);
    return heap_matches(kind, vt_heap(want.code));
}
