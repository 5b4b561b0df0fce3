// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Types of exceptions: what they carry.
// Types are for all threads at once.
#ifndef WASMTIME_TYPES_EXNREF_H
#define WASMTIME_TYPES_EXNREF_H

#include <wasm.h>
#include <wasmtime/error.h>

#ifdef __cplusplus
extern "C" {
#endif

// May be used on any thread.
typedef struct wasmtime_exn_type wasmtime_exn_type_t;

// `params` are borrowed; the caller owns *out, which is untouched on failure.
// An error: no memory, too many, or a type of another engine.
WASM_API_EXTERN wasmtime_error_t *wasmtime_exn_type_new(
    const wasm_engine_t *engine, const wasm_valtype_vec_t *params,
    wasmtime_exn_type_t **out);
WASM_API_EXTERN void wasmtime_exn_type_delete(wasmtime_exn_type_t *ty);
// NULL: no memory.
WASM_API_EXTERN wasmtime_exn_type_t *wasmtime_exn_type_copy(
    const wasmtime_exn_type_t *ty);

// The type of tags for such exceptions; the caller owns it. NULL: no memory.
WASM_API_EXTERN wasm_tagtype_t *wasmtime_exn_type_tag_type(
    const wasmtime_exn_type_t *ty);

#ifdef __cplusplus
}
#endif

#endif
