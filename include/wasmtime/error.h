// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Errors: what functions answer that fail for another reason than a trap.
//
// A function that returns an error returns NULL on success. The caller owns the
// error. When there is no memory for one, it is one that says so: a failure
// never looks like a success. An error belongs to no store: it may be read, and
// deleted, on any thread.
#ifndef WASMTIME_ERROR_H
#define WASMTIME_ERROR_H

#include <wasm.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wasmtime_error wasmtime_error_t;

// An error of the host's own; the text is copied.
WASM_API_EXTERN wasmtime_error_t *wasmtime_error_new(const char *message);
WASM_API_EXTERN void wasmtime_error_delete(wasmtime_error_t *error);

// The caller owns the text, which has no terminating zero.
WASM_API_EXTERN void wasmtime_error_message(const wasmtime_error_t *error,
                                            wasm_name_t *message);

// True when the guest ended itself with an exit status. False: something else
// failed, and *status is untouched.
WASM_API_EXTERN bool wasmtime_error_exit_status(const wasmtime_error_t *error,
                                                int *status);

// The WebAssembly frames where it happened, innermost first; none when no guest
// ran, or it ended itself. The caller owns them.
WASM_API_EXTERN void wasmtime_error_wasm_trace(const wasmtime_error_t *error,
                                               wasm_frame_vec_t *out);

#ifdef __cplusplus
}
#endif

#endif
