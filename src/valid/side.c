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

#define TABLES(X) X(funcs) X(ctl) X(far_ctl) X(catches) X(loops) X(loop_locals)

bool side_has_room(const SideTables *to, const SideTables *from) {
    bool ok = true;
#define HAS_ROOM(name) ok &= to->name.cap - to->name.len >= from->name.len;
    TABLES(HAS_ROOM)
    return ok;
}

void side_make_room(SideTables *to, Arena *arena, const SideTables *from){
#define MAKE_ROOM(name) VEC_RESERVE(arena, &to->name, from->name.len);
    TABLES(MAKE_ROOM)}

SideMark side_place(SideTables *to, const SideTables *from) {
    SideMark at = side_mark(to);
#define PLACE(name) to->name.len += from->name.len;
    TABLES(PLACE)
    to->code_size += from->code_size;
    return at;
}

static void write_items(void *to, const void *items, size_t size) {
    if (size) memcpy(to, items, size);
}

// What names items of other tables by their numbers names them there.
static void shift(SideTables *to, const SideMark *at, const SideTables *from) {
    for (uint32_t i = 0; i < from->funcs.len; i++) {
        FuncInfo *f = &to->funcs.data[at->funcs + i];
        f->ctl_at += at->ctl;
        f->catch_at += at->catches;
        f->loop_at += at->loops;
    }
    for (uint32_t i = 0; i < from->loops.len; i++)
        to->loops.data[at->loops + i].assigned_at += at->loop_locals;
    for (uint32_t i = 0; from->far_ctl.len && i < from->ctl.len; i++) {
        CtlEntry *e = &to->ctl.data[at->ctl + i];
        if (ctl_is_far(e)) *e = ctl_far(ctl_far_index(e) + at->far_ctl);
    }
}

void side_write(SideTables *to, const SideMark *at, const SideTables *from) {
#define WRITE(name)                                             \
    write_items(VEC_FROM(&to->name, at->name), from->name.data, \
                from->name.len * sizeof *from->name.data);
    TABLES(WRITE)
    shift(to, at, from);
}
