// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/grow.h"

static Status done(Store *s, int64_t old, const char *what, uint64_t delta) {
    if (old >= 0 || !s->limiter.traps_on_failure) return STATUS_ok;
    return store_trap_text(s, TRAP_host, "growing a %s by %llu failed", what,
                           (unsigned long long)delta);
}

Status grow_memory(Memory *m, uint64_t delta, int64_t *old) {
    *old = memory_grow(m, delta);
    return done(m->store, *old, "memory", delta);
}

Status grow_table(Table *t, uint64_t delta, Raw init, int64_t *old) {
    *old = table_grow(t, delta, init);
    return done(t->store, *old, "table", delta);
}
