// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Fibers: functions on stacks of their own, which may stop in the middle and
// be continued later, also on another thread.
//
//     resume                suspend
//   caller ----> fiber ----> caller ----> resume ... entry returns -> caller
//
// A fiber may resume other fibers; each returns to who resumed it last. The
// callee-saved registers and the floating-point control registers belong to
// the fiber. What code on a fiber must not do: keep the address of something
// thread-local across a suspend, or longjmp out.
//
// A suspended fiber may be dropped at any time; nothing on its stack runs
// again.
#pragma once

#include "base/defs.h"

typedef enum FiberState {
    FIBER_ready, // never resumed
    FIBER_running,
    FIBER_suspended,
    FIBER_done,
} FiberState;

typedef struct Fiber {
    void *sp; // of the side that is not running
    FiberState state;
    void (*entry)(void *arg);
    void *arg;
    uint8_t *stack; // lowest address
    size_t stack_size;
    // The two sides, as the sanitizers know them. Unused without.
    void *own_shadow, *caller_shadow;
    const void *caller_stack;
    size_t caller_stack_size;
} Fiber;

// Least stack: entry and a few small frames.
#define FIBER_STACK_MIN ((size_t)4096)

// `stack` (any memory, 16-byte aligned size and address) belongs to the fiber
// until the release.
void fiber_init(Fiber *f, void *stack, size_t size, void (*entry)(void *arg),
                void *arg);

// Not while it runs.
void fiber_release(Fiber *f);

// Continues a ready or suspended fiber; returns when it suspends or is done.
void fiber_resume(Fiber *f);

// On the fiber itself: returns with the next resume.
void fiber_suspend(Fiber *f);
