// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Modules without a store: loaded and validated once, instantiated anywhere.
// They may be used from several threads.
#ifndef WASMTIME_MODULE_H
#define WASMTIME_MODULE_H

#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wasmtime_module wasmtime_module_t;

#ifdef WASMTIME_FEATURE_COMPILER

// Decodes and validates; the bytes are copied. *ret is owned by the caller, and
// untouched on failure.
WASM_API_EXTERN wasmtime_error_t *wasmtime_module_new(wasm_engine_t *engine,
                                                      const uint8_t *wasm,
                                                      size_t wasm_len,
                                                      wasmtime_module_t **ret);

#endif

WASM_API_EXTERN void wasmtime_module_delete(wasmtime_module_t *m);

// Another owned handle to the same module. NULL: no memory.
WASM_API_EXTERN wasmtime_module_t *wasmtime_module_clone(
    const wasmtime_module_t *m);

// In the order of the module. {0, NULL} also when memory ran out.
WASM_API_EXTERN void wasmtime_module_imports(const wasmtime_module_t *module,
                                             wasm_importtype_vec_t *out);
WASM_API_EXTERN void wasmtime_module_exports(const wasmtime_module_t *module,
                                             wasm_exporttype_vec_t *out);

#ifdef WASMTIME_FEATURE_COMPILER

// As wasmtime_module_new, without keeping anything.
WASM_API_EXTERN wasmtime_error_t *wasmtime_module_validate(
    wasm_engine_t *engine, const uint8_t *wasm, size_t wasm_len);

// Bytes that wasmtime_module_deserialize takes. The caller owns *ret.
WASM_API_EXTERN wasmtime_error_t *wasmtime_module_serialize(
    const wasmtime_module_t *module, wasm_byte_vec_t *ret);

#endif

// The bytes are trusted as a program is: an engine that compiles runs the code
// in them as it is. Other versions, hosts and configurations, and what is cut
// off, are errors. A file is mapped, and must not change while the module lives.
WASM_API_EXTERN wasmtime_error_t *wasmtime_module_deserialize(
    wasm_engine_t *engine, const uint8_t *bytes, size_t bytes_len,
    wasmtime_module_t **ret);
WASM_API_EXTERN wasmtime_error_t *wasmtime_module_deserialize_file(
    wasm_engine_t *engine, const char *path, wasmtime_module_t **ret);

// What the module runs from: its bytes, as long as it lives.
WASM_API_EXTERN void wasmtime_module_image_range(
    const wasmtime_module_t *module, void **start, void **end);

#ifdef __cplusplus
}
#endif

#endif
