// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Exceptions as objects. Roots and who owns them: wasmtime/val.h.
//
// A host function throws by returning the trap that
// wasmtime_context_set_exception made.
// An exception that no guest catches ends the call with a trap, and stays
// pending in the store, where the embedder takes it; the next call forgets it.
// What takes a context is for the store's thread; roots may be cloned and
// unrooted on any.
#ifndef WASMTIME_EXNREF_H
#define WASMTIME_EXNREF_H

#include <wasmtime/conf.h>

#ifdef WASMTIME_FEATURE_GC

#include <wasmtime/types/exnref.h>
#include <wasmtime/val.h>

#ifdef __cplusplus
extern "C" {
#endif

// One value for each parameter of the tag. The caller owns *exn_ret.
WASM_API_EXTERN wasmtime_error_t *wasmtime_exnref_new(
    wasmtime_context_t *store, const wasmtime_tag_t *tag,
    const wasmtime_val_t *fields, size_t nfields, wasmtime_exnref_t *exn_ret);

static inline void wasmtime_exnref_set_null(wasmtime_exnref_t *ref) {
    ref->store_id = 0;
}

static inline bool wasmtime_exnref_is_null(const wasmtime_exnref_t *ref) {
    return ref->store_id == 0;
}

// Any thread.
WASM_API_EXTERN void wasmtime_exnref_clone(const wasmtime_exnref_t *ref,
                                           wasmtime_exnref_t *out);
WASM_API_EXTERN void wasmtime_exnref_unroot(wasmtime_exnref_t *ref);

// As those of wasmtime/anyref.h.
WASM_API_EXTERN void wasmtime_exnref_from_raw(wasmtime_context_t *context,
                                              uint32_t raw,
                                              wasmtime_exnref_t *out);
WASM_API_EXTERN uint32_t wasmtime_exnref_to_raw(wasmtime_context_t *context,
                                                const wasmtime_exnref_t *ref);

WASM_API_EXTERN wasmtime_error_t *wasmtime_exnref_tag(
    wasmtime_context_t *store, const wasmtime_exnref_t *exn,
    wasmtime_tag_t *tag_ret);
// 0 for null and for a root of another store.
WASM_API_EXTERN size_t wasmtime_exnref_field_count(
    wasmtime_context_t *store, const wasmtime_exnref_t *exn);
// The caller owns *val_ret.
WASM_API_EXTERN wasmtime_error_t *wasmtime_exnref_field(
    wasmtime_context_t *store, const wasmtime_exnref_t *exn, size_t index,
    wasmtime_val_t *val_ret);

// Makes the exception pending; the host function that runs must return the trap
// at once, which the caller owns until then. A null exception, one of another
// store, or no memory, is a trap of its own: never NULL.
WASM_API_EXTERN wasm_trap_t *wasmtime_context_set_exception(
    wasmtime_context_t *store, const wasmtime_exnref_t *exn);
// False: none is pending, or no memory.
WASM_API_EXTERN bool wasmtime_context_take_exception(
    wasmtime_context_t *store, wasmtime_exnref_t *exn_ret);
WASM_API_EXTERN bool wasmtime_context_has_exception(wasmtime_context_t *store);

// The caller owns it. NULL: null, or no memory.
WASM_API_EXTERN wasmtime_exn_type_t *wasmtime_exnref_type(
    wasmtime_context_t *context, const wasmtime_exnref_t *exnref);

#ifdef __cplusplus
}
#endif

#endif

#endif
