// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Linear memories: 32- and 64-bit, shared, with custom page sizes.
//
// A memory that is reserved with a guard, or shared, never moves. Others may
// move when they grow. Instances whose memory 0 this is keep a copy of base
// and size in their context; memory_grow updates all of them.
#pragma once

#include "os/thread.h"
#include "rt/pool.h"
#include "rt/store.h"

// Bytes that several stores on several threads share. Reserved at its maximum,
// never moves; access is by atomics.
typedef struct SharedMemory {
    _Atomic uint64_t size; // bytes; only grows. First: vmabi/layout.h
    _Atomic uint32_t refs;
    uint8_t *base;
    uint64_t max; // bytes: declared maximum, index type and limits
    uint64_t reserved;
    uint64_t extent; // as a memory's
    MemoryType type;
    Mutex lock; // growing, and the list of waiters
    struct Waiter *waiters;
    Engine *engine;
    ForkItem fork;
} SharedMemory;

struct Memory { // the first four: vmabi/layout.h
    uint8_t *base;
    uint64_t size;        // bytes; for a shared memory use memory_size
    SharedMemory *shared; // NULL when not shared
    uint64_t extent;      // guarded: bytes of address space, with the guard
    uint64_t reserved;    // bytes of address space, guard excluded
    MemoryType type;      // limits.min is as declared
    uint64_t max;         // bytes: declared maximum, index type and limits
    bool may_move;
    bool is_guarded;
    bool is_tiny;    // lives in the allocator, at its maximum
    PoolSlot *slot;  // where it lives otherwise, unless the embedder holds it
    Instance *users; // instances whose memory 0 this is
    uint32_t handle; // index in store->memories
    Store *store;
    HostMemory host; // the embedder's, when host.get is not NULL
};

// NULL: no memory, or a limit (*err says).
NODISCARD Memory *memory_new(Store *s, const MemoryType *type, Err *err);
// The same; if memory->slot has the image afterwards, that is what it begins
// with.
NODISCARD Memory *memory_new_of_image(Store *s, const MemoryType *type,
                                      PoolImage *image, Err *err);
NODISCARD Memory *memory_of_shared(Store *s, SharedMemory *shared, Err *err);
// One of the two: nobody else shares it yet if it is shared.
NODISCARD Memory *memory_new_any(Store *s, const MemoryType *type, Err *err);
NODISCARD SharedMemory *shared_memory_new(Engine *e, const MemoryType *type,
                                          const LimitSet *limits, Err *err);
// Around a fork; in the child nobody waits but for this thread, and computations
// that are suspended.
void shared_memory_fork(SharedMemory *m, ForkPhase phase);
void shared_memory_ref(SharedMemory *m);
void shared_memory_unref(SharedMemory *m);
// The old size in pages, or -1. Any thread.
int64_t shared_memory_grow(SharedMemory *m, uint64_t delta_pages);

static inline uint64_t memory_size(const Memory *m) {
    return m->shared
               ? atomic_load_explicit(&m->shared->size, memory_order_acquire)
               : m->size;
}
uint64_t memory_pages(const Memory *m);
// The old size in pages, or -1. Growing by 0 always succeeds.
int64_t memory_grow(Memory *m, uint64_t delta_pages);
// The current type: limits.min is the current size.
MemoryType memory_type_now(const Memory *m);

// Are `len` bytes at `at` inside?
static inline bool memory_holds(const Memory *m, uint64_t at, uint64_t len) {
    uint64_t size = memory_size(m);
    return len <= size && at <= size - len;
}
// Bulk operations of the language: bounds first, then all or nothing. A shared
// memory is accessed by relaxed atomics.
NODISCARD bool memory_fill(Memory *m, uint64_t at, uint8_t byte, uint64_t len);
NODISCARD bool memory_copy(Memory *to, uint64_t at, const Memory *from,
                           uint64_t from_at, uint64_t len);
NODISCARD bool memory_write(Memory *m, uint64_t at, const void *bytes,
                            uint64_t len);
NODISCARD bool memory_read(const Memory *m, uint64_t at, void *out,
                           uint64_t len);

// memory.atomic.wait32 and wait64 (size_log2 2 or 3). *out: 0 ok, 1 not equal,
// 2 timed out. A deadline raised meanwhile is a trap. The caller has checked
// that the address is in bounds, aligned and the memory shared.
NODISCARD Status memory_wait(Memory *m, uint64_t at, unsigned size_log2,
                             uint64_t expected, int64_t timeout_ns,
                             uint32_t *out);
// How many were woken. For an unshared memory, 0.
uint32_t memory_notify(Memory *m, uint64_t at, uint32_t count);
