// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "valid/valid_test.h"

#include "unit/unit.h"

typedef struct Shape {
    CompKind kind;
    bool is_open;
    uint32_t super;
    uint32_t group_start, group_len;
    uint32_t field_len;
    FieldType fields[3];
} Shape;

#define NONE TYPE_NONE

static bool run(Fixture *f, const Shape *shapes, uint32_t len) {
    fixture_init(f);
    for (uint32_t i = 0; i < len; i++) {
        const Shape *s = &shapes[i];
        TypeDef def = {
            .kind = s->kind,
            .is_final = !s->is_open,
            .super = s->super,
            .group_start = s->group_start,
            .group_len = s->group_len,
        };
        def.structure.fields = s->fields;
        def.structure.field_len = s->field_len;
        VEC_PUSH(&f->arena, &f->m.types, def);
    }
    return fixture_valid(f);
}

static uint32_t canon(const Fixture *f, uint32_t type) {
    return f->m.types.data[type].canon;
}

// Equal groups are one, also through names of equal earlier types; the same
// structure at another place in its group is not.
static void equal_groups(void) {
    static const Shape shapes[] = {
        // 0: (struct (ref null 0)); 1: the same again
        {COMP_struct, false, NONE, 0, 1, 1, {{VT_REF | VT_NULL | 0, false}}},
        {COMP_struct, false, NONE, 1, 1, 1, {{VT_REF | VT_NULL | 1, false}}},
        // 2: (struct (ref null 0)), not recursive; 3: through the equal type
        {COMP_struct, false, NONE, 2, 1, 1, {{VT_REF | VT_NULL | 0, false}}},
        {COMP_struct, false, NONE, 3, 1, 1, {{VT_REF | VT_NULL | 1, false}}},
        // 4, 5: two that name each other; 6, 7: again
        {COMP_struct, false, NONE, 4, 2, 1, {{VT_REF | 5, false}}},
        {COMP_struct, false, NONE, 4, 2, 1, {{VT_REF | 4, false}}},
        {COMP_struct, false, NONE, 6, 2, 1, {{VT_REF | 7, false}}},
        {COMP_struct, false, NONE, 6, 2, 1, {{VT_REF | 6, false}}},
        // 8: mutability counts, 9: nullability, 10: finality
        {COMP_struct, false, NONE, 8, 1, 1, {{VT_REF | VT_NULL | 8, true}}},
        {COMP_struct, false, NONE, 9, 1, 1, {{VT_REF | 9, false}}},
        {COMP_struct, true, NONE, 10, 1, 1, {{VT_REF | VT_NULL | 10, false}}},
    };
    static const uint32_t want[] = {0, 0, 2, 2, 4, 5, 4, 5, 8, 9, 10};
    Fixture f;
    EXPECT(run(&f, shapes, COUNTOF(shapes)));
    for (uint32_t i = 0; i < COUNTOF(want); i++)
        EXPECT_EQ(canon(&f, i), want[i]);
    fixture_release(&f);
}

static void subtypes(void) {
    static const struct {
        const char *error; // NULL: valid
        Shape super, sub;
    } cases[] = {
        {NULL,
         {COMP_struct, true, NONE, 0, 1, 1, {{VT_i32, true}}},
         {COMP_struct, true, 0, 1, 1, 2, {{VT_i32, true}, {VT_i8, false}}}},
        {NULL,
         {COMP_struct, true, NONE, 0, 1, 1, {{VT_ANYREF, false}}},
         {COMP_struct, true, 0, 1, 1, 1, {{VT_I31REF, false}}}},
        {"sub type 1 does not match super type 0", // mutable: invariant
         {COMP_struct, true, NONE, 0, 1, 1, {{VT_ANYREF, true}}},
         {COMP_struct, true, 0, 1, 1, 1, {{VT_I31REF, true}}}},
        {"sub type 1 does not match super type 0", // fewer fields
         {COMP_struct, true, NONE, 0, 1, 1, {{VT_i32, true}}},
         {COMP_struct, true, 0, 1, 1, 0, {{0}}}},
        {"sub type 1 does not match super type 0", // final
         {COMP_struct, false, NONE, 0, 1, 0, {{0}}},
         {COMP_struct, false, 0, 1, 1, 0, {{0}}}},
        {"sub type 1 does not match super type 0", // another kind
         {COMP_array, true, NONE, 0, 1, 1, {{VT_i32, true}}},
         {COMP_struct, false, 0, 1, 1, 1, {{VT_i32, true}}}},
        {"unknown type 1", // not before it
         {COMP_struct, true, NONE, 0, 1, 0, {{0}}},
         {COMP_struct, true, 1, 1, 1, 0, {{0}}}},
        {"unknown type 2",
         {COMP_struct, true, NONE, 0, 1, 0, {{0}}},
         {COMP_struct, true, 0, 1, 1, 1, {{VT_REF | 2, false}}}},
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Shape pair[] = {cases[i].super, cases[i].sub};
        Fixture f;
        bool ok = run(&f, pair, 2);
        EXPECT_EQ(ok, cases[i].error == NULL);
        if (cases[i].error) EXPECT_STR(f.err.text, cases[i].error);
        fixture_release(&f);
    }
}

static void chain_limit(void) {
    enum {
        LEN = 65
    };
    static Shape shapes[LEN];
    for (uint32_t i = 0; i < LEN; i++)
        shapes[i] = (Shape){.kind = COMP_struct,
                            .is_open = true,
                            .super = i ? i - 1 : NONE,
                            .group_start = i,
                            .group_len = 1};
    Fixture f;
    EXPECT(run(&f, shapes, LEN - 1));
    EXPECT_EQ(f.m.types.data[LEN - 2].depth, 63);
    fixture_release(&f);
    EXPECT(!run(&f, shapes, LEN));
    EXPECT_EQ(f.err.kind, ERR_limit);
    fixture_release(&f);
}

// Many equal groups: one comparison each, whatever their number.
static void many_groups(void) {
    enum {
        LEN = 200000
    };
    static const FieldType field = {VT_i32, false};
    Fixture f;
    fixture_init(&f);
    for (uint32_t i = 0; i < LEN; i++) {
        TypeDef def = {.kind = COMP_struct,
                       .super = NONE,
                       .group_start = i,
                       .group_len = 1};
        def.structure.fields = &field;
        def.structure.field_len = i % 2;
        VEC_PUSH(&f.arena, &f.m.types, def);
    }
    EXPECT(fixture_valid(&f));
    EXPECT_EQ(canon(&f, LEN - 1), 1);
    EXPECT_EQ(canon(&f, LEN - 2), 0);
    fixture_release(&f);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(equal_groups), UNIT_TEST(subtypes),
                    UNIT_TEST(chain_limit), UNIT_TEST(many_groups));
}
