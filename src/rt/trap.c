// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/trap.h"

#include "rt/frames.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void add_frame(TrapInfo *t, const Frame *f) {
    t->frame_len++;
    if (t->frames.len == TRACE_MAX) return;
    TraceFrame frame = {
        .module = f->instance->module,
        .instance = f->instance,
        .func = f->func,
        .at = (uint64_t)(f->pc - f->instance->module->bytes),
    };
    // Without memory the backtrace is shorter; the count stays right.
    if (LIST_PUSH(&t->frames, frame)) rt_module_ref(frame.module);
}

static void add_frames(Store *store, TrapInfo *t) {
    FrameCursor cursor;
    frames_begin(&cursor, store);
    for (Frame f; frames_next(&cursor, &f);)
        add_frame(t, &f);
}

static Status record(Store *store, Trap code, const char *format,
                     va_list args) {
    TrapInfo *t = &store->trap;
    if (t->code != TRAP_none) return STATUS_trap;
    trap_exception_caught(t); // no exception goes further than a trap
    t->code = code;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    vsnprintf(t->text, sizeof t->text, format, args);
#pragma GCC diagnostic pop
    if (code == TRAP_exit) return STATUS_trap;
    add_frames(store, t);
    if (store->trap_hook) store->trap_hook(store->trap_env, store);
    return STATUS_trap;
}

Status store_trap_text(Store *store, Trap code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    Status status = record(store, code, format, args);
    va_end(args);
    return status;
}

Status store_trap(Store *store, Trap code) {
    return store_trap_text(store, code, "%s", trap_text(code));
}

Status store_trap_index(Store *store, Trap code, uint64_t index) {
    return store_trap_text(store, code, "%s %llu", trap_text(code),
                           (unsigned long long)index);
}

Status store_exit(Store *store, int32_t status) {
    (void)store_trap_text(store, TRAP_exit, "exit with status %d", status);
    store->trap.exit_status = status;
    return STATUS_trap;
}

void store_exception_leaves(Store *store) {
    TrapInfo *t = &store->trap;
    if (t->code != TRAP_none || t->has_all) return;
    FrameCursor cursor;
    frames_begin(&cursor, store);
    for (Frame f; frames_next(&cursor, &f);) {
        if (cursor.activation != store->context.activation) break;
        add_frame(t, &f);
    }
}

Status store_trap_uncaught(Store *store) {
    TrapInfo *t = &store->trap;
    if (t->code != TRAP_none) return STATUS_trap;
    t->code = TRAP_host;
    snprintf(t->text, sizeof t->text, "uncaught exception");
    if (!t->has_all) add_frames(store, t);
    return STATUS_trap;
}

void trap_clear(TrapInfo *t) {
    VEC_EACH (TraceFrame, frame, &t->frames) {
        rt_module_unref(frame->module);
    }
    LIST_RELEASE(&t->frames);
    if (t->host_error && t->host_error_free) t->host_error_free(t->host_error);
    *t = (TrapInfo){0};
}

void trap_give_frames(TrapInfo *to, TrapInfo *from) {
    memcpy(&to->frames, &from->frames, sizeof to->frames);
    to->frame_len = from->frame_len;
    memset(&from->frames, 0, sizeof from->frames);
    from->frame_len = 0;
}

void store_take_trap(Store *store, TrapInfo *out) {
    *out = store->trap;
    store->trap = (TrapInfo){0};
}
