// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Linear probing over a power of two of entries. At most three quarters are
// filled, deleted ones included, so every probe ends at an empty entry.
#include "base/map.h"

#include "base/alloc.h"
#include "base/hash.h"

#include <string.h>

enum {
    ENTRY_empty,
    ENTRY_taken,
    ENTRY_deleted
};
enum {
    CAP_MIN = 8
};

static const uint32_t cap_max = UINT32_C(1) << 31;

static uint32_t first_slot(const Map *m, uint64_t key) {
    return (uint32_t)hash_u64(key) & (m->cap - 1);
}

static uint32_t next_slot(const Map *m, uint32_t slot) {
    return (slot + 1) & (m->cap - 1);
}

static MapEntry *entry_of(const Map *m, uint64_t key) {
    if (m->cap == 0) return NULL;
    for (uint32_t i = first_slot(m, key);; i = next_slot(m, i)) {
        MapEntry *e = &m->entries[i];
        if (e->used == ENTRY_empty) return NULL;
        if (e->used == ENTRY_taken && e->key == key) return e;
    }
}

uint32_t map_get(const Map *m, uint64_t key) {
    const MapEntry *e = entry_of(m, key);
    return e ? e->value : MAP_NONE;
}

uint32_t map_find(const Map *m, uint64_t hash, MapEq eq, const void *env,
                  const void *key, size_t size) {
    if (m->cap == 0) return MAP_NONE;
    for (uint32_t i = first_slot(m, hash);; i = next_slot(m, i)) {
        const MapEntry *e = &m->entries[i];
        if (e->used == ENTRY_empty) return MAP_NONE;
        if (e->used != ENTRY_taken || e->key != hash) continue;
        if (eq(env, e->value, key, size)) return e->value;
    }
}

// Requires an entry that is not taken.
static void insert(Map *m, uint64_t key, uint32_t value) {
    uint32_t i = first_slot(m, key);
    while (m->entries[i].used == ENTRY_taken)
        i = next_slot(m, i);
    m->filled += m->entries[i].used == ENTRY_empty;
    m->entries[i] = (MapEntry){key, value, ENTRY_taken};
    m->len++;
}

// Moves to `cap` entries and forgets the deleted ones.
static bool rehash(Map *m, uint32_t cap) {
    Map bigger = {.arena = m->arena, .cap = cap};
    bigger.entries =
        m->arena ? NEW_N(m->arena, MapEntry, cap) : MEM_NEW_N(MapEntry, cap);
    if (!bigger.entries) return false;
    for (uint32_t i = 0; i < m->cap; i++) {
        const MapEntry *e = &m->entries[i];
        if (e->used == ENTRY_taken) insert(&bigger, e->key, e->value);
    }
    if (!m->arena) mem_free(m->entries);
    *m = bigger;
    return true;
}

static bool make_room(Map *m) {
    if (m->filled < m->cap / 4 * 3) return true;
    if (m->cap == 0) return rehash(m, CAP_MIN);
    // Mostly deleted entries: the same size will do.
    if (m->len < m->cap / 2) return rehash(m, m->cap);
    if (m->cap < cap_max) return rehash(m, m->cap * 2);
    if (m->arena) arena_fail(m->arena);
    return false;
}

bool map_add(Map *m, uint64_t hash, uint32_t value) {
    assert(value != MAP_NONE);
    if (!make_room(m)) return false;
    insert(m, hash, value);
    return true;
}

bool map_set(Map *m, uint64_t key, uint32_t value) {
    assert(value != MAP_NONE);
    MapEntry *e = entry_of(m, key);
    if (!e) return map_add(m, key, value);
    e->value = value;
    return true;
}

bool map_remove(Map *m, uint64_t key) {
    MapEntry *e = entry_of(m, key);
    if (!e) return false;
    e->used = ENTRY_deleted;
    m->len--;
    return true;
}

void map_reset(Map *m) {
    if (m->cap) memset(m->entries, 0, m->cap * sizeof *m->entries);
    m->len = m->filled = 0;
}

void map_release(Map *m) {
    assert(!m->arena);
    mem_free(m->entries);
    *m = (Map){0};
}
