// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files helper_*.c share: operands of rows.
#pragma once

#include "rt/helper.h"
#include "rt/instance.h"

static inline Instance *helper_instance(Context *c) {
    return CONTAINER_OF(c, Instance, context);
}

static inline Store *helper_store(const Context *c) {
    return store_of(c->store);
}

// The operands of a row, deepest first, then its results.
typedef struct Row {
    Slot *args;
    int64_t stride; // bytes; 16 of either sign: slots are wide
} Row;

static inline Slot *row_at(Row r, uint32_t i) {
    return (Slot *)(void *)((char *)r.args + r.stride * (int64_t)i);
}

static inline bool row_is_wide(Row r) {
    return r.stride == 16 || r.stride == -16;
}

static inline Raw row_get(Row r, uint32_t i) {
    const Slot *s = row_at(r, i);
    Raw value = {.slot = s[0]};
    if (row_is_wide(r)) value.u64x2[1] = s[1].u64;
    return value;
}

static inline void row_put(Row r, uint32_t i, Raw value) {
    Slot *s = row_at(r, i);
    s[0] = value.slot;
    if (row_is_wide(r)) s[1].u64 = value.u64x2[1];
}

static inline void row_put_word(Row r, uint32_t i, uint64_t word) {
    row_at(r, i)->u64 = word;
}

// A size, or -1, in the index type.
static inline uint64_t row_index(int64_t size, bool is_64) {
    return is_64 ? (uint64_t)size : (uint32_t)size;
}

// TRAP_none, or a trap that is recorded.
static inline Status helper_status(const Context *c, Trap trap) {
    return trap == TRAP_none ? STATUS_ok : store_trap(helper_store(c), trap);
}
