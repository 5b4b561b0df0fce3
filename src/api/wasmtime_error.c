// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// wasmtime/error.h.
//
// An error that ended a guest has what its trap had: frames, and the status if
// the guest ended itself.
#include "api/api_int.h"

#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>

struct wasmtime_error {
    TrapInfo info; // of an error that ended a guest
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
    e->info = (TrapInfo){0};
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
    unsigned long long at = err->at, func = err->func;
    if (err->func == ERR_NOWHERE)
        return error_of_text("%s (at offset 0x%llx)", err->text, at);
    return error_of_text("%s (at offset 0x%llx in function %llu)", err->text,
                         at, func);
}

// --- of guests that ended ----------------------------------------------------

// Takes what `info` holds.
static wasmtime_error_t *error_of_info(TrapInfo *info, const char *text) {
    wasm_message_t message;
    wasmtime_error_t *e = error_no_memory();
    if (trap_message(info, text, &message)) {
        // Without the zero, and the end of the line before it.
        size_t len = message.size - 1;
        if (len && message.data[len - 1] == '\n') message.data[--len] = '\0';
        e = error_new(message.data, len);
        wasm_byte_vec_delete(&message);
    }
    if (e == error_no_memory())
        trap_clear(info);
    else
        e->info = *info;
    *info = (TrapInfo){0};
    return e;
}

wasmtime_error_t *error_of_trap(wasm_trap_t *trap) {
    // The trap for want of memory belongs to its store.
    if (atomic_load_explicit(&trap->ref.refs, memory_order_acquire) > 1) {
        wasmtime_error_t *e =
            error_new(trap->message.data, trap->message.size - 1);
        wasm_trap_delete(trap);
        return e;
    }
    wasmtime_error_t *e = error_of_info(&trap->info, trap->message.data);
    wasm_trap_delete(trap);
    return e;
}

static void delete_error(void *error) {
    wasmtime_error_delete(error);
}

Status error_raise(Store *s, wasmtime_error_t *error) {
    if (s->trap.code != TRAP_none) {
        wasmtime_error_delete(error);
        return STATUS_trap;
    }
    Status status = store_trap_text(
        s, TRAP_host, "%s", error == &no_memory ? no_memory_text : error->text);
    s->trap.host_error = error;
    s->trap.host_error_free = delete_error;
    return status;
}

// The frames that it went through are its own now, if it had none.
static wasmtime_error_t *raised_error(TrapInfo *info) {
    wasmtime_error_t *e = info->host_error;
    info->host_error = NULL;
    if (e != &no_memory && e->info.frames.len == 0) {
        trap_clear(&e->info);
        e->info.code = TRAP_host;
        trap_give_frames(&e->info, info);
    }
    trap_clear(info);
    return e;
}

wasmtime_error_t *error_take(Store *s) {
    bool is_raised = s->trap.host_error_free == delete_error;
    // Traps of the embedder's come out as they are, or as the caller likes.
    bool is_trap =
        s->trap.host_error || trap_code_of(s->trap.code) != NO_TRAP_CODE;
    if (!is_raised && is_trap) return NULL;
    TrapInfo info;
    store_take_trap(s, &info);
    if (is_raised) return raised_error(&info);
    char text[sizeof info.text];
    memcpy(text, info.text, sizeof text);
    return error_of_info(&info, text);
}

// --- asking ------------------------------------------------------------------

void wasmtime_error_delete(wasmtime_error_t *error) {
    if (!error || error == &no_memory) return;
    trap_clear(&error->info);
    mem_free(error);
}

void wasmtime_error_message(const wasmtime_error_t *error,
                            wasm_name_t *message) {
    if (error == &no_memory)
        wasm_name_new_from_string(message, no_memory_text);
    else
        wasm_byte_vec_new(message, error->len, error->text);
}

bool wasmtime_error_exit_status(const wasmtime_error_t *error, int *status) {
    if (error->info.code != TRAP_exit) return false;
    *status = error->info.exit_status;
    return true;
}

void wasmtime_error_wasm_trace(const wasmtime_error_t *error,
                               wasm_frame_vec_t *out) {
    trap_trace(&error->info, NULL, out);
}
