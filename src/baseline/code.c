// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What accompanies the code: sites, relocations, and code that is seldom run,
// which lies behind the function's.
#include "baseline/masm.h"

void site_here(Base *f, uint32_t pc) {
    CodeSite site = {.code = code_offset(&f->b), .wasm = pc};
    VEC_PUSH(f->arena, &f->sites, site);
}

void site_fault(Base *f) {
    CodeSite site = {.code = code_offset(&f->b),
                     .wasm = f->pc | CODE_SITE_FAULT};
    VEC_PUSH(f->arena, &f->sites, site);
}

// The last four bytes of the code are the field.
void reloc_here(Base *f, CodeRelocKind kind, uint32_t index) {
    CodeReloc reloc = {
        .at = code_offset(&f->b) - 4,
        .kind = (uint32_t)kind & 15,
        .index = index & ((1u << 28) - 1),
    };
    VEC_PUSH(f->arena, &f->relocs, reloc);
}

CodeLabel trap_label(Base *f, Trap t) {
    LateTrap late = {.label = code_label(&f->b), .trap = t, .pc = f->pc};
    VEC_PUSH(f->arena, &f->traps, late);
    return late.label;
}

void end_segment(Base *f) {
    if (f->options->use_fuel && f->segment > 0) masm_charge(f, f->segment);
    f->segment = 0;
}

static void load_locals(Base *f, const Merge *m) {
    for (uint32_t set = m->cached; set; set &= set - 1) {
        uint32_t r = ctz32(set), local = m->local[r];
        masm_load(f, (BaseType)f->local_type[local], (Reg)r,
                  base_slot_place(f, local));
    }
}

// The poll's slow path: a safepoint that keeps the registers' locals.
static void write_poll(Base *f, const LatePoll *p) {
    code_bind(&f->b, p->label);
    const Merge *m = p->state;
    for (uint32_t set = m->dirty; set; set &= set - 1) {
        uint32_t r = ctz32(set), local = m->local[r];
        masm_store(f, (BaseType)f->local_type[local], base_slot_place(f, local),
                   (Reg)r);
    }
    f->pc = p->pc;
    helper_call(f, HELPER_poll);
    load_locals(f, m);
    masm_jump(f, p->back);
}

// --- calls in the middle of an instruction -----------------------------------

static Move *moves_new(Base *f, uint32_t len) {
    return arena_alloc_raw(f->arena, sizeof(Move), MAX(len, 1u));
}

// Locals in registers: to their slots where those are older, and back.
static void keep_locals(const Base *f, LateCall *late) {
    for (uint32_t set = f->cached; set; set &= set - 1) {
        Reg r = (Reg)ctz32(set);
        Place slot = base_slot_place(f, f->local_of[r]);
        uint8_t type = f->local_type[f->local_of[r]];
        if (f->dirty & reg_bit(r))
            late->saves[late->save_len++] = (Move){.type = type,
                                                   .from = FROM_reg,
                                                   .reg = r,
                                                   .to_reg = REG_NONE,
                                                   .to = slot};
        late->loads[late->load_len++] = (Move){
            .type = type, .from = FROM_place, .to_reg = r, .place = slot};
    }
}

// Operands: all to their slots, where the collector looks.
static void keep_operands(const Base *f, LateCall *late) {
    for (uint32_t i = f->lazy; i < f->height; i++) {
        const Entry *e = &f->stack[i];
        if (e->where == AT_slot) continue;
        Place slot = base_slot_place(f, operand_slot(f, i));
        Move save = move_of_entry(f, e, i);
        save.to = slot;
        late->saves[late->save_len++] = save;
        if (e->where != AT_reg) continue;
        late->loads[late->load_len++] = (Move){.type = e->type,
                                               .from = FROM_place,
                                               .to_reg = e->reg,
                                               .place = slot};
    }
}

LateCall *late_call(Base *f, HelperId helper, uint64_t a, BaseType t,
                    Reg result) {
    uint32_t most = popcnt32(f->cached) + f->height - f->lazy;
    LateCall late = {
        .label = code_label(&f->b),
        .back = code_label(&f->b),
        .pc = f->pc,
        .slot = operand_slot(f, f->height),
        .helper = helper,
        .a = a,
        .saves = moves_new(f, most),
        .loads = moves_new(f, most),
        .result = result,
        .result_type = (uint8_t)t,
    };
    keep_locals(f, &late);
    keep_operands(f, &late);
    VEC_PUSH(f->arena, &f->late_calls, late);
    return &VEC_LAST(&f->late_calls);
}

static void write_late_call(Base *f, const LateCall *late) {
    code_bind(&f->b, late->label);
    for (uint32_t i = 0; i < late->save_len; i++)
        move_add(f, late->saves[i]);
    if (late->has_operand) {
        Move operand = late->operand;
        operand.to_reg = REG_NONE;
        operand.to = base_slot_place(f, late->slot);
        move_add(f, operand);
    }
    moves_emit(f);
    masm_row_args(f, late->slot, late->a, 0);
    f->pc = late->pc;
    helper_call(f, late->helper);
    for (uint32_t i = 0; i < late->load_len; i++)
        move_add(f, late->loads[i]);
    moves_emit(f);
    masm_load(f, (BaseType)late->result_type, late->result,
              base_slot_place(f, late->slot));
    if (late->result_type == TY_ref) masm_heap_base(f);
    masm_jump(f, late->back);
}

// The frame is made from a list of its slots, and looks then like that of the
// function that has come to the loop's head.
static void write_entry(Base *f, const LateEntry *e) {
    CodeSite loop = {.code = code_offset(&f->b), .wasm = e->pc};
    VEC_PUSH(f->arena, &f->loops, loop);
    masm_enter_loop(f, e->slots);
    load_locals(f, e->state);
    masm_jump(f, e->head);
}

void write_late(Base *f) {
    VEC_EACH (const LateEntry, e, &f->entries)
        write_entry(f, e);
    VEC_EACH (const LatePoll, p, &f->polls)
        write_poll(f, p);
    VEC_EACH (const LateResolve, r, &f->resolves)
        write_resolve(f, r);
    VEC_EACH (const LateCall, c, &f->late_calls)
        write_late_call(f, c);
    VEC_EACH (const LateTrap, t, &f->traps) {
        code_bind(&f->b, t->label);
        masm_trap_call(f, t->trap);
        site_here(f, t->pc);
    }
}
