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

// A function of this instance that makes no tail calls returns from itself.
static bool keeps_context(const Base *f, uint32_t func) {
    if (is_import(f, func)) return false;
    uint32_t defined = func - f->m->imported[EXTERN_func];
    return !(f->env->side->funcs.data[defined].flags & FUNC_tail_calls);
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
    after_call(f, &s, keeps_context(f, func));
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

// --- calls through references ------------------------------------------------

// A register for the callee that no argument goes to.
static Reg callee_reg(Base *f) {
    for (size_t i = 0; i < COUNTOF(masm_callee_regs); i++) {
        Reg r = masm_callee_regs[i];
        if (f->locked & reg_bit(r)) continue;
        reg_take(f, r);
        return r;
    }
    UNREACHABLE();
}

static void call_reg(Base *f, const FuncType *type, Reg func) {
    Signature s = signature(type);
    pass_arguments(f, &s);
    masm_move(f, masm_scratch, func);
    masm_call_ref(f, false);
    after_call(f, &s, false);
}

static void tail_call_reg(Base *f, const FuncType *type, Reg func) {
    Signature s = signature(type);
    tail_arguments(f, &s);
    masm_move(f, masm_scratch, func);
    masm_leave_for(f, s.args_size);
    masm_call_ref(f, true);
    f->is_live = false;
}

// Registers that the arguments use now: the slow path saves or reloads them.
static void add_saves(Base *f, LateResolve *late, uint32_t len) {
    late->saves = NEW_N(f->arena, LateSave, len);
    for (uint32_t i = MAX(f->lazy, f->height - len); i < f->height; i++) {
        const Entry *e = &f->stack[i];
        LateSave save = {.type = e->type, .reg = e->reg};
        if (e->where == AT_local) {
            save.reg = f->local_reg[e->local];
            save.slot = e->local;
        } else {
            save.is_stored = true;
            save.slot = operand_slot(f, i);
        }
        if (e->where == AT_reg ||
            (e->where == AT_local && save.reg != REG_NONE))
            late->saves[late->save_len++] = save;
    }
}

void write_resolve(Base *f, const LateResolve *late) {
    code_bind(&f->b, late->label);
    for (uint32_t i = 0; i < late->save_len; i++) {
        const LateSave *s = &late->saves[i];
        if (s->is_stored)
            masm_store(f, (BaseType)s->type, base_slot_place(f, s->slot),
                       s->reg);
    }
    Place index = base_slot_place(f, late->slot);
    masm_store(f, TY_i64, index, late->index);
    masm_row_args(f, late->slot, late->type, late->table);
    f->pc = late->pc;
    helper_call(f, HELPER_resolve_cell);
    for (uint32_t i = 0; i < late->save_len; i++) {
        const LateSave *s = &late->saves[i];
        masm_load(f, (BaseType)s->type, s->reg, base_slot_place(f, s->slot));
    }
    masm_load(f, TY_func, late->func, index);
    masm_jump(f, late->back);
}

// Pops the index: the function, in a register of its own. The fast path takes a
// reference of exactly the type; the runtime makes references, knows subtypes,
// and traps.
static Reg resolve(Base *f, const FuncType **type) {
    end_segment(f); // spent before the call can trap, in every tier
    LateResolve late = {
        .label = code_label(&f->b),
        .back = code_label(&f->b),
        .pc = f->pc,
        .type = f->in.imm.pair.first,
        .table = f->in.imm.pair.second,
    };
    *type = &f->m->types.data[late.type].func;
    late.index = pop_reg(f);
    late.slot = operand_slot(f, f->height);
    late.func = callee_reg(f);
    flush_for_call(f, f->height - (*type)->param_len);
    add_saves(f, &late, (*type)->param_len);
    masm_find_callee(f, late.func, late.index, late.table, late.type,
                     late.label);
    code_bind(&f->b, late.back);
    VEC_PUSH(f->arena, &f->resolves, late);
    return late.func;
}

void base_call_indirect(Base *f) {
    const FuncType *type;
    Reg func = resolve(f, &type);
    call_reg(f, type, func);
}

void base_return_call_indirect(Base *f) {
    const FuncType *type;
    Reg func = resolve(f, &type);
    tail_call_reg(f, type, func);
}

static Reg referred(Base *f, const FuncType **type) {
    end_segment(f);
    *type = &f->m->types.data[f->in.imm.index].func;
    Reg r = pop_reg(f), func = callee_reg(f);
    masm_trap_if_zero(f, r, TRAP_null_func_reference);
    masm_move(f, func, r);
    return func;
}

void base_call_ref(Base *f) {
    const FuncType *type;
    Reg func = referred(f, &type);
    call_reg(f, type, func);
}

void base_return_call_ref(Base *f) {
    const FuncType *type;
    Reg func = referred(f, &type);
    tail_call_reg(f, type, func);
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
