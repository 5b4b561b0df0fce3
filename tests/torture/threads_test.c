// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One engine and many threads: the same modules loaded, instantiated, called
// and dropped on all of them at once, and a shared memory that guests of several
// stores synchronise on. For ThreadSanitizer; elsewhere the results are checked.
#include "engine/load.h"
#include "os/clock.h"
#include "os/thread.h"
#include "rt/linker.h"
#include "torture/everything.h"
#include "unit/unit.h"

#include <stdlib.h>

enum {
    THREADS = 8,
    ROUNDS = 12,
    TURNS = 200
};

static Engine *new_engine(void) {
    EngineConfig config;
    engine_config_init(&config);
    config.features = FEATURES_ALL;
    config.memory_reservation = 1 << 20;
    return engine_new(&config);
}

typedef struct Worker {
    Thread thread;
    Engine *engine;
    RtModule *module;     // shared by all
    Linker *linker;       // the same
    SharedMemory *memory; // the same
    uint32_t index;
    uint32_t failures;
} Worker;

static void work_on_threads(Worker *workers, Worker common, uint32_t count,
                            void (*run)(void *worker)) {
    for (uint32_t i = 0; i < count; i++) {
        workers[i] = common;
        workers[i].index = i;
        workers[i].thread = (Thread){.run = run, .arg = &workers[i]};
        if (!EXPECT(thread_start(&workers[i].thread, 0))) abort();
    }
    for (uint32_t i = 0; i < count; i++) {
        thread_join(&workers[i].thread);
        EXPECT_EQ(workers[i].failures, 0);
    }
}

static RtModule *load_text(Engine *e, const char *text) {
    Err err = {0};
    bool in_text;
    RtModule *m = module_load_text(e, text, strlen(text), &err, &in_text);
    if (!m) fprintf(stderr, "%s at %d\n", err.text, (int)err.at);
    return m;
}

// --- modules -----------------------------------------------------------------------

static Status tick(HostCall *call) {
    (void)call;
    return STATUS_ok;
}

static Linker *tick_linker(Engine *e) {
    Linker *l = linker_new(e);
    RtType *type = registry_func_type(e->registry, NULL, 0, NULL, 0);
    Err err = {0};
    EXPECT(linker_define_func(l, STR("host"), STR("tick"), type, tick, NULL,
                              NULL, &err));
    rt_type_unref(e->registry, type);
    return l;
}

// Instantiates in a store of its own and calls `run` twice.
static bool run_linked(Linker *l, RtModule *m) {
    Store *s = store_new(m->engine);
    Err err = {0};
    Instance *inst;
    Extern run;
    bool ok = linker_instantiate(l, s, m, &inst, &err) == STATUS_ok &&
              instance_export(inst, STR("run"), &run, &err);
    for (int i = 0; ok && i < 2; i++) {
        Raw value = {.u64 = 0};
        ok = func_call(s, run.func, &value) == STATUS_ok && value.u32 == 42;
    }
    store_unref(s);
    return ok;
}

static bool run_module(Engine *e, RtModule *m) {
    Linker *l = tick_linker(e);
    bool ok = run_linked(l, m);
    linker_free(l);
    return ok;
}

static void load_and_run(void *arg) {
    Worker *w = arg;
    for (int i = 0; i < ROUNDS; i++) {
        w->failures += !run_module(w->engine, w->module);
        RtModule *own = load_text(w->engine, everything_text);
        w->failures += !own || !run_module(w->engine, own);
        if (own) rt_module_unref(own);
    }
}

static void modules_on_threads(void) {
    Worker workers[THREADS];
    Engine *e = new_engine();
    RtModule *m = load_text(e, everything_text);
    if (EXPECT(m != NULL))
        work_on_threads(workers, (Worker){.engine = e, .module = m}, THREADS,
                        load_and_run);
    rt_module_unref(m);
    EXPECT_EQ(registry_len(e->registry), 0);
    engine_unref(e);
}

// All instantiate with one linker, which keeps what it found for one module.
static void link_and_run(void *arg) {
    Worker *w = arg;
    RtModule *own = load_text(w->engine, everything_text);
    for (int i = 0; own && i < 4 * ROUNDS; i++) {
        bool with_own = (i / 3 + (int)w->index) % 2;
        w->failures += !run_linked(w->linker, with_own ? own : w->module);
    }
    w->failures += !own;
    if (own) rt_module_unref(own);
}

static void one_linker_on_threads(void) {
    Worker workers[THREADS];
    Engine *e = new_engine();
    RtModule *m = load_text(e, everything_text);
    Linker *l = tick_linker(e);
    if (EXPECT(m != NULL))
        work_on_threads(workers,
                        (Worker){.engine = e, .module = m, .linker = l},
                        THREADS, link_and_run);
    rt_module_unref(m);
    linker_free(l);
    EXPECT_EQ(registry_len(e->registry), 0);
    engine_unref(e);
}

// The engine and the module go with whoever drops them last.
static void drop_all(void *arg) {
    Worker *w = arg;
    w->failures += !run_module(w->engine, w->module);
    rt_module_unref(w->module);
    engine_unref(w->engine);
}

static void last_one_frees(void) {
    Worker workers[THREADS];
    Engine *e = new_engine();
    RtModule *m = load_text(e, everything_text);
    for (int i = 0; i < THREADS; i++) {
        rt_module_ref(m);
        engine_ref(e);
    }
    rt_module_unref(m);
    engine_unref(e);
    work_on_threads(workers, (Worker){.engine = e, .module = m}, THREADS,
                    drop_all);
}

// --- a shared memory ---------------------------------------------------------------

// `play` takes turns with the other player: waits until word 0 is `turn`, makes
// it one more and notifies. `add` counts under a lock of guests: word 16 is the
// lock, word 32 the count, which is not atomic.
static const char player_text[] =
    "(module\n"
    " (import \"host\" \"memory\" (memory 1 1 shared))\n"
    " (func (export \"play\") (param $turn i32) (result i32)\n"
    "  (local $seen i32)\n"
    "  (loop $again\n"
    "   (local.set $seen (i32.atomic.load (i32.const 0)))\n"
    "   (if (i32.ne (local.get $seen) (local.get $turn))\n"
    "    (then\n"
    "     (drop (memory.atomic.wait32 (i32.const 0) (local.get $seen)\n"
    "      (i64.const -1)))\n"
    "     (br $again))))\n"
    "  (i32.atomic.store (i32.const 0)\n"
    "   (i32.add (local.get $turn) (i32.const 1)))\n"
    "  (memory.atomic.notify (i32.const 0) (i32.const 9)))\n"
    " (func (export \"add\") (param $n i32) (result i32)\n"
    "  (loop $lock\n"
    "   (if (i32.atomic.rmw.cmpxchg (i32.const 16) (i32.const 0)\n"
    "     (i32.const 1))\n"
    "    (then\n"
    "     (drop (memory.atomic.wait32 (i32.const 16) (i32.const 1)\n"
    "      (i64.const 1000000)))\n"
    "     (br $lock))))\n"
    "  (i32.store (i32.const 32) (i32.add (i32.load (i32.const 32))\n"
    "   (local.get $n)))\n"
    "  (i32.atomic.store (i32.const 16) (i32.const 0))\n"
    "  (memory.atomic.notify (i32.const 16) (i32.const 1))))\n";

typedef struct Player {
    Store *store;
    Instance *inst;
    Extern func;
} Player;

static bool player_init(Player *p, const Worker *w, const char *name) {
    Err err = {0};
    p->store = store_new(w->engine);
    Extern memory = {.kind = EXTERN_memory};
    memory.memory = memory_of_shared(p->store, w->memory, &err);
    bool ok = instance_new(p->store, w->module, &memory, 1, &p->inst, &err) ==
                  STATUS_ok &&
              instance_export(p->inst, str_of(name), &p->func, &err);
    if (!ok) fprintf(stderr, "%s\n", err.text);
    return ok;
}

static bool player_call(Player *p, uint32_t argument) {
    Raw value = {.u64 = argument};
    return func_call(p->store, p->func.func, &value) == STATUS_ok;
}

static void play(void *arg) {
    Worker *w = arg;
    Player p;
    bool ok = player_init(&p, w, "play");
    for (uint32_t turn = w->index; ok && turn < TURNS; turn += 2)
        ok = player_call(&p, turn);
    w->failures += !ok;
    store_unref(p.store);
}

static void add(void *arg) {
    Worker *w = arg;
    Player p;
    bool ok = player_init(&p, w, "add");
    for (uint32_t i = 0; ok && i < TURNS; i++)
        ok = player_call(&p, 1);
    w->failures += !ok;
    store_unref(p.store);
}

static uint32_t word_after(uint32_t count, void (*run)(void *), uint64_t at) {
    Engine *e = new_engine();
    Err err = {0};
    MemoryType type = {.limits = {1, 1, true, false, true},
                       .page_log2 = PAGE_LOG2};
    Worker workers[THREADS];
    Worker common = {.engine = e, .module = load_text(e, player_text)};
    common.memory = shared_memory_new(e, &type, &e->config.limits, &err);
    if (!common.module || !common.memory) abort();
    work_on_threads(workers, common, count, run);
    uint32_t word;
    memcpy(&word, common.memory->base + at, sizeof word);
    shared_memory_unref(common.memory);
    rt_module_unref(common.module);
    engine_unref(e);
    return word;
}

static void guests_take_turns(void) {
    EXPECT_EQ(word_after(2, play, 0), TURNS);
}

static void guests_lock(void) {
    EXPECT_EQ(word_after(THREADS, add, 32), THREADS * TURNS);
}

// --- interruption ------------------------------------------------------------------

static _Atomic uint32_t interrupted;

static void run_for_ever(void *arg) {
    Worker *w = arg;
    Store *s = store_new(w->engine);
    Err err = {0};
    Instance *inst;
    store_set_deadline(s, 1);
    Status status = instance_new(s, w->module, NULL, 0, &inst, &err);
    w->failures += status != STATUS_trap || s->trap.code != TRAP_interrupt;
    store_unref(s);
    atomic_fetch_add(&interrupted, 1);
}

// Raises until all loops have ended: who began late has a later deadline.
static void raise_on(void *arg) {
    Worker *w = arg;
    while (atomic_load(&interrupted) < THREADS - 1) {
        engine_raise_epoch(w->engine);
        uint64_t until = clock_after(1000000);
        while (clock_now() < until)
            continue;
    }
}

static void run_or_raise(void *arg) {
    const Worker *w = arg;
    if (w->index == 0)
        raise_on(arg);
    else
        run_for_ever(arg);
}

static void deadline_ends_loops(void) {
    Engine *e = new_engine();
    RtModule *m = load_text(e, "(module (func $f (loop (br 0))) (start $f))");
    Worker workers[THREADS];
    work_on_threads(workers, (Worker){.engine = e, .module = m}, THREADS,
                    run_or_raise);
    rt_module_unref(m);
    engine_unref(e);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(modules_on_threads),
                    UNIT_TEST(one_linker_on_threads), UNIT_TEST(last_one_frees),
                    UNIT_TEST(guests_take_turns), UNIT_TEST(guests_lock),
                    UNIT_TEST(deadline_ends_loops));
}
