// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A module calls the program that runs it. Only wasm.h is used, but for the
// translation of the text.
#include "example.h"

// [callback]
static wasm_trap_t *hello(const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    (void)args;
    (void)results;
    printf("Hello from the host!\n");
    return NULL; // or a trap, which ends the guest
}
// [/callback]

static wasm_instance_t *make_instance(wasm_store_t *store,
                                      const wasm_module_t *module) {
    // [imports]
    wasm_functype_t *type = wasm_functype_new_0_0();
    wasm_func_t *func = wasm_func_new(store, type, hello);
    wasm_functype_delete(type);

    wasm_extern_t *items[] = {wasm_func_as_extern(func)};
    wasm_extern_vec_t imports = WASM_ARRAY_VEC(items);
    wasm_trap_t *trap = NULL;
    wasm_instance_t *instance =
        wasm_instance_new(store, module, &imports, &trap);
    check("instantiate", NULL, trap);
    // [/imports]
    wasm_func_delete(func); // the instance keeps the function itself
    require("instantiate", instance != NULL);
    return instance;
}

static void run(wasm_instance_t *instance) {
    // [call]
    wasm_extern_vec_t exports;
    wasm_instance_exports(instance, &exports);
    wasm_func_t *func = wasm_extern_as_func(exports.data[0]);
    wasm_val_vec_t none = WASM_EMPTY_VEC;
    check("run", NULL, wasm_func_call(func, &none, &none));
    wasm_extern_vec_delete(&exports);
    // [/call]
}

int main(void) {
    // [setup]
    wasm_engine_t *engine = wasm_engine_new();
    wasm_store_t *store = wasm_store_new(engine);
    wasm_byte_vec_t wasm = read_wat("hello.wat");
    wasm_module_t *module = wasm_module_new(store, &wasm);
    require("load", module != NULL);
    // [/setup]
    wasm_byte_vec_delete(&wasm);

    wasm_instance_t *instance = make_instance(store, module);
    run(instance);

    wasm_instance_delete(instance);
    wasm_module_delete(module);
    wasm_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
