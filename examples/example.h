// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the examples share: they print what went wrong and stop.
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <wasmtime.h>

// Prints a message and deletes it; traps end theirs with a zero.
static inline void message_print(const char *what, wasm_byte_vec_t *message) {
    fprintf(stderr, "%s: %.*s\n", what, (int)message->size, message->data);
    wasm_byte_vec_delete(message);
}

// Stops the program unless neither an error nor a trap came back.
static inline void check(const char *what, wasmtime_error_t *error,
                         wasm_trap_t *trap) {
    wasm_byte_vec_t message;
    if (!error && !trap) return;
    if (error) {
        wasmtime_error_message(error, &message);
        wasmtime_error_delete(error);
    } else {
        wasm_trap_message(trap, &message);
        wasm_trap_delete(trap);
    }
    message_print(what, &message);
    exit(1);
}

static inline void require(const char *what, bool ok) {
    if (ok) return;
    fprintf(stderr, "%s failed\n", what);
    exit(1);
}

// The binary form of a file of text.
static inline wasm_byte_vec_t read_wat(const char *path) {
    FILE *file = fopen(path, "rb");
    require(path, file != NULL);
    char text[16384];
    size_t size = fread(text, 1, sizeof text, file);
    fclose(file);
    wasm_byte_vec_t wasm;
    check(path, wasmtime_wat2wasm(text, size, &wasm), NULL);
    return wasm;
}

static inline wasmtime_module_t *read_module(wasm_engine_t *engine,
                                             const char *path) {
    wasm_byte_vec_t wasm = read_wat(path);
    wasmtime_module_t *module = NULL;
    check(path,
          wasmtime_module_new(engine, (const uint8_t *)wasm.data, wasm.size,
                              &module),
          NULL);
    wasm_byte_vec_delete(&wasm);
    return module;
}

static inline wasmtime_instance_t instantiate(wasmtime_context_t *context,
                                              const wasmtime_module_t *module) {
    wasmtime_instance_t instance;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error =
        wasmtime_instance_new(context, module, NULL, 0, &instance, &trap);
    check("instantiate", error, trap);
    return instance;
}

// What an instance exports under a name; it must be of that kind.
static inline wasmtime_extern_t export_get(wasmtime_context_t *context,
                                           const wasmtime_instance_t *instance,
                                           const char *name,
                                           wasmtime_extern_kind_t kind) {
    wasmtime_extern_t item;
    require(name, wasmtime_instance_export_get(context, instance, name,
                                               strlen(name), &item) &&
                      item.kind == kind);
    return item;
}

static inline wasmtime_func_t func_get(wasmtime_context_t *context,
                                       const wasmtime_instance_t *instance,
                                       const char *name) {
    return export_get(context, instance, name, WASMTIME_EXTERN_FUNC).of.func;
}

// Calls a function that takes and returns 32-bit integers; stops on traps.
static inline int32_t call_i32(wasmtime_context_t *context,
                               wasmtime_func_t func, size_t count,
                               const int32_t *numbers) {
    wasmtime_val_t args[4];
    wasmtime_val_t result = {.kind = WASMTIME_I32};
    wasm_functype_t *type = wasmtime_func_type(context, &func);
    size_t results = wasm_functype_results(type)->size;
    wasm_functype_delete(type);
    for (size_t i = 0; i < count && i < 4; i++)
        args[i] = (wasmtime_val_t){.kind = WASMTIME_I32, .of.i32 = numbers[i]};
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_func_call(context, &func, args, count,
                                                 &result, results, &trap);
    check("call", error, trap);
    return results ? result.of.i32 : 0;
}
