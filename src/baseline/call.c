// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Calls of all kinds, entry and return: vmabi/machine.h in code.
#include "baseline/masm.h"

// --- where the values of a signature go --------------------------------------

typedef struct Signature {
    const FuncType *type;
    uint32_t args_size, results_size; // bytes on the stack
} Signature;

static bool is_float_type(ValType t) {
    return t >= VT_f32 && t <= VT_v128;
}

static MachinePlace next_place(MachineAssign *a, ValType t) {
    return machine_assign(a, is_float_type(t), t == VT_v128);
}

static uint32_t stack_size(const ValType *types, uint32_t len) {
    MachineAssign a = {0};
    for (uint32_t i = 0; i < len; i++)
        next_place(&a, types[i]);
    return machine_stack_size(&a);
}

static Signature signature(const FuncType *t) {
    return (Signature){
        .type = t,
        .args_size = stack_size(t->params, t->param_len),
        .results_size = stack_size(t->results, t->result_len),
    };
}

// Moves for the topmost operands to their places as arguments or results; the
// area of those on the stack begins at `area`.
static void add_moves(Base *f, const ValType *types, uint32_t len, Place area) {
    MachineAssign a = {0};
    uint32_t first = f->height - len;
    for (uint32_t i = 0; i < len; i++) {
        MachinePlace to = next_place(&a, types[i]);
        Move m = move_of_entry(f, &f->stack[first + i], first + i);
        if (to.kind == MACHINE_stack) {
            m.to = area;
            m.to.disp += (int32_t)to.at;
        } else {
            m.to_reg = masm_place_reg(to);
        }
        move_add(f, m);
    }
}

// The operands are gone, and every register with them.
static void forget(Base *f, uint32_t operands) {
    while (operands-- > 0)
        pop_entry(f);
    for (uint32_t set = f->cached; set; set &= set - 1)
        unbind_local(f, (Reg)ctz32(set));
    assert(f->held == 0);
    f->locked = 0;
}

// --- helpers -----------------------------------------------------------------

static bool has_memory0(const Base *f) {
    return f->m->memories.len > 0;
}

void helper_call(Base *f, HelperId helper) {
    masm_helper(f, helper);
    site_here(f, f->pc);
    if (helper_info[helper].moves && has_memory0(f) &&
        !f->options->memory0_is_guarded)
        masm_reload(f, false);
}

void row_call(Base *f, HelperId helper, uint32_t operands, uint64_t a,
              uint64_t b) {
    uint32_t first = f->height - operands;
    flush_range(f, first, f->height, true);
    flush_for_call(f, first);
    masm_row_args(f, operand_slot(f, first), a, b);
    helper_call(f, helper);
    forget(f, operands);
}

void row_result(Base *f, BaseType t) {
    push_slot(f, t);
}

// --- calls -------------------------------------------------------------------

// Results arrive: those in registers stay there, the others go to their slots.
static void push_results(Base *f, const Signature *s) {
    MachineAssign a = {0};
    const FuncType *t = s->type;
    for (uint32_t i = 0; i < t->result_len; i++) {
        BaseType type = base_type(f, t->results[i]);
        MachinePlace from = next_place(&a, t->results[i]);
        if (from.kind != MACHINE_stack) {
            push_reg(f, type, masm_place_reg(from));
            continue;
        }
        masm_copy(f, type, base_slot_place(f, operand_slot(f, f->height)),
                  (Place){true, (int32_t)from.at});
        push_slot(f, type);
    }
}

// Everything but the transfer of control: operands below the arguments are in
// their slots, the arguments where the callee wants them.
static void pass_arguments(Base *f, const Signature *s) {
    uint32_t len = s->type->param_len;
    flush_for_call(f, f->height - len);
    masm_push_area(f, s->args_size + s->results_size);
    add_moves(f, s->type->params, len, (Place){true, 0});
    moves_emit(f);
}

static void after_call(Base *f, const Signature *s, bool is_inside) {
    site_here(f, f->pc);
    forget(f, s->type->param_len);
    if (!is_inside) masm_reload(f, true);
    push_results(f, s);
    masm_pop_area(f, s->results_size);
}

static const FuncType *callee(const Base *f) {
    return &module_func_type(f->m, f->in.imm.index)->func;
}

static bool is_import(const Base *f, uint32_t func) {
    return func < f->m->imported[EXTERN_func];
}

void base_call(Base *f) {
    uint32_t func = f->in.imm.index;
    end_segment(f);
    Signature s = signature(callee(f));
    pass_arguments(f, &s);
    if (is_import(f, func)) {
        masm_load_func(f, func);
        masm_call_ref(f, false);
    } else {
        masm_call_func(f, func - f->m->imported[EXTERN_func], false);
    }
    after_call(f, &s, false);
}

// Leaves the frame with the arguments in place.
static void tail_arguments(Base *f, const Signature *s) {
    if (s->args_size > 0) masm_push_area(f, s->args_size);
    add_moves(f, s->type->params, s->type->param_len, (Place){true, 0});
    moves_emit(f);
}

void base_return_call(Base *f) {
    uint32_t func = f->in.imm.index;
    end_segment(f);
    Signature s = signature(callee(f));
    tail_arguments(f, &s);
    masm_leave_for(f, s.args_size);
    if (is_import(f, func)) {
        masm_load_func(f, func);
        masm_call_ref(f, true);
    } else {
        masm_call_func(f, func - f->m->imported[EXTERN_func], true);
    }
    f->is_live = false;
}

// Calls the reference that a slot above the arguments holds.
static void call_slot(Base *f, const FuncType *type, uint32_t slot) {
    Signature s = signature(type);
    end_segment(f);
    pass_arguments(f, &s);
    masm_load(f, TY_func, masm_scratch, base_slot_place(f, slot));
    masm_call_ref(f, false);
    after_call(f, &s, false);
}

static void tail_call_slot(Base *f, const FuncType *type, uint32_t slot) {
    Signature s = signature(type);
    end_segment(f);
    tail_arguments(f, &s);
    masm_load(f, TY_func, masm_scratch, base_slot_place(f, slot));
    masm_leave_for(f, s.args_size);
    masm_call_ref(f, true);
    f->is_live = false;
}

// The function to call replaces the index, in the slot that it is in. What is
// spent is spent before the call can trap, in every tier.
static const FuncType *resolve(Base *f, uint32_t *slot) {
    end_segment(f);
    uint32_t type = f->in.imm.pair.first;
    *slot = operand_slot(f, f->height - 1);
    row_call(f, HELPER_resolve_cell, 1, type, f->in.imm.pair.second);
    return &f->m->types.data[type].func;
}

void base_call_indirect(Base *f) {
    uint32_t slot;
    const FuncType *type = resolve(f, &slot);
    call_slot(f, type, slot);
}

void base_return_call_indirect(Base *f) {
    uint32_t slot;
    const FuncType *type = resolve(f, &slot);
    tail_call_slot(f, type, slot);
}

// The reference goes to its slot, which nothing overwrites before the call.
static const FuncType *referred(Base *f, uint32_t *slot) {
    end_segment(f);
    Entry e = pop_entry(f);
    *slot = operand_slot(f, f->height);
    Reg r = entry_reg(f, &e);
    masm_trap_if_zero(f, r, TRAP_null_func_reference);
    masm_store(f, TY_func, base_slot_place(f, *slot), r);
    return &f->m->types.data[f->in.imm.index].func;
}

void base_call_ref(Base *f) {
    uint32_t slot;
    const FuncType *type = referred(f, &slot);
    call_slot(f, type, slot);
}

void base_return_call_ref(Base *f) {
    uint32_t slot;
    const FuncType *type = referred(f, &slot);
    tail_call_slot(f, type, slot);
}

// --- entry and return --------------------------------------------------------

// Parameters stay where they arrive, but for those on the stack.
static void take_params(Base *f) {
    MachineAssign a = {0};
    for (uint32_t i = 0; i < f->type->param_len; i++) {
        MachinePlace from = next_place(&a, f->type->params[i]);
        if (from.kind != MACHINE_stack)
            bind_local(f, i, masm_place_reg(from), true);
        else
            masm_copy(f, (BaseType)f->local_type[i], base_slot_place(f, i),
                      (Place){false, 16 + (int32_t)from.at});
    }
    f->args_size = machine_stack_size(&a);
}

void base_entry(Base *f) {
    masm_enter(f);
    take_params(f);
    masm_zero_slots(f, f->type->param_len, f->local_len);
    if (!f->options->use_fuel && !f->options->use_epoch) return;
    LatePoll poll = {
        .label = code_label(&f->b),
        .back = code_label(&f->b),
        .state = merge_now(f),
    };
    masm_poll(f, masm_entry_free, poll.label);
    code_bind(&f->b, poll.back);
    VEC_PUSH(f->arena, &f->polls, poll);
}

void base_return_values(Base *f) {
    Place area = {false, 16 + (int32_t)f->args_size};
    add_moves(f, f->type->results, f->type->result_len, area);
    moves_emit(f);
    masm_leave(f);
}

void base_return(Base *f) {
    end_segment(f);
    base_return_values(f);
    f->is_live = false;
}
