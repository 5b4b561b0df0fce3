// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// When functions are compiled.
//
// Lazily: a function when it is first called, together with functions that it
// calls, until a few pages are full; with neighbours, until the first one is.
// Eagerly: runs of neighbours, by as many threads as the embedder asked for.
// Pages are never written again, so what is left of a group's last one is lost.
#include "base/alloc.h"
#include "engine/compiled_int.h"
#include "rt/store.h"
#include "verify/verify.h"

#include <stdio.h>

enum {
    GROUP_SIZE = 16 * 1024, // bytes of code of a lazy group, with callees
    GROUP_LEAST = 4 * 1024, // with neighbours
    GROUP_FUNCS = 128,
    THREAD_STACK = 256 * 1024,
    THREADS_MAX = 64,
};

// Functions that are compiled together.
typedef struct Group {
    const CodeVariant *v;
    Arena arena;
    CodeFunc funcs[GROUP_FUNCS];
    uint32_t indices[GROUP_FUNCS]; // of defined functions
    uint32_t len, done;            // listed, compiled
    bool is_lazy;
} Group;

static Group *group_new(const CodeVariant *v) {
    Group *g = MEM_NEW(Group);
    if (!g) return NULL;
    g->v = v;
    arena_init(&g->arena, v->module->engine->config.limits.compile_memory);
    return g;
}

static void group_free(Group *g) {
    arena_release(&g->arena);
    mem_free(g);
}

static void want(Group *g, uint32_t func) {
    if (g->len == GROUP_FUNCS || code_region_has(g->v->region, func) ||
        !compiled_was_called(g->v, func))
        return;
    for (uint32_t i = 0; i < g->len; i++)
        if (g->indices[i] == func) return;
    g->indices[g->len++] = func;
}

static void want_callees(Group *g, const CodeFunc *f) {
    for (uint32_t i = 0; i < f->reloc_len; i++)
        if (f->relocs[i].kind == RELOC_slot) want(g, f->relocs[i].index);
}

// The next neighbour of the first function, if there is one.
static void want_neighbour(Group *g) {
    uint32_t end = g->v->region->func_len;
    uint32_t before = g->len, func = g->indices[0];
    for (uint32_t i = 1; i < GROUP_FUNCS && g->len == before; i++)
        want(g, (func + i) % end);
}

// Code that is not sure to stay in its sandbox is a bug of ours, and must not
// run.
static void prove(Group *g, const BaselineEnv *env, uint32_t func,
                  const CodeFunc *f) {
    VerifyEnv facts = {
        .module = env->module,
        .side = env->side,
        .memory0_is_guarded = env->options->memory0_is_guarded,
        .guard_bytes = env->options->guard_bytes,
    };
    VerifyRefusal refusal;
    ArenaMark before = arena_mark(&g->arena);
    bool ok = verify_code(&facts, func, f, &g->arena, &refusal);
    arena_rewind(&g->arena, before);
    if (ok) return;
    char text[160];
    snprintf(text, sizeof text, "machine code of function %u at 0x%x: %s",
             func + env->module->imported[EXTERN_func], refusal.at,
             refusal.what);
    fatal_error(text, __FILE__, __LINE__);
}

// Compiles what is listed; a lazy group finds more until it is large enough.
static void compile(Group *g) {
    BaselineEnv env = {
        .module = &g->v->module->module,
        .side = g->v->module->side,
        .options = &g->v->options,
    };
    uint64_t size = 0;
    while (g->done < g->len && (!g->is_lazy || size < GROUP_SIZE)) {
        CodeFunc *f = &g->funcs[g->done];
        baseline_compile(&env, g->indices[g->done], &g->arena, f);
        if (g->v->module->engine->config.verify_code)
            prove(g, &env, g->indices[g->done], f);
        size += f->size;
        g->done++;
        if (!g->is_lazy) continue;
        want_callees(g, f);
        if (g->done == g->len && size < GROUP_LEAST) want_neighbour(g);
    }
}

// False: no memory, or no room for the code.
static bool group_place(Group *g) {
    ArenaGuard guard;
    bool ok = ARENA_GUARD(&g->arena, &guard);
    if (ok) compile(g);
    arena_unguard(&g->arena, &guard);
    ok = ok && code_region_place(g->v->region, g->funcs, g->indices, g->done);
    if (ok) compiled_describe(g->v);
    return ok;
}

// --- at the first call -----------------------------------------------------------------

bool compiled_compile_group(const CodeVariant *v, uint32_t func) {
    Group *g = group_new(v);
    if (!g) return false;
    g->is_lazy = true;
    want(g, func);
    bool ok = group_place(g);
    group_free(g);
    return ok;
}

// --- all at once -----------------------------------------------------------------------

typedef struct Work {
    const CodeVariant *v;
    _Atomic uint32_t next; // first function that nobody has taken
    _Atomic bool failed;
} Work;

// Lists the next run of functions; false: there are none left.
static bool take(Work *w, Group *g) {
    uint32_t end = w->v->region->func_len;
    uint32_t at = atomic_fetch_add(&w->next, GROUP_FUNCS);
    if (at >= end) return false;
    g->len = g->done = 0;
    for (uint32_t i = at; i < end && i - at < GROUP_FUNCS; i++)
        if (!code_region_has(g->v->region, i)) g->indices[g->len++] = i;
    return true;
}

static void work(void *arg) {
    Work *w = arg;
    Group *g = group_new(w->v);
    bool ok = g;
    while (ok && !atomic_load(&w->failed) && take(w, g)) {
        ok = group_place(g);
        arena_reset(&g->arena);
    }
    if (!ok) atomic_store(&w->failed, true);
    if (g) group_free(g);
}

bool compiled_compile_all(const CodeVariant *v, uint32_t threads) {
    Work w = {.v = v};
    Thread helpers[THREADS_MAX];
    uint32_t groups = v->region->func_len / GROUP_FUNCS, len = 0;
    // The calling thread works too; one that does not start is not missed.
    for (uint32_t i = 1; i < MIN(threads, THREADS_MAX) && i <= groups; i++) {
        helpers[len] = (Thread){.run = work, .arg = &w};
        if (thread_start(&helpers[len], THREAD_STACK)) len++;
    }
    work(&w);
    while (len > 0)
        thread_join(&helpers[--len]);
    return !atomic_load(&w.failed);
}
