// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The collector: what lives is copied to the other space (Cheney 1970).
//
// Objects that moved but were not scanned yet lie between `scan` and `next` of
// the new space, which so is the work list: no stack, no allocation. An
// object that moved leaves its new place behind, in the length of its header.
#include "gc/gc_int.h"

#include "os/vm.h"

#include <string.h>

enum {
    // An empty space that is no larger keeps its memory: to take new pages
    // costs as much as to copy what goes there.
    KEEP_MAX = 256 << 20,
};

static void move(GcHeap *heap, GcRef *ref) {
    GcRef at = *ref;
    if (!gc_ref_is_object(at)) return;
    // A place that was visited before, as a root of two owners.
    if (at >= heap->space.start && at < heap->next) return;
    CHECK(at % 8 == 0 && at >= heap->other.start && at < heap->from_end);
    GcHeader *header = gc_header_at(heap, at);
    if (header->type == GC_TYPE_MOVED) {
        *ref = header->len;
        return;
    }
    const GcTypeEntry *e = gc_entry(heap, header->type);
    // The length of externs is a link, their element size zero.
    uint64_t size = gc_size_of(e, header->len);
    CHECK(size <= heap->from_end - at);
    memcpy(heap->base + heap->next, header, size);
    *ref = heap->next;
    *header = (GcHeader){.type = GC_TYPE_MOVED, .len = heap->next};
    heap->next += (uint32_t)size;
}

static void scan_array(GcHeap *heap, uint8_t *elements, uint32_t len) {
    GcRef *refs = (GcRef *)(void *)elements;
    for (uint32_t i = 0; i < len; i++)
        move(heap, &refs[i]);
}

// Returns the object's size.
static uint32_t scan_object(GcHeap *heap, uint32_t at) {
    const GcHeader *header = gc_header_at(heap, at);
    const GcTypeEntry *e = gc_entry(heap, header->type);
    uint8_t *object = heap->base + at;
    if (e->type.kind == GC_array) {
        if (e->traced_len) scan_array(heap, object + e->type.size, header->len);
    } else {
        for (uint32_t i = 0; i < e->traced_len; i++)
            move(heap, (GcRef *)(void *)(object + e->traced[i]));
    }
    return (uint32_t)gc_size_of(e, header->len);
}

static void scan_all(GcHeap *heap) {
    for (uint32_t at = heap->space.start; at < heap->next;)
        at += scan_object(heap, at);
}

// --- external values ---------------------------------------------------------

// Divides the external objects, all still linked by their old places: those
// that moved are linked anew, the rest is returned, linked in the old space.
static GcRef split_externs(GcHeap *heap) {
    GcRef dead = 0, at = heap->externs;
    heap->externs = 0;
    while (at) {
        GcHeader *old = gc_header_at(heap, at);
        bool lives = old->type == GC_TYPE_MOVED;
        GcRef place = lives ? old->len : at;
        GcHeader *header = lives ? gc_header_at(heap, place) : old;
        GcRef *list = lives ? &heap->externs : &dead;
        at = header->len;
        header->len = *list;
        *list = place;
    }
    return dead;
}

void gc_report_dead(GcHeap *heap, GcRef externs) {
    for (GcRef at = externs; at;) {
        const GcHeader *header = gc_header_at(heap, at);
        const GcTypeEntry *e = gc_entry(heap, header->type);
        uint32_t index = *gc_extern_index(heap, at, e);
        at = header->len;
        if (index != UINT32_MAX) heap->host.extern_dead(heap->host.env, index);
    }
}

// --- spaces ------------------------------------------------------------------

// Collect-always: the pages behind the space in use, or the region's first
// ones. One of the two is free, for the region holds three spaces.
static void place_other(GcHeap *heap) {
    uint64_t at = (uint64_t)heap->space.start + heap->space.committed;
    bool fits = at + heap->space_max <= heap->region;
    heap->other = (GcSpace){.start = fits ? (uint32_t)at : heap->page};
}

// Room in the other space for all that may live, with the same capacity if
// the host has the memory. Collect-always takes no more pages than it must, to
// come around late.
static bool prepare_other(GcHeap *heap) {
    uint32_t used = heap->next - heap->space.start;
    uint32_t capacity = heap->end - heap->space.start;
    if (heap->collect_always) {
        place_other(heap);
        capacity = used;
    }
    return gc_space_commit(heap, &heap->other, capacity) ||
           gc_space_commit(heap, &heap->other, used);
}

// What remains of a space that holds no object. If the host cannot take the
// memory back it stays with the space: no harm but the memory.
static void empty_space(const GcHeap *heap, GcSpace *space) {
    if (space->committed == 0) return;
    uint8_t *at = heap->base + space->start;
    bool done = true;
    if (heap->collect_always)
        done = vm_decommit(at, space->committed);
    else if (space->committed > KEEP_MAX)
        done = vm_discard(at, space->committed);
    if (heap->collect_always && done) space->committed = 0;
}

// The other space becomes the one in use.
static void flip(GcHeap *heap) {
    uint32_t capacity = heap->end - heap->space.start;
    GcSpace from = heap->space;
    heap->from_end = heap->next;
    heap->allocated += heap->next - from.start - heap->survived;
    heap->space = heap->other;
    heap->other = from;
    heap->next = heap->space.start;
    heap->end = heap->space.start + MIN(capacity, heap->space.committed);
}

static void unflip(GcHeap *heap) {
    GcSpace empty = heap->space;
    heap->space = heap->other;
    heap->other = empty;
    heap->next = heap->from_end;
}

static bool collect(GcHeap *heap) {
    if (!prepare_other(heap)) return false;
    uint32_t end = heap->end;
    uint64_t allocated = heap->allocated;
    flip(heap);
    if (!heap->host.roots(heap->host.env, heap, move)) {
        assert(heap->next == heap->space.start);
        unflip(heap);
        heap->end = end;
        heap->allocated = allocated;
        return false;
    }
    scan_all(heap);
    heap->survived = heap->next - heap->space.start;
    heap->collections++;
    return true;
}

bool gc_collect(GcHeap *heap) {
    if (heap->is_collecting) return false;
    heap->is_collecting = true;
    gc_set_fast_end(heap);
    bool ok = collect(heap);
    if (ok) gc_report_dead(heap, split_externs(heap));
    empty_space(heap, &heap->other);
    heap->is_collecting = false;
    gc_set_fast_end(heap);
    assert(gc_verify(heap));
    return ok;
}
