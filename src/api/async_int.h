// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Futures, and what tells when to poll them (wasmtime/async.h, foliot.h).
#pragma once

#include "api/wasmtime_int.h"
#include "rt/computation.h"

#include <wasmtime/async.h>

// Set by anybody, at any time, also after the future is gone: counted. It is
// raised while polling makes sense.
typedef struct foliot_waker Waker;

struct foliot_waker {
    _Atomic uint32_t refs;
    _Atomic bool raised;
    int read_end, write_end; // a pipe with bytes in it while it is raised
    Mutex lock;              // of `env`, and while the callback runs
    _Atomic uint64_t holder; // thread that has it; 0: none
    void (*_Atomic callback)(void *env); // NULL: none
    void *env;
    ForkItem fork;
};

void waker_unref(Waker *w); // NULL is fine
void waker_raise(Waker *w); // any thread; with no callback, signal-safe
void waker_lower(Waker *w);

struct wasmtime_call_future {
    Computation computation;
    Store *store;
    void (*run)(wasmtime_call_future_t *f);
    bool is_done;
    Waker *waker; // NULL: nobody asked for one
    // Of the host function that it waits for, if it does:
    bool is_waiting, has_waker; // ... which will raise it
    wasm_trap_t **trap;
    wasmtime_error_t **error;
    Raw *values; // of a call; owned
    union {
        struct {
            Func *func;
            const wasmtime_val_t *args;
            wasmtime_val_t *results;
        } call;
        struct {
            Linker *linker;
            RtModule *module;
            const LinkedModule *linked;
            wasmtime_instance_t *out;
        } make;
    };
};

// The future that is running in a store, or NULL.
wasmtime_call_future_t *future_of_store(const Store *s);
