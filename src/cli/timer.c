// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "cli/timer.h"

#include "os/clock.h"

enum {
    TIMER_STACK = 64 << 10 // bytes
};

// Waits with the mutex locked; false once the timer is stopped.
static bool wait_for(Timer *t, uint64_t ns) {
    uint64_t deadline = clock_after(ns);
    while (!t->is_stopped)
        if (!cond_wait_until(&t->cond, &t->mutex, deadline)) break;
    return !t->is_stopped;
}

static void run(void *arg) {
    Timer *t = arg;
    mutex_lock(&t->mutex);
    for (bool go_on = wait_for(t, t->first); go_on;) {
        t->fire(t->env);
        go_on = t->every && wait_for(t, t->every);
    }
    mutex_unlock(&t->mutex);
}

bool timer_start(Timer *t) {
    if (!cond_init(&t->cond)) return false;
    t->thread = (Thread){.run = run, .arg = t};
    t->is_running = thread_start(&t->thread, TIMER_STACK);
    if (!t->is_running) cond_release(&t->cond);
    return t->is_running;
}

void timer_stop(Timer *t) {
    if (!t->is_running) return;
    mutex_lock(&t->mutex);
    t->is_stopped = true;
    cond_signal(&t->cond);
    mutex_unlock(&t->mutex);
    thread_join(&t->thread);
    cond_release(&t->cond);
    mutex_release(&t->mutex);
    t->is_running = false;
}
