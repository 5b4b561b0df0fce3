// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Memories that several stores, on several threads, share. They belong to no
// store: a handle here is counted, and may be used, copied and deleted on any
// thread. In a store they are named by wasmtime_extern_t like other memories.
#ifndef WASMTIME_SHAREDMEMORY_H
#define WASMTIME_SHAREDMEMORY_H

#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wasmtime_sharedmemory wasmtime_sharedmemory_t;

#ifdef WASMTIME_FEATURE_THREADS

// Reserves the type's maximum at once, and makes its minimum, all zero. *ret is
// owned by the caller, and untouched on failure: the type is not shared, the
// engine allows none, or memory ran out.
WASM_API_EXTERN wasmtime_error_t *wasmtime_sharedmemory_new(
    const wasm_engine_t *engine, const wasm_memorytype_t *ty,
    wasmtime_sharedmemory_t **ret);

#endif

WASM_API_EXTERN void wasmtime_sharedmemory_delete(
    wasmtime_sharedmemory_t *memory);
// Another owned handle to the same memory. NULL: no memory for it.
WASM_API_EXTERN wasmtime_sharedmemory_t *wasmtime_sharedmemory_clone(
    const wasmtime_sharedmemory_t *memory);

// The type that it was made with, its minimum being that of the beginning. The
// caller owns it.
WASM_API_EXTERN wasm_memorytype_t *wasmtime_sharedmemory_type(
    const wasmtime_sharedmemory_t *memory);

// The first byte; it never moves while there is a handle. Other threads change
// the bytes while you look: use atomic accesses only.
WASM_API_EXTERN uint8_t *wasmtime_sharedmemory_data(
    const wasmtime_sharedmemory_t *memory);
// Bytes and pages now; they only become more.
WASM_API_EXTERN size_t
wasmtime_sharedmemory_data_size(const wasmtime_sharedmemory_t *memory);
WASM_API_EXTERN uint64_t
wasmtime_sharedmemory_size(const wasmtime_sharedmemory_t *memory);

// `delta` pages more; *prev_size is how many there were, and untouched on
// failure.
WASM_API_EXTERN wasmtime_error_t *wasmtime_sharedmemory_grow(
    const wasmtime_sharedmemory_t *memory, uint64_t delta, uint64_t *prev_size);

#ifdef __cplusplus
}
#endif

#endif
