// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The host's clocks and randomness.
#include "os/clock.h"
#include "os/random.h"
#include "wasi/wasi_int.h"

// By WASI's number.
static const ClockKind kinds[] = {
    CLOCK_wall,
    CLOCK_monotonic,
    CLOCK_process,
    CLOCK_thread,
};

static int64_t clock_get(uint32_t id, bool (*read)(ClockKind, uint64_t *),
                         uint64_t *out) {
    if (id >= COUNTOF(kinds)) return -ERRNO_inval;
    return read(kinds[id], out) ? 0 : -ERRNO_notsup;
}

static int64_t host_now(void *env, uint32_t id, uint64_t *out) {
    (void)env;
    return clock_get(id, clock_read, out);
}

static int64_t host_resolution(void *env, uint32_t id, uint64_t *out) {
    (void)env;
    return clock_get(id, clock_resolution, out);
}

const WasiClock host_clock = {.now = host_now, .resolution = host_resolution};

static int64_t host_fill(void *env, void *out, size_t size) {
    (void)env;
    return random_fill(out, size) ? 0 : -ERRNO_io;
}

const WasiRandom host_random = {.fill = host_fill};
