// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Address space that the memories, tables, stacks and heaps of an engine take in
// turns.
//
// A slot is one piece of it. When its user gives it back it is reset, always
// and whatever happened to it, so that whoever takes it finds zeros, or the
// image that is mapped; then it is kept for the next one, or released if
// enough are kept already (docs/decisions/0024-slots-that-are-kept.md).
//
//   take --> [in use] -- give: reset --> [idle] --> take
//               |             |             |
//               +--- drop     +- failed     +- too many, another image
//                      |          |             |
//                      v          v             v
//                           released
//
// Small slots are cut from chunks, which are mappings of many of them: a
// hundred thousand memories then need a few hundred mappings, not more than a
// host allows. All pages of a chunk are accessible; who uses such a slot checks
// bounds.
//
// Thread-safe.
#pragma once

#include "os/thread.h"
#include "os/vm.h"

typedef struct PoolSlot PoolSlot;
typedef struct PoolChunk PoolChunk;

// Bytes that slots may have mapped, copy-on-write. Belongs to a module; while a
// slot with it is in use the module is there.
typedef struct PoolImage {
    VmImage vm;
    uint64_t at;    // where in the slot; a multiple of the page
    uint64_t size;  // in whole pages; 0: there is no image
    PoolSlot *idle; // that have it mapped, latest first
} PoolImage;

// What a slot is for; it stays that.
typedef enum SlotKind {
    SLOT_data,  // a memory or a table
    SLOT_stack, // all of it is accessible, but for the first page
    SLOT_heap,  // nothing is, until the user makes it so
} SlotKind;

struct PoolSlot {
    uint8_t *base;
    SlotKind kind;
    uint64_t extent;     // bytes of address space
    uint64_t accessible; // data: from the base on, what may be used
    PoolImage *image;    // that is mapped; NULL: none
    PoolChunk *chunk;    // that it is cut from; NULL: a mapping of its own
    // While it is idle:
    PoolSlot *next, *prev;             // of its size
    PoolSlot *image_next, *image_prev; // with its image
    PoolSlot *newer, *older;           // of all; not those of chunks
};

enum {
    POOL_SIZES = 64, // lists of idle slots, by the logarithm of the extent
};

typedef struct SlotPool {
    Mutex lock;
    uint32_t idle_max;      // slots of their own that are kept
    uint64_t keep_resident; // bytes zeroed by hand, so that they stay in memory
    uint32_t idle_len;
    PoolSlot *newest, *oldest;
    PoolSlot *idle[POOL_SIZES];
    PoolChunk *chunks[POOL_SIZES]; // by the size of their slots, with free ones
    uint32_t chunk_slots[POOL_SIZES]; // of them in use
} SlotPool;

// With every user gone.
void pool_release(SlotPool *p);

// A slot of at least `extent` bytes, of which `accessible` can be used and
// `extent - accessible` fault unless it is from a chunk. Both are whole pages,
// and not 0. With an image it is mapped if slot->image says so afterwards;
// else all is zero. `image` may be NULL. NULL: the host has no such space.
NODISCARD PoolSlot *pool_take(SlotPool *p, uint64_t extent, uint64_t accessible,
                              PoolImage *image);
// The same from a chunk, if the extent is small enough; accessible as a whole.
NODISCARD PoolSlot *pool_take_small(SlotPool *p, uint64_t extent);
bool pool_is_small(uint64_t extent);

// A slot of another kind, of `extent` bytes, all of them zero: whole pages, and
// for a stack at least two. NULL: as above.
NODISCARD PoolSlot *pool_take_stack(SlotPool *p, uint64_t extent);
NODISCARD PoolSlot *pool_take_heap(SlotPool *p, uint64_t extent);

// More of a slot for data, or less, becomes accessible; bytes for the first time so
// are zero. False: nothing changed.
NODISCARD bool pool_resize(PoolSlot *slot, uint64_t accessible);

// Resets and keeps it, or releases it.
void pool_give(SlotPool *p, PoolSlot *slot);

// The image is about to go: no idle slot has it any more.
void pool_forget(SlotPool *p, PoolImage *image);

// Releases idle slots, all of them: address space ran out elsewhere.
void pool_flush(SlotPool *p);
