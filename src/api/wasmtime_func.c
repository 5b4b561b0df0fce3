// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// wasmtime/func.h: calling, and being called.
//
// Values of a call are on the C stack when they are few. Nothing here is ever
// on a stack that is suspended: a host function that can suspend is another
// kind (wasmtime_async.c), and what a host function calls cannot.
#include "api/wasmtime_int.h"

#include "base/alloc.h"

#include <wasmtime/func.h>

enum {
    FEW = 16 // calls of that many values need no allocation
};

static_assert(sizeof(wasmtime_val_raw_t) == sizeof(Raw), "one form");

// --- functions of the host ---------------------------------------------------

HostFunc *host_func_new(const HostFunc *from) {
    HostFunc *f = MEM_NEW(HostFunc);
    if (f) *f = *from;
    return f;
}

void host_func_free(void *env) {
    HostFunc *f = env;
    if (f->finalize) f->finalize(f->env);
    mem_free(f);
}

Status host_raise(Store *s, wasm_trap_t *trap) {
    if (!trap->throws || !s->exception) return trap_raise(s, trap);
    // It comes from where it was thrown first, if it has been in a guest.
    if (s->trap.code == TRAP_none && trap->info.frame_len) {
        trap_clear(&s->trap);
        trap_give_frames(&s->trap, &trap->info);
        s->trap.has_all = true;
    }
    wasm_trap_delete(trap);
    return STATUS_exception;
}

Status host_results(HostCall *call, wasmtime_val_t *results) {
    const RtType *t = call->type;
    // From here on the collector sees the values as results.
    if (t->has_ref) memset(call->values, 0, t->result_len * sizeof(Raw));
    call->is_result = true;
    bool ok = values_to_raws(call->store, results, t->results, t->result_len,
                             call->values);
    uint32_t misfit =
        ok ? 0 : values_misfit(call->store, results, t->results, t->result_len);
    values_unroot(results, t->result_len);
    return ok ? STATUS_ok : result_misfits(call->store, t, misfit);
}

static void null_results(const RtType *t, wasmtime_val_t *out) {
    for (uint32_t i = 0; i < t->result_len; i++)
        (void)!value_of_raw(NULL, (Raw){0}, t->results[i], &out[i]);
}

// Arguments, then results, in `vals`.
static Status run_checked(HostCall *call, wasmtime_val_t *vals) {
    const RtType *t = call->type;
    const HostFunc *f = call->env;
    wasmtime_val_t *results = vals + t->param_len;
    if (!values_of_raws(call->store, call->values, t->params, t->param_len,
                        vals))
        return store_trap(call->store, TRAP_out_of_memory);
    null_results(t, results);
    wasm_trap_t *trap = f->checked(f->env, caller_of(call), vals, t->param_len,
                                   results, t->result_len);
    values_unroot(vals, t->param_len);
    if (!trap) return host_results(call, results);
    values_unroot(results, t->result_len);
    return host_raise(call->store, trap);
}

static Status call_checked(HostCall *call) {
    size_t len = (size_t)call->type->param_len + call->type->result_len;
    wasmtime_val_t few[FEW]; // run_checked fills in what is used
    if (len <= FEW) return run_checked(call, few);
    wasmtime_val_t *vals = MEM_NEW_N(wasmtime_val_t, len);
    if (!vals) return store_trap(call->store, TRAP_out_of_memory);
    Status status = run_checked(call, vals);
    mem_free(vals);
    return status;
}

static wasm_trap_t *run_unchecked(HostCall *call, const RtType *t) {
    const HostFunc *f = call->env;
    return f->unchecked(f->env, caller_of(call),
                        (wasmtime_val_raw_t *)(void *)call->values,
                        t->value_len);
}

static Status call_unchecked(HostCall *call) {
    wasm_trap_t *trap = run_unchecked(call, call->type);
    return LIKELY(!trap) ? STATUS_ok : host_raise(call->store, trap);
}

// While the callback runs, nobody knows which values are arguments and which
// are results already: the collector is shown none.
static Status call_unchecked_refs(HostCall *call) {
    static const RtType no_values;
    const RtType *t = call->type;
    call->type = &no_values;
    wasm_trap_t *trap = run_unchecked(call, t);
    if (trap) return host_raise(call->store, trap);
    call->is_result = true;
    call->type = t;
    return STATUS_ok;
}

HostFn host_func_call(const HostFunc *f, const RtType *t) {
    if (f->checked) return call_checked;
    return t->has_ref ? call_unchecked_refs : call_unchecked;
}

static void func_new(Store *s, const wasm_functype_t *type,
                     const HostFunc *from, wasmtime_func_t *ret) {
    RtType *t = functype_register(s->engine, type);
    HostFunc *env = t ? host_func_new(from) : NULL;
    Func *f =
        env ? func_new_host(s, t, host_func_call(from, t), env, host_func_free)
            : NULL;
    if (t) rt_type_unref(s->engine->registry, t); // the store holds it
    *ret = handle_of_func(f);
    if (f) return;
    mem_free(env);
    if (from->finalize) from->finalize(from->env);
}

void wasmtime_func_new(wasmtime_context_t *store, const wasm_functype_t *type,
                       wasmtime_func_callback_t callback, void *env,
                       void (*finalizer)(void *), wasmtime_func_t *ret) {
    HostFunc from = {.checked = callback, .env = env, .finalize = finalizer};
    func_new(store_of_context(store), type, &from, ret);
}

void wasmtime_func_new_unchecked(wasmtime_context_t *store,
                                 const wasm_functype_t *type,
                                 wasmtime_func_unchecked_callback_t callback,
                                 void *env, void (*finalizer)(void *),
                                 wasmtime_func_t *ret) {
    HostFunc from = {.unchecked = callback, .env = env, .finalize = finalizer};
    func_new(store_of_context(store), type, &from, ret);
}

// --- who called --------------------------------------------------------------

bool wasmtime_caller_export_get(wasmtime_caller_t *caller, const char *name,
                                size_t name_len, wasmtime_extern_t *item) {
    Extern e;
    Err err = {0};
    return caller->instance &&
           instance_export(caller->instance, str_of_name(name, name_len), &e,
                           &err) &&
           handle_of_extern(&e, item);
}

wasmtime_context_t *wasmtime_caller_context(wasmtime_caller_t *caller) {
    return context_of_store(caller->store);
}

// --- asking ------------------------------------------------------------------

wasm_functype_t *wasmtime_func_type(const wasmtime_context_t *store,
                                    const wasmtime_func_t *func) {
    const Store *s = store_of_context(store);
    const Func *f = handle_func(s, func);
    return f ? functype_of(s->engine, f->type) : NULL;
}

void wasmtime_func_from_raw(wasmtime_context_t *context, void *raw,
                            wasmtime_func_t *ret) {
    (void)context;
    *ret = handle_of_func(raw);
}

void *wasmtime_func_to_raw(wasmtime_context_t *context,
                           const wasmtime_func_t *func) {
    return handle_func(store_of_context(context), func);
}

// --- calling -----------------------------------------------------------------

wasmtime_error_t *call_outcome(Store *s, Status status, wasm_trap_t **trap) {
    *trap = NULL;
    if (status == STATUS_ok) return NULL;
    wasmtime_error_t *error = status == STATUS_trap ? error_take(s) : NULL;
    if (error) return error;
    wasm_trap_t *t = trap_take(s, status, false);
    // The trap for want of memory is every call's: it says nothing more.
    if (t == store_data(s)->no_memory) {
        wasm_trap_delete(t);
        return error_no_memory();
    }
    t->throws = status == STATUS_exception || t->throws;
    if (!t->throws && t->code == NO_TRAP_CODE) return error_of_trap(t);
    *trap = t;
    return NULL;
}

wasmtime_error_t *link_outcome(Store *s, Status status, const Err *err,
                               wasm_trap_t **trap) {
    *trap = NULL;
    if (err_ok(err)) return call_outcome(s, status, trap);
    trap_clear(&s->trap);
    return error_of(err);
}

// `values` has room for arguments and results.
static wasmtime_error_t *call(Store *s, Func *f, Raw *values,
                              const wasmtime_val_t *args,
                              wasmtime_val_t *results, wasm_trap_t **trap) {
    const RtType *t = f->type;
    if (!values_to_raws(s, args, t->params, t->param_len, values))
        return error_of_args(s, t, args);
    Status status = func_call_here(f, s, values, fp_get());
    if (UNLIKELY(status != STATUS_ok)) return call_outcome(s, status, trap);
    if (values_of_raws(s, values, t->results, t->result_len, results))
        return NULL;
    return error_no_memory();
}

COLD wasmtime_error_t *error_of_args(Store *s, const RtType *t,
                                     const wasmtime_val_t *args) {
    char text[RT_TYPE_TEXT_MAX];
    return error_of_text("argument %u does not fit %s",
                         values_misfit(s, args, t->params, t->param_len),
                         rt_type_print(text, t));
}

wasmtime_error_t *error_of_count(const RtType *t, size_t nargs,
                                 size_t nresults) {
    return error_of_text("the function has %u parameters and %u results, "
                         "not %zu and %zu",
                         t->param_len, t->result_len, nargs, nresults);
}

wasmtime_error_t *wasmtime_func_call(wasmtime_context_t *store,
                                     const wasmtime_func_t *func,
                                     const wasmtime_val_t *args, size_t nargs,
                                     wasmtime_val_t *results, size_t nresults,
                                     wasm_trap_t **trap) {
    Store *s = store_of_context(store);
    *trap = NULL;
    Func *f = handle_func(s, func);
    if (!f) return error_of_handle();
    if (UNLIKELY(nargs != f->type->param_len ||
                 nresults != f->type->result_len))
        return error_of_count(f->type, nargs, nresults);
    Raw few[FEW];
    size_t len = MAX(nargs, nresults);
    if (len <= FEW) return call(s, f, few, args, results, trap);
    Raw *values = MEM_NEW_N(Raw, len);
    if (!values) return error_no_memory();
    wasmtime_error_t *error = call(s, f, values, args, results, trap);
    mem_free(values);
    return error;
}

NO_CANARY wasmtime_error_t *wasmtime_func_call_unchecked(
    wasmtime_context_t *store, const wasmtime_func_t *func,
    wasmtime_val_raw_t *args_and_results, size_t args_and_results_len,
    wasm_trap_t **trap) {
    uint64_t fp = fp_get();
    Store *s = store_of_context(store);
    *trap = NULL;
    Func *f = handle_func(s, func);
    if (!f) return error_of_handle();
    const RtType *t = f->type;
    if (UNLIKELY(args_and_results_len < t->value_len))
        return error_of_text("%zu values are not enough for %u parameters and "
                             "%u results",
                             args_and_results_len, t->param_len, t->result_len);
    Raw *values = (Raw *)(void *)args_and_results;
    Status status = func_call_here(f, s, values, fp);
    return LIKELY(status == STATUS_ok) ? NULL : call_outcome(s, status, trap);
}
