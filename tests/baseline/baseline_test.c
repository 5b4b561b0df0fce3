// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The baseline compiler against the interpreter: each numeric instruction, with
// its operands in every place where the abstract state can have them, over
// values at the boundaries. And functions of unusual size: twice as long may not
// take more than a little more than twice the memory and time.
#include "base/alloc.h"
#include "baseline/baseline.h"
#include "engine/load.h"
#include "rt/func.h"
#include "rt/instance.h"
#include "rt/trap.h"
#include "unit/text.h"
#include "unit/unit.h"
#include "valid/valid.h"
#include "wasm/op.h"

#include <time.h>

// --- one instruction in many places ------------------------------------------

// $0 is the instruction, $1 and $2 its operands' first and second, $x the type
// of the operands, $r that of the result.
typedef struct Shape {
    const char *name, *text;
    bool needs_same; // result and operands of one type
    bool needs_i32;  // the result is a condition
} Shape;

// More locals than there are registers, newer than their slots; and whether all
// of them are what they were.
#define CROWD                                                      \
    "($x.store (i32.const 8) (local.get 0)) "                      \
    "(local.set 3 (i64.const 3)) (local.set 4 (i64.const 4)) "     \
    "(local.set 5 (i64.const 5)) (local.set 6 (i64.const 6)) "     \
    "(local.set 7 (i64.const 7)) (local.set 8 (i64.const 8)) "     \
    "(local.set 9 (i64.const 9)) (local.set 10 (i64.const 10)) "   \
    "(local.set 11 (i64.const 11)) (local.set 12 (i64.const 12)) " \
    "(local.set 13 (i64.const 13)) (local.set 14 (i64.const 14)) " \
    "(local.set 15 (i64.const 15)) (local.set 16 (i64.const 16)) "
#define CROWD_CHECK                                              \
    "(if (i32.or ($x.ne (local.get 0) ($x.load (i32.const 8))) " \
    "(i64.ne (i64.const 133) "                                   \
    "(i64.add (local.get 3) (i64.add (local.get 4) "             \
    "(i64.add (local.get 5) (i64.add (local.get 6) "             \
    "(i64.add (local.get 7) (i64.add (local.get 8) "             \
    "(i64.add (local.get 9) (i64.add (local.get 10) "            \
    "(i64.add (local.get 11) (i64.add (local.get 12) "           \
    "(i64.add (local.get 13) (i64.add (local.get 14) "           \
    "(i64.add (local.get 15) (local.get 16)))))))))))))))) "     \
    "(then (unreachable))) "

static const Shape unary_shapes[] = {
    {"crowded",
     CROWD "(local.set 2 ($0 (local.get 0))) " CROWD_CHECK "(local.get 2)",
     false, false},
    {"local", "($0 (local.get 0))", false, false},
    {"operand", "(local.get 0) (call $nop) $0", false, false},
    {"loaded",
     "($x.store (i32.const 8) (local.get 0)) "
     "($0 ($x.load (i32.const 8)))",
     false, false},
    {"register", "($0 (select (local.get 0) (local.get 0) (i32.const 1)))",
     false, false},
    {"set", "(local.set 0 ($0 (local.get 0))) (local.get 0)", true, false},
    {"below",
     "(local.get 0) ($0 (local.get 0)) (local.set 2) drop "
     "(local.get 2)",
     false, false},
    {"if",
     "(if (result i32) ($0 (local.get 0)) (then (i32.const 5)) "
     "(else (i32.const 6)))",
     false, true},
};

static const Shape binary_shapes[] = {
    {"crowded",
     CROWD "(local.set 2 ($0 (local.get 0) (local.get 1))) " CROWD_CHECK
           "(local.get 2)",
     false, false},
    {"locals", "($0 (local.get 0) (local.get 1))", false, false},
    {"operands", "(local.get 0) (local.get 1) (call $nop) $0", false, false},
    {"loaded",
     "($x.store (i32.const 8) (local.get 1)) "
     "($0 (local.get 0) ($x.load (i32.const 8)))",
     false, false},
    {"loaded first",
     "($x.store (i32.const 8) (local.get 0)) "
     "($0 ($x.load (i32.const 8)) (local.get 1))",
     false, false},
    {"spilled first", "(local.get 0) (call $nop) (local.get 1) $0", false,
     false},
    {"twice",
     "(drop ($0 (local.get 0) (local.get 1))) "
     "($0 (local.get 0) (local.get 1))",
     false, false},
    {"registers",
     "($0 (select (local.get 0) (local.get 1) (i32.const 1)) "
     "(select (local.get 1) (local.get 0) (i32.const 1)))",
     false, false},
    {"set first",
     "(local.set 0 ($0 (local.get 0) (local.get 1))) "
     "(local.get 0)",
     true, false},
    {"set second",
     "(local.set 1 ($0 (local.get 0) (local.get 1))) "
     "(local.get 1)",
     true, false},
    {"tee",
     "(local.tee 1 ($0 (local.get 0) (local.get 1))) "
     "(local.set 0) (local.get 1)",
     true, false},
    {"kept",
     "(local.get 0) (local.get 1) ($0 (local.get 0) (local.get 1)) "
     "(local.set 2) drop drop (local.get 2)",
     false, false},
    {"if",
     "(if (result i32) ($0 (local.get 0) (local.get 1)) "
     "(then (i32.const 5)) (else (i32.const 6)))",
     false, true},
    {"not",
     "(if (result i32) (i32.eqz ($0 (local.get 0) (local.get 1))) "
     "(then (i32.const 5)) (else (i32.const 6)))",
     false, true},
    {"br_if",
     "(block (br_if 0 ($0 (local.get 0) (local.get 1))) "
     "(return (i32.const 5))) (i32.const 6)",
     false, true},
    {"select",
     "(select (i32.const 5) (i32.const 6) "
     "($0 (local.get 0) (local.get 1)))",
     false, true},
};

static const char *const type_text[] = {
    [SIG_i32] = "i32",
    [SIG_i64] = "i64",
    [SIG_f32] = "f32",
    [SIG_f64] = "f64",
};

static const uint64_t ints[] = {
    0,          1,
    2,          31,
    32,         63,
    64,         0x7f,
    0x80,       0xffff,
    0x7fffffff, 0x80000000,
    0xffffffff, 0x1ffffffff,
    INT64_MAX,  (uint64_t)INT64_MIN,
    UINT64_MAX, 0x123456789abcdef0,
};
static const double floats[] = {
    0.0,
    -0.0,
    0.5,
    -0.5,
    1.0,
    -1.0,
    1.5,
    2.5,
    -1.9,
    2147483647,
    2147483648,
    -2147483648,
    -2147483649.0,
    4294967295,
    4294967296,
    0x1p63,
    -0x1p63,
    0x1p64,
    0x1.fffffffffffffp62,
    1e-310,
    1e300,
    1e40,
};

enum {
    SPECIALS = 3, // infinities and a NaN follow the numbers
    FLOATS = sizeof floats / sizeof *floats + SPECIALS,
    INTS = sizeof ints / sizeof *ints,
};

static size_t value_count(OpSigType t) {
    return t == SIG_f32 || t == SIG_f64 ? (size_t)FLOATS : (size_t)INTS;
}

static Raw value(OpSigType t, size_t i) {
    Raw v = {0};
    if (t == SIG_i32) {
        v.u32 = (uint32_t)ints[i];
    } else if (t == SIG_i64) {
        v.u64 = ints[i];
    } else {
        static const uint64_t bits[SPECIALS] = {
            0x7ff0000000000000, 0xfff0000000000000, 0x7ffc000000000123};
        double x = i < COUNTOF(floats) ? floats[i]
                                       : f64_of_bits(bits[i - COUNTOF(floats)]);
        if (t == SIG_f64)
            v.f64 = x;
        else
            v.f32 = (float)x;
    }
    return v;
}

static void put_shape(Text *t, const Shape *s, const char *op, const char *from,
                      const char *to) {
    for (const char *p = s->text; *p; p++) {
        if (*p != '$' || p[1] == 'n') {
            put(t, "%c", *p);
            continue;
        }
        p++;
        put(t, "%s", *p == '0' ? op : *p == 'x' ? from : to);
    }
}

static bool fits(const Shape *s, OpSigType from, OpSigType to) {
    return (!s->needs_same || from == to) && (!s->needs_i32 || to == SIG_i32);
}

// All instructions of scalars, one function for each shape that fits.
static void put_module(Text *t) {
    put(t, "(module (memory 1) (func $nop)\n");
    for (int op = 0; op < OP_count; op++) {
        OpSig sig = op_info[op].sig;
        if (op_info[op].imm != IMM_none || sig == OP_SIG_NONE) continue;
        unsigned len = sig_param_len(sig);
        if (sig_result_len(sig) != 1 || len == 0 || len > 2) continue;
        OpSigType from = sig_param(sig, 0), to = sig_result(sig, 0);
        if (from > SIG_f64 || to > SIG_f64 || sig_param(sig, len - 1) != from)
            continue;
        const Shape *shapes = len == 1 ? unary_shapes : binary_shapes;
        size_t count =
            len == 1 ? COUNTOF(unary_shapes) : COUNTOF(binary_shapes);
        for (size_t i = 0; i < count; i++) {
            if (!fits(&shapes[i], from, to)) continue;
            const char *x = type_text[from], *r = type_text[to];
            put(t,
                "(func (export \"%s %s\") (param %s %s) (result %s) "
                "(local %s i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 i64 "
                "i64 i64) ",
                op_info[op].text, shapes[i].name, x, x, r, r);
            put_shape(t, &shapes[i], op_info[op].text, x, r);
            put(t, ")\n");
        }
    }
    put(t, ")\n");
}

typedef struct Rig {
    Engine *engine;
    Store *store;
    RtModule *module;
    Instance *inst;
} Rig;

static bool rig_init(Rig *r, const Text *text, TierPolicy tiers,
                     uint64_t chaos_seed, bool use_guards) {
    *r = (Rig){0};
    EngineConfig c;
    engine_config_init(&c);
    c.tiers = tiers;
    c.chaos_seed = chaos_seed;
    c.is_deterministic = true;
    c.use_guards = use_guards;
    Err err = {0};
    bool in_text;
    r->engine = engine_new(&c);
    r->store = store_new(r->engine);
    r->module =
        module_load_text(r->engine, text->data, text->len, &err, &in_text);
    if (r->module &&
        instance_new(r->store, r->module, NULL, 0, &r->inst, &err) == STATUS_ok)
        return true;
    printf("%s\n", err.text);
    return false;
}

static void rig_release(Rig *r) {
    store_unref(r->store);
    rt_module_unref(r->module);
    engine_unref(r->engine);
}

// What came out, as one word: the bits, or the trap.
static uint64_t outcome(Rig *r, Func *f, OpSigType from, OpSigType to, size_t a,
                        size_t b) {
    Raw values[2] = {value(from, a), value(from, b)};
    if (func_call(r->store, f, values) == STATUS_ok)
        return to == SIG_i32 || to == SIG_f32 ? values[0].u32 : values[0].u64;
    uint64_t trap = (uint64_t)r->store->trap.code;
    trap_clear(&r->store->trap);
    return trap << 56 | 0xbad;
}

// The types of an export, from its instruction.
static Op op_of_export(Str name) {
    const char *space = memchr(name.data, ' ', name.len);
    return op_find((Str){name.data, (uint32_t)(space - name.data)});
}

static void compare_export(Rig *judge, Rig *r, Str name) {
    OpSig sig = op_info[op_of_export(name)].sig;
    unsigned len = sig_param_len(sig);
    OpSigType from = sig_param(sig, 0), to = sig_result(sig, 0);
    Extern one, other;
    Err err = {0};
    if (!EXPECT(instance_export(judge->inst, name, &one, &err) &&
                instance_export(r->inst, name, &other, &err)))
        return;
    size_t bs = len == 2 ? value_count(from) : 1;
    for (size_t a = 0; a < value_count(from); a++) {
        for (size_t b = 0; b < bs; b++) {
            uint64_t want = outcome(judge, one.func, from, to, a, b);
            uint64_t got = outcome(r, other.func, from, to, a, b);
            if (got == want) continue;
            printf("%.*s of values %zu and %zu: %" PRIx64 ", not %" PRIx64 "\n",
                   (int)name.len, name.data, a, b, got, want);
            EXPECT(false);
            return;
        }
    }
}

static void compare_all(uint64_t chaos_seed, bool use_guards) {
    Text t = {0};
    put_module(&t);
    Rig judge, r;
    bool judge_ok = rig_init(&judge, &t, TIERS_interp, 0, true);
    bool ok = rig_init(&r, &t, TIERS_baseline, chaos_seed, use_guards);
    if (EXPECT(judge_ok && ok)) {
        EXPECT(r.module->module.exports.len > 500);
        VEC_EACH (const Export, e, &r.module->module.exports)
            compare_export(&judge, &r, e->name);
    }
    rig_release(&judge);
    rig_release(&r);
    mem_free(t.data);
}

static void instructions(void) {
    compare_all(0, true);
}

static void instructions_checked(void) {
    compare_all(0, false);
}

static void instructions_in_any_registers(void) {
    compare_all(12345, true);
}

// --- what is in registers ----------------------------------------------------

// Calls the only export with a number; both ways must give `want`.
static void expect_result(const Text *text, uint64_t argument, uint64_t want) {
    static const TierPolicy tiers[] = {TIERS_interp, TIERS_baseline};
    for (size_t i = 0; i < COUNTOF(tiers); i++) {
        Rig r;
        if (!EXPECT(rig_init(&r, text, tiers[i], 0, true))) continue;
        Extern item;
        Err err = {0};
        Raw values[1] = {{.u64 = argument}};
        EXPECT(instance_export_at(r.inst, 0, &item, &err));
        EXPECT_EQ(func_call(r.store, item.func, values), STATUS_ok);
        EXPECT_EQ(values[0].u64, want);
        rig_release(&r);
    }
}

// A float is the deepest operand when registers of the other kind run out.
static void operands_of_both_kinds(void) {
    enum {
        INTS_LIVE = 20,
    };
    Text t = {0};
    put(&t, "(module (func (export \"f\") (param i64) (result i64)\n"
            "(f64.add (f64.convert_i64_s (local.get 0)) (f64.const 0.5))\n");
    for (int i = 0; i < INTS_LIVE; i++)
        put(&t, "(i64.add (local.get 0) (i64.const %d))\n", i);
    for (int i = 1; i < INTS_LIVE; i++)
        put(&t, "i64.add\n");
    put(&t, "(local.set 0) (i64.mul (i64.trunc_f64_s) (local.get 0))))");
    expect_result(&t, 3, 3 * (3 * INTS_LIVE + INTS_LIVE * (INTS_LIVE - 1) / 2));
    mem_free(t.data);
}

// The index of a local that is set next may take one byte, two, or three.
static void locals_with_long_indices(void) {
    Text t = {0};
    put(&t, "(module (func (export \"f\") (param i64) (result i64) (local");
    for (int i = 0; i < 40000; i++)
        put(&t, " i64");
    put(&t, ")");
    static const int locals[] = {116, 244, 20000, 36384};
    for (size_t i = 0; i < COUNTOF(locals); i++)
        put(&t, "(local.set %d (i64.add (local.get 0) (i64.const %d)))\n",
            locals[i], 1 << (4 * i));
    put(&t, "(i64.const 0)\n");
    for (size_t i = 0; i < COUNTOF(locals); i++)
        put(&t, "(i64.add (local.get %d))\n", locals[i]);
    put(&t, "))");
    expect_result(&t, 5, 4 * 5 + 0x1111);
    mem_free(t.data);
}

// --- size --------------------------------------------------------------------

// The body of a function with parameter 0, in binary, n times as large.
typedef void Grow(Text *t, uint32_t n);

static void many_locals(Text *t, uint32_t n) {
    for (uint32_t i = 1; i < 20 * n; i++)
        put(t, "(local.set %u (i32.add (local.get %u) (local.get 0)))\n",
            i % 40000 + 1, (i * 7) % 40000 + 1);
}

static void nested_blocks(Text *t, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        put(t, "(block (local.set 1 (i32.add (local.get 1) (local.get 0)))"
               "(br_if 0 (local.get 0))\n");
    for (uint32_t i = 0; i < n; i++)
        put(t, "(br_if 0 (local.get 1)))\n");
}

static void nested_loops(Text *t, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        put(t, "(loop (local.set 1 (i32.sub (local.get 1) (local.get 0)))\n");
    for (uint32_t i = 0; i < n; i++)
        put(t, "(br_if 0 (local.get 1)))\n");
}

static void one_table(Text *t, uint32_t n) {
    put(t, "(block (block (block (br_table ");
    for (uint32_t i = 0; i < 20 * n; i++)
        put(t, "%u ", i % 3);
    put(t, "(local.get 0)))))\n");
}

static void deep_stack(Text *t, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        put(t, "local.get 0 i32.const 7 local.get 1 \n");
    for (uint32_t i = 1; i < 3 * n; i++)
        put(t, "local.get 1 local.set 2 i32.add \n");
    put(t, "drop\n");
}

static void straight(Text *t, uint32_t n) {
    for (uint32_t i = 0; i < 10 * n; i++)
        put(t,
            "(local.set %u (i32.mul (i32.load (local.get %u)) "
            "(i32.const 9)))\n",
            i % 5 + 1, (i + 1) % 5 + 1);
}

static void many_calls(Text *t, uint32_t n) {
    for (uint32_t i = 0; i < 60; i++)
        put(t, "i32.const 3 ");
    for (uint32_t i = 0; i < 3 * n; i++)
        put(t, "call $nop ");
    for (uint32_t i = 0; i < 60; i++)
        put(t, "drop ");
}

typedef struct Cost {
    size_t memory;
    double seconds;
} Cost;

static Cost cost_of(Grow *grow, uint32_t n) {
    Text t = {0};
    put(&t, "(module (memory 1) (func $nop) (func (param i32) (local i32 i32) "
            "(local");
    for (int i = 0; i < 40000; i++)
        put(&t, " i32");
    put(&t, ")\n");
    grow(&t, n);
    put(&t, "))");
    Rig r;
    Cost cost = {0};
    if (EXPECT(rig_init(&r, &t, TIERS_interp, 0, true))) {
        static const BaselineOptions options = {
            .memory0_is_guarded = true,
            .guard_bytes = UINT32_MAX,
            .use_epoch = true,
        };
        BaselineEnv env = {.module = &r.module->module,
                           .side = r.module->side,
                           .options = &options};
        Arena arena;
        arena_init(&arena, 0);
        CodeFunc f;
        clock_t start = clock();
        baseline_compile(&env, 1, &arena, &f);
        cost.seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        cost.memory = arena.used;
        EXPECT(f.size > n);
        arena_release(&arena);
    }
    rig_release(&r);
    mem_free(t.data);
    return cost;
}

static void linear(void) {
    static const struct {
        const char *name;
        Grow *grow;
    } cases[] = {
        {"many locals", many_locals},   {"nested blocks", nested_blocks},
        {"nested loops", nested_loops}, {"one table", one_table},
        {"deep stack", deep_stack},     {"straight", straight},
        {"many calls", many_calls},
    };
    enum {
        SIZE = 5000,
    };
    for (size_t i = 0; i < COUNTOF(cases); i++) {
        Cost small = cost_of(cases[i].grow, SIZE);
        Cost large = cost_of(cases[i].grow, 4 * SIZE);
        bool ok = EXPECT(large.memory <= 6 * small.memory);
        if (!EXPECT(large.seconds <= 10 * small.seconds + 0.2) || !ok)
            printf("%s: %zu and %zu bytes, %.3f and %.3f s\n", cases[i].name,
                   small.memory, large.memory, small.seconds, large.seconds);
    }
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(instructions), UNIT_TEST(instructions_checked),
                    UNIT_TEST(instructions_in_any_registers),
                    UNIT_TEST(operands_of_both_kinds),
                    UNIT_TEST(locals_with_long_indices), UNIT_TEST(linear));
}
