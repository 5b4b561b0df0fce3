// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Exceptions that reach the host: where they come from is told as of traps, in
// every tier and through every mixture of them.
#include "api/api_int.h"
#include "api/rig.h"

#include <wasmtime/async.h>
#include <wasmtime/exnref.h>
#include <wasmtime/tag.h>

enum {
    FRAMES_MAX = 8,
    SEEDS = 8
};

// Function indices: the import is 0.
static const char text[] =
    "(module $m (import \"h\" \"again\" (func $again))"
    " (tag $t (param i32))"
    " (func $leaf (export \"leaf\") (throw $t (i32.const 7)))"      // 1
    " (func $middle (export \"middle\") (call $leaf))"              // 2
    " (func $outer (export \"outer\") (call $middle) (call $leaf))" // 3
    " (func $catches (result i32)"                                  // 4
    "  (block $b (result i32)"
    "   (try_table (catch $t $b) (call $middle)) (i32.const 0)))"
    " (func $then (export \"then\") (drop (call $catches)) unreachable)" // 5
    " (func $host (export \"host\") (call $again))"                      // 6
    " (func $other (export \"other\")"                                   // 7
    "  (block $b (try_table (catch_all $b) (call $middle)))"
    "  (call $middle))"
    " (func $deep (param i32)" // 8
    "  (if (i32.eqz (local.get 0)) (then (call $leaf)))"
    "  (call $deep (i32.sub (local.get 0) (i32.const 1))))"
    " (func $dive (export \"dive\") (call $deep (i32.const 300)))" // 9
    " (func (export \"none\")))";                                  // 10

static const struct {
    const char *name;
    wasmtime_trap_code_t code;
    uint32_t len;
    uint32_t funcs[FRAMES_MAX];
} cases[] = {
    {"leaf", WASMTIME_TRAP_CODE_UNCAUGHT_EXCEPTION, 1, {1}},
    {"outer", WASMTIME_TRAP_CODE_UNCAUGHT_EXCEPTION, 3, {1, 2, 3}},
    // One that was caught leaves nothing behind.
    {"then", WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED, 1, {5}},
    {"other", WASMTIME_TRAP_CODE_UNCAUGHT_EXCEPTION, 3, {1, 2, 7}},
    // `again` calls `middle`, and hands its exception on.
    {"host", WASMTIME_TRAP_CODE_UNCAUGHT_EXCEPTION, 3, {1, 2, 6}},
};

typedef struct World {
    Rig rig;
    wasmtime_instance_t inst;
    wasmtime_func_t middle;
    bool throws_anew; // `again` takes the exception and throws it again
} World;

static wasm_trap_t *again(void *env, wasmtime_caller_t *caller,
                          const wasmtime_val_t *args, size_t nargs,
                          wasmtime_val_t *results, size_t nresults) {
    (void)args, (void)nargs, (void)results, (void)nresults;
    const World *w = env;
    wasmtime_context_t *c = wasmtime_caller_context(caller);
    wasm_trap_t *trap = NULL;
    wasmtime_exnref_t x;
    EXPECT(is_ok(wasmtime_func_call(c, &w->middle, NULL, 0, NULL, 0, &trap)));
    if (!w->throws_anew) return trap;
    EXPECT(wasmtime_context_take_exception(c, &x));
    wasm_trap_delete(trap);
    trap = wasmtime_context_set_exception(c, &x);
    wasmtime_exnref_unroot(&x);
    return trap;
}

static void world_init(World *w, TierPolicy tier, uint64_t seed) {
    wasm_config_t *config = wasm_config_new();
    config->engine.tiers = tier;
    config->engine.tier_seed = seed;
    // Calls between tiers nest frames of C, which sanitizers make large.
    wasmtime_config_async_stack_size_set(config, 7 << 20);
    wasmtime_config_max_wasm_stack_set(config, 6 << 20);
    *w = (World){.rig = rig_of(config)};
    wasm_functype_t *type = wasm_functype_new_0_0();
    EXPECT(is_ok(wasmtime_linker_define_func(w->rig.linker, "h", 1, "again", 5,
                                             type, again, w, NULL)));
    wasm_functype_delete(type);
    w->inst = rig_instance(&w->rig, text);
    w->middle = rig_func(&w->rig, &w->inst, "middle");
}

static bool trace_is(const wasm_trap_t *trap, const uint32_t *funcs,
                     uint32_t len) {
    wasm_frame_vec_t trace;
    wasm_trap_trace(trap, &trace);
    bool ok = EXPECT_EQ(trace.size, len);
    for (uint32_t i = 0; ok && i < len; i++) {
        ok = EXPECT_EQ(wasm_frame_func_index(trace.data[i]), funcs[i]) &&
             EXPECT(wasm_frame_func_offset(trace.data[i]) > 0);
    }
    wasm_frame_vec_delete(&trace);
    return ok;
}

static void check(World *w, size_t i) {
    wasmtime_func_t f = rig_func(&w->rig, &w->inst, cases[i].name);
    wasm_trap_t *trap = rig_trap(&w->rig, &f);
    if (!trap_is(wasm_trap_copy(trap), cases[i].code) ||
        !trace_is(trap, cases[i].funcs, cases[i].len))
        fprintf(stderr, "in %s\n", cases[i].name);
    EXPECT(trap_is(trap, cases[i].code));
    wasmtime_exnref_t x;
    if (wasmtime_context_take_exception(w->rig.context, &x))
        wasmtime_exnref_unroot(&x);
}

static void check_all(TierPolicy tier, uint64_t seed) {
    World w;
    world_init(&w, tier, seed);
    for (size_t i = 0; i < COUNTOF(cases); i++)
        check(&w, i);
    rig_delete(&w.rig);
}

static void interpreted(void) {
    check_all(TIERS_interp, 0);
}

static void compiled(void) {
    check_all(TIERS_baseline, 0);
    check_all(TIERS_auto, 0);
}

static void mixed(void) {
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        check_all(TIERS_baseline, seed);
}

// What the host throws comes from where it threw it.
static void thrown_anew(void) {
    static const uint32_t funcs[] = {6};
    World w;
    world_init(&w, TIERS_auto, 0);
    w.throws_anew = true;
    wasmtime_func_t f = rig_func(&w.rig, &w.inst, "host");
    wasm_trap_t *trap = rig_trap(&w.rig, &f);
    (void)trace_is(trap, funcs, COUNTOF(funcs));
    wasm_trap_delete(trap);
    rig_delete(&w.rig);
}

// The message has the innermost frames, and how many more there are.
static void deep_messages(TierPolicy tier, uint64_t seed) {
    World w;
    world_init(&w, tier, seed);
    wasmtime_func_t f = rig_func(&w.rig, &w.inst, "dive");
    wasm_trap_t *trap = rig_trap(&w.rig, &f);
    wasm_message_t message;
    wasm_trap_message(trap, &message);
    EXPECT(starts_with(&message, "wasm trap: uncaught exception\n"
                                 "wasm backtrace:\n     0: "));
    EXPECT(strstr(message.data, " - m!leaf\n     1: ") != NULL);
    EXPECT(strstr(message.data, "  ... and 175 more\n") != NULL); // of 303
    wasm_byte_vec_delete(&message);
    wasm_trap_delete(trap);
    rig_delete(&w.rig);
}

static void deep(void) {
    deep_messages(TIERS_interp, 0);
    deep_messages(TIERS_baseline, 0);
    deep_messages(TIERS_baseline, 3);
}

// Out of a future, whose stack is gone by then.
static void of_futures(void) {
    for (int tier = TIERS_auto; tier <= TIERS_baseline; tier++) {
        World w;
        world_init(&w, (TierPolicy)tier, 0);
        wasmtime_func_t f = rig_func(&w.rig, &w.inst, cases[1].name);
        wasm_trap_t *trap;
        wasmtime_error_t *error;
        wasmtime_call_future_t *future = wasmtime_func_call_async(
            w.rig.context, &f, NULL, 0, NULL, 0, &trap, &error);
        while (!wasmtime_call_future_poll(future)) {
        }
        wasmtime_call_future_delete(future);
        if (EXPECT(is_ok(error) && trap))
            (void)trace_is(trap, cases[1].funcs, cases[1].len);
        wasm_trap_delete(trap);
        rig_delete(&w.rig);
    }
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(interpreted), UNIT_TEST(compiled),
                    UNIT_TEST(mixed), UNIT_TEST(thrown_anew), UNIT_TEST(deep),
                    UNIT_TEST(of_futures));
}
