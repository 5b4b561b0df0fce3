// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Modules from text: what they mean, what is wrong with them and where, and
// what hostile ones cost.
#include "text/text.h"

#include "base/alloc.h"
#include "unit/unit.h"
#include "wasm/op.h"

#include <stdlib.h>

typedef struct Parse {
    Arena arena;
    Module m;
    Err err;
    bool ok;
    LimitSet limits;
} Parse;

static void parse_with(Parse *t, const char *text, size_t size,
                       FeatureSet features) {
    *t = (Parse){.limits = limits_default()};
    arena_init(&t->arena, 0);
    ArenaGuard guard;
    if (ARENA_GUARD(&t->arena, &guard)) {
        module_init(&t->m, &t->arena, features, &t->limits);
        t->ok = text_parse_module(&t->m, text, size, &t->err);
    }
    arena_unguard(&t->arena, &guard);
}

static bool parse(Parse *t, const char *text) {
    parse_with(t, text, strlen(text), FEATURES_ALL);
    if (!t->ok) fprintf(stderr, "%s\n  %s\n", text, t->err.text);
    return EXPECT(t->ok);
}

static void done(Parse *t) {
    arena_release(&t->arena);
}

static bool bytes_are(Bytes b, const char *want, size_t size) {
    bool same = b.size == size && memcmp(b.data, want, size) == 0;
    for (uint32_t i = 0; !same && i < b.size; i++)
        fprintf(stderr, "%02x ", b.data[i]);
    return same;
}

#define BODY_IS(text, bytes) \
    EXPECT(body_is((text), (bytes), sizeof(bytes) - 1) && (text))

// The only function's body.
static bool body_is(const char *text, const char *want, size_t size) {
    Parse t;
    bool ok = parse(&t, text) && t.m.bodies.len == 1 &&
              bytes_are(t.m.bodies.data[0].bytes, want, size);
    done(&t);
    return ok;
}

// --- meaning -----------------------------------------------------------------

static void folded_is_flat(void) {
    BODY_IS("(func i32.const 1 i32.const 2 i32.add drop)",
            "\0\x41\1\x41\2\x6a\x1a\x0b");
    BODY_IS("(func (drop (i32.add (i32.const 1) (i32.const 2))))",
            "\0\x41\1\x41\2\x6a\x1a\x0b");
    BODY_IS("(func (i32.const 1) i32.const 2 (drop (i32.add)))",
            "\0\x41\1\x41\2\x6a\x1a\x0b");
    BODY_IS("(func (if (i32.const 1) (then nop) (else (unreachable))))",
            "\0\x41\1\x04\x40\1\5\0\x0b\x0b");
    BODY_IS("(func i32.const 1 if $l nop else $l unreachable end $l)",
            "\0\x41\1\x04\x40\1\5\0\x0b\x0b");
    BODY_IS("(func (block (result i32) (i32.const 1)) drop)",
            "\0\2\x7f\x41\1\x0b\x1a\x0b");
}

static void labels_have_depths(void) {
    BODY_IS("(func (block $a (block $b (br $a) (br $b) (br 2))))",
            "\0\2\x40\2\x40\x0c\1\x0c\0\x0c\2\x0b\x0b\x0b");
    // The inner one hides the outer one; the condition is outside.
    BODY_IS("(func (block $a (if $a (block $a (br $a) (i32.const 0))"
            " (then (br $a)))))",
            "\0\2\x40\2\x40\x0c\0\x41\0\x0b\4\x40\x0c\0\x0b\x0b\x0b");
    BODY_IS("(func (block $a (try_table $b (catch_all $a) (br $b))))",
            "\0\2\x40\x1f\x40\1\2\0\x0c\0\x0b\x0b\x0b");
}

static void locals_are_grouped(void) {
    BODY_IS("(func (param $x i32) (local i32 i32) (local $y i32) (local f32)"
            " (local.set $y (local.get $x)))",
            "\2\3\x7f\1\x7d\x20\0\x21\3\x0b");
    // The type alone says how many parameters there are.
    BODY_IS("(func (type $t) (local $x i32) (drop (local.get $x)))"
            "(type $t (func (param i32 i64)))",
            "\1\1\x7f\x20\2\x1a\x0b");
}

static void memory_arguments(void) {
    BODY_IS("(memory 1)(func (drop (i32.load (i32.const 0))))",
            "\0\x41\0\x28\2\0\x1a\x0b");
    BODY_IS("(memory 1)(memory $m 1)(func (drop (i32.load8_u $m offset=0x80"
            " align=1 (i32.const 0))))",
            "\0\x41\0\x2d\x40\1\x80\1\x1a\x0b");
    BODY_IS("(memory 1)(memory 1)(func (memory.copy 1 0 (unreachable)))",
            "\0\0\xfc\x0a\1\0\x0b");
    BODY_IS("(memory 1)(memory $m 1)(data $d \"\")"
            "(func (memory.init $m $d (unreachable)))",
            "\0\0\xfc\x08\0\1\x0b");
    BODY_IS("(memory 1)(func (v128.store8_lane 3 (unreachable)))",
            "\0\0\xfd\x58\0\0\3\x0b");
    BODY_IS("(memory 1)(memory 1)(func (v128.store8_lane 1 3 (unreachable)))",
            "\0\0\xfd\x58\x40\1\0\3\x0b");
    BODY_IS("(memory 1)(memory 1)"
            "(func (v128.store8_lane 1 offset=2 3 (unreachable)))",
            "\0\0\xfd\x58\x40\1\2\3\x0b");
}

static void opcodes_depend_on_types(void) {
    BODY_IS("(func select (select (result i32)))", "\0\x1b\x1c\1\x7f\x0b");
    BODY_IS("(func ref.test (ref i31) ref.test i31ref ref.cast (ref null eq))",
            "\0\xfb\x14\x6c\xfb\x15\x6c\xfb\x17\x6d\x0b");
    BODY_IS("(func br_on_cast 0 anyref (ref i31))",
            "\0\xfb\x18\1\0\x6e\x6c\x0b");
    BODY_IS("(type $s (struct (field i32) (field $f (mut i32))))"
            "(func struct.get $s $f)",
            "\0\xfb\2\0\1\x0b");
}

static void numbers_are_exact(void) {
    BODY_IS("(func i32.const -1 i32.const 0xffff_ffff i32.const -0x8000_0000)",
            "\0\x41\x7f\x41\x7f\x41\x80\x80\x80\x80\x78\x0b");
    BODY_IS("(func f32.const 0x1p-149 f32.const -nan:0x200000 f32.const inf)",
            "\0\x43\1\0\0\0\x43\0\0\xa0\xff\x43\0\0\x80\x7f\x0b");
    BODY_IS("(func f64.const 1e-400 f64.const 0.1)",
            "\0\x44\0\0\0\0\0\0\0\0\x44\x9a\x99\x99\x99\x99\x99\xb9\x3f\x0b");
    BODY_IS("(func v128.const i16x8 1 -1 0 0 0 0 0 0x8000)",
            "\0\xfd\x0c\1\0\xff\xff\0\0\0\0\0\0\0\0\0\0\0\x80\x0b");
}

static void type_uses_share_types(void) {
    Parse t;
    parse(&t, "(func $a (param i32)) (func $b (param f32))"
              "(func $c (param i32) (block (param i32) (result i32)))"
              "(rec (type (func (param i32)))"
              "     (type $r (sub (func (param i32)))))"
              "(type $t (func (param f32)))");
    EXPECT_EQ(t.m.types.len, 5);
    EXPECT_EQ(t.m.funcs.data[0].type, 3); // not one of the recursive group
    EXPECT_EQ(t.m.funcs.data[1].type, 2);
    EXPECT_EQ(t.m.funcs.data[2].type, 3);
    EXPECT_EQ(t.m.types.data[0].group_len, 2);
    EXPECT(t.m.types.data[1].has_sub && !t.m.types.data[1].is_final);
    EXPECT_EQ(t.m.types.data[4].func.result_len, 1);
    done(&t);
}

static void inline_forms(void) {
    Parse t;
    parse(&t, "(func $f (export \"a\") (export \"b\") (import \"m\" \"n\"))"
              "(global (import \"m\" \"g\") (mut i32))"
              "(table $t funcref (elem $f $f)) (elem $e func)"
              "(memory i64 (data \"a\" \"\\62\\u{20ac}\")) (data $d)"
              "(func (drop (table.get $t (i32.const 1))) (elem.drop $e)"
              "      (data.drop $d))");
    EXPECT_EQ(t.m.imports.len, 2);
    EXPECT_EQ(t.m.imported[EXTERN_func], 1);
    EXPECT_EQ(t.m.exports.len, 2);
    EXPECT_EQ(t.m.tables.data[0].type.limits.min, 2);
    EXPECT_EQ(t.m.elems.len, 2);
    EXPECT_EQ(t.m.elems.data[0].len, 2);
    EXPECT_EQ(t.m.datas.data[0].bytes.size, 5);
    EXPECT(!memcmp(t.m.datas.data[0].bytes.data, "ab\xe2\x82\xac", 5));
    EXPECT(t.m.memories.data[0].type.limits.is_64);
    EXPECT_EQ(t.m.memories.data[0].type.limits.max, 1);
    EXPECT(bytes_are(t.m.bodies.data[0].bytes,
                     "\0\x41\1\x25\0\x1a\xfc\x0d\1\xfc\x09\1\x0b", 13));
    EXPECT(t.m.has_data_count && t.m.data_count == 2);
    done(&t);
}

static void segments_keep_their_form(void) {
    Parse t;
    parse(&t, "(table 1 funcref) (memory 1) (func $f)"
              "(elem (i32.const 0) $f) (elem (table 0) (i32.const 0) func $f)"
              "(elem func $f) (elem declare func $f)"
              "(elem (i32.const 0) funcref (ref.func $f) (item ref.null func))"
              "(elem externref) (elem (offset i32.const 0) (ref func))"
              "(data (i32.const 0)) (data \"x\") (data (memory 0)"
              " (i32.const 0) \"y\")");
    static const uint8_t elem_flags[] = {0, 2, 1, 3, 4, 5, 6};
    static const uint8_t data_flags[] = {0, 1, 2};
    for (size_t i = 0; i < COUNTOF(elem_flags); i++)
        EXPECT_EQ(t.m.elems.data[i].flags, elem_flags[i]);
    for (size_t i = 0; i < COUNTOF(data_flags); i++)
        EXPECT_EQ(t.m.datas.data[i].flags, data_flags[i]);
    EXPECT_EQ(t.m.elems.data[4].len, 2);
    done(&t);
}

static bool name_is(const NameMap *map, uint32_t index, const char *want) {
    return map && EXPECT(str_eq_z(name_map_get(map, index), want));
}

static void names_are_kept(void) {
    Parse t;
    parse(&t, "(module $mod (type $t (struct (field $f i32)))"
              "(func $\"a b\" (param $x i32) (local i32) (local $y i32)"
              "  (block $l (block (block (@name \"deep\")))))"
              "(func $g (@name \"better\")))");
    const Names *n = &t.m.names;
    EXPECT(str_eq_z(n->module, "mod"));
    name_is(&n->of[NAME_type], 0, "t");
    name_is(&n->of[NAME_func], 0, "a b");
    name_is(&n->of[NAME_func], 1, "better");
    name_is(name_map_in(&n->in[NAME_local], 0), 0, "x");
    name_is(name_map_in(&n->in[NAME_local], 0), 2, "y");
    name_is(name_map_in(&n->in[NAME_label], 0), 0, "l");
    name_is(name_map_in(&n->in[NAME_label], 0), 2, "deep");
    name_is(name_map_in(&n->in[NAME_field], 0), 0, "f");
    done(&t);
}

static void annotations_mean_something(void) {
    Parse t;
    parse(&t, "(@custom \"b\" (after code) \"1\") (@unknown ( \"))\" $ ] ))"
              "(@custom \"a\" (before first)) (@custom \"c\")"
              "(func (param i32) (local i64) local.get 0"
              " (@metadata.code.branch_hint \"\\01\") if end"
              " (@metadata.code.branch_hint \"\\00\")"
              " (if (local.get 0) (then)))");
    EXPECT_EQ(t.m.customs.len, 3);
    EXPECT(str_eq_z(t.m.customs.data[0].name, "a"));
    EXPECT_EQ(t.m.customs.data[0].after, 0);
    EXPECT(str_eq_z(t.m.customs.data[1].name, "b"));
    EXPECT_EQ(t.m.customs.data[1].after, 10);
    EXPECT(str_eq_z(t.m.customs.data[2].name, "c"));
    EXPECT_EQ(t.m.hints.len, 2);
    EXPECT_EQ(t.m.hints.data[0].at, 5);
    EXPECT(t.m.hints.data[0].likely);
    EXPECT_EQ(t.m.hints.data[1].at, 10);
    EXPECT(!t.m.hints.data[1].likely);
    done(&t);
}

static void identifiers_mean_names(void) {
    BODY_IS("(import \"\" \"\" (func $\"b c\"))"
            "(func $a (call $\"b\\u{20}c\") (call $\"\\61\"))",
            "\0\x10\0\x10\1\x0b");
}

// --- errors ------------------------------------------------------------------

typedef struct BadText {
    const char *text;
    uint64_t at;
    const char *message; // a prefix
} BadText;

static const BadText bad_texts[] = {
    {"(func", 5, "unexpected token: the text ends here"},
    {"(module", 7, "unexpected token: the text ends here"},
    {"(module) (func)", 10, "unexpected token func"},
    {"(func))", 6, "unexpected token )"},
    {"(func i32.foo)", 6, "unknown operator i32.foo"},
    {"(func i32.const 1x)", 16, "unknown operator 1x"},
    {"(func i32.const 1.5)", 16, "unexpected token 1.5"},
    {"(func i32.const 0x1_0000_0000)", 16, "constant out of range"},
    {"(func f32.const 1e39)", 16, "constant out of range"},
    {"(func f32.const nan:0x0)", 16, "constant out of range"},
    {"(func (i32.add nop))", 15, "unexpected token nop"},
    {"(func end)", 6, "unexpected token end"},
    {"(func else)", 6, "unexpected token else"},
    {"(func block)", 11, "unexpected token )"},
    {"(func block end $a)", 16, "mismatching label $a"},
    {"(func if $a else $b end)", 17, "mismatching label $b"},
    {"(func (if (nop)))", 15, "unexpected token )"},
    {"(func (if (else)))", 11, "unexpected token else"},
    {"(func (if (then) (then)))", 18, "unexpected token then"},
    {"(func (br $l))", 10, "unknown label $l"},
    {"(func (local.get $x))", 17, "unknown local $x"},
    {"(func (call $f))", 12, "unknown func $f"},
    {"(func (global.get $g))", 18, "unknown global $g"},
    {"(export \"\" (memory $m))", 19, "unknown memory $m"},
    {"(elem (table $t) (nop))", 13, "unknown table $t"},
    {"(func (throw $e))", 13, "unknown tag $e"},
    {"(func (elem.drop $e))", 17, "unknown elem segment $e"},
    {"(func (data.drop $d))", 17, "unknown data segment $d"},
    {"(func (type $t))", 12, "unknown type $t"},
    {"(type $t (struct)) (func (struct.get $t $f))", 40, "unknown field $f"},
    {"(func $f) (func $f)", 16, "duplicate func $f"},
    {"(func (param $x i32) (local $x i32))", 28, "duplicate local $x"},
    {"(func (param $x i32) (param $x i32))", 28, "duplicate local $x"},
    {"(memory $m 1) (memory $m 1)", 22, "duplicate memory $m"},
    {"(type (struct (field $a i8) (field $a i8)))", 35, "duplicate field $a"},
    {"(func) (import \"\" \"\" (func))", 7, "import after function"},
    {"(tag) (import \"\" \"\" (func))", 6, "import after tag"},
    {"(func $f) (start $f) (start $f)", 21, "multiple start sections"},
    {"(type (func)) (func (type 0) (param i32))", 26, "inline function type"},
    {"(func (type 9) (param i32))", 12, "unknown type 9"},
    {"(func (result i32) (param i32))", 20, "unexpected token param"},
    {"(func (block (param $x i32)))", 20, "unexpected token $x"},
    {"(func (drop (i32.load align=3 (i32.const 0))))", 22,
     "alignment must be a power of two"},
    {"(func (v128.const i32x4 1 2 3))", 24, "wrong number of lane literals"},
    {"(func (i8x16.shuffle 1 2))", 21, "invalid lane length"},
    {"(func (i8x16.extract_lane_s 256))", 28, "i8 constant out of range"},
    {"(memory 1 (pagesize 3))", 20, "invalid custom page size"},
    {"(memory 0x1_0000_0000_0000_0000)", 8, "i64 constant out of range"},
    {"(type (sub 0 1 (func)))", 13, "a type has at most one supertype"},
    {"(func $)", 6, "empty identifier"},
    {"(func $\"\")", 7, "empty identifier"},
    {"(@)", 0, "empty annotation id"},
    {"(@x (y)", 3, "unclosed annotation"},
    {"(@x \"", 4, "unclosed string"},
    {"(data \"a\nb\")", 6, "unclosed string"},
    {"(data \"\\zz\")", 7, "illegal escape"},
    {"(data \"\\u{d800}\")", 7, "illegal escape"},
    {"(data \"\\u{110000}\")", 7, "illegal escape"},
    {"(data \"\\u{}\")", 7, "illegal escape"},
    {"(data \"\x01\")", 7, "illegal control character"},
    {"(func \x01)", 6, "illegal character"},
    {"(func \xc3\xa4)", 6, "illegal character"},
    {"(func) ;; \xff", 10, "malformed UTF-8 encoding"},
    {"(func) (; (; ;)", 7, "unclosed comment"},
    {"(export \"\\ff\" (func 0))", 8, "malformed UTF-8 encoding"},
    {"(data\"a\")", 1, "unknown operator data\"a\""},
    {"(func (nop) (@custom \"a\"))", 12, "misplaced @custom annotation"},
    {"(module (func) (@name \"a\"))", 15, "misplaced @name annotation"},
    {"(module (@name \"a\") (@name \"b\"))", 20, "@name annotation: multiple"},
    {"(@custom)", 8, "@custom annotation: missing section name"},
    {"(@custom \"a\" (after nothing))", 20,
     "@custom annotation: malformed section kind"},
    {"(@custom \"a\" (at code))", 14,
     "@custom annotation: malformed placement"},
    {"(@custom \"a\" x)", 13, "@custom annotation: unexpected token"},
    {"(@metadata.code.branch_hint \"\\00\")", 0,
     "@metadata.code.branch_hint annotation: not in a function"},
    {"(func (@metadata.code.branch_hint \"\\02\") nop)", 6,
     "@metadata.code.branch_hint annotation: the value"},
    {"(func (@metadata.code.branch_hint \"\\00\")"
     " (@metadata.code.branch_hint \"\\00\") nop)",
     41, "@metadata.code.branch_hint annotation: duplicate annotation"},
    {"(func (@metadata.code.branch_hint \"\\00\"))", 6,
     "misplaced @metadata.code.branch_hint annotation"},
};

static void errors_say_what_and_where(void) {
    for (size_t i = 0; i < COUNTOF(bad_texts); i++) {
        const BadText *b = &bad_texts[i];
        Parse t;
        parse_with(&t, b->text, strlen(b->text), FEATURES_ALL);
        bool ok = EXPECT(!t.ok) && EXPECT_EQ(t.err.at, b->at) &&
                  EXPECT(!strncmp(t.err.text, b->message, strlen(b->message)));
        if (!ok) fprintf(stderr, "  in %s: %s\n", b->text, t.err.text);
        done(&t);
    }
}

typedef struct NeedsFeature {
    const char *text;
    Feature feature;
} NeedsFeature;

static void features_can_be_off(void) {
    static const NeedsFeature needs[] = {
        {"(memory i64 1)", FEATURE_memory64},
        {"(memory 1 1 shared)", FEATURE_threads},
        {"(memory 1 (pagesize 1))", FEATURE_custom_page_sizes},
        {"(tag)", FEATURE_exceptions},
        {"(type (struct))", FEATURE_gc},
        {"(rec)", FEATURE_gc},
        {"(global (import \"\" \"\") v128)", FEATURE_simd},
        {"(global (import \"\" \"\") externref)", FEATURE_reference_types},
        {"(type $t (func)) (global (import \"\" \"\") (ref $t))",
         FEATURE_function_references},
        {"(data \"x\")", FEATURE_bulk_memory},
        {"(func i64.add128)", FEATURE_wide_arithmetic},
        {"(func (i32.extend8_s (unreachable)))", FEATURE_sign_extension},
    };
    for (size_t i = 0; i < COUNTOF(needs); i++) {
        const char *text = needs[i].text;
        FeatureSet without =
            features_with(FEATURES_ALL, needs[i].feature, false);
        Parse t;
        parse(&t, text);
        done(&t);
        parse_with(&t, text, strlen(text), without);
        if (!EXPECT(!t.ok) || !EXPECT_EQ(t.err.kind, ERR_disabled))
            fprintf(stderr, "  %s: %s\n", text, t.err.text);
        done(&t);
    }
    Parse t;
    const char *big = "(memory 0x1_0000_0000)";
    parse_with(&t, big, strlen(big),
               features_with(FEATURES_ALL, FEATURE_memory64, false));
    EXPECT(!strncmp(t.err.text, "i32 constant out of range", 25));
    done(&t);
}

// --- hostile texts -----------------------------------------------------------

// `count` times open, middle, `count` times close, between head and tail.
static char *nested(const char *head, const char *open, const char *close,
                    const char *tail, size_t count, size_t *size) {
    size_t open_len = strlen(open), close_len = strlen(close);
    char *text = malloc(strlen(head) + strlen(tail) +
                        count * (open_len + close_len) + 1);
    char *p = text + strlen(head);
    memcpy(text, head, strlen(head));
    for (size_t i = 0; i < count; i++, p += open_len)
        memcpy(p, open, open_len);
    for (size_t i = 0; i < count; i++, p += close_len)
        memcpy(p, close, close_len);
    memcpy(p, tail, strlen(tail) + 1);
    *size = (size_t)(p - text) + strlen(tail);
    return text;
}

static void expect_nested(const char *head, const char *open, const char *close,
                          const char *tail, size_t count, const char *message) {
    size_t size;
    Parse t;
    char *text = nested(head, open, close, tail, count, &size);
    parse_with(&t, text, size, FEATURES_ALL);
    if (message)
        EXPECT(!t.ok && !strncmp(t.err.text, message, strlen(message)));
    else if (!EXPECT(t.ok))
        fprintf(stderr, "  %s %zu %s: %s\n", open, count, close, t.err.text);
    done(&t);
    free(text);
}

static void nesting_costs_no_stack(void) {
    for (size_t count = 10000; count <= 200000; count *= 20) {
        expect_nested("(func ", "block ", "end ", ")", count, NULL);
        expect_nested("(func ", "(block ", ")", ")", count, NULL);
        expect_nested("(func (drop", "(i32.eqz ", ")", "))", count, NULL);
        expect_nested("(func ", "(if (unreachable) (then ", "))", ")", count,
                      NULL);
        expect_nested("", "(;", ";)", "", count, NULL);
        expect_nested("(@a", "(", ")", ")", count, NULL);
        expect_nested("", "(", ")", "", count, "unexpected token");
        expect_nested("(func", "(", ")", ")", count, "unexpected token");
        expect_nested("(func ", "block ", "", ")", count, "unexpected token");
    }
    expect_nested("(func ", "(block ", ")", ")", 1000001,
                  "nested blocks in a function is over the limit");
}

static void limits_hold(void) {
    expect_nested("(func (local ", "i32 ", "", "))", 50000, NULL);
    expect_nested("(func (local ", "i32 ", "", "))", 50001,
                  "parameters and locals of a function is over the limit");
    expect_nested("(type (func (param ", "i32 ", "", ")))", 1001,
                  "parameters of a function type is over the limit");
    expect_nested("", "(func)", "", "", 100000, NULL);
}

// A name in the innermost of many blocks that all have it; and a chain of
// distinct names: looking up must not search.
static void names_are_found_fast(void) {
    expect_nested("(func ", "(block $l (br $l) ", ")", ")", 100000, NULL);
    expect_nested("(func block $outer ", "(block (br $outer) ", ")", "end)",
                  100000, NULL);
}

// Every prefix of a text that has some of everything fails, and says where.
static void cut_texts_fail(void) {
    static const char text[] =
        "(module $m (type $t (func (param i32) (result i32)))"
        "(import \"a\" \"b\" (func $f (type $t)))"
        "(table $t 1 2 funcref) (memory 1 (; x ;)) (global i32 i32.const 1)"
        "(elem (i32.const 0) func $f) (data (i32.const 0) \"a\\00\")"
        "(@custom \"c\" (after data) \"x\") (export \"e\" (memory 0))"
        "(func (param $x i32) (result i32) (local i32)"
        " (if (result i32) (local.get $x) (then (i32.const 1))"
        " (else (call $f (i32.load offset=1 align=2 (local.get 0)))))))";
    Parse t;
    parse(&t, text);
    done(&t);
    for (size_t size = 1; size < sizeof text - 1; size++) {
        char *copy = malloc(size); // so that reading past it is seen
        memcpy(copy, text, size);
        parse_with(&t, copy, size, FEATURES_ALL);
        EXPECT(!t.ok && !err_ok(&t.err) && t.err.at <= size);
        done(&t);
        free(copy);
    }
}

// Parses with the n-th allocation failing; true when there were fewer.
static bool parse_with_failure(uint64_t n) {
    static const char text[] =
        "(module $m (func $f (param $x i32) (block $l (br $l)))"
        "(data (i32.const 0) \"a\\00\" \"b\") (func $\"a\\62\") (@custom "
        "\"x\"))";
    Arena arena;
    LimitSet limits = limits_default();
    arena_init(&arena, 0);
    arena.fail_in = n;
    ArenaGuard guard;
    if (ARENA_GUARD(&arena, &guard)) {
        Module m;
        Err err = {0};
        module_init(&m, &arena, FEATURES_ALL, &limits);
        EXPECT(text_parse_module(&m, text, sizeof text - 1, &err));
    }
    arena_unguard(&arena, &guard);
    bool none_failed = arena.fail_in > 0;
    arena_release(&arena);
    return none_failed;
}

static void memory_can_run_out(void) {
    uint64_t n = 1;
    while (n < 500 && !parse_with_failure(n))
        n++;
    EXPECT(n > 10 && n < 500);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(folded_is_flat), UNIT_TEST(labels_have_depths),
        UNIT_TEST(locals_are_grouped), UNIT_TEST(memory_arguments),
        UNIT_TEST(opcodes_depend_on_types), UNIT_TEST(numbers_are_exact),
        UNIT_TEST(type_uses_share_types), UNIT_TEST(inline_forms),
        UNIT_TEST(segments_keep_their_form), UNIT_TEST(names_are_kept),
        UNIT_TEST(annotations_mean_something),
        UNIT_TEST(identifiers_mean_names), UNIT_TEST(errors_say_what_and_where),
        UNIT_TEST(features_can_be_off), UNIT_TEST(nesting_costs_no_stack),
        UNIT_TEST(limits_hold), UNIT_TEST(names_are_found_fast),
        UNIT_TEST(cut_texts_fail), UNIT_TEST(memory_can_run_out));
}
