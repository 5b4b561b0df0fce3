// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The text format. Any thread.
#ifndef WASMTIME_WAT_H
#define WASMTIME_WAT_H

#include <wasmtime/conf.h>
#include <wasmtime/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef WASMTIME_FEATURE_WAT

// Translates text, UTF-8 of `wat_len` bytes, to the binary format, all features
// on. The module is not validated. The caller owns *ret; on failure it is
// untouched and the error names line and column.
WASM_API_EXTERN wasmtime_error_t *wasmtime_wat2wasm(const char *wat,
                                                    size_t wat_len,
                                                    wasm_byte_vec_t *ret);

#endif

#ifdef __cplusplus
}
#endif

#endif
