// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Waiting. All code of the library that blocks does it here, so that it can be
// told to stop from anywhere, also from a signal handler.
//
// Whoever wants waiters to look up changes what their stop functions look at
// (an epoch, a flag), then raises the Wake that they wait on:
//
//   raiser                            waiter
//   1. change the epoch               a. count itself in wake->waiters
//   2. waiters > 0 ? write            b. stop()? then do not sleep
//                                     c. sleep
//
// All of 1, 2, a, b are sequentially consistent, so either 2 sees the waiter
// or b sees the change. A raise with nobody waiting is one load.
//
// The write goes to a descriptor that nobody ever drains: each waiter watches
// it for edges through a poll set of its own, so one raise ends any number of
// waits. Waits that end for no reason are cheap and not seen by callers.
#pragma once

#include "base/defs.h"

#include <stdatomic.h>

// Zero is a wake that nobody waited on yet; it then holds no descriptor.
typedef struct Wake {
    _Atomic uint32_t waiters; // see above
    _Atomic int descriptor;   // plus one; made by the first waiter
} Wake;

void wake_release(Wake *wake); // nobody waits
void wake_raise(Wake *wake);   // signal-safe

// In the child of a fork: its waiters are its own from now on.
void wake_after_fork(Wake *wake);

typedef enum WaitResult {
    WAIT_ready,       // of the descriptors, or unparked
    WAIT_timeout,     // the deadline is over
    WAIT_interrupted, // stop() says so
    WAIT_failed,      // out of memory
} WaitResult;

// A descriptor to wait for. Regular files are always ready.
typedef struct WaitFd {
    int fd;
    bool read, write;        // asked
    bool readable, writable; // answered, with the ones below
    bool hangup;             // the other side is gone
    bool error;              // reading or writing will tell
    bool invalid;            // not an open descriptor
    uint64_t available;      // bytes to read, where the host knows, else 0
} WaitFd;

// When to look up, and whether to go on then. `wake` and `stop` are both given
// or both NULL. `stop` is also called when there was no raise.
typedef struct WaitStop {
    Wake *wake;
    bool (*stop)(void *arg); // reads with sequential consistency
    void *arg;
} WaitStop;

// Sleeps until one of `fds` is ready (any of its answers is true), `stop` says
// true or clock_now() reaches `deadline` (CLOCK_NEVER: no limit; 0: look only).
// Signals do not end it. More than one reason: interrupted first, then ready.
// `stop` may be NULL.
NODISCARD WaitResult wait_for(const WaitStop *stop, WaitFd *fds, size_t count,
                              uint64_t deadline);

// One thread's place to sleep until another unparks it. An unpark before the
// park is not lost; several count as one.
typedef struct Parker {
    _Atomic bool unparked;
    int descriptor; // plus one; 0 where none could be had
} Parker;

void parker_init(Parker *p);
void parker_release(Parker *p);
void parker_unpark(Parker *p); // any thread; signal-safe

// In the child of a fork, for one that it goes on with. Where there are no
// descriptors left, it sleeps in slices.
void parker_after_fork(Parker *p);
NODISCARD WaitResult parker_park(Parker *p, const WaitStop *stop,
                                 uint64_t deadline);
