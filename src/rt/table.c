// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/table.h"

#include "base/alloc.h"
#include "base/bits.h"
#include "rt/image.h"
#include "rt/rt_int.h"

static size_t cell_size(const Table *t) {
    return t->is_func ? sizeof(FuncCell) : sizeof(GcRef);
}

static FuncCell func_cell(Raw value) {
    return (FuncCell)(void *)value.func;
}

static void set_range(Table *t, uint64_t at, Raw value, uint64_t len) {
    for (uint64_t i = at; i < at + len; i++) {
        if (t->is_func)
            t->funcs[i] = func_cell(value);
        else
            t->refs[i] = value.ref;
    }
}

static SlotPool *pool_of(const Table *t) {
    return &t->store->engine->slots;
}

static void free_cells(Table *t) {
    if (t->slot)
        pool_give(pool_of(t), t->slot);
    else if (t->cap)
        mem_free(t->funcs);
    t->slot = NULL;
}

// The cells, moved to the allocator if they lie elsewhere; NULL: no memory.
static void *more_cells(Table *t, uint64_t old, uint64_t bytes) {
    if (!t->cap) return mem_calloc(1, bytes);
    if (!t->slot) return mem_realloc(t->funcs, old, bytes);
    void *cells = mem_alloc(bytes);
    if (!cells) return NULL;
    memcpy(cells, t->funcs, old);
    free_cells(t);
    return cells;
}

// Room for `size` cells, zeroed if they are the first; false when memory or the
// store's allowance ran out.
static bool reserve(Table *t, uint64_t size) {
    if (size <= t->cap) return true;
    uint64_t cap = MIN(MAX(size, t->cap * 2), t->max);
    uint64_t bytes, old = t->cap * cell_size(t);
    if (!mul_ok(cap, cell_size(t), &bytes)) return false;
    if (!store_charge(t->store, bytes - old)) return false;
    void *cells = more_cells(t, old, bytes);
    if (!cells) {
        store_discharge(t->store, bytes - old);
        return false;
    }
    t->funcs = cells;
    t->cap = cap;
    return true;
}

// Room for the first cells where the image can be mapped. False: not there.
static bool reserve_image(Table *t, uint64_t size, PoolImage *image) {
    uint64_t bytes = size * sizeof *t->funcs; // the image is part of it
    if (!image->size || !store_charge(t->store, bytes)) return false;
    uint64_t extent = align_up(bytes, vm_page_size());
    t->slot = pool_take(pool_of(t), extent, extent, image);
    if (!t->slot) {
        store_discharge(t->store, bytes);
        return false;
    }
    t->funcs = (FuncCell *)(void *)t->slot->base;
    t->cap = size;
    return true;
}

static uint64_t elements_max(const Limits *l, const LimitSet *limits) {
    uint64_t index_max = l->is_64 ? UINT64_MAX : UINT32_MAX;
    uint64_t max = MIN(index_max, limits->table_elements);
    return l->has_max ? MIN(max, l->max) : max;
}

static bool limiter_allows(const Table *t, uint64_t to) {
    const StoreLimiter *l = &t->store->limiter;
    return !l->table_grow || l->table_grow(l->env, t->size, to, t->max);
}

static bool within(uint64_t value, uint64_t max, const char *what, Err *err) {
    if (value <= max) return true;
    return err_at(err, ERR_NOWHERE, E_over_limit, what,
                  (unsigned long long)value, (unsigned long long)max);
}

// All its cells are null, or as the image says if table->slot has it.
static Table *table_make(Store *s, const Limits *limits, RtValType elem,
                         PoolImage *image, Err *err) {
    uint64_t max = elements_max(limits, &s->limits);
    if (!within(limits->min, max, "table minimum", err) ||
        !within((uint64_t)s->tables.len + 1, s->limits.store_tables,
                "tables of a store", err))
        return NULL;
    if (!engine_pool_take(s->engine, POOL_tables)) {
        (void)err_at(err, ERR_NOWHERE, E_pool_full, "tables");
        return NULL;
    }
    Table *t = MEM_NEW(Table);
    if (!t) goto no_memory;
    *t = (Table){
        .max = max,
        .elem = elem,
        .limits = *limits,
        .is_func = rt_val_type_top(elem) == HEAP_func,
        .handle = s->tables.len,
        .store = s,
    };
    if (!limiter_allows(t, limits->min)) {
        (void)err_at(err, ERR_NOWHERE, E_limiter_refused, "table");
        table_free(t);
        return NULL;
    }
    if (elem.type && !store_hold_type(s, elem.type)) goto no_memory;
    if (!(image && reserve_image(t, limits->min, image)) &&
        !reserve(t, limits->min))
        goto no_memory;
    t->size = limits->min;
    if (LIST_PUSH(&s->tables, t)) return t;

no_memory:
    if (t)
        table_free(t);
    else
        engine_pool_give(s->engine, POOL_tables);
    (void)err_at(err, ERR_NOWHERE, E_out_of_memory);
    return NULL;
}

Table *table_new(Store *s, const Limits *limits, RtValType elem, Raw init,
                 Err *err) {
    Table *t = table_make(s, limits, elem, NULL, err);
    bool is_null = !t || (t->is_func ? !init.func : !init.ref);
    if (!is_null) set_range(t, 0, init, t->size);
    return t;
}

Table *table_new_of_image(Store *s, const Limits *limits, RtValType elem,
                          TableImage *image, Err *err) {
    Table *t = table_make(s, limits, elem, &image->pool, err);
    if (!t || (t->slot && t->slot->image)) return t;
    assert(t->is_func && image->len <= t->size);
    if (image->len)
        memcpy(t->funcs, image->cells, image->len * sizeof *image->cells);
    return t;
}

void table_free(Table *t) {
    engine_pool_give(t->store->engine, POOL_tables);
    free_cells(t);
    store_discharge(t->store, t->cap * cell_size(t));
    mem_free(t);
}

// The reference in a cell, made now if need be.
static bool cell_func(Table *t, uint64_t index, Func **out) {
    FuncCell c = t->funcs[index];
    if (!func_cell_is_lazy(c)) {
        *out = (Func *)(void *)c;
        return true;
    }
    *out = instance_func(t->owner, func_cell_index(c));
    if (!*out) return false;
    t->funcs[index] = (FuncCell)(void *)*out;
    return true;
}

bool table_get(Table *t, uint64_t index, Raw *out) {
    *out = (Raw){0};
    if (t->is_func) return cell_func(t, index, &out->func);
    out->ref = t->refs[index];
    return true;
}

void table_set(Table *t, uint64_t index, Raw value) {
    set_range(t, index, value, 1);
}

int64_t table_grow(Table *t, uint64_t delta, Raw init) {
    uint64_t old = t->size;
    if (delta == 0) return (int64_t)old;
    if (delta > t->max - old) return -1;
    if (!limiter_allows(t, old + delta) || !reserve(t, old + delta)) return -1;
    t->size = old + delta;
    set_range(t, old, init, delta);
    return (int64_t)old;
}

static bool holds(const Table *t, uint64_t at, uint64_t len) {
    return len <= t->size && at <= t->size - len;
}

Trap table_fill(Table *t, uint64_t at, Raw value, uint64_t len) {
    if (!holds(t, at, len)) return TRAP_table_bounds;
    set_range(t, at, value, len);
    return TRAP_none;
}

// Lazy cells mean something in tables of their owner only.
static bool make_references(Table *t, uint64_t at, uint64_t len) {
    Func *made;
    for (uint64_t i = at; i < at + len; i++)
        if (func_cell_is_lazy(t->funcs[i]) && !cell_func(t, i, &made))
            return false;
    return true;
}

Trap table_copy(Table *to, uint64_t at, Table *from, uint64_t from_at,
                uint64_t len) {
    if (!holds(to, at, len) || !holds(from, from_at, len))
        return TRAP_table_bounds;
    if (len == 0) return TRAP_none;
    if (!to->is_func) {
        memmove(to->refs + at, from->refs + from_at, len * sizeof(GcRef));
        return TRAP_none;
    }
    if (to->owner != from->owner && !make_references(from, from_at, len))
        return TRAP_out_of_memory;
    memmove(to->funcs + at, from->funcs + from_at, len * sizeof(FuncCell));
    return TRAP_none;
}

Limits table_limits_now(const Table *t) {
    Limits l = t->limits;
    l.min = t->size;
    return l;
}
