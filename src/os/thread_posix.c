// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "os/thread.h"

#include "os/clock.h"
#include "os/stack_int.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

static_assert(sizeof(pthread_mutex_t) <= sizeof(Mutex), "no room");
static_assert(sizeof(pthread_cond_t) <= sizeof(Cond), "no room");
static_assert(sizeof(pthread_t) <= sizeof(uint64_t), "no room");

static pthread_mutex_t *host_mutex(Mutex *m) {
    return (pthread_mutex_t *)(void *)m;
}

static pthread_cond_t *host_cond(Cond *c) {
    return (pthread_cond_t *)(void *)c;
}

// Locking can only fail for misuse (errors of ours), hence no results.
static void must(int error) {
    assert(error == 0);
    (void)error;
}

void mutex_release(Mutex *m) {
    must(pthread_mutex_destroy(host_mutex(m)));
}

void mutex_lock(Mutex *m) {
    must(pthread_mutex_lock(host_mutex(m)));
}

bool mutex_try_lock(Mutex *m) {
    return pthread_mutex_trylock(host_mutex(m)) == 0;
}

void mutex_unlock(Mutex *m) {
    must(pthread_mutex_unlock(host_mutex(m)));
}

bool cond_init(Cond *c) {
    pthread_condattr_t attr;
    if (pthread_condattr_init(&attr) != 0) return false;
    bool ok = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 &&
              pthread_cond_init(host_cond(c), &attr) == 0;
    pthread_condattr_destroy(&attr);
    return ok;
}

void cond_release(Cond *c) {
    must(pthread_cond_destroy(host_cond(c)));
}

void cond_wait(Cond *c, Mutex *m) {
    must(pthread_cond_wait(host_cond(c), host_mutex(m)));
}

bool cond_wait_until(Cond *c, Mutex *m, uint64_t deadline) {
    if (deadline == CLOCK_NEVER) {
        cond_wait(c, m);
        return true;
    }
    struct timespec until = {
        .tv_sec = (time_t)(deadline / 1000000000u),
        .tv_nsec = (long)(deadline % 1000000000u),
    };
    int error = pthread_cond_timedwait(host_cond(c), host_mutex(m), &until);
    return error != ETIMEDOUT;
}

void cond_signal(Cond *c) {
    must(pthread_cond_signal(host_cond(c)));
}

void cond_broadcast(Cond *c) {
    must(pthread_cond_broadcast(host_cond(c)));
}

static void *thread_main(void *arg) {
    Thread *t = arg;
    t->run(t->arg);
    return NULL;
}

static bool set_stack_size(pthread_attr_t *attr, size_t size) {
    if (size == 0) return true;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t least = MAX((size_t)sysconf(_SC_THREAD_STACK_MIN), 4 * page);
    if (size > SIZE_MAX - page) return false;
    size = (MAX(size, least) + page - 1) & ~(page - 1);
    return pthread_attr_setstacksize(attr, size) == 0;
}

bool thread_start(Thread *t, size_t stack_size) {
    pthread_attr_t attr;
    if (pthread_attr_init(&attr) != 0) return false;
    pthread_t host = 0;
    bool ok = set_stack_size(&attr, stack_size) &&
              pthread_create(&host, &attr, thread_main, t) == 0;
    pthread_attr_destroy(&attr);
    if (ok) t->handle = (uint64_t)host;
    return ok;
}

void thread_join(Thread *t) {
    must(pthread_join((pthread_t)t->handle, NULL));
    t->handle = 0;
}

void thread_yield(void) {
    sched_yield();
}

_Thread_local StackBounds thread_own_stack;

// Its address is different in each living thread and costs no system call. A
// fiber may continue on another thread, but the compiler believes that the
// address stays, and would ask only once: the assembly keeps it from knowing
// what this function computes, also when linking with optimisation.
NOINLINE uint64_t thread_id(void) {
    uint64_t id = (uint64_t)(uintptr_t)&thread_own_stack;
    __asm__ volatile("" : "+r"(id));
    return id;
}

static COLD const StackBounds *ask_bounds(StackBounds *own) {
    StackBounds found = {0};
    if (own->limit == 0)
        *own = stack_bounds_ask(&found) ? stack_bounds(found.lo, found.hi)
                                        : (StackBounds){.limit = 1};
    return own->hi ? own : NULL;
}

const StackBounds *thread_stack_bounds(void) {
    StackBounds *own = &thread_own_stack;
    __asm__ volatile("" : "+r"(own));
    return LIKELY(own->hi) ? own : ask_bounds(own);
}

bool fork_handlers_register(void (*before)(void), void (*parent)(void),
                            void (*child)(void)) {
    return pthread_atfork(before, parent, child) == 0;
}
