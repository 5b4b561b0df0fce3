// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A host function that has no answer yet: the guest is put aside, and the
// program does something else meanwhile.
#include "example.h"

// [request]
typedef struct Request {
    int32_t number;
    int polls_left; // until the answer is there
    wasmtime_val_t *result;
} Request;

static bool request_poll(void *env) {
    Request *request = env;
    if (request->polls_left-- > 0) return false;
    printf("  answer to %d\n", request->number);
    *request->result = (wasmtime_val_t){
        .kind = WASMTIME_I32, .of.i32 = request->number * request->number};
    return true;
}
// [/request]

// [fetch]
static void fetch(void *env, wasmtime_caller_t *caller,
                  const wasmtime_val_t *args, size_t nargs,
                  wasmtime_val_t *results, size_t nresults, wasm_trap_t **trap,
                  wasmtime_async_continuation_t *continuation) {
    (void)env;
    (void)caller;
    (void)nargs;
    (void)nresults;
    (void)trap;
    Request *request = malloc(sizeof *request);
    require("memory", request != NULL);
    *request = (Request){args[0].of.i32, args[0].of.i32 - 1, results};
    printf("  request %d\n", request->number);
    *continuation = (wasmtime_async_continuation_t){
        .callback = request_poll, .env = request, .finalizer = free};
}
// [/fetch]

static void define_fetch(wasmtime_linker_t *linker) {
    wasm_functype_t *type =
        wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    check("fetch",
          wasmtime_linker_define_async_func(linker, "host", 4, "fetch", 5, type,
                                            fetch, NULL, NULL),
          NULL);
    wasm_functype_delete(type);
}

// Polls until it is done; an event loop would wait for something in between.
static void finish(const char *what, wasmtime_call_future_t *future) {
    // [poll]
    int waits = 0;
    while (!wasmtime_call_future_poll(future))
        waits++;
    wasmtime_call_future_delete(future);
    printf("%s after %d waits\n", what, waits);
    // [/poll]
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
    wasmtime_context_t *context = wasmtime_store_context(store);
    wasmtime_module_t *module = read_module(engine, "async.wat");
    wasmtime_linker_t *linker = wasmtime_linker_new(engine);
    define_fetch(linker);

    // [instantiate]
    wasmtime_instance_t instance;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = NULL;
    finish("instantiated",
           wasmtime_linker_instantiate_async(linker, context, module, &instance,
                                             &trap, &error));
    check("instantiate", error, trap);
    // [/instantiate]

    // [call]
    wasmtime_func_t func = func_get(context, &instance, "sum");
    wasmtime_val_t arg = {.kind = WASMTIME_I32, .of.i32 = 3};
    wasmtime_val_t result;
    finish("called", wasmtime_func_call_async(context, &func, &arg, 1, &result,
                                              1, &trap, &error));
    check("sum", error, trap);
    printf("the sum is %d\n", result.of.i32);
    // [/call]

    wasmtime_linker_delete(linker);
    wasmtime_module_delete(module);
    wasmtime_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
