// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Adapters for the signatures of calls between C and compiled code
// (code/adapter.h): which ones are made, and for whom.
#include "engine/compiled_int.h"
#include "rt/func.h"

// The first one is needed now.
typedef struct Wanted {
    AdapterShape shapes[ADAPTER_GROUP];
    uint32_t len;
} Wanted;

static AdapterValue value_of(RtValType t) {
    if (vt_is_ref(t.code))
        return rt_val_type_is_traced(t) ? ADAPTER_word32 : ADAPTER_word64;
    switch (t.code) {
    case VT_i32:
        return ADAPTER_word32;
    case VT_f32:
        return ADAPTER_f32;
    case VT_f64:
        return ADAPTER_f64;
    case VT_v128:
        return ADAPTER_v128;
    default: // i64
        return ADAPTER_word64;
    }
}

static bool shape_of(const RtType *t, AdapterShape *out) {
    *out = (AdapterShape){.has_ref = t->has_ref};
    if (t->param_len > ADAPTER_VALUES || t->result_len > ADAPTER_VALUES)
        return false;
    for (uint32_t i = 0; i < t->param_len; i++)
        out->params[out->param_len++] = (uint8_t)value_of(t->params[i]);
    for (uint32_t i = 0; i < t->result_len; i++)
        out->results[out->result_len++] = (uint8_t)value_of(t->results[i]);
    return true;
}

static void want(Wanted *w, const RtType *t) {
    AdapterShape shape;
    if (w->len == ADAPTER_GROUP || atomic_load(&t->adapter) ||
        !shape_of(t, &shape))
        return;
    for (uint32_t i = 0; i < w->len; i++)
        if (!memcmp(&w->shapes[i], &shape, sizeof shape)) return;
    w->shapes[w->len++] = shape;
}

// What is called from outside, and what calls out.
static void want_others(Wanted *w, const RtModule *m) {
    const Module *module = &m->module;
    for (uint32_t i = 0; i < module->imported[EXTERN_func]; i++)
        want(w, m->types[module->funcs.data[i].type]);
    VEC_EACH (Export, e, &module->exports) {
        if (e->kind == EXTERN_func)
            want(w, m->types[module->funcs.data[e->index].type]);
    }
}

const MachineAdapter *compiled_adapter(const Engine *e, RtType *t,
                                       const RtModule *near) {
    static const MachineAdapter none;
    const MachineAdapter *a =
        atomic_load_explicit(&t->adapter, memory_order_acquire);
    if (a) return a;
    const EngineCode *code = e->tier_data;
    Wanted w = {.len = 1};
    a = &none;
    if (shape_of(t, &w.shapes[0])) {
        want_others(&w, near);
        a = code_adapter(code->adapters, w.shapes, w.len);
        if (code->native) compiled_describe_adapters(code);
    }
    atomic_store_explicit(&t->adapter, a, memory_order_release);
    return a;
}

void compiled_host_called(Func *func, const Instance *caller) {
    const MachineAdapter *a =
        compiled_adapter(func->store->engine, func->type, caller->module);
    if (a->host) func->entry = a->host;
}
