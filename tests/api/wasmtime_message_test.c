// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What errors say, word for word: what was wrong, where, and what had been
// expected instead.
#include "api/rig.h"
#include "base/defs.h"

#include <wasmtime/global.h>
#include <wasmtime/memory.h>
#include <wasmtime/table.h>

// Is that the whole message? Deletes the error.
static bool says(wasmtime_error_t *error, const char *want) {
    if (!error) return false;
    wasm_name_t message;
    wasmtime_error_message(error, &message);
    bool ok = message.size == strlen(want) &&
              memcmp(message.data, want, message.size) == 0;
    if (!ok)
        fprintf(stderr, "\"%.*s\", expected \"%s\"\n", (int)message.size,
                message.data, want);
    wasm_byte_vec_delete(&message);
    wasmtime_error_delete(error);
    return ok;
}

// --- what is no module ---------------------------------------------------------------

static void bytes(void) {
    static const struct {
        const char *bytes;
        size_t len;
        const char *message;
    } cases[] = {
        {"", 0, "unexpected end of section or function (at offset 0x0)"},
        {"(module)", 8, "magic header not detected (at offset 0x0)"},
        {"\0asm\2\0\0\0", 8, "unknown binary version (at offset 0x4)"},
        {"\0asm\15\0\1\0", 8,
         "unknown binary version: a component, not a module (at offset 0x4)"},
        {"\0asm\1\0\0\0\1\x7f", 10, "length out of bounds (at offset 0x9)"},
    };
    Rig r = rig_new();
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        const uint8_t *at = (const uint8_t *)(const void *)cases[i].bytes;
        wasmtime_module_t *m = NULL;
        EXPECT(says(wasmtime_module_new(r.engine, at, cases[i].len, &m),
                    cases[i].message));
        EXPECT(says(wasmtime_module_validate(r.engine, at, cases[i].len),
                    cases[i].message));
        EXPECT(says(wasmtime_module_deserialize(r.engine, at, cases[i].len, &m),
                    "not a serialized module"));
        EXPECT(!m);
    }
    rig_delete(&r);
}

static void texts(void) {
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"(module\n (foo))", "2:3: unknown operator foo"},
        {"(module (func (drop (local.get $x))))", "1:32: unknown local $x"},
        {"(module (func (export \"f\"))\n (func i32.add))",
         "type mismatch: instruction requires [i32 i32] but stack has []"
         " (i32.add) (at offset 0x22 in function 1)"},
        {"(module (func (call 7)))",
         "unknown function 7 (at offset 0x17 in function 0)"},
        {"(module (func (export \"a\")) (func (export \"a\")))",
         "duplicate export name \"a\" (at offset 0x1a)"},
    };
    Rig r = rig_new();
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        wasm_byte_vec_t wasm = {0, NULL};
        wasmtime_module_t *m = NULL;
        wasmtime_error_t *error =
            wasmtime_wat2wasm(cases[i].text, strlen(cases[i].text), &wasm);
        if (!error)
            error = wasmtime_module_new(
                r.engine, (const uint8_t *)(const void *)wasm.data, wasm.size,
                &m);
        wasm_byte_vec_delete(&wasm);
        EXPECT(says(error, cases[i].message));
    }
    rig_delete(&r);
}

// --- what does not link --------------------------------------------------------------

static const char offers[] =
    "(module (func (export \"f\") (param i32 externref) (result i64)"
    "  (i64.const 1))"
    " (memory (export \"m\") 1 3) (memory (export \"m64\") i64 1 2)"
    " (table (export \"t\") 2 5 funcref)"
    " (global (export \"g\") i32 (i32.const 1))"
    " (global (export \"gm\") (mut funcref) (ref.null func))"
    " (type $e (func (param i32))) (tag (export \"e\") (type $e)))";

static void imports(void) {
    static const struct {
        const char *import, *message;
    } cases[] = {
        {"(import \"o\" \"x\" (func))", "unknown import: o.x"},
        {"(import \"o\" \"f\" (memory 1))",
         "incompatible import type: o.f is a func, expected a memory"},
        {"(import \"o\" \"f\" (func (param i32)))",
         "incompatible import type: o.f is (func (param i32 externref) (result"
         " i64)), expected (func (param i32))"},
        {"(import \"o\" \"m\" (memory 2))",
         "incompatible import type: o.m is (memory 1 3), expected (memory 2)"},
        {"(import \"o\" \"m\" (memory 1 2))",
         "incompatible import type: o.m is (memory 1 3), expected (memory 1"
         " 2)"},
        {"(import \"o\" \"m\" (memory 1 3 shared))",
         "incompatible import type: o.m is (memory 1 3), expected (memory 1 3"
         " shared)"},
        {"(import \"o\" \"m64\" (memory 1 2))",
         "incompatible import type: o.m64 is (memory i64 1 2), expected (memory"
         " 1 2)"},
        {"(import \"o\" \"t\" (table 2 5 externref))",
         "incompatible import type: o.t is (table 2 5 funcref), expected (table"
         " 2 5 externref)"},
        {"(import \"o\" \"t\" (table 2 4 funcref))",
         "incompatible import type: o.t is (table 2 5 funcref), expected (table"
         " 2 4 funcref)"},
        {"(import \"o\" \"g\" (global (mut i32)))",
         "incompatible import type: o.g is (global i32), expected (global (mut"
         " i32))"},
        {"(import \"o\" \"gm\" (global (mut externref)))",
         "incompatible import type: o.gm is (global (mut funcref)), expected"
         " (global (mut externref))"},
        {"(import \"o\" \"e\" (tag (param i64)))",
         "incompatible import type: o.e is (func (param i32)), expected (func"
         " (param i64))"},
    };
    Rig r = rig_new();
    wasmtime_instance_t inst = rig_instance(&r, offers);
    EXPECT(is_ok(
        wasmtime_linker_define_instance(r.linker, r.context, "o", 1, &inst)));
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        char text[200], want[300];
        snprintf(text, sizeof text, "(module %s)", cases[i].import);
        wasmtime_module_t *m = rig_module(&r, text);
        wasm_trap_t *trap = NULL;
        wasmtime_error_t *error =
            wasmtime_linker_instantiate(r.linker, r.context, m, &inst, &trap);
        // All are the first of their module, at the same place but for types.
        wasm_name_t message;
        wasmtime_error_message(error, &message);
        int len = (int)strlen(cases[i].message);
        snprintf(want, sizeof want, "%s (at offset 0x", cases[i].message);
        EXPECT(starts_with(&message, want));
        EXPECT((int)message.size > len);
        wasm_byte_vec_delete(&message);
        wasmtime_error_delete(error);
        wasmtime_module_delete(m);
    }
    rig_delete(&r);
}

// --- calls ---------------------------------------------------------------------------

static wasm_trap_t *answers_wrong(void *env, wasmtime_caller_t *caller,
                                  const wasmtime_val_t *args, size_t nargs,
                                  wasmtime_val_t *results, size_t nresults) {
    (void)env, (void)caller, (void)args, (void)nargs, (void)nresults;
    results[0] = val_i32(1);
    results[1].kind = WASMTIME_F32;
    return NULL;
}

static wasmtime_error_t *call(Rig *r, const wasmtime_func_t *f,
                              const wasmtime_val_t *args, size_t nargs) {
    wasm_trap_t *trap = NULL;
    wasmtime_val_t results[2];
    wasmtime_error_t *error =
        wasmtime_func_call(r->context, f, args, nargs, results, 2, &trap);
    EXPECT(!trap);
    wasm_trap_delete(trap);
    return error;
}

static void calls(void) {
    Rig r = rig_new();
    wasm_valtype_t *two[] = {wasm_valtype_new_i32(), wasm_valtype_new_i64()};
    wasm_valtype_vec_t params, results;
    wasm_valtype_vec_new_empty(&params);
    wasm_valtype_vec_new(&results, 2, two);
    wasm_functype_t *type = wasm_functype_new(&params, &results);
    EXPECT(is_ok(wasmtime_linker_define_func(r.linker, "h", 1, "f", 1, type,
                                             answers_wrong, NULL, NULL)));
    wasm_functype_delete(type);
    wasmtime_instance_t inst = rig_instance(
        &r, "(module $m (import \"h\" \"f\" (func $h (result i32 i64)))"
            " (func $f (export \"f\") (param i32 (ref extern))"
            "  (result i32 i64) (call $h))"
            " (func $g (export \"g\") (result i32 i64) (call $h)))");
    wasmtime_func_t f = rig_func(&r, &inst, "f"), g = rig_func(&r, &inst, "g");
    wasmtime_val_t args[2] = {val_i32(1), val_i32(2)};
    EXPECT(says(call(&r, &f, args, 2),
                "argument 1 does not fit (func (param i32 (ref extern))"
                " (result i32 i64))"));
    args[1].kind = WASMTIME_EXTERNREF;
    args[1].of.externref = (wasmtime_externref_t){0};
    EXPECT(says(call(&r, &f, args, 2),
                "argument 1 does not fit (func (param i32 (ref extern))"
                " (result i32 i64))"));
    args[0].kind = WASMTIME_I64;
    EXPECT(says(call(&r, &f, args, 2),
                "argument 0 does not fit (func (param i32 (ref extern))"
                " (result i32 i64))"));
    EXPECT(says(call(&r, &f, args, 1),
                "the function has 2 parameters and 2 results, not 1 and 2"));
    EXPECT(says(call(&r, &g, NULL, 0),
                "result 1 of a host function does not fit (func (result i32"
                " i64))\nwasm backtrace:\n     0: 0x00003b - m!g"));
    rig_delete(&r);
}

// --- objects -------------------------------------------------------------------------

static void objects(void) {
    Rig r = rig_new();
    wasmtime_instance_t inst = rig_instance(
        &r, "(module (memory (export \"m\") 1 2) (table (export \"t\") 1 2"
            " funcref) (global (export \"g\") i32 (i32.const 1)))");
    wasmtime_extern_t m = rig_export(&r, &inst, "m"),
                      t = rig_export(&r, &inst, "t"),
                      g = rig_export(&r, &inst, "g");
    wasmtime_val_t null = {.kind = WASMTIME_FUNCREF}, number = val_i32(1);
    uint64_t old;
    EXPECT(says(wasmtime_memory_grow(r.context, &m.of.memory, 5, &old),
                "the memory cannot grow by 5 pages"));
    EXPECT(says(wasmtime_table_grow(r.context, &t.of.table, 5, &null, &old),
                "the table cannot grow by 5"));
    EXPECT(says(wasmtime_table_set(r.context, &t.of.table, 9, &null),
                "index 9 is out of the table's bounds"));
    EXPECT(says(wasmtime_table_set(r.context, &t.of.table, 0, &number),
                "the value is not of the type, or of another store"));
    EXPECT(says(wasmtime_global_set(r.context, &g.of.global, &number),
                "immutable global"));
    wasmtime_memory_t none = {0};
    EXPECT(says(wasmtime_memory_grow(r.context, &none, 1, &old),
                "the handle is null or of another store"));
    EXPECT(says(wasmtime_context_set_fuel(r.context, 1),
                "fuel is not configured in this engine"));
    rig_delete(&r);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(bytes), UNIT_TEST(texts), UNIT_TEST(imports),
                    UNIT_TEST(calls), UNIT_TEST(objects));
}
