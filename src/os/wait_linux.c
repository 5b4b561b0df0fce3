// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#define _GNU_SOURCE
#include "os/wait_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

int waker_open(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) + 1;
}

void waker_close(int waker) {
    if (waker) close(waker - 1);
}

// A counter that nobody drains is full after 2^64 writes.
void waker_write(int waker) {
    if (!waker) return;
    int saved = errno;
    uint64_t one = 1;
    ssize_t n = write(waker - 1, &one, sizeof one);
    (void)n;
    errno = saved;
}

bool waker_replace(int waker) {
    if (!waker) return true;
    int own = waker_open();
    if (!own) return false;
    bool ok = dup3(own - 1, waker - 1, O_CLOEXEC) >= 0;
    close(own - 1);
    return ok;
}

void waker_drain(int fd) {
    uint64_t count;
    ssize_t n = read(fd, &count, sizeof count);
    (void)n;
}

// The first waiter's descriptor stays; others that came at the same time give
// theirs back.
static int waker_make(_Atomic int *waker) {
    int have = atomic_load(waker);
    if (have) return have;
    int made = waker_open();
    if (!made) return 0;
    if (atomic_compare_exchange_strong(waker, &have, made)) return made;
    waker_close(made);
    return have;
}

int waker_watch(_Atomic int *waker) {
    int watched = waker_make(waker);
    if (!watched) return -1;
    int set = epoll_create1(EPOLL_CLOEXEC);
    if (set < 0) return -1;
    struct epoll_event edge = {.events = EPOLLIN | EPOLLET};
    if (epoll_ctl(set, EPOLL_CTL_ADD, watched - 1, &edge) == 0) {
        waker_consume(set); // what was written before
        return set;
    }
    close(set);
    return -1;
}

void waker_consume(int set) {
    struct epoll_event event;
    int n = epoll_wait(set, &event, 1, 0);
    (void)n;
}
