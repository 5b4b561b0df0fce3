// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Globals, tables, memories, tags, and the union of all that is exported:
// making, asking, changing, and handles that are wrong.
#include "api/rig.h"

#include <wasmtime/anyref.h>
#include <wasmtime/externref.h>
#include <wasmtime/global.h>
#include <wasmtime/memory.h>
#include <wasmtime/sharedmemory.h>
#include <wasmtime/table.h>
#include <wasmtime/tag.h>

static wasmtime_val_t null_func(void) {
    wasmtime_val_t v = {.kind = WASMTIME_FUNCREF};
    wasmtime_funcref_set_null(&v.of.funcref);
    return v;
}

// --- globals -----------------------------------------------------------------

static void globals(void) {
    Rig r = rig_new(), other = rig_new();
    wasm_globaltype_t *var =
        wasm_globaltype_new(wasm_valtype_new_i64(), WASM_VAR);
    wasm_globaltype_t *fixed =
        wasm_globaltype_new(wasm_valtype_new_i64(), WASM_CONST);
    wasmtime_val_t v = val_i64(5), bad = val_i32(5), got;
    wasmtime_global_t g, c;
    EXPECT(is_ok(wasmtime_global_new(r.context, var, &v, &g)));
    EXPECT(is_ok(wasmtime_global_new(r.context, fixed, &v, &c)));
    EXPECT(error_says(wasmtime_global_new(r.context, var, &bad, &g),
                      "the value is not of the type"));
    v = val_i64(6);
    EXPECT(is_ok(wasmtime_global_set(r.context, &g, &v)));
    wasmtime_global_get(r.context, &g, &got);
    EXPECT_EQ(got.of.i64, 6);
    EXPECT(error_says(wasmtime_global_set(r.context, &g, &bad),
                      "the value is not of the type"));
    EXPECT(error_says(wasmtime_global_set(r.context, &c, &v), "immutable"));
    EXPECT(
        error_says(wasmtime_global_set(other.context, &g, &v), "the handle"));
    wasmtime_global_get(other.context, &g, &got);
    EXPECT(got.kind == WASMTIME_FUNCREF &&
           wasmtime_funcref_is_null(&got.of.funcref));
    wasm_globaltype_t *type = wasmtime_global_type(r.context, &c);
    EXPECT_EQ(wasm_globaltype_mutability(type), WASM_CONST);
    EXPECT_EQ(wasm_valtype_kind(wasm_globaltype_content(type)), WASM_I64);
    EXPECT(!wasmtime_global_type(other.context, &c));
    wasm_globaltype_delete(type);
    wasm_globaltype_delete(var);
    wasm_globaltype_delete(fixed);
    rig_delete(&r);
    rig_delete(&other);
}

static int finalized;

static void count(void *data) {
    (void)data;
    finalized++;
}

// What is in a global is kept, what was in it is not.
static void globals_are_roots(void) {
    Rig r = rig_new();
    wasm_globaltype_t *type =
        wasm_globaltype_new(wasm_valtype_new_externref(), WASM_VAR);
    wasmtime_val_t v = {.kind = WASMTIME_EXTERNREF}, got;
    wasmtime_global_t g;
    finalized = 0;
    EXPECT(wasmtime_externref_new(r.context, &r, count, &v.of.externref));
    EXPECT(is_ok(wasmtime_global_new(r.context, type, &v, &g)));
    wasmtime_val_unroot(&v);
    EXPECT(is_ok(wasmtime_context_gc(r.context)));
    wasmtime_global_get(r.context, &g, &got);
    EXPECT(wasmtime_externref_data(r.context, &got.of.externref) == &r);
    wasmtime_val_unroot(&got);
    EXPECT_EQ(finalized, 0);
    wasmtime_externref_set_null(&v.of.externref);
    EXPECT(is_ok(wasmtime_global_set(r.context, &g, &v)));
    EXPECT(is_ok(wasmtime_context_gc(r.context)));
    EXPECT_EQ(finalized, 1);
    wasm_globaltype_delete(type);
    rig_delete(&r);
}

// --- tables ------------------------------------------------------------------

static void tables(void) {
    Rig r = rig_new(), other = rig_new();
    wasm_limits_t limits = {2, 4};
    wasm_tabletype_t *type =
        wasm_tabletype_new(wasm_valtype_new_funcref(), &limits);
    wasmtime_instance_t i = rig_instance(
        &r, "(module (func (export \"f\") (result i32) i32.const 7))");
    wasmtime_val_t null = null_func(), f = null_func(), bad = val_i32(1), got;
    wasmtime_table_t t;
    f.of.funcref = rig_func(&r, &i, "f");
    EXPECT(is_ok(wasmtime_table_new(r.context, type, &null, &t)));
    EXPECT(error_says(wasmtime_table_new(r.context, type, &bad, &t),
                      "the value is not of the type"));
    EXPECT(error_says(wasmtime_table_new(other.context, type, &f, &t),
                      "the value is not of the type"));
    EXPECT_EQ(wasmtime_table_size(r.context, &t), 2);
    EXPECT(is_ok(wasmtime_table_set(r.context, &t, 1, &f)));
    EXPECT(error_says(wasmtime_table_set(r.context, &t, 2, &f), "index 2 is"));
    EXPECT(error_says(wasmtime_table_set(r.context, &t, 0, &bad),
                      "the value is not of the type"));
    EXPECT(error_says(wasmtime_table_set(other.context, &t, 0, &null),
                      "the handle"));
    EXPECT(wasmtime_table_get(r.context, &t, 1, &got));
    EXPECT_EQ(rig_i32(&r, &got.of.funcref), 7);
    EXPECT(wasmtime_table_get(r.context, &t, 0, &got));
    EXPECT(wasmtime_funcref_is_null(&got.of.funcref));
    EXPECT(!wasmtime_table_get(r.context, &t, 2, &got));
    EXPECT(!wasmtime_table_get(r.context, &t, UINT64_MAX, &got));
    EXPECT(!wasmtime_table_get(other.context, &t, 0, &got));
    uint64_t old = 0;
    EXPECT(is_ok(wasmtime_table_grow(r.context, &t, 2, &f, &old)));
    EXPECT_EQ(old, 2);
    EXPECT(error_says(wasmtime_table_grow(r.context, &t, 1, &f, &old),
                      "the table cannot grow by 1"));
    EXPECT(error_says(wasmtime_table_grow(r.context, &t, 0, &bad, &old),
                      "the value is not of the type"));
    EXPECT(error_says(wasmtime_table_grow(other.context, &t, 0, &null, &old),
                      "the handle"));
    EXPECT_EQ(old, 2);
    EXPECT_EQ(wasmtime_table_size(r.context, &t), 4);
    EXPECT_EQ(wasmtime_table_size(other.context, &t), 0);
    wasm_tabletype_t *same = wasmtime_table_type(r.context, &t);
    EXPECT_EQ(wasm_tabletype_limits(same)->max, 4);
    EXPECT(!wasmtime_table_type(other.context, &t));
    wasm_tabletype_delete(same);
    wasm_tabletype_delete(type);
    limits = (wasm_limits_t){3, 2};
    type = wasm_tabletype_new(wasm_valtype_new_funcref(), &limits);
    EXPECT(error_says(wasmtime_table_new(r.context, type, &null, &t),
                      "the table's minimum"));
    wasm_tabletype_delete(type);
    rig_delete(&r);
    rig_delete(&other);
}

// --- memories ----------------------------------------------------------------

static void memory_types(void) {
    static const struct {
        uint64_t min, max;
        bool has_max, is_64, shared;
        uint8_t log2;
        const char *error;
    } cases[] = {
        {1, 0, false, false, false, 16, NULL},
        {1, 2, true, true, true, 16, NULL},
        {0, UINT32_MAX, true, false, false, 0, NULL},
        {0, (uint64_t)1 << 48, true, true, false, 16, NULL},
        {0, UINT64_MAX, true, true, false, 0, NULL},
        {3, 2, true, false, false, 16, "the memory's minimum"},
        {1, 2, true, false, false, 13, "pages have 1 or 65536 bytes"},
        {1, 0, false, false, true, 16, "a shared memory needs a maximum"},
        {65537, 0, false, false, false, 16, "the memory is larger"},
        {0, 65537, true, false, false, 16, "the memory is larger"},
        {0, (uint64_t)1 << 32, true, false, false, 0, "the memory is larger"},
        {((uint64_t)1 << 48) + 1, 0, false, true, false, 16,
         "the memory is larger"},
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        wasm_memorytype_t *t = NULL;
        uint64_t max = 77;
        wasmtime_error_t *e = wasmtime_memorytype_new(
            cases[i].min, cases[i].has_max, cases[i].max, cases[i].is_64,
            cases[i].shared, cases[i].log2, &t);
        if (cases[i].error) {
            EXPECT(error_says(e, cases[i].error) && !t);
            continue;
        }
        if (!EXPECT(is_ok(e) && t)) continue;
        EXPECT_EQ(wasmtime_memorytype_minimum(t), cases[i].min);
        EXPECT_EQ(wasmtime_memorytype_maximum(t, &max), cases[i].has_max);
        EXPECT_EQ(max, cases[i].has_max ? cases[i].max : 77);
        EXPECT_EQ(wasmtime_memorytype_is64(t), cases[i].is_64);
        EXPECT_EQ(wasmtime_memorytype_isshared(t), cases[i].shared);
        EXPECT_EQ(wasmtime_memorytype_page_size_log2(t), cases[i].log2);
        EXPECT_EQ(wasmtime_memorytype_page_size(t), 1u << cases[i].log2);
        wasm_memorytype_delete(t);
    }
}

static void memories(void) {
    Rig r = rig_new(), other = rig_new();
    wasm_memorytype_t *type = NULL;
    wasmtime_memory_t m;
    uint64_t old = 0;
    EXPECT(is_ok(wasmtime_memorytype_new(1, true, 2, false, false, 16, &type)));
    EXPECT(is_ok(wasmtime_memory_new(r.context, type, &m)));
    wasm_memorytype_delete(type);
    EXPECT_EQ(wasmtime_memory_data_size(r.context, &m), 65536);
    EXPECT_EQ(wasmtime_memory_size(r.context, &m), 1);
    EXPECT_EQ(wasmtime_memory_page_size(r.context, &m), 65536);
    EXPECT_EQ(wasmtime_memory_page_size_log2(r.context, &m), 16);
    uint8_t *data = wasmtime_memory_data(r.context, &m);
    data[65535] = 1;
    EXPECT(is_ok(wasmtime_memory_grow(r.context, &m, 1, &old)));
    EXPECT_EQ(old, 1);
    EXPECT_EQ(wasmtime_memory_data(r.context, &m)[65535], 1);
    EXPECT(error_says(wasmtime_memory_grow(r.context, &m, 1, &old),
                      "the memory cannot grow by 1 pages"));
    EXPECT(error_says(wasmtime_memory_grow(other.context, &m, 0, &old),
                      "the handle"));
    type = wasmtime_memory_type(r.context, &m);
    EXPECT_EQ(wasmtime_memorytype_minimum(type), 1);
    EXPECT(is_ok(wasmtime_memory_new(other.context, type, &m)));
    wasm_memorytype_delete(type);
    m.__private1 = 1000; // no such index
    EXPECT(!wasmtime_memory_data(other.context, &m));
    EXPECT(!wasmtime_memory_type(other.context, &m));
    EXPECT_EQ(wasmtime_memory_data_size(other.context, &m), 0);
    EXPECT_EQ(wasmtime_memory_size(other.context, &m), 0);
    EXPECT_EQ(wasmtime_memory_page_size(other.context, &m), 0);
    EXPECT_EQ(wasmtime_memory_page_size_log2(other.context, &m), 0);
    EXPECT(is_ok(wasmtime_memorytype_new(1, true, 2, false, true, 16, &type)));
    EXPECT(error_says(wasmtime_memory_new(r.context, type, &m),
                      "a shared memory is made without a store"));
    wasm_memorytype_delete(type);
    wasm_limits_t limits = {2, 1};
    type = wasm_memorytype_new(&limits);
    EXPECT(error_says(wasmtime_memory_new(r.context, type, &m),
                      "the memory's minimum"));
    wasm_memorytype_delete(type);
    rig_delete(&r);
    rig_delete(&other);
}

// A shared memory goes from one store to another through its own handle.
static void shared_memories_are_exported(void) {
    static const char text[] =
        "(module (memory (export \"m\") 1 2 shared)"
        " (func (export \"f\") (i32.store (i32.const 0) (i32.const 99))))";
    static const char reads[] =
        "(module (import \"a\" \"m\" (memory 1 2 shared))"
        " (func (export \"f\") (result i32) (i32.load (i32.const 0))))";
    Rig r = rig_new();
    wasmtime_store_t *store = wasmtime_store_new(r.engine, NULL, NULL);
    Rig second = r;
    second.store = store;
    second.context = wasmtime_store_context(store);
    wasmtime_instance_t i = rig_instance(&r, text);
    wasmtime_extern_t m = rig_export(&r, &i, "m");
    EXPECT_EQ(m.kind, WASMTIME_EXTERN_SHAREDMEMORY);
    wasm_externtype_t *type = wasmtime_extern_type(r.context, &m);
    EXPECT_EQ(wasm_externtype_kind(type), WASM_EXTERN_MEMORY);
    EXPECT(wasmtime_memorytype_isshared(
        wasm_externtype_as_memorytype_const(type)));
    wasm_externtype_delete(type);
    EXPECT(is_ok(
        wasmtime_linker_define(r.linker, second.context, "a", 1, "m", 1, &m)));
    wasmtime_extern_delete(&m);
    wasmtime_extern_delete(&m); // null by now
    wasmtime_instance_t j = rig_instance(&second, reads);
    wasmtime_func_t f = rig_func(&r, &i, "f"), g = rig_func(&second, &j, "f");
    EXPECT(rig_call(&r, &f, NULL, 0, NULL, 0));
    EXPECT_EQ(rig_i32(&second, &g), 99);
    EXPECT(!wasmtime_extern_type(r.context, &m));
    EXPECT(error_says(
        wasmtime_linker_define(r.linker, r.context, "b", 1, "m", 1, &m),
        "the handle"));
    wasmtime_store_delete(store);
    rig_delete(&r);
}

// --- tags --------------------------------------------------------------------

static void tags(void) {
    Rig r = rig_new(), other = rig_new();
    wasm_tagtype_t *type =
        wasm_tagtype_new(wasm_functype_new_1_0(wasm_valtype_new_i32()));
    wasm_tagtype_t *bad =
        wasm_tagtype_new(wasm_functype_new_0_1(wasm_valtype_new_i32()));
    wasmtime_tag_t a, b, c;
    EXPECT(is_ok(wasmtime_tag_new(r.context, type, &a)));
    EXPECT(is_ok(wasmtime_tag_new(r.context, type, &b)));
    EXPECT(is_ok(wasmtime_tag_new(other.context, type, &c)));
    EXPECT(error_says(wasmtime_tag_new(r.context, bad, &b), "a tag has no"));
    EXPECT(wasmtime_tag_eq(r.context, &a, &a));
    EXPECT(!wasmtime_tag_eq(r.context, &a, &b));
    EXPECT(!wasmtime_tag_eq(r.context, &a, &c));
    EXPECT(!wasmtime_tag_eq(r.context, &c, &c));
    wasm_tagtype_t *same = wasmtime_tag_type(r.context, &a);
    EXPECT_EQ(wasm_functype_params(wasm_tagtype_functype(same))->size, 1);
    EXPECT(!wasmtime_tag_type(r.context, &c));
    wasm_tagtype_delete(same);
    wasm_tagtype_delete(type);
    wasm_tagtype_delete(bad);
    rig_delete(&r);
    rig_delete(&other);
}

// --- all of them -------------------------------------------------------------

static const char exports[] =
    "(module (func (export \"func\")) (global (export \"global\") i32"
    " (i32.const 1)) (table (export \"table\") 1 externref)"
    " (memory (export \"memory\") 1) (tag (export \"tag\")))";

static const char imports[] =
    "(module (import \"a\" \"func\" (func)) (import \"a\" \"global\""
    " (global i32)) (import \"a\" \"table\" (table 1 externref))"
    " (import \"a\" \"memory\" (memory 1)) (import \"a\" \"tag\" (tag)))";

static void externs_of_every_kind(void) {
    static const struct {
        const char *name;
        wasmtime_extern_kind_t kind;
        wasm_externkind_t type;
    } kinds[] = {
        {"func", WASMTIME_EXTERN_FUNC, WASM_EXTERN_FUNC},
        {"global", WASMTIME_EXTERN_GLOBAL, WASM_EXTERN_GLOBAL},
        {"table", WASMTIME_EXTERN_TABLE, WASM_EXTERN_TABLE},
        {"memory", WASMTIME_EXTERN_MEMORY, WASM_EXTERN_MEMORY},
        {"tag", WASMTIME_EXTERN_TAG, WASM_EXTERN_TAG},
    };
    Rig r = rig_new(), other = rig_new();
    wasmtime_instance_t i = rig_instance(&r, exports), j;
    wasmtime_extern_t items[5];
    for (size_t n = 0; n < COUNTOF(kinds); n++) {
        items[n] = rig_export(&r, &i, kinds[n].name);
        EXPECT_EQ(items[n].kind, kinds[n].kind);
        wasm_externtype_t *type = wasmtime_extern_type(r.context, &items[n]);
        EXPECT_EQ(wasm_externtype_kind(type), kinds[n].type);
        wasm_externtype_delete(type);
        EXPECT(!wasmtime_extern_type(other.context, &items[n]));
        EXPECT(error_says(wasmtime_linker_define(other.linker, other.context,
                                                 "a", 1, "x", 1, &items[n]),
                          "the handle"));
        wasmtime_extern_delete(&items[n]); // owns nothing
    }
    wasm_trap_t *trap = NULL;
    wasmtime_module_t *m = rig_module(&r, imports);
    EXPECT(is_ok(wasmtime_instance_new(r.context, m, items, 5, &j, &trap)));
    EXPECT(error_says(wasmtime_instance_new(r.context, m, items, 4, &j, &trap),
                      "expected 5 imports, found 4"));
    wasmtime_extern_t bad = items[0];
    items[0] = items[1];
    EXPECT(error_says(wasmtime_instance_new(r.context, m, items, 5, &j, &trap),
                      "incompatible import type: a.func is a global"));
    bad.kind = 99;
    items[0] = bad;
    EXPECT(error_says(wasmtime_instance_new(r.context, m, items, 5, &j, &trap),
                      "an import is null"));
    EXPECT(!wasmtime_extern_type(r.context, &bad));
    wasmtime_module_delete(m);
    rig_delete(&r);
    rig_delete(&other);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(globals), UNIT_TEST(globals_are_roots),
                    UNIT_TEST(tables), UNIT_TEST(memory_types),
                    UNIT_TEST(memories),
                    UNIT_TEST(shared_memories_are_exported), UNIT_TEST(tags),
                    UNIT_TEST(externs_of_every_kind));
}
