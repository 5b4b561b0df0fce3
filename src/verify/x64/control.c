// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Calls, returns and jumps: the machine convention (vmabi/machine.h), seen from
// the code.
#include "verify/x64/x64.h"

#include "vmabi/helper.h"
#include "vmabi/layout.h"
#include "wasm/trap.h"

const uint8_t prove_int_regs[MACHINE_INT_REGS] = {
    GP_rax, GP_rcx, GP_rdx, GP_rsi, GP_rdi, GP_r8, GP_r9, GP_r10,
};

// --- values by type ----------------------------------------------------------

static MachinePlace next_place(MachineAssign *a, ValType t) {
    return machine_assign(a, t >= VT_f32 && t <= VT_v128, t == VT_v128);
}

// A value of that type in a general register.
static Value typed(const Verify *v, ValType t) {
    if (t == VT_i64) return VALUE_ANY;
    if (!verify_is_func_type(v, t)) return VALUE_U32;
    Value func = value_of(V_func, 0);
    func.min = !vt_is_nullable(t);
    return func;
}

static bool fits(const Verify *v, ValType t, Value value) {
    if (t == VT_i64) return value.kind == V_number;
    return verify_is_func_type(v, t) ? value_is_func(value)
                                     : value_is_word(value);
}

void prove_context(const Verify *v, State *s) {
    s->reg[GP_r15] = value_of(V_context, 0);
    if (v->m->memories.len > 0) s->reg[GP_r14] = value_of(V_base, 0);
}

void prove_values(Verify *v, State *s, const ValType *types, uint32_t len,
                  int32_t disp) {
    MachineAssign a = {0};
    for (uint32_t i = 0; i < len; i++) {
        MachinePlace place = next_place(&a, types[i]);
        if (place.kind == MACHINE_int)
            s->reg[prove_int_regs[place.at]] = typed(v, types[i]);
        else if (place.kind == MACHINE_stack &&
                 verify_is_func_type(v, types[i]))
            state_store(v, s, disp + (int32_t)place.at, typed(v, types[i]));
    }
}

// Are they where the other side expects them? Words on the stack only if
// `on_stack`.
static bool has_values(Verify *v, const State *s, const ValType *types,
                       uint32_t len, int32_t disp, bool on_stack) {
    MachineAssign a = {0};
    for (uint32_t i = 0; i < len; i++) {
        MachinePlace place = next_place(&a, types[i]);
        if (place.kind == MACHINE_int &&
            !fits(v, types[i], s->reg[prove_int_regs[place.at]]))
            return verify_fail(v, "a value that is not of its type");
        if (place.kind == MACHINE_stack && on_stack &&
            verify_is_func_type(v, types[i]) &&
            !value_is_func(state_fact(s, disp + (int32_t)place.at)))
            return verify_fail(v, "a value on the stack that is no function");
    }
    return true;
}

static bool has_context(Verify *v, const State *s, bool and_base) {
    if (s->reg[GP_r15].kind != V_context)
        return verify_fail(v, "a context that is not this instance's");
    Value base = s->reg[GP_r14];
    bool ok = !and_base || v->m->memories.len == 0 ||
              (base.kind == V_base && base.arg == 0);
    return ok || verify_fail(v, "a base of memory 0 that may be old");
}

static int32_t area(const ValType *types, uint32_t len) {
    MachineAssign a = {0};
    for (uint32_t i = 0; i < len; i++)
        (void)next_place(&a, types[i]);
    return (int32_t)machine_stack_size(&a);
}

// Whoever looks at frames takes locals for what they were declared to be.
static bool keeps_locals(Verify *v, const State *s) {
    if (v->code->pad_len == 0) return true;
    for (uint32_t i = 0; i < v->func_local_len; i++) {
        int32_t disp = machine_slot(v->code->is_wide, v->func_local_list[i]);
        if (!value_is_func(state_fact(s, disp)))
            return verify_fail(v, "a local that a handler would not find");
    }
    return true;
}

// --- calls of functions ------------------------------------------------------

static bool may_throw(Step *t) {
    const CodeSite *site = verify_site(t->v, t->next, false);
    if (!site) return verify_fail(t->v, "a call without a site");
    return verify_throw(t->v, site, t->s);
}

static bool returns(Step *t, const FuncType *type, bool is_inside) {
    State *s = t->s;
    int32_t args = area(type->params, type->param_len);
    state_forget(t->v, s, -s->depth, -(int32_t)t->v->code->frame_size);
    s->depth -= args;
    s->slack -= args;
    prove_lose(s, is_inside, is_inside);
    prove_values(t->v, s, type->results, type->result_len, -s->depth);
    return true;
}

static bool call_function(Step *t, const FuncType *type, bool is_inside) {
    State *s = t->s;
    int32_t size = area(type->params, type->param_len) +
                   area(type->results, type->result_len);
    if (s->phase != PHASE_body || !s->checked)
        return verify_fail(t->v, "a call without a check of the stack");
    if (s->depth != (int32_t)t->v->code->frame_size + size)
        return verify_fail(t->v, "a call with a stack of another size");
    return has_context(t->v, s, true) && keeps_locals(t->v, s) &&
           has_values(t->v, s, type->params, type->param_len, -s->depth,
                      true) &&
           may_throw(t) && returns(t, type, is_inside);
}

// What a tail call moved on the stack is not looked at again.
static bool tail_function(Step *t, const FuncType *type) {
    State *s = t->s;
    t->ends = true;
    if (s->phase != PHASE_left)
        return verify_fail(t->v, "a tail call from within the frame");
    if (!s->checked && t->v->code->frame_size > MACHINE_SMALL_LEAF)
        return verify_fail(t->v, "a frame without a check of the stack");
    if (!has_context(t->v, s, true)) return false;
    if (!type) return true;
    if (s->tail_size != (uint32_t)area(type->params, type->param_len))
        return verify_fail(t->v, "a tail call with a stack of another size");
    return has_values(t->v, s, type->params, type->param_len, 0, false);
}

static const FuncType *type_of(const Verify *v, uint32_t func) {
    return &module_func_type(v->m, func)->func;
}

static bool call_defined(Step *t, uint32_t index, bool is_tail) {
    const Verify *v = t->v;
    if (index >= v->env->side->funcs.len)
        return verify_fail(t->v, "a call of a function that is not there");
    const FuncType *type = type_of(v, index + v->m->imported[EXTERN_func]);
    if (is_tail) return tail_function(t, type);
    const FuncInfo *callee = &v->env->side->funcs.data[index];
    return call_function(t, type, !(callee->flags & FUNC_tail_calls));
}

// The instruction says what is called, as validation found it.
static const FuncType *called_type(Step *t, Value func, const Instr *in) {
    const Verify *v = t->v;
    uint32_t type;
    switch ((int)in->op) {
    case OP_call:
        if (func.kind != V_import || func.arg != in->imm.index) return NULL;
        return type_of(v, func.arg);
    case OP_call_indirect:
        type = in->imm.pair.first;
        if (!func.is_typed || func.arg != type) return NULL;
        break;
    case OP_call_ref:
        type = in->imm.index;
        break;
    default:
        return NULL;
    }
    return func.kind != V_import ? &v->m->types.data[type].func : NULL;
}

// Through a reference, which lies in r11.
static bool call_entry(Step *t, bool is_tail) {
    Access a;
    Verify *v = t->v;
    if (!prove_access(t, 8, false, &a)) return false;
    if (a.kind != ACCESS_entry || t->in.mem.base != GP_r11)
        return verify_fail(v, "a call of what is no function");
    if (is_tail) {
        const FuncType *type = NULL; // of a declared reference: not known here
        if (a.value.kind == V_import) type = type_of(v, a.value.arg);
        if (a.value.is_typed) type = &v->m->types.data[a.value.arg].func;
        return tail_function(t, type);
    }
    Instr in;
    const CodeSite *site = verify_site(v, t->next, false);
    if (!site) return verify_fail(v, "a call without a site");
    if (!verify_site_instr(v, site, &in)) return false;
    const FuncType *type = called_type(t, a.value, &in);
    if (!type) return verify_fail(v, "a call of another function's type");
    return call_function(t, type, false);
}

// --- calls of the runtime ----------------------------------------------------

// The deepest operand's slot, and the way to the next.
static bool has_row_args(Step *t, int32_t *slot) {
    const State *s = t->s;
    Value args = s->reg[GP_rsi], stride = s->reg[GP_r8];
    int32_t each = t->v->code->is_wide ? 16 : 8;
    *slot = (int32_t)args.arg;
    bool ok =
        args.kind == V_frame && *slot >= -(int32_t)t->v->code->frame_size &&
        *slot <= machine_slot(t->v->code->is_wide, 0) &&
        (machine_slot(t->v->code->is_wide, 0) - *slot) % each == 0 &&
        value_is(stride, (uint64_t)-(int64_t)each) &&
        s->reg[GP_rdx].kind == V_number && s->reg[GP_rcx].kind == V_number;
    return ok || verify_fail(t->v, "arguments of the runtime out of place");
}

static ValType field_of(const Verify *v, Value type, Value field) {
    if (type.min >= v->m->types.len) return VT_bot;
    const TypeDef *def = &v->m->types.data[type.min];
    if (def->kind == COMP_array) return def->structure.fields[0].storage;
    if (def->kind != COMP_struct || field.min >= def->structure.field_len)
        return VT_bot;
    return def->structure.fields[field.min].storage;
}

// The reference to a function that a helper leaves in the deepest slot.
static Value row_result(const Step *t, HelperId helper) {
    const Verify *v = t->v;
    Value a = t->s->reg[GP_rdx], b = t->s->reg[GP_rcx];
    Value func = value_of(V_func, 0);
    if (a.min != a.max || b.min != b.max) return VALUE_ANY;
    ValType type = VT_bot;
    switch ((int)helper) {
    case HELPER_ref_func:
        func.min = 1;
        return func;
    case HELPER_resolve_cell:
        if (a.min >= v->m->types.len) return VALUE_ANY;
        func.min = 1;
        func.is_typed = true;
        func.arg = (uint32_t)a.min;
        return func;
    case HELPER_table_get:
        if (a.min < v->m->tables.len) type = v->m->tables.data[a.min].type.elem;
        break;
    case HELPER_ref_cast:
        type = (ValType)a.min;
        if (vt_is_concrete(type) && vt_index(type) >= v->m->types.len)
            type = VT_bot;
        break;
    case HELPER_struct_get:
    case HELPER_array_get:
        type = field_of(v, a, b);
        break;
    default:
        break;
    }
    return verify_is_func_type(v, type) ? func : VALUE_ANY;
}

static bool makes_object(HelperId helper) {
    return helper >= HELPER_struct_new && helper <= HELPER_array_new_elem &&
           (helper <= HELPER_struct_new_default || helper >= HELPER_array_new);
}

static bool call_row(Step *t, HelperId helper) {
    int32_t slot;
    if (!has_row_args(t, &slot)) return false;
    Value result = row_result(t, helper);
    int32_t end = -(int32_t)t->v->code->frame_size;
    state_forget(t->v, t->s, end, slot + 8);
    if (!may_throw(t)) return false;
    if (makes_object(helper)) result = value_range(1, UINT32_MAX);
    if (result.kind == V_func || makes_object(helper))
        state_store(t->v, t->s, slot, result);
    t->ends = helper == HELPER_throw || helper == HELPER_throw_ref;
    return true;
}

static bool call_helper(Step *t, uint32_t index) {
    Verify *v = t->v;
    State *s = t->s;
    if (index >= HELPER_COUNT || s->phase != PHASE_body || s->moved ||
        s->depth < (int32_t)v->code->frame_size || s->depth % 16 != 0)
        return verify_fail(v, "a call of the runtime from nowhere");
    if (!verify_site(v, t->next, false))
        return verify_fail(v, "a call without a site");
    if (!has_context(v, s, false) || !keeps_locals(v, s)) return false;
    HelperId helper = (HelperId)index;
    if (helper_info[helper].kind == HELPER_KIND_row) {
        if (!call_row(t, helper)) return false;
    } else if (helper != HELPER_poll && helper != HELPER_fuel_bulk) {
        return verify_fail(v, "a helper that is not for compiled code");
    } else if (!may_throw(t)) {
        return false;
    }
    bool base_stays = !helper_info[helper].moves || v->env->memory0_is_guarded;
    prove_lose(s, true, base_stays);
    return true;
}

static bool call_trap(Step *t, uint32_t index) {
    Verify *v = t->v;
    t->ends = true;
    // Large frames are checked before they are complete.
    if (index >= TRAP_count || t->s->phase != PHASE_body || t->s->moved ||
        t->s->depth < 16 || t->s->depth % 16 != 0)
        return verify_fail(v, "a trap from nowhere");
    if (!verify_site(v, t->next, false))
        return verify_fail(v, "a trap without a site");
    return has_context(v, t->s, false);
}

static bool call_reloc(Step *t, bool is_tail) {
    const CodeReloc *r = t->reloc;
    bool is_slot = t->in.op == X64_call_m || t->in.op == X64_jmp_m;
    if (!t->v->env->target && load_u32(t->v->code->code + r->at) != 0)
        return verify_fail(t->v, "a relocation with an addend");
    if (!is_tail && (r->kind == RELOC_func || r->kind == RELOC_slot) &&
        !verify_site(t->v, t->next, false))
        return verify_fail(t->v, "a call without a site");
    if (r->kind == RELOC_slot && is_slot)
        return call_defined(t, r->index, is_tail);
    if (r->kind == RELOC_func && !is_slot)
        return call_defined(t, r->index, is_tail);
    if (r->kind == RELOC_helper && !is_slot && !is_tail)
        return call_helper(t, r->index);
    if (r->kind == RELOC_trap && !is_slot && !is_tail)
        return call_trap(t, r->index);
    return verify_fail(t->v, "a relocation of another kind");
}

bool prove_call(Step *t, bool is_tail) {
    if (t->in.op == X64_call_m || t->in.op == X64_jmp_m) {
        if (t->in.mem.base != MEM_rip) return call_entry(t, is_tail);
    } else if (t->in.op != X64_call_rel32 && t->in.op != X64_jmp_rel32) {
        return verify_fail(t->v, "a call of an address");
    }
    if (t->reloc) return call_reloc(t, is_tail);
    return verify_fail(t->v, "a call of what is not known");
}

// --- returns -----------------------------------------------------------------

bool prove_return(Step *t, int64_t pop) {
    const State *s = t->s;
    Verify *v = t->v;
    t->ends = true;
    bool is_left = s->phase == PHASE_left && pop == v->args_size &&
                   s->tail_size == (uint32_t)v->args_size;
    if (!is_left && (s->phase != PHASE_done || pop >= 0))
        return verify_fail(v, "a return with a stack of another size");
    if (!s->checked && v->code->frame_size > MACHINE_SMALL_LEAF)
        return verify_fail(v, "a frame without a check of the stack");
    return has_context(v, s, true) &&
           has_values(v, s, v->type->results, v->type->result_len,
                      16 + v->args_size, true);
}

// --- jumps -------------------------------------------------------------------

// What a comparison with a number says of the register where `cc` holds. The
// conditions are those of unsigned numbers.
static Value with_number(Value v, X64Cc cc, uint64_t n) {
    Value r = v;
    switch ((int)cc) {
    case CC_b:
        if (n > 0) r.max = MIN(r.max, n - 1);
        break;
    case CC_be:
        r.max = MIN(r.max, n);
        break;
    case CC_ae:
        r.min = MAX(r.min, n);
        break;
    case CC_a:
        if (n < UINT64_MAX) r.min = MAX(r.min, n + 1);
        break;
    case CC_e:
        r.min = MAX(r.min, n);
        r.max = MIN(r.max, n);
        break;
    case CC_ne:
        if (r.min == n && n < UINT64_MAX) r.min = n + 1;
        if (r.max == n && n > 0) r.max = n - 1;
        break;
    default:
        break;
    }
    return r;
}

static void with_bound(State *s, Bound bound) {
    Value *v = &s->reg[s->flags.reg];
    v->bound = (uint8_t)bound;
    v->of = s->flags.arg;
}

// One less than what was bound, and it did not wrap: below it.
static void with_bound_of(State *s, Bound bound) {
    Value *v = &s->reg[s->flags.reg];
    *v = VALUE_U32;
    v->bound = (uint8_t)bound;
    v->of = s->flags.arg;
}

static bool tells_number(const State *s) {
    Value v = s->reg[s->flags.reg];
    if (v.kind == V_number) return !s->flags.is_32 || v.max <= UINT32_MAX;
    return (v.kind == V_func || v.kind == V_cell || v.kind == V_rtype) &&
           !s->flags.is_32 && s->flags.number == 0;
}

// Two numbers that are the same lie within the bounds of both.
static void with_equal(Value *a, Value *b) {
    if (a->kind != V_number || b->kind != V_number) return;
    uint64_t min = MAX(a->min, b->min), max = MIN(a->max, b->max);
    if (min > max) return;
    a->min = b->min = min;
    a->max = b->max = max;
}

static void with_type(State *s) {
    Value func = value_of(V_func, s->flags.arg);
    func.min = 1;
    func.is_typed = true;
    s->reg[s->flags.reg] = func;
}

// The state where `cc` holds. False: it never does.
static bool assume(State *s, X64Cc cc) {
    Value *v = &s->reg[s->flags.reg];
    switch ((FlagsKind)s->flags.kind) {
    case FLAGS_none:
        break;
    case FLAGS_number:
        if (tells_number(s)) *v = with_number(*v, cc, s->flags.number);
        return v->min <= v->max;
    case FLAGS_equal:
        if (cc == CC_e) with_equal(v, &s->reg[s->flags.arg]);
        break;
    case FLAGS_bit0:
        if (cc == CC_e && v->kind == V_cell) v->is_even = true;
        break;
    case FLAGS_memory:
        if (cc == CC_be || cc == CC_b) with_bound(s, BOUND_memory);
        break;
    case FLAGS_table:
        if (cc == CC_b) with_bound(s, BOUND_table);
        break;
    case FLAGS_length:
        if (cc == CC_b && value_is_u32(*v)) with_bound(s, BOUND_length);
        break;
    case FLAGS_type:
        if (cc == CC_e) with_type(s);
        break;
    case FLAGS_carry:
        if (cc == CC_ae) v->min = MAX(v->min, s->flags.number);
        if (cc == CC_ae && s->flags.arg) return false;
        break;
    case FLAGS_minus:
        if (cc == CC_ae) with_bound_of(s, (Bound)s->flags.number);
        break;
    case FLAGS_depth:
        if (cc == CC_ae && v->kind == V_rtype)
            v->of = (uint32_t)s->flags.number + 1;
        break;
    case FLAGS_room:
        if (cc == CC_be && v->kind == V_fresh) v->bound = BOUND_heap_end;
        break;
    case FLAGS_stack:
        if (cc != CC_ae) break;
        s->checked = true;
        s->slack = -(int32_t)s->flags.number;
        break;
    }
    return true;
}

bool prove_jump(Step *t) {
    bool is_short = t->in.op == X64_jmp_rel8 || t->in.op == X64_jcc_rel8;
    if (!is_short && t->reloc) return prove_call(t, t->in.op == X64_jmp_rel32);
    State taken = *t->s;
    t->ends = true;
    if (t->info->cc) {
        t->ends = !assume(t->s, x64_cc_not((X64Cc)t->in.cc));
        if (!assume(&taken, (X64Cc)t->in.cc)) return true;
    }
    if (taken.phase != PHASE_body)
        return verify_fail(t->v, "a jump outside of the body");
    return verify_flow(t->v, t->next + t->in.imm, &taken);
}

static bool jump_table(Step *t, Value target) {
    const uint8_t *code = t->v->code->code;
    t->ends = true;
    for (uint64_t i = 0; i < target.max; i++) {
        int32_t distance = (int32_t)load_u32(code + target.arg + 4 * i);
        if (!verify_flow(t->v, (int64_t)target.arg + distance, t->s))
            return false;
    }
    return true;
}

bool prove_jump_r(Step *t) {
    Value target = prove_reg(t->s, t->in.reg[0]);
    if (target.kind == V_target && t->s->phase == PHASE_body)
        return jump_table(t, target);
    if (target.kind == V_return && t->s->phase == PHASE_done)
        return prove_return(t, -1);
    return verify_fail(t->v, "a jump to an address");
}
