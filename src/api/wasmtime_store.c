// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// wasmtime/store.h.
#include "api/wasmtime_int.h"

#include "base/alloc.h"

#include <wasmtime/store.h>

// --- making and freeing ------------------------------------------------------

wasmtime_store_t *wasmtime_store_new(wasm_engine_t *engine, void *data,
                                     void (*finalizer)(void *)) {
    wasmtime_store_t *s = MEM_NEW(wasmtime_store_t);
    if (s) s->store = api_store_new(engine->engine);
    if (!s || !s->store) {
        mem_free(s);
        if (finalizer) finalizer(data);
        return NULL;
    }
    StoreHost *h = &store_data(s->store)->host;
    h->data = data;
    h->data_free = finalizer;
    return s;
}

void wasmtime_store_delete(wasmtime_store_t *s) {
    if (!s) return;
    store_unref(s->store);
    mem_free(s);
}

void store_host_release(StoreHost *h) {
    if (h->deadline_free) h->deadline_free(h->deadline_data);
    if (h->data_free) h->data_free(h->data);
}

wasmtime_context_t *wasmtime_store_context(wasmtime_store_t *s) {
    return context_of_store(s->store);
}

static StoreHost *host_of(const wasmtime_context_t *c) {
    return &store_data(store_of_context(c))->host;
}

void *wasmtime_context_get_data(const wasmtime_context_t *c) {
    return host_of(c)->data;
}

void wasmtime_context_set_data(wasmtime_context_t *c, void *data) {
    host_of(c)->data = data;
}

// --- limits ------------------------------------------------------------------

static bool memory_may_grow(void *env, uint64_t from, uint64_t to,
                            uint64_t max) {
    const StoreHost *h = env;
    (void)from, (void)max;
    return to <= h->memory_max;
}

static bool table_may_grow(void *env, uint64_t from, uint64_t to,
                           uint64_t max) {
    const StoreHost *h = env;
    (void)from, (void)max;
    return to <= h->table_max;
}

static uint64_t limit_of(int64_t wanted, uint64_t otherwise) {
    return wanted < 0 ? otherwise : (uint64_t)wanted;
}

void wasmtime_store_limiter(wasmtime_store_t *store, int64_t memory_size,
                            int64_t table_elements, int64_t instances,
                            int64_t tables, int64_t memories) {
    Store *s = store->store;
    StoreHost *h = &store_data(s)->host;
    const LimitSet *engine = &s->engine->config.limits;
    h->memory_max = limit_of(memory_size, UINT64_MAX);
    h->table_max = limit_of(table_elements, UINT64_MAX);
    s->limits.instances = limit_of(instances, engine->instances);
    s->limits.store_tables = limit_of(tables, engine->store_tables);
    s->limits.store_memories = limit_of(memories, engine->store_memories);
    s->limiter.env = h;
    s->limiter.memory_grow = memory_may_grow;
    s->limiter.table_grow = table_may_grow;
}

// --- garbage and fuel --------------------------------------------------------

wasmtime_error_t *wasmtime_context_gc(wasmtime_context_t *c) {
    Store *s = store_of_context(c);
    if (!s->heap || gc_collect(s->heap)) return NULL;
    return error_no_memory();
}

static wasmtime_error_t *no_fuel(void) {
    return error_of_text("fuel is not configured in this engine");
}

wasmtime_error_t *wasmtime_context_set_fuel(wasmtime_context_t *c,
                                            uint64_t fuel) {
    Store *s = store_of_context(c);
    if (!s->engine->config.use_fuel) return no_fuel();
    store_set_fuel(s, fuel);
    return NULL;
}

wasmtime_error_t *wasmtime_context_get_fuel(const wasmtime_context_t *c,
                                            uint64_t *fuel) {
    const Store *s = store_of_context(c);
    if (!s->engine->config.use_fuel) return no_fuel();
    *fuel = store_get_fuel(s);
    return NULL;
}

// --- WASI --------------------------------------------------------------------

wasmtime_error_t *wasmtime_context_set_wasi(wasmtime_context_t *c,
                                            wasi_config_t *wasi) {
    if (!wasi) return error_of_text("the configuration of WASI is null");
    return wasi_config_apply(store_of_context(c), wasi) ? NULL
                                                        : error_no_memory();
}

void wasmtime_context_set_wasi_http(wasmtime_context_t *c) {
    host_of(c)->allows_http = true;
}

// --- deadlines ---------------------------------------------------------------

void wasmtime_context_set_epoch_deadline(wasmtime_context_t *c,
                                         uint64_t ticks_beyond_current) {
    store_set_deadline(store_of_context(c), ticks_beyond_current);
}

static EpochAnswer on_deadline(void *env, Store *s) {
    const StoreHost *h = env;
    uint64_t delta = 0;
    wasmtime_update_deadline_kind_t kind = WASMTIME_UPDATE_DEADLINE_CONTINUE;
    wasmtime_error_t *error =
        h->on_deadline(context_of_store(s), h->deadline_data, &delta, &kind);
    if (error) {
        (void)error_raise(s, error);
        return EPOCH_trap;
    }
    store_set_deadline(s, delta);
    return kind == WASMTIME_UPDATE_DEADLINE_YIELD ? EPOCH_yield
                                                  : EPOCH_continue;
}

void wasmtime_store_epoch_deadline_callback(
    wasmtime_store_t *store,
    wasmtime_error_t *(*func)(const wasmtime_context_t *context, void *data,
                              uint64_t *epoch_deadline_delta,
                              wasmtime_update_deadline_kind_t *update_kind),
    void *data, void (*finalizer)(void *)) {
    Store *s = store->store;
    StoreHost *h = &store_data(s)->host;
    void *old = h->deadline_data;
    void (*old_free)(void *) = h->deadline_free;
    h->on_deadline = func;
    h->deadline_data = data;
    h->deadline_free = finalizer;
    s->epoch_env = h;
    s->epoch_callback = func ? on_deadline : NULL;
    if (old_free) old_free(old);
}
