// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The heap's own structures, for the files of gc/ only.
//
// One region is reserved; its first page stays inaccessible, so that a null
// reference faults. A space is a run of pages in it:
//
//     base                start           next             end    committed
//      | null page | ... | objects, whole | room for more | spare | ... |
//
// Normally there are two spaces, each half of the region, and a collection
// moves what lives from one to the other. In the collect-always mode each
// collection takes the pages behind the last space, all around the region, and
// gives the old pages back: a stale reference faults for a long time.
#pragma once

#include "gc/gc.h"

typedef struct GcSpace {
    uint32_t start;
    uint32_t committed; // bytes from start that are accessible; whole pages
} GcSpace;

// A type, with its own copy of the fields behind it.
typedef struct GcTypeEntry {
    GcType type;
    uint32_t element_size; // arrays
    uint32_t traced_len;
    const uint32_t *traced; // offsets of the references of structs and exns
    GcField fields[];
} GcTypeEntry;

struct GcHeap {
    uint8_t *base;
    uint32_t next;             // where the next object goes
    uint32_t fast_end;         // end of quick allocation: `end`, or 0 for none
    List(GcTypeEntry *) types; // up to here: vmabi/layout.h
    uint32_t end;              // start of the space plus its capacity
    GcSpace space;             // in use
    GcSpace other;     // empty; while collecting, where objects come from
    uint32_t from_end; // while collecting: its end
    GcRef externs;     // external objects, linked through header.len
    bool is_collecting;
    bool collect_always;
    uint32_t page;      // bytes
    uint32_t space_max; // bytes that a space may have; whole pages
    uint32_t size_max;  // bytes that objects may take
    uint64_t region;    // bytes reserved
    uint64_t collections;
    uint64_t allocated; // bytes of objects before those of this space ...
    uint32_t survived;  // ... which starts with that many that were moved
    GcHost host;
};

// A header's type once its object has moved; `len` then is the new place.
#define GC_TYPE_MOVED UINT32_MAX

static inline const GcTypeEntry *gc_entry(const GcHeap *heap, uint32_t index) {
    CHECK(index < heap->types.len);
    return heap->types.data[index];
}

static inline bool gc_ref_is_object(GcRef ref) {
    return ref != 0 && !gc_ref_is_i31(ref);
}

static inline GcHeader *gc_header_at(const GcHeap *heap, uint32_t at) {
    return (GcHeader *)(void *)(heap->base + at);
}

static inline uint64_t gc_round_8(uint64_t size) {
    return (size + 7) & ~(uint64_t)7;
}

// Bytes of an object with its padding.
static inline uint64_t gc_size_of(const GcTypeEntry *e, uint32_t len) {
    return gc_round_8(e->type.size + (uint64_t)len * e->element_size);
}

// Where an external object keeps its index into the host's values.
static inline uint32_t *gc_extern_index(const GcHeap *heap, uint32_t at,
                                        const GcTypeEntry *e) {
    return (uint32_t *)(void *)(heap->base + at + e->fields[0].offset);
}

// After anything that it depends on changed.
static inline void gc_set_fast_end(GcHeap *heap) {
    bool is_slow = heap->collect_always || heap->is_collecting;
    heap->fast_end = is_slow ? 0 : heap->end;
}

// Tells the host about a list of external objects that died.
void gc_report_dead(GcHeap *heap, GcRef externs);

// Makes `size` bytes of a space accessible.
NODISCARD bool gc_space_commit(const GcHeap *heap, GcSpace *space,
                               uint64_t size);
