// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Is the heap what it should be? Walks all objects twice: first to learn where
// objects start, then to see that every reference names such a place.
#include "gc/gc_int.h"

#include "base/alloc.h"

// A bit per 8 bytes of the space: does an object start there?
typedef struct Starts {
    uint8_t *bits; // NULL: no memory, then starts are not checked
    uint32_t externs;
} Starts;

static bool is_start(const GcHeap *heap, const Starts *s, GcRef ref) {
    if (ref % 8 || ref < heap->space.start || ref >= heap->next) return false;
    uint32_t i = (ref - heap->space.start) / 8;
    return !s->bits || (s->bits[i / 8] >> i % 8 & 1);
}

static bool find_starts(const GcHeap *heap, Starts *s) {
    uint32_t at = heap->space.start;
    while (at < heap->next) {
        const GcHeader *header = gc_header_at(heap, at);
        if (header->type >= heap->types.len) return false;
        const GcTypeEntry *e = gc_entry(heap, header->type);
        uint64_t size = gc_size_of(e, header->len);
        if (size > heap->next - at) return false;
        uint32_t i = (at - heap->space.start) / 8;
        if (s->bits) s->bits[i / 8] |= (uint8_t)(1u << i % 8);
        s->externs += e->type.kind == GC_extern;
        at += (uint32_t)size;
    }
    return true;
}

static bool ref_ok(const GcHeap *heap, const Starts *s, const uint8_t *at) {
    GcRef ref = *(const GcRef *)(const void *)at;
    return !gc_ref_is_object(ref) || is_start(heap, s, ref);
}

static bool refs_ok(const GcHeap *heap, const Starts *s, uint32_t at) {
    const GcHeader *header = gc_header_at(heap, at);
    const GcTypeEntry *e = gc_entry(heap, header->type);
    const uint8_t *object = heap->base + at;
    bool ok = true;
    if (e->type.kind != GC_array) {
        for (uint32_t i = 0; i < e->traced_len; i++)
            ok &= ref_ok(heap, s, object + e->traced[i]);
    } else if (e->traced_len) {
        for (uint32_t i = 0; i < header->len; i++)
            ok &= ref_ok(heap, s, object + e->type.size + i * sizeof(GcRef));
    }
    return ok;
}

static bool externs_ok(const GcHeap *heap, const Starts *s) {
    uint32_t count = 0;
    for (GcRef at = heap->externs; at; count++) {
        if (count == s->externs || !is_start(heap, s, at)) return false;
        const GcHeader *header = gc_header_at(heap, at);
        if (gc_entry(heap, header->type)->type.kind != GC_extern) return false;
        at = header->len;
    }
    return count == s->externs;
}

bool gc_verify(const GcHeap *heap) {
    uint32_t used = heap->next - heap->space.start;
    Starts starts = {.bits = mem_calloc(used / 64 + 1, 1)};
    bool ok = find_starts(heap, &starts);
    for (uint32_t at = heap->space.start; ok && at < heap->next;) {
        const GcHeader *header = gc_header_at(heap, at);
        ok = refs_ok(heap, &starts, at);
        at += (uint32_t)gc_size_of(gc_entry(heap, header->type), header->len);
    }
    ok = ok && externs_ok(heap, &starts);
    mem_free(starts.bits);
    return ok;
}
