// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Calls that the loop's own handler does not do (of imports, of references, of
// the host, of functions with slots of the other size), tail calls, traps and
// polls.
#include "interp/interp_int.h"

#include "base/bits.h"

#include <string.h>

// What a call goes to.
typedef struct Callee {
    Func *host; // or NULL:
    Instance *instance;
    uint32_t func;  // defined there
    uintptr_t code; // that it is to be run as, or 0: it is interpreted
} Callee;

static Callee callee_of_func(Func *f) {
    if (f->host) return (Callee){.host = f};
    return (Callee){.instance = f->instance, .func = f->index};
}

static Callee callee_of_index(Instance *inst, uint32_t func) {
    if (func < inst->module->module.imported[EXTERN_func])
        return callee_of_func(inst->context.funcs[func]);
    return (Callee){.instance = inst, .func = func};
}

static RtType *callee_type(const Callee *c) {
    return c->host ? c->host->type : instance_func_type(c->instance, c->func);
}

// Asks whether the callee is to be run as machine code.
static void choose_tier(const Exec *x, Callee *c) {
    if (!x->leave || c->host) return;
    uint32_t imports = c->instance->module->module.imported[EXTERN_func];
    c->code = x->store->engine->tier->compile(c->instance, c->func - imports);
}

static bool is_outside(const Callee *c) {
    return c->host || c->code;
}

// --- the host, and compiled code -----------------------------------------------------

// Values of such a call lie above the caller's operands, which a nested
// activation must not touch.
typedef struct OuterFrame {
    Raw *values;
    RtType *type;
} OuterFrame;

static Status outer_frame(Exec *x, RtType *t, const Slot *args,
                          OuterFrame *out) {
    Raw *values = (Raw *)(void *)exec_frame(x)->sp;
    uint64_t need = MAX(t->param_len, t->result_len) * sizeof(Raw);
    if ((uint64_t)(x->stack_end - (char *)values) < need)
        return exec_trap(x, TRAP_stack_exhausted);
    for (uint32_t i = 0; i < t->param_len; i++) {
        values[i] = slot_get(x->is_wide, args);
        args += x->is_wide ? 2 : 1;
    }
    x->activation.stack->top = (char *)values + need;
    *out = (OuterFrame){.values = values, .type = t};
    return STATUS_ok;
}

// `frame` goes on after its call, with the results where `frame->sp` is.
static void resume(Exec *x, FrameHeader *f, const OuterFrame *o) {
    x->activation.top = f;
    x->is_wide = info_is_wide(f->info);
    for (uint32_t i = 0; i < o->type->result_len; i++) {
        slot_put(x->is_wide, f->sp,
                 rt_narrow(o->type->results[i], o->values[i]));
        f->sp = slot_at(x, f->sp, 1);
    }
    f->pc = f->next;
    if (&f->instance->context != x->context) exec_set_instance(x, f->instance);
}

static CodeCallee code_callee(const Callee *c, const OuterFrame *o) {
    return (CodeCallee){c->instance, o->type, c->code};
}

static Status run_outside(Exec *x, const Callee *c, Instance *caller,
                          const OuterFrame *o) {
    if (c->host) return func_call_host(x->store, c->host, caller, o->values);
    CodeCallee callee = code_callee(c, o);
    x->activation.is_calling = true;
    Status status = x->store->engine->tier->enter(&callee, o->values);
    x->activation.is_calling = false;
    return status;
}

static Status call_outside(Exec *x, const Callee *c, Slot *args) {
    OuterFrame o;
    Status status = outer_frame(x, callee_type(c), args, &o);
    if (status != STATUS_ok) return status;
    FrameHeader *f = exec_frame(x);
    f->sp = args;
    status = run_outside(x, c, f->instance, &o);
    if (status == STATUS_ok) resume(x, f, &o);
    return status;
}

// The frame is gone before the callee runs; its values still lie above what is
// left. The activation's last frame is replaced by compiled code outside of the
// interpreter, which its caller goes on in.
static Status tail_call_outside(Exec *x, const Callee *c, Slot *args) {
    OuterFrame o;
    Status status = outer_frame(x, callee_type(c), args, &o);
    if (status != STATUS_ok) return status;
    Instance *inst = exec_frame(x)->instance;
    FrameHeader *caller = exec_frame(x)->caller;
    x->activation.top = caller;
    if (!caller && c->code) {
        *x->leave = (InterpLeave){
            .callee = code_callee(c, &o),
            .values = o.values,
            .end = (char *)(o.values + o.type->param_len),
        };
        return STATUS_ok;
    }
    status = run_outside(x, c, inst, &o);
    if (status != STATUS_ok) return status;
    if (caller) {
        resume(x, caller, &o);
        return STATUS_ok;
    }
    // Ascending: a result is at most as large as the value it comes from, and
    // the values lie above.
    for (uint32_t i = 0; i < o.type->result_len; i++)
        slot_put(x->is_wide, slot_at(x, x->base, i),
                 rt_narrow(o.type->results[i], o.values[i]));
    return STATUS_ok;
}

// --- traps and polls -----------------------------------------------------------------

Status exec_trap(Exec *x, Trap code) {
    return store_trap(x->store, code);
}

// Mixed with compiled code, polls are made whether something is due or not.
static bool is_due(const Exec *x) {
    const StoreContext *c = &x->store->context;
    return atomic_load_explicit(c->epoch, memory_order_relaxed) >=
               c->deadline ||
           (x->uses_fuel && c->fuel < 0);
}

Status exec_poll(Exec *x) {
    if (!is_due(x)) return STATUS_ok;
    exec_protect(x);
    return store_poll(x->store);
}

// --- loops that go on as compiled code -----------------------------------------------

// The frame becomes the list of its slots: operands move down to the locals.
// False: there is no room for the results.
static bool take_frame(Exec *x, InterpLeave *out, OuterFrame *results) {
    FrameHeader *f = exec_frame(x);
    RtType *t = instance_func_type(f->instance, f->func);
    Slot *operands = frame_operands(f),
         *to = slot_at(x, f->locals, f->info->local_len);
    size_t len = (size_t)(f->sp - operands);
    Raw *values = (Raw *)(void *)(to + len);
    uint64_t need = t->result_len * sizeof(Raw);
    if ((uint64_t)(x->stack_end - (char *)values) < need) return false;
    *out = (InterpLeave){
        .callee = {f->instance, t, 0},
        .slots = f->locals,
        .end = (char *)values,
    };
    *results = (OuterFrame){.values = values, .type = t};
    x->activation.top = f->caller;
    x->activation.stack->top = (char *)values + need;
    memmove(to, operands, len * sizeof *to); // the header is overwritten
    return true;
}

static bool leave_loop(Exec *x, uintptr_t code, Status *status) {
    InterpLeave leave;
    OuterFrame results;
    if (!take_frame(x, &leave, &results)) return false;
    leave.callee.code = code;
    *status = STATUS_ok;
    FrameHeader *caller = exec_frame(x);
    if (!caller) {
        *x->leave = leave;
        return true;
    }
    x->activation.is_calling = true;
    *status = x->store->engine->tier->enter_loop(&leave.callee, leave.slots,
                                                 results.values);
    x->activation.is_calling = false;
    if (*status == STATUS_ok) resume(x, caller, &results);
    return true;
}

Status exec_poll_loop(Exec *x) {
    Status status = exec_poll(x);
    if (status != STATUS_ok) return status;
    FrameHeader *f = exec_frame(x);
    uintptr_t code = 0;
    if (x->leave)
        code = x->store->engine->tier->loop(
            f->instance, f->func - x->import_len, frame_pc(f));
    if (code && leave_loop(x, code, &status)) return status;
    f->pc = imm_skip_block(f->pc + 1);
    return STATUS_ok;
}

// --- wasm --------------------------------------------------------------------------

// Arguments end where the frame's operands do.
static Status call(Exec *x, Callee c, const uint8_t *next) {
    FrameHeader *f = exec_frame(x);
    const RtType *t = callee_type(&c);
    Slot *args = slot_at(x, f->sp, -(ptrdiff_t)t->param_len);
    f->next = next;
    choose_tier(x, &c);
    if (is_outside(&c)) return call_outside(x, &c, args);
    Entry e = {
        .instance = c.instance,
        .func = c.func,
        .caller = f,
        .args = args,
        .args_wide = x->is_wide,
        .place = args,
    };
    f->sp = args;
    return frame_enter(x, &e);
}

static Status tail_call(Exec *x, Callee c) {
    exec_end_segment(x);
    FrameHeader *f = exec_frame(x);
    const RtType *t = callee_type(&c);
    Slot *args = slot_at(x, f->sp, -(ptrdiff_t)t->param_len);
    choose_tier(x, &c);
    if (is_outside(&c)) return tail_call_outside(x, &c, args);
    Entry e = {
        .instance = c.instance,
        .func = c.func,
        .caller = f->caller,
        .args = args,
        .args_wide = x->is_wide,
        .place = f->caller ? f->caller->sp : x->base,
    };
    return frame_enter(x, &e);
}

// --- what is called ----------------------------------------------------------------

static Callee direct(const Exec *x, const uint8_t **p) {
    return callee_of_index(x->activation.top->instance, imm_u32(p));
}

// Pops the index. The cell's reference need not exist to be called.
static Status indirect(Exec *x, const uint8_t **p, Callee *out) {
    const RtType *want = x->context->types[imm_u32(p)];
    const Table *t = x->context->tables[imm_u32(p)];
    FrameHeader *f = exec_frame(x);
    f->sp = slot_at(x, f->sp, -1);
    uint64_t index = f->sp->u64;
    if (index >= t->size)
        return store_trap_index(x->store, TRAP_undefined_element, index);
    FuncCell cell = t->funcs[index];
    if (!cell)
        return store_trap_index(x->store, TRAP_uninitialized_element, index);
    *out = func_cell_is_lazy(cell)
               ? callee_of_index(t->owner, func_cell_index(cell))
               : callee_of_func((Func *)(void *)cell);
    if (rt_type_is(callee_type(out), want)) return STATUS_ok;
    return exec_trap(x, TRAP_indirect_type);
}

static Status by_reference(Exec *x, const uint8_t **p, Callee *out) {
    imm_skip(p);
    FrameHeader *f = exec_frame(x);
    f->sp = slot_at(x, f->sp, -1);
    Func *func = f->sp->func;
    if (!func) return exec_trap(x, TRAP_null_func_reference);
    *out = callee_of_func(func);
    return STATUS_ok;
}

// The index may have been decoded where it lies (fuse.h): it is read from the
// original.
Status exec_call(Exec *x) {
    const FrameHeader *f = exec_frame(x);
    const uint8_t *at = x->bytes + f->info->code_at + frame_pc(f), *p = at + 1;
    Callee c = direct(x, &p);
    return call(x, c, f->pc + (p - at));
}

Status exec_return_call(Exec *x) {
    const uint8_t *p = imm_at(x);
    return tail_call(x, direct(x, &p));
}

Status exec_call_indirect(Exec *x) {
    exec_end_segment(x);
    const uint8_t *p = imm_at(x);
    Callee c;
    Status status = indirect(x, &p, &c);
    return status == STATUS_ok ? call(x, c, p) : status;
}

Status exec_return_call_indirect(Exec *x) {
    exec_end_segment(x);
    const uint8_t *p = imm_at(x);
    Callee c;
    Status status = indirect(x, &p, &c);
    return status == STATUS_ok ? tail_call(x, c) : status;
}

Status exec_call_ref(Exec *x) {
    exec_end_segment(x);
    const uint8_t *p = imm_at(x);
    Callee c;
    Status status = by_reference(x, &p, &c);
    return status == STATUS_ok ? call(x, c, p) : status;
}

Status exec_return_call_ref(Exec *x) {
    exec_end_segment(x);
    const uint8_t *p = imm_at(x);
    Callee c;
    Status status = by_reference(x, &p, &c);
    return status == STATUS_ok ? tail_call(x, c) : status;
}
