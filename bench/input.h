// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The file that a benchmark measures.
#pragma once

#include "base/alloc.h"

#include <stdio.h>

typedef struct Input {
    uint8_t *bytes; // mem_free
    size_t size;
} Input;

static inline bool input_read(Input *in, const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f) return false;
    bool ok = fseek(f, 0, SEEK_END) == 0;
    long size = ok ? ftell(f) : -1;
    rewind(f);
    in->size = size > 0 ? (size_t)size : 0;
    in->bytes = mem_alloc(in->size);
    ok = size > 0 && in->bytes && fread(in->bytes, 1, in->size, f) == in->size;
    fclose(f);
    return ok;
}
