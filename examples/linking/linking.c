// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Two modules and the host, joined by name.
#include "example.h"

// [print]
static wasm_trap_t *print(void *env, wasmtime_caller_t *caller,
                          const wasmtime_val_t *args, size_t nargs,
                          wasmtime_val_t *results, size_t nresults) {
    (void)caller;
    (void)nargs;
    (void)results;
    (void)nresults;
    int *calls = env;
    *calls += 1;
    printf("'%c' occurs %d times\n", args[0].of.i32, args[1].of.i32);
    return NULL;
}
// [/print]

static wasmtime_instance_t link(const wasmtime_linker_t *linker,
                                wasmtime_context_t *context,
                                const wasmtime_module_t *module) {
    wasmtime_instance_t instance;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error =
        wasmtime_linker_instantiate(linker, context, module, &instance, &trap);
    check("link", error, trap);
    return instance;
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
    wasmtime_context_t *context = wasmtime_store_context(store);
    wasmtime_module_t *text = read_module(engine, "text.wat");
    wasmtime_module_t *program = read_module(engine, "main.wat");

    // [host]
    int calls = 0;
    wasmtime_linker_t *linker = wasmtime_linker_new(engine);
    wasm_functype_t *type =
        wasm_functype_new_2_0(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    check("print",
          wasmtime_linker_define_func(linker, "host", 4, "print", 5, type,
                                      print, &calls, NULL),
          NULL);
    wasm_functype_delete(type);
    // [/host]

    // [modules]
    wasmtime_instance_t library = link(linker, context, text);
    check("text",
          wasmtime_linker_define_instance(linker, context, "text", 4, &library),
          NULL);
    wasmtime_instance_t instance = link(linker, context, program);
    // [/modules]

    call_i32(context, func_get(context, &instance, "run"), 0, NULL);
    printf("%d calls of the host\n", calls);

    wasmtime_linker_delete(linker);
    wasmtime_module_delete(program);
    wasmtime_module_delete(text);
    wasmtime_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
