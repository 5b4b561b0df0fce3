// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What identifiers mean where we are in a module: all index spaces, then the
// locals and labels in scope.
//
// Scopes end in the opposite order of their beginning, and an inner name hides
// an outer one. A chained hash table whose chains are newest first does both
// without searching; base/map.h, which has no order, cannot.
#pragma once

#include "base/str.h"
#include "base/vec.h"

typedef struct Id {
    Str name; // with its $
    uint32_t space;
    uint32_t owner; // fields: their type; else 0
    uint32_t index;
    uint32_t chain; // next older one + 1, or 0
    uint64_t hash;
} Id;

#define ID_NONE UINT32_MAX

typedef struct Ids {
    Arena *arena;
    Vec(Id) list;        // oldest first
    uint32_t *buckets;   // newest of the chain + 1, or 0
    uint32_t bucket_len; // a power of two
} Ids;

void ids_init(Ids *ids, Arena *arena);
// The index that the name means, or ID_NONE.
uint32_t ids_find(const Ids *ids, uint32_t space, uint32_t owner, Str name);
void ids_add(Ids *ids, uint32_t space, uint32_t owner, Str name,
             uint32_t index);
// Ends the scope that began when there were `len` names.
void ids_leave(Ids *ids, uint32_t len);
