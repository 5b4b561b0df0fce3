// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The pool of wasmtime/config.h: bounds on all stores of an engine together, and
// what is kept for the next of them (rt/pool.h).
#include "api/api_int.h"

#include "base/alloc.h"

#include <wasmtime/config.h>

struct wasmtime_pooling_allocation_config_t {
    uint32_t max[POOL_count];
    uint64_t memories, memory_size; // of one module
    uint64_t tables, table_elements;
    uint32_t warm;
    uint64_t resident;
};

wasmtime_pooling_allocation_config_t *wasmtime_pooling_allocation_config_new(
    void) {
    wasmtime_pooling_allocation_config_t *p =
        MEM_NEW(wasmtime_pooling_allocation_config_t);
    if (!p) return NULL;
    *p = (wasmtime_pooling_allocation_config_t){
        .memories = 1,
        .memory_size = (uint64_t)4 << 30,
        .tables = 1,
        .table_elements = 20000,
        .warm = 100,
    };
    for (int i = 0; i < POOL_count; i++)
        p->max[i] = 1000;
    return p;
}

void wasmtime_pooling_allocation_config_delete(
    wasmtime_pooling_allocation_config_t *p) {
    mem_free(p);
}

#define POOL_SETTER(name, type, field)                           \
    void name(wasmtime_pooling_allocation_config_t *p, type x) { \
        if (p) p->field = x;                                     \
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
    if (!c || !p) return;
    EngineConfig *e = &c->engine;
    memcpy(e->pool_max, p->max, sizeof p->max);
    e->pool_warm = p->warm;
    e->pool_resident = p->resident;
    e->limits.memories = p->memories;
    e->limits.memory_size = p->memory_size;
    e->limits.tables = p->tables;
    e->limits.table_elements = p->table_elements;
}
