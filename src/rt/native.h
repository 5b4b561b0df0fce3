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
// has no vectors (thread_stack_known). A computation's stack may be the
// embedder's and lie anywhere, so it is asked for. Addresses and the configured size are positive as signed numbers,
// so a size that reaches below address zero needs no test of its own.
INLINE bool native_stack_known(const Store *s, const char *here, char **out) {
    const StackBounds *b = thread_stack_known();
    uintptr_t at = (uintptr_t)here;
    if (UNLIKELY(s->computation || at < b->lo || at >= b->hi)) return false;
    int64_t limit = (int64_t)at - (int64_t)s->limits.stack_size;
    *out = (char *)(uintptr_t)MAX(limit, (int64_t)b->limit); // NOLINT
    return true;
}
