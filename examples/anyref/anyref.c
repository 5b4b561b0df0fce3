// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Objects of the guest's collected heap, seen and changed by the host.
#include "example.h"

typedef struct World {
    wasmtime_context_t *context;
    wasmtime_instance_t instance;
} World;

// Calls an export with what it wants, and returns what comes back.
static wasmtime_val_t call(World *w, const char *name,
                           const wasmtime_val_t *args, size_t nargs,
                           size_t nresults) {
    wasmtime_func_t func = func_get(w->context, &w->instance, name);
    wasmtime_val_t result = {.kind = WASMTIME_I32};
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_func_call(w->context, &func, args, nargs,
                                                 &result, nresults, &trap);
    check(name, error, trap);
    return result;
}

static void push(World *w, const wasmtime_anyref_t *what) {
    wasmtime_val_t arg = {.kind = WASMTIME_ANYREF, .of.anyref = *what};
    call(w, "push", &arg, 1, 0);
}

static void push_number(World *w, int32_t number) {
    // [i31]
    wasmtime_anyref_t ref;
    wasmtime_anyref_from_i31(w->context, (uint32_t)number, &ref);
    push(w, &ref);
    wasmtime_anyref_unroot(&ref);
    // [/i31]
}

// [field]
static int32_t field(World *w, const wasmtime_structref_t *object,
                     size_t index) {
    wasmtime_val_t value;
    wasmtime_error_t *error =
        wasmtime_structref_field(w->context, object, index, &value);
    check("field", error, NULL);
    return value.of.i32;
}
// [/field]

// Moves a point up, from the host; the guest sees it.
static void raise_point(World *w, wasmtime_val_t *point) {
    // [struct]
    wasmtime_structref_t object;
    require("struct",
            wasmtime_anyref_as_struct(w->context, &point->of.anyref, &object));
    printf("a point at %d, %d\n", field(w, &object, 0), field(w, &object, 1));
    wasmtime_val_t y = {.kind = WASMTIME_I32, .of.i32 = 40};
    check("set", wasmtime_structref_set_field(w->context, &object, 1, &y),
          NULL);
    wasmtime_structref_unroot(&object);
    // [/struct]
    printf("the guest sees y = %d\n", call(w, "y", point, 1, 1).of.i32);
}

static void print(World *w, const wasmtime_val_t *value) {
    // [kinds]
    int32_t number;
    if (wasmtime_anyref_is_null(&value->of.anyref))
        printf("null\n");
    else if (wasmtime_anyref_i31_get_s(w->context, &value->of.anyref, &number))
        printf("the number %d\n", number);
    else if (wasmtime_anyref_is_struct(w->context, &value->of.anyref))
        printf("a structure\n");
    else
        printf("something else\n");
    // [/kinds]
}

int main(void) {
    // [config]
    wasm_config_t *config = wasm_config_new();
    wasmtime_config_wasm_function_references_set(config, true);
    wasmtime_config_wasm_gc_set(config, true);
    wasm_engine_t *engine = wasm_engine_new_with_config(config);
    // [/config]
    wasmtime_store_t *store = wasmtime_store_new(engine, NULL, NULL);
    World w = {.context = wasmtime_store_context(store)};
    wasmtime_module_t *module = read_module(engine, "anyref.wat");
    w.instance = instantiate(w.context, module);

    wasmtime_val_t xy[] = {{.kind = WASMTIME_I32, .of.i32 = 3},
                           {.kind = WASMTIME_I32, .of.i32 = 4}};
    wasmtime_val_t point = call(&w, "point", xy, 2, 1);
    raise_point(&w, &point);

    // [list]
    push_number(&w, -7);
    push(&w, &point.of.anyref);
    wasmtime_val_unroot(&point);
    wasmtime_anyref_t null;
    wasmtime_anyref_set_null(&null);
    push(&w, &null);
    check("collect", wasmtime_context_gc(w.context), NULL);
    for (int i = 0; i < 3; i++) {
        wasmtime_val_t value = call(&w, "pop", NULL, 0, 1);
        print(&w, &value);
        wasmtime_val_unroot(&value);
    }
    // [/list]

    wasmtime_module_delete(module);
    wasmtime_store_delete(store);
    wasm_engine_delete(engine);
    return 0;
}
