// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Types of objects: layout, the heap's table, access to fields and elements.
#include "gc/gc_int.h"

#include "base/alloc.h"
#include "vmabi/layout.h"

#include <string.h>

// --- layout ------------------------------------------------------------------

uint32_t gc_storage_size(GcStorage s) {
    switch (s) {
    case GC_i8:
        return 1;
    case GC_i16:
        return 2;
    case GC_i32:
    case GC_ref:
    case GC_func:
        return 4;
    case GC_i64:
        return 8;
    case GC_v128:
        return 16;
    }
    UNREACHABLE();
}

static_assert(sizeof(GcHeader) == LAYOUT_OBJECT_FIELDS, "where fields begin");

static uint32_t layout(uint64_t at, GcField *fields, uint32_t len) {
    for (uint32_t i = 0; i < len; i++) {
        at = layout_field_at(at, gc_storage_size(fields[i].storage));
        if (at > INT32_MAX) return 0;
        fields[i].offset = (uint32_t)at;
        at += gc_storage_size(fields[i].storage);
    }
    return at > INT32_MAX ? 0 : (uint32_t)at;
}

uint32_t gc_layout_struct(GcField *fields, uint32_t len) {
    return layout(sizeof(GcHeader), fields, len);
}

uint32_t gc_layout_exn(GcField *fields, uint32_t len) {
    return layout(sizeof(GcHeader) + sizeof(uint64_t), fields, len);
}

GcField gc_layout_array(GcStorage element, uint32_t *size_out) {
    *size_out = sizeof(GcHeader); // aligned for every storage
    return (GcField){.offset = *size_out, .storage = element};
}

// --- the table of types ------------------------------------------------------

static uint32_t count_traced(const GcType *type) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < type->field_len; i++)
        n += type->fields[i].storage == GC_ref;
    return n;
}

// One block: the entry, its fields, the offsets of those that are traced.
static GcTypeEntry *entry_new(const GcType *type) {
    size_t fields_size = type->field_len * sizeof(GcField);
    size_t traced_size = count_traced(type) * sizeof(uint32_t);
    GcTypeEntry *e = mem_alloc(sizeof *e + fields_size + traced_size);
    if (!e) return NULL;
    *e = (GcTypeEntry){.type = *type};
    for (uint32_t i = 0; i < type->field_len; i++)
        e->fields[i] = type->fields[i];
    e->type.fields = e->fields;
    uint32_t *traced = (uint32_t *)(void *)&e->fields[type->field_len];
    e->traced = traced;
    for (uint32_t i = 0; i < type->field_len; i++)
        if (type->fields[i].storage == GC_ref)
            traced[e->traced_len++] = type->fields[i].offset;
    if (type->kind == GC_array)
        e->element_size = gc_storage_size(type->fields[0].storage);
    return e;
}

uint32_t gc_type_add(GcHeap *heap, const GcType *type) {
    assert(type->size >= sizeof(GcHeader));
    assert(type->kind != GC_array || type->field_len == 1);
    assert(type->kind != GC_extern || type->fields[0].storage == GC_i32);
    if (!LIST_RESERVE(&heap->types, 1)) return UINT32_MAX;
    GcTypeEntry *e = entry_new(type);
    if (!e) return UINT32_MAX;
    heap->types.data[heap->types.len] = e;
    return heap->types.len++;
}

const GcType *gc_type(const GcHeap *heap, uint32_t index) {
    return &gc_entry(heap, index)->type;
}

// --- objects -----------------------------------------------------------------

bool gc_holds(const GcHeap *heap, GcRef ref) {
    return ref % 8 == 0 && ref >= heap->space.start && ref < heap->next &&
           gc_header_at(heap, ref)->type < heap->types.len;
}

GcHeader *gc_object(const GcHeap *heap, GcRef ref) {
    CHECK(gc_holds(heap, ref));
    return gc_header_at(heap, ref);
}

const GcType *gc_type_of(const GcHeap *heap, GcRef ref) {
    return gc_type(heap, gc_object(heap, ref)->type);
}

// A copy per size, so that each is one instruction. Little-endian: what is
// copied to a zero comes out zero-extended.
Raw gc_storage_get(const uint8_t *at, GcStorage s) {
    Raw raw = {.u64x2 = {0, 0}};
    switch (s) {
    case GC_i8:
        memcpy(&raw, at, 1);
        break;
    case GC_i16:
        memcpy(&raw, at, 2);
        break;
    case GC_i32:
    case GC_ref:
    case GC_func:
        memcpy(&raw, at, 4);
        break;
    case GC_i64:
        memcpy(&raw, at, 8);
        break;
    case GC_v128:
        memcpy(&raw, at, 16);
        break;
    }
    return raw;
}

void gc_storage_set(uint8_t *at, GcStorage s, Raw value) {
    switch (s) {
    case GC_i8:
        memcpy(at, &value, 1);
        break;
    case GC_i16:
        memcpy(at, &value, 2);
        break;
    case GC_i32:
    case GC_ref:
    case GC_func:
        memcpy(at, &value, 4);
        break;
    case GC_i64:
        memcpy(at, &value, 8);
        break;
    case GC_v128:
        memcpy(at, &value, 16);
        break;
    }
}

static uint8_t *field_at(const GcHeap *heap, GcRef ref, uint32_t field,
                         GcStorage *storage) {
    GcHeader *header = gc_object(heap, ref);
    const GcType *type = gc_type(heap, header->type);
    CHECK(field < type->field_len);
    *storage = type->fields[field].storage;
    return (uint8_t *)header + type->fields[field].offset;
}

Raw gc_field_get(const GcHeap *heap, GcRef ref, uint32_t field) {
    GcStorage storage;
    const uint8_t *at = field_at(heap, ref, field, &storage);
    return gc_storage_get(at, storage);
}

void gc_field_set(GcHeap *heap, GcRef ref, uint32_t field, Raw value) {
    GcStorage storage;
    uint8_t *at = field_at(heap, ref, field, &storage);
    gc_storage_set(at, storage, value);
}

// An index of len is the end: of the empty range that a copy may name.
static uint8_t *element_at(const GcHeap *heap, GcRef ref, uint32_t index,
                           GcStorage *storage) {
    GcHeader *header = gc_object(heap, ref);
    const GcTypeEntry *e = gc_entry(heap, header->type);
    CHECK(index <= header->len && e->type.kind == GC_array);
    *storage = e->fields[0].storage;
    return (uint8_t *)header + e->type.size + (uint64_t)index * e->element_size;
}

uint8_t *gc_element(const GcHeap *heap, GcRef ref, uint32_t index) {
    GcStorage storage;
    return element_at(heap, ref, index, &storage);
}

Raw gc_element_get(const GcHeap *heap, GcRef ref, uint32_t index) {
    GcStorage storage;
    const uint8_t *at = element_at(heap, ref, index, &storage);
    assert(index < gc_object(heap, ref)->len);
    return gc_storage_get(at, storage);
}

void gc_element_set(GcHeap *heap, GcRef ref, uint32_t index, Raw value) {
    GcStorage storage;
    uint8_t *at = element_at(heap, ref, index, &storage);
    assert(index < gc_object(heap, ref)->len);
    gc_storage_set(at, storage, value);
}
