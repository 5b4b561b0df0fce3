// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The baseline compiler's vectors against the interpreter's: each instruction
// without an immediate, with operands in memory, in locals, and spilled, over
// lanes at the boundaries, for this processor and for the oldest that will do.
#include "base/alloc.h"
#include "engine/load.h"
#include "rt/func.h"
#include "rt/instance.h"
#include "rt/trap.h"
#include "unit/unit.h"
#include "wasm/op.h"

#include <string.h>

// --- the module --------------------------------------------------------------

// Eight vectors: extremes of every width, and numbers that hardly convert.
static const uint64_t vectors[][2] = {
    {0, 0},
    {UINT64_MAX, UINT64_MAX},
    {0x8000000000000000, 0x7fffffffffffffff},
    {0x80ff7f0180017fff, 0x7fffffff80000000},
    {0x0102040810204080, 0x00ff00ff0f0f5555},
    {0x8000000000000001, 0xffffffff00000000},
    {0x4f0000004effffff, 0xcf0000014f800000}, // f32: 2^31 and neighbours
    {0x41dfffffffe00000, 0xc1e0000000200000}, // f64: 2^31 - 0.5, below -2^31
    {0x41effffffff00000, 0x7ff8000000000000}, // f64: 2^32 - 0.5, a NaN
    {0x7f800000ff800000, 0x7fc00000bfc00000}, // f32: infinities, a NaN, -1.5
    {0x400c000000000000, 0xbff8000000000000}, // f64: 3.5, -1.5
    {0x3f80000040490fdb, 0x3fc00000c0200000}, // f32: pi, 1, -2.5, 1.5
};
static const uint32_t counts[] = {0, 1, 7, 8, 15, 16, 31, 33, 63, 255};

enum {
    VECTORS = sizeof vectors / sizeof *vectors,
    COUNTS = sizeof counts / sizeof *counts,
};

// $0: the instruction; $x, $y and $z: its operands, in locals; $a: those in
// memory, all in a row; $l: the locals in a row.
static const char *const shapes[] = {
    "($0 $a)",
    "($0 $l)",
    "$l (call $nop) $0",
    "$l ($0 $l) (local.set $r) $d (local.get $r)",
    "(local.set $x ($0 $l)) (local.get $x) (local.set $x (local.get $y))",
};

typedef struct Text {
    char data[1 << 20];
    size_t len;
} Text;

static void put(Text *t, const char *text) {
    size_t len = strlen(text);
    CHECK(t->len + len < sizeof t->data);
    memcpy(t->data + t->len, text, len);
    t->len += len;
}

static void put_operands(Text *t, OpSig sig, char how) {
    static const char *const memory[] = {"(v128.load (local.get $a)) ",
                                         "(v128.load (local.get $b)) ",
                                         "(v128.load (local.get $c)) "};
    static const char *const local[] = {"(local.get $x) ", "(local.get $y) ",
                                        "(local.get $z) "};
    for (unsigned i = 0; i < sig_param_len(sig); i++) {
        if (how == 'd')
            put(t, "drop ");
        else if (sig_param(sig, i) == SIG_i32)
            put(t, "(local.get $n) ");
        else
            put(t, how == 'a' ? memory[i] : local[i]);
    }
}

// NaNs may be any: zeros take their places.
static void put_clean(Text *t, Op op) {
    const char *name = op_info[op].text;
    if (name[0] != 'f' || sig_result(op_info[op].sig, 0) != SIG_v128) return;
    put(t, " (local.set $r) (v128.and (local.get $r) (");
    put(t, name[1] == '3' ? "f32x4" : "f64x2");
    put(t, ".eq (local.get $r) (local.get $r)))");
}

// Locals that were not set must be as they were: they are part of the result.
static void put_func(Text *t, Op op, const char *shape, char number) {
    OpSig sig = op_info[op].sig;
    bool is_vector = sig_result(sig, 0) == SIG_v128;
    char name[] = {' ', number, '"', ')', ' ', 0};
    put(t, "(func (export \"");
    put(t, op_info[op].text);
    put(t, name);
    put(t, "(param $a i32) (param $b i32) (param $c i32) (param $n i32)"
           "(result i64) (local $x v128) (local $y v128) (local $z v128) ");
    put(t, is_vector ? "(local $r v128) " : "(local $r i32) ");
    put(t, "(local.set $x (v128.load (local.get $a)))"
           "(local.set $y (v128.load (local.get $b)))"
           "(local.set $z (v128.load (local.get $c))) ");
    for (const char *p = shape; *p; p++) {
        char one[] = {*p, 0};
        if (*p != '$' || !strchr("0ald", p[1]))
            put(t, one);
        else if (*++p == '0')
            put(t, op_info[op].text);
        else
            put_operands(t, sig, *p);
    }
    put_clean(t, op);
    put(t, is_vector ? " (call $hash" : " (i64.extend_i32_u");
    put(t, ") (i64.xor (call $hash (v128.xor (v128.xor (local.get $x) "
           "(i8x16.swizzle (local.get $y) (v128.const i8x16 1 2 3 4 5 6 7 8 9 "
           "10 11 12 13 14 15 0))) (local.get $z)))))\n");
}

static bool is_tested(Op op) {
    OpSig sig = op_info[op].sig;
    if (op_info[op].imm != IMM_none || sig == OP_SIG_NONE) return false;
    unsigned len = sig_param_len(sig);
    if (sig_result_len(sig) != 1 || len == 0 || sig_param(sig, 0) != SIG_v128)
        return false;
    for (unsigned i = 1; i < len; i++)
        if (sig_param(sig, i) != SIG_v128 && sig_param(sig, i) != SIG_i32)
            return false;
    OpSigType result = sig_result(sig, 0);
    return result == SIG_v128 || result == SIG_i32;
}

static void put_module(Text *t) {
    put(t, "(module (memory (export \"m\") 1) (func $nop)"
           "(func $hash (param v128) (result i64) (i64.xor "
           "(i64x2.extract_lane 0 (local.get 0)) (i64.rotl "
           "(i64x2.extract_lane 1 (local.get 0)) (i64.const 7))))\n");
    for (int op = 0; op < OP_count; op++) {
        if (!is_tested((Op)op)) continue;
        for (size_t i = 0; i < COUNTOF(shapes); i++) {
            // Setting $x needs a vector.
            bool is_vector = sig_result(op_info[op].sig, 0) == SIG_v128;
            if (i == 4 && !is_vector) continue;
            put_func(t, (Op)op, shapes[i], (char)('0' + i));
        }
    }
    put(t, ")\n");
}

// --- running it --------------------------------------------------------------

typedef struct Rig {
    Engine *engine;
    Store *store;
    RtModule *module;
    Instance *inst;
} Rig;

static bool rig_init(Rig *r, const Text *text, EngineConfig *c) {
    *r = (Rig){0};
    Err err = {0};
    bool in_text;
    r->engine = engine_new(c);
    r->store = store_new(r->engine);
    r->module =
        module_load_text(r->engine, text->data, text->len, &err, &in_text);
    if (!r->module || instance_new(r->store, r->module, NULL, 0, &r->inst,
                                   &err) != STATUS_ok) {
        printf("%s\n", err.text);
        return false;
    }
    memcpy(r->inst->context.memory0_base, vectors, sizeof vectors);
    return true;
}

static void rig_release(Rig *r) {
    store_unref(r->store);
    rt_module_unref(r->module);
    engine_unref(r->engine);
}

static uint64_t call(Rig *r, Func *f, const uint32_t operands[4]) {
    Raw values[4];
    for (int i = 0; i < 4; i++)
        values[i] = (Raw){.u64 = operands[i]};
    if (!EXPECT(func_call(r->store, f, values) == STATUS_ok)) return 0;
    return values[0].u64;
}

// All pairs of vectors; the third, and the count, follow from them.
static void compare(Rig *judge, Rig *r, Str name) {
    Extern one, other;
    Err err = {0};
    if (!EXPECT(instance_export(judge->inst, name, &one, &err) &&
                instance_export(r->inst, name, &other, &err)))
        return;
    for (uint32_t i = 0; i < VECTORS * VECTORS; i++) {
        uint32_t operands[] = {16 * (i / VECTORS), 16 * (i % VECTORS),
                               16 * ((i * 5 + 3) % VECTORS),
                               counts[i % COUNTS]};
        uint64_t want = call(judge, one.func, operands);
        uint64_t got = call(r, other.func, operands);
        if (got == want) continue;
        printf("%.*s of %u: %" PRIx64 ", not %" PRIx64 "\n", (int)name.len,
               name.data, i, got, want);
        EXPECT(false);
        return;
    }
}

static Text text;

static void compare_all(EngineConfig *c) {
    text.len = 0;
    put_module(&text);
    EngineConfig interp;
    engine_config_init(&interp);
    interp.tiers = TIERS_interp;
    interp.is_deterministic = c->is_deterministic;
    c->tiers = TIERS_baseline;
    Rig judge, r;
    bool judge_ok = rig_init(&judge, &text, &interp);
    bool ok = rig_init(&r, &text, c);
    if (EXPECT(judge_ok && ok)) {
        EXPECT(r.module->module.exports.len > 700);
        VEC_EACH (const Export, e, &r.module->module.exports)
            if (e->kind == EXTERN_func) compare(&judge, &r, e->name);
    }
    rig_release(&judge);
    rig_release(&r);
}

static void for_this_processor(void) {
    EngineConfig c;
    engine_config_init(&c);
    compare_all(&c);
}

static void for_the_oldest(void) {
    EngineConfig c;
    engine_config_init(&c);
    c.cpu_floor = true;
    compare_all(&c);
}

static void in_any_registers(void) {
    EngineConfig c;
    engine_config_init(&c);
    c.chaos_seed = 4711;
    compare_all(&c);
}

static void with_canonical_nans(void) {
    EngineConfig c;
    engine_config_init(&c);
    c.is_deterministic = true;
    compare_all(&c);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(for_this_processor), UNIT_TEST(for_the_oldest),
                    UNIT_TEST(in_any_registers),
                    UNIT_TEST(with_canonical_nans));
}
