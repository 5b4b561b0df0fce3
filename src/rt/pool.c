// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/pool.h"

#include "base/alloc.h"
#include "base/bits.h"

#define SMALL_MAX ((uint64_t)256 * 1024) // bytes of a slot from a chunk
#define CHUNK_MAX ((uint64_t)64 << 20)   // bytes of a chunk

enum {
    CHUNK_SLOTS_MIN = 16,
    SEARCH_MAX = 8, // idle slots that are looked at for one that fits
};

// Slots of one size, side by side.
struct PoolChunk {
    uint8_t *base;
    uint32_t len, used;
    PoolSlot *free;         // linked by `next`
    PoolChunk *next, *prev; // of the chunks of this size that have free slots
    PoolSlot slots[];
};

static unsigned log2_of(uint64_t extent) {
    return 63 - (unsigned)clz64(extent);
}

// --- idle slots --------------------------------------------------------------------

// A slot is in three lists: of its size, of its image, and of all by age.
static void link_slot(SlotPool *p, PoolSlot *slot) {
    PoolSlot **head = &p->idle[log2_of(slot->extent)];
    slot->prev = NULL;
    slot->next = *head;
    if (*head) (*head)->prev = slot;
    *head = slot;
    if (slot->image) {
        PoolSlot **with = &slot->image->idle;
        slot->image_prev = NULL;
        slot->image_next = *with;
        if (*with) (*with)->image_prev = slot;
        *with = slot;
    }
    slot->newer = NULL;
    slot->older = p->newest;
    if (p->newest) p->newest->newer = slot;
    p->newest = slot;
    if (!p->oldest) p->oldest = slot;
    p->idle_len++;
}

static void unlink_slot(SlotPool *p, PoolSlot *slot) {
    *(slot->prev ? &slot->prev->next : &p->idle[log2_of(slot->extent)]) =
        slot->next;
    if (slot->next) slot->next->prev = slot->prev;
    if (slot->image) {
        *(slot->image_prev ? &slot->image_prev->image_next
                           : &slot->image->idle) = slot->image_next;
        if (slot->image_next) slot->image_next->image_prev = slot->image_prev;
    }
    *(slot->newer ? &slot->newer->older : &p->newest) = slot->older;
    *(slot->older ? &slot->older->newer : &p->oldest) = slot->newer;
    p->idle_len--;
}

// Sizes are equal, not just large enough: how far a memory can grow must not
// depend on who came before.
static bool fits(const PoolSlot *slot, SlotKind kind, uint64_t extent,
                 bool any_image) {
    return slot->kind == kind && slot->extent == extent &&
           (any_image || !slot->image);
}

// One with the image, else one without any; one with another image only where
// there is no room for more idle slots.
static PoolSlot *find_idle(const SlotPool *p, SlotKind kind, uint64_t extent,
                           const PoolImage *image) {
    if (image && image->idle && image->idle->extent == extent)
        return image->idle;
    for (int any = 0; any <= (p->idle_len >= p->idle_max); any++) {
        PoolSlot *slot = p->idle[log2_of(extent)];
        for (int i = 0; slot && i < SEARCH_MAX; i++, slot = slot->next)
            if (fits(slot, kind, extent, any)) return slot;
    }
    return NULL;
}

static PoolSlot *take_idle(SlotPool *p, SlotKind kind, uint64_t extent,
                           const PoolImage *image) {
    mutex_lock(&p->lock);
    PoolSlot *slot = find_idle(p, kind, extent, image);
    if (slot) unlink_slot(p, slot);
    mutex_unlock(&p->lock);
    return slot;
}

static void slot_release(PoolSlot *slot) {
    vm_release(slot->base, slot->extent);
    mem_free(slot);
}

// --- making one --------------------------------------------------------------------

static PoolSlot *slot_new(SlotPool *p, SlotKind kind, uint64_t extent) {
    PoolSlot *slot = MEM_NEW(PoolSlot);
    if (!slot) return NULL;
    slot->kind = kind;
    slot->extent = extent;
    slot->base = vm_reserve(extent);
    if (!slot->base) { // perhaps because of what is kept
        pool_flush(p);
        slot->base = vm_reserve(extent);
    }
    if (slot->base) return slot;
    mem_free(slot);
    return NULL;
}

bool pool_resize(PoolSlot *slot, uint64_t accessible) {
    uint64_t now = slot->accessible;
    assert(accessible <= slot->extent && slot->kind == SLOT_data);
    if (slot->chunk) return true;
    if (accessible > now &&
        !vm_protect(slot->base + now, accessible - now, VM_read_write))
        return false;
    if (accessible < now &&
        !vm_protect(slot->base + accessible, now - accessible, VM_none))
        return false;
    slot->accessible = accessible;
    return true;
}

// As it was when it was new.
static bool clear(PoolSlot *slot) {
    if (slot->accessible && !vm_decommit(slot->base, slot->accessible))
        return false;
    slot->accessible = 0;
    slot->image = NULL;
    return true;
}

// What the slot is and what its user may assume are compared here, whatever it
// was before.
static bool prepare(PoolSlot *slot, uint64_t accessible, PoolImage *image) {
    if (slot->image && slot->image != image && !clear(slot)) return false;
    if (!pool_resize(slot, accessible)) return false;
    if (!image || slot->image == image) return true;
    assert(image->at + image->size <= accessible);
    if (vm_image_map(&image->vm, slot->base + image->at, image->size)) {
        slot->image = image;
        return true;
    }
    return clear(slot) && pool_resize(slot, accessible); // without
}

PoolSlot *pool_take(SlotPool *p, uint64_t extent, uint64_t accessible,
                    PoolImage *image) {
    if (image && !image->size) image = NULL;
    PoolSlot *slot = take_idle(p, SLOT_data, extent, image);
    if (!slot) slot = slot_new(p, SLOT_data, extent);
    if (!slot || prepare(slot, accessible, image)) return slot;
    slot_release(slot);
    return NULL;
}

PoolSlot *pool_take_stack(SlotPool *p, uint64_t extent) {
    size_t page = vm_page_size();
    PoolSlot *slot = take_idle(p, SLOT_stack, extent, NULL);
    if (slot) return slot;
    slot = slot_new(p, SLOT_stack, extent);
    if (!slot || vm_protect(slot->base + page, extent - page, VM_read_write))
        return slot;
    slot_release(slot);
    return NULL;
}

PoolSlot *pool_take_heap(SlotPool *p, uint64_t extent) {
    PoolSlot *slot = take_idle(p, SLOT_heap, extent, NULL);
    return slot ? slot : slot_new(p, SLOT_heap, extent);
}

// --- chunks ------------------------------------------------------------------------

bool pool_is_small(uint64_t extent) {
    return extent <= SMALL_MAX;
}

static void link_chunk(SlotPool *p, PoolChunk *c, unsigned log2) {
    c->prev = NULL;
    c->next = p->chunks[log2];
    if (c->next) c->next->prev = c;
    p->chunks[log2] = c;
}

static void unlink_chunk(SlotPool *p, PoolChunk *c, unsigned log2) {
    *(c->prev ? &c->prev->next : &p->chunks[log2]) = c->next;
    if (c->next) c->next->prev = c->prev;
}

static void chunk_release(PoolChunk *c) {
    vm_release(c->base, c->len * c->slots[0].extent);
    mem_free(c);
}

// So many slots that chunks are few, but not many more than there are already.
static PoolChunk *chunk_new(unsigned log2, uint64_t in_use) {
    uint64_t extent = (uint64_t)1 << log2;
    uint64_t most = CHUNK_MAX >> log2;
    uint32_t len = (uint32_t)MIN(MAX(in_use, (uint64_t)CHUNK_SLOTS_MIN), most);
    PoolChunk *c = mem_calloc(1, sizeof *c + len * sizeof *c->slots);
    if (!c) return NULL;
    c->base = vm_reserve(len * extent);
    if (!c->base || !vm_protect(c->base, len * extent, VM_read_write)) {
        if (c->base) vm_release(c->base, len * extent);
        mem_free(c);
        return NULL;
    }
    c->len = len;
    for (uint32_t i = len; i-- > 0;) {
        PoolSlot *slot = &c->slots[i];
        *slot = (PoolSlot){
            .base = c->base + i * extent,
            .extent = extent,
            .accessible = extent,
            .chunk = c,
            .next = c->free,
        };
        c->free = slot;
    }
    return c;
}

PoolSlot *pool_take_small(SlotPool *p, uint64_t extent) {
    assert(pool_is_small(extent));
    extent = MAX(extent, vm_page_size());
    unsigned log2 = log2_of(extent) + !is_pow2(extent);
    mutex_lock(&p->lock);
    if (!p->chunks[log2]) {
        PoolChunk *made = chunk_new(log2, p->chunk_slots[log2]);
        if (made) link_chunk(p, made, log2);
    }
    PoolChunk *c = p->chunks[log2];
    PoolSlot *slot = c ? c->free : NULL;
    if (slot) {
        c->free = slot->next;
        c->used++;
        p->chunk_slots[log2]++;
        if (!c->free) unlink_chunk(p, c, log2);
    }
    mutex_unlock(&p->lock);
    return slot;
}

// A chunk that nobody uses goes, unless it is the last with free slots. So does
// one whose slot could not be reset, which stays in use until then.
static void give_small(SlotPool *p, PoolSlot *slot, bool is_clean) {
    PoolChunk *c = slot->chunk, *empty = NULL;
    unsigned log2 = log2_of(slot->extent);
    mutex_lock(&p->lock);
    bool was_full = !c->free;
    if (is_clean) {
        slot->next = c->free;
        c->free = slot;
        if (was_full) link_chunk(p, c, log2);
    }
    c->used--;
    p->chunk_slots[log2]--;
    bool is_last = p->chunks[log2] == c && !c->next;
    if (c->used == 0 && !(is_last && is_clean)) {
        if (c->free) unlink_chunk(p, c, log2);
        empty = c;
    }
    mutex_unlock(&p->lock);
    if (empty) chunk_release(empty);
}

// --- giving back -------------------------------------------------------------------

// Zeros, or the image, all over.
static bool reset_data(const SlotPool *p, PoolSlot *slot) {
    uint64_t keep = slot->image ? 0 : MIN(p->keep_resident, slot->accessible);
    if (keep) memset(slot->base, 0, keep);
    return keep == slot->accessible ||
           vm_discard(slot->base + keep, slot->accessible - keep);
}

static bool reset(const SlotPool *p, PoolSlot *slot) {
    size_t page = vm_page_size();
    switch (slot->kind) {
    case SLOT_data:
        return reset_data(p, slot);
    case SLOT_stack:
        return vm_discard(slot->base + page, slot->extent - page);
    case SLOT_heap:
        return vm_decommit(slot->base, slot->extent);
    }
    UNREACHABLE();
}

void pool_give(SlotPool *p, PoolSlot *slot) {
    if (slot->chunk) {
        give_small(p, slot, reset(p, slot));
        return;
    }
    if (!p->idle_max || !reset(p, slot)) {
        slot_release(slot);
        return;
    }
    PoolSlot *surplus = NULL;
    mutex_lock(&p->lock);
    link_slot(p, slot);
    if (p->idle_len > p->idle_max) {
        surplus = p->oldest;
        unlink_slot(p, surplus);
    }
    mutex_unlock(&p->lock);
    if (surplus) slot_release(surplus);
}

// --- letting go --------------------------------------------------------------------

void pool_forget(SlotPool *p, PoolImage *image) {
    PoolSlot *slots = NULL;
    mutex_lock(&p->lock);
    while (image->idle) {
        PoolSlot *slot = image->idle;
        unlink_slot(p, slot);
        slot->next = slots;
        slots = slot;
    }
    mutex_unlock(&p->lock);
    for (PoolSlot *next; slots; slots = next) {
        next = slots->next;
        slot_release(slots);
    }
}

void pool_flush(SlotPool *p) {
    for (;;) {
        mutex_lock(&p->lock);
        PoolSlot *slot = p->oldest;
        if (slot) unlink_slot(p, slot);
        mutex_unlock(&p->lock);
        if (!slot) return;
        slot_release(slot);
    }
}

void pool_release(SlotPool *p) {
    pool_flush(p);
    for (int i = 0; i < POOL_SIZES; i++) {
        PoolChunk *c = p->chunks[i];
        assert(!c || (!c->next && !c->used));
        if (c) chunk_release(c);
    }
    mutex_release(&p->lock);
}
