// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/computation.h"

#include "base/alloc.h"
#include "base/bits.h"

// --- switching ---------------------------------------------------------------------

static Execution execution_of(const Store *s) {
    const StoreContext *c = &s->context;
    return (Execution){
        .activation = c->activation,
        .stack_limit = c->stack_limit,
        .value_stack = c->value_stack,
        .exit_frame = c->exit_frame,
        .scopes = s->scopes,
        .cleanups = s->cleanups,
        .entries = s->entries,
        .computation = s->computation,
    };
}

// The store's running execution becomes the saved one, and the other way round.
static void swap(Computation *c) {
    Store *s = c->store;
    Execution now = execution_of(s), *next = &c->saved;
    s->context.activation = next->activation;
    s->context.stack_limit = next->stack_limit;
    s->context.value_stack = next->value_stack;
    s->context.exit_frame = next->exit_frame;
    s->scopes = next->scopes;
    s->cleanups = next->cleanups;
    s->entries = next->entries;
    s->computation = next->computation;
    c->saved = now;
}

static void on_fiber(void *arg) {
    Computation *c = arg;
    c->run(c->env);
}

void computation_resume(Computation *c) {
    CHECK(c->store && !computation_is_done(c) && !computation_is_running(c));
    swap(c);
    fiber_resume(&c->fiber);
    swap(c);
}

bool store_can_suspend(const Store *s) {
    return s->computation && s->entries == 0;
}

void store_suspend(Store *s) {
    CHECK(store_can_suspend(s));
    fiber_suspend(&s->computation->fiber);
}

// --- stacks ------------------------------------------------------------------------

// A stack of the embedder: what of it is aligned.
static bool adopt_stack(Computation *c, size_t size, Err *err) {
    const StackCreator *creator = &c->store->engine->config.stack_creator;
    if (!creator->create(creator->env, size, &c->host))
        return err_at(err, ERR_NOWHERE, E_creator_stack);
    uintptr_t top = (uintptr_t)c->host.top & ~(uintptr_t)15;
    size_t len = c->host.size & ~(size_t)15;
    if ((uintptr_t)c->host.top != top && len) len -= 16;
    if (top < len || len < COMPUTATION_STACK_MIN)
        return err_at(err, ERR_NOWHERE, E_creator_stack);
    c->bounds = stack_bounds(top - len, top);
    return true;
}

// With an inaccessible page below.
static bool take_stack(Computation *c, uint64_t size, Err *err) {
    size_t page = vm_page_size();
    if (size > UINT64_MAX / 2) return err_at(err, ERR_NOWHERE, E_out_of_memory);
    uint64_t extent = page + align_up(size, page);
    c->own = pool_take_stack(&c->store->engine->slots, extent);
    if (!c->own) return err_at(err, ERR_NOWHERE, E_out_of_memory);
    uintptr_t base = (uintptr_t)c->own->base;
    c->bounds = stack_bounds(base + page, base + extent);
    return true;
}

static bool make_stack(Computation *c, Err *err) {
    const EngineConfig *config = &c->store->engine->config;
    uint64_t size = MAX(config->async_stack_size, COMPUTATION_STACK_MIN);
    return config->stack_creator.create ? adopt_stack(c, size, err)
                                        : take_stack(c, size, err);
}

static void free_stacks(Computation *c) {
    Engine *e = c->store->engine;
    value_stack_free(e, c->values);
    if (c->own) pool_give(&e->slots, c->own);
    if (c->host.free) c->host.free(c->host.env);
    if (c->has_pool_place) engine_pool_give(e, POOL_stacks);
    c->values = NULL;
    c->own = NULL;
    c->host = (HostStack){0};
    c->has_pool_place = false;
}

static bool make_stacks(Computation *c, Err *err) {
    Store *s = c->store;
    c->has_pool_place = engine_pool_take(s->engine, POOL_stacks);
    if (!c->has_pool_place)
        return err_at(err, ERR_NOWHERE, E_pool_full, "stacks");
    c->values = value_stack_new(s->engine, s->limits.stack_size);
    if (!c->values) return err_at(err, ERR_NOWHERE, E_out_of_memory);
    return make_stack(c, err);
}

// --- life --------------------------------------------------------------------------

bool computation_init(Computation *c, Store *s, void (*run)(void *env),
                      void *env, Err *err) {
    *c = (Computation){.store = s, .run = run, .env = env};
    if (!make_stacks(c, err)) {
        free_stacks(c);
        c->store = NULL;
        return false;
    }
    void *base = (void *)c->bounds.lo; // NOLINT: from an address
    fiber_init(&c->fiber, base, c->bounds.hi - c->bounds.lo, on_fiber, c);
    c->saved = (Execution){.value_stack = c->values, .computation = c};
    c->next = s->computations;
    s->computations = c;
    return true;
}

// No code of the guest runs: what its frames own is released by the records
// that they made.
static void drop(Computation *c) {
    CHECK(!computation_is_running(c));
    for (Cleanup *next = c->saved.cleanups; next;) {
        Cleanup *cleanup = next;
        next = cleanup->outer;
        cleanup->run(cleanup);
    }
    fiber_release(&c->fiber);
    free_stacks(c);
    c->saved = (Execution){0};
    c->store = NULL;
}

void computation_release(Computation *c) {
    if (!c->store) return;
    Computation **link = &c->store->computations;
    while (*link != c)
        link = &(*link)->next;
    *link = c->next;
    drop(c);
}

void store_drop_computations(Store *s) {
    while (s->computations) {
        Computation *c = s->computations;
        s->computations = c->next;
        drop(c);
    }
}

// --- looking at all ----------------------------------------------------------------

void store_each_execution(const Store *s, ExecutionVisit *visit, void *env) {
    Execution now = execution_of(s);
    visit(env, &now);
    for (const Computation *c = s->computations; c; c = c->next)
        visit(env, &c->saved);
}

// --- cleanups ----------------------------------------------------------------------

void cleanup_enter(Store *s, Cleanup *cleanup) {
    cleanup->outer = s->cleanups;
    s->cleanups = cleanup;
}

void cleanup_leave(Store *s, Cleanup *cleanup) {
    assert(s->cleanups == cleanup);
    s->cleanups = cleanup->outer;
}
