// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The way into compiled code, and the tier's table.
#include "engine/compiled_int.h"

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

// Registers are as many as there are values here, whatever their types.
static bool fits_registers(const RtType *t) {
    return t->param_len <= MACHINE_INT_REGS &&
           t->result_len <= MACHINE_INT_REGS;
}

static Status enter(const CodeVariant *v, MachineCall *m, const RtType *t,
                    Raw *values) {
    MachineAssign in = {0}, out = {0};
    machine_put_values(&in, t->params, t->param_len, &m->regs, m->stack,
                       values);
    CodeEnter *enter_code =
        (CodeEnter *)code_region_stub(v->region, v->region->stubs.enter);
    Status status = enter_code(m);
    if (status != STATUS_ok) return status;
    machine_get_values(&out, t->results, t->result_len, &m->regs,
                       m->stack + m->pop / sizeof *m->stack, values);
    return STATUS_ok;
}

// Finds room for what goes through the stack.
static Status with_stack(Store *s, const CodeVariant *v, MachineCall *m,
                         const RtType *t, Raw *values) {
    uint64_t near[STACK_NEAR];
    m->stack = near;
    if (!fits_registers(t)) {
        m->pop = machine_area(t->params, t->param_len);
        m->size = m->pop + machine_area(t->results, t->result_len);
    }
    if (m->size <= sizeof near) return enter(v, m, t, values);
    ValueStack *far = store_value_stack(s);
    if (!far) return store_trap(s, TRAP_out_of_memory);
    char *top = far->top;
    if ((uint64_t)(far->end - top) < m->size)
        return store_trap(s, TRAP_stack_exhausted);
    far->top += m->size;
    m->stack = (uint64_t *)(void *)top;
    Status status = enter(v, m, t, values);
    far->top = top;
    return status;
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
    const CodeVariant *v = instance_variant(func->instance);
    MachineCall m;
    m.context = &func->instance->context;
    m.code = atomic_load_explicit((CodeSlot *)func->code, memory_order_acquire);
    m.activation = &a;
    m.pop = m.size = 0;
    c->activation = &a;
    c->exit_frame = NULL;
    uint64_t fp = fp_enter();
    Status status = here < c->stack_limit
                        ? store_trap(s, TRAP_stack_exhausted)
                        : with_stack(s, v, &m, func->type, values);
    fp_leave(fp);
    c->activation = a.outer;
    c->exit_frame = a.outer_exit;
    c->stack_limit = outer_limit;
    return status;
}

// --- references --------------------------------------------------------------------

static void func_ready(Func *f) {
    const CodeRegion *stubs = f->store->engine->tier_data;
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

bool compiled_init(Engine *e) {
    e->tier_data = code_region_new(0, 0, false);
    return e->tier_data != NULL;
}

static void engine_free(Engine *e) {
    code_region_free(e->tier_data);
}

const TierOps compiled_tier = {
    .name = "baseline",
    .call = call,
    .roots = interp_roots,
    .module_ready = compiled_module_ready,
    .module_free = compiled_module_free,
    .instance_ready = compiled_instance_ready,
    .func_ready = func_ready,
    .compile = compiled_compile,
    .frame = compiled_frame,
    .unwind = compiled_unwind,
    .engine_free = engine_free,
};
