// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One module on four threads: a store each, and a memory for all.
#include "example.h"

#include <pthread.h>

enum {
    THREADS = 4,
    TIMES = 10000
};

typedef struct Job {
    wasm_engine_t *engine;
    wasmtime_module_t *module;
    wasmtime_sharedmemory_t *memory;
} Job;

// [thread]
static void *work(void *env) {
    const Job *job = env;
    wasmtime_store_t *store = wasmtime_store_new(job->engine, NULL, NULL);
    wasmtime_context_t *context = wasmtime_store_context(store);

    wasmtime_extern_t import = {.kind = WASMTIME_EXTERN_SHAREDMEMORY,
                                .of.sharedmemory = job->memory};
    wasmtime_instance_t instance;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_instance_new(
        context, job->module, &import, 1, &instance, &trap);
    check("instantiate", error, trap);

    call_i32(context, func_get(context, &instance, "count"), 1,
             (int32_t[]){TIMES});
    wasmtime_store_delete(store);
    return NULL;
}
// [/thread]

static wasmtime_sharedmemory_t *make_memory(wasm_engine_t *engine) {
    // [memory]
    wasm_memorytype_t *type = NULL;
    check("type",
          wasmtime_memorytype_new(1, true, 1, false, /* shared */ true, 16,
                                  &type),
          NULL);
    wasmtime_sharedmemory_t *memory = NULL;
    check("memory", wasmtime_sharedmemory_new(engine, type, &memory), NULL);
    wasm_memorytype_delete(type);
    // [/memory]
    return memory;
}

int main(void) {
    // [config]
    wasm_config_t *config = wasm_config_new();
    wasmtime_config_wasm_threads_set(config, true);
    wasmtime_config_shared_memory_set(config, true);
    wasm_engine_t *engine = wasm_engine_new_with_config(config);
    // [/config]
    Job job = {.engine = engine,
               .module = read_module(engine, "threads.wat"),
               .memory = make_memory(engine)};

    // [start]
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        require("thread", pthread_create(&threads[i], NULL, work, &job) == 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    // [/start]

    // [read]
    uint32_t count; // all threads have ended: nobody writes any more
    memcpy(&count, wasmtime_sharedmemory_data(job.memory), sizeof count);
    printf("%d threads counted to %u\n", THREADS, (unsigned)count);
    // [/read]

    wasmtime_sharedmemory_delete(job.memory);
    wasmtime_module_delete(job.module);
    wasm_engine_delete(engine);
    return 0;
}
