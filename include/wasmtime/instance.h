// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Instances, and modules whose imports are resolved already. How instantiating
// can end: as a call can, see wasmtime/func.h.
// What takes a context is for the store's thread.
#ifndef WASMTIME_INSTANCE_H
#define WASMTIME_INSTANCE_H

#include <wasm.h>
#include <wasmtime/extern.h>
#include <wasmtime/module.h>
#include <wasmtime/store.h>

#ifdef __cplusplus
extern "C" {
#endif

// A handle, see wasmtime/store.h.
typedef struct wasmtime_instance {
    uint64_t store_id;
    size_t __private;
} wasmtime_instance_t;

// One import for each that the module declares, in its order; borrowed. Runs
// the start function.
WASM_API_EXTERN wasmtime_error_t *wasmtime_instance_new(
    wasmtime_context_t *store, const wasmtime_module_t *module,
    const wasmtime_extern_t *imports, size_t nimports,
    wasmtime_instance_t *instance, wasm_trap_t **trap);

// True: *item is owned by the caller. False: no such export, no memory, or not
// an instance of the store.
WASM_API_EXTERN bool wasmtime_instance_export_get(
    wasmtime_context_t *store, const wasmtime_instance_t *instance,
    const char *name, size_t name_len, wasmtime_extern_t *item);

// In the order of the module. The name, which has no terminating zero, belongs
// to the module.
WASM_API_EXTERN bool wasmtime_instance_export_nth(
    wasmtime_context_t *store, const wasmtime_instance_t *instance,
    size_t index, char **name, size_t *name_len, wasmtime_extern_t *item);

// A module with its imports, from wasmtime_linker_instantiate_pre. Shared
// between threads as far as its imports may be: it instantiates in every store
// of the engine when all of them are functions defined without a store.
typedef struct wasmtime_instance_pre wasmtime_instance_pre_t;

WASM_API_EXTERN void wasmtime_instance_pre_delete(
    wasmtime_instance_pre_t *instance_pre);

WASM_API_EXTERN wasmtime_error_t *wasmtime_instance_pre_instantiate(
    const wasmtime_instance_pre_t *instance_pre, wasmtime_context_t *store,
    wasmtime_instance_t *instance, wasm_trap_t **trap_ptr);

// The caller owns it. NULL: no memory.
WASM_API_EXTERN wasmtime_module_t *wasmtime_instance_pre_module(
    const wasmtime_instance_pre_t *instance_pre);

#ifdef __cplusplus
}
#endif

#endif
