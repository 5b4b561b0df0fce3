// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Strings as pointer and length, and a text buffer that grows in an arena.
#pragma once

#include "base/arena.h"

#include <stdarg.h>
#include <string.h>

// Not terminated, may hold zero bytes. {NULL, 0} is "none" and equals "".
typedef struct Str {
    const char *data;
    uint32_t len; // bytes
} Str;

#define STR(literal) ((Str){(literal), sizeof(literal) - 1})

static inline Str str_of(const char *z) {
    return (Str){z, (uint32_t)strlen(z)};
}

static inline bool str_eq(Str a, Str b) {
    return a.len == b.len && (a.len == 0 || !memcmp(a.data, b.data, a.len));
}

static inline bool str_eq_z(Str a, const char *z) {
    return str_eq(a, str_of(z));
}

// Text being written. When `flush` is set, full buffers go there (printing a
// large module then needs little memory); otherwise the buffer grows in the
// arena, whose guard sees running out.
typedef struct TextBuf {
    Arena *arena;
    char *data;
    size_t len, cap;
    bool (*flush)(void *env, const char *data, size_t len);
    void *env;
    bool failed; // a flush failed; later writes do nothing
} TextBuf;

void text_init(TextBuf *t, Arena *arena);
void text_bytes(TextBuf *t, const char *data, size_t len);
void text_str(TextBuf *t, const char *z);
void text_char(TextBuf *t, char c);
void text_printf(TextBuf *t, const char *format, ...) PRINTF(2, 3);
bool text_finish(TextBuf *t); // flushes what is left; false when any failed
