// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Code that the verifier refuses does not run: its function is interpreted
// where functions are compiled one by one, and where a module is compiled as a
// whole it is not loaded. Nothing ends the process.
#include "base/log.h"
#include "engine/artifact.h"
#include "engine/load.h"
#include "rt/func.h"
#include "rt/instance.h"
#include "unit/unit.h"

#include <stdatomic.h>
#include <string.h>

// Calls from code to code that is missing, and loops that would go on in it.
static const char text[] =
    "(module"
    " (func $a (export \"a\") (param i32) (result i32)"
    "  (i32.add (call $b (local.get 0)) (i32.const 1)))"
    " (func $b (export \"b\") (param i32) (result i32) (local i32)"
    "  (loop $l"
    "   (local.set 1 (i32.add (local.get 1) (call $c (local.get 0))))"
    "   (local.set 0 (i32.sub (local.get 0) (i32.const 1)))"
    "   (br_if $l (local.get 0)))"
    "  (local.get 1))"
    " (func $c (export \"c\") (param i32) (result i32)"
    "  (i32.mul (local.get 0) (i32.const 2)))"
    " (func $d (export \"d\") (param i32) (result i32)"
    "  (return_call $a (local.get 0))))";

static const struct {
    const char *name;
    uint32_t result; // for 4
} calls[] = {{"a", 21}, {"b", 20}, {"c", 8}, {"d", 21}};

static _Atomic int refused, logged;

static void count(const char *why) {
    EXPECT(strstr(why, "machine code of function ") != NULL);
    EXPECT(strstr(why, "refused for a test") != NULL);
    refused++;
}

static void on_log(void *env, LogTopic topic, const char *line) {
    (void)env;
    EXPECT_EQ(topic, LOG_code);
    EXPECT(strstr(line, "refused for a test") != NULL);
    logged++;
}

static Engine *engine_that_refuses(uint32_t every, uint32_t calls_before,
                                   bool eager) {
    EngineConfig config;
    engine_config_init(&config);
    config.tiers = TIERS_baseline;
    config.verify_code = true;
    config.refuse_every = every;
    config.code_refused = count;
    config.tier_calls = config.tier_loops = calls_before;
    config.compile_eagerly = eager;
    refused = logged = 0;
    log_sink_set(on_log, NULL, 1 << LOG_code);
    return engine_new(&config);
}

static RtModule *load(Engine *e, Err *err) {
    bool in_text;
    return module_load_text(e, text, strlen(text), err, &in_text);
}

static void call_all(Instance *inst) {
    for (size_t i = 0; i < COUNTOF(calls); i++) {
        Extern item;
        Err err = {0};
        Raw value = {.u64 = 4};
        if (!EXPECT(instance_export(inst, str_of(calls[i].name), &item, &err)))
            continue;
        EXPECT(func_call(inst->store, item.func, &value) == STATUS_ok);
        EXPECT_EQ(value.u32, calls[i].result);
    }
}

static void check(uint32_t every, uint32_t calls_before) {
    Engine *e = engine_that_refuses(every, calls_before, false);
    Err err = {0};
    RtModule *m = load(e, &err);
    EXPECT_STR(err.text, "");
    for (int n = 0; n < 2; n++) { // another store finds it so
        Store *s = store_new(e);
        Instance *inst;
        EXPECT(instance_new(s, m, NULL, 0, &inst, &err) == STATUS_ok);
        for (int i = 0; i < 4; i++)
            call_all(inst);
        store_unref(s);
    }
    // Each once: functions 0, `every` and so on.
    if (strcmp(e->tier->name, "interp") != 0)
        EXPECT_EQ(refused, (int)((3 + every) / every));
    EXPECT_EQ(logged, refused); // embedders learn of it by the log alone
    rt_module_unref(m);
    engine_unref(e);
}

static void are_interpreted(void) {
    for (uint32_t every = 1; every <= 4; every++) {
        check(every, 0);
        check(every, 2);
    }
}

static void are_not_loaded(void) {
    for (uint32_t every = 1; every <= 4; every++) {
        Engine *e = engine_that_refuses(every, 0, true);
        Err err = {0};
        RtModule *m = load(e, &err);
        bool compiles = strcmp(e->tier->name, "interp") != 0;
        EXPECT_EQ(m == NULL, compiles);
        if (compiles) EXPECT_EQ(err.id, E_code_refused);
        if (compiles) EXPECT(strstr(err.text, "function 0 at 0x") != NULL);
        if (m) rt_module_unref(m);
        engine_unref(e);
    }
}

static bool swallow(void *env, const void *bytes, size_t size) {
    (void)env, (void)bytes, (void)size;
    return true;
}

// Nor is a file made of such code.
static void are_not_written(void) {
    Engine *e = engine_that_refuses(3, 0, false);
    Err err = {0};
    Arena arena;
    ArenaGuard guard;
    RtModule *m = load(e, &err);
    arena_init(&arena, 0);
    if (ARENA_GUARD(&arena, &guard)) {
        ArtifactSink sink = {.write = swallow};
        EXPECT(!artifact_emit(m, &arena, sink, &err));
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
    if (strcmp(e->tier->name, "interp") != 0) EXPECT_EQ(err.id, E_code_refused);
    rt_module_unref(m);
    engine_unref(e);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(are_interpreted), UNIT_TEST(are_not_loaded),
                    UNIT_TEST(are_not_written));
}
