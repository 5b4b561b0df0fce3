// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Typing control: blocks, branches, calls, exceptions (part of valid/typer.h).
//
// Every valid_<row> types the instruction in t->in; CHECK also records the
// control entries that the instruction owns (valid/side.h), dead code included.
#pragma once

#include "valid/typer_stack.h"

// --- control entries ---------------------------------------------------------

INLINE uint32_t ctl_cursor(const Typer *t) {
    return t->side->ctl.len - t->ctl_at;
}

// One entry: a branch to the construct that takes `keep` operands along.
INLINE void side_branch(Typer *t, Ctrl *target, uint32_t keep) {
    if (!TYPER_CHECKS) return;
    uint32_t index = ctl_cursor(t), at = typer_at(t);
    uint32_t height = typer_height(t);
    uint32_t drop = 0;
    if (height > target->height + keep) drop = height - keep - target->height;
    CtlEntry e = {0};
    if (target->kind == CTRL_loop) {
        e = side_entry(t, (CtlTarget){
                              .pc = (int32_t)(target->pc - at),
                              .ctl = (int32_t)(target->ctl - index),
                              .keep = keep,
                              .drop = drop,
                          });
    } else {
        SideWait wait = {index, at, keep, drop, target->ctl_wait};
        target->ctl_wait = side_wait(t, wait);
    }
    VEC_PUSH(t->side_arena, &t->side->ctl, e);
}

// The entry of an `if`, taken when the condition is zero, gets its target.
INLINE void side_else(Typer *t, const Ctrl *c, uint32_t pc) {
    CtlTarget target = {
        .pc = (int32_t)(pc - c->pc),
        .ctl = (int32_t)(ctl_cursor(t) - c->ctl),
        .keep = c->type->param_len,
    };
    t->side->ctl.data[t->ctl_at + c->ctl] = side_entry(t, target);
}

// --- blocks ------------------------------------------------------------------

static const FuncType no_types;

static inline const FuncType *block_func_type(Typer *t) {
    const BlockType *b = &t->in.imm.block;
    switch (b->kind) {
    case BLOCK_empty:
        return &no_types;
    case BLOCK_value:
        if (TYPER_CHECKS && !val_type_known(t->m, b->value)) {
            typer_fail(t, E_unknown_type, vt_index(b->value));
            return NULL;
        }
        return typer_value_type(t, b->value);
    case BLOCK_type:
        if (TYPER_CHECKS && (b->index >= t->m->types.len ||
                             t->m->types.data[b->index].kind != COMP_func)) {
            typer_fail(t, E_unknown_type, b->index);
            return NULL;
        }
        return &t->m->types.data[b->index].func;
    }
    UNREACHABLE();
}

// Operands of the parameters' types become exactly those types.
INLINE bool open_block(Typer *t, CtrlKind kind, const FuncType *type) {
    if (type->param_len > 0) {
        if (!pop_list(t, type->params, type->param_len)) return false;
        push_list(t, type->params, type->param_len);
    }
    typer_open(t, kind, type);
    return true;
}

INLINE bool valid_block(Typer *t) {
    const FuncType *type = block_func_type(t);
    return type && open_block(t, CTRL_block, type);
}

INLINE bool valid_loop(Typer *t) {
    const FuncType *type = block_func_type(t);
    if (!type || !open_block(t, CTRL_loop, type)) return false;
    if (TYPER_CHECKS) {
        top_ctrl(t)->ctl = ctl_cursor(t);
        loop_begin(t);
    }
    return true;
}

INLINE bool valid_if(Typer *t) {
    const FuncType *type = block_func_type(t);
    if (!type || !pop(t, VT_i32) || !open_block(t, CTRL_if, type)) return false;
    if (TYPER_CHECKS) {
        top_ctrl(t)->ctl = ctl_cursor(t);
        VEC_PUSH(t->side_arena, &t->side->ctl, (CtlEntry){0});
    }
    return true;
}

// The results of the innermost construct, and nothing else, are on the stack.
INLINE bool check_results(Typer *t, const Ctrl *c) {
    if (!TYPER_CHECKS) return true;
    uint32_t len = c->type->result_len;
    if (!check_list(t, c->type->results, len)) return false;
    if (has_operands(t, (size_t)len + 1))
        return typer_fail_block(t, c->type->results, len);
    return true;
}

INLINE bool valid_else(Typer *t) {
    Ctrl *c = top_ctrl(t);
    if (TYPER_CHECKS && c->kind != CTRL_if)
        return typer_fail(t, E_misplaced_else, 0);
    if (!check_results(t, c)) return false;
    c->kind = CTRL_else;
    if (TYPER_CHECKS) {
        side_branch(t, c, c->type->result_len);
        side_else(t, c, typer_pc(t));
        typer_reset_inits(t, c->init_at);
    }
    t->sp = t->floor;
    c->is_dead = false;
    push_list(t, c->type->params, c->type->param_len);
    return true;
}

// An `if` without `else` passes its parameters on as results.
static NOINLINE bool check_no_else(Typer *t, const FuncType *type) {
    if (type->param_len == type->result_len) {
        uint32_t i = 0;
        while (i < type->param_len &&
               fits(t, type->params[i], type->results[i]))
            i++;
        if (i == type->param_len) return true;
    }
    return typer_mismatch(t, "an if without else must return its parameters");
}

INLINE bool close_if(Typer *t, const Ctrl *c) {
    if (!TYPER_CHECKS) return true;
    if (UNLIKELY(c->type->param_len + c->type->result_len > 0) &&
        !check_no_else(t, c->type))
        return false;
    side_else(t, c, typer_at(t));
    return true;
}

// Of the function's own frame too: then no construct is open any more, and
// "false" is not an error.
INLINE bool valid_end(Typer *t) {
    Ctrl c = *top_ctrl(t);
    if (!check_results(t, &c)) return false;
    if (c.kind == CTRL_if && !close_if(t, &c)) return false;
    t->ctrls.len--;
    if (TYPER_CHECKS) {
        if ((c.ctl_wait & c.catch_wait) != NO_ENTRY)
            side_resolve(t, &c, typer_at(t));
        if (c.kind == CTRL_loop) loop_finish(t);
        if (c.kind == CTRL_try) side_catches(t, &c);
        if (UNLIKELY(t->inits.len > c.init_at)) typer_reset_inits(t, c.init_at);
    }
    t->sp = t->floor;
    if (UNLIKELY(t->ctrls.len == 0)) return false;
    t->floor = t->stack + top_ctrl(t)->height;
    push_list(t, c.type->results, c.type->result_len);
    return true;
}

INLINE bool valid_unreachable(Typer *t) {
    set_dead(t);
    return true;
}

// --- branches ----------------------------------------------------------------

INLINE bool valid_br(Typer *t) {
    Ctrl *target = label_ctrl(t, t->in.imm.index);
    if (!target) return false;
    TypeList label = label_types(target);
    if (!check_list(t, label.types, label.len)) return false;
    side_branch(t, target, label.len);
    set_dead(t);
    return true;
}

// Where it does not branch, the operands have the label's types.
INLINE bool retype_list(Typer *t, TypeList label) {
    if (LIKELY(label.len == 0)) return true;
    if (!pop_list(t, label.types, label.len)) return false;
    push_list(t, label.types, label.len);
    return true;
}

INLINE bool valid_br_if(Typer *t) {
    Ctrl *target = label_ctrl(t, t->in.imm.index);
    if (!target || !pop(t, VT_i32)) return false;
    TypeList label = label_types(target);
    if (!retype_list(t, label)) return false;
    side_branch(t, target, label.len);
    return true;
}

// Each construct is checked once per br_table, so that the time does not grow
// with targets times operands.
static inline bool check_table_label(Typer *t, Ctrl *target, uint32_t arity) {
    TypeList label = label_types(target);
    if (label.len != arity)
        return typer_mismatch(t, "targets of different arity");
    if (target->table_at == typer_at(t)) return true;
    target->table_at = typer_at(t);
    return check_list(t, label.types, label.len);
}

static NOINLINE bool valid_br_table_labels(Typer *t) {
    Reader list = t->r;
    list.at = t->in.imm.br_table.list;
    uint32_t arity = 0;
    for (uint32_t i = 0; i <= t->in.imm.br_table.len; i++) {
        Ctrl *target = label_ctrl(t, read_u32(&list));
        if (!target) return false;
        if (i == 0) arity = label_types(target).len;
        if (!check_table_label(t, target, arity)) return false;
        side_branch(t, target, arity);
    }
    return true;
}

INLINE bool valid_br_table(Typer *t) {
    if (!pop(t, VT_i32)) return false;
    if (TYPER_CHECKS && !valid_br_table_labels(t)) return false;
    set_dead(t);
    return true;
}

INLINE bool valid_return(Typer *t) {
    if (!check_list(t, t->type->results, t->type->result_len)) return false;
    set_dead(t);
    return true;
}

// [t* (ref null ht)] -> [t* (ref ht)], taken with t*.
static inline bool valid_br_on_null(Typer *t) {
    Ctrl *target = label_ctrl(t, t->in.imm.index);
    ValType ref;
    if (!target || !pop_ref(t, &ref)) return false;
    TypeList label = label_types(target);
    if (!retype_list(t, label)) return false;
    side_branch(t, target, label.len);
    push(t, ref & ~VT_NULL);
    return true;
}

// The label's last type, which must be a reference for the br_on_* that take
// their operand along; VT_bot after an error.
static inline ValType label_ref(Typer *t, TypeList label) {
    ValType last = label.len ? label.types[label.len - 1] : VT_bot;
    if (TYPER_CHECKS && !vt_is_ref(last)) {
        typer_mismatch(t, "the label takes no reference");
        return VT_bot;
    }
    return last;
}

// [t* (ref null ht)] -> [t*], taken with t* (ref ht).
static inline bool valid_br_on_non_null(Typer *t) {
    Ctrl *target = label_ctrl(t, t->in.imm.index);
    if (!target) return false;
    TypeList label = label_types(target);
    ValType last = label_ref(t, label), ref;
    if (last == VT_bot || !pop_ref(t, &ref)) return false;
    if (TYPER_CHECKS && !fits(t, ref & ~VT_NULL, last))
        return typer_fail_operands(t, &last, 1);
    push(t, last);
    if (!retype_list(t, label)) return false;
    side_branch(t, target, label.len);
    t->sp--;
    return true;
}

// The part of `from` that a cast to `to` leaves over.
static inline ValType cast_rest(ValType from, ValType to) {
    return vt_is_nullable(to) ? from & ~VT_NULL : from;
}

// `taken` goes to the label, `stays` falls through.
static inline bool branch_on_cast(Typer *t, ValType taken, ValType stays) {
    ValType from = t->in.imm.br_cast.from, to = t->in.imm.br_cast.to;
    if (TYPER_CHECKS) {
        if (!val_type_known(t->m, from))
            return typer_fail(t, E_unknown_type, vt_index(from));
        if (!val_type_known(t->m, to))
            return typer_fail(t, E_unknown_type, vt_index(to));
        if (!fits(t, to, from))
            return typer_mismatch(t, "the cast is not to a subtype");
    }
    Ctrl *target = label_ctrl(t, t->in.imm.br_cast.label);
    if (!target) return false;
    TypeList label = label_types(target);
    ValType last = label_ref(t, label);
    if (last == VT_bot) return false;
    if (TYPER_CHECKS && !fits(t, taken, last))
        return typer_mismatch(t, "the label takes another reference");
    if (!pop(t, from)) return false;
    push(t, last);
    if (!retype_list(t, label)) return false;
    side_branch(t, target, label.len);
    t->sp[-1] = stays;
    return true;
}

static inline bool valid_br_on_cast(Typer *t) {
    ValType from = t->in.imm.br_cast.from, to = t->in.imm.br_cast.to;
    return branch_on_cast(t, to, cast_rest(from, to));
}

static inline bool valid_br_on_cast_fail(Typer *t) {
    ValType from = t->in.imm.br_cast.from, to = t->in.imm.br_cast.to;
    return branch_on_cast(t, cast_rest(from, to), to);
}

// --- calls -------------------------------------------------------------------

INLINE void note_effect(Typer *t, uint32_t effects, uint32_t flags) {
    if (!TYPER_CHECKS) return;
    t->effects |= effects;
    t->flags |= flags;
}

INLINE bool call_type(Typer *t, const FuncType *type) {
    if (!pop_list(t, type->params, type->param_len)) return false;
    push_list(t, type->results, type->result_len);
    return true;
}

static inline bool tail_call_type(Typer *t, const FuncType *type) {
    if (!pop_list(t, type->params, type->param_len)) return false;
    if (TYPER_CHECKS) {
        const FuncType *own = t->type;
        if (type->result_len != own->result_len)
            return typer_mismatch(t, "results of a tail call");
        for (uint32_t i = 0; i < own->result_len; i++)
            if (!fits(t, type->results[i], own->results[i]))
                return typer_mismatch(t, "results of a tail call");
    }
    set_dead(t);
    return true;
}

INLINE const FuncType *callee_type(Typer *t) {
    uint32_t func = t->in.imm.index;
    if (TYPER_CHECKS && UNLIKELY(func >= t->m->funcs.len)) {
        typer_fail(t, E_unknown_func, func);
        return NULL;
    }
    bool is_import = func < t->m->imported[EXTERN_func];
    note_effect(t, is_import ? LOOP_calls_import : LOOP_calls_direct, 0);
    if (TYPER_CHECKS) t->has_call = true;
    return &module_func_type(t->m, func)->func;
}

INLINE bool valid_call(Typer *t) {
    const FuncType *type = callee_type(t);
    return type && call_type(t, type);
}

static inline bool valid_return_call(Typer *t) {
    const FuncType *type = callee_type(t);
    if (!type) return false;
    note_effect(t, 0, FUNC_tail_calls);
    return tail_call_type(t, type);
}

// A function type by index; NULL after an error.
INLINE const FuncType *func_type_at(Typer *t, uint32_t index) {
    if (TYPER_CHECKS && UNLIKELY(index >= t->m->types.len)) {
        typer_fail(t, E_unknown_type, index);
        return NULL;
    }
    const TypeDef *def = &t->m->types.data[index];
    if (TYPER_CHECKS && UNLIKELY(def->kind != COMP_func)) {
        typer_fail(t, E_not_a_func, index);
        return NULL;
    }
    return &def->func;
}

INLINE ValType index_type(Limits l) {
    return l.is_64 ? VT_i64 : VT_i32;
}

INLINE const FuncType *indirect_type(Typer *t) {
    uint32_t table = t->in.imm.pair.second;
    if (TYPER_CHECKS && UNLIKELY(table >= t->m->tables.len)) {
        typer_fail(t, E_unknown_table, table);
        return NULL;
    }
    const TableType *tt = &t->m->tables.data[table].type;
    if (TYPER_CHECKS && UNLIKELY(!fits(t, tt->elem, VT_FUNCREF))) {
        typer_mismatch(t, "the table holds no functions");
        return NULL;
    }
    const FuncType *type = func_type_at(t, t->in.imm.pair.first);
    note_effect(t, LOOP_calls_indirect, 0);
    if (TYPER_CHECKS) t->has_call = true;
    if (!type || !pop(t, index_type(tt->limits))) return NULL;
    return type;
}

INLINE bool valid_call_indirect(Typer *t) {
    const FuncType *type = indirect_type(t);
    return type && call_type(t, type);
}

static inline bool valid_return_call_indirect(Typer *t) {
    const FuncType *type = indirect_type(t);
    note_effect(t, 0, FUNC_tail_calls);
    return type && tail_call_type(t, type);
}

static inline const FuncType *ref_callee_type(Typer *t) {
    const FuncType *type = func_type_at(t, t->in.imm.index);
    note_effect(t, LOOP_calls_indirect, 0);
    if (TYPER_CHECKS) t->has_call = true;
    if (!type || !pop(t, vt_ref(t->in.imm.index, true))) return NULL;
    return type;
}

static inline bool valid_call_ref(Typer *t) {
    const FuncType *type = ref_callee_type(t);
    return type && call_type(t, type);
}

static inline bool valid_return_call_ref(Typer *t) {
    const FuncType *type = ref_callee_type(t);
    note_effect(t, 0, FUNC_tail_calls);
    return type && tail_call_type(t, type);
}

// --- exceptions --------------------------------------------------------------

static inline const FuncType *tag_type(Typer *t, uint32_t tag) {
    if (TYPER_CHECKS && tag >= t->m->tags.len) {
        typer_fail(t, E_unknown_tag, tag);
        return NULL;
    }
    return &t->m->types.data[t->m->tags.data[tag].type].func;
}

static inline bool valid_throw(Typer *t) {
    const FuncType *type = tag_type(t, t->in.imm.index);
    if (!type || !pop_list(t, type->params, type->param_len)) return false;
    note_effect(t, LOOP_may_throw, 0);
    set_dead(t);
    return true;
}

static inline bool valid_throw_ref(Typer *t) {
    if (!pop(t, VT_EXNREF)) return false;
    note_effect(t, LOOP_may_throw, 0);
    set_dead(t);
    return true;
}

// What the handler delivers, the tag's values and perhaps the exception, must
// fit the label.
static inline bool check_clause(Typer *t, const CatchClause *clause) {
    const Ctrl *target = label_ctrl(t, clause->label);
    if (!target) return false;
    TypeList label = label_types(target);
    const FuncType *values = &no_types;
    if (clause->kind == CATCH_tag || clause->kind == CATCH_tag_ref)
        values = tag_type(t, clause->tag);
    if (!values) return false;
    bool has_ref =
        clause->kind == CATCH_tag_ref || clause->kind == CATCH_all_ref;
    if (label.len != values->param_len + has_ref)
        return typer_mismatch(t, "a handler's label has another arity");
    for (uint32_t i = 0; i < values->param_len; i++)
        if (!fits(t, values->params[i], label.types[i]))
            return typer_mismatch(t, "a handler does not fit its label");
    ValType exn = VT_EXNREF & ~VT_NULL;
    if (has_ref && !fits(t, exn, label.types[label.len - 1]))
        return typer_mismatch(t, "a handler does not fit its label");
    return true;
}

// The clauses are kept until the end, where they become entries.
static NOINLINE bool valid_clauses(Typer *t) {
    Reader list = t->r;
    list.at = t->in.imm.try_table.list;
    for (uint32_t i = 0; i < t->in.imm.try_table.len; i++) {
        CatchClause clause;
        if (!read_catch(&list, &clause)) return false;
        if (!check_clause(t, &clause)) return false;
        VEC_PUSH(t->scratch, &t->clauses, clause);
    }
    return true;
}

static inline bool valid_try_table(Typer *t) {
    const FuncType *type = block_func_type(t);
    if (!type) return false;
    uint32_t clause_at = t->clauses.len;
    if (TYPER_CHECKS && !valid_clauses(t)) return false;
    if (!open_block(t, CTRL_try, type)) return false;
    note_effect(t, 0, FUNC_has_try);
    top_ctrl(t)->clause_at = clause_at;
    top_ctrl(t)->ctl = typer_pc(t);
    return true;
}
