// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tests that each need a process of their own: handlers of signals and forks
// are not undone. Every case runs once a strategy.
#pragma once

#include "guest.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <wasmtime/config.h>

typedef struct Case {
    const char *name;
    bool (*run)(int strategy);
} Case;

static const struct {
    const char *name;
    int strategy;
} strategies[] = {
    {"auto", WASMTIME_STRATEGY_AUTO},
    {"auto, soon compiled", WASMTIME_STRATEGY_AUTO | GUEST_SOON},
    {"optimizing", WASMTIME_STRATEGY_CRANELIFT},
    {"baseline", WASMTIME_STRATEGY_WINCH},
    {"baseline, by other threads", WASMTIME_STRATEGY_WINCH | GUEST_PARALLEL},
};

// Runs one in a child, which a signal may kill, or which may never end.
static bool case_run(const Case *c, int strategy) {
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        alarm(60);
        exit(c->run(strategy) ? 0 : 1);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) return false;
    if (WIFSIGNALED(status))
        fprintf(stderr, "killed by signal %d\n", WTERMSIG(status));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// A tier that does not exist here is none that could fail.
static bool strategy_exists(int strategy) {
    Guest *g = guest_open(strategy);
    if (g) guest_close(g);
    return g != NULL;
}

static int cases_run(const Case *cases, size_t count) {
    int passed = 0;
    int failed = 0;
    int skipped = 0;
    for (size_t s = 0; s < sizeof strategies / sizeof *strategies; s++) {
        bool exists = case_run(&(Case){"there is such a tier", strategy_exists},
                               strategies[s].strategy);
        for (size_t i = 0; i < count; i++) {
            bool ok = exists && case_run(&cases[i], strategies[s].strategy);
            passed += ok;
            failed += exists && !ok;
            skipped += !exists;
            if (exists && !ok)
                fprintf(stderr, "FAILED %s (%s)\n", cases[i].name,
                        strategies[s].name);
        }
    }
    // The first one is there everywhere.
    printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
    return failed || !passed;
}

#define CASES_RUN(...)                     \
    cases_run((const Case[]){__VA_ARGS__}, \
              sizeof((const Case[]){__VA_ARGS__}) / sizeof(Case))
