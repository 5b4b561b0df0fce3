// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the tests of the C API share.
#pragma once

#include "api/tier.h"
#include "binary/binary.h"
#include "text/text.h"
#include "unit/unit.h"

#include <wasm.h>

// The bytes of a module written as text.
static inline wasm_byte_vec_t wat(const char *text) {
    wasm_byte_vec_t out = WASM_EMPTY_VEC;
    Arena arena;
    ArenaGuard guard;
    Err err = {0};
    LimitSet limits = limits_default();
    arena_init(&arena, 0);
    if (ARENA_GUARD(&arena, &guard)) {
        Module m;
        Bytes bytes;
        module_init(&m, &arena, FEATURES_ALL, &limits);
        if (text_parse_module(&m, text, strlen(text), &err)) {
            module_encode(&m, &arena, &bytes);
            wasm_byte_vec_new(&out, bytes.size,
                              (const char *)(const void *)bytes.data);
        }
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
    EXPECT_STR(err.text, "");
    return out;
}

// Is it that text, with or without a terminating zero?
static inline bool name_is(const wasm_name_t *name, const char *text) {
    size_t len = strlen(text);
    return name->size >= len && name->size <= len + 1 &&
           (len == 0 || memcmp(name->data, text, len) == 0);
}

// Does a trap's message start so? Deletes the trap.
static inline bool trap_says(wasm_trap_t *trap, const char *text) {
    if (!trap) return false;
    wasm_message_t message;
    wasm_trap_message(trap, &message);
    size_t len = strlen(text);
    bool ok = message.size > len && memcmp(message.data, text, len) == 0 &&
              message.data[message.size - 1] == '\0';
    if (!ok) fprintf(stderr, "trap: %s\n", message.data ? message.data : "-");
    wasm_byte_vec_delete(&message);
    wasm_trap_delete(trap);
    return ok;
}

// One engine and store per test.
typedef struct World {
    wasm_engine_t *engine;
    wasm_store_t *store;
} World;

static inline World world_new(void) {
    World w = {.engine = tier_engine(NULL)};
    w.store = wasm_store_new(w.engine);
    EXPECT(w.engine && w.store);
    return w;
}

static inline void world_delete(World *w) {
    wasm_store_delete(w->store);
    wasm_engine_delete(w->engine);
}

static inline wasm_module_t *module_of(const World *w, const char *text) {
    wasm_byte_vec_t bytes = wat(text);
    wasm_module_t *m = wasm_module_new(w->store, &bytes);
    wasm_byte_vec_delete(&bytes);
    EXPECT(m != NULL);
    return m;
}

// An instance of a text; its module is deleted at once.
static inline wasm_instance_t *instance_of(const World *w, const char *text,
                                           const wasm_extern_vec_t *imports,
                                           wasm_trap_t **trap) {
    wasm_module_t *m = module_of(w, text);
    wasm_instance_t *i = wasm_instance_new(w->store, m, imports, trap);
    wasm_module_delete(m);
    return i;
}

// The exports of an instance, which is deleted at once.
static inline wasm_extern_vec_t exports_of(const World *w, const char *text,
                                           const wasm_extern_vec_t *imports) {
    wasm_extern_vec_t out = WASM_EMPTY_VEC;
    wasm_trap_t *trap = NULL;
    wasm_instance_t *i = instance_of(w, text, imports, &trap);
    EXPECT(i && !trap);
    if (i) wasm_instance_exports(i, &out);
    wasm_instance_delete(i);
    return out;
}

static inline wasm_func_t *func_at(const wasm_extern_vec_t *exports, size_t i) {
    return wasm_extern_as_func(exports->data[i]);
}
