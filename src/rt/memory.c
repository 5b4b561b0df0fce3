// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/memory.h"

#include "base/alloc.h"
#include "base/bits.h"
#include "os/vm.h"
#include "rt/rt_int.h"

// Memories that can never be larger than this live in the allocator: a hundred
// thousand of them then need no mappings.
#define TINY_MAX ((uint64_t)16 * 1024)

// No host has so much address space; rounding sizes up to here cannot wrap.
#define SIZE_SANE (UINT64_MAX / 2)

static uint64_t host_pages(uint64_t bytes) {
    return align_up(bytes, vm_page_size());
}

// The maximum in bytes that type, index type and limits allow.
static uint64_t bytes_max(const MemoryType *t, const LimitSet *limits) {
    uint64_t index_max =
        t->limits.is_64 ? UINT64_MAX : (uint64_t)1 << 32; // bytes
    uint64_t max = MIN(index_max, limits->memory_size);
    if (!t->limits.has_max) return max;
    if (t->limits.max > max >> t->page_log2) return max;
    return t->limits.max << t->page_log2;
}

static SlotPool *pool_of(const Memory *m) {
    return &m->store->engine->slots;
}

static bool take_slot(Memory *m, PoolSlot *slot) {
    m->slot = slot;
    m->base = slot ? slot->base : NULL;
    return slot != NULL;
}

// A place for `size` bytes now that can grow to `wanted`.
static bool take_room(Memory *m, uint64_t size, uint64_t wanted,
                      PoolImage *image) {
    SlotPool *pool = pool_of(m);
    uint64_t extent = host_pages(wanted);
    m->reserved = extent;
    if (!extent) return true;
    if (!image && pool_is_small(extent))
        return take_slot(m, pool_take_small(pool, extent));
    return take_slot(m, pool_take(pool, extent, host_pages(size), image));
}

// Room for `size` bytes now and, where the host has the address space, for all
// that the memory may become.
static bool reserve(Memory *m, uint64_t size, uint64_t reservation,
                    PoolImage *image) {
    if (size > SIZE_SANE) return false;
    uint64_t wanted = MIN(m->max, MAX(reservation, size));
    if (wanted > SIZE_SANE) wanted = size;
    bool ok = take_room(m, size, wanted, image) ||
              (wanted > size && take_room(m, size, size, image));
    m->may_move = m->reserved < m->max;
    return ok;
}

// All that a 32-bit index can reach, and the guard behind it, for code without
// bounds checks. 0: not for this memory.
static uint64_t guarded_extent(const EngineConfig *config,
                               const MemoryType *type) {
    const uint64_t reach = (uint64_t)1 << 32;
    bool wanted = config->use_guards && !type->limits.is_64 &&
                  type->page_log2 == PAGE_LOG2 &&
                  config->memory_reservation >= reach &&
                  config->memory_guard < SIZE_SANE;
    return wanted ? reach + host_pages(config->memory_guard) : 0;
}

static bool reserve_guarded(Memory *m, uint64_t size, PoolImage *image) {
    const EngineConfig *config = &m->store->engine->config;
    uint64_t extent = guarded_extent(config, &m->type);
    if (!extent) return false;
    PoolSlot *slot = pool_take(pool_of(m), extent, host_pages(size), image);
    if (!take_slot(m, slot)) return false;
    m->is_guarded = true;
    m->extent = extent;
    m->reserved = host_pages(m->max);
    return true;
}

static void give_back(Memory *m) {
    if (m->host.get) {
        if (m->host.free) m->host.free(m->host.env);
    } else if (m->is_tiny) {
        mem_free(m->base);
    } else if (m->slot) {
        pool_give(pool_of(m), m->slot);
    }
}

// Makes the first `size` bytes usable.
static bool commit(Memory *m, uint64_t size) {
    uint64_t to = host_pages(size);
    return !m->slot || to <= m->slot->accessible || pool_resize(m->slot, to);
}

static bool no_memory(Err *err) {
    return err_at(err, ERR_NOWHERE, E_out_of_memory);
}

// --- memories of the embedder ------------------------------------------------------

// Where it is now. False when that cannot be `size` bytes.
static bool host_look(Memory *m, uint64_t size) {
    size_t have = 0, capacity = 0;
    uint8_t *base = m->host.get(m->host.env, &have, &capacity);
    bool ok = have >= size && (base || size == 0) && (uintptr_t)base % 16 == 0;
    if (!ok) return false;
    m->base = base;
    m->reserved = MAX(have, capacity);
    m->may_move = m->reserved < m->max;
    return true;
}

static bool host_init(Memory *m, uint64_t size, const EngineConfig *config,
                      Err *err) {
    const MemoryCreator *c = &config->memory_creator;
    uint64_t reserved = MIN(m->max, config->memory_reservation);
    HostMemory host = {0};
    if (!c->create(c->env, &m->type, size, MIN(m->max, SIZE_MAX), reserved,
                   config->memory_guard, &host, err))
        return false;
    m->host = host;
    if (host_look(m, size)) return true;
    give_back(m);
    return err_at(err, ERR_NOWHERE, E_creator_memory);
}

// It may have moved, also when it has not grown.
static bool host_grow(Memory *m, uint64_t size) {
    bool grown = m->host.grow(m->host.env, size);
    return host_look(m, grown ? size : m->size) && grown;
}

// --- making one --------------------------------------------------------------------

static bool storage_init(Memory *m, uint64_t size, PoolImage *image, Err *err) {
    const EngineConfig *config = &m->store->engine->config;
    if (config->memory_creator.create) return host_init(m, size, config, err);
    if (m->max <= TINY_MAX) {
        m->is_tiny = true;
        m->reserved = m->max;
        m->base = m->max ? mem_calloc(1, m->max) : NULL;
        return m->base || m->max == 0 || no_memory(err);
    }
    return reserve_guarded(m, size, image) ||
           reserve(m, size, config->memory_reservation, image) ||
           no_memory(err);
}

// On failure *err says why.
static bool store_add_memory(Store *s, Memory *m, Err *err) {
    if (s->memories.len >= s->limits.store_memories)
        return err_at(err, ERR_NOWHERE, E_over_limit, "memories of a store",
                      (unsigned long long)s->memories.len + 1,
                      (unsigned long long)s->limits.store_memories);
    if (!engine_pool_take(s->engine, POOL_memories))
        return err_at(err, ERR_NOWHERE, E_pool_full, "memories");
    m->handle = s->memories.len;
    if (LIST_PUSH(&s->memories, m)) return true;
    engine_pool_give(s->engine, POOL_memories);
    return no_memory(err);
}

// The minimum in bytes; false when it is over the limit.
static bool min_bytes(const MemoryType *t, uint64_t max, uint64_t *out,
                      Err *err) {
    if (t->limits.min <= max >> t->page_log2) {
        *out = t->limits.min << t->page_log2;
        return true;
    }
    return err_at(err, ERR_NOWHERE, E_over_limit, "memory minimum in pages",
                  (unsigned long long)t->limits.min,
                  (unsigned long long)(max >> t->page_log2));
}

static bool limiter_allows(const Store *s, uint64_t from, uint64_t to,
                           uint64_t max) {
    const StoreLimiter *l = &s->limiter;
    return !l->memory_grow || l->memory_grow(l->env, from, to, max);
}

Memory *memory_new_of_image(Store *s, const MemoryType *type, PoolImage *image,
                            Err *err) {
    uint64_t size = 0, max = bytes_max(type, &s->limits);
    if (!min_bytes(type, max, &size, err)) return NULL;
    if (!limiter_allows(s, 0, size, max)) {
        (void)err_at(err, ERR_NOWHERE, E_limiter_refused, "memory");
        return NULL;
    }
    Memory *m = MEM_NEW(Memory);
    if (!m) {
        (void)no_memory(err);
        return NULL;
    }
    *m = (Memory){.size = size, .type = *type, .max = max, .store = s};
    if (storage_init(m, size, image, err)) {
        if (store_add_memory(s, m, err)) return m;
        give_back(m);
    }
    mem_free(m);
    return NULL;
}

Memory *memory_new(Store *s, const MemoryType *type, Err *err) {
    return memory_new_of_image(s, type, NULL, err);
}

void memory_free(Memory *m) {
    engine_pool_give(m->store->engine, POOL_memories);
    if (m->shared)
        shared_memory_unref(m->shared);
    else
        give_back(m);
    mem_free(m);
}

uint64_t memory_pages(const Memory *m) {
    return memory_size(m) >> m->type.page_log2;
}

MemoryType memory_type_now(const Memory *m) {
    MemoryType t = m->type;
    t.limits.min = memory_pages(m);
    return t;
}

// --- growing -----------------------------------------------------------------------

static bool move(Memory *m, uint64_t size) {
    const EngineConfig *config = &m->store->engine->config;
    if (config->memory_is_fixed) return false;
    Memory bigger = *m;
    uint64_t more = config->memory_growth ? config->memory_growth : m->reserved;
    uint64_t wanted = more > m->max - size ? m->max : size + more;
    if (!reserve(&bigger, size, wanted, NULL)) return false;
    if (m->size) memcpy(bigger.base, m->base, m->size);
    give_back(m);
    m->base = bigger.base;
    m->slot = bigger.slot;
    m->reserved = bigger.reserved;
    m->may_move = bigger.may_move;
    return true;
}

// The copies that instances keep of their memory 0.
static void update_users(const Memory *m) {
    for (Instance *i = m->users; i; i = i->memory_next) {
        i->context.memory0_base = m->base;
        i->context.memory0_size = m->size;
    }
}

int64_t shared_memory_grow(SharedMemory *shared, uint64_t delta) {
    uint8_t page_log2 = shared->type.page_log2;
    mutex_lock(&shared->lock);
    uint64_t old = atomic_load_explicit(&shared->size, memory_order_relaxed);
    int64_t result = -1;
    if (delta <= (shared->max - old) >> page_log2) {
        uint64_t size = old + (delta << page_log2);
        uint64_t from = host_pages(old), to = host_pages(size);
        if (to == from ||
            vm_protect(shared->base + from, to - from, VM_read_write)) {
            atomic_store_explicit(&shared->size, size, memory_order_release);
            result = (int64_t)(old >> page_log2);
        }
    }
    mutex_unlock(&shared->lock);
    return result;
}

int64_t memory_grow(Memory *m, uint64_t delta) {
    if (delta == 0) return (int64_t)memory_pages(m);
    uint64_t old = memory_size(m);
    if (delta > (m->max - old) >> m->type.page_log2) return -1;
    uint64_t size = old + (delta << m->type.page_log2);
    if (!limiter_allows(m->store, old, size, m->max)) return -1;
    if (m->shared) return shared_memory_grow(m->shared, delta);
    if (m->host.get) {
        bool grown = host_grow(m, size);
        if (!grown) {
            update_users(m);
            return -1;
        }
    } else if (size > m->reserved) {
        if (!move(m, size)) return -1;
    } else if (!commit(m, size)) {
        return -1;
    }
    m->size = size;
    update_users(m);
    return (int64_t)(old >> m->type.page_log2);
}

// --- shared ------------------------------------------------------------------------

static void shared_release(const SharedMemory *m) {
    if (m->base) vm_release(m->base, m->extent ? m->extent : m->reserved);
}

static void around_fork(ForkItem *item, ForkPhase phase) {
    shared_memory_fork(CONTAINER_OF(item, SharedMemory, fork), phase);
}

SharedMemory *shared_memory_new(Engine *e, const MemoryType *type,
                                const LimitSet *limits, Err *err) {
    if (e->config.no_shared_memory) {
        (void)err_at(err, ERR_NOWHERE, E_shared_memory_off);
        return NULL;
    }
    uint64_t size = 0, max = bytes_max(type, limits);
    if (!min_bytes(type, max, &size, err)) return NULL;
    SharedMemory *m = MEM_NEW(SharedMemory);
    if (!m) goto no_memory;
    m->max = max;
    m->reserved = max <= SIZE_SANE ? host_pages(max) : 0;
    m->extent = guarded_extent(&e->config, type);
    if (m->extent) m->base = vm_reserve(m->extent);
    if (!m->base) m->extent = 0;
    if (!m->base && m->reserved) m->base = vm_reserve(m->reserved);
    if (!m->base && max) goto no_memory;
    if (size && !vm_protect(m->base, host_pages(size), VM_read_write))
        goto no_memory;
    atomic_init(&m->refs, 1);
    atomic_init(&m->size, size);
    m->type = *type;
    m->engine = e;
    engine_ref(e);
    m->fork.around = around_fork;
    if (e->fork_add) e->fork_add(&m->fork);
    return m;

no_memory:
    if (m) shared_release(m);
    mem_free(m);
    (void)err_at(err, ERR_NOWHERE, E_out_of_memory);
    return NULL;
}

Memory *memory_new_any(Store *s, const MemoryType *type, Err *err) {
    if (!type->limits.is_shared) return memory_new(s, type, err);
    SharedMemory *shared = shared_memory_new(s->engine, type, &s->limits, err);
    if (!shared) return NULL;
    Memory *m = memory_of_shared(s, shared, err);
    shared_memory_unref(shared);
    return m;
}

void shared_memory_ref(SharedMemory *m) {
    atomic_fetch_add_explicit(&m->refs, 1, memory_order_relaxed);
}

void shared_memory_unref(SharedMemory *m) {
    if (atomic_fetch_sub_explicit(&m->refs, 1, memory_order_acq_rel) != 1)
        return;
    Engine *e = m->engine;
    if (e->fork_forget) e->fork_forget(&m->fork.link);
    shared_release(m);
    mutex_release(&m->lock);
    mem_free(m);
    engine_unref(e);
}

Memory *memory_of_shared(Store *s, SharedMemory *shared, Err *err) {
    Memory *m = MEM_NEW(Memory);
    if (m) {
        *m = (Memory){
            .base = shared->base,
            .reserved = shared->reserved,
            .extent = shared->extent,
            .is_guarded = shared->extent != 0,
            .type = shared->type,
            .max = shared->max,
            .shared = shared,
            .store = s,
        };
        if (store_add_memory(s, m, err)) {
            shared_memory_ref(shared);
            return m;
        }
        mem_free(m);
    }
    (void)err_at(err, ERR_NOWHERE, E_out_of_memory);
    return NULL;
}
