// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "os/clock.h"

#include <time.h>

#define SECOND 1000000000u // ns

static const clockid_t ids[] = {
    [CLOCK_wall] = CLOCK_REALTIME,
    [CLOCK_monotonic] = CLOCK_MONOTONIC,
    [CLOCK_process] = CLOCK_PROCESS_CPUTIME_ID,
    [CLOCK_thread] = CLOCK_THREAD_CPUTIME_ID,
};

static uint64_t in_ns(struct timespec t) {
    if (t.tv_sec < 0) return 0;
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

bool clock_read(ClockKind kind, uint64_t *ns) {
    struct timespec t;
    if (clock_gettime(ids[kind], &t) != 0) return false;
    *ns = in_ns(t);
    return true;
}

bool clock_resolution(ClockKind kind, uint64_t *ns) {
    struct timespec t;
    if (clock_getres(ids[kind], &t) != 0) return false;
    *ns = in_ns(t);
    return true;
}

uint64_t clock_now(void) {
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return in_ns(t);
}

uint64_t clock_after(uint64_t ns) {
    uint64_t now = clock_now();
    return ns < CLOCK_NEVER - now ? now + ns : CLOCK_NEVER;
}
