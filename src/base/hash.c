// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/hash.h"

#include "base/bits.h"

// Where the host loads us, which it chooses at random: whoever writes a module
// does not know it, and so cannot choose names that collide.
static uint64_t process_seed(void) {
    static const char anchor;
    return (uint64_t)(uintptr_t)&anchor;
}

// Word by word; the last, partial word is padded with zeros, which the size at
// the start tells from zeros that are there.
uint64_t hash_bytes(const void *data, size_t size) {
    const char *p = data;
    uint64_t h = hash_combine(process_seed(), size);
    for (; size >= 8; p += 8, size -= 8)
        h = hash_combine(h, load_u64(p));
    if (size == 0) return h;
    uint64_t last = 0;
    memcpy(&last, p, size);
    return hash_combine(h, last);
}
