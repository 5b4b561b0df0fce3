// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// wasmtime/error.h.
#include "api/api_int.h"

#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>

struct wasmtime_error {
    size_t len;
    char text[];
};

// What is returned when there is no memory for an error. Nobody writes to it.
static struct wasmtime_error no_memory;

static const char no_memory_text[] = "out of memory";

wasmtime_error_t *error_no_memory(void) {
    return &no_memory;
}

static wasmtime_error_t *error_new(const char *text, size_t len) {
    wasmtime_error_t *e = mem_alloc(sizeof *e + len + 1);
    if (!e) return error_no_memory();
    e->len = len;
    memcpy(e->text, text, len + 1);
    return e;
}

wasmtime_error_t *wasmtime_error_new(const char *message) {
    return error_new(message, strlen(message));
}

wasmtime_error_t *error_of_text(const char *format, ...) {
    char text[512];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return error_new(text, MIN((size_t)MAX(len, 0), sizeof text - 1));
}

wasmtime_error_t *error_of(const Err *err) {
    if (err->id == E_out_of_memory) return error_no_memory();
    if (err->at == ERR_NOWHERE) return error_of_text("%s", err->text);
    return error_of_text("%s (at offset 0x%llx)", err->text,
                         (unsigned long long)err->at);
}

void wasmtime_error_delete(wasmtime_error_t *error) {
    if (error != &no_memory) mem_free(error);
}

void wasmtime_error_message(const wasmtime_error_t *error,
                            wasm_name_t *message) {
    if (error == &no_memory)
        wasm_name_new_from_string(message, no_memory_text);
    else
        wasm_byte_vec_new(message, error->len, error->text);
}

// Only calls make errors that have a status or frames, and they answer traps
// (wasm.h).
bool wasmtime_error_exit_status(const wasmtime_error_t *error, int *status) {
    (void)error, (void)status;
    return false;
}

void wasmtime_error_wasm_trace(const wasmtime_error_t *error,
                               wasm_frame_vec_t *out) {
    (void)error;
    wasm_frame_vec_new_empty(out);
}
