// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/rt_test.h"

// Type 0: (struct (field i32) (field anyref)); 1: (array i64); 2: (func); 3:
// (struct). Globals 0: i32 5; 1: anyref, a structure. Function 0.
static Instance *everything(Rig *r) {
    static const FieldType fields[] = {{VT_i32, false}, {VT_ANYREF, false}};
    static const FieldType element = {VT_i64, false};
    RtModule *m = mod_new(r);
    TypeDef def = {.kind = COMP_struct};
    def.structure.fields = fields;
    def.structure.field_len = COUNTOF(fields);
    mod_type(m, def);
    def = (TypeDef){.kind = COMP_array};
    def.structure.fields = &element;
    def.structure.field_len = 1;
    mod_type(m, def);
    mod_func(m, mod_func_type(m, NULL, 0, NULL, 0));
    mod_type(m, (TypeDef){.kind = COMP_struct});
    mod_global(m, (GlobalType){VT_i32, false}, EXPR(I32_CONST(5)));
    mod_global(m, (GlobalType){VT_ANYREF, true},
               EXPR(I32_CONST(6), REF_NULL(0x71), 0xfb, 0, 0)); // struct.new
    return mod_instance(r, mod_done(m));
}

static Raw eval(Rig *r, Instance *inst, Bytes expr) {
    Raw out = {0};
    EXPECT_EQ(const_expr_eval(inst, expr, &out), STATUS_ok);
    EXPECT(!r->store->scopes);
    return out;
}

static void numbers(void) {
    Rig r;
    rig_init(&r);
    Instance *inst = everything(&r);
    const struct {
        Bytes expr;
        uint64_t want;
    } cases[] = {
        {EXPR(I32_CONST(0x7f)), UINT32_MAX}, // upper half is zero
        {EXPR(I64_CONST(0x7f)), UINT64_MAX},
        {EXPR(0x43, 0, 0, 0x80, 0xbf), 0xbf800000},
        {EXPR(0x44, 1, 2, 3, 4, 5, 6, 7, 0xf8), 0xf807060504030201},
        {EXPR(I32_CONST(3), I32_CONST(0x7c), 0x6a), UINT32_MAX},
        {EXPR(I32_CONST(0), I32_CONST(1), 0x6b), UINT32_MAX},
        {EXPR(I32_CONST(0x7f), I32_CONST(0x7f), 0x6c), 1},
        {EXPR(I64_CONST(3), I64_CONST(0x7c), 0x7c), UINT64_MAX},
        {EXPR(I64_CONST(0), I64_CONST(1), 0x7d), UINT64_MAX},
        {EXPR(I64_CONST(0x7f), I64_CONST(2), 0x7e), UINT64_MAX - 1},
        {EXPR(GLOBAL_GET(0), GLOBAL_GET(0), 0x6c), 25},
    };
    for (size_t i = 0; i < COUNTOF(cases); i++)
        EXPECT_EQ(eval(&r, inst, cases[i].expr).u64, cases[i].want);
    Raw v = eval(&r, inst,
                 EXPR(0xfd, 12, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0,
                      0)); // v128.const
    EXPECT(v.u64x2[0] == 1 && v.u64x2[1] == 2);
    rig_release(&r);
}

// The allocations of one expression move what the others made.
static void references(void) {
    Rig r;
    rig_init(&r);
    Instance *inst = everything(&r);
    Raw v = eval(&r, inst, EXPR(REF_FUNC(0)));
    EXPECT(v.func && v.func == instance_func(inst, 0));
    EXPECT_EQ(eval(&r, inst, EXPR(REF_NULL(0x70))).u64, 0);
    v = eval(&r, inst, EXPR(I32_CONST(0x7f), 0xfb, 28)); // ref.i31
    EXPECT(v.u64 == UINT32_MAX && gc_i31_s(v.ref) == -1);
    // struct.new 0 (7, struct.new 0 (8, struct.new_default 3))
    v = eval(
        &r, inst,
        EXPR(I32_CONST(7), I32_CONST(8), 0xfb, 1, 3, 0xfb, 0, 0, 0xfb, 0, 0));
    EXPECT_EQ(object_field_get(r.store, v.ref, 0).u32, 7);
    GcRef inner = object_field_get(r.store, v.ref, 1).ref;
    EXPECT_EQ(object_field_get(r.store, inner, 0).u32, 8);
    inner = object_field_get(r.store, inner, 1).ref;
    EXPECT_EQ(object_type(r.store, inner)->field_len, 0);
    rig_release(&r);
}

static void arrays(void) {
    Rig r;
    rig_init(&r);
    Instance *inst = everything(&r);
    // array.new, array.new_default, array.new_fixed
    Raw v = eval(&r, inst, EXPR(I64_CONST(9), I32_CONST(3), 0xfb, 6, 1));
    EXPECT_EQ(gc_object(r.store->heap, v.ref)->len, 3);
    EXPECT_EQ(object_element_get(r.store, v.ref, 2).u64, 9);
    v = eval(&r, inst, EXPR(I32_CONST(2), 0xfb, 7, 1));
    EXPECT_EQ(object_element_get(r.store, v.ref, 1).u64, 0);
    v = eval(&r, inst,
             EXPR(I64_CONST(1), I64_CONST(2), I64_CONST(3), 0xfb, 8, 1, 3));
    for (uint32_t i = 0; i < 3; i++)
        EXPECT_EQ(object_element_get(r.store, v.ref, i).u64, i + 1);
    v = eval(&r, inst, EXPR(0xfb, 8, 1, 0));
    EXPECT_EQ(gc_object(r.store->heap, v.ref)->len, 0);
    EXPECT_EQ(const_expr_eval(inst, EXPR(I32_CONST(0x7f), 0xfb, 7, 1), &v),
              STATUS_trap);
    rig_trapped(&r, TRAP_allocation_too_large);
    EXPECT(!r.store->scopes);
    rig_release(&r);
}

// extern and any are one form, and a global's reference is a root meanwhile.
static void conversions(void) {
    Rig r;
    rig_init(&r);
    Instance *inst = everything(&r);
    Raw v = eval(&r, inst, EXPR(GLOBAL_GET(1), 0xfb, 27, 0xfb, 26));
    EXPECT_EQ(object_field_get(r.store, v.ref, 0).u32, 6);
    v = eval(&r, inst, EXPR(I32_CONST(1), GLOBAL_GET(1), 0xfb, 0, 0));
    GcRef inner = object_field_get(r.store, v.ref, 1).ref;
    EXPECT_EQ(inner, inst->context.globals[1]->cell.ref);
    EXPECT_EQ(object_field_get(r.store, inner, 0).u32, 6);
    rig_release(&r);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(numbers), UNIT_TEST(references),
                    UNIT_TEST(arrays), UNIT_TEST(conversions));
}
