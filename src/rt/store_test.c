// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Stores: accounting, deadlines, roots, external values.
#include "rt/store.h"

#include "rt/rt_test.h"

static void memory_is_accounted(void) {
    Rig r;
    rig_init(&r);
    r.store->limits.host_memory = 100;
    EXPECT(store_charge(r.store, 0) && store_charge(r.store, 100));
    EXPECT(!store_charge(r.store, 1) && !store_charge(r.store, UINT64_MAX));
    store_discharge(r.store, 40);
    EXPECT(!store_charge(r.store, 41) && store_charge(r.store, 40));
    r.store->limits.host_memory = 10;
    EXPECT(!store_charge(r.store, 1) && !store_charge(r.store, 0));
    store_discharge(r.store, 100);
    EXPECT(store_charge(r.store, 10));
    store_discharge(r.store, 10);
    rig_release(&r);
}

static void deadlines(void) {
    Rig r;
    rig_init(&r);
    Store *s = r.store;
    engine_raise_epoch(r.engine);
    EXPECT_EQ(store_poll(s), STATUS_ok); // none was set
    store_set_deadline(s, 2);
    engine_raise_epoch(r.engine);
    EXPECT_EQ(store_poll(s), STATUS_ok);
    engine_raise_epoch(r.engine);
    EXPECT_EQ(store_poll(s), STATUS_trap);
    rig_trapped(&r, TRAP_interrupt);
    store_set_deadline(s, UINT64_MAX);
    EXPECT_EQ(s->deadline, UINT64_MAX);
    EXPECT_EQ(store_poll(s), STATUS_ok);
    rig_release(&r);
}

// A collection at every safepoint: polls are due, deadline or not.
static void polls_collect(void) {
    Rig r;
    rig_init(&r);
    Store *s = r.store;
    EXPECT_EQ(s->context.deadline, 0);
    EXPECT_EQ(store_poll(s), STATUS_ok); // there is no heap yet
    EXPECT(store_extern_new(s, NULL, NULL) != 0);
    uint64_t before = gc_stats(s->heap).collections;
    EXPECT_EQ(store_poll(s), STATUS_ok);
    EXPECT_EQ(gc_stats(s->heap).collections, before + 1);
    store_set_deadline(s, 1);
    EXPECT_EQ(s->context.deadline, 0);
    EXPECT_EQ(store_poll(s), STATUS_ok);
    rig_release(&r);
}

static void fuel_runs_out(void) {
    Rig r;
    EngineConfig config = rig_config();
    config.use_fuel = true;
    rig_init_with(&r, &config);
    // What has been given nothing, or has nothing left, stops.
    for (int i = 0; i < 3; i++) {
        EXPECT_EQ(store_get_fuel(r.store), 0);
        EXPECT_EQ(store_poll(r.store), STATUS_trap);
        rig_trapped(&r, TRAP_out_of_fuel);
        store_set_fuel(r.store, 5);
        EXPECT_EQ(store_poll(r.store), STATUS_ok);
        EXPECT(store_spend_fuel(r.store, 5));
        EXPECT_EQ(store_poll(r.store), STATUS_ok); // it was enough
        store_set_fuel(r.store, 0);
    }
    rig_release(&r);
}

static void value_stacks(void) {
    Rig r;
    rig_init(&r);
    ValueStack *v = store_value_stack(r.store);
    EXPECT(v && v == store_value_stack(r.store));
    EXPECT(v->end - v->base >= (int64_t)r.store->limits.stack_size);
    *v->base = v->end[-1] = 1;
    v = value_stack_new(r.engine, 0);
    EXPECT(v && v->end > v->base);
    value_stack_free(r.engine, v);
    value_stack_free(r.engine, NULL);
    EXPECT(!value_stack_new(r.engine, UINT64_MAX));
    EXPECT(!value_stack_new(r.engine, (uint64_t)1 << 60));
    rig_release(&r);
}

static void room_is_borrowed(void) {
    Rig r;
    rig_init(&r);
    void *first, *second, *third;
    EXPECT_EQ(store_borrow(r.store, 64, &first), STATUS_ok);
    EXPECT_EQ(store_borrow(r.store, 8, &second), STATUS_ok);
    EXPECT((char *)second == (char *)first + 64);
    EXPECT_EQ(store_borrow(r.store, r.store->limits.stack_size * 2, &third),
              STATUS_trap);
    rig_trapped(&r, TRAP_stack_exhausted);
    store_give_back(r.store, second);
    store_give_back(r.store, first);
    EXPECT_EQ(store_borrow(r.store, 1, &third), STATUS_ok);
    EXPECT(third == first);
    store_give_back(r.store, third);
    rig_release(&r);
}

static void types_are_held_once(void) {
    Rig r;
    rig_init(&r);
    RtType *t = registry_func_type(r.engine->registry, NULL, 0, NULL, 0);
    EXPECT(store_hold_type(r.store, t) && store_hold_type(r.store, t));
    EXPECT_EQ(r.store->held_types.len, 1);
    rt_type_unref(r.engine->registry, t);
    EXPECT_EQ(registry_len(r.engine->registry), 1);
    store_unref(r.store);
    EXPECT_EQ(registry_len(r.engine->registry), 0);
    r.store = store_new(r.engine);
    rig_release(&r);
}

// --- external values -------------------------------------------------------------

static int values_dead;

static void value_died(void *value) {
    int *count = value;
    ++*count;
}

static void values_die_with_their_object(void) {
    Rig r;
    rig_init(&r);
    values_dead = 0;
    GcRef kept = store_extern_new(r.store, &values_dead, value_died);
    RefScope scope;
    ref_scope_enter(r.store, &scope, &kept, 1);
    for (int i = 0; i < 100; i++)
        EXPECT(store_extern_new(r.store, &values_dead, value_died) != 0);
    EXPECT(values_dead >= 98); // each allocation collects
    bool ok;
    EXPECT(store_extern_get(r.store, kept, &ok) == &values_dead && ok);
    EXPECT(r.store->host_values.len <= 4); // places are used again
    EXPECT(!store_extern_get(r.store, 0, &ok) && !ok);
    EXPECT(!store_extern_get(r.store, gc_ref_of_i31(5), &ok) && !ok);
    root_scope_leave(r.store, &scope.scope);
    rig_release(&r);
    EXPECT_EQ(values_dead, 101);
}

// --- roots -----------------------------------------------------------------------

static void cells_follow_their_object(void) {
    Rig r;
    rig_init(&r);
    values_dead = 0;
    GcRef first = store_extern_new(r.store, &values_dead, value_died);
    RootCell *cell = root_cell_new(r.store, first);
    for (int i = 0; i < 10; i++)
        EXPECT(store_extern_new(r.store, &values_dead, value_died) != 0);
    bool ok;
    EXPECT(store_extern_get(r.store, cell->ref, &ok) == &values_dead && ok);
    root_cell_ref(cell);
    root_cell_unref(cell);
    store_unref(r.store);
    EXPECT_EQ(cell->ref, 0); // the store is gone, the cell is not
    EXPECT_EQ(values_dead, 11);
    root_cell_unref(cell);
    r.store = store_new(r.engine);
    rig_release(&r);
}

// Cells that were dropped do not pile up, even when nothing is collected.
static void dropped_cells_go_away(void) {
    Rig r;
    rig_init(&r);
    for (int i = 0; i < 100000; i++)
        root_cell_unref(root_cell_new(r.store, gc_ref_of_i31(1)));
    EXPECT(r.store->roots.len < 100);
    RootCell *cells[100];
    for (int i = 0; i < 100; i++)
        cells[i] = root_cell_new(r.store, gc_ref_of_i31((uint32_t)i));
    for (int i = 0; i < 1000; i++)
        root_cell_unref(root_cell_new(r.store, gc_ref_of_i31(1)));
    for (int i = 0; i < 100; i++) {
        EXPECT_EQ(cells[i]->ref, gc_ref_of_i31((uint32_t)i));
        root_cell_unref(cells[i]);
    }
    rig_release(&r);
}

static void clone_and_drop(void *arg) {
    RootCell *cell = arg;
    for (int i = 0; i < 20000; i++) {
        root_cell_ref(cell);
        root_cell_unref(cell);
    }
    root_cell_unref(cell);
}

// Other threads clone and drop while the store collects, and after it is gone.
static void cells_on_other_threads(void) {
    enum {
        THREADS = 4
    };
    Rig r;
    rig_init(&r);
    values_dead = 0;
    RootCell *cell = root_cell_new(
        r.store, store_extern_new(r.store, &values_dead, value_died));
    Thread threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        root_cell_ref(cell);
        threads[i] = (Thread){.run = clone_and_drop, .arg = cell};
        EXPECT(thread_start(&threads[i], 0));
    }
    root_cell_unref(cell);
    for (int i = 0; i < 200; i++)
        EXPECT(store_extern_new(r.store, &values_dead, value_died) != 0);
    store_unref(r.store);
    EXPECT_EQ(values_dead, 201);
    for (int i = 0; i < THREADS; i++)
        thread_join(&threads[i]);
    r.store = store_new(r.engine);
    rig_release(&r);
}

// Scopes nest; values of a kind that is not traced are left alone.
static void scopes_nest(void) {
    Rig r;
    rig_init(&r);
    values_dead = 0;
    static const RtValType types[] = {{.code = VT_i64},
                                      {.code = VT_EXTERNREF},
                                      {.code = VT_FUNCREF},
                                      {.code = VT_ANYREF}};
    Raw values[COUNTOF(types)] = {
        {.u64 = UINT64_MAX}, {.u64 = 0}, {.u64 = 77}, {.u64 = 0}};
    RawScope outer;
    raw_scope_enter(r.store, &outer, values, types, COUNTOF(types));
    values[1].u64 = store_extern_new(r.store, &values_dead, value_died);
    values[3].u64 = gc_ref_of_i31(3);
    GcRef refs[2] = {0, 0};
    RefScope inner;
    ref_scope_enter(r.store, &inner, refs, 2);
    refs[1] = store_extern_new(r.store, &values_dead, value_died);
    for (int i = 0; i < 10; i++)
        EXPECT(store_extern_new(r.store, &values_dead, value_died) != 0);
    bool ok;
    EXPECT(store_extern_get(r.store, values[1].ref, &ok) && ok);
    EXPECT(store_extern_get(r.store, refs[1], &ok) && ok);
    EXPECT(values[0].u64 == UINT64_MAX && values[2].u64 == 77);
    EXPECT(values[3].u64 == gc_ref_of_i31(3) && refs[0] == 0);
    root_scope_leave(r.store, &inner.scope);
    root_scope_leave(r.store, &outer.scope);
    EXPECT(!r.store->scopes);
    rig_release(&r);
    EXPECT_EQ(values_dead, 12);
}

// Globals and tables are roots.
static void objects_hold_references(void) {
    Rig r;
    rig_init(&r);
    values_dead = 0;
    RtValType type = {.code = VT_EXTERNREF};
    Raw value = {.u64 = store_extern_new(r.store, &values_dead, value_died)};
    Global *g = global_new(r.store, type, true, value);
    value.u64 = store_extern_new(r.store, &values_dead, value_died);
    Limits limits = {.min = 3};
    Table *t = table_new(r.store, &limits, type, value, &r.err);
    for (int i = 0; i < 10; i++)
        EXPECT(store_extern_new(r.store, &values_dead, value_died) != 0);
    bool ok;
    EXPECT(store_extern_get(r.store, g->cell.ref, &ok) && ok);
    EXPECT(t->refs[0] == t->refs[2]);
    EXPECT(store_extern_get(r.store, t->refs[1], &ok) && ok);
    EXPECT(values_dead <= 10);
    rig_release(&r);
    EXPECT_EQ(values_dead, 12);
}

// --- objects ---------------------------------------------------------------------

static RtType *struct_of(Rig *r, CompKind kind, const RtField *fields,
                         uint32_t len) {
    return registry_struct_type(r->engine->registry, kind, fields, len);
}

static void objects_keep_their_fields(void) {
    Rig r;
    rig_init(&r);
    const RtField fields[] = {{{.code = VT_i8}, true},
                              {{.code = VT_ANYREF}, true},
                              {{.code = VT_f64}, true},
                              {{.code = VT_FUNCREF}, true}};
    RtType *t = struct_of(&r, COMP_struct, fields, COUNTOF(fields));
    RtType *f_type = registry_func_type(r.engine->registry, NULL, 0, NULL, 0);
    Func *f = func_new_host(r.store, f_type, NULL, NULL, NULL);
    GcRef inner = 0, outer = 0;
    EXPECT_EQ(object_new_struct(r.store, t, NULL, &inner), STATUS_ok);
    Raw values[] = {{.u64 = 0x1ff}, {.u64 = inner}, {.f64 = 1.5}, {.func = f}};
    EXPECT_EQ(object_new_struct(r.store, t, values, &outer), STATUS_ok);
    EXPECT_EQ(object_field_get(r.store, outer, 0).u32, 0xff);
    inner = object_field_get(r.store, outer, 1).ref;
    EXPECT_EQ(object_field_get(r.store, inner, 1).ref, 0);
    EXPECT(object_field_get(r.store, outer, 2).f64 == 1.5);
    EXPECT(object_field_get(r.store, outer, 3).func == f);
    EXPECT(!object_field_get(r.store, inner, 3).func);
    EXPECT(object_type(r.store, outer) == t);
    RtValType want = {VT_REF, t}, other = {VT_REF | VT_NULL, f_type};
    EXPECT(store_ref_matches(r.store, (Raw){.u64 = outer}, want));
    EXPECT(!store_ref_matches(r.store, (Raw){0}, want));
    EXPECT(store_ref_matches(r.store, (Raw){0}, other));
    EXPECT(store_ref_matches(r.store, (Raw){.func = f}, other));
    rt_type_unref(r.engine->registry, f_type);
    rt_type_unref(r.engine->registry, t);
    rig_release(&r);
}

static void empty_structures(void) {
    Rig r;
    rig_init(&r);
    RtType *t = struct_of(&r, COMP_struct, NULL, 0);
    GcRef ref;
    Raw none;
    EXPECT_EQ(object_new_struct(r.store, t, NULL, &ref), STATUS_ok);
    EXPECT_EQ(object_new_struct(r.store, t, &none, &ref), STATUS_ok);
    rt_type_unref(r.engine->registry, t);
    rig_release(&r);
}

static void arrays_that_cannot_be(void) {
    Rig r;
    EngineConfig config = rig_config();
    config.limits.gc_heap = 1 << 20;
    rig_init_with(&r, &config);
    RtField field = {{.code = VT_v128}, true};
    RtType *t = struct_of(&r, COMP_array, &field, 1);
    GcRef ref;
    EXPECT_EQ(object_new_array(r.store, t, UINT32_MAX, (Raw){0}, &ref),
              STATUS_trap);
    rig_trapped(&r, TRAP_allocation_too_large);
    EXPECT_EQ(object_new_array(r.store, t, 0, (Raw){0}, &ref), STATUS_ok);
    Raw seven = {.u64x2 = {7, 8}};
    EXPECT_EQ(object_new_array(r.store, t, 1000, seven, &ref), STATUS_ok);
    EXPECT_EQ(object_element_get(r.store, ref, 999).u64x2[1], 8);
    rt_type_unref(r.engine->registry, t);
    rig_release(&r);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(memory_is_accounted), UNIT_TEST(deadlines),
        UNIT_TEST(polls_collect), UNIT_TEST(fuel_runs_out),
        UNIT_TEST(value_stacks), UNIT_TEST(room_is_borrowed),
        UNIT_TEST(types_are_held_once), UNIT_TEST(values_die_with_their_object),
        UNIT_TEST(cells_follow_their_object), UNIT_TEST(dropped_cells_go_away),
        UNIT_TEST(cells_on_other_threads), UNIT_TEST(scopes_nest),
        UNIT_TEST(objects_hold_references),
        UNIT_TEST(objects_keep_their_fields), UNIT_TEST(empty_structures),
        UNIT_TEST(arrays_that_cannot_be));
}
