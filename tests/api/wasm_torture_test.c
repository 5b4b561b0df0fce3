// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A program over wasm.h in which allocation 1, 2, 3, ... fails, until none
// does. It may fail in its own way; it may not crash or leak.
#include "api/api.h"
#include "api/failing.h"

#include <wasmtime/module.h>
#include <wasmtime/trap.h>
#include <wasmtime/wat.h>

static wasm_trap_t *host(void *env, const wasm_val_vec_t *args,
                         wasm_val_vec_t *results) {
    (void)env;
    wasm_val_copy(&results->data[0], &args->data[0]);
    return NULL;
}

static const char program[] =
    "(module (import \"h\" \"f\" (func $f (param externref)"
    " (result externref))) (memory 1) (type $s (struct))"
    " (func (export \"run\") (param externref) (result externref anyref)"
    "  (call $f (local.get 0)) struct.new $s)"
    " (func (export \"trap\") unreachable))";

static void call_all(wasm_store_t *store, const wasm_extern_vec_t *exports) {
    wasm_foreign_t *foreign = wasm_foreign_new(store);
    if (!foreign) return;
    wasm_val_t a[1] = {WASM_REF_VAL(wasm_foreign_as_ref(foreign))};
    wasm_val_t r[2] = {WASM_INIT_VAL, WASM_INIT_VAL};
    wasm_val_vec_t args = WASM_ARRAY_VEC(a), results = WASM_ARRAY_VEC(r);
    wasm_val_vec_t none = WASM_EMPTY_VEC;
    wasm_trap_t *trap =
        wasm_func_call(wasm_extern_as_func(exports->data[0]), &args, &results);
    EXPECT(trap || wasm_ref_same(r[0].of.ref, a[0].of.ref));
    wasm_trap_delete(trap);
    wasm_val_delete(&r[0]);
    wasm_val_delete(&r[1]);
    wasm_foreign_delete(foreign);
    trap = wasm_func_call(wasm_extern_as_func(exports->data[1]), &none, &none);
    EXPECT(trap != NULL); // never success for lack of memory
    wasm_frame_vec_t trace = WASM_EMPTY_VEC;
    if (trap) wasm_trap_trace(trap, &trace);
    wasm_frame_vec_delete(&trace);
    wasm_trap_delete(trap);
}

static void run(wasm_store_t *store, wasm_module_t *module) {
    wasm_importtype_vec_t imports;
    wasm_module_imports(module, &imports);
    wasm_importtype_vec_delete(&imports);
    wasm_functype_t *type = wasm_functype_new_1_1(wasm_valtype_new_externref(),
                                                  wasm_valtype_new_externref());
    wasm_func_t *f =
        type ? wasm_func_new_with_env(store, type, host, NULL, NULL) : NULL;
    wasm_functype_delete(type);
    if (!f) return;
    wasm_extern_t *externs[1] = {wasm_func_as_extern(f)};
    wasm_extern_vec_t given = WASM_ARRAY_VEC(externs), exports;
    wasm_trap_t *trap = NULL;
    wasm_instance_t *i = wasm_instance_new(store, module, &given, &trap);
    EXPECT((i == NULL) == (trap != NULL));
    wasm_trap_delete(trap);
    wasm_func_delete(f);
    if (!i) return;
    wasm_instance_exports(i, &exports);
    if (exports.size) call_all(store, &exports);
    wasm_extern_vec_delete(&exports);
    wasm_instance_delete(i);
}

// From text to a serialized module and back, without a store.
static void load(wasm_engine_t *engine) {
    wasm_byte_vec_t v = WASM_EMPTY_VEC, s = WASM_EMPTY_VEC;
    wasmtime_module_t *m = NULL, *again = NULL;
    wasmtime_error_t *e = wasmtime_wat2wasm(program, strlen(program), &v);
    if (!e)
        e = wasmtime_module_new(engine, (const uint8_t *)(const void *)v.data,
                                v.size, &m);
    EXPECT((e == NULL) == (m != NULL));
    if (!e) e = wasmtime_module_serialize(m, &s);
    if (!e)
        e = wasmtime_module_deserialize(
            engine, (const uint8_t *)(const void *)s.data, s.size, &again);
    EXPECT((e == NULL) == (again != NULL));
    wasmtime_error_delete(e);
    wasmtime_module_delete(m ? wasmtime_module_clone(m) : NULL);
    wasmtime_module_delete(m);
    wasmtime_module_delete(again);
    wasm_byte_vec_delete(&v);
    wasm_byte_vec_delete(&s);
    wasm_trap_delete(wasmtime_trap_new("t", 1));
}

static void whole(const wasm_byte_vec_t *bytes) {
    wasm_engine_t *e = tier_engine(NULL);
    wasm_store_t *s = e ? wasm_store_new(e) : NULL;
    wasm_module_t *m = s ? wasm_module_new(s, bytes) : NULL;
    if (m) run(s, m);
    if (m) load(e);
    wasm_module_delete(m);
    wasm_store_delete(s);
    wasm_engine_delete(e);
}

static void every_allocation(void) {
    wasm_byte_vec_t bytes = wat(program); // from the default allocator
    bool done = false;
    uint64_t n = 0;
    for (; !done && n < 10000; n++) {
        allocator_set(&failing_allocator);
        allocations_left = n;
        allocations_live = 0;
        whole(&bytes);
        done = (int64_t)allocations_left >= 0; // none had to fail
        allocator_set(NULL);
        if (!EXPECT_EQ(allocations_live, 0)) break;
    }
    EXPECT(done && n > 50);
    wasm_byte_vec_delete(&bytes);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(every_allocation));
}
