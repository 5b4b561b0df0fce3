// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The way in: one call from the host is one activation, run by as many turns of
// the loops as there are changes of slot size and caught exceptions.
#include "interp/interp_int.h"

#include "interp/roots.h"
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
        if (status == STATUS_exception && !frame_catch(x)) return status;
    }
    return STATUS_ok;
}

static void put_arguments(Slot *to, bool is_wide, const RtType *t,
                          const Raw *values) {
    for (uint32_t i = 0; i < t->param_len; i++)
        slot_put(is_wide, to + (is_wide ? 2 * i : i), values[i]);
}

static void get_results(const Slot *from, bool is_wide, const RtType *t,
                        Raw *values) {
    for (uint32_t i = 0; i < t->result_len; i++)
        values[i] = slot_get(is_wide, from + (is_wide ? 2 * i : i));
}

// Arguments, frames, results: all on the value stack from x->base.
static Status enter(Exec *x, Func *func, Raw *values) {
    bool is_wide = func->type->has_v128;
    uint64_t need = func->type->param_len * slot_size(is_wide);
    if ((uint64_t)(x->stack_end - (char *)x->base) < need)
        return store_trap(x->store, TRAP_stack_exhausted);
    put_arguments(x->base, is_wide, func->type, values);
    exec_set_instance(x, func->instance);
    Entry e = {
        .instance = func->instance,
        .func = func->index,
        .args = x->base,
        .args_wide = is_wide,
        .place = x->base,
    };
    Status status = frame_enter(x, &e);
    if (status == STATUS_ok) status = run(x);
    if (status != STATUS_ok) return status;
    get_results(x->base, x->is_wide, func->type, values);
    return STATUS_ok;
}

static Status interp_call(Store *store, Func *func, Raw *values) {
    // Not a variable's address: sanitizers move variables elsewhere.
    char *here = __builtin_frame_address(0);
    ValueStack *stack = store_value_stack(store);
    if (!stack) return store_trap(store, TRAP_out_of_memory);
    StoreContext *c = &store->context;
    char *outer_limit = c->stack_limit;
    if (!c->activation || c->activation->stack != stack)
        c->stack_limit = native_stack_limit(store, here);
    char *base = stack->top;
    Exec x = {
        .activation = {.outer = c->activation, .stack = stack},
        .store = store,
        .epoch = c->epoch,
        .stack_end = stack->end,
        .base = (Slot *)(void *)base,
        .uses_fuel = store->engine->config.use_fuel,
        .is_deterministic = store->engine->config.is_deterministic,
    };
    c->activation = &x.activation;
    Status status = here < c->stack_limit
                        ? store_trap(store, TRAP_stack_exhausted)
                        : enter(&x, func, values);
    c->activation = x.activation.outer;
    c->stack_limit = outer_limit;
    stack->top = base;
    return status;
}

const TierOps interp_tier = {
    .name = "interp",
    .call = interp_call,
    .roots = interp_roots,
};
