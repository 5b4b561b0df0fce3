// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "engine/parallel.h"

#include "base/alloc.h"
#include "engine/fork.h"
#include "os/cpu.h"

enum {
    THREAD_STACK = 256 * 1024,
    THREADS_MAX = 64,
};

uint32_t parallel_helpers(const Engine *e, uint64_t pieces) {
    uint32_t threads = e->config.compile_threads;
    if (threads == 0 && e->config.executor.submit) threads = cpu_count();
    if (threads < 2 || pieces < 2) return 0;
    return (uint32_t)MIN(MIN(threads, pieces), (uint64_t)THREADS_MAX) - 1;
}

static void run_here(const Parallel *p) {
    if (p->begin) p->begin(p->env);
    p->run(p->env);
}

// --- threads of our own ----------------------------------------------------------------

// One that does not start is not missed.
static void run_threads(const Parallel *p) {
    Thread threads[THREADS_MAX];
    uint32_t len = 0;
    for (uint32_t i = 0; i < MIN(p->helpers, (uint32_t)THREADS_MAX); i++) {
        threads[len] = (Thread){.run = p->run, .arg = p->env};
        if (thread_start(&threads[len], THREAD_STACK)) len++;
    }
    run_here(p);
    while (len > 0)
        thread_join(&threads[--len]);
}

// --- the embedder's --------------------------------------------------------------------

// A job may be run when the work is long done, and finds then that it is over.
typedef struct Jobs {
    Parallel p;
    Engine *engine;        // held
    _Atomic uint32_t refs; // jobs that were not run yet, and the calling thread
    Mutex lock;
    Cond changed;
    uint32_t running;
    bool is_over;
} Jobs;

static Jobs *jobs_new(Engine *e, const Parallel *p) {
    Jobs *jobs = MEM_NEW(Jobs);
    if (!jobs) return NULL;
    if (!cond_init(&jobs->changed)) {
        mem_free(jobs);
        return NULL;
    }
    jobs->p = *p;
    jobs->engine = e;
    engine_ref(e);
    atomic_init(&jobs->refs, 1);
    return jobs;
}

static void jobs_unref(Jobs *jobs) {
    if (atomic_fetch_sub_explicit(&jobs->refs, 1, memory_order_acq_rel) != 1)
        return;
    cond_release(&jobs->changed);
    mutex_release(&jobs->lock);
    engine_unref(jobs->engine);
    mem_free(jobs);
}

static void job(void *arg) {
    Jobs *jobs = arg;
    mutex_lock(&jobs->lock);
    bool is_over = jobs->is_over;
    jobs->running += !is_over;
    mutex_unlock(&jobs->lock);
    if (!is_over) {
        jobs->p.run(jobs->p.env);
        mutex_lock(&jobs->lock);
        jobs->running--;
        cond_signal(&jobs->changed);
        mutex_unlock(&jobs->lock);
    }
    jobs_unref(jobs);
}

static void submit(Jobs *jobs) {
    const Executor *executor = &jobs->engine->config.executor;
    for (uint32_t i = 0; i < jobs->p.helpers; i++) {
        atomic_fetch_add(&jobs->refs, 1);
        if (executor->submit(executor->env, job, jobs)) continue;
        atomic_fetch_sub(&jobs->refs, 1);
        return;
    }
}

// Waits for nobody who has not begun.
static void finish(Jobs *jobs) {
    mutex_lock(&jobs->lock);
    jobs->is_over = true;
    while (jobs->running > 0)
        cond_wait(&jobs->changed, &jobs->lock);
    mutex_unlock(&jobs->lock);
}

static bool run_jobs(Engine *e, const Parallel *p) {
    Jobs *jobs = jobs_new(e, p);
    if (!jobs) {
        run_here(p);
        return true;
    }
    uint32_t process = fork_generation();
    submit(jobs);
    if (fork_generation() != process) return false; // `jobs` is theirs too
    run_here(p);
    finish(jobs);
    jobs_unref(jobs);
    return true;
}

bool parallel_run(Engine *e, const Parallel *p) {
    if (p->helpers > 0 && e->config.executor.submit) return run_jobs(e, p);
    run_threads(p);
    return true;
}
