// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A loaded module, kept as bytes and taken up again by another engine.
#include "example.h"

static wasm_byte_vec_t prepare(const char *path) {
    // [serialize]
    wasm_engine_t *engine = wasm_engine_new();
    wasmtime_module_t *module = read_module(engine, path);
    wasm_byte_vec_t bytes;
    check("serialize", wasmtime_module_serialize(module, &bytes), NULL);
    wasmtime_module_delete(module);
    wasm_engine_delete(engine);
    // [/serialize]
    return bytes;
}

static void run(const wasm_byte_vec_t *bytes) {
    // [deserialize]
    wasm_engine_t *engine = wasm_engine_new();
    wasmtime_module_t *module = NULL;
    check("deserialize",
          wasmtime_module_deserialize(engine, (const uint8_t *)bytes->data,
                                      bytes->size, &module),
          NULL);
    // [/deserialize]
    wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
    wasmtime_context_t *context = wasmtime_store_context(store);
    wasmtime_instance_t instance = instantiate(context, module);
    printf("the square of 12 is %d\n",
           call_i32(context, func_get(context, &instance, "square"), 1,
                    (int32_t[]){12}));
    wasmtime_module_delete(module);
    wasmtime_store_delete(store);
    wasm_engine_delete(engine);
}

static void refuse(void) {
    // [refuse]
    static const uint8_t nonsense[] = "not what it should be";
    wasm_engine_t *engine = wasm_engine_new();
    wasmtime_module_t *module = NULL;
    wasmtime_error_t *error =
        wasmtime_module_deserialize(engine, nonsense, sizeof nonsense, &module);
    printf("other bytes: %s\n", error ? "refused" : "?");
    if (error) wasmtime_error_delete(error);
    wasm_engine_delete(engine);
    // [/refuse]
}

int main(void) {
    wasm_byte_vec_t bytes = prepare("serialize.wat");
    run(&bytes);
    wasm_byte_vec_delete(&bytes);
    refuse();
    return 0;
}
