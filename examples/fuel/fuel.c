// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How much work a guest may do, counted and the same on every machine.
#include "example.h"

static bool ran_out(wasm_trap_t *trap) {
    wasmtime_trap_code_t code;
    return wasmtime_trap_code(trap, &code) &&
           code == WASMTIME_TRAP_CODE_OUT_OF_FUEL;
}

// [call]
static bool fib(wasmtime_context_t *context, const wasmtime_func_t *func,
                int32_t n, uint64_t fuel) {
    check("fuel", wasmtime_context_set_fuel(context, fuel), NULL);
    wasmtime_val_t arg = {.kind = WASMTIME_I32, .of.i32 = n};
    wasmtime_val_t result;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error =
        wasmtime_func_call(context, func, &arg, 1, &result, 1, &trap);
    check("fib", error, NULL);
    if (trap) {
        printf("fib(%d): %s\n", n, ran_out(trap) ? "out of fuel" : "a trap");
        wasm_trap_delete(trap);
        return false;
    }
    uint64_t left;
    check("fuel", wasmtime_context_get_fuel(context, &left), NULL);
    printf("fib(%d) = %d, %s\n", n, result.of.i32,
           left < fuel ? "fuel was used" : "for free");
    return true;
}
// [/call]

int main(void) {
    // [config]
    wasm_config_t *config = wasm_config_new();
    wasmtime_config_consume_fuel_set(config, true);
    wasm_engine_t *engine = wasm_engine_new_with_config(config);
    // [/config]
    wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
    wasmtime_context_t *context = wasmtime_store_context(store);
    check("fuel", wasmtime_context_set_fuel(context, 1000), NULL);
    wasmtime_module_t *module = read_module(engine, "fuel.wat");
    wasmtime_instance_t instance = instantiate(context, module);
    wasmtime_func_t func = func_get(context, &instance, "fib");

    // [budget]
    for (int32_t n = 4; fib(context, &func, n, 10000); n += 4) {
    }
    fib(context, &func, 20, 1000000); // the store is as good as before
    // [/budget]

    wasmtime_module_delete(module);
    wasmtime_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
