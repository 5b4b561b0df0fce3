// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// wasmtime/linker.h and instance.h: names, shadowing, unknown imports, modules
// as commands and reactors, modules linked once.
#include "api/rig.h"

#include <wasmtime/global.h>
#include <wasmtime/memory.h>

static int finalized;

static void count(void *env) {
    (void)env;
    finalized++;
}

static wasm_trap_t *answer(void *env, wasmtime_caller_t *caller,
                           const wasmtime_val_t *args, size_t nargs,
                           wasmtime_val_t *results, size_t nresults) {
    (void)caller, (void)args, (void)nargs, (void)nresults;
    results[0] = val_i32(*(const int *)env);
    return NULL;
}

static wasm_trap_t *answer_raw(void *env, wasmtime_caller_t *caller,
                               wasmtime_val_raw_t *values, size_t len) {
    (void)caller, (void)len;
    values[0].i32 = *(const int *)env;
    return NULL;
}

// Defines "host" NAME as a function that returns *value.
static wasmtime_error_t *define(wasmtime_linker_t *l, const char *name,
                                int *value) {
    wasm_functype_t *type = wasm_functype_new_0_1(wasm_valtype_new_i32());
    wasmtime_error_t *e = wasmtime_linker_define_func(
        l, "host", 4, name, strlen(name), type, answer, value, count);
    wasm_functype_delete(type);
    return e;
}

static const char calls_a[] =
    "(module (import \"host\" \"a\" (func $a (result i32)))"
    " (func (export \"call\") (result i32) (call $a)))";

static wasmtime_instance_t instance_by(const Rig *r, wasmtime_linker_t *l,
                                       const char *text) {
    Rig with = *r;
    with.linker = l;
    return rig_instance(&with, text);
}

static void definitions_shadow_if_allowed(void) {
    Rig r = rig_new();
    int one = 1, two = 2, three = 3;
    finalized = 0;
    EXPECT(is_ok(define(r.linker, "a", &one)));
    EXPECT(error_says(define(r.linker, "a", &two), "host.a is already"));
    EXPECT_EQ(finalized, 1); // what was given away
    wasmtime_linker_t *copy = wasmtime_linker_clone(r.linker);
    wasmtime_linker_allow_shadowing(r.linker, true);
    EXPECT(is_ok(define(r.linker, "a", &two)));
    EXPECT_EQ(finalized, 1); // the copy has the first one
    EXPECT(error_says(define(copy, "a", &three), "host.a is already"));
    wasm_functype_t *type = wasm_functype_new_0_1(wasm_valtype_new_i32());
    EXPECT(is_ok(wasmtime_linker_define_func_unchecked(
        copy, "host", 4, "b", 1, type, answer_raw, &three, count)));
    wasm_functype_delete(type);
    wasmtime_instance_t i = instance_by(&r, r.linker, calls_a),
                        j = instance_by(&r, copy, calls_a);
    wasmtime_func_t f = rig_func(&r, &i, "call"), g = rig_func(&r, &j, "call");
    wasmtime_extern_t b;
    EXPECT(wasmtime_linker_get(copy, r.context, "host", 4, "b", 1, &b));
    EXPECT(!wasmtime_linker_get(r.linker, r.context, "host", 4, "b", 1, &b));
    wasmtime_linker_delete(copy);
    wasmtime_linker_delete(NULL);
    EXPECT_EQ(rig_i32(&r, &f), 2);
    EXPECT_EQ(rig_i32(&r, &g), 1); // the store keeps it
    EXPECT_EQ(rig_i32(&r, &b.of.func), 3);
    rig_delete(&r);
    EXPECT_EQ(finalized, 5);
}

// Functions without a store serve every store; all else its own.
static void stores_are_told_apart(void) {
    Rig r = rig_new();
    wasmtime_store_t *other = wasmtime_store_new(r.engine, NULL, NULL);
    wasmtime_context_t *c = wasmtime_store_context(other);
    Rig second = {r.engine, other, c, r.linker};
    int one = 1;
    EXPECT(is_ok(define(r.linker, "a", &one)));
    wasmtime_instance_t i = rig_instance(&r, calls_a);
    wasmtime_instance_t j = rig_instance(&second, calls_a);
    wasmtime_func_t f = rig_func(&r, &i, "call"),
                    g = rig_func(&second, &j, "call");
    EXPECT_EQ(rig_i32(&r, &f), 1);
    EXPECT_EQ(rig_i32(&second, &g), 1);
    wasmtime_extern_t item;
    EXPECT(!wasmtime_instance_export_get(c, &i, "call", 4, &item));
    EXPECT(is_ok(
        wasmtime_linker_define_instance(r.linker, r.context, "i", 1, &i)));
    EXPECT(error_says(
        wasmtime_linker_define_instance(r.linker, r.context, "j", 1, &j),
        "the handle"));
    EXPECT(wasmtime_linker_get(r.linker, r.context, "i", 1, "call", 4, &item));
    EXPECT(!wasmtime_linker_get(r.linker, c, "i", 1, "call", 4, &item));
    EXPECT(
        error_says(wasmtime_linker_define(r.linker, c, "x", 1, "y", 1, &item),
                   "the handle"));
    item.kind = 99;
    EXPECT(error_says(
        wasmtime_linker_define(r.linker, r.context, "x", 1, "y", 1, &item),
        "the handle"));
    item.kind = WASMTIME_EXTERN_FUNC;
    EXPECT(is_ok(
        wasmtime_linker_define(r.linker, r.context, "host", 4, "b", 1, &item)));
    wasmtime_module_t *m =
        rig_module(&r, "(module (import \"host\" \"b\" (func (result i32))))");
    wasm_trap_t *trap = NULL;
    EXPECT(error_says(wasmtime_linker_instantiate(r.linker, c, m, &i, &trap),
                      "import host.b belongs to another store"));
    EXPECT(
        is_ok(wasmtime_linker_instantiate(r.linker, r.context, m, &i, &trap)));
    EXPECT(error_says(wasmtime_instance_new(c, m, &item, 1, &i, &trap),
                      "an import is null or of another store"));
    EXPECT(error_says(wasmtime_instance_new(c, m, NULL, 0, &i, &trap),
                      "expected 1 imports, found 0"));
    wasmtime_module_delete(m);
    wasmtime_store_delete(other);
    rig_delete(&r);
}

static void engines_are_told_apart(void) {
    Rig r = rig_new(), other = rig_new();
    wasmtime_module_t *m = rig_module(&r, "(module)");
    wasmtime_instance_t i;
    wasmtime_instance_pre_t *pre = NULL;
    wasmtime_func_t f;
    wasmtime_extern_t item = {0};
    wasm_trap_t *trap = NULL;
    wasmtime_linker_t *l = other.linker;
    const char *why = "the linker is of another engine";
    EXPECT(error_says(wasmtime_linker_instantiate(l, r.context, m, &i, &trap),
                      why));
    EXPECT(error_says(
        wasmtime_linker_instantiate(l, other.context, m, &i, &trap), why));
    EXPECT(error_says(wasmtime_linker_instantiate_pre(l, m, &pre), why));
    EXPECT(error_says(wasmtime_linker_module(l, r.context, "", 0, m), why));
    EXPECT(
        error_says(wasmtime_linker_get_default(l, r.context, "", 0, &f), why));
    EXPECT(error_says(wasmtime_linker_define(l, r.context, "", 0, "", 0, &item),
                      why));
    EXPECT(error_says(wasmtime_linker_define_instance(l, r.context, "", 0, &i),
                      why));
    EXPECT(
        error_says(wasmtime_linker_define_unknown_imports_as_traps(l, m), why));
    EXPECT(error_says(wasmtime_linker_define_unknown_imports_as_default_values(
                          l, other.context, m),
                      why));
    EXPECT(!wasmtime_linker_get(l, r.context, "", 0, "", 0, &item));
    EXPECT(
        error_says(wasmtime_instance_new(other.context, m, NULL, 0, &i, &trap),
                   "the module is of another engine"));
    EXPECT(is_ok(wasmtime_linker_instantiate_pre(r.linker, m, &pre)));
    EXPECT(error_says(
        wasmtime_instance_pre_instantiate(pre, other.context, &i, &trap),
        "the module is of another engine"));
    wasmtime_instance_pre_delete(pre);
    wasmtime_module_delete(m);
    rig_delete(&r);
    rig_delete(&other);
}

// No import can have such a name.
static void names_are_utf8(void) {
    Rig r = rig_new();
    const char *bad = "\xff", *why = "malformed UTF-8";
    wasm_functype_t *type = wasm_functype_new_0_0();
    wasmtime_instance_t i = rig_instance(&r, "(module (func (export \"f\")))");
    wasmtime_extern_t f = rig_export(&r, &i, "f");
    wasmtime_module_t *m = rig_module(&r, "(module (func (export \"f\")))");
    wasmtime_linker_t *l = r.linker;
    finalized = 0;
    for (int k = 0; k < 2; k++) {
        const char *module = k ? bad : "m", *name = k ? "n" : bad;
        EXPECT(error_says(wasmtime_linker_define_func(
                              l, module, 1, name, 1, type, answer, NULL, count),
                          why));
        EXPECT(error_says(
            wasmtime_linker_define(l, r.context, module, 1, name, 1, &f), why));
    }
    EXPECT_EQ(finalized, 2);
    EXPECT(error_says(wasmtime_linker_define_instance(l, r.context, bad, 1, &i),
                      why));
    EXPECT(error_says(wasmtime_linker_module(l, r.context, bad, 1, m), why));
    EXPECT(is_ok(wasmtime_linker_define(l, r.context, "", 0, "", 0, &f)));
    wasmtime_module_delete(m);
    wasm_functype_delete(type);
    rig_delete(&r);
}

// A type of another engine makes no definition; what was given goes.
static void types_of_other_engines(void) {
    Rig r = rig_new(), other = rig_new();
    wasmtime_instance_t i =
        rig_instance(&other, "(module (type $s (struct)) (func (export \"f\")"
                             " (param (ref null $s))))");
    wasmtime_func_t f = rig_func(&other, &i, "f");
    wasm_functype_t *type = wasmtime_func_type(other.context, &f);
    const char *why = "the function type is too large or of another engine";
    finalized = 0;
    EXPECT(error_says(wasmtime_linker_define_func(r.linker, "h", 1, "f", 1,
                                                  type, answer, NULL, count),
                      why));
    EXPECT(
        error_says(wasmtime_linker_define_func_unchecked(
                       r.linker, "h", 1, "f", 1, type, answer_raw, NULL, count),
                   why));
    EXPECT_EQ(finalized, 2);
    EXPECT(is_ok(wasmtime_linker_define_func(other.linker, "h", 1, "f", 1, type,
                                             answer, NULL, count)));
    wasm_functype_delete(type);
    rig_delete(&r);
    rig_delete(&other);
    EXPECT_EQ(finalized, 3);
}

// --- unknown imports ---------------------------------------------------------

static const char unknown[] =
    "(module (import \"q\" \"f\" (func $f (param i64) (result i32 externref)))"
    " (import \"q\" \"g\" (global $g i64))"
    " (import \"q\" \"m\" (memory 2)) (import \"q\" \"t\" (table 3 funcref))"
    " (import \"q\" \"e\" (tag (param i32)))"
    " (func (export \"f\") (call $f (i64.const 1)) drop drop)"
    " (func (export \"size\") (result i32) memory.size))";

static void unknown_imports_get_defaults(void) {
    Rig r = rig_new();
    wasmtime_module_t *m = rig_module(&r, unknown);
    wasmtime_instance_t i;
    wasm_trap_t *trap = NULL;
    EXPECT(error_says(
        wasmtime_linker_instantiate(r.linker, r.context, m, &i, &trap),
        "unknown import: q.f"));
    EXPECT(is_ok(wasmtime_linker_define_unknown_imports_as_default_values(
        r.linker, r.context, m)));
    EXPECT(
        is_ok(wasmtime_linker_instantiate(r.linker, r.context, m, &i, &trap)));
    wasmtime_func_t f = rig_func(&r, &i, "f"), size = rig_func(&r, &i, "size");
    EXPECT(rig_call(&r, &f, NULL, 0, NULL, 0));
    EXPECT_EQ(rig_i32(&r, &size), 2);
    wasmtime_module_delete(m);
    m = rig_module(&r,
                   "(module (import \"q\" \"r\" (func (result (ref any)))))");
    EXPECT(error_says(wasmtime_linker_define_unknown_imports_as_default_values(
                          r.linker, r.context, m),
                      "import q.r has no default value"));
    wasmtime_module_delete(m);
    rig_delete(&r);
}

static void unknown_imports_trap(void) {
    Rig r = rig_new();
    wasmtime_module_t *m =
        rig_module(&r, "(module (import \"q\" \"f\" (func $f))"
                       " (func (export \"call\") (call $f)))");
    EXPECT(is_ok(wasmtime_linker_define_unknown_imports_as_traps(r.linker, m)));
    wasmtime_instance_t i;
    wasm_trap_t *trap = NULL;
    EXPECT(
        is_ok(wasmtime_linker_instantiate(r.linker, r.context, m, &i, &trap)));
    wasmtime_func_t f = rig_func(&r, &i, "call");
    EXPECT(error_says(rig_error(&r, &f),
                      "unknown import q.f has not been defined"));
    wasmtime_module_delete(m);
    rig_delete(&r);
}

// --- instances ---------------------------------------------------------------

// The handles' own fields: what pads them may be anything.
static bool is_same_export(const wasmtime_extern_t *a,
                           const wasmtime_extern_t *b) {
    if (a->kind != b->kind) return false;
    if (a->kind == WASMTIME_EXTERN_FUNC)
        return a->of.func.store_id == b->of.func.store_id &&
               a->of.func.__private == b->of.func.__private;
    if (a->kind == WASMTIME_EXTERN_GLOBAL)
        return a->of.global.store_id == b->of.global.store_id &&
               a->of.global.__private1 == b->of.global.__private1 &&
               a->of.global.__private2 == b->of.global.__private2 &&
               a->of.global.__private3 == b->of.global.__private3;
    return a->of.memory.store_id == b->of.memory.store_id &&
           a->of.memory.__private1 == b->of.memory.__private1 &&
           a->of.memory.__private2 == b->of.memory.__private2;
}

static void exports_by_name_and_index(void) {
    Rig r = rig_new();
    wasmtime_instance_t i = rig_instance(
        &r, "(module (memory (export \"m\") 1) (global (export \"\") i32"
            " (i32.const 5)) (func (export \"f\")))");
    static const struct {
        const char *name;
        wasmtime_extern_kind_t kind;
    } want[] = {
        {"m", WASMTIME_EXTERN_MEMORY},
        {"", WASMTIME_EXTERN_GLOBAL},
        {"f", WASMTIME_EXTERN_FUNC},
    };
    char *name;
    size_t len;
    wasmtime_extern_t item, same;
    for (size_t n = 0; n < COUNTOF(want); n++) {
        EXPECT(
            wasmtime_instance_export_nth(r.context, &i, n, &name, &len, &item));
        EXPECT_EQ(item.kind, want[n].kind);
        EXPECT(len == strlen(want[n].name) &&
               memcmp(name, want[n].name, len) == 0);
        EXPECT(wasmtime_instance_export_get(r.context, &i, name, len, &same));
        EXPECT(is_same_export(&item, &same));
        wasmtime_extern_delete(&item);
    }
    EXPECT(!wasmtime_instance_export_nth(r.context, &i, 3, &name, &len, &item));
    EXPECT(!wasmtime_instance_export_get(r.context, &i, "mm", 2, &item));
    i.__private = 77; // no such index
    EXPECT(!wasmtime_instance_export_nth(r.context, &i, 0, &name, &len, &item));
    EXPECT(!wasmtime_instance_export_get(r.context, &i, "m", 1, &item));
    rig_delete(&r);
}

static void start_functions_trap(void) {
    Rig r = rig_new();
    wasmtime_module_t *m =
        rig_module(&r, "(module (func $s unreachable) (start $s))");
    wasmtime_instance_t i;
    wasm_trap_t *trap = NULL;
    EXPECT(
        is_ok(wasmtime_linker_instantiate(r.linker, r.context, m, &i, &trap)));
    EXPECT(trap_is(trap, WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED));
    EXPECT(is_ok(wasmtime_instance_new(r.context, m, NULL, 0, &i, &trap)));
    EXPECT(trap_is(trap, WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED));
    wasmtime_instance_pre_t *pre;
    EXPECT(is_ok(wasmtime_linker_instantiate_pre(r.linker, m, &pre)));
    EXPECT(is_ok(wasmtime_instance_pre_instantiate(pre, r.context, &i, &trap)));
    EXPECT(trap_is(trap, WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED));
    wasmtime_instance_pre_delete(pre);
    wasmtime_module_delete(m);
    rig_delete(&r);
}

// Outlives the linker and the module's handle, and serves any store.
static void linked_once_instantiated_often(void) {
    Rig r = rig_new();
    int one = 1, two = 2;
    wasmtime_module_t *m = rig_module(&r, calls_a);
    wasmtime_instance_pre_t *pre = NULL;
    wasmtime_instance_t i;
    wasm_trap_t *trap = NULL;
    EXPECT(error_says(wasmtime_linker_instantiate_pre(r.linker, m, &pre),
                      "unknown import: host.a"));
    EXPECT(is_ok(define(r.linker, "a", &one)));
    EXPECT(is_ok(wasmtime_linker_instantiate_pre(r.linker, m, &pre)));
    wasmtime_linker_allow_shadowing(r.linker, true);
    EXPECT(is_ok(define(r.linker, "a", &two)));
    wasmtime_module_delete(m);
    for (int n = 0; n < 3; n++) {
        EXPECT(is_ok(
            wasmtime_instance_pre_instantiate(pre, r.context, &i, &trap)));
        wasmtime_func_t f = rig_func(&r, &i, "call");
        EXPECT_EQ(rig_i32(&r, &f), 1);
    }
    m = wasmtime_instance_pre_module(pre);
    EXPECT(
        is_ok(wasmtime_linker_instantiate(r.linker, r.context, m, &i, &trap)));
    wasmtime_func_t f = rig_func(&r, &i, "call");
    EXPECT_EQ(rig_i32(&r, &f), 2);
    wasmtime_module_delete(m);
    rig_delete(&r);
    wasmtime_instance_pre_delete(pre);
    wasmtime_instance_pre_delete(NULL);
}

// --- commands and reactors ---------------------------------------------------

static const char command[] =
    "(module (global $n (mut i32) (i32.const 0))"
    " (memory (export \"memory\") 1)"
    " (func (export \"_start\"))"
    " (func (export \"next\") (param i32) (result i32)"
    "  (global.set $n (i32.add (global.get $n) (local.get 0)))"
    "  (global.get $n)))";

static const char reactor[] =
    "(module (global $n (mut i32) (i32.const 0))"
    " (func (export \"_initialize\") (global.set $n (i32.const 100)))"
    " (func (export \"next\") (param i32) (result i32)"
    "  (global.set $n (i32.add (global.get $n) (local.get 0)))"
    "  (global.get $n)))";

static int32_t next(const Rig *r, const char *module) {
    wasmtime_extern_t f;
    wasmtime_val_t arg = val_i32(5), result = {0};
    EXPECT(wasmtime_linker_get(r->linker, r->context, module, strlen(module),
                               "next", 4, &f));
    EXPECT(rig_call(r, &f.of.func, &arg, 1, &result, 1));
    return result.of.i32;
}

static void commands_begin_anew(void) {
    Rig r = rig_new();
    wasmtime_module_t *c = rig_module(&r, command),
                      *d = rig_module(&r, reactor);
    wasmtime_extern_t item;
    EXPECT(is_ok(wasmtime_linker_module(r.linker, r.context, "c", 1, c)));
    EXPECT(is_ok(wasmtime_linker_module(r.linker, r.context, "d", 1, d)));
    EXPECT(error_says(wasmtime_linker_module(r.linker, r.context, "d", 1, d),
                      "d._initialize is already defined"));
    wasmtime_module_delete(c);
    wasmtime_module_delete(d);
    EXPECT_EQ(next(&r, "c"), 5);
    EXPECT_EQ(next(&r, "c"), 5);
    EXPECT_EQ(next(&r, "d"), 105);
    EXPECT_EQ(next(&r, "d"), 110);
    EXPECT(
        !wasmtime_linker_get(r.linker, r.context, "c", 1, "memory", 6, &item));
    rig_delete(&r);
}

static void bad_modules_are_not_linked(void) {
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"(module (func (export \"_initialize\") unreachable))",
         "wasm trap: unreachable\nwasm backtrace:\n"},
        {"(module (func (export \"_initialize\") (param i32)))",
         "_initialize is not a function without"},
        {"(module (global (export \"_initialize\") i32 (i32.const 1)))",
         "_initialize is not a function without"},
        {"(module (global (export \"_start\") i32 (i32.const 1)))",
         "_start is not a function"},
        {"(module (func (export \"_start\")) (func (export \"_initialize\")))",
         "a module with _start and _initialize is neither"},
        {"(module (import \"no\" \"f\" (func)))", "unknown import: no.f"},
        {"(module (import \"no\" \"f\" (func)) (func (export \"_start\")))",
         "unknown import: no.f"},
        {"(module (func $s unreachable) (start $s))",
         "wasm trap: unreachable\n"},
        {"(module (tag $t) (func $s (throw $t)) (start $s))",
         "wasm trap: uncaught exception"},
    };
    Rig r = rig_new();
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        wasmtime_module_t *m = rig_module(&r, cases[i].text);
        if (!EXPECT(error_says(
                wasmtime_linker_module(r.linker, r.context, "m", 1, m),
                cases[i].error)))
            fprintf(stderr, "%s\n", cases[i].text);
        wasmtime_module_delete(m);
    }
    rig_delete(&r);
}

static void defaults_of_modules(void) {
    static const struct {
        const char *text, *error;
        int32_t result;
    } cases[] = {
        {"(module (func (export \"\") (result i32) i32.const 1)"
         " (func (export \"_start\") (result i32) i32.const 2))",
         NULL, 1},
        {"(module (func (export \"_start\") (result i32) i32.const 2))", NULL,
         2},
        {"(module (func (export \"other\")))", NULL, 0},
        {"(module (global (export \"\") i32 (i32.const 1)))",
         "the default export of m is not a function", 0},
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Rig r = rig_new();
        wasmtime_func_t f;
        wasmtime_module_t *m = rig_module(&r, cases[i].text);
        EXPECT(is_ok(wasmtime_linker_module(r.linker, r.context, "m", 1, m)));
        wasmtime_error_t *e =
            wasmtime_linker_get_default(r.linker, r.context, "m", 1, &f);
        if (cases[i].error)
            EXPECT(error_says(e, cases[i].error));
        else if (EXPECT(is_ok(e)) && cases[i].result)
            EXPECT_EQ(rig_i32(&r, &f), cases[i].result);
        else
            EXPECT(rig_call(&r, &f, NULL, 0, NULL, 0));
        wasmtime_module_delete(m);
        rig_delete(&r);
    }
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(definitions_shadow_if_allowed),
        UNIT_TEST(stores_are_told_apart), UNIT_TEST(engines_are_told_apart),
        UNIT_TEST(names_are_utf8), UNIT_TEST(types_of_other_engines),
        UNIT_TEST(unknown_imports_get_defaults),
        UNIT_TEST(unknown_imports_trap), UNIT_TEST(exports_by_name_and_index),
        UNIT_TEST(start_functions_trap),
        UNIT_TEST(linked_once_instantiated_often),
        UNIT_TEST(commands_begin_anew), UNIT_TEST(bad_modules_are_not_linked),
        UNIT_TEST(defaults_of_modules));
}
