// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Computations: suspending from host functions, polls and waits, with frames,
// roots and fuel in order; dropping them at every point.
#include "rt/computation.h"

#include "base/alloc.h"
#include "engine/load.h"
#include "rt/linker.h"
#include "unit/unit.h"

#include <stdlib.h>

// --- a call that suspends ----------------------------------------------------------

typedef struct World {
    Engine *engine;
    Store *store;
    Instance *instance;
    int cleaned, finalized; // cleanups, and external values
    int waits;              // how often `wait` suspends
} World;

typedef struct Held {
    Cleanup cleanup;
    World *world;
    void *bytes;
} Held;

static void held_drop(Cleanup *cleanup) {
    Held *h = CONTAINER_OF(cleanup, Held, cleanup);
    mem_free(h->bytes);
    h->world->cleaned++;
}

// (wait n): suspends waits times, owning memory meanwhile; answers n + 1.
static Status host_wait(HostCall *call) {
    World *w = call->env;
    Held h = {.cleanup.run = held_drop, .world = w, .bytes = mem_alloc(100)};
    if (!store_can_suspend(call->store)) {
        mem_free(h.bytes);
        return store_trap_text(call->store, TRAP_host, "cannot suspend");
    }
    cleanup_enter(call->store, &h.cleanup);
    for (int i = 0; i < w->waits; i++)
        store_suspend(call->store);
    cleanup_leave(call->store, &h.cleanup);
    mem_free(h.bytes);
    call->values[0] = (Raw){.u64 = call->values[0].u32 + 1};
    call->is_result = true;
    return STATUS_ok;
}

// (again): calls the export `leaf` from the host.
static Status host_again(HostCall *call) {
    World *w = call->env;
    Extern leaf;
    Err err = {0};
    if (!instance_export(w->instance, STR("leaf"), &leaf, &err)) abort();
    return func_call(call->store, leaf.func, call->values);
}

static void finalized(void *value) {
    ((World *)value)->finalized++;
}

// (value): an external reference that counts its end.
static Status host_value(HostCall *call) {
    GcRef ref = store_extern_new(call->store, call->env, finalized);
    if (!ref) return store_trap(call->store, TRAP_out_of_memory);
    call->values[0] = (Raw){.u64 = ref};
    call->is_result = true;
    return STATUS_ok;
}

static const char text[] =
    "(module"
    " (type $box (struct (field (mut i32))))"
    " (import \"\" \"wait\" (func $wait (param i32) (result i32)))"
    " (import \"\" \"again\" (func $again))"
    " (import \"\" \"value\" (func $value (result externref)))"
    " (memory 1 2 shared)"
    " (func (export \"leaf\") (drop (call $wait (i32.const 1))))"
    // References in locals and operands across suspensions and collections.
    " (func (export \"boxes\") (param $n i32) (result i32)"
    "  (local $a (ref null $box)) (local $v externref)"
    "  (local.set $a (struct.new $box (i32.const 5)))"
    "  (local.set $v (call $value))"
    "  (struct.new $box (i32.const 7))"
    "  (local.set $n (call $wait (local.get $n)))"
    "  (drop (struct.new $box (i32.const 9)))"
    "  (struct.get $box 0)"
    "  (struct.get $box 0 (local.get $a))"
    "  (local.get $n) i32.add i32.add)"
    " (func $deep (param $n i32) (result i32)"
    "  (if (result i32) (i32.eqz (local.get $n))"
    "   (then (call $wait (i32.const 0)))"
    "   (else (call $deep (i32.sub (local.get $n) (i32.const 1))))))"
    " (func (export \"deep\") (param i32) (result i32)"
    "  (drop (call $deep (local.get 0))) unreachable)"
    " (func (export \"nested\") (param i32) (result i32)"
    "  (call $again) (i32.const 0))"
    " (func (export \"spin\") (param $n i32) (result i32) (local $i i32)"
    "  (loop $l (local.set $i (i32.add (local.get $i) (i32.const 1)))"
    "   (br_if $l (i32.lt_u (local.get $i) (local.get $n))))"
    "  (local.get $i))"
    " (func (export \"sleep\") (param i32) (result i32)"
    "  (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))"
    ")";

static void define(World *w, Linker *l, const char *name, HostFn host,
                   const char *types) {
    Registry *r = w->engine->registry;
    const RtValType number = {.code = VT_i32}, ref = {.code = VT_EXTERNREF};
    bool has_param = types[0] == 'i', is_ref = types[1] == 'r';
    RtType *t = registry_func_type(r, &number, has_param,
                                   is_ref ? &ref : &number, types[1] != '-');
    Err err = {0};
    EXPECT(
        linker_define_func(l, STR(""), str_of(name), t, host, w, NULL, &err));
    rt_type_unref(r, t);
}

static TierPolicy tiers = TIERS_interp;
static uint64_t seed; // of tiers that each call picks anew; 0: none

static void world_init(World *w, EngineConfig *config) {
    config->tiers = tiers;
    config->tier_seed = seed;
    *w = (World){.waits = 1};
    config->gc_collect_always = true;
    w->engine = engine_new(config);
    w->store = store_new(w->engine);
    Err err = {0};
    bool in_text;
    RtModule *m =
        module_load_text(w->engine, text, strlen(text), &err, &in_text);
    EXPECT_STR(err.text, "");
    Linker *l = linker_new(w->engine);
    define(w, l, "wait", host_wait, "ii");
    define(w, l, "again", host_again, "--");
    define(w, l, "value", host_value, "-r");
    EXPECT(linker_instantiate(l, w->store, m, &w->instance, &err) == STATUS_ok);
    EXPECT_STR(err.text, "");
    linker_free(l);
    rt_module_unref(m);
}

static void world_new(World *w) {
    EngineConfig config;
    engine_config_init(&config);
    world_init(w, &config);
}

static void world_release(World *w) {
    if (w->store) store_unref(w->store);
    engine_unref(w->engine);
}

typedef struct Call {
    Computation computation;
    World *world;
    const char *name;
    Raw value;
    Status status;
} Call;

static void call_run(void *env) {
    Call *c = env;
    Extern item;
    Err err = {0};
    if (!instance_export(c->world->instance, str_of(c->name), &item, &err))
        abort();
    c->status = func_call(c->world->store, item.func, &c->value);
}

static void call_init(Call *c, World *w, const char *name, uint32_t arg) {
    *c = (Call){.world = w, .name = name, .value.u64 = arg};
    Err err = {0};
    EXPECT(computation_init(&c->computation, w->store, call_run, c, &err));
    EXPECT_STR(err.text, "");
}

// How often it suspends until it is done.
static int call_finish(Call *c) {
    int times = 0;
    while (computation_resume(&c->computation),
           !computation_is_done(&c->computation))
        times++;
    return times;
}

// --- tests -------------------------------------------------------------------------

static void suspends(void) {
    World w;
    world_new(&w);
    w.waits = 3;
    Call c;
    call_init(&c, &w, "boxes", 10);
    EXPECT(!computation_is_done(&c.computation));
    EXPECT_EQ(call_finish(&c), 3);
    EXPECT(c.status == STATUS_ok);
    EXPECT_EQ(c.value.u32, 5 + 7 + 11);
    computation_release(&c.computation);
    EXPECT_EQ(w.cleaned, 0);
    world_release(&w);
    EXPECT_EQ(w.finalized, 1);
}

// Collections while it is suspended see its frames.
static void roots(void) {
    World w;
    world_new(&w);
    Call a, b;
    call_init(&a, &w, "boxes", 1);
    call_init(&b, &w, "boxes", 2);
    computation_resume(&a.computation);
    computation_resume(&b.computation);
    for (int i = 0; i < 3; i++)
        EXPECT(gc_collect(w.store->heap));
    EXPECT_EQ(w.finalized, 0);
    EXPECT_EQ(call_finish(&b), 0);
    EXPECT_EQ(call_finish(&a), 0);
    EXPECT_EQ(a.value.u32, 5 + 7 + 2);
    EXPECT_EQ(b.value.u32, 5 + 7 + 3);
    computation_release(&a.computation);
    computation_release(&b.computation);
    EXPECT(gc_collect(w.store->heap));
    EXPECT_EQ(w.finalized, 2);
    world_release(&w);
}

static void backtrace(void) {
    World w;
    world_new(&w);
    Call c;
    call_init(&c, &w, "deep", 5);
    EXPECT_EQ(call_finish(&c), 1);
    EXPECT(c.status == STATUS_trap);
    EXPECT_EQ(w.store->trap.frames.len, 1);
    EXPECT_STR(w.store->trap.text, "unreachable");
    computation_release(&c.computation);
    world_release(&w);
}

// A call of the host's own inside of one may not suspend it.
static void nested(void) {
    World w;
    world_new(&w);
    Call c;
    call_init(&c, &w, "nested", 0);
    EXPECT_EQ(call_finish(&c), 0);
    EXPECT(c.status == STATUS_trap);
    EXPECT_STR(w.store->trap.text, "cannot suspend");
    EXPECT_EQ(w.store->trap.frames.len, 2); // leaf, nested
    computation_release(&c.computation);
    trap_clear(&w.store->trap);
    // And none outside of one.
    Raw value = {.u64 = 1};
    Extern leaf;
    Err err = {0};
    EXPECT(instance_export(w.instance, STR("leaf"), &leaf, &err));
    EXPECT(func_call(w.store, leaf.func, &value) == STATUS_trap);
    world_release(&w);
}

// Calls on the caller's stack while another is suspended.
static void interleaved(void) {
    World w;
    world_new(&w);
    Call c;
    call_init(&c, &w, "boxes", 1);
    computation_resume(&c.computation);
    Extern spin;
    Err err = {0};
    EXPECT(instance_export(w.instance, STR("spin"), &spin, &err));
    Raw value = {.u64 = 100};
    EXPECT(func_call(w.store, spin.func, &value) == STATUS_ok);
    EXPECT_EQ(value.u32, 100);
    EXPECT_EQ(call_finish(&c), 0);
    EXPECT_EQ(c.value.u32, 14);
    computation_release(&c.computation);
    world_release(&w);
}

static void fuel(void) {
    EngineConfig config;
    engine_config_init(&config);
    config.use_fuel = true;
    World w;
    world_init(&w, &config);
    static const struct {
        uint64_t fuel, interval;
        bool ends;
    } cases[] = {
        {100000, 0, true},   {100000, 1000, true},    {100000, 10, true},
        {500, 100, false},   {UINT64_MAX, 777, true}, {UINT64_MAX, 0, true},
        {500, 10000, false}, {0, 100, false},
    };
    uint64_t spent = 0;
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        store_set_fuel_interval(w.store, cases[i].interval);
        store_set_fuel(w.store, cases[i].fuel);
        EXPECT_EQ(store_get_fuel(w.store), cases[i].fuel);
        Call c;
        call_init(&c, &w, "spin", 1000);
        int times = call_finish(&c);
        EXPECT_EQ(c.status == STATUS_ok, cases[i].ends);
        uint64_t used = cases[i].fuel - store_get_fuel(w.store);
        if (cases[i].ends && i == 0) spent = used;
        if (cases[i].ends) EXPECT_EQ(used, spent);
        // Polls are where a loop begins again, so a share may be overdrawn.
        uint64_t shares = cases[i].interval ? spent / cases[i].interval : 0;
        if (cases[i].ends)
            EXPECT((uint64_t)times <= shares && (uint64_t)times + 1 >= shares);
        if (!cases[i].interval) EXPECT_EQ(times, 0);
        computation_release(&c.computation);
        trap_clear(&w.store->trap);
    }
    world_release(&w);
}

static EpochAnswer yields(void *env, Store *s) {
    ++*(int *)env;
    store_set_deadline(s, 1);
    return EPOCH_yield;
}

static void epoch(void) {
    World w;
    world_new(&w);
    int asked = 0;
    w.store->epoch_callback = yields;
    w.store->epoch_env = &asked;
    store_set_deadline(w.store, 0);
    Call c;
    call_init(&c, &w, "spin", 1000);
    for (int i = 0; i < 5; i++) {
        computation_resume(&c.computation);
        EXPECT(!computation_is_done(&c.computation));
        engine_raise_epoch(w.engine);
    }
    EXPECT_EQ(call_finish(&c), 1);
    EXPECT_EQ(asked, 6);
    EXPECT_EQ(c.value.u32, 1000);
    computation_release(&c.computation);
    // On the caller's stack it is a trap.
    engine_raise_epoch(w.engine);
    Call plain = {.world = &w, .name = "spin"};
    call_run(&plain);
    EXPECT(plain.status == STATUS_trap);
    EXPECT_STR(w.store->trap.text, "this call cannot suspend");
    world_release(&w);
}

// A guest that waits for a notification suspends, and may be dropped there.
static void sleeping(void) {
    for (int drop = 0; drop < 2; drop++) {
        World w;
        world_new(&w);
        int asked = 0;
        w.store->epoch_callback = yields;
        w.store->epoch_env = &asked;
        store_set_deadline(w.store, 1);
        engine_raise_epoch(w.engine);
        Call c;
        call_init(&c, &w, "sleep", 0);
        computation_resume(&c.computation); // at the entry
        engine_raise_epoch(w.engine);
        computation_resume(&c.computation); // in the wait
        EXPECT(!computation_is_done(&c.computation));
        Memory *m = w.instance->context.memories[0];
        if (drop) {
            computation_release(&c.computation);
            EXPECT_EQ(memory_notify(m, 0, 1), 0);
        } else {
            EXPECT_EQ(memory_notify(m, 0, 1), 1);
            EXPECT_EQ(call_finish(&c), 0);
            EXPECT_EQ(c.value.u32, 0);
            computation_release(&c.computation);
        }
        world_release(&w);
    }
}

// Everything goes, whichever goes first, and no guest code runs.
static void drops(void) {
    for (int at = 0; at < 5; at++) {
        for (int store_first = 0; store_first < 2; store_first++) {
            World w;
            world_new(&w);
            w.waits = 3;
            Call c;
            call_init(&c, &w, "boxes", 1);
            for (int i = 0; i < at; i++)
                computation_resume(&c.computation);
            if (store_first) {
                store_unref(w.store);
                w.store = NULL;
                EXPECT(computation_is_done(&c.computation));
            }
            computation_release(&c.computation);
            computation_release(&c.computation); // once more is fine
            EXPECT_EQ(w.cleaned, at >= 1 && at <= 3);
            EXPECT_EQ(c.status == STATUS_ok && c.value.u32 == 14, at == 4);
            world_release(&w);
            EXPECT_EQ(w.finalized, at > 0);
        }
    }
}

static void resume_elsewhere(void *env) {
    Call *c = env;
    computation_resume(&c->computation);
}

static void threads(void) {
    World w;
    world_new(&w);
    w.waits = 20;
    Call c;
    call_init(&c, &w, "boxes", 1);
    while (!computation_is_done(&c.computation)) {
        Thread t = {.run = resume_elsewhere, .arg = &c};
        EXPECT(thread_start(&t, 64 * 1024));
        thread_join(&t);
        EXPECT(gc_collect(w.store->heap));
    }
    EXPECT_EQ(c.value.u32, 14);
    computation_release(&c.computation);
    world_release(&w);
}

// Guests that recurse without end trap, on whatever stack.
static void exhausts(void) {
    EngineConfig config;
    engine_config_init(&config);
    config.async_stack_size = COMPUTATION_STACK_MIN;
    World w;
    world_init(&w, &config);
    Call c;
    call_init(&c, &w, "deep", 100000000);
    EXPECT_EQ(call_finish(&c), 0);
    EXPECT(c.status == STATUS_trap);
    EXPECT_STR(w.store->trap.text, "call stack exhausted");
    computation_release(&c.computation);
    world_release(&w);
}

static void pool(void) {
    EngineConfig config;
    engine_config_init(&config);
    config.pool_max[POOL_stacks] = 2;
    World w;
    world_init(&w, &config);
    Call a, b;
    Computation c;
    call_init(&a, &w, "boxes", 1);
    call_init(&b, &w, "boxes", 1);
    Err err = {0};
    EXPECT(!computation_init(&c, w.store, call_run, NULL, &err));
    EXPECT_EQ(err.id, E_pool_full);
    computation_release(&c);
    computation_release(&a.computation);
    call_init(&a, &w, "boxes", 1);
    world_release(&w); // both never started
    computation_release(&a.computation);
    computation_release(&b.computation);
}

// --- what the embedder makes -------------------------------------------------------

static bool tiny_stack(void *env, size_t size, HostStack *out) {
    static uint8_t bytes[64];
    (void)env, (void)size;
    *out = (HostStack){.top = bytes + sizeof bytes, .size = sizeof bytes};
    return true;
}

static uint8_t *no_bytes(void *env, size_t *size, size_t *capacity) {
    (void)env;
    *size = *capacity = 0;
    return NULL;
}

static bool empty_memory(void *env, const MemoryType *type, size_t min,
                         size_t max, size_t reserved, size_t guard,
                         HostMemory *out, Err *err) {
    (void)env, (void)type, (void)min, (void)max, (void)reserved, (void)guard;
    (void)err;
    *out = (HostMemory){.get = no_bytes};
    return true;
}

static void refuses(void) {
    EngineConfig config;
    engine_config_init(&config);
    config.stack_creator.create = tiny_stack;
    config.memory_creator.create = empty_memory;
    World w;
    world_init(&w, &config);
    Err err = {0};
    Computation c;
    EXPECT(!computation_init(&c, w.store, call_run, NULL, &err));
    EXPECT_EQ(err.id, E_creator_stack);
    MemoryType type = {.limits.min = 1, .page_log2 = PAGE_LOG2};
    err_clear(&err);
    EXPECT(!memory_new(w.store, &type, &err));
    EXPECT_EQ(err.id, E_creator_memory);
    w.engine->config.no_shared_memory = true;
    err_clear(&err);
    EXPECT(!shared_memory_new(w.engine, &type, &config.limits, &err));
    EXPECT_EQ(err.id, E_shared_memory_off);
    world_release(&w);
}

static void (*const all[])(void) = {suspends,    roots,   backtrace, nested,
                                    interleaved, fuel,    epoch,     sleeping,
                                    drops,       threads, exhausts,  pool};

// All of it again, where machine code is made.
static void compiled(void) {
    tiers = TIERS_baseline;
    for (size_t i = 0; i < COUNTOF(all); i++)
        all[i]();
    tiers = TIERS_interp;
}

// And where each call picks its tier: activations of both lie on one stack.
static void mixed(void) {
    enum {
        SEEDS = 8
    };
    tiers = TIERS_baseline;
    for (seed = 1; seed <= SEEDS; seed++)
        for (size_t i = 0; i < COUNTOF(all); i++)
            all[i]();
    seed = 0;
    tiers = TIERS_interp;
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(suspends), UNIT_TEST(roots), UNIT_TEST(backtrace),
                    UNIT_TEST(nested), UNIT_TEST(interleaved), UNIT_TEST(fuel),
                    UNIT_TEST(epoch), UNIT_TEST(sleeping), UNIT_TEST(drops),
                    UNIT_TEST(threads), UNIT_TEST(exhausts), UNIT_TEST(pool),
                    UNIT_TEST(refuses), UNIT_TEST(compiled), UNIT_TEST(mixed));
}
