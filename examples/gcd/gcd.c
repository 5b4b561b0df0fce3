// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Calls a function with arguments and a result.
#include "example.h"

static int32_t gcd(wasmtime_context_t *context, const wasmtime_func_t *func,
                   int32_t a, int32_t b) {
    // [call]
    wasmtime_val_t args[] = {
        {.kind = WASMTIME_I32, .of.i32 = a},
        {.kind = WASMTIME_I32, .of.i32 = b},
    };
    wasmtime_val_t result;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error =
        wasmtime_func_call(context, func, args, 2, &result, 1, &trap);
    check("gcd", error, trap);
    return result.of.i32;
    // [/call]
}

int main(void) {
    // [setup]
    wasm_engine_t *engine = wasm_engine_new();
    wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
    wasmtime_context_t *context = wasmtime_store_context(store);
    wasmtime_module_t *module = read_module(engine, "gcd.wat");
    wasmtime_instance_t instance = instantiate(context, module);
    // [/setup]

    // [export]
    wasmtime_extern_t item;
    bool found =
        wasmtime_instance_export_get(context, &instance, "gcd", 3, &item);
    require("gcd", found && item.kind == WASMTIME_EXTERN_FUNC);
    // [/export]

    static const int32_t pairs[][2] = {{6, 27}, {1071, 462}, {17, 5}, {0, 4}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        int32_t a = pairs[i][0];
        int32_t b = pairs[i][1];
        printf("gcd(%d, %d) = %d\n", a, b, gcd(context, &item.of.func, a, b));
    }

    wasmtime_module_delete(module);
    wasmtime_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
