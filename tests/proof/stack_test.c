// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The stack oracle. A guest of random calls keeps a shadow of its own calls in
// its memory: who runs, innermost last. Whenever the host is called, and where
// a trap was recorded, the walk over the frames must say the same. Calls are of
// all kinds: direct, by table, by reference, each as a tail call too (which
// takes its caller out of the shadow), to the host, through the host back into
// the guest, and past handlers that an exception unwinds to.
#include "engine/load.h"
#include "rt/frames.h"
#include "rt/linker.h"
#include "unit/unit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FUNCS = 12,
    IMPORTS = 2, // check, again
    SEEDS = 300,
    SHADOW_MAX = 4096,
    TEXT_MAX = 1 << 16,
};

// --- the guest -------------------------------------------------------------------------

typedef struct Guest {
    char text[TEXT_MAX];
    size_t len;
    uint64_t random;
} Guest;

static uint32_t below(Guest *g, uint32_t n) {
    uint64_t x = g->random += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    return (uint32_t)((x ^ x >> 27) >> 20) % n;
}

PRINTF(2, 3) static void put(Guest *g, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int len =
        vsnprintf(g->text + g->len, sizeof g->text - g->len, format, args);
    va_end(args);
    g->len += (size_t)len;
    if (g->len >= sizeof g->text) abort();
}

// A call of some function in one of three ways, or of the host; `tail` is ""
// or "return_".
static void put_call(Guest *g, const char *tail) {
    uint32_t f = below(g, FUNCS);
    switch (below(g, 5)) {
    case 0:
        put(g, "(%scall_indirect (type $v) (i32.const %u))\n", tail, f);
        return;
    case 1:
        put(g, "(%scall_ref $v (ref.func $f%u))\n", tail, f);
        return;
    case 2:
        put(g, "(%scall %s)\n", tail, below(g, 2) ? "$check" : "$again");
        return;
    default:
        put(g, "(%scall $f%u)\n", tail, f);
    }
}

static void put_caught_call(Guest *g) {
    put(g, "(block $h (try_table (catch_all $h)\n");
    put_call(g, "");
    if (below(g, 2)) put(g, "(throw $t)\n");
    put(g, "))\n(global.set $sp (local.get $mine))\n");
}

static void put_func(Guest *g, uint32_t i) {
    static const char *const widths[] = {"", " (local v128)",
                                         " (local f64 i32)"};
    put(g, "(func $f%u (type $v) (local $mine i32)%s\n", i,
        widths[below(g, 3)]);
    put(g, "(i32.store (global.get $sp) (i32.const %u))\n", i + IMPORTS);
    put(g, "(global.set $sp (i32.add (global.get $sp) (i32.const 4)))\n");
    put(g, "(local.set $mine (global.get $sp))\n");
    put(g, "(if (i32.eqz (global.get $fuel)) (then (call $check)\n");
    put(g, "  (global.set $sp (i32.sub (local.get $mine) (i32.const 4)))"
           "(return)))\n");
    put(g, "(global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))\n");
    for (uint32_t n = below(g, 4); n > 0; n--) {
        if (below(g, 3))
            put_call(g, "");
        else
            put_caught_call(g);
    }
    if (below(g, 6) == 0) put(g, "(unreachable)\n");
    if (below(g, 8) == 0) put(g, "(throw $t)\n");
    put(g, "(global.set $sp (i32.sub (local.get $mine) (i32.const 4)))\n");
    if (below(g, 2)) put_call(g, "return_");
    put(g, ")\n");
}

static void put_guest(Guest *g, uint64_t seed) {
    g->len = 0;
    g->random = seed;
    put(g, "(module (type $v (func))\n"
           "(import \"host\" \"check\" (func $check (type $v)))\n"
           "(import \"host\" \"again\" (func $again (type $v)))\n"
           "(memory (export \"shadow\") 1) (tag $t)\n"
           "(global $sp (export \"sp\") (mut i32) (i32.const 0))\n"
           "(global $fuel (export \"fuel\") (mut i32) (i32.const 60))\n");
    put(g, "(table (export \"funcs\") funcref (elem");
    for (uint32_t i = 0; i < FUNCS; i++)
        put(g, " $f%u", i);
    put(g, "))\n");
    for (uint32_t i = 0; i < FUNCS; i++) {
        put_func(g, i);
        put(g, "(export \"f%u\" (func $f%u))\n", i, i);
    }
    put(g, ")\n");
}

// --- the judge ---------------------------------------------------------------------------

typedef struct Judge {
    Instance *inst;
    Memory *shadow;
    Global *sp, *fuel;
    uint32_t checks, traps, mismatches;
} Judge;

static uint32_t shadow_at(const Judge *j, uint32_t i) {
    uint32_t func;
    memcpy(&func, j->shadow->base + i * sizeof func, sizeof func);
    return func;
}

static uint32_t shadow_len(const Judge *j) {
    return j->sp->cell.u32 / 4;
}

// The frames that the store walks now are those of the shadow.
static void check_walk(Judge *j, const Store *s) {
    uint32_t left = shadow_len(j);
    FrameCursor cursor;
    frames_begin(&cursor, s);
    for (Frame f; frames_next(&cursor, &f);) {
        bool ok = left > 0 && shadow_at(j, left - 1) == f.func &&
                  f.instance == j->inst;
        j->mismatches += !ok;
        if (!ok) return;
        left--;
    }
    j->mismatches += left != 0;
    j->checks++;
}

static void check_trap(Judge *j, const TrapInfo *t) {
    uint32_t left = shadow_len(j);
    j->traps++;
    j->mismatches += t->frame_len != left;
    for (uint32_t i = 0; i < t->frames.len && left; i++)
        j->mismatches += t->frames.data[i].func != shadow_at(j, --left);
}

static Status host_check(HostCall *call) {
    call->is_result = true;
    check_walk(call->env, call->store);
    return STATUS_ok;
}

// Goes back into the guest, which may throw or trap.
static Status host_again(HostCall *call) {
    Judge *j = call->env;
    Extern f;
    Err err = {0};
    char name[8];
    check_walk(j, call->store);
    snprintf(name, sizeof name, "f%u", j->fuel->cell.u32 % FUNCS);
    call->is_result = true;
    if (!instance_export(j->inst, str_of(name), &f, &err)) return STATUS_ok;
    Raw none = {0};
    return func_call(call->store, f.func, &none);
}

static bool define(Linker *l, Engine *e, Judge *j) {
    RtType *type = registry_func_type(e->registry, NULL, 0, NULL, 0);
    Err err = {0};
    bool ok = type &&
              linker_define_func(l, STR("host"), STR("check"), type, host_check,
                                 j, NULL, &err) &&
              linker_define_func(l, STR("host"), STR("again"), type, host_again,
                                 j, NULL, &err);
    if (type) rt_type_unref(e->registry, type);
    return ok;
}

static bool find(Judge *j) {
    Extern item;
    Err err = {0};
    if (!instance_export(j->inst, STR("shadow"), &item, &err)) return false;
    j->shadow = item.memory;
    if (!instance_export(j->inst, STR("sp"), &item, &err)) return false;
    j->sp = item.global;
    if (!instance_export(j->inst, STR("fuel"), &item, &err)) return false;
    j->fuel = item.global;
    return true;
}

static void call_all(Judge *j, Store *s) {
    for (uint32_t i = 0; i < FUNCS; i++) {
        Extern f;
        Err err = {0};
        char name[8];
        snprintf(name, sizeof name, "f%u", i);
        if (!EXPECT(instance_export(j->inst, str_of(name), &f, &err))) return;
        j->sp->cell.u32 = 0;
        j->fuel->cell.u32 = 60;
        Raw none = {0};
        Status status = func_call(s, f.func, &none);
        if (status == STATUS_trap && s->trap.code == TRAP_unreachable)
            check_trap(j, &s->trap);
        if (status == STATUS_ok) j->mismatches += shadow_len(j) != 0;
        trap_clear(&s->trap);
        s->exception = 0;
    }
}

static void run_guest(Engine *e, const Guest *g, Judge *j) {
    Err err = {0};
    bool in_text;
    RtModule *m = module_load_text(e, g->text, g->len, &err, &in_text);
    if (!EXPECT(m)) {
        printf("%s\n%s\n", err.text, g->text);
        return;
    }
    Store *s = store_new(e);
    Linker *l = linker_new(e);
    if (EXPECT(s && l && define(l, e, j))) {
        Status status = linker_instantiate(l, s, m, &j->inst, &err);
        s->context.fuel = INT64_MAX;
        if (EXPECT_EQ(status, STATUS_ok) && EXPECT(find(j))) call_all(j, s);
    }
    linker_free(l);
    if (s) store_unref(s);
    rt_module_unref(m);
}

// --- tests ---------------------------------------------------------------------------------

static void judge(EngineConfig *config) {
    config->features = FEATURES_ALL;
    Engine *e = engine_new(config);
    if (!EXPECT(e)) return;
    static Guest g;
    Judge j = {0};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        put_guest(&g, seed);
        run_guest(e, &g, &j);
        if (EXPECT_EQ(j.mismatches, 0)) continue;
        printf("seed %llu\n", (unsigned long long)seed);
        break;
    }
    EXPECT(j.checks > SEEDS);
    EXPECT(j.traps > SEEDS / 4);
    engine_unref(e);
}

static void plain(void) {
    EngineConfig config;
    engine_config_init(&config);
    judge(&config);
}

static void with_fuel(void) {
    EngineConfig config;
    engine_config_init(&config);
    config.use_fuel = true;
    judge(&config);
}

// The stack ends: the trap's count of frames is that of the shadow, although
// not all of them are kept.
static void at_the_end_of_the_stack(void) {
    static const char text[] =
        "(module (memory (export \"shadow\") 64)"
        " (global $sp (export \"sp\") (mut i32) (i32.const 0))"
        " (global (export \"fuel\") (mut i32) (i32.const 0))"
        " (func $f (export \"f\")"
        "  (i32.store (global.get $sp) (i32.const 0))"
        "  (global.set $sp (i32.add (global.get $sp) (i32.const 4)))"
        "  (call $f)))";
    EngineConfig config;
    engine_config_init(&config);
    config.limits.stack_size = 1 << 16;
    Engine *e = engine_new(&config);
    Err err = {0};
    bool in_text;
    RtModule *m = module_load_text(e, text, sizeof text - 1, &err, &in_text);
    Store *s = store_new(e);
    Judge j = {0};
    Extern f;
    Raw none = {0};
    if (EXPECT(m && s) &&
        EXPECT_EQ(instance_new(s, m, NULL, 0, &j.inst, &err), STATUS_ok) &&
        EXPECT(find(&j)) &&
        EXPECT(instance_export(j.inst, STR("f"), &f, &err))) {
        EXPECT_EQ(func_call(s, f.func, &none), STATUS_trap);
        EXPECT_EQ(s->trap.code, TRAP_stack_exhausted);
        // The call that found no room has no frame, or is just being made.
        EXPECT(s->trap.frame_len >= shadow_len(&j));
        EXPECT(s->trap.frame_len <= shadow_len(&j) + 1);
        EXPECT_EQ(s->trap.frames.len, TRACE_MAX);
    }
    if (s) store_unref(s);
    if (m) rt_module_unref(m);
    engine_unref(e);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(plain), UNIT_TEST(with_fuel),
                    UNIT_TEST(at_the_end_of_the_stack));
}
