// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/linker.h"

#include "rt/rt_test.h"

#include <stdlib.h>

static int envs_alive;

static void drop_env(void *env) {
    EXPECT(env == &envs_alive);
    envs_alive--;
}

static Status answer(HostCall *call) {
    EXPECT(call->env == &envs_alive);
    call->values[0] = (Raw){.u64 = 42};
    return STATUS_ok;
}

static Status answer_again(HostCall *call) {
    call->values[0] = (Raw){.u64 = 43};
    return STATUS_ok;
}

// (func (result i32))
static RtType *answer_type(Rig *r) {
    RtValType result = {.code = VT_i32};
    return registry_func_type(r->engine->registry, NULL, 0, &result, 1);
}

static bool define_answer(Rig *r, Linker *l, const char *name, HostFn host) {
    RtType *type = answer_type(r);
    bool ok = linker_define_func(l, STR("host"), str_of(name), type, host,
                                 &envs_alive, drop_env, &r->err);
    if (ok) envs_alive++;
    rt_type_unref(r->engine->registry, type);
    return ok;
}

// A module that imports host.NAME of type (func (result i32)), exported as f.
static RtModule *importer(Rig *r, const char *name) {
    static const ValType result = VT_i32;
    RtModule *m = mod_new(r);
    mod_import(m, "host", name, EXTERN_func);
    mod_func(m, mod_func_type(m, NULL, 0, &result, 1));
    mod_export(m, "f", EXTERN_func, 0);
    return mod_done(m);
}

static uint32_t call_f(Rig *r, Store *s, Instance *inst) {
    Extern f;
    Raw value = {0};
    EXPECT(instance_export(inst, STR("f"), &f, &r->err));
    EXPECT_EQ(func_call(s, f.func, &value), STATUS_ok);
    return value.u32;
}

static void functions_outlive_the_linker(void) {
    Rig r;
    rig_init(&r);
    Linker *l = linker_new(r.engine);
    EXPECT(define_answer(&r, l, "a", answer));
    RtModule *m = importer(&r, "a");
    Instance *inst, *again;
    EXPECT_EQ(linker_instantiate(l, r.store, m, &inst, &r.err), STATUS_ok);
    EXPECT_EQ(linker_instantiate(l, r.store, m, &again, &r.err), STATUS_ok);
    Store *other = store_new(r.engine);
    EXPECT_EQ(linker_instantiate(l, other, m, &again, &r.err), STATUS_ok);
    linker_free(l);
    rt_module_unref(m);
    EXPECT_EQ(envs_alive, 1);
    EXPECT_EQ(call_f(&r, r.store, inst), 42);
    store_unref(other);
    EXPECT_EQ(envs_alive, 1);
    EXPECT_EQ(call_f(&r, r.store, inst), 42);
    rig_release(&r);
    EXPECT_EQ(envs_alive, 0);
}

static void names_shadow_if_allowed(void) {
    Rig r;
    rig_init(&r);
    Linker *l = linker_new(r.engine);
    RtModule *m = importer(&r, "a");
    Instance *before, *after;
    EXPECT(define_answer(&r, l, "a", answer));
    EXPECT(!define_answer(&r, l, "a", answer_again));
    rig_failed(&r, E_already_defined);
    EXPECT_EQ(linker_instantiate(l, r.store, m, &before, &r.err), STATUS_ok);
    linker_allow_shadowing(l, true);
    EXPECT(define_answer(&r, l, "a", answer_again));
    EXPECT_EQ(envs_alive, 2); // the first one lives in the store
    EXPECT_EQ(linker_instantiate(l, r.store, m, &after, &r.err), STATUS_ok);
    EXPECT_EQ(call_f(&r, r.store, before), 42);
    EXPECT_EQ(call_f(&r, r.store, after), 43);
    linker_free(l);
    rt_module_unref(m);
    rig_release(&r);
    EXPECT_EQ(envs_alive, 0);
}

// Two names are one key: ("ab", "c") is not ("a", "bc").
static void names_do_not_run_together(void) {
    Rig r;
    rig_init(&r);
    Linker *l = linker_new(r.engine);
    MemoryType type = rig_memory_type(0, 1);
    Extern e = {.kind = EXTERN_memory,
                .memory = memory_new(r.store, &type, &r.err)};
    Extern out;
    EXPECT(linker_define(l, STR("ab"), STR("c"), &e, r.store, &r.err));
    EXPECT(!linker_get(l, r.store, STR("a"), STR("bc"), &out));
    EXPECT(!linker_get(l, r.store, STR(""), STR("abc"), &out));
    EXPECT(linker_define(l, STR("a"), STR("bc"), &e, r.store, &r.err));
    EXPECT(linker_define(l, STR(""), STR(""), &e, r.store, &r.err));
    EXPECT(linker_get(l, r.store, STR("ab"), STR("c"), &out));
    EXPECT(linker_get(l, r.store, (Str){0}, (Str){0}, &out));
    EXPECT(out.kind == EXTERN_memory && out.memory == e.memory);
    for (uint32_t i = 0; i < 1000; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%u", i);
        EXPECT(linker_define(l, STR("m"), str_of(name), &e, r.store, &r.err));
    }
    EXPECT(linker_get(l, r.store, STR("m"), STR("n0"), &out));
    EXPECT(linker_get(l, r.store, STR("m"), STR("n999"), &out));
    linker_free(l);
    rig_release(&r);
}

static void other_stores_are_refused(void) {
    Rig r;
    rig_init(&r);
    Linker *l = linker_new(r.engine);
    Store *other = store_new(r.engine);
    MemoryType type = rig_memory_type(1, 1);
    Extern e = {.kind = EXTERN_memory,
                .memory = memory_new(other, &type, &r.err)};
    Extern out;
    EXPECT(linker_define(l, STR("m"), STR("m"), &e, other, &r.err));
    EXPECT(linker_get(l, other, STR("m"), STR("m"), &out));
    EXPECT(!linker_get(l, r.store, STR("m"), STR("m"), &out));
    RtModule *m = mod_new(&r);
    mod_import(m, "m", "m", EXTERN_memory);
    mod_memory(m, type);
    mod_done(m);
    Instance *inst;
    EXPECT_EQ(linker_instantiate(l, r.store, m, &inst, &r.err), STATUS_trap);
    rig_failed(&r, E_import_store);
    EXPECT_EQ(instance_new(r.store, m, &e, 1, &inst, &r.err), STATUS_trap);
    rig_failed(&r, E_import_store);
    store_unref(other); // the linker's entry is stale, and never looked into
    EXPECT_EQ(linker_instantiate(l, r.store, m, &inst, &r.err), STATUS_trap);
    rig_failed(&r, E_import_store);
    rt_module_unref(m);
    linker_free(l);
    rig_release(&r);
}

static void unknown_imports(void) {
    Rig r;
    rig_init(&r);
    Linker *l = linker_new(r.engine);
    RtModule *m = importer(&r, "nothing");
    Instance *inst;
    EXPECT_EQ(linker_instantiate(l, r.store, m, &inst, &r.err), STATUS_trap);
    EXPECT(!inst && r.store->instances.len == 0);
    EXPECT_STR(r.err.text, "unknown import: host.nothing");
    rig_failed(&r, E_unknown_import);
    linker_unknown_as_defaults(l, true);
    EXPECT_EQ(linker_instantiate(l, r.store, m, &inst, &r.err), STATUS_ok);
    EXPECT_EQ(call_f(&r, r.store, inst), 0);
    linker_unknown_as_traps(l, true);
    EXPECT_EQ(linker_instantiate(l, r.store, m, &inst, &r.err), STATUS_ok);
    Extern f;
    Raw value;
    EXPECT(instance_export(inst, STR("f"), &f, &r.err));
    EXPECT_EQ(func_call(r.store, f.func, &value), STATUS_trap);
    rig_trapped(&r, TRAP_host);
    rt_module_unref(m);
    linker_free(l);
    rig_release(&r);
}

static void wrong_types_are_unlinkable(void) {
    Rig r;
    rig_init(&r);
    Linker *l = linker_new(r.engine);
    RtType *type = registry_func_type(r.engine->registry, NULL, 0, NULL, 0);
    EXPECT(linker_define_func(l, STR("host"), STR("a"), type, answer, NULL,
                              NULL, &r.err));
    rt_type_unref(r.engine->registry, type);
    RtModule *m = importer(&r, "a");
    Instance *inst;
    EXPECT_EQ(linker_instantiate(l, r.store, m, &inst, &r.err), STATUS_trap);
    EXPECT(strstr(r.err.text, "incompatible import type: host.a"));
    rig_failed(&r, E_import_type);
    rt_module_unref(m);
    linker_free(l);
    rig_release(&r);
}

static void instances_are_defined_whole(void) {
    Rig r;
    rig_init(&r);
    Linker *l = linker_new(r.engine);
    RtModule *m = mod_new(&r);
    mod_func(m, mod_func_type(m, NULL, 0, NULL, 0));
    mod_memory(m, rig_memory_type(0, 1));
    mod_export(m, "f", EXTERN_func, 0);
    mod_export(m, "m", EXTERN_memory, 0);
    Instance *inst = mod_instance(&r, mod_done(m));
    EXPECT(linker_define_instance(l, STR("i"), inst, &r.err));
    EXPECT(!linker_define_instance(l, STR("i"), inst, &r.err));
    rig_failed(&r, E_already_defined);
    Extern out;
    EXPECT(linker_get(l, r.store, STR("i"), STR("f"), &out));
    EXPECT(out.func == instance_func(inst, 0));
    linker_free(l);
    rig_release(&r);
}

static void copies_go_their_own_way(void) {
    Rig r;
    rig_init(&r);
    Linker *l = linker_new(r.engine);
    RtModule *m = importer(&r, "a");
    Instance *inst;
    EXPECT(define_answer(&r, l, "a", answer));
    Linker *copy = linker_clone(l);
    EXPECT(!define_answer(&r, copy, "a", answer_again));
    rig_failed(&r, E_already_defined);
    EXPECT(define_answer(&r, copy, "b", answer));
    linker_allow_shadowing(l, true);
    EXPECT(define_answer(&r, l, "a", answer_again));
    EXPECT_EQ(envs_alive, 3);
    EXPECT_EQ(linker_instantiate(l, r.store, m, &inst, &r.err), STATUS_ok);
    EXPECT_EQ(call_f(&r, r.store, inst), 43);
    linker_free(l);
    EXPECT_EQ(linker_instantiate(copy, r.store, m, &inst, &r.err), STATUS_ok);
    EXPECT_EQ(call_f(&r, r.store, inst), 42);
    linker_free(copy);
    rt_module_unref(m);
    rig_release(&r);
    EXPECT_EQ(envs_alive, 0);
}

// A module that imports one of each, and a second function.
static RtModule *imports_all(Rig *r) {
    static const ValType result = VT_i64;
    RtModule *m = mod_new(r);
    mod_import(m, "host", "a", EXTERN_func);
    mod_func(m, mod_func_type(m, NULL, 0, NULL, 0));
    mod_import(m, "host", "b", EXTERN_func);
    mod_func(m, mod_func_type(m, NULL, 0, &result, 1));
    mod_import(m, "host", "m", EXTERN_memory);
    mod_memory(m, rig_memory_type(3, 4));
    return mod_done(m);
}

static void missing_imports_are_defined(void) {
    Rig r;
    rig_init(&r);
    RtModule *m = imports_all(&r);
    Linker *traps = linker_new(r.engine), *zeros = linker_new(r.engine);
    Instance *inst;
    EXPECT(linker_define_missing(traps, m, NULL, &r.err));
    EXPECT(linker_define_missing(traps, m, NULL, &r.err)); // nothing is missing
    EXPECT_EQ(linker_instantiate(traps, r.store, m, &inst, &r.err),
              STATUS_trap);
    rig_failed(&r, E_unknown_import); // the memory
    Extern item;
    Raw value = {.u64 = 7};
    EXPECT(linker_get(traps, r.store, STR("host"), STR("b"), &item));
    EXPECT_EQ(func_call(r.store, item.func, &value), STATUS_trap);
    EXPECT_STR(r.store->trap.text,
               "unknown import host.b has not been defined");
    rig_trapped(&r, TRAP_host);
    EXPECT(linker_define_missing(zeros, m, r.store, &r.err));
    EXPECT_EQ(linker_instantiate(zeros, r.store, m, &inst, &r.err), STATUS_ok);
    EXPECT(linker_get(zeros, r.store, STR("host"), STR("b"), &item));
    EXPECT_EQ(func_call(r.store, item.func, &value), STATUS_ok);
    EXPECT_EQ(value.u64, 0);
    EXPECT(linker_get(zeros, r.store, STR("host"), STR("m"), &item));
    EXPECT_EQ(memory_pages(item.memory), 3);
    linker_free(traps);
    linker_free(zeros);
    rt_module_unref(m);
    rig_release(&r);
}

static void linked_modules_outlive_the_linker(void) {
    Rig r;
    rig_init(&r);
    Linker *l = linker_new(r.engine);
    RtModule *m = importer(&r, "a");
    EXPECT(!linker_link(l, m, &r.err));
    rig_failed(&r, E_unknown_import);
    EXPECT(define_answer(&r, l, "a", answer));
    LinkedModule *p = linker_link(l, m, &r.err);
    linker_allow_shadowing(l, true);
    EXPECT(define_answer(&r, l, "a", answer_again));
    linker_free(l);
    EXPECT_EQ(envs_alive, 1);
    EXPECT(linked_module(p) == m);
    rt_module_unref(m);
    Store *other = store_new(r.engine);
    Instance *one, *two;
    EXPECT_EQ(linked_instantiate(p, r.store, &one, &r.err), STATUS_ok);
    EXPECT_EQ(linked_instantiate(p, other, &two, &r.err), STATUS_ok);
    linked_ref(p);
    linked_unref(p);
    linked_unref(p);
    EXPECT_EQ(call_f(&r, r.store, one), 42);
    EXPECT_EQ(call_f(&r, other, two), 42);
    store_unref(other);
    rig_release(&r);
    EXPECT_EQ(envs_alive, 0);
}

static void linking_looks_at_types(void) {
    Rig r;
    rig_init(&r);
    Linker *l = linker_new(r.engine);
    RtType *type = registry_func_type(r.engine->registry, NULL, 0, NULL, 0);
    EXPECT(linker_define_func(l, STR("host"), STR("a"), type, answer, NULL,
                              NULL, &r.err));
    rt_type_unref(r.engine->registry, type);
    RtModule *m = importer(&r, "a");
    EXPECT(!linker_link(l, m, &r.err));
    rig_failed(&r, E_import_type);
    rt_module_unref(m);
    linker_free(l);
    rig_release(&r);
}

// --- plans -------------------------------------------------------------------------

// Instantiating again uses what was found the first time, for that module only.
static void plans_are_of_one_module(void) {
    Rig r;
    rig_init(&r);
    Linker *l = linker_new(r.engine);
    EXPECT(define_answer(&r, l, "a", answer));
    EXPECT(define_answer(&r, l, "b", answer_again));
    for (int i = 0; i < 6; i++) {
        RtModule *m = importer(&r, i % 3 == 1 ? "b" : "a");
        Store *s = store_new(r.engine);
        Instance *inst;
        for (int j = 0; j < 2; j++) {
            EXPECT_EQ(linker_instantiate(l, s, m, &inst, &r.err), STATUS_ok);
            EXPECT_EQ(call_f(&r, s, inst), i % 3 == 1 ? 43 : 42);
        }
        rt_module_unref(m); // the plan stays
        store_unref(s);
    }
    linker_free(l);
    rig_release(&r);
    EXPECT_EQ(envs_alive, 0);
}

// Nothing is made in a store that something is not of.
static void plans_look_at_the_store(void) {
    Rig r;
    rig_init(&r);
    Linker *l = linker_new(r.engine);
    RtModule *m = imports_all(&r);
    Store *other = store_new(r.engine);
    RtType *type = registry_func_type(r.engine->registry, NULL, 0, NULL, 0);
    MemoryType little = rig_memory_type(1, 4), enough = rig_memory_type(3, 4);
    Extern e = {.kind = EXTERN_memory,
                .memory = memory_new(r.store, &little, &r.err)};
    Instance *inst;
    EXPECT(linker_define_func(l, STR("host"), STR("a"), type, answer, NULL,
                              NULL, &r.err));
    rt_type_unref(r.engine->registry, type);
    linker_unknown_as_defaults(l, true);
    EXPECT(linker_define(l, STR("host"), STR("m"), &e, r.store, &r.err));
    EXPECT_EQ(linker_instantiate(l, r.store, m, &inst, &r.err), STATUS_trap);
    rig_failed(&r, E_import_type);
    linker_allow_shadowing(l, true);
    e.memory = memory_new(r.store, &enough, &r.err);
    EXPECT(linker_define(l, STR("host"), STR("m"), &e, r.store, &r.err));
    for (int i = 0; i < 2; i++) {
        EXPECT_EQ(linker_instantiate(l, other, m, &inst, &r.err), STATUS_trap);
        rig_failed(&r, E_import_store);
        EXPECT_EQ(other->funcs.len, 0);
        EXPECT_EQ(linker_instantiate(l, r.store, m, &inst, &r.err), STATUS_ok);
        EXPECT(inst->context.memories[0] == e.memory);
        EXPECT_EQ(r.store->funcs.len, 2 * (uint32_t)(i + 1));
    }
    store_unref(other);
    rt_module_unref(m);
    linker_free(l);
    rig_release(&r);
}

// Functions of a block are like others: each is itself, and at its handle.
static void functions_of_a_block(void) {
    Rig r;
    rig_init(&r);
    Linker *l = linker_new(r.engine);
    RtModule *m = importer(&r, "a");
    EXPECT(define_answer(&r, l, "a", answer));
    Instance *inst[3];
    for (int i = 0; i < 3; i++)
        EXPECT_EQ(linker_instantiate(l, r.store, m, &inst[i], &r.err),
                  STATUS_ok);
    for (int i = 0; i < 3; i++) {
        Func *f = inst[i]->context.funcs[0];
        EXPECT(r.store->funcs.data[f->handle] == f);
        EXPECT(i == 0 || f != inst[i - 1]->context.funcs[0]);
        EXPECT(store_func_at(r.store, store_func_index(f)) == f);
    }
    rt_module_unref(m);
    linker_free(l);
    rig_release(&r);
    EXPECT_EQ(envs_alive, 0);
}

static uint64_t allocs_left;

static void *few_alloc(void *env, size_t size) {
    (void)env;
    if (allocs_left == 0) return NULL;
    allocs_left--;
    return malloc(size);
}

static void *few_realloc(void *env, void *old, size_t old_size, size_t size) {
    (void)env;
    (void)old_size;
    if (allocs_left == 0) return NULL;
    allocs_left--;
    return realloc(old, size);
}

static void few_free(void *env, void *p) {
    (void)env;
    free(p);
}

static bool link_and_make(Rig *r, Linker *l, Store *s, RtModule *m) {
    Instance *inst;
    LinkedModule *p = linker_link(l, m, &r->err);
    bool ok = p && linked_instantiate(p, s, &inst, &r->err) == STATUS_ok &&
              linker_instantiate(l, s, m, &inst, &r->err) == STATUS_ok;
    if (p) linked_unref(p);
    return ok;
}

static void plans_out_of_memory(void) {
    static const Allocator few = {
        .alloc = few_alloc, .realloc = few_realloc, .free = few_free};
    Rig r;
    rig_init(&r);
    Linker *l = linker_new(r.engine);
    RtModule *m = importer(&r, "a");
    bool done = false;
    uint64_t n = 0;
    for (; !done && n < 100; n++) {
        Store *s = store_new(r.engine);
        linker_allow_shadowing(l, true);
        EXPECT(define_answer(&r, l, "a", answer)); // no plan is left
        allocator_set(&few);
        allocs_left = n;
        done = link_and_make(&r, l, s, m);
        allocator_set(NULL);
        if (!done) rig_failed(&r, E_out_of_memory);
        store_unref(s);
    }
    EXPECT(n > 10);
    rt_module_unref(m);
    linker_free(l);
    rig_release(&r);
    EXPECT_EQ(envs_alive, 0);
}

int main(void) {
    return UNIT_RUN(
        UNIT_TEST(copies_go_their_own_way),
        UNIT_TEST(missing_imports_are_defined),
        UNIT_TEST(linked_modules_outlive_the_linker),
        UNIT_TEST(linking_looks_at_types),
        UNIT_TEST(functions_outlive_the_linker),
        UNIT_TEST(names_shadow_if_allowed),
        UNIT_TEST(names_do_not_run_together),
        UNIT_TEST(other_stores_are_refused), UNIT_TEST(unknown_imports),
        UNIT_TEST(wrong_types_are_unlinkable),
        UNIT_TEST(instances_are_defined_whole),
        UNIT_TEST(plans_are_of_one_module), UNIT_TEST(plans_look_at_the_store),
        UNIT_TEST(functions_of_a_block), UNIT_TEST(plans_out_of_memory));
}
