// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "os/wait.h"

#include "base/alloc.h"
#include "os/clock.h"
#include "os/wait_int.h"

#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

// Without a descriptor to be woken through, a waiter looks up this often.
#define SLICE_NS ((uint64_t)10 * 1000 * 1000)

// The structure of most waits, without the allocator.
#define FEW 16

// Sleeps at most till `deadline`, on `count` descriptors; `*ready` is how many
// have something to say, zero also for a signal.
static bool sleep_once(struct pollfd *polls, size_t count, uint64_t deadline,
                       int *ready) {
    uint64_t now = clock_now();
    uint64_t left = deadline > now ? deadline - now : 0;
    struct timespec timeout = {
        .tv_sec = (time_t)(left / 1000000000u),
        .tv_nsec = (long)(left % 1000000000u),
    };
    struct timespec *limit = deadline == CLOCK_NEVER ? NULL : &timeout;
    *ready = ppoll(polls, (nfds_t)count, limit, NULL);
    if (*ready >= 0) return true;
    *ready = 0;
    return errno == EINTR;
}

// What the host knows about bytes to come.
static uint64_t bytes_available(int fd) {
    int n = 0;
    if (ioctl(fd, FIONREAD, &n) != 0 || n < 0) return 0;
    return (uint64_t)n;
}

static void answer(WaitFd *fd, short events) {
    fd->readable = fd->read && (events & (POLLIN | POLLHUP | POLLERR));
    fd->writable = fd->write && (events & (POLLOUT | POLLERR));
    fd->hangup = (events & POLLHUP) != 0;
    fd->error = (events & POLLERR) != 0;
    fd->invalid = (events & POLLNVAL) != 0;
    fd->available = fd->readable ? bytes_available(fd->fd) : 0;
}

static const WaitStop nothing;

static bool must_stop(const WaitStop *stop) {
    return stop->stop && stop->stop(stop->arg);
}

// The last of `polls` is the waiter's set for the wake (-1: none).
static WaitResult sleep_until(const WaitStop *stop, struct pollfd *polls,
                              size_t count, uint64_t deadline) {
    struct pollfd *set = &polls[count];
    bool sliced = stop->stop && set->fd < 0;
    for (;;) {
        if (must_stop(stop)) return WAIT_interrupted;
        uint64_t until = deadline;
        if (sliced) until = MIN(deadline, clock_after(SLICE_NS));
        int ready;
        if (!sleep_once(polls, count + 1, until, &ready)) return WAIT_failed;
        if (must_stop(stop)) return WAIT_interrupted;
        bool woken = set->fd >= 0 && set->revents != 0;
        if (woken) waker_consume(set->fd);
        if (ready > woken) return WAIT_ready;
        if (clock_now() >= deadline) return WAIT_timeout;
    }
}

// Announces the waiter around the sleep. Most descriptors are ready already, so
// it looks before it makes a poll set.
static WaitResult sleep_announced(const WaitStop *stop, struct pollfd *polls,
                                  size_t count, uint64_t deadline) {
    polls[count] = (struct pollfd){.fd = -1};
    if (!stop->wake) return sleep_until(stop, polls, count, deadline);
    WaitResult look = sleep_until(stop, polls, count, 0);
    if (look != WAIT_timeout || deadline == 0) return look;
    polls[count] = (struct pollfd){
        .fd = waker_watch(&stop->wake->descriptor),
        .events = POLLIN,
    };
    atomic_fetch_add(&stop->wake->waiters, 1);
    WaitResult result = sleep_until(stop, polls, count, deadline);
    atomic_fetch_sub(&stop->wake->waiters, 1);
    if (polls[count].fd >= 0) close(polls[count].fd);
    return result;
}

static short events_of(const WaitFd *fd) {
    return (short)((fd->read ? POLLIN : 0) | (fd->write ? POLLOUT : 0));
}

WaitResult wait_for(const WaitStop *stop, WaitFd *fds, size_t count,
                    uint64_t deadline) {
    struct pollfd few[FEW + 1] = {0};
    struct pollfd *polls = few;
    if (count > FEW) {
        polls = mem_calloc(count + 1, sizeof *polls);
        if (!polls) return WAIT_failed;
    }
    for (size_t i = 0; i < count; i++)
        polls[i] = (struct pollfd){fds[i].fd, events_of(&fds[i]), 0};
    if (!stop) stop = &nothing;
    WaitResult result = sleep_announced(stop, polls, count, deadline);
    for (size_t i = 0; i < count; i++)
        answer(&fds[i], result == WAIT_ready ? polls[i].revents : 0);
    if (polls != few) mem_free(polls);
    return result;
}

void wake_raise(Wake *wake) {
    if (atomic_load(&wake->waiters) == 0) return;
    waker_write(atomic_load(&wake->descriptor));
}

void wake_release(Wake *wake) {
    assert(atomic_load(&wake->waiters) == 0);
    waker_close(atomic_exchange(&wake->descriptor, 0));
}

// The threads that waited are not in the child. A descriptor that cannot be
// replaced remains shared, which only makes waits of both processes look up
// for no reason.
void wake_after_fork(Wake *wake) {
    atomic_store(&wake->waiters, 0);
    (void)!waker_replace(atomic_load(&wake->descriptor));
}

void parker_init(Parker *p) {
    atomic_init(&p->unparked, false);
    p->descriptor = waker_open();
}

void parker_release(Parker *p) {
    waker_close(p->descriptor);
    p->descriptor = 0;
}

void parker_unpark(Parker *p) {
    if (!atomic_exchange(&p->unparked, true)) waker_write(p->descriptor);
}

// What was unparked before has a flag, and needs no write.
void parker_after_fork(Parker *p) {
    if (waker_replace(p->descriptor)) return;
    waker_close(p->descriptor);
    p->descriptor = 0;
}

// Also without a descriptor: then in slices.
WaitResult parker_park(Parker *p, const WaitStop *stop, uint64_t deadline) {
    WaitFd own = {.fd = p->descriptor - 1, .read = true};
    while (!atomic_exchange(&p->unparked, false)) {
        uint64_t until = deadline;
        if (own.fd < 0) until = MIN(deadline, clock_after(SLICE_NS));
        WaitResult result = wait_for(stop, &own, own.fd >= 0, until);
        if (result == WAIT_ready) waker_drain(own.fd);
        if (result == WAIT_ready) continue;
        if (result == WAIT_timeout && until < deadline) continue;
        return result;
    }
    return WAIT_ready;
}
