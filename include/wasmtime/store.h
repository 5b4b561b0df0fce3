// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Stores: what owns everything that instances are made of.
//
// Functions, globals, tables, memories, tags and instances of a store are named
// by handles, small structures that are copied and never deleted. A handle is
// good while its store lives. Every function checks the handles that it gets:
// one of another store, one that was never filled in or is null is an error,
// or, where a function returns none, what its header says.
//
// What is given away with a finalizer (NULL: none) belongs to the callee, also
// when the call fails: the finalizer has then run.
//
// A store belongs to one thread at a time; it may move between calls.
#ifndef WASMTIME_STORE_H
#define WASMTIME_STORE_H

#include <wasi.h>
#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>

#ifdef __cplusplus
extern "C" {
#endif

// The owner's view of a store ...
typedef struct wasmtime_store wasmtime_store_t;
// ... and the one that all other functions take: borrowed, the same pointer as
// long as the store lives. Finalizers must not use it.
typedef struct wasmtime_context wasmtime_context_t;

// NULL: no memory. The finalizer runs when the store goes, with the pointer that
// wasmtime_context_get_data then has.
WASM_API_EXTERN wasmtime_store_t *wasmtime_store_new(wasm_engine_t *engine,
                                                     void *data,
                                                     void (*finalizer)(void *));

WASM_API_EXTERN wasmtime_context_t *wasmtime_store_context(
    wasmtime_store_t *store);

// What instances of this store may have from now on: bytes of each memory,
// elements of each table, and how many instances, tables and memories there may
// be. A negative number means the default: no limit for the sizes, 10000 for
// the counts. What is over a limit fails to grow, or to be instantiated.
WASM_API_EXTERN void wasmtime_store_limiter(wasmtime_store_t *store,
                                            int64_t memory_size,
                                            int64_t table_elements,
                                            int64_t instances, int64_t tables,
                                            int64_t memories);

// Frees all that the store owns, and runs its finalizers. Not from a callback
// of this store.
WASM_API_EXTERN void wasmtime_store_delete(wasmtime_store_t *store);

// The embedder's pointer. Setting it does not run the finalizer for the one that
// was there before.
WASM_API_EXTERN void *wasmtime_context_get_data(
    const wasmtime_context_t *context);
WASM_API_EXTERN void wasmtime_context_set_data(wasmtime_context_t *context,
                                               void *data);

#ifdef WASMTIME_FEATURE_GC

// Collects garbage now; finalizers of what is dead are run. An error: there was
// not the memory that collecting takes.
WASM_API_EXTERN wasmtime_error_t *wasmtime_context_gc(
    wasmtime_context_t *context);

#endif

// How many units the guest may spend; a store begins with 0. Running out is a
// trap. An error: the engine does not count fuel.
WASM_API_EXTERN wasmtime_error_t *wasmtime_context_set_fuel(
    wasmtime_context_t *store, uint64_t fuel);

// What is left. An error: the engine does not count fuel.
WASM_API_EXTERN wasmtime_error_t *wasmtime_context_get_fuel(
    const wasmtime_context_t *context, uint64_t *fuel);

#ifdef WASMTIME_FEATURE_WASI

// What functions defined with wasmtime_linker_define_wasi see. Takes `wasi`,
// also on failure. What was set before goes.
WASM_API_EXTERN wasmtime_error_t *wasmtime_context_set_wasi(
    wasmtime_context_t *context, wasi_config_t *wasi);

#endif

#ifdef WASMTIME_FEATURE_WASI_HTTP

// Allows components of this store to use `wasi:http`. There are no components
// yet, so that nothing asks for it.
WASM_API_EXTERN void wasmtime_context_set_wasi_http(
    wasmtime_context_t *context);

#endif

// The guest stops, or the callback below is asked, once the engine's epoch has
// been raised so many times from now. A new store has no ticks: its guests stop
// at once until a deadline is set. Has no effect in engines without epochs.
WASM_API_EXTERN void wasmtime_context_set_epoch_deadline(
    wasmtime_context_t *context, uint64_t ticks_beyond_current);

typedef uint8_t wasmtime_update_deadline_kind_t;
#define WASMTIME_UPDATE_DEADLINE_CONTINUE 0
#define WASMTIME_UPDATE_DEADLINE_YIELD    1 // asynchronous calls: first suspend

// Asks `func` what to do when a deadline is reached. It sets the ticks until
// the next deadline, and may change the kind, which is CONTINUE; or it returns
// an error, which then ends the call. A yield in a call that cannot suspend is
// an error too. Replaces the callback before and runs its finalizer; NULL for
// `func` restores the trap.
WASM_API_EXTERN void wasmtime_store_epoch_deadline_callback(
    wasmtime_store_t *store,
    wasmtime_error_t *(*func)(const wasmtime_context_t *context, void *data,
                              uint64_t *epoch_deadline_delta,
                              wasmtime_update_deadline_kind_t *update_kind),
    void *data, void (*finalizer)(void *));

#ifdef __cplusplus
}
#endif

#endif
