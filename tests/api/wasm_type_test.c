// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Vectors and types of wasm.h.
#include "api/api.h"

// --- vectors -----------------------------------------------------------------

static void bytes(void) {
    wasm_byte_vec_t v, copy;
    wasm_byte_vec_new_empty(&v);
    EXPECT(v.size == 0 && v.data == NULL);
    wasm_byte_vec_delete(&v);
    wasm_byte_vec_new_uninitialized(&v, 3);
    EXPECT(v.size == 3 && v.data[2] == 0);
    memcpy(v.data, "abc", 3);
    wasm_byte_vec_copy(&copy, &v);
    EXPECT(copy.size == 3 && copy.data != v.data);
    EXPECT_EQ(memcmp(copy.data, "abc", 3), 0);
    wasm_byte_vec_delete(&v);
    EXPECT(v.size == 0 && v.data == NULL);
    wasm_byte_vec_delete(&v); // twice is fine
    wasm_byte_vec_delete(&copy);
    wasm_byte_vec_new(&v, 0, NULL);
    wasm_byte_vec_copy(&copy, &v);
    EXPECT(copy.size == 0 && copy.data == NULL);
    wasm_val_vec_t many; // more bytes than a size can say
    wasm_val_vec_new_uninitialized(&many, SIZE_MAX / 4);
    EXPECT(many.size == 0 && many.data == NULL);
    wasm_name_new_from_string(&v, "name");
    EXPECT_EQ(v.size, 4);
    wasm_name_delete(&v);
    wasm_name_new_from_string_nt(&v, "name");
    EXPECT(v.size == 5 && v.data[4] == 0);
    wasm_name_delete(&v);
}

static wasm_valtype_t *new_valtype(void) {
    return wasm_valtype_new_i64();
}
static wasm_functype_t *new_functype(void) {
    return wasm_functype_new_1_1(new_valtype(), wasm_valtype_new_funcref());
}
static wasm_globaltype_t *new_globaltype(void) {
    return wasm_globaltype_new(new_valtype(), WASM_VAR);
}
static wasm_tabletype_t *new_tabletype(void) {
    wasm_limits_t limits = {1, wasm_limits_max_default};
    return wasm_tabletype_new(wasm_valtype_new_funcref(), &limits);
}
static wasm_memorytype_t *new_memorytype(void) {
    wasm_limits_t limits = {1, 9};
    return wasm_memorytype_new(&limits);
}
static wasm_tagtype_t *new_tagtype(void) {
    return wasm_tagtype_new(new_functype());
}
static wasm_externtype_t *new_externtype(void) {
    return wasm_memorytype_as_externtype(new_memorytype());
}
static wasm_importtype_t *new_importtype(void) {
    wasm_name_t module, name;
    wasm_name_new_from_string(&module, "m");
    wasm_name_new_from_string(&name, "n");
    return wasm_importtype_new(&module, &name, new_externtype());
}
static wasm_exporttype_t *new_exporttype(void) {
    wasm_name_t name;
    wasm_name_new_from_string(&name, "n");
    return wasm_exporttype_new(&name, new_externtype());
}

// Every vector of pointers: made, copied with a hole in it, deleted.
#define TYPE_VEC_TEST(name)                                       \
    static void vec_of_##name(void) {                             \
        wasm_##name##_vec_t v, copy;                              \
        wasm_##name##_vec_new_empty(&v);                          \
        EXPECT(v.size == 0 && v.data == NULL);                    \
        wasm_##name##_vec_new_uninitialized(&v, 2);               \
        EXPECT(v.size == 2 && !v.data[0] && !v.data[1]);          \
        v.data[1] = new_##name();                                 \
        EXPECT(v.data[1] != NULL);                                \
        wasm_##name##_vec_copy(&copy, &v);                        \
        EXPECT(copy.size == 2 && !copy.data[0] && copy.data[1]);  \
        EXPECT(copy.data[1] != v.data[1]);                        \
        wasm_##name##_vec_delete(&copy);                          \
        EXPECT(copy.size == 0 && copy.data == NULL);              \
        wasm_##name##_vec_delete(&v);                             \
        wasm_##name##_t *items[2] = {new_##name(), new_##name()}; \
        wasm_##name##_vec_new(&v, 2, items);                      \
        EXPECT(v.size == 2 && v.data[0] == items[0]);             \
        wasm_##name##_vec_delete(&v);                             \
        wasm_##name##_t *one = new_##name();                      \
        wasm_##name##_t *other = wasm_##name##_copy(one);         \
        EXPECT(other &&other != one);                             \
        wasm_##name##_delete(one);                                \
        wasm_##name##_delete(other);                              \
        wasm_##name##_delete(NULL);                               \
    }
// clang-format off
TYPE_VEC_TEST(valtype)
TYPE_VEC_TEST(functype)
TYPE_VEC_TEST(globaltype)
TYPE_VEC_TEST(tabletype)
TYPE_VEC_TEST(memorytype)
TYPE_VEC_TEST(tagtype)
TYPE_VEC_TEST(externtype)
TYPE_VEC_TEST(importtype)
TYPE_VEC_TEST(exporttype)
// clang-format on

// --- types -------------------------------------------------------------------

static void value_types(void) {
    static const wasm_valkind_t kinds[] = {
        WASM_I32, WASM_I64, WASM_F32, WASM_F64, WASM_EXTERNREF, WASM_FUNCREF};
    for (size_t i = 0; i < COUNTOF(kinds); i++) {
        wasm_valtype_t *t = wasm_valtype_new(kinds[i]);
        EXPECT_EQ(wasm_valtype_kind(t), kinds[i]);
        EXPECT_EQ(wasm_valtype_is_num(t), i < 4);
        EXPECT_EQ(wasm_valtype_is_ref(t), i >= 4);
        wasm_valtype_delete(t);
    }
    EXPECT(wasm_valtype_new(77) == NULL);
}

static void function_types(void) {
    wasm_functype_t *t = wasm_functype_new_2_1(
        wasm_valtype_new_i32(), wasm_valtype_new_f32(), wasm_valtype_new_f64());
    const wasm_valtype_vec_t *params = wasm_functype_params(t);
    const wasm_valtype_vec_t *results = wasm_functype_results(t);
    EXPECT(params->size == 2 && results->size == 1);
    EXPECT_EQ(wasm_valtype_kind(params->data[1]), WASM_F32);
    EXPECT_EQ(wasm_valtype_kind(results->data[0]), WASM_F64);
    wasm_functype_t *copy = wasm_functype_copy(t);
    wasm_functype_delete(t);
    EXPECT_EQ(wasm_functype_params(copy)->size, 2);
    wasm_functype_delete(copy);
    // A vector with a hole is no signature; both vectors go all the same.
    wasm_valtype_vec_t holes, none = WASM_EMPTY_VEC;
    wasm_valtype_vec_new_uninitialized(&holes, 1);
    EXPECT(wasm_functype_new(&holes, &none) == NULL);
    EXPECT(holes.data == NULL);
}

static void other_types(void) {
    wasm_globaltype_t *g =
        wasm_globaltype_new(wasm_valtype_new_externref(), WASM_CONST);
    EXPECT_EQ(wasm_globaltype_mutability(g), WASM_CONST);
    EXPECT_EQ(wasm_valtype_kind(wasm_globaltype_content(g)), WASM_EXTERNREF);
    wasm_globaltype_delete(g);
    wasm_limits_t limits = {2, 5};
    wasm_tabletype_t *t =
        wasm_tabletype_new(wasm_valtype_new_externref(), &limits);
    EXPECT_EQ(wasm_valtype_kind(wasm_tabletype_element(t)), WASM_EXTERNREF);
    EXPECT_EQ(wasm_tabletype_limits(t)->min, 2);
    EXPECT_EQ(wasm_tabletype_limits(t)->max, 5);
    wasm_tabletype_delete(t);
    EXPECT(wasm_tabletype_new(wasm_valtype_new_i32(), &limits) == NULL);
    wasm_memorytype_t *m = new_memorytype();
    EXPECT_EQ(wasm_memorytype_limits(m)->min, 1);
    EXPECT_EQ(wasm_memorytype_limits(m)->max, 9);
    wasm_memorytype_delete(m);
    wasm_tagtype_t *tag = new_tagtype();
    EXPECT_EQ(wasm_functype_params(wasm_tagtype_functype(tag))->size, 1);
    wasm_tagtype_delete(tag);
}

// Up and down again; down to another kind is NULL.
#define CAST_TEST(name, KIND)                                    \
    static void cast_of_##name(void) {                           \
        wasm_##name##_t *t = new_##name();                       \
        wasm_externtype_t *e = wasm_##name##_as_externtype(t);   \
        EXPECT_EQ(wasm_externtype_kind(e), KIND);                \
        EXPECT(wasm_externtype_as_##name(e) == t);               \
        EXPECT(wasm_##name##_as_externtype_const(t) == e);       \
        EXPECT(wasm_externtype_as_##name##_const(e) == t);       \
        EXPECT((wasm_externtype_as_functype(e) != NULL) ==       \
               ((KIND) == WASM_EXTERN_FUNC));                    \
        wasm_externtype_t *copy = wasm_externtype_copy(e);       \
        EXPECT_EQ(wasm_externtype_kind(copy), KIND);             \
        wasm_externtype_delete(e);                               \
        wasm_externtype_delete(copy);                            \
        e = (KIND) == WASM_EXTERN_TAG                            \
                ? new_externtype()                               \
                : wasm_tagtype_as_externtype(new_tagtype());     \
        EXPECT(wasm_externtype_as_##name(e) == NULL ||           \
               wasm_externtype_kind(e) == (KIND));               \
        EXPECT(wasm_externtype_as_##name##_const(NULL) == NULL); \
        wasm_externtype_delete(e);                               \
    }
// clang-format off
CAST_TEST(functype,   WASM_EXTERN_FUNC)
CAST_TEST(globaltype, WASM_EXTERN_GLOBAL)
CAST_TEST(tabletype,  WASM_EXTERN_TABLE)
CAST_TEST(memorytype, WASM_EXTERN_MEMORY)
CAST_TEST(tagtype,    WASM_EXTERN_TAG)
// clang-format on

static void import_export_types(void) {
    wasm_importtype_t *im = new_importtype();
    EXPECT(name_is(wasm_importtype_module(im), "m"));
    EXPECT(name_is(wasm_importtype_name(im), "n"));
    EXPECT_EQ(wasm_externtype_kind(wasm_importtype_type(im)),
              WASM_EXTERN_MEMORY);
    wasm_importtype_delete(im);
    wasm_exporttype_t *ex = new_exporttype();
    EXPECT(name_is(wasm_exporttype_name(ex), "n"));
    EXPECT_EQ(wasm_externtype_kind(wasm_exporttype_type(ex)),
              WASM_EXTERN_MEMORY);
    wasm_exporttype_delete(ex);
}

// --- shorthands --------------------------------------------------------------

static void shorthands(void) {
#define A wasm_valtype_new_i32()
    const struct {
        wasm_functype_t *type;
        size_t params, results;
    } made[] = {
        {wasm_functype_new_0_0(), 0, 0},
        {wasm_functype_new_1_0(A), 1, 0},
        {wasm_functype_new_2_0(A, A), 2, 0},
        {wasm_functype_new_3_0(A, A, A), 3, 0},
        {wasm_functype_new_0_1(A), 0, 1},
        {wasm_functype_new_1_1(A, A), 1, 1},
        {wasm_functype_new_2_1(A, A, A), 2, 1},
        {wasm_functype_new_3_1(A, A, A, A), 3, 1},
        {wasm_functype_new_0_2(A, A), 0, 2},
        {wasm_functype_new_1_2(A, A, A), 1, 2},
        {wasm_functype_new_2_2(A, A, A, A), 2, 2},
        {wasm_functype_new_3_2(A, A, A, A, A), 3, 2},
    };
#undef A
    for (size_t i = 0; i < COUNTOF(made); i++) {
        EXPECT_EQ(wasm_functype_params(made[i].type)->size, made[i].params);
        EXPECT_EQ(wasm_functype_results(made[i].type)->size, made[i].results);
        wasm_functype_delete(made[i].type);
    }
    wasm_val_t v;
    wasm_val_init_ptr(&v, &v);
    EXPECT(wasm_val_ptr(&v) == &v);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(bytes), UNIT_TEST(vec_of_valtype),
                    UNIT_TEST(vec_of_functype), UNIT_TEST(vec_of_globaltype),
                    UNIT_TEST(vec_of_tabletype), UNIT_TEST(vec_of_memorytype),
                    UNIT_TEST(vec_of_tagtype), UNIT_TEST(vec_of_externtype),
                    UNIT_TEST(vec_of_importtype), UNIT_TEST(vec_of_exporttype),
                    UNIT_TEST(value_types), UNIT_TEST(function_types),
                    UNIT_TEST(other_types), UNIT_TEST(cast_of_functype),
                    UNIT_TEST(cast_of_globaltype), UNIT_TEST(cast_of_tabletype),
                    UNIT_TEST(cast_of_memorytype), UNIT_TEST(cast_of_tagtype),
                    UNIT_TEST(import_export_types), UNIT_TEST(shorthands));
}
