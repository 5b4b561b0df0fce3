// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Traps of wasm.h and their frames.
#include "api/api_int.h"

#include "base/alloc.h"

#include <stdio.h>
#include <wasmtime/trap.h>

// --- making ------------------------------------------------------------------

static wasm_trap_t *spare_trap(const Store *s) {
    return wasm_trap_copy(store_data(s)->no_memory);
}

wasm_trap_t *trap_new(Store *s, const char *text, size_t len) {
    wasm_trap_t *t = ref_new(s, REF_trap, sizeof *t);
    if (!t) return NULL;
    t->code = NO_TRAP_CODE;
    if (name_of_z(&t->message, text, len)) return t;
    wasm_trap_delete(t);
    return NULL;
}

wasm_trap_t *trap_of_text(Store *s, const char *text) {
    wasm_trap_t *t = trap_new(s, text, strlen(text));
    return t ? t : spare_trap(s);
}

wasm_trap_t *wasm_trap_new(wasm_store_t *store, const wasm_message_t *message) {
    size_t len = message->size;
    if (len && message->data[len - 1] == '\0') len--;
    return trap_new(store->store, message->data, len);
}

// --- from and to the runtime -------------------------------------------------

// The text with its backtrace, in the arena.
static bool print(const TrapInfo *info, const char *text, Arena *arena,
                  TextBuf *out) {
    ArenaGuard guard;
    bool ok = false;
    if (ARENA_GUARD(arena, &guard)) {
        text_init(out, arena);
        text_printf(out, "%s\n", text);
        trap_print_frames(info, out);
        ok = true;
    } else {
        ok = false;
    }
    arena_unguard(arena, &guard);
    return ok;
}

bool trap_message(const TrapInfo *info, const char *text, wasm_message_t *out) {
    Arena arena;
    TextBuf printed = {0};
    arena_init(&arena, 0);
    bool ok = (print(info, text, &arena, &printed) &&
               name_of_z(out, printed.data, printed.len)) ||
              name_of_z(out, text, strlen(text));
    arena_release(&arena);
    return ok;
}

static bool message_of(const TrapInfo *info, wasm_message_t *out) {
    char text[sizeof info->text + 16];
    snprintf(text, sizeof text, "wasm trap: %s", info->text);
    return trap_message(info, text, out);
}

// A trap that a host function raised comes out as the object that it was, with
// the frames that it went through.
static wasm_trap_t *trap_of_host(TrapInfo *info) {
    wasm_trap_t *t = info->host_error;
    info->host_error = NULL;
    if (t->info.frames.len == 0) trap_give_frames(&t->info, info);
    trap_clear(info);
    return t;
}

static void delete_trap(void *trap) {
    wasm_trap_delete(trap);
}

static wasm_trap_t *trap_of(TrapInfo *info, Store *keep, int code) {
    if (info->host_error_free == delete_trap) return trap_of_host(info);
    wasm_trap_t *t = ref_new(keep, REF_trap, sizeof(wasm_trap_t));
    if (!t || !message_of(info, &t->message)) {
        trap_clear(info);
        wasm_trap_delete(t);
        return NULL;
    }
    t->info = *info;
    t->code = code;
    return t;
}

wasm_trap_t *trap_take(Store *s, Status status, bool keeps_store) {
    int code = trap_code_of(s->trap.code);
    if (status == STATUS_exception) {
        code = WASMTIME_TRAP_CODE_UNCAUGHT_EXCEPTION;
        (void)store_trap_uncaught(s);
        if (keeps_store) s->exception = 0; // wasm.h cannot ask for it
    }
    TrapInfo info;
    store_take_trap(s, &info);
    wasm_trap_t *t = trap_of(&info, keeps_store ? s : NULL, code);
    return t ? t : spare_trap(s);
}

Status trap_raise(Store *s, wasm_trap_t *trap) {
    if (s->trap.code != TRAP_none) {
        wasm_trap_delete(trap);
        return STATUS_trap;
    }
    const char *text = trap->message.data ? trap->message.data : "";
    Status status = store_trap_text(s, TRAP_host, "%s", text);
    s->trap.host_error = trap;
    s->trap.host_error_free = delete_trap;
    return status;
}

// --- frames ------------------------------------------------------------------

static wasm_name_t borrowed(Str s) {
    return (wasm_name_t){.size = s.len, .data = (char *)(uintptr_t)s.data};
}

static wasm_frame_t *frame_new(const TraceFrame *from, Store *s) {
    wasm_frame_t *f = MEM_NEW(wasm_frame_t);
    if (!f) return NULL;
    f->frame = *from;
    f->store = s;
    const Module *m = &from->module->module;
    f->func_name = borrowed(module_func_name(m, from->func));
    f->module_name = borrowed(m->names.module);
    rt_module_ref(from->module);
    if (s) store_ref(s);
    return f;
}

wasm_frame_t *wasm_frame_copy(const wasm_frame_t *f) {
    return frame_new(&f->frame, f->store);
}

void wasm_frame_delete(wasm_frame_t *f) {
    if (!f) return;
    Store *s = f->store;
    rt_module_unref(f->frame.module);
    mem_free(f);
    if (s) store_unref(s);
}

struct wasm_instance_t *wasm_frame_instance(const wasm_frame_t *f) {
    if (!f->store) return NULL;
    wasm_instance_t *i = ref_of(f->store, REF_instance, f->frame.instance);
    wasm_instance_delete(i); // the frame keeps the store, which keeps it
    return i;
}

uint32_t wasm_frame_func_index(const wasm_frame_t *f) {
    return f->frame.func;
}

size_t wasm_frame_func_offset(const wasm_frame_t *f) {
    const Module *m = &f->frame.module->module;
    return (size_t)(f->frame.at - module_body(m, f->frame.func)->bytes.at);
}

size_t wasm_frame_module_offset(const wasm_frame_t *f) {
    return (size_t)f->frame.at;
}

// --- asking ------------------------------------------------------------------

void wasm_trap_message(const wasm_trap_t *t, wasm_message_t *out) {
    wasm_byte_vec_copy(out, &t->message);
}

wasm_frame_t *wasm_trap_origin(const wasm_trap_t *t) {
    if (t->info.frames.len == 0) return NULL;
    return frame_new(&t->info.frames.data[0], t->ref.store);
}

void trap_trace(const TrapInfo *info, Store *s, wasm_frame_vec_t *out) {
    uint32_t len = info->frames.len;
    wasm_frame_vec_new_uninitialized(out, len);
    bool ok = out->size == len;
    for (uint32_t i = 0; ok && i < len; i++) {
        out->data[i] = frame_new(&info->frames.data[i], s);
        ok = out->data[i] != NULL;
    }
    if (!ok) wasm_frame_vec_delete(out);
}

void wasm_trap_trace(const wasm_trap_t *t, wasm_frame_vec_t *out) {
    trap_trace(&t->info, t->ref.store, out);
}

// --- codes and names ---------------------------------------------------------

int trap_code_of(Trap t) {
    switch (t) {
    case TRAP_unreachable:
        return WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED;
    case TRAP_div_by_zero:
        return WASMTIME_TRAP_CODE_INTEGER_DIVISION_BY_ZERO;
    case TRAP_int_overflow:
        return WASMTIME_TRAP_CODE_INTEGER_OVERFLOW;
    case TRAP_bad_conversion:
        return WASMTIME_TRAP_CODE_BAD_CONVERSION_TO_INTEGER;
    case TRAP_memory_bounds:
        return WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS;
    case TRAP_table_bounds:
    case TRAP_undefined_element:
        return WASMTIME_TRAP_CODE_TABLE_OUT_OF_BOUNDS;
    case TRAP_uninitialized_element:
        return WASMTIME_TRAP_CODE_INDIRECT_CALL_TO_NULL;
    case TRAP_indirect_type:
        return WASMTIME_TRAP_CODE_BAD_SIGNATURE;
    case TRAP_unaligned_atomic:
        return WASMTIME_TRAP_CODE_HEAP_MISALIGNED;
    case TRAP_wait_unshared:
        return WASMTIME_TRAP_CODE_ATOMIC_WAIT_NON_SHARED_MEMORY;
    case TRAP_null_reference:
    case TRAP_null_func_reference:
    case TRAP_null_struct_reference:
    case TRAP_null_array_reference:
    case TRAP_null_i31_reference:
    case TRAP_null_exn_reference:
        return WASMTIME_TRAP_CODE_NULL_REFERENCE;
    case TRAP_array_bounds:
        return WASMTIME_TRAP_CODE_ARRAY_OUT_OF_BOUNDS;
    case TRAP_cast_failure:
        return WASMTIME_TRAP_CODE_CAST_FAILURE;
    case TRAP_allocation_too_large:
        return WASMTIME_TRAP_CODE_ALLOCATION_TOO_LARGE;
    case TRAP_stack_exhausted:
        return WASMTIME_TRAP_CODE_STACK_OVERFLOW;
    case TRAP_out_of_fuel:
        return WASMTIME_TRAP_CODE_OUT_OF_FUEL;
    case TRAP_interrupt:
        return WASMTIME_TRAP_CODE_INTERRUPT;
    case TRAP_none:
    case TRAP_out_of_memory:
    case TRAP_host:
    case TRAP_exit:
    case TRAP_count:
        return NO_TRAP_CODE;
    }
    UNREACHABLE();
}

wasm_trap_t *wasmtime_trap_new(const char *msg, size_t msg_len) {
    return trap_new(NULL, msg, msg_len);
}

// The first row with the code has its text; codes of components have none.
static const char *code_text(int code) {
    if (code == WASMTIME_TRAP_CODE_UNCAUGHT_EXCEPTION)
        return "uncaught exception";
    for (int i = 0; i < TRAP_count; i++)
        if (trap_code_of((Trap)i) == code) return trap_text((Trap)i);
    return "component";
}

wasm_trap_t *wasmtime_trap_new_code(wasmtime_trap_code_t code) {
    if (code > WASMTIME_TRAP_LIFT_DROPPED_STREAM) return NULL;
    char text[96];
    int len = snprintf(text, sizeof text, "wasm trap: %s", code_text(code));
    wasm_trap_t *t = trap_new(NULL, text, (size_t)len);
    if (t) t->code = code;
    return t;
}

bool wasmtime_trap_code(const wasm_trap_t *t, wasmtime_trap_code_t *code) {
    if (t->code == NO_TRAP_CODE) return false;
    *code = (wasmtime_trap_code_t)t->code;
    return true;
}

const wasm_name_t *wasmtime_frame_func_name(const wasm_frame_t *f) {
    return f->func_name.size ? &f->func_name : NULL;
}

const wasm_name_t *wasmtime_frame_module_name(const wasm_frame_t *f) {
    return f->module_name.size ? &f->module_name : NULL;
}
