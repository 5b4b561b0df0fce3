// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// BLAKE2b (RFC 7693) with 32 bytes of output and no key: names contents so that
// nobody can make two of the same name.
#pragma once

#include "base/defs.h"

enum {
    BLAKE2_SIZE = 32,
    BLAKE2_BLOCK = 128,
};

typedef struct Blake2 {
    uint64_t h[8], len; // bytes in blocks that are done
    uint8_t block[BLAKE2_BLOCK];
    uint32_t used; // of the block
} Blake2;

void blake2_init(Blake2 *b);
void blake2_add(Blake2 *b, const void *bytes, size_t size);
void blake2_finish(Blake2 *b, uint8_t out[BLAKE2_SIZE]);
