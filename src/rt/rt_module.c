// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/rt_module.h"

#include "base/alloc.h"

void rt_module_ref(RtModule *m) {
    atomic_fetch_add_explicit(&m->refs, 1, memory_order_relaxed);
}

void rt_module_unref(RtModule *m) {
    if (atomic_fetch_sub_explicit(&m->refs, 1, memory_order_acq_rel) != 1)
        return;
    Engine *e = m->engine;
    if (e->tier->module_free) e->tier->module_free(m);
    if (m->types) registry_drop_module(e->registry, &m->module, m->types);
    if (m->bytes_free) m->bytes_free(m->bytes_env, m->bytes, m->size);
    arena_release(&m->arena);
    mem_free(m);
    engine_unref(e);
}
