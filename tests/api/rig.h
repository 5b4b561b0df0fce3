// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the tests of wasmtime.h share: an engine, a store and a linker, modules
// from text, and calls that say how they ended.
#pragma once

#include "api/tier.h"
#include "unit/unit.h"

#include <wasmtime/config.h>
#include <wasmtime/engine.h>
#include <wasmtime/linker.h>
#include <wasmtime/trap.h>
#include <wasmtime/wat.h>

typedef struct Rig {
    wasm_engine_t *engine;
    wasmtime_store_t *store;
    wasmtime_context_t *context;
    wasmtime_linker_t *linker;
} Rig;

// Of an engine with this configuration, or the default (NULL).
static inline Rig rig_of(wasm_config_t *config) {
    Rig r = {0};
    r.engine = tier_engine(config);
    r.store = wasmtime_store_new(r.engine, NULL, NULL);
    r.context = wasmtime_store_context(r.store);
    r.linker = wasmtime_linker_new(r.engine);
    EXPECT(r.engine && r.store && r.context && r.linker);
    return r;
}

static inline Rig rig_new(void) {
    return rig_of(NULL);
}

static inline void rig_delete(Rig *r) {
    wasmtime_linker_delete(r->linker);
    wasmtime_store_delete(r->store);
    wasm_engine_delete(r->engine);
}

// Deletes an error, if there is one: there should be none.
static inline bool is_ok(wasmtime_error_t *error) {
    if (!error) return true;
    wasm_name_t message;
    wasmtime_error_message(error, &message);
    fprintf(stderr, "error: %.*s\n", (int)message.size, message.data);
    wasm_byte_vec_delete(&message);
    wasmtime_error_delete(error);
    return false;
}

static inline bool starts_with(const wasm_byte_vec_t *text, const char *want) {
    size_t len = strlen(want);
    if (text->size >= len && memcmp(text->data, want, len) == 0) return true;
    fprintf(stderr, "text: %.*s\n", (int)text->size, text->data);
    return false;
}

// Is there an error whose message starts so? Deletes it.
static inline bool error_says(wasmtime_error_t *error, const char *text) {
    if (!error) return false;
    wasm_name_t message;
    wasmtime_error_message(error, &message);
    bool ok = starts_with(&message, text);
    wasm_byte_vec_delete(&message);
    wasmtime_error_delete(error);
    return ok;
}

// Is there a trap with this code? Deletes it.
static inline bool trap_is(wasm_trap_t *trap, wasmtime_trap_code_t want) {
    wasmtime_trap_code_t code = 0;
    bool ok = trap && wasmtime_trap_code(trap, &code) && code == want;
    wasm_trap_delete(trap);
    return ok;
}

static inline wasmtime_module_t *rig_module(const Rig *r, const char *text) {
    wasm_byte_vec_t bytes;
    wasmtime_module_t *m = NULL;
    if (!EXPECT(is_ok(wasmtime_wat2wasm(text, strlen(text), &bytes))))
        return NULL;
    EXPECT(is_ok(wasmtime_module_new(
        r->engine, (const uint8_t *)(const void *)bytes.data, bytes.size, &m)));
    wasm_byte_vec_delete(&bytes);
    return m;
}

// Through the rig's linker; it must work.
static inline wasmtime_instance_t rig_instance(const Rig *r, const char *text) {
    wasmtime_instance_t inst = {0};
    wasm_trap_t *trap = NULL;
    wasmtime_module_t *m = rig_module(r, text);
    EXPECT(m && is_ok(wasmtime_linker_instantiate(r->linker, r->context, m,
                                                  &inst, &trap)));
    EXPECT(!trap);
    wasmtime_module_delete(m);
    return inst;
}

static inline wasmtime_extern_t rig_export(const Rig *r,
                                           const wasmtime_instance_t *inst,
                                           const char *name) {
    wasmtime_extern_t item = {0};
    EXPECT(wasmtime_instance_export_get(r->context, inst, name, strlen(name),
                                        &item));
    return item;
}

static inline wasmtime_func_t rig_func(const Rig *r,
                                       const wasmtime_instance_t *inst,
                                       const char *name) {
    wasmtime_extern_t item = rig_export(r, inst, name);
    EXPECT_EQ(item.kind, WASMTIME_EXTERN_FUNC);
    return item.of.func;
}

static inline wasmtime_val_t val_i32(int32_t x) {
    wasmtime_val_t v = {.kind = WASMTIME_I32};
    v.of.i32 = x;
    return v;
}

static inline wasmtime_val_t val_i64(int64_t x) {
    wasmtime_val_t v = {.kind = WASMTIME_I64};
    v.of.i64 = x;
    return v;
}

// A call that must end well.
static inline bool rig_call(const Rig *r, const wasmtime_func_t *f,
                            const wasmtime_val_t *args, size_t nargs,
                            wasmtime_val_t *results, size_t nresults) {
    wasm_trap_t *trap = NULL;
    bool ok = is_ok(wasmtime_func_call(r->context, f, args, nargs, results,
                                       nresults, &trap));
    if (!EXPECT(!trap)) wasm_trap_delete(trap);
    return ok && !trap;
}

// The one i32 that a function without parameters returns.
static inline int32_t rig_i32(const Rig *r, const wasmtime_func_t *f) {
    wasmtime_val_t result = {0};
    EXPECT(rig_call(r, f, NULL, 0, &result, 1));
    EXPECT_EQ(result.kind, WASMTIME_I32);
    return result.of.i32;
}

// A call without parameters and results that must end with an error ...
static inline wasmtime_error_t *rig_error(const Rig *r,
                                          const wasmtime_func_t *f) {
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error =
        wasmtime_func_call(r->context, f, NULL, 0, NULL, 0, &trap);
    EXPECT(error && !trap);
    wasm_trap_delete(trap);
    return error;
}

// ... and with a trap.
static inline wasm_trap_t *rig_trap(const Rig *r, const wasmtime_func_t *f) {
    wasm_trap_t *trap = NULL;
    EXPECT(is_ok(wasmtime_func_call(r->context, f, NULL, 0, NULL, 0, &trap)));
    EXPECT(trap != NULL);
    return trap;
}
