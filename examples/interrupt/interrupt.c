// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ends a guest that never would, from another thread.
#include "example.h"

#include <pthread.h>
#include <time.h>

// [timer]
typedef struct Bell {
    wasm_engine_t *engine;
    int rings;
} Bell;

static void *ring(void *env) {
    Bell *bell = env;
    struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
    for (int i = 0; i < bell->rings; i++) {
        nanosleep(&pause, NULL);
        wasmtime_engine_increment_epoch(bell->engine);
    }
    return NULL;
}
// [/timer]

// [callback]
static wasmtime_error_t *late(const wasmtime_context_t *context, void *data,
                              uint64_t *delta,
                              wasmtime_update_deadline_kind_t *kind) {
    (void)context;
    int *extensions = data;
    if (*extensions == 0) return wasmtime_error_new("too late");
    *extensions -= 1;
    *delta = 1; // one more tick
    *kind = WASMTIME_UPDATE_DEADLINE_CONTINUE;
    printf("extended\n");
    return NULL;
}
// [/callback]

static void run(wasmtime_context_t *context, const wasmtime_func_t *func,
                Bell *bell) {
    // [run]
    wasmtime_context_set_epoch_deadline(context, 1);
    pthread_t thread;
    require("thread", pthread_create(&thread, NULL, ring, bell) == 0);
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error =
        wasmtime_func_call(context, func, NULL, 0, NULL, 0, &trap);
    pthread_join(thread, NULL);
    // [/run]
    wasmtime_trap_code_t code;
    if (trap && wasmtime_trap_code(trap, &code))
        printf("%s\n",
               code == WASMTIME_TRAP_CODE_INTERRUPT ? "interrupted" : "?");
    else
        printf("%s\n", error || trap ? "ended by the callback" : "?");
    if (trap) wasm_trap_delete(trap);
    if (error) wasmtime_error_delete(error);
}

int main(void) {
    // [config]
    wasm_config_t *config = wasm_config_new();
    wasmtime_config_epoch_interruption_set(config, true);
    wasm_engine_t *engine = wasm_engine_new_with_config(config);
    // [/config]
    wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
    wasmtime_context_t *context = wasmtime_store_context(store);
    wasmtime_module_t *module = read_module(engine, "interrupt.wat");
    wasmtime_instance_t instance = instantiate(context, module);
    wasmtime_func_t func = func_get(context, &instance, "forever");

    run(context, &func, &(Bell){engine, 1});

    int extensions = 1;
    wasmtime_store_epoch_deadline_callback(store, late, &extensions, NULL);
    run(context, &func, &(Bell){engine, 2});

    wasmtime_module_delete(module);
    wasmtime_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
