// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where values are: operands, locals, registers, and moves between them.
#include "baseline/masm.h"

BaseType base_type(const Base *f, ValType t) {
    if (!vt_is_ref(t)) {
        static_assert((int)VT_v128 - (int)VT_i32 == (int)TY_v128, "one order");
        return (BaseType)(vt_unpacked(t) - VT_i32);
    }
    return type_top(f->m, t) == HEAP_func ? TY_func : TY_ref;
}

// --- registers ---------------------------------------------------------------

static void hold(Base *f, Reg r) {
    f->users[r]++;
    f->held |= reg_bit(r);
}

static void unhold(Base *f, Reg r) {
    assert(f->users[r] > 0);
    if (--f->users[r] == 0) f->held &= ~reg_bit(r);
}

void unbind_local(Base *f, Reg r) {
    f->local_reg[f->local_of[r]] = REG_NONE;
    f->cached &= ~reg_bit(r);
    f->dirty &= ~reg_bit(r);
}

static void store_local(Base *f, Reg r) {
    uint32_t local = f->local_of[r];
    masm_store(f, (BaseType)f->local_type[local], base_slot_place(f, local), r);
    f->dirty &= ~reg_bit(r);
}

void drop_local(Base *f, Reg r) {
    if (f->dirty & reg_bit(r)) store_local(f, r);
    unbind_local(f, r);
}

void bind_local(Base *f, uint32_t local, Reg r, bool is_dirty) {
    f->local_reg[local] = r;
    f->local_of[r] = local;
    f->cached |= reg_bit(r);
    if (is_dirty)
        f->dirty |= reg_bit(r);
    else
        f->dirty &= ~reg_bit(r);
}

// Moves an operand to its slot.
static void spill(Base *f, uint32_t index) {
    Entry *e = &f->stack[index];
    Place to = base_slot_place(f, operand_slot(f, index));
    BaseType t = (BaseType)e->type;
    switch ((Where)e->where) {
    case AT_slot:
        return;
    case AT_reg:
        masm_store(f, t, to, e->reg);
        unhold(f, e->reg);
        break;
    case AT_const:
        masm_store_const(f, t, to, e->value);
        break;
    case AT_local: {
        Reg r = f->local_reg[e->local];
        if (r != REG_NONE)
            masm_store(f, t, to, r);
        else
            masm_copy(f, t, to, base_slot_place(f, e->local));
        f->local_refs[e->local]--;
        break;
    }
    case AT_flags:
        masm_set(f, masm_scratch, e->cond);
        masm_store(f, t, to, masm_scratch);
        break;
    }
    e->where = AT_slot;
}

// All operands in that register go to their slots.
static void spill_reg(Base *f, Reg r) {
    for (uint32_t i = f->lazy; i < f->height && f->users[r] > 0; i++)
        if (f->stack[i].where == AT_reg && f->stack[i].reg == r) spill(f, i);
    assert(f->users[r] == 0);
}

static Reg pick(Base *f, uint32_t set) {
    if (!f->random) return (Reg)ctz32(set);
    f->random = f->random * 6364136223846793005u + 1442695040888963407u;
    uint32_t skip = (uint32_t)(f->random >> 33) % popcnt32(set);
    while (skip--)
        set &= set - 1;
    return (Reg)ctz32(set);
}

// The register of the deepest operand that has one of these.
static Reg victim(const Base *f, uint32_t set) {
    for (uint32_t i = f->lazy; i < f->height; i++) {
        const Entry *e = &f->stack[i];
        if (e->where == AT_reg && (set & reg_bit(e->reg))) return e->reg;
    }
    UNREACHABLE();
}

Reg reg_alloc(Base *f, bool is_float) {
    uint32_t all = masm_regs(is_float) & ~f->locked;
    uint32_t set = all & ~(f->held | f->cached);
    Reg r;
    if (LIKELY(set)) {
        r = pick(f, set);
    } else if ((set = all & f->cached & ~f->held & ~f->dirty) != 0 ||
               (set = all & f->cached & ~f->held) != 0) {
        r = pick(f, set);
        drop_local(f, r);
    } else {
        r = victim(f, all);
        spill_reg(f, r);
    }
    reg_lock(f, r);
    return r;
}

void reg_take(Base *f, Reg r) {
    assert(!(f->locked & reg_bit(r)));
    if (f->cached & reg_bit(r)) drop_local(f, r);
    if (f->held & reg_bit(r)) spill_reg(f, r);
    reg_lock(f, r);
}

// --- operands ----------------------------------------------------------------

void push_entry(Base *f, Entry e) {
    if (UNLIKELY(f->height - f->lazy >= LAZY_MAX)) spill(f, f->lazy++);
    f->stack[f->height++] = e;
}

void push_reg(Base *f, BaseType t, Reg r) {
    hold(f, r);
    push_entry(f, (Entry){.where = AT_reg, .type = (uint8_t)t, .reg = r});
}

void push_const(Base *f, BaseType t, uint64_t value) {
    push_entry(f,
               (Entry){.where = AT_const, .type = (uint8_t)t, .value = value});
}

void push_slot(Base *f, BaseType t) {
    push_entry(f, (Entry){.where = AT_slot, .type = (uint8_t)t});
}

// Does the instruction that follows take its condition from the flags?
static bool next_takes_flags(const Base *f) {
    enum {
        BYTE_if = 0x04,
        BYTE_br_if = 0x0d,
        BYTE_select = 0x1b,
        BYTE_i32_eqz = 0x45,
    };
    // Paying for fuel is in between, and changes the flags.
    if (f->options->use_fuel || f->r.at == f->r.end) return false;
    uint8_t byte = *f->r.at;
    return byte == BYTE_br_if || byte == BYTE_if || byte == BYTE_i32_eqz ||
           byte == BYTE_select;
}

void push_cond(Base *f, Cond c) {
    if (next_takes_flags(f)) {
        push_entry(f, (Entry){.where = AT_flags, .type = TY_i32, .cond = c});
        return;
    }
    // Nothing but moves comes before the answer is taken.
    Reg r = result_reg(f, TY_i32, REG_NONE, 0);
    masm_set(f, r, c);
    push_reg(f, TY_i32, r);
}

Entry pop_entry(Base *f) {
    assert(f->height > 0);
    Entry e = f->stack[--f->height];
    if (f->lazy > f->height) f->lazy = f->height;
    if (e.where == AT_reg) {
        unhold(f, e.reg);
        reg_lock(f, e.reg);
    } else if (e.where == AT_local) {
        f->local_refs[e.local]--;
    } else if (e.where == AT_slot) {
        e.local = operand_slot(f, f->height);
    }
    return e;
}

// A local's value in a register, which is then its cache.
static Reg local_in_reg(Base *f, uint32_t local) {
    Reg r = f->local_reg[local];
    if (r == REG_NONE) {
        BaseType t = (BaseType)f->local_type[local];
        r = reg_alloc(f, ty_is_float(t));
        masm_load(f, t, r, base_slot_place(f, local));
        bind_local(f, local, r, false);
    }
    reg_lock(f, r);
    return r;
}

// `e` was popped last.
Reg entry_reg(Base *f, Entry *e) {
    BaseType t = (BaseType)e->type;
    Reg r = e->reg;
    switch ((Where)e->where) {
    case AT_reg:
        return r;
    case AT_local:
        return local_in_reg(f, e->local);
    case AT_slot:
        r = reg_alloc(f, ty_is_float(t));
        masm_load(f, t, r, base_slot_place(f, e->local));
        break;
    case AT_const:
        r = reg_alloc(f, ty_is_float(t));
        masm_const(f, t, r, e->value);
        break;
    case AT_flags:
        r = reg_alloc(f, false);
        masm_set(f, r, e->cond);
        break;
    }
    e->where = AT_reg;
    e->reg = r;
    return r;
}

Reg pop_reg(Base *f) {
    Entry e = pop_entry(f);
    return entry_reg(f, &e);
}

void push_again(Base *f, Entry e, Reg r) {
    if (e.where == AT_local) {
        f->local_refs[e.local]++;
        push_entry(f, e);
    } else {
        push_reg(f, (BaseType)e.type, r);
    }
}

static bool is_own(const Base *f, Reg r) {
    return reg_is_free(f, r);
}

Reg pop_own(Base *f) {
    Entry e = pop_entry(f);
    Reg r = entry_reg(f, &e);
    if (is_own(f, r)) return r;
    Reg copy = reg_alloc(f, ty_is_float((BaseType)e.type));
    masm_move(f, copy, r);
    return copy;
}

Reg next_local_reg(const Base *f) {
    enum {
        BYTE_local_set = 0x21,
        BYTE_local_tee = 0x22,
    };
    if (f->r.end - f->r.at < 3) return REG_NONE;
    const uint8_t *at = f->r.at;
    if (at[0] != BYTE_local_set && at[0] != BYTE_local_tee) return REG_NONE;
    uint32_t local = at[1];
    if (local >= 0x80) {
        if (at[2] >= 0x80) return REG_NONE;
        local = (local & 0x7f) | (uint32_t)at[2] << 7;
    }
    return f->local_refs[local] ? REG_NONE : f->local_reg[local];
}

Reg result_reg(Base *f, BaseType t, Reg a, uint32_t not_in) {
    bool is_float = ty_is_float(t);
    Reg r = next_local_reg(f);
    if (r != REG_NONE && !(not_in & reg_bit(r)) &&
        (r >= REG_FLOATS) == is_float) {
        reg_lock(f, r);
        return r;
    }
    if (a != REG_NONE && !(not_in & reg_bit(a)) &&
        (a >= REG_FLOATS) == is_float && is_own(f, a))
        return a;
    return reg_alloc(f, is_float);
}

// --- locals ------------------------------------------------------------------

void base_local_get(Base *f) {
    uint32_t local = f->in.imm.index;
    f->local_refs[local]++;
    push_entry(f, (Entry){.where = AT_local,
                          .type = f->local_type[local],
                          .local = local});
}

// Operands that are the local's value keep it: they get its register.
static void detach_local(Base *f, uint32_t local) {
    Reg r = f->local_reg[local];
    if (r == REG_NONE) r = local_in_reg(f, local);
    unbind_local(f, r);
    for (uint32_t i = f->height; f->local_refs[local] > 0;) {
        Entry *e = &f->stack[--i];
        if (e->where != AT_local || e->local != local) continue;
        e->where = AT_reg;
        e->reg = r;
        hold(f, r);
        f->local_refs[local]--;
    }
}

// A register for the local's new value, which it is bound to.
static Reg local_target(Base *f, uint32_t local) {
    Reg r = f->local_reg[local];
    if (r == REG_NONE)
        r = reg_alloc(f, ty_is_float((BaseType)f->local_type[local]));
    bind_local(f, local, r, true);
    return r;
}

static void local_set(Base *f, uint32_t local) {
    Entry e = pop_entry(f);
    if (e.where == AT_local && e.local == local) return;
    Reg from = REG_NONE;
    if (e.where == AT_local) from = local_in_reg(f, e.local);
    if (f->local_refs[local] > 0) detach_local(f, local);
    BaseType t = (BaseType)e.type;
    Reg old = f->local_reg[local];
    if (e.where == AT_reg && (e.reg == old || is_own(f, e.reg))) {
        if (old != REG_NONE && old != e.reg) unbind_local(f, old);
        bind_local(f, local, e.reg, true);
        return;
    }
    Reg to = local_target(f, local);
    switch ((Where)e.where) {
    case AT_reg:
        masm_move(f, to, e.reg);
        break;
    case AT_local:
        masm_move(f, to, from);
        break;
    case AT_slot:
        masm_load(f, t, to, base_slot_place(f, e.local));
        break;
    case AT_const:
        masm_const(f, t, to, e.value);
        break;
    case AT_flags:
        masm_set(f, to, e.cond);
        break;
    }
}

void base_local_set(Base *f) {
    local_set(f, f->in.imm.index);
}

void base_local_tee(Base *f) {
    local_set(f, f->in.imm.index);
    base_local_get(f);
}

void base_drop(Base *f) {
    pop_entry(f);
}

// --- flushing ----------------------------------------------------------------

// A constant that collectors or handlers may look for is not left alone.
static bool is_lasting(const Base *f, const Entry *e) {
    return e->where == AT_const && e->type != TY_ref && !f->has_try;
}

void flush_range(Base *f, uint32_t from, uint32_t to, bool all) {
    for (uint32_t i = MAX(from, f->lazy); i < to; i++)
        if (all || !is_lasting(f, &f->stack[i])) spill(f, i);
}

void flush_locals(Base *f) {
    for (uint32_t set = f->cached; set; set &= set - 1)
        drop_local(f, (Reg)ctz32(set));
}

void flush_for_call(Base *f, uint32_t height) {
    flush_range(f, 0, height, false);
    for (uint32_t set = f->dirty; set; set &= set - 1)
        store_local(f, (Reg)ctz32(set));
}

// --- moves -------------------------------------------------------------------

Move move_of_entry(const Base *f, const Entry *e, uint32_t index) {
    Move m = {.type = e->type, .to_reg = REG_NONE};
    Reg r = e->where == AT_local ? f->local_reg[e->local] : e->reg;
    switch ((Where)e->where) {
    case AT_local:
        if (r == REG_NONE) {
            m.from = FROM_place;
            m.place = base_slot_place(f, e->local);
            return m;
        }
        FALLTHROUGH;
    case AT_reg:
        m.from = FROM_reg;
        m.reg = r;
        return m;
    case AT_slot:
        m.from = FROM_place;
        m.place = base_slot_place(f, operand_slot(f, index));
        return m;
    case AT_const:
        m.from = FROM_const;
        m.value = e->value;
        return m;
    case AT_flags:
        break;
    }
    UNREACHABLE();
}

static bool same_place(Place a, Place b) {
    return a.by_stack == b.by_stack && a.disp == b.disp;
}

void move_add(Base *f, Move m) {
    bool is_there = m.to_reg != REG_NONE
                        ? m.from == FROM_reg && m.reg == m.to_reg
                        : m.from == FROM_place && same_place(m.to, m.place);
    if (!is_there) VEC_PUSH(f->arena, &f->moves, m);
}

static void move_to_memory(Base *f, const Move *m) {
    BaseType t = (BaseType)m->type;
    switch ((MoveFrom)m->from) {
    case FROM_reg:
        masm_store(f, t, m->to, m->reg);
        break;
    case FROM_place:
        masm_copy(f, t, m->to, m->place);
        break;
    case FROM_const:
        masm_store_const(f, t, m->to, m->value);
        break;
    }
}

// Registers to registers: those that nobody waits for first, then cycles.
static void move_regs(Base *f, const Reg from[REG_COUNT], uint32_t pending) {
    uint8_t readers[REG_COUNT] = {0};
    for (uint32_t set = pending; set; set &= set - 1)
        readers[from[ctz32(set)]]++;
    while (pending) {
        bool moved = false;
        for (uint32_t set = pending; set; set &= set - 1) {
            Reg to = (Reg)ctz32(set);
            if (readers[to] > 0) continue;
            masm_move(f, to, from[to]);
            readers[from[to]]--;
            pending &= ~reg_bit(to);
            moved = true;
        }
        if (moved) continue;
        // Only cycles are left, and each register in them has one reader. The
        // scratch register stands in for the first.
        Reg first = (Reg)ctz32(pending);
        Reg saved = first >= REG_FLOATS ? masm_float_scratch : masm_scratch;
        masm_move(f, saved, first);
        Reg to = first;
        for (; from[to] != first; to = from[to]) {
            masm_move(f, to, from[to]);
            pending &= ~reg_bit(to);
        }
        masm_move(f, to, saved);
        pending &= ~reg_bit(to);
    }
}

void moves_emit(Base *f) {
    Reg from[REG_COUNT];
    uint32_t pending = 0;
    VEC_EACH (const Move, m, &f->moves) {
        if (m->to_reg == REG_NONE) {
            move_to_memory(f, m);
        } else if (m->from == FROM_reg) {
            from[m->to_reg] = m->reg;
            pending |= reg_bit(m->to_reg);
        }
    }
    move_regs(f, from, pending);
    VEC_EACH (const Move, m, &f->moves) {
        if (m->to_reg == REG_NONE) continue;
        if (m->from == FROM_place)
            masm_load(f, (BaseType)m->type, m->to_reg, m->place);
        else if (m->from == FROM_const)
            masm_const(f, (BaseType)m->type, m->to_reg, m->value);
    }
    f->moves.len = 0;
}

// --- the checker -------------------------------------------------------------

#ifndef NDEBUG
void state_check(const Base *f) {
    uint32_t users[REG_COUNT] = {0};
    assert(f->lazy <= f->height && f->height - f->lazy <= LAZY_MAX);
    for (uint32_t i = f->lazy; i < f->height; i++) {
        const Entry *e = &f->stack[i];
        assert(e->where != AT_flags || i + 1 == f->height);
        assert(e->where != AT_local || f->local_refs[e->local] > 0);
        if (e->where != AT_reg) continue;
        users[e->reg]++;
        assert((e->reg >= REG_FLOATS) == ty_is_float((BaseType)e->type));
    }
    for (Reg r = 0; r < REG_COUNT; r++) {
        assert(users[r] == f->users[r]);
        assert((users[r] > 0) == ((f->held & reg_bit(r)) != 0));
        if (f->cached & reg_bit(r)) assert(f->local_reg[f->local_of[r]] == r);
    }
    assert((f->dirty & ~f->cached) == 0);
}
#endif
