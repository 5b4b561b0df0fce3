// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Memories, and memory types with all that wasm.h cannot say. Sizes are pages,
// unless they say bytes; a page has 2^page_size_log2 bytes. Memories are for
// the store's thread (shared ones: wasmtime/sharedmemory.h), types for all.
#ifndef WASMTIME_MEMORY_H
#define WASMTIME_MEMORY_H

#include <wasm.h>
#include <wasmtime/error.h>
#include <wasmtime/extern.h>
#include <wasmtime/store.h>

#ifdef __cplusplus
extern "C" {
#endif

// The caller owns *ret. An error: min is above max, a size is more than the
// index type can address, the page size is not 1 or 65536 bytes, or a shared
// memory has no maximum.
WASM_API_EXTERN wasmtime_error_t *wasmtime_memorytype_new(
    uint64_t min, bool max_present, uint64_t max, bool is_64, bool shared,
    uint8_t page_size_log2, wasm_memorytype_t **ret);

WASM_API_EXTERN uint64_t
wasmtime_memorytype_minimum(const wasm_memorytype_t *ty);
// False: none, and *max is untouched.
WASM_API_EXTERN bool wasmtime_memorytype_maximum(const wasm_memorytype_t *ty,
                                                 uint64_t *max);
WASM_API_EXTERN bool wasmtime_memorytype_is64(const wasm_memorytype_t *ty);
WASM_API_EXTERN bool wasmtime_memorytype_isshared(const wasm_memorytype_t *ty);
WASM_API_EXTERN uint64_t
wasmtime_memorytype_page_size(const wasm_memorytype_t *ty);
WASM_API_EXTERN uint8_t
wasmtime_memorytype_page_size_log2(const wasm_memorytype_t *ty);

// An error: a limit is exceeded, or the type is shared: for that there is
// wasmtime_sharedmemory_new.
WASM_API_EXTERN wasmtime_error_t *wasmtime_memory_new(
    wasmtime_context_t *store, const wasm_memorytype_t *ty,
    wasmtime_memory_t *ret);

// The caller owns it. NULL: no memory, or not a memory of the store.
WASM_API_EXTERN wasm_memorytype_t *wasmtime_memory_type(
    const wasmtime_context_t *store, const wasmtime_memory_t *memory);

// Its first byte: until the memory grows or the guest runs. NULL when it is not
// a memory of the store.
WASM_API_EXTERN uint8_t *wasmtime_memory_data(wasmtime_context_t *store,
                                              const wasmtime_memory_t *memory);

// Bytes. This and the next are 0 when it is not a memory of the store.
WASM_API_EXTERN size_t wasmtime_memory_data_size(
    const wasmtime_context_t *store, const wasmtime_memory_t *memory);
WASM_API_EXTERN uint64_t wasmtime_memory_size(const wasmtime_context_t *store,
                                              const wasmtime_memory_t *memory);

// *prev_size is what the size was; untouched on failure.
WASM_API_EXTERN wasmtime_error_t *wasmtime_memory_grow(
    wasmtime_context_t *store, const wasmtime_memory_t *memory, uint64_t delta,
    uint64_t *prev_size);

WASM_API_EXTERN uint64_t wasmtime_memory_page_size(
    wasmtime_context_t *store, const wasmtime_memory_t *memory);
WASM_API_EXTERN uint8_t wasmtime_memory_page_size_log2(
    wasmtime_context_t *store, const wasmtime_memory_t *memory);

#ifdef __cplusplus
}
#endif

#endif
