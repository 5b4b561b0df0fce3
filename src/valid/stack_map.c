// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The TRUST instance of the typer: what is on the stack at given instructions.
#include "valid/valid_int.h"

enum {
    TYPER_CHECKS = false
};
#include "valid/typer.h"

#include <string.h>

// How many operands the instruction takes that collectors see in the callee
// already, or on the host's side.
static uint32_t call_operands(const Module *m, const Instr *in) {
    switch ((int)in->op) {
    case OP_call:
    case OP_return_call:
        return module_func_type(m, in->imm.index)->func.param_len;
    case OP_call_indirect:
    case OP_return_call_indirect:
        return m->types.data[in->imm.pair.first].func.param_len + 1;
    case OP_call_ref:
    case OP_return_call_ref:
        return m->types.data[in->imm.index].func.param_len + 1;
    default:
        return 0;
    }
}

// The callback's list: locals, then operands.
typedef struct SlotList {
    ValType *slots;
    uint32_t local_len, cap;
} SlotList;

static void slots_reserve(Typer *t, SlotList *l, uint32_t operands) {
    if (l->slots && l->cap - l->local_len >= operands) return;
    uint32_t cap = MAX(l->local_len + operands, l->cap * 2);
    ValType *slots = arena_alloc_raw(t->scratch, sizeof(ValType), cap);
    uint32_t known = l->slots ? l->local_len : 0;
    if (known) memcpy(slots, l->slots, known * sizeof(ValType));
    l->slots = slots;
    l->cap = cap;
}

static void slots_init(Typer *t, SlotList *l) {
    *l = (SlotList){.local_len = t->local_len};
    slots_reserve(t, l, 16);
    for (uint32_t i = 0; i < t->local_len; i++)
        l->slots[i] = i < t->local_near ? t->locals[i] : typer_far_local(t, i);
}

static void report(Typer *t, SlotList *l, const StackMapQuery *q, uint32_t pc,
                   const ValType *stack, uint32_t len) {
    slots_reserve(t, l, len);
    uint32_t skip = q->top && len > q->top ? len - q->top : 0;
    if (len)
        memcpy(l->slots + l->local_len + skip, stack + skip,
               (len - skip) * sizeof(ValType));
    q->found(q->env, pc, l->slots, l->local_len + len);
}

static void step(Typer *t) {
    bool goes_on = typer_step(t);
    CHECK(goes_on || t->ctrls.len == 0);
}

void valid_stack_maps(const Module *m, uint32_t func, const FuncInfo *info,
                      const StackMapQuery *query, Arena *scratch) {
    (void)info;
    Err err = {0};
    Typer t;
    const FuncType *type = &module_func_type(m, func)->func;
    bool ok =
        typer_init(&t, m, type, module_slice(m, module_body(m, func)->bytes),
                   true, scratch, &err);
    CHECK(ok);
    SlotList slots;
    slots_init(&t, &slots);
    uint32_t next = 0;
    while (next < query->pc_len && t.ctrls.len > 0) {
        bool is_wanted = typer_pc(&t) == query->pcs[next];
        if (!is_wanted || !query->after_operands) {
            if (is_wanted)
                report(&t, &slots, query, query->pcs[next++], t.stack,
                       typer_height(&t));
            step(&t);
            continue;
        }
        // The immediate says how many operands a call takes.
        Reader before = t.r;
        Instr in;
        CHECK(instr_read(&t.r, t.features, &in));
        uint32_t height = typer_height(&t);
        uint32_t taken = MIN(call_operands(m, &in), height);
        report(&t, &slots, query, query->pcs[next++], t.stack, height - taken);
        t.r = before;
        step(&t);
    }
}
