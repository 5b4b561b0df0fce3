// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Functions: making, calling, being called.
//
// A call ends in one of three ways: an error is returned, *trap is set, or both
// are NULL and there are results.
//
// Traps: the guest did what has a code in wasmtime/trap.h, a host function
// returned a trap with such a code (it comes out as the object that it was), or
// nobody caught an exception (wasmtime/exnref.h). Errors: the handle, or the
// arguments' number, types or stores are wrong; a host function returned a trap
// without a code; the guest ended itself, which wasmtime_error_exit_status
// tells; the embedder's deadline callback said so; memory ran out.
//
// Calls are for the store's thread, and host functions run on the one that
// called. While a call runs, no other thread uses the store.
#ifndef WASMTIME_FUNC_H
#define WASMTIME_FUNC_H

#include <wasm.h>
#include <wasmtime/extern.h>
#include <wasmtime/store.h>
#include <wasmtime/val.h>

#ifdef __cplusplus
extern "C" {
#endif

// Who calls a host function; good for the time of the call.
typedef struct wasmtime_caller wasmtime_caller_t;

// A host function. The arguments are borrowed and of the types of the function;
// results are given away (they are null references or zero at first). Results
// that are not of their types are a trap. A trap that is returned is given
// away, and the results are then ignored.
typedef wasm_trap_t *(*wasmtime_func_callback_t)(
    void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args,
    size_t nargs, wasmtime_val_t *results, size_t nresults);

// *ret is null when memory ran out, or the type is of another engine. The
// finalizer runs when the store goes.
WASM_API_EXTERN void wasmtime_func_new(wasmtime_context_t *store,
                                       const wasm_functype_t *type,
                                       wasmtime_func_callback_t callback,
                                       void *env, void (*finalizer)(void *),
                                       wasmtime_func_t *ret);

// The same without tags: arguments from index 0 on, replaced by the results.
// There is room for the larger number of the two. Nothing is checked.
typedef wasm_trap_t *(*wasmtime_func_unchecked_callback_t)(
    void *env, wasmtime_caller_t *caller, wasmtime_val_raw_t *args_and_results,
    size_t num_args_and_results);

WASM_API_EXTERN void wasmtime_func_new_unchecked(
    wasmtime_context_t *store, const wasm_functype_t *type,
    wasmtime_func_unchecked_callback_t callback, void *env,
    void (*finalizer)(void *), wasmtime_func_t *ret);

// The caller owns it. NULL: no memory, or not a function of the store.
WASM_API_EXTERN wasm_functype_t *wasmtime_func_type(
    const wasmtime_context_t *store, const wasmtime_func_t *func);

// Arguments are borrowed, results are owned by the caller, *trap too. `args`
// and `results` may be NULL where there are none.
WASM_API_EXTERN wasmtime_error_t *wasmtime_func_call(
    wasmtime_context_t *store, const wasmtime_func_t *func,
    const wasmtime_val_t *args, size_t nargs, wasmtime_val_t *results,
    size_t nresults, wasm_trap_t **trap);

// Arguments from index 0 on, replaced by the results. The number must not be
// less than that of the arguments or of the results, which is checked; their
// types are not.
WASM_API_EXTERN wasmtime_error_t *wasmtime_func_call_unchecked(
    wasmtime_context_t *store, const wasmtime_func_t *func,
    wasmtime_val_raw_t *args_and_results, size_t args_and_results_len,
    wasm_trap_t **trap);

// An export of the instance that called. False: there is none with the name, or
// the host itself called.
WASM_API_EXTERN bool wasmtime_caller_export_get(wasmtime_caller_t *caller,
                                                const char *name,
                                                size_t name_len,
                                                wasmtime_extern_t *item);

WASM_API_EXTERN wasmtime_context_t *wasmtime_caller_context(
    wasmtime_caller_t *caller);

// Between wasmtime_val_raw_t and handles; null is NULL. `raw` must come from
// the same store. A function of another store becomes NULL.
WASM_API_EXTERN void wasmtime_func_from_raw(wasmtime_context_t *context,
                                            void *raw, wasmtime_func_t *ret);
WASM_API_EXTERN void *wasmtime_func_to_raw(wasmtime_context_t *context,
                                           const wasmtime_func_t *func);

#ifdef __cplusplus
}
#endif

#endif
