// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The heap's memory: reservation, growth, allocation.
//
// Objects are allocated by moving `next`. When there is no room the heap is
// collected, and grown when more than half of it lives, so that the work of
// collecting stays in proportion to what is allocated.
#include "gc/gc_int.h"

#include "base/alloc.h"
#include "os/vm.h"
#include "vmabi/layout.h"

#include <string.h>

// References have 32 bits, and the region ends before they do.
#define REGION_MAX (((uint64_t)1 << 32) - ((uint64_t)64 << 10))

enum {
    CAPACITY_MIN = 1 << 20, // the first step of growth, in bytes
    RESERVE_MIN = 64 << 10, // a smaller region is not worth having
};

// Compiled code allocates by itself and asks for types.
#define AT(T, field, at) \
    static_assert(offsetof(T, field) == (at), #T "." #field)
AT(GcHeap, base, LAYOUT_HEAP_BASE);
AT(GcHeap, next, LAYOUT_HEAP_NEXT);
AT(GcHeap, fast_end, LAYOUT_HEAP_FAST_END);
AT(GcHeap, types.data, LAYOUT_HEAP_TYPES);
AT(GcTypeEntry, type.kind, LAYOUT_GC_TYPE_KIND);
AT(GcTypeEntry, type.owner, LAYOUT_GC_TYPE_OWNER);
static_assert((int)GC_struct == LAYOUT_GC_KIND_STRUCT, "kind");
static_assert((int)GC_array == LAYOUT_GC_KIND_ARRAY, "kind");

static uint64_t round_up(uint64_t size, uint64_t page) {
    return (size + page - 1) / page * page;
}

// --- the region --------------------------------------------------------------

// Two spaces; collect-always needs three, to find a place for the next one
// wherever the last one lies.
static uint64_t space_count(const GcHeap *heap) {
    return heap->collect_always ? 3 : 2;
}

static void *reserve_space(const GcHeap *heap, size_t size) {
    return heap->host.reserve ? heap->host.reserve(heap->host.env, size)
                              : vm_reserve(size);
}

static void release_space(const GcHeap *heap) {
    if (heap->host.release)
        heap->host.release(heap->host.env, heap->base, heap->region);
    else
        vm_release(heap->base, heap->region);
}

// Reserves room for spaces of `size_max` bytes, or for what the host grants:
// smaller by steps of four, so that a host with a limit keeps most of it.
static bool reserve(GcHeap *heap, uint64_t size_max) {
    uint64_t page = heap->page, count = space_count(heap);
    uint64_t most = (REGION_MAX - page) / count / page * page;
    uint64_t size = MIN(MAX(round_up(MIN(size_max, most), page), page), most);
    for (;; size = round_up(size / 4, page)) {
        heap->region = page + count * size;
        heap->base = reserve_space(heap, heap->region);
        if (heap->base) break;
        if (size <= RESERVE_MIN) return false;
    }
    heap->space_max = (uint32_t)size;
    heap->size_max = (uint32_t)MIN(size_max, size);
    return true;
}

GcHeap *gc_heap_new(const GcHost *host, const GcOptions *options) {
    GcHeap *heap = MEM_NEW(GcHeap);
    if (!heap) return NULL;
    heap->host = *host;
    heap->collect_always = options->collect_always;
    heap->page = (uint32_t)vm_page_size();
    if (!reserve(heap, options->size_max)) {
        mem_free(heap);
        return NULL;
    }
    heap->space.start = heap->page;
    heap->other.start = heap->page + heap->space_max;
    heap->next = heap->end = heap->space.start;
    gc_set_fast_end(heap);
    return heap;
}

void gc_heap_free(GcHeap *heap) {
    if (!heap) return;
    heap->is_collecting = true; // finalizers do not allocate
    gc_set_fast_end(heap);
    gc_report_dead(heap, heap->externs);
    release_space(heap);
    VEC_EACH (GcTypeEntry *, e, &heap->types) {
        mem_free(*e);
    }
    LIST_RELEASE(&heap->types);
    mem_free(heap);
}

uint8_t *gc_base(const GcHeap *heap) {
    return heap->base;
}

GcStats gc_stats(const GcHeap *heap) {
    uint32_t used = heap->next - heap->space.start;
    return (GcStats){
        .used = used,
        .capacity = heap->end - heap->space.start,
        .collections = heap->collections,
        .allocated_total = heap->allocated + used - heap->survived,
    };
}

// --- growth ------------------------------------------------------------------

bool gc_space_commit(const GcHeap *heap, GcSpace *space, uint64_t size) {
    uint64_t want = round_up(size, heap->page);
    if (want <= space->committed) return true;
    if (want > heap->space_max) return false;
    uint8_t *at = heap->base + space->start + space->committed;
    if (!vm_protect(at, want - space->committed, VM_read_write)) return false;
    space->committed = (uint32_t)want;
    return true;
}

// Makes the capacity of the space in use at least `size` bytes.
static bool grow_to(GcHeap *heap, uint64_t size) {
    uint64_t capacity = heap->end - heap->space.start;
    if (size <= capacity) return true;
    if (size > heap->size_max) return false;
    size = MIN(round_up(size, heap->page), heap->size_max & ~7u);
    if (size <= capacity) return false;
    if (!heap->host.may_grow(heap->host.env, capacity, size)) return false;
    if (!gc_space_commit(heap, &heap->space, size)) return false;
    heap->end = heap->space.start + (uint32_t)size;
    gc_set_fast_end(heap);
    return true;
}

static bool has_room(const GcHeap *heap, uint64_t size) {
    return size <= heap->end - heap->next;
}

// Grows to `want` bytes, or to less when that is refused, but at least to
// `need`. Steps of half the way: were the last one taken at once, the heap
// would soon be full again.
static bool grow_between(GcHeap *heap, uint64_t need, uint64_t want) {
    for (; want - need > heap->page; want -= (want - need) / 2)
        if (grow_to(heap, want)) return true;
    return grow_to(heap, need);
}

// Room for `size` bytes by every means.
static bool make_room(GcHeap *heap, uint64_t size) {
    if (heap->is_collecting) return false;
    bool is_empty = heap->next == heap->space.start;
    if (!is_empty && (heap->collect_always || !has_room(heap, size))) {
        // Without a collection there may still be room, or growth.
        bool collected = gc_collect(heap);
        (void)collected;
    }
    uint64_t need = heap->next - heap->space.start + size;
    uint64_t capacity = heap->end - heap->space.start;
    if (need > heap->size_max) return false;
    if (heap->collect_always) return grow_to(heap, need);
    if (need <= capacity / 2) return true;
    uint64_t want = MAX(2 * need, (uint64_t)CAPACITY_MIN);
    return grow_between(heap, need, MIN(want, heap->size_max));
}

// --- allocation --------------------------------------------------------------

// A zeroed object; the caller links externs.
static inline GcRef allocate(GcHeap *heap, uint32_t type, uint32_t len,
                             uint64_t size) {
    if (UNLIKELY(heap->next + size > heap->fast_end) && !make_room(heap, size))
        return 0;
    GcRef ref = heap->next;
    heap->next += (uint32_t)size;
    GcHeader *header = gc_header_at(heap, ref);
    memset(header, 0, size);
    *header = (GcHeader){.type = type, .len = len};
    return ref;
}

// The index is none until the caller sets it, which is never reported.
static void link_extern(GcHeap *heap, GcRef ref, const GcTypeEntry *e) {
    *gc_extern_index(heap, ref, e) = UINT32_MAX;
    gc_header_at(heap, ref)->len = heap->externs;
    heap->externs = ref;
}

GcRef gc_alloc(GcHeap *heap, uint32_t type) {
    const GcTypeEntry *e = gc_entry(heap, type);
    CHECK(e->type.kind != GC_array);
    GcRef ref = allocate(heap, type, 0, gc_size_of(e, 0));
    if (ref && e->type.kind == GC_extern) link_extern(heap, ref, e);
    return ref;
}

GcRef gc_alloc_array(GcHeap *heap, uint32_t type, uint32_t len) {
    const GcTypeEntry *e = gc_entry(heap, type);
    CHECK(e->type.kind == GC_array);
    return allocate(heap, type, len, gc_size_of(e, len));
}

bool gc_array_fits(const GcHeap *heap, uint32_t type, uint32_t len) {
    return gc_size_of(gc_entry(heap, type), len) <= heap->size_max;
}
