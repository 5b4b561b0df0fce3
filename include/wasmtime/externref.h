// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Pointers of the embedder as objects that a guest can hold but not look into.
// Roots and who owns them: wasmtime/val.h.
// What takes a context is for the store's thread; roots may be cloned and
// unrooted on any.
#ifndef WASMTIME_EXTERNREF_H
#define WASMTIME_EXTERNREF_H

#include <wasmtime/conf.h>

#ifdef WASMTIME_FEATURE_GC

#include <wasmtime/val.h>

#ifdef __cplusplus
extern "C" {
#endif

static inline void wasmtime_externref_set_null(wasmtime_externref_t *ref) {
    ref->store_id = 0;
}

static inline bool wasmtime_externref_is_null(const wasmtime_externref_t *ref) {
    return ref->store_id == 0;
}

// The finalizer runs with `data` once the object is garbage and collected, or
// with the end of the store; it must not use the store. False: no memory. The
// caller owns *out.
WASM_API_EXTERN bool wasmtime_externref_new(wasmtime_context_t *context,
                                            void *data,
                                            void (*finalizer)(void *),
                                            wasmtime_externref_t *out);

// What _new was given. NULL for null, for a root of another store, and for an
// object of the guest that was converted to an external reference.
WASM_API_EXTERN void *wasmtime_externref_data(wasmtime_context_t *context,
                                              const wasmtime_externref_t *data);

// Any thread.
WASM_API_EXTERN void wasmtime_externref_clone(const wasmtime_externref_t *ref,
                                              wasmtime_externref_t *out);
WASM_API_EXTERN void wasmtime_externref_unroot(wasmtime_externref_t *ref);

// As those of wasmtime/anyref.h.
WASM_API_EXTERN void wasmtime_externref_from_raw(wasmtime_context_t *context,
                                                 uint32_t raw,
                                                 wasmtime_externref_t *out);
WASM_API_EXTERN uint32_t wasmtime_externref_to_raw(
    wasmtime_context_t *context, const wasmtime_externref_t *ref);

#ifdef __cplusplus
}
#endif

#endif

#endif
