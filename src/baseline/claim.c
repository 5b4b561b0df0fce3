// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The abstract state, written down for those who check it against the code.
#include "baseline/base_int.h"

#include "vmabi/claim.h"

static_assert((int)AT_slot == CLAIM_slot && (int)AT_reg == CLAIM_reg &&
                  (int)AT_const == CLAIM_const &&
                  (int)AT_local == CLAIM_local && (int)AT_flags == CLAIM_flags,
              "one order");
static_assert((int)TY_i32 == CLAIM_i32 && (int)TY_v128 == CLAIM_v128 &&
                  (int)TY_ref == CLAIM_ref && (int)TY_func == CLAIM_func,
              "one order");
static_assert((int)REG_COUNT == CLAIM_REGS, "as many");

void claims_init(Base *f) {
    f->claims = NEW(f->arena, Claims);
    f->claims->local_types = f->local_type;
}

static void add_values(Base *f, Claims *c, uint32_t from) {
    for (uint32_t i = from; i < f->height; i++) {
        const Entry *e = &f->stack[i];
        ClaimValue value = {
            .where = e->where,
            .type = e->type,
            .reg = e->reg,
            .local = e->local,
            .value = e->value,
        };
        VEC_PUSH(f->arena, &c->values, value);
    }
    for (uint32_t set = f->cached; set; set &= set - 1) {
        uint8_t r = (uint8_t)ctz32(set);
        ClaimValue value = {.where = CLAIM_reg,
                            .type = f->local_type[f->local_of[r]],
                            .reg = r,
                            .local = f->local_of[r]};
        VEC_PUSH(f->arena, &c->values, value);
    }
}

void claim_write(Base *f, ClaimKind kind, uint32_t base) {
    Claims *c = f->claims;
    if (c->is_full) return;
    c->is_full = c->values.len + LAZY_MAX + REG_COUNT > CLAIMS_MAX;
    // What arrives at a label is said whole.
    uint32_t from = kind == CLAIM_label ? MIN(base, f->lazy) : f->lazy;
    Claim claim = {
        .kind = (uint8_t)kind,
        .code = code_offset(&f->b),
        .pc = f->r.start ? (uint32_t)(f->r.at - f->r.start) : 0,
        .height = f->height,
        .base = base,
        .lazy = from,
        .at = c->values.len,
        .cached = f->cached,
        .dirty = f->dirty,
    };
    VEC_PUSH(f->arena, &c->list, claim);
    if (kind != CLAIM_dead && kind != CLAIM_late) add_values(f, c, from);
}
