// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Clocks, in nanoseconds.
#pragma once

#include "base/defs.h"

typedef enum ClockKind {
    CLOCK_wall,      // since 1970-01-01 UTC; may jump
    CLOCK_monotonic, // never goes back; its zero means nothing
    CLOCK_process,   // processor time of this process
    CLOCK_thread,    // processor time of the calling thread
} ClockKind;

// A point in monotonic time that never comes, for functions with a deadline.
#define CLOCK_NEVER UINT64_MAX

// False where the host lacks the clock. Wall time before 1970 reads as zero.
NODISCARD bool clock_read(ClockKind kind, uint64_t *ns);
NODISCARD bool clock_resolution(ClockKind kind, uint64_t *ns);

// The clock that all deadlines in os/ are measured with; always there.
uint64_t clock_now(void);

// The deadline `ns` from now; CLOCK_NEVER when that is past the end of time.
uint64_t clock_after(uint64_t ns);
