// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Arguments, environment, clocks, randomness, and the end of the program.
#include "os/thread.h"
#include "wasi/p1/p1_int.h"

// --- arguments and environment -----------------------------------------------

static Errno put_strings(P1Call *c, const StringList *l) {
    Guest pointers = {0}, bytes = {0};
    Errno e = p1_slice(c, 0, (uint64_t)l->starts.len * 4, &pointers);
    if (!e) e = p1_slice(c, 1, l->bytes.len, &bytes);
    if (e) return e;
    guest_write(bytes, 0, l->bytes.data, l->bytes.len);
    for (uint32_t i = 0; i < l->starts.len; i++)
        guest_write_u32(pointers, i * 4, p1_u32(c, 1) + l->starts.data[i]);
    return ERRNO_success;
}

static Errno put_string_sizes(P1Call *c, const StringList *l) {
    Guest count = {0}, size = {0};
    Errno e = p1_slice(c, 0, 4, &count);
    if (!e) e = p1_slice(c, 1, 4, &size);
    if (e) return e;
    guest_write_u32(count, 0, l->starts.len);
    guest_write_u32(size, 0, l->bytes.len);
    return ERRNO_success;
}

Errno p1_args_get(P1Call *c) {
    return put_strings(c, &c->wasi->args);
}

Errno p1_args_sizes_get(P1Call *c) {
    return put_string_sizes(c, &c->wasi->args);
}

Errno p1_environ_get(P1Call *c) {
    return put_strings(c, &c->wasi->env);
}

Errno p1_environ_sizes_get(P1Call *c) {
    return put_string_sizes(c, &c->wasi->env);
}

// --- clocks and randomness ---------------------------------------------------

static Errno put_time(int64_t failed, Guest out, uint64_t ns) {
    if (failed) return (Errno)-failed;
    guest_write_u64(out, 0, ns);
    return ERRNO_success;
}

Errno p1_clock_res_get(P1Call *c) {
    const WasiClock *clock = &c->wasi->clock;
    Guest out = {0};
    Errno e = p1_slice(c, 1, 8, &out);
    if (e) return e;
    uint64_t ns = 0;
    int64_t failed = clock->resolution(clock->env, p1_u32(c, 0), &ns);
    return put_time(failed, out, ns);
}

Errno p1_clock_time_get(P1Call *c) {
    const WasiClock *clock = &c->wasi->clock;
    Guest out = {0};
    Errno e = p1_slice(c, 2, 8, &out);
    if (e) return e;
    uint64_t ns = 0;
    int64_t failed = clock->now(clock->env, p1_u32(c, 0), &ns);
    return put_time(failed, out, ns);
}

// Through a buffer, because the embedder's source of randomness may make the
// memory move.
static Errno fill_piece(P1Call *c, Guest out, uint32_t offset, uint32_t size) {
    const WasiRandom *random = &c->wasi->random;
    uint8_t bytes[WASI_BOUNCE_SIZE];
    int64_t failed = random->fill(random->env, bytes, size);
    if (failed) return (Errno)-failed;
    guest_write(out, offset, bytes, size);
    return ERRNO_success;
}

Errno p1_random_get(P1Call *c) {
    uint32_t size = p1_u32(c, 1);
    Guest out = {0};
    Errno e = p1_slice(c, 0, size, &out);
    for (uint32_t at = 0; !e && at < size;) {
        uint32_t piece = (uint32_t)MIN(size - at, WASI_BOUNCE_SIZE);
        e = fill_piece(c, out, at, piece);
        at += piece;
        if (at % WASI_SLICE_SIZE == 0 && !p1_go_on(c)) return ERRNO_intr;
    }
    return e;
}

// --- the program -------------------------------------------------------------

Errno p1_proc_exit(P1Call *c) {
    c->status = store_exit(c->store, c->args[0].slot.i32);
    return ERRNO_success;
}

// There are no signals to raise.
Errno p1_proc_raise(P1Call *c) {
    (void)c;
    return ERRNO_notsup;
}

Errno p1_sched_yield(P1Call *c) {
    thread_yield();
    return p1_go_on(c) ? ERRNO_success : ERRNO_intr;
}
