// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/engine.h"

#include "base/alloc.h"

// Without being asked to, an engine keeps few slots: each is 4 GiB of address
// space, and no memory.
#define POOL_WARM 16

uint64_t unique_id(void) {
    static _Atomic uint64_t next = 1;
    return atomic_fetch_add_explicit(&next, 1, memory_order_relaxed);
}

void engine_config_init(EngineConfig *config) {
    *config = (EngineConfig){
        .features = features_default(),
        .limits = limits_default(),
        .use_epoch = true,
        .use_guards = true,
        .memory_reservation = (uint64_t)4 << 30,
        .memory_guard = (uint64_t)32 << 20,
        .async_stack_size = (uint64_t)2 << 20,
        .opt_level = OPT_speed,
        .tier_calls = TIER_CALLS_DEFAULT,
        .tier_loops = TIER_LOOPS,
        .pool_warm = POOL_WARM,
        .verify_code = DEBUG_BUILD,
        .verify_values = DEBUG_BUILD,
    };
    for (int i = 0; i < POOL_count; i++)
        config->pool_max[i] = POOL_UNLIMITED;
}

void pool_config_init(PoolConfig *p) {
    *p = (PoolConfig){
        .memories = 1,
        .memory_size = (uint64_t)4 << 30,
        .tables = 1,
        .table_elements = 20000,
        .warm = 100,
    };
    for (int i = 0; i < POOL_count; i++)
        p->max[i] = 1000;
}

void engine_config_set_pool(EngineConfig *config, const PoolConfig *p) {
    memcpy(config->pool_max, p->max, sizeof p->max);
    config->pool_warm = p->warm;
    config->pool_resident = p->resident;
    config->limits.memories = p->memories;
    config->limits.memory_size = p->memory_size;
    config->limits.tables = p->tables;
    config->limits.table_elements = p->table_elements;
}

void engine_config_release(EngineConfig *config) {
    MemoryCreator *memory = &config->memory_creator;
    StackCreator *stack = &config->stack_creator;
    Executor *executor = &config->executor;
    if (memory->free) memory->free(memory->env);
    if (stack->free) stack->free(stack->env);
    if (executor->free) executor->free(executor->env);
    *memory = (MemoryCreator){0};
    *stack = (StackCreator){0};
    *executor = (Executor){0};
}

Engine *engine_create(const EngineConfig *config, const TierOps *tier) {
    Engine *e = MEM_NEW(Engine);
    if (!e) return NULL;
    e->registry = registry_new();
    if (!e->registry) {
        mem_free(e);
        return NULL;
    }
    allocator_hold();
    atomic_init(&e->refs, 1);
    e->config = *config;
    e->tier = tier;
    if (config->tier_calls == TIER_CALLS_DEFAULT) {
        bool counts = config->tiers == TIERS_auto && !config->compile_eagerly;
        e->config.tier_calls = counts ? (uint32_t)TIER_CALLS : 0;
    }
    e->slots.idle_max = config->pool_warm;
    e->slots.keep_resident = config->pool_resident;
    // Only machine code can make use of guards, and only with handlers.
    e->config.use_guards &= tier->compile && !config->no_signals;
    return e;
}

void engine_ref(Engine *e) {
    atomic_fetch_add_explicit(&e->refs, 1, memory_order_relaxed);
}

void engine_unref(Engine *e) {
    if (atomic_fetch_sub_explicit(&e->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (e->fork_forget) e->fork_forget(&e->fork);
    if (e->tier->engine_free) e->tier->engine_free(e);
    pool_release(&e->slots);
    registry_free(e->registry);
    wake_release(&e->wake);
    engine_config_release(&e->config);
    mem_free(e);
    allocator_let_go();
}

bool engine_pool_take(Engine *e, Pool pool) {
    uint32_t max = e->config.pool_max[pool];
    if (max == POOL_UNLIMITED) return true;
    _Atomic uint32_t *used = &e->pool_used[pool];
    uint32_t now = atomic_load_explicit(used, memory_order_relaxed);
    do {
        if (now >= max) return false;
    } while (!atomic_compare_exchange_weak_explicit(
        used, &now, now + 1, memory_order_relaxed, memory_order_relaxed));
    return true;
}

void engine_pool_give(Engine *e, Pool pool) {
    if (e->config.pool_max[pool] == POOL_UNLIMITED) return;
    atomic_fetch_sub_explicit(&e->pool_used[pool], 1, memory_order_relaxed);
}

void engine_raise_epoch(Engine *e) {
    atomic_fetch_add(&e->epoch, 1); // sequentially consistent: see os/wait.h
    wake_raise(&e->wake);
}
