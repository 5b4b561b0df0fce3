// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "asm/buf.h"

#include "base/hash.h"

#include <string.h>

enum {
    SIZE_FIRST = 4096
};

void code_init(CodeBuf *b, Arena *arena) {
    *b = (CodeBuf){.arena = arena, .pool_map = {.arena = arena}};
    b->start = arena_alloc_raw(arena, 1, SIZE_FIRST);
    b->at = b->start;
    b->full = b->start + SIZE_FIRST - CODE_ROOM;
}

// Doubles, so that copying stays linear; the old bytes stay in the arena.
void code_grow(CodeBuf *b, size_t size) {
    size_t used = (size_t)(b->at - b->start);
    if (size > CODE_SIZE_MAX || used + size > CODE_SIZE_MAX - CODE_ROOM)
        arena_fail(b->arena);
    size_t cap = 2 * (used + size + CODE_ROOM);
    uint8_t *bytes = arena_alloc_raw(b->arena, 1, cap);
    memcpy(bytes, b->start, used);
    b->start = bytes;
    b->at = bytes + used;
    b->full = bytes + cap - CODE_ROOM;
}

static uint8_t *room_for(CodeBuf *b, size_t size) {
    if (b->at > b->full || size > (size_t)(b->full - b->at)) code_grow(b, size);
    return b->at;
}

void code_bytes(CodeBuf *b, const void *bytes, size_t size) {
    memcpy(room_for(b, size), bytes, size);
    b->at += size;
}

void code_align(CodeBuf *b, uint32_t to, uint8_t filler) {
    assert(is_pow2(to) && to <= CODE_ALIGN);
    size_t size = -code_offset(b) & (to - 1);
    memset(room_for(b, size), filler, size);
    b->at += size;
}

// --- labels ------------------------------------------------------------------

CodeLabel code_label(CodeBuf *b) {
    CodeLabel label = {b->places.len};
    VEC_PUSH(b->arena, &b->places, ((CodePlace){0}));
    return label;
}

static void fix_field(CodeBuf *b, CodeFixKind kind, uint32_t at,
                      uint32_t target) {
    uint8_t *field = b->start + at;
    int64_t value = target;
    switch (kind) {
    case CODE_FIX_rel8:
        value += (int8_t)*field - ((int64_t)at + 1);
        CHECK(value == (int8_t)value);
        *field = (uint8_t)value;
        return;
    case CODE_FIX_rel32:
        value -= (int64_t)at + 4;
        break;
    case CODE_FIX_abs32:
        break;
    }
    value += (int32_t)load_u32(field);
    CHECK(value == (int32_t)value);
    store_u32(field, (uint32_t)value);
}

void code_bind(CodeBuf *b, CodeLabel label) {
    CodePlace *place = &b->places.data[label.index];
    assert(!place->bound);
    uint32_t here = code_offset(b);
    for (uint32_t i = place->at; i != 0; b->pending--) {
        const CodeFix *fix = &b->fixes.data[i - 1];
        fix_field(b, fix->kind, fix->at, here);
        i = fix->next;
    }
    *place = (CodePlace){.bound = true, .at = here};
}

void code_fix(CodeBuf *b, CodeFixKind kind, uint32_t at, CodeLabel label) {
    CodePlace *place = &b->places.data[label.index];
    if (place->bound) {
        fix_field(b, kind, at, place->at);
        return;
    }
    CodeFix fix = {.at = at, .next = place->at, .kind = kind};
    VEC_PUSH(b->arena, &b->fixes, fix);
    place->at = b->fixes.len;
    b->pending++;
}

void code_distance(CodeBuf *b, uint32_t base, CodeLabel label) {
    uint32_t at = code_offset(b);
    // The fix-up subtracts the end of the field, which is not the base.
    store_u32(code_room(b), at + 4 - base);
    b->at += 4;
    code_fix(b, CODE_FIX_rel32, at, label);
}

// --- the constant pool -------------------------------------------------------

static bool same_const(const void *env, uint32_t index, const void *bytes,
                       size_t size) {
    const CodeBuf *b = env;
    const CodeConst *constant = &b->pool.data[index];
    return constant->size == size && memcmp(constant->bytes, bytes, size) == 0;
}

CodeLabel code_const(CodeBuf *b, const void *bytes, uint32_t size) {
    assert(is_pow2(size) && size >= 4 && size <= CODE_CONST_MAX);
    uint64_t hash = hash_bytes(bytes, size);
    uint32_t index = map_find(&b->pool_map, hash, same_const, b, bytes, size);
    if (index != MAP_NONE) return b->pool.data[index].label;
    CodeConst constant = {.size = size, .label = code_label(b)};
    memcpy(constant.bytes, bytes, size);
    if (!map_add(&b->pool_map, hash, b->pool.len)) arena_fail(b->arena);
    VEC_PUSH(b->arena, &b->pool, constant);
    return constant.label;
}

// The largest first, so that only the first of all may need a gap.
void code_pool(CodeBuf *b) {
    for (uint32_t size = CODE_CONST_MAX; size >= 4; size /= 2) {
        for (uint32_t i = b->pool_written; i < b->pool.len; i++) {
            const CodeConst *constant = &b->pool.data[i];
            if (constant->size != size) continue;
            code_align(b, size, 0);
            code_bind(b, constant->label);
            code_bytes(b, constant->bytes, size);
        }
    }
    b->pool_written = b->pool.len;
}

uint32_t code_finish(CodeBuf *b) {
    CHECK(b->pending == 0);
    assert(b->pool_written == b->pool.len);
    return code_offset(b);
}
