// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the tests of rt/ share: an engine whose tier is a C function, a store,
// and modules made by hand (no decoder is below this folder).
#pragma once

#include "base/alloc.h"
#include "base/bits.h"
#include "rt/instance.h"
#include "rt/linker.h"
#include "unit/unit.h"
#include "wasm/op.h"

// --- a tier ----------------------------------------------------------------------

// What wasm functions do; NULL: nothing. Set by a test before it calls.
static Status (*rig_body)(Store *s, Func *f, Raw *values);
static uint32_t rig_calls;

static inline Status rig_call(Func *f, Store *s, Raw *values) {
    rig_calls++;
    return rig_body ? rig_body(s, f, values) : STATUS_ok;
}

static inline bool rig_roots(Store *s, GcHeap *heap, GcVisit visit) {
    (void)s, (void)heap, (void)visit;
    return true;
}

static const TierOps rig_tier = {
    .name = "rig",
    .call = rig_call,
    .roots = rig_roots,
};

typedef struct Rig {
    Engine *engine;
    Store *store;
    Err err;
} Rig;

static inline void rig_init_with(Rig *r, const EngineConfig *config) {
    *r = (Rig){.engine = engine_create(config, &rig_tier)};
    r->store = store_new(r->engine);
    rig_body = NULL;
    rig_calls = 0;
}

static inline EngineConfig rig_config(void) {
    EngineConfig config;
    engine_config_init(&config);
    config.features = FEATURES_ALL;
    config.gc_collect_always = true;
    return config;
}

static inline void rig_init(Rig *r) {
    EngineConfig config = rig_config();
    rig_init_with(r, &config);
}

static inline void rig_release(Rig *r) {
    store_unref(r->store);
    engine_unref(r->engine);
}

// Expects an error of that id and forgets it.
static inline bool rig_failed(Rig *r, ErrId id) {
    bool ok = EXPECT(!err_ok(&r->err)) && EXPECT_EQ(r->err.id, id);
    err_clear(&r->err);
    return ok;
}

// Expects a trap of that code and forgets it.
static inline bool rig_trapped(Rig *r, Trap code) {
    bool ok = EXPECT_EQ(r->store->trap.code, code);
    trap_clear(&r->store->trap);
    return ok;
}

static inline MemoryType rig_memory_type(uint64_t min, uint64_t max) {
    return (MemoryType){
        .limits = {.min = min, .max = max, .has_max = max != UINT64_MAX},
        .page_log2 = PAGE_LOG2,
    };
}

// --- modules ---------------------------------------------------------------------

static inline RtModule *mod_new(Rig *r) {
    RtModule *m = MEM_NEW(RtModule);
    atomic_init(&m->refs, 1);
    m->id = unique_id();
    m->engine = r->engine;
    engine_ref(r->engine);
    arena_init(&m->arena, 0);
    module_init(&m->module, &m->arena, FEATURES_ALL, &r->engine->config.limits);
    return m;
}

// Registers the types: the module is ready.
static inline RtModule *mod_done(RtModule *m) {
    m->types = NEW_N(&m->arena, RtType *, m->module.types.len);
    EXPECT(registry_add_module(m->engine->registry, &m->module, m->types));
    rt_module_index_exports(m);
    m->image = module_image_new(m);
    return m;
}

static inline uint32_t mod_type(RtModule *m, TypeDef def) {
    def.super = TYPE_NONE;
    def.is_final = true;
    def.group_start = def.canon = m->module.types.len;
    def.group_len = 1;
    VEC_PUSH(&m->arena, &m->module.types, def);
    return m->module.types.len - 1;
}

static inline uint32_t mod_func_type(RtModule *m, const ValType *params,
                                     uint32_t param_len, const ValType *results,
                                     uint32_t result_len) {
    FuncType type = {params, results, param_len, result_len};
    return mod_type(m, (TypeDef){.kind = COMP_func, .func = type});
}

static inline uint32_t mod_func(RtModule *m, uint32_t type) {
    VEC_PUSH(&m->arena, &m->module.funcs, ((FuncDecl){.type = type}));
    return m->module.funcs.len - 1;
}

static inline uint32_t mod_memory(RtModule *m, MemoryType type) {
    VEC_PUSH(&m->arena, &m->module.memories, ((MemoryDecl){.type = type}));
    return m->module.memories.len - 1;
}

static inline uint32_t mod_table(RtModule *m, uint64_t min, ValType elem) {
    TableDecl decl = {.type = {.limits = {.min = min}, .elem = elem}};
    VEC_PUSH(&m->arena, &m->module.tables, decl);
    return m->module.tables.len - 1;
}

// The caller's bytes may be a literal that lives no longer than its statement.
static inline Bytes mod_bytes(RtModule *m, Bytes b) {
    uint8_t *copy = NEW_N(&m->arena, uint8_t, b.size);
    if (b.size) memcpy(copy, b.data, b.size);
    b.data = copy;
    return b;
}

static inline uint32_t mod_global(RtModule *m, GlobalType type, Bytes init) {
    VEC_PUSH(&m->arena, &m->module.globals,
             ((GlobalDecl){.type = type, .init = mod_bytes(m, init)}));
    return m->module.globals.len - 1;
}

static inline void mod_data(RtModule *m, Bytes offset, Bytes bytes) {
    DataDecl decl = {
        .mode = SEGMENT_active,
        .offset = mod_bytes(m, offset),
        .bytes = mod_bytes(m, bytes),
    };
    VEC_PUSH(&m->arena, &m->module.datas, decl);
}

// An import comes before all definitions of its kind, whose declaration the
// caller adds next.
static inline void mod_import(RtModule *m, const char *module, const char *name,
                              ExternKind kind) {
    Import im = {str_of(module), str_of(name), kind, m->module.imported[kind]++,
                 0};
    VEC_PUSH(&m->arena, &m->module.imports, im);
}

static inline void mod_export(RtModule *m, const char *name, ExternKind kind,
                              uint32_t index) {
    VEC_PUSH(&m->arena, &m->module.exports,
             ((Export){str_of(name), kind, index, 0}));
}

#define BYTES_OF(...)                        \
    ((Bytes){(const uint8_t[]){__VA_ARGS__}, \
             sizeof((const uint8_t[]){__VA_ARGS__}), 0})
// A constant expression of one-byte opcodes and immediates.
#define EXPR(...)      BYTES_OF(__VA_ARGS__, 0x0b)
#define I32_CONST(n)   0x41, (n)
#define I64_CONST(n)   0x42, (n)
#define GLOBAL_GET(n)  0x23, (n)
#define REF_FUNC(n)    0xd2, (n)
#define REF_NULL(type) 0xd0, (type)

// Instantiates without imports and drops the module.
static inline Instance *mod_instance(Rig *r, RtModule *m) {
    Instance *inst = NULL;
    EXPECT_EQ(instance_new(r->store, m, NULL, 0, &inst, &r->err), STATUS_ok);
    rt_module_unref(m);
    return inst;
}
