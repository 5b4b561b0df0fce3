// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/store.h"

#include "base/alloc.h"
#include "base/bits.h"
#include "os/vm.h"
#include "rt/computation.h"
#include "rt/helper.h"
#include "rt/rt_int.h"

#define NO_HOST_VALUE UINT32_MAX

// Where every safepoint is to collect, all polls are due.
static void set_deadline(Store *s, uint64_t epoch) {
    s->deadline = epoch;
    s->context.deadline = s->engine->config.gc_collect_always ? 0 : epoch;
}

Store *store_new(Engine *engine) {
    Store *s = MEM_NEW(Store);
    if (!s) return NULL;
    atomic_init(&s->refs, 1);
    engine_ref(engine);
    s->engine = engine;
    s->id = unique_id();
    s->limits = engine->config.limits;
    // native_stack_known computes with it as a signed number.
    s->limits.stack_size = MIN(s->limits.stack_size, (uint64_t)INT64_MAX);
    s->host_value_free = NO_HOST_VALUE;
    s->context.epoch = &engine->epoch;
    set_deadline(s, UINT64_MAX);
    s->context.helpers = helper_table;
    if (engine->config.use_fuel) store_set_fuel(s, 0);
    return s;
}

void store_ref(Store *s) {
    atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
}

static void root_cells_release(Store *s) {
    VEC_EACH (RootCell *, cell, &s->roots) {
        root_cell_orphan(*cell);
    }
    LIST_RELEASE(&s->roots);
}

static void funcs_release(Store *s) {
    VEC_EACH (Func *, f, &s->funcs) {
        if ((*f)->in_block) continue;
        if ((*f)->finalize) (*f)->finalize((*f)->env);
        mem_free(*f);
    }
    func_blocks_free(s->func_blocks);
    LIST_RELEASE(&s->funcs);
}

static void types_release(Store *s) {
    VEC_EACH (RtType *, t, &s->held_types) {
        rt_type_unref(s->engine->registry, *t);
    }
    LIST_RELEASE(&s->held_types);
    map_release(&s->held);
    map_release(&s->gc_types);
}

static void store_free(Store *s) {
    store_drop_computations(s);
    trap_clear(&s->trap);
    root_cells_release(s);
    if (s->heap) engine_pool_give(s->engine, POOL_heaps);
    gc_heap_free(s->heap); // finalizes external values
    LIST_RELEASE(&s->host_values);
    funcs_release(s);
    VEC_EACH (Memory *, m, &s->memories) {
        memory_free(*m);
    }
    LIST_RELEASE(&s->memories);
    VEC_EACH (Table *, t, &s->tables) {
        table_free(*t);
    }
    LIST_RELEASE(&s->tables);
    VEC_EACH (Global *, g, &s->globals) {
        mem_free(*g);
    }
    LIST_RELEASE(&s->globals);
    VEC_EACH (Tag *, t, &s->tags) {
        mem_free(*t);
    }
    LIST_RELEASE(&s->tags);
    // Last: they hold what the memories and tables began with.
    VEC_EACH (Instance *, i, &s->instances) {
        instance_free(*i);
    }
    LIST_RELEASE(&s->instances);
    types_release(s);
    value_stack_free(s->engine, s->main_stack);
    if (s->data_free) s->data_free(s->data);
    engine_unref(s->engine);
    mem_free(s);
}

void store_unref(Store *s) {
    if (atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1)
        store_free(s);
}

bool store_hold_type(Store *s, RtType *t) {
    if (map_get(&s->held, t->id) != MAP_NONE) return true;
    if (!LIST_RESERVE(&s->held_types, 1)) return false;
    if (!map_set(&s->held, t->id, s->held_types.len)) return false;
    rt_type_ref(t);
    s->held_types.data[s->held_types.len++] = t;
    return true;
}

bool store_charge(Store *s, uint64_t bytes) {
    uint64_t max = s->limits.host_memory; // may have been lowered meanwhile
    if (s->host_bytes > max || bytes > max - s->host_bytes) return false;
    s->host_bytes += bytes;
    return true;
}

void store_discharge(Store *s, uint64_t bytes) {
    assert(bytes <= s->host_bytes);
    s->host_bytes -= bytes;
}

// --- deadline -----------------------------------------------------------

void store_set_deadline(Store *s, uint64_t ticks_from_now) {
    if (!s->engine->config.use_epoch) return;
    uint64_t now = atomic_load(&s->engine->epoch);
    set_deadline(s, ticks_from_now > UINT64_MAX - now ? UINT64_MAX
                                                      : now + ticks_from_now);
}

// --- fuel --------------------------------------------------------------------------
//
// What is left is context.fuel, which polls look at, plus the reserve. The
// first is at most an interval.

static uint64_t fuel_share(const Store *s, uint64_t fuel) {
    uint64_t most = s->fuel_interval ? s->fuel_interval : INT64_MAX;
    return MIN(fuel, MIN(most, INT64_MAX));
}

static void split_fuel(Store *s, uint64_t fuel) {
    uint64_t share = fuel_share(s, fuel);
    s->context.fuel = (int64_t)share;
    s->fuel_reserve = fuel - share;
}

// With nothing at all a guest does not begin: it owes a unit, so that the first
// poll stops it.
void store_set_fuel(Store *s, uint64_t fuel) {
    split_fuel(s, fuel);
    if (fuel == 0) s->context.fuel = -1;
}

uint64_t store_get_fuel(const Store *s) {
    int64_t now = s->context.fuel;
    uint64_t reserve = s->fuel_reserve;
    if (now >= 0) return reserve + (uint64_t)now;
    uint64_t debt = 0 - (uint64_t)now;
    return debt < reserve ? reserve - debt : 0;
}

void store_set_fuel_interval(Store *s, uint64_t interval) {
    uint64_t fuel = store_get_fuel(s);
    s->fuel_interval = interval;
    if (fuel) split_fuel(s, fuel);
}

bool store_spend_fuel(Store *s, uint64_t units) {
    int64_t now = s->context.fuel;
    if (now >= 0 && units <= (uint64_t)now) {
        s->context.fuel -= (int64_t)units;
        return true;
    }
    if (s->fuel_reserve == 0 || units > store_get_fuel(s)) return false;
    split_fuel(s, store_get_fuel(s) - units);
    return true;
}

static bool yield(Store *s);

// The share is spent: suspends where that is asked for and goes on with the
// next one, as long as there is any.
static Status refuel(Store *s) {
    while (s->context.fuel < 0 && s->fuel_reserve) {
        uint64_t share = fuel_share(s, s->fuel_reserve);
        if (s->fuel_interval) (void)yield(s);
        s->context.fuel += (int64_t)share;
        s->fuel_reserve -= share;
    }
    return s->context.fuel < 0 ? store_trap(s, TRAP_out_of_fuel) : STATUS_ok;
}

// --- polls -------------------------------------------------------------------------

// Suspends, if the call can.
static bool yield(Store *s) {
    if (!store_can_suspend(s)) return false;
    store_suspend(s);
    return true;
}

static Status deadline_reached(Store *s) {
    EpochAnswer answer =
        s->epoch_callback ? s->epoch_callback(s->epoch_env, s) : EPOCH_trap;
    switch (answer) {
    case EPOCH_continue:
        return STATUS_ok;
    case EPOCH_yield:
        if (yield(s)) return STATUS_ok;
        return store_trap_text(s, TRAP_host, "this call cannot suspend");
    case EPOCH_trap:
        break;
    }
    return store_trap(s, TRAP_interrupt);
}

Status store_poll(Store *s) {
    if (s->engine->config.use_fuel && s->context.fuel < 0) {
        Status status = refuel(s);
        if (status != STATUS_ok) return status;
    }
    if (s->engine->config.gc_collect_always && s->heap)
        (void)!gc_collect(s->heap); // no memory for it is no harm
    if (atomic_load(&s->engine->epoch) < s->deadline) return STATUS_ok;
    return deadline_reached(s);
}

// --- value stacks ------------------------------------------------------------------

typedef struct PooledStack {
    ValueStack stack;
    PoolSlot *slot;
} PooledStack;

ValueStack *value_stack_new(Engine *e, uint64_t size) {
    size_t page = vm_page_size();
    if (size > UINT64_MAX / 2) return NULL; // rounding up must not wrap
    PooledStack *p = MEM_NEW(PooledStack);
    if (!p) return NULL;
    uint64_t bytes = align_up(MAX(size, page), page);
    p->slot = pool_take_stack(&e->slots, page + bytes);
    if (!p->slot) {
        mem_free(p);
        return NULL;
    }
    p->stack.base = p->stack.top = (char *)p->slot->base + page;
    p->stack.end = p->stack.base + bytes;
    return &p->stack;
}

void value_stack_free(Engine *e, ValueStack *v) {
    if (!v) return;
    PooledStack *p = CONTAINER_OF(v, PooledStack, stack);
    pool_give(&e->slots, p->slot);
    mem_free(p);
}

ValueStack *store_value_stack(Store *s) {
    if (s->context.value_stack) return s->context.value_stack;
    if (!s->main_stack)
        s->main_stack = value_stack_new(s->engine, s->limits.stack_size);
    s->context.value_stack = s->main_stack;
    return s->main_stack;
}

Status store_borrow(Store *s, uint64_t size, void **bytes) {
    ValueStack *v = store_value_stack(s);
    if (!v) return store_trap(s, TRAP_out_of_memory);
    if ((uint64_t)(v->end - v->top) < size)
        return store_trap(s, TRAP_stack_exhausted);
    *bytes = v->top;
    v->top += size;
    return STATUS_ok;
}

void store_give_back(Store *s, void *bytes) {
    s->context.value_stack->top = bytes;
}
