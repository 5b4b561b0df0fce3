// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// poll_oneoff: clocks and descriptors, in one wait.
//
// A round reads all subscriptions, waits, and stores the events. When the
// deadline of the store comes in between, a round ends without any, gives its
// memory back before the embedder's code runs, and another one starts.
#include "base/alloc.h"
#include "base/bits.h"
#include "os/clock.h"
#include "wasi/p1/p1_int.h"

typedef enum EventKind {
    EVENT_clock,
    EVENT_read,
    EVENT_write,
    EVENT_KIND_COUNT,
} EventKind;

typedef struct Sub {
    uint64_t user_data;
    EventKind kind;
    Errno error;       // found out before waiting
    bool is_ready;     // at once, because of that or because nothing can block
    uint32_t wait;     // which of the waits it is, or NO_WAIT
    uint64_t deadline; // of a clock, in monotonic time
} Sub;

typedef struct Round {
    Sub *subs;
    WaitFd *waits;
    uint32_t len, wait_len;
    uint64_t until; // the earliest deadline
} Round;

#define NO_WAIT UINT32_MAX // Sub.wait

enum {
    EVENT_SIZE = 32
};

// --- reading subscriptions ---------------------------------------------------

// subscription:  0 user data   8 kind   16 descriptor, or a clock's record
//   clock:       0 its number   8 time   16 precision   24 flags
// In wasi_unstable an identifier comes before the clock's record.
static unsigned clock_offset(const P1Call *c) {
    return c->abi == P1_unstable ? 24 : 16;
}

static uint32_t subscription_size(const P1Call *c) {
    return clock_offset(c) + 32;
}

typedef struct ClockSub {
    uint32_t id, unused;
    uint64_t time, precision;
    uint16_t flags;
} ClockSub;

// The moment in monotonic time. An embedder's clock says how far away an
// absolute time is; how long that takes is the host's.
static Errno clock_deadline(const P1Call *c, const ClockSub *sub,
                            uint64_t start, uint64_t *out) {
    enum {
        REALTIME = 0,
        MONOTONIC = 1,
        ABSTIME = 1
    };
    if (sub->flags & ~ABSTIME) return ERRNO_inval;
    if (sub->id > MONOTONIC) return ERRNO_notsup; // time of the processor
    if (!(sub->flags & ABSTIME)) {
        if (!add_ok(start, sub->time, out)) *out = CLOCK_NEVER;
        return ERRNO_success;
    }
    const WasiClock *clock = &c->wasi->clock;
    uint64_t now;
    int64_t failed = clock->now(clock->env, sub->id, &now);
    if (failed) return (Errno)-failed;
    *out = clock_after(sub->time > now ? sub->time - now : 0);
    return ERRNO_success;
}

static void add_wait(Round *r, Sub *sub, int fd) {
    bool reads = sub->kind == EVENT_read;
    sub->wait = r->wait_len;
    r->waits[r->wait_len++] =
        (WaitFd){.fd = fd, .read = reads, .write = !reads};
}

static Errno read_fd(const P1Call *c, Round *r, Sub *sub, uint32_t number) {
    Desc *d = desc_at(&c->wasi->descs, number);
    if (!d) return ERRNO_badf;
    if (!(d->base & RIGHT_poll_fd_readwrite)) return ERRNO_notcapable;
    sub->is_ready = !d->may_block;
    if (d->fd >= 0) add_wait(r, sub, d->fd);
    return ERRNO_success;
}

static Errno read_sub(const P1Call *c, Round *r, const uint8_t *record,
                      uint64_t start) {
    Sub *sub = &r->subs[r->len++];
    *sub = (Sub){
        .user_data = load_u64(record),
        .wait = NO_WAIT,
        .deadline = CLOCK_NEVER,
    };
    if (record[8] >= EVENT_KIND_COUNT) return ERRNO_inval;
    sub->kind = (EventKind)record[8];
    if (sub->kind == EVENT_clock) {
        ClockSub clock;
        memcpy(&clock, record + clock_offset(c), sizeof clock);
        sub->error = clock_deadline(c, &clock, start, &sub->deadline);
    } else {
        sub->error = read_fd(c, r, sub, load_u32(record + 16));
    }
    if (sub->error) sub->is_ready = true;
    r->until = MIN(r->until, sub->is_ready ? 0 : sub->deadline);
    return ERRNO_success;
}

static Errno read_subs(const P1Call *c, Round *r, Guest in, uint64_t start) {
    uint32_t size = subscription_size(c);
    Errno e = ERRNO_success;
    for (uint32_t at = 0; !e && at < in.size; at += size) {
        uint8_t record[56];
        guest_read(in, at, record, size);
        e = read_sub(c, r, record, start);
    }
    return e;
}

// --- storing events ----------------------------------------------------------

// event:  0 user data   8 error   10 kind   16 bytes   24 flags
static void put_event(Guest out, uint32_t *count, const Sub *sub,
                      const WaitFd *wait) {
    enum {
        HANGUP = 1
    };
    uint8_t event[EVENT_SIZE] = {0};
    store_u64(event, sub->user_data);
    store_u16(event + 8, (uint16_t)sub->error);
    event[10] = (uint8_t)sub->kind;
    if (wait && wait->invalid) store_u16(event + 8, ERRNO_badf);
    if (wait) {
        store_u64(event + 16, wait->available);
        if (wait->hangup) store_u16(event + 24, HANGUP);
    }
    guest_write(out, *count * EVENT_SIZE, event, EVENT_SIZE);
    ++*count;
}

static bool wait_is_over(const WaitFd *w) {
    return w->readable || w->writable || w->hangup || w->error || w->invalid;
}

static uint32_t put_events(const Round *r, Guest out) {
    uint64_t now = clock_now();
    uint32_t count = 0;
    for (uint32_t i = 0; i < r->len; i++) {
        const Sub *sub = &r->subs[i];
        const WaitFd *wait = sub->wait == NO_WAIT ? NULL : &r->waits[sub->wait];
        if (sub->is_ready || sub->deadline <= now ||
            (wait && wait_is_over(wait)))
            put_event(out, &count, sub, wait);
    }
    return count;
}

// --- a round -----------------------------------------------------------------

static uint64_t round_size(uint32_t len) {
    return (sizeof(Sub) + sizeof(WaitFd)) * (uint64_t)len;
}

// *count stays zero when the deadline of the store is over.
static Errno poll_round(const P1Call *c, Guest in, Guest out, uint64_t start,
                        uint32_t *count) {
    uint32_t len = p1_u32(c, 2);
    if (!store_charge(c->store, round_size(len))) return ERRNO_nomem;
    Round r = {
        .subs = MEM_NEW_N(Sub, len),
        .waits = MEM_NEW_N(WaitFd, len),
        .until = CLOCK_NEVER,
    };
    WaitResult result = WAIT_failed;
    Errno e = r.subs && r.waits ? read_subs(c, &r, in, start) : ERRNO_nomem;
    if (!e) result = p1_sleep(c, r.waits, r.wait_len, r.until);
    if (!e && result == WAIT_failed) e = ERRNO_nomem;
    if (!e && result != WAIT_interrupted) *count = put_events(&r, out);
    mem_free(r.subs);
    mem_free(r.waits);
    store_discharge(c->store, round_size(len));
    return e;
}

Errno p1_poll_oneoff(P1Call *c) {
    uint32_t len = p1_u32(c, 2);
    if (len == 0 || len > WASI_SUBS_MAX) return ERRNO_inval;
    Guest in = {0}, out = {0}, count_out = {0};
    Errno e = p1_slice(c, 0, (uint64_t)len * subscription_size(c), &in);
    if (!e) e = p1_slice(c, 1, (uint64_t)len * EVENT_SIZE, &out);
    if (!e) e = p1_slice(c, 3, 4, &count_out);
    uint64_t start = clock_now();
    uint32_t count = 0;
    while (!e && count == 0) {
        e = poll_round(c, in, out, start, &count);
        if (!e && !p1_go_on(c)) e = ERRNO_intr;
    }
    if (!e) guest_write_u32(count_out, 0, count);
    return e;
}
