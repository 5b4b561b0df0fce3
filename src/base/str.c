// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/str.h"

#include <stdio.h>

enum {
    CAP_MIN = 256,
    FLUSH_CAP = 32 * 1024
};

void text_init(TextBuf *t, Arena *arena) {
    *t = (TextBuf){.arena = arena};
}

static void flush(TextBuf *t) {
    if (t->len && !t->failed) t->failed = !t->flush(t->env, t->data, t->len);
    t->len = 0;
}

static void grow(TextBuf *t, size_t need) {
    size_t cap = MAX(t->flush ? (size_t)FLUSH_CAP : (size_t)CAP_MIN, need);
    if (cap < t->cap * 2) cap = t->cap * 2;
    char *data = arena_alloc_raw(t->arena, 1, cap);
    if (t->len) memcpy(data, t->data, t->len);
    t->data = data;
    t->cap = cap;
}

// Room for `size` more bytes behind `len`.
static void reserve(TextBuf *t, size_t size) {
    if (size <= t->cap - t->len) return;
    if (t->flush) flush(t);
    if (size > SIZE_MAX - t->len) arena_fail(t->arena);
    if (size > t->cap - t->len) grow(t, t->len + size);
}

void text_bytes(TextBuf *t, const char *data, size_t len) {
    if (t->failed || len == 0) return;
    // What would fill a flushed buffer need not be copied into it.
    if (t->flush && len >= FLUSH_CAP) {
        flush(t);
        if (!t->failed) t->failed = !t->flush(t->env, data, len);
        return;
    }
    reserve(t, len);
    memcpy(t->data + t->len, data, len);
    t->len += len;
}

void text_str(TextBuf *t, const char *z) {
    text_bytes(t, z, strlen(z));
}

void text_char(TextBuf *t, char c) {
    text_bytes(t, &c, 1);
}

void text_printf(TextBuf *t, const char *format, ...) {
    if (t->failed) return;
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    reserve(t, 1);
    size_t room = t->cap - t->len;
    int size = vsnprintf(t->data + t->len, room, format, args);
    if (size >= 0 && (size_t)size >= room) {
        reserve(t, (size_t)size + 1); // the terminator is written, not kept
        vsnprintf(t->data + t->len, (size_t)size + 1, format, again);
    }
    va_end(again);
    va_end(args);
    if (size < 0)
        t->failed = true;
    else
        t->len += (size_t)size;
}

bool text_finish(TextBuf *t) {
    if (t->flush) flush(t);
    return !t->failed;
}
