// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What threads share: an engine, a module, a module with its imports resolved,
// the engine's epoch; and roots that are dropped where they were not made.
#define _GNU_SOURCE // setenv
#include "api/rig.h"
#include "base/defs.h"
#include "os/thread.h"

#include <wasmtime/externref.h>

enum {
    THREADS = 8,
    ROUNDS = 40,
};

static const char program[] =
    "(module (import \"h\" \"add\" (func $add (param i32 i32) (result i32)))"
    " (type $s (struct (field i32))) (memory (export \"m\") 1)"
    " (table (export \"t\") 2 funcref) (elem (i32.const 0) $add)"
    " (func (export \"run\") (param i32) (result i32) (local (ref null $s))"
    "  (local.set 1 (struct.new $s (local.get 0)))"
    "  (call $add (struct.get $s 0 (local.get 1)) (i32.const 1))))";

static _Atomic int calls, finalized;

static wasm_trap_t *add(void *env, wasmtime_caller_t *caller,
                        const wasmtime_val_t *args, size_t nargs,
                        wasmtime_val_t *results, size_t nresults) {
    (void)env, (void)caller, (void)nargs, (void)nresults;
    calls++;
    results[0] = val_i32(args[0].of.i32 + args[1].of.i32);
    return NULL;
}

static void count(void *env) {
    (void)env;
    finalized++;
}

typedef struct Worker {
    Thread thread;
    wasm_engine_t *engine; // a handle of its own
    const wasmtime_instance_pre_t *pre;
    wasmtime_externref_t root; // made elsewhere
} Worker;

static void run_once(const Worker *w, wasmtime_context_t *c, int32_t n) {
    wasmtime_instance_t i;
    wasm_trap_t *trap = NULL;
    wasmtime_extern_t f;
    wasmtime_val_t arg = val_i32(n), result = {0};
    EXPECT(is_ok(wasmtime_instance_pre_instantiate(w->pre, c, &i, &trap)));
    if (!EXPECT(wasmtime_instance_export_get(c, &i, "run", 3, &f))) return;
    EXPECT(
        is_ok(wasmtime_func_call(c, &f.of.func, &arg, 1, &result, 1, &trap)));
    EXPECT_EQ(result.of.i32, n + 1);
}

static void work(void *env) {
    Worker *w = env;
    wasmtime_externref_t clone;
    for (int32_t n = 0; n < ROUNDS; n++) {
        wasmtime_store_t *s = wasmtime_store_new(w->engine, NULL, NULL);
        wasmtime_context_t *c = wasmtime_store_context(s);
        run_once(w, c, n);
        wasmtime_externref_clone(&w->root, &clone);
        EXPECT(!wasmtime_externref_data(c, &clone)); // of another store
        wasmtime_externref_unroot(&clone);
        wasmtime_engine_increment_epoch(w->engine);
        wasmtime_module_t *m = wasmtime_instance_pre_module(w->pre);
        wasmtime_module_delete(wasmtime_module_clone(m));
        wasmtime_module_delete(m);
        wasmtime_store_delete(s);
    }
    wasmtime_externref_unroot(&w->root);
    wasm_engine_delete(w->engine);
}

static void share_a_module(void) {
    calls = finalized = 0;
    Rig r = rig_new();
    Worker workers[THREADS] = {0};
    wasm_functype_t *type = wasm_functype_new_2_1(
        wasm_valtype_new_i32(), wasm_valtype_new_i32(), wasm_valtype_new_i32());
    EXPECT(is_ok(wasmtime_linker_define_func(r.linker, "h", 1, "add", 3, type,
                                             add, NULL, count)));
    wasm_functype_delete(type);
    wasmtime_module_t *m = rig_module(&r, program);
    wasmtime_instance_pre_t *pre = NULL;
    EXPECT(is_ok(wasmtime_linker_instantiate_pre(r.linker, m, &pre)));
    wasmtime_module_delete(m);
    for (int i = 0; i < THREADS; i++) {
        Worker *w = &workers[i];
        w->thread = (Thread){.run = work, .arg = w};
        w->pre = pre;
        w->engine = wasmtime_engine_clone(r.engine);
        EXPECT(wasmtime_externref_new(r.context, w, count, &w->root));
    }
    for (int i = 0; i < THREADS; i++)
        EXPECT(thread_start(&workers[i].thread, 0));
    // Meanwhile their owner sweeps.
    for (int i = 0; i < ROUNDS; i++)
        EXPECT(is_ok(wasmtime_context_gc(r.context)));
    for (int i = 0; i < THREADS; i++)
        thread_join(&workers[i].thread);
    EXPECT_EQ(calls, THREADS * ROUNDS);
    EXPECT(is_ok(wasmtime_context_gc(r.context)));
    EXPECT_EQ(finalized, THREADS);
    wasmtime_instance_pre_delete(pre);
    rig_delete(&r);
    EXPECT_EQ(finalized, THREADS + 1);
}

static void eight_threads_share_a_module(void) {
    share_a_module();
}

// Who calls a function first compiles it, and others may meanwhile.
static void eight_threads_compile_it(void) {
    static const char *const tiers[] = {"soon", "baseline"};
    for (size_t i = 0; i < COUNTOF(tiers); i++) {
        setenv("FOLIOT_TEST_TIER", tiers[i], true);
        share_a_module();
    }
    unsetenv("FOLIOT_TEST_TIER");
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(eight_threads_share_a_module),
                    UNIT_TEST(eight_threads_compile_it));
}
