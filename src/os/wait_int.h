// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What wait_posix.c needs of each system: a descriptor that wakes. A waker is
// a descriptor plus one; zero is none, and every function takes it.
#pragma once

#include "base/defs.h"

#include <stdatomic.h>

int waker_open(void); // 0 when there are no descriptors left
void waker_close(int waker);
void waker_write(int waker); // signal-safe; never blocks; keeps errno

// After a fork: the same number, shared with nobody. False: as it was, for
// there are no descriptors left.
NODISCARD bool waker_replace(int waker);

// Takes all writes back, so that `fd` is not readable.
void waker_drain(int fd);

// A new poll set, readable after each write to the waker, which is made if
// there is none yet. -1 when there are no descriptors left.
int waker_watch(_Atomic int *waker);
void waker_consume(int set); // until the next write
