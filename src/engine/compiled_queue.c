// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// When functions are compiled.
//
// Lazily: a function when it is first called, together with functions that it
// calls, until a few pages are full; with neighbours, until the first one is.
// Eagerly: runs of neighbours, by as many threads as the embedder asked for.
// Pages are never written again, so what is left of a group's last one is lost.
#include "base/alloc.h"
#include "engine/compiled_int.h"
#include "engine/fork.h"
#include "os/cpu.h"
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

// Shared by all who compile one module. Threads of our own are waited for; a job
// of the embedder's executor may be run when the module is long loaded, and
// finds then that everything is over.
typedef struct Work {
    const CodeVariant *v;
    _Atomic uint32_t next; // first function that nobody has taken
    _Atomic bool failed;
    // Jobs of the executor:
    Engine *engine;        // held
    _Atomic uint32_t refs; // jobs that were not run yet, and the loading thread
    Mutex lock;
    Cond changed;
    uint32_t running;
    bool is_over;
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

static Work *work_new(const CodeVariant *v) {
    Work *w = MEM_NEW(Work);
    if (!w) return NULL;
    w->v = v;
    atomic_init(&w->refs, 1);
    if (cond_init(&w->changed)) {
        w->engine = v->module->engine;
        engine_ref(w->engine);
        return w;
    }
    mem_free(w);
    return NULL;
}

static void work_unref(Work *w) {
    if (atomic_fetch_sub_explicit(&w->refs, 1, memory_order_acq_rel) != 1)
        return;
    cond_release(&w->changed);
    mutex_release(&w->lock);
    engine_unref(w->engine);
    mem_free(w);
}

static void job(void *arg) {
    Work *w = arg;
    mutex_lock(&w->lock);
    bool is_over = w->is_over;
    w->running += !is_over;
    mutex_unlock(&w->lock);
    if (!is_over) {
        work(w);
        mutex_lock(&w->lock);
        w->running--;
        cond_signal(&w->changed);
        mutex_unlock(&w->lock);
    }
    work_unref(w);
}

// One job for each further processor, as far as there is work for it.
static void submit(Work *w, const Executor *executor, uint32_t jobs) {
    for (uint32_t i = 0; i < jobs; i++) {
        atomic_fetch_add(&w->refs, 1);
        if (executor->submit(executor->env, job, w)) continue;
        atomic_fetch_sub(&w->refs, 1);
        return;
    }
}

// The loading thread works too, and waits for nobody who has not begun.
static void finish(Work *w) {
    uint32_t process = fork_generation();
    work(w);
    // In the child of a fork during the work, the others are not here.
    if (fork_generation() != process) return;
    mutex_lock(&w->lock);
    w->is_over = true;
    while (w->running > 0)
        cond_wait(&w->changed, &w->lock);
    mutex_unlock(&w->lock);
}

static bool compile_by_executor(const CodeVariant *v, uint32_t jobs) {
    Work *w = work_new(v);
    if (!w) return false;
    submit(w, &v->module->engine->config.executor, jobs);
    finish(w);
    bool ok = !atomic_load(&w->failed);
    work_unref(w);
    return ok;
}

// A thread that does not start is not missed.
static bool compile_by_threads(const CodeVariant *v, uint32_t helpers) {
    Work w = {.v = v};
    Thread threads[THREADS_MAX];
    uint32_t len = 0;
    for (uint32_t i = 0; i < MIN(helpers, THREADS_MAX); i++) {
        threads[len] = (Thread){.run = work, .arg = &w};
        if (thread_start(&threads[len], THREAD_STACK)) len++;
    }
    work(&w);
    while (len > 0)
        thread_join(&threads[--len]);
    return !atomic_load(&w.failed);
}

bool compiled_compile_all(const CodeVariant *v) {
    const EngineConfig *config = &v->module->engine->config;
    bool has_executor = config->executor.submit;
    uint32_t threads = config->compile_threads;
    if (has_executor && threads == 0) threads = cpu_count();
    uint32_t helpers = threads ? threads - 1 : 0;
    helpers = MIN(helpers, v->region->func_len / GROUP_FUNCS);
    return has_executor ? compile_by_executor(v, helpers)
                        : compile_by_threads(v, helpers);
}
