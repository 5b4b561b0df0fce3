// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <foliot.h>
#include <wasm.h>
#include <wasmtime/config.h>
#include <wasmtime/trap.h>
#include <wasmtime/wat.h>

struct Guest {
    wasm_engine_t *engine;
    wasm_store_t *store;
    wasm_instance_t *instance;
    wasm_extern_vec_t exports;
};

static const char text[] =
    "(module"
    "  (import \"\" \"ask\" (func $ask (param i32) (result i32)))"
    "  (memory 1)"
    "  (func (export \"add\") (param i32 i32) (result i32)"
    "    (i32.store (i32.const 8) (call $ask (local.get 0)))"
    "    (i32.add (i32.load (i32.const 8)) (local.get 1)))"
    "  (func (export \"load\") (param i32 i32) (result i32)"
    "    (i32.load (i32.add (local.get 0) (local.get 1))))"
    "  (func (export \"divide\") (param i32 i32) (result i32)"
    "    (i32.div_s (local.get 0) (local.get 1)))"
    "  (func $deep (export \"deep\") (param i32 i32) (result i32)"
    "    (i32.add (call $deep (local.get 0) (local.get 1))"
    "             (call $ask (local.get 1)))))";

enum {
    NO_TRAP = 256,
    HOST_TRAP
};

// The exports in their order, and how calls of them end.
static const struct {
    int func;
    int32_t a, b;
    int trap; // a code, or one of the above
    int32_t result;
} calls[] = {
    {0, 2, 3, NO_TRAP, 5},
    {0, -1, 3, HOST_TRAP, 0},
    {1, 65532, 0, NO_TRAP, 0},
    {1, 65532, 4, WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS, 0},
    {1, INT32_MIN, -8, WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS, 0},
    {2, 7, 2, NO_TRAP, 3},
    {2, 7, 0, WASMTIME_TRAP_CODE_INTEGER_DIVISION_BY_ZERO, 0},
    {2, INT32_MIN, -1, WASMTIME_TRAP_CODE_INTEGER_OVERFLOW, 0},
    {3, 0, 0, WASMTIME_TRAP_CODE_STACK_OVERFLOW, 0},
    {0, 40, 2, NO_TRAP, 42},
};

static wasm_trap_t *ask(void *env, const wasm_val_vec_t *args,
                        wasm_val_vec_t *results) {
    Guest *g = env;
    results->data[0] = args->data[0];
    if (args->data[0].of.i32 >= 0) return NULL;
    wasm_message_t message;
    wasm_name_new_from_string_nt(&message, "negative");
    wasm_trap_t *trap = wasm_trap_new(g->store, &message);
    wasm_byte_vec_delete(&message);
    return trap;
}

static wasm_module_t *load(Guest *g) {
    wasm_byte_vec_t bytes;
    wasmtime_error_t *error = wasmtime_wat2wasm(text, strlen(text), &bytes);
    if (error) {
        wasmtime_error_delete(error);
        return NULL;
    }
    wasm_module_t *module = wasm_module_new(g->store, &bytes);
    wasm_byte_vec_delete(&bytes);
    return module;
}

static bool instantiate(Guest *g, const wasm_module_t *module) {
    wasm_functype_t *type =
        wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
    wasm_func_t *func = wasm_func_new_with_env(g->store, type, ask, g, NULL);
    wasm_functype_delete(type);
    if (!func) return false;
    wasm_extern_t *items[] = {wasm_func_as_extern(func)};
    wasm_extern_vec_t imports = WASM_ARRAY_VEC(items);
    g->instance = wasm_instance_new(g->store, module, &imports, NULL);
    wasm_func_delete(func);
    if (g->instance) wasm_instance_exports(g->instance, &g->exports);
    return g->instance && g->exports.size == 4;
}

struct wasm_config_t *guest_config(int strategy) {
    wasm_config_t *config = wasm_config_new();
    if (!config) return NULL;
    foliot_tiering_t soon = FOLIOT_TIERING_INIT;
    soon.compile = FOLIOT_COMPILE_COUNTED;
    soon.calls = soon.loops = 2;
    wasmtime_config_strategy_set(
        config, (wasmtime_strategy_t)(strategy % GUEST_PARALLEL));
    wasmtime_config_parallel_compilation_set(config,
                                             (strategy & GUEST_PARALLEL) != 0);
    if (strategy & GUEST_SHALLOW)
        wasmtime_config_max_wasm_stack_set(config, 64 * 1024);
    if (strategy & GUEST_SOON) foliot_config_tiering_set(config, &soon);
    if (strategy & GUEST_TOLD) {
        wasmtime_config_debug_info_set(config, true);
        wasmtime_config_profiler_set(config,
                                     WASMTIME_PROFILING_STRATEGY_PERFMAP);
    }
    return config;
}

Guest *guest_open(int strategy) {
    Guest *g = calloc(1, sizeof *g);
    wasm_config_t *config = guest_config(strategy);
    if (!g || !config) return NULL;
    g->engine = wasm_engine_new_with_config(config);
    g->store = g->engine ? wasm_store_new(g->engine) : NULL;
    wasm_module_t *module = g->store ? load(g) : NULL;
    bool ok = module && instantiate(g, module);
    wasm_module_delete(module);
    if (ok) return g;
    guest_close(g);
    return NULL;
}

static bool ended(wasm_trap_t *trap, int want) {
    if (!trap) return want == NO_TRAP;
    wasmtime_trap_code_t code;
    int got = wasmtime_trap_code(trap, &code) ? code : HOST_TRAP;
    wasm_trap_delete(trap);
    return got == want;
}

bool guest_use(Guest *g) {
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        wasm_func_t *f = wasm_extern_as_func(g->exports.data[calls[i].func]);
        wasm_val_t args[] = {WASM_I32_VAL(calls[i].a),
                             WASM_I32_VAL(calls[i].b)};
        wasm_val_t result = WASM_INIT_VAL;
        wasm_val_vec_t in = WASM_ARRAY_VEC(args);
        wasm_val_vec_t out = {1, &result};
        bool ok = ended(wasm_func_call(f, &in, &out), calls[i].trap);
        if (calls[i].trap == NO_TRAP) ok &= result.of.i32 == calls[i].result;
        if (ok) continue;
        fprintf(stderr, "call %zu of the guest went wrong\n", i);
        return false;
    }
    return true;
}

void guest_close(Guest *g) {
    wasm_extern_vec_delete(&g->exports);
    wasm_instance_delete(g->instance);
    wasm_store_delete(g->store);
    wasm_engine_delete(g->engine);
    free(g);
}

int guest_run(int strategy) {
    Guest *g = guest_open(strategy);
    if (!g) return 2;
    bool ok = guest_use(g);
    guest_close(g);
    return ok ? 0 : 1;
}
