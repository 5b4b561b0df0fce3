// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Interpreted functions, as compiled code calls them: the other half of the
// stub that thunks call (code/stubs_x64.c).
//
// The interpreter's activation lies above the stub's frame. A tail call from its
// last frame to compiled code ends it; the stub then jumps, so a chain of tail
// calls needs no stack whatever the tiers of its functions are.
#include "base/bits.h"
#include "engine/compiled_int.h"
#include "interp/interp.h"
#include "rt/machine.h"

// A few values lie in the frame, more on the value stack.
enum {
    VALUES_NEAR = 16
};

// What the stub needs to go on, on the value stack above what goes along.
// `end`: of the arguments on the native stack that the stub was called with.
static Status make_tail(Store *s, const InterpLeave *leave, char *end,
                        MachineTail **out) {
    const RtType *t = leave->callee.type;
    ValueStack *values = s->context.value_stack;
    uint32_t pop = machine_area(t->params, t->param_len);
    uintptr_t at = align_up((uintptr_t)leave->end, 16);
    MachineTail *tail = (MachineTail *)at;
    char *sp = end - pop - sizeof(uintptr_t);
    if (at > (uintptr_t)values->end ||
        (uintptr_t)values->end - at < sizeof *tail + pop ||
        sp < s->context.stack_limit)
        return store_trap(s, TRAP_stack_exhausted);
    uint64_t *stack = (uint64_t *)(void *)(tail + 1);
    tail->context = &leave->callee.instance->context;
    tail->code = leave->callee.code;
    tail->sp = (uintptr_t)sp;
    tail->stack = stack;
    tail->pop = leave->slots ? 0 : pop;
    tail->regs.ints[0] = (uintptr_t)leave->slots;
    MachineAssign in = {0};
    if (!leave->slots)
        machine_put_values(&in, t->params, t->param_len, &tail->regs, stack,
                           leave->values);
    *out = tail;
    return STATUS_ok;
}

static Status run(Instance *inst, uint32_t func, MachineExit *exit,
                  uint64_t *stack, Raw *values) {
    const RtType *t = instance_func_type(inst, func);
    MachineAssign in = {0}, out = {0};
    machine_get_values(&in, t->params, t->param_len, &exit->regs, stack,
                       values);
    exit->pop = machine_stack_size(&in);
    exit->tail = NULL;
    InterpLeave leave = {0};
    Status status = interp_run(inst, func, values, &leave);
    if (status != STATUS_ok) return status;
    char *end = (char *)stack + exit->pop;
    if (leave.callee.code)
        return make_tail(inst->store, &leave, end, &exit->tail);
    machine_put_values(&out, t->results, t->result_len, &exit->regs,
                       (uint64_t *)(void *)end, values);
    return STATUS_ok;
}

static Status run_far(Instance *inst, uint32_t func, MachineExit *exit,
                      uint64_t *stack, uint32_t len) {
    void *far;
    Status status = store_borrow(inst->store, len * sizeof(Raw), &far);
    if (status != STATUS_ok) return status;
    status = run(inst, func, exit, stack, far);
    store_give_back(inst->store, far);
    return status;
}

Status compiled_interpret(Instance *inst, uint32_t defined, MachineExit *exit,
                          uint64_t *stack) {
    uint32_t func = defined + inst->module->module.imported[EXTERN_func];
    const RtType *t = instance_func_type(inst, func);
    uint32_t len = MAX(t->param_len, t->result_len);
    Activation *caller = inst->store->context.activation;
    activation_set_top(caller, ACTIVATION_COMPILED_CALLING);
    Raw near[VALUES_NEAR];
    Status status = len <= VALUES_NEAR ? run(inst, func, exit, stack, near)
                                       : run_far(inst, func, exit, stack, len);
    activation_set_top(caller, ACTIVATION_COMPILED);
    return status;
}
