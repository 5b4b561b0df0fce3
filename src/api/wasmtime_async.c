// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// wasmtime/async.h: futures over computations, and host functions that wait.
//
// What is on the stack of a future owns nothing that is not also in the future
// or in a Cleanup: it may be dropped wherever it suspends.
#include "api/async_int.h"

#include "base/alloc.h"

// --- futures -------------------------------------------------------------------

static void on_stack(void *env) {
    wasmtime_call_future_t *f = env;
    f->run(f);
}

wasmtime_call_future_t *future_of_store(const Store *s) {
    Computation *c = s->computation;
    return c ? CONTAINER_OF(c, wasmtime_call_future_t, computation) : NULL;
}

// A future that is over, with an error. NULL: no memory for one.
static wasmtime_call_future_t *failed(wasmtime_call_future_t *f,
                                      wasmtime_error_t *error) {
    f->is_done = true;
    *f->error = error;
    return f;
}

static wasmtime_call_future_t *future_new(Store *s, wasm_trap_t **trap,
                                          wasmtime_error_t **error) {
    *trap = NULL;
    *error = NULL;
    wasmtime_call_future_t *f = MEM_NEW(wasmtime_call_future_t);
    if (!f) {
        *error = error_no_memory();
        return NULL;
    }
    f->store = s;
    f->trap = trap;
    f->error = error;
    return f;
}

static wasmtime_call_future_t *future_start(
    wasmtime_call_future_t *f, void (*run)(wasmtime_call_future_t *)) {
    Err err = {0};
    f->run = run;
    if (computation_init(&f->computation, f->store, on_stack, f, &err))
        return f;
    return failed(f, error_of(&err));
}

// The stack is not needed any more.
static bool over(wasmtime_call_future_t *f) {
    f->is_done = true;
    computation_release(&f->computation);
    return true;
}

bool wasmtime_call_future_poll(wasmtime_call_future_t *f) {
    if (!f || f->is_done) return true;
    Computation *c = &f->computation;
    if (!c->store) {
        (void)failed(f, error_of_text("the store of the call is gone"));
        return true;
    }
    if (computation_is_running(c)) return false;
    if (f->waker) waker_lower(f->waker);
    computation_resume(c);
    bool is_over = computation_is_done(c) && over(f);
    // Nobody else will say that polling again makes sense.
    bool has_waker = f->is_waiting && f->has_waker;
    if (f->waker && (is_over || !has_waker)) waker_raise(f->waker);
    return is_over;
}

void wasmtime_call_future_delete(wasmtime_call_future_t *f) {
    if (!f || computation_is_running(&f->computation)) return;
    computation_release(&f->computation);
    waker_unref(f->waker);
    mem_free(f->values);
    mem_free(f);
}

// --- calls ---------------------------------------------------------------------

static void run_call(wasmtime_call_future_t *f) {
    const RtType *t = f->call.func->type;
    Raw *values = f->values;
    if (!values_to_raws(f->store, f->call.args, t->params, t->param_len,
                        values)) {
        *f->error = error_of_args(f->store, t, f->call.args);
        return;
    }
    Status status = func_call(f->store, f->call.func, values);
    if (status != STATUS_ok)
        *f->error = call_outcome(f->store, status, f->trap);
    else if (!values_of_raws(f->store, values, t->results, t->result_len,
                             f->call.results))
        *f->error = error_no_memory();
}

wasmtime_call_future_t *wasmtime_func_call_async(
    wasmtime_context_t *context, const wasmtime_func_t *func,
    const wasmtime_val_t *args, size_t nargs, wasmtime_val_t *results,
    size_t nresults, wasm_trap_t **trap_ret, wasmtime_error_t **error_ret) {
    Store *s = store_of_context(context);
    wasmtime_call_future_t *f = future_new(s, trap_ret, error_ret);
    if (!f) return NULL;
    Func *callee = handle_func(s, func);
    if (!callee) return failed(f, error_of_handle());
    const RtType *t = callee->type;
    if (nargs != t->param_len || nresults != t->result_len)
        return failed(f, error_of_count(t, nargs, nresults));
    f->call.func = callee;
    f->call.args = args;
    f->call.results = results;
    f->values = MEM_NEW_N(Raw, MAX(nargs, nresults) + 1);
    if (!f->values) return failed(f, error_no_memory());
    return future_start(f, run_call);
}

// --- instances -----------------------------------------------------------------

static wasmtime_call_future_t *fail_engine(wasmtime_call_future_t *f) {
    return failed(f,
                  error_of_text("the module or linker is of another engine"));
}

static void run_make(wasmtime_call_future_t *f) {
    Instance *inst = NULL;
    Err err = {0};
    Status status = f->make.linked
                        ? linked_make(f->make.linked, f->store, &inst, &err)
                        : linker_make(f->make.linker, f->store, f->make.module,
                                      &inst, &err);
    if (status == STATUS_ok) status = instance_start(inst);
    if (status == STATUS_ok)
        *f->make.out = handle_of_instance(inst);
    else
        *f->error = link_outcome(f->store, status, &err, f->trap);
}

wasmtime_call_future_t *wasmtime_linker_instantiate_async(
    const wasmtime_linker_t *linker, wasmtime_context_t *store,
    const wasmtime_module_t *module, wasmtime_instance_t *instance,
    wasm_trap_t **trap_ret, wasmtime_error_t **error_ret) {
    Store *s = store_of_context(store);
    wasmtime_call_future_t *f = future_new(s, trap_ret, error_ret);
    if (!f) return NULL;
    if (linker_engine(linker->linker) != s->engine ||
        module->module->engine != s->engine)
        return fail_engine(f);
    f->make.linker = linker->linker;
    f->make.module = module->module;
    f->make.out = instance;
    return future_start(f, run_make);
}

wasmtime_call_future_t *wasmtime_instance_pre_instantiate_async(
    const wasmtime_instance_pre_t *instance_pre, wasmtime_context_t *store,
    wasmtime_instance_t *instance, wasm_trap_t **trap_ret,
    wasmtime_error_t **error_ret) {
    Store *s = store_of_context(store);
    wasmtime_call_future_t *f = future_new(s, trap_ret, error_ret);
    if (!f) return NULL;
    if (linked_module(instance_pre->linked)->engine != s->engine)
        return fail_engine(f);
    f->make.linked = instance_pre->linked;
    f->make.out = instance;
    return future_start(f, run_make);
}

// --- host functions that wait --------------------------------------------------

typedef struct AsyncFunc {
    wasmtime_func_async_callback_t callback;
    void *env;
    void (*finalize)(void *env);
} AsyncFunc;

// One call; lies on the stack of the future, where its address is good as long
// as it is suspended.
typedef struct AsyncCall {
    Cleanup cleanup;
    wasmtime_caller_t caller;
    const RtType *type;
    wasmtime_val_t *vals; // arguments, then results
    wasm_trap_t *trap;
    wasmtime_async_continuation_t continuation;
} AsyncCall;

static void end_continuation(AsyncCall *a) {
    wasmtime_async_continuation_t *c = &a->continuation;
    if (c->finalizer) c->finalizer(c->env);
    *c = (wasmtime_async_continuation_t){0};
}

// What the call owns, once: by its own frame or by what drops that.
static void async_release(AsyncCall *a) {
    end_continuation(a);
    values_unroot(a->vals, (size_t)a->type->param_len + a->type->result_len);
    mem_free(a->vals);
    wasm_trap_delete(a->trap);
    a->trap = NULL;
}

static void async_dropped(Cleanup *cleanup) {
    async_release(CONTAINER_OF(cleanup, AsyncCall, cleanup));
}

// False: it would have to suspend, and cannot.
static bool wait_for_end(Store *s, const wasmtime_async_continuation_t *c) {
    wasmtime_call_future_t *f = future_of_store(s);
    while (c->callback && !c->callback(c->env)) {
        if (!store_can_suspend(s)) return false;
        f->is_waiting = true;
        store_suspend(s);
        f->is_waiting = false;
    }
    return true;
}

static Status run_async(HostCall *call, AsyncCall *a) {
    const RtType *t = a->type;
    const AsyncFunc *f = call->env;
    Store *s = call->store;
    if (!values_of_raws(s, call->values, t->params, t->param_len, a->vals))
        return store_trap(s, TRAP_out_of_memory);
    wasmtime_val_t *results = a->vals + t->param_len;
    for (uint32_t i = 0; i < t->result_len; i++)
        (void)!value_of_raw(NULL, (Raw){0}, t->results[i], &results[i]);
    wasmtime_call_future_t *future = future_of_store(s);
    if (future) future->has_waker = false;
    f->callback(f->env, &a->caller, a->vals, t->param_len, results,
                t->result_len, &a->trap, &a->continuation);
    if (!a->trap && !wait_for_end(s, &a->continuation))
        return store_trap_text(s, TRAP_host, "this call cannot suspend");
    end_continuation(a);
    if (a->trap) {
        wasm_trap_t *trap = a->trap;
        a->trap = NULL;
        return host_raise(s, trap);
    }
    return host_results(call, results);
}

static Status async_host_call(HostCall *call) {
    const RtType *t = call->type;
    size_t len = (size_t)t->param_len + t->result_len;
    AsyncCall a = {
        .cleanup.run = async_dropped,
        .caller = {call->store, call->caller},
        .type = t,
        .vals = MEM_NEW_N(wasmtime_val_t, len + 1),
    };
    if (!a.vals) return store_trap(call->store, TRAP_out_of_memory);
    cleanup_enter(call->store, &a.cleanup);
    Status status = run_async(call, &a);
    cleanup_leave(call->store, &a.cleanup);
    async_release(&a);
    return status;
}

static void async_func_free(void *env) {
    AsyncFunc *f = env;
    if (f->finalize) f->finalize(f->env);
    mem_free(f);
}

static bool define(Linker *l, Str module, Str name, const wasm_functype_t *ty,
                   const AsyncFunc *from, Err *err) {
    Engine *e = linker_engine(l);
    RtType *type = functype_register(e, ty);
    if (!type) return err_at(err, ERR_NOWHERE, E_host_type);
    AsyncFunc *env = MEM_NEW(AsyncFunc);
    if (env) *env = *from;
    bool ok = env ? linker_define_func(l, module, name, type, async_host_call,
                                       env, async_func_free, err)
                  : err_at(err, ERR_NOWHERE, E_out_of_memory);
    rt_type_unref(e->registry, type); // the definition holds it
    if (!ok) mem_free(env);
    return ok;
}

wasmtime_error_t *wasmtime_linker_define_async_func(
    wasmtime_linker_t *linker, const char *module, size_t module_len,
    const char *name, size_t name_len, const wasm_functype_t *ty,
    wasmtime_func_async_callback_t cb, void *data, void (*finalizer)(void *)) {
    AsyncFunc from = {cb, data, finalizer};
    Err err = {0};
    if (define(linker->linker, str_of_name(module, module_len),
               str_of_name(name, name_len), ty, &from, &err))
        return NULL;
    if (finalizer) finalizer(data);
    return error_of(&err);
}

// --- when to suspend -----------------------------------------------------------

wasmtime_error_t *wasmtime_context_fuel_async_yield_interval(
    wasmtime_context_t *context, uint64_t interval) {
    Store *s = store_of_context(context);
    if (!s->engine->config.use_fuel)
        return error_of_text("fuel is not configured in this engine");
    store_set_fuel_interval(s, interval);
    return NULL;
}

static EpochAnswer yield_and_update(void *env, Store *s) {
    const StoreHost *h = env;
    store_set_deadline(s, h->yield_delta);
    return EPOCH_yield;
}

wasmtime_error_t *wasmtime_context_epoch_deadline_async_yield_and_update(
    wasmtime_context_t *context, uint64_t delta) {
    Store *s = store_of_context(context);
    if (!s->engine->config.use_epoch)
        return error_of_text("epochs are not configured in this engine");
    StoreHost *h = &store_data(s)->host;
    h->yield_delta = delta;
    s->epoch_env = h;
    s->epoch_callback = yield_and_update;
    return NULL;
}

// --- stacks of the embedder ----------------------------------------------------

void wasmtime_config_async_stack_size_set(wasm_config_t *c, size_t size) {
    if (c) c->engine.async_stack_size = size;
}

static void stack_free(void *env) {
    wasmtime_stack_memory_t *stack = env;
    if (stack->finalizer) stack->finalizer(stack->env);
    mem_free(stack);
}

static bool creator_create(void *env, size_t size, HostStack *out) {
    const wasmtime_stack_creator_t *c = env;
    wasmtime_stack_memory_t *stack = MEM_NEW(wasmtime_stack_memory_t);
    if (!stack) return false;
    wasmtime_error_t *error = c->new_stack(c->env, size, false, stack);
    if (error) {
        wasmtime_error_delete(error);
        mem_free(stack);
        return false;
    }
    size_t len = 0;
    uint8_t *top = stack->get_stack_memory(stack->env, &len);
    *out =
        (HostStack){.env = stack, .top = top, .size = len, .free = stack_free};
    return true;
}

static void creator_free(void *env) {
    wasmtime_stack_creator_t *c = env;
    if (c->finalizer) c->finalizer(c->env);
    mem_free(c);
}

void wasmtime_config_host_stack_creator_set(wasm_config_t *c,
                                            wasmtime_stack_creator_t *creator) {
    if (!c || !creator) return;
    wasmtime_stack_creator_t *copy = MEM_NEW(wasmtime_stack_creator_t);
    if (!copy) {
        if (creator->finalizer) creator->finalizer(creator->env);
        config_fail(c, "out of memory");
        return;
    }
    *copy = *creator;
    StackCreator *old = &c->engine.stack_creator;
    if (old->free) old->free(old->env);
    *old = (StackCreator){
        .env = copy, .create = creator_create, .free = creator_free};
}
