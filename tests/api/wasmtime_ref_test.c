// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// References into the heap, objects and exceptions, and their types.
//
// All of it twice: the second time every allocation collects and moves.
#include "api/api_int.h"
#include "api/rig.h"

#include <wasmtime/anyref.h>
#include <wasmtime/arrayref.h>
#include <wasmtime/eqref.h>
#include <wasmtime/exnref.h>
#include <wasmtime/externref.h>
#include <wasmtime/structref.h>
#include <wasmtime/tag.h>
#include <wasmtime/types.h>

static bool collects_always;

static Rig rig_that_collects(void) {
    wasm_config_t *config = wasm_config_new();
    config->engine.gc_collect_always = collects_always;
    return rig_of(config);
}

static int finalized;

static void count(void *data) {
    (void)data;
    finalized++;
}

static wasmtime_field_type_t field_of(bool is_mutable, wasm_valtype_t *type) {
    wasmtime_field_type_t f = {.mutable_ = is_mutable};
    f.storage.kind = WASMTIME_STORAGE_TYPE_KIND_VALTYPE;
    f.storage.valtype = type;
    return f;
}

static wasmtime_field_type_t packed(wasmtime_storage_type_kind_t kind) {
    wasmtime_field_type_t f = {.mutable_ = true};
    f.storage.kind = kind;
    return f;
}

// (struct (field (mut i8)) (field i64) (field (mut externref)))
static wasmtime_struct_type_t *mixed_type(const wasm_engine_t *e) {
    wasmtime_field_type_t fields[3] = {
        packed(WASMTIME_STORAGE_TYPE_KIND_I8),
        field_of(false, wasm_valtype_new_i64()),
        field_of(true, wasm_valtype_new_externref()),
    };
    wasmtime_struct_type_t *t = wasmtime_struct_type_new(e, fields, 3);
    for (int i = 0; i < 3; i++)
        wasmtime_field_type_delete(&fields[i]);
    return t;
}

// --- structures --------------------------------------------------------------

static bool make_mixed(const Rig *r, wasmtime_val_t *ext,
                       wasmtime_structref_t *out) {
    wasmtime_struct_type_t *type = mixed_type(r->engine);
    wasmtime_struct_ref_pre_t *pre =
        wasmtime_struct_ref_pre_new(r->context, type);
    wasmtime_struct_type_delete(type);
    wasmtime_val_t fields[3] = {val_i32(0x1ff), val_i64(-7), *ext};
    bool ok =
        pre && is_ok(wasmtime_structref_new(r->context, pre, fields, 3, out));
    wasmtime_struct_ref_pre_delete(pre);
    return ok;
}

static wasmtime_val_t extern_val(const Rig *r, void *data) {
    wasmtime_val_t v = {.kind = WASMTIME_EXTERNREF};
    EXPECT(wasmtime_externref_new(r->context, data, count, &v.of.externref));
    return v;
}

static void structures_have_fields(void) {
    Rig r = rig_that_collects();
    int data = 1;
    finalized = 0;
    wasmtime_val_t ext = extern_val(&r, &data), got, v = val_i32(0x2aa);
    wasmtime_structref_t s, t;
    if (!EXPECT(make_mixed(&r, &ext, &s))) return;
    wasmtime_val_unroot(&ext);
    EXPECT(is_ok(wasmtime_context_gc(r.context))); // it may move
    EXPECT_EQ(finalized, 0);
    EXPECT(is_ok(wasmtime_structref_field(r.context, &s, 0, &got)));
    EXPECT(got.kind == WASMTIME_I32 && got.of.i32 == 0xff);
    EXPECT(is_ok(wasmtime_structref_field(r.context, &s, 1, &got)));
    EXPECT(got.kind == WASMTIME_I64 && got.of.i64 == -7);
    EXPECT(is_ok(wasmtime_structref_field(r.context, &s, 2, &got)));
    EXPECT(wasmtime_externref_data(r.context, &got.of.externref) == &data);
    wasmtime_val_unroot(&got);
    EXPECT(is_ok(wasmtime_structref_set_field(r.context, &s, 0, &v)));
    wasmtime_structref_clone(&s, &t);
    wasmtime_structref_unroot(&s);
    EXPECT(is_ok(wasmtime_structref_field(r.context, &t, 0, &got)));
    EXPECT_EQ(got.of.i32, 0xaa);
    const char *no_index = "index 3 is out of bounds";
    EXPECT(
        error_says(wasmtime_structref_field(r.context, &t, 3, &got), no_index));
    EXPECT(error_says(wasmtime_structref_set_field(r.context, &t, 3, &v),
                      no_index));
    EXPECT(error_says(wasmtime_structref_set_field(r.context, &t, 1, &v),
                      "immutable field"));
    EXPECT(error_says(wasmtime_structref_set_field(r.context, &t, 2, &v),
                      "a value is not of its field's type"));
    EXPECT(error_says(wasmtime_structref_field(r.context, &s, 0, &got),
                      "the structure is null")); // unrooted is null
    EXPECT(error_says(wasmtime_structref_set_field(r.context, &s, 0, &v),
                      "the structure is null"));
    wasmtime_structref_unroot(&t);
    EXPECT(is_ok(wasmtime_context_gc(r.context)));
    EXPECT_EQ(finalized, 1);
    rig_delete(&r);
}

static void structures_are_checked(void) {
    Rig r = rig_that_collects(), other = rig_that_collects();
    wasmtime_store_t *sibling = wasmtime_store_new(r.engine, NULL, NULL);
    wasmtime_context_t *c = wasmtime_store_context(sibling);
    wasmtime_struct_type_t *type = mixed_type(r.engine);
    EXPECT(!wasmtime_struct_ref_pre_new(other.context, type));
    wasmtime_struct_ref_pre_t *pre =
        wasmtime_struct_ref_pre_new(r.context, type);
    wasmtime_struct_type_delete(type);
    wasmtime_val_t fields[3] = {
        val_i32(1), val_i64(2), {.kind = WASMTIME_EXTERNREF}};
    wasmtime_structref_t s;
    EXPECT(error_says(wasmtime_structref_new(c, pre, fields, 3, &s),
                      "the type was made ready for another store"));
    EXPECT(error_says(wasmtime_structref_new(r.context, pre, fields, 2, &s),
                      "expected 3 fields, found 2"));
    fields[1] = val_i32(2);
    EXPECT(error_says(wasmtime_structref_new(r.context, pre, fields, 3, &s),
                      "a value is not of its field's type"));
    fields[1] = val_i64(2);
    EXPECT(is_ok(wasmtime_structref_new(r.context, pre, fields, 3, &s)));
    EXPECT(error_says(wasmtime_structref_field(c, &s, 0, fields),
                      "the structure is null or of another store"));
    EXPECT(!wasmtime_structref_type(c, &s));
    type = wasmtime_structref_type(r.context, &s);
    EXPECT_EQ(wasmtime_struct_type_num_fields(type), 3);
    wasmtime_struct_type_delete(type);
    wasmtime_structref_unroot(&s);
    wasmtime_store_delete(sibling);
    rig_delete(&r);
    wasmtime_struct_ref_pre_delete(pre); // after its store
    wasmtime_struct_ref_pre_delete(NULL);
    rig_delete(&other);
}

static void many_fields(void) {
    enum {
        LEN = 300
    };
    Rig r = rig_that_collects();
    wasmtime_field_type_t fields[LEN];
    wasmtime_val_t values[LEN], got;
    for (int i = 0; i < LEN; i++) {
        fields[i] = packed(WASMTIME_STORAGE_TYPE_KIND_I16);
        values[i] = val_i32(i);
    }
    wasmtime_struct_type_t *type =
        wasmtime_struct_type_new(r.engine, fields, LEN);
    wasmtime_struct_ref_pre_t *pre =
        wasmtime_struct_ref_pre_new(r.context, type);
    wasmtime_structref_t s;
    EXPECT(is_ok(wasmtime_structref_new(r.context, pre, values, LEN, &s)));
    EXPECT(is_ok(wasmtime_structref_field(r.context, &s, 299, &got)));
    EXPECT_EQ(got.of.i32, 299);
    wasmtime_structref_unroot(&s);
    wasmtime_struct_ref_pre_delete(pre);
    wasmtime_struct_type_delete(type);
    rig_delete(&r);
}

// --- arrays ------------------------------------------------------------------

static void arrays_have_elements(void) {
    Rig r = rig_that_collects(), other = rig_that_collects();
    wasmtime_field_type_t field = packed(WASMTIME_STORAGE_TYPE_KIND_I16);
    wasmtime_array_type_t *type = wasmtime_array_type_new(r.engine, &field);
    EXPECT(!wasmtime_array_ref_pre_new(other.context, type));
    wasmtime_array_ref_pre_t *pre = wasmtime_array_ref_pre_new(r.context, type);
    wasmtime_val_t v = val_i32(0x12345), bad = val_i64(1), got;
    wasmtime_arrayref_t a, b;
    uint32_t len = 0;
    EXPECT(is_ok(wasmtime_arrayref_new(r.context, pre, &v, 3, &a)));
    EXPECT(error_says(wasmtime_arrayref_new(r.context, pre, &bad, 3, &b),
                      "a value is not of its field's type"));
    EXPECT(error_says(wasmtime_arrayref_new(r.context, pre, &v, UINT32_MAX, &b),
                      "wasm trap: allocation size too large"));
    EXPECT(error_says(wasmtime_arrayref_new(other.context, pre, &v, 3, &b),
                      "the type was made ready for another store"));
    EXPECT(is_ok(wasmtime_arrayref_len(r.context, &a, &len)));
    EXPECT_EQ(len, 3);
    EXPECT(is_ok(wasmtime_arrayref_get(r.context, &a, 2, &got)));
    EXPECT_EQ(got.of.i32, 0x2345);
    v = val_i32(9);
    EXPECT(is_ok(wasmtime_arrayref_set(r.context, &a, 2, &v)));
    EXPECT(is_ok(wasmtime_arrayref_get(r.context, &a, 2, &got)));
    EXPECT_EQ(got.of.i32, 9);
    EXPECT(error_says(wasmtime_arrayref_get(r.context, &a, 3, &got),
                      "index 3 is out of bounds"));
    EXPECT(error_says(wasmtime_arrayref_set(r.context, &a, 3, &v),
                      "index 3 is out of bounds"));
    EXPECT(error_says(wasmtime_arrayref_set(r.context, &a, 0, &bad),
                      "a value is not of its field's type"));
    EXPECT(error_says(wasmtime_arrayref_get(other.context, &a, 0, &got),
                      "the array is null"));
    EXPECT(error_says(wasmtime_arrayref_set(other.context, &a, 0, &v),
                      "the array is null"));
    EXPECT(error_says(wasmtime_arrayref_len(other.context, &a, &len),
                      "the array is null"));
    wasmtime_arrayref_clone(&a, &b);
    wasmtime_arrayref_unroot(&a);
    wasmtime_array_type_t *same = wasmtime_arrayref_type(r.context, &b);
    EXPECT(same && !wasmtime_arrayref_type(other.context, &b));
    wasmtime_array_type_delete(same);
    wasmtime_arrayref_unroot(&b);
    wasmtime_array_ref_pre_delete(pre);
    wasmtime_array_ref_pre_delete(NULL);
    wasmtime_array_type_delete(type);
    field.mutable_ = false;
    type = wasmtime_array_type_new(r.engine, &field);
    pre = wasmtime_array_ref_pre_new(r.context, type);
    EXPECT(is_ok(wasmtime_arrayref_new(r.context, pre, &v, 1, &a)));
    EXPECT(error_says(wasmtime_arrayref_set(r.context, &a, 0, &v),
                      "immutable array"));
    wasmtime_arrayref_unroot(&a);
    wasmtime_array_ref_pre_delete(pre);
    wasmtime_array_type_delete(type);
    rig_delete(&r);
    rig_delete(&other);
}

// --- any and eq --------------------------------------------------------------

static void integers_of_31_bits(void) {
    Rig r = rig_that_collects(), other = rig_that_collects();
    wasmtime_context_t *c = r.context;
    wasmtime_anyref_t a, none;
    wasmtime_eqref_t e;
    uint32_t u = 0;
    int32_t s = 0;
    wasmtime_heaptype_t type;
    wasmtime_anyref_from_i31(c, 0xfffffffe, &a);
    wasmtime_eqref_from_i31(c, 5, &e);
    EXPECT(wasmtime_anyref_is_i31(c, &a) && wasmtime_eqref_is_i31(c, &e));
    EXPECT(wasmtime_anyref_i31_get_u(c, &a, &u) && u == 0x7ffffffe);
    EXPECT(wasmtime_anyref_i31_get_s(c, &a, &s) && s == -2);
    EXPECT(wasmtime_eqref_i31_get_u(c, &e, &u) && u == 5);
    EXPECT(wasmtime_eqref_i31_get_s(c, &e, &s) && s == 5);
    EXPECT(wasmtime_anyref_is_eqref(c, &a));
    EXPECT(!wasmtime_anyref_is_struct(c, &a) &&
           !wasmtime_anyref_is_array(c, &a));
    EXPECT(wasmtime_anyref_type(c, &a, &type));
    EXPECT_EQ(type.kind, WASMTIME_HEAPTYPE_KIND_I31);
    EXPECT(wasmtime_eqref_type(c, &e, &type));
    EXPECT_EQ(type.kind, WASMTIME_HEAPTYPE_KIND_I31);
    uint32_t raw = wasmtime_anyref_to_raw(c, &a);
    wasmtime_anyref_from_raw(c, raw, &none);
    EXPECT(wasmtime_anyref_i31_get_s(c, &none, &s) && s == -2);
    EXPECT_EQ(wasmtime_anyref_to_raw(other.context, &a), 0);
    EXPECT(!wasmtime_anyref_is_i31(other.context, &a));
    wasmtime_anyref_set_null(&none);
    EXPECT(wasmtime_anyref_is_null(&none) && !wasmtime_anyref_is_null(&a));
    u = 7;
    EXPECT(!wasmtime_anyref_i31_get_u(c, &none, &u) && u == 7);
    EXPECT(!wasmtime_anyref_type(c, &none, &type));
    EXPECT(!wasmtime_anyref_is_eqref(c, &none));
    wasmtime_eqref_set_null(&e);
    EXPECT(wasmtime_eqref_is_null(&e) && !wasmtime_eqref_is_i31(c, &e));
    EXPECT(!wasmtime_eqref_i31_get_u(c, &e, &u));
    EXPECT(!wasmtime_eqref_i31_get_s(c, &e, &s));
    EXPECT(!wasmtime_eqref_type(c, &e, &type));
    wasmtime_anyref_unroot(&none);
    wasmtime_anyref_unroot(&a);
    rig_delete(&r);
    rig_delete(&other);
}

static void casts_up_and_down(void) {
    Rig r = rig_that_collects();
    wasmtime_context_t *c = r.context;
    wasmtime_val_t ext = extern_val(&r, &r), zero = val_i32(0), got;
    wasmtime_structref_t s, s2, s3;
    EXPECT(make_mixed(&r, &ext, &s));
    wasmtime_field_type_t field = field_of(true, wasm_valtype_new_i32());
    wasmtime_array_type_t *type = wasmtime_array_type_new(r.engine, &field);
    wasmtime_field_type_delete(&field);
    wasmtime_array_ref_pre_t *pre = wasmtime_array_ref_pre_new(c, type);
    wasmtime_arrayref_t a, a2, a3;
    EXPECT(is_ok(wasmtime_arrayref_new(c, pre, &zero, 1, &a)));
    wasmtime_anyref_t any, any2, any3, clone;
    wasmtime_eqref_t eq, eq2, eq3, eq4;
    wasmtime_structref_to_anyref(&s, &any);
    wasmtime_structref_to_eqref(&s, &eq);
    wasmtime_arrayref_to_anyref(&a, &any2);
    wasmtime_arrayref_to_eqref(&a, &eq2);
    wasmtime_eqref_to_anyref(&eq, &any3);
    EXPECT(wasmtime_anyref_is_struct(c, &any) &&
           !wasmtime_anyref_is_array(c, &any));
    EXPECT(wasmtime_anyref_is_array(c, &any2) &&
           !wasmtime_anyref_is_struct(c, &any2));
    EXPECT(wasmtime_eqref_is_struct(c, &eq) &&
           !wasmtime_eqref_is_array(c, &eq));
    EXPECT(wasmtime_eqref_is_array(c, &eq2) &&
           !wasmtime_eqref_is_struct(c, &eq2));
    EXPECT(wasmtime_anyref_as_eqref(c, &any3, &eq3));
    EXPECT(wasmtime_anyref_as_struct(c, &any3, &s2));
    EXPECT(wasmtime_eqref_as_struct(c, &eq3, &s3));
    EXPECT(wasmtime_anyref_as_array(c, &any2, &a2));
    EXPECT(wasmtime_eqref_as_array(c, &eq2, &a3));
    EXPECT(is_ok(wasmtime_structref_field(c, &s3, 1, &got)));
    EXPECT_EQ(got.of.i64, -7);
    wasmtime_arrayref_t no_array;
    wasmtime_structref_t no_struct;
    EXPECT(!wasmtime_anyref_as_array(c, &any, &no_array));
    EXPECT(wasmtime_arrayref_is_null(&no_array));
    EXPECT(!wasmtime_eqref_as_array(c, &eq, &no_array));
    EXPECT(!wasmtime_anyref_as_struct(c, &any2, &no_struct));
    EXPECT(wasmtime_structref_is_null(&no_struct));
    EXPECT(!wasmtime_eqref_as_struct(c, &eq2, &no_struct));
    wasmtime_anyref_set_null(&clone);
    EXPECT(!wasmtime_anyref_as_eqref(c, &clone, &eq4));
    EXPECT(wasmtime_eqref_is_null(&eq4));
    wasmtime_heaptype_t heap;
    EXPECT(wasmtime_anyref_type(c, &any, &heap));
    EXPECT_EQ(heap.kind, WASMTIME_HEAPTYPE_KIND_CONCRETE_STRUCT);
    wasmtime_heaptype_delete(&heap);
    EXPECT(wasmtime_eqref_type(c, &eq2, &heap));
    EXPECT_EQ(heap.kind, WASMTIME_HEAPTYPE_KIND_CONCRETE_ARRAY);
    wasmtime_heaptype_delete(&heap);
    wasmtime_anyref_clone(&any, &clone);
    wasmtime_eqref_clone(&eq, &eq4);
    // In no particular order, some after the store.
    wasmtime_structref_unroot(&s);
    wasmtime_anyref_unroot(&any);
    wasmtime_anyref_unroot(&any);
    wasmtime_eqref_unroot(&eq4);
    wasmtime_arrayref_unroot(&a3);
    wasmtime_eqref_unroot(&eq2);
    wasmtime_array_ref_pre_delete(pre);
    wasmtime_array_type_delete(type);
    wasmtime_val_unroot(&ext);
    EXPECT(is_ok(wasmtime_context_gc(c)));
    rig_delete(&r);
    wasmtime_anyref_unroot(&clone);
    wasmtime_anyref_unroot(&any2);
    wasmtime_anyref_unroot(&any3);
    wasmtime_eqref_unroot(&eq);
    wasmtime_eqref_unroot(&eq3);
    wasmtime_structref_unroot(&s2);
    wasmtime_structref_unroot(&s3);
    wasmtime_arrayref_unroot(&a);
    wasmtime_arrayref_unroot(&a2);
}

// Roots of one hierarchy are not taken for another's.
static void objects_through_wasm(void) {
    static const char text[] =
        "(module (type $s (struct (field (mut i32))))"
        " (tag $t (export \"t\") (param i32))"
        " (func (export \"make\") (param i32) (result anyref)"
        "  (struct.new $s (local.get 0)))"
        " (func (export \"get\") (param (ref null $s)) (result i32)"
        "  (struct.get $s 0 (local.get 0)))"
        " (func (export \"out\") (param anyref) (result externref)"
        "  (extern.convert_any (local.get 0)))"
        " (func (export \"in\") (param externref) (result anyref)"
        "  (any.convert_extern (local.get 0)))"
        " (func (export \"exn\") (param exnref) (result exnref) local.get 0))";
    Rig r = rig_that_collects();
    wasmtime_context_t *c = r.context;
    wasmtime_instance_t i = rig_instance(&r, text);
    wasmtime_func_t make = rig_func(&r, &i, "make"),
                    get = rig_func(&r, &i, "get"),
                    out = rig_func(&r, &i, "out"), in = rig_func(&r, &i, "in"),
                    exn = rig_func(&r, &i, "exn");
    wasmtime_val_t n = val_i32(42), s, got, ext, back;
    wasm_trap_t *trap = NULL;
    EXPECT(rig_call(&r, &make, &n, 1, &s, 1));
    EXPECT_EQ(s.kind, WASMTIME_ANYREF);
    EXPECT(is_ok(wasmtime_context_gc(c)));
    EXPECT(rig_call(&r, &get, &s, 1, &got, 1));
    EXPECT_EQ(got.of.i32, 42);
    EXPECT(rig_call(&r, &out, &s, 1, &ext, 1));
    EXPECT_EQ(ext.kind, WASMTIME_EXTERNREF);
    EXPECT(!wasmtime_externref_data(c, &ext.of.externref));
    EXPECT(rig_call(&r, &in, &ext, 1, &back, 1));
    EXPECT(wasmtime_anyref_is_struct(c, &back.of.anyref));
    wasmtime_val_unroot(&back);
    wasmtime_val_unroot(&ext);
    s.kind = WASMTIME_EXNREF; // a lie
    EXPECT(error_says(wasmtime_func_call(c, &exn, &s, 1, &got, 1, &trap),
                      "argument 0 does not fit"));
    s.kind = WASMTIME_ANYREF;
    wasmtime_anyref_t i31;
    wasmtime_anyref_from_i31(c, 1, &i31);
    got.kind = WASMTIME_ANYREF;
    got.of.anyref = i31;
    EXPECT(error_says(wasmtime_func_call(c, &get, &got, 1, &n, 1, &trap),
                      "argument 0 does not fit")); // no structure
    // A pointer of the host's as any.
    ext = extern_val(&r, &r);
    EXPECT(rig_call(&r, &in, &ext, 1, &back, 1));
    wasmtime_heaptype_t heap;
    EXPECT(wasmtime_anyref_type(c, &back.of.anyref, &heap));
    EXPECT_EQ(heap.kind, WASMTIME_HEAPTYPE_KIND_ANY);
    EXPECT(!wasmtime_anyref_is_eqref(c, &back.of.anyref));
    wasmtime_val_unroot(&back);
    wasmtime_val_unroot(&ext);
    wasmtime_val_unroot(&s);
    rig_delete(&r);
}

static void raw_references_are_looked_at(void) {
    Rig r = rig_that_collects();
    wasmtime_anyref_t a;
    wasmtime_externref_t e;
    wasmtime_exnref_t x;
    wasmtime_anyref_from_raw(r.context, 1000, &a); // there is no heap
    EXPECT(wasmtime_anyref_is_null(&a));
    wasmtime_externref_from_raw(r.context, 0, &e);
    EXPECT(wasmtime_externref_is_null(&e));
    EXPECT_EQ(wasmtime_externref_to_raw(r.context, &e), 0);
    wasmtime_exnref_from_raw(r.context, 0, &x);
    EXPECT(wasmtime_exnref_is_null(&x));
    EXPECT_EQ(wasmtime_exnref_to_raw(r.context, &x), 0);
    int data = 1;
    EXPECT(wasmtime_externref_new(r.context, &data, NULL, &e));
    wasmtime_externref_t again;
    wasmtime_externref_from_raw(
        r.context, wasmtime_externref_to_raw(r.context, &e), &again);
    EXPECT(wasmtime_externref_data(r.context, &again) == &data);
    wasmtime_externref_unroot(&again);
    // In either half of the heap.
    for (int i = 0; i < 3; i++) {
        EXPECT(is_ok(wasmtime_context_gc(r.context)));
        wasmtime_externref_from_raw(
            r.context, wasmtime_externref_to_raw(r.context, &e), &again);
        EXPECT(wasmtime_externref_data(r.context, &again) == &data);
        wasmtime_externref_unroot(&again);
    }
    wasmtime_anyref_from_raw(r.context, 0xfffffff8, &a);
    EXPECT(wasmtime_anyref_is_null(&a));
    wasmtime_externref_unroot(&e);
    rig_delete(&r);
}

// --- exceptions --------------------------------------------------------------

static wasmtime_tag_t i32_tag(const Rig *r) {
    wasm_tagtype_t *type =
        wasm_tagtype_new(wasm_functype_new_1_0(wasm_valtype_new_i32()));
    wasmtime_tag_t tag = {0};
    EXPECT(is_ok(wasmtime_tag_new(r->context, type, &tag)));
    wasm_tagtype_delete(type);
    return tag;
}

static void exceptions_have_fields(void) {
    Rig r = rig_that_collects(), other = rig_that_collects();
    wasmtime_context_t *c = r.context;
    wasmtime_tag_t tag = i32_tag(&r), same;
    wasmtime_val_t v = val_i32(9), bad = val_i64(1), got;
    wasmtime_exnref_t x, y;
    EXPECT(is_ok(wasmtime_exnref_new(c, &tag, &v, 1, &x)));
    EXPECT(error_says(wasmtime_exnref_new(c, &tag, &v, 0, &y),
                      "expected 1 fields, found 0"));
    EXPECT(error_says(wasmtime_exnref_new(c, &tag, &bad, 1, &y),
                      "a value is not of its field's type"));
    EXPECT(error_says(wasmtime_exnref_new(other.context, &tag, &v, 1, &y),
                      "the handle"));
    EXPECT_EQ(wasmtime_exnref_field_count(c, &x), 1);
    EXPECT_EQ(wasmtime_exnref_field_count(other.context, &x), 0);
    EXPECT(is_ok(wasmtime_exnref_field(c, &x, 0, &got)));
    EXPECT_EQ(got.of.i32, 9);
    EXPECT(error_says(wasmtime_exnref_field(c, &x, 1, &got),
                      "index 1 is out of bounds"));
    EXPECT(error_says(wasmtime_exnref_field(other.context, &x, 0, &got),
                      "the exception is null"));
    EXPECT(is_ok(wasmtime_exnref_tag(c, &x, &same)));
    EXPECT(wasmtime_tag_eq(c, &tag, &same));
    EXPECT(error_says(wasmtime_exnref_tag(other.context, &x, &same),
                      "the exception is null"));
    wasmtime_exn_type_t *type = wasmtime_exnref_type(c, &x);
    EXPECT(type && !wasmtime_exnref_type(other.context, &x));
    wasm_tagtype_t *tag_type = wasmtime_exn_type_tag_type(type);
    EXPECT_EQ(wasm_functype_params(wasm_tagtype_functype(tag_type))->size, 1);
    wasm_tagtype_delete(tag_type);
    wasmtime_exn_type_delete(type);
    wasmtime_exnref_from_raw(c, wasmtime_exnref_to_raw(c, &x), &y);
    EXPECT_EQ(wasmtime_exnref_field_count(c, &y), 1);
    wasmtime_exnref_unroot(&y);
    wasmtime_exnref_clone(&x, &y);
    wasmtime_exnref_unroot(&x);
    wasmtime_exnref_set_null(&x);
    EXPECT_EQ(wasmtime_exnref_field_count(c, &x), 0);
    wasmtime_exnref_unroot(&y);
    rig_delete(&r);
    rig_delete(&other);
}

typedef struct Thrower {
    wasmtime_tag_t tag;
    bool forgets; // to return the trap
} Thrower;

static wasm_trap_t *throws(void *env, wasmtime_caller_t *caller,
                           const wasmtime_val_t *args, size_t nargs,
                           wasmtime_val_t *results, size_t nresults) {
    (void)nargs, (void)results, (void)nresults;
    const Thrower *t = env;
    wasmtime_context_t *c = wasmtime_caller_context(caller);
    wasmtime_exnref_t x;
    EXPECT(is_ok(wasmtime_exnref_new(c, &t->tag, args, 1, &x)));
    wasm_trap_t *trap = wasmtime_context_set_exception(c, &x);
    wasmtime_exnref_unroot(&x);
    EXPECT(trap && wasmtime_context_has_exception(c));
    if (!t->forgets) return trap;
    wasm_trap_delete(trap);
    return NULL;
}

static const char catches[] =
    "(module (import \"h\" \"t\" (tag $t (param i32)))"
    " (import \"h\" \"throw\" (func $throw (param i32)))"
    " (func (export \"catch\") (param i32) (result i32)"
    "  (block $b (result i32)"
    "   (try_table (catch $t $b) (call $throw (local.get 0)))"
    "   (i32.const -1)))"
    " (func (export \"through\") (call $throw (i32.const 3)))"
    " (func (export \"throw\") (throw $t (i32.const 4))))";

static Rig rig_that_throws(Thrower *t) {
    Rig r = rig_that_collects();
    wasm_functype_t *type = wasm_functype_new_1_0(wasm_valtype_new_i32());
    wasmtime_extern_t tag = {.kind = WASMTIME_EXTERN_TAG};
    t->tag = tag.of.tag = i32_tag(&r);
    EXPECT(is_ok(wasmtime_linker_define_func(r.linker, "h", 1, "throw", 5, type,
                                             throws, t, NULL)));
    EXPECT(is_ok(
        wasmtime_linker_define(r.linker, r.context, "h", 1, "t", 1, &tag)));
    wasm_functype_delete(type);
    return r;
}

static void exceptions_are_thrown_and_taken(void) {
    Thrower t = {0};
    Rig r = rig_that_throws(&t);
    wasmtime_context_t *c = r.context;
    wasmtime_instance_t i = rig_instance(&r, catches);
    wasmtime_func_t catch_ = rig_func(&r, &i, "catch"),
                    through = rig_func(&r, &i, "through"),
                    throw_ = rig_func(&r, &i, "throw");
    wasmtime_val_t v = val_i32(8), got;
    wasmtime_exnref_t x;
    EXPECT(rig_call(&r, &catch_, &v, 1, &got, 1));
    EXPECT_EQ(got.of.i32, 8);
    EXPECT(!wasmtime_context_has_exception(c));
    EXPECT(!wasmtime_context_take_exception(c, &x));
    const wasmtime_func_t *funcs[2] = {&through, &throw_};
    for (int n = 0; n < 2; n++) {
        EXPECT(trap_is(rig_trap(&r, funcs[n]),
                       WASMTIME_TRAP_CODE_UNCAUGHT_EXCEPTION));
        EXPECT(wasmtime_context_has_exception(c));
        EXPECT(is_ok(wasmtime_context_gc(c)));
        EXPECT(wasmtime_context_take_exception(c, &x));
        EXPECT(!wasmtime_context_has_exception(c));
        EXPECT(is_ok(wasmtime_exnref_field(c, &x, 0, &got)));
        EXPECT_EQ(got.of.i32, 3 + n);
        wasmtime_exnref_unroot(&x);
    }
    // What was not returned was not thrown.
    t.forgets = true;
    EXPECT(rig_call(&r, &catch_, &v, 1, &got, 1));
    EXPECT_EQ(got.of.i32, -1);
    EXPECT(wasmtime_context_has_exception(c));
    wasmtime_exnref_set_null(&x);
    EXPECT(trap_is(wasmtime_context_set_exception(c, &x),
                   WASMTIME_TRAP_CODE_NULL_REFERENCE));
    rig_delete(&r);
}

// --- types -------------------------------------------------------------------

static void types_of_structures(void) {
    Rig r = rig_that_collects(), other = rig_that_collects();
    wasmtime_struct_type_t *a = mixed_type(r.engine), *b = mixed_type(r.engine);
    wasmtime_field_type_t f, copy;
    EXPECT_EQ(wasmtime_struct_type_num_fields(a), 3);
    EXPECT(wasmtime_struct_type_field(a, 0, &f));
    EXPECT(f.mutable_ && f.storage.kind == WASMTIME_STORAGE_TYPE_KIND_I8);
    wasmtime_field_type_delete(&f);
    EXPECT(wasmtime_struct_type_field(a, 1, &f));
    EXPECT(!f.mutable_ && wasm_valtype_kind(f.storage.valtype) == WASM_I64);
    wasmtime_field_type_clone(&f, &copy);
    wasmtime_field_type_delete(&f);
    wasmtime_storage_type_clone(&copy.storage, &f.storage);
    wasmtime_storage_type_delete(&copy.storage);
    EXPECT_EQ(wasm_valtype_kind(f.storage.valtype), WASM_I64);
    wasmtime_storage_type_delete(&f.storage);
    EXPECT(!wasmtime_struct_type_field(a, 3, &f));
    wasmtime_struct_type_t *c = wasmtime_struct_type_copy(a);
    wasmtime_struct_type_delete(a);
    wasmtime_struct_type_delete(b);
    // As a value type: equal when the types are.
    wasmtime_valtype_t v = {.kind = WASMTIME_VALTYPE_KIND_REF}, w;
    v.reftype.nullable = true;
    v.reftype.heaptype.kind = WASMTIME_HEAPTYPE_KIND_CONCRETE_STRUCT;
    v.reftype.heaptype.of.concrete_struct = c;
    wasm_valtype_t *x = wasmtime_valtype_to_wasm(r.engine, &v);
    EXPECT(x && !wasmtime_valtype_to_wasm(other.engine, &v));
    wasmtime_valtype_new(x, &w);
    EXPECT_EQ(w.reftype.heaptype.kind, WASMTIME_HEAPTYPE_KIND_CONCRETE_STRUCT);
    wasm_valtype_t *y = wasmtime_valtype_to_wasm(r.engine, &w);
    EXPECT(wasmtime_wasm_valtype_equal(x, y));
    wasmtime_valtype_delete(&v);
    wasmtime_valtype_clone(&w, &v);
    wasmtime_valtype_delete(&w);
    // Of another engine, no field can be of it.
    wasmtime_field_type_t bad = field_of(true, x);
    EXPECT(!wasmtime_struct_type_new(other.engine, &bad, 1));
    EXPECT(!wasmtime_array_type_new(other.engine, &bad));
    bad.storage.kind = 99;
    EXPECT(!wasmtime_struct_type_new(r.engine, &bad, 1));
    bad.storage.valtype = NULL;
    bad.storage.kind = WASMTIME_STORAGE_TYPE_KIND_VALTYPE;
    EXPECT(!wasmtime_array_type_new(r.engine, &bad));
    wasmtime_struct_type_delete(wasmtime_struct_type_new(r.engine, NULL, 0));
    wasmtime_valtype_delete(&v);
    wasm_valtype_delete(x);
    wasm_valtype_delete(y);
    rig_delete(&r);
    rig_delete(&other);
}

static void types_of_arrays_and_exceptions(void) {
    Rig r = rig_that_collects();
    wasmtime_field_type_t f = field_of(true, wasm_valtype_new_f64()), got;
    wasmtime_array_type_t *a = wasmtime_array_type_new(r.engine, &f);
    wasmtime_array_type_t *b = wasmtime_array_type_copy(a);
    wasmtime_array_type_delete(a);
    wasmtime_array_type_element(b, &got);
    EXPECT(got.mutable_ && wasm_valtype_kind(got.storage.valtype) == WASM_F64);
    wasmtime_field_type_delete(&got);
    wasmtime_array_type_delete(b);
    wasm_valtype_t *param[1] = {f.storage.valtype};
    wasm_valtype_vec_t params;
    wasm_valtype_vec_new(&params, 1, param);
    wasmtime_exn_type_t *e = NULL;
    EXPECT(is_ok(wasmtime_exn_type_new(r.engine, &params, &e)));
    wasmtime_exn_type_t *copy = wasmtime_exn_type_copy(e);
    wasmtime_exn_type_delete(e);
    wasmtime_heaptype_t heap = {.kind = WASMTIME_HEAPTYPE_KIND_CONCRETE_EXN};
    wasmtime_heaptype_t clone;
    heap.of.concrete_exn = copy;
    wasmtime_heaptype_clone(&heap, &clone);
    wasmtime_valtype_t v = {.kind = WASMTIME_VALTYPE_KIND_REF};
    v.reftype.heaptype = heap;
    EXPECT(!wasmtime_valtype_to_wasm(r.engine, &v)); // there is no such type
    wasmtime_heaptype_delete(&heap);
    wasmtime_heaptype_delete(&clone);
    wasm_valtype_vec_delete(&params);
    rig_delete(&r);
}

static void value_types_have_parts(void) {
    static const wasmtime_heaptype_kind_t abstract[] = {
        WASMTIME_HEAPTYPE_KIND_EXTERN, WASMTIME_HEAPTYPE_KIND_NOEXTERN,
        WASMTIME_HEAPTYPE_KIND_FUNC,   WASMTIME_HEAPTYPE_KIND_NOFUNC,
        WASMTIME_HEAPTYPE_KIND_ANY,    WASMTIME_HEAPTYPE_KIND_NONE,
        WASMTIME_HEAPTYPE_KIND_EQ,     WASMTIME_HEAPTYPE_KIND_I31,
        WASMTIME_HEAPTYPE_KIND_ARRAY,  WASMTIME_HEAPTYPE_KIND_STRUCT,
        WASMTIME_HEAPTYPE_KIND_EXN,    WASMTIME_HEAPTYPE_KIND_NOEXN,
    };
    Rig r = rig_that_collects();
    for (size_t i = 0; i < 2 * COUNTOF(abstract); i++) {
        wasmtime_reftype_t ref = {.nullable = i & 1}, copy;
        wasmtime_valtype_t v = {.kind = WASMTIME_VALTYPE_KIND_REF}, back;
        ref.heaptype.kind = abstract[i / 2];
        wasmtime_reftype_clone(&ref, &copy);
        v.reftype = copy;
        wasm_valtype_t *t = wasmtime_valtype_to_wasm(r.engine, &v);
        if (!EXPECT(t != NULL)) continue;
        wasmtime_valtype_new(t, &back);
        EXPECT_EQ(back.reftype.nullable, ref.nullable);
        EXPECT_EQ(back.reftype.heaptype.kind, ref.heaptype.kind);
        wasmtime_reftype_delete(&copy);
        wasmtime_valtype_delete(&back);
        wasm_valtype_delete(t);
    }
    for (uint8_t kind = 0; kind <= 7; kind++) {
        wasmtime_valtype_t v = {.kind = kind}, back;
        if (kind == WASMTIME_VALTYPE_KIND_REF) continue;
        wasm_valtype_t *t = wasmtime_valtype_to_wasm(r.engine, &v);
        EXPECT_EQ(t != NULL, kind <= WASMTIME_VALTYPE_KIND_V128);
        if (!t) continue;
        wasmtime_valtype_new(t, &back);
        EXPECT_EQ(back.kind, kind);
        wasm_valtype_delete(t);
    }
    wasm_valtype_t *a = wasmtime_wasm_valtype_v128(), *b = wasm_valtype_copy(a);
    wasm_valtype_t *c = wasm_valtype_new_i32();
    EXPECT(wasmtime_wasm_valtype_equal(a, b));
    EXPECT(!wasmtime_wasm_valtype_equal(a, c));
    wasm_valtype_delete(a);
    wasm_valtype_delete(b);
    wasm_valtype_delete(c);
    rig_delete(&r);
}

// A function's type in a recursion group stays what it is.
static void types_of_functions(void) {
    Rig r = rig_that_collects();
    wasmtime_instance_t i =
        rig_instance(&r, "(module (rec (type $f (func (param (ref null $s))))"
                         " (type $s (struct (field (ref null $f)))))"
                         " (func (export \"f\") (type $f))"
                         " (func (export \"g\") (param (ref null $f))))");
    wasmtime_func_t f = rig_func(&r, &i, "f"), g = rig_func(&r, &i, "g");
    wasm_functype_t *type = wasmtime_func_type(r.context, &f);
    wasm_functype_t *taking = wasmtime_func_type(r.context, &g);
    wasmtime_valtype_t v = {.kind = WASMTIME_VALTYPE_KIND_REF};
    v.reftype.nullable = true;
    v.reftype.heaptype.kind = WASMTIME_HEAPTYPE_KIND_CONCRETE_FUNC;
    v.reftype.heaptype.of.concrete_func = wasm_functype_copy(type);
    wasm_valtype_t *ref = wasmtime_valtype_to_wasm(r.engine, &v);
    EXPECT(wasmtime_wasm_valtype_equal(ref,
                                       wasm_functype_params(taking)->data[0]));
    wasmtime_heaptype_t copy;
    wasmtime_heaptype_clone(&v.reftype.heaptype, &copy);
    wasmtime_heaptype_delete(&copy);
    wasmtime_valtype_delete(&v);
    wasm_valtype_delete(ref);
    wasm_functype_delete(type);
    wasm_functype_delete(taking);
    rig_delete(&r);
}

static int run_all(void) {
    return UNIT_RUN(
        UNIT_TEST(structures_have_fields), UNIT_TEST(structures_are_checked),
        UNIT_TEST(many_fields), UNIT_TEST(arrays_have_elements),
        UNIT_TEST(integers_of_31_bits), UNIT_TEST(casts_up_and_down),
        UNIT_TEST(objects_through_wasm),
        UNIT_TEST(raw_references_are_looked_at),
        UNIT_TEST(exceptions_have_fields),
        UNIT_TEST(exceptions_are_thrown_and_taken),
        UNIT_TEST(types_of_structures),
        UNIT_TEST(types_of_arrays_and_exceptions),
        UNIT_TEST(value_types_have_parts), UNIT_TEST(types_of_functions));
}

int main(void) {
    int failed = run_all();
    collects_always = true;
    return run_all() | failed;
}
