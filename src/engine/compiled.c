// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The way into compiled code, and the tier's table.
#include "engine/cache.h"
#include "engine/compiled_int.h"

#include "base/alloc.h"
#include "interp/roots.h"
#include "os/cpu.h"
#include "rt/machine.h"

// --- calls -------------------------------------------------------------------------

// Arguments and results that do not fit in registers, of most signatures that
// have any.
enum {
    STACK_NEAR = 32 // words
};

// A call from C on its way. `slots`: a loop's entry is called, which has its
// values there and not in registers.
typedef struct Call {
    const CodeCallee *callee;
    const Slot *slots;
    Raw *values;
} Call;

static void put_values(const Call *call, MachineCall *m) {
    const RtType *t = call->callee->type;
    MachineAssign in = {0};
    if (call->slots)
        m->regs.ints[0] = (uintptr_t)call->slots;
    else
        machine_put_values(&in, t->params, t->param_len, &m->regs, m->stack,
                           call->values);
}

static Status enter(const Call *call, MachineCall *m) {
    const RtType *t = call->callee->type;
    MachineAssign out = {0};
    put_values(call, m);
    const CodeRegion *r = instance_variant(call->callee->instance)->region;
    CodeEnter *enter_code = (CodeEnter *)code_region_stub(r, r->stubs.enter);
    Status status = enter_code(m);
    if (status != STATUS_ok) return status;
    machine_get_values(&out, t->results, t->result_len, &m->regs,
                       m->stack + m->pop / sizeof *m->stack, call->values);
    return STATUS_ok;
}

// The way for signatures that have no adapter. Finds room for what goes
// through the stack.
static NOINLINE Status call_general(Store *s, const Call *call) {
    const RtType *t = call->callee->type;
    uint64_t near[STACK_NEAR];
    MachineCall m; // most of it is filled in by those who know the types
    m.context = &call->callee->instance->context;
    m.code = call->callee->code;
    m.stack = near;
    m.pop = machine_area(t->params, t->param_len);
    m.size = m.pop + machine_area(t->results, t->result_len);
    if (m.size <= sizeof near) return enter(call, &m);
    void *far;
    Status status = store_borrow(s, m.size, &far);
    if (status != STATUS_ok) return status;
    m.stack = far;
    status = enter(call, &m);
    store_give_back(s, far);
    return status;
}

static Status enter_within(Store *s, const CodeCallee *callee, Raw *values) {
    const MachineAdapter *adapter =
        compiled_adapter(s->engine, callee->type, callee->instance->module);
    if (LIKELY(adapter->enter))
        return adapter->enter(&callee->instance->context, callee->code, values,
                              s);
    Call call = {.callee = callee, .values = values};
    return call_general(s, &call);
}

// From the interpreter, within a call.
Status compiled_enter(const CodeCallee *callee, Raw *values) {
    Store *s = callee->instance->store;
    CallState outer = call_state(s);
    Status status = enter_within(s, callee, values);
    call_state_restore(s, outer);
    return status;
}

Status compiled_enter_loop(const CodeCallee *callee, const Slot *slots,
                           Raw *results) {
    Store *s = callee->instance->store;
    Call call = {
        .callee = callee,
        .slots = slots,
        .values = results,
    };
    CallState outer = call_state(s);
    Status status = call_general(s, &call);
    call_state_restore(s, outer);
    return status;
}

// The first call from C, and those of signatures that have no adapter.
static Status call_first(Func *func, Store *s, Raw *values) {
    const MachineAdapter *adapter =
        compiled_adapter(s->engine, func->type, func->instance->module);
    if (adapter->call) {
        func->call = adapter->call;
        return func->call(func, s, values);
    }
    CodeCallee callee = {
        .instance = func->instance,
        .type = func->type,
        .code =
            atomic_load_explicit((CodeSlot *)func->code, memory_order_acquire),
    };
    Call call = {.callee = &callee, .values = values};
    return call_general(s, &call);
}

// --- references --------------------------------------------------------------------

static void func_ready(const Engine *e, Func *f) {
    const EngineCode *code = e->tier_data;
    const CodeRegion *stubs = code->stubs;
    if (f->host) {
        f->entry = code_region_stub(stubs, stubs->stubs.host_func);
        return;
    }
    const Module *m = &f->instance->module->module;
    const CodeVariant *v = instance_variant(f->instance);
    f->entry = code_region_stub(stubs, stubs->stubs.wasm_func);
    f->code = code_region_slot(v->region, f->index - m->imported[EXTERN_func]);
}

// --- engines -----------------------------------------------------------------------

bool compiled_is_supported(void) {
    return code_is_supported && baseline_compile &&
           (cpu_features() & 1 << CPU_sse41);
}

static void code_free(EngineCode *code) {
    if (!code) return;
    cache_free(code->cache);
    code_adapters_free(code->adapters);
    code_region_free(code->stubs);
    compiled_native_free(code->native);
    mem_free(code);
}

static EngineCode *code_new(const EngineConfig *config) {
    EngineCode *code = MEM_NEW(EngineCode);
    if (!code) return NULL;
    code->cpu = compiled_find_cpu();
    CodeRegion *r = code->stubs = code_region_new(0, 0, false);
    if (r)
        code->adapters =
            code_adapters_new(code_region_stub(r, r->stubs.unwind));
    if (code->adapters && compiled_native_new(config, r, &code->native))
        return code;
    code_free(code);
    return NULL;
}

// The path is the configuration's, which goes.
static bool open_cache(EngineCode *code, EngineConfig *config) {
    const char *dir = config->cache_dir;
    config->cache_dir = NULL;
    if (dir) code->cache = cache_new(dir, config->cache_size);
    return !dir || code->cache;
}

bool compiled_init(Engine *e) {
    EngineCode *code = code_new(&e->config);
    e->tier_data = code;
    return code && open_cache(code, &e->config);
}

static void engine_free(Engine *e) {
    code_free(e->tier_data);
}

void compiled_fork_lock_engine(Engine *e) {
    const EngineCode *code = e->tier_data;
    if (!code) return;
    code_adapters_lock(code->adapters);
    compiled_native_lock(code->native);
}

void compiled_fork_unlock_engine(Engine *e) {
    const EngineCode *code = e->tier_data;
    if (!code) return;
    compiled_native_unlock(code->native);
    code_adapters_unlock(code->adapters);
}

const TierOps compiled_tier = {
    .name = "baseline",
    .call = call_first,
    .roots = interp_roots,
    .module_ready = compiled_module_ready,
    .module_free = compiled_module_free,
    .instance_ready = compiled_instance_ready,
    .func_ready = func_ready,
    .host_called = compiled_host_called,
    .compile = compiled_compile,
    .interpret = compiled_interpret,
    .loop = compiled_loop,
    .enter = compiled_enter,
    .enter_loop = compiled_enter_loop,
    .frame = compiled_frame,
    .unwind = compiled_unwind,
    .engine_free = engine_free,
};
