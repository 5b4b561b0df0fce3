// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Generated modules in a library that has the ecosystem's C API and is loaded
// while the program runs: the published one, or our own.
#pragma once

#include "base/defs.h"
#include "fuzz/smith/smith.h"

#include <wasmtime.h>

// clang-format off
#define LIBRARY_SWITCHES(F)                                                \
    F(wasmtime_config_wasm_threads_set)                                    \
    F(wasmtime_config_shared_memory_set)                                   \
    F(wasmtime_config_wasm_tail_call_set)                                  \
    F(wasmtime_config_wasm_reference_types_set)                            \
    F(wasmtime_config_wasm_function_references_set)                        \
    F(wasmtime_config_wasm_gc_set)                                         \
    F(wasmtime_config_wasm_simd_set)                                       \
    F(wasmtime_config_wasm_relaxed_simd_set)                               \
    F(wasmtime_config_wasm_relaxed_simd_deterministic_set)                 \
    F(wasmtime_config_wasm_bulk_memory_set)                                \
    F(wasmtime_config_wasm_multi_value_set)                                \
    F(wasmtime_config_wasm_multi_memory_set)                               \
    F(wasmtime_config_wasm_memory64_set)                                   \
    F(wasmtime_config_wasm_wide_arithmetic_set)                            \
    F(wasmtime_config_wasm_exceptions_set)                                 \
    F(wasmtime_config_wasm_custom_page_sizes_set)

#define LIBRARY_FUNCTIONS(F)                                               \
    F(wasm_config_new)                 F(wasm_engine_new_with_config)      \
    F(wasm_engine_delete)              F(wasm_byte_vec_delete)             \
    F(wasm_functype_delete)            F(wasm_functype_new)                \
    F(wasm_importtype_name)            F(wasm_importtype_vec_delete)       \
    F(wasm_trap_delete)                F(wasm_valtype_new)                 \
    F(wasm_valtype_vec_new)            F(wasmtime_config_cranelift_opt_level_set) \
    F(wasmtime_config_signals_based_traps_set) \
    F(wasmtime_context_set_exception)  F(wasmtime_context_take_exception)  \
    F(wasmtime_error_delete)           F(wasmtime_error_message)           \
    F(wasmtime_exnref_unroot)          F(wasmtime_extern_delete)           \
    F(wasmtime_func_call)              F(wasmtime_global_get)              \
    F(wasmtime_global_set)             F(wasmtime_instance_export_get)     \
    F(wasmtime_caller_context)         F(wasmtime_linker_allow_shadowing)  \
    F(wasmtime_linker_define)          F(wasmtime_linker_define_func)      \
    F(wasmtime_linker_define_instance) F(wasmtime_linker_delete)           \
    F(wasmtime_linker_instantiate)     F(wasmtime_linker_new)              \
    F(wasmtime_memory_data)            F(wasmtime_memory_data_size)        \
    F(wasmtime_module_delete)          F(wasmtime_module_imports)          \
    F(wasmtime_module_new)             F(wasmtime_sharedmemory_data)       \
    F(wasmtime_sharedmemory_data_size) F(wasmtime_store_context)           \
    F(wasmtime_store_delete)           F(wasmtime_store_new)               \
    F(wasmtime_trap_code)              F(wasmtime_trap_new)
// clang-format on

enum {
    LIBRARY_text_max = 32768, // what is said about one module
};

typedef struct Library {
#define POINTER(name) __typeof__(name) *name;
    LIBRARY_FUNCTIONS(POINTER)
#undef POINTER
    wasm_engine_t *engine;
    char text[LIBRARY_text_max]; // a line for each thing that was observed
    size_t len;
} Library;

// Prints why if it fails.
NODISCARD bool library_open(Library *l, const char *path);
void library_close(Library *l);
// As diff_run_module. What it says of traps are the library's words.
void library_run(Library *l, Bytes module);
