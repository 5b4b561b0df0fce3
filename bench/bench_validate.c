// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How fast we validate: bench_validate FILE [RUNS] decodes the module once a
// run and then validates it, side tables and all, timing both together. Prints
// megabytes (10^6) of code section per second, the median of the runs; on
// standard error, what was timed and the side tables' share of the code bytes.
#include "bench/input.h"
#include "binary/binary.h"
#include "valid/valid.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t processor_ns(void) {
    return (uint64_t)clock() * (1000000000 / CLOCKS_PER_SEC);
}

// What one run found out.
typedef struct Result {
    uint64_t ns;
    uint64_t code_bytes;
    uint64_t ctl_bytes, loop_bytes, func_bytes;
    size_t funcs;
} Result;

static void result_fill(Result *r, const Module *m, const SideTables *side) {
    r->code_bytes = 0;
    VEC_EACH (const Body, body, &m->bodies)
        r->code_bytes += body->bytes.size;
    r->ctl_bytes = side->ctl.len * sizeof(CtlEntry) +
                   side->far_ctl.len * sizeof(CtlTarget) +
                   side->catches.len * sizeof(CatchEntry);
    r->loop_bytes = side->loops.len * sizeof(LoopInfo) +
                    side->loop_locals.len * sizeof(uint16_t);
    r->func_bytes = side->funcs.len * sizeof(FuncInfo);
    r->funcs = side->funcs.len;
}

static bool run_once(const Input *in, const LimitSet *limits, Arena *arena,
                     Result *out, Err *err) {
    ArenaGuard guard;
    volatile bool ok = false;
    if (ARENA_GUARD(arena, &guard)) {
        Module m;
        SideTables side = {0};
        uint64_t start = processor_ns();
        module_init(&m, arena, FEATURES_ALL, limits);
        ok = module_decode(&m, in->bytes, in->size, err) &&
             valid_all(&m, &side, err);
        out->ns = processor_ns() - start;
        result_fill(out, &m, &side);
    } else {
        err_at(err, ERR_NOWHERE, E_out_of_memory);
    }
    arena_unguard(arena, &guard);
    return ok;
}

static int by_time(const void *a, const void *b) {
    const Result *x = a, *y = b;
    return (x->ns > y->ns) - (x->ns < y->ns);
}

static double percent(uint64_t part, uint64_t whole) {
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void print_result(const Result *r) {
    fprintf(stderr,
            "%zu functions, %.2f MB of code in %.1f ms; side tables %.1f%% of "
            "it for control, %.1f%% for loops, %.1f%% for functions\n",
            r->funcs, (double)r->code_bytes / 1e6, (double)r->ns / 1e6,
            percent(r->ctl_bytes, r->code_bytes),
            percent(r->loop_bytes, r->code_bytes),
            percent(r->func_bytes, r->code_bytes));
    printf("%.1f\n", (double)r->code_bytes / 1e6 / ((double)r->ns / 1e9));
}

enum {
    RUNS_MAX = 1000
};

int main(int argc, char **argv) {
    Input in = {0};
    if (argc < 2 || !input_read(&in, argv[1])) {
        fprintf(stderr, "usage: bench_validate FILE [RUNS]\n");
        return 2;
    }
    int runs = argc > 2 ? atoi(argv[2]) : 5;
    if (runs < 1 || runs > RUNS_MAX) runs = 5;
    LimitSet limits = limits_default();
    Arena arena;
    arena_init(&arena, 0);
    Err err = {.func = ERR_NOWHERE};
    Result results[RUNS_MAX];
    bool ok = true;
    for (int i = 0; ok && i < runs; i++) {
        ok = run_once(&in, &limits, &arena, &results[i], &err);
        arena_release(&arena);
    }
    mem_free(in.bytes);
    if (!ok) {
        fprintf(stderr, "%s: %s\n", argv[1], err.text);
        return 1;
    }
    qsort(results, (size_t)runs, sizeof *results, by_time);
    print_result(&results[runs / 2]);
    return 0;
}
