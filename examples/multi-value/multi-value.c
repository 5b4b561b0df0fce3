// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Several results, of the guest's functions and of the host's, with wasm.h.
#include "example.h"

// [callback]
static wasm_trap_t *swap(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    results->data[0] = args->data[1];
    results->data[1] = args->data[0];
    return NULL;
}
// [/callback]

static wasm_func_t *make_swap(wasm_store_t *store) {
    // [type]
    wasm_functype_t *type =
        wasm_functype_new_2_2(wasm_valtype_new_i32(), wasm_valtype_new_i64(),
                              wasm_valtype_new_i64(), wasm_valtype_new_i32());
    wasm_func_t *func = wasm_func_new(store, type, swap);
    wasm_functype_delete(type);
    // [/type]
    return func;
}

static void divide(wasm_func_t *func, int32_t a, int32_t b) {
    // [call]
    wasm_val_t args[] = {WASM_I32_VAL(a), WASM_I32_VAL(b)};
    wasm_val_t results[] = {WASM_INIT_VAL, WASM_INIT_VAL};
    wasm_val_vec_t in = WASM_ARRAY_VEC(args);
    wasm_val_vec_t out = WASM_ARRAY_VEC(results);
    check("divide", NULL, wasm_func_call(func, &in, &out));
    printf("%d / %d = %d, rest %d\n", a, b, results[0].of.i32,
           results[1].of.i32);
    // [/call]
}

static void twice(wasm_func_t *func, int32_t a, int64_t b) {
    wasm_val_t args[] = {WASM_I32_VAL(a), WASM_I64_VAL(b)};
    wasm_val_t results[] = {WASM_INIT_VAL, WASM_INIT_VAL};
    wasm_val_vec_t in = WASM_ARRAY_VEC(args);
    wasm_val_vec_t out = WASM_ARRAY_VEC(results);
    check("twice", NULL, wasm_func_call(func, &in, &out));
    printf("twice (%d, %lld) is (%d, %lld)\n", a, (long long)b,
           results[0].of.i32, (long long)results[1].of.i64);
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_byte_vec_t wasm = read_wat("multi-value.wat");
    wasm_module_t *module = wasm_module_new(store, &wasm);
    require("load", module != NULL);
    wasm_byte_vec_delete(&wasm);

    wasm_func_t *swap_func = make_swap(store);
    wasm_extern_t *items[] = {wasm_func_as_extern(swap_func)};
    wasm_extern_vec_t imports = WASM_ARRAY_VEC(items);
    wasm_trap_t *trap = NULL;
    wasm_instance_t *instance =
        wasm_instance_new(store, module, &imports, &trap);
    check("instantiate", NULL, trap);
    wasm_func_delete(swap_func);

    wasm_extern_vec_t exports;
    wasm_instance_exports(instance, &exports);
    divide(wasm_extern_as_func(exports.data[0]), 47, 5);
    twice(wasm_extern_as_func(exports.data[1]), -3, 1LL << 40);
    wasm_extern_vec_delete(&exports);

    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
