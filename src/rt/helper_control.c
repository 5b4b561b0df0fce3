// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Helpers: traps, polls, calls out, exceptions; and the table of all.
#include "rt/helper_int.h"
#include "rt/machine.h"

HelperFn *const helper_table[HELPER_COUNT] = {
#define HELPER(name, kind, moves, what) \
    [HELPER_##name] = (HelperFn *)helper_##name,
#include "vmabi/helper.def"
};

// --- traps and polls -----------------------------------------------------------------

Status helper_trap(Context *c, uint64_t code) {
    Status status = store_trap(helper_store(c), (Trap)code);
    c->store->fault_pc = 0;
    return status;
}

Status helper_trap_index(Context *c, uint64_t code, uint64_t index) {
    return store_trap_index(helper_store(c), (Trap)code, index);
}

Status helper_poll(Context *c) {
    return store_poll(helper_store(c));
}

Status helper_fuel_bulk(Context *c, uint64_t units) {
    Store *s = helper_store(c);
    if (!s->engine->config.use_fuel || store_spend_fuel(s, units))
        return STATUS_ok;
    store_set_fuel(s, 0);
    s->context.fuel = -1;
    return store_trap(s, TRAP_out_of_fuel);
}

// --- calls -----------------------------------------------------------------------------

uint64_t helper_compile(Context *c, uint64_t func) {
    const TierOps *tier = helper_store(c)->engine->tier;
    return tier->compile(helper_instance(c), (uint32_t)func);
}

Status helper_interpret(Context *c, uint64_t func, void *exit,
                        uint64_t *stack) {
    const TierOps *tier = helper_store(c)->engine->tier;
    return tier->interpret(helper_instance(c), (uint32_t)func, exit, stack);
}

// A few values lie in the frame, more on the value stack.
enum {
    HOST_VALUES_NEAR = 16
};

static Status call_host(Context *c, Func *f, MachineExit *exit, uint64_t *stack,
                        Raw *values) {
    const RtType *t = f->type;
    MachineAssign in = {0}, out = {0};
    machine_get_values(&in, t->params, t->param_len, &exit->regs, stack,
                       values);
    exit->pop = machine_stack_size(&in);
    Status status =
        func_call_host(helper_store(c), f, helper_instance(c), values);
    if (status != STATUS_ok) return status;
    machine_put_values(&out, t->results, t->result_len, &exit->regs,
                       stack + exit->pop / sizeof *stack, values);
    return STATUS_ok;
}

// The general way out, which may be the last time for this function.
Status helper_host(Context *c, Func *f, void *exit, uint64_t *stack) {
    helper_store(c)->engine->tier->host_called(f, helper_instance(c));
    uint32_t len = MAX(f->type->param_len, f->type->result_len);
    if (len <= HOST_VALUES_NEAR) {
        Raw near[HOST_VALUES_NEAR];
        return call_host(c, f, exit, stack, near);
    }
    Store *s = helper_store(c);
    void *far;
    Status status = store_borrow(s, len * sizeof(Raw), &far);
    if (status != STATUS_ok) return status;
    status = call_host(c, f, exit, stack, far);
    store_give_back(s, far);
    return status;
}

Status helper_resolve_cell(Context *c, Slot *args, uint64_t type,
                           uint64_t table, int64_t stride) {
    Row row = {args, stride};
    Store *s = helper_store(c);
    Table *t = c->tables[table];
    uint64_t index = row_at(row, 0)->u64;
    if (index >= t->size)
        return store_trap_index(s, TRAP_undefined_element, index);
    Raw value;
    if (!table_get(t, index, &value)) return store_trap(s, TRAP_out_of_memory);
    if (!value.func)
        return store_trap_index(s, TRAP_uninitialized_element, index);
    if (!rt_type_is(value.func->type, c->types[type]))
        return store_trap(s, TRAP_indirect_type);
    row_put_word(row, 0, value.u64);
    return STATUS_ok;
}

Status helper_ref_func(Context *c, Slot *args, uint64_t func, uint64_t unused,
                       int64_t stride) {
    (void)unused, (void)stride;
    Func *f = instance_func(helper_instance(c), (uint32_t)func);
    if (!f) return helper_status(c, TRAP_out_of_memory);
    *args = (Slot){.func = f};
    return STATUS_ok;
}

// --- exceptions ------------------------------------------------------------------------

// Whoever wants to see the frames sees them here: they are gone when it turns
// out that nobody catches.
static Status thrown(Store *s, GcRef exn) {
    s->exception = exn;
    if (s->trap_hook) s->trap_hook(s->trap_env, s);
    return STATUS_exception;
}

// The operands stay where the collector finds them until the exception has
// them.
Status helper_throw(Context *c, Slot *args, uint64_t index, uint64_t unused,
                    int64_t stride) {
    (void)unused;
    Row row = {args, stride};
    Store *s = helper_store(c);
    Tag *tag = c->tags[index];
    uint32_t type = store_gc_tag(s, tag);
    GcRef exn = type == UINT32_MAX ? 0 : gc_alloc(s->heap, type);
    if (!exn) return store_trap(s, TRAP_out_of_memory);
    for (uint32_t i = 0; i < tag->type->param_len; i++)
        object_field_set(s, exn, i, row_get(row, i));
    return thrown(s, exn);
}

Status helper_throw_ref(Context *c, Slot *args, uint64_t a, uint64_t b,
                        int64_t stride) {
    (void)a, (void)b, (void)stride;
    if (!args->ref) return helper_status(c, TRAP_null_exn_reference);
    return thrown(helper_store(c), args->ref);
}

uint64_t helper_unwind(Context *c, void *landing) {
    Store *s = helper_store(c);
    return s->engine->tier->unwind(s, landing);
}
