// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/memory.h"

#include "os/vm.h"
#include "rt/rt_test.h"

#include <stdlib.h>

enum {
    PAGE = 1 << PAGE_LOG2
};

// A memory whose first, last and some bytes between are zero and can be used.
static bool is_usable(const Memory *m) {
    uint64_t size = memory_size(m);
    for (uint64_t at = 0; at < size; at += 4093) {
        if (m->base[at] != 0) return false;
        m->base[at] = 1;
        m->base[at] = 0;
    }
    return size == 0 || m->base[size - 1] == 0;
}

static void grows_to_its_maximum(void) {
    Rig r;
    rig_init(&r);
    MemoryType type = rig_memory_type(1, 3);
    Memory *m = memory_new(r.store, &type, &r.err);
    EXPECT(m && is_usable(m));
    EXPECT_EQ(memory_size(m), PAGE);
    EXPECT_EQ(memory_grow(m, 0), 1);
    EXPECT_EQ(memory_grow(m, 3), -1);
    EXPECT_EQ(memory_grow(m, UINT64_MAX), -1);
    EXPECT_EQ(memory_grow(m, 2), 1);
    EXPECT(is_usable(m));
    EXPECT_EQ(memory_pages(m), 3);
    EXPECT_EQ(memory_grow(m, 1), -1);
    EXPECT_EQ(memory_grow(m, 0), 3);
    EXPECT_EQ(memory_type_now(m).limits.min, 3);
    EXPECT_EQ(memory_type_now(m).limits.max, 3);
    rig_release(&r);
}

// With nothing reserved ahead, growing moves and keeps what is there.
static void moves_when_it_must(void) {
    Rig r;
    EngineConfig config = rig_config();
    config.memory_reservation = 0;
    rig_init_with(&r, &config);
    MemoryType type = rig_memory_type(0, UINT64_MAX);
    Memory *m = memory_new(r.store, &type, &r.err);
    EXPECT(m->may_move);
    for (uint32_t i = 0; i < 40; i++) {
        EXPECT_EQ(memory_grow(m, 1), i);
        EXPECT_EQ(m->base[(uint64_t)i * PAGE], 0);
        m->base[(uint64_t)i * PAGE] = (uint8_t)(i + 1);
    }
    for (uint32_t i = 0; i < 40; i++)
        EXPECT_EQ(m->base[(uint64_t)i * PAGE], i + 1);
    EXPECT(m->reserved < (uint64_t)4 << 30);
    rig_release(&r);
}

static void reserved_ones_stay(void) {
    Rig r;
    rig_init(&r);
    MemoryType type = rig_memory_type(0, UINT64_MAX);
    Memory *m = memory_new(r.store, &type, &r.err);
    const uint8_t *base = m->base;
    EXPECT(base && !m->may_move);
    EXPECT_EQ(memory_grow(m, 100), 0);
    EXPECT(m->base == base);
    EXPECT(is_usable(m));
    rig_release(&r);
}

static void minimum_is_limited(void) {
    Rig r;
    rig_init(&r);
    r.store->limits.memory_size = 2 * PAGE;
    MemoryType type = rig_memory_type(3, UINT64_MAX);
    EXPECT(!memory_new(r.store, &type, &r.err));
    rig_failed(&r, E_over_limit);
    type = rig_memory_type(1, 100);
    Memory *m = memory_new(r.store, &type, &r.err);
    EXPECT_EQ(memory_grow(m, 2), -1);
    EXPECT_EQ(memory_grow(m, 1), 1);
    rig_release(&r);
}

static void count_is_limited(void) {
    Rig r;
    rig_init(&r);
    r.store->limits.store_memories = 1;
    MemoryType type = rig_memory_type(0, 1);
    EXPECT(memory_new(r.store, &type, &r.err));
    EXPECT(!memory_new(r.store, &type, &r.err));
    rig_failed(&r, E_over_limit);
    type.limits.is_shared = true;
    SharedMemory *shared =
        shared_memory_new(r.engine, &type, &r.store->limits, &r.err);
    EXPECT(!memory_of_shared(r.store, shared, &r.err));
    rig_failed(&r, E_over_limit);
    shared_memory_unref(shared);
    rig_release(&r);
}

// 64-bit memories may claim more than there is: no size wraps around.
static void absurd_sizes_fail(void) {
    static const uint64_t mins[] = {(uint64_t)1 << 46, ((uint64_t)1 << 48) - 1,
                                    ((uint64_t)1 << 48), UINT64_MAX - 4095,
                                    UINT64_MAX};
    Rig r;
    rig_init(&r);
    for (size_t i = 0; i < COUNTOF(mins); i++) {
        for (uint8_t log2 = 0; log2 <= PAGE_LOG2;
             log2 = (uint8_t)(log2 + PAGE_LOG2)) {
            if (log2 == 0 && i == 0) continue; // half of the address space
            MemoryType type = rig_memory_type(mins[i], UINT64_MAX);
            type.limits.is_64 = true;
            type.page_log2 = log2;
            if (log2 == 0 && mins[i] <= (uint64_t)1 << 48) continue;
            EXPECT(!memory_new(r.store, &type, &r.err));
            EXPECT_EQ(r.err.kind, ERR_limit);
            err_clear(&r.err);
            type.limits.has_max = type.limits.is_shared = true;
            type.limits.max = mins[i];
            EXPECT(
                !shared_memory_new(r.engine, &type, &r.store->limits, &r.err));
            EXPECT_EQ(r.err.kind, ERR_limit);
            err_clear(&r.err);
        }
    }
    rig_release(&r);
}

static void absurd_growth_fails(void) {
    Rig r;
    EngineConfig config = rig_config();
    config.memory_reservation = 0;
    rig_init_with(&r, &config);
    for (uint8_t log2 = 0; log2 <= PAGE_LOG2;
         log2 = (uint8_t)(log2 + PAGE_LOG2)) {
        for (uint64_t min = 0; min < 2; min++) {
            MemoryType type = rig_memory_type(min, UINT64_MAX);
            type.limits.is_64 = true;
            type.page_log2 = log2;
            Memory *m = memory_new(r.store, &type, &r.err);
            uint64_t most = (UINT64_MAX - memory_size(m)) >> log2;
            for (uint64_t back = 0; back < 3; back++)
                EXPECT_EQ(memory_grow(m, most - back), -1);
            EXPECT_EQ(memory_grow(m, most / 2 + 1), -1);
            EXPECT_EQ(memory_grow(m, UINT64_MAX), -1);
            EXPECT_EQ(memory_pages(m), min);
            EXPECT_EQ(memory_grow(m, 2), (int64_t)min);
            EXPECT(is_usable(m));
        }
    }
    rig_release(&r);
}

// More pages than 31 bits count: a memory whose pages are bytes.
static void many_pages(void) {
    Rig r;
    rig_init(&r);
    const uint64_t half = (uint64_t)1 << 31;
    MemoryType type = rig_memory_type(half, UINT64_MAX);
    type.limits.is_64 = true;
    type.page_log2 = 0;
    Memory *m = memory_new(r.store, &type, &r.err);
    if (EXPECT(m != NULL)) { // two gigabytes, of which none is touched
        EXPECT_EQ(memory_grow(m, 0), (int64_t)half);
        EXPECT_EQ(memory_grow(m, 1), (int64_t)half);
        EXPECT_EQ(memory_grow(m, 0), (int64_t)half + 1);
    }
    rig_release(&r);
}

static void small_ones_are_slabs(void) {
    Rig r;
    rig_init(&r);
    MemoryType type = {.limits = {.min = 5, .max = 16000, .has_max = true}};
    Memory *m = memory_new(r.store, &type, &r.err);
    EXPECT(m->is_tiny && !m->may_move);
    EXPECT_EQ(memory_grow(m, 15995), 5);
    EXPECT(is_usable(m));
    EXPECT_EQ(memory_grow(m, 1), -1);
    type.limits.min = type.limits.max = 0;
    m = memory_new(r.store, &type, &r.err);
    EXPECT(m && memory_size(m) == 0);
    EXPECT_EQ(memory_grow(m, 0), 0);
    EXPECT_EQ(memory_grow(m, 1), -1);
    rig_release(&r);
}

static void pages_of_one_byte(void) {
    Rig r;
    EngineConfig config = rig_config();
    config.memory_reservation = 0;
    rig_init_with(&r, &config);
    MemoryType type = {.limits = {.min = 4095}};
    Memory *m = memory_new(r.store, &type, &r.err);
    EXPECT_EQ(memory_size(m), 4095);
    for (uint64_t size = 4095; size < 100000; size += 997) {
        EXPECT(memory_holds(m, size - 1, 1) && !memory_holds(m, size, 1));
        m->base[size - 1] = 7;
        EXPECT_EQ(memory_grow(m, 997), (int64_t)size);
        EXPECT_EQ(m->base[size - 1], 7);
        EXPECT_EQ(m->base[size], 0);
    }
    rig_release(&r);
}

// --- bulk access -----------------------------------------------------------------

static void bounds_come_first(Memory *m) {
    uint64_t size = memory_size(m);
    uint8_t two[2] = {1, 2};
    EXPECT(memory_fill(m, size, 1, 0));
    EXPECT(!memory_fill(m, size, 1, 1));
    EXPECT(!memory_fill(m, size + 1, 1, 0));
    EXPECT(!memory_fill(m, UINT64_MAX, 1, 2));
    EXPECT(!memory_fill(m, 2, 1, UINT64_MAX));
    EXPECT(!memory_write(m, size - 1, two, 2));
    EXPECT_EQ(m->base[size - 1], 0); // nothing was written
    EXPECT(memory_write(m, size - 2, two, 2));
    EXPECT(memory_read(m, size - 2, two, 2));
    EXPECT(two[0] == 1 && two[1] == 2);
    EXPECT(!memory_read(m, size - 1, two, 2));
    EXPECT(!memory_copy(m, 0, m, size - 1, 2));
    EXPECT(!memory_copy(m, size - 1, m, 0, 2));
    EXPECT(memory_copy(m, size, m, size, 0));
    EXPECT(memory_fill(m, 0, 0, size));
}

// Every overlap and alignment, against memmove.
static void copies_overlap(Memory *m) {
    uint8_t want[64], got[64];
    for (unsigned to = 0; to < 20; to++) {
        for (unsigned from = 0; from < 20; from++) {
            for (unsigned len = 0; len < 40; len++) {
                for (unsigned i = 0; i < sizeof want; i++)
                    want[i] = (uint8_t)(i + 1);
                EXPECT(memory_write(m, 0, want, sizeof want));
                EXPECT(memory_copy(m, to, m, from, len));
                memmove(want + to, want + from, len);
                EXPECT(memory_read(m, 0, got, sizeof got));
                if (!EXPECT(!memcmp(got, want, sizeof want))) return;
            }
        }
    }
}

static Memory *new_shared(Rig *r, uint64_t min, uint64_t max) {
    MemoryType type = rig_memory_type(min, max);
    type.limits.is_shared = true;
    SharedMemory *shared =
        shared_memory_new(r->engine, &type, &r->store->limits, &r->err);
    if (!shared) return NULL;
    Memory *m = memory_of_shared(r->store, shared, &r->err);
    shared_memory_unref(shared);
    return m;
}

static void bulk_access(void) {
    Rig r;
    rig_init(&r);
    MemoryType type = rig_memory_type(1, 1);
    Memory *plain = memory_new(r.store, &type, &r.err);
    Memory *shared = new_shared(&r, 1, 2);
    bounds_come_first(plain);
    copies_overlap(plain);
    bounds_come_first(shared);
    copies_overlap(shared);
    EXPECT(memory_fill(plain, 0, 9, PAGE));
    EXPECT(memory_copy(shared, 1, plain, 0, PAGE - 1));
    EXPECT(shared->base[1] == 9 && shared->base[PAGE - 1] == 9);
    rig_release(&r);
}

static void empty_memories_take_nothing(void) {
    Rig r;
    rig_init(&r);
    MemoryType type = rig_memory_type(0, 0);
    Memory *m = memory_new(r.store, &type, &r.err);
    EXPECT(memory_fill(m, 0, 1, 0) && !memory_fill(m, 0, 1, 1));
    EXPECT(memory_copy(m, 0, m, 0, 0) && !memory_copy(m, 0, m, 0, 1));
    EXPECT(memory_write(m, 0, "", 0) && !memory_write(m, 0, "", 1));
    uint8_t byte;
    EXPECT(memory_read(m, 0, &byte, 0) && !memory_read(m, 0, &byte, 1));
    rig_release(&r);
}

// --- shared ----------------------------------------------------------------------

static void shared_between_stores(void) {
    Rig r;
    rig_init(&r);
    Store *other = store_new(r.engine);
    MemoryType type = rig_memory_type(1, 4);
    type.limits.is_shared = true;
    SharedMemory *shared =
        shared_memory_new(r.engine, &type, &r.store->limits, &r.err);
    Memory *a = memory_of_shared(r.store, shared, &r.err);
    Memory *b = memory_of_shared(other, shared, &r.err);
    shared_memory_unref(shared);
    EXPECT_EQ(memory_grow(a, 2), 1);
    EXPECT_EQ(memory_size(b), 3 * PAGE);
    b->base[3 * PAGE - 1] = 5;
    EXPECT_EQ(a->base[3 * PAGE - 1], 5);
    EXPECT_EQ(memory_grow(b, 2), -1);
    EXPECT_EQ(memory_grow(b, 1), 3);
    EXPECT_EQ(memory_grow(a, 1), -1);
    store_unref(r.store);
    EXPECT_EQ(b->base[3 * PAGE - 1], 5); // outlives the other's store
    r.store = other;
    rig_release(&r);
}

// A declared maximum past the limits does not wrap around in bytes.
static void shared_maximum_is_limited(void) {
    Rig r;
    rig_init(&r);
    r.store->limits.memory_size = 2 * PAGE;
    MemoryType type = rig_memory_type(1, (uint64_t)1 << 48);
    type.limits.is_shared = type.limits.is_64 = true;
    SharedMemory *shared =
        shared_memory_new(r.engine, &type, &r.store->limits, &r.err);
    Memory *m = memory_of_shared(r.store, shared, &r.err);
    shared_memory_unref(shared);
    EXPECT_EQ(memory_grow(m, 2), -1);
    EXPECT_EQ(memory_grow(m, ((uint64_t)1 << 48) - 1), -1);
    EXPECT_EQ(memory_grow(m, 1), 1);
    EXPECT_EQ(memory_grow(m, 1), -1);
    rig_release(&r);
}

// --- the embedder's limiter ------------------------------------------------------

typedef struct Asked {
    uint64_t from, to, max;
    uint32_t count;
    bool answer;
} Asked;

static bool ask(void *env, uint64_t from, uint64_t to, uint64_t max) {
    Asked *a = env;
    a->count++;
    a->from = from;
    a->to = to;
    a->max = max;
    return a->answer;
}

static void limiter_decides(void) {
    Rig r;
    rig_init(&r);
    Asked asked = {.answer = true};
    r.store->limiter = (StoreLimiter){.env = &asked, .memory_grow = ask};
    MemoryType type = rig_memory_type(1, 3);
    Memory *m = memory_new(r.store, &type, &r.err);
    EXPECT(asked.count == 1 && asked.to == PAGE && asked.max == 3 * PAGE);
    EXPECT_EQ(memory_grow(m, 5), -1); // over the maximum: nobody is asked
    EXPECT_EQ(asked.count, 1);
    asked.answer = false;
    EXPECT_EQ(memory_grow(m, 1), -1);
    EXPECT(asked.count == 2 && asked.from == PAGE && asked.to == 2 * PAGE);
    EXPECT_EQ(memory_grow(m, 0), 1); // always succeeds
    EXPECT(!memory_new(r.store, &type, &r.err));
    rig_failed(&r, E_limiter_refused);
    asked.answer = true;
    EXPECT_EQ(memory_grow(m, 1), 1);
    rig_release(&r);
}

// --- copies in instances ---------------------------------------------------------

static void instances_see_the_move(void) {
    Rig r;
    EngineConfig config = rig_config();
    config.memory_reservation = 0;
    rig_init_with(&r, &config);
    MemoryType type = rig_memory_type(1, UINT64_MAX);
    RtModule *definer = mod_new(&r), *user = mod_new(&r);
    mod_memory(definer, type);
    Instance *a = mod_instance(&r, mod_done(definer));
    mod_import(user, "m", "m", EXTERN_memory);
    mod_memory(user, type);
    mod_done(user);
    Extern import = {.kind = EXTERN_memory, .memory = a->context.memories[0]};
    Instance *b = NULL;
    EXPECT_EQ(instance_new(r.store, user, &import, 1, &b, &r.err), STATUS_ok);
    for (unsigned i = 0; i < 20; i++) {
        Memory *m = import.memory;
        EXPECT(memory_grow(m, 3) >= 0);
        EXPECT(a->context.memory0_base == m->base);
        EXPECT(b->context.memory0_base == m->base);
        EXPECT_EQ(a->context.memory0_size, m->size);
        EXPECT_EQ(b->context.memory0_size, m->size);
    }
    rt_module_unref(user);
    rig_release(&r);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(grows_to_its_maximum), UNIT_TEST(moves_when_it_must),
        UNIT_TEST(reserved_ones_stay), UNIT_TEST(minimum_is_limited),
        UNIT_TEST(count_is_limited), UNIT_TEST(absurd_sizes_fail),
        UNIT_TEST(absurd_growth_fails), UNIT_TEST(many_pages),
        UNIT_TEST(small_ones_are_slabs), UNIT_TEST(pages_of_one_byte),
        UNIT_TEST(bulk_access), UNIT_TEST(empty_memories_take_nothing),
        UNIT_TEST(shared_between_stores), UNIT_TEST(shared_maximum_is_limited),
        UNIT_TEST(limiter_decides), UNIT_TEST(instances_see_the_move));
}
