// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Forks before and after there are engines, with other threads inside of
// guests; both sides go on.
#include "cases.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    THREADS = 2,
    FORKS = 20
};

// Runs in a child and waits for it; `g` may be NULL.
static bool in_child(int strategy, Guest *g) {
    pid_t child = fork();
    if (child == 0) {
        alarm(30);
        bool ok = guest_run(strategy) == 0 && (!g || guest_use(g));
        if (g) guest_close(g);
        _exit(ok && guest_run(strategy) == 0 ? 0 : 1);
    }
    int status = 1;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static bool before_any(int strategy) {
    return in_child(strategy, NULL) && guest_run(strategy) == 0;
}

static bool with_one(int strategy) {
    Guest *g = guest_open(strategy);
    bool ok = g && in_child(strategy, g) && guest_use(g) &&
              in_child(strategy, g) && guest_use(g);
    if (g) guest_close(g);
    return ok;
}

static bool child_of_child(int strategy) {
    Guest *g = guest_open(strategy);
    pid_t child = fork();
    if (child == 0) _exit(g && in_child(strategy, g) ? 0 : 1);
    int status = 1;
    bool ok = child > 0 && waitpid(child, &status, 0) == child && status == 0;
    ok = ok && g && guest_use(g);
    if (g) guest_close(g);
    return ok;
}

static _Atomic bool stop;
static _Atomic bool went_wrong;

// Opens and uses guests all the time, so that a fork meets each lock held.
static void *busy(void *strategy) {
    while (!stop)
        if (guest_run(*(int *)strategy) != 0) went_wrong = true;
    return NULL;
}

static bool with_threads(int strategy) {
    pthread_t threads[THREADS];
    Guest *g = guest_open(strategy);
    bool ok = g != NULL;
    for (int i = 0; i < THREADS; i++)
        ok &= pthread_create(&threads[i], NULL, busy, &strategy) == 0;
    for (int i = 0; ok && i < FORKS; i++)
        ok = in_child(strategy, g) && guest_use(g);
    stop = true;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    if (g) guest_close(g);
    return ok && !went_wrong;
}

// An argument leaves threads out: a sanitizer's allocator may not outlive a fork
// that met its locks held.
int main(int argc, char **argv) {
    (void)argv;
    const Case cases[] = {
        {"before there is an engine", before_any},
        {"with a guest that both go on with", with_one},
        {"a child of a child", child_of_child},
        {"while other threads run guests", with_threads},
    };
    size_t count = sizeof cases / sizeof *cases;
    return cases_run(cases, argc > 1 ? count - 1 : count);
}
