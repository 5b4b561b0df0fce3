// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// wasmtime/sharedmemory.h.
#include "api/wasmtime_int.h"

#include "base/alloc.h"

#include <wasmtime/sharedmemory.h>

wasmtime_error_t *wasmtime_sharedmemory_new(const wasm_engine_t *engine,
                                            const wasm_memorytype_t *ty,
                                            wasmtime_sharedmemory_t **ret) {
    if (!ty->type.limits.is_shared)
        return error_of_text("the type is not that of a shared memory");
    wasmtime_sharedmemory_t *m = MEM_NEW(wasmtime_sharedmemory_t);
    if (!m) return error_no_memory();
    Engine *e = engine->engine;
    Err err = {0};
    m->memory = shared_memory_new(e, &ty->type, &e->config.limits, &err);
    if (m->memory) {
        *ret = m;
        return NULL;
    }
    mem_free(m);
    return error_of(&err);
}

void wasmtime_sharedmemory_delete(wasmtime_sharedmemory_t *memory) {
    if (!memory) return;
    shared_memory_unref(memory->memory);
    mem_free(memory);
}

wasmtime_sharedmemory_t *wasmtime_sharedmemory_clone(
    const wasmtime_sharedmemory_t *memory) {
    wasmtime_sharedmemory_t *m = MEM_NEW(wasmtime_sharedmemory_t);
    if (!m) return NULL;
    m->memory = memory->memory;
    shared_memory_ref(m->memory);
    return m;
}

wasm_memorytype_t *wasmtime_sharedmemory_type(
    const wasmtime_sharedmemory_t *memory) {
    return memorytype_of(&memory->memory->type);
}

uint8_t *wasmtime_sharedmemory_data(const wasmtime_sharedmemory_t *memory) {
    return memory->memory->base;
}

size_t wasmtime_sharedmemory_data_size(const wasmtime_sharedmemory_t *memory) {
    return atomic_load_explicit(&memory->memory->size, memory_order_acquire);
}

uint64_t wasmtime_sharedmemory_size(const wasmtime_sharedmemory_t *memory) {
    return wasmtime_sharedmemory_data_size(memory) >>
           memory->memory->type.page_log2;
}

wasmtime_error_t *wasmtime_sharedmemory_grow(
    const wasmtime_sharedmemory_t *memory, uint64_t delta,
    uint64_t *prev_size) {
    int64_t old = shared_memory_grow(memory->memory, delta);
    if (old < 0) return error_of_text("the memory cannot grow that far");
    *prev_size = (uint64_t)old;
    return NULL;
}
