// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/writer.h"

#include "base/bits.h"

enum {
    FIRST_CAP = 256
};

void writer_init(Writer *w, Arena *arena) {
    *w = (Writer){.arena = arena};
}

static void grow(Writer *w, size_t size) {
    size_t cap = w->cap ? w->cap : FIRST_CAP;
    while (cap - w->len < size) {
        if (cap > SIZE_MAX / 2) arena_fail(w->arena);
        cap *= 2;
    }
    uint8_t *data = arena_alloc_raw(w->arena, 1, cap);
    if (w->len) memcpy(data, w->data, w->len);
    w->data = data;
    w->cap = cap;
}

uint8_t *writer_add(Writer *w, size_t size) {
    if (w->cap - w->len < size) grow(w, size);
    uint8_t *at = w->data + w->len;
    w->len += size;
    return at;
}

void write_u8(Writer *w, uint8_t byte) {
    *writer_add(w, 1) = byte;
}

void write_bytes(Writer *w, const void *data, size_t size) {
    if (size) memcpy(writer_add(w, size), data, size);
}

void write_f32_bits(Writer *w, uint32_t bits) {
    store_u32(writer_add(w, 4), bits);
}

void write_f64_bits(Writer *w, uint64_t bits) {
    store_u64(writer_add(w, 8), bits);
}

void write_u64(Writer *w, uint64_t x) {
    for (; x >= 0x80; x >>= 7)
        write_u8(w, (uint8_t)(x | 0x80));
    write_u8(w, (uint8_t)x);
}

void write_u32(Writer *w, uint32_t x) {
    write_u64(w, x);
}

// The last byte's bit 6 is the sign, so it must agree with the rest.
void write_s64(Writer *w, int64_t x) {
    while (x < -64 || x > 63) {
        write_u8(w, (uint8_t)(x | 0x80));
        x >>= 7;
    }
    write_u8(w, (uint8_t)(x & 0x7f));
}

void write_s32(Writer *w, int32_t x) {
    write_s64(w, x);
}

void write_name(Writer *w, const char *data, uint32_t size) {
    write_u32(w, size);
    write_bytes(w, data, size);
}
