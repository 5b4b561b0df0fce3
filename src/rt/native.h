// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The native stack under wasm: how far it may grow.
#pragma once

#include "os/thread.h"
#include "rt/store.h"

// The lowest address that an entry or a compiled frame may have, for an
// outermost entry at `here`: what the configured size leaves of this stack, and
// of a computation's own. Never NULL.
char *native_stack_limit(const Store *s, const char *here);

// The same where it is known at once; false: it has to be asked for. The caller
// has no vectors (thread_stack_known).
INLINE bool native_stack_known(const Store *s, const char *here, char **out) {
    const StackBounds *b = thread_stack_known();
    uintptr_t at = (uintptr_t)here;
    uint64_t size = s->limits.stack_size;
    if (UNLIKELY(s->computation || at < b->lo || at >= b->hi || at <= size))
        return false;
    *out = (char *)MAX(at - (uintptr_t)size, b->limit); // NOLINT
    return true;
}
