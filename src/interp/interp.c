// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The way in: one call from the host is one activation, run by as many turns of
// the loops as there are changes of slot size and caught exceptions.
#include "interp/interp_int.h"

#include "interp/roots.h"
#include "os/fp.h"
#include "rt/computation.h"
#include "rt/native.h"

// --- running -----------------------------------------------------------------------

static ExecFn *const loops[2][2] = {
    {loop_narrow, loop_wide},
    {loop_narrow_fuel, loop_wide_fuel},
};

static Status run(Exec *x) {
    while (exec_frame(x)) {
        Status status = loops[x->uses_fuel][x->is_wide](x);
        if (status == STATUS_trap) return status;
        x->segment = 0;
        if (status == STATUS_exception && !frame_catch(x)) {
            store_exception_leaves(x->store);
            return status;
        }
    }
    return STATUS_ok;
}

static void put_arguments(Slot *to, bool is_wide, const RtType *t,
                          const Raw *values) {
    for (uint32_t i = 0; i < t->param_len; i++)
        slot_put(is_wide, to + (is_wide ? 2 * i : i),
                 rt_narrow(t->params[i], values[i]));
}

static void get_results(const Slot *from, bool is_wide, const RtType *t,
                        Raw *values) {
    for (uint32_t i = 0; i < t->result_len; i++)
        values[i] = slot_get(is_wide, from + (is_wide ? 2 * i : i));
}

// Arguments, frames, results: all on the value stack from x->base.
static Status enter(Exec *x, Instance *inst, uint32_t func, const RtType *t,
                    Raw *values) {
    bool is_wide = t->has_v128;
    uint64_t need = t->param_len * slot_size(is_wide);
    if ((uint64_t)(x->stack_end - (char *)x->base) < need)
        return store_trap(x->store, TRAP_stack_exhausted);
    put_arguments(x->base, is_wide, t, values);
    exec_set_instance(x, inst);
    Entry e = {
        .instance = inst,
        .func = func,
        .args = x->base,
        .args_wide = is_wide,
        .place = x->base,
    };
    Status status = frame_enter(x, &e);
    if (status == STATUS_ok) status = run(x);
    if (status != STATUS_ok || (x->leave && x->leave->callee.code))
        return status;
    get_results(x->base, x->is_wide, t, values);
    return STATUS_ok;
}

// No deadline is later: every poll is made.
static const _Atomic uint64_t always = UINT64_MAX;

Status interp_run(Instance *inst, uint32_t func, Raw *values,
                  InterpLeave *leave) {
    // Not a variable's address: sanitizers move variables elsewhere.
    char *here = __builtin_frame_address(0);
    Store *store = inst->store;
    ValueStack *stack = store_value_stack(store);
    if (!stack) return store_trap(store, TRAP_out_of_memory);
    StoreContext *c = &store->context;
    char *base = stack->top;
    const Engine *engine = store->engine;
    Exec x = {
        .activation = {.outer = c->activation, .stack = stack},
        .store = store,
        .epoch = leave ? &always : c->epoch,
        .leave = leave,
        .stack_end = stack->end,
        .base = (Slot *)(void *)base,
        .uses_fuel = engine->config.use_fuel,
        .is_deterministic = engine->config.is_deterministic,
    };
    const RtType *t = instance_func_type(inst, func);
    c->activation = &x.activation;
    Status status = here < c->stack_limit
                        ? store_trap(store, TRAP_stack_exhausted)
                        : enter(&x, inst, func, t, values);
    c->activation = x.activation.outer;
    stack->top = base;
    return status;
}

static Status interp_call(Func *func, Store *store, Raw *values) {
    (void)store;
    return interp_run(func->instance, func->index, values, NULL);
}

const TierOps interp_tier = {
    .name = "interp",
    .call = interp_call,
    .roots = interp_roots,
};
