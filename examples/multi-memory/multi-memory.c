// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A module with two memories: the guest cannot write where it reads.
#include "example.h"

static uint8_t *memory_get(wasmtime_context_t *context,
                           const wasmtime_instance_t *instance,
                           const char *name) {
    // [memory]
    wasmtime_extern_t item =
        export_get(context, instance, name, WASMTIME_EXTERN_MEMORY);
    return wasmtime_memory_data(context, &item.of.memory);
    // [/memory]
}

int main(void) {
    // [config]
    wasm_config_t *config = wasm_config_new();
    wasmtime_config_wasm_multi_memory_set(config, true); // as it is by default
    wasm_engine_t *engine = wasm_engine_new_with_config(config);
    // [/config]
    wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
    wasmtime_context_t *context = wasmtime_store_context(store);
    wasmtime_module_t *module = read_module(engine, "multi-memory.wat");
    wasmtime_instance_t instance = instantiate(context, module);

    // [use]
    static const char text[] = "two memories, one module";
    uint8_t *in = memory_get(context, &instance, "in");
    uint8_t *out = memory_get(context, &instance, "out");
    memcpy(in, text, sizeof text);
    call_i32(context, func_get(context, &instance, "upper"), 1,
             (int32_t[]){sizeof text});
    printf("in:  %s\nout: %s\n", (const char *)in, (const char *)out);
    // [/use]

    wasmtime_module_delete(module);
    wasmtime_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
