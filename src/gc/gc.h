// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The collected heap of a store: layout of objects, allocation, a moving
// collector with precise roots.
//
// A reference is a 32-bit offset from the heap's base (vmabi/value.h). The
// region is reserved at the first allocation; objects are aligned to 8, so the
// low bit is free for i31. Every object starts with a GcHeader whose `type` is
// an index into the heap's own table of types: checked when read, not reused
// while the store lives.
//
// An allocation may move every object. C code therefore holds no GcRef across
// one, except in a place that the root callback visits. The
// collect-always mode collects at each allocation and makes the old space
// inaccessible, so that a forgotten reference faults at once.
#pragma once

#include "base/vec.h"
#include "vmabi/value.h"
#include "wasm/limit.h"

typedef struct GcHeap GcHeap;

typedef struct GcHeader {
    uint32_t type; // index into the heap's types
    uint32_t len;  // arrays: elements; otherwise the heap's own
} GcHeader;

typedef enum GcKind {
    GC_struct,
    GC_array,
    GC_exn,       // an exception: the tag, then its values as fields
    GC_extern,    // an external value: an index into the store's host values
    GC_func_none, // placeholder of types that have no objects
} GcKind;

// How a field is stored.
typedef enum GcStorage {
    GC_i8,
    GC_i16,
    GC_i32, // and f32
    GC_i64, // and f64
    GC_v128,
    GC_ref,  // traced: any, extern, exn
    GC_func, // 32-bit index into the store's table of function references
} GcStorage;

typedef struct GcField {
    uint32_t offset; // from the start of the object
    GcStorage storage;
} GcField;

// A type of objects. For arrays, `fields` has the one element.
typedef struct GcType {
    GcKind kind;
    uint32_t size; // struct, exn, extern: whole object; array: up to element 0
    uint32_t field_len;
    const GcField *fields;
    const void *owner; // the RtType, or the Tag of exceptions: for casts
} GcType;

// Visits one root: the collector may change *ref.
typedef void (*GcVisit)(GcHeap *heap, GcRef *ref);

typedef struct GcHost {
    void *env;
    // Calls visit on every root. Must not allocate in the heap. `false` means
    // that the roots could not be found for lack of memory: nothing was visited,
    // the collection does not happen and the allocation fails.
    bool (*roots)(void *env, GcHeap *heap, GcVisit visit);
    // An external value's object died. Never called for the index UINT32_MAX,
    // which is none. The heap is consistent but collecting: the callback may
    // not allocate in it (it would get 0) or hold references.
    void (*extern_dead)(void *env, uint32_t host_index);
    // May the capacity grow from one size to another? (limits, accounting) A
    // collection may take as much again, for the moment or until the next.
    bool (*may_grow)(void *env, uint64_t from, uint64_t to);
    // Address space of the heap, inaccessible: whole pages, of which some are
    // made accessible, and given back as they are then. NULL: os/vm has it.
    void *(*reserve)(void *env, size_t size);
    void (*release)(void *env, void *at, size_t size);
} GcHost;

typedef struct GcOptions {
    // Bytes of objects. References have 32 bits and a collection needs a
    // second space, so that just below 2 GiB is the most there can be (a third
    // less with collect_always); less, too, where the host refuses to reserve
    // the address space.
    uint64_t size_max;
    bool collect_always; // collect at every allocation, old space inaccessible
} GcOptions;

NODISCARD GcHeap *gc_heap_new(const GcHost *host, const GcOptions *options);
void gc_heap_free(GcHeap *heap); // reports every external value dead; NULL fine

// Adds a type; its index, or UINT32_MAX when memory ran out. `fields` is
// copied. gc_layout_* compute offsets and size first.
NODISCARD uint32_t gc_type_add(GcHeap *heap, const GcType *type);
const GcType *gc_type(const GcHeap *heap, uint32_t index);

// Lays out fields in order with natural alignment after the header; sets each
// offset and returns the object's size, or 0 when it is too large.
NODISCARD uint32_t gc_layout_struct(GcField *fields, uint32_t len);
// Exceptions: as structs, after the tag's word.
NODISCARD uint32_t gc_layout_exn(GcField *fields, uint32_t len);
GcField gc_layout_array(GcStorage element, uint32_t *size_out);
uint32_t gc_storage_size(GcStorage s);

// A new object, zeroed but for the header; an external object's index is
// UINT32_MAX until it is set. 0 when memory or the limit ran out even after a
// collection; everything stays usable.
NODISCARD GcRef gc_alloc(GcHeap *heap, uint32_t type);
NODISCARD GcRef gc_alloc_array(GcHeap *heap, uint32_t type, uint32_t len);
// Would an array of that length ever fit?
bool gc_array_fits(const GcHeap *heap, uint32_t type, uint32_t len);

NODISCARD bool gc_collect(GcHeap *heap);
// Debug builds and tests: walks all objects and checks headers and references.
bool gc_verify(const GcHeap *heap);

typedef struct GcStats {
    uint64_t used, capacity, collections, allocated_total;
} GcStats;
GcStats gc_stats(const GcHeap *heap);

uint8_t *gc_base(const GcHeap *heap);
// Does a number, neither null nor an i31, look like a reference: does it lie in
// the heap, where a known type is written?
bool gc_holds(const GcHeap *heap, GcRef ref);
// The object of a reference that is neither null nor an i31. CHECKs the same.
GcHeader *gc_object(const GcHeap *heap, GcRef ref);
const GcType *gc_type_of(const GcHeap *heap, GcRef ref);

// Fields, by storage; numbers are zero-extended. References and function
// indices come as their 32 bits.
Raw gc_field_get(const GcHeap *heap, GcRef ref, uint32_t field);
void gc_field_set(GcHeap *heap, GcRef ref, uint32_t field, Raw value);
// Elements; the caller has checked the bounds.
uint8_t *gc_element(const GcHeap *heap, GcRef ref, uint32_t index);
Raw gc_element_get(const GcHeap *heap, GcRef ref, uint32_t index);
void gc_element_set(GcHeap *heap, GcRef ref, uint32_t index, Raw value);
Raw gc_storage_get(const uint8_t *at, GcStorage s);
void gc_storage_set(uint8_t *at, GcStorage s, Raw value);
