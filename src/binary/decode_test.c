// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "binary/binary.h"

#include "binary/binary_test.h"
#include "unit/unit.h"

#include <string.h>

// --- what is read ------------------------------------------------------------

static void header_alone_is_a_module(void) {
    Fixture f;
    fixture_init(&f);
    EXPECT(module_is_binary(f.w.data, f.w.len));
    EXPECT(!module_is_binary(f.w.data, 3));
    EXPECT(!module_is_binary((const uint8_t *)"(module)", 8));
    EXPECT(decode(&f));
    EXPECT_EQ(f.m.types.len, 0);
    EXPECT_EQ(f.m.size, HEADER_SIZE);
    fixture_release(&f);
}

static void types_are_read(void) {
    Fixture f;
    fixture_init(&f);
    add_everything(&f);
    if (!EXPECT(decode(&f)) || !EXPECT_EQ(f.m.types.len, 6)) return;
    const TypeDef *t = f.m.types.data;
    EXPECT(t[0].kind == COMP_func && t[0].is_final && !t[0].has_sub);
    EXPECT_EQ(t[0].group_len, 1);
    EXPECT(!t[0].has_rec && t[1].has_rec && t[2].has_rec);
    EXPECT_EQ(t[2].group_start, 1);
    EXPECT_EQ(t[2].group_len, 2);
    EXPECT(t[1].kind == COMP_struct && !t[1].is_final && t[1].has_sub);
    EXPECT_EQ(t[1].super, TYPE_NONE);
    EXPECT(t[2].is_final && t[2].super == 1);
    EXPECT_EQ(t[2].structure.field_len, 2);
    EXPECT_EQ(t[2].structure.fields[0].storage, VT_i8);
    EXPECT_EQ(t[2].structure.fields[1].storage, vt_ref(2, true));
    EXPECT(t[2].structure.fields[0].is_mutable);
    EXPECT(!t[2].structure.fields[1].is_mutable);
    EXPECT_EQ(t[3].kind, COMP_array);
    EXPECT_EQ(t[3].structure.fields[0].storage, VT_i16);
    EXPECT_EQ(t[4].func.param_len, 3);
    EXPECT_EQ(t[4].func.params[2], VT_v128);
    EXPECT_EQ(t[4].func.result_len, 2);
    EXPECT_EQ(t[4].func.results[1], VT_ABSTRACT_REF(HEAP_func));
    fixture_release(&f);
}

static void declarations_are_read(void) {
    Fixture f;
    fixture_init(&f);
    add_everything(&f);
    if (!EXPECT(decode(&f))) return;
    const Module *m = &f.m;
    EXPECT_EQ(m->imports.len, 5);
    EXPECT_EQ(m->imports.data[4].kind, EXTERN_tag);
    EXPECT_EQ(m->imports.data[4].name.len, 0);
    for (unsigned kind = 0; kind < EXTERN_count; kind++)
        EXPECT_EQ(m->imported[kind], 1);
    EXPECT_EQ(m->funcs.len, 3);
    EXPECT_EQ(m->funcs.data[2].type, 4);
    EXPECT_EQ(m->tables.len, 3);
    EXPECT(m->tables.data[0].type.limits.has_max);
    EXPECT_EQ(m->tables.data[0].type.limits.max, 2);
    EXPECT(m->tables.data[2].type.limits.is_64);
    EXPECT_EQ(m->tables.data[2].init.size, 3);
    EXPECT_EQ(m->memories.len, 4);
    EXPECT(m->memories.data[0].type.limits.is_shared);
    EXPECT_EQ(m->memories.data[0].type.page_log2, PAGE_LOG2);
    EXPECT(m->memories.data[2].type.limits.is_64);
    EXPECT_EQ(m->memories.data[2].type.limits.max, 65536);
    EXPECT_EQ(m->memories.data[3].type.page_log2, 0);
    EXPECT(m->memories.data[3].type.has_page_size);
    EXPECT_EQ(m->tags.len, 2);
    EXPECT_EQ(m->globals.len, 3);
    EXPECT_EQ(m->globals.data[1].init.size, 3);
    EXPECT_EQ(m->globals.data[1].init.data[2], CODE_end);
    EXPECT_EQ(m->globals.data[2].type.type, VT_ANYREF);
    EXPECT_EQ(m->exports.len, 5);
    EXPECT(str_eq(m->exports.data[2].name, STR("m")));
    EXPECT(m->has_start && m->start == 1);
    fixture_release(&f);
}

static void contents_are_read(void) {
    Fixture f;
    fixture_init(&f);
    add_everything(&f);
    if (!EXPECT(decode(&f))) return;
    const Module *m = &f.m;
    static const SegmentMode modes[] = {SEGMENT_active, SEGMENT_passive,
                                        SEGMENT_active, SEGMENT_declarative};
    EXPECT_EQ(m->elems.len, 8);
    for (uint32_t i = 0; i < 8; i++) {
        const ElemDecl *elem = &m->elems.data[i];
        EXPECT_EQ(elem->flags, i);
        EXPECT_EQ(elem->mode, modes[i % 4]);
        EXPECT_EQ(elem->has_exprs, i >= 4);
    }
    EXPECT_EQ(m->elems.data[0].type, VT_ABSTRACT_REF(HEAP_func));
    EXPECT_EQ(m->elems.data[0].funcs[1], 1);
    EXPECT_EQ(m->elems.data[4].type, VT_FUNCREF);
    EXPECT_EQ(m->elems.data[5].exprs[1].size, 3);
    EXPECT_EQ(m->elems.data[6].table, 2);
    EXPECT(m->has_data_count && m->data_count == 3);
    EXPECT_EQ(m->datas.len, 3);
    EXPECT(!memcmp(m->datas.data[0].bytes.data, "abc", 3));
    EXPECT_EQ(m->datas.data[2].memory, 2);
    EXPECT_EQ(m->bodies.len, 2);
    EXPECT_EQ(module_body(m, 2)->bytes.size, 14);
    const Bytes *body = &module_body(m, 2)->bytes;
    EXPECT(!memcmp(m->bytes + body->at, body->data, body->size));
    EXPECT_EQ(m->customs.len, 5);
    EXPECT_EQ(m->customs.data[0].after, SECTION_custom);
    EXPECT_EQ(m->customs.data[1].after, SECTION_import);
    EXPECT_EQ(m->customs.data[2].after, SECTION_data_count);
    EXPECT_EQ(m->customs.data[4].after, SECTION_data);
    EXPECT_EQ(m->customs.data[4].bytes.size, 1);
    fixture_release(&f);
}

// --- malformed modules -------------------------------------------------------

typedef struct BadCase {
    const char *bytes; // sections, after the header
    uint32_t size;
    ErrId id;
    uint32_t at; // from the end of the header
} BadCase;

// clang-format off
#define BAD(id, at, bytes) {bytes, sizeof(bytes) - 1, id, at}
// clang-format on

static void expect_bad(FeatureSet features, const BadCase *c) {
    Fixture f;
    fixture_init(&f);
    f.features = features;
    write_bytes(&f.w, c->bytes, c->size);
    EXPECT(!decode(&f));
    if (f.err.id != c->id || f.err.at != HEADER_SIZE + c->at) {
        fprintf(stderr, "\"%s\" at %d, expected \"%s\" at %d\n", f.err.text,
                (int)f.err.at, err_format(c->id), (int)c->at + HEADER_SIZE);
        EXPECT(false);
    }
    fixture_release(&f);
}

static void headers_are_checked(void) {
    static const struct {
        const char *bytes;
        ErrId id;
        uint32_t size;
    } cases[] = {
        {"", E_unexpected_end_section, 0},
        {"\0as", E_unexpected_end_section, 3},
        {"wasm", E_magic, 4},
        {"\0asM\1\0\0\0", E_magic, 8},
        {"\0asm\1\0", E_unexpected_end_section, 6},
        {"\0asm\2\0\0\0", E_version, 8},
        {"\0asm\15\0\1\0", E_component, 8},
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Fixture f;
        fixture_init(&f);
        EXPECT(
            !decode_bytes(&f, (const uint8_t *)cases[i].bytes, cases[i].size));
        EXPECT_EQ(f.err.id, cases[i].id);
        EXPECT_EQ(f.err.kind, ERR_malformed);
        fixture_release(&f);
    }
}

static void malformed_sections_are_refused(void) {
    static const BadCase cases[] = {
        BAD(E_section_id, 0, "\x0e\0"),
        BAD(E_section_id, 0, "\x80\0"),
        BAD(E_section_order, 3, "\2\1\0\1\1\0"),
        BAD(E_section_order, 3, "\1\1\0\1\1\0"),
        BAD(E_section_order, 3, "\6\1\0\x0d\1\0"),   // tags after globals
        BAD(E_section_order, 3, "\x0a\1\0\x0c\1\0"), // data count after code
        BAD(E_unexpected_end_section, 1, "\1"),      // no size
        BAD(E_length_out_of_bounds, 1, "\1\5\0"),    // size past the end
        BAD(E_unexpected_end_section, 2, "\1\1"),    // by one
        BAD(E_section_size, 3, "\1\2\0\0"),          // left over
        BAD(E_int_too_long, 1, "\1\x80\x80\x80\x80\x80\0"),
        BAD(E_int_too_large, 1, "\1\x80\x80\x80\x80\x10"),
        BAD(E_unexpected_end_section, 2, "\0\0"), // custom, no name
        BAD(E_malformed_utf8, 3, "\0\2\1\xff"),
        BAD(E_length_out_of_bounds, 2, "\0\2\3a"),
        BAD(E_unexpected_end_section, 3, "\0\2\2a"),
    };
    for (size_t i = 0; i < COUNTOF(cases); i++)
        expect_bad(FEATURES_ALL, &cases[i]);
}

static void malformed_types_are_refused(void) {
    static const BadCase cases[] = {
        BAD(E_malformed_type, 3, "\1\4\1\x61\0\0"),
        BAD(E_int_too_long, 3, "\1\5\1\xe0\x7f\0\0"),
        BAD(E_malformed_val_type, 5, "\1\5\1\x60\1\x01\0"),
        BAD(E_malformed_mutability, 5, "\1\4\1\x5e\x7f\2"),
        BAD(E_supertypes, 4, "\1\x08\1\x50\2\0\0\x60\0\0"),
        BAD(E_length_out_of_bounds, 4, "\1\4\1\x60\x7f\0"),
        BAD(E_length_out_of_bounds, 4, "\1\4\1\x4e\x7f\0"),
        BAD(E_length_out_of_bounds, 4, "\1\4\1\x5f\x7f\0"),
        BAD(E_unexpected_end_section, 6, "\1\4\2\x60\0\0"),
        BAD(E_length_out_of_bounds, 6, "\1\4\2\x60\0\0\0\1\0"), // goes on
    };
    for (size_t i = 0; i < COUNTOF(cases); i++)
        expect_bad(FEATURES_ALL, &cases[i]);
}

static void malformed_declarations_are_refused(void) {
    static const BadCase cases[] = {
        BAD(E_malformed_import, 5, "\2\5\1\0\0\5\0"),
        BAD(E_malformed_ref_type, 6, "\2\7\1\0\0\1\x7f\0\0"),
        BAD(E_limits_flags, 7, "\2\7\1\0\0\1\x70\2\0"), // shared table
        BAD(E_limits_flags, 6, "\2\6\1\0\0\2\x10\0"),
        BAD(E_malformed_mutability, 7, "\2\6\1\0\0\3\x7f\2"),
        BAD(E_zero_byte, 6, "\2\6\1\0\0\4\1\0"),
        BAD(E_malformed_utf8, 4, "\2\6\1\1\xc0\0\0\0"),
        BAD(E_zero_byte, 4, "\4\6\1\x40\1\x70\0\0"),
        BAD(E_malformed_ref_type, 3, "\4\4\1\x7f\0\0"),
        BAD(E_limits_flags, 3, "\5\3\1\x20\0"),
        BAD(E_page_log2, 5, "\5\4\1\x08\0\x40"),
        BAD(E_int_too_long, 4,
            "\5\x0d\1\0\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\0"),
        // Cut by the section, and malformed all the same.
        BAD(E_int_too_long, 4,
            "\5\4\1\0\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\0"),
        BAD(E_unexpected_end_section, 4, "\5\4\1\0\x80\x80"),
        BAD(E_unexpected_end_section, 4, "\5\3\1\0\x80\0\0"),
        BAD(E_unexpected_end_section, 7, "\6\5\1\x7f\0\x41\0"), // no end
        BAD(E_unexpected_end_section, 8, "\6\6\1\x7f\0\2\x40\x0b"),
        BAD(E_malformed_export, 5, "\7\4\1\1a\5\0"),
        BAD(E_unexpected_end_section, 2, "\x08\0"),
    };
    for (size_t i = 0; i < COUNTOF(cases); i++)
        expect_bad(FEATURES_ALL, &cases[i]);
}

static void malformed_contents_are_refused(void) {
    static const BadCase cases[] = {
        BAD(E_malformed_elem, 3, "\x09\3\1\x08\0"),
        BAD(E_malformed_elem_kind, 4, "\x09\4\1\1\1\0"),
        BAD(E_malformed_ref_type, 4, "\x09\4\1\5\x7f\0"),
        BAD(E_length_out_of_bounds, 5, "\x09\4\1\1\0\x7f"),
        BAD(E_malformed_data, 3, "\x0b\3\1\3\0"),
        BAD(E_length_out_of_bounds, 4, "\x0b\3\1\1\x7f"),
        BAD(E_data_count, 5, "\x0c\1\1\x0b\1\0"),
        BAD(E_data_count, 3, "\x0c\1\1"),
        BAD(E_code_count, 2, "\x0a\4\1\2\0\x0b"),
        BAD(E_code_count, 10, "\1\4\1\x60\0\0\3\2\1\0"),
    };
    for (size_t i = 0; i < COUNTOF(cases); i++)
        expect_bad(FEATURES_ALL, &cases[i]);
}

// Behind a type and two functions of that type: 11 bytes.
#define TWO_FUNCS "\1\4\1\x60\0\0\3\3\2\0\0"

static void malformed_bodies_are_refused(void) {
    static const BadCase cases[] = {
        BAD(E_end_expected, 17, TWO_FUNCS "\x0a\6\2\2\0\1\2\0\x0b"),
        BAD(E_unexpected_end_section, 20, TWO_FUNCS "\x0a\7\2\2\0\x0b\2\0\1"),
        BAD(E_section_size, 20, TWO_FUNCS "\x0a\7\2\2\0\x0b\2\0\1\x0b\1\0"),
        BAD(E_illegal_opcode, 19, TWO_FUNCS "\x0a\7\2\2\0\x0b\2\0\xff"),
        BAD(E_unexpected_end_section, 15, TWO_FUNCS "\x0a\3\2\0\0"),
        BAD(E_length_out_of_bounds, 14, TWO_FUNCS "\x0a\4\2\5\0\x0b"),
        BAD(E_malformed_val_type, 17, TWO_FUNCS "\x0a\7\2\4\1\1\1\x0b\1"),
        BAD(E_too_many_locals, 15,
            TWO_FUNCS "\x0a\x0e\2\x0c\2\xff\xff\xff\xff\x0f\x7f\2\x7e\0\0\x0b"),
    };
    for (size_t i = 0; i < COUNTOF(cases); i++)
        expect_bad(FEATURES_ALL, &cases[i]);
}

static void errors_name_the_function(void) {
    Fixture f;
    fixture_init(&f);
    SECTION_OF(&f, SECTION_type, 1, 0x60, 0, 0);
    SECTION_OF(&f, SECTION_func, 2, 0, 0);
    SECTION_OF(&f, SECTION_code, 2, 2, 0, 0x0b, 2, 0, 0x01);
    EXPECT(!decode(&f));
    EXPECT_EQ(f.err.func, 1);
    fixture_release(&f);
}

// --- features ----------------------------------------------------------------

static void features_that_are_off_are_refused(void) {
    static const struct {
        Feature feature;
        BadCase bad;
    } cases[] = {
        {FEATURE_multi_value, BAD(E_feature_off, 5, "\1\6\1\x60\0\2\x7f\x7f")},
        {FEATURE_gc, BAD(E_feature_off, 3, "\1\3\1\x5f\0")},
        {FEATURE_gc, BAD(E_feature_off, 3, "\1\4\1\x5e\x7f\0")},
        {FEATURE_gc, BAD(E_feature_off, 3, "\1\6\1\x50\0\x60\0\0")},
        {FEATURE_gc, BAD(E_feature_off, 3, "\1\3\1\x4e\0")},
        {FEATURE_exceptions, BAD(E_feature_off, 0, "\x0d\1\0")},
        {FEATURE_exceptions, BAD(E_feature_off, 5, "\2\6\1\0\0\4\0\0")},
        {FEATURE_threads, BAD(E_limits_flags_off, 3, "\5\4\1\3\0\0")},
        {FEATURE_memory64, BAD(E_limits_flags_off, 3, "\5\3\1\4\0")},
        {FEATURE_memory64, BAD(E_limits_flags_off, 4, "\4\4\1\x70\4\0")},
        {FEATURE_custom_page_sizes,
         BAD(E_limits_flags_off, 3, "\5\4\1\x08\0\0")},
        {FEATURE_bulk_memory, BAD(E_feature_off, 0, "\x0c\1\0")},
        {FEATURE_bulk_memory, BAD(E_feature_off, 3, "\x0b\3\1\1\0")},
        {FEATURE_bulk_memory, BAD(E_feature_off, 3, "\x09\4\1\1\0\0")},
        {FEATURE_function_references,
         BAD(E_feature_off, 3, "\4\x09\1\x40\0\x70\0\0\xd0\x70\x0b")},
    };
    for (size_t i = 0; i < COUNTOF(cases); i++)
        expect_bad(features_with(FEATURES_ALL, cases[i].feature, false),
                   &cases[i].bad);
}

// Before there were 64-bit memories, limits had 32 bits.
static void limits_are_as_wide_as_the_features(void) {
    static const BadCase wide =
        BAD(E_int_too_large, 4, "\5\7\1\0\x80\x80\x80\x80\x10");
    expect_bad(features_with(FEATURES_ALL, FEATURE_memory64, false), &wide);
    Fixture f;
    fixture_init(&f);
    write_bytes(&f.w, wide.bytes, wide.size);
    EXPECT(decode(&f));
    EXPECT_EQ(f.m.memories.data[0].type.limits.min, (int64_t)1 << 32);
    fixture_release(&f);
}

static void first_version_is_enough_for_its_modules(void) {
    Fixture f;
    fixture_init(&f);
    f.features = FEATURE_BIT(mvp);
    SECTION_OF(&f, SECTION_type, 1, 0x60, 0, 0);
    SECTION_OF(&f, SECTION_func, 1, 0);
    SECTION_OF(&f, SECTION_table, 1, 0x70, 0, 1);
    SECTION_OF(&f, SECTION_memory, 1, 0, 1);
    SECTION_OF(&f, SECTION_elem, 1, 0, 0x41, 0, 0x0b, 1, 0);
    SECTION_OF(&f, SECTION_code, 1, 2, 0, 0x0b);
    SECTION_OF(&f, SECTION_data, 1, 0, 0x41, 0, 0x0b, 1, 'x');
    EXPECT(decode(&f));
    fixture_release(&f);
}

// --- limits ------------------------------------------------------------------

static void expect_limit(const char *what, uint64_t *(*limit)(LimitSet *),
                         uint64_t most) {
    Fixture f;
    fixture_init(&f);
    add_everything(&f);
    *limit(&f.limits) = most;
    EXPECT(decode(&f));
    *limit(&f.limits) = most - 1;
    EXPECT(!decode(&f));
    EXPECT_EQ(f.err.kind, ERR_limit);
    if (!EXPECT(!strncmp(f.err.text, what, strlen(what))))
        fprintf(stderr, "got %s\n", f.err.text);
    fixture_release(&f);
}

#define LIMITED(name, most)                                \
    do {                                                   \
        const LimitInfo *info = &limit_info[LIMIT_##name]; \
        expect_limit(info->what, limited_##name, (most));  \
    } while (0)
#define LIMIT(name, flag, def, what)                      \
    static UNUSED uint64_t *limited_##name(LimitSet *l) { \
        return &l->name;                                  \
    }
#include "wasm/limit.def"

static void limits_hold_to_the_last(void) {
    LIMITED(types, 6);
    LIMITED(rec_group, 2);
    LIMITED(imports, 5);
    LIMITED(exports, 5);
    LIMITED(funcs, 3);
    LIMITED(tables, 3);
    LIMITED(memories, 4);
    LIMITED(globals, 3);
    LIMITED(tags, 2);
    LIMITED(elems, 8);
    LIMITED(elem_items, 2);
    LIMITED(datas, 3);
    LIMITED(body_size, 14);
    LIMITED(locals, 3);
    LIMITED(params, 3);
    LIMITED(results, 2);
    LIMITED(struct_fields, 2);
    LIMITED(name_size, 1);
}

static void imports_count_as_what_they_are(void) {
    Fixture f;
    fixture_init(&f);
    f.limits.funcs = 1;
    SECTION_OF(&f, SECTION_type, 1, 0x60, 0, 0);
    SECTION_OF(&f, SECTION_import, 2, 0, 0, 0, 0, 0, 0, 0, 0);
    EXPECT(!decode(&f));
    EXPECT_EQ(f.err.id, E_over_limit);
    fixture_release(&f);
}

static void module_size_is_limited(void) {
    Fixture f;
    fixture_init(&f);
    f.limits.module_size = HEADER_SIZE;
    EXPECT(decode(&f));
    f.limits.module_size--;
    EXPECT(!decode(&f));
    EXPECT_EQ(f.err.id, E_over_limit);
    fixture_release(&f);
}

// --- claims ------------------------------------------------------------------

// A count or size of 2^30 in a few bytes, for every section that has one.
static void claims_do_not_take_memory(void) {
    static const char *const sections[] = {
        "\1\6\x80\x80\x80\x80\4\x60", "\2\6\x80\x80\x80\x80\4\0",
        "\3\6\x80\x80\x80\x80\4\0",   "\4\6\x80\x80\x80\x80\4\x70",
        "\5\6\x80\x80\x80\x80\4\0",   "\x0d\6\x80\x80\x80\x80\4\0",
        "\6\6\x80\x80\x80\x80\4\x7f", "\7\6\x80\x80\x80\x80\4\0",
        "\x09\6\x80\x80\x80\x80\4\0", "\x0a\6\x80\x80\x80\x80\4\0",
        "\x0b\6\x80\x80\x80\x80\4\0", "\0\6\x80\x80\x80\x80\4\0",
    };
    for (size_t i = 0; i < COUNTOF(sections); i++) {
        Fixture f;
        fixture_init(&f);
        f.limits.types = f.limits.imports = f.limits.funcs = f.limits.tables =
            f.limits.memories = f.limits.tags = f.limits.globals =
                f.limits.exports = f.limits.elems = f.limits.datas = UINT64_MAX;
        write_bytes(&f.w, sections[i], 8);
        EXPECT(!decode(&f));
        EXPECT_EQ(f.err.id, E_length_out_of_bounds);
        EXPECT(f.arena.used < 1 << 18);
        fixture_release(&f);
    }
}

static void data_claim_of_a_gigabyte(void) {
    Fixture f;
    fixture_init(&f);
    SECTION_OF(&f, SECTION_memory, 1, 0, 1);
    SECTION_OF(&f, SECTION_data, 1, 0, 0x41, 0, 0x0b, 0x80, 0x80, 0x80, 0x80, 4,
               'a', 'b');
    EXPECT(!decode(&f));
    EXPECT_EQ(f.err.id, E_length_out_of_bounds);
    EXPECT(f.arena.used < 1 << 18);
    fixture_release(&f);
}

// Local groups: a few bytes for very many.
static void fifty_thousand_locals(void) {
    Fixture f;
    fixture_init(&f);
    SECTION_OF(&f, SECTION_type, 1, 0x60, 0, 0);
    SECTION_OF(&f, SECTION_func, 1, 0);
    SECTION_OF(&f, SECTION_code, 1, 6, 1, 0xd0, 0x86, 3, 0x7f, 0x0b);
    EXPECT(decode(&f));
    f.limits.locals--;
    EXPECT(!decode(&f));
    EXPECT_EQ(f.err.kind, ERR_limit);
    EXPECT_EQ(f.err.func, 0);
    fixture_release(&f);
}

static void hundred_thousand_functions(void) {
    enum {
        FUNCS = 100000
    };
    Fixture f;
    fixture_init(&f);
    SECTION_OF(&f, SECTION_type, 1, 0x60, 0, 0);
    Writer w;
    writer_init(&w, &f.arena);
    write_u32(&w, FUNCS);
    for (unsigned i = 0; i < FUNCS; i++)
        write_u32(&w, 0);
    add_section(&f, SECTION_func, w.data, w.len);
    w.len = 0;
    write_u32(&w, FUNCS);
    for (unsigned i = 0; i < FUNCS; i++)
        write_bytes(&w, "\2\0\x0b", 3);
    add_section(&f, SECTION_code, w.data, w.len);
    EXPECT(decode(&f));
    EXPECT_EQ(f.m.bodies.len, FUNCS);
    fixture_release(&f);
}

// A constant expression is not recursive to read.
static void deep_blocks_in_an_expression(void) {
    enum {
        DEPTH = 10000
    };
    Fixture f;
    fixture_init(&f);
    Writer w;
    writer_init(&w, &f.arena);
    write_bytes(&w, "\1\x7f\0", 3);
    for (unsigned i = 0; i < DEPTH; i++)
        write_bytes(&w, "\2\x40", 2);
    for (unsigned i = 0; i <= DEPTH; i++)
        write_u8(&w, CODE_end);
    add_section(&f, SECTION_global, w.data, w.len);
    EXPECT(decode(&f));
    EXPECT_EQ(f.m.globals.data[0].init.size, 3 * DEPTH + 1);
    fixture_release(&f);
}

// Every length of LEB128 for one and the same number: up to five bytes are
// fine, more are not.
static void lengths_of_leb128(void) {
    for (unsigned len = 1; len <= 8; len++) {
        Fixture f;
        fixture_init(&f);
        Writer w;
        writer_init(&w, &f.arena);
        for (unsigned i = 1; i < len; i++)
            write_u8(&w, 0x80);
        write_u8(&w, 0);
        add_section(&f, SECTION_func, w.data, w.len);
        EXPECT_EQ(decode(&f), len <= 5);
        if (len > 5) EXPECT_EQ(f.err.id, E_int_too_long);
        fixture_release(&f);
    }
}

// --- every way to be cut or damaged ------------------------------------------

// The only prefixes that are modules end between sections.
static void every_truncation_is_an_error(void) {
    Fixture whole;
    fixture_init(&whole);
    add_everything(&whole);
    EXPECT(decode(&whole));
    unsigned modules = 0;
    for (size_t size = 0; size < whole.w.len; size++) {
        Fixture f;
        fixture_init(&f);
        bool ok = decode_bytes(&f, whole.w.data, size);
        modules += ok;
        EXPECT(ok == err_ok(&f.err));
        if (!ok) {
            EXPECT_EQ(f.err.kind, ERR_malformed);
            EXPECT(f.err.at <= size);
        }
        fixture_release(&f);
    }
    // The header, the first custom section, types, imports, custom; then
    // functions lack their code until all data is there; then the names.
    EXPECT_EQ(modules, 5 + 2);
    fixture_release(&whole);
}

static void every_flipped_bit_is_survived(void) {
    Fixture whole;
    fixture_init(&whole);
    add_everything(&whole);
    for (size_t bit = 0; bit < 8 * whole.w.len; bit++) {
        Fixture f;
        fixture_init(&f);
        whole.w.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        bool ok = decode_bytes(&f, whole.w.data, whole.w.len);
        EXPECT(ok == err_ok(&f.err));
        Err err = {0};
        if (ok && !module_decode_customs(&f.m, &err)) EXPECT(!err_ok(&err));
        if (!ok) EXPECT(f.err.at <= whole.w.len && f.err.text[0]);
        whole.w.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        fixture_release(&f);
    }
    fixture_release(&whole);
}

static void memory_may_run_out_anywhere(void) {
    bool ok = false;
    unsigned n = 0;
    while (!ok && n < 1000) {
        Fixture f;
        fixture_init(&f);
        add_everything(&f);
        f.arena.fail_in = ++n;
        ok = decode(&f);
        if (!ok) EXPECT_EQ(f.err.id, E_out_of_memory);
        fixture_release(&f);
    }
    EXPECT(ok && n > 30);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(header_alone_is_a_module), UNIT_TEST(types_are_read),
        UNIT_TEST(declarations_are_read), UNIT_TEST(contents_are_read),
        UNIT_TEST(headers_are_checked),
        UNIT_TEST(malformed_sections_are_refused),
        UNIT_TEST(malformed_types_are_refused),
        UNIT_TEST(malformed_declarations_are_refused),
        UNIT_TEST(malformed_contents_are_refused),
        UNIT_TEST(malformed_bodies_are_refused),
        UNIT_TEST(errors_name_the_function),
        UNIT_TEST(features_that_are_off_are_refused),
        UNIT_TEST(limits_are_as_wide_as_the_features),
        UNIT_TEST(first_version_is_enough_for_its_modules),
        UNIT_TEST(limits_hold_to_the_last),
        UNIT_TEST(imports_count_as_what_they_are),
        UNIT_TEST(module_size_is_limited), UNIT_TEST(claims_do_not_take_memory),
        UNIT_TEST(data_claim_of_a_gigabyte), UNIT_TEST(fifty_thousand_locals),
        UNIT_TEST(hundred_thousand_functions),
        UNIT_TEST(deep_blocks_in_an_expression), UNIT_TEST(lengths_of_leb128),
        UNIT_TEST(every_truncation_is_an_error),
        UNIT_TEST(every_flipped_bit_is_survived),
        UNIT_TEST(memory_may_run_out_anywhere));
}
