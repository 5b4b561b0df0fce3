// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "engine/load.h"

#include "unit/unit.h"

// An empty function and a name for it.
static const char small[] = "(module (func $f (export \"f\")))";
static const uint8_t empty[] = {0, 'a', 's', 'm', 1, 0, 0, 0};

static Engine *make(uint64_t compile_memory) {
    EngineConfig config;
    engine_config_init(&config);
    if (compile_memory) config.limits.compile_memory = compile_memory;
    Engine *e = engine_new(&config);
    EXPECT(e != NULL);
    return e;
}

static void text_and_bytes_load(void) {
    Engine *e = make(0);
    Err err = {0};
    bool in_text = true;
    RtModule *m = module_load_text(e, small, sizeof small - 1, &err, &in_text);
    if (EXPECT(m != NULL)) {
        EXPECT(!in_text);
        EXPECT_EQ(m->module.exports.len, 1);
        rt_module_unref(m);
    }
    m = module_load(e, empty, sizeof empty, NULL, &err);
    if (EXPECT(m != NULL)) {
        EXPECT(m->bytes != empty); // a copy
        rt_module_unref(m);
    }
    engine_unref(e);
}

static void count_free(void *env, const uint8_t *bytes, size_t size) {
    int *freed = env;
    EXPECT(bytes == empty);
    EXPECT_EQ(size, sizeof empty);
    ++*freed;
}

static void bytes_may_be_borrowed_or_given(void) {
    Engine *e = make(0);
    Err err = {0};
    int freed = 0;
    LoadOptions borrow = {.bytes = LOAD_borrow};
    RtModule *m = module_load(e, empty, sizeof empty, &borrow, &err);
    if (EXPECT(m != NULL)) {
        EXPECT(m->bytes == empty);
        rt_module_unref(m);
    }
    LoadOptions take = {
        .bytes = LOAD_take,
        .bytes_free = count_free,
        .bytes_env = &freed,
    };
    m = module_load(e, empty, sizeof empty, &take, &err);
    if (EXPECT(m != NULL)) rt_module_unref(m);
    EXPECT_EQ(freed, 1);
    // What does not load stays the caller's.
    EXPECT(!module_load(e, empty, sizeof empty - 1, &take, &err));
    EXPECT_EQ(freed, 1);
    engine_unref(e);
}

static void errors_say_where(void) {
    Engine *e = make(0);
    Err err = {0};
    bool in_text;
    EXPECT(!module_load_text(e, "(module (fun))", 14, &err, &in_text));
    EXPECT(in_text);
    EXPECT_EQ(err.kind, ERR_malformed);
    EXPECT_EQ(err.at, 9);
    err = (Err){0};
    static const char bad[] = "(module (func (result i32)))";
    EXPECT(!module_load_text(e, bad, sizeof bad - 1, &err, &in_text));
    EXPECT(!in_text);
    EXPECT_EQ(err.kind, ERR_invalid);
    EXPECT_EQ(err.func, 0);
    err = (Err){0};
    EXPECT(!module_check(e, (const uint8_t *)"wasm", 4, &err));
    EXPECT_EQ(err.kind, ERR_malformed);
    engine_unref(e);
}

static void memory_to_load_is_limited(void) {
    Engine *e = make(16);
    Err err = {0};
    EXPECT(!module_check(e, empty, sizeof empty, &err));
    EXPECT_EQ(err.id, E_compile_memory);
    err = (Err){0};
    bool in_text;
    EXPECT(!module_load_text(e, small, sizeof small - 1, &err, &in_text));
    EXPECT_EQ(err.id, E_compile_memory);
    engine_unref(e);
}

static void module_size_is_limited(void) {
    EngineConfig config;
    engine_config_init(&config);
    config.limits.module_size = sizeof empty - 1;
    Engine *e = engine_new(&config);
    if (!EXPECT(e != NULL)) return;
    Err err = {0};
    EXPECT(!module_load(e, empty, sizeof empty, NULL, &err));
    EXPECT_EQ(err.id, E_over_limit);
    engine_unref(e);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(text_and_bytes_load),
                    UNIT_TEST(bytes_may_be_borrowed_or_given),
                    UNIT_TEST(errors_say_where),
                    UNIT_TEST(memory_to_load_is_limited),
                    UNIT_TEST(module_size_is_limited));
}
