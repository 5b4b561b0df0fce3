// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "text/ids.h"

#include "base/hash.h"

enum {
    BUCKETS_MIN = 64
};

void ids_init(Ids *ids, Arena *arena) {
    *ids = (Ids){.arena = arena, .bucket_len = BUCKETS_MIN};
    ids->buckets = NEW_N(arena, uint32_t, BUCKETS_MIN);
}

static uint64_t hash_of(uint32_t space, uint32_t owner, Str name) {
    uint64_t scope = (uint64_t)space << 32 | owner;
    return hash_combine(hash_bytes(name.data, name.len), scope);
}

static uint32_t *bucket_of(const Ids *ids, uint64_t hash) {
    return &ids->buckets[hash & (ids->bucket_len - 1)];
}

uint32_t ids_find(const Ids *ids, uint32_t space, uint32_t owner, Str name) {
    uint64_t hash = hash_of(space, owner, name);
    for (uint32_t i = *bucket_of(ids, hash); i;
         i = ids->list.data[i - 1].chain) {
        const Id *id = &ids->list.data[i - 1];
        if (id->hash == hash && id->space == space && id->owner == owner &&
            str_eq(id->name, name))
            return id->index;
    }
    return ID_NONE;
}

static void link_in(Ids *ids, uint32_t at) {
    Id *id = &ids->list.data[at];
    uint32_t *bucket = bucket_of(ids, id->hash);
    id->chain = *bucket;
    *bucket = at + 1;
}

// Linking oldest first makes the chains newest first again.
static void grow(Ids *ids) {
    ids->bucket_len *= 2;
    ids->buckets = NEW_N(ids->arena, uint32_t, ids->bucket_len);
    for (uint32_t i = 0; i < ids->list.len; i++)
        link_in(ids, i);
}

void ids_add(Ids *ids, uint32_t space, uint32_t owner, Str name,
             uint32_t index) {
    if (ids->list.len == ids->bucket_len) grow(ids);
    Id id = {.name = name,
             .space = space,
             .owner = owner,
             .index = index,
             .hash = hash_of(space, owner, name)};
    VEC_PUSH(ids->arena, &ids->list, id);
    link_in(ids, ids->list.len - 1);
}

// The newest name is always at the head of its chain.
void ids_leave(Ids *ids, uint32_t len) {
    while (ids->list.len > len) {
        const Id *id = &VEC_LAST(&ids->list);
        *bucket_of(ids, id->hash) = id->chain;
        ids->list.len--;
    }
}
