// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The walk over the code: from each label with what is known there, to the next,
// until nothing changes. What is known only ever gets less, in few steps, so a
// place is looked at a bounded number of times.
#include "verify/verify_int.h"

#include "verify/x64/x64.h"

#include <string.h>

bool verify_fail(Verify *v, const char *what) {
    if (!v->what) v->what = what;
    return false;
}

// --- tables that go with the code --------------------------------------------

const CodeSite *verify_site(const Verify *v, uint32_t at, bool is_fault) {
    const CodeSite *sites = v->code->sites;
    uint32_t low = 0, high = v->code->site_len;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (sites[middle].code < at)
            low = middle + 1;
        else
            high = middle;
    }
    // The return address of a call may be that of an access that faults.
    for (; low < v->code->site_len && sites[low].code == at; low++)
        if (((sites[low].wasm & CODE_SITE_FAULT) != 0) == is_fault)
            return &sites[low];
    return NULL;
}

bool verify_site_instr(Verify *v, const CodeSite *site, Instr *out) {
    uint32_t pc = site->wasm & ~CODE_SITE_FAULT;
    if (pc >= v->info->code_size) return verify_fail(v, "a site beyond");
    Reader r;
    reader_init(&r, v->wasm + pc, v->info->code_size - pc, pc, &v->err);
    return instr_read(&r, v->m->features, out) ||
           verify_fail(v, "a site that is no instruction");
}

const CodeReloc *verify_reloc(const Verify *v, uint32_t at) {
    uint32_t low = 0, high = v->code->reloc_len;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (v->code->relocs[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low < v->code->reloc_len ? &v->code->relocs[low] : NULL;
}

static bool tables_are_ordered(const CodeFunc *c) {
    for (uint32_t i = 1; i < c->reloc_len; i++)
        if (c->relocs[i].at < c->relocs[i - 1].at + 4) return false;
    for (uint32_t i = 1; i < c->site_len; i++)
        if (c->sites[i].code < c->sites[i - 1].code) return false;
    return true;
}

bool verify_data(Verify *v, int64_t at, uint64_t size) {
    if (at < 0 || (uint64_t)at > v->code->size ||
        size > v->code->size - (uint64_t)at)
        return verify_fail(v, "data outside of the function");
    for (uint64_t i = (uint64_t)at; i < (uint64_t)at + size; i++) {
        if (v->marks[i] == MARK_start || v->marks[i] == MARK_inside)
            return verify_fail(v, "data that is code");
        v->marks[i] = MARK_data;
    }
    return true;
}

// --- labels ------------------------------------------------------------------

static void set_dirty(Verify *v, uint32_t at) {
    v->dirty[at / 64] |= (uint64_t)1 << at % 64;
    v->dirty_low = MIN(v->dirty_low, at / 64);
}

// The earliest label to look at.
static bool next_dirty(Verify *v, uint32_t *out) {
    for (uint32_t i = v->dirty_low; i <= v->code->size / 64; i++) {
        if (!v->dirty[i]) continue;
        uint32_t bit = (uint32_t)ctz64(v->dirty[i]);
        v->dirty[i] &= v->dirty[i] - 1;
        v->dirty_low = i;
        *out = i * 64 + bit;
        return true;
    }
    return false;
}

bool verify_flow(Verify *v, int64_t to, const State *s) {
    if (to < 0 || to >= v->code->size)
        return verify_fail(v, "a jump out of the function");
    uint32_t at = (uint32_t)to;
    if (!v->leaders[at]) {
        v->leaders[at] = 1;
        // It was passed through before, without this way to it. In the first
        // pass that happens at many places: each with all that follows.
        bool was_passed = v->marks[at] == MARK_start;
        if (was_passed) v->again = true;
        if (was_passed && v->explores) return true;
    }
    State joined = *s;
    if (v->states[at]) {
        if (!state_join(v, v->states[at], s, &joined)) return false;
        if (state_equal(&joined, v->states[at])) return true;
    } else {
        if (s->phase != PHASE_body && s->phase != PHASE_entry)
            return verify_fail(v, "a label outside of the body");
        v->states[at] = arena_alloc_raw(v->arena, sizeof(State), 1);
    }
    *v->states[at] = joined;
    set_dirty(v, at);
    return true;
}

// --- where it begins ---------------------------------------------------------

static void enter(Verify *v, State *s) {
    *s = (State){.phase = PHASE_entry};
    for (int i = 0; i < 16; i++)
        s->reg[i] = VALUE_ANY;
    prove_context(v, s);
    prove_values(v, s, v->type->params, v->type->param_len, 16);
}

// A landing pad: all is in its slot. Locals and the operands below the
// exception's values are what they were where it was thrown.
void verify_land(Verify *v, const CatchEntry *e, const State *from, State *s) {
    *s = (State){
        .phase = PHASE_body,
        .checked = true,
        .depth = (int32_t)v->code->frame_size,
        .facts = from->facts,
        .fact_len = from->fact_len,
    };
    for (int i = 0; i < 16; i++)
        s->reg[i] = VALUE_ANY;
    prove_context(v, s);
    bool is_wide = v->code->is_wide;
    uint32_t slot = v->info->local_len + e->height;
    state_keep(s, machine_slot(is_wide, slot) + (is_wide ? 16 : 8),
               machine_slot(is_wide, 0) + 8);
    if (e->kind != CATCH_tag && e->kind != CATCH_tag_ref) return;
    Value func = value_of(V_func, 0);
    const FuncType *type = &v->m->types.data[v->m->tags.data[e->tag].type].func;
    for (uint32_t i = 0; i < type->param_len; i++)
        if (verify_is_func_type(v, type->params[i]))
            state_store(v, s, machine_slot(is_wide, slot + i), func);
}

static bool start(Verify *v) {
    State s;
    enter(v, &s);
    return verify_flow(v, 0, &s);
}

// --- the walk ----------------------------------------------------------------

static bool mark(Verify *v, uint32_t at, uint32_t size) {
    if (v->marks[at] == MARK_start) return true;
    for (uint32_t i = 0; i < size; i++)
        if (v->marks[at + i] != MARK_none)
            return verify_fail(v, "an instruction inside of another");
    memset(v->marks + at, MARK_inside, size);
    v->marks[at] = MARK_start;
    return true;
}

// Of code that was placed, what leads out of the function.
static void target_of(Verify *v, Step *t) {
    bool is_call = t->in.op == X64_call_rel32;
    if (!is_call && t->in.op != X64_jmp_rel32) return;
    int64_t to = (int64_t)t->next + t->in.imm;
    bool leads_out = is_call || to <= 0 || to >= v->code->size;
    if (!leads_out || !v->env->target(v->env->target_env, to, &t->target))
        return;
    t->target.at = t->next - 4;
    t->reloc = &t->target;
}

// The relocation that belongs to the instruction's last four bytes, or none.
static bool reloc_of(Verify *v, Step *t) {
    if (v->env->target) {
        target_of(v, t);
        return true;
    }
    t->reloc = verify_reloc(v, v->at > 3 ? v->at - 3 : 0);
    if (t->reloc && t->reloc->at >= t->next) t->reloc = NULL;
    if (!t->reloc || t->reloc->at == t->next - 4) return true;
    return verify_fail(v, "a relocation across instructions");
}

enum {
    STEPS_PER_BYTE = 64,
    STEPS_LEAST = 4096,
};

// From a label to the next, or to where the way ends.
static bool walk(Verify *v, uint32_t from) {
    State s = *v->states[from];
    for (v->at = from;;) {
        if (v->at >= v->code->size)
            return verify_fail(v, "a way out of the function");
        if (v->at != from && v->leaders[v->at])
            return verify_flow(v, v->at, &s);
        if (++v->steps > STEPS_LEAST + (uint64_t)STEPS_PER_BYTE * v->code->size)
            return verify_fail(v, "more to look at than is reasonable");
        Step t = {.v = v, .s = &s};
        if (!x64_decode(&t.in, v->code->code + v->at, v->code->size - v->at))
            return verify_fail(v, "no instruction of ours");
        t.info = &x64_info[t.in.op];
        t.next = v->at + t.in.size;
        if (!mark(v, v->at, t.in.size) || !reloc_of(v, &t) || !prove_step(&t))
            return false;
        if (t.ends) return true;
        v->at = t.next;
    }
}

// Everything that can be reached, with the labels that are known. New ones come
// up where a loop is closed, and where rare code comes back; then it is done
// once more.
static bool pass(Verify *v) {
    uint32_t size = v->code->size;
    v->states = NEW_N(v->arena, State *, (size_t)size + 1);
    v->dirty = NEW_N(v->arena, uint64_t, size / 64 + 1);
    v->dirty_low = UINT32_MAX;
    v->again = false;
    v->steps = 0;
    verify_handlers_reset(v);
    if (!start(v)) return false;
    for (uint32_t at; next_dirty(v, &at);)
        if (!walk(v, at)) return false;
    return true;
}

static uint32_t area(const ValType *types, uint32_t len) {
    MachineAssign a = {0};
    for (uint32_t i = 0; i < len; i++)
        (void)machine_assign(&a, types[i] >= VT_f32 && types[i] <= VT_v128,
                             types[i] == VT_v128);
    return machine_stack_size(&a);
}

// Which locals are references to functions.
static bool read_locals(Verify *v, Bytes body) {
    v->func_locals = NEW_N(v->arena, uint8_t, (size_t)v->info->local_len + 1);
    uint32_t at = 0, len = v->info->local_len;
    for (; at < v->type->param_len && at < len; at++)
        v->func_locals[at] = verify_is_func_type(v, v->type->params[at]);
    Reader r;
    reader_init(&r, body.data, body.size, body.at, &v->err);
    for (uint32_t groups = read_u32(&r); groups > 0; groups--) {
        uint32_t count = read_u32(&r);
        ValType t;
        if (!read_val_type(&r, v->m->features, &t) || count > len - at)
            return verify_fail(v, "locals that are not valid");
        memset(v->func_locals + at, verify_is_func_type(v, t), count);
        at += count;
    }
    v->func_local_list = NEW_N(v->arena, uint32_t, len);
    for (uint32_t i = 0; i < len; i++)
        if (v->func_locals[i]) v->func_local_list[v->func_local_len++] = i;
    return true;
}

static bool check(Verify *v) {
    enum {
        PASSES_MAX = 8,
    };
    const CodeFunc *c = v->code;
    Bytes body = module_slice(
        v->m, module_body(v->m, v->func + v->m->imported[EXTERN_func])->bytes);
    v->wasm = body.data + (v->info->code_at - body.at);
    v->args_size = (int32_t)area(v->type->params, v->type->param_len);
    v->results_size = (int32_t)area(v->type->results, v->type->result_len);
    v->marks = NEW_N(v->arena, uint8_t, (size_t)c->size + 1);
    v->leaders = NEW_N(v->arena, uint8_t, (size_t)c->size + 1);
    if (!tables_are_ordered(c)) return verify_fail(v, "tables out of order");
    if (c->frame_size < 16 || c->frame_size % 16 != 0 ||
        c->frame_size > INT32_MAX / 2)
        return verify_fail(v, "a frame of that size");
    if (c->is_wide != ((v->info->flags & FUNC_has_v128) != 0))
        return verify_fail(v, "slots of another size");
    if (!read_locals(v, body) || !verify_handlers(v)) return false;
    for (int i = 0; i < PASSES_MAX; i++) {
        ArenaMark before = arena_mark(v->arena);
        v->explores = i == 0;
        bool ok = pass(v);
        arena_rewind(v->arena, before);
        if (!ok) return false;
        if (!v->again) return true;
    }
    return verify_fail(v, "more loops in loops than is reasonable");
}

bool verify_code(const VerifyEnv *env, uint32_t func, const CodeFunc *code,
                 Arena *scratch, VerifyRefusal *out) {
    const Module *m = env->module;
    Verify v = {
        .env = env,
        .m = m,
        .code = code,
        .info = &env->side->funcs.data[func],
        .type = &module_func_type(m, func + m->imported[EXTERN_func])->func,
        .func = func,
        .arena = scratch,
    };
    bool ok = check(&v);
    *out = (VerifyRefusal){v.at, v.what};
    return ok;
}
