// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Subtyping on a small module, and against the rules as the specification
// states them, for all pairs of abstract types.
#include "wasm/module.h"

#include "unit/unit.h"

// 0 func        1 struct, open      2 struct, sub 1     3 struct, sub 2
// 4 array       5 = 2, written again  6 func, open      7 func, sub 6
enum {
    FUNC,
    BASE,
    MID,
    LEAF,
    ARRAY,
    MID_AGAIN,
    OPEN_FUNC,
    SUB_FUNC,
    TYPE_LEN
};
static TypeDef defs[TYPE_LEN] = {
    [FUNC] = {COMP_func, .super = TYPE_NONE, .canon = FUNC},
    [BASE] = {COMP_struct, .super = TYPE_NONE, .canon = BASE},
    [MID] = {COMP_struct, .super = BASE, .canon = MID, .depth = 1},
    [LEAF] = {COMP_struct, .super = MID, .canon = LEAF, .depth = 2},
    [ARRAY] = {COMP_array, .super = TYPE_NONE, .canon = ARRAY},
    [MID_AGAIN] = {COMP_struct, .super = BASE, .canon = MID, .depth = 1},
    [OPEN_FUNC] = {COMP_func, .super = TYPE_NONE, .canon = OPEN_FUNC},
    [SUB_FUNC] = {COMP_func, .super = OPEN_FUNC, .canon = SUB_FUNC, .depth = 1},
};
static const Module module = {.types = {defs, TYPE_LEN, TYPE_LEN}};

static ValType ref(uint32_t index) {
    return vt_ref(index, false);
}
static ValType null(uint32_t index) {
    return vt_ref(index, true);
}
static ValType heap(HeapKind kind) {
    return VT_ABSTRACT_REF(kind);
}

static bool matches(ValType sub, ValType super) {
    return type_matches(&module, sub, super);
}

// The rules of core, 3.3.3, one by one.
static bool is_direct_sub(HeapKind sub, HeapKind super) {
    static const HeapKind rules[][2] = {
        {HEAP_eq, HEAP_any},     {HEAP_i31, HEAP_eq},
        {HEAP_struct, HEAP_eq},  {HEAP_array, HEAP_eq},
        {HEAP_none, HEAP_i31},   {HEAP_none, HEAP_struct},
        {HEAP_none, HEAP_array}, {HEAP_nofunc, HEAP_func},
        {HEAP_noexn, HEAP_exn},  {HEAP_noextern, HEAP_extern},
    };
    for (size_t i = 0; i < COUNTOF(rules); i++)
        if (rules[i][0] == sub && rules[i][1] == super) return true;
    return sub == HEAP_bot;
}

static bool is_sub(HeapKind sub, HeapKind super) {
    if (sub == super || is_direct_sub(sub, super)) return true;
    for (int k = 0; k < HEAP_count; k++)
        if (sub != HEAP_bot && is_direct_sub(sub, (HeapKind)k) &&
            is_sub((HeapKind)k, super))
            return true;
    return false;
}

static void abstract_types(void) {
    for (int a = 0; a < HEAP_count; a++)
        for (int b = 0; b < HEAP_count; b++) {
            HeapKind sub = (HeapKind)a, super = (HeapKind)b;
            bool want = is_sub(sub, super);
            if (!EXPECT_EQ(heap_matches(sub, super), want))
                fprintf(stderr, "  %s %s\n", heap_text[a], heap_text[b]);
            EXPECT_EQ(type_matches(NULL, heap(sub), heap(super)), want);
            EXPECT_EQ(matches(heap(sub), heap(super) | VT_NULL), want);
            EXPECT_EQ(matches(heap(sub) | VT_NULL, heap(super) | VT_NULL),
                      want);
            EXPECT(!matches(heap(sub) | VT_NULL, heap(super)));
        }
}

static void numbers(void) {
    for (ValType a = VT_i32; a < VT_num_count; a++) {
        EXPECT(matches(VT_bot, a));
        EXPECT(!matches(a, VT_bot));
        EXPECT(!matches(a, VT_ANYREF));
        EXPECT(!matches(VT_ANYREF, a));
        for (ValType b = VT_i32; b < VT_num_count; b++)
            EXPECT_EQ(matches(a, b), a == b);
    }
    EXPECT(matches(VT_bot, VT_FUNCREF));
    EXPECT(matches(VT_bot, ref(LEAF)));
    EXPECT(!matches(VT_FUNCREF, VT_bot));
}

static void defined_types(void) {
    EXPECT(matches(ref(LEAF), ref(BASE)));
    EXPECT(matches(ref(LEAF), ref(MID)));
    EXPECT(matches(ref(LEAF), ref(MID_AGAIN)));
    EXPECT(matches(ref(MID_AGAIN), ref(MID)));
    EXPECT(matches(ref(SUB_FUNC), null(OPEN_FUNC)));
    EXPECT(!matches(ref(BASE), ref(MID)));
    EXPECT(!matches(ref(MID), ref(LEAF)));
    EXPECT(!matches(ref(ARRAY), ref(BASE)));
    EXPECT(!matches(ref(FUNC), ref(OPEN_FUNC)));
    EXPECT(!matches(null(LEAF), ref(BASE)));
    EXPECT(matches(null(LEAF), null(BASE)));
    EXPECT(type_def_matches(&module, LEAF, BASE));
    EXPECT(!type_def_matches(&module, BASE, LEAF));
}

static void defined_under_abstract(void) {
    static const struct {
        uint32_t index;
        HeapKind own;
    } cases[] = {{FUNC, HEAP_func},
                 {SUB_FUNC, HEAP_func},
                 {BASE, HEAP_struct},
                 {LEAF, HEAP_struct},
                 {ARRAY, HEAP_array}};
    for (size_t i = 0; i < COUNTOF(cases); i++)
        for (int k = 0; k < HEAP_count; k++)
            EXPECT_EQ(matches(ref(cases[i].index), heap((HeapKind)k)),
                      is_sub(cases[i].own, (HeapKind)k));
}

static void bottoms_under_defined(void) {
    for (uint32_t t = 0; t < TYPE_LEN; t++)
        for (int k = 0; k < HEAP_count; k++) {
            HeapKind none = defs[t].kind == COMP_func ? HEAP_nofunc : HEAP_none;
            bool want = k == HEAP_bot || k == (int)none;
            EXPECT_EQ(matches(heap((HeapKind)k), ref(t)), want);
            EXPECT_EQ(matches(heap((HeapKind)k) | VT_NULL, null(t)), want);
            EXPECT(!matches(heap((HeapKind)k) | VT_NULL, ref(t)));
        }
}

static void equality(void) {
    EXPECT(type_equal(&module, ref(MID), ref(MID_AGAIN)));
    EXPECT(!type_equal(&module, ref(MID), null(MID_AGAIN)));
    EXPECT(!type_equal(&module, ref(MID), ref(LEAF)));
    EXPECT(!type_equal(&module, ref(FUNC), heap(HEAP_func)));
    EXPECT(type_equal(&module, VT_i32, VT_i32));
    EXPECT(!type_equal(&module, VT_i32, VT_bot));
}

static void tops(void) {
    EXPECT_EQ(type_top(&module, ref(FUNC)), HEAP_func);
    EXPECT_EQ(type_top(&module, ref(LEAF)), HEAP_any);
    EXPECT_EQ(type_top(&module, null(ARRAY)), HEAP_any);
    for (int k = 0; k < HEAP_count; k++) {
        HeapKind top = type_top(&module, heap((HeapKind)k));
        EXPECT(heap_matches((HeapKind)k, top));
        for (int up = 0; up < HEAP_count; up++) // nothing is above a top
            EXPECT(up == (int)top || !heap_matches(top, (HeapKind)up) ||
                   top == HEAP_bot);
    }
}

static void codes(void) {
    int found = 0;
    for (int code = 0; code < 256; code++) {
        HeapKind kind = heap_of_code((uint8_t)code);
        if (kind == HEAP_count) continue;
        EXPECT_EQ(heap_code[kind], code);
        found++;
    }
    EXPECT_EQ(found, HEAP_bot); // all but the bottom, which has no code
    EXPECT_EQ(heap_of_code(0x70), HEAP_func);
    EXPECT_EQ(heap_of_code(0x6b), HEAP_struct);
}

static void printing(void) {
    static const struct {
        ValType type;
        const char *text;
    } cases[] = {
        {VT_bot, "bot"},
        {VT_i32, "i32"},
        {VT_v128, "v128"},
        {VT_i16, "i16"},
        {VT_FUNCREF, "funcref"},
        {VT_ABSTRACT_REF(HEAP_none) | VT_NULL, "nullref"},
        {VT_ABSTRACT_REF(HEAP_noextern), "(ref noextern)"},
        {VT_REF | 3, "(ref 3)"},
        {VT_REF | VT_NULL | 7, "(ref null 7)"},
        {VT_REF | VT_NULL | VT_INDEX, "(ref null 536870911)"},
        {VT_ABSTRACT_REF(HEAP_bot), "(ref bot)"},
        {99, "?"},
    };
    char text[TYPE_TEXT_MAX];
    for (size_t i = 0; i < COUNTOF(cases); i++)
        EXPECT_STR(type_print(text, cases[i].type), cases[i].text);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(abstract_types), UNIT_TEST(numbers),
                    UNIT_TEST(defined_types), UNIT_TEST(defined_under_abstract),
                    UNIT_TEST(bottoms_under_defined), UNIT_TEST(equality),
                    UNIT_TEST(tops), UNIT_TEST(codes), UNIT_TEST(printing));
}
