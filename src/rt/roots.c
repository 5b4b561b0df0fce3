// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The roots of a store's heap, and external values.
//
// Everything that holds a collected reference outside the heap is here: scopes
// of C code, frames (through the tier), globals, tables, element segments, the
// pending exception, and cells that the embedder holds.
#include "rt/rt_int.h"

#include "base/alloc.h"
#include "rt/computation.h"

#define NO_HOST_VALUE UINT32_MAX

// --- scopes ------------------------------------------------------------------------

void root_scope_enter(Store *s, RootScope *scope) {
    scope->outer = s->scopes;
    s->scopes = scope;
}

void root_scope_leave(Store *s, RootScope *scope) {
    assert(s->scopes == scope);
    s->scopes = scope->outer;
}

static void visit_refs(RootScope *scope, GcHeap *heap, GcVisit visit) {
    RefScope *r = CONTAINER_OF(scope, RefScope, scope);
    for (uint32_t i = 0; i < r->len; i++)
        visit(heap, &r->refs[i]);
}

void ref_scope_enter(Store *s, RefScope *scope, GcRef *refs, uint32_t len) {
    *scope = (RefScope){.scope.visit = visit_refs, .refs = refs, .len = len};
    root_scope_enter(s, &scope->scope);
}

static void visit_raws(RootScope *scope, GcHeap *heap, GcVisit visit) {
    RawScope *r = CONTAINER_OF(scope, RawScope, scope);
    const char *types = (const char *)r->types;
    for (uint32_t i = 0; i < r->len; i++) {
        const void *type = types + i * r->type_stride;
        if (rt_val_type_is_traced(*(const RtValType *)type))
            visit(heap, &r->values[i].ref);
    }
}

void raw_scope_enter(Store *s, RawScope *scope, Raw *values,
                     const RtValType *types, uint32_t len) {
    *scope = (RawScope){
        .scope.visit = visit_raws,
        .values = values,
        .types = types,
        .type_stride = sizeof *types,
        .len = len,
    };
    root_scope_enter(s, &scope->scope);
}

// --- cells -------------------------------------------------------------------------

void root_cell_ref(RootCell *cell) {
    atomic_fetch_add_explicit(&cell->refs, 1, memory_order_relaxed);
}

void root_cell_unref(RootCell *cell) {
    if (atomic_fetch_sub_explicit(&cell->refs, 1, memory_order_acq_rel) == 1)
        mem_free(cell);
}

void root_cell_orphan(RootCell *cell) {
    cell->ref = 0;
    root_cell_unref(cell);
}

// Drops the cells that nobody but the store holds. Nobody can take a new
// reference then, since one is only taken from one that is held.
static void sweep_cells(Store *s) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->roots.len; i++) {
        RootCell *cell = s->roots.data[i];
        if (atomic_load_explicit(&cell->refs, memory_order_acquire) == 1)
            root_cell_unref(cell);
        else
            s->roots.data[kept++] = cell;
    }
    s->roots.len = kept;
}

// Room for one more. Cells that only the store holds go first, so that an
// embedder who makes and drops many does not wait for a collection; the list
// grows while half of it is in use, which keeps sweeping cheap.
static bool reserve_cell(Store *s) {
    if (s->roots.len < s->roots.cap) return true;
    sweep_cells(s);
    return s->roots.len < s->roots.cap / 2 ||
           LIST_RESERVE(&s->roots, s->roots.cap + 1);
}

RootCell *root_cell_new(Store *s, GcRef ref) {
    if (!reserve_cell(s)) return NULL;
    RootCell *cell = MEM_NEW(RootCell);
    if (!cell) return NULL;
    atomic_init(&cell->refs, 2); // the caller's and the store's
    cell->ref = ref;
    cell->store_id = s->id;
    s->roots.data[s->roots.len++] = cell;
    return cell;
}

// --- the root callback ---------------------------------------------------------------

static void visit_instance(const Instance *inst, GcHeap *heap, GcVisit visit) {
    for (uint32_t i = 0; i < inst->module->module.elems.len; i++) {
        const ElemInstance *e = &inst->elems[i];
        if (e->is_func) continue;
        for (uint32_t j = 0; j < e->len; j++)
            visit(heap, &e->refs[j]);
    }
}

static void visit_table(const Table *t, GcHeap *heap, GcVisit visit) {
    if (t->is_func) return;
    for (uint64_t i = 0; i < t->size; i++)
        visit(heap, &t->refs[i]);
}

// The scopes of one stack of calls.
typedef struct ScopeVisit {
    GcHeap *heap;
    GcVisit visit;
} ScopeVisit;

static void visit_scopes(void *env, const Execution *e) {
    const ScopeVisit *v = env;
    for (RootScope *r = e->scopes; r; r = r->outer)
        r->visit(r, v->heap, v->visit);
}

static bool visit_roots(void *env, GcHeap *heap, GcVisit visit) {
    Store *s = env;
    // The only visitor that can fail, so it goes first.
    if (!s->engine->tier->roots(s, heap, visit)) return false;
    ScopeVisit scopes = {heap, visit};
    store_each_execution(s, visit_scopes, &scopes);
    VEC_EACH (Global *, g, &s->globals) {
        if ((*g)->is_ref) visit(heap, &(*g)->cell.ref);
    }
    VEC_EACH (Table *, t, &s->tables) {
        visit_table(*t, heap, visit);
    }
    VEC_EACH (Instance *, i, &s->instances) {
        visit_instance(*i, heap, visit);
    }
    sweep_cells(s);
    VEC_EACH (RootCell *, cell, &s->roots) {
        visit(heap, &(*cell)->ref);
    }
    visit(heap, &s->exception);
    return true;
}

// --- external values -----------------------------------------------------------------

static void extern_dead(void *env, uint32_t index) {
    Store *s = env;
    HostValue *h = &s->host_values.data[index];
    void *value = h->value;
    void (*finalize)(void *) = h->finalize;
    *h = (HostValue){.next_free = s->host_value_free};
    s->host_value_free = index;
    if (finalize) finalize(value);
}

static bool may_grow(void *env, uint64_t from, uint64_t to) {
    const Store *s = env;
    return to <= s->limits.gc_heap && from <= to;
}

static void *reserve_heap(void *env, size_t size) {
    Store *s = env;
    s->heap_slot = pool_take_heap(&s->engine->slots, size);
    return s->heap_slot ? s->heap_slot->base : NULL;
}

static void release_heap(void *env, void *at, size_t size) {
    Store *s = env;
    (void)at, (void)size;
    pool_give(&s->engine->slots, s->heap_slot);
}

GcHeap *store_heap(Store *s) {
    if (s->heap) return s->heap;
    GcHost host = {
        .env = s,
        .roots = visit_roots,
        .extern_dead = extern_dead,
        .may_grow = may_grow,
        .reserve = reserve_heap,
        .release = release_heap,
    };
    GcOptions options = {
        .size_max = s->limits.gc_heap,
        .collect_always = s->engine->config.gc_collect_always,
    };
    if (!engine_pool_take(s->engine, POOL_heaps)) return NULL;
    s->heap = gc_heap_new(&host, &options);
    if (s->heap) {
        s->context.gc_base = gc_base(s->heap);
        s->context.gc_heap = s->heap;
    } else {
        engine_pool_give(s->engine, POOL_heaps);
    }
    return s->heap;
}

static uint32_t host_value_add(Store *s, void *value,
                               void (*finalize)(void *value)) {
    uint32_t index = s->host_value_free;
    if (index == NO_HOST_VALUE) {
        if (!LIST_RESERVE(&s->host_values, 1)) return NO_HOST_VALUE;
        index = s->host_values.len++;
    } else {
        s->host_value_free = s->host_values.data[index].next_free;
    }
    s->host_values.data[index] =
        (HostValue){.value = value, .finalize = finalize, .is_used = true};
    return index;
}

GcRef store_extern_new(Store *s, void *value, void (*finalize)(void *value)) {
    GcHeap *heap = store_heap(s);
    uint32_t type = heap ? store_gc_extern(s) : UINT32_MAX;
    GcRef ref = type == UINT32_MAX ? 0 : gc_alloc(heap, type);
    if (!ref) return 0;
    // No object dies between here and the field: nothing is allocated.
    uint32_t index = host_value_add(s, value, finalize);
    gc_field_set(heap, ref, 0, (Raw){.u64 = index});
    return index == NO_HOST_VALUE ? 0 : ref;
}

void *store_extern_get(Store *s, GcRef ref, bool *ok) {
    *ok = false;
    if (ref == 0 || gc_ref_is_i31(ref)) return NULL;
    if (gc_type_of(s->heap, ref)->kind != GC_extern) return NULL;
    uint32_t index = gc_field_get(s->heap, ref, 0).u32;
    CHECK(index < s->host_values.len && s->host_values.data[index].is_used);
    *ok = true;
    return s->host_values.data[index].value;
}
