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
    for (uint32_t set = m->cached; set; set &= set - 1) {
        uint32_t r = ctz32(set), local = m->local[r];
        masm_load(f, (BaseType)f->local_type[local], (Reg)r,
                  base_slot_place(f, local));
    }
    masm_jump(f, p->back);
}

void write_late(Base *f) {
    VEC_EACH (const LatePoll, p, &f->polls)
        write_poll(f, p);
    VEC_EACH (const LateResolve, r, &f->resolves)
        write_resolve(f, r);
    VEC_EACH (const LateTrap, t, &f->traps) {
        code_bind(&f->b, t->label);
        masm_trap_call(f, t->trap);
        site_here(f, t->pc);
    }
}
