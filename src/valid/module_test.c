// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "valid/valid_test.h"

#include "unit/unit.h"

static void expect_error(Fixture *f, const char *text) {
    EXPECT(!fixture_valid(f));
    EXPECT_STR(f->err.text, text);
    EXPECT(f->err.kind == ERR_invalid || f->err.kind == ERR_disabled);
    fixture_release(f);
}

static void memories(void) {
    static const struct {
        const char *error; // NULL: valid
        MemoryType type;
    } cases[] = {
        {NULL, {{.min = 65536}, .page_log2 = 16}},
        {"memory size must be at most 65536 pages (4GiB)",
         {{.min = 65537}, .page_log2 = 16}},
        {"memory size must be at most 65536 pages (4GiB)",
         {{.min = 0, .max = 65537, .has_max = true}, .page_log2 = 16}},
        {"size minimum must not be greater than maximum",
         {{.min = 2, .max = 1, .has_max = true}, .page_log2 = 16}},
        {NULL, {{.min = 1ull << 48, .is_64 = true}, .page_log2 = 16}},
        {"memory size must be at most 281474976710656 pages (16EiB)",
         {{.min = (1ull << 48) + 1, .is_64 = true}, .page_log2 = 16}},
        {NULL, {{.min = UINT32_MAX}, .page_log2 = 0}},
        {"memory size must be at most 4294967295 pages (4GiB - 1)",
         {{.min = 1ull << 32}, .page_log2 = 0}},
        {NULL, {{.min = UINT64_MAX, .is_64 = true}, .page_log2 = 0}},
        {"invalid custom page size: 2 to the power of 12",
         {{.min = 0}, .page_log2 = 12}},
        {"shared memory must have maximum",
         {{.min = 0, .is_shared = true}, .page_log2 = 16}},
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Fixture f;
        fixture_init(&f);
        VEC_PUSH(&f.arena, &f.m.memories, ((MemoryDecl){cases[i].type, 0}));
        if (cases[i].error) {
            expect_error(&f, cases[i].error);
        } else {
            EXPECT(fixture_valid(&f));
            fixture_release(&f);
        }
    }
}

// Before their features there was one of each at most:
// E_multiple_memories, E_multiple_tables.
static void several(void) {
    Fixture f;
    fixture_init(&f);
    f.m.features = features_with(f.m.features, FEATURE_multi_memory, false);
    fixture_memory(&f, false);
    fixture_memory(&f, false);
    expect_error(&f, "multiple memories need the multi-memory feature, which "
                     "is off");
    fixture_init(&f);
    f.m.features = features_with(f.m.features, FEATURE_reference_types, false);
    TableDecl table = {.type = {.elem = VT_FUNCREF}};
    VEC_PUSH(&f.arena, &f.m.tables, table);
    VEC_PUSH(&f.arena, &f.m.tables, table);
    expect_error(&f, "multiple tables need the reference-types feature, which "
                     "is off");
}

static void table_types(void) {
    Fixture f;
    fixture_init(&f);
    TableDecl big = {
        .type = {.limits = {.min = 1ull << 32}, .elem = VT_FUNCREF}};
    VEC_PUSH(&f.arena, &f.m.tables, big);
    expect_error(&f, "table size must be at most 4294967295 elements");
    fixture_init(&f);
    TableDecl strict = {.type = {.elem = VT_FUNCREF & ~VT_NULL}};
    VEC_PUSH(&f.arena, &f.m.tables, strict);
    expect_error(&f, "type mismatch: table: its element type has no default "
                     "value");
}

static void exports(void) {
    Fixture f;
    fixture_init(&f);
    fixture_memory(&f, false);
    Export e = {.name = STR("m"), .kind = EXTERN_memory};
    VEC_PUSH(&f.arena, &f.m.exports, e);
    VEC_PUSH(&f.arena, &f.m.exports, e);
    expect_error(&f, "duplicate export name \"m\"");
    fixture_init(&f);
    VEC_PUSH(&f.arena, &f.m.exports, e);
    expect_error(&f, "unknown memory 0");
}

static void start_and_tags(void) {
    static const uint8_t body[] = {0, 0x0b};
    Fixture f;
    fixture_init(&f);
    fixture_func(&f, fixture_type(&f, "i", ""), body, sizeof body);
    f.m.has_start = true;
    expect_error(&f, "start function 0 must have no parameters and no results");
    fixture_init(&f);
    f.m.has_start = true;
    f.m.start = 7;
    expect_error(&f, "unknown function 7");
    fixture_init(&f);
    VEC_PUSH(&f.arena, &f.m.tags,
             ((TagDecl){.type = fixture_type(&f, "", "i")}));
    expect_error(&f, "non-empty tag result type");
}

// One immutable and one mutable global, then one with the given initial value.
static void constants(void) {
    static const struct {
        const char *error; // NULL: valid
        uint8_t size;
        uint8_t expr[8];
    } cases[] = {
        {NULL, 3, {0x41, 7, 0x0b}},
        {NULL, 6, {0x23, 0, 0x41, 1, 0x6a, 0x0b}},
        {"constant expression required", 3, {0x23, 1, 0x0b}},
        {"constant expression required", 4, {0x41, 7, 0x45, 0x0b}},
        {"unknown global 2", 3, {0x23, 2, 0x0b}},
        {"type mismatch: instruction requires [i32] but stack has [i64] (end)",
         3,
         {0x42, 7, 0x0b}},
        {"type mismatch: block requires [i32] but stack has [i32 i32] (end)",
         5,
         {0x41, 7, 0x41, 7, 0x0b}},
    };
    static const uint8_t zero[] = {0x41, 0, 0x0b};
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Fixture f;
        fixture_init(&f);
        GlobalDecl g = {.type = {VT_i32, false},
                        .init = {.data = zero, .size = sizeof zero}};
        VEC_PUSH(&f.arena, &f.m.globals, g);
        g.type.is_mutable = true;
        VEC_PUSH(&f.arena, &f.m.globals, g);
        g.init = (Bytes){.data = cases[i].expr, .size = cases[i].size};
        VEC_PUSH(&f.arena, &f.m.globals, g);
        if (cases[i].error) {
            expect_error(&f, cases[i].error);
        } else {
            EXPECT(fixture_valid(&f));
            fixture_release(&f);
        }
    }
}

// A function that an export or a segment names may be in ref.func.
static void declared_functions(void) {
    static const uint8_t body[] = {0, 0xd2, 0, 0x1a, 0x0b};
    Fixture f;
    fixture_init(&f);
    fixture_func(&f, fixture_type(&f, "", ""), body, sizeof body);
    Export e = {.name = STR("f"), .kind = EXTERN_func};
    VEC_PUSH(&f.arena, &f.m.exports, e);
    EXPECT(fixture_valid(&f));
    fixture_release(&f);
    fixture_init(&f);
    fixture_func(&f, fixture_type(&f, "", ""), body, sizeof body);
    static const uint32_t funcs[] = {0};
    ElemDecl elem = {.mode = SEGMENT_declarative,
                     .type = VT_FUNCREF,
                     .len = 1,
                     .funcs = funcs};
    VEC_PUSH(&f.arena, &f.m.elems, elem);
    EXPECT(fixture_valid(&f));
    fixture_release(&f);
}

// Limits hold for modules that no decoder has seen, too.
static void limits(void) {
    Fixture f;
    fixture_init(&f);
    f.limits.params = 2;
    fixture_type(&f, "iii", "");
    EXPECT(!fixture_valid(&f));
    EXPECT_STR(f.err.text, "parameters of a function type is over the limit: "
                           "3, at most 2");
    EXPECT_EQ(f.err.kind, ERR_limit);
    fixture_release(&f);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(memories), UNIT_TEST(several),
                    UNIT_TEST(table_types), UNIT_TEST(exports),
                    UNIT_TEST(start_and_tags), UNIT_TEST(constants),
                    UNIT_TEST(declared_functions), UNIT_TEST(limits));
}
