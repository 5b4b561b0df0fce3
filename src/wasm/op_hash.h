// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The perfect hash of instruction texts: found by tools/opgen.c at build time,
// looked up by op_find. Both sides must compute the same, hence this file.
//
// A text's hash chooses a bucket; the bucket's seed, which opgen searched for,
// sends every text of the bucket to a slot of its own ("hash, displace").
#pragma once

#include "base/defs.h"

enum {
    OP_HASH_BUCKETS = 256,
    OP_HASH_SLOTS = 1024, // about twice as many as there are texts
};

// FNV-1a.
static inline uint64_t op_hash(const char *text, size_t len) {
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    return h;
}

static inline uint32_t op_hash_bucket(uint64_t hash) {
    return (uint32_t)hash % OP_HASH_BUCKETS;
}

static inline uint32_t op_hash_slot(uint64_t hash, uint32_t seed) {
    uint32_t step = (uint32_t)(hash >> 8) | 1;
    return ((uint32_t)(hash >> 32) + seed * step) % OP_HASH_SLOTS;
}
