// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// References of wasm.h, and the things that they refer to.
#include "api/api.h"

static int ended; // finalizers that ran

static void end(void *info) {
    ended += *(int *)info;
}

static const char everything[] =
    "(module (func (export \"f\")) (global (export \"g\") (mut i32)"
    " (i32.const 7)) (table (export \"t\") 2 4 externref)"
    " (memory (export \"m\") 1 3) (func (export \"id\") (param externref)"
    "  (result externref) local.get 0))";

static wasm_trap_t *new_trap(const World *w) {
    wasm_message_t message;
    wasm_name_new_from_string_nt(&message, "why");
    wasm_trap_t *t = wasm_trap_new(w->store, &message);
    wasm_name_delete(&message);
    return t;
}

// --- identity, host info, casts ----------------------------------------------

// `made` is deleted; `stays`: the store keeps the object and its host info.
#define REF_TEST(name, making, stays)                                    \
    static void ref_of_##name(void) {                                    \
        World w = world_new();                                           \
        wasm_extern_vec_t all = exports_of(&w, everything, NULL);        \
        (void)all;                                                       \
        wasm_##name##_t *one = making;                                   \
        EXPECT(one != NULL);                                             \
        wasm_##name##_t *two = wasm_##name##_copy(one);                  \
        EXPECT(wasm_##name##_same(one, two));                            \
        int a = 1, b = 10;                                               \
        ended = 0;                                                       \
        EXPECT(wasm_##name##_get_host_info(one) == NULL);                \
        wasm_##name##_set_host_info(one, &a);                            \
        EXPECT(wasm_##name##_get_host_info(two) == &a);                  \
        wasm_##name##_set_host_info_with_finalizer(one, &a, end);        \
        EXPECT_EQ(ended, 0);                                             \
        wasm_##name##_set_host_info_with_finalizer(two, &b, end);        \
        EXPECT_EQ(ended, 1);                                             \
        wasm_ref_t *ref = wasm_##name##_as_ref(one);                     \
        EXPECT(wasm_##name##_as_ref_const(one) == ref);                  \
        EXPECT(wasm_ref_as_##name(ref) == one);                          \
        EXPECT(wasm_ref_as_##name##_const(ref) == one);                  \
        EXPECT(wasm_ref_as_##name(NULL) == NULL);                        \
        wasm_foreign_t *other = wasm_foreign_new(w.store);               \
        wasm_trap_t *trap = new_trap(&w);                                \
        EXPECT(!wasm_ref_same(ref, wasm_foreign_as_ref(other)));         \
        EXPECT(wasm_ref_as_##name(wasm_foreign_as_ref(other)) == NULL || \
               wasm_ref_as_##name(wasm_trap_as_ref(trap)) == NULL);      \
        wasm_foreign_delete(other);                                      \
        wasm_trap_delete(trap);                                          \
        wasm_##name##_delete(one);                                       \
        EXPECT_EQ(ended, 1);                                             \
        wasm_##name##_delete(two);                                       \
        EXPECT_EQ(ended, (stays) ? 1 : 11);                              \
        wasm_extern_vec_delete(&all);                                    \
        world_delete(&w);                                                \
        EXPECT_EQ(ended, 11);                                            \
        wasm_##name##_delete(NULL);                                      \
    }
// clang-format off
REF_TEST(func,     wasm_func_copy(wasm_extern_as_func(all.data[0])), true)
REF_TEST(global,   wasm_global_copy(wasm_extern_as_global(all.data[1])), true)
REF_TEST(table,    wasm_table_copy(wasm_extern_as_table(all.data[2])), true)
REF_TEST(memory,   wasm_memory_copy(wasm_extern_as_memory(all.data[3])), true)
REF_TEST(extern,   wasm_extern_copy(all.data[3]), true)
REF_TEST(instance, instance_of(&w, everything, NULL, NULL), true)
REF_TEST(trap,     new_trap(&w), false)
REF_TEST(foreign,  wasm_foreign_new(w.store), false)
REF_TEST(module,   module_of(&w, everything), false)
// clang-format on

static void plain_refs(void) {
    World w = world_new();
    int a = 1;
    ended = 0;
    wasm_ref_t *ref = wasm_foreign_as_ref(wasm_foreign_new(w.store));
    wasm_ref_t *copy = wasm_ref_copy(ref);
    EXPECT(wasm_ref_same(ref, copy) && !wasm_ref_same(ref, NULL));
    wasm_ref_set_host_info(ref, &w);
    EXPECT(wasm_ref_get_host_info(copy) == &w);
    wasm_ref_set_host_info_with_finalizer(ref, &a, end);
    wasm_ref_delete(ref);
    wasm_ref_delete(copy);
    wasm_ref_delete(NULL);
    EXPECT_EQ(ended, 1);
    EXPECT(wasm_ref_copy(NULL) == NULL);
    world_delete(&w);
}

// --- externs -----------------------------------------------------------------

#define EXTERN_TEST(name, at, KIND)                                     \
    static void extern_of_##name(void) {                                \
        World w = world_new();                                          \
        wasm_extern_vec_t all = exports_of(&w, everything, NULL);       \
        wasm_extern_t *e = all.data[at];                                \
        EXPECT_EQ(wasm_extern_kind(e), KIND);                           \
        wasm_externtype_t *t = wasm_extern_type(e);                     \
        EXPECT_EQ(wasm_externtype_kind(t), KIND);                       \
        wasm_externtype_delete(t);                                      \
        wasm_##name##_t *x = wasm_extern_as_##name(e);                  \
        EXPECT(x &&wasm_##name##_as_extern(x) == e);                    \
        EXPECT(wasm_extern_as_##name##_const(e) == x);                  \
        EXPECT(wasm_##name##_as_extern_const(x) == e);                  \
        EXPECT(!wasm_extern_as_##name(all.data[(at + 1) % 4]));         \
        EXPECT(!wasm_extern_as_##name##_const(all.data[(at + 1) % 4])); \
        wasm_extern_vec_delete(&all);                                   \
        world_delete(&w);                                               \
    }
// clang-format off
EXTERN_TEST(func,   0, WASM_EXTERN_FUNC)
EXTERN_TEST(global, 1, WASM_EXTERN_GLOBAL)
EXTERN_TEST(table,  2, WASM_EXTERN_TABLE)
EXTERN_TEST(memory, 3, WASM_EXTERN_MEMORY)
// clang-format on

static void extern_vecs(void) {
    World w = world_new();
    wasm_extern_vec_t all = exports_of(&w, everything, NULL), copy, moved;
    wasm_extern_vec_copy(&copy, &all);
    EXPECT(copy.size == all.size && copy.data[1] == all.data[1]); // one object
    wasm_extern_vec_delete(&all);
    wasm_extern_vec_new(&moved, copy.size, copy.data);
    wasm_extern_vec_new_uninitialized(&all, 1);
    EXPECT(all.size == 1 && all.data[0] == NULL);
    wasm_extern_vec_delete(&all);
    wasm_extern_vec_new_empty(&all);
    EXPECT(all.size == 0);
    copy.size = 0; // its elements are in `moved`
    wasm_extern_vec_delete(&copy);
    wasm_extern_vec_delete(&moved);
    world_delete(&w);
}

// --- globals, tables, memories -----------------------------------------------

static void globals(void) {
    World w = world_new();
    wasm_globaltype_t *t =
        wasm_globaltype_new(wasm_valtype_new_i32(), WASM_CONST);
    wasm_val_t v = WASM_I32_VAL(5), wrong = WASM_F32_VAL(5), out;
    EXPECT(wasm_global_new(w.store, t, &wrong) == NULL);
    wasm_global_t *g = wasm_global_new(w.store, t, &v);
    wasm_globaltype_delete(t);
    v.of.i32 = 6;
    wasm_global_set(g, &v); // it is immutable
    wasm_global_get(g, &out);
    EXPECT(out.kind == WASM_I32 && out.of.i32 == 5);
    t = wasm_global_type(g);
    EXPECT_EQ(wasm_globaltype_mutability(t), WASM_CONST);
    wasm_globaltype_delete(t);
    wasm_global_delete(g);
    wasm_extern_vec_t all = exports_of(&w, everything, NULL);
    g = wasm_extern_as_global(all.data[1]);
    wasm_global_set(g, &wrong);
    wasm_global_get(g, &out);
    EXPECT_EQ(out.of.i32, 7);
    wasm_global_set(g, &v);
    wasm_global_get(g, &out);
    EXPECT_EQ(out.of.i32, 6);
    wasm_extern_vec_delete(&all);
    world_delete(&w);
}

static void tables(void) {
    World w = world_new();
    wasm_limits_t limits = {2, 3}, empty = {3, 2};
    wasm_tabletype_t *t =
        wasm_tabletype_new(wasm_valtype_new_externref(), &empty);
    EXPECT(wasm_table_new(w.store, t, NULL) == NULL);
    wasm_tabletype_delete(t);
    t = wasm_tabletype_new(wasm_valtype_new_externref(), &limits);
    wasm_ref_t *a = wasm_foreign_as_ref(wasm_foreign_new(w.store));
    wasm_ref_t *b = wasm_trap_as_ref(new_trap(&w)); // any reference will do
    wasm_table_t *table = wasm_table_new(w.store, t, a);
    wasm_tabletype_delete(t);
    EXPECT_EQ(wasm_table_size(table), 2);
    wasm_ref_t *got = wasm_table_get(table, 1);
    EXPECT(wasm_ref_same(got, a));
    wasm_ref_delete(got);
    EXPECT(wasm_table_set(table, 0, b) && wasm_table_set(table, 1, NULL));
    EXPECT(!wasm_table_set(table, 2, b));
    EXPECT(wasm_table_get(table, 1) == NULL && !wasm_table_get(table, 2));
    EXPECT(wasm_table_grow(table, 1, b));
    EXPECT(!wasm_table_grow(table, 1, b)); // over the maximum
    wasm_ref_delete(a);
    wasm_ref_delete(b);
    got = wasm_table_get(table, 2);
    EXPECT(wasm_ref_as_trap(got) != NULL);
    wasm_ref_delete(got);
    t = wasm_table_type(table);
    EXPECT_EQ(wasm_tabletype_limits(t)->max, 3);
    wasm_tabletype_delete(t);
    wasm_table_delete(table);
    world_delete(&w);
}

static void function_tables(void) {
    World w = world_new(), other = world_new();
    wasm_limits_t limits = {1, wasm_limits_max_default};
    wasm_tabletype_t *t =
        wasm_tabletype_new(wasm_valtype_new_funcref(), &limits);
    wasm_table_t *table = wasm_table_new(w.store, t, NULL);
    wasm_tabletype_delete(t);
    wasm_extern_vec_t all = exports_of(&w, everything, NULL);
    wasm_ref_t *f = wasm_extern_as_ref(all.data[0]);
    EXPECT(wasm_table_set(table, 0, f));
    EXPECT(!wasm_table_set(table, 0, wasm_extern_as_ref(all.data[3])));
    wasm_ref_t *got = wasm_table_get(table, 0);
    EXPECT(wasm_ref_same(got, f));
    wasm_ref_delete(got);
    wasm_extern_vec_t foreign = exports_of(&other, everything, NULL);
    EXPECT(!wasm_table_set(table, 0, wasm_extern_as_ref(foreign.data[0])));
    wasm_extern_vec_delete(&foreign);
    wasm_extern_vec_delete(&all);
    wasm_table_delete(table);
    world_delete(&w);
    world_delete(&other);
}

static void memories(void) {
    World w = world_new();
    wasm_limits_t limits = {1, 2};
    wasm_memorytype_t *t = wasm_memorytype_new(&limits);
    wasm_memory_t *m = wasm_memory_new(w.store, t);
    wasm_memorytype_delete(t);
    EXPECT_EQ(wasm_memory_size(m), 1);
    EXPECT_EQ(wasm_memory_data_size(m), MEMORY_PAGE_SIZE);
    wasm_memory_data(m)[MEMORY_PAGE_SIZE - 1] = 9;
    EXPECT(wasm_memory_grow(m, 1) && !wasm_memory_grow(m, 1));
    EXPECT_EQ(wasm_memory_data(m)[MEMORY_PAGE_SIZE - 1], 9);
    EXPECT_EQ(wasm_memory_size(m), 2);
    t = wasm_memory_type(m);
    EXPECT_EQ(wasm_memorytype_limits(t)->min, 1);
    EXPECT_EQ(wasm_memorytype_limits(t)->max, 2);
    wasm_memorytype_delete(t);
    wasm_memory_delete(m);
    limits.min = 3;
    t = wasm_memorytype_new(&limits);
    EXPECT(wasm_memory_new(w.store, t) == NULL);
    wasm_memorytype_delete(t);
    limits = (wasm_limits_t){65537, wasm_limits_max_default};
    t = wasm_memorytype_new(&limits);
    EXPECT(wasm_memory_new(w.store, t) == NULL);
    wasm_memorytype_delete(t);
    world_delete(&w);
}

// --- values ------------------------------------------------------------------

static void vals(void) {
    World w = world_new();
    wasm_val_t a = WASM_REF_VAL(wasm_foreign_as_ref(wasm_foreign_new(w.store)));
    wasm_val_t b, items[2] = {WASM_I64_VAL(3), WASM_INIT_VAL};
    wasm_val_copy(&b, &a);
    EXPECT(wasm_ref_same(a.of.ref, b.of.ref));
    wasm_val_delete(&a);
    EXPECT(a.of.ref == NULL);
    items[1] = b; // moved, and moved again
    wasm_val_vec_t v, copy;
    wasm_val_vec_new(&v, 2, items);
    wasm_val_vec_copy(&copy, &v);
    EXPECT(copy.size == 2 && copy.data[0].of.i64 == 3);
    EXPECT(wasm_ref_same(copy.data[1].of.ref, v.data[1].of.ref));
    wasm_val_vec_delete(&v);
    wasm_val_vec_delete(&copy);
    wasm_val_vec_new_empty(&v);
    wasm_val_vec_new_uninitialized(&copy, 1);
    EXPECT(v.size == 0 && copy.size == 1);
    wasm_val_vec_delete(&copy);
    wasm_val_delete(NULL);
    world_delete(&w);
}

// What goes through wasm comes back as what it was, and lives as long as it is
// in there.
static void external_values(void) {
    World w = world_new();
    wasm_extern_vec_t all = exports_of(&w, everything, NULL);
    wasm_func_t *id = wasm_extern_as_func(all.data[4]);
    wasm_foreign_t *one = wasm_foreign_new(w.store);
    wasm_ref_t *refs[] = {wasm_foreign_as_ref(one),
                          wasm_extern_as_ref(all.data[0]),
                          wasm_extern_as_ref(all.data[3]), NULL};
    for (size_t i = 0; i < COUNTOF(refs); i++) {
        wasm_val_t a[1] = {WASM_REF_VAL(refs[i])}, r[1] = {WASM_INIT_VAL};
        wasm_val_vec_t args = WASM_ARRAY_VEC(a), results = WASM_ARRAY_VEC(r);
        EXPECT(!wasm_func_call(id, &args, &results));
        EXPECT(r[0].kind == WASM_EXTERNREF &&
               wasm_ref_same(r[0].of.ref, refs[i]));
        wasm_val_delete(&r[0]);
    }
    wasm_table_t *table = wasm_extern_as_table(all.data[2]);
    int info = 1;
    ended = 0;
    wasm_foreign_set_host_info_with_finalizer(one, &info, end);
    EXPECT(wasm_table_set(table, 0, refs[0]));
    wasm_foreign_delete(one);
    EXPECT_EQ(ended, 0); // the table has it
    wasm_extern_vec_delete(&all);
    world_delete(&w);
    EXPECT_EQ(ended, 1);
}

static void collected_objects(void) {
    World w = world_new();
    wasm_extern_vec_t all = exports_of(
        &w,
        "(module (type $s (struct (field (mut i32))))"
        " (func (export \"new\") (param i32) (result (ref $s))"
        "  (struct.new $s (local.get 0)))"
        " (func (export \"get\") (param (ref $s)) (result i32)"
        "  (struct.get $s 0 (local.get 0)))"
        " (func (export \"churn\") (local i32)"
        "  (loop (drop (struct.new $s (local.get 0)))"
        "   (local.set 0 (i32.add (local.get 0) (i32.const 1)))"
        "   (br_if 0 (i32.lt_u (local.get 0) (i32.const 200000))))))",
        NULL);
    wasm_val_t a[1] = {WASM_I32_VAL(11)}, r[1] = {WASM_INIT_VAL};
    wasm_val_vec_t args = WASM_ARRAY_VEC(a), results = WASM_ARRAY_VEC(r);
    wasm_val_vec_t none = WASM_EMPTY_VEC;
    wasm_func_t *new = wasm_extern_as_func(all.data[0]);
    wasm_func_t *get = wasm_extern_as_func(all.data[1]);
    EXPECT(!wasm_func_call(new, &args, &results));
    EXPECT(r[0].kind == WASM_EXTERNREF && r[0].of.ref);
    wasm_val_t object = r[0];
    EXPECT(!wasm_func_call(wasm_extern_as_func(all.data[2]), &none, &none));
    wasm_val_t held[1] = {object};
    wasm_val_vec_t objects = WASM_ARRAY_VEC(held);
    EXPECT(!wasm_func_call(get, &objects, &results)); // moved, maybe
    EXPECT_EQ(r[0].of.i32, 11);
    wasm_ref_t *alias = wasm_ref_copy(object.of.ref);
    EXPECT(wasm_ref_same(alias, object.of.ref));
    wasm_ref_delete(alias);
    held[0] = (wasm_val_t)WASM_REF_VAL(wasm_extern_as_ref(all.data[0]));
    wasm_trap_t *trap = wasm_func_call(get, &objects, &results);
    EXPECT(trap_says(trap, "argument 0 does not fit"));
    held[0] = (wasm_val_t)WASM_INIT_VAL; // null, where it may not be
    EXPECT(trap_says(wasm_func_call(get, &objects, &results),
                     "argument 0 does not fit"));
    wasm_extern_vec_delete(&all);
    world_delete(&w);
    wasm_val_delete(&object); // the store's last reference
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(ref_of_func), UNIT_TEST(ref_of_global),
                    UNIT_TEST(ref_of_table), UNIT_TEST(ref_of_memory),
                    UNIT_TEST(ref_of_extern), UNIT_TEST(ref_of_instance),
                    UNIT_TEST(ref_of_trap), UNIT_TEST(ref_of_foreign),
                    UNIT_TEST(ref_of_module), UNIT_TEST(plain_refs),
                    UNIT_TEST(extern_of_func), UNIT_TEST(extern_of_global),
                    UNIT_TEST(extern_of_table), UNIT_TEST(extern_of_memory),
                    UNIT_TEST(extern_vecs), UNIT_TEST(globals),
                    UNIT_TEST(tables), UNIT_TEST(function_tables),
                    UNIT_TEST(memories), UNIT_TEST(vals),
                    UNIT_TEST(external_values), UNIT_TEST(collected_objects));
}
