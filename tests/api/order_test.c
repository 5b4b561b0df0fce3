// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Objects that depend on each other are deleted in every order: each that is
// left still works, finalizers have run when all are gone, and the sanitizers
// watch. A call has ended in a trap, another one is suspended.
#include "api/rig.h"
#include "base/defs.h"

#include <wasm.h>
#include <wasmtime/async.h>
#include <wasmtime/externref.h>

static int finalized;

static void count(void *env) {
    (void)env;
    finalized++;
}

// --- permutations ------------------------------------------------------------------

enum {
    OBJECTS = 7 // 5040 orders
};

static void swap(int *a, int *b) {
    int other = *a;
    *a = *b;
    *b = other;
}

// The next one in lexical order; false: it was the last.
static bool next_order(int *order) {
    int i = OBJECTS - 2, k = OBJECTS - 1;
    while (i >= 0 && order[i] > order[i + 1])
        i--;
    if (i < 0) return false;
    while (order[k] < order[i])
        k--;
    swap(&order[i], &order[k]);
    for (int a = i + 1, b = OBJECTS - 1; a < b; a++, b--)
        swap(&order[a], &order[b]);
    return true;
}

static int in_every_order(void (*run)(const int *order)) {
    int order[OBJECTS], times = 0;
    for (int i = 0; i < OBJECTS; i++)
        order[i] = i;
    do {
        run(order);
        times++;
    } while (unit_failures == 0 && next_order(order));
    return times;
}

// --- wasm.h ------------------------------------------------------------------------

typedef struct Plain {
    wasm_engine_t *engine;
    wasm_store_t *store;
    wasm_module_t *module;
    wasm_instance_t *instance;
    wasm_func_t *func;
    wasm_memory_t *memory;
    wasm_trap_t *trap; // with a frame of the instance
} Plain;

static wasm_byte_vec_t bytes;

static void make_bytes(const char *text) {
    wasm_byte_vec_delete(&bytes);
    EXPECT(is_ok(wasmtime_wat2wasm(text, strlen(text), &bytes)));
}

static wasm_trap_t *fail(void *env, const wasm_val_vec_t *args,
                         wasm_val_vec_t *results) {
    (void)args, (void)results;
    wasm_message_t message = {7, (char[]){"refused"}};
    return wasm_trap_new(((Plain *)env)->store, &message);
}

static void plain_make(Plain *p) {
    p->engine = tier_engine(NULL);
    p->store = wasm_store_new(p->engine);
    p->module = wasm_module_new(p->store, &bytes);
    wasm_functype_t *type = wasm_functype_new_0_0();
    wasm_func_t *host = wasm_func_new_with_env(p->store, type, fail, p, count);
    wasm_functype_delete(type);
    wasm_extern_t *imports[] = {wasm_func_as_extern(host)};
    wasm_extern_vec_t vec = WASM_ARRAY_VEC(imports), exports;
    p->instance = wasm_instance_new(p->store, p->module, &vec, NULL);
    wasm_func_delete(host);
    wasm_instance_exports(p->instance, &exports);
    p->func = wasm_func_copy(wasm_extern_as_func(exports.data[0]));
    p->memory = wasm_memory_copy(wasm_extern_as_memory(exports.data[1]));
    wasm_extern_vec_delete(&exports);
    wasm_val_vec_t none = WASM_EMPTY_VEC;
    p->trap = wasm_func_call(p->func, &none, &none);
    wasm_memory_set_host_info_with_finalizer(p->memory, p, count);
    EXPECT(p->instance && p->trap);
}

static void plain_drop(Plain *p, int which) {
    switch (which) {
    case 0:
        wasm_engine_delete(p->engine);
        break;
    case 1:
        wasm_store_delete(p->store);
        break;
    case 2:
        wasm_module_delete(p->module);
        break;
    case 3:
        wasm_instance_delete(p->instance);
        break;
    case 4:
        wasm_func_delete(p->func);
        p->func = NULL;
        break;
    case 5:
        wasm_memory_delete(p->memory);
        p->memory = NULL;
        break;
    default:
        wasm_trap_delete(p->trap);
        p->trap = NULL;
        break;
    }
}

static void plain_use(const Plain *p) {
    if (p->func) EXPECT_EQ(wasm_func_param_arity(p->func), 0);
    if (p->memory) EXPECT_EQ(wasm_memory_data_size(p->memory), 65536);
    if (!p->trap) return;
    wasm_frame_t *frame = wasm_trap_origin(p->trap);
    EXPECT(frame && wasm_frame_instance(frame) != NULL);
    wasm_frame_delete(frame);
}

static void plain_order(const int *order) {
    Plain p;
    finalized = 0;
    plain_make(&p);
    for (int i = 0; i < OBJECTS; i++) {
        plain_drop(&p, order[i]);
        plain_use(&p);
    }
    EXPECT_EQ(finalized, 2);
}

static void of_wasm_h(void) {
    make_bytes("(module (import \"\" \"\" (func $f))"
               " (func (export \"f\") (call $f)) (memory (export \"m\") 1))");
    EXPECT_EQ(in_every_order(plain_order), 5040);
    wasm_byte_vec_delete(&bytes);
    bytes = (wasm_byte_vec_t)WASM_EMPTY_VEC;
}

// --- wasmtime.h --------------------------------------------------------------------

typedef struct Full {
    Rig rig;
    wasmtime_module_t *module;
    wasmtime_instance_pre_t *pre;
    wasmtime_externref_t root;
    wasmtime_call_future_t *future; // suspended
    wasm_trap_t *trap;
    wasmtime_error_t *error;
} Full;

static bool never(void *env) {
    (void)env;
    return false;
}

static void wait_for_ever(void *env, wasmtime_caller_t *caller,
                          const wasmtime_val_t *args, size_t nargs,
                          wasmtime_val_t *results, size_t nresults,
                          wasm_trap_t **trap,
                          wasmtime_async_continuation_t *continuation) {
    (void)env, (void)caller, (void)args, (void)nargs, (void)results;
    (void)nresults, (void)trap;
    *continuation = (wasmtime_async_continuation_t){never, NULL, count};
}

static void full_make(Full *f) {
    memset(f, 0, sizeof *f);
    f->rig.engine = tier_engine(NULL);
    f->rig.store = wasmtime_store_new(f->rig.engine, f, count);
    f->rig.context = wasmtime_store_context(f->rig.store);
    f->rig.linker = wasmtime_linker_new(f->rig.engine);
    wasm_functype_t *type = wasm_functype_new_0_0();
    EXPECT(is_ok(wasmtime_linker_define_async_func(
        f->rig.linker, "", 0, "", 0, type, wait_for_ever, NULL, count)));
    wasm_functype_delete(type);
    EXPECT(is_ok(wasmtime_module_new(f->rig.engine,
                                     (const uint8_t *)(const void *)bytes.data,
                                     bytes.size, &f->module)));
    EXPECT(is_ok(
        wasmtime_linker_instantiate_pre(f->rig.linker, f->module, &f->pre)));
    wasmtime_instance_t inst;
    EXPECT(is_ok(wasmtime_instance_pre_instantiate(f->pre, f->rig.context,
                                                   &inst, &f->trap)));
    EXPECT(wasmtime_externref_new(f->rig.context, f, count, &f->root));
    wasmtime_func_t func = rig_func(&f->rig, &inst, "f");
    f->future = wasmtime_func_call_async(f->rig.context, &func, NULL, 0, NULL,
                                         0, &f->trap, &f->error);
    EXPECT(!wasmtime_call_future_poll(f->future));
}

static void full_drop(Full *f, int which) {
    switch (which) {
    case 0:
        wasm_engine_delete(f->rig.engine);
        break;
    case 1:
        wasmtime_store_delete(f->rig.store);
        f->rig.store = NULL;
        break;
    case 2:
        wasmtime_linker_delete(f->rig.linker);
        break;
    case 3:
        wasmtime_module_delete(f->module);
        f->module = NULL;
        break;
    case 4:
        wasmtime_instance_pre_delete(f->pre);
        f->pre = NULL;
        break;
    case 5:
        wasmtime_externref_unroot(&f->root);
        break;
    default:
        wasmtime_call_future_delete(f->future);
        f->future = NULL;
        break;
    }
}

static void full_use(Full *f) {
    if (f->module) {
        wasm_exporttype_vec_t exports;
        wasmtime_module_exports(f->module, &exports);
        EXPECT_EQ(exports.size, 1);
        wasm_exporttype_vec_delete(&exports);
    }
    if (f->rig.store && f->pre) {
        wasmtime_instance_t inst;
        EXPECT(is_ok(wasmtime_instance_pre_instantiate(f->pre, f->rig.context,
                                                       &inst, &f->trap)));
    }
    // It waits for ever, or says that its store has gone.
    if (f->future)
        EXPECT_EQ(wasmtime_call_future_poll(f->future), !f->rig.store);
}

static void full_order(const int *order) {
    Full f;
    finalized = 0;
    full_make(&f);
    for (int i = 0; i < OBJECTS; i++) {
        full_drop(&f, order[i]);
        full_use(&f);
    }
    if (f.error) wasmtime_error_delete(f.error);
    EXPECT_EQ(finalized, 4); // data, function, continuation, reference
}

static void of_wasmtime_h(void) {
    make_bytes("(module (import \"\" \"\" (func $f))"
               " (func (export \"f\") (call $f)))");
    EXPECT_EQ(in_every_order(full_order), 5040);
    wasm_byte_vec_delete(&bytes);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(of_wasm_h), UNIT_TEST(of_wasmtime_h));
}
