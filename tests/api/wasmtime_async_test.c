// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Futures: suspending by host functions, fuel and deadlines, on any thread;
// dropping them anywhere; wakers; stacks of the embedder.
#include "api/failing.h"
#include "api/rig.h"
#include "base/defs.h"
#include "os/thread.h"

#include <foliot.h>
#include <wasmtime/async.h>
#include <wasmtime/global.h>

// --- a host function that waits ----------------------------------------------------

typedef struct Host {
    int waits; // how often its continuation is not over
    int asked; // ... has been asked
    int begun, ended, finalized;
    bool traps_first, traps_last, wants_waker;
    foliot_waker_t *waker;
    wasm_trap_t **trap;
    wasmtime_val_t *results;
    const wasmtime_val_t *args;
} Host;

static bool host_is_over(void *env) {
    Host *h = env;
    if (h->asked++ < h->waits) return false;
    if (h->traps_last) *h->trap = wasmtime_trap_new("late", 4);
    h->results[0] = val_i32(h->args[0].of.i32 + 1); // all pointers are good
    return true;
}

static void host_end(void *env) {
    ((Host *)env)->ended++;
}

static void host_begin(void *env, wasmtime_caller_t *caller,
                       const wasmtime_val_t *args, size_t nargs,
                       wasmtime_val_t *results, size_t nresults,
                       wasm_trap_t **trap,
                       wasmtime_async_continuation_t *continuation) {
    Host *h = env;
    EXPECT(nargs >= 1 && nresults == 1);
    EXPECT(wasmtime_caller_context(caller) != NULL);
    h->begun++;
    h->asked = 0;
    h->args = args;
    h->results = results;
    h->trap = trap;
    if (h->wants_waker) h->waker = foliot_caller_waker(caller);
    if (h->traps_first) *trap = wasmtime_trap_new("early", 5);
    *continuation =
        (wasmtime_async_continuation_t){host_is_over, env, host_end};
}

static void host_finalize(void *env) {
    ((Host *)env)->finalized++;
}

enum {
    MANY = 20 // parameters: more than fit a frame
};

static wasm_functype_t *type_of_params(size_t n) {
    wasm_valtype_t *types[MANY];
    for (size_t i = 0; i < n; i++)
        types[i] = wasm_valtype_new_i32();
    wasm_valtype_vec_t params, results;
    wasm_valtype_vec_new(&params, n, types);
    wasm_valtype_t *result[] = {wasm_valtype_new_i32()};
    wasm_valtype_vec_new(&results, 1, result);
    return wasm_functype_new(&params, &results);
}

static void define(Rig *r, Host *h, const char *name, size_t params) {
    wasm_functype_t *type = type_of_params(params);
    EXPECT(is_ok(
        wasmtime_linker_define_async_func(r->linker, "h", 1, name, strlen(name),
                                          type, host_begin, h, host_finalize)));
    wasm_functype_delete(type);
}

static const char text[] =
    "(module (import \"h\" \"wait\" (func $wait (param i32) (result i32)))"
    " (import \"h\" \"many\" (func $many (param i32 i32 i32 i32 i32 i32 i32"
    " i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))"
    " (global $g (mut i32) (i32.const 0))"
    " (func (export \"twice\") (param i32) (result i32)"
    "  (call $wait (call $wait (local.get 0))))"
    " (func (export \"many\") (param i32) (result i32)"
    "  (local.get 0) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4)"
    "  (i32.const 5) (i32.const 6) (i32.const 7) (i32.const 8) (i32.const 9)"
    "  (i32.const 1) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4)"
    "  (i32.const 5) (i32.const 6) (i32.const 7) (i32.const 8) (i32.const 9)"
    "  (call $many))"
    " (func (export \"spin\") (param $n i32) (result i32) (local $i i32)"
    "  (loop $l (local.set $i (i32.add (local.get $i) (i32.const 1)))"
    "   (br_if $l (i32.lt_u (local.get $i) (local.get $n))))"
    "  (local.get $i))"
    " (func (export \"trap\") (param i32) (result i32)"
    "  (drop (call $wait (local.get 0))) unreachable)"
    " (func (export \"deep\") (param i32) (result i32)"
    "  (call 6 (local.get 0))))";

typedef struct Async {
    Rig rig;
    Host host;
    wasmtime_instance_t inst;
} Async;

static foliot_tier_t tier = FOLIOT_TIER_INTERPRETER;

static void async_of(Async *a, wasm_config_t *config) {
    memset(a, 0, sizeof *a);
    a->host.waits = 2;
    EXPECT(foliot_config_tier_set(config, tier));
    a->rig = rig_of(config);
    define(&a->rig, &a->host, "wait", 1);
    define(&a->rig, &a->host, "many", MANY);
    a->inst = rig_instance(&a->rig, text);
}

static void async_new(Async *a) {
    async_of(a, wasm_config_new());
}

static void async_delete(Async *a) {
    rig_delete(&a->rig);
    EXPECT_EQ(a->host.finalized, 2);
}

// A call of an export with one i32.
typedef struct Call {
    wasmtime_call_future_t *future;
    wasmtime_func_t func;
    wasmtime_val_t arg, result;
    wasm_trap_t *trap;
    wasmtime_error_t *error;
} Call;

static void call_begin(Async *a, Call *c, const char *name, int32_t arg) {
    memset(c, 0, sizeof *c);
    c->func = rig_func(&a->rig, &a->inst, name);
    c->arg = val_i32(arg);
    c->future = wasmtime_func_call_async(a->rig.context, &c->func, &c->arg, 1,
                                         &c->result, 1, &c->trap, &c->error);
    EXPECT(c->future && !c->error);
}

// Polls until it is over; how often it was not.
static int call_finish(Call *c) {
    int times = 0;
    while (!wasmtime_call_future_poll(c->future))
        times++;
    EXPECT(wasmtime_call_future_poll(c->future)); // stays so
    wasmtime_call_future_delete(c->future);
    return times;
}

// --- tests -------------------------------------------------------------------------

static void waits(void) {
    Async a;
    Call c;
    async_new(&a);
    call_begin(&a, &c, "twice", 40);
    EXPECT_EQ(call_finish(&c), 4);
    EXPECT(is_ok(c.error) && !c.trap);
    EXPECT_EQ(c.result.of.i32, 42);
    EXPECT_EQ(a.host.begun, 2);
    EXPECT_EQ(a.host.ended, 2);
    a.host.waits = 0;
    call_begin(&a, &c, "many", 7);
    EXPECT_EQ(call_finish(&c), 0);
    EXPECT_EQ(c.result.of.i32, 8);
    async_delete(&a);
}

static void traps(void) {
    Async a;
    Call c;
    async_new(&a);
    call_begin(&a, &c, "trap", 1);
    EXPECT_EQ(call_finish(&c), 2);
    EXPECT(is_ok(c.error));
    EXPECT(trap_is(c.trap, WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED));
    a.host.traps_first = true;
    call_begin(&a, &c, "twice", 1);
    EXPECT_EQ(call_finish(&c), 0);
    EXPECT(error_says(c.error, "early") && !c.trap);
    a.host.traps_first = false;
    a.host.traps_last = true;
    call_begin(&a, &c, "twice", 1);
    EXPECT_EQ(call_finish(&c), 2);
    EXPECT(error_says(c.error, "late") && !c.trap);
    a.host.traps_last = false;
    call_begin(&a, &c, "deep", 1);
    EXPECT_EQ(call_finish(&c), 0);
    EXPECT(trap_is(c.trap, WASMTIME_TRAP_CODE_STACK_OVERFLOW));
    EXPECT_EQ(a.host.begun, a.host.ended);
    async_delete(&a);
}

static void refusals(void) {
    Async a, b;
    Call c;
    async_new(&a);
    async_new(&b);
    call_begin(&a, &c, "twice", 1);
    wasmtime_call_future_delete(c.future);
    // A function of another store, wrong numbers, wrong types.
    c.future = wasmtime_func_call_async(b.rig.context, &c.func, &c.arg, 1,
                                        &c.result, 1, &c.trap, &c.error);
    call_finish(&c);
    EXPECT(error_says(c.error, "") && !c.trap);
    c.future = wasmtime_func_call_async(a.rig.context, &c.func, &c.arg, 1,
                                        &c.result, 0, &c.trap, &c.error);
    call_finish(&c);
    EXPECT(error_says(c.error, "the function has 1 parameters"));
    c.arg = val_i64(1);
    c.future = wasmtime_func_call_async(a.rig.context, &c.func, &c.arg, 1,
                                        &c.result, 1, &c.trap, &c.error);
    call_finish(&c);
    EXPECT(error_says(c.error, "argument 0 does not fit (func (param i32)"));
    // On the caller's stack, a wait cannot be.
    c.arg = val_i32(1);
    c.error = wasmtime_func_call(a.rig.context, &c.func, &c.arg, 1, &c.result,
                                 1, &c.trap);
    EXPECT(error_says(c.error, "this call cannot suspend") && !c.trap);
    EXPECT_EQ(a.host.ended, 1);
    a.host.waits = 0;
    EXPECT(rig_call(&a.rig, &c.func, &c.arg, 1, &c.result, 1));
    EXPECT_EQ(c.result.of.i32, 3);
    EXPECT(wasmtime_call_future_poll(NULL));
    wasmtime_call_future_delete(NULL);
    async_delete(&a);
    async_delete(&b);
}

// At every suspension, in both orders, and without a poll.
static void drops(void) {
    static const char *const names[] = {"twice", "many", "trap"};
    for (int at = 0; at < 7; at++)
        for (int i = 0; i < 6; i++) {
            Async a;
            Call c;
            async_new(&a);
            call_begin(&a, &c, names[i / 2], 1);
            bool over = false;
            for (int n = 0; n < at && !over; n++)
                over = wasmtime_call_future_poll(c.future);
            if (i % 2) {
                rig_delete(&a.rig);
                EXPECT(wasmtime_call_future_poll(c.future));
                EXPECT_EQ(c.error != NULL, !over);
            }
            wasmtime_call_future_delete(c.future);
            EXPECT_EQ(a.host.begun, a.host.ended);
            if (!(i % 2)) rig_delete(&a.rig);
            EXPECT_EQ(a.host.finalized, 2);
            if (c.error) wasmtime_error_delete(c.error);
            wasm_trap_delete(c.trap);
        }
}

static void fuel(void) {
    wasm_config_t *config = wasm_config_new();
    wasmtime_config_consume_fuel_set(config, true);
    Async a;
    Call c;
    async_of(&a, config);
    EXPECT(is_ok(wasmtime_context_set_fuel(a.rig.context, 100000)));
    EXPECT(
        is_ok(wasmtime_context_fuel_async_yield_interval(a.rig.context, 1000)));
    call_begin(&a, &c, "spin", 1000);
    int times = call_finish(&c);
    EXPECT(times > 3 && times < 12);
    uint64_t left;
    EXPECT(is_ok(wasmtime_context_get_fuel(a.rig.context, &left)));
    EXPECT(left > 80000 && left < 100000);
    call_begin(&a, &c, "spin", 1000000);
    EXPECT(call_finish(&c) > 50);
    EXPECT(trap_is(c.trap, WASMTIME_TRAP_CODE_OUT_OF_FUEL));
    async_delete(&a);
    async_new(&a);
    EXPECT(error_says(
        wasmtime_context_fuel_async_yield_interval(a.rig.context, 1), "fuel"));
    async_delete(&a);
}

static void epochs(void) {
    wasm_config_t *config = wasm_config_new();
    wasmtime_config_epoch_interruption_set(config, true);
    Async a;
    Call c;
    async_of(&a, config);
    EXPECT(is_ok(wasmtime_context_epoch_deadline_async_yield_and_update(
        a.rig.context, 1)));
    call_begin(&a, &c, "spin", 100);
    for (int i = 0; i < 3; i++) {
        EXPECT(!wasmtime_call_future_poll(c.future));
        wasmtime_engine_increment_epoch(a.rig.engine);
    }
    EXPECT_EQ(call_finish(&c), 1);
    EXPECT_EQ(c.result.of.i32, 100);
    async_delete(&a);
    async_new(&a);
    EXPECT(error_says(wasmtime_context_epoch_deadline_async_yield_and_update(
                          a.rig.context, 1),
                      "epochs"));
    async_delete(&a);
}

static const char start_text[] =
    "(module (import \"h\" \"wait\" (func $wait (param i32) (result i32)))"
    " (global $g (export \"g\") (mut i32) (i32.const 0))"
    " (func $s (global.set $g (call $wait (i32.const 5)))) (start $s))";

static void instances(void) {
    Async a;
    async_new(&a);
    wasmtime_module_t *m = rig_module(&a.rig, start_text);
    wasmtime_instance_pre_t *pre = NULL;
    EXPECT(is_ok(wasmtime_linker_instantiate_pre(a.rig.linker, m, &pre)));
    for (int i = 0; i < 4; i++) {
        wasmtime_instance_t inst = {0};
        Call c = {0};
        c.future = i % 2 ? wasmtime_instance_pre_instantiate_async(
                               pre, a.rig.context, &inst, &c.trap, &c.error)
                         : wasmtime_linker_instantiate_async(
                               a.rig.linker, a.rig.context, m, &inst, &c.trap,
                               &c.error);
        if (i >= 2) { // dropped in the start function
            EXPECT(!wasmtime_call_future_poll(c.future));
            wasmtime_call_future_delete(c.future);
            continue;
        }
        EXPECT_EQ(call_finish(&c), 2);
        EXPECT(is_ok(c.error) && !c.trap);
        wasmtime_extern_t g = rig_export(&a.rig, &inst, "g");
        wasmtime_val_t value;
        wasmtime_global_get(a.rig.context, &g.of.global, &value);
        EXPECT_EQ(value.of.i32, 6);
    }
    wasmtime_instance_pre_delete(pre);
    // What fails before anything runs, and a module of another engine.
    wasmtime_linker_t *empty = wasmtime_linker_new(a.rig.engine);
    wasmtime_instance_t inst = {0};
    Call c = {0};
    c.future = wasmtime_linker_instantiate_async(empty, a.rig.context, m, &inst,
                                                 &c.trap, &c.error);
    EXPECT_EQ(call_finish(&c), 0);
    EXPECT(error_says(c.error, "unknown import"));
    wasmtime_linker_delete(empty);
    Rig other = rig_new();
    c.future = wasmtime_linker_instantiate_async(other.linker, a.rig.context, m,
                                                 &inst, &c.trap, &c.error);
    EXPECT_EQ(call_finish(&c), 0);
    EXPECT(error_says(c.error, "the module or linker is of another engine"));
    rig_delete(&other);
    wasmtime_module_delete(m);
    async_delete(&a);
}

// --- commands ----------------------------------------------------------------------

// Each call of a command makes an instance, whose start function waits, too.
static const char command_text[] =
    "(module (import \"h\" \"wait\" (func $wait (param i32) (result i32)))"
    " (global $g (mut i32) (i32.const 0))"
    " (func $s (global.set $g (call $wait (i32.const 10)))) (start $s)"
    " (func (export \"_start\"))"
    " (func (export \"go\") (param i32) (result i32)"
    "  (i32.add (call $wait (local.get 0)) (global.get $g))))";

static const char uses_command[] =
    "(module (import \"c\" \"go\" (func $go (param i32) (result i32)))"
    " (func (export \"use\") (param i32) (result i32)"
    "  (i32.add (call $go (local.get 0)) (i32.const 100))))";

// At each suspension in turn it is dropped; at last it ends.
static void commands(void) {
    Async a;
    Call c;
    async_new(&a);
    wasmtime_module_t *m = rig_module(&a.rig, command_text);
    EXPECT(
        is_ok(wasmtime_linker_module(a.rig.linker, a.rig.context, "c", 1, m)));
    wasmtime_module_delete(m);
    a.inst = rig_instance(&a.rig, uses_command);
    for (int polls = 0; polls <= 4; polls++) {
        call_begin(&a, &c, "use", 5);
        bool over = false;
        for (int i = 0; i < polls; i++)
            over = wasmtime_call_future_poll(c.future);
        EXPECT(!over);
        if (polls == 4) over = wasmtime_call_future_poll(c.future);
        wasmtime_call_future_delete(c.future);
        EXPECT_EQ(a.host.begun, a.host.ended);
        EXPECT_EQ(over, polls == 4);
    }
    EXPECT(is_ok(c.error) && !c.trap);
    EXPECT_EQ(c.result.of.i32, 6 + 11 + 100);
    // Where the caller cannot suspend, neither can the command.
    c.error = wasmtime_func_call(a.rig.context, &c.func, &c.arg, 1, &c.result,
                                 1, &c.trap);
    EXPECT(error_says(c.error, "this call cannot suspend") && !c.trap);
    // The host calls the command itself.
    wasmtime_extern_t go;
    EXPECT(
        wasmtime_linker_get(a.rig.linker, a.rig.context, "c", 1, "go", 2, &go));
    c.future = wasmtime_func_call_async(a.rig.context, &go.of.func, &c.arg, 1,
                                        &c.result, 1, &c.trap, &c.error);
    EXPECT_EQ(call_finish(&c), 4);
    EXPECT(is_ok(c.error) && !c.trap);
    EXPECT_EQ(c.result.of.i32, 6 + 11);
    async_delete(&a);
}

// --- threads -----------------------------------------------------------------------

static void poll_once(void *env) {
    Call *c = env;
    if (wasmtime_call_future_poll(c->future)) c->arg = val_i32(-1);
}

static void threads(void) {
    Async a;
    Call c;
    async_new(&a);
    a.host.waits = 10;
    call_begin(&a, &c, "twice", 40);
    int polls = 0;
    for (; c.arg.of.i32 != -1; polls++) {
        Thread t = {.run = poll_once, .arg = &c};
        EXPECT(thread_start(&t, 64 * 1024)); // a small stack is enough
        thread_join(&t);
    }
    EXPECT_EQ(polls, 21);
    EXPECT_EQ(c.result.of.i32, 42);
    wasmtime_call_future_delete(c.future);
    async_delete(&a);
}

static void wake(void *env) {
    foliot_waker_wake(env);
}

static void count(void *env) {
    ++*(int *)env;
}

// Nobody polls before somebody wakes.
static void wakers(void) {
    Async a;
    Call c;
    async_new(&a);
    a.host.waits = 1;
    a.host.wants_waker = true;
    call_begin(&a, &c, "twice", 40);
    int calls = 0;
    EXPECT(foliot_call_future_descriptor(c.future) >= 0);
    EXPECT(foliot_call_future_notify(c.future, count, &calls));
    EXPECT_EQ(calls, 1); // it has not run
    EXPECT(foliot_call_future_wait(c.future, 0));
    for (int i = 0; i < 2; i++) {
        EXPECT(!wasmtime_call_future_poll(c.future));
        EXPECT(!foliot_call_future_wait(c.future, 1000));
        EXPECT_EQ(calls, i + 1);
        Thread t = {.run = wake, .arg = a.host.waker};
        EXPECT(thread_start(&t, 0));
        EXPECT(foliot_call_future_wait(c.future, UINT64_MAX));
        thread_join(&t);
        EXPECT_EQ(calls, i + 2);
        if (i == 0) foliot_waker_delete(a.host.waker);
    }
    EXPECT(foliot_call_future_notify(c.future, NULL, NULL));
    EXPECT(wasmtime_call_future_poll(c.future));
    EXPECT_EQ(c.result.of.i32, 42);
    EXPECT(foliot_call_future_wait(c.future, 0));
    wasmtime_call_future_delete(c.future);
    foliot_waker_wake(a.host.waker); // outlives it
    foliot_waker_delete(a.host.waker);
    // No waker where nothing can suspend, and ready where nobody took one.
    a.host.waits = 0;
    wasmtime_func_t twice = rig_func(&a.rig, &a.inst, "twice");
    wasmtime_val_t arg = val_i32(1), result;
    EXPECT(rig_call(&a.rig, &twice, &arg, 1, &result, 1));
    EXPECT(a.host.waker == NULL);
    a.host.wants_waker = false;
    a.host.waits = 1;
    call_begin(&a, &c, "twice", 1);
    EXPECT(!wasmtime_call_future_poll(c.future));
    EXPECT(foliot_call_future_wait(c.future, 0));
    EXPECT(!wasmtime_call_future_poll(c.future));
    EXPECT(foliot_call_future_wait(c.future, 0));
    EXPECT_EQ(call_finish(&c), 0);
    EXPECT_EQ(foliot_call_future_descriptor(NULL), -1);
    EXPECT(!foliot_call_future_notify(NULL, count, &calls));
    EXPECT(foliot_call_future_wait(NULL, 0));
    foliot_waker_wake(NULL);
    foliot_waker_delete(NULL);
    async_delete(&a);
}

// --- stacks of the embedder ----------------------------------------------------------

typedef struct Stacks {
    int made, freed, ended;
    bool refuse, tiny;
} Stacks;

typedef struct Stack {
    Stacks *of;
    uint8_t *bytes;
    size_t size;
} Stack;

static uint8_t *stack_get(void *env, size_t *len) {
    Stack *s = env;
    *len = s->of->tiny ? 100 : s->size;
    return s->bytes + s->size;
}

static void stack_free(void *env) {
    Stack *s = env;
    s->of->freed++;
    free(s->bytes);
    free(s);
}

static wasmtime_error_t *stack_new(void *env, size_t size, bool zeroed,
                                   wasmtime_stack_memory_t *out) {
    Stacks *of = env;
    (void)zeroed;
    if (of->refuse) return wasmtime_error_new("none");
    Stack *s = malloc(sizeof *s);
    *s = (Stack){of, malloc(size + 8), size + 8}; // not aligned
    of->made++;
    *out = (wasmtime_stack_memory_t){s, stack_get, stack_free};
    return NULL;
}

static void stacks_end(void *env) {
    ((Stacks *)env)->ended++;
}

static void stacks(void) {
    Stacks of = {0};
    wasm_config_t *config = wasm_config_new();
    wasmtime_stack_creator_t creator = {&of, stack_new, stacks_end};
    wasmtime_config_host_stack_creator_set(config, &creator);
    wasmtime_config_async_stack_size_set(config, 256 * 1024);
    Async a;
    Call c;
    async_of(&a, config);
    call_begin(&a, &c, "twice", 1);
    EXPECT_EQ(call_finish(&c), 4);
    EXPECT_EQ(of.made, 1);
    EXPECT_EQ(of.freed, 1);
    call_begin(&a, &c, "deep", 1);
    EXPECT_EQ(call_finish(&c), 0);
    EXPECT(trap_is(c.trap, WASMTIME_TRAP_CODE_STACK_OVERFLOW));
    call_begin(&a, &c, "twice", 1);
    wasmtime_call_future_poll(c.future);
    wasmtime_call_future_delete(c.future);
    EXPECT_EQ(of.freed, of.made);
    for (int i = 0; i < 2; i++) {
        of.refuse = i;
        of.tiny = true;
        c.future = wasmtime_func_call_async(a.rig.context, &c.func, &c.arg, 1,
                                            &c.result, 1, &c.trap, &c.error);
        call_finish(&c);
        EXPECT(error_says(c.error, "the embedder's stack creator"));
    }
    EXPECT_EQ(of.freed, of.made);
    async_delete(&a);
    EXPECT_EQ(of.ended, 1);
    wasmtime_config_host_stack_creator_set(NULL, &creator);
    wasmtime_config_host_stack_creator_set(config = wasm_config_new(),
                                           &creator);
    wasm_config_delete(config);
    EXPECT_EQ(of.ended, 2);
}

// --- no memory -----------------------------------------------------------------------

static void torture(void) {
    Async a;
    Call c;
    allocations_left = UINT64_MAX;
    allocator_set(&failing_allocator);
    async_new(&a);
    a.host.waits = 1;
    a.host.wants_waker = true;
    bool done = false;
    for (uint64_t nth = 0; !done && nth < 1000; nth++) {
        memset(&c, 0, sizeof c);
        c.func = rig_func(&a.rig, &a.inst, nth % 2 ? "twice" : "many");
        c.arg = val_i32(1);
        a.host.waker = NULL;
        uint64_t live = allocations_live;
        allocations_left = nth / 2;
        c.future = wasmtime_func_call_async(a.rig.context, &c.func, &c.arg, 1,
                                            &c.result, 1, &c.trap, &c.error);
        while (!wasmtime_call_future_poll(c.future)) {
            foliot_waker_delete(a.host.waker);
            a.host.waker = NULL;
        }
        foliot_waker_delete(a.host.waker);
        a.host.waker = NULL;
        wasmtime_call_future_delete(c.future);
        bool ran_out = allocations_left > UINT64_MAX / 2;
        allocations_left = UINT64_MAX;
        done = !ran_out && nth % 2;
        EXPECT(c.trap || c.error || c.result.kind == WASMTIME_I32);
        EXPECT(ran_out || !(c.trap || c.error));
        if (c.error) wasmtime_error_delete(c.error);
        wasm_trap_delete(c.trap);
        EXPECT(allocations_live <= live + 4); // what the store keeps
        EXPECT_EQ(a.host.begun, a.host.ended);
    }
    EXPECT(done);
    async_delete(&a);
    EXPECT_EQ(allocations_live, 0);
    allocator_set(NULL);
}

// All of it again, where machine code is made.
static void compiled(void) {
    static void (*const all[])(void) = {waits,  traps,  refusals,  drops,
                                        fuel,   epochs, instances, threads,
                                        wakers, stacks, commands};
    tier = FOLIOT_TIER_BASELINE;
    for (size_t i = 0; i < COUNTOF(all); i++)
        all[i]();
    tier = FOLIOT_TIER_INTERPRETER;
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(waits), UNIT_TEST(traps), UNIT_TEST(refusals),
                    UNIT_TEST(drops), UNIT_TEST(fuel), UNIT_TEST(epochs),
                    UNIT_TEST(instances), UNIT_TEST(threads), UNIT_TEST(wakers),
                    UNIT_TEST(stacks), UNIT_TEST(commands), UNIT_TEST(torture),
                    UNIT_TEST(compiled));
}
