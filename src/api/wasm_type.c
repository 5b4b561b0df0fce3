// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The types of wasm.h: values that the host owns, copied as a whole.
#include "api/api_int.h"

#include "base/alloc.h"

// --- value types -------------------------------------------------------------

enum {
    KIND_v128 = 4 // as the extended API numbers it: wasm.h has no name for it
};

bool valtype_fits(const Engine *e, const wasm_valtype_t *t) {
    return !t->engine || t->engine == e;
}

wasm_valtype_t *valtype_of(Engine *e, RtValType t) {
    wasm_valtype_t *v = MEM_NEW(wasm_valtype_t);
    if (!v) return NULL;
    v->type = t;
    if (t.type) {
        v->engine = e;
        engine_ref(e);
        rt_type_ref(t.type);
    }
    return v;
}

wasm_valtype_t *wasm_valtype_new(wasm_valkind_t kind) {
    switch (kind) {
    case WASM_I32:
        return valtype_of(NULL, (RtValType){.code = VT_i32});
    case WASM_I64:
        return valtype_of(NULL, (RtValType){.code = VT_i64});
    case WASM_F32:
        return valtype_of(NULL, (RtValType){.code = VT_f32});
    case WASM_F64:
        return valtype_of(NULL, (RtValType){.code = VT_f64});
    case KIND_v128:
        return valtype_of(NULL, (RtValType){.code = VT_v128});
    case WASM_EXTERNREF:
        return valtype_of(NULL, (RtValType){.code = VT_EXTERNREF});
    case WASM_FUNCREF:
        return valtype_of(NULL, (RtValType){.code = VT_FUNCREF});
    default: // any byte may come in
        return NULL;
    }
}

void wasm_valtype_delete(wasm_valtype_t *t) {
    if (!t) return;
    if (t->engine) {
        rt_type_unref(t->engine->registry, t->type.type);
        engine_unref(t->engine);
    }
    mem_free(t);
}

wasm_valtype_t *wasm_valtype_copy(const wasm_valtype_t *t) {
    return valtype_of(t->engine, t->type);
}

wasm_valkind_t wasm_valtype_kind(const wasm_valtype_t *t) {
    switch (t->type.code) {
    case VT_i32:
        return WASM_I32;
    case VT_i64:
        return WASM_I64;
    case VT_f32:
        return WASM_F32;
    case VT_f64:
        return WASM_F64;
    case VT_v128:
        return KIND_v128;
    default: // references
        return rt_val_type_top(t->type) == HEAP_func ? WASM_FUNCREF
                                                     : WASM_EXTERNREF;
    }
}

// --- function types ----------------------------------------------------------

static bool has_holes(const wasm_valtype_vec_t *v) {
    for (size_t i = 0; i < v->size; i++)
        if (!v->data || !v->data[i]) return true;
    return false;
}

wasm_functype_t *wasm_functype_new(wasm_valtype_vec_t *params,
                                   wasm_valtype_vec_t *results) {
    wasm_functype_t *t = MEM_NEW(wasm_functype_t);
    if (!t || has_holes(params) || has_holes(results)) {
        wasm_valtype_vec_delete(params);
        wasm_valtype_vec_delete(results);
        mem_free(t);
        return NULL;
    }
    t->base.kind = WASM_EXTERN_FUNC;
    t->params = *params;
    t->results = *results;
    *params = *results = (wasm_valtype_vec_t){0};
    return t;
}

void wasm_functype_delete(wasm_functype_t *t) {
    if (!t) return;
    if (t->engine) {
        rt_type_unref(t->engine->registry, t->type);
        engine_unref(t->engine);
    }
    wasm_valtype_vec_delete(&t->params);
    wasm_valtype_vec_delete(&t->results);
    mem_free(t);
}

static bool valtypes_of(Engine *e, const RtValType *types, uint32_t len,
                        wasm_valtype_vec_t *out) {
    wasm_valtype_vec_new_uninitialized(out, len);
    if (out->size != len) return false;
    bool ok = true;
    for (uint32_t i = 0; ok && i < len; i++) {
        out->data[i] = valtype_of(e, types[i]);
        ok = out->data[i] != NULL;
    }
    if (!ok) wasm_valtype_vec_delete(out);
    return ok;
}

// What it is in the engine, which its parts do not tell: whether it is final,
// its supertype, its group.
static void functype_is(wasm_functype_t *t, Engine *e, RtType *type) {
    if (!t || !e) return;
    t->engine = e;
    t->type = type;
    engine_ref(e);
    rt_type_ref(type);
}

wasm_functype_t *functype_of(Engine *e, RtType *t) {
    wasm_valtype_vec_t params, results;
    if (!valtypes_of(e, t->params, t->param_len, &params)) return NULL;
    if (valtypes_of(e, t->results, t->result_len, &results)) {
        wasm_functype_t *type = wasm_functype_new(&params, &results);
        functype_is(type, e, t);
        return type;
    }
    wasm_valtype_vec_delete(&params);
    return NULL;
}

wasm_functype_t *wasm_functype_copy(const wasm_functype_t *t) {
    wasm_valtype_vec_t params, results;
    wasm_valtype_vec_copy(&params, &t->params);
    wasm_valtype_vec_copy(&results, &t->results);
    if (params.size == t->params.size && results.size == t->results.size) {
        wasm_functype_t *copy = wasm_functype_new(&params, &results);
        functype_is(copy, t->engine, t->type);
        return copy;
    }
    wasm_valtype_vec_delete(&params);
    wasm_valtype_vec_delete(&results);
    return NULL;
}

const wasm_valtype_vec_t *wasm_functype_params(const wasm_functype_t *t) {
    return &t->params;
}

const wasm_valtype_vec_t *wasm_functype_results(const wasm_functype_t *t) {
    return &t->results;
}

static bool put_types(const Engine *e, RtValType *out,
                      const wasm_valtype_vec_t *types) {
    for (size_t i = 0; i < types->size; i++) {
        if (!valtype_fits(e, types->data[i])) return false;
        out[i] = types->data[i]->type;
    }
    return true;
}

RtType *functype_register(Engine *e, const wasm_functype_t *t) {
    size_t param_len = t->params.size, result_len = t->results.size;
    if (t->engine == e) {
        rt_type_ref(t->type);
        return t->type;
    }
    if (param_len > e->config.limits.params ||
        result_len > e->config.limits.results)
        return NULL;
    RtValType *types = MEM_NEW_N(RtValType, param_len + result_len);
    if (!types) return NULL;
    RtType *type = NULL;
    if (put_types(e, types, &t->params) &&
        put_types(e, types + param_len, &t->results))
        type = registry_func_type(e->registry, types, (uint32_t)param_len,
                                  types + param_len, (uint32_t)result_len);
    mem_free(types);
    return type;
}

// --- global types ------------------------------------------------------------

wasm_globaltype_t *wasm_globaltype_new(wasm_valtype_t *content,
                                       wasm_mutability_t mutability) {
    wasm_globaltype_t *t = content ? MEM_NEW(wasm_globaltype_t) : NULL;
    if (!t) {
        wasm_valtype_delete(content);
        return NULL;
    }
    t->base.kind = WASM_EXTERN_GLOBAL;
    t->content = content;
    t->mutability = mutability == WASM_CONST ? WASM_CONST : WASM_VAR;
    return t;
}

void wasm_globaltype_delete(wasm_globaltype_t *t) {
    if (!t) return;
    wasm_valtype_delete(t->content);
    mem_free(t);
}

wasm_globaltype_t *globaltype_of(Engine *e, RtValType t, bool is_mutable) {
    return wasm_globaltype_new(valtype_of(e, t),
                               is_mutable ? WASM_VAR : WASM_CONST);
}

wasm_globaltype_t *wasm_globaltype_copy(const wasm_globaltype_t *t) {
    return wasm_globaltype_new(wasm_valtype_copy(t->content), t->mutability);
}

const wasm_valtype_t *wasm_globaltype_content(const wasm_globaltype_t *t) {
    return t->content;
}

wasm_mutability_t wasm_globaltype_mutability(const wasm_globaltype_t *t) {
    return t->mutability;
}

// --- table and memory types --------------------------------------------------

static Limits limits_of(const wasm_limits_t *l) {
    bool has_max = l->max != wasm_limits_max_default;
    return (Limits){
        .min = l->min,
        .max = has_max ? l->max : 0,
        .has_max = has_max,
    };
}

static wasm_limits_t limits_shown(const Limits *l) {
    uint64_t most = wasm_limits_max_default;
    return (wasm_limits_t){
        .min = (uint32_t)MIN(l->min, most),
        .max = (uint32_t)(l->has_max ? MIN(l->max, most) : most),
    };
}

// Takes the element type.
static wasm_tabletype_t *tabletype_new(wasm_valtype_t *element,
                                       const Limits *limits) {
    wasm_tabletype_t *t = NULL;
    if (element && vt_is_ref(element->type.code)) t = MEM_NEW(wasm_tabletype_t);
    if (!t) {
        wasm_valtype_delete(element);
        return NULL;
    }
    t->base.kind = WASM_EXTERN_TABLE;
    t->element = element;
    t->limits = *limits;
    t->shown = limits_shown(limits);
    return t;
}

wasm_tabletype_t *wasm_tabletype_new(wasm_valtype_t *element,
                                     const wasm_limits_t *limits) {
    Limits l = limits_of(limits);
    return tabletype_new(element, &l);
}

void wasm_tabletype_delete(wasm_tabletype_t *t) {
    if (!t) return;
    wasm_valtype_delete(t->element);
    mem_free(t);
}

wasm_tabletype_t *tabletype_of(Engine *e, RtValType elem,
                               const Limits *limits) {
    return tabletype_new(valtype_of(e, elem), limits);
}

wasm_tabletype_t *wasm_tabletype_copy(const wasm_tabletype_t *t) {
    return tabletype_new(wasm_valtype_copy(t->element), &t->limits);
}

const wasm_valtype_t *wasm_tabletype_element(const wasm_tabletype_t *t) {
    return t->element;
}

const wasm_limits_t *wasm_tabletype_limits(const wasm_tabletype_t *t) {
    return &t->shown;
}

wasm_memorytype_t *memorytype_of(const MemoryType *type) {
    wasm_memorytype_t *t = MEM_NEW(wasm_memorytype_t);
    if (!t) return NULL;
    t->base.kind = WASM_EXTERN_MEMORY;
    t->type = *type;
    t->shown = limits_shown(&type->limits);
    return t;
}

wasm_memorytype_t *wasm_memorytype_new(const wasm_limits_t *limits) {
    MemoryType type = {.limits = limits_of(limits), .page_log2 = PAGE_LOG2};
    return memorytype_of(&type);
}

void wasm_memorytype_delete(wasm_memorytype_t *t) {
    mem_free(t);
}

wasm_memorytype_t *wasm_memorytype_copy(const wasm_memorytype_t *t) {
    return memorytype_of(&t->type);
}

const wasm_limits_t *wasm_memorytype_limits(const wasm_memorytype_t *t) {
    return &t->shown;
}

// --- tag types ---------------------------------------------------------------

wasm_tagtype_t *wasm_tagtype_new(wasm_functype_t *func) {
    wasm_tagtype_t *t = func ? MEM_NEW(wasm_tagtype_t) : NULL;
    if (!t) {
        wasm_functype_delete(func);
        return NULL;
    }
    t->base.kind = WASM_EXTERN_TAG;
    t->func = func;
    return t;
}

void wasm_tagtype_delete(wasm_tagtype_t *t) {
    if (!t) return;
    wasm_functype_delete(t->func);
    mem_free(t);
}

wasm_tagtype_t *tagtype_of(Engine *e, RtType *t) {
    return wasm_tagtype_new(functype_of(e, t));
}

wasm_tagtype_t *wasm_tagtype_copy(const wasm_tagtype_t *t) {
    return wasm_tagtype_new(wasm_functype_copy(t->func));
}

const wasm_functype_t *wasm_tagtype_functype(const wasm_tagtype_t *t) {
    return t->func;
}

// --- extern types ------------------------------------------------------------

wasm_externkind_t wasm_externtype_kind(const wasm_externtype_t *t) {
    return t->kind;
}

// AS(name, kind): both directions, both constnesses.
#define AS(name, KIND)                                                       \
    wasm_externtype_t *wasm_##name##_as_externtype(wasm_##name##_t *t) {     \
        return (wasm_externtype_t *)(void *)t;                               \
    }                                                                        \
    const wasm_externtype_t *wasm_##name##_as_externtype_const(              \
        const wasm_##name##_t *t) {                                          \
        return (const wasm_externtype_t *)(const void *)t;                   \
    }                                                                        \
    wasm_##name##_t *wasm_externtype_as_##name(wasm_externtype_t *t) {       \
        return t && t->kind == (KIND) ? (wasm_##name##_t *)(void *)t : NULL; \
    }                                                                        \
    const wasm_##name##_t *wasm_externtype_as_##name##_const(                \
        const wasm_externtype_t *t) {                                        \
        if (!t || t->kind != (KIND)) return NULL;                            \
        return (const wasm_##name##_t *)(const void *)t;                     \
    }
// clang-format off
AS(functype,   WASM_EXTERN_FUNC)
AS(globaltype, WASM_EXTERN_GLOBAL)
AS(tabletype,  WASM_EXTERN_TABLE)
AS(memorytype, WASM_EXTERN_MEMORY)
AS(tagtype,    WASM_EXTERN_TAG)
// clang-format on

#define EACH_KIND(DO)                  \
    DO(functype, WASM_EXTERN_FUNC)     \
    DO(globaltype, WASM_EXTERN_GLOBAL) \
    DO(tabletype, WASM_EXTERN_TABLE)   \
    DO(memorytype, WASM_EXTERN_MEMORY) \
    DO(tagtype, WASM_EXTERN_TAG)

void wasm_externtype_delete(wasm_externtype_t *t) {
    if (!t) return;
    switch ((enum wasm_externkind_enum)t->kind) {
#define DELETE(name, KIND)                                  \
    case KIND:                                              \
        wasm_##name##_delete((wasm_##name##_t *)(void *)t); \
        return;
        EACH_KIND(DELETE)
#undef DELETE
    }
}

wasm_externtype_t *wasm_externtype_copy(const wasm_externtype_t *t) {
    const void *p = t;
    switch ((enum wasm_externkind_enum)t->kind) {
#define COPY(name, KIND) \
    case KIND:           \
        return wasm_##name##_as_externtype(wasm_##name##_copy(p));
        EACH_KIND(COPY)
#undef COPY
    }
    return NULL;
}

// --- import and export types -------------------------------------------------

// A vector that could not be made for lack of memory is taken for an empty one:
// names come from functions that cannot fail otherwise.
wasm_importtype_t *wasm_importtype_new(wasm_name_t *module, wasm_name_t *name,
                                       wasm_externtype_t *type) {
    wasm_importtype_t *t = type ? MEM_NEW(wasm_importtype_t) : NULL;
    if (!t) {
        wasm_name_delete(module);
        wasm_name_delete(name);
        wasm_externtype_delete(type);
        return NULL;
    }
    *t = (wasm_importtype_t){.module = *module, .name = *name, .type = type};
    *module = *name = (wasm_name_t){0};
    return t;
}

void wasm_importtype_delete(wasm_importtype_t *t) {
    if (!t) return;
    wasm_name_delete(&t->module);
    wasm_name_delete(&t->name);
    wasm_externtype_delete(t->type);
    mem_free(t);
}

wasm_importtype_t *wasm_importtype_copy(const wasm_importtype_t *t) {
    wasm_name_t module, name = {0};
    if (name_of(&module, t->module.data, t->module.size) &&
        name_of(&name, t->name.data, t->name.size))
        return wasm_importtype_new(&module, &name,
                                   wasm_externtype_copy(t->type));
    wasm_name_delete(&module);
    wasm_name_delete(&name);
    return NULL;
}

const wasm_name_t *wasm_importtype_module(const wasm_importtype_t *t) {
    return &t->module;
}

const wasm_name_t *wasm_importtype_name(const wasm_importtype_t *t) {
    return &t->name;
}

const wasm_externtype_t *wasm_importtype_type(const wasm_importtype_t *t) {
    return t->type;
}

wasm_exporttype_t *wasm_exporttype_new(wasm_name_t *name,
                                       wasm_externtype_t *type) {
    wasm_exporttype_t *t = type ? MEM_NEW(wasm_exporttype_t) : NULL;
    if (!t) {
        wasm_name_delete(name);
        wasm_externtype_delete(type);
        return NULL;
    }
    *t = (wasm_exporttype_t){.name = *name, .type = type};
    *name = (wasm_name_t){0};
    return t;
}

void wasm_exporttype_delete(wasm_exporttype_t *t) {
    if (!t) return;
    wasm_name_delete(&t->name);
    wasm_externtype_delete(t->type);
    mem_free(t);
}

wasm_exporttype_t *wasm_exporttype_copy(const wasm_exporttype_t *t) {
    wasm_name_t name;
    if (!name_of(&name, t->name.data, t->name.size)) return NULL;
    return wasm_exporttype_new(&name, wasm_externtype_copy(t->type));
}

const wasm_name_t *wasm_exporttype_name(const wasm_exporttype_t *t) {
    return &t->name;
}

const wasm_externtype_t *wasm_exporttype_type(const wasm_exporttype_t *t) {
    return t->type;
}
