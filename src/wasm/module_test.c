// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Name lookups, and the two small tables that have no test of their own: limits
// and traps.
#include "wasm/module.h"
#include "wasm/trap.h"

#include "unit/unit.h"

static NameAssoc names[] = {
    {2, {"two", 3}},
    {3, {"three", 5}},
    {7, {"seven", 5}},
    {UINT32_MAX, {"last", 4}},
};
static const NameMap map = {{names, COUNTOF(names), COUNTOF(names)}};

static void names_are_found(void) {
    for (size_t i = 0; i < COUNTOF(names); i++)
        EXPECT(str_eq(name_map_get(&map, names[i].index), names[i].name));
    EXPECT_EQ(name_map_get(&map, 0).len, 0);
    EXPECT_EQ(name_map_get(&map, 5).len, 0);
    EXPECT_EQ(name_map_get(&map, UINT32_MAX - 1).len, 0);
    EXPECT_EQ(name_map_get(&(NameMap){0}, 0).len, 0);
}

static void indirect_names_are_found(void) {
    IndirectAssoc items[] = {{1, map}, {4, {{names, 1, 1}}}};
    IndirectNameMap in = {{items, COUNTOF(items), COUNTOF(items)}};
    EXPECT(str_eq_z(name_map_get(name_map_in(&in, 1), 7), "seven"));
    EXPECT(str_eq_z(name_map_get(name_map_in(&in, 4), 2), "two"));
    EXPECT_EQ(name_map_get(name_map_in(&in, 4), 7).len, 0);
    EXPECT_EQ(name_map_in(&in, 2)->items.len, 0);
    EXPECT_EQ(name_map_in(&in, 5)->items.len, 0);
}

static void function_names(void) {
    Module m = {.start = 0};
    EXPECT(module_func_name(&m, 3).data == NULL);
    m.names.of[NAME_func] = map;
    EXPECT(str_eq_z(module_func_name(&m, 3), "three"));
}

static void limits(void) {
    LimitSet set = limits_default();
    EXPECT_EQ(set.locals, 50000);
    for (int id = 0; id < LIMIT_count; id++) {
        EXPECT_EQ(limit_find(str_of(limit_info[id].flag)), id);
        EXPECT_EQ(*limit_at(&set, (LimitId)id), limit_info[id].def);
    }
    EXPECT(limit_at(&set, LIMIT_locals) == &set.locals);
    EXPECT_EQ(limit_find(STR("max-nothing")), LIMIT_count);
    EXPECT(set.types <= VT_INDEX); // a ValType holds every type index
}

static void traps(void) {
    EXPECT_STR(trap_text(TRAP_none), "");
    EXPECT_STR(trap_text(TRAP_div_by_zero), "integer divide by zero");
    for (int t = TRAP_none + 1; t < TRAP_count; t++)
        EXPECT(trap_text((Trap)t)[0] != '\0');
}

static void extern_kinds(void) {
    for (int kind = 0; kind < EXTERN_count; kind++)
        EXPECT(extern_text[kind] != NULL);
    EXPECT_STR(extern_text[EXTERN_tag], "tag");
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(names_are_found),
                    UNIT_TEST(indirect_names_are_found),
                    UNIT_TEST(function_names), UNIT_TEST(limits),
                    UNIT_TEST(traps), UNIT_TEST(extern_kinds));
}
