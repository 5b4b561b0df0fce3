// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Control and catch entries whose target lies ahead are chained to the construct
// whose end they wait for; here the chains are followed when the end is reached.
#include "valid/valid_int.h"

#include <string.h>

// Fields wait in a pool, so that the entries themselves can be small.
uint32_t side_wait(Typer *t, SideWait wait) {
    uint32_t slot = t->free_wait;
    if (slot == NO_ENTRY) {
        VEC_PUSH(t->scratch, &t->waits, wait);
        return t->waits.len - 1;
    }
    t->free_wait = t->waits.data[slot].next;
    t->waits.data[slot] = wait;
    return slot;
}

CtlEntry side_far(Typer *t, CtlTarget target) {
    uint32_t index = t->side->far_ctl.len;
    if (index > CTL_FAR_MAX) arena_fail(t->side_arena);
    VEC_PUSH(t->side_arena, &t->side->far_ctl, target);
    return ctl_far(index);
}

void side_resolve(Typer *t, const Ctrl *c, uint32_t pc) {
    uint32_t cursor = t->side->ctl.len - t->ctl_at;
    for (uint32_t i = c->ctl_wait; i != NO_ENTRY;) {
        SideWait *w = &t->waits.data[i];
        uint32_t next = w->next;
        CtlTarget target = {
            .pc = (int32_t)(pc - w->at),
            .ctl = (int32_t)(cursor - w->entry),
            .keep = w->keep,
            .drop = w->drop,
        };
        t->side->ctl.data[t->ctl_at + w->entry] = side_entry(t, target);
        w->next = t->free_wait;
        t->free_wait = i;
        i = next;
    }
    for (uint32_t i = c->catch_wait; i != NO_ENTRY;) {
        CatchEntry *e = &t->side->catches.data[t->catch_at + i];
        uint32_t next = e->ctl;
        e->pc = pc;
        e->ctl = cursor;
        i = next;
    }
}

// The entries are written when the try_table ends, so inner ones come first.
// Its frame is closed: labels count from what surrounds it.
void side_catches(Typer *t, const Ctrl *c) {
    uint32_t to = typer_at(t);
    for (uint32_t i = c->clause_at; i < t->clauses.len; i++) {
        const CatchClause *clause = &t->clauses.data[i];
        Ctrl *target = &t->ctrls.data[t->ctrls.len - 1 - clause->label];
        CatchEntry e = {
            .from = c->ctl,
            .to = to,
            .kind = (uint32_t)clause->kind,
            .tag = clause->tag,
            .height = target->height,
        };
        if (target->kind == CTRL_loop) {
            e.pc = target->pc;
            e.ctl = target->ctl;
        } else {
            e.ctl = target->catch_wait;
            target->catch_wait = t->side->catches.len - t->catch_at;
        }
        VEC_PUSH(t->side_arena, &t->side->catches, e);
    }
    t->clauses.len = c->clause_at;
}

// --- tables of several threads -----------------------------------------------

// Items of one table: `at` in it, `len` of them.
#define APPEND(name)                                                   \
    append_items(arena, &to->name, VEC_FROM(&from->name, begin->name), \
                 sizeof *to->name.data, end->name - begin->name)

// A Vec of any items.
static void append_items(Arena *arena, void *vec, const void *items,
                         size_t item_size, uint32_t len) {
    Vec(char) *v = vec;
    if (len == 0) return;
    if (v->cap - v->len < len) vec_grow(arena, v, item_size, len);
    memcpy(v->data + v->len * item_size, items, len * item_size);
    v->len += len;
}

// What was appended last names items of other tables by their numbers, which
// are larger by so many now.
static void shift_funcs(SideTables *to, const SideMark *was,
                        const SideMark *begin) {
    for (uint32_t i = was->funcs; i < to->funcs.len; i++) {
        FuncInfo *f = &to->funcs.data[i];
        f->ctl_at += was->ctl - begin->ctl;
        f->catch_at += was->catches - begin->catches;
        f->loop_at += was->loops - begin->loops;
    }
    for (uint32_t i = was->loops; i < to->loops.len; i++)
        to->loops.data[i].assigned_at += was->loop_locals - begin->loop_locals;
}

static void shift_far(SideTables *to, const SideMark *was,
                      const SideMark *begin) {
    uint32_t more = was->far_ctl - begin->far_ctl;
    for (uint32_t i = was->ctl; i < to->ctl.len; i++) {
        CtlEntry *e = &to->ctl.data[i];
        if (ctl_is_far(e)) *e = ctl_far(ctl_far_index(e) + more);
    }
}

void side_append(SideTables *to, Arena *arena, const SideTables *from,
                 const SideMark *begin, const SideMark *end) {
    SideMark was = side_mark(to);
    APPEND(funcs);
    APPEND(ctl);
    APPEND(far_ctl);
    APPEND(catches);
    APPEND(loops);
    APPEND(loop_locals);
    to->code_size += end->code_size - begin->code_size;
    shift_funcs(to, &was, begin);
    if (end->far_ctl > begin->far_ctl) shift_far(to, &was, begin);
}
