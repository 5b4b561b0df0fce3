// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Modules assembled from bytes, validated and instantiated, for the tests of
// the interpreter.
#pragma once

#include "base/alloc.h"
#include "interp/interp.h"
#include "rt/instance.h"
#include "unit/unit.h"
#include "valid/valid.h"
#include "wasm/op.h"

enum {
    RIG_BODIES_MAX = 1 << 16, // bytes of all bodies of a module
};

typedef struct Rig {
    Engine *engine;
    Store *store;
    Err err;
} Rig;

static inline EngineConfig rig_config(void) {
    EngineConfig config;
    engine_config_init(&config);
    config.features = FEATURES_ALL;
    config.gc_collect_always = true;
    return config;
}

static inline void rig_init_with(Rig *r, const EngineConfig *config) {
    *r = (Rig){.engine = engine_create(config, &interp_tier)};
    r->store = store_new(r->engine);
}

static inline void rig_init(Rig *r) {
    EngineConfig config = rig_config();
    rig_init_with(r, &config);
}

static inline void rig_release(Rig *r) {
    store_unref(r->store);
    engine_unref(r->engine);
}

// Expects a trap of that text, and forgets it.
static inline void rig_trapped(Rig *r, const char *text) {
    EXPECT_STR(r->store->trap.text, text);
    trap_clear(&r->store->trap);
}

// --- modules -----------------------------------------------------------------

static inline void bytes_free(void *env, const uint8_t *bytes, size_t size) {
    (void)bytes, (void)size;
    mem_free(env);
}

static inline RtModule *mod_new(Rig *r) {
    RtModule *m = MEM_NEW(RtModule);
    atomic_init(&m->refs, 1);
    m->engine = r->engine;
    engine_ref(r->engine);
    arena_init(&m->arena, 0);
    module_init(&m->module, &m->arena, FEATURES_ALL, &r->engine->config.limits);
    m->bytes_env = mem_calloc(1, RIG_BODIES_MAX);
    m->bytes = m->bytes_env;
    m->bytes_free = bytes_free;
    return m;
}

// Letters as in op.def; a = anyref, e = exnref, p = funcref.
static inline const ValType *mod_types(RtModule *m, const char *letters) {
    static const char codes[] = "ilfdvaep";
    static const ValType types[] = {VT_i32,  VT_i64,    VT_f32,    VT_f64,
                                    VT_v128, VT_ANYREF, VT_EXNREF, VT_FUNCREF};
    size_t len = strlen(letters);
    ValType *out = NEW_N(&m->arena, ValType, len);
    for (size_t i = 0; i < len; i++)
        out[i] = types[strchr(codes, letters[i]) - codes];
    return out;
}

static inline uint32_t mod_def(RtModule *m, TypeDef def) {
    def.super = TYPE_NONE;
    def.is_final = true;
    def.group_start = m->module.types.len;
    def.group_len = 1;
    VEC_PUSH(&m->arena, &m->module.types, def);
    return m->module.types.len - 1;
}

static inline uint32_t mod_type(RtModule *m, const char *params,
                                const char *results) {
    return mod_def(
        m, (TypeDef){
               .kind = COMP_func,
               .func = {mod_types(m, params), mod_types(m, results),
                        (uint32_t)strlen(params), (uint32_t)strlen(results)},
           });
}

// A structure of mutable fields.
static inline uint32_t mod_struct(RtModule *m, const char *fields) {
    uint32_t len = (uint32_t)strlen(fields);
    const ValType *types = mod_types(m, fields);
    FieldType *out = NEW_N(&m->arena, FieldType, len);
    for (uint32_t i = 0; i < len; i++)
        out[i] = (FieldType){types[i], true};
    return mod_def(m, (TypeDef){.kind = COMP_struct, .structure = {out, len}});
}

// Imports of functions come before all definitions.
static inline uint32_t mod_import(RtModule *m, uint32_t type) {
    Import im = {.kind = EXTERN_func, .index = m->module.funcs.len};
    m->module.imported[EXTERN_func]++;
    VEC_PUSH(&m->arena, &m->module.imports, im);
    VEC_PUSH(&m->arena, &m->module.funcs, ((FuncDecl){.type = type}));
    return im.index;
}

// The body with its declarations of locals and its final `end`.
static inline uint32_t mod_func(RtModule *m, uint32_t type, const uint8_t *body,
                                size_t size) {
    uint8_t *bytes = m->bytes_env;
    assert(m->size + size <= RIG_BODIES_MAX);
    memcpy(bytes + m->size, body, size);
    Body b = {{bytes + m->size, (uint32_t)size, m->size}};
    m->size += size;
    VEC_PUSH(&m->arena, &m->module.funcs, ((FuncDecl){.type = type}));
    VEC_PUSH(&m->arena, &m->module.bodies, b);
    return m->module.funcs.len - 1;
}
#define FUNC(m, type, ...)                                \
    mod_func((m), (type), (const uint8_t[]){__VA_ARGS__}, \
             sizeof((const uint8_t[]){__VA_ARGS__}))

static inline void mod_memory(RtModule *m, uint64_t min) {
    MemoryType type = {.limits.min = min, .page_log2 = PAGE_LOG2};
    VEC_PUSH(&m->arena, &m->module.memories, ((MemoryDecl){.type = type}));
}

static inline void mod_table(RtModule *m, uint64_t min) {
    TableDecl decl = {.type = {.limits = {.min = min}, .elem = VT_FUNCREF}};
    VEC_PUSH(&m->arena, &m->module.tables, decl);
}

// Functions that ref.func may name; declared by a segment.
static inline void mod_declare(RtModule *m, uint32_t func) {
    uint32_t *funcs = NEW(&m->arena, uint32_t);
    *funcs = func;
    ElemDecl decl = {.mode = SEGMENT_declarative,
                     .type = VT_FUNCREF,
                     .len = 1,
                     .funcs = funcs};
    VEC_PUSH(&m->arena, &m->module.elems, decl);
}

static inline void mod_tag(RtModule *m, uint32_t type) {
    VEC_PUSH(&m->arena, &m->module.tags, ((TagDecl){.type = type}));
}

static inline bool mod_valid(RtModule *m, Err *err) {
    ArenaGuard guard;
    bool ok = ARENA_GUARD(&m->arena, &guard);
    if (ok) {
        SideTables *side = NEW(&m->arena, SideTables);
        m->side = side;
        ok = valid_all(&m->module, side, err);
    }
    arena_unguard(&m->arena, &guard);
    return ok;
}

// Validates, registers, instantiates, and drops the module.
static inline Instance *mod_instance(Rig *r, RtModule *m, const Extern *imports,
                                     uint32_t import_len) {
    Instance *inst = NULL;
    if (EXPECT(mod_valid(m, &r->err))) {
        m->types = NEW_N(&m->arena, RtType *, m->module.types.len);
        EXPECT(registry_add_module(r->engine->registry, &m->module, m->types));
        m->image = module_image_new(m);
        EXPECT_EQ(
            instance_new(r->store, m, imports, import_len, &inst, &r->err),
            STATUS_ok);
    }
    rt_module_unref(m);
    return inst;
}

static inline Func *func_at(Instance *inst, uint32_t func) {
    Func *f = instance_func(inst, func);
    EXPECT(f != NULL);
    return f;
}

// A host function from i32 to i32.
static inline Extern host_func(Rig *r, HostFn fn, void *env) {
    RtValType int_type = {.code = VT_i32};
    RtType *type =
        registry_func_type(r->engine->registry, &int_type, 1, &int_type, 1);
    Func *f = func_new_host(r->store, type, fn, env, NULL);
    rt_type_unref(r->engine->registry, type);
    return (Extern){.kind = EXTERN_func, .func = f};
}

// Calls with one i32; the first result as an i32.
static inline Status call1(Rig *r, Instance *inst, uint32_t func, uint32_t arg,
                           uint32_t *out) {
    Raw values[8] = {{.u64 = arg}};
    Status status = func_call(r->store, func_at(inst, func), values);
    *out = values[0].u32;
    return status;
}

#define EXPECT_CALL(r, inst, func, arg, want)                           \
    do {                                                                \
        uint32_t got_;                                                  \
        EXPECT_EQ(call1((r), (inst), (func), (arg), &got_), STATUS_ok); \
        EXPECT_EQ(got_, (want));                                        \
    } while (0)
#define EXPECT_TRAP(r, inst, func, arg, text)                             \
    do {                                                                  \
        uint32_t got_;                                                    \
        EXPECT_EQ(call1((r), (inst), (func), (arg), &got_), STATUS_trap); \
        rig_trapped((r), (text));                                         \
    } while (0)

// --- bytes ---------------------------------------------------------------------

#define NO_LOCALS    0
#define GET(n)       0x20, (n)
#define SET(n)       0x21, (n)
#define TEE(n)       0x22, (n)
#define CONST(n)     0x41, (n)
#define CALL(n)      0x10, (n)
#define TAIL_CALL(n) 0x12, (n)
#define LOOP         0x03, 0x40
#define IF(t)        0x04, (t)
#define ELSE         0x05
#define END          0x0b
#define BR(n)        0x0c, (n)
#define BR_IF(n)     0x0d, (n)
#define EQZ          0x45
#define ADD          0x6a
#define SUB          0x6b
#define I32          0x7f
#define LEAVE        0x0f
#define THROW(n)     0x08, (n)
