// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/instance.h"

#include "base/hash.h"
#include "rt/rt_test.h"

static Status instantiate(Rig *r, RtModule *m, Instance **out) {
    Status status = instance_new(r->store, m, NULL, 0, out, &r->err);
    EXPECT((status == STATUS_ok) == (*out != NULL));
    rt_module_unref(m);
    return status;
}

static Bytes letters(void) {
    return (Bytes){.data = (const uint8_t *)"abc", .size = 3};
}

static void segments_are_written(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    mod_memory(m, rig_memory_type(1, 1));
    mod_data(m, EXPR(I32_CONST(5)), letters());
    Instance *inst = mod_instance(&r, mod_done(m));
    EXPECT(!memcmp(inst->context.memory0_base + 5, "abc", 4));
    EXPECT_EQ(inst->context.memory0_size, 1 << PAGE_LOG2);
    EXPECT_EQ(inst->datas[0].size, 0); // dropped
    EXPECT_EQ(instance_memory_init(inst, 0, 0, 0, 0, 1), TRAP_memory_bounds);
    EXPECT_EQ(instance_memory_init(inst, 0, 0, 0, 1, 0), TRAP_memory_bounds);
    EXPECT_EQ(instance_memory_init(inst, 0, 0, 1 << 16, 0, 0), TRAP_none);
    EXPECT_EQ(instance_memory_init(inst, 0, 0, 65537, 0, 0),
              TRAP_memory_bounds);
    rig_release(&r);
}

// Segments before the one that traps were written, for others to see.
static void traps_in_the_middle(void) {
    Rig r;
    rig_init(&r);
    MemoryType type = rig_memory_type(1, 1);
    Memory *memory = memory_new(r.store, &type, &r.err);
    RtModule *m = mod_new(&r);
    mod_import(m, "m", "m", EXTERN_memory);
    mod_memory(m, type);
    mod_data(m, EXPR(I32_CONST(5)), letters());
    mod_data(m, EXPR(I32_CONST(0x7f)), letters()); // at -1
    mod_data(m, EXPR(I32_CONST(9)), letters());
    mod_done(m);
    Extern import = {.kind = EXTERN_memory, .memory = memory};
    Instance *inst;
    EXPECT_EQ(instance_new(r.store, m, &import, 1, &inst, &r.err), STATUS_trap);
    EXPECT(!inst && err_ok(&r.err));
    rig_trapped(&r, TRAP_memory_bounds);
    EXPECT(!memcmp(memory->base + 5, "abc\0\0", 5));
    rt_module_unref(m);
    rig_release(&r);
}

static void start_runs_last(void) {
    Rig r;
    rig_init(&r);
    for (int traps = 0; traps < 2; traps++) {
        RtModule *m = mod_new(&r);
        mod_func(m, mod_func_type(m, NULL, 0, NULL, 0));
        m->module.has_start = true;
        mod_memory(m, rig_memory_type(1, 1));
        mod_data(m, EXPR(I32_CONST(0)), letters());
        if (traps) mod_data(m, EXPR(I32_CONST(0x7f)), letters());
        Instance *inst;
        Status status = instantiate(&r, mod_done(m), &inst);
        EXPECT_EQ(status, traps ? STATUS_trap : STATUS_ok);
        EXPECT_EQ(rig_calls, 1);
        trap_clear(&r.store->trap);
    }
    rig_release(&r);
}

static Status always_traps(Store *s, Func *f, Raw *values) {
    (void)f, (void)values;
    return store_trap(s, TRAP_unreachable);
}

static void start_may_trap(void) {
    Rig r;
    rig_init(&r);
    rig_body = always_traps;
    RtModule *m = mod_new(&r);
    mod_func(m, mod_func_type(m, NULL, 0, NULL, 0));
    m->module.has_start = true;
    Instance *inst;
    EXPECT_EQ(instantiate(&r, mod_done(m), &inst), STATUS_trap);
    rig_trapped(&r, TRAP_unreachable);
    EXPECT_EQ(r.store->instances.len, 1); // it may live on in foreign tables
    rig_release(&r);
}

// --- imports ---------------------------------------------------------------------

static void wrong_imports_change_nothing(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    mod_import(m, "m", "m", EXTERN_memory);
    mod_memory(m, rig_memory_type(1, 2));
    mod_memory(m, rig_memory_type(1, 1));
    mod_done(m);
    static const struct {
        MemoryType type;
        bool fits;
    } cases[] = {
        {{.limits = {1, 2, true, false, false}, .page_log2 = 16}, true},
        {{.limits = {1, 1, true, false, false}, .page_log2 = 16}, true},
        {{.limits = {2, 2, true, false, false}, .page_log2 = 16}, true},
        {{.limits = {0, 2, true, false, false}, .page_log2 = 16}, false},
        {{.limits = {1, 3, true, false, false}, .page_log2 = 16}, false},
        {{.limits = {1, 0, false, false, false}, .page_log2 = 16}, false},
        {{.limits = {1, 2, true, true, false}, .page_log2 = 16}, false},
        {{.limits = {1, 2, true, false, false}, .page_log2 = 0}, false},
    };
    uint32_t made = 0;
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Extern e = {.kind = EXTERN_memory,
                    .memory = memory_new(r.store, &cases[i].type, &r.err)};
        made++;
        Instance *inst;
        Status status = instance_new(r.store, m, &e, 1, &inst, &r.err);
        EXPECT_EQ(status == STATUS_ok, cases[i].fits);
        if (status == STATUS_ok)
            made++; // the one it defines
        else
            rig_failed(&r, E_import_type);
        EXPECT_EQ(r.store->memories.len, made);
    }
    Instance *inst;
    EXPECT_EQ(instance_new(r.store, m, NULL, 0, &inst, &r.err), STATUS_trap);
    rig_failed(&r, E_import_count);
    rt_module_unref(m);
    rig_release(&r);
}

static void kinds_are_compared(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    mod_import(m, "m", "x", EXTERN_global);
    mod_global(m, (GlobalType){VT_i32, true}, (Bytes){0});
    mod_done(m);
    MemoryType type = rig_memory_type(1, 2);
    Extern e = {.kind = EXTERN_memory,
                .memory = memory_new(r.store, &type, &r.err)};
    EXPECT(!import_matches(m, 0, &e, &r.err));
    rig_failed(&r, E_import_kind);
    static const RtValType narrow = {.code = VT_i32}, wide = {.code = VT_i64};
    e.kind = EXTERN_global;
    e.global = global_new(r.store, narrow, false, (Raw){0});
    EXPECT(!import_matches(m, 0, &e, &r.err));
    rig_failed(&r, E_import_type);
    e.global = global_new(r.store, wide, true, (Raw){0});
    EXPECT(!import_matches(m, 0, &e, &r.err));
    rig_failed(&r, E_import_type);
    e.global = global_new(r.store, narrow, true, (Raw){0});
    EXPECT(import_matches(m, 0, &e, &r.err));
    rt_module_unref(m);
    rig_release(&r);
}

// Mutable ones are the same type both ways, constants may be more special.
static void global_references_match(void) {
    Rig r;
    rig_init(&r);
    static const struct {
        ValType want, have;
        bool is_mutable, fits;
    } cases[] = {
        {VT_ANYREF, VT_I31REF, false, true},
        {VT_ANYREF, VT_I31REF, true, false},
        {VT_I31REF, VT_ANYREF, false, false},
        {VT_ANYREF, VT_I31REF & ~VT_NULL, false, true},
        {VT_I31REF & ~VT_NULL, VT_I31REF, false, false},
        {VT_ANYREF, VT_EXTERNREF, false, false},
        {VT_FUNCREF, VT_ABSTRACT_REF(HEAP_nofunc) | VT_NULL, false, true},
        {VT_ANYREF, VT_ANYREF, true, true},
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        RtModule *m = mod_new(&r);
        mod_import(m, "m", "x", EXTERN_global);
        mod_global(m, (GlobalType){cases[i].want, cases[i].is_mutable},
                   (Bytes){0});
        mod_done(m);
        RtValType have = {.code = cases[i].have};
        Extern e = {.kind = EXTERN_global};
        e.global = global_new(r.store, have, cases[i].is_mutable, (Raw){0});
        EXPECT_EQ(import_matches(m, 0, &e, &r.err), cases[i].fits);
        err_clear(&r.err);
        rt_module_unref(m);
    }
    rig_release(&r);
}

// --- limits ----------------------------------------------------------------------

static void over_limits_is_an_error(void) {
    Rig r;
    rig_init(&r);
    r.store->limits.memory_size = 1 << PAGE_LOG2;
    RtModule *m = mod_new(&r);
    mod_memory(m, rig_memory_type(1, 1));
    mod_memory(m, rig_memory_type(2, 2));
    Instance *inst;
    EXPECT_EQ(instantiate(&r, mod_done(m), &inst), STATUS_trap);
    rig_failed(&r, E_over_limit);
    r.store->limits.table_elements = 1;
    m = mod_new(&r);
    mod_table(m, 2, VT_FUNCREF);
    EXPECT_EQ(instantiate(&r, mod_done(m), &inst), STATUS_trap);
    rig_failed(&r, E_over_limit);
    EXPECT_EQ(r.store->trap.code, TRAP_none);
    rig_release(&r);
}

static void many_instances(void) {
    Rig r;
    rig_init(&r);
    r.store->limits.instances = 3000;
    RtModule *m = mod_new(&r);
    mod_func(m, mod_func_type(m, NULL, 0, NULL, 0));
    mod_memory(m, (MemoryType){.limits = {1, 100, true, false, false}});
    mod_table(m, 1, VT_FUNCREF);
    mod_global(m, (GlobalType){VT_i32, true}, EXPR(I32_CONST(3)));
    mod_done(m);
    Instance *inst;
    for (uint32_t i = 0; i < 3000; i++) {
        if (!EXPECT_EQ(instance_new(r.store, m, NULL, 0, &inst, &r.err),
                       STATUS_ok))
            break;
        EXPECT_EQ(inst->context.globals[0]->cell.u32, 3);
    }
    EXPECT_EQ(instance_new(r.store, m, NULL, 0, &inst, &r.err), STATUS_trap);
    rig_failed(&r, E_over_limit);
    rt_module_unref(m);
    rig_release(&r);
}

static void exports_are_found(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    mod_func(m, mod_func_type(m, NULL, 0, NULL, 0));
    VEC_PUSH(&m->arena, &m->module.tags, ((TagDecl){.type = 0}));
    mod_export(m, "f", EXTERN_func, 0);
    mod_export(m, "", EXTERN_tag, 0);
    Instance *inst = mod_instance(&r, mod_done(m));
    Extern e;
    EXPECT(instance_export(inst, STR("f"), &e, &r.err));
    EXPECT(e.kind == EXTERN_func && e.func->instance == inst);
    EXPECT(instance_export(inst, STR(""), &e, &r.err) && e.tag);
    EXPECT(!instance_export(inst, STR("g"), &e, &r.err));
    rig_failed(&r, E_unknown_export);
    rig_release(&r);
}

// How many names are compared to find all of them, each by a look at the map
// as rt_module_export takes.
typedef struct Compared {
    const Module *module;
    uint64_t count;
} Compared;

static bool is_name(const void *env, uint32_t index, const void *name,
                    size_t size) {
    Compared *c;
    memcpy(&c, env, sizeof c);
    c->count++;
    return str_eq(c->module->exports.data[index].name,
                  (Str){name, (uint32_t)size});
}

static void many_exports_are_found_at_once(void) {
    enum {
        COUNT = 100000
    };
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    mod_memory(m, rig_memory_type(0, 1));
    mod_memory(m, rig_memory_type(0, 1));
    for (uint32_t i = 0; i < COUNT; i++) {
        char name[16];
        int len = snprintf(name, sizeof name, "name-%u", i);
        mod_export(m, arena_strdup(&m->arena, name, (size_t)len), EXTERN_memory,
                   i % 2);
    }
    Instance *inst = mod_instance(&r, mod_done(m));
    Compared compared = {.module = &m->module}, *env = &compared;
    for (uint32_t i = 0; i < COUNT; i++) {
        Extern e;
        Str name = m->module.exports.data[i].name;
        EXPECT(instance_export(inst, name, &e, &r.err));
        EXPECT(e.memory == inst->context.memories[i % 2]);
        EXPECT_EQ(map_find(&m->exports, hash_bytes(name.data, name.len),
                           is_name, &env, name.data, name.len),
                  i);
    }
    EXPECT(compared.count < COUNT + COUNT / 100);
    rig_release(&r);
}

// Each step that can fail with an error does, and the store is as it was: so is
// a memory that was imported.
static void an_error_leaves_nothing(void) {
    static const struct {
        uint64_t memory_min, table_min;
        bool has_import;
        ErrId id;
    } cases[] = {
        {1 << 17, 0, false, E_over_limit},
        {1, UINT64_C(1) << 40, false, E_over_limit},
        {1, UINT64_C(1) << 40, true, E_over_limit},
        {1 << 17, 1, true, E_over_limit},
    };
    Rig r;
    rig_init(&r);
    MemoryType type = rig_memory_type(1, 1);
    Memory *memory = memory_new(r.store, &type, &r.err);
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Store *s = r.store;
        RtModule *m = mod_new(&r);
        Extern import = {.kind = EXTERN_memory, .memory = memory};
        if (cases[i].has_import) {
            mod_import(m, "m", "m", EXTERN_memory);
            mod_memory(m, type);
        }
        mod_memory(m, rig_memory_type(1, 1));
        mod_memory(m, rig_memory_type(cases[i].memory_min, UINT64_MAX));
        mod_func_type(m, NULL, 0, NULL, 0);
        VEC_PUSH(&m->arena, &m->module.tags, ((TagDecl){.type = 0}));
        mod_table(m, 1, VT_FUNCREF);
        mod_table(m, cases[i].table_min, VT_FUNCREF);
        mod_done(m);
        uint64_t bytes = s->host_bytes;
        for (int again = 0; again < 3; again++) {
            Instance *inst;
            EXPECT_EQ(
                instance_new(s, m, &import, cases[i].has_import, &inst, &r.err),
                STATUS_trap);
            rig_failed(&r, cases[i].id);
            EXPECT(!inst && s->instances.len == 0 && s->tables.len == 0);
            EXPECT(s->memories.len == 1 && s->tags.len == 0);
            EXPECT(!memory->users && s->host_bytes == bytes);
        }
        rt_module_unref(m);
    }
    rig_release(&r);
}

// A table's initial value is there although the table was made before it.
static void tables_are_filled(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    mod_func(m, mod_func_type(m, NULL, 0, NULL, 0));
    mod_table(m, 3, VT_FUNCREF);
    m->module.tables.data[0].init = mod_bytes(m, EXPR(REF_FUNC(0)));
    Instance *inst = mod_instance(&r, mod_done(m));
    for (uint64_t i = 0; i < 3; i++) {
        Raw value;
        EXPECT(table_get(inst->context.tables[0], i, &value));
        EXPECT(value.func == instance_func(inst, 0));
    }
    rig_release(&r);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(segments_are_written), UNIT_TEST(traps_in_the_middle),
        UNIT_TEST(start_runs_last), UNIT_TEST(start_may_trap),
        UNIT_TEST(wrong_imports_change_nothing), UNIT_TEST(kinds_are_compared),
        UNIT_TEST(global_references_match), UNIT_TEST(over_limits_is_an_error),
        UNIT_TEST(many_instances), UNIT_TEST(exports_are_found),
        UNIT_TEST(many_exports_are_found_at_once),
        UNIT_TEST(an_error_leaves_nothing), UNIT_TEST(tables_are_filled));
}
