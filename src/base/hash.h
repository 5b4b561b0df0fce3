// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Hashing of short keys. hash_bytes differs from process to process, so that a
// module's names cannot be made to collide; nothing may depend on its values.
#pragma once

#include "base/defs.h"

uint64_t hash_bytes(const void *data, size_t size);

static inline uint64_t hash_u64(uint64_t x) {
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    x ^= x >> 32;
    x *= UINT64_C(0xd6e8feb86659fd93);
    return x ^ x >> 32;
}

static inline uint64_t hash_combine(uint64_t h, uint64_t x) {
    return hash_u64(h * 31 + x + 0x9e3779b97f4a7c15u);
}
