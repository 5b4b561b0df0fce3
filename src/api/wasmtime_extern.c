// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Globals, tables, memories, tags, and the union of all that is exported.
#include "api/wasmtime_int.h"

#include "base/alloc.h"

#include <wasmtime/global.h>
#include <wasmtime/memory.h>
#include <wasmtime/sharedmemory.h>
#include <wasmtime/table.h>
#include <wasmtime/tag.h>

static wasmtime_error_t *error_of_value(void) {
    return error_of_text("the value is not of the type, or of another store");
}

static wasmtime_error_t *error_of_engine(void) {
    return error_of_text("the type is of another engine");
}

// --- globals -----------------------------------------------------------------

wasmtime_error_t *wasmtime_global_new(wasmtime_context_t *store,
                                      const wasm_globaltype_t *type,
                                      const wasmtime_val_t *val,
                                      wasmtime_global_t *ret) {
    Store *s = store_of_context(store);
    Raw raw;
    if (!valtype_fits(s->engine, type->content)) return error_of_engine();
    if (!value_to_raw(s, val, type->content->type, &raw))
        return error_of_value();
    Global *g =
        global_new(s, type->content->type, type->mutability == WASM_VAR, raw);
    if (!g) return error_no_memory();
    *ret = handle_of_global(g);
    return NULL;
}

wasm_globaltype_t *wasmtime_global_type(const wasmtime_context_t *store,
                                        const wasmtime_global_t *global) {
    const Store *s = store_of_context(store);
    const Global *g = handle_global(s, global);
    return g ? globaltype_of(s->engine, g->type, g->is_mutable) : NULL;
}

// Without memory for a root, a null of the kind.
void wasmtime_global_get(wasmtime_context_t *store,
                         const wasmtime_global_t *global, wasmtime_val_t *out) {
    Store *s = store_of_context(store);
    const Global *g = handle_global(s, global);
    if (g)
        (void)!value_of_raw(s, g->cell, g->type, out);
    else
        *out = (wasmtime_val_t){.kind = WASMTIME_FUNCREF};
}

wasmtime_error_t *wasmtime_global_set(wasmtime_context_t *store,
                                      const wasmtime_global_t *global,
                                      const wasmtime_val_t *val) {
    Store *s = store_of_context(store);
    Global *g = handle_global(s, global);
    Raw raw;
    if (!g) return error_of_handle();
    if (!g->is_mutable) return error_of_text("immutable global");
    if (!value_to_raw(s, val, g->type, &raw)) return error_of_value();
    g->cell = raw;
    return NULL;
}

// --- tables ------------------------------------------------------------------

static bool limits_ok(const Limits *l) {
    return !l->has_max || l->min <= l->max;
}

wasmtime_error_t *wasmtime_table_new(wasmtime_context_t *store,
                                     const wasm_tabletype_t *ty,
                                     const wasmtime_val_t *init,
                                     wasmtime_table_t *table) {
    Store *s = store_of_context(store);
    Raw raw;
    Err err = {0};
    if (!limits_ok(&ty->limits))
        return error_of_text("the table's minimum is above its maximum");
    if (!valtype_fits(s->engine, ty->element)) return error_of_engine();
    if (!value_to_raw(s, init, ty->element->type, &raw))
        return error_of_value();
    Table *t = table_new(s, &ty->limits, ty->element->type, raw, &err);
    if (!t) return error_of(&err);
    *table = handle_of_table(t);
    return NULL;
}

wasm_tabletype_t *wasmtime_table_type(const wasmtime_context_t *store,
                                      const wasmtime_table_t *table) {
    const Store *s = store_of_context(store);
    const Table *t = handle_table(s, table);
    return t ? tabletype_of(s->engine, t->elem, &t->limits) : NULL;
}

bool wasmtime_table_get(wasmtime_context_t *store,
                        const wasmtime_table_t *table, uint64_t index,
                        wasmtime_val_t *val) {
    Store *s = store_of_context(store);
    Table *t = handle_table(s, table);
    Raw raw;
    return t && index < t->size && table_get(t, index, &raw) &&
           value_of_raw(s, raw, t->elem, val);
}

wasmtime_error_t *wasmtime_table_set(wasmtime_context_t *store,
                                     const wasmtime_table_t *table,
                                     uint64_t index,
                                     const wasmtime_val_t *value) {
    Store *s = store_of_context(store);
    Table *t = handle_table(s, table);
    Raw raw;
    if (!t) return error_of_handle();
    if (index >= t->size)
        return error_of_text("index %llu is out of the table's bounds",
                             (unsigned long long)index);
    if (!value_to_raw(s, value, t->elem, &raw)) return error_of_value();
    table_set(t, index, raw);
    return NULL;
}

uint64_t wasmtime_table_size(const wasmtime_context_t *store,
                             const wasmtime_table_t *table) {
    const Table *t = handle_table(store_of_context(store), table);
    return t ? t->size : 0;
}

wasmtime_error_t *wasmtime_table_grow(wasmtime_context_t *store,
                                      const wasmtime_table_t *table,
                                      uint64_t delta,
                                      const wasmtime_val_t *init,
                                      uint64_t *prev_size) {
    Store *s = store_of_context(store);
    Table *t = handle_table(s, table);
    Raw raw;
    if (!t) return error_of_handle();
    if (!value_to_raw(s, init, t->elem, &raw)) return error_of_value();
    int64_t old = table_grow(t, delta, raw);
    if (old < 0)
        return error_of_text("the table cannot grow by %llu",
                             (unsigned long long)delta);
    *prev_size = (uint64_t)old;
    return NULL;
}

// --- memories ----------------------------------------------------------------

wasmtime_error_t *wasmtime_memory_new(wasmtime_context_t *store,
                                      const wasm_memorytype_t *ty,
                                      wasmtime_memory_t *ret) {
    Store *s = store_of_context(store);
    Err err = {0};
    if (ty->type.limits.is_shared)
        return error_of_text("a shared memory is made without a store");
    if (!limits_ok(&ty->type.limits))
        return error_of_text("the memory's minimum is above its maximum");
    Memory *m = memory_new(s, &ty->type, &err);
    if (!m) return error_of(&err);
    *ret = handle_of_memory(m);
    return NULL;
}

wasm_memorytype_t *wasmtime_memory_type(const wasmtime_context_t *store,
                                        const wasmtime_memory_t *memory) {
    const Memory *m = handle_memory(store_of_context(store), memory);
    return m ? memorytype_of(&m->type) : NULL;
}

// A handle that was made up might name a shared memory.
uint8_t *wasmtime_memory_data(wasmtime_context_t *store,
                              const wasmtime_memory_t *memory) {
    const Memory *m = handle_memory(store_of_context(store), memory);
    return m && !m->shared ? m->base : NULL;
}

size_t wasmtime_memory_data_size(const wasmtime_context_t *store,
                                 const wasmtime_memory_t *memory) {
    const Memory *m = handle_memory(store_of_context(store), memory);
    return m ? memory_size(m) : 0;
}

uint64_t wasmtime_memory_size(const wasmtime_context_t *store,
                              const wasmtime_memory_t *memory) {
    const Memory *m = handle_memory(store_of_context(store), memory);
    return m ? memory_pages(m) : 0;
}

wasmtime_error_t *wasmtime_memory_grow(wasmtime_context_t *store,
                                       const wasmtime_memory_t *memory,
                                       uint64_t delta, uint64_t *prev_size) {
    Memory *m = handle_memory(store_of_context(store), memory);
    if (!m) return error_of_handle();
    int64_t old = memory_grow(m, delta);
    if (old < 0)
        return error_of_text("the memory cannot grow by %llu pages",
                             (unsigned long long)delta);
    *prev_size = (uint64_t)old;
    return NULL;
}

uint64_t wasmtime_memory_page_size(wasmtime_context_t *store,
                                   const wasmtime_memory_t *memory) {
    const Memory *m = handle_memory(store_of_context(store), memory);
    return m ? (uint64_t)1 << m->type.page_log2 : 0;
}

uint8_t wasmtime_memory_page_size_log2(wasmtime_context_t *store,
                                       const wasmtime_memory_t *memory) {
    const Memory *m = handle_memory(store_of_context(store), memory);
    return m ? (uint8_t)m->type.page_log2 : 0;
}

// --- tags --------------------------------------------------------------------

wasmtime_error_t *wasmtime_tag_new(wasmtime_context_t *store,
                                   const wasm_tagtype_t *tt,
                                   wasmtime_tag_t *ret) {
    Store *s = store_of_context(store);
    if (tt->func->results.size) return error_of_text("a tag has no results");
    RtType *type = functype_register(s->engine, tt->func);
    if (!type)
        return error_of_text(
            "the tag's type is too large or of another engine");
    Tag *t = tag_new(s, type);
    rt_type_unref(s->engine->registry, type); // the store holds it
    if (!t) return error_no_memory();
    *ret = handle_of_tag(t);
    return NULL;
}

wasm_tagtype_t *wasmtime_tag_type(const wasmtime_context_t *store,
                                  const wasmtime_tag_t *tag) {
    const Store *s = store_of_context(store);
    const Tag *t = handle_tag(s, tag);
    return t ? tagtype_of(s->engine, t->type) : NULL;
}

bool wasmtime_tag_eq(const wasmtime_context_t *store, const wasmtime_tag_t *a,
                     const wasmtime_tag_t *b) {
    const Store *s = store_of_context(store);
    const Tag *t = handle_tag(s, a);
    return t && t == handle_tag(s, b);
}

// --- any of them -------------------------------------------------------------

static bool of_shared(SharedMemory *m, wasmtime_extern_t *out) {
    wasmtime_sharedmemory_t *shared = MEM_NEW(wasmtime_sharedmemory_t);
    if (!shared) return false;
    shared->memory = m;
    shared_memory_ref(m);
    out->kind = WASMTIME_EXTERN_SHAREDMEMORY;
    out->of.sharedmemory = shared;
    return true;
}

bool handle_of_extern(const Extern *e, wasmtime_extern_t *out) {
    wasmtime_extern_t item = {0};
    switch (e->kind) {
    case EXTERN_func:
        item.kind = WASMTIME_EXTERN_FUNC;
        item.of.func = handle_of_func(e->func);
        break;
    case EXTERN_table:
        item.kind = WASMTIME_EXTERN_TABLE;
        item.of.table = handle_of_table(e->table);
        break;
    case EXTERN_memory:
        if (e->memory->shared) return of_shared(e->memory->shared, out);
        item.kind = WASMTIME_EXTERN_MEMORY;
        item.of.memory = handle_of_memory(e->memory);
        break;
    case EXTERN_global:
        item.kind = WASMTIME_EXTERN_GLOBAL;
        item.of.global = handle_of_global(e->global);
        break;
    case EXTERN_tag:
        item.kind = WASMTIME_EXTERN_TAG;
        item.of.tag = handle_of_tag(e->tag);
        break;
    case EXTERN_count:
        UNREACHABLE();
    }
    *out = item;
    return true;
}

static bool from_shared(Store *s, const wasmtime_sharedmemory_t *shared,
                        Extern *out) {
    Err err = {0};
    if (!shared || shared->memory->engine != s->engine) return false;
    out->memory = memory_of_shared(s, shared->memory, &err);
    return out->memory != NULL;
}

bool handle_extern(Store *s, const wasmtime_extern_t *h, Extern *out) {
    *out = (Extern){0};
    switch (h->kind) {
    case WASMTIME_EXTERN_FUNC:
        out->kind = EXTERN_func;
        out->func = handle_func(s, &h->of.func);
        return out->func != NULL;
    case WASMTIME_EXTERN_GLOBAL:
        out->kind = EXTERN_global;
        out->global = handle_global(s, &h->of.global);
        return out->global != NULL;
    case WASMTIME_EXTERN_TABLE:
        out->kind = EXTERN_table;
        out->table = handle_table(s, &h->of.table);
        return out->table != NULL;
    case WASMTIME_EXTERN_MEMORY:
        out->kind = EXTERN_memory;
        out->memory = handle_memory(s, &h->of.memory);
        return out->memory != NULL;
    case WASMTIME_EXTERN_SHAREDMEMORY:
        out->kind = EXTERN_memory;
        return from_shared(s, h->of.sharedmemory, out);
    case WASMTIME_EXTERN_TAG:
        out->kind = EXTERN_tag;
        out->tag = handle_tag(s, &h->of.tag);
        return out->tag != NULL;
    default: // any byte may come in
        return false;
    }
}

void wasmtime_extern_delete(wasmtime_extern_t *val) {
    if (!val || val->kind != WASMTIME_EXTERN_SHAREDMEMORY) return;
    wasmtime_sharedmemory_t *shared = val->of.sharedmemory;
    val->of.sharedmemory = NULL;
    if (!shared) return;
    shared_memory_unref(shared->memory);
    mem_free(shared);
}

wasm_externtype_t *wasmtime_extern_type(wasmtime_context_t *context,
                                        const wasmtime_extern_t *val) {
    switch (val->kind) {
    case WASMTIME_EXTERN_FUNC:
        return wasm_functype_as_externtype(
            wasmtime_func_type(context, &val->of.func));
    case WASMTIME_EXTERN_GLOBAL:
        return wasm_globaltype_as_externtype(
            wasmtime_global_type(context, &val->of.global));
    case WASMTIME_EXTERN_TABLE:
        return wasm_tabletype_as_externtype(
            wasmtime_table_type(context, &val->of.table));
    case WASMTIME_EXTERN_MEMORY:
        return wasm_memorytype_as_externtype(
            wasmtime_memory_type(context, &val->of.memory));
    case WASMTIME_EXTERN_SHAREDMEMORY:
        if (!val->of.sharedmemory) return NULL;
        return wasm_memorytype_as_externtype(
            memorytype_of(&val->of.sharedmemory->memory->type));
    case WASMTIME_EXTERN_TAG:
        return wasm_tagtype_as_externtype(
            wasmtime_tag_type(context, &val->of.tag));
    default: // any byte may come in
        return NULL;
    }
}
