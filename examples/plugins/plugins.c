// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Plugins that may be written in any language and by anybody: each has a store
// of its own, with as much memory and time as the host gives it, and sees
// nothing but what the host hands in.
#include "example.h"

// [plugin]
typedef struct Plugin {
    wasmtime_store_t *store;
    wasmtime_context_t *context;
    wasmtime_memory_t memory;
    wasmtime_func_t buffer; // (size) -> where to write that many bytes
    wasmtime_func_t apply;  // (size) -> size; works in the buffer
} Plugin;
// [/plugin]

static wasm_trap_t *marks(void *env, wasmtime_caller_t *caller,
                          const wasmtime_val_t *args, size_t nargs,
                          wasmtime_val_t *results, size_t nresults) {
    (void)env;
    (void)caller;
    (void)args;
    (void)nargs;
    (void)nresults;
    results[0] = (wasmtime_val_t){.kind = WASMTIME_I32, .of.i32 = 3};
    return NULL;
}

static wasmtime_linker_t *make_linker(wasm_engine_t *engine) {
    // [host]
    wasmtime_linker_t *linker = wasmtime_linker_new(engine);
    wasm_functype_t *type = wasm_functype_new_0_1(wasm_valtype_new_i32());
    check("marks",
          wasmtime_linker_define_func(linker, "host", 4, "marks", 5, type,
                                      marks, NULL, NULL),
          NULL);
    wasm_functype_delete(type);
    // [/host]
    return linker;
}

static Plugin plugin_open(wasm_engine_t *engine,
                          const wasmtime_linker_t *linker, const char *path) {
    // [limits]
    Plugin p = {.store = wasmtime_store_new(engine, NULL, NULL)};
    p.context = wasmtime_store_context(p.store);
    // 1 MiB of memory; the tables, instances and memories that it may have.
    wasmtime_store_limiter(p.store, 1 << 20, 100, 1, 1, 1);
    check("fuel", wasmtime_context_set_fuel(p.context, 100000), NULL);
    // [/limits]

    wasmtime_module_t *module = read_module(engine, path);
    wasmtime_instance_t instance;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_linker_instantiate(
        linker, p.context, module, &instance, &trap);
    check(path, error, trap);
    wasmtime_module_delete(module);

    p.memory =
        export_get(p.context, &instance, "memory", WASMTIME_EXTERN_MEMORY)
            .of.memory;
    p.buffer = func_get(p.context, &instance, "buffer");
    p.apply = func_get(p.context, &instance, "apply");
    return p;
}

// False when the plugin failed, whatever the reason.
static bool plugin_call(Plugin *p, const wasmtime_func_t *func, size_t size,
                        uint32_t *out) {
    wasmtime_val_t arg = {.kind = WASMTIME_I32, .of.i32 = (int32_t)size};
    wasmtime_val_t result = {.kind = WASMTIME_I32};
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error =
        wasmtime_func_call(p->context, func, &arg, 1, &result, 1, &trap);
    if (trap) wasm_trap_delete(trap);
    if (error) wasmtime_error_delete(error);
    *out = (uint32_t)result.of.i32;
    return !trap && !error;
}

// [apply]
static bool plugin_apply(Plugin *p, char *text, size_t cap) {
    size_t size = strlen(text);
    uint32_t at;
    uint32_t new_size;
    if (!plugin_call(p, &p->buffer, size, &at)) return false;
    size_t memory_size = wasmtime_memory_data_size(p->context, &p->memory);
    if (at > memory_size || size > memory_size - at) return false;
    memcpy(wasmtime_memory_data(p->context, &p->memory) + at, text, size);

    if (!plugin_call(p, &p->apply, size, &new_size)) return false;
    // Whatever a plugin answers is checked again: its memory may have grown,
    // and its numbers may be wrong.
    memory_size = wasmtime_memory_data_size(p->context, &p->memory);
    if (new_size >= cap || new_size > memory_size - at) return false;
    memcpy(text, wasmtime_memory_data(p->context, &p->memory) + at, new_size);
    text[new_size] = '\0';
    return true;
}
// [/apply]

int main(void) {
    // [engine]
    wasm_config_t *config = wasm_config_new();
    wasmtime_config_consume_fuel_set(config, true);
    wasm_engine_t *engine = wasm_engine_new_with_config(config);
    // [/engine]
    wasmtime_linker_t *linker = make_linker(engine);

    // [run]
    static const char *paths[] = {"upper.wat", "greedy.wat", "exclaim.wat"};
    char text[64] = "plugins are modules";
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        Plugin p = plugin_open(engine, linker, paths[i]);
        if (plugin_apply(&p, text, sizeof text))
            printf("%s: %s\n", paths[i], text);
        else
            printf("%s: failed, and is left out\n", paths[i]);
        wasmtime_store_delete(p.store);
    }
    // [/run]

    wasmtime_linker_delete(linker);
    wasm_engine_delete(engine);
    return 0;
}
