// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Values between C and machine code, both ways, in every order of classes; with
// adapters, and without where there are more signatures than adapters.
#include "engine/compiled_int.h"
#include "engine/load.h"
#include "rt/func.h"
#include "unit/unit.h"

#include <stdio.h>

enum {
    CLASSES = 5,
    LISTS = 1 + CLASSES + CLASSES * CLASSES, // of up to two values
    TEXT = 32 * 1024,
};

static const char *const names[CLASSES] = {"i32", "i64", "f32", "f64", "v128"};

typedef struct Rig {
    Engine *engine;
    Store *store;
    uint32_t calls; // of the host
} Rig;

static void init(Rig *r) {
    *r = (Rig){0};
    EngineConfig config;
    engine_config_init(&config);
    config.tiers = TIERS_baseline;
    config.features = FEATURES_ALL;
    r->engine = engine_create(&config, &compiled_tier);
    EXPECT(compiled_init(r->engine));
    r->store = store_new(r->engine);
}

static void release(Rig *r) {
    store_unref(r->store);
    engine_unref(r->engine);
}

// --- values --------------------------------------------------------------------------

// Which values a list has, by its number.
static uint32_t list_of(uint32_t number, uint32_t out[2]) {
    if (number == 0) return 0;
    number--;
    out[0] = number % CLASSES;
    if (number < CLASSES) return 1;
    out[1] = number / CLASSES - 1;
    return 2;
}

// Junk where it must not matter.
static Raw value(uint32_t list, uint32_t i) {
    uint64_t low = (uint64_t)list << 40 | i << 20 | 0x5a5a5;
    return (Raw){.u64x2 = {low | (uint64_t)0xbad << 52, ~low}};
}

static bool same(uint32_t class, Raw a, Raw b) {
    if (class == 0 || class == 2) return a.u32 == b.u32;
    return a.u64 == b.u64 && (class != 4 || a.u64x2[1] == b.u64x2[1]);
}

static void put_list(uint32_t list, Raw *values) {
    uint32_t classes[2];
    uint32_t len = list_of(list, classes);
    for (uint32_t i = 0; i < len; i++)
        values[i] = value(list, i);
}

static bool is_list(uint32_t list, const Raw *values) {
    uint32_t classes[2];
    uint32_t len = list_of(list, classes);
    for (uint32_t i = 0; i < len; i++)
        if (!same(classes[i], values[i], value(list, i))) return false;
    return true;
}

// --- every pair of lists ---------------------------------------------------------------

// One signature: what the host expects and answers.
typedef struct Pair {
    Rig *rig;
    uint32_t params, results;
} Pair;

static Status host(HostCall *call) {
    const Pair *p = call->env;
    EXPECT(is_list(p->params, call->values));
    put_list(p->results, call->values);
    p->rig->calls++;
    return STATUS_ok;
}

static size_t write_list(char *out, size_t room, const char *word,
                         uint32_t list) {
    uint32_t classes[2];
    uint32_t len = list_of(list, classes);
    size_t at = (size_t)snprintf(out, room, " (%s", word);
    for (uint32_t i = 0; i < len; i++)
        at += (size_t)snprintf(out + at, room - at, " %s", names[classes[i]]);
    return at + (size_t)snprintf(out + at, room - at, ")");
}

static size_t write_type(char *out, size_t room, uint32_t params,
                         uint32_t results) {
    size_t at = write_list(out, room, "param", params);
    return at + write_list(out + at, room - at, "result", results);
}

// Imports a function of each list of parameters, and exports one that calls it.
static void write_module(char *out, uint32_t results) {
    size_t at = (size_t)snprintf(out, TEXT, "(module");
    for (uint32_t p = 0; p < LISTS; p++) {
        at += (size_t)snprintf(out + at, TEXT - at, "(import \"\" \"\" (func");
        at += write_type(out + at, TEXT - at, p, results);
        at += (size_t)snprintf(out + at, TEXT - at, "))\n");
    }
    for (uint32_t p = 0; p < LISTS; p++) {
        uint32_t classes[2];
        uint32_t len = list_of(p, classes);
        at += (size_t)snprintf(out + at, TEXT - at, "(func (export \"%u\")", p);
        at += write_type(out + at, TEXT - at, p, results);
        for (uint32_t i = 0; i < len; i++)
            at += (size_t)snprintf(out + at, TEXT - at, " local.get %u", i);
        at += (size_t)snprintf(out + at, TEXT - at, " call %u)\n", p);
    }
    (void)snprintf(out + at, TEXT - at, ")");
}

// The second call of each goes through the adapter that the first one made.
static void call_all(Instance *inst, uint32_t results) {
    for (uint32_t i = 0; i < 2 * LISTS; i++) {
        uint32_t params = i % LISTS;
        Extern e;
        Err err = {0};
        Raw values[2];
        put_list(params, values);
        EXPECT(instance_export_at(inst, params, &e, &err));
        EXPECT_EQ(func_call(inst->store, e.func, values), STATUS_ok);
        EXPECT(is_list(results, values));
    }
}

static void run_results(Rig *r, uint32_t results, char *text) {
    static Pair pairs[LISTS];
    Extern imports[LISTS];
    write_module(text, results);
    Err err = {0};
    bool in_text;
    RtModule *m =
        module_load_text(r->engine, text, strlen(text), &err, &in_text);
    if (!m) printf("%s\n", err.text);
    for (uint32_t p = 0; p < LISTS; p++) {
        pairs[p] = (Pair){r, p, results};
        const Module *module = &m->module;
        imports[p] = (Extern){
            .kind = EXTERN_func,
            .func =
                func_new_host(r->store, m->types[module->funcs.data[p].type],
                              host, &pairs[p], NULL),
        };
    }
    Instance *inst;
    EXPECT_EQ(instance_new(r->store, m, imports, LISTS, &inst, &err),
              STATUS_ok);
    call_all(inst, results);
    rt_module_unref(m);
}

static void every_signature(void) {
    static char text[TEXT];
    Rig r;
    init(&r);
    for (uint32_t results = 0; results < LISTS; results++)
        run_results(&r, results, text);
    EXPECT_EQ(r.calls, 2 * LISTS * LISTS);
    release(&r);
}

// --- what is narrow ----------------------------------------------------------------------

static Status junk(HostCall *call) {
    EXPECT_EQ(call->values[0].u32, 7);
    call->values[0] = (Raw){.u64x2 = {UINT64_MAX << 32 | 9, UINT64_MAX}};
    return STATUS_ok;
}

// Compiled code takes an i32 for an i64 without extending it.
static void upper_halves_are_zero(void) {
    static const char text[] =
        "(module (import \"\" \"\" (func $f (param i32) (result i32)))"
        "(func (export \"0\") (param i32) (result i64 i64)"
        " (i64.extend_i32_u (local.get 0))"
        " (i64.extend_i32_u (call $f (local.get 0)))))";
    Rig r;
    init(&r);
    Err err = {0};
    bool in_text;
    RtModule *m =
        module_load_text(r.engine, text, sizeof text - 1, &err, &in_text);
    Extern import = {.kind = EXTERN_func};
    import.func = func_new_host(r.store, m->types[0], junk, NULL, NULL);
    uintptr_t general = import.func->entry;
    Instance *inst;
    EXPECT_EQ(instance_new(r.store, m, &import, 1, &inst, &err), STATUS_ok);
    Extern e;
    EXPECT(instance_export_at(inst, 0, &e, &err));
    for (int i = 0; i < 2; i++) {
        Raw values[2] = {{.u64 = UINT64_MAX << 32 | 7}};
        EXPECT_EQ(func_call(r.store, e.func, values), STATUS_ok);
        EXPECT_EQ(values[0].u64, 7);
        EXPECT_EQ(values[1].u64, 9);
        EXPECT(import.func->entry != general);
    }
    rt_module_unref(m);
    release(&r);
}

int main(void) {
    return UNIT_RUN(UNIT_TEST(every_signature),
                    UNIT_TEST(upper_halves_are_zero));
}
