// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Globals. For the store's thread.
#ifndef WASMTIME_GLOBAL_H
#define WASMTIME_GLOBAL_H

#include <wasm.h>
#include <wasmtime/extern.h>
#include <wasmtime/store.h>
#include <wasmtime/val.h>

#ifdef __cplusplus
extern "C" {
#endif

// An error: the value is not of the type, or of another store.
WASM_API_EXTERN wasmtime_error_t *wasmtime_global_new(
    wasmtime_context_t *store, const wasm_globaltype_t *type,
    const wasmtime_val_t *val, wasmtime_global_t *ret);

// The caller owns it. NULL: no memory, or not a global of the store.
WASM_API_EXTERN wasm_globaltype_t *wasmtime_global_type(
    const wasmtime_context_t *store, const wasmtime_global_t *global);

// The caller owns *out: a null function when it is not a global of the store.
WASM_API_EXTERN void wasmtime_global_get(wasmtime_context_t *store,
                                         const wasmtime_global_t *global,
                                         wasmtime_val_t *out);

// An error: the global is immutable, or the value does not fit.
WASM_API_EXTERN wasmtime_error_t *wasmtime_global_set(
    wasmtime_context_t *store, const wasmtime_global_t *global,
    const wasmtime_val_t *val);

#ifdef __cplusplus
}
#endif

#endif
