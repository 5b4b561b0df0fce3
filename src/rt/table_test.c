// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/table.h"

#include "rt/rt_test.h"

static const RtValType funcref = {.code = VT_FUNCREF};
static const RtValType anyref = {.code = VT_ANYREF};

static Raw i31(uint32_t n) {
    return (Raw){.u64 = gc_ref_of_i31(n)};
}

static GcRef ref_at(Table *t, uint64_t index) {
    Raw value;
    EXPECT(table_get(t, index, &value));
    return value.ref;
}

static void grows_to_its_maximum(void) {
    Rig r;
    rig_init(&r);
    Limits limits = {.min = 2, .max = 5, .has_max = true};
    Table *t = table_new(r.store, &limits, anyref, i31(7), &r.err);
    EXPECT(t->size == 2 && ref_at(t, 1) == i31(7).ref);
    EXPECT_EQ(table_grow(t, 4, i31(8)), -1);
    EXPECT_EQ(table_grow(t, UINT64_MAX, i31(8)), -1);
    EXPECT_EQ(table_grow(t, 0, i31(8)), 2);
    EXPECT_EQ(table_grow(t, 3, i31(8)), 2);
    EXPECT(ref_at(t, 1) == i31(7).ref && ref_at(t, 4) == i31(8).ref);
    EXPECT_EQ(table_grow(t, 1, i31(8)), -1);
    EXPECT_EQ(table_limits_now(t).min, 5);
    rig_release(&r);
}

static void limits_hold(void) {
    Rig r;
    rig_init(&r);
    r.store->limits.table_elements = 10;
    r.store->limits.store_tables = 2;
    Limits limits = {.min = 11};
    EXPECT(!table_new(r.store, &limits, funcref, (Raw){0}, &r.err));
    rig_failed(&r, E_over_limit);
    limits = (Limits){.min = UINT64_MAX, .is_64 = true};
    EXPECT(!table_new(r.store, &limits, funcref, (Raw){0}, &r.err));
    rig_failed(&r, E_over_limit);
    limits.min = 0;
    Table *t = table_new(r.store, &limits, funcref, (Raw){0}, &r.err);
    EXPECT_EQ(table_grow(t, 11, (Raw){0}), -1);
    EXPECT_EQ(table_grow(t, UINT64_MAX, (Raw){0}), -1);
    EXPECT_EQ(table_grow(t, 10, (Raw){0}), 0);
    EXPECT(table_new(r.store, &limits, funcref, (Raw){0}, &r.err));
    EXPECT(!table_new(r.store, &limits, funcref, (Raw){0}, &r.err));
    EXPECT(strstr(r.err.text, "tables of a store"));
    rig_failed(&r, E_over_limit);
    rig_release(&r);
}

// What tables take is charged to the store; what failed is not.
static void memory_is_charged(void) {
    Rig r;
    rig_init(&r);
    r.store->limits.host_memory = 1000;
    Limits limits = {.min = 1000};
    EXPECT(!table_new(r.store, &limits, funcref, (Raw){0}, &r.err));
    rig_failed(&r, E_out_of_memory);
    EXPECT_EQ(r.store->host_bytes, 0);
    limits.min = 100;
    Table *t = table_new(r.store, &limits, funcref, (Raw){0}, &r.err);
    EXPECT_EQ(r.store->host_bytes, 800);
    EXPECT_EQ(table_grow(t, 100, (Raw){0}), -1);
    EXPECT_EQ(r.store->host_bytes, 800);
    EXPECT_EQ(t->size, 100);
    r.store->limits.host_memory = 500; // lowered under what is held
    EXPECT_EQ(table_grow(t, 1, (Raw){0}), -1);
    rig_release(&r);
}

static bool refuse(void *env, uint64_t from, uint64_t to, uint64_t max) {
    uint64_t *asked = env;
    (void)max;
    *asked = to - from;
    return false;
}

static void limiter_decides(void) {
    Rig r;
    rig_init(&r);
    Limits limits = {.min = 1};
    Table *t = table_new(r.store, &limits, funcref, (Raw){0}, &r.err);
    uint64_t asked = 0;
    r.store->limiter = (StoreLimiter){.env = &asked, .table_grow = refuse};
    EXPECT_EQ(table_grow(t, 3, (Raw){0}), -1);
    EXPECT_EQ(asked, 3);
    EXPECT_EQ(table_grow(t, 0, (Raw){0}), 1);
    EXPECT(!table_new(r.store, &limits, funcref, (Raw){0}, &r.err));
    rig_failed(&r, E_limiter_refused);
    rig_release(&r);
}

static void bulk_operations(void) {
    Rig r;
    rig_init(&r);
    Limits limits = {.min = 8};
    Table *t = table_new(r.store, &limits, anyref, (Raw){0}, &r.err);
    EXPECT_EQ(table_fill(t, 8, i31(1), 0), TRAP_none);
    EXPECT_EQ(table_fill(t, 9, i31(1), 0), TRAP_table_bounds);
    EXPECT_EQ(table_fill(t, 7, i31(1), 2), TRAP_table_bounds);
    EXPECT_EQ(table_fill(t, UINT64_MAX, i31(1), 2), TRAP_table_bounds);
    EXPECT_EQ(table_fill(t, 2, i31(1), UINT64_MAX), TRAP_table_bounds);
    EXPECT_EQ(ref_at(t, 7), 0);
    for (uint32_t i = 0; i < 8; i++)
        table_set(t, i, i31(i));
    EXPECT_EQ(table_copy(t, 1, t, 0, 7), TRAP_none); // overlapping, both ways
    EXPECT(ref_at(t, 0) == i31(0).ref && ref_at(t, 7) == i31(6).ref);
    EXPECT_EQ(table_copy(t, 0, t, 1, 7), TRAP_none);
    EXPECT(ref_at(t, 0) == i31(0).ref && ref_at(t, 6) == i31(6).ref);
    EXPECT_EQ(table_copy(t, 8, t, 8, 0), TRAP_none);
    EXPECT_EQ(table_copy(t, 0, t, 1, 8), TRAP_table_bounds);
    EXPECT_EQ(table_copy(t, 1, t, 0, 8), TRAP_table_bounds);
    EXPECT_EQ(table_copy(t, UINT64_MAX, t, 0, 1), TRAP_table_bounds);
    rig_release(&r);
}

// --- lazy cells ------------------------------------------------------------------

// Two functions, a table filled with them by an active segment at 1, and a
// second table.
static Instance *lazy_instance(Rig *r) {
    static const uint32_t funcs[] = {1, 0};
    RtModule *m = mod_new(r);
    uint32_t type = mod_func_type(m, NULL, 0, NULL, 0);
    mod_func(m, type);
    mod_func(m, type);
    mod_table(m, 4, VT_FUNCREF);
    mod_table(m, 4, VT_FUNCREF);
    ElemDecl active = {.mode = SEGMENT_active,
                       .type = VT_FUNCREF,
                       .offset = EXPR(I32_CONST(1)),
                       .len = 2,
                       .funcs = funcs};
    ElemDecl passive = {
        .mode = SEGMENT_passive, .type = VT_FUNCREF, .len = 2, .funcs = funcs};
    VEC_PUSH(&m->arena, &m->module.elems, active);
    VEC_PUSH(&m->arena, &m->module.elems, passive);
    return mod_instance(r, mod_done(m));
}

static void cells_are_made_when_read(void) {
    Rig r;
    rig_init(&r);
    Instance *inst = lazy_instance(&r);
    Table *t = inst->context.tables[0];
    EXPECT_EQ(r.store->funcs.len, 0);
    EXPECT(!t->funcs[0] && func_cell_is_lazy(t->funcs[1]));
    EXPECT_EQ(func_cell_index(t->funcs[1]), 1);
    Raw a, b;
    EXPECT(table_get(t, 0, &a) && !a.func);
    EXPECT(table_get(t, 1, &a) && a.func->index == 1);
    EXPECT(table_get(t, 1, &b) && a.func == b.func);
    EXPECT(!func_cell_is_lazy(t->funcs[1]));
    EXPECT(instance_func(inst, 1) == a.func);
    EXPECT_EQ(r.store->funcs.len, 1);
    rig_release(&r);
}

// The same owner takes cells as they are, another table gets references.
static void copies_know_the_owner(void) {
    Rig r;
    rig_init(&r);
    Instance *a = lazy_instance(&r), *b = lazy_instance(&r);
    Table *from = a->context.tables[0];
    EXPECT_EQ(table_copy(a->context.tables[1], 0, from, 0, 4), TRAP_none);
    EXPECT(func_cell_is_lazy(a->context.tables[1]->funcs[1]));
    EXPECT_EQ(r.store->funcs.len, 0);
    EXPECT_EQ(table_copy(b->context.tables[0], 0, from, 0, 4), TRAP_none);
    Raw value;
    EXPECT(table_get(b->context.tables[0], 2, &value));
    EXPECT(value.func->instance == a && value.func->index == 0);
    EXPECT(table_get(b->context.tables[0], 0, &value) && !value.func);
    Limits limits = {.min = 4};
    Table *host = table_new(r.store, &limits, funcref, (Raw){0}, &r.err);
    EXPECT_EQ(table_copy(host, 0, from, 1, 2), TRAP_none);
    EXPECT(host->funcs[0] == (FuncCell)(void *)instance_func(a, 1));
    rig_release(&r);
}

static void segments_fill_foreign_tables(void) {
    Rig r;
    rig_init(&r);
    Instance *a = lazy_instance(&r), *b = lazy_instance(&r);
    Table *t = b->context.tables[1];
    a->context.tables[1] = t;
    EXPECT_EQ(instance_table_init(a, 1, 1, 3, 0, 2), TRAP_table_bounds);
    EXPECT_EQ(instance_table_init(a, 1, 1, 3, 1, 2), TRAP_table_bounds);
    EXPECT_EQ(instance_table_init(a, 1, 1, UINT64_MAX, 0, 1),
              TRAP_table_bounds);
    EXPECT(!t->funcs[3]);
    EXPECT_EQ(instance_table_init(a, 1, 1, 2, 0, 2), TRAP_none);
    EXPECT(t->funcs[2] == (FuncCell)(void *)instance_func(a, 1));
    EXPECT_EQ(instance_table_init(a, 1, 0, 0, 0, 1), TRAP_table_bounds);
    EXPECT_EQ(instance_table_init(a, 1, 0, 4, 0, 0), TRAP_none); // dropped
    Raw value;
    EXPECT(instance_elem_get(a, 1, 1, &value) && value.func->index == 0);
    instance_elem_drop(a, 1);
    instance_elem_drop(a, 1);
    EXPECT_EQ(instance_table_init(a, 1, 1, 0, 0, 1), TRAP_table_bounds);
    rig_release(&r);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(grows_to_its_maximum), UNIT_TEST(limits_hold),
                    UNIT_TEST(memory_is_charged), UNIT_TEST(limiter_decides),
                    UNIT_TEST(bulk_operations),
                    UNIT_TEST(cells_are_made_when_read),
                    UNIT_TEST(copies_know_the_owner),
                    UNIT_TEST(segments_fill_foreign_tables));
}
