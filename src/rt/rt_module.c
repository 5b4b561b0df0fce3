// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/rt_module.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "rt/image.h"

static uint64_t hash_of(Str name) {
    return hash_bytes(name.data, name.len);
}

// MapEq
static bool is_export(const void *env, uint32_t index, const void *name,
                      size_t size) {
    const Module *m = env;
    return str_eq(m->exports.data[index].name, (Str){name, (uint32_t)size});
}

void rt_module_index_exports(RtModule *m) {
    m->exports = (Map){.arena = &m->arena};
    for (uint32_t i = 0; i < m->module.exports.len; i++) {
        // An arena map: the guard sees running out.
        bool ok =
            map_add(&m->exports, hash_of(m->module.exports.data[i].name), i);
        CHECK(ok);
    }
}

uint32_t rt_module_export(const RtModule *m, Str name) {
    return map_find(&m->exports, hash_of(name), is_export, &m->module,
                    name.data, name.len);
}

void rt_module_ref(RtModule *m) {
    atomic_fetch_add_explicit(&m->refs, 1, memory_order_relaxed);
}

void rt_module_unref(RtModule *m) {
    if (atomic_fetch_sub_explicit(&m->refs, 1, memory_order_acq_rel) != 1)
        return;
    Engine *e = m->engine;
    if (e->fork_forget) e->fork_forget(&m->fork);
    if (e->tier->module_free) e->tier->module_free(m);
    if (m->types) registry_drop_module(e->registry, &m->module, m->types);
    TierCache *cache =
        atomic_load_explicit(&m->interp_cache, memory_order_relaxed);
    if (cache) cache->release(cache);
    module_image_release(m);
    vm_image_release(&m->image_file.file);
    mutex_release(&m->image_lock);
    if (m->bytes_free) m->bytes_free(m->bytes_env, m->bytes, m->size);
    arena_release(&m->arena);
    mem_free(m);
    engine_unref(e);
}
