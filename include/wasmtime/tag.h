// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tags: what tells the kinds of exceptions apart, and says what they carry.
// For the store's thread.
#ifndef WASMTIME_TAG_H
#define WASMTIME_TAG_H

#include <wasm.h>
#include <wasmtime/error.h>
#include <wasmtime/store.h>

#ifdef __cplusplus
extern "C" {
#endif

// A handle, see wasmtime/store.h.
typedef struct wasmtime_tag {
    uint64_t store_id;
    uint32_t __private1;
    uint32_t __unused; // zero
    uint32_t __private2;
} wasmtime_tag_t;

#define WASMTIME_EXTERN_TAG 5 // see wasmtime/extern.h

// An error: the type has results, or is of another engine.
WASM_API_EXTERN wasmtime_error_t *wasmtime_tag_new(wasmtime_context_t *store,
                                                   const wasm_tagtype_t *tt,
                                                   wasmtime_tag_t *ret);

// The caller owns it. NULL: no memory, or not a tag of the store.
WASM_API_EXTERN wasm_tagtype_t *wasmtime_tag_type(
    const wasmtime_context_t *store, const wasmtime_tag_t *tag);

// Are both the same tag of the store?
WASM_API_EXTERN bool wasmtime_tag_eq(const wasmtime_context_t *store,
                                     const wasmtime_tag_t *a,
                                     const wasmtime_tag_t *b);

#ifdef __cplusplus
}
#endif

#endif
