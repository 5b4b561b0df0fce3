// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiled modules as files: what was written runs, what does not fit is
// refused with a reason, and damage is noticed or harmless.
#include "base/alloc.h"
#include "engine/artifact.h"
#include "engine/compiled.h"
#include "engine/load.h"
#include "rt/func.h"
#include "rt/instance.h"
#include "unit/unit.h"

#include <wasm.h>
#include <wasmtime.h>

static const char text[] =
    "(module (memory 1) (tag $t (param i32))"
    " (func $f (export \"f\") (param i32) (result i32)"
    "  (i32.add (i32.load (local.get 0)) (call $g (local.get 0))))"
    " (func $g (param i32) (result i32)"
    "  (block $h (result i32)"
    "   (try_table (catch $t $h) (throw $t (i32.const 5)))"
    "   (unreachable))))";

static EngineConfig defaults(void) {
    EngineConfig config;
    engine_config_init(&config);
    config.features = FEATURES_ALL;
    config.tiers = TIERS_baseline;
    return config;
}

typedef struct File {
    Arena arena;
    uint8_t *bytes;
    size_t size;
} File;

static void make(File *f) {
    EngineConfig config = defaults();
    Engine *e = engine_new(&config);
    Err err = {0};
    bool in_text;
    RtModule *m = module_load_text(e, text, sizeof text - 1, &err, &in_text);
    *f = (File){0};
    arena_init(&f->arena, 0);
    EXPECT(m && artifact_write(m, &f->arena, &f->bytes, &f->size, &err));
    EXPECT(artifact_is(f->bytes, f->size));
    if (m) rt_module_unref(m);
    engine_unref(e);
}

// Loads and drops it. The error's id; E_none: it was taken.
static ErrId load_with(const EngineConfig *config, const uint8_t *bytes,
                       size_t size) {
    Engine *e = engine_new(config);
    Err err = {0};
    RtModule *m = artifact_load(e, bytes, size, NULL, &err);
    EXPECT((m != NULL) == err_ok(&err));
    if (m) rt_module_unref(m);
    engine_unref(e);
    return err.id;
}

static void runs(void) {
    File f;
    make(&f);
    EngineConfig config = defaults();
    Engine *e = engine_new(&config);
    Store *s = store_new(e);
    Err err = {0};
    RtModule *m = artifact_load(e, f.bytes, f.size, NULL, &err);
    Instance *inst = NULL;
    EXPECT(m && instance_new(s, m, NULL, 0, &inst, &err) == STATUS_ok);
    Extern item;
    EXPECT(inst && instance_export_at(inst, 0, &item, &err));
    Raw value = {.u64 = 0};
    EXPECT_EQ(func_call(s, item.func, &value), STATUS_ok);
    EXPECT_EQ(value.u64, 5);
    value.u64 = 65536;
    EXPECT_EQ(func_call(s, item.func, &value), STATUS_trap);
    EXPECT_EQ(s->trap.code, TRAP_memory_bounds);
    EXPECT_EQ(s->trap.frame_len, 1);
    store_unref(s);
    if (m) rt_module_unref(m);
    engine_unref(e);
    arena_release(&f.arena);
}

static void refuses_other_configurations(void) {
    File f;
    make(&f);
    EngineConfig same = defaults(), fuel = same, guard = same, features = same,
                 interp = same;
    fuel.use_fuel = true;
    guard.no_signals = true;
    features.features &= features.features - 1;
    interp.tiers = TIERS_interp;
    EXPECT(load_with(&same, f.bytes, f.size) == (ErrId)0);
    EXPECT_EQ(load_with(&fuel, f.bytes, f.size), E_artifact_config);
    EXPECT_EQ(load_with(&guard, f.bytes, f.size), E_artifact_config);
    EXPECT_EQ(load_with(&features, f.bytes, f.size), E_artifact_config);
    EXPECT_EQ(load_with(&interp, f.bytes, f.size), E_artifact_config);
    arena_release(&f.arena);
}

static size_t find(const File *f, const char *what) {
    size_t len = strlen(what), at = 0;
    while (memcmp(f->bytes + at, what, len) != 0)
        at++;
    return at;
}

static void refuses_other_versions(void) {
    File f;
    make(&f);
    EngineConfig config = defaults();
    f.bytes[find(&f, "foliot compiled") + 16] ^= 0x40;
    EXPECT_EQ(load_with(&config, f.bytes, f.size), E_artifact_version);
    arena_release(&f.arena);
    // The stubs, which the code relies on, are others.
    make(&f);
    f.bytes[4096] ^= 1;
    EXPECT_EQ(load_with(&config, f.bytes, f.size), E_artifact_version);
    arena_release(&f.arena);
}

static void notices_what_is_missing(void) {
    File f;
    make(&f);
    EngineConfig config = defaults();
    static const size_t sizes[] = {0, 15, 16, 63, 64, 4096};
    for (size_t i = 0; i < COUNTOF(sizes); i++)
        EXPECT_EQ(load_with(&config, f.bytes, sizes[i]), E_artifact_damaged);
    EXPECT_EQ(load_with(&config, f.bytes, f.size - 1), E_artifact_damaged);
    arena_release(&f.arena);
}

// Everything but the code: each byte in turn is another one.
static void survives_damage(void) {
    File f;
    make(&f);
    EngineConfig config = defaults();
    Engine *e = engine_new(&config);
    size_t tables = find(&f, "foliot compiled");
    uint32_t refused = 0;
    for (size_t i = 0; i < f.size; i++) {
        if (i == 64) i = tables;
        f.bytes[i] ^= 0xff;
        Err err = {0};
        RtModule *m = artifact_load(e, f.bytes, f.size, NULL, &err);
        refused += !m;
        if (m) rt_module_unref(m);
        f.bytes[i] ^= 0xff;
    }
    EXPECT(refused > 100);
    engine_unref(e);
    arena_release(&f.arena);
}

// The same through the C API, from memory of any alignment.
static void goes_through_the_api(void) {
    wasm_config_t *config = wasm_config_new();
    wasmtime_config_strategy_set(config, WASMTIME_STRATEGY_WINCH);
    wasm_engine_t *e = wasm_engine_new_with_config(config);
    static const uint8_t empty[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    wasmtime_module_t *m = NULL;
    EXPECT(!wasmtime_module_new(e, empty, sizeof empty, &m));
    wasm_byte_vec_t bytes;
    EXPECT(!wasmtime_module_serialize(m, &bytes));
    wasmtime_module_delete(m);
    EXPECT(artifact_is((const uint8_t *)bytes.data, bytes.size));
    wasm_byte_vec_t shifted;
    wasm_byte_vec_new_uninitialized(&shifted, bytes.size + 1);
    memcpy(shifted.data + 1, bytes.data, bytes.size);
    for (size_t shift = 0; shift < 2; shift++) {
        const uint8_t *at =
            (const uint8_t *)(shift ? shifted.data + 1 : bytes.data);
        EXPECT(!wasmtime_module_deserialize(e, at, bytes.size, &m));
        wasmtime_module_delete(m);
    }
    wasm_byte_vec_delete(&shifted);
    wasm_byte_vec_delete(&bytes);
    wasm_engine_delete(e);
}

int main(void) {
    if (!compiled_is_supported()) {
        printf("1 passed, 0 failed\n");
        return 0;
    }
    return UNIT_RUN(
        UNIT_TEST(runs), UNIT_TEST(refuses_other_configurations),
        UNIT_TEST(refuses_other_versions), UNIT_TEST(notices_what_is_missing),
        UNIT_TEST(survives_damage), UNIT_TEST(goes_through_the_api));
}
