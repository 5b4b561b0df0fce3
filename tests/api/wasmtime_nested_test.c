// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Calls that host functions make within a future: frames of C are below them,
// so they never suspend, whatever was called and however deep. The call around
// them still may, before and after.
#include "api/rig.h"
#include "base/defs.h"

#include <wasmtime/async.h>

// One host function calls another, so that C also calls C.
enum {
    HOSTS = 2
};

typedef struct Host Host;

// A host function that hands its argument on to `target`.
typedef struct Hop {
    Host *host;
    wasmtime_func_t target;
    int calls;
} Hop;

struct Host {
    Hop hops[HOSTS];
    int waits, asked; // how often the continuation is not over; has been asked
    int begun, ended;
    wasmtime_val_t *results;
    int32_t result;
};

// --- host functions ------------------------------------------------------------------

static bool is_over(void *env) {
    Host *h = env;
    if (h->asked++ < h->waits) return false;
    h->results[0] = val_i32(h->result);
    return true;
}

static void ends(void *env) {
    ((Host *)env)->ended++;
}

// Gives its argument back, after a while.
static void wait(void *env, wasmtime_caller_t *caller,
                 const wasmtime_val_t *args, size_t nargs,
                 wasmtime_val_t *results, size_t nresults, wasm_trap_t **trap,
                 wasmtime_async_continuation_t *continuation) {
    (void)caller, (void)nargs, (void)nresults, (void)trap;
    Host *h = env;
    h->begun++;
    h->asked = 0;
    h->result = args[0].of.i32;
    h->results = results;
    *continuation = (wasmtime_async_continuation_t){is_over, h, ends};
}

static wasm_trap_t *trap_of(wasmtime_error_t *error) {
    wasm_name_t message;
    wasmtime_error_message(error, &message);
    wasm_trap_t *trap = wasmtime_trap_new(message.data, message.size);
    wasm_byte_vec_delete(&message);
    wasmtime_error_delete(error);
    return trap;
}

static wasm_trap_t *hop(void *env, wasmtime_caller_t *caller,
                        const wasmtime_val_t *args, size_t nargs,
                        wasmtime_val_t *results, size_t nresults) {
    Hop *h = env;
    wasm_trap_t *trap = NULL;
    h->calls++;
    wasmtime_error_t *error =
        wasmtime_func_call(wasmtime_caller_context(caller), &h->target, args,
                           nargs, results, nresults, &trap);
    return error ? trap_of(error) : trap;
}

// --- guests --------------------------------------------------------------------------

static const char text[] =
    "(module"
    " (import \"h\" \"wait\" (func $wait (param i32) (result i32)))"
    " (import \"h\" \"0\" (func $hop (param i32) (result i32)))"
    " (export \"wait\" (func $wait))"
    " (export \"hop\" (func $hop))"
    " (func (export \"waits\") (param i32) (result i32)"
    "  (i32.add (i32.const 1) (call $wait (local.get 0))))"
    " (func (export \"spins\") (param $n i32) (result i32) (local $i i32)"
    "  (loop $l (local.set $i (i32.add (local.get $i) (i32.const 1)))"
    "   (br_if $l (i32.lt_u (local.get $i) (i32.const 500))))"
    "  (i32.add (local.get $n) (i32.const 1)))"
    " (func (export \"hops\") (param i32) (result i32)"
    "  (i32.add (i32.const 100) (call $hop (local.get 0))))"
    " (func (export \"around\") (param i32) (result i32)"
    "  (call $wait (call $hop (call $wait (local.get 0))))))";

typedef struct World {
    Rig rig;
    Host host;
    wasmtime_instance_t inst;
    wasmtime_func_t second; // the second hop
} World;

static void world_init(World *w, wasm_config_t *config) {
    *w = (World){.rig = rig_of(config), .host.waits = 2};
    wasm_functype_t *type =
        wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    EXPECT(is_ok(wasmtime_linker_define_async_func(
        w->rig.linker, "h", 1, "wait", 4, type, wait, &w->host, NULL)));
    EXPECT(is_ok(wasmtime_linker_define_func(
        w->rig.linker, "h", 1, "0", 1, type, hop, &w->host.hops[0], NULL)));
    wasmtime_func_new(w->rig.context, type, hop, &w->host.hops[1], NULL,
                      &w->second);
    wasm_functype_delete(type);
    w->inst = rig_instance(&w->rig, text);
}

static void world_release(World *w) {
    EXPECT_EQ(w->host.begun, w->host.ended);
    rig_delete(&w->rig);
}

// --- tests ---------------------------------------------------------------------------

// How the future's function gets to the one that would suspend: through so many
// host functions, each called by the one before.
static const struct {
    const char *name;
    const char *outer, *inner;
    int hops;
    int32_t result; // of 5, with hosts that do not wait
} chains[] = {
    {"C calls a guest", "hop", "waits", 1, 6},
    {"C calls C, which calls a guest", "hop", "waits", 2, 6},
    {"C calls what waits", "hop", "wait", 1, 5},
    {"C calls C, which calls what waits", "hop", "wait", 2, 5},
    {"a guest, C, a guest", "hops", "waits", 1, 106},
    {"a guest, C, C, a guest", "hops", "waits", 2, 106},
    {"a guest, C, what waits", "hops", "wait", 1, 105},
    {"a guest, C, C, what waits", "hops", "wait", 2, 105},
};

typedef struct End {
    wasmtime_val_t result;
    wasm_trap_t *trap;
    wasmtime_error_t *error;
    int polls; // after which it was not over
} End;

static void run(World *w, const char *name, End *end) {
    *end = (End){0};
    wasmtime_func_t f = rig_func(&w->rig, &w->inst, name);
    wasmtime_val_t arg = val_i32(5);
    wasmtime_call_future_t *future = wasmtime_func_call_async(
        w->rig.context, &f, &arg, 1, &end->result, 1, &end->trap, &end->error);
    while (!wasmtime_call_future_poll(future))
        end->polls++;
    wasmtime_call_future_delete(future);
}

static void link_hops(World *w, const char *inner, int hops) {
    wasmtime_func_t last = rig_func(&w->rig, &w->inst, inner);
    w->host.hops[0].target = hops == 1 ? last : w->second;
    w->host.hops[1].target = last;
}

// A second time, when functions are compiled that were interpreted.
static void refused(void) {
    for (size_t i = 0; i < COUNTOF(chains); i++) {
        World w;
        End end;
        world_init(&w, NULL);
        link_hops(&w, chains[i].inner, chains[i].hops);
        for (int n = 1; n <= 3; n++) {
            w.host.waits = 2;
            run(&w, chains[i].outer, &end);
            bool ok = EXPECT_EQ(end.polls, 0) &&
                      EXPECT(error_says(end.error, "this call cannot suspend"));
            EXPECT(!end.trap);
            EXPECT_EQ(w.host.hops[0].calls, 2 * n - 1);
            // What is over when it is first asked need not suspend.
            w.host.waits = 0;
            run(&w, chains[i].outer, &end);
            ok &= EXPECT_EQ(end.polls, 0) && EXPECT(is_ok(end.error)) &&
                  EXPECT_EQ(end.result.of.i32, chains[i].result);
            if (!ok) fprintf(stderr, "in \"%s\"\n", chains[i].name);
        }
        EXPECT_EQ(w.host.hops[1].calls,
                  chains[i].hops == 2 ? w.host.hops[0].calls : 0);
        world_release(&w);
    }
}

// The guest around the host function suspends before and after it; what the
// host function calls ends at once, or would not be over.
static void around(void) {
    World w;
    End end;
    world_init(&w, NULL);
    for (int hops = 1; hops <= HOSTS; hops++) {
        link_hops(&w, "spins", hops);
        run(&w, "around", &end);
        EXPECT_EQ(end.polls, 4);
        EXPECT(is_ok(end.error));
        EXPECT_EQ(end.result.of.i32, 6);
        link_hops(&w, "waits", hops);
        run(&w, "around", &end);
        EXPECT_EQ(end.polls, 2);
        EXPECT(error_says(end.error, "this call cannot suspend"));
        EXPECT(!end.trap);
    }
    world_release(&w);
}

// A share of fuel that is spent there does not suspend, and costs nothing more.
static void fuel(void) {
    World w;
    End end;
    wasm_config_t *config = wasm_config_new();
    wasmtime_config_consume_fuel_set(config, true);
    world_init(&w, config);
    wasmtime_context_t *c = w.rig.context;
    uint64_t left[HOSTS + 1];
    for (int hops = 0; hops <= HOSTS; hops++) {
        EXPECT(is_ok(wasmtime_context_set_fuel(c, 1000000)));
        EXPECT(is_ok(wasmtime_context_fuel_async_yield_interval(c, 100)));
        link_hops(&w, "spins", hops);
        run(&w, hops ? "hop" : "spins", &end);
        EXPECT(is_ok(end.error) && !end.trap);
        EXPECT_EQ(end.result.of.i32, 6);
        EXPECT_EQ(end.polls > 0, hops == 0);
        EXPECT(is_ok(wasmtime_context_get_fuel(c, &left[hops])));
        EXPECT_EQ(left[hops], left[0]);
    }
    EXPECT(left[0] < 1000000 - 500);
    world_release(&w);
}

// A deadline that suspends stops it.
static void deadlines(void) {
    World w;
    End end;
    wasm_config_t *config = wasm_config_new();
    wasmtime_config_epoch_interruption_set(config, true);
    world_init(&w, config);
    wasmtime_context_t *c = w.rig.context;
    for (int hops = 0; hops <= HOSTS; hops++) {
        wasmtime_context_set_epoch_deadline(c, 0);
        EXPECT(is_ok(
            wasmtime_context_epoch_deadline_async_yield_and_update(c, 1)));
        link_hops(&w, "spins", hops);
        run(&w, hops ? "hop" : "spins", &end);
        if (hops == 0) {
            EXPECT_EQ(end.polls, 1);
            EXPECT(is_ok(end.error) && !end.trap);
        } else {
            EXPECT_EQ(end.polls, 0);
            EXPECT(error_says(end.error, "this call cannot suspend"));
            EXPECT(!end.trap);
        }
    }
    world_release(&w);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(refused), UNIT_TEST(around), UNIT_TEST(fuel),
                    UNIT_TEST(deadlines));
}
