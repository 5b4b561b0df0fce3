// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Bytes being written: little-endian values and minimal LEB128, growing in an
// arena whose guard sees running out.
#pragma once

#include "base/arena.h"

typedef struct Writer {
    Arena *arena;
    uint8_t *data;
    size_t len, cap;
} Writer;

void writer_init(Writer *w, Arena *arena);
// Makes room for `size` more bytes and returns where they go; w->len grows.
uint8_t *writer_add(Writer *w, size_t size);

void write_u8(Writer *w, uint8_t byte);
void write_bytes(Writer *w, const void *data, size_t size);
void write_f32_bits(Writer *w, uint32_t bits);
void write_f64_bits(Writer *w, uint64_t bits);
void write_u32(Writer *w, uint32_t x); // LEB128, minimal
void write_u64(Writer *w, uint64_t x);
void write_s32(Writer *w, int32_t x);
void write_s64(Writer *w, int64_t x); // s33 too
// A length and the bytes.
void write_name(Writer *w, const char *data, uint32_t size);
