// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The pool of wasmtime/config.h: bounds on all stores of an engine together, and
// what is kept for the next of them (rt/pool.h).
#include "api/api_int.h"

#include "base/alloc.h"

#include <wasmtime/config.h>

struct wasmtime_pooling_allocation_config_t {
    PoolConfig pool;
};

wasmtime_pooling_allocation_config_t *wasmtime_pooling_allocation_config_new(
    void) {
    wasmtime_pooling_allocation_config_t *p =
        MEM_NEW(wasmtime_pooling_allocation_config_t);
    if (p) pool_config_init(&p->pool);
    return p;
}

void wasmtime_pooling_allocation_config_delete(
    wasmtime_pooling_allocation_config_t *p) {
    mem_free(p);
}

#define POOL_SETTER(name, type, field)                           \
    void name(wasmtime_pooling_allocation_config_t *p, type x) { \
        if (p) p->pool.field = x;                                \
    }

// clang-format off
POOL_SETTER(wasmtime_pooling_allocation_config_total_core_instances_set,    uint32_t, max[POOL_instances])
POOL_SETTER(wasmtime_pooling_allocation_config_total_memories_set,          uint32_t, max[POOL_memories])
POOL_SETTER(wasmtime_pooling_allocation_config_total_tables_set,            uint32_t, max[POOL_tables])
POOL_SETTER(wasmtime_pooling_allocation_config_total_stacks_set,            uint32_t, max[POOL_stacks])
POOL_SETTER(wasmtime_pooling_allocation_config_total_gc_heaps_set,          uint32_t, max[POOL_heaps])
POOL_SETTER(wasmtime_pooling_allocation_config_max_memories_per_module_set, uint32_t, memories)
POOL_SETTER(wasmtime_pooling_allocation_config_max_memory_size_set,         size_t,   memory_size)
POOL_SETTER(wasmtime_pooling_allocation_config_max_tables_per_module_set,   uint32_t, tables)
POOL_SETTER(wasmtime_pooling_allocation_config_table_elements_set,          size_t,   table_elements)
POOL_SETTER(wasmtime_pooling_allocation_config_max_unused_warm_slots_set,   uint32_t, warm)
POOL_SETTER(wasmtime_pooling_allocation_config_linear_memory_keep_resident_set, size_t, resident)

// What has no meaning here (docs/c-api.md).
#define NOTHING_SETTER(name, type)                                     \
    void name(wasmtime_pooling_allocation_config_t *p, type x) {       \
        (void)p, (void)x;                                              \
    }

NOTHING_SETTER(wasmtime_pooling_allocation_config_decommit_batch_size_set,              size_t)
NOTHING_SETTER(wasmtime_pooling_allocation_config_async_stack_keep_resident_set,        size_t)
NOTHING_SETTER(wasmtime_pooling_allocation_config_table_keep_resident_set,              size_t)
NOTHING_SETTER(wasmtime_pooling_allocation_config_max_core_instance_size_set,           size_t)
NOTHING_SETTER(wasmtime_pooling_allocation_config_total_component_instances_set,        uint32_t)
NOTHING_SETTER(wasmtime_pooling_allocation_config_max_component_instance_size_set,      size_t)
NOTHING_SETTER(wasmtime_pooling_allocation_config_max_core_instances_per_component_set, uint32_t)
NOTHING_SETTER(wasmtime_pooling_allocation_config_max_memories_per_component_set,       uint32_t)
NOTHING_SETTER(wasmtime_pooling_allocation_config_max_tables_per_component_set,         uint32_t)
// clang-format on

void wasmtime_pooling_allocation_strategy_set(
    wasm_config_t *c, const wasmtime_pooling_allocation_config_t *p) {
    if (c && p) engine_config_set_pool(&c->engine, &p->pool);
}
