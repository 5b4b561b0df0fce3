// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Blocks, branches, and what code agrees on where it meets.
//
// A block begins with all operands below it in their slots; what is above is
// its own. The first branch to a label fixes what arrives there in registers,
// and each further one, and falling through, moves what is elsewhere. A loop
// fixes it when it begins: the locals that it uses most have registers, the
// others are in their slots.
#include "baseline/masm.h"

#include <string.h>

// --- types of blocks ---------------------------------------------------------

TypeSpan ctrl_params(const Base *f, const Ctrl *c) {
    if (c->kind == CTRL_func || c->type == TYPE_NONE)
        return (TypeSpan){NULL, 0};
    const FuncType *t = &f->m->types.data[c->type].func;
    return (TypeSpan){t->params, t->param_len};
}

TypeSpan ctrl_results(const Base *f, const Ctrl *c) {
    if (c->kind == CTRL_func)
        return (TypeSpan){f->type->results, f->type->result_len};
    if (c->type == TYPE_NONE)
        return (TypeSpan){&c->result, c->result != VT_bot};
    const FuncType *t = &f->m->types.data[c->type].func;
    return (TypeSpan){t->results, t->result_len};
}

// What goes along with a branch to it.
static TypeSpan ctrl_label(const Base *f, const Ctrl *c) {
    return c->kind == CTRL_loop ? ctrl_params(f, c) : ctrl_results(f, c);
}

static Ctrl *ctrl_at(Base *f, uint32_t label) {
    return &f->ctrls.data[f->ctrls.len - 1 - label];
}

static bool is_func_ctrl(const Base *f, const Ctrl *c) {
    return c == f->ctrls.data;
}

static Ctrl *ctrl_push(Base *f, CtrlKind kind, BlockType t) {
    Ctrl c = {
        .kind = (uint8_t)kind,
        .type = t.kind == BLOCK_type ? t.index : TYPE_NONE,
        .result = t.kind == BLOCK_value ? t.value : VT_bot,
        .stub_of = UINT32_MAX,
        .label = code_label(&f->b),
    };
    c.base = f->height - ctrl_params(f, &c).len;
    c.loop = kind == CTRL_loop ? f->ctrls.len : VEC_LAST(&f->ctrls).loop;
    VEC_PUSH(f->arena, &f->ctrls, c);
    return &VEC_LAST(&f->ctrls);
}

// --- merges ------------------------------------------------------------------

static Merge *merge_new(Base *f) {
    Merge *m = f->free_merges;
    if (!m) return arena_alloc_raw(f->arena, sizeof(Merge), 1);
    memcpy(&f->free_merges, m->local, sizeof(Merge *));
    return m;
}

static void merge_free(Base *f, Merge *m) {
    if (!m) return;
    memcpy(m->local, &f->free_merges, sizeof(Merge *));
    f->free_merges = m;
}

// The locals as they are.
Merge *merge_now(Base *f) {
    Merge *m = merge_new(f);
    m->cached = f->cached;
    m->dirty = f->dirty;
    m->result = REG_NONE;
    for (uint32_t set = f->cached; set; set &= set - 1)
        m->local[ctz32(set)] = f->local_of[ctz32(set)];
    return m;
}

// What a branch with so many operands finds easiest.
static Merge *merge_for(Base *f, uint32_t operands) {
    Merge *m = merge_now(f);
    if (operands == 0) return m;
    const Entry *top = &f->stack[f->height - 1];
    if (top->where == AT_reg && f->users[top->reg] == 1) {
        m->result = top->reg;
        return m;
    }
    // Registers that other operands have will be free there.
    uint32_t set = masm_regs(ty_is_float((BaseType)top->type)) & ~f->cached;
    if (set) m->result = (Reg)ctz32(set);
    return m;
}

// Moves from the state, with `len` operands on top, to what the label expects.
static void merge_moves(Base *f, const Merge *m, uint32_t base, uint32_t len) {
    uint32_t kept = 0; // dirty registers whose slots need nothing
    for (uint32_t set = m->cached & m->dirty; set; set &= set - 1) {
        Reg r = f->local_reg[m->local[ctz32(set)]];
        if (r != REG_NONE) kept |= reg_bit(r);
    }
    for (uint32_t set = f->dirty & ~kept; set; set &= set - 1) {
        Reg r = (Reg)ctz32(set);
        move_add(f, (Move){.type = f->local_type[f->local_of[r]],
                           .from = FROM_reg,
                           .reg = r,
                           .to_reg = REG_NONE,
                           .to = base_slot_place(f, f->local_of[r])});
    }
    uint32_t first = f->height - len;
    for (uint32_t i = 0; i < len; i++) {
        Move move = move_of_entry(f, &f->stack[first + i], first + i);
        if (i + 1 == len && m->result != REG_NONE)
            move.to_reg = m->result;
        else
            move.to = base_slot_place(f, operand_slot(f, base + i));
        move_add(f, move);
    }
    for (uint32_t set = m->cached; set; set &= set - 1) {
        Reg to = (Reg)ctz32(set);
        uint32_t local = m->local[to];
        Entry e = {
            .where = AT_local, .type = f->local_type[local], .local = local};
        Move move = move_of_entry(f, &e, 0);
        move.to_reg = to;
        move_add(f, move);
    }
}

// Forgets where everything is, with operands up to `height` in their slots.
static void state_reset(Base *f, uint32_t height) {
    while (f->lazy < f->height)
        pop_entry(f);
    for (uint32_t set = f->cached; set; set &= set - 1)
        unbind_local(f, (Reg)ctz32(set));
    f->locked = 0;
    f->height = f->lazy = height;
    assert(f->held == 0);
}

void merge_set(Base *f, const Merge *m) {
    for (uint32_t set = f->cached; set; set &= set - 1)
        unbind_local(f, (Reg)ctz32(set));
    for (uint32_t set = m->cached; set; set &= set - 1) {
        Reg r = (Reg)ctz32(set);
        bind_local(f, m->local[r], r, (m->dirty & reg_bit(r)) != 0);
    }
}

static void push_slots(Base *f, TypeSpan types) {
    for (uint32_t i = 0; i < types.len; i++) {
        f->stack[f->height] = (Entry){
            .where = AT_slot,
            .type = (uint8_t)base_type(f, types.types[i]),
        };
        f->lazy = ++f->height;
    }
}

// The state at a label.
static void arrive(Base *f, const Merge *m, uint32_t base, TypeSpan types) {
    state_reset(f, base);
    merge_set(f, m);
    bool in_reg = types.len > 0 && m->result != REG_NONE;
    push_slots(f, (TypeSpan){types.types, types.len - in_reg});
    if (in_reg)
        push_reg(f, base_type(f, types.types[types.len - 1]), m->result);
}

// --- branches ----------------------------------------------------------------

static void merge_need(Base *f, Ctrl *c, uint32_t len) {
    c->has_label = true;
    if (!c->merge) c->merge = merge_for(f, len);
}

// An unconditional branch from this state, which stays as it is.
static void branch_code(Base *f, Ctrl *c) {
    if (is_func_ctrl(f, c)) {
        base_return_values(f);
        return;
    }
    uint32_t len = ctrl_label(f, c).len;
    merge_need(f, c, len);
    merge_moves(f, c->merge, c->base, len);
    moves_emit(f);
    masm_jump(f, c->label);
}

// Is everything where the label expects it?
static bool is_there(Base *f, Ctrl *c) {
    if (is_func_ctrl(f, c)) return false;
    uint32_t len = ctrl_label(f, c).len;
    merge_need(f, c, len);
    merge_moves(f, c->merge, c->base, len);
    bool is_there = f->moves.len == 0;
    f->moves.len = 0;
    return is_there;
}

// Branches if the condition holds, and goes on here if not.
void branch_if(Base *f, uint32_t label, Cond cond) {
    Ctrl *c = ctrl_at(f, label);
    if (is_there(f, c)) {
        masm_jump_if(f, cond, c->label);
        return;
    }
    CodeLabel skip = code_label(&f->b);
    masm_jump_if(f, cond_not(cond), skip);
    branch_code(f, c);
    code_bind(&f->b, skip);
}

void base_br(Base *f) {
    end_segment(f);
    branch_code(f, ctrl_at(f, f->in.imm.index));
    f->is_live = false;
}

// Pops a condition: what to jump on if it is not zero.
static Cond pop_cond(Base *f) {
    Entry e = pop_entry(f);
    if (e.where == AT_flags) return e.cond;
    masm_test(f, TY_i32, entry_reg(f, &e));
    return masm_unless_zero;
}

void base_br_if(Base *f) {
    end_segment(f);
    Cond c = pop_cond(f);
    branch_if(f, f->in.imm.index, c);
}

// Where a branch of a br_table goes: to its label, or first to its moves.
static CodeLabel table_target(Base *f, uint32_t label, bool *is_stub) {
    Ctrl *c = ctrl_at(f, label);
    *is_stub = false;
    if (c->stub_of == f->tables) return c->stub;
    c->stub_of = f->tables;
    *is_stub = !is_there(f, c);
    c->stub = *is_stub ? code_label(&f->b) : c->label;
    return c->stub;
}

// One label for each target; the moves of each different one behind the table.
void base_br_table(Base *f) {
    end_segment(f);
    Reader list = f->r;
    list.at = f->in.imm.br_table.list;
    uint32_t len = f->in.imm.br_table.len;
    Reg index = pop_reg(f), temp = index;
    if (!reg_is_free(f, index)) temp = reg_alloc(f, false);
    f->tables++;
    CodeLabel *labels =
        arena_alloc_raw(f->arena, sizeof(CodeLabel), (size_t)len + 1);
    Vec(uint32_t) stubs = {0};
    for (uint32_t i = 0; i <= len; i++) {
        uint32_t label = read_u32(&list);
        bool is_stub;
        labels[i] = table_target(f, label, &is_stub);
        if (is_stub) VEC_PUSH(f->arena, &stubs, label);
    }
    masm_jump_table(f, index, temp, labels, len);
    VEC_EACH (const uint32_t, label, &stubs) {
        Ctrl *c = ctrl_at(f, *label);
        code_bind(&f->b, c->stub);
        branch_code(f, c);
    }
    f->is_live = false;
}

// --- blocks ------------------------------------------------------------------

// Operands below the block's parameters go to their slots.
static void flush_below(Base *f, const Ctrl *c) {
    flush_range(f, 0, c->base, true);
    f->lazy = MAX(f->lazy, MIN(c->base, f->height));
}

void base_block(Base *f) {
    flush_below(f, ctrl_push(f, CTRL_block, f->in.imm.block));
}

void base_try_table(Base *f) {
    Ctrl *c = ctrl_push(f, CTRL_try, f->in.imm.try_table.block);
    c->clauses = f->in.imm.try_table.list;
    c->clause_len = f->in.imm.try_table.len;
    flush_below(f, c);
}

void base_if(Base *f) {
    end_segment(f);
    Entry cond = pop_entry(f);
    Reg r = REG_NONE;
    if (cond.where != AT_flags) r = entry_reg(f, &cond);
    flush_operands(f);
    Ctrl *c = ctrl_push(f, CTRL_if, f->in.imm.block);
    c->else_label = code_label(&f->b);
    c->else_merge = merge_now(f);
    c->has_else_label = true;
    Cond is_true = cond.cond;
    if (r != REG_NONE) {
        masm_test(f, TY_i32, r);
        is_true = masm_unless_zero;
    }
    masm_jump_if(f, cond_not(is_true), c->else_label);
}

void base_else(Base *f) {
    Ctrl *c = &VEC_LAST(&f->ctrls);
    if (f->is_live) {
        end_segment(f);
        branch_code(f, c);
    }
    f->segment = 0;
    code_bind(&f->b, c->else_label);
    arrive(f, c->else_merge, c->base, ctrl_params(f, c));
    claim_label(f, c->base);
    merge_free(f, c->else_merge);
    c->else_merge = NULL;
    c->has_else_label = false;
    c->kind = CTRL_else;
    f->is_live = true;
}

// An if without else: where the condition was false, the parameters are the
// results.
static void end_if(Base *f, Ctrl *c) {
    TypeSpan types = ctrl_results(f, c);
    if (!c->merge) {
        c->has_label = true;
        c->merge = c->else_merge;
        c->else_merge = NULL;
        if (f->is_live) {
            merge_moves(f, c->merge, c->base, types.len);
            moves_emit(f);
        }
        code_bind(&f->b, c->else_label);
        f->is_live = false; // what follows is reached through the label
        return;
    }
    if (f->is_live) branch_code(f, c);
    code_bind(&f->b, c->else_label);
    arrive(f, c->else_merge, c->base, types);
    claim_label(f, c->base);
    merge_free(f, c->else_merge);
    merge_moves(f, c->merge, c->base, types.len);
    moves_emit(f);
    f->is_live = false;
}

// --- handlers ----------------------------------------------------------------

// A landing pad: everything is in its slot, the exception's values too.
static void write_pad(Base *f, const CatchClause *clause, uint32_t height) {
    Ctrl *c = ctrl_at(f, clause->label);
    TypeSpan types = ctrl_label(f, c);
    state_reset(f, height);
    // The operands that are there now stay known.
    Entry *known = arena_alloc_raw(f->arena, sizeof(Entry), types.len);
    memcpy(known, f->stack + height, types.len * sizeof(Entry));
    push_slots(f, types);
    claim_label(f, height);
    branch_code(f, c);
    memcpy(f->stack + height, known, types.len * sizeof(Entry));
    f->height = f->lazy = height;
}

// The clauses of the try_table that ends, whose frame is closed. The function's
// catch entries are in the order of the ends.
static void write_pads(Base *f, const Ctrl *try) {
    const CatchEntry *entries =
        VEC_FROM(&f->env->side->catches, f->info->catch_at);
    uint32_t len = f->info->catch_len, next = f->catch_next;
    while (next < len && entries[next].to < f->pc)
        next++;
    Reader r = f->r;
    r.at = try->clauses;
    for (uint32_t i = 0; i < try->clause_len; i++, next++) {
        CatchClause clause;
        bool ok = read_catch(&r, &clause);
        CHECK(ok && next < len && entries[next].to == f->pc);
        f->pads[next] = code_offset(&f->b);
        write_pad(f, &clause, entries[next].height);
    }
    f->catch_next = next;
}

static void end_try(Base *f, Ctrl *c) {
    if (c->clause_len == 0) return;
    if (f->is_live) {
        // Falling through goes on behind the pads, as a branch would.
        uint32_t len = ctrl_results(f, c).len;
        merge_need(f, c, len);
        merge_moves(f, c->merge, c->base, len);
        moves_emit(f);
        masm_jump(f, c->label);
    }
    write_pads(f, c);
    f->is_live = false;
}

// --- the end of blocks -------------------------------------------------------

static void end_func(Base *f) {
    f->pc = f->info->code_size - 1;
    if (f->is_live) base_return_values(f);
    f->is_live = false;
}

void base_end(Base *f) {
    if (f->is_live) end_segment(f);
    f->segment = 0;
    if (f->ctrls.len == 1) {
        end_func(f);
        f->ctrls.len = 0;
        return;
    }
    Ctrl c = VEC_POP(&f->ctrls);
    if (c.kind == CTRL_try) end_try(f, &c);
    if (c.has_else_label) {
        VEC_PUSH(f->arena, &f->ctrls, c);
        end_if(f, &VEC_LAST(&f->ctrls));
        c = VEC_POP(&f->ctrls);
    }
    if (c.kind == CTRL_loop || !c.has_label) {
        merge_free(f, c.merge);
        return;
    }
    TypeSpan types = ctrl_results(f, &c);
    if (f->is_live) {
        merge_moves(f, c.merge, c.base, types.len);
        moves_emit(f);
    }
    code_bind(&f->b, c.label);
    arrive(f, c.merge, c.base, types);
    claim_label(f, c.base);
    merge_free(f, c.merge);
    f->is_live = true;
}

// --- loops -------------------------------------------------------------------

enum {
    PINNED_INTS = 7,
    PINNED_FLOATS = 10,
};

static const LoopInfo *loop_info(Base *f) {
    const LoopInfo *loops = VEC_FROM(&f->env->side->loops, f->info->loop_at);
    while (f->loop_next < f->info->loop_len && loops[f->loop_next].pc < f->pc)
        f->loop_next++;
    if (f->loop_next == f->info->loop_len || loops[f->loop_next].pc != f->pc)
        return NULL;
    return &loops[f->loop_next++];
}

static bool calls(const LoopInfo *l) {
    return l->effects &
           (LOOP_calls_direct | LOOP_calls_indirect | LOOP_calls_import);
}

// Is the local one of the `len` at `list`?
static bool is_listed(const uint16_t *list, uint32_t len, uint32_t local) {
    for (uint32_t i = 0; i < len; i++)
        if (list[i] == local) return true;
    return false;
}

static const uint16_t *hot_list(const Base *f, const LoopInfo *l) {
    return VEC_FROM(&f->env->side->loop_locals,
                    l->assigned_at + l->assigned_len);
}

// Those of the surrounding loop's registers that can stay.
static uint32_t outer_pins(const Base *f) {
    uint32_t outer = f->ctrls.data[f->ctrls.len - 2].loop;
    if (outer == UINT32_MAX) return 0;
    const Merge *m = f->ctrls.data[outer].merge;
    uint32_t set = 0;
    for (uint32_t pins = m->cached; pins; pins &= pins - 1) {
        Reg r = f->local_reg[m->local[ctz32(pins)]];
        if (r != REG_NONE) set |= reg_bit(r);
    }
    return set;
}

// Leaves in registers what the loop uses most, and nothing else.
static void pin_locals(Base *f, const LoopInfo *l) {
    const uint16_t *hot = hot_list(f, l);
    uint32_t hot_len = (uint32_t)l->hot_int_len + l->hot_float_len;
    uint32_t ints = l->hot_int_len, floats = l->hot_float_len;
    uint32_t outer = outer_pins(f);
    for (uint32_t set = f->cached; set; set &= set - 1) {
        Reg r = (Reg)ctz32(set);
        if (is_listed(hot, hot_len, f->local_of[r])) continue;
        bool stays = outer & reg_bit(r);
        if (stays && r < REG_FLOATS) stays = ints++ < PINNED_INTS;
        if (stays && r >= REG_FLOATS) stays = floats++ < PINNED_FLOATS;
        if (!stays) drop_local(f, r);
    }
    for (uint32_t i = 0; i < hot_len; i++) {
        uint32_t local = hot[i];
        if (f->local_reg[local] != REG_NONE) continue;
        BaseType t = (BaseType)f->local_type[local];
        Reg r = reg_alloc(f, ty_is_float(t));
        masm_load(f, t, r, base_slot_place(f, local));
        bind_local(f, local, r, false);
    }
}

// A register whose local the loop may set is never known to be clean at the
// loop's head; one that it does not set is made so before.
static void settle_dirty(Base *f, const LoopInfo *l) {
    const uint16_t *assigned =
        VEC_FROM(&f->env->side->loop_locals, l->assigned_at);
    for (uint32_t set = f->cached; set; set &= set - 1) {
        Reg r = (Reg)ctz32(set);
        if ((l->effects & LOOP_assigns_all) ||
            is_listed(assigned, l->assigned_len, f->local_of[r])) {
            f->dirty |= reg_bit(r);
        } else if (f->dirty & reg_bit(r)) {
            uint32_t local = f->local_of[r];
            drop_local(f, r);
            bind_local(f, local, r, false);
        }
    }
}

// For late code, which reads the merge when the loop is long gone.
static Merge *keep_merge(const Base *f, const Ctrl *c) {
    Merge *state = arena_alloc_raw(f->arena, sizeof(Merge), 1);
    *state = *c->merge;
    return state;
}

static void poll_loop(Base *f, Ctrl *c) {
    if (!f->options->use_fuel && !f->options->use_epoch) return;
    Merge *state = keep_merge(f, c);
    LatePoll poll = {
        .label = code_label(&f->b),
        .back = code_label(&f->b),
        .state = state,
        .pc = f->pc,
    };
    masm_poll(f, reg_alloc(f, false), poll.label);
    code_bind(&f->b, poll.back);
    VEC_PUSH(f->arena, &f->polls, poll);
}

void base_loop(Base *f) {
    end_segment(f);
    flush_operands(f);
    Ctrl *c = ctrl_push(f, CTRL_loop, f->in.imm.block);
    const LoopInfo *l = loop_info(f);
    if (l && !calls(l)) {
        pin_locals(f, l);
        settle_dirty(f, l);
    } else {
        flush_locals(f);
    }
    c->merge = merge_now(f);
    code_bind(&f->b, c->label);
    claim_label(f, c->base);
    if (f->options->loop_entries) {
        LateEntry entry = {
            .head = c->label,
            .state = keep_merge(f, c),
            .pc = f->pc,
            .slots = f->local_len + f->height,
        };
        VEC_PUSH(f->arena, &f->entries, entry);
    }
    poll_loop(f, c);
}

// --- the function ------------------------------------------------------------

void base_begin_func(Base *f) {
    Ctrl c = {.kind = CTRL_func, .stub_of = UINT32_MAX, .loop = UINT32_MAX};
    VEC_PUSH(f->arena, &f->ctrls, c);
}

// --- code that cannot be reached ---------------------------------------------

// Up to the `else` or `end` of the innermost block.
void base_skip_dead(Base *f) {
    uint32_t depth = 0;
    Reader before;
    do {
        before = f->r;
        bool ok = instr_read(&f->r, f->features, &f->in);
        CHECK(ok);
        switch ((int)f->in.op) {
        case OP_block:
        case OP_loop:
        case OP_if:
        case OP_try_table:
            depth++;
            continue;
        case OP_else:
            if (depth == 0) goto done;
            continue;
        case OP_end:
            if (depth-- == 0) goto done;
            continue;
        default:
            continue;
        }
    } while (true);
done:
    f->r = before;
}

void base_unreachable(Base *f) {
    masm_trap_call(f, TRAP_unreachable);
    site_here(f, f->pc);
    f->is_live = false;
}
