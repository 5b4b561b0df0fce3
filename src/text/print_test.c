// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Modules to text and back: the text is what is expected, and means the same
// module. (The bytes of whole programs are compared elsewhere: this folder
// knows no binary modules.)
#include "text/text.h"

#include "unit/unit.h"
#include "wasm/op.h"

typedef struct Pass {
    Arena arena, scratch;
    LimitSet limits;
    Module m;
    TextBuf out;
    Err err;
} Pass;

static bool parse_into(Pass *t, Module *m, const char *text, size_t size) {
    module_init(m, &t->arena, FEATURES_ALL, &t->limits);
    return text_parse_module(m, text, size, &t->err);
}

// Text -> module -> text, in t->out, terminated.
static bool reprint(Pass *t, const char *text) {
    if (!EXPECT(parse_into(t, &t->m, text, strlen(text)))) return false;
    text_init(&t->out, &t->arena);
    if (!EXPECT(text_print_module(&t->m, &t->out, &t->scratch, &t->err)))
        return false;
    text_char(&t->out, 0);
    return EXPECT(text_finish(&t->out));
}

static bool same_bytes(Bytes a, Bytes b) {
    return a.size == b.size && (a.size == 0 || !memcmp(a.data, b.data, a.size));
}

static bool same_modules(const Module *a, const Module *b) {
    bool same = a->types.len == b->types.len && a->funcs.len == b->funcs.len &&
                a->bodies.len == b->bodies.len &&
                a->elems.len == b->elems.len && a->datas.len == b->datas.len &&
                a->hints.len == b->hints.len &&
                a->customs.len == b->customs.len &&
                a->has_data_count == b->has_data_count;
    for (uint32_t i = 0; same && i < a->bodies.len; i++)
        same = same_bytes(a->bodies.data[i].bytes, b->bodies.data[i].bytes);
    for (uint32_t i = 0; same && i < a->datas.len; i++)
        same = same_bytes(a->datas.data[i].bytes, b->datas.data[i].bytes) &&
               a->datas.data[i].flags == b->datas.data[i].flags;
    for (uint32_t i = 0; same && i < a->elems.len; i++)
        same = a->elems.data[i].flags == b->elems.data[i].flags &&
               a->elems.data[i].type == b->elems.data[i].type &&
               a->elems.data[i].len == b->elems.data[i].len;
    for (uint32_t i = 0; same && i < a->hints.len; i++)
        same = a->hints.data[i].at == b->hints.data[i].at;
    return same;
}

static void run(Pass *t, void (*work)(Pass *t, const char *),
                const char *text) {
    *t = (Pass){.limits = limits_default()};
    arena_init(&t->arena, 0);
    arena_init(&t->scratch, 0);
    ArenaGuard guard, guard2;
    if (ARENA_GUARD(&t->arena, &guard)) {
        if (ARENA_GUARD(&t->scratch, &guard2)) work(t, text);
        arena_unguard(&t->scratch, &guard2);
    }
    arena_unguard(&t->arena, &guard);
    arena_release(&t->arena);
    arena_release(&t->scratch);
}

static void check_trip(Pass *t, const char *text) {
    Module again;
    if (!reprint(t, text)) return;
    bool ok = parse_into(t, &again, t->out.data, t->out.len - 1);
    if (!EXPECT(ok) || !EXPECT(same_modules(&t->m, &again)))
        fprintf(stderr, "%s\n%s\n", t->out.data, t->err.text);
}

static void expect_trip(const char *text) {
    Pass t;
    run(&t, check_trip, text);
}

static const char *wanted;

static void check_text(Pass *t, const char *text) {
    if (reprint(t, text)) EXPECT_STR(t->out.data, wanted);
}

static void expect_text(const char *text, const char *want) {
    Pass t;
    wanted = want;
    run(&t, check_text, text);
    expect_trip(text);
}

static void modules_look_like_this(void) {
    expect_text("(module)", "(module)\n");
    expect_text(
        "(module $m (memory 1 2) (table i64 0 funcref)"
        " (global $g (mut i64) (i64.const -5))"
        " (export \"x\" (memory 0)) (data (i32.const 8) \"a\\00\\22\"))",
        "(module $m\n"
        "  (table (;0;) i64 0 funcref)\n"
        "  (memory (;0;) 1 2)\n"
        "  (global $g (;0;) (mut i64) (i64.const -5))\n"
        "  (export \"x\" (memory 0))\n"
        "  (data (;0;) (i32.const 8) \"a\\00\\22\"))\n");
    expect_text("(func $f (param $x i32) (param f32) (result i32) (local i32)"
                " (local $y f64) (loop $l (br_if $l (local.get $x)))"
                " (if (result i32) (local.get 0) (then (i32.const 1))"
                "  (else (call $f (local.get 2) (f32.const 0.1)))))",
                "(module\n"
                "  (type (;0;) (func (param i32 f32) (result i32)))\n"
                "  (func $f (;0;) (type 0) (param $x i32) (param f32) (result"
                " i32)\n"
                "    (local i32)\n"
                "    (local $y f64)\n"
                "    loop $l ;; label = @0\n"
                "      local.get $x\n"
                "      br_if $l\n"
                "    end\n"
                "    local.get $x\n"
                "    if (result i32) ;; label = @1\n"
                "      i32.const 1\n"
                "    else\n"
                "      local.get 2\n"
                "      f32.const 0.1\n"
                "      call $f\n"
                "    end))\n");
}

static void names_become_identifiers(void) {
    expect_text("(func $\"a b\") (func (@name \"a b\")) (func (@name \"\"))"
                "(func (call 0) (call 1))",
                "(module\n"
                "  (type (;0;) (func))\n"
                "  (func $\"a b\" (;0;) (type 0))\n"
                "  (func (@name \"a b\") (;1;) (type 0))\n"
                "  (func (@name \"\") (;2;) (type 0))\n"
                "  (func (;3;) (type 0)\n"
                "    call $\"a b\"\n"
                "    call 1))\n");
}

static void fields_come_back(void) {
    expect_trip("(rec (type $a (sub (struct (field $x i8) (field (mut (ref null"
                " $b)))))) (type $b (sub final $a (struct (field i8)))))"
                "(type (array (mut i16))) (type $f (func))"
                "(import \"m\" \"\\22\" (func (param $p i32)))"
                "(func (import \"m\" \"n\") (param (@name \"p\") f32))"
                "(import \"m\" \"t\" (tag (param i32)))"
                "(import \"m\" \"g\" (global (mut externref)))"
                "(memory i64 1 2) (memory 1 1 shared) (memory 0 (pagesize 1))"
                "(table 1 (ref func) (ref.func 1)) (func $g) (start $g)"
                "(tag $e (type $f))");
    expect_trip(
        "(table $t 1 funcref) (memory $m 1) (func $f)"
        "(elem (i32.const 0) $f) (elem $e (table $t) (i32.const 0)"
        " func $f) (elem func $f $f) (elem declare func $f)"
        "(elem (i32.const 0) funcref (ref.func $f) (ref.null func))"
        "(elem externref) (elem (offset i32.const 1 i32.const 2 i32.add)"
        " (ref func) (item ref.func $f)) (data $d (i32.const 0))"
        "(data \"\\ff\\u{20ac}\") (data (memory 0) (i32.const 0) \"y\")"
        "(@custom \"c\" (after data) \"\\00x\") (@custom \"\")"
        "(@custom \"n\" (before first) \"1\")");
    expect_trip("(data \"x\") (func (memory.init 0 (unreachable))) (memory 1)");
    expect_trip("(data \"x\") (@foliot.data_count)");
    expect_trip("(func (param i32) local.get 0"
                " (@metadata.code.branch_hint \"\\01\") br_if 0"
                " (@metadata.code.branch_hint \"\\00\")"
                " (if (local.get 0) (then)))");
}

static void instructions_come_back(void) {
    expect_trip(
        "(type $s (struct (field $x i32))) (type $a (array i8)) (tag $e)"
        "(table $t 1 funcref) (table $u 1 funcref) (memory 1) (memory $m 1)"
        "(elem $el func) (data $d) (type $f (func (param i32) (result i32)))"
        "(func block $b try_table (catch $e $b) (catch_ref $e $b) (catch_all "
        "$b)"
        " (catch_all_ref 0) end end block (type $f) end"
        " br_table 0 1 0 br_on_cast 0 anyref (ref $s)"
        " call_indirect (type $f) call_indirect $u (type $f)"
        " memory.copy memory.copy $m 0 memory.init $d memory.init $m $d"
        " table.init $el table.init $u $el table.copy table.copy $u $t"
        " memory.size memory.grow $m struct.get $s $x array.copy $a $a"
        " array.new_fixed $a 3 array.new_data $a $d array.init_elem $a $el"
        " ref.test (ref $s) ref.cast (ref null $s) ref.null $s ref.null any"
        " select select (result) select (result (ref null $s))"
        " i32.load offset=7 i64.load32_u $m align=1 v128.load8_lane 3"
        " v128.store64_lane $m offset=1 align=2 1 i8x16.extract_lane_s 15"
        " i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31"
        " v128.const i64x2 -1 5 f32.const nan:0x1 f64.const -inf f64.const "
        "0x1p-"
        "1074 i64.const -9223372036854775808 atomic.fence i64.add128"
        " i32.atomic.rmw8.cmpxchg_u throw $e return_call 0 ref.func 0)");
}

// Bodies that cannot be read end in an error, with the function.
static void expect_bad_body(const char *bytes, uint32_t size) {
    Arena arena;
    LimitSet limits = limits_default();
    ArenaGuard guard;
    arena_init(&arena, 0);
    if (ARENA_GUARD(&arena, &guard)) {
        Module m;
        Err err = {0};
        TextBuf out;
        text_init(&out, &arena);
        module_init(&m, &arena, FEATURES_ALL, &limits);
        Body body = {{(const uint8_t *)bytes, size, 100}};
        VEC_PUSH(&arena, &m.funcs, ((FuncDecl){.type = 7}));
        VEC_PUSH(&arena, &m.bodies, body);
        EXPECT(!text_print_module(&m, &out, &arena, &err));
        EXPECT(!err_ok(&err) && err.func == 0);
        EXPECT(err.at >= 100 && err.at <= 100 + size);
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
}

static const char names_beyond[] = "\1\4\1\5\1f";

// A name of a function that is not there: the text has no place for it, so it
// has the whole section.
static void check_raw_names(Pass *t, const char *text) {
    if (!EXPECT(parse_into(t, &t->m, text, strlen(text)))) return;
    CustomSection c = {.name = STR("name"), .after = 11};
    c.bytes = (Bytes){(const uint8_t *)names_beyond, 6, 0};
    VEC_PUSH(&t->arena, &t->m.customs, c);
    VEC_PUSH(&t->arena, &t->m.names.of[NAME_func].items,
             ((NameAssoc){5, STR("f")}));
    text_init(&t->out, &t->arena);
    EXPECT(text_print_module(&t->m, &t->out, &t->scratch, &t->err));
    text_char(&t->out, 0);
    EXPECT(text_finish(&t->out));
    EXPECT_STR(t->out.data, "(module\n  (@custom \"name\" (after data) "
                            "\"\\01\\04\\01\\05\\01f\"))\n");
}

static void names_without_a_place_are_kept(void) {
    Pass t;
    run(&t, check_raw_names, "(module)");
}

static void bad_bodies_are_errors(void) {
    expect_bad_body("", 0);
    expect_bad_body("\0", 1);
    expect_bad_body("\0\x01", 2);         // no end
    expect_bad_body("\0\x0b\x0b", 3);     // something behind it
    expect_bad_body("\0\x02\x40\x0b", 4); // a block without one
    expect_bad_body("\0\x05\x0b", 3);     // else without if
    expect_bad_body("\0\x04\x40\5\5\x0b\x0b", 7);
    expect_bad_body("\0\xff\x0b", 3);
    expect_bad_body("\0\x41", 2);
    expect_bad_body("\1\xff\xff\xff\xff\x0f\x7f\x0b", 8);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(modules_look_like_this), UNIT_TEST(names_become_identifiers),
        UNIT_TEST(fields_come_back), UNIT_TEST(instructions_come_back),
        UNIT_TEST(names_without_a_place_are_kept),
        UNIT_TEST(bad_bodies_are_errors));
}
