// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Wakers: when to poll a future again (foliot.h).
//
// A pipe holds bytes while the waker is raised. Raising writes one only when it
// was not raised, so the pipe never fills up; lowering takes what is there, and
// a byte that is written meanwhile stays for the next time: polling once too
// often is fine, once too little is not.
#include "api/async_int.h"

#include "base/alloc.h"
#include "engine/fork.h"
#include "os/clock.h"
#include "os/file.h"

#include <foliot.h>

// Wakes whoever looks at the pipe, which has room: it holds nothing, or a byte
// that came late.
static void write_byte(const Waker *w) {
    static char byte = 1;
    FileBuf buf = {&byte, 1};
    size_t done;
    (void)!file_write(w->write_end, &buf, 1, &done);
}

static void lock(Waker *w) {
    mutex_lock(&w->lock);
    atomic_store(&w->holder, thread_id());
}

static void unlock(Waker *w) {
    atomic_store(&w->holder, 0);
    mutex_unlock(&w->lock);
}

// The child has a pipe of its own: bytes that one process takes are not those
// that woke the other. The lock is not taken before forks, for the embedder's
// code runs under it and may fork as well; in the child it is free, unless this
// thread has it.
static void around_fork(ForkItem *item, ForkPhase phase) {
    Waker *w = CONTAINER_OF(item, Waker, fork);
    if (phase != FORK_child) return;
    if (atomic_load(&w->holder) != thread_id()) {
        w->lock = (Mutex){0};
        atomic_store(&w->holder, 0);
    }
    // Without descriptors left, the processes wake each other.
    if (file_pipe_replace(w->read_end, w->write_end)) return;
    if (atomic_load(&w->raised)) write_byte(w);
}

static Waker *waker_new(void) {
    Waker *w = MEM_NEW(Waker);
    if (!w) return NULL;
    if (file_pipe(&w->read_end, &w->write_end)) {
        mem_free(w);
        return NULL;
    }
    atomic_init(&w->refs, 1);
    w->fork.around = around_fork;
    fork_add_item(&w->fork);
    return w;
}

static void waker_ref(Waker *w) {
    atomic_fetch_add_explicit(&w->refs, 1, memory_order_relaxed);
}

void waker_unref(Waker *w) {
    if (!w) return;
    if (atomic_fetch_sub_explicit(&w->refs, 1, memory_order_acq_rel) != 1)
        return;
    fork_forget_item(&w->fork);
    file_close(w->read_end);
    file_close(w->write_end);
    mutex_release(&w->lock);
    mem_free(w);
}

static void call_back(Waker *w) {
    lock(w);
    void (*callback)(void *) =
        atomic_load_explicit(&w->callback, memory_order_relaxed);
    if (callback) callback(w->env);
    unlock(w);
}

void waker_raise(Waker *w) {
    if (atomic_exchange(&w->raised, true)) return;
    write_byte(w);
    if (atomic_load(&w->callback)) call_back(w);
}

static bool is_readable(const Waker *w, uint64_t deadline) {
    WaitFd fd = {.fd = w->read_end, .read = true};
    return wait_for(NULL, &fd, 1, deadline) == WAIT_ready;
}

void waker_lower(Waker *w) {
    enum {
        MANY = 64
    };
    if (!atomic_exchange(&w->raised, false)) return;
    char bytes[MANY];
    FileBuf buf = {bytes, sizeof bytes};
    size_t done;
    if (is_readable(w, 0)) (void)!file_read(w->read_end, &buf, 1, &done);
}

// The future's waker, made when first asked for. A future that nobody watched
// is ready.
static Waker *waker_of(wasmtime_call_future_t *f) {
    if (f->waker) return f->waker;
    f->waker = waker_new();
    bool waits = f->is_waiting && f->has_waker;
    if (f->waker && !waits) waker_raise(f->waker);
    return f->waker;
}

foliot_waker_t *foliot_caller_waker(wasmtime_caller_t *caller) {
    wasmtime_call_future_t *f = future_of_store(caller->store);
    if (!f || !store_can_suspend(caller->store)) return NULL;
    Waker *w = waker_of(f);
    if (!w) return NULL;
    f->has_waker = true;
    waker_lower(w);
    waker_ref(w);
    return w;
}

void foliot_waker_wake(foliot_waker_t *waker) {
    if (waker) waker_raise(waker);
}

void foliot_waker_delete(foliot_waker_t *waker) {
    waker_unref(waker);
}

int foliot_call_future_descriptor(wasmtime_call_future_t *future) {
    Waker *w = future ? waker_of(future) : NULL;
    return w ? w->read_end : -1;
}

bool foliot_call_future_notify(wasmtime_call_future_t *future,
                               void (*ready)(void *env), void *env) {
    Waker *w = future ? waker_of(future) : NULL;
    if (!w) return false;
    lock(w);
    atomic_store(&w->callback, NULL); // a fork now finds no half of each
    w->env = env;
    atomic_store(&w->callback, ready);
    bool now = ready && atomic_load(&w->raised);
    if (now) ready(env);
    unlock(w);
    return true;
}

bool foliot_call_future_wait(wasmtime_call_future_t *future,
                             uint64_t timeout_ns) {
    if (!future || future->is_done) return true;
    Waker *w = waker_of(future);
    if (!w) return true; // polling in vain is better than sleeping for ever
    if (timeout_ns == UINT64_MAX) return is_readable(w, CLOCK_NEVER);
    return is_readable(w, clock_after(timeout_ns));
}
