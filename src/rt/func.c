// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/func.h"

#include "base/alloc.h"
#include "base/bits.h"
#include "os/fp.h"
#include "rt/helper.h"
#include "rt/instance.h"
#include "rt/native.h"

static Func *func_add(Store *s, RtType *type) {
    Func *f = MEM_NEW(Func);
    if (!f) return NULL;
    *f = (Func){
        .type = type,
        .store = s,
        .call = s->engine->tier->call,
        .handle = s->funcs.len,
    };
    if (LIST_PUSH(&s->funcs, f)) return f;
    mem_free(f);
    return NULL;
}

static void tell_tier(const Engine *e, Func *f) {
    if (e->tier->func_ready) e->tier->func_ready(e, f);
}

static FuncCall call_host_from_c;

Func *func_new_host(Store *s, RtType *type, HostFn host, void *env,
                    void (*finalize)(void *env)) {
    if (!store_hold_type(s, type)) return NULL;
    Func *f = func_add(s, type);
    if (!f) return NULL;
    f->call = call_host_from_c;
    f->host = host;
    f->env = env;
    f->finalize = finalize;
    tell_tier(s->engine, f);
    return f;
}

// --- blocks ------------------------------------------------------------------------

struct FuncBlock {
    FuncBlock *next;
    void (*release)(void *env);
    void *env;
    Func funcs[];
};

void func_init_host(const Engine *e, Func *f, RtType *type, HostFn host,
                    void *env) {
    *f = (Func){
        .type = type,
        .call = call_host_from_c,
        .host = host,
        .env = env,
        .in_block = true,
    };
    tell_tier(e, f);
}

Func *func_new_hosts(Store *s, const Func *from, uint32_t len,
                     void (*release)(void *env), void *env) {
    if (!LIST_RESERVE(&s->funcs, len)) return NULL;
    FuncBlock *b = mem_alloc(sizeof *b + len * sizeof *from);
    if (!b) return NULL;
    b->next = s->func_blocks;
    b->release = release;
    b->env = env;
    s->func_blocks = b;
    memcpy(b->funcs, from, len * sizeof *from);
    Func **list = s->funcs.data + s->funcs.len;
    for (uint32_t i = 0; i < len; i++) {
        b->funcs[i].store = s;
        b->funcs[i].handle = s->funcs.len + i;
        list[i] = &b->funcs[i];
    }
    s->funcs.len += len;
    return b->funcs;
}

void func_blocks_free(FuncBlock *b) {
    for (FuncBlock *next; b; b = next) {
        next = b->next;
        b->release(b->env);
        mem_free(b);
    }
}

// --- functions of instances --------------------------------------------------------

// Where the reference to a defined function is kept; NULL: no memory.
static Func **func_place(Instance *inst, uint32_t defined) {
    Func ***chunk = &inst->funcs[defined / FUNC_CHUNK];
    if (!*chunk) {
        const Module *m = &inst->module->module;
        uint32_t len = m->funcs.len - m->imported[EXTERN_func];
        uint32_t first = defined - defined % FUNC_CHUNK;
        *chunk = MEM_NEW_N(Func *, MIN(len - first, FUNC_CHUNK));
    }
    return *chunk ? &(*chunk)[defined % FUNC_CHUNK] : NULL;
}

Func *instance_func(Instance *inst, uint32_t func) {
    const Module *m = &inst->module->module;
    uint32_t imported = m->imported[EXTERN_func];
    if (func < imported) return inst->context.funcs[func];
    Func **place = func_place(inst, func - imported);
    if (!place || *place) return place ? *place : NULL;
    // The instance's module holds the type as long as the store lives.
    Func *f = func_add(inst->store, instance_func_type(inst, func));
    if (!f) return NULL;
    f->instance = inst;
    f->index = func;
    tell_tier(inst->store->engine, f);
    *place = f;
    return f;
}

// --- calling the host --------------------------------------------------------------

// The values of a host call are arguments until the host says that they are
// results.
typedef struct HostScope {
    RootScope scope;
    HostCall *call;
} HostScope;

static void visit_host_call(RootScope *scope, GcHeap *heap, GcVisit visit) {
    const HostCall *call = CONTAINER_OF(scope, HostScope, scope)->call;
    const RtType *t = call->type;
    const RtValType *types = call->is_result ? t->results : t->params;
    uint32_t len = call->is_result ? t->result_len : t->param_len;
    for (uint32_t i = 0; i < len; i++)
        if (rt_val_type_is_traced(types[i])) visit(heap, &call->values[i].ref);
}

static NOINLINE Status run_rooted(Store *s, const Func *f, HostCall *call) {
    HostScope roots = {.scope.visit = visit_host_call, .call = call};
    root_scope_enter(s, &roots.scope);
    Status status = f->host(call);
    root_scope_leave(s, &roots.scope);
    return status;
}

INLINE Status run_host(Store *s, const Func *f, Instance *caller, Raw *values) {
    HostCall call = {
        .store = s,
        .caller = caller,
        .type = f->type,
        .env = f->env,
        .values = values,
    };
    return UNLIKELY(f->type->has_ref) ? run_rooted(s, f, &call)
                                      : f->host(&call);
}

NO_CANARY Status func_call_host(Store *s, Func *f, Instance *caller,
                                Raw *values) {
    Activation *a = s->context.activation;
    const Func *outer = a ? a->host : NULL;
    if (a) a->host = f;
    Status status = run_host(s, f, caller, values);
    if (a) a->host = outer;
    return status;
}

// From compiled code, which always has an activation, and one that runs no
// host function yet.
NO_CANARY Status helper_host_values(Context *c, Func *f, Raw *values) {
    Store *s = store_of(c->store);
    Activation *a = s->context.activation;
    a->host = f;
    Status status = run_host(s, f, CONTAINER_OF(c, Instance, context), values);
    a->host = NULL;
    return status;
}

// --- calls from C ------------------------------------------------------------

static Status call_host_from_c(Func *f, Store *s, Raw *values) {
    return func_call_host(s, f, NULL, values);
}

NOINLINE Status func_call_within(Func *f, Store *s, Raw *values) {
    const char *here = __builtin_frame_address(0);
    uint64_t fp = fp_enter();
    char *limit = s->context.stack_limit;
    bool is_within = limit != NULL;
    s->entries += is_within;
    if (!is_within) s->context.stack_limit = native_stack_limit(s, here);
    CallState outer = call_state(s);
    Status status = f->call(f, s, values);
    call_state_restore(s, outer);
    s->context.stack_limit = limit;
    s->entries -= is_within;
    fp_leave(fp);
    return status;
}

Status func_call_own(Func *f, Store *s, Raw *values) {
    return func_call_here(f, s, values, fp_get());
}
