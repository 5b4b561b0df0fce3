// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Helpers: structures, arrays and casts. Operands stay in their slots, where the
// collector finds and updates them, until what a helper allocates has them.
#include "rt/helper_int.h"
#include "vmabi/fuel.h"

#include <string.h>

static uint32_t storage_size(RtValType t) {
    switch (t.code) {
    case VT_i8:
        return 1;
    case VT_i16:
        return 2;
    case VT_i64:
    case VT_f64:
        return 8;
    case VT_v128:
        return 16;
    default:
        return 4; // references too
    }
}

static uint64_t element_bytes(const RtType *t, uint32_t len) {
    return (uint64_t)len * storage_size(t->fields->storage);
}

static Status no_memory(const Context *c) {
    return helper_status(c, TRAP_out_of_memory);
}

// The sign of packed fields, which are read with zeroes above.
static Raw extend(RtValType t, bool is_signed, Raw value) {
    if (!is_signed) return value;
    int32_t n = t.code == VT_i8 ? (int8_t)value.u32 : (int16_t)value.u32;
    return (Raw){.u64 = (uint32_t)n};
}

// --- structures --------------------------------------------------------------------------

// The heap's index of a type, which compiled code finds by itself from then on.
static uint32_t heap_type(const Context *c, uint64_t type) {
    uint32_t index = store_gc_type(helper_store(c), c->types[type]);
    if (index != UINT32_MAX) c->gc_types[type] = index + 1;
    return index;
}

static GcRef new_struct(const Context *c, uint64_t type) {
    uint32_t gc_type = heap_type(c, type);
    if (gc_type == UINT32_MAX) return 0;
    return gc_alloc(helper_store(c)->heap, gc_type);
}

Status helper_struct_new(Context *c, Slot *args, uint64_t type, uint64_t unused,
                         int64_t stride) {
    (void)unused;
    Row row = {args, stride};
    GcRef ref = new_struct(c, type);
    if (!ref) return no_memory(c);
    uint32_t len = c->types[type]->field_len;
    for (uint32_t i = 0; i < len; i++)
        object_field_set(helper_store(c), ref, i, row_get(row, i));
    row_put_word(row, 0, ref);
    return STATUS_ok;
}

Status helper_struct_new_default(Context *c, Slot *args, uint64_t type,
                                 uint64_t unused, int64_t stride) {
    (void)unused, (void)stride;
    GcRef ref = new_struct(c, type);
    if (!ref) return no_memory(c);
    args->u64 = ref;
    return STATUS_ok;
}

static Status struct_get(const Context *c, Row row, uint64_t type,
                         uint64_t field, bool is_signed) {
    GcRef ref = row.args->ref;
    if (!ref) return helper_status(c, TRAP_null_struct_reference);
    Raw value = object_field_get(helper_store(c), ref, (uint32_t)field);
    RtValType storage = c->types[type]->fields[field].storage;
    row_put(row, 0, extend(storage, is_signed, value));
    return STATUS_ok;
}

Status helper_struct_get(Context *c, Slot *args, uint64_t type, uint64_t field,
                         int64_t stride) {
    return struct_get(c, (Row){args, stride}, type, field, false);
}

Status helper_struct_get_s(Context *c, Slot *args, uint64_t type,
                           uint64_t field, int64_t stride) {
    return struct_get(c, (Row){args, stride}, type, field, true);
}

Status helper_struct_get_u(Context *c, Slot *args, uint64_t type,
                           uint64_t field, int64_t stride) {
    return struct_get(c, (Row){args, stride}, type, field, false);
}

Status helper_struct_set(Context *c, Slot *args, uint64_t type, uint64_t field,
                         int64_t stride) {
    (void)type;
    if (!args->ref) return helper_status(c, TRAP_null_struct_reference);
    object_field_set(helper_store(c), args->ref, (uint32_t)field,
                     row_get((Row){args, stride}, 1));
    return STATUS_ok;
}

// --- new arrays --------------------------------------------------------------------------

static Status new_array(Context *c, uint64_t type, uint32_t len, GcRef *out) {
    Store *s = helper_store(c);
    uint64_t bytes = element_bytes(c->types[type], len);
    Status status = helper_fuel_bulk(c, bytes / FUEL_BULK_BYTES);
    if (status != STATUS_ok) return status;
    uint32_t gc_type = heap_type(c, type);
    if (gc_type == UINT32_MAX) return no_memory(c);
    if (!gc_array_fits(s->heap, gc_type, len))
        return store_trap(s, TRAP_allocation_too_large);
    *out = gc_alloc_array(s->heap, gc_type, len);
    return *out ? STATUS_ok : no_memory(c);
}

// One value in a range of elements.
static void fill(const Context *c, GcRef ref, uint32_t at, uint32_t len,
                 Raw value) {
    if (len == 0) return;
    const GcHeap *heap = helper_store(c)->heap;
    GcStorage storage = gc_type_of(heap, ref)->fields[0].storage;
    if (storage == GC_func) value = (Raw){.u64 = store_func_index(value.func)};
    uint8_t *p = gc_element(heap, ref, at);
    uint32_t size = gc_storage_size(storage);
    for (uint32_t i = 0; i < len; i++)
        gc_storage_set(p + (size_t)i * size, storage, value);
}

Status helper_array_new(Context *c, Slot *args, uint64_t type, uint64_t unused,
                        int64_t stride) {
    (void)unused;
    Row row = {args, stride};
    uint32_t len = row_at(row, 1)->u32;
    GcRef ref;
    Status status = new_array(c, type, len, &ref);
    if (status != STATUS_ok) return status;
    fill(c, ref, 0, len, row_get(row, 0));
    row_put_word(row, 0, ref);
    return STATUS_ok;
}

Status helper_array_new_default(Context *c, Slot *args, uint64_t type,
                                uint64_t unused, int64_t stride) {
    (void)unused, (void)stride;
    GcRef ref;
    Status status = new_array(c, type, args->u32, &ref);
    if (status == STATUS_ok) args->u64 = ref;
    return status;
}

Status helper_array_new_fixed(Context *c, Slot *args, uint64_t type,
                              uint64_t len, int64_t stride) {
    Row row = {args, stride};
    GcRef ref;
    Status status = new_array(c, type, (uint32_t)len, &ref);
    if (status != STATUS_ok) return status;
    for (uint32_t i = 0; i < len; i++)
        object_element_set(helper_store(c), ref, i, row_get(row, i));
    row_put_word(row, 0, ref);
    return STATUS_ok;
}

// --- segments ----------------------------------------------------------------------------

// The bytes from `at` in a data segment, or NULL.
static const uint8_t *data_bytes(Context *c, uint64_t data, uint32_t at,
                                 uint64_t bytes) {
    static const uint8_t none;
    const DataInstance *d = &helper_instance(c)->datas[data];
    if (bytes > d->size || at > d->size - bytes) return NULL;
    return bytes ? d->data + at : &none;
}

static bool elem_holds(Context *c, uint64_t elem, uint32_t at, uint32_t len) {
    const ElemInstance *e = &helper_instance(c)->elems[elem];
    return len <= e->len && at <= e->len - len;
}

// No object moves meanwhile: making a function's reference is not an
// allocation on the heap.
static Status put_elems(Context *c, GcRef ref, uint32_t to, uint64_t elem,
                        uint32_t at, uint32_t len) {
    for (uint32_t i = 0; i < len; i++) {
        Raw value;
        if (!instance_elem_get(helper_instance(c), (uint32_t)elem, at + i,
                               &value))
            return no_memory(c);
        object_element_set(helper_store(c), ref, to + i, value);
    }
    return STATUS_ok;
}

Status helper_array_new_data(Context *c, Slot *args, uint64_t type,
                             uint64_t data, int64_t stride) {
    Row row = {args, stride};
    uint32_t at = args->u32, len = row_at(row, 1)->u32;
    uint64_t bytes = element_bytes(c->types[type], len);
    const uint8_t *from = data_bytes(c, data, at, bytes);
    if (!from) return helper_status(c, TRAP_memory_bounds);
    GcRef ref;
    Status status = new_array(c, type, len, &ref);
    if (status != STATUS_ok) return status;
    if (bytes) memcpy(gc_element(helper_store(c)->heap, ref, 0), from, bytes);
    row_put_word(row, 0, ref);
    return STATUS_ok;
}

Status helper_array_new_elem(Context *c, Slot *args, uint64_t type,
                             uint64_t elem, int64_t stride) {
    Row row = {args, stride};
    uint32_t at = args->u32, len = row_at(row, 1)->u32;
    if (!elem_holds(c, elem, at, len))
        return helper_status(c, TRAP_table_bounds);
    GcRef ref;
    Status status = new_array(c, type, len, &ref);
    if (status == STATUS_ok) status = put_elems(c, ref, 0, elem, at, len);
    if (status == STATUS_ok) row_put_word(row, 0, ref);
    return status;
}

// --- access ------------------------------------------------------------------------------

// Is [at, at + len) inside the array in `ref`? Traps, also when it is null.
static Status check_range(const Context *c, GcRef ref, uint32_t at,
                          uint32_t len) {
    if (!ref) return helper_status(c, TRAP_null_array_reference);
    uint32_t array_len = gc_object(helper_store(c)->heap, ref)->len;
    if (len <= array_len && at <= array_len - len) return STATUS_ok;
    return helper_status(c, TRAP_array_bounds);
}

static Status array_get(const Context *c, Row row, uint64_t type,
                        bool is_signed) {
    uint32_t index = row_at(row, 1)->u32;
    Status status = check_range(c, row.args->ref, index, 1);
    if (status != STATUS_ok) return status;
    Raw value = object_element_get(helper_store(c), row.args->ref, index);
    row_put(row, 0, extend(c->types[type]->fields->storage, is_signed, value));
    return STATUS_ok;
}

Status helper_array_get(Context *c, Slot *args, uint64_t type, uint64_t unused,
                        int64_t stride) {
    (void)unused;
    return array_get(c, (Row){args, stride}, type, false);
}

Status helper_array_get_s(Context *c, Slot *args, uint64_t type,
                          uint64_t unused, int64_t stride) {
    (void)unused;
    return array_get(c, (Row){args, stride}, type, true);
}

Status helper_array_get_u(Context *c, Slot *args, uint64_t type,
                          uint64_t unused, int64_t stride) {
    (void)unused;
    return array_get(c, (Row){args, stride}, type, false);
}

Status helper_array_set(Context *c, Slot *args, uint64_t type, uint64_t unused,
                        int64_t stride) {
    (void)type, (void)unused;
    Row row = {args, stride};
    uint32_t index = row_at(row, 1)->u32;
    Status status = check_range(c, args->ref, index, 1);
    if (status != STATUS_ok) return status;
    object_element_set(helper_store(c), args->ref, index, row_get(row, 2));
    return STATUS_ok;
}

Status helper_array_len(Context *c, Slot *args, uint64_t a, uint64_t b,
                        int64_t stride) {
    (void)a, (void)b, (void)stride;
    if (!args->ref) return helper_status(c, TRAP_null_array_reference);
    args->u64 = gc_object(helper_store(c)->heap, args->ref)->len;
    return STATUS_ok;
}

// --- bulk --------------------------------------------------------------------------------

// Bounds and fuel of a bulk instruction on an array of type `t`.
static Status check_bulk(Context *c, const RtType *t, GcRef ref, uint32_t at,
                         uint32_t len) {
    Status status =
        helper_fuel_bulk(c, element_bytes(t, len) / FUEL_BULK_BYTES);
    return status == STATUS_ok ? check_range(c, ref, at, len) : status;
}

Status helper_array_fill(Context *c, Slot *args, uint64_t type, uint64_t unused,
                         int64_t stride) {
    (void)unused;
    Row row = {args, stride};
    uint32_t at = row_at(row, 1)->u32, len = row_at(row, 3)->u32;
    Status status = check_bulk(c, c->types[type], args->ref, at, len);
    if (status == STATUS_ok) fill(c, args->ref, at, len, row_get(row, 2));
    return status;
}

Status helper_array_copy(Context *c, Slot *args, uint64_t type, uint64_t from,
                         int64_t stride) {
    (void)from;
    Row row = {args, stride};
    const RtType *t = c->types[type];
    GcRef to_ref = args->ref, from_ref = row_at(row, 2)->ref;
    uint32_t to_at = row_at(row, 1)->u32, from_at = row_at(row, 3)->u32;
    uint32_t len = row_at(row, 4)->u32;
    Status status = check_bulk(c, t, to_ref, to_at, len);
    if (status == STATUS_ok) status = check_range(c, from_ref, from_at, len);
    if (status != STATUS_ok || len == 0) return status;
    const GcHeap *heap = helper_store(c)->heap;
    memmove(gc_element(heap, to_ref, to_at),
            gc_element(heap, from_ref, from_at), (size_t)element_bytes(t, len));
    return STATUS_ok;
}

Status helper_array_init_data(Context *c, Slot *args, uint64_t type,
                              uint64_t data, int64_t stride) {
    Row row = {args, stride};
    const RtType *t = c->types[type];
    uint32_t to = row_at(row, 1)->u32, at = row_at(row, 2)->u32;
    uint32_t len = row_at(row, 3)->u32;
    Status status = check_bulk(c, t, args->ref, to, len);
    if (status != STATUS_ok) return status;
    uint64_t bytes = element_bytes(t, len);
    const uint8_t *from = data_bytes(c, data, at, bytes);
    if (!from) return helper_status(c, TRAP_memory_bounds);
    if (bytes)
        memcpy(gc_element(helper_store(c)->heap, args->ref, to), from, bytes);
    return STATUS_ok;
}

Status helper_array_init_elem(Context *c, Slot *args, uint64_t type,
                              uint64_t elem, int64_t stride) {
    Row row = {args, stride};
    uint32_t to = row_at(row, 1)->u32, at = row_at(row, 2)->u32;
    uint32_t len = row_at(row, 3)->u32;
    Status status = check_bulk(c, c->types[type], args->ref, to, len);
    if (status != STATUS_ok) return status;
    if (!elem_holds(c, elem, at, len))
        return helper_status(c, TRAP_table_bounds);
    return put_elems(c, args->ref, to, elem, at, len);
}

// --- casts -------------------------------------------------------------------------------

static bool matches(Context *c, Row row, uint64_t type) {
    RtValType want = rt_val_type((ValType)type, c->types);
    return store_ref_matches(helper_store(c), row_get(row, 0), want);
}

Status helper_ref_test(Context *c, Slot *args, uint64_t type, uint64_t unused,
                       int64_t stride) {
    (void)unused;
    args->u64 = matches(c, (Row){args, stride}, type);
    return STATUS_ok;
}

Status helper_ref_cast(Context *c, Slot *args, uint64_t type, uint64_t unused,
                       int64_t stride) {
    (void)unused;
    return matches(c, (Row){args, stride}, type)
               ? STATUS_ok
               : helper_status(c, TRAP_cast_failure);
}
