// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Loop records: what a loop does, which locals it assigns, which it uses most.
//
// While loops are open, each access to a local is logged. When a loop ends its
// stretch of the log is counted and replaced by a short summary for the loop
// around it, in which the weights are eight times as much. Every access is thus
// counted once, and every loop costs at most a summary, however they nest.
//
// Records and lists take a quarter of the chunk's code validated so far; what
// has no room is left out (a loop without a record) or says LOOP_assigns_all.
#include "valid/valid_int.h"

enum {
    LOOP_BYTES_MIN = 1024, // always allowed: small modules are for people
    INNER_WEIGHT = 8,
    WEIGHT_MAX = 1 << 28,
};

static bool has_room(const SideTables *side, size_t more) {
    const SideMark *begin = &side->chunk;
    uint64_t loops = side->loops.len - begin->loops;
    uint64_t locals = side->loop_locals.len - begin->loop_locals;
    uint64_t used = loops * sizeof(LoopInfo) + locals * sizeof(uint16_t);
    uint64_t code = side->code_size - begin->code_size;
    return used + more <= MAX(code / 4, (uint64_t)LOOP_BYTES_MIN);
}

static uint32_t record_new(Typer *t) {
    if (!has_room(t->side, sizeof(LoopInfo))) return UINT32_MAX;
    uint32_t index = t->side->loops.len - t->loop_at;
    uint32_t outer = t->loops.len ? VEC_LAST(&t->loops).record : UINT32_MAX;
    VEC_PUSH(t->side_arena, &t->side->loops,
             ((LoopInfo){
                 .pc = typer_at(t),
                 .parent = outer,
                 .depth = (uint16_t)MIN(t->loops.len + 1, (uint32_t)UINT16_MAX),
             }));
    return index;
}

// One access takes two bytes of code at least.
static void log_init(Typer *t) {
    size_t accesses = reader_left(&t->r) / 2 + 1;
    t->log = arena_alloc_raw(t->scratch, sizeof(uint32_t), accesses);
    t->uses = NEW_N(t->scratch, LocalUse, t->local_near);
}

void loop_begin(Typer *t) {
    if (!t->log) log_init(t);
    t->flags |= FUNC_has_loop;
    uint32_t record = record_new(t);
    VEC_PUSH(t->scratch, &t->loops,
             ((OpenLoop){
                 .record = record,
                 .effects = t->effects,
                 .log_at = t->log_len,
                 .summary_at = t->summaries.len,
                 .op_len = t->op_len,
             }));
    t->effects = 0;
}

// --- counting ----------------------------------------------------------------

// The distinct locals of the loop that is ending.
typedef struct Tally {
    uint32_t *locals; // the loop's stretch of the log, overwritten
    uint32_t len;
    bool is_partial; // a local that is not counted is assigned
} Tally;

INLINE void tally_add(Typer *t, Tally *y, LocalUse use) {
    if (UNLIKELY(use.local >= t->local_near)) {
        y->is_partial |= use.is_assigned;
        return;
    }
    LocalUse *sum = &t->uses[use.local];
    if (sum->weight == 0) y->locals[y->len++] = use.local;
    sum->weight = MIN(sum->weight + use.weight, (uint32_t)WEIGHT_MAX);
    sum->is_assigned |= use.is_assigned;
}

static Tally tally(Typer *t, const OpenLoop *l) {
    Tally y = {.locals = t->log + l->log_at};
    uint32_t accesses = t->log_len - l->log_at;
    for (uint32_t i = 0; i < accesses; i++) {
        uint32_t access = t->log[l->log_at + i];
        tally_add(t, &y,
                  (LocalUse){.local = access >> 1,
                             .weight = 1,
                             .is_assigned = access & 1});
    }
    for (uint32_t i = l->summary_at; i < t->summaries.len; i++)
        tally_add(t, &y, t->summaries.data[i]);
    return y;
}

// --- choosing ----------------------------------------------------------------

typedef struct Choice {
    uint32_t assigned[LOOP_LOCALS_MAX]; // ascending
    uint32_t assigned_len;
    bool assigns_all;
    uint32_t hot_int[HOT_INT_MAX], hot_float[HOT_FLOAT_MAX]; // hottest first
    uint32_t hot_int_len, hot_float_len;
} Choice;

static void choose_assigned(Choice *c, uint32_t local) {
    if (c->assigned_len == LOOP_LOCALS_MAX || local > UINT16_MAX) {
        c->assigns_all = true;
        return;
    }
    uint32_t i = c->assigned_len++;
    for (; i > 0 && c->assigned[i - 1] > local; i--)
        c->assigned[i] = c->assigned[i - 1];
    c->assigned[i] = local;
}

static bool is_hotter(const LocalUse *uses, uint32_t a, uint32_t b) {
    if (uses[a].weight != uses[b].weight)
        return uses[a].weight > uses[b].weight;
    return a < b;
}

static void choose_hot(const LocalUse *uses, uint32_t *list, uint32_t *len,
                       uint32_t max, uint32_t local) {
    uint32_t i = *len;
    if (i == max && !is_hotter(uses, local, list[i - 1])) return;
    if (i < max)
        ++*len;
    else
        i--;
    for (; i > 0 && is_hotter(uses, local, list[i - 1]); i--)
        list[i] = list[i - 1];
    list[i] = local;
}

static Choice choose(const Typer *t, const Tally *y) {
    Choice c = {.assigns_all = y->is_partial};
    for (uint32_t i = 0; i < y->len; i++) {
        uint32_t local = y->locals[i];
        if (t->uses[local].is_assigned) choose_assigned(&c, local);
        if (local > UINT16_MAX) continue;
        ValType type = t->locals[local];
        if (type == VT_f32 || type == VT_f64 || type == VT_v128)
            choose_hot(t->uses, c.hot_float, &c.hot_float_len, HOT_FLOAT_MAX,
                       local);
        else
            choose_hot(t->uses, c.hot_int, &c.hot_int_len, HOT_INT_MAX, local);
    }
    return c;
}

// --- writing -----------------------------------------------------------------

static void write_locals(Typer *t, const uint32_t *locals, uint32_t len) {
    for (uint32_t i = 0; i < len; i++)
        VEC_PUSH(t->side_arena, &t->side->loop_locals, (uint16_t)locals[i]);
}

static void record_write(Typer *t, const OpenLoop *l, const Choice *c) {
    LoopInfo *info = &t->side->loops.data[t->loop_at + l->record];
    info->end_pc = typer_at(t);
    info->op_len = t->op_len - l->op_len;
    info->assigned_at = t->side->loop_locals.len;
    uint32_t assigned = c->assigns_all ? 0 : c->assigned_len;
    uint32_t listed = assigned + c->hot_int_len + c->hot_float_len;
    bool fits = has_room(t->side, listed * sizeof(uint16_t));
    bool all = c->assigns_all || (!fits && assigned > 0);
    info->effects = (uint16_t)(t->effects | (all ? LOOP_assigns_all : 0));
    if (!fits) return;
    info->assigned_len = (uint16_t)assigned;
    info->hot_int_len = (uint8_t)c->hot_int_len;
    info->hot_float_len = (uint8_t)c->hot_float_len;
    write_locals(t, c->assigned, assigned);
    write_locals(t, c->hot_int, c->hot_int_len);
    write_locals(t, c->hot_float, c->hot_float_len);
}

// To the loop around it: what is assigned, and of the rest what is hot.
static void summarize(Typer *t, uint32_t local) {
    LocalUse *use = &t->uses[local];
    if (use->weight == 0) return; // already in
    VEC_PUSH(t->scratch, &t->summaries,
             ((LocalUse){
                 .local = local,
                 .weight = MIN(use->weight * INNER_WEIGHT, WEIGHT_MAX),
                 .is_assigned = use->is_assigned,
             }));
    *use = (LocalUse){0};
}

static void summarize_all(Typer *t, const Choice *c) {
    for (uint32_t i = 0; i < c->assigned_len; i++)
        summarize(t, c->assigned[i]);
    for (uint32_t i = 0; i < c->hot_int_len; i++)
        summarize(t, c->hot_int[i]);
    for (uint32_t i = 0; i < c->hot_float_len; i++)
        summarize(t, c->hot_float[i]);
}

void loop_finish(Typer *t) {
    OpenLoop l = VEC_POP(&t->loops);
    Tally y = tally(t, &l);
    Choice c = choose(t, &y);
    c.assigns_all |= (t->effects & LOOP_assigns_all) != 0; // an inner one's
    if (c.assigns_all) t->effects |= LOOP_assigns_all;
    if (l.record != UINT32_MAX) record_write(t, &l, &c);

    t->log_len = l.log_at;
    t->summaries.len = l.summary_at;
    if (t->loops.len > 0) summarize_all(t, &c);
    for (uint32_t i = 0; i < y.len; i++)
        t->uses[y.locals[i]] = (LocalUse){0};
    t->effects |= l.effects | (t->loops.len > 0 ? LOOP_has_inner : 0);
}
