// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Functions: references to functions of instances, and host functions. Made on
// first escape, never moved, freed with the store.
#pragma once

#include "os/fp.h"
#include "os/thread.h"
#include "rt/native.h"
#include "rt/store.h"

// A call of a host function.
typedef struct HostCall {
    Store *store;
    Instance *caller; // the instance that called, or NULL: the host did
    const RtType *type;
    void *env;
    // Arguments, replaced by the results: max(param_len, result_len) values.
    // References here are visited by the collector while the call runs:
    // `is_result` says which of the two they are (set it before allocating
    // when some results are already stored). The upper halves of narrow ones do
    // not matter.
    Raw *values;
    bool is_result;
} HostCall;

// STATUS_ok, or a trap recorded with store_trap*, or STATUS_exception.
typedef Status (*HostFn)(HostCall *call);

struct Func {           // up to `host`: vmabi/layout.h
    uintptr_t entry;    // what compiled code calls, with the Func in a register
    RtType *type;       // counted by the store
    Instance *instance; // NULL for host functions
    void *code;         // wasm, compiled: address of the slot with its code
    FuncCall *call;     // what func_call calls; tiers may change it
    // host
    void *env;
    HostFn host;
    void (*finalize)(void *env);
    uint32_t index;  // function index in the instance's module
    uint32_t handle; // index in store->funcs
    bool in_block;   // made with others, and freed with them
    Store *store;
};

// A host function. Takes a reference on `type`. NULL when memory ran out
// (`finalize` has then not been called).
NODISCARD Func *func_new_host(Store *s, RtType *type, HostFn host, void *env,
                              void (*finalize)(void *env));
// One that `func_new_hosts` copies: of no store, and `type` is not counted.
void func_init_host(const Engine *e, Func *f, RtType *type, HostFn host,
                    void *env);
// A copy of each for a store, which calls `release` when it goes: until then
// all that they name stays. The first one; NULL when memory ran out (`release`
// has then not been called).
NODISCARD Func *func_new_hosts(Store *s, const Func *from, uint32_t len,
                               void (*release)(void *env), void *env);
void func_blocks_free(FuncBlock *b); // of a store that goes
// The reference to a function of an instance; NULL when memory ran out.
NODISCARD Func *instance_func(Instance *inst, uint32_t func);

// Runs a host function for a caller: what tiers use for imports.
NODISCARD Status func_call_host(Store *s, Func *f, Instance *caller,
                                Raw *values);

// Calls any function from the host. `values`: max(param_len, result_len) of
// them, arguments replaced by results; the upper halves of narrow ones do not
// matter. GcRefs among the arguments need no root; results are unrooted:
// store them before the next allocation.
// The same of a function that was found among the store's.
NODISCARD Status func_call_own(Func *f, Store *s, Raw *values);

NODISCARD static inline Status func_call(Store *s, Func *f, Raw *values) {
    CHECK(f->store == s);
    return func_call_own(f, s, values);
}

// What an entry into compiled code leaves changed (MachineEnter).
typedef struct CallState {
    Activation *activation;
    void *exit_frame;
} CallState;
static inline CallState call_state(const Store *s) {
    return (CallState){s->context.activation, s->context.exit_frame};
}
static inline void call_state_restore(Store *s, CallState c) {
    s->context.activation = c.activation;
    s->context.exit_frame = c.exit_frame;
}

// What an entry needs that is rare: from within another call, with a
// floating-point control register that is not the guest's, or on a stack that
// is not yet known.
NODISCARD Status func_call_within(Func *f, Store *s, Raw *values);

// func_call_own itself, for a caller without vectors (native_stack_known). `fp`
// is what fp_get says: asked early it holds up less, as it waits for what is
// before it.
NODISCARD INLINE Status func_call_here(Func *f, Store *s, Raw *values,
                                       uint64_t fp) {
    const char *here = thread_stack_pointer();
    if (UNLIKELY(s->context.stack_limit || !fp_is_right(fp) ||
                 !native_stack_known(s, here, &s->context.stack_limit)))
        return func_call_within(f, s, values);
    Status status = f->call(f, s, values);
    // As it was. Constants: what is read now would wait for what was written.
    call_state_restore(s, (CallState){0});
    s->context.stack_limit = NULL;
    return status;
}
