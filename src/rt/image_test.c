// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/image.h"

#include "rt/rt_test.h"

// --- element segments --------------------------------------------------------------

typedef struct Segment {
    SegmentMode mode;
    uint32_t table;
    uint8_t at;
    bool from_global; // the offset is an imported global's value
    uint32_t len;
    bool has_exprs;
} Segment;

static void add_segment(RtModule *m, const Segment *s) {
    static const uint32_t funcs[] = {1, 0, 1, 0};
    Bytes *exprs = NEW_N(&m->arena, Bytes, 2);
    exprs[0] = mod_bytes(m, EXPR(REF_FUNC(1)));
    exprs[1] = mod_bytes(m, EXPR(REF_NULL(0x70)));
    Bytes here = EXPR(I32_CONST(s->at)), there = EXPR(GLOBAL_GET(0));
    ElemDecl decl = {
        .mode = s->mode,
        .type = VT_FUNCREF,
        .table = s->table,
        .offset = mod_bytes(m, s->from_global ? there : here),
        .len = s->len,
        .has_exprs = s->has_exprs,
        .funcs = s->has_exprs ? NULL : funcs,
        .exprs = s->has_exprs ? exprs : NULL,
    };
    VEC_PUSH(&m->arena, &m->module.elems, decl);
}

// Two functions; an imported table of 4 if wanted, then two of 4; an imported
// global if wanted.
static RtModule *module_with(Rig *r, bool has_import, const Segment *segments,
                             size_t len) {
    RtModule *m = mod_new(r);
    uint32_t type = mod_func_type(m, NULL, 0, NULL, 0);
    mod_func(m, type);
    mod_func(m, type);
    if (has_import) {
        mod_import(m, "m", "t", EXTERN_table);
        mod_table(m, 4, VT_FUNCREF);
        mod_import(m, "m", "g", EXTERN_global);
        VEC_PUSH(&m->arena, &m->module.globals,
                 ((GlobalDecl){.type = {.type = VT_i32}}));
    }
    mod_table(m, 4, VT_FUNCREF);
    mod_table(m, 4, VT_FUNCREF);
    for (size_t i = 0; i < len; i++)
        add_segment(m, &segments[i]);
    return mod_done(m);
}

// What a table's cells are: a digit for a function, - for null.
static bool cells_are(const Table *t, const char *want) {
    char have[16] = {0};
    for (uint64_t i = 0; i < t->size; i++) {
        FuncCell c = t->funcs[i];
        const Func *f = (const Func *)(const void *)c;
        uint32_t index = func_cell_is_lazy(c) ? func_cell_index(c)
                         : c                  ? f->index
                                              : 0;
        have[i] = c ? (char)('0' + index) : '-';
    }
    return EXPECT_STR(have, want);
}

// LONG: a table of cases.
static void segments_are_prepared(void) {
    static const struct {
        const char *name;
        Segment segments[3];
        size_t len;
        bool has_import;
        bool is_known;
        Trap trap;
        const char *first, *second; // of the tables that the module defines
    } cases[] = {
        {"none", {{0}}, 0, false, true, TRAP_none, "----", "----"},
        {"one",
         {{.at = 1, .len = 2}},
         1,
         false,
         true,
         TRAP_none,
         "-10-",
         "----"},
        {"up to the end",
         {{.at = 2, .len = 2}},
         1,
         false,
         true,
         TRAP_none,
         "--10",
         "----"},
        {"empty at the end",
         {{.at = 4, .len = 0}},
         1,
         false,
         true,
         TRAP_none,
         "----",
         "----"},
        {"empty behind it",
         {{.at = 5, .len = 0}},
         1,
         false,
         false,
         TRAP_table_bounds,
         "----",
         "----"},
        {"past the end",
         {{.at = 3, .len = 2}},
         1,
         false,
         false,
         TRAP_table_bounds,
         "----",
         "----"},
        {"in order",
         {{.at = 0, .len = 3}, {.at = 1, .len = 2}},
         2,
         false,
         true,
         TRAP_none,
         "110-",
         "----"},
        {"a null over a function",
         {{.at = 0, .len = 3}, {.at = 0, .len = 2, .has_exprs = true}},
         2,
         false,
         true,
         TRAP_none,
         "1-1-",
         "----"},
        {"another table",
         {{.table = 1, .at = 0, .len = 4}},
         1,
         false,
         true,
         TRAP_none,
         "----",
         "1010"},
        {"passive and declarative",
         {{.mode = SEGMENT_passive, .len = 2},
          {.mode = SEGMENT_declarative, .len = 2},
          {.at = 3, .len = 1}},
         3,
         false,
         true,
         TRAP_none,
         "---1",
         "----"},
        {"the last one traps",
         {{.at = 1, .len = 2}, {.at = 4, .len = 1}},
         2,
         false,
         false,
         TRAP_table_bounds,
         "-10-",
         "----"},
        {"not to an import",
         {{.table = 1, .at = 1, .len = 1}},
         1,
         true,
         true,
         TRAP_none,
         "-1--",
         "----"},
        {"to an import",
         {{.at = 1, .len = 1}, {.table = 2, .len = 1}},
         2,
         true,
         false,
         TRAP_none,
         "----",
         "1---"},
        {"at an import",
         {{.table = 1, .from_global = true, .len = 1}},
         1,
         true,
         false,
         TRAP_none,
         "--1-",
         "----"},
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Rig r;
        rig_init(&r);
        RtModule *m = module_with(&r, cases[i].has_import, cases[i].segments,
                                  cases[i].len);
        RtValType funcref = {.code = VT_FUNCREF}, number = {.code = VT_i32};
        Limits limits = {.min = 4};
        Extern imports[2] = {{.kind = EXTERN_table}, {.kind = EXTERN_global}};
        imports[0].table =
            table_new(r.store, &limits, funcref, (Raw){0}, &r.err);
        imports[1].global = global_new(r.store, number, false, (Raw){.u64 = 2});
        uint32_t len = cases[i].has_import ? 2 : 0;
        Instance *inst;
        Status status = instance_new(r.store, m, imports, len, &inst, &r.err);
        bool ok = EXPECT_EQ(m->image->is_known, cases[i].is_known) &&
                  EXPECT_EQ(r.store->trap.code, cases[i].trap) &&
                  EXPECT_EQ(status, cases[i].trap ? STATUS_trap : STATUS_ok) &&
                  cells_are(r.store->tables.data[1], cases[i].first) &&
                  cells_are(r.store->tables.data[2], cases[i].second);
        if (!ok) fprintf(stderr, "in case '%s'\n", cases[i].name);
        trap_clear(&r.store->trap);
        rt_module_unref(m);
        rig_release(&r);
    }
}

// One cell at the end of a large table is not worth a copy of all of it.
static void sparse_tables_are_not_prepared(void) {
    static const uint32_t funcs[] = {0};
    Rig r;
    rig_init(&r);
    RtModule *m = mod_new(&r);
    mod_func(m, mod_func_type(m, NULL, 0, NULL, 0));
    mod_table(m, 1000000, VT_FUNCREF);
    ElemDecl decl = {
        .mode = SEGMENT_active,
        .type = VT_FUNCREF,
        .offset = mod_bytes(m, EXPR(0x41, 0xbf, 0x84, 0x3d)), // 999,999
        .len = 1,
        .funcs = funcs,
    };
    VEC_PUSH(&m->arena, &m->module.elems, decl);
    mod_done(m);
    EXPECT(!m->image->is_known);
    Instance *inst = mod_instance(&r, m);
    EXPECT(func_cell_is_lazy(inst->context.tables[0]->funcs[999999]));
    rig_release(&r);
}

// Instances that drop segments do so for themselves.
static void dropping_is_of_one_instance(void) {
    static const Segment passive = {.mode = SEGMENT_passive, .len = 2};
    Rig r;
    rig_init(&r);
    RtModule *m = module_with(&r, false, &passive, 1);
    rt_module_ref(m);
    Instance *a = mod_instance(&r, m), *b = mod_instance(&r, m);
    instance_elem_drop(a, 0);
    EXPECT_EQ(instance_table_init(a, 0, 0, 0, 0, 1), TRAP_table_bounds);
    EXPECT_EQ(instance_table_init(b, 0, 0, 0, 0, 1), TRAP_none);
    rig_release(&r);
}

// --- globals -----------------------------------------------------------------------

static void globals_are_known(void) {
    static const struct {
        const char *name;
        uint8_t init[8];
        bool is_known;
        uint64_t value;
    } cases[] = {
        {"i32", {0x41, 0x7f, 0x0b}, true, 0xffffffff},
        {"i64", {0x42, 0x7f, 0x0b}, true, UINT64_MAX},
        {"null", {0xd0, 0x70, 0x0b}, true, 0},
        {"sum", {0x41, 1, 0x41, 2, 0x6a, 0x0b}, false, 0},
        {"function", {0xd2, 0, 0x0b}, false, 0},
        {"another", {0x23, 0, 0x0b}, false, 0},
    };
    Module m = {.features = FEATURES_ALL};
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Raw value;
        Bytes init = {cases[i].init, sizeof cases[i].init, 0};
        bool ok =
            EXPECT_EQ(const_expr_known(&m, init, &value), cases[i].is_known) &&
            EXPECT_EQ(value.u64, cases[i].value);
        if (!ok) fprintf(stderr, "in case '%s'\n", cases[i].name);
    }
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(segments_are_prepared),
                    UNIT_TEST(sparse_tables_are_not_prepared),
                    UNIT_TEST(dropping_is_of_one_instance),
                    UNIT_TEST(globals_are_known));
}
