// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Linkers: names, of a module and of a thing in it, and what imports of those
// names get. Names are UTF-8 with a length, and copied; others are an error.
//
// A linker is of one engine. Functions defined without a store serve every
// store of it; all else serves the store that it is of, and is an error in
// another. A linker belongs to one thread at a time.
#ifndef WASMTIME_LINKER_H
#define WASMTIME_LINKER_H

#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/error.h>
#include <wasmtime/extern.h>
#include <wasmtime/func.h>
#include <wasmtime/instance.h>
#include <wasmtime/store.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wasmtime_linker wasmtime_linker_t;

// NULL: no memory.
WASM_API_EXTERN wasmtime_linker_t *wasmtime_linker_new(wasm_engine_t *engine);
// With the same definitions; either may change, or go, without the other.
WASM_API_EXTERN wasmtime_linker_t *wasmtime_linker_clone(
    const wasmtime_linker_t *linker);
WASM_API_EXTERN void wasmtime_linker_delete(wasmtime_linker_t *linker);

// May a name be defined again? Otherwise, as at first, that is an error.
WASM_API_EXTERN void wasmtime_linker_allow_shadowing(wasmtime_linker_t *linker,
                                                     bool allow_shadowing);

// Defines every function that the module imports and the linker does not have:
// one that traps with the name, or one that returns zeros and nulls. What is
// missing and no function stays missing in the first case; in the second,
// globals, tables and memories are made in the store.
WASM_API_EXTERN wasmtime_error_t *
wasmtime_linker_define_unknown_imports_as_traps(
    wasmtime_linker_t *linker, const wasmtime_module_t *module);
WASM_API_EXTERN wasmtime_error_t *
wasmtime_linker_define_unknown_imports_as_default_values(
    wasmtime_linker_t *linker, wasmtime_context_t *store,
    const wasmtime_module_t *module);

// A thing of the store, borrowed.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_define(
    wasmtime_linker_t *linker, wasmtime_context_t *store, const char *module,
    size_t module_len, const char *name, size_t name_len,
    const wasmtime_extern_t *item);

// A function of the host for every store. The finalizer runs when the last of
// them and the linker have gone.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_define_func(
    wasmtime_linker_t *linker, const char *module, size_t module_len,
    const char *name, size_t name_len, const wasm_functype_t *ty,
    wasmtime_func_callback_t cb, void *data, void (*finalizer)(void *));
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_define_func_unchecked(
    wasmtime_linker_t *linker, const char *module, size_t module_len,
    const char *name, size_t name_len, const wasm_functype_t *ty,
    wasmtime_func_unchecked_callback_t cb, void *data,
    void (*finalizer)(void *));

#ifdef WASMTIME_FEATURE_WASI

// All of WASI 0.1, for stores with wasmtime_context_set_wasi. In others, its
// functions trap.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_define_wasi(
    wasmtime_linker_t *linker);

#endif

// All exports of an instance, under one module name.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_define_instance(
    wasmtime_linker_t *linker, wasmtime_context_t *store, const char *name,
    size_t name_len, const wasmtime_instance_t *instance);

// How it ends: wasmtime/func.h. An import that is not defined, or does not fit,
// is an error.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_instantiate(
    const wasmtime_linker_t *linker, wasmtime_context_t *store,
    const wasmtime_module_t *module, wasmtime_instance_t *instance,
    wasm_trap_t **trap);

// Instantiates a module and defines its exports under `name`. A command, which
// exports `_start`, is instantiated anew at each call of one of its functions,
// and defines nothing but functions; for any other `_initialize` runs once, if
// it is there. Imports are resolved now in either case. An error: one of the
// two is no function, or both are there.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_module(
    wasmtime_linker_t *linker, wasmtime_context_t *store, const char *name,
    size_t name_len, const wasmtime_module_t *module);

// What runs a module: its function with the empty name, else `_start`, else a
// function that does nothing. An error: what has the name is no function.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_get_default(
    const wasmtime_linker_t *linker, wasmtime_context_t *store,
    const char *name, size_t name_len, wasmtime_func_t *func);

// True: *item is owned by the caller. False: not defined, of another store, or
// no memory.
WASM_API_EXTERN bool wasmtime_linker_get(const wasmtime_linker_t *linker,
                                         wasmtime_context_t *store,
                                         const char *module, size_t module_len,
                                         const char *name, size_t name_len,
                                         wasmtime_extern_t *item);

// Resolves and checks the imports once, for any number of instances. The caller
// owns *instance_pre.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_instantiate_pre(
    const wasmtime_linker_t *linker, const wasmtime_module_t *module,
    wasmtime_instance_pre_t **instance_pre);

#ifdef __cplusplus
}
#endif

#endif
