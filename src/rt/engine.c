// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/engine.h"

#include "base/alloc.h"

uint64_t unique_id(void) {
    static _Atomic uint64_t next = 1;
    return atomic_fetch_add_explicit(&next, 1, memory_order_relaxed);
}

void engine_config_init(EngineConfig *config) {
    *config = (EngineConfig){
        .features = features_default(),
        .limits = limits_default(),
        .use_epoch = true,
        .memory_reservation = (uint64_t)4 << 30,
    };
}

Engine *engine_create(const EngineConfig *config, const TierOps *tier) {
    Engine *e = MEM_NEW(Engine);
    if (!e) return NULL;
    e->registry = registry_new();
    if (!e->registry) {
        mem_free(e);
        return NULL;
    }
    atomic_init(&e->refs, 1);
    e->config = *config;
    e->tier = tier;
    return e;
}

void engine_ref(Engine *e) {
    atomic_fetch_add_explicit(&e->refs, 1, memory_order_relaxed);
}

void engine_unref(Engine *e) {
    if (atomic_fetch_sub_explicit(&e->refs, 1, memory_order_acq_rel) != 1)
        return;
    registry_free(e->registry);
    wake_release(&e->wake);
    mem_free(e);
}

void engine_raise_epoch(Engine *e) {
    atomic_fetch_add(&e->epoch, 1); // sequentially consistent: see os/wait.h
    wake_raise(&e->wake);
}
