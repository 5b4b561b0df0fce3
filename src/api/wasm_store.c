// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Configuration, engine and store of wasm.h, and what the API keeps per store.
#include "api/api_int.h"

#include "base/alloc.h"

// --- configuration and engine ------------------------------------------------

wasm_config_t *wasm_config_new(void) {
    wasm_config_t *c = MEM_NEW(wasm_config_t);
    if (!c) return NULL;
    allocator_hold();
    engine_config_init(&c->engine);
    c->engine.use_epoch = false;
    return c;
}

wasm_engine_t *wasm_engine_new(void) {
    return wasm_engine_new_with_config(wasm_config_new());
}

wasm_engine_t *wasm_engine_new_with_config(wasm_config_t *config) {
    if (!config) return NULL;
    wasm_engine_t *e = config_settle(config) ? NULL : MEM_NEW(wasm_engine_t);
    if (e) e->engine = engine_new(&config->engine);
    bool ok = e && e->engine;
    // What the embedder gave is the engine's from now on.
    if (ok) config->engine = (EngineConfig){0};
    wasm_config_delete(config);
    if (ok) return e;
    mem_free(e);
    return NULL;
}

void wasm_engine_delete(wasm_engine_t *e) {
    if (!e) return;
    engine_unref(e->engine);
    mem_free(e);
}

// --- store -------------------------------------------------------------------

static void store_data_free(void *data) {
    StoreData *d = data;
    // A finalizer may look at other references: all are freed at the end.
    VEC_EACH (WasmRef *, ref, &d->refs) {
        if ((*ref)->info_free) (*ref)->info_free((*ref)->info);
        (*ref)->info_free = NULL;
    }
    VEC_EACH (WasmRef *, ref, &d->refs) {
        ref_free(*ref);
    }
    LIST_RELEASE(&d->refs);
    map_release(&d->ref_index);
    wasm_trap_delete(d->no_memory);
    wasi_free(d->wasi);
    store_host_release(&d->host);
    mem_free(d);
}

static bool spare_trap_init(StoreData *d) {
    static const char text[] = "out of memory";
    d->no_memory = ref_new(NULL, REF_trap, sizeof(wasm_trap_t));
    if (!d->no_memory) return false;
    d->no_memory->code = NO_TRAP_CODE;
    return name_of_z(&d->no_memory->message, text, sizeof text - 1);
}

Store *api_store_new(Engine *e) {
    StoreData *d = MEM_NEW(StoreData);
    Store *s = d ? store_new(e) : NULL;
    if (!s || !spare_trap_init(d)) {
        if (s) store_unref(s);
        if (d) store_data_free(d);
        return NULL;
    }
    s->data = d;
    s->data_free = store_data_free;
    // Its deadline is now.
    if (e->config.use_epoch) store_set_deadline(s, 0);
    return s;
}

wasm_store_t *wasm_store_new(wasm_engine_t *engine) {
    wasm_store_t *s = MEM_NEW(wasm_store_t);
    if (s) s->store = api_store_new(engine->engine);
    if (s && s->store) return s;
    mem_free(s);
    return NULL;
}

void wasm_store_delete(wasm_store_t *s) {
    if (!s) return;
    store_unref(s->store);
    mem_free(s);
}
