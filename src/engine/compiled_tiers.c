// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which tier a function runs in: asked by thunks, for functions without code,
// and by the interpreter at every call and every turn of a loop.
//
// Each function of a variant has a counter, shared by all threads. Below the
// trigger it is raised, and the function interpreted; from there on it is only
// read, and the function compiled. Counts get lost when threads race, which does
// no harm.
#include "base/alloc.h"
#include "engine/compiled_int.h"
#include "engine/fork.h"
#include "rt/store.h"

// A counter of a function that could not be compiled: it is not tried again.
#define COUNTER_NEVER UINT32_MAX
// Counters from here on: the executor has a job that will compile it. One value
// for each generation of forked processes, because jobs do not survive a fork.
#define COUNTER_QUEUED (UINT32_MAX - QUEUED_GENERATIONS)

enum {
    QUEUED_GENERATIONS = 256,
    // What an entry in the middle of a function may take of the native stack
    // beyond its frame before anything there looks at the limit.
    LOOP_STACK = 4096,
};

// --- at random -----------------------------------------------------------------------

static uint32_t draw(const Engine *e) {
    EngineCode *code = e->tier_data;
    uint64_t at =
        atomic_fetch_add_explicit(&code->draws, 1, memory_order_relaxed);
    uint64_t x = (at + e->config.tier_seed) * 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return (uint32_t)(x >> 32);
}

// --- counters ------------------------------------------------------------------------

// A counter at this is enough ...
static uint32_t trigger(const EngineConfig *config) {
    return MIN(MAX(config->tier_calls, config->tier_loops), COUNTER_QUEUED - 1);
}

// ... and something that may happen so often before counts for so much.
static uint32_t weight_of(const EngineConfig *config, uint32_t times) {
    return times ? (trigger(config) - 1) / times + 1 : trigger(config);
}

static uint32_t queued_now(void) {
    return COUNTER_QUEUED + fork_generation() % QUEUED_GENERATIONS;
}

static bool is_due(const CodeVariant *v, uint32_t func, uint32_t times) {
    const EngineConfig *config = &v->module->engine->config;
    CodeCounter *counter = &v->region->counters[func];
    uint32_t count = atomic_load_explicit(counter, memory_order_relaxed);
    if (count >= COUNTER_QUEUED)
        return count != COUNTER_NEVER && count != queued_now();
    if (config->tier_seed || config->tier_calls == 0 ||
        count >= trigger(config))
        return true;
    uint64_t next = (uint64_t)count + weight_of(config, times);
    atomic_store_explicit(counter, (uint32_t)MIN(next, trigger(config)),
                          memory_order_relaxed);
    return false;
}

bool compiled_was_called(const CodeVariant *v, uint32_t func) {
    const EngineConfig *config = &v->module->engine->config;
    uint32_t count =
        atomic_load_explicit(&v->region->counters[func], memory_order_relaxed);
    if (count == COUNTER_NEVER) return false;
    return config->tier_seed || config->tier_calls == 0 || count != 0;
}

void compiled_give_up(const CodeVariant *v, uint32_t func) {
    atomic_store_explicit(&v->region->counters[func], COUNTER_NEVER,
                          memory_order_relaxed);
}

// --- making code ---------------------------------------------------------------------

static void compile_now(const CodeVariant *v, uint32_t func) {
    if (compiled_compile_group(v, func) && code_region_has(v->region, func))
        return;
    compiled_give_up(v, func);
}

// A function on its way to the executor, which holds the module until then.
typedef struct Request {
    RtModule *module;
    const CodeVariant *v;
    uint32_t func;
} Request;

static void compile_requested(void *arg) {
    Request *r = arg;
    bool is_dropped = atomic_load(&r->module->refs) == 1; // but for this
    if (!is_dropped) compile_now(r->v, r->func);
    rt_module_unref(r->module);
    mem_free(r);
}

// What is interpreted meanwhile may as well be compiled by others; but when that
// is done is not for a deterministic execution to see.
static bool has_background(const EngineConfig *config) {
    return config->executor.submit && config->tier_calls > 0 &&
           !config->tier_seed && !config->is_deterministic;
}

// False: the executor does not take it.
static bool request(const CodeVariant *v, uint32_t func) {
    Request *r = MEM_NEW(Request);
    if (!r) return false;
    *r = (Request){.module = v->module, .v = v, .func = func};
    rt_module_ref(v->module);
    const Executor *executor = &v->module->engine->config.executor;
    if (executor->submit(executor->env, compile_requested, r)) return true;
    rt_module_unref(v->module);
    mem_free(r);
    return false;
}

static void make_code(const CodeVariant *v, uint32_t func) {
    if (has_background(&v->module->engine->config)) {
        CodeCounter *counter = &v->region->counters[func];
        uint32_t queued = queued_now();
        // Whoever is first asks for it.
        if (atomic_exchange(counter, queued) == queued || request(v, func))
            return;
    }
    compile_now(v, func);
}

// The code, made if that is due.
static uintptr_t code_of(const CodeVariant *v, uint32_t func, uint32_t times) {
    const CodeRegion *r = v->region;
    if (!code_region_has(r, func)) {
        if (!is_due(v, func, times)) return 0;
        make_code(v, func);
        if (!code_region_has(r, func)) return 0;
    }
    return code_region_func(r, func);
}

uintptr_t compiled_compile(Instance *inst, uint32_t func) {
    const Engine *e = inst->module->engine;
    if (UNLIKELY(e->config.tier_seed) && draw(e) % 2) return 0;
    return code_of(instance_variant(inst), func, e->config.tier_calls);
}

// --- loops ---------------------------------------------------------------------------

static const CodeSite *find_loop(const CodePlaced *p, uint32_t at) {
    uint32_t low = 0, high = p->loop_len;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (p->loops[middle].wasm < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low < p->loop_len && p->loops[low].wasm == at ? &p->loops[low]
                                                         : NULL;
}

static bool has_stack(const Store *s, uint64_t size) {
    const char *here = __builtin_frame_address(0),
               *limit = s->context.stack_limit;
    return here > limit && (uint64_t)(here - limit) > size + LOOP_STACK;
}

uintptr_t compiled_loop(Instance *inst, uint32_t func, uint32_t at) {
    const Engine *e = inst->module->engine;
    const CodeVariant *v = instance_variant(inst);
    if (UNLIKELY(e->config.tier_seed) && draw(e) % 4) return 0;
    if (!code_of(v, func, e->config.tier_loops)) return 0;
    CodePlaced p;
    if (!code_region_placed(v->region, func, &p)) return 0;
    const CodeSite *loop = find_loop(&p, at);
    if (!loop || !has_stack(inst->store, p.frame_size)) return 0;
    return code_region_stub(v->region, p.at + loop->code);
}
