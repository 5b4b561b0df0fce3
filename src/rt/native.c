// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/native.h"

#include "rt/computation.h"

enum {
    // Kept for a host function, the handler of a fault and the deepest helper;
    // half of a stack that is smaller than twice that.
    NATIVE_RESERVE = 64 * 1024,
};

static bool stack_bounds(const Store *s, StackBounds *out) {
    if (!s->computation) return thread_stack_bounds(out);
    *out = s->computation->bounds;
    return true;
}

char *native_stack_limit(const Store *s, const char *here) {
    uint64_t size = s->limits.stack_size;
    uintptr_t at = (uintptr_t)here;
    uintptr_t limit = at > size ? at - (uintptr_t)size : 0;
    StackBounds b;
    // A stack pointer outside the bounds: the embedder's own stack.
    if (stack_bounds(s, &b) && at >= b.lo && at < b.hi)
        limit = MAX(limit, b.lo + MIN(NATIVE_RESERVE, (b.hi - b.lo) / 2));
    return (char *)limit; // NOLINT: an address to compare with
}
