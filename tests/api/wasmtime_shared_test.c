// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shared memories, and the profiler of guests.
#include "api/rig.h"
#include "os/thread.h"

#include <wasmtime/memory.h>
#include <wasmtime/profiling.h>
#include <wasmtime/sharedmemory.h>
#include <wasmtime/store.h>

// --- shared memories ---------------------------------------------------------------

static wasm_memorytype_t *type_of(uint64_t min, uint64_t max, bool shared) {
    wasm_memorytype_t *type = NULL;
    EXPECT(is_ok(
        wasmtime_memorytype_new(min, true, max, false, shared, 16, &type)));
    return type;
}

static wasmtime_sharedmemory_t *shared_new(wasm_engine_t *e, uint64_t min,
                                           uint64_t max) {
    wasmtime_sharedmemory_t *m = NULL;
    wasm_memorytype_t *type = type_of(min, max, true);
    EXPECT(is_ok(wasmtime_sharedmemory_new(e, type, &m)));
    wasm_memorytype_delete(type);
    return m;
}

static void shared(void) {
    Rig r = rig_new();
    wasmtime_sharedmemory_t *m = shared_new(r.engine, 1, 3);
    EXPECT_EQ(wasmtime_sharedmemory_size(m), 1);
    EXPECT_EQ(wasmtime_sharedmemory_data_size(m), 65536);
    uint8_t *base = wasmtime_sharedmemory_data(m);
    EXPECT(base && base[0] == 0);
    uint64_t before = 9;
    EXPECT(is_ok(wasmtime_sharedmemory_grow(m, 2, &before)));
    EXPECT_EQ(before, 1);
    EXPECT(error_says(wasmtime_sharedmemory_grow(m, 1, &before), "the memory"));
    EXPECT_EQ(before, 1);
    EXPECT(wasmtime_sharedmemory_data(m) == base);
    wasm_memorytype_t *type = wasmtime_sharedmemory_type(m);
    EXPECT(wasmtime_memorytype_isshared(type));
    EXPECT_EQ(wasmtime_memorytype_minimum(type), 1);
    wasm_memorytype_delete(type);
    wasmtime_sharedmemory_t *other = wasmtime_sharedmemory_clone(m);
    wasmtime_sharedmemory_delete(m);
    EXPECT_EQ(wasmtime_sharedmemory_size(other), 3);
    wasmtime_sharedmemory_delete(other);
    wasmtime_sharedmemory_delete(NULL);
    type = type_of(1, 2, false);
    EXPECT(
        error_says(wasmtime_sharedmemory_new(r.engine, type, &m), "the type"));
    wasm_memorytype_delete(type);
    rig_delete(&r);
}

enum {
    THREADS = 4,
    ROUNDS = 1000
};

static const char adder[] =
    "(module (import \"h\" \"m\" (memory 1 3 shared))"
    " (func (export \"add\") (param $n i32) (result i32)"
    "  (loop $l (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))"
    "   (local.set $n (i32.sub (local.get $n) (i32.const 1)))"
    "   (br_if $l (local.get $n)))"
    "  (i32.const 0)))";

typedef struct Adder {
    wasm_engine_t *engine;
    wasmtime_sharedmemory_t *memory;
} Adder;

// A store of its own, on a thread of its own.
static void add(void *env) {
    const Adder *a = env;
    Rig r = {.engine = a->engine};
    r.store = wasmtime_store_new(r.engine, NULL, NULL);
    r.context = wasmtime_store_context(r.store);
    r.linker = wasmtime_linker_new(r.engine);
    wasmtime_extern_t item = {.kind = WASMTIME_EXTERN_SHAREDMEMORY};
    item.of.sharedmemory = a->memory;
    EXPECT(is_ok(
        wasmtime_linker_define(r.linker, r.context, "h", 1, "m", 1, &item)));
    wasmtime_instance_t inst = rig_instance(&r, adder);
    wasmtime_func_t f = rig_func(&r, &inst, "add");
    wasmtime_val_t arg = val_i32(ROUNDS), result;
    EXPECT(rig_call(&r, &f, &arg, 1, &result, 1));
    wasmtime_linker_delete(r.linker);
    wasmtime_store_delete(r.store);
}

static void threads(void) {
    wasm_engine_t *e = tier_engine(NULL);
    Adder a = {e, shared_new(e, 1, 3)};
    Thread all[THREADS];
    for (int i = 0; i < THREADS; i++) {
        all[i] = (Thread){.run = add, .arg = &a};
        EXPECT(thread_start(&all[i], 0));
    }
    for (int i = 0; i < THREADS; i++)
        thread_join(&all[i]);
    const void *base = wasmtime_sharedmemory_data(a.memory);
    EXPECT_EQ(__atomic_load_n((const uint32_t *)base, __ATOMIC_SEQ_CST),
              THREADS * ROUNDS);
    wasmtime_sharedmemory_delete(a.memory);
    wasm_engine_delete(e);
}

// --- the profiler --------------------------------------------------------------------

typedef struct Sampler {
    wasmtime_guestprofiler_t *profiler;
    wasmtime_store_t *store;
} Sampler;

static wasm_trap_t *sample(void *env, wasmtime_caller_t *caller,
                           const wasmtime_val_t *args, size_t nargs,
                           wasmtime_val_t *results, size_t nresults) {
    const Sampler *s = env;
    (void)caller, (void)args, (void)nargs, (void)results, (void)nresults;
    wasmtime_guestprofiler_sample(s->profiler, s->store, 5000);
    return NULL;
}

static const char profiled[] =
    "(module $guest (import \"h\" \"sample\" (func $sample))"
    " (func $inner (call $sample))"
    " (func $outer (call $inner) (call $inner) (call $sample))"
    " (func (export \"run\") (call $outer)))";

// How often a text occurs.
static int occurs(const wasm_byte_vec_t *in, const char *what) {
    int times = 0;
    size_t len = strlen(what);
    for (size_t i = 0; i + len <= in->size; i++)
        times += memcmp(in->data + i, what, len) == 0;
    return times;
}

static void profiler(void) {
    Rig r = rig_new();
    Sampler s = {.store = r.store};
    wasm_functype_t *type = wasm_functype_new_0_0();
    EXPECT(is_ok(wasmtime_linker_define_func(r.linker, "h", 1, "sample", 6,
                                             type, sample, &s, NULL)));
    wasm_functype_delete(type);
    wasmtime_module_t *m = rig_module(&r, profiled);
    wasm_name_t name;
    wasm_name_new_from_string(&name, "a \"name\"");
    wasmtime_guestprofiler_modules_t modules = {&name, m};
    s.profiler =
        wasmtime_guestprofiler_new(r.engine, &name, 1000000, &modules, 1);
    EXPECT(s.profiler != NULL);
    wasmtime_instance_t inst;
    wasm_trap_t *trap;
    EXPECT(is_ok(
        wasmtime_linker_instantiate(r.linker, r.context, m, &inst, &trap)));
    wasmtime_func_t run = rig_func(&r, &inst, "run");
    EXPECT(rig_call(&r, &run, NULL, 0, NULL, 0));
    wasmtime_guestprofiler_sample(s.profiler, r.store, 0); // nothing runs
    wasm_byte_vec_t json = WASM_EMPTY_VEC;
    EXPECT(is_ok(wasmtime_guestprofiler_finish(s.profiler, &json)));
    EXPECT_EQ(occurs(&json, "a \\\"name\\\""), 3);
    // inner, outer at three places, run; stacks: run, 3 x outer, 2 x inner.
    EXPECT_EQ(occurs(&json, "\"inner\""), 1);
    EXPECT_EQ(occurs(&json, "\"outer\""), 3);
    EXPECT_EQ(occurs(&json, "\"wasm-function[3]\""), 1);
    EXPECT_EQ(occurs(&json, "\"prefix\":[null,0,1,0,3,0]"), 1);
    EXPECT_EQ(occurs(&json, "\"stack\":[2,4,5,null]"), 1);
    EXPECT_EQ(occurs(&json, "\"threadCPUDelta\":[5,5,5,0]"), 1);
    EXPECT_EQ(occurs(&json, "\"interval\":1.000000"), 1);
    EXPECT_EQ(occurs(&json, "{"), occurs(&json, "}"));
    wasm_byte_vec_delete(&json);
    s.profiler = wasmtime_guestprofiler_new(r.engine, &name, 1, NULL, 0);
    wasmtime_guestprofiler_delete(s.profiler);
    wasmtime_guestprofiler_delete(NULL);
    wasm_byte_vec_delete(&name);
    wasmtime_module_delete(m);
    rig_delete(&r);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(shared), UNIT_TEST(threads), UNIT_TEST(profiler));
}
