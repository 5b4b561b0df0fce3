// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/native.h"

#include "rt/computation.h"

enum {
    // Kept for a host function, the handler of a fault and the deepest helper;
    // half of a stack that is smaller than twice that.
    NATIVE_RESERVE = 64 * 1024,
};

char *native_stack_limit(const Store *s, const char *here) {
    const StackBounds *b = UNLIKELY(s->computation) ? &s->computation->bounds
                                                    : thread_stack_bounds();
    uint64_t size = s->limits.stack_size;
    uintptr_t at = (uintptr_t)here;
    uintptr_t limit = at > size ? at - (uintptr_t)size : 0;
    // A stack pointer outside the bounds: the embedder's own stack.
    if (b && at - b->lo < b->hi - b->lo)
        limit = MAX(limit, b->lo + MIN(NATIVE_RESERVE, (b->hi - b->lo) / 2));
    return (char *)limit; // NOLINT: an address to compare with
}
