// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Calls that stop in the middle and go on later.
//
// Such a call is a future. It runs on a stack of its own while it is polled,
// until it ends or suspends: because a host function waits for something, a
// share of fuel is used up, or a deadline asks for it. Nothing runs between
// polls, there are no threads and no event loop. Each poll may be on another
// thread. Any store can have futures, also several, of which one at a time is
// polled, and other calls between polls.
//
// A host function that calls into the store again cannot be suspended: what
// runs inside such a call, and would suspend, traps.
//
// What a function that makes a future is given (arguments, results, pointers
// for the outcome, modules, linkers) stays where it is, untouched, until the
// future is deleted. Futures are deleted in any state and before or after their
// store; no code of the guest runs then. foliot.h has what to wait on instead
// of polling in vain.
#ifndef WASMTIME_ASYNC_H
#define WASMTIME_ASYNC_H

#include <wasm.h>
#include <wasmtime/conf.h>
#include <wasmtime/config.h>
#include <wasmtime/error.h>
#include <wasmtime/func.h>
#include <wasmtime/linker.h>
#include <wasmtime/store.h>

#ifdef WASMTIME_FEATURE_ASYNC

#ifdef __cplusplus
extern "C" {
#endif

// --- when to suspend ---------------------------------------------------------

// Bytes of native stack for a future, 2 MiB by default; less than 128 KiB is
// raised to that. Host functions have all of it but what compiled guests take.
WASM_API_EXTERN void wasmtime_config_async_stack_size_set(wasm_config_t *,
                                                          size_t);

// Futures suspend whenever they have spent so much fuel; 0: never. It is part
// of what the store has. An error: the engine does not count fuel.
WASM_API_EXTERN wasmtime_error_t *wasmtime_context_fuel_async_yield_interval(
    wasmtime_context_t *context, uint64_t interval);

// At a deadline futures suspend, and go on until the epoch has been raised
// `delta` times more. Calls that cannot suspend trap. Replaces the callback of
// the store. An error: the engine has no epochs.
WASM_API_EXTERN wasmtime_error_t *
wasmtime_context_epoch_deadline_async_yield_and_update(
    wasmtime_context_t *context, uint64_t delta);

// --- host functions that wait ------------------------------------------------

// Is it over? Called as soon as the function has returned, and again at each
// poll until it is, on the thread that polls and on the stack of the future.
typedef bool (*wasmtime_func_async_continuation_callback_t)(void *env);

// What a host function leaves behind when it is not done. `finalizer`, which
// may be NULL, is called once: when it is over, or when the future goes.
typedef struct wasmtime_async_continuation_t {
    wasmtime_func_async_continuation_callback_t callback;
    void *env;
    void (*finalizer)(void *);
} wasmtime_async_continuation_t;

// As wasmtime_func_callback_t, but for the answer: a trap in *trap_ret, which
// we take, or a continuation in *continuation_ret. Until that is over, and not
// longer, all pointers stay good; results and trap may be stored until then. No
// callback in the continuation: it is over at once.
typedef void (*wasmtime_func_async_callback_t)(
    void *env, wasmtime_caller_t *caller, const wasmtime_val_t *args,
    size_t nargs, wasmtime_val_t *results, size_t nresults,
    wasm_trap_t **trap_ret, wasmtime_async_continuation_t *continuation_ret);

// As wasmtime_linker_define_func. In a call that cannot suspend, a continuation
// that is not over when first asked is a trap.
WASM_API_EXTERN wasmtime_error_t *wasmtime_linker_define_async_func(
    wasmtime_linker_t *linker, const char *module, size_t module_len,
    const char *name, size_t name_len, const wasm_functype_t *ty,
    wasmtime_func_async_callback_t cb, void *data, void (*finalizer)(void *));

// --- futures -----------------------------------------------------------------

typedef struct wasmtime_call_future wasmtime_call_future_t;

// Runs it until it suspends (false) or is over (true): results, *trap_ret and
// *error_ret are then as the function without `async` leaves them. Once over it
// stays so. Not from inside of it.
WASM_API_EXTERN bool wasmtime_call_future_poll(wasmtime_call_future_t *future);

// Not from inside of it.
WASM_API_EXTERN void wasmtime_call_future_delete(
    wasmtime_call_future_t *future);

// As wasmtime_func_call, wasmtime_linker_instantiate and
// wasmtime_instance_pre_instantiate; nothing runs before the first poll. What
// is wrong with the arguments comes out there, too. NULL only when memory ran
// out, and then *error_ret says so; polling NULL is true.
WASM_API_EXTERN wasmtime_call_future_t *wasmtime_func_call_async(
    wasmtime_context_t *context, const wasmtime_func_t *func,
    const wasmtime_val_t *args, size_t nargs, wasmtime_val_t *results,
    size_t nresults, wasm_trap_t **trap_ret, wasmtime_error_t **error_ret);
WASM_API_EXTERN wasmtime_call_future_t *wasmtime_linker_instantiate_async(
    const wasmtime_linker_t *linker, wasmtime_context_t *store,
    const wasmtime_module_t *module, wasmtime_instance_t *instance,
    wasm_trap_t **trap_ret, wasmtime_error_t **error_ret);
WASM_API_EXTERN wasmtime_call_future_t *wasmtime_instance_pre_instantiate_async(
    const wasmtime_instance_pre_t *instance_pre, wasmtime_context_t *store,
    wasmtime_instance_t *instance, wasm_trap_t **trap_ret,
    wasmtime_error_t **error_ret);

// --- stacks of the embedder --------------------------------------------------

// The address right above the stack's last byte, and its size without guard
// pages. At least 128 KiB.
typedef uint8_t *(*wasmtime_stack_memory_get_callback_t)(void *env,
                                                         size_t *out_len);

// `finalizer`, which may be NULL, is called when the future that uses the stack
// is over or goes.
typedef struct {
    void *env;
    wasmtime_stack_memory_get_callback_t get_stack_memory;
    void (*finalizer)(void *);
} wasmtime_stack_memory_t;

// Makes a stack of at least `size` bytes, on any thread; they need not be zero.
// On success *stack_ret is ours, on an error the error is.
typedef wasmtime_error_t *(*wasmtime_new_stack_memory_callback_t)(
    void *env, size_t size, bool zeroed, wasmtime_stack_memory_t *stack_ret);

typedef struct {
    void *env;
    wasmtime_new_stack_memory_callback_t new_stack;
    void (*finalizer)(void *); // of `env`, when the engine goes; may be NULL
} wasmtime_stack_creator_t;

// Makes the stacks of all futures. The structure is copied, and `env` is ours
// from now on.
WASM_API_EXTERN void wasmtime_config_host_stack_creator_set(
    wasm_config_t *, wasmtime_stack_creator_t *);

#ifdef __cplusplus
}
#endif

#endif // WASMTIME_FEATURE_ASYNC

#endif
