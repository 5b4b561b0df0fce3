// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// memory.atomic.wait and notify, from several stores on several threads.
#include "os/clock.h"
#include "rt/rt_test.h"

enum {
    THREADS = 6,
    ROUNDS = 200,
    MS = 1000000
};

static SharedMemory *new_shared(Rig *r) {
    MemoryType type = rig_memory_type(1, 2);
    type.limits.is_shared = true;
    return shared_memory_new(r->engine, &type, &r->store->limits, &r->err);
}

static uint32_t *word(const Memory *m, uint64_t at) {
    return (uint32_t *)(void *)(m->base + at);
}

// A thread with a store of its own over one memory.
typedef struct Player {
    Thread thread;
    SharedMemory *shared;
    Store *store;
    Memory *memory;
    uint32_t index, result;
    Status status;
    Err err;
} Player;

static bool player_start(Player *p, SharedMemory *shared, uint32_t index,
                         void (*run)(void *arg)) {
    *p = (Player){.shared = shared, .index = index};
    p->store = store_new(shared->engine);
    p->memory = p->store ? memory_of_shared(p->store, shared, &p->err) : NULL;
    p->thread.run = run;
    p->thread.arg = p;
    return EXPECT(p->memory) && EXPECT(thread_start(&p->thread, 0));
}

static void player_join(Player *p) {
    thread_join(&p->thread);
    trap_clear(&p->store->trap);
    store_unref(p->store);
}

static void answers_at_once(void) {
    Rig r;
    rig_init(&r);
    SharedMemory *shared = new_shared(&r);
    Memory *m = memory_of_shared(r.store, shared, &r.err);
    shared_memory_unref(shared);
    uint32_t out = 9;
    *word(m, 8) = 5;
    EXPECT_EQ(memory_wait(m, 8, 2, 4, -1, &out), STATUS_ok);
    EXPECT_EQ(out, 1);
    EXPECT_EQ(memory_wait(m, 8, 3, 4, -1, &out), STATUS_ok);
    EXPECT_EQ(out, 1);
    EXPECT_EQ(memory_wait(m, 8, 2, 5, 0, &out), STATUS_ok);
    EXPECT_EQ(out, 2);
    EXPECT_EQ(memory_wait(m, 8, 3, 5, 2 * MS, &out), STATUS_ok);
    EXPECT_EQ(out, 2);
    EXPECT_EQ(memory_notify(m, 8, UINT32_MAX), 0); // nobody is left
    MemoryType type = rig_memory_type(1, 2);
    Memory *plain = memory_new(r.store, &type, &r.err);
    EXPECT_EQ(memory_notify(plain, 0, 1), 0);
    rig_release(&r);
}

static void wait_for_notify(void *arg) {
    Player *p = arg;
    p->status =
        memory_wait(p->memory, 64 + 8 * (p->index & 1), 2, 0, -1, &p->result);
}

// How many waiters there are, by the list that notify reads.
static void until_waiting(SharedMemory *shared, uint32_t len) {
    for (;;) {
        uint32_t found = 0;
        mutex_lock(&shared->lock);
        // The first word of a waiter is its link.
        for (void **w = (void **)shared->waiters; w; w = *w)
            found++;
        mutex_unlock(&shared->lock);
        if (found == len) return;
    }
}

static void notify_counts(void) {
    Rig r;
    rig_init(&r);
    SharedMemory *shared = new_shared(&r);
    Memory *m = memory_of_shared(r.store, shared, &r.err);
    Player players[THREADS];
    for (uint32_t i = 0; i < THREADS; i++)
        player_start(&players[i], shared, i, wait_for_notify);
    until_waiting(shared, THREADS);
    EXPECT_EQ(memory_notify(m, 72 + 8, 10), 0); // another address
    EXPECT_EQ(memory_notify(m, 64, 0), 0);
    EXPECT_EQ(memory_notify(m, 64, 1), 1);
    EXPECT_EQ(memory_notify(m, 64, UINT32_MAX), THREADS / 2 - 1);
    EXPECT_EQ(memory_notify(m, 72, 2), 2);
    EXPECT_EQ(memory_notify(m, 72, 5), THREADS / 2 - 2);
    for (uint32_t i = 0; i < THREADS; i++) {
        player_join(&players[i]);
        EXPECT_EQ(players[i].status, STATUS_ok);
        EXPECT_EQ(players[i].result, 0);
    }
    shared_memory_unref(shared);
    rig_release(&r);
}

// Two take turns: a notify that follows its store is never lost.
static void play(void *arg) {
    Player *p = arg;
    uint32_t *ball = word(p->memory, 128);
    for (uint32_t turn = p->index; turn < ROUNDS; turn += 2) {
        uint32_t seen;
        while ((seen = __atomic_load_n(ball, __ATOMIC_SEQ_CST)) != turn) {
            p->status = memory_wait(p->memory, 128, 2, seen, -1, &p->result);
            if (p->status != STATUS_ok) return;
        }
        __atomic_store_n(ball, turn + 1, __ATOMIC_SEQ_CST);
        (void)memory_notify(p->memory, 128, 1);
    }
}

static void ping_pong(void) {
    Rig r;
    rig_init(&r);
    SharedMemory *shared = new_shared(&r);
    Player players[2];
    player_start(&players[0], shared, 0, play);
    player_start(&players[1], shared, 1, play);
    player_join(&players[0]);
    player_join(&players[1]);
    EXPECT_EQ(players[0].status, STATUS_ok);
    EXPECT_EQ(players[1].status, STATUS_ok);
    EXPECT_EQ(*(uint32_t *)(void *)(shared->base + 128), ROUNDS);
    shared_memory_unref(shared);
    rig_release(&r);
}

static void wait_until_deadline(void *arg) {
    Player *p = arg;
    store_set_deadline(p->store, 1);
    p->status = memory_wait(p->memory, 64, 2, 0, -1, &p->result);
}

static void deadline_ends_waits(void) {
    Rig r;
    rig_init(&r);
    SharedMemory *shared = new_shared(&r);
    Player players[THREADS];
    for (uint32_t i = 0; i < THREADS; i++)
        player_start(&players[i], shared, i, wait_until_deadline);
    until_waiting(shared, THREADS);
    engine_raise_epoch(r.engine);
    for (uint32_t i = 0; i < THREADS; i++) {
        thread_join(&players[i].thread);
        EXPECT_EQ(players[i].status, STATUS_trap);
        EXPECT_EQ(players[i].store->trap.code, TRAP_interrupt);
        trap_clear(&players[i].store->trap);
        store_unref(players[i].store);
    }
    EXPECT(!shared->waiters);
    shared_memory_unref(shared);
    rig_release(&r);
}

static EpochAnswer wait_longer(void *env, Store *s) {
    uint32_t *times = env;
    if (++*times == 3) return EPOCH_trap;
    store_set_deadline(s, 1);
    engine_raise_epoch(s->engine);
    return EPOCH_continue;
}

static void callback_may_go_on(void) {
    Rig r;
    rig_init(&r);
    SharedMemory *shared = new_shared(&r);
    Memory *m = memory_of_shared(r.store, shared, &r.err);
    uint32_t times = 0, out;
    r.store->epoch_callback = wait_longer;
    r.store->epoch_env = &times;
    store_set_deadline(r.store, 0);
    EXPECT_EQ(memory_wait(m, 0, 2, 0, -1, &out), STATUS_trap);
    EXPECT_EQ(times, 3);
    rig_trapped(&r, TRAP_interrupt);
    shared_memory_unref(shared);
    rig_release(&r);
}

// Growing is atomic between stores: every page is handed out once.
static void grow_and_count(void *arg) {
    Player *p = arg;
    while (memory_grow(p->memory, 1) >= 0)
        p->result++;
}

static void growth_races(void) {
    Rig r;
    rig_init(&r);
    MemoryType type = rig_memory_type(0, 1000);
    type.limits.is_shared = true;
    SharedMemory *shared =
        shared_memory_new(r.engine, &type, &r.store->limits, &r.err);
    Player players[THREADS];
    uint32_t total = 0;
    for (uint32_t i = 0; i < THREADS; i++)
        player_start(&players[i], shared, i, grow_and_count);
    for (uint32_t i = 0; i < THREADS; i++) {
        player_join(&players[i]);
        total += players[i].result;
    }
    EXPECT_EQ(total, 1000);
    EXPECT_EQ(atomic_load(&shared->size), (uint64_t)1000 << PAGE_LOG2);
    shared_memory_unref(shared);
    rig_release(&r);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(answers_at_once), UNIT_TEST(notify_counts),
                    UNIT_TEST(ping_pong), UNIT_TEST(deadline_ends_waits),
                    UNIT_TEST(callback_may_go_on), UNIT_TEST(growth_races));
}
