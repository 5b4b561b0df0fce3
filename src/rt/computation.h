// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Computations: calls into a store on a stack of their own, which can stop in
// the middle and go on later, also on another thread.
//
// Each stack of calls of a store is an Execution: its activations, scopes,
// value stack and so on. The store holds that of the running one; a computation
// holds the other of two, its own while it is suspended, its resumer's while it
// runs. A switch swaps them.
//
//     store:  caller's          store:  computation's       store:  caller's
//     saved:  computation's     saved:  caller's            saved:  computation's
//             ready        resume       running      suspend        suspended
//
// Only frames of ours may be on a suspended stack, so a call that the host
// makes from within one cannot suspend. What such frames own is recorded in a
// Cleanup: a computation may be dropped while it is suspended, and then nothing
// on its stack ever runs again, least of all code of the guest.
#pragma once

#include "os/fiber.h"
#include "os/thread.h"
#include "rt/store.h"

struct Computation {
    Fiber fiber;
    Store *store;      // NULL: the store has gone, or it was dropped
    Computation *next; // in store->computations
    Execution saved;
    void (*run)(void *env);
    void *env;
    ValueStack *values;
    PoolSlot *own;       // or
    HostStack host;      // the embedder's
    StackBounds bounds;  // of whichever it is
    bool has_pool_place; // of POOL_stacks
};

// Least native stack of a computation.
#define COMPUTATION_STACK_MIN ((size_t)128 << 10)

// `run(env)` will be called on the stack by the first resume. False with *err:
// no memory, or no more stacks. The structure stays where it is until the
// release.
NODISCARD bool computation_init(Computation *c, Store *s,
                                void (*run)(void *env), void *env, Err *err);
// In any state but running, before or after the store. Runs the cleanups of
// what is suspended.
void computation_release(Computation *c);

// Starts it or goes on; returns at the next suspension, or at the end. Any
// thread, one at a time; not when done, and not from inside of it.
void computation_resume(Computation *c);
static inline bool computation_is_done(const Computation *c) {
    return !c->store || c->fiber.state == FIBER_done;
}
static inline bool computation_is_running(const Computation *c) {
    return c->store && c->fiber.state == FIBER_running;
}

// May the running call suspend? Only in a computation, and only if no host
// function called into the store again.
bool store_can_suspend(const Store *s);
// Returns with the next resume; anything may have changed.
void store_suspend(Store *s);

// Ends all computations of a store that goes.
void store_drop_computations(Store *s);

// Every stack of calls of the store, the running one first.
typedef void ExecutionVisit(void *env, const Execution *e);
void store_each_execution(const Store *s, ExecutionVisit *visit, void *env);
