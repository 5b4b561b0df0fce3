// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Text that a test writes piece by piece: modules whose size is a parameter.
#pragma once

#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>

typedef struct Text {
    char *data; // mem_free
    size_t len, cap;
} Text;

// A piece is at most 1023 bytes long.
PRINTF(2, 3) static inline void put(Text *t, const char *format, ...) {
    enum {
        PIECE = 1024,
    };
    if (t->cap - t->len < PIECE) {
        size_t cap = t->cap * 2 + PIECE;
        t->data = mem_realloc(t->data, t->cap, cap);
        t->cap = cap;
        CHECK(t->data);
    }
    va_list args;
    va_start(args, format);
    int len = vsnprintf(t->data + t->len, PIECE, format, args);
    va_end(args);
    CHECK(len >= 0 && len < PIECE);
    t->len += (size_t)len;
}
