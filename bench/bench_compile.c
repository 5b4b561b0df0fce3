// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How fast the baseline compiler is: bench_compile FILE [RUNS] loads the module
// once and compiles all of its functions once a run, on one thread. Prints
// megabytes (10^6) of code section per second, the median of the runs, of
// processor time, and how many bytes of machine code came of a byte; on
// standard error, what was compiled.
//
// `bench_compile --threads N FILE [RUNS]` loads the module as an engine does
// that compiles eagerly, from bytes to code that can run, and prints megabytes
// of code section per second: of processor time with one thread, of elapsed
// time with more.
//
// `bench_compile --dump FUNC FILE` writes one function's code, for a
// disassembler.
#include "baseline/baseline.h"
#include "bench/input.h"
#include "binary/binary.h"
#include "engine/load.h"
#include "os/clock.h"
#include "valid/valid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double cpu_seconds(void) {
    return (double)clock() / CLOCKS_PER_SEC;
}

static const BaselineOptions options = {
    .memory0_is_guarded = true,
    .guard_bytes = UINT32_MAX,
    .use_epoch = true,
    .cpu = UINT32_MAX,
};

typedef struct Result {
    double seconds;
    uint64_t wasm, machine, sites, relocs;
} Result;

static void compile_all(const BaselineEnv *env, Arena *arena, Result *r) {
    uint32_t len = env->side->funcs.len;
    *r = (Result){.seconds = -cpu_seconds()};
    for (uint32_t i = 0; i < len; i++) {
        CodeFunc f;
        baseline_compile(env, i, arena, &f);
        r->wasm += env->module->bodies.data[i].bytes.size;
        r->machine += f.size;
        r->sites += f.site_len;
        r->relocs += f.reloc_len;
        arena_reset(arena);
    }
    r->seconds += cpu_seconds();
}

static void dump(const BaselineEnv *env, Arena *arena, uint32_t func) {
    if (func >= env->side->funcs.len) return;
    CodeFunc f;
    baseline_compile(env, func, arena, &f);
    fwrite(f.code, 1, f.size, stdout);
}

static int by_time(const void *a, const void *b) {
    const Result *x = a, *y = b;
    return (x->seconds > y->seconds) - (x->seconds < y->seconds);
}

enum {
    RUNS_MAX = 100
};

static void measure(const BaselineEnv *env, Arena *arena, int runs) {
    Result results[RUNS_MAX];
    for (int i = 0; i < runs; i++)
        compile_all(env, arena, &results[i]);
    qsort(results, (size_t)runs, sizeof *results, by_time);
    const Result *r = &results[runs / 2];
    fprintf(stderr,
            "%u functions, %.2f MB in %.1f ms; %.2f bytes of code, %.2f of "
            "sites and %.2f of relocations for each\n",
            env->side->funcs.len, (double)r->wasm / 1e6, r->seconds * 1e3,
            (double)r->machine / (double)r->wasm,
            (double)(r->sites * sizeof(CodeSite)) / (double)r->wasm,
            (double)(r->relocs * sizeof(CodeReloc)) / (double)r->wasm);
    printf("%.1f %.2f\n", (double)r->wasm / 1e6 / r->seconds,
           (double)r->machine / (double)r->wasm);
}

static int by_number(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double code_size(const Module *m) {
    double size = 0;
    VEC_EACH (const Body, body, &m->bodies)
        size += (double)body->bytes.size;
    return size;
}

static uint64_t time_now(uint32_t threads) {
    uint64_t used;
    bool ok = threads <= 1 && clock_read(CLOCK_process, &used);
    return ok ? used : clock_now();
}

// Whole loads by an engine with so many threads.
static bool measure_loads(const Input *in, uint32_t threads, int runs,
                          Err *err) {
    EngineConfig config;
    engine_config_init(&config);
    config.features = FEATURES_ALL;
    config.tiers = TIERS_baseline;
    config.compile_eagerly = true;
    config.compile_threads = threads;
    Engine *e = engine_new(&config);
    if (!e) return false;
    double rates[RUNS_MAX];
    bool ok = true;
    for (int i = 0; ok && i < runs; i++) {
        uint64_t start = time_now(threads);
        RtModule *m = module_load(e, in->bytes, in->size, NULL, err);
        uint64_t spent = time_now(threads) - start;
        ok = m;
        if (!ok) break;
        rates[i] = code_size(&m->module) * 1e3 / (double)spent;
        rt_module_unref(m);
    }
    if (ok) {
        qsort(rates, (size_t)runs, sizeof *rates, by_number);
        printf("%.1f\n", rates[runs / 2]);
    }
    engine_unref(e);
    return ok;
}

// Loads the module, then dumps a function or measures so many runs.
static bool run(const Input *in, const char *func, int runs, Err *err) {
    LimitSet limits = limits_default();
    Arena arena, scratch;
    arena_init(&arena, 0);
    arena_init(&scratch, 0);
    Module m;
    SideTables side = {0};
    ArenaGuard guard, scratch_guard;
    volatile bool ok = false;
    if (ARENA_GUARD(&arena, &guard) && ARENA_GUARD(&scratch, &scratch_guard)) {
        module_init(&m, &arena, FEATURES_ALL, &limits);
        ok = module_decode(&m, in->bytes, in->size, err) &&
             valid_all(&m, &side, err);
        BaselineEnv env = {.module = &m, .side = &side, .options = &options};
        if (ok && func)
            dump(&env, &scratch, (uint32_t)strtoul(func, NULL, 0));
        else if (ok)
            measure(&env, &scratch, runs);
    }
    return ok;
}

int main(int argc, char **argv) {
    const char *option = argc > 3 ? argv[1] : "";
    bool dumps = strcmp(option, "--dump") == 0;
    bool loads = strcmp(option, "--threads") == 0;
    int at = dumps || loads ? 3 : 1;
    Input in = {0};
    if (at >= argc || !input_read(&in, argv[at])) {
        fprintf(stderr, "usage: bench_compile [--threads N] FILE [RUNS]\n");
        return 2;
    }
    int runs = argc > at + 1 ? atoi(argv[at + 1]) : 3;
    if (runs < 1 || runs > RUNS_MAX) runs = 3;
    Err err = {.func = ERR_NOWHERE};
    bool ok = loads ? measure_loads(&in, (uint32_t)atoi(argv[2]), runs, &err)
                    : run(&in, dumps ? argv[2] : NULL, runs, &err);
    if (!ok) fprintf(stderr, "%s: %s\n", argv[at], err.text);
    return !ok;
}
