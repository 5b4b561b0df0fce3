// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The host reads, writes and grows the memory of a module.
#include "example.h"

// A guest that reaches outside of its memory is stopped; the host goes on.
static void out_of_bounds(wasmtime_context_t *context,
                          const wasmtime_func_t *load, int32_t at) {
    // [trap]
    wasmtime_val_t arg = {.kind = WASMTIME_I32, .of.i32 = at};
    wasmtime_val_t result;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error =
        wasmtime_func_call(context, load, &arg, 1, &result, 1, &trap);
    check("load", error, NULL);
    require("the trap", trap != NULL);
    wasmtime_trap_code_t code;
    bool out = wasmtime_trap_code(trap, &code) &&
               code == WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS;
    printf("load(%#x): %s\n", (unsigned)at, out ? "out of bounds" : "?");
    wasm_trap_delete(trap);
    // [/trap]
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
    wasmtime_context_t *context = wasmtime_store_context(store);
    wasmtime_module_t *module = read_module(engine, "memory.wat");
    wasmtime_instance_t instance = instantiate(context, module);
    wasmtime_func_t load = func_get(context, &instance, "load");
    wasmtime_func_t store8 = func_get(context, &instance, "store");
    wasmtime_func_t size = func_get(context, &instance, "size");

    // [data]
    wasmtime_memory_t memory =
        export_get(context, &instance, "memory", WASMTIME_EXTERN_MEMORY)
            .of.memory;
    uint8_t *bytes = wasmtime_memory_data(context, &memory);
    printf("%zu bytes, %llu pages\n",
           wasmtime_memory_data_size(context, &memory),
           (unsigned long long)wasmtime_memory_size(context, &memory));
    // [/data]
    printf("bytes at 0x1000: %d %d %d %d\n", bytes[0x1000], bytes[0x1001],
           bytes[0x1002], bytes[0x1003]);

    // [both]
    bytes[0x1003] = 5; // the guest sees it
    printf("load(0x1003) = %d\n",
           call_i32(context, load, 1, (int32_t[]){0x1003}));
    call_i32(context, store8, 2, (int32_t[]){0x1002, 6});
    printf("byte at 0x1002: %d\n", bytes[0x1002]); // and the host this
    // [/both]
    out_of_bounds(context, &load, 0x20000);

    // [grow]
    uint64_t before;
    check("grow", wasmtime_memory_grow(context, &memory, 1, &before), NULL);
    printf("grown from %llu to %d pages\n", (unsigned long long)before,
           call_i32(context, size, 0, NULL));
    bytes = wasmtime_memory_data(context, &memory); // it may have moved
    bytes[0x20000] = 7;
    printf("load(0x20000) = %d\n",
           call_i32(context, load, 1, (int32_t[]){0x20000}));
    // [/grow]

    wasmtime_error_t *error =
        wasmtime_memory_grow(context, &memory, 1, &before);
    printf("a fourth page: %s\n", error ? "refused" : "?");
    if (error) wasmtime_error_delete(error);

    wasmtime_module_delete(module);
    wasmtime_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
