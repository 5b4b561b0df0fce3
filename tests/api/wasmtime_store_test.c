// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// wasmtime/store.h: what a store owns, limits, fuel, deadlines, WASI.
#include "api/rig.h"

#include <wasmtime/async.h>
#include <wasmtime/externref.h>
#include <wasmtime/memory.h>
#include <wasmtime/table.h>

static int finalized;

static void count(void *data) {
    finalized += *(int *)data;
}

static void data_belongs_to_the_store(void) {
    wasm_engine_t *e = tier_engine(NULL);
    int one = 1, two = 2;
    finalized = 0;
    wasmtime_store_t *s = wasmtime_store_new(e, &one, count);
    wasmtime_context_t *c = wasmtime_store_context(s);
    EXPECT(c == wasmtime_store_context(s));
    EXPECT(wasmtime_context_get_data(c) == &one);
    wasmtime_context_set_data(c, &two);
    EXPECT(wasmtime_context_get_data(c) == &two);
    EXPECT_EQ(finalized, 0);
    wasm_engine_delete(e); // the store keeps it
    wasmtime_store_delete(s);
    EXPECT_EQ(finalized, 2);
    wasmtime_store_delete(NULL);
}

// --- limits ------------------------------------------------------------------

static const char growing[] =
    "(module (memory (export \"m\") 1) (table (export \"t\") 1 funcref)"
    " (func (export \"grow\") (result i32) (memory.grow (i32.const 1)))"
    " (func (export \"grow_table\") (result i32)"
    "  (table.grow (ref.null func) (i32.const 5))))";

static void limiter_holds_what_grows(void) {
    Rig r = rig_new();
    wasmtime_store_limiter(r.store, 2 * 65536, 6, -1, -1, -1);
    wasmtime_instance_t i = rig_instance(&r, growing);
    wasmtime_func_t grow = rig_func(&r, &i, "grow");
    wasmtime_func_t grow_table = rig_func(&r, &i, "grow_table");
    EXPECT_EQ(rig_i32(&r, &grow), 1);
    EXPECT_EQ(rig_i32(&r, &grow), -1);
    EXPECT_EQ(rig_i32(&r, &grow_table), 1);
    EXPECT_EQ(rig_i32(&r, &grow_table), -1);
    wasmtime_extern_t m = rig_export(&r, &i, "m");
    uint64_t size = 7;
    EXPECT(error_says(wasmtime_memory_grow(r.context, &m.of.memory, 1, &size),
                      "the memory"));
    EXPECT_EQ(size, 7);
    wasmtime_store_limiter(r.store, -1, -1, -1, -1, -1);
    EXPECT_EQ(rig_i32(&r, &grow), 2);
    EXPECT_EQ(rig_i32(&r, &grow_table), 6);
    rig_delete(&r);
}

static void limiter_counts_what_is_made(void) {
    static const struct {
        const char *name, *text, *error;
        int64_t instances, tables, memories;
    } cases[] = {
        {"instances", "(module)", "instances of a store", 0, -1, -1},
        {"tables", "(module (table 1 funcref))", "tables of a store", -1, 0, 9},
        {"memories", "(module (memory 1))", "memories of a store", -1, 9, 0},
        {"size", "(module (memory 4))", "the embedder's limiter", -1, -1, -1},
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Rig r = rig_new();
        wasmtime_store_limiter(r.store, 3 * 65536, -1, cases[i].instances,
                               cases[i].tables, cases[i].memories);
        wasmtime_module_t *m = rig_module(&r, cases[i].text);
        wasmtime_instance_t inst;
        wasm_trap_t *trap = NULL;
        if (!EXPECT(error_says(wasmtime_linker_instantiate(r.linker, r.context,
                                                           m, &inst, &trap),
                               cases[i].error)))
            fprintf(stderr, "%s\n", cases[i].name);
        EXPECT(!trap);
        wasmtime_module_delete(m);
        rig_delete(&r);
    }
}

// --- fuel --------------------------------------------------------------------

static const char looping[] =
    "(module (func (export \"loop\") (loop $l (br $l)))"
    " (func (export \"nothing\") (drop (i32.const 1))))";

static void fuel_is_spent(void) {
    wasm_config_t *config = wasm_config_new();
    wasmtime_config_consume_fuel_set(config, true);
    Rig r = rig_of(config);
    wasmtime_instance_t i = rig_instance(&r, looping);
    wasmtime_func_t loop = rig_func(&r, &i, "loop");
    wasmtime_func_t nothing = rig_func(&r, &i, "nothing");
    uint64_t left = 7;
    EXPECT(is_ok(wasmtime_context_get_fuel(r.context, &left)));
    EXPECT_EQ(left, 0);
    EXPECT(trap_is(rig_trap(&r, &loop), WASMTIME_TRAP_CODE_OUT_OF_FUEL));
    // With nothing, not even the first instruction runs.
    EXPECT(is_ok(wasmtime_context_set_fuel(r.context, 0)));
    for (int n = 0; n < 4; n++)
        EXPECT(trap_is(rig_trap(&r, &nothing), WASMTIME_TRAP_CODE_OUT_OF_FUEL));
    EXPECT(is_ok(wasmtime_context_get_fuel(r.context, &left)));
    EXPECT_EQ(left, 0);
    EXPECT(is_ok(wasmtime_context_set_fuel(r.context, 10000)));
    EXPECT(rig_call(&r, &nothing, NULL, 0, NULL, 0));
    EXPECT(is_ok(wasmtime_context_get_fuel(r.context, &left)));
    EXPECT(left < 10000 && left > 9000);
    EXPECT(trap_is(rig_trap(&r, &loop), WASMTIME_TRAP_CODE_OUT_OF_FUEL));
    EXPECT(is_ok(wasmtime_context_get_fuel(r.context, &left)));
    EXPECT_EQ(left, 0);
    // More than the running count can hold.
    EXPECT(is_ok(wasmtime_context_set_fuel(r.context, UINT64_MAX)));
    EXPECT(rig_call(&r, &nothing, NULL, 0, NULL, 0));
    EXPECT(is_ok(wasmtime_context_get_fuel(r.context, &left)));
    EXPECT(left < UINT64_MAX && left > UINT64_MAX - 1000);
    rig_delete(&r);
}

static void stores_begin_without_fuel(void) {
    wasm_config_t *config = wasm_config_new();
    wasmtime_config_consume_fuel_set(config, true);
    Rig r = rig_of(config);
    wasmtime_module_t *m = rig_module(&r, "(module (func $s nop) (start $s))");
    wasmtime_instance_t i;
    wasm_trap_t *trap = NULL;
    for (uint64_t fuel = 0; fuel < 20; fuel += 10) {
        if (fuel) EXPECT(is_ok(wasmtime_context_set_fuel(r.context, fuel)));
        EXPECT(is_ok(
            wasmtime_linker_instantiate(r.linker, r.context, m, &i, &trap)));
        EXPECT_EQ(trap == NULL, fuel > 0);
        if (trap) EXPECT(trap_is(trap, WASMTIME_TRAP_CODE_OUT_OF_FUEL));
        // Asking for shares gives none.
        EXPECT(
            is_ok(wasmtime_context_fuel_async_yield_interval(r.context, fuel)));
    }
    wasmtime_module_delete(m);
    rig_delete(&r);
}

static void fuel_must_be_configured(void) {
    Rig r = rig_new();
    uint64_t left = 7;
    EXPECT(error_says(wasmtime_context_set_fuel(r.context, 1), "fuel is not"));
    EXPECT(
        error_says(wasmtime_context_get_fuel(r.context, &left), "fuel is not"));
    EXPECT_EQ(left, 7);
    rig_delete(&r);
}

// --- deadlines ---------------------------------------------------------------

typedef struct Deadline {
    wasmtime_context_t *context;
    int calls, calls_max;
    wasmtime_update_deadline_kind_t kind;
    bool gone;
} Deadline;

static wasmtime_error_t *on_deadline(const wasmtime_context_t *context,
                                     void *data, uint64_t *delta,
                                     wasmtime_update_deadline_kind_t *kind) {
    Deadline *d = data;
    EXPECT(context == d->context);
    EXPECT_EQ(*kind, WASMTIME_UPDATE_DEADLINE_CONTINUE);
    if (++d->calls > d->calls_max) return wasmtime_error_new("long enough");
    *delta = 0; // at once again
    *kind = d->kind;
    return NULL;
}

static void drop_deadline(void *data) {
    Deadline *d = data;
    d->gone = true;
}

static Rig rig_with_epochs(void) {
    wasm_config_t *config = wasm_config_new();
    wasmtime_config_epoch_interruption_set(config, true);
    return rig_of(config);
}

static void deadlines_trap_or_ask(void) {
    Rig r = rig_with_epochs();
    Deadline d = {.context = r.context, .calls_max = 3};
    Deadline yields = {.context = r.context,
                       .calls_max = 1,
                       .kind = WASMTIME_UPDATE_DEADLINE_YIELD};
    wasmtime_context_set_epoch_deadline(r.context, 1);
    wasmtime_instance_t i = rig_instance(&r, looping);
    wasmtime_func_t loop = rig_func(&r, &i, "loop");
    wasmtime_engine_increment_epoch(r.engine);
    EXPECT(trap_is(rig_trap(&r, &loop), WASMTIME_TRAP_CODE_INTERRUPT));
    wasmtime_store_epoch_deadline_callback(r.store, on_deadline, &d,
                                           drop_deadline);
    wasmtime_error_t *error = rig_error(&r, &loop);
    wasm_frame_vec_t trace;
    if (error) {
        wasmtime_error_wasm_trace(error, &trace);
        EXPECT_EQ(trace.size, 1);
        wasm_frame_vec_delete(&trace);
    }
    EXPECT(error_says(error, "long enough"));
    EXPECT_EQ(d.calls, 4);
    // Nothing here can suspend.
    EXPECT(!d.gone);
    wasmtime_store_epoch_deadline_callback(r.store, on_deadline, &yields,
                                           drop_deadline);
    EXPECT(d.gone);
    EXPECT(error_says(rig_error(&r, &loop), "this call cannot suspend"));
    EXPECT_EQ(yields.calls, 1);
    wasmtime_store_epoch_deadline_callback(r.store, NULL, NULL, NULL);
    EXPECT(yields.gone);
    EXPECT(trap_is(rig_trap(&r, &loop), WASMTIME_TRAP_CODE_INTERRUPT));
    d.gone = false;
    wasmtime_store_epoch_deadline_callback(r.store, on_deadline, &d,
                                           drop_deadline);
    rig_delete(&r);
    EXPECT(d.gone);
}

// --- garbage -----------------------------------------------------------------

static void garbage_is_collected_when_asked(void) {
    Rig r = rig_new();
    int one = 1;
    wasmtime_externref_t ref, clone;
    finalized = 0;
    EXPECT(is_ok(wasmtime_context_gc(r.context))); // nothing yet
    EXPECT(wasmtime_externref_new(r.context, &one, count, &ref));
    wasmtime_externref_clone(&ref, &clone);
    wasmtime_externref_unroot(&ref);
    EXPECT(is_ok(wasmtime_context_gc(r.context)));
    EXPECT_EQ(finalized, 0);
    EXPECT(wasmtime_externref_data(r.context, &clone) == &one);
    wasmtime_externref_unroot(&clone);
    EXPECT(is_ok(wasmtime_context_gc(r.context)));
    EXPECT_EQ(finalized, 1);
    EXPECT(wasmtime_externref_new(r.context, &one, count, &ref));
    rig_delete(&r);
    EXPECT_EQ(finalized, 2);
    wasmtime_externref_unroot(&ref); // after its store
}

// --- WASI --------------------------------------------------------------------

static const char exits[] =
    "(module (import \"wasi_snapshot_preview1\" \"proc_exit\""
    "  (func $exit (param i32)))"
    " (memory (export \"memory\") 1)"
    " (func (export \"_start\") (call $exit (i32.const 42)) unreachable))";

static void programs_exit(void) {
    Rig r = rig_new();
    EXPECT(is_ok(wasmtime_linker_define_wasi(r.linker)));
    EXPECT(error_says(wasmtime_linker_define_wasi(r.linker), "wasi_"));
    wasmtime_instance_t i = rig_instance(&r, exits);
    wasmtime_func_t start = rig_func(&r, &i, "_start");
    // Without WASI of its own, a store's functions trap.
    EXPECT(error_says(rig_error(&r, &start), "the store was given nothing"));
    EXPECT(is_ok(wasmtime_context_set_wasi(r.context, wasi_config_new())));
    wasmtime_error_t *error = rig_error(&r, &start);
    int status = 0;
    EXPECT(error && wasmtime_error_exit_status(error, &status));
    EXPECT_EQ(status, 42);
    EXPECT(error_says(error, "exit with status 42"));
    // Another one takes its place.
    EXPECT(is_ok(wasmtime_context_set_wasi(r.context, wasi_config_new())));
    wasmtime_context_set_wasi_http(r.context);
    wasmtime_error_delete(rig_error(&r, &start));
    rig_delete(&r);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(data_belongs_to_the_store),
        UNIT_TEST(limiter_holds_what_grows),
        UNIT_TEST(limiter_counts_what_is_made), UNIT_TEST(fuel_is_spent),
        UNIT_TEST(stores_begin_without_fuel),
        UNIT_TEST(fuel_must_be_configured), UNIT_TEST(deadlines_trap_or_ask),
        UNIT_TEST(garbage_is_collected_when_asked), UNIT_TEST(programs_exit));
}
