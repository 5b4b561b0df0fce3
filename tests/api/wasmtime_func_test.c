// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// wasmtime/func.h: calls in both directions, with tags and without; what is
// wrong with them; who calls.
#include "api/rig.h"

#include <wasmtime/externref.h>
#include <wasmtime/memory.h>

static int finalized;

static void count(void *env) {
    (void)env;
    finalized++;
}

// --- being called ------------------------------------------------------------

// Adds its arguments, all i32, and *env.
static wasm_trap_t *sum(void *env, wasmtime_caller_t *caller,
                        const wasmtime_val_t *args, size_t nargs,
                        wasmtime_val_t *results, size_t nresults) {
    EXPECT_EQ(nresults, 1);
    EXPECT(wasmtime_caller_context(caller) != NULL);
    int32_t all = *(const int *)env;
    for (size_t i = 0; i < nargs; i++)
        all += args[i].of.i32;
    results[0] = val_i32(all);
    return NULL;
}

static wasm_trap_t *sum_raw(void *env, wasmtime_caller_t *caller,
                            wasmtime_val_raw_t *values, size_t len) {
    (void)caller;
    int32_t all = *(const int *)env;
    for (size_t i = 0; i < len; i++)
        all += values[i].i32;
    memset(&values[0], 0xff, sizeof values[0]); // what is above is ignored
    values[0].i32 = all;
    return NULL;
}

// (func (param i32 * len) (result i32))
static wasm_functype_t *sum_type(size_t len) {
    wasm_valtype_vec_t params, results;
    wasm_valtype_vec_new_uninitialized(&params, len);
    for (size_t i = 0; i < len; i++)
        params.data[i] = wasm_valtype_new_i32();
    wasm_valtype_t *result[1] = {wasm_valtype_new_i32()};
    wasm_valtype_vec_new(&results, 1, result);
    return wasm_functype_new(&params, &results);
}

static void any_number_of_arguments(void) {
    static const size_t lens[] = {0, 1, 2, 15, 16, 17, 100, 1000};
    Rig r = rig_new();
    wasmtime_val_t args[1000], result;
    wasmtime_val_raw_t raws[1000];
    int env = 7;
    finalized = 0;
    for (size_t i = 0; i < COUNTOF(lens); i++) {
        size_t len = lens[i];
        wasm_functype_t *type = sum_type(len);
        wasmtime_func_t checked, unchecked;
        wasmtime_func_new(r.context, type, sum, &env, count, &checked);
        wasmtime_func_new_unchecked(r.context, type, sum_raw, &env, count,
                                    &unchecked);
        int32_t want = env;
        for (size_t j = 0; j < len; j++) {
            args[j] = val_i32((int32_t)j * 3);
            want += (int32_t)j * 3;
        }
        EXPECT(rig_call(&r, &checked, args, len, &result, 1));
        EXPECT_EQ(result.of.i32, want);
        if (len > 0) {
            EXPECT(rig_call(&r, &unchecked, args, len, &result, 1));
            EXPECT_EQ(result.of.i32, want);
        }
        for (size_t j = 0; j < len; j++)
            raws[j].i32 = (int32_t)j * 3;
        wasm_trap_t *trap = NULL;
        EXPECT(is_ok(wasmtime_func_call_unchecked(r.context, &checked, raws,
                                                  len ? len : 1, &trap)));
        EXPECT(!trap && raws[0].i32 == want);
        wasm_functype_t *same = wasmtime_func_type(r.context, &checked);
        EXPECT_EQ(wasm_functype_params(same)->size, len);
        wasm_functype_delete(same);
        wasm_functype_delete(type);
    }
    rig_delete(&r);
    EXPECT_EQ(finalized, 2 * (int)COUNTOF(lens));
}

// --- every kind of number through wasm ---------------------------------------

static wasm_trap_t *echo(void *env, wasmtime_caller_t *caller,
                         const wasmtime_val_t *args, size_t nargs,
                         wasmtime_val_t *results, size_t nresults) {
    (void)env, (void)caller;
    EXPECT_EQ(nargs, nresults);
    for (size_t i = 0; i < nresults; i++)
        wasmtime_val_clone(&args[i], &results[i]);
    return NULL;
}

static const char echoes[] =
    "(module (import \"\" \"echo\" (func $f"
    "  (param i32 i64 f32 f64 v128 funcref externref)"
    "  (result i32 i64 f32 f64 v128 funcref externref)))"
    " (export \"echo\" (func $f)) (elem declare func $g) (func $g)"
    " (func (export \"through\")"
    "  (param i32 i64 f32 f64 v128 funcref externref)"
    "  (result i32 i64 f32 f64 v128 funcref externref)"
    "  (call $f (local.get 0) (local.get 1) (local.get 2) (local.get 3)"
    "   (local.get 4) (local.get 5) (local.get 6)))"
    " (func (export \"g\") (result funcref) (ref.func $g)))";

static void values_of_every_kind(void) {
    Rig r = rig_new();
    wasmtime_module_t *m = rig_module(&r, echoes);
    wasm_importtype_vec_t imports;
    wasmtime_module_imports(m, &imports);
    const wasm_functype_t *type = wasm_externtype_as_functype_const(
        wasm_importtype_type(imports.data[0]));
    EXPECT(is_ok(wasmtime_linker_define_func(r.linker, "", 0, "echo", 4, type,
                                             echo, NULL, NULL)));
    wasm_importtype_vec_delete(&imports);
    wasmtime_module_delete(m);
    wasmtime_instance_t i = rig_instance(&r, echoes);
    wasmtime_func_t through = rig_func(&r, &i, "through");
    wasmtime_func_t g = rig_func(&r, &i, "g");
    int host = 1;
    wasmtime_val_t args[7] = {val_i32(-1), val_i64(INT64_MIN)}, results[7];
    args[2].kind = WASMTIME_F32;
    args[2].of.f32 = 1.5f;
    args[3].kind = WASMTIME_F64;
    args[3].of.f64 = -2.5;
    args[4].kind = WASMTIME_V128;
    for (uint8_t b = 0; b < 16; b++)
        args[4].of.v128[b] = b;
    EXPECT(rig_call(&r, &g, NULL, 0, &args[5], 1));
    EXPECT(!wasmtime_funcref_is_null(&args[5].of.funcref));
    args[6].kind = WASMTIME_EXTERNREF;
    EXPECT(
        wasmtime_externref_new(r.context, &host, NULL, &args[6].of.externref));
    EXPECT(rig_call(&r, &through, args, 7, results, 7));
    EXPECT_EQ(results[0].of.i32, -1);
    EXPECT_EQ(results[1].of.i64, INT64_MIN);
    EXPECT(results[2].of.f32 == 1.5f && results[3].of.f64 == -2.5);
    EXPECT(memcmp(results[4].of.v128, args[4].of.v128, 16) == 0);
    EXPECT(memcmp(&results[5].of.funcref, &args[5].of.funcref,
                  sizeof(wasmtime_func_t)) == 0);
    EXPECT(wasmtime_externref_data(r.context, &results[6].of.externref) ==
           &host);
    wasmtime_val_unroot(&args[6]);
    wasmtime_val_unroot(&results[6]);
    // Nulls.
    wasmtime_funcref_set_null(&args[5].of.funcref);
    EXPECT(rig_call(&r, &through, args, 7, results, 7));
    EXPECT(wasmtime_funcref_is_null(&results[5].of.funcref));
    EXPECT(wasmtime_externref_is_null(&results[6].of.externref));
    rig_delete(&r);
}

// --- what goes wrong ---------------------------------------------------------

static wasm_trap_t *fails(void *env, wasmtime_caller_t *caller,
                          const wasmtime_val_t *args, size_t nargs,
                          wasmtime_val_t *results, size_t nresults) {
    (void)caller, (void)args, (void)nargs;
    if (nresults) results[0] = val_i64(1); // not its type
    return env ? wasm_trap_copy(env) : NULL;
}

static wasm_trap_t *fails_raw(void *env, wasmtime_caller_t *caller,
                              wasmtime_val_raw_t *values, size_t len) {
    (void)caller, (void)values, (void)len;
    return wasm_trap_copy(env);
}

static const char calls_host[] =
    "(module (import \"\" \"f\" (func $f)) (func (export \"call\") (call $f))"
    " (func (export \"trap\") unreachable))";

static wasmtime_instance_t import_one(const Rig *r, const wasmtime_func_t *f) {
    wasmtime_module_t *m = rig_module(r, calls_host);
    wasmtime_extern_t import = {.kind = WASMTIME_EXTERN_FUNC};
    wasmtime_instance_t inst = {0};
    wasm_trap_t *trap = NULL;
    import.of.func = *f;
    EXPECT(
        is_ok(wasmtime_instance_new(r->context, m, &import, 1, &inst, &trap)));
    wasmtime_module_delete(m);
    return inst;
}

// With a code it comes out as a trap, the same object; without, as an error.
static void host_functions_trap(void) {
    Rig r = rig_new();
    wasm_functype_t *type = wasm_functype_new_0_0();
    wasm_trap_t *coded = wasmtime_trap_new_code(WASMTIME_TRAP_CODE_INTERRUPT);
    wasm_trap_t *plain = wasmtime_trap_new("no luck", 7);
    wasmtime_func_t f, g, h;
    wasmtime_func_new(r.context, type, fails, coded, NULL, &f);
    wasmtime_func_new(r.context, type, fails, plain, NULL, &g);
    wasmtime_func_new_unchecked(r.context, type, fails_raw, plain, NULL, &h);
    wasmtime_instance_t i = import_one(&r, &f), j = import_one(&r, &g),
                        k = import_one(&r, &h);
    wasmtime_func_t call_f = rig_func(&r, &i, "call"),
                    call_g = rig_func(&r, &j, "call"),
                    call_h = rig_func(&r, &k, "call"),
                    trap = rig_func(&r, &i, "trap");
    wasm_trap_t *t = rig_trap(&r, &call_f);
    EXPECT(wasm_trap_same(t, coded));
    wasm_frame_vec_t trace;
    wasm_trap_trace(t, &trace);
    EXPECT_EQ(trace.size, 1);
    wasm_frame_vec_delete(&trace);
    wasm_trap_delete(t);
    EXPECT(error_says(rig_error(&r, &call_g), "no luck"));
    EXPECT(error_says(rig_error(&r, &call_h), "no luck"));
    EXPECT(error_says(rig_error(&r, &g), "no luck")); // no wasm in between
    EXPECT(trap_is(rig_trap(&r, &trap),
                   WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED));
    wasm_functype_delete(type);
    wasm_trap_delete(coded);
    wasm_trap_delete(plain);
    rig_delete(&r);
}

static void results_are_checked(void) {
    Rig r = rig_new();
    wasm_functype_t *type = wasm_functype_new_0_1(wasm_valtype_new_i32());
    wasmtime_func_t f;
    wasmtime_val_t result;
    wasm_trap_t *trap = NULL;
    wasmtime_func_new(r.context, type, fails, NULL, NULL, &f);
    EXPECT(error_says(
        wasmtime_func_call(r.context, &f, NULL, 0, &result, 1, &trap),
        "result 0 of a host function"));
    EXPECT(!trap);
    wasm_functype_delete(type);
    rig_delete(&r);
}

// A call with one argument that must be refused.
static bool refused(const Rig *r, const wasmtime_func_t *f,
                    const wasmtime_val_t *arg, const char *why) {
    wasm_trap_t *trap = NULL;
    wasmtime_val_t result;
    return error_says(
               wasmtime_func_call(r->context, f, arg, 1, &result, 1, &trap),
               why) &&
           !trap;
}

static void calls_are_checked(void) {
    static const char text[] =
        "(module (func (export \"f\") (param externref) (result i32)"
        "  i32.const 1)"
        " (func (export \"g\") (param (ref func)) (result i32) i32.const 1)"
        " (func (export \"h\") (param i32) (result i32) i32.const 1))";
    Rig r = rig_new(), other = rig_new();
    wasmtime_instance_t i = rig_instance(&r, text);
    wasmtime_func_t f = rig_func(&r, &i, "f"), g = rig_func(&r, &i, "g"),
                    h = rig_func(&r, &i, "h");
    const char *bad_type = "argument 0 does not fit (func (param ";
    wasmtime_val_t v = val_i64(1);
    EXPECT(refused(&r, &h, &v, bad_type));
    v.kind = 99;
    EXPECT(refused(&r, &h, &v, bad_type));
    EXPECT(refused(&r, &f, &v, bad_type));
    v.kind = WASMTIME_FUNCREF;
    wasmtime_funcref_set_null(&v.of.funcref);
    EXPECT(refused(&r, &g, &v, bad_type)); // not nullable
    EXPECT(refused(&r, &f, &v, bad_type)); // another hierarchy
    v.of.funcref = f;
    wasmtime_func_t made_up = f;
    made_up.__private = (void *)(uintptr_t)1000; // NOLINT: no such index
    v.of.funcref = made_up;
    EXPECT(refused(&r, &g, &v, bad_type));
    v.kind = WASMTIME_EXTERNREF;
    EXPECT(wasmtime_externref_new(other.context, &r, NULL, &v.of.externref));
    EXPECT(refused(&r, &f, &v, bad_type)); // of another store
    wasmtime_val_unroot(&v);
    EXPECT(refused(&r, &made_up, &v, "the handle"));
    EXPECT(refused(&other, &f, &v, "the handle"));
    wasmtime_funcref_set_null(&made_up);
    EXPECT(refused(&r, &made_up, &v, "the handle"));
    EXPECT(!wasmtime_func_type(r.context, &made_up));
    EXPECT(!wasmtime_func_type(other.context, &f));
    wasm_trap_t *trap = NULL;
    EXPECT(
        error_says(wasmtime_func_call(r.context, &h, NULL, 0, NULL, 0, &trap),
                   "the function has 1 parameters and 1 results, not 0 and 0"));
    wasmtime_val_raw_t raw = {0};
    EXPECT(
        error_says(wasmtime_func_call_unchecked(r.context, &h, &raw, 0, &trap),
                   "0 values are not enough"));
    EXPECT(error_says(
        wasmtime_func_call_unchecked(other.context, &h, &raw, 1, &trap),
        "the handle"));
    rig_delete(&r);
    rig_delete(&other);
}

// A type of another engine makes no function; what was given goes.
static void types_of_other_engines(void) {
    Rig r = rig_new(), other = rig_new();
    wasmtime_instance_t i =
        rig_instance(&other, "(module (type $s (struct)) (func (export \"f\")"
                             " (param (ref null $s))))");
    wasmtime_func_t f = rig_func(&other, &i, "f");
    wasm_functype_t *type = wasmtime_func_type(other.context, &f);
    finalized = 0;
    wasmtime_func_new(r.context, type, fails, NULL, count, &f);
    EXPECT(wasmtime_funcref_is_null(&f));
    wasmtime_func_new_unchecked(r.context, type, fails_raw, NULL, count, &f);
    EXPECT(wasmtime_funcref_is_null(&f));
    EXPECT_EQ(finalized, 2);
    wasmtime_func_new(other.context, type, fails, NULL, count, &f);
    EXPECT(!wasmtime_funcref_is_null(&f));
    wasm_functype_delete(type);
    rig_delete(&r);
    rig_delete(&other);
    EXPECT_EQ(finalized, 3);
}

// --- who calls ---------------------------------------------------------------

static wasm_trap_t *looks(void *env, wasmtime_caller_t *caller,
                          const wasmtime_val_t *args, size_t nargs,
                          wasmtime_val_t *results, size_t nresults) {
    (void)args, (void)nargs, (void)results, (void)nresults;
    int *found = env;
    wasmtime_context_t *context = wasmtime_caller_context(caller);
    wasmtime_extern_t item;
    EXPECT(!wasmtime_caller_export_get(caller, "nothing", 7, &item));
    if (!wasmtime_caller_export_get(caller, "memory", 6, &item)) return NULL;
    EXPECT_EQ(item.kind, WASMTIME_EXTERN_MEMORY);
    EXPECT_EQ(wasmtime_memory_data(context, &item.of.memory)[3], 'x');
    *found += 1;
    // And back in, through the caller's own export.
    EXPECT(wasmtime_caller_export_get(caller, "seven", 5, &item));
    wasmtime_val_t seven;
    wasm_trap_t *trap = NULL;
    EXPECT(is_ok(
        wasmtime_func_call(context, &item.of.func, NULL, 0, &seven, 1, &trap)));
    EXPECT_EQ(seven.of.i32, 7);
    return NULL;
}

static void callers_show_their_exports(void) {
    Rig r = rig_new();
    int found = 0;
    wasm_functype_t *type = wasm_functype_new_0_0();
    EXPECT(is_ok(wasmtime_linker_define_func(r.linker, "", 0, "f", 1, type,
                                             looks, &found, NULL)));
    wasmtime_instance_t i = rig_instance(
        &r, "(module (import \"\" \"f\" (func $f))"
            " (memory (export \"memory\") 1) (data (i32.const 3) \"x\")"
            " (func (export \"seven\") (result i32) i32.const 7)"
            " (func (export \"call\") (call $f)))");
    wasmtime_func_t call = rig_func(&r, &i, "call");
    EXPECT(rig_call(&r, &call, NULL, 0, NULL, 0));
    EXPECT_EQ(found, 1);
    wasmtime_extern_t f;
    EXPECT(wasmtime_linker_get(r.linker, r.context, "", 0, "f", 1, &f));
    EXPECT(rig_call(&r, &f.of.func, NULL, 0, NULL, 0)); // the host calls
    EXPECT_EQ(found, 1);
    wasm_functype_delete(type);
    rig_delete(&r);
}

// --- without tags ------------------------------------------------------------

static wasm_trap_t *second_raw(void *env, wasmtime_caller_t *caller,
                               wasmtime_val_raw_t *values, size_t len) {
    (void)env;
    wasmtime_context_t *context = wasmtime_caller_context(caller);
    EXPECT_EQ(len, 2);
    wasmtime_externref_t ref;
    wasmtime_func_t f;
    wasmtime_externref_from_raw(context, values[0].externref, &ref);
    wasmtime_func_from_raw(context, values[1].funcref, &f);
    // What is written is a result, whatever the collector may see of it.
    values[0].i64 = -1;
    EXPECT(is_ok(wasmtime_context_gc(context)));
    values[0].funcref = wasmtime_func_to_raw(context, &f);
    values[1].externref = wasmtime_externref_to_raw(context, &ref);
    wasmtime_externref_unroot(&ref);
    return NULL;
}

static void raw_references(void) {
    Rig r = rig_new();
    wasm_functype_t *type = wasm_functype_new_2_2(
        wasm_valtype_new_externref(), wasm_valtype_new_funcref(),
        wasm_valtype_new_funcref(), wasm_valtype_new_externref());
    wasmtime_func_t f, none;
    wasmtime_func_new_unchecked(r.context, type, second_raw, NULL, NULL, &f);
    int data = 1;
    wasmtime_val_t args[2] = {{.kind = WASMTIME_EXTERNREF},
                              {.kind = WASMTIME_FUNCREF}},
                   results[2];
    EXPECT(
        wasmtime_externref_new(r.context, &data, NULL, &args[0].of.externref));
    args[1].of.funcref = f;
    EXPECT(rig_call(&r, &f, args, 2, results, 2));
    EXPECT_EQ(results[0].kind, WASMTIME_FUNCREF);
    EXPECT(memcmp(&results[0].of.funcref, &f, sizeof f) == 0);
    EXPECT(wasmtime_externref_data(r.context, &results[1].of.externref) ==
           &data);
    wasmtime_val_unroot(&args[0]);
    wasmtime_val_unroot(&results[1]);
    wasmtime_func_from_raw(r.context, NULL, &none);
    EXPECT(wasmtime_funcref_is_null(&none));
    EXPECT(!wasmtime_func_to_raw(r.context, &none));
    wasm_functype_delete(type);
    rig_delete(&r);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(any_number_of_arguments), UNIT_TEST(values_of_every_kind),
        UNIT_TEST(host_functions_trap), UNIT_TEST(results_are_checked),
        UNIT_TEST(calls_are_checked), UNIT_TEST(types_of_other_engines),
        UNIT_TEST(callers_show_their_exports), UNIT_TEST(raw_references));
}
