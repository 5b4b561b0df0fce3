// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Functions of wasm.h: calling, and being called.
#include "api/api_int.h"

#include "base/alloc.h"

#include <stdio.h>

enum {
    FEW = 16 // calls of that many values need no allocation
};

// --- functions of the host ---------------------------------------------------

typedef struct Callback {
    wasm_func_callback_t plain; // one of the two
    wasm_func_callback_with_env_t with_env;
    void *env;
    void (*finalize)(void *env);
} Callback;

static void callback_free(void *env) {
    Callback *c = env;
    if (c->finalize) c->finalize(c->env);
    mem_free(c);
}

static bool read_args(const HostCall *call, wasm_val_t *args) {
    const RtType *t = call->type;
    for (uint32_t i = 0; i < t->param_len; i++)
        if (!val_of_raw(call->store, call->values[i], t->params[i], &args[i]))
            return false;
    return true;
}

Status result_misfits(Store *s, const RtType *t, uint32_t index) {
    char text[RT_TYPE_TEXT_MAX];
    return store_trap_text(s, TRAP_host,
                           "result %u of a host function does not fit %s",
                           index, rt_type_print(text, t));
}

// From here on the collector sees the values as results. How many fit.
static uint32_t write_results(HostCall *call, const wasm_val_t *results) {
    const RtType *t = call->type;
    memset(call->values, 0, t->result_len * sizeof(Raw));
    call->is_result = true;
    uint32_t i = 0;
    while (i < t->result_len && raw_of_val(call->store, &results[i],
                                           t->results[i], &call->values[i]))
        i++;
    return i;
}

// Arguments, then results, in `vals`.
static Status run_callback(HostCall *call, wasm_val_t *vals) {
    const RtType *t = call->type;
    const Callback *c = call->env;
    wasm_val_vec_t args = {.size = t->param_len, .data = vals};
    wasm_val_vec_t results = {.size = t->result_len,
                              .data = vals + t->param_len};
    if (!read_args(call, args.data))
        return store_trap_text(call->store, TRAP_host,
                               "an argument has no form in this interface");
    wasm_trap_t *trap = c->plain ? c->plain(&args, &results)
                                 : c->with_env(c->env, &args, &results);
    if (trap) return trap_raise(call->store, trap);
    uint32_t fit = write_results(call, vals + t->param_len);
    return fit == t->result_len ? STATUS_ok
                                : result_misfits(call->store, t, fit);
}

static Status call_callback(HostCall *call) {
    size_t len = (size_t)call->type->param_len + call->type->result_len;
    wasm_val_t few[FEW] = {{0}};
    wasm_val_t *vals = len <= FEW ? few : MEM_NEW_N(wasm_val_t, len);
    if (!vals) return store_trap(call->store, TRAP_out_of_memory);
    Status status = run_callback(call, vals);
    for (size_t i = 0; i < len; i++)
        wasm_val_delete(&vals[i]);
    if (vals != few) mem_free(vals);
    return status;
}

static wasm_func_t *func_new(Store *s, const wasm_functype_t *type,
                             const Callback *from) {
    RtType *t = functype_register(s->engine, type);
    if (!t) return NULL;
    Callback *c = MEM_NEW(Callback);
    Func *f = NULL;
    if (c) {
        *c = *from;
        f = func_new_host(s, t, call_callback, c, callback_free);
    }
    rt_type_unref(s->engine->registry, t); // the store holds it
    if (f) return ref_of(s, REF_func, f);
    mem_free(c);
    return NULL;
}

wasm_func_t *wasm_func_new(wasm_store_t *store, const wasm_functype_t *type,
                           wasm_func_callback_t callback) {
    return func_new(store->store, type, &(Callback){.plain = callback});
}

wasm_func_t *wasm_func_new_with_env(wasm_store_t *store,
                                    const wasm_functype_t *type,
                                    wasm_func_callback_with_env_t callback,
                                    void *env, void (*finalizer)(void *)) {
    return func_new(store->store, type,
                    &(Callback){
                        .with_env = callback,
                        .env = env,
                        .finalize = finalizer,
                    });
}

// --- asking ------------------------------------------------------------------

wasm_functype_t *wasm_func_type(const wasm_func_t *f) {
    return functype_of(f->ref.store->engine, f->ref.func->type);
}

size_t wasm_func_param_arity(const wasm_func_t *f) {
    return f->ref.func->type->param_len;
}

size_t wasm_func_result_arity(const wasm_func_t *f) {
    return f->ref.func->type->result_len;
}

// --- calling -----------------------------------------------------------------

// How many fit.
static uint32_t put_args(Store *s, const RtType *t, const wasm_val_vec_t *args,
                         Raw *values) {
    RawScope scope;
    uint32_t i = 0;
    raw_scope_enter(s, &scope, values, t->params, t->param_len);
    while (i < t->param_len &&
           raw_of_val(s, &args->data[i], t->params[i], &values[i]))
        i++;
    root_scope_leave(s, &scope.scope);
    return i;
}

static wasm_trap_t *arg_misfits(Store *s, const RtType *t, uint32_t index) {
    char type[RT_TYPE_TEXT_MAX], text[RT_TYPE_TEXT_MAX + 40];
    snprintf(text, sizeof text, "argument %u does not fit %s", index,
             rt_type_print(type, t));
    return trap_of_text(s, text);
}

// All or nothing. Nothing here allocates in the heap.
static bool take_results(Store *s, const RtType *t, const Raw *values,
                         wasm_val_vec_t *results) {
    uint32_t i = 0;
    while (i < t->result_len &&
           val_of_raw(s, values[i], t->results[i], &results->data[i]))
        i++;
    if (i == t->result_len) return true;
    while (i-- > 0)
        wasm_val_delete(&results->data[i]);
    return false;
}

// `values` has room for arguments and results, and is zero.
static wasm_trap_t *call(Store *s, Func *f, Raw *values,
                         const wasm_val_vec_t *args, wasm_val_vec_t *results) {
    uint32_t fit = put_args(s, f->type, args, values);
    if (fit < f->type->param_len) return arg_misfits(s, f->type, fit);
    Status status = func_call(s, f, values);
    if (status != STATUS_ok) return trap_take(s, status, true);
    if (take_results(s, f->type, values, results)) return NULL;
    return trap_of_text(s, "a result has no form in this interface");
}

static size_t size_of(const wasm_val_vec_t *v) {
    return v ? v->size : 0;
}

wasm_trap_t *wasm_func_call(const wasm_func_t *func, const wasm_val_vec_t *args,
                            wasm_val_vec_t *results) {
    Store *s = func->ref.store;
    Func *f = func->ref.func;
    size_t param_len = f->type->param_len, result_len = f->type->result_len;
    if (size_of(args) != param_len || size_of(results) != result_len)
        return trap_of_text(s, "wrong number of arguments or results");
    Raw few[FEW] = {{{0}}};
    size_t len = MAX(param_len, result_len);
    Raw *values = len <= FEW ? few : MEM_NEW_N(Raw, len);
    if (!values) return trap_of_text(s, "out of memory");
    wasm_trap_t *trap = call(s, f, values, args, results);
    if (values != few) mem_free(values);
    return trap;
}
