// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Structures and arrays. Operands stay on the stack, where the collector finds
// and updates them, until what an instruction allocates has them.
#include "interp/interp_int.h"

#include "base/bits.h"

#include <string.h>

static RtType *imm_type(const Exec *x, const uint8_t **p) {
    return x->context->types[imm_u32(p)];
}

static Raw operand_raw(Exec *x, size_t n) {
    return slot_get(x->is_wide, operand(x, n));
}

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

static Status no_memory(Exec *x) {
    return exec_trap(x, TRAP_out_of_memory);
}

// The sign of packed fields, which are read with zeroes above.
static Raw extend(RtValType t, bool is_signed, Raw value) {
    if (!is_signed) return value;
    int32_t n = t.code == VT_i8 ? (int8_t)value.u32 : (int16_t)value.u32;
    return (Raw){.u64 = (uint32_t)n};
}

static Status result_raw(Exec *x, const uint8_t *p, size_t popped, Raw value) {
    exec_done(x, p, popped);
    FrameHeader *f = exec_frame(x);
    slot_put(x->is_wide, f->sp, value);
    f->sp = slot_at(x, f->sp, 1);
    return STATUS_ok;
}

// --- structures --------------------------------------------------------------------

static GcRef new_struct(Exec *x, RtType *t) {
    uint32_t type = store_gc_type(x->store, t);
    return type == UINT32_MAX ? 0 : gc_alloc(x->store->heap, type);
}

Status exec_struct_new(Exec *x) {
    const uint8_t *p = imm_at(x);
    RtType *t = imm_type(x, &p);
    GcRef ref = new_struct(x, t);
    if (!ref) return no_memory(x);
    for (uint32_t i = 0; i < t->field_len; i++)
        object_field_set(x->store, ref, i,
                         operand_raw(x, t->field_len - 1 - i));
    return exec_result(x, p, t->field_len, ref);
}

Status exec_struct_new_default(Exec *x) {
    const uint8_t *p = imm_at(x);
    GcRef ref = new_struct(x, imm_type(x, &p));
    return ref ? exec_result(x, p, 0, ref) : no_memory(x);
}

static Status struct_get(Exec *x, bool is_signed) {
    const uint8_t *p = imm_at(x);
    const RtType *t = imm_type(x, &p);
    uint32_t field = imm_u32(&p);
    GcRef ref = operand(x, 0)->ref;
    if (!ref) return exec_trap(x, TRAP_null_struct_reference);
    Raw value = object_field_get(x->store, ref, field);
    return result_raw(x, p, 1,
                      extend(t->fields[field].storage, is_signed, value));
}

Status exec_struct_get(Exec *x) {
    return struct_get(x, false);
}
Status exec_struct_get_s(Exec *x) {
    return struct_get(x, true);
}
Status exec_struct_get_u(Exec *x) {
    return struct_get(x, false);
}

Status exec_struct_set(Exec *x) {
    const uint8_t *p = imm_at(x);
    imm_skip(&p);
    uint32_t field = imm_u32(&p);
    GcRef ref = operand(x, 1)->ref;
    if (!ref) return exec_trap(x, TRAP_null_struct_reference);
    object_field_set(x->store, ref, field, operand_raw(x, 0));
    exec_done(x, p, 2);
    return STATUS_ok;
}

// --- new arrays --------------------------------------------------------------------

static Status new_array(Exec *x, RtType *t, uint32_t len, GcRef *out) {
    uint64_t bytes = (uint64_t)len * storage_size(t->fields->storage);
    Status status = exec_charge(x, bytes / FUEL_BULK_BYTES);
    if (status != STATUS_ok) return status;
    uint32_t type = store_gc_type(x->store, t);
    if (type == UINT32_MAX) return no_memory(x);
    if (!gc_array_fits(x->store->heap, type, len))
        return exec_trap(x, TRAP_allocation_too_large);
    *out = gc_alloc_array(x->store->heap, type, len);
    return *out ? STATUS_ok : no_memory(x);
}

// One value in a range of elements.
static void fill(Exec *x, GcRef ref, uint32_t at, uint32_t len, Raw value) {
    if (len == 0) return;
    const GcHeap *heap = x->store->heap;
    GcStorage storage = gc_type_of(heap, ref)->fields[0].storage;
    if (storage == GC_func) value = (Raw){.u64 = store_func_index(value.func)};
    uint8_t *p = gc_element(heap, ref, at);
    uint32_t size = gc_storage_size(storage);
    for (uint32_t i = 0; i < len; i++)
        gc_storage_set(p + (size_t)i * size, storage, value);
}

Status exec_array_new(Exec *x) {
    const uint8_t *p = imm_at(x);
    RtType *t = imm_type(x, &p);
    uint32_t len = operand(x, 0)->u32;
    GcRef ref;
    Status status = new_array(x, t, len, &ref);
    if (status != STATUS_ok) return status;
    fill(x, ref, 0, len, operand_raw(x, 1));
    return exec_result(x, p, 2, ref);
}

Status exec_array_new_default(Exec *x) {
    const uint8_t *p = imm_at(x);
    RtType *t = imm_type(x, &p);
    GcRef ref;
    Status status = new_array(x, t, operand(x, 0)->u32, &ref);
    return status == STATUS_ok ? exec_result(x, p, 1, ref) : status;
}

Status exec_array_new_fixed(Exec *x) {
    const uint8_t *p = imm_at(x);
    RtType *t = imm_type(x, &p);
    uint32_t len = imm_u32(&p);
    GcRef ref;
    Status status = new_array(x, t, len, &ref);
    if (status != STATUS_ok) return status;
    for (uint32_t i = 0; i < len; i++)
        object_element_set(x->store, ref, i, operand_raw(x, len - 1 - i));
    return exec_result(x, p, len, ref);
}

// --- segments ----------------------------------------------------------------------

// The bytes of `len` elements from `at` in a data segment, or NULL.
static const uint8_t *data_bytes(Exec *x, uint32_t data, uint32_t at,
                                 uint64_t bytes) {
    static const uint8_t none;
    const DataInstance *d = &exec_frame(x)->instance->datas[data];
    if (bytes > d->size || at > d->size - bytes) return NULL;
    return bytes ? d->data + at : &none;
}

static bool elem_holds(Exec *x, uint32_t elem, uint32_t at, uint32_t len) {
    const ElemInstance *e = &exec_frame(x)->instance->elems[elem];
    return len <= e->len && at <= e->len - len;
}

// No object moves meanwhile: making a function's reference is not an
// allocation on the heap.
static Status put_elems(Exec *x, GcRef ref, uint32_t to, uint32_t elem,
                        uint32_t at, uint32_t len) {
    Instance *inst = exec_frame(x)->instance;
    for (uint32_t i = 0; i < len; i++) {
        Raw value;
        if (!instance_elem_get(inst, elem, at + i, &value)) return no_memory(x);
        object_element_set(x->store, ref, to + i, value);
    }
    return STATUS_ok;
}

Status exec_array_new_data(Exec *x) {
    const uint8_t *p = imm_at(x);
    RtType *t = imm_type(x, &p);
    uint32_t data = imm_u32(&p);
    uint32_t at = operand(x, 1)->u32, len = operand(x, 0)->u32;
    uint64_t bytes = (uint64_t)len * storage_size(t->fields->storage);
    const uint8_t *from = data_bytes(x, data, at, bytes);
    if (!from) return exec_trap(x, TRAP_memory_bounds);
    GcRef ref;
    Status status = new_array(x, t, len, &ref);
    if (status != STATUS_ok) return status;
    if (bytes) memcpy(gc_element(x->store->heap, ref, 0), from, bytes);
    return exec_result(x, p, 2, ref);
}

Status exec_array_new_elem(Exec *x) {
    const uint8_t *p = imm_at(x);
    RtType *t = imm_type(x, &p);
    uint32_t elem = imm_u32(&p);
    uint32_t at = operand(x, 1)->u32, len = operand(x, 0)->u32;
    if (!elem_holds(x, elem, at, len)) return exec_trap(x, TRAP_table_bounds);
    GcRef ref;
    Status status = new_array(x, t, len, &ref);
    if (status == STATUS_ok) status = put_elems(x, ref, 0, elem, at, len);
    return status == STATUS_ok ? exec_result(x, p, 2, ref) : status;
}

// --- access ------------------------------------------------------------------------

// Is [at, at + len) inside the array in `ref`? Traps, also when it is null.
static Status check_range(Exec *x, GcRef ref, uint32_t at, uint32_t len) {
    if (!ref) return exec_trap(x, TRAP_null_array_reference);
    uint32_t array_len = gc_object(x->store->heap, ref)->len;
    if (len <= array_len && at <= array_len - len) return STATUS_ok;
    return exec_trap(x, TRAP_array_bounds);
}

static Status array_get(Exec *x, bool is_signed) {
    const uint8_t *p = imm_at(x);
    const RtType *t = imm_type(x, &p);
    GcRef ref = operand(x, 1)->ref;
    uint32_t index = operand(x, 0)->u32;
    Status status = check_range(x, ref, index, 1);
    if (status != STATUS_ok) return status;
    Raw value = object_element_get(x->store, ref, index);
    return result_raw(x, p, 2, extend(t->fields->storage, is_signed, value));
}

Status exec_array_get(Exec *x) {
    return array_get(x, false);
}
Status exec_array_get_s(Exec *x) {
    return array_get(x, true);
}
Status exec_array_get_u(Exec *x) {
    return array_get(x, false);
}

Status exec_array_set(Exec *x) {
    const uint8_t *p = imm_at(x);
    imm_skip(&p);
    GcRef ref = operand(x, 2)->ref;
    uint32_t index = operand(x, 1)->u32;
    Status status = check_range(x, ref, index, 1);
    if (status != STATUS_ok) return status;
    object_element_set(x->store, ref, index, operand_raw(x, 0));
    exec_done(x, p, 3);
    return STATUS_ok;
}

Status exec_array_len(Exec *x) {
    GcRef ref = operand(x, 0)->ref;
    if (!ref) return exec_trap(x, TRAP_null_array_reference);
    return exec_result(x, imm_at(x), 1, gc_object(x->store->heap, ref)->len);
}

// --- bulk --------------------------------------------------------------------------

// Bounds and fuel of a bulk instruction on an array of type `t`.
static Status check_bulk(Exec *x, const RtType *t, GcRef ref, uint32_t at,
                         uint32_t len) {
    uint64_t bytes = (uint64_t)len * storage_size(t->fields->storage);
    Status status = exec_charge(x, bytes / FUEL_BULK_BYTES);
    return status == STATUS_ok ? check_range(x, ref, at, len) : status;
}

Status exec_array_fill(Exec *x) {
    const uint8_t *p = imm_at(x);
    const RtType *t = imm_type(x, &p);
    GcRef ref = operand(x, 3)->ref;
    uint32_t at = operand(x, 2)->u32, len = operand(x, 0)->u32;
    Status status = check_bulk(x, t, ref, at, len);
    if (status != STATUS_ok) return status;
    fill(x, ref, at, len, operand_raw(x, 1));
    exec_done(x, p, 4);
    return STATUS_ok;
}

Status exec_array_copy(Exec *x) {
    const uint8_t *p = imm_at(x);
    const RtType *t = imm_type(x, &p);
    imm_skip(&p);
    GcRef to = operand(x, 4)->ref, from = operand(x, 2)->ref;
    uint32_t to_at = operand(x, 3)->u32, from_at = operand(x, 1)->u32;
    uint32_t len = operand(x, 0)->u32;
    Status status = check_bulk(x, t, to, to_at, len);
    if (status == STATUS_ok) status = check_range(x, from, from_at, len);
    if (status != STATUS_ok) return status;
    const GcHeap *heap = x->store->heap;
    if (len)
        memmove(gc_element(heap, to, to_at), gc_element(heap, from, from_at),
                (size_t)len * storage_size(t->fields->storage));
    exec_done(x, p, 5);
    return STATUS_ok;
}

Status exec_array_init_data(Exec *x) {
    const uint8_t *p = imm_at(x);
    const RtType *t = imm_type(x, &p);
    uint32_t data = imm_u32(&p);
    GcRef ref = operand(x, 3)->ref;
    uint32_t to = operand(x, 2)->u32, at = operand(x, 1)->u32;
    uint32_t len = operand(x, 0)->u32;
    Status status = check_bulk(x, t, ref, to, len);
    if (status != STATUS_ok) return status;
    uint64_t bytes = (uint64_t)len * storage_size(t->fields->storage);
    const uint8_t *from = data_bytes(x, data, at, bytes);
    if (!from) return exec_trap(x, TRAP_memory_bounds);
    if (bytes) memcpy(gc_element(x->store->heap, ref, to), from, bytes);
    exec_done(x, p, 4);
    return STATUS_ok;
}

Status exec_array_init_elem(Exec *x) {
    const uint8_t *p = imm_at(x);
    const RtType *t = imm_type(x, &p);
    uint32_t elem = imm_u32(&p);
    GcRef ref = operand(x, 3)->ref;
    uint32_t to = operand(x, 2)->u32, at = operand(x, 1)->u32;
    uint32_t len = operand(x, 0)->u32;
    Status status = check_bulk(x, t, ref, to, len);
    if (status != STATUS_ok) return status;
    if (!elem_holds(x, elem, at, len)) return exec_trap(x, TRAP_table_bounds);
    status = put_elems(x, ref, to, elem, at, len);
    if (status == STATUS_ok) exec_done(x, p, 4);
    return status;
}
