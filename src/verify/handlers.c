// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is thrown lands at the handlers of the try_table around it, and of those
// around that. Each remembers what was known in all that was thrown inside, so
// that a call looks outward only as far as it says something new there: calls
// and handlers do not cost their product.
#include "verify/verify_int.h"

// The clauses of one try_table. They are listed by where they end, inner ones
// first.
typedef struct Region {
    uint32_t from, to;   // pcs
    uint32_t first, end; // of its entries
    uint32_t parent;     // the one around it, or NONE
    bool is_reached;     // something was thrown ...
    const Fact *facts;   // ... and this was known
    uint32_t fact_len;
} Region;

struct Handlers {
    Region *regions;
    uint32_t len;
    uint32_t *inner; // of each pc: the innermost region, or NONE
};

#define NONE UINT32_MAX

static const CatchEntry *entries_of(const Verify *v) {
    return VEC_FROM(&v->env->side->catches, v->info->catch_at);
}

static void find_regions(Verify *v, Handlers *h) {
    const CatchEntry *e = entries_of(v);
    uint32_t len = v->info->catch_len;
    h->regions = NEW_N(v->arena, Region, len);
    for (uint32_t i = 0; i < len; i++) {
        bool is_new =
            i == 0 || e[i].from != e[i - 1].from || e[i].to != e[i - 1].to;
        if (is_new)
            h->regions[h->len++] =
                (Region){e[i].from, e[i].to, i, i, NONE, false, NULL, 0};
        h->regions[h->len - 1].end = i + 1;
    }
}

// False: they are not inside each other as blocks are.
static bool nest(Verify *v, Handlers *h) {
    uint32_t size = v->info->code_size, top = NONE;
    uint32_t *opens = NEW_N(v->arena, uint32_t, (size_t)size + 1);
    h->inner = NEW_N(v->arena, uint32_t, (size_t)size + 1);
    for (uint32_t i = 0; i < h->len; i++) {
        const Region *r = &h->regions[i];
        if (r->from == r->to) continue; // nothing is thrown there
        if (r->from > r->to || r->to > size || opens[r->from]) return false;
        opens[r->from] = i + 1;
    }
    for (uint32_t pc = 0; pc < size; pc++) {
        while (top != NONE && h->regions[top].to <= pc)
            top = h->regions[top].parent;
        uint32_t opened = opens[pc] - 1;
        if (opened != NONE) {
            if (top != NONE && h->regions[opened].to > h->regions[top].to)
                return false;
            h->regions[opened].parent = top;
            top = opened;
        }
        h->inner[pc] = top;
    }
    return true;
}

bool verify_handlers(Verify *v) {
    v->handlers = NEW(v->arena, Handlers);
    if (v->code->pad_len != v->info->catch_len)
        return verify_fail(v, "more or fewer landing pads than handlers");
    if (v->code->pad_len == 0) return true;
    find_regions(v, v->handlers);
    return nest(v, v->handlers) ||
           verify_fail(v, "handlers that are not valid");
}

void verify_handlers_reset(Verify *v) {
    for (uint32_t i = 0; i < v->handlers->len; i++)
        v->handlers->regions[i].is_reached = false;
}

// What is known there becomes less. False: it was no more before.
static bool learn(Verify *v, Region *r, const State *s) {
    State met = {.facts = s->facts, .fact_len = s->fact_len};
    if (r->is_reached) {
        State was = {.facts = r->facts, .fact_len = r->fact_len};
        state_join_facts(v, &was, s, &met);
        if (state_facts_equal(&was, &met)) return false;
    }
    r->is_reached = true;
    r->facts = met.facts;
    r->fact_len = met.fact_len;
    return true;
}

static bool land(Verify *v, const Region *r) {
    State landed, from = {.facts = r->facts, .fact_len = r->fact_len};
    for (uint32_t i = r->first; i < r->end; i++) {
        verify_land(v, &entries_of(v)[i], &from, &landed);
        if (!verify_flow(v, v->code->pads[i], &landed)) return false;
    }
    return true;
}

bool verify_throw(Verify *v, const CodeSite *site, const State *s) {
    Handlers *h = v->handlers;
    uint32_t pc = site->wasm & ~CODE_SITE_FAULT;
    if (h->len == 0 || pc >= v->info->code_size) return true;
    for (uint32_t i = h->inner[pc]; i != NONE; i = h->regions[i].parent) {
        if (!learn(v, &h->regions[i], s)) return true;
        if (!land(v, &h->regions[i])) return false;
    }
    return true;
}
