// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Forks while other threads wait for each other: on a shared memory, which each
// process has for itself afterwards, and for futures. Both sides go on.
#include "cases.h"

#include <foliot.h>
#include <pthread.h>
#include <stdatomic.h>
#include <wasmtime.h>

enum {
    THREADS = 2,
    FORKS = 20,
    POLLS = 3, // of a future that is not over
};

static const char text[] =
    "(module (import \"\" \"m\" (memory 1 4 shared))"
    " (import \"h\" \"later\" (func $later (param i64) (result i32)))"
    " (func (export \"wait\") (param i64) (result i32)"
    "  (memory.atomic.wait32 (i32.const 0) (i32.const 0) (local.get 0)))"
    " (func (export \"notify\") (param i64) (result i32)"
    "  (memory.atomic.notify (i32.const 0) (i32.wrap_i64 (local.get 0))))"
    " (func (export \"later\") (param i64) (result i32)"
    "  (call $later (local.get 0))))";

typedef struct World {
    wasm_engine_t *engine;
    wasmtime_module_t *module;
    wasmtime_linker_t *linker;
    wasmtime_sharedmemory_t *memory;
} World;

// A thread's own.
typedef struct Mine {
    wasmtime_store_t *store;
    wasmtime_context_t *context;
    wasmtime_instance_t instance;
} Mine;

static bool fails(wasmtime_error_t *error) {
    if (!error) return false;
    wasm_name_t message;
    wasmtime_error_message(error, &message);
    fprintf(stderr, "%.*s\n", (int)message.size, message.data);
    wasm_byte_vec_delete(&message);
    wasmtime_error_delete(error);
    return true;
}

// --- a host function that is over when it is told to be ------------------------------

typedef struct Later {
    _Atomic bool is_over;
    int polls_left; // then it is over, too
    foliot_waker_t *waker;
    wasmtime_val_t *result;
} Later;

static bool later_is_over(void *env) {
    Later *l = env;
    if (!l->is_over && l->polls_left-- > 0) return false;
    *l->result = (wasmtime_val_t){.kind = WASMTIME_I32, .of.i32 = 42};
    return true;
}

static void later(void *env, wasmtime_caller_t *caller,
                  const wasmtime_val_t *args, size_t nargs,
                  wasmtime_val_t *results, size_t nresults, wasm_trap_t **trap,
                  wasmtime_async_continuation_t *continuation) {
    (void)env, (void)args, (void)nargs, (void)nresults, (void)trap;
    Later *l = wasmtime_context_get_data(wasmtime_caller_context(caller));
    l->waker = foliot_caller_waker(caller);
    l->result = results;
    *continuation = (wasmtime_async_continuation_t){later_is_over, l, NULL};
}

static void later_release(Later *l) {
    foliot_waker_delete(l->waker);
    l->waker = NULL;
}

// --- worlds --------------------------------------------------------------------------

static bool link_later(World *w) {
    wasm_functype_t *type =
        wasm_functype_new_1_1(wasm_valtype_new_i64(), wasm_valtype_new_i32());
    bool bad = fails(wasmtime_linker_define_async_func(
        w->linker, "h", 1, "later", 5, type, later, NULL, NULL));
    wasm_functype_delete(type);
    return !bad;
}

static bool world_init(World *w, int strategy) {
    *w = (World){0};
    wasm_config_t *config = guest_config(strategy);
    wasmtime_config_epoch_interruption_set(config, true);
    w->engine = wasm_engine_new_with_config(config);
    wasm_byte_vec_t bytes = {0, NULL};
    if (fails(wasmtime_wat2wasm(text, strlen(text), &bytes))) return false;
    bool bad = fails(wasmtime_module_new(w->engine, (uint8_t *)bytes.data,
                                         bytes.size, &w->module));
    wasm_byte_vec_delete(&bytes);
    wasm_memorytype_t *type = NULL;
    bad = bad ||
          fails(wasmtime_memorytype_new(1, true, 4, false, true, 16, &type));
    bad = bad || fails(wasmtime_sharedmemory_new(w->engine, type, &w->memory));
    wasm_memorytype_delete(type);
    w->linker = wasmtime_linker_new(w->engine);
    return !bad && link_later(w);
}

static void world_release(World *w) {
    wasmtime_linker_delete(w->linker);
    wasmtime_sharedmemory_delete(w->memory);
    wasmtime_module_delete(w->module);
    wasm_engine_delete(w->engine);
}

// Without a deadline.
static bool mine_init(Mine *m, const World *w, Later *l) {
    m->store = wasmtime_store_new(w->engine, l, NULL);
    m->context = wasmtime_store_context(m->store);
    wasmtime_context_set_epoch_deadline(m->context, UINT64_MAX / 2);
    wasmtime_linker_t *linker = wasmtime_linker_clone(w->linker);
    wasmtime_extern_t item = {.kind = WASMTIME_EXTERN_SHAREDMEMORY,
                              .of.sharedmemory = w->memory};
    wasm_trap_t *trap = NULL;
    bool bad = fails(wasmtime_linker_define(linker, m->context, "", 0, "m", 1,
                                            &item)) ||
               fails(wasmtime_linker_instantiate(linker, m->context, w->module,
                                                 &m->instance, &trap));
    wasmtime_linker_delete(linker);
    return !bad && !trap;
}

static void mine_release(Mine *m) {
    wasmtime_store_delete(m->store);
}

static bool find(Mine *m, const char *name, wasmtime_func_t *out) {
    wasmtime_extern_t item;
    if (!wasmtime_instance_export_get(m->context, &m->instance, name,
                                      strlen(name), &item))
        return false;
    *out = item.of.func;
    return true;
}

// -1: it went wrong.
static int32_t call(Mine *m, const char *name, int64_t x) {
    wasmtime_func_t f;
    wasmtime_val_t arg = {.kind = WASMTIME_I64, .of.i64 = x}, result;
    wasm_trap_t *trap = NULL;
    if (!find(m, name, &f) ||
        fails(wasmtime_func_call(m->context, &f, &arg, 1, &result, 1, &trap)) ||
        trap)
        return -1;
    return result.of.i32;
}

// Notifies until one was woken.
static void wake_one(Mine *m) {
    while (call(m, "notify", 1) == 0)
        usleep(100);
}

// --- waiting -------------------------------------------------------------------------

enum {
    WOKEN = 0,
    TIMED_OUT = 2
};

typedef struct Sleeper {
    const World *world;
    pthread_t thread;
    int32_t answer;
} Sleeper;

static void *sleeps(void *arg) {
    Sleeper *s = arg;
    Mine m;
    s->answer = mine_init(&m, s->world, NULL) ? call(&m, "wait", -1) : -1;
    mine_release(&m);
    return NULL;
}

static bool sleeper_start(Sleeper *s, const World *w) {
    *s = (Sleeper){.world = w, .answer = -1};
    return pthread_create(&s->thread, NULL, sleeps, s) == 0;
}

static bool sleeper_is_woken(Sleeper *s) {
    pthread_join(s->thread, NULL);
    return s->answer == WOKEN;
}

static bool is_done(pid_t child) {
    int status = 1;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

// Wakes one of its own threads.
static bool wakes_own(const World *w, Mine *m) {
    Sleeper own;
    if (!sleeper_start(&own, w)) return false;
    wake_one(m);
    return sleeper_is_woken(&own);
}

// Those who sleep in the parent are not there for the child to wake.
static bool while_waiting(int strategy) {
    World w;
    Mine m;
    Sleeper sleepers[THREADS];
    bool ok = world_init(&w, strategy) && mine_init(&m, &w, NULL);
    for (int i = 0; ok && i < THREADS; i++)
        ok = sleeper_start(&sleepers[i], &w);
    wake_one(&m); // they are about to wait, or do
    pid_t child = fork();
    if (child == 0) {
        alarm(30);
        ok = ok && call(&m, "notify", 9) == 0 && wakes_own(&w, &m) &&
             call(&m, "wait", 1000) == TIMED_OUT;
        _exit(ok ? 0 : 1);
    }
    ok = is_done(child) && ok;
    for (int i = 1; i < THREADS; i++)
        wake_one(&m);
    for (int i = 0; i < THREADS; i++)
        ok &= sleeper_is_woken(&sleepers[i]);
    mine_release(&m);
    world_release(&w);
    return ok;
}

// --- the lock of a shared memory -----------------------------------------------------

static _Atomic bool stop;
static _Atomic bool went_wrong;

static void *uses_lock(void *world) {
    World *w = world;
    Mine m;
    bool ok = mine_init(&m, w, NULL);
    while (ok && !stop) {
        uint64_t old;
        ok = call(&m, "notify", 1) >= 0 && call(&m, "wait", 1000) >= 0 &&
             !fails(wasmtime_sharedmemory_grow(w->memory, 0, &old));
    }
    mine_release(&m);
    if (!ok) went_wrong = true;
    return NULL;
}

static bool child_uses_lock(World *w, Mine *m) {
    uint64_t old;
    return call(m, "notify", 1) == 0 && call(m, "wait", 1000) == TIMED_OUT &&
           !fails(wasmtime_sharedmemory_grow(w->memory, 1, &old)) && old == 1 &&
           wakes_own(w, m);
}

static bool while_notifying(int strategy) {
    World w;
    Mine m;
    pthread_t threads[THREADS];
    bool ok = world_init(&w, strategy) && mine_init(&m, &w, NULL);
    for (int i = 0; i < THREADS; i++)
        ok &= pthread_create(&threads[i], NULL, uses_lock, &w) == 0;
    for (int i = 0; ok && i < FORKS; i++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(30);
            _exit(child_uses_lock(&w, &m) ? 0 : 1);
        }
        ok = is_done(child);
    }
    stop = true;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    mine_release(&m);
    world_release(&w);
    return ok && !went_wrong;
}

// --- futures -------------------------------------------------------------------------

typedef struct Call {
    wasmtime_call_future_t *future;
    wasmtime_func_t func;
    wasmtime_val_t arg, result;
    wasm_trap_t *trap;
    wasmtime_error_t *error;
} Call;

static bool call_begin(Call *c, Mine *m, const char *name) {
    *c = (Call){.arg = {.kind = WASMTIME_I64, .of.i64 = -1}};
    if (!find(m, name, &c->func)) return false;
    c->future = wasmtime_func_call_async(m->context, &c->func, &c->arg, 1,
                                         &c->result, 1, &c->trap, &c->error);
    return c->future != NULL;
}

static bool call_ended(Call *c, int32_t result) {
    wasmtime_call_future_delete(c->future);
    return !fails(c->error) && !c->trap && c->result.of.i32 == result;
}

// On a thread that is not there afterwards.
static void *polls_in_vain(void *future) {
    return wasmtime_call_future_poll(future) ? future : NULL;
}

static bool polls_elsewhere(Call *c) {
    pthread_t thread;
    void *over = NULL;
    return pthread_create(&thread, NULL, polls_in_vain, c->future) == 0 &&
           pthread_join(thread, &over) == 0 && !over;
}

// A wait that its future suspended is there on both sides, to be notified.
static bool suspended_wait(int strategy) {
    World w;
    Mine m, other;
    Call c;
    bool ok = world_init(&w, strategy) && mine_init(&m, &w, NULL) &&
              mine_init(&other, &w, NULL);
    wasmtime_context_set_epoch_deadline(m.context, 1);
    ok = ok &&
         !fails(wasmtime_context_epoch_deadline_async_yield_and_update(
             m.context, 1)) &&
         call_begin(&c, &m, "wait");
    // The first suspension may be that of the function.
    wasmtime_engine_increment_epoch(w.engine);
    ok = ok && polls_elsewhere(&c);
    wasmtime_engine_increment_epoch(w.engine);
    ok = ok && polls_elsewhere(&c);
    pid_t child = fork();
    if (child == 0) alarm(30);
    ok = ok && call(&other, "notify", 9) == 1 &&
         wasmtime_call_future_poll(c.future) && call_ended(&c, WOKEN) &&
         call(&other, "notify", 9) == 0;
    if (child == 0) _exit(ok ? 0 : 1);
    ok = is_done(child) && ok;
    mine_release(&m);
    mine_release(&other);
    world_release(&w);
    return ok;
}

static bool poll_to_end(const World *w) {
    Mine m;
    Call c;
    Later l = {.polls_left = POLLS};
    bool ok = mine_init(&m, w, &l) && call_begin(&c, &m, "later");
    int polls = 0;
    while (ok && !wasmtime_call_future_poll(c.future)) {
        polls++;
        foliot_waker_wake(l.waker);
        ok = foliot_call_future_wait(c.future, UINT64_MAX);
    }
    ok = ok && call_ended(&c, 42) && polls == POLLS;
    later_release(&l);
    mine_release(&m);
    return ok;
}

static void *polls_on(void *world) {
    while (!stop)
        if (!poll_to_end(world)) went_wrong = true;
    return NULL;
}

static bool while_polling(int strategy) {
    World w;
    pthread_t threads[THREADS];
    bool ok = world_init(&w, strategy);
    for (int i = 0; i < THREADS; i++)
        ok &= pthread_create(&threads[i], NULL, polls_on, &w) == 0;
    for (int i = 0; ok && i < FORKS; i++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(30);
            _exit(poll_to_end(&w) ? 0 : 1);
        }
        ok = is_done(child) && poll_to_end(&w);
    }
    stop = true;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    world_release(&w);
    return ok && !went_wrong;
}

// --- wakers --------------------------------------------------------------------------

// A byte from the other process.
static bool hear(int from) {
    char byte;
    return read(from, &byte, 1) == 1;
}

static bool tell(int to) {
    return write(to, "!", 1) == 1;
}

static bool wake_and_end(Call *c, Later *l) {
    l->is_over = true;
    foliot_waker_wake(l->waker);
    return foliot_call_future_wait(c->future, UINT64_MAX) &&
           wasmtime_call_future_poll(c->future) && call_ended(c, 42);
}

// The child wakes first, which the parent does not notice; the parent wakes and
// ends, which takes nothing from the child.
static bool separate_wakers(int strategy) {
    World w;
    Mine m;
    Call c;
    Later l = {.polls_left = 1000};
    int up[2], down[2];
    bool ok = world_init(&w, strategy) && mine_init(&m, &w, &l) &&
              call_begin(&c, &m, "later") && pipe(up) == 0 && pipe(down) == 0;
    ok = ok && !wasmtime_call_future_poll(c.future) &&
         !foliot_call_future_wait(c.future, 0);
    pid_t child = ok ? fork() : -1;
    if (child == 0) {
        alarm(30);
        l.is_over = true;
        foliot_waker_wake(l.waker);
        ok = tell(up[1]) && hear(down[0]) && wake_and_end(&c, &l);
        _exit(ok ? 0 : 1);
    }
    ok = ok && hear(up[0]) && !foliot_call_future_wait(c.future, 0);
    ok = ok && wake_and_end(&c, &l);
    ok = ok && tell(down[1]) && is_done(child);
    later_release(&l);
    mine_release(&m);
    world_release(&w);
    return ok;
}

typedef struct Callback {
    int begun[2], may_end[2];
    pid_t child; // of a fork within it
    bool forks;
} Callback;

static void called_back(void *env) {
    Callback *b = env;
    (void)!tell(b->begun[1]);
    if (b->forks) b->child = fork();
    (void)!hear(b->may_end[0]);
}

static void *wakes(void *waker) {
    foliot_waker_wake(waker);
    return NULL;
}

// A fork while another thread is in a future's callback, or from within it.
static bool in_callback(int strategy) {
    bool ok = true;
    for (int from_within = 0; ok && from_within < 2; from_within++) {
        World w;
        Mine m;
        Call c;
        Later l = {.polls_left = 1000};
        Callback b = {.forks = from_within};
        pthread_t thread;
        ok = world_init(&w, strategy) && mine_init(&m, &w, &l) &&
             call_begin(&c, &m, "later") && pipe(b.begun) == 0 &&
             pipe(b.may_end) == 0 && !wasmtime_call_future_poll(c.future) &&
             foliot_call_future_notify(c.future, called_back, &b);
        if (from_within) {
            ok = ok && tell(b.may_end[1]) && tell(b.may_end[1]);
            foliot_waker_wake(l.waker);
        } else {
            ok = ok && pthread_create(&thread, NULL, wakes, l.waker) == 0 &&
                 hear(b.begun[0]);
            b.child = fork();
        }
        if (b.child == 0) alarm(30);
        if (b.child != 0 && !from_within) {
            ok = ok && tell(b.may_end[1]);
            pthread_join(thread, NULL);
        }
        ok = ok && foliot_call_future_notify(c.future, NULL, NULL) &&
             wake_and_end(&c, &l);
        if (b.child == 0) _exit(ok ? 0 : 1);
        ok = is_done(b.child) && ok;
        later_release(&l);
        mine_release(&m);
        world_release(&w);
    }
    return ok;
}

// As fork.c: an argument leaves threads out that a fork meets.
int main(int argc, char **argv) {
    (void)argv;
    const Case cases[] = {
        {"a wait that its future suspended", suspended_wait},
        {"a future's waker on both sides", separate_wakers},
        {"while other threads wait on a shared memory", while_waiting},
        {"while other threads notify and grow it", while_notifying},
        {"while other threads poll futures", while_polling},
        {"in the callback of a waker", in_callback},
    };
    return cases_run(cases, argc > 1 ? 2 : sizeof cases / sizeof *cases);
}
