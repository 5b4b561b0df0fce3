// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Many threads call functions of one module for the first time, each in its own
// store and order, while others load, run and drop modules of their own: code is
// made once or twice, never half.
#include "base/alloc.h"
#include "base/str.h"
#include "engine/load.h"
#include "os/thread.h"
#include "rt/func.h"
#include "rt/instance.h"
#include "unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    FUNCS = 300,
    THREADS = 4,
    ROUNDS = 3,
    TEXT_MAX = FUNCS * 200,
};

// Function i adds i to its argument and goes on with function i / 2; odd ones
// read memory first, out of bounds when the argument says so.
static char *make_text(void) {
    char *text = malloc(TEXT_MAX);
    if (!text) abort();
    size_t at = (size_t)sprintf(text, "(module (memory 1)\n");
    for (int i = 0; i < FUNCS; i++) {
        at += (size_t)sprintf(
            text + at, "(func $f%d (export \"f%d\") (param i32) (result i32)\n",
            i, i);
        if (i % 2)
            at +=
                (size_t)sprintf(text + at, "(drop (i32.load (local.get 0)))\n");
        if (i == 0)
            at += (size_t)sprintf(text + at, "local.get 0)\n");
        else
            at += (size_t)sprintf(
                text + at,
                "(call $f%d (i32.add (local.get 0) (i32.const %d))))\n", i / 2,
                i);
    }
    sprintf(text + at, ")");
    return text;
}

static uint32_t want_of(uint32_t func, uint32_t arg) {
    for (; func > 0; func /= 2)
        arg += func;
    return arg;
}

typedef struct Job {
    Engine *engine;
    RtModule *shared; // or NULL: one of its own each round
    const char *text;
    uint32_t step; // coprime to FUNCS: the order
    _Atomic uint32_t *bad;
} Job;

static RtModule *load(const Job *job) {
    if (job->shared) {
        rt_module_ref(job->shared);
        return job->shared;
    }
    Err err = {0};
    bool in_text;
    return module_load_text(job->engine, job->text, strlen(job->text), &err,
                            &in_text);
}

static bool call_all(const Job *job, Store *s, Instance *inst) {
    Err err = {0};
    for (uint32_t i = 0; i < FUNCS; i++) {
        uint32_t func = i * job->step % FUNCS;
        Extern e;
        if (!instance_export_at(inst, func, &e, &err)) return false;
        Raw value = {.u64 = 5};
        if (func_call(s, e.func, &value) != STATUS_ok) return false;
        if (value.u64 != want_of(func, 5)) return false;
        if (func % 2 == 0) continue;
        value = (Raw){.u64 = 0xfffffff0};
        if (func_call(s, e.func, &value) != STATUS_trap) return false;
        if (s->trap.code != TRAP_memory_bounds) return false;
        if (s->trap.frames.data[0].func != func) return false;
        trap_clear(&s->trap);
    }
    return true;
}

static bool round_of(const Job *job) {
    RtModule *m = load(job);
    if (!m) return false;
    Store *s = store_new(job->engine);
    Instance *inst;
    Err err = {0};
    bool ok = s && instance_new(s, m, NULL, 0, &inst, &err) == STATUS_ok &&
              call_all(job, s, inst);
    if (s) store_unref(s);
    rt_module_unref(m);
    return ok;
}

static void run(void *arg) {
    const Job *job = arg;
    for (int i = 0; i < ROUNDS; i++)
        if (!round_of(job)) atomic_fetch_add(job->bad, 1);
}

static void storm(const EngineConfig *config) {
    Engine *e = engine_new(config);
    char *text = make_text();
    Err err = {0};
    bool in_text;
    RtModule *m = module_load_text(e, text, strlen(text), &err, &in_text);
    EXPECT(m != NULL);
    static const uint32_t steps[THREADS] = {1, 7, 299, 11};
    _Atomic uint32_t bad = 0;
    Job jobs[THREADS];
    Thread threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (Job){e, i < THREADS - 1 ? m : NULL, text, steps[i], &bad};
        threads[i] = (Thread){.run = run, .arg = &jobs[i]};
        if (!thread_start(&threads[i], 0)) abort();
    }
    for (int i = 0; i < THREADS; i++)
        thread_join(&threads[i]);
    EXPECT_EQ(bad, 0);
    rt_module_unref(m);
    engine_unref(e);
    free(text);
}

static EngineConfig compiled(void) {
    EngineConfig config;
    engine_config_init(&config);
    config.tiers = TIERS_baseline;
    config.compile_threads = 2;
    return config;
}

static void functions_at_their_first_call(void) {
    EngineConfig config = compiled();
    storm(&config);
}
static void without_handlers(void) {
    EngineConfig config = compiled();
    config.no_signals = true;
    storm(&config);
}
static void modules_at_load(void) {
    EngineConfig config = compiled();
    config.compile_eagerly = true;
    storm(&config);
}
// --- executors -----------------------------------------------------------------------

enum {
    JOBS_MAX = 4096
};
enum {
    JOBS_here,
    JOBS_threads,
    JOBS_later,
    JOBS_refused,
};

// Runs jobs on the thread that submits them, on threads, later, or not at all.
typedef struct Jobs {
    int how; // JOBS_*
    _Atomic uint32_t len;
    Thread threads[JOBS_MAX];
    _Atomic uint32_t freed; // by the last job, or whoever drops the engine
} Jobs;

static bool submit(void *env, void (*run_job)(void *job), void *job) {
    Jobs *jobs = env;
    if (jobs->how == JOBS_refused) return false;
    if (jobs->how == JOBS_here) {
        run_job(job);
        return true;
    }
    uint32_t at = atomic_fetch_add(&jobs->len, 1);
    if (at >= JOBS_MAX) abort();
    jobs->threads[at] = (Thread){.run = run_job, .arg = job};
    if (jobs->how == JOBS_threads && !thread_start(&jobs->threads[at], 0))
        abort();
    return true;
}

static void jobs_free(void *env) {
    ((Jobs *)env)->freed++;
}

static void finish(Jobs *jobs) {
    for (uint32_t i = 0; i < jobs->len; i++) {
        if (jobs->how == JOBS_threads)
            thread_join(&jobs->threads[i]);
        else
            jobs->threads[i].run(jobs->threads[i].arg);
    }
}

// Storms of an engine whose executor does its jobs in each way.
static void each_way(EngineConfig config) {
    Jobs *jobs = malloc(sizeof *jobs);
    for (int how = JOBS_here; how <= JOBS_refused; how++) {
        jobs->how = how;
        jobs->len = jobs->freed = 0;
        config.executor =
            (Executor){.env = jobs, .submit = submit, .free = jobs_free};
        storm(&config);
        // The last job holds the engine.
        EXPECT(how != JOBS_later || jobs->freed == 0);
        EXPECT(how == JOBS_here || how == JOBS_refused || jobs->len > 0);
        finish(jobs);
        EXPECT_EQ(jobs->freed, 1);
    }
    free(jobs);
}

static void by_executors(void) {
    EngineConfig config = compiled();
    config.compile_eagerly = true;
    config.compile_threads = 3;
    each_way(config);
}

// Functions that are interpreted until their code is there, which may be when
// their module is long dropped by everybody else.
static void in_the_background(void) {
    EngineConfig config = compiled();
    config.tier_calls = 2;
    config.tier_loops = 5;
    each_way(config);
}

// Each function is asked for once, whoever calls it how often; not at all where
// executions are deterministic.
static void asked_for_once(void) {
    Jobs *jobs = malloc(sizeof *jobs);
    for (int i = 0; i < 2; i++) {
        *jobs = (Jobs){.how = JOBS_later};
        EngineConfig config = compiled();
        config.tier_calls = 2;
        config.is_deterministic = i;
        config.executor =
            (Executor){.env = jobs, .submit = submit, .free = jobs_free};
        Engine *e = engine_new(&config);
        char *text = make_text();
        Err err = {0};
        bool in_text;
        RtModule *m = module_load_text(e, text, strlen(text), &err, &in_text);
        _Atomic uint32_t bad = 0;
        Job job = {e, m, text, 7, &bad};
        run(&job);
        EXPECT_EQ(bad, 0);
        EXPECT_EQ(jobs->len, i ? 0 : FUNCS);
        rt_module_unref(m);
        engine_unref(e);
        finish(jobs);
        EXPECT_EQ(jobs->freed, 1);
        free(text);
    }
    free(jobs);
}

static void functions_that_were_interpreted(void) {
    EngineConfig config = compiled();
    config.tier_calls = 2;
    config.tier_loops = 5;
    storm(&config);
}
static void tiers_at_random(void) {
    EngineConfig config = compiled();
    config.tier_seed = 3;
    storm(&config);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(functions_at_their_first_call),
                    UNIT_TEST(without_handlers), UNIT_TEST(modules_at_load),
                    UNIT_TEST(functions_that_were_interpreted),
                    UNIT_TEST(tiers_at_random), UNIT_TEST(by_executors),
                    UNIT_TEST(in_the_background), UNIT_TEST(asked_for_once));
}
