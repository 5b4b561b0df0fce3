// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is known of slots, and states that meet. Nothing but references to
// functions is remembered of a slot: whatever else comes from there is a number.
#include "verify/verify_int.h"

#include <string.h>

// --- slots -------------------------------------------------------------------

enum {
    FACTS_MAX = 256, // LIMIT: beyond, facts are forgotten
};

// The first fact at or above an address.
static uint32_t find(const State *s, int32_t disp) {
    uint32_t low = 0, high = s->fact_len;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (s->facts[middle].disp < disp)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

Value state_fact(const State *s, int32_t disp) {
    uint32_t i = find(s, disp);
    if (i < s->fact_len && s->facts[i].disp == disp) return s->facts[i].value;
    return VALUE_ANY;
}

// Replaces facts `from` to `to` by at most one.
static void replace(Verify *v, State *s, uint32_t from, uint32_t to,
                    const Fact *by) {
    uint32_t more = by != NULL, tail = s->fact_len - to;
    Fact *facts =
        arena_alloc_raw(v->arena, sizeof(Fact), (size_t)from + more + tail);
    if (from) memcpy(facts, s->facts, from * sizeof(Fact));
    if (by) facts[from] = *by;
    if (tail) memcpy(facts + from + more, s->facts + to, tail * sizeof(Fact));
    s->facts = facts;
    s->fact_len = from + more + tail;
}

void state_forget(Verify *v, State *s, int32_t from, int32_t to) {
    uint32_t first = find(s, from > INT32_MIN + 7 ? from - 7 : INT32_MIN);
    uint32_t last = find(s, to);
    if (first < last) replace(v, s, first, last, NULL);
}

void state_keep(State *s, int32_t from, int32_t to) {
    uint32_t first = find(s, from), last = find(s, to);
    if (first > 0) s->facts += first;
    s->fact_len = last - first;
}

// A local of another type needs no fact.
static bool may_be_func(const Verify *v, int32_t disp) {
    if (disp >= 0) return true;
    int32_t slot0 = machine_slot(v->code->is_wide, 0);
    int32_t each = v->code->is_wide ? 16 : 8;
    if (disp > slot0 || (slot0 - disp) % each != 0) return false;
    uint32_t slot = (uint32_t)(slot0 - disp) / (uint32_t)each;
    return slot >= v->info->local_len || v->func_locals[slot];
}

void state_store(Verify *v, State *s, int32_t disp, Value value) {
    state_forget(v, s, disp, disp + 8);
    bool is_object = value.kind == V_number && value.min > 0;
    if (!is_object && (!value_is_func(value) || !may_be_func(v, disp))) return;
    if (s->fact_len >= FACTS_MAX) return;
    uint32_t at = find(s, disp);
    replace(v, s, at, at, &(Fact){disp, value});
}

// --- states ------------------------------------------------------------------

static bool flags_equal(Flags a, Flags b) {
    return a.kind == b.kind && a.reg == b.reg && a.is_32 == b.is_32 &&
           a.arg == b.arg && a.number == b.number;
}

bool state_facts_equal(const State *a, const State *b) {
    if (a->fact_len != b->fact_len) return false;
    if (a->facts == b->facts) return true;
    for (uint32_t i = 0; i < a->fact_len; i++)
        if (a->facts[i].disp != b->facts[i].disp ||
            !value_equal(a->facts[i].value, b->facts[i].value))
            return false;
    return true;
}

bool state_equal(const State *a, const State *b) {
    for (int i = 0; i < 16; i++)
        if (!value_equal(a->reg[i], b->reg[i])) return false;
    return flags_equal(a->flags, b->flags) && a->zero_xmms == b->zero_xmms &&
           a->checked == b->checked && a->slack == b->slack &&
           state_facts_equal(a, b);
}

void state_join_facts(Verify *v, const State *a, const State *b, State *out) {
    if (state_facts_equal(a, b)) return;
    Fact *facts =
        arena_alloc_raw(v->arena, sizeof(Fact), MIN(a->fact_len, b->fact_len));
    uint32_t len = 0;
    for (uint32_t i = 0, k = 0; i < a->fact_len && k < b->fact_len;) {
        int32_t at = a->facts[i].disp, other = b->facts[k].disp;
        if (at == other)
            facts[len++] =
                (Fact){at, value_join(a->facts[i].value, b->facts[k].value)};
        i += at <= other;
        k += other <= at;
    }
    out->facts = facts;
    out->fact_len = len;
}

bool state_join(Verify *v, const State *a, const State *b, State *out) {
    if (a->phase != PHASE_body || b->phase != PHASE_body || a->moved ||
        b->moved)
        return verify_fail(v, "a label outside of the body");
    if (a->depth != b->depth)
        return verify_fail(v, "a stack pointer that depends on the way");
    *out = *a;
    for (int i = 0; i < 16; i++)
        out->reg[i] = value_join(a->reg[i], b->reg[i]);
    if (!flags_equal(a->flags, b->flags)) out->flags = (Flags){0};
    out->zero_xmms = a->zero_xmms & b->zero_xmms;
    out->checked = a->checked && b->checked;
    out->slack = MAX(a->slack, b->slack);
    state_join_facts(v, a, b, out);
    return true;
}
