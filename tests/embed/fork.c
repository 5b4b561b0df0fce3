// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Forks before and after there are engines, with other threads inside of
// guests; both sides go on.
#include "cases.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wasmtime.h>

enum {
    THREADS = 2,
    FORKS = 20,
    FUNCS = 120, // of the module that all compile
    STEPS = 60,  // instructions of each
    CALLS = 3,   // of each
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

// --- one module, compiled on both sides of forks -----------------------------------------

typedef struct Shared {
    wasm_engine_t *engine;
    wasmtime_module_t *module;
    _Atomic bool bad;
} Shared;

// Function i adds i to its argument, one by one, so that it takes a while to
// compile and few fit in a page.
static char *make_text(void) {
    size_t size = (size_t)FUNCS * STEPS * 40 + 100, at = 0;
    char *text = malloc(size);
    if (!text) return NULL;
    at += (size_t)snprintf(text, size, "(module");
    for (int i = 0; i < FUNCS; i++) {
        at += (size_t)snprintf(
            text + at, size - at,
            "(func (export \"f%d\") (param i32) (result i32) (local.get 0)", i);
        for (int k = 0; k < STEPS; k++)
            at += (size_t)snprintf(text + at, size - at,
                                   "(i32.add (i32.const %d))",
                                   k == 0  ? i
                                   : k % 2 ? 1000
                                           : -1000);
        at += (size_t)snprintf(text + at, size - at,
                               "(i32.sub (i32.const 1000)))");
    }
    snprintf(text + at, size - at, ")");
    return text;
}

static bool shared_init(Shared *s, int strategy) {
    *s =
        (Shared){.engine = wasm_engine_new_with_config(guest_config(strategy))};
    char *text = make_text();
    wasm_byte_vec_t bytes = {0, NULL};
    wasmtime_error_t *error = wasmtime_wat2wasm(text, strlen(text), &bytes);
    free(text);
    if (!error)
        error = wasmtime_module_new(s->engine, (uint8_t *)bytes.data,
                                    bytes.size, &s->module);
    wasm_byte_vec_delete(&bytes);
    if (error) wasmtime_error_delete(error);
    return !error;
}

static void shared_release(Shared *s) {
    if (s->module) wasmtime_module_delete(s->module);
    wasm_engine_delete(s->engine);
}

static bool call_one(wasmtime_context_t *context, wasmtime_instance_t *instance,
                     size_t i) {
    char *name;
    size_t len;
    wasmtime_extern_t item;
    if (!wasmtime_instance_export_nth(context, instance, i, &name, &len, &item))
        return false;
    wasmtime_val_t arg = {.kind = WASMTIME_I32, .of.i32 = 5}, result;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = NULL;
    bool ok = true; // interpreted, then compiled, where calls are counted
    for (int n = 0; ok && n < CALLS; n++) {
        error = wasmtime_func_call(context, &item.of.func, &arg, 1, &result, 1,
                                   &trap);
        ok = !error && !trap && result.of.i32 == 5 + (int32_t)i;
    }
    wasmtime_extern_delete(&item);
    return ok;
}

// Calls each function from a store of its own, in steps that are prime to their
// number.
static bool call_all(const Shared *s, size_t step) {
    wasmtime_store_t *store = wasmtime_store_new(s->engine, NULL, NULL);
    wasmtime_context_t *context = wasmtime_store_context(store);
    wasmtime_instance_t instance;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error =
        wasmtime_instance_new(context, s->module, NULL, 0, &instance, &trap);
    bool ok = !error && !trap;
    for (size_t i = 0; ok && i < FUNCS; i++)
        ok = call_one(context, &instance, i * step % FUNCS);
    wasmtime_store_delete(store);
    return ok;
}

static void *call_shared(void *shared) {
    Shared *s = shared;
    if (!call_all(s, 7)) s->bad = true;
    return NULL;
}

// The file that this process writes for perf.
static bool drop_map(void) {
    char path[64];
    snprintf(path, sizeof path, "/tmp/perf-%d.map", (int)getpid());
    return unlink(path) == 0;
}

static bool fork_meanwhile(Shared *s, useconds_t wait) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, call_shared, s) != 0) abort();
    usleep(wait);
    pid_t child = fork();
    if (child == 0) {
        alarm(30);
        bool ok = call_all(s, 11);
        (void)drop_map();
        _exit(ok ? 0 : 1);
    }
    bool ok = child > 0 && call_all(s, 13);
    int status = 1;
    ok = waitpid(child, &status, 0) == child && status == 0 && ok;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    return ok && !s->bad;
}

static bool while_compiling(int strategy) {
    bool ok = true;
    for (int i = 0; ok && i < FORKS; i++) {
        Shared s;
        ok = shared_init(&s, strategy) &&
             fork_meanwhile(&s, (useconds_t)(i % 5) * 200);
        shared_release(&s);
    }
    return ok;
}

// The lists of debuggers and the files of perf have locks as well. Each process
// has a file of its own.
static bool while_told(int strategy) {
    bool ok = true;
    Shared s;
    for (int i = 0; ok && i < FORKS; i++) {
        ok = shared_init(&s, strategy | GUEST_TOLD) &&
             fork_meanwhile(&s, (useconds_t)(i % 5) * 300);
        shared_release(&s);
    }
    return (drop_map() || strategy == WASMTIME_STRATEGY_AUTO) && ok;
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
        {"while other threads compile the same module", while_compiling},
        {"while other threads tell debuggers of code", while_told},
    };
    size_t count = sizeof cases / sizeof *cases;
    return cases_run(cases, argc > 1 ? count - 3 : count);
}
