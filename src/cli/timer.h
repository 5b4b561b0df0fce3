// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A thread that does something after a while, unless it is stopped before.
#pragma once

#include "os/thread.h"

typedef struct Timer {
    uint64_t first, every; // ns until it fires, and fires again; every 0: once
    void (*fire)(void *env);
    void *env;
    bool is_running, is_stopped;
    Mutex mutex;
    Cond cond;
    Thread thread;
} Timer;

// The fields of the first two lines say what to do; the others are zero. The
// structure stays where it is until the stop.
NODISCARD bool timer_start(Timer *t);
void timer_stop(Timer *t); // fine for one that did not start
