// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The native stack under wasm: how far it may grow.
#pragma once

#include "os/thread.h"
#include "rt/store.h"

// The lowest address that an entry or a compiled frame may have, for an
// outermost entry at `here`: what the configured size leaves of this stack, and
// of a computation's own. Never NULL.
char *native_stack_find(const Store *s, const char *here);

// The same, for what every call goes through.
INLINE char *native_stack_limit(const Store *s, const char *here) {
    const StackBounds *b = thread_stack_known();
    uintptr_t at = (uintptr_t)here;
    uint64_t size = s->limits.stack_size;
    if (UNLIKELY(s->computation || at < b->lo || at >= b->hi || at <= size))
        return native_stack_find(s, here);
    return (char *)MAX(at - (uintptr_t)size, b->limit); // NOLINT
}
