// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What runners say of a memory's bytes; v8.js has the same in its language.
#pragma once

#include <stdint.h>
#include <string.h>

// Over words, then over the bytes that are left (Fowler, Noll and Vo's factor).
static inline uint32_t diff_hash(const uint8_t *bytes, uint64_t size) {
    uint32_t h = 0x811c9dc5, word;
    uint64_t i = 0;
    for (; i + sizeof word <= size; i += sizeof word) {
        memcpy(&word, bytes + i, sizeof word);
        h = (h ^ word) * 0x01000193;
        h = h << 5 | h >> 27;
    }
    for (; i < size; i++)
        h = (h ^ bytes[i]) * 0x01000193;
    return h;
}
