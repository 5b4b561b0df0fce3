// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// memory.atomic.wait and notify (threads proposal): a list of waiters per
// shared memory. Comparing the value and joining the list happen under one
// lock, so a notify that follows the store it announces is not lost.
#include "os/clock.h"
#include "rt/computation.h"
#include "rt/memory.h"

typedef struct Waiter {
    struct Waiter *next;
    uint64_t at;
    bool notified;   // under the memory's lock, as the next
    uint64_t thread; // that waits; 0: the call may be suspended
    Parker parker;
    SharedMemory *memory;
    Cleanup cleanup; // of a wait that is dropped while it is suspended
} Waiter;

static uint64_t load_seq(const uint8_t *p, unsigned size_log2) {
    const void *at = p;
    if (size_log2 == 2)
        return __atomic_load_n((const uint32_t *)at, __ATOMIC_SEQ_CST);
    return __atomic_load_n((const uint64_t *)at, __ATOMIC_SEQ_CST);
}

// In order of arrival: notify wakes those who wait longest.
static void join(SharedMemory *m, Waiter *w) {
    Waiter **at = &m->waiters;
    while (*at)
        at = &(*at)->next;
    *at = w;
}

static void leave(SharedMemory *m, Waiter *w) {
    for (Waiter **at = &m->waiters; *at; at = &(*at)->next) {
        if (*at != w) continue;
        *at = w->next;
        return;
    }
}

static void dropped(Cleanup *cleanup) {
    Waiter *w = CONTAINER_OF(cleanup, Waiter, cleanup);
    mutex_lock(&w->memory->lock);
    leave(w->memory, w);
    mutex_unlock(&w->memory->lock);
    parker_release(&w->parker);
}

// Waiters that stay get a descriptor that the other process does not write to.
static void forget_others(SharedMemory *m) {
    for (Waiter **at = &m->waiters; *at;) {
        Waiter *w = *at;
        if (w->thread && w->thread != thread_id()) {
            *at = w->next; // its stack is not there
            continue;
        }
        parker_after_fork(&w->parker);
        at = &w->next;
    }
}

void shared_memory_fork(SharedMemory *m, ForkPhase phase) {
    if (phase == FORK_before) {
        mutex_lock(&m->lock);
        return;
    }
    if (phase == FORK_child) forget_others(m);
    mutex_unlock(&m->lock);
}

static void set_thread(Waiter *w, uint64_t thread) {
    mutex_lock(&w->memory->lock);
    w->thread = thread;
    mutex_unlock(&w->memory->lock);
}

// May suspend the call, which then goes on with any thread.
static Status poll_waiting(Store *s, Waiter *w) {
    if (!store_can_suspend(s)) return store_poll(s);
    set_thread(w, 0);
    Status status = store_poll(s);
    set_thread(w, thread_id());
    return status;
}

static bool deadline_reached(void *arg) {
    const Store *s = arg;
    return atomic_load(&s->engine->epoch) >= s->deadline;
}

// Sleeps until notified, timed out or interrupted for good.
static Status wait_notified(Store *s, Waiter *w, uint64_t deadline,
                            bool *timed_out) {
    WaitStop stop = {
        .wake = &s->engine->wake,
        .stop = deadline_reached,
        .arg = s,
    };
    for (;;) {
        switch (parker_park(&w->parker, &stop, deadline)) {
        case WAIT_ready:
            return STATUS_ok;
        case WAIT_timeout:
            *timed_out = true;
            return STATUS_ok;
        case WAIT_failed:
            return store_trap(s, TRAP_out_of_memory);
        case WAIT_interrupted:
            break;
        }
        Status status = poll_waiting(s, w);
        if (status != STATUS_ok) return status;
    }
}

Status memory_wait(Memory *m, uint64_t at, unsigned size_log2,
                   uint64_t expected, int64_t timeout_ns, uint32_t *out) {
    enum {
        WOKEN,
        NOT_EQUAL,
        TIMED_OUT
    };
    SharedMemory *shared = m->shared;
    Waiter w = {
        .at = at,
        .thread = thread_id(),
        .memory = shared,
        .cleanup.run = dropped,
    };
    parker_init(&w.parker);
    mutex_lock(&shared->lock);
    bool is_equal = load_seq(shared->base + at, size_log2) == expected;
    if (is_equal) join(shared, &w);
    mutex_unlock(&shared->lock);
    *out = NOT_EQUAL;
    Status status = STATUS_ok;
    if (is_equal) {
        bool timed_out = false;
        cleanup_enter(m->store, &w.cleanup);
        status = wait_notified(
            m->store, &w,
            timeout_ns < 0 ? CLOCK_NEVER : clock_after((uint64_t)timeout_ns),
            &timed_out);
        cleanup_leave(m->store, &w.cleanup);
        mutex_lock(&shared->lock);
        leave(shared, &w);
        *out = timed_out && !w.notified ? TIMED_OUT : WOKEN;
        mutex_unlock(&shared->lock);
    }
    parker_release(&w.parker);
    return status;
}

uint32_t memory_notify(Memory *m, uint64_t at, uint32_t count) {
    SharedMemory *shared = m->shared;
    if (!shared) return 0;
    uint32_t woken = 0;
    mutex_lock(&shared->lock);
    for (Waiter **p = &shared->waiters; *p && woken < count;) {
        Waiter *w = *p;
        if (w->at != at) {
            p = &w->next;
            continue;
        }
        *p = w->next;
        w->notified = true;
        parker_unpark(&w->parker); // under the lock: w goes away after it
        woken++;
    }
    mutex_unlock(&shared->lock);
    return woken;
}
