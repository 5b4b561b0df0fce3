// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/native.h"

#include "rt/computation.h"

char *native_stack_limit(const Store *s, const char *here) {
    const StackBounds *b = UNLIKELY(s->computation) ? &s->computation->bounds
                                                    : thread_stack_bounds();
    uint64_t size = s->limits.stack_size;
    uintptr_t at = (uintptr_t)here;
    uintptr_t limit = at > size ? at - (uintptr_t)size : 1;
    // A stack pointer outside the bounds: the embedder's own stack.
    if (b && at - b->lo < b->hi - b->lo) limit = MAX(limit, b->limit);
    return (char *)limit; // NOLINT: an address to compare with
}
