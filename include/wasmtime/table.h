// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tables. Sizes and indices are elements. For the store's thread.
#ifndef WASMTIME_TABLE_H
#define WASMTIME_TABLE_H

#include <wasm.h>
#include <wasmtime/error.h>
#include <wasmtime/extern.h>
#include <wasmtime/store.h>
#include <wasmtime/val.h>

#ifdef __cplusplus
extern "C" {
#endif

// An error: `init` is not of the element type, or a limit is exceeded.
WASM_API_EXTERN wasmtime_error_t *wasmtime_table_new(wasmtime_context_t *store,
                                                     const wasm_tabletype_t *ty,
                                                     const wasmtime_val_t *init,
                                                     wasmtime_table_t *table);

// The caller owns it. NULL: no memory, or not a table of the store.
WASM_API_EXTERN wasm_tabletype_t *wasmtime_table_type(
    const wasmtime_context_t *store, const wasmtime_table_t *table);

// True: *val is owned by the caller. False: out of bounds, no memory, or not a
// table of the store.
WASM_API_EXTERN bool wasmtime_table_get(wasmtime_context_t *store,
                                        const wasmtime_table_t *table,
                                        uint64_t index, wasmtime_val_t *val);

WASM_API_EXTERN wasmtime_error_t *wasmtime_table_set(
    wasmtime_context_t *store, const wasmtime_table_t *table, uint64_t index,
    const wasmtime_val_t *value);

// 0 when it is not a table of the store.
WASM_API_EXTERN uint64_t wasmtime_table_size(const wasmtime_context_t *store,
                                             const wasmtime_table_t *table);

// *prev_size is what the size was; untouched on failure.
WASM_API_EXTERN wasmtime_error_t *wasmtime_table_grow(
    wasmtime_context_t *store, const wasmtime_table_t *table, uint64_t delta,
    const wasmtime_val_t *init, uint64_t *prev_size);

#ifdef __cplusplus
}
#endif

#endif
