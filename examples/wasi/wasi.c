// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A program for WASI, with arguments, and its output in the host's hands.
#include "example.h"

// [output]
static ptrdiff_t collect(void *env, const unsigned char *bytes, size_t size) {
    size_t *total = env;
    *total += size;
    return (ptrdiff_t)fwrite(bytes, 1, size, stdout); // negative: an error
}
// [/output]

static void configure(wasmtime_context_t *context, size_t *total) {
    // [wasi]
    static const char *argv[] = {"greeter", "hello", "world"};
    wasi_config_t *wasi = wasi_config_new();
    require("arguments", wasi_config_set_argv(wasi, 3, argv));
    wasi_config_set_stdout_custom(wasi, collect, total, NULL);
    wasi_config_inherit_stderr(wasi);
    check("wasi", wasmtime_context_set_wasi(context, wasi), NULL);
    // [/wasi]
}

static int run(wasmtime_context_t *context, const wasmtime_func_t *start) {
    // [exit]
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error =
        wasmtime_func_call(context, start, NULL, 0, NULL, 0, &trap);
    int status = 0;
    if (error && wasmtime_error_exit_status(error, &status)) {
        wasmtime_error_delete(error); // proc_exit ends a guest with an error
        return status;
    }
    check("run", error, trap);
    return 0;
    // [/exit]
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
    wasmtime_context_t *context = wasmtime_store_context(store);
    wasmtime_module_t *module = read_module(engine, "wasi.wat");
    size_t total = 0;
    configure(context, &total);

    // [link]
    wasmtime_linker_t *linker = wasmtime_linker_new(engine);
    check("wasi", wasmtime_linker_define_wasi(linker), NULL);
    check("module", wasmtime_linker_module(linker, context, "", 0, module),
          NULL);
    wasmtime_func_t start;
    check("start", wasmtime_linker_get_default(linker, context, "", 0, &start),
          NULL);
    // [/link]
    int status = run(context, &start);
    printf("%zu bytes, exit status %d\n", total, status);

    wasmtime_linker_delete(linker);
    wasmtime_module_delete(module);
    wasmtime_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
