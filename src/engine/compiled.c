// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The way into compiled code, and the tier's table.
#include "engine/compiled_int.h"

#include "base/alloc.h"
#include "interp/roots.h"
#include "os/cpu.h"
#include "rt/machine.h"
#include "rt/native.h"

// --- calls -------------------------------------------------------------------------

// Arguments and results that do not fit in registers, of most signatures that
// have any.
enum {
    STACK_NEAR = 32 // words
};

static Status enter(const Func *func, MachineCall *m, Raw *values) {
    const RtType *t = func->type;
    MachineAssign in = {0}, out = {0};
    machine_put_values(&in, t->params, t->param_len, &m->regs, m->stack,
                       values);
    const CodeRegion *r = instance_variant(func->instance)->region;
    CodeEnter *enter_code = (CodeEnter *)code_region_stub(r, r->stubs.enter);
    Status status = enter_code(m);
    if (status != STATUS_ok) return status;
    machine_get_values(&out, t->results, t->result_len, &m->regs,
                       m->stack + m->pop / sizeof *m->stack, values);
    return STATUS_ok;
}

// The way for signatures that have no adapter. Finds room for what goes
// through the stack.
static Status call_general(Store *s, const Func *func, uintptr_t code,
                           Activation *a, Raw *values) {
    const RtType *t = func->type;
    uint64_t near[STACK_NEAR];
    MachineCall m; // most of it is filled in by those who know the types
    m.context = &func->instance->context;
    m.code = code;
    m.activation = a;
    m.stack = near;
    m.pop = machine_area(t->params, t->param_len);
    m.size = m.pop + machine_area(t->results, t->result_len);
    if (m.size <= sizeof near) return enter(func, &m, values);
    ValueStack *far = store_value_stack(s);
    if (!far) return store_trap(s, TRAP_out_of_memory);
    char *top = far->top;
    if ((uint64_t)(far->end - top) < m.size)
        return store_trap(s, TRAP_stack_exhausted);
    far->top += m.size;
    m.stack = (uint64_t *)(void *)top;
    Status status = enter(func, &m, values);
    far->top = top;
    return status;
}

static const MachineAdapter *adapter_of(const Func *func) {
    const MachineAdapter *adapter =
        atomic_load_explicit(&func->type->adapter, memory_order_acquire);
    if (LIKELY(adapter)) return adapter;
    return compiled_adapter(func->store->engine, func->type,
                            func->instance->module);
}

static Status call_code(Store *s, const Func *func, Activation *a,
                        Raw *values) {
    const MachineAdapter *adapter = adapter_of(func);
    uintptr_t code =
        atomic_load_explicit((CodeSlot *)func->code, memory_order_acquire);
    if (UNLIKELY(!adapter->enter))
        return call_general(s, func, code, a, values);
    return adapter->enter(&func->instance->context, code, values, a);
}

static Status call(Store *s, Func *func, Raw *values) {
    // Not a variable's address: sanitizers move variables elsewhere.
    char *here = __builtin_frame_address(0);
    StoreContext *c = &s->context;
    char *outer_limit = c->stack_limit;
    if (!c->stack_limit) c->stack_limit = native_stack_limit(s, here);
    Activation a = {
        .outer = c->activation,
        .outer_exit = c->exit_frame,
        .stack = c->value_stack,
        .is_compiled = true,
    };
    c->activation = &a;
    c->exit_frame = NULL;
    uint64_t fp = fp_enter();
    Status status = here < c->stack_limit ? store_trap(s, TRAP_stack_exhausted)
                                          : call_code(s, func, &a, values);
    fp_leave(fp);
    c->activation = a.outer;
    c->exit_frame = a.outer_exit;
    c->stack_limit = outer_limit;
    return status;
}

// --- references --------------------------------------------------------------------

static void func_ready(Func *f) {
    const EngineCode *code = f->store->engine->tier_data;
    const CodeRegion *stubs = code->stubs;
    if (f->host) {
        f->entry = code_region_stub(stubs, stubs->stubs.host_func);
        return;
    }
    const Module *m = &f->instance->module->module;
    const CodeVariant *v = instance_variant(f->instance);
    f->entry = code_region_stub(stubs, stubs->stubs.wasm_func);
    f->code = &v->region->slots[f->index - m->imported[EXTERN_func]];
}

// --- engines -----------------------------------------------------------------------

bool compiled_is_supported(void) {
    return code_is_supported && baseline_compile &&
           (cpu_features() & 1 << CPU_sse41);
}

static void code_free(EngineCode *code) {
    if (!code) return;
    code_adapters_free(code->adapters);
    code_region_free(code->stubs);
    compiled_native_free(code->native);
    mem_free(code);
}

static EngineCode *code_new(const EngineConfig *config) {
    EngineCode *code = MEM_NEW(EngineCode);
    if (!code) return NULL;
    CodeRegion *r = code->stubs = code_region_new(0, 0, false);
    if (r)
        code->adapters =
            code_adapters_new(code_region_stub(r, r->stubs.unwind));
    if (code->adapters && compiled_native_new(config, r, &code->native))
        return code;
    code_free(code);
    return NULL;
}

bool compiled_init(Engine *e) {
    e->tier_data = code_new(&e->config);
    return e->tier_data != NULL;
}

static void engine_free(Engine *e) {
    code_free(e->tier_data);
}

const TierOps compiled_tier = {
    .name = "baseline",
    .call = call,
    .roots = interp_roots,
    .module_ready = compiled_module_ready,
    .module_free = compiled_module_free,
    .instance_ready = compiled_instance_ready,
    .func_ready = func_ready,
    .host_called = compiled_host_called,
    .compile = compiled_compile,
    .frame = compiled_frame,
    .unwind = compiled_unwind,
    .engine_free = engine_free,
};
