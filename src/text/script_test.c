// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "text/text.h"

#include "unit/unit.h"

typedef struct Run {
    Arena arena;
    LimitSet limits;
    Script script;
    ScriptCommand c;
    Err err;
} Run;

static void start(Run *r, const char *text) {
    *r = (Run){.limits = limits_default()};
    arena_init(&r->arena, 0);
    script_init(&r->script, &r->arena, text, strlen(text), FEATURES_ALL,
                &r->limits);
}

static bool next(Run *r) {
    ArenaGuard guard;
    volatile bool more = false;
    if (ARENA_GUARD(&r->arena, &guard))
        more = script_next(&r->script, &r->c, &r->err);
    arena_unguard(&r->arena, &guard);
    return more;
}

// The next command, which must be of that kind.
static const ScriptCommand *take(Run *r, CommandKind kind) {
    if (!EXPECT(next(r))) fprintf(stderr, "  %s\n", r->err.text);
    EXPECT_STR(command_text[r->c.kind], command_text[kind]);
    return &r->c;
}

static void finish(Run *r) {
    EXPECT(!next(r));
    if (!EXPECT(err_ok(&r->err))) fprintf(stderr, "  %s\n", r->err.text);
    arena_release(&r->arena);
}

static void modules_have_many_forms(void) {
    Run r;
    start(&r,
          "(module) (module $a (func)) ((@x) module binary \"\\00a\" \"sm\")"
          "(module $q quote \"(func\" \")\") (module definition $d (func))"
          "(module definition binary \"\") (module definition $b binary)"
          "(module instance $i $d) (module instance) (module (func $x nop2))"
          "(module definition)");
    EXPECT(take(&r, COMMAND_module)->module.module != NULL);
    const ScriptModule *m = &take(&r, COMMAND_module)->module;
    EXPECT(str_eq_z(m->name, "$a") && m->module->funcs.len == 1);
    EXPECT(str_eq_z(m->module->names.module, "a"));
    take(&r, COMMAND_module);
    EXPECT_EQ(m->form, FORM_binary);
    EXPECT(m->bytes.size == 4 && !memcmp(m->bytes.data, "\0asm", 4));
    take(&r, COMMAND_module);
    EXPECT_EQ(m->form, FORM_quote);
    EXPECT(m->bytes.size == 6 && str_eq_z(m->name, "$q"));
    take(&r, COMMAND_module);
    EXPECT(m->is_definition && str_eq_z(m->name, "$d") && m->module);
    take(&r, COMMAND_module);
    EXPECT(m->is_definition && m->form == FORM_binary && !m->name.len);
    take(&r, COMMAND_module);
    EXPECT(m->is_definition && str_eq_z(m->name, "$b"));
    take(&r, COMMAND_module);
    EXPECT(m->is_instance && str_eq_z(m->name, "$i") && str_eq_z(m->of, "$d"));
    take(&r, COMMAND_module);
    EXPECT(m->is_instance && !m->name.len && !m->of.len);
    take(&r, COMMAND_module);
    EXPECT(!m->module && m->err.kind == ERR_malformed);
    EXPECT(!strncmp(r.script.text + m->err.at, "nop2", 4));
    take(&r, COMMAND_module);
    EXPECT(m->module && m->is_definition);
    finish(&r);
}

static void bare_fields_are_a_module(void) {
    Run r;
    start(&r, ";; x\n(func) (memory 0) (func (export \"f\"))");
    const ScriptModule *m = &take(&r, COMMAND_module)->module;
    EXPECT(m->module && m->module->funcs.len == 2);
    finish(&r);
    start(&r, "");
    finish(&r);
    // Not behind a command.
    start(&r, "(module) (func)");
    take(&r, COMMAND_module);
    EXPECT(!next(&r));
    EXPECT(!strncmp(r.err.text, "unexpected token func", 21));
    EXPECT_EQ(r.err.at, 10);
    arena_release(&r.arena);
}

static void actions(void) {
    Run r;
    start(&r, "(invoke \"f\" (i32.const -1) (i64.const 1_0) (f32.const 0x1p-1)"
              "  (f64.const nan) (ref.null extern) (ref.extern 3) (ref.host 4)"
              "  (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 -1))"
              "(get $m \"\\67\") (register \"a\" $m) (register \"b\")");
    const ScriptAction *a = &take(&r, COMMAND_action)->action;
    EXPECT(str_eq_z(a->name, "f") && !a->instance.len);
    if (EXPECT_EQ(a->arg_len, 8)) {
        EXPECT_EQ(a->args[0].bits, 0xffffffff);
        EXPECT_EQ(a->args[1].bits, 10);
        EXPECT_EQ(a->args[2].bits, 0x3f000000);
        EXPECT_EQ(a->args[3].bits, INT64_C(0x7ff8000000000000));
        EXPECT(a->args[4].kind == SCRIPT_ref_null &&
               a->args[4].heap == HEAP_extern);
        EXPECT(a->args[5].has_index && a->args[5].bits == 3);
        EXPECT(a->args[6].kind == SCRIPT_ref_host && a->args[6].bits == 4);
        EXPECT(a->args[7].lane == VT_i8 && a->args[7].lane_bits[15] == 0xff);
    }
    take(&r, COMMAND_action);
    EXPECT(a->kind == ACTION_get && str_eq_z(a->name, "g"));
    EXPECT(str_eq_z(a->instance, "$m"));
    const ScriptCommand *c = take(&r, COMMAND_register);
    EXPECT(str_eq_z(c->name, "a") && str_eq_z(c->instance, "$m"));
    take(&r, COMMAND_register);
    EXPECT(str_eq_z(c->name, "b") && !c->instance.len);
    finish(&r);
}

static void results_may_be_patterns(void) {
    Run r;
    start(&r, "(assert_return (invoke \"f\") (f32.const nan:canonical)"
              "  (v128.const f64x2 nan:arithmetic 1) (ref.func) (ref.null)"
              "  (ref.extern) (either (i32.const 1) (i32.const 2)) (ref.i31))");
    const ScriptVal *v = take(&r, COMMAND_assert_return)->results;
    if (EXPECT_EQ(r.c.result_len, 7)) {
        EXPECT(v[0].nan == NAN_canonical);
        EXPECT(v[1].lane_nan[0] == NAN_arithmetic && !v[1].lane_nan[1]);
        EXPECT_EQ(v[1].lane_bits[1], INT64_C(0x3ff0000000000000));
        EXPECT(v[2].kind == SCRIPT_ref_any_kind && v[2].heap == HEAP_func);
        EXPECT(v[3].kind == SCRIPT_ref_null && v[3].heap == HEAP_bot);
        EXPECT(v[4].kind == SCRIPT_ref_extern && !v[4].has_index);
        EXPECT(v[5].alternative_len == 2 && v[5].alternatives[1].bits == 2);
        EXPECT(v[6].heap == HEAP_i31);
    }
    finish(&r);
}

static void assertions(void) {
    Run r;
    start(&r, "(assert_trap (invoke \"f\") \"t1\")"
              "(assert_trap (module (func) (start 0)) \"t2\")"
              "(assert_exhaustion (invoke \"f\") \"t3\")"
              "(assert_exception (invoke $m \"f\" (i32.const 1)))"
              "(assert_malformed (module quote \"x\") \"t4\")"
              "(assert_invalid (module (func (result i32))) \"t5\")"
              "(assert_unlinkable (module binary \"\") \"t6\")"
              "(assert_malformed_custom (module quote \"\") \"t7\")"
              "(assert_invalid_custom (module) \"t8\")");
    EXPECT(!take(&r, COMMAND_assert_trap)->has_module);
    EXPECT(str_eq_z(r.c.text, "t1"));
    EXPECT(take(&r, COMMAND_assert_trap)->has_module && r.c.module.module);
    EXPECT(str_eq_z(take(&r, COMMAND_assert_exhaustion)->text, "t3"));
    EXPECT(str_eq_z(take(&r, COMMAND_assert_exception)->action.instance, "$m"));
    EXPECT_EQ(take(&r, COMMAND_assert_malformed)->module.form, FORM_quote);
    EXPECT(take(&r, COMMAND_assert_invalid)->module.module != NULL);
    EXPECT_EQ(take(&r, COMMAND_assert_unlinkable)->module.form, FORM_binary);
    EXPECT(str_eq_z(take(&r, COMMAND_assert_malformed_custom)->text, "t7"));
    EXPECT(str_eq_z(take(&r, COMMAND_assert_invalid_custom)->text, "t8"));
    finish(&r);
}

static void threads(void) {
    Run r;
    start(&r, "(thread $t (shared (module $m)) (register \"m\" $m) (module)"
              "  (invoke \"f\")) (wait $t) (thread $u)");
    const ScriptCommand *c = take(&r, COMMAND_thread);
    EXPECT(str_eq_z(c->name, "$t") && c->shared_len == 1 &&
           str_eq_z(c->shared[0], "$m"));
    if (EXPECT_EQ(c->body_len, 3)) {
        EXPECT_EQ(c->body[1].kind, COMMAND_module);
        EXPECT(str_eq_z(c->body[2].action.name, "f"));
    }
    EXPECT(str_eq_z(take(&r, COMMAND_wait)->name, "$t"));
    EXPECT_EQ(take(&r, COMMAND_thread)->body_len, 0);
    finish(&r);
}

static void broken_scripts_end(void) {
    static const char *const texts[] = {
        "(module (func)",
        "(module binary \"",
        "(assert_nothing)",
        "(assert_return)",
        "(assert_return (invoke \"f\") (either (either)))",
        "(assert_trap (invoke \"f\"))",
        "(invoke f)",
        "(invoke \"f\" (i32.const 1x))",
        "(invoke \"f\" (v128.const i8x16 1))",
        "(invoke \"f\" (ref.what))",
        "(register m)",
        "(thread (thread))",
        "(thread",
        "module",
        ")",
        "\xff",
        "(@custom \"a\")",
    };
    for (size_t i = 0; i < COUNTOF(texts); i++) {
        Run r;
        start(&r, texts[i]);
        if (!EXPECT(!next(&r)) || !EXPECT(!err_ok(&r.err)))
            fprintf(stderr, "  %s\n", texts[i]);
        arena_release(&r.arena);
    }
}

// The caller may throw each command's memory away.
static void commands_can_be_forgotten(void) {
    static char text[80 * 20000];
    size_t len = 0;
    for (int i = 0; i < 20000; i++)
        len += (size_t)snprintf(text + len, sizeof text - len,
                                "(assert_return (invoke \"f\" (i32.const %d)) "
                                "(i32.const 1))\n",
                                i);
    Run r;
    start(&r, text);
    ArenaMark mark = arena_mark(&r.arena);
    int count = 0;
    for (; next(&r); count++)
        arena_rewind(&r.arena, mark);
    EXPECT_EQ(count, 20000);
    EXPECT(r.arena.used < 200 * 1024);
    arena_release(&r.arena);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(modules_have_many_forms),
                    UNIT_TEST(bare_fields_are_a_module), UNIT_TEST(actions),
                    UNIT_TEST(results_may_be_patterns), UNIT_TEST(assertions),
                    UNIT_TEST(threads), UNIT_TEST(broken_scripts_end),
                    UNIT_TEST(commands_can_be_forgotten));
}
