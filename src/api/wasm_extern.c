// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Globals, tables, memories and externs of wasm.h.
#include "api/api_int.h"

// --- globals -----------------------------------------------------------------

wasm_global_t *wasm_global_new(wasm_store_t *store,
                               const wasm_globaltype_t *type,
                               const wasm_val_t *init) {
    Store *s = store->store;
    RtValType t = type->content->type;
    Raw raw;
    if (!valtype_fits(s->engine, type->content) ||
        !raw_of_val(s, init, t, &raw))
        return NULL;
    Global *g = global_new(s, t, type->mutability == WASM_VAR, raw);
    return g ? ref_of(s, REF_global, g) : NULL;
}

wasm_globaltype_t *wasm_global_type(const wasm_global_t *g) {
    const Global *global = g->ref.global;
    return globaltype_of(g->ref.store->engine, global->type,
                         global->is_mutable);
}

// What has no form here, or no memory for one, reads as null.
void wasm_global_get(const wasm_global_t *g, wasm_val_t *out) {
    const Global *global = g->ref.global;
    if (!val_of_raw(g->ref.store, global->cell, global->type, out))
        *out = (wasm_val_t)WASM_INIT_VAL;
}

void wasm_global_set(wasm_global_t *g, const wasm_val_t *v) {
    Global *global = g->ref.global;
    Raw raw;
    if (global->is_mutable && raw_of_val(g->ref.store, v, global->type, &raw))
        global->cell = raw;
}

// --- tables ------------------------------------------------------------------

static bool limits_ok(const Limits *l) {
    return !l->has_max || l->min <= l->max;
}

wasm_table_t *wasm_table_new(wasm_store_t *store, const wasm_tabletype_t *type,
                             wasm_ref_t *init) {
    Store *s = store->store;
    RtValType elem = type->element->type;
    Raw raw;
    Err err = {0};
    if (!limits_ok(&type->limits) || !valtype_fits(s->engine, type->element) ||
        !raw_of_ref(s, init, elem, &raw))
        return NULL;
    Table *t = table_new(s, &type->limits, elem, raw, &err);
    return t ? ref_of(s, REF_table, t) : NULL;
}

wasm_tabletype_t *wasm_table_type(const wasm_table_t *t) {
    const Table *table = t->ref.table;
    return tabletype_of(t->ref.store->engine, table->elem, &table->limits);
}

wasm_ref_t *wasm_table_get(const wasm_table_t *t, wasm_table_size_t index) {
    Table *table = t->ref.table;
    Raw raw;
    WasmRef *ref = NULL;
    if (index >= table->size || !table_get(table, index, &raw)) return NULL;
    return ref_of_raw(t->ref.store, raw, table->elem, &ref) ? ref : NULL;
}

bool wasm_table_set(wasm_table_t *t, wasm_table_size_t index, wasm_ref_t *ref) {
    Table *table = t->ref.table;
    Raw raw;
    if (index >= table->size ||
        !raw_of_ref(t->ref.store, ref, table->elem, &raw))
        return false;
    table_set(table, index, raw);
    return true;
}

wasm_table_size_t wasm_table_size(const wasm_table_t *t) {
    return (wasm_table_size_t)MIN(t->ref.table->size, (uint64_t)UINT32_MAX);
}

bool wasm_table_grow(wasm_table_t *t, wasm_table_size_t delta,
                     wasm_ref_t *init) {
    Table *table = t->ref.table;
    Raw raw;
    return raw_of_ref(t->ref.store, init, table->elem, &raw) &&
           table_grow(table, delta, raw) >= 0;
}

// --- memories ----------------------------------------------------------------

wasm_memory_t *wasm_memory_new(wasm_store_t *store,
                               const wasm_memorytype_t *type) {
    Store *s = store->store;
    Err err = {0};
    if (!limits_ok(&type->type.limits)) return NULL;
    Memory *m = memory_new_any(s, &type->type, &err);
    return m ? ref_of(s, REF_memory, m) : NULL;
}

wasm_memorytype_t *wasm_memory_type(const wasm_memory_t *m) {
    return memorytype_of(&m->ref.memory->type);
}

// Nobody gets a plain pointer to bytes that other threads change.
byte_t *wasm_memory_data(wasm_memory_t *m) {
    const Memory *memory = m->ref.memory;
    return memory->shared ? NULL : (byte_t *)memory->base;
}

size_t wasm_memory_data_size(const wasm_memory_t *m) {
    return memory_size(m->ref.memory);
}

wasm_memory_pages_t wasm_memory_size(const wasm_memory_t *m) {
    uint64_t pages = memory_pages(m->ref.memory);
    return (wasm_memory_pages_t)MIN(pages, (uint64_t)UINT32_MAX);
}

bool wasm_memory_grow(wasm_memory_t *m, wasm_memory_pages_t delta) {
    return memory_grow(m->ref.memory, delta) >= 0;
}

// --- externs -----------------------------------------------------------------

wasm_externkind_t wasm_extern_kind(const wasm_extern_t *e) {
    switch (e->ref.kind) {
    case REF_func:
        return WASM_EXTERN_FUNC;
    case REF_global:
        return WASM_EXTERN_GLOBAL;
    case REF_table:
        return WASM_EXTERN_TABLE;
    case REF_memory:
        return WASM_EXTERN_MEMORY;
    case REF_tag:
    case REF_instance:
    case REF_trap:
    case REF_module:
    case REF_foreign:
    case REF_object: // only tags are externs
        break;
    }
    return WASM_EXTERN_TAG;
}

wasm_externtype_t *wasm_extern_type(const wasm_extern_t *e) {
    switch (wasm_extern_kind(e)) {
    case WASM_EXTERN_FUNC:
        return wasm_functype_as_externtype(
            wasm_func_type(wasm_extern_as_func_const(e)));
    case WASM_EXTERN_GLOBAL:
        return wasm_globaltype_as_externtype(
            wasm_global_type(wasm_extern_as_global_const(e)));
    case WASM_EXTERN_TABLE:
        return wasm_tabletype_as_externtype(
            wasm_table_type(wasm_extern_as_table_const(e)));
    case WASM_EXTERN_MEMORY:
        return wasm_memorytype_as_externtype(
            wasm_memory_type(wasm_extern_as_memory_const(e)));
    default: // the only other kind
        return wasm_tagtype_as_externtype(
            tagtype_of(e->ref.store->engine, e->ref.tag->type));
    }
}
