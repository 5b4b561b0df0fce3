// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How fast the baseline compiler is: bench_compile FILE [RUNS] loads the module
// once and compiles all of its functions once a run, on one thread. Prints
// megabytes (10^6) of code section per second, the median of the runs, of
// processor time; on standard error, what was compiled and how many
// bytes of machine code came of a byte.
//
// `bench_compile --dump FUNC FILE` writes one function's code, for a
// disassembler.
#include "base/alloc.h"
#include "baseline/baseline.h"
#include "binary/binary.h"
#include "valid/valid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct Input {
    uint8_t *bytes;
    size_t size;
} Input;

static bool input_read(Input *in, const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f) return false;
    bool ok = fseek(f, 0, SEEK_END) == 0;
    long size = ok ? ftell(f) : -1;
    rewind(f);
    in->size = size > 0 ? (size_t)size : 0;
    in->bytes = mem_alloc(in->size);
    ok = size > 0 && in->bytes && fread(in->bytes, 1, in->size, f) == in->size;
    fclose(f);
    return ok;
}

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
    printf("%.1f\n", (double)r->wasm / 1e6 / r->seconds);
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
    bool dumps = argc == 4 && strcmp(argv[1], "--dump") == 0;
    const char *path = dumps ? argv[3] : argc > 1 ? argv[1] : "";
    Input in = {0};
    if (!input_read(&in, path)) {
        fprintf(stderr, "usage: bench_compile FILE [RUNS]\n");
        return 2;
    }
    int runs = !dumps && argc > 2 ? atoi(argv[2]) : 3;
    if (runs < 1 || runs > RUNS_MAX) runs = 3;
    Err err = {.func = ERR_NOWHERE};
    bool ok = run(&in, dumps ? argv[2] : NULL, runs, &err);
    if (!ok) fprintf(stderr, "%s: %s\n", path, err.text);
    return !ok;
}
