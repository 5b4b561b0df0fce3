// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Objects of the host that a guest can hold but not look into.
#include "example.h"

static const char guest_name[] = "Ada";

// [finalizer]
static void forget(void *data) {
    printf("nobody holds %s any more\n", (const char *)data);
}
// [/finalizer]

static void sit(wasmtime_context_t *context, wasmtime_instance_t *instance,
                const wasmtime_externref_t *who) {
    // [call]
    wasmtime_func_t func = func_get(context, instance, "sit");
    wasmtime_val_t args[2] = {{.kind = WASMTIME_I32, .of.i32 = 2},
                              {.kind = WASMTIME_EXTERNREF}};
    args[1].of.externref = *who; // borrowed for the call
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error =
        wasmtime_func_call(context, &func, args, 2, NULL, 0, &trap);
    check("sit", error, trap);
    // [/call]
}

static void print_last(wasmtime_context_t *context,
                       wasmtime_instance_t *instance) {
    // [result]
    wasmtime_func_t func = func_get(context, instance, "last");
    wasmtime_val_t result;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error =
        wasmtime_func_call(context, &func, NULL, 0, &result, 1, &trap);
    check("last", error, trap);
    void *data = wasmtime_externref_data(context, &result.of.externref);
    printf("the last one was %s\n", (const char *)data);
    wasmtime_val_unroot(&result); // results are owned
    // [/result]
}

static void print_seat(wasmtime_context_t *context,
                       wasmtime_instance_t *instance, uint64_t index) {
    // [table]
    wasmtime_extern_t seats =
        export_get(context, instance, "seats", WASMTIME_EXTERN_TABLE);
    wasmtime_val_t seat;
    require("seat", wasmtime_table_get(context, &seats.of.table, index, &seat));
    bool empty = wasmtime_externref_is_null(&seat.of.externref);
    void *data =
        empty ? NULL : wasmtime_externref_data(context, &seat.of.externref);
    printf("seat %d: %s\n", (int)index, data ? (const char *)data : "empty");
    wasmtime_val_unroot(&seat);
    // [/table]
}

int main(void) {
    wasm_engine_t *engine = wasm_engine_new();
    wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
    wasmtime_context_t *context = wasmtime_store_context(store);
    wasmtime_module_t *module = read_module(engine, "externref.wat");
    wasmtime_instance_t instance = instantiate(context, module);

    // [new]
    wasmtime_externref_t who;
    require("externref",
            wasmtime_externref_new(context, (void *)guest_name, forget, &who));
    // [/new]
    sit(context, &instance, &who);
    wasmtime_externref_unroot(&who); // the guest still holds it
    print_last(context, &instance);
    print_seat(context, &instance, 1);
    print_seat(context, &instance, 2);

    // [collect]
    call_i32(context, func_get(context, &instance, "leave"), 1, (int32_t[]){2});
    check("collect", wasmtime_context_gc(context), NULL);
    // [/collect]
    print_seat(context, &instance, 2);

    wasmtime_module_delete(module);
    wasmtime_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
