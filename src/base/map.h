// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One open-addressing map from a 64-bit key to a 32-bit value; everything else
// builds on it (string maps hash the string and compare in the caller).
//
// An arena map (map->arena set) grows in the arena; a heap map (arena NULL)
// returns false when memory runs out and needs map_release.
#pragma once

#include "base/arena.h"

typedef struct MapEntry {
    uint64_t key;
    uint32_t value;
    uint32_t used; // 0 empty, 1 taken, 2 deleted
} MapEntry;

typedef struct Map {
    Arena *arena;
    MapEntry *entries; // cap of them, a power of two
    uint32_t len, filled, cap;
} Map;

#define MAP_NONE UINT32_MAX

// The value, or MAP_NONE.
uint32_t map_get(const Map *m, uint64_t key);
NODISCARD bool map_set(Map *m, uint64_t key, uint32_t value);
bool map_remove(Map *m, uint64_t key); // was it there?
void map_reset(Map *m);                // empty; as many fit in again
void map_release(Map *m);              // heap maps only

// Strings: the callback says whether entry `value` is the wanted string.
// Returns the value or MAP_NONE.
typedef bool (*MapEq)(const void *env, uint32_t value, const void *key,
                      size_t size);
uint32_t map_find(const Map *m, uint64_t hash, MapEq eq, const void *env,
                  const void *key, size_t size);
// Adds an entry under a hash that may already be taken by another key.
NODISCARD bool map_add(Map *m, uint64_t hash, uint32_t value);
