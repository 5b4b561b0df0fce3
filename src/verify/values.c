// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From claim to claim: what the code between them did, and whether the next one
// is true.
#include "verify/values_int.h"

#include "base/bits.h"
#include "base/reader.h"
#include "valid/valid.h"
#include "verify/verify_int.h"
#include "wasm/instr_read.h"

#include <string.h>

bool values_fail(Values *v, const char *what) {
    if (!v->what) v->what = what;
    return false;
}

// --- slots -------------------------------------------------------------------

void values_set_slot(Values *v, uint32_t slot, Name name) {
    if (v->ahead.len > 0 || v->in_late)
        VEC_PUSH(v->arena, &v->log, ((Write){slot, v->slots[slot]}));
    v->slots[slot] = name;
    VEC_PUSH(v->arena, &v->suspects, slot);
}

static uint32_t each(const Values *v) {
    return v->code->is_wide ? 16 : 8;
}

// The slot that begins there, or the one around it; or slot_len.
static uint32_t slot_at(const Values *v, int64_t disp, bool *is_exact) {
    int64_t down = machine_slot(v->code->is_wide, 0) - disp;
    *is_exact = down % each(v) == 0;
    if (down <= -(int64_t)each(v)) return v->slot_len;
    int64_t slot = (down + each(v) - 1) / each(v);
    return slot < v->slot_len ? (uint32_t)slot : v->slot_len;
}

void values_store(Values *v, int64_t disp, uint32_t size, Name name) {
    bool is_exact;
    if (disp >= 0) return; // results
    for (int64_t at = disp; at < disp + size; at += 8) {
        uint32_t slot = slot_at(v, at, &is_exact);
        if (slot == v->slot_len) continue;
        // The upper half of a wide slot belongs to what was stored below.
        if (!is_exact && at != disp) continue;
        bool is_whole =
            is_exact && size >= 8 &&
            (size == 8 || v->code->is_wide || name == name_const(0));
        values_set_slot(v, slot, is_whole ? name : values_new(v));
    }
}

Name values_load(Values *v, int64_t disp) {
    bool is_exact;
    if (disp >= 16) return NAME_ARG | (uint32_t)disp;
    uint32_t slot = slot_at(v, disp, &is_exact);
    return is_exact && slot < v->slot_len ? v->slots[slot] : values_new(v);
}

// --- places ahead ------------------------------------------------------------

Ahead *values_ahead(Values *v, uint32_t at) {
    Ahead a = {.at = at, .write_at = v->writes.len, .write_len = v->log.len};
    memcpy(a.reg, v->reg, sizeof a.reg);
    for (uint32_t i = 0; i < v->log.len; i++) {
        uint32_t slot = v->log.data[i].slot;
        VEC_PUSH(v->arena, &v->writes, ((Write){slot, v->slots[slot]}));
    }
    VEC_PUSH(v->arena, &v->ahead, a);
    return &VEC_LAST(&v->ahead);
}

static void undo(Values *v, uint32_t len) {
    while (v->log.len > len) {
        Write w = VEC_POP(&v->log);
        v->slots[w.slot] = w.name;
    }
}

static void restore(Values *v, const Ahead *a) {
    undo(v, 0);
    memcpy(v->reg, a->reg, sizeof a->reg);
    for (uint32_t i = 0; i < a->write_len; i++) {
        Write w = v->writes.data[a->write_at + i];
        values_set_slot(v, w.slot, w.name);
    }
    v->is_live = true;
}

// What the slot had there.
static Name ahead_slot(const Values *v, const Ahead *a, uint32_t slot) {
    for (uint32_t i = a->write_len; i-- > 0;)
        if (v->writes.data[a->write_at + i].slot == slot)
            return v->writes.data[a->write_at + i].name;
    for (uint32_t i = 0; i < v->log.len; i++)
        if (v->log.data[i].slot == slot) return v->log.data[i].name;
    return v->slots[slot];
}

static void join_slot(Values *v, const Ahead *a, uint32_t slot) {
    if (ahead_slot(v, a, slot) != v->slots[slot])
        values_set_slot(v, slot, values_new(v));
}

static void join(Values *v, const Ahead *a) {
    for (int r = 0; r < CLAIM_REGS; r++)
        if (v->reg[r] != a->reg[r]) v->reg[r] = values_new(v);
    for (uint32_t i = 0, len = v->log.len; i < len; i++)
        join_slot(v, a, v->log.data[i].slot);
    for (uint32_t i = 0; i < a->write_len; i++)
        join_slot(v, a, v->writes.data[a->write_at + i].slot);
}

void values_meet(Values *v) {
    for (uint32_t i = 0; i < v->ahead.len;) {
        if (v->ahead.data[i].at != v->at) {
            i++;
            continue;
        }
        if (v->is_live)
            join(v, &v->ahead.data[i]);
        else
            restore(v, &v->ahead.data[i]);
        v->ahead.data[i] = VEC_POP(&v->ahead);
    }
    if (v->ahead.len == 0 && !v->in_late) v->log.len = v->writes.len = 0;
}

void values_skip(Values *v) {
    uint32_t to = v->end;
    for (uint32_t i = 0; i < v->ahead.len; i++) {
        const Ahead *a = &v->ahead.data[i];
        if (a->at == UINT32_MAX && v->at < v->end) {
            restore(v, a);
            return;
        }
        if (a->at >= v->at) to = MIN(to, a->at);
    }
    v->at = to;
}

// --- is it there? ------------------------------------------------------------

// The register with the local's value, if the claim has one.
static const ClaimValue *cache_of(const Values *v, const Claim *c,
                                  uint32_t local) {
    const ClaimValue *at =
        VEC_FROM(&v->claims->values, c->at + c->height - c->lazy);
    for (uint32_t i = 0; i < popcnt32(c->cached); i++)
        if (at[i].local == local) return &at[i];
    return NULL;
}

static bool is_dirty(const Values *v, const Claim *c, uint32_t local) {
    const ClaimValue *r = cache_of(v, c, local);
    return r && (c->dirty >> r->reg & 1);
}

// The one that is set next may be gone already.
static const char *locals_differ(const Values *v, const Claim *c,
                                 uint32_t set_next) {
    const ClaimValue *at =
        VEC_FROM(&v->claims->values, c->at + c->height - c->lazy);
    for (uint32_t i = 0; i < popcnt32(c->cached); i++)
        if (v->reg[at[i].reg] != v->locals[at[i].local] &&
            at[i].local != set_next)
            return "a register that has not its local";
    VEC_EACH (const uint32_t, s, &v->suspects)
        if (*s < v->local_len && v->slots[*s] != v->locals[*s] &&
            !is_dirty(v, c, *s))
            return "a slot that has not its local";
    return NULL;
}

static Name claimed(const Values *v, const ClaimValue *value, uint32_t index) {
    switch ((ClaimWhere)value->where) {
    case CLAIM_slot:
        return v->slots[v->local_len + index];
    case CLAIM_reg:
        return v->reg[value->reg];
    case CLAIM_const:
        return name_const(value->value);
    case CLAIM_local:
        return v->locals[value->local];
    case CLAIM_flags:
        break;
    }
    return 0;
}

// Operands that are said to be in slots, up to `end`.
static const char *slots_differ(const Values *v, uint32_t end) {
    VEC_EACH (const uint32_t, s, &v->suspects) {
        uint32_t i = *s - v->local_len;
        if (*s >= v->local_len && i < end && v->slots[*s] != v->operands[i])
            return "a slot that has not its operand";
    }
    return NULL;
}

// --- labels ------------------------------------------------------------------

// Whoever branches to the label: NULL if all is as it expects.
static const char *label_differs(const Values *v, const Claim *c) {
    uint32_t len = c->height - c->base, height = v->height - v->pops;
    if (height < len || height - len < c->base)
        return "a branch with another height";
    const char *what = locals_differ(v, c, UINT32_MAX);
    if (!what) what = slots_differ(v, c->base);
    for (uint32_t i = v->claim->lazy; !what && i < c->base; i++)
        if (v->slots[v->local_len + i] != v->operands[i])
            what = "an operand that is not in its slot at a branch";
    const ClaimValue *values = VEC_FROM(&v->claims->values, c->at);
    for (uint32_t i = 0; !what && i < len; i++)
        if (claimed(v, &values[c->base - c->lazy + i], c->base + i) !=
            v->operands[height - len + i])
            what = "a branch that leaves an operand elsewhere";
    return what;
}

// Nothing is known of registers and locals but what the claim says.
static void take_locals(Values *v, const Claim *c) {
    for (int r = 0; r < CLAIM_REGS; r++)
        v->reg[r] = values_new(v);
    VEC_EACH (const uint32_t, s, &v->suspects)
        if (*s < v->local_len) v->slots[*s] = v->locals[*s];
    const ClaimValue *at =
        VEC_FROM(&v->claims->values, c->at + c->height - c->lazy);
    for (uint32_t i = 0; i < popcnt32(c->cached); i++) {
        if (c->dirty >> at[i].reg & 1) v->locals[at[i].local] = values_new(v);
        v->reg[at[i].reg] = v->locals[at[i].local];
    }
    v->is_live = true;
}

// The same of the operands that go along with branches. Those below are what
// they were, whatever the way that ended before the label has done to slots.
static void arrive(Values *v, const Claim *c) {
    take_locals(v, c);
    VEC_EACH (const uint32_t, s, &v->suspects)
        if (*s >= v->local_len && *s - v->local_len < c->base)
            v->slots[*s] = v->operands[*s - v->local_len];
    const ClaimValue *value = VEC_FROM(&v->claims->values, c->at);
    for (uint32_t i = c->lazy; i < c->height; i++, value++) {
        if (i >= c->base) v->operands[i] = values_new(v);
        v->types[i] = value->type;
        if (value->where == CLAIM_reg)
            v->reg[value->reg] = v->operands[i];
        else
            v->slots[v->local_len + i] = v->operands[i];
    }
    v->height = c->height;
}

// Labels may share a place: one of them is meant. NULL: that one has what it
// expects. *found: is there any?
static const char *labels_differ(const Values *v, uint32_t to, bool *found) {
    const Claim *list = v->claims->list.data;
    uint32_t low = 0, high = v->claims->list.len;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (list[middle].code < to)
            low = middle + 1;
        else
            high = middle;
    }
    const char *what = NULL;
    *found = false;
    for (; low < v->claims->list.len && list[low].code == to; low++) {
        if (list[low].kind != CLAIM_label) continue;
        *found = true;
        what = label_differs(v, &list[low]);
        if (!what) return NULL;
    }
    return what;
}

// A place ahead in the instruction's own code, or at its end, is reached with
// what is known now; that a label may be there as well is seen when it gets
// there. Backward it is a loop, whose code is followed once.
bool values_jump(Values *v, uint32_t to) {
    bool found;
    if (to >= v->late) return values_late(v, to);
    if (to > v->at && to <= v->end) {
        values_ahead(v, to);
        return true;
    }
    const char *what = labels_differ(v, to, &found);
    if (what) return values_fail(v, what);
    bool is_loop = to >= v->claim->code && to <= v->at;
    return found || is_loop || values_fail(v, "a jump to no label");
}

bool values_late(Values *v, uint32_t at) {
    if (v->in_late) return true; // a trap of the runtime's
    Name reg[CLAIM_REGS];
    uint32_t here = v->at, end = v->end, log = v->log.len;
    memcpy(reg, v->reg, sizeof reg);
    v->in_late = true;
    v->at = at;
    v->end = v->code->size;
    bool ok = values_run(v);
    undo(v, log);
    v->in_late = false;
    v->is_live = true;
    v->at = here;
    v->end = end;
    memcpy(v->reg, reg, sizeof reg);
    return ok;
}

// --- collectors --------------------------------------------------------------

enum {
    MAP_TOP = 64, // operands that may be outside of their slots
};

static uint8_t class_of(const Module *m, ValType t) {
    if (vt_is_ref(t))
        return type_top(m, t) == HEAP_func ? CLAIM_func : CLAIM_ref;
    return (uint8_t)(vt_unpacked(t) - VT_i32);
}

static const SiteMap *map_of(const Values *v, uint32_t pc, bool at_call) {
    uint32_t i = map_get(&v->by_site, (uint64_t)pc << 1 | at_call);
    return i == MAP_NONE ? NULL : &v->maps.data[i];
}

static bool is_traced(const SiteMap *map, uint32_t operand) {
    uint32_t below = map->height - 1 - operand;
    return below < MAP_TOP && (map->refs >> below & 1);
}

// Exactly the references among the topmost operands are looked at. Of those
// below this was seen when they were among them.
static bool map_is_whole(const Values *v, const SiteMap *map) {
    uint32_t low = map->height - MIN(map->height, (uint32_t)MAP_TOP);
    for (uint32_t i = MAX(v->claim->lazy, low); i < map->height; i++)
        if (v->types[i] != TYPE_UNKNOWN &&
            is_traced(map, i) != (v->types[i] == CLAIM_ref))
            return false;
    return true;
}

// Does the slot have a reference of its own that collectors look for there?
static bool slot_has_reference(const Values *v, const SiteMap *map,
                               uint32_t slot) {
    if (slot < v->local_len)
        return v->claims->local_types[slot] != CLAIM_ref ||
               v->slots[slot] == v->locals[slot];
    uint32_t i = slot - v->local_len;
    if (i >= map->height) return true;
    bool is_ref = v->types[i] == CLAIM_ref || is_traced(map, i);
    return !is_ref || v->slots[slot] == v->operands[i];
}

// Slots that nothing was suspected of were looked at when they were written.
static bool site_is_mapped(Values *v, const SiteMap *map, uint32_t height) {
    if (map->height != height || !map_is_whole(v, map))
        return values_fail(v, "a map that is not of the operands");
    bool ok = true;
    VEC_EACH (const uint32_t, s, &v->suspects)
        ok &= slot_has_reference(v, map, *s);
    for (uint32_t i = v->claim->lazy; i < height; i++)
        ok &= slot_has_reference(v, map, v->local_len + i);
    return ok || values_fail(v, "a slot that has not its reference");
}

// A handler finds all in slots.
static bool site_is_flushed(Values *v, uint32_t height) {
    VEC_EACH (const uint32_t, s, &v->suspects)
        if (*s < v->local_len && v->slots[*s] != v->locals[*s])
            return values_fail(v, "a local that a handler would not find");
    for (uint32_t i = v->claim->lazy; i < height; i++)
        if (v->slots[v->local_len + i] != v->operands[i])
            return values_fail(v, "an operand that a handler would not find");
    return true;
}

static const CodeSite *site_at(const Values *v, uint32_t at) {
    uint32_t low = 0, high = v->code->site_len;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (v->code->sites[middle].code < at)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < v->code->site_len && v->code->sites[low].code == at; low++)
        if (!(v->code->sites[low].wasm & CODE_SITE_FAULT))
            return &v->code->sites[low];
    return NULL;
}

bool values_site(Values *v, uint32_t at, bool is_helper, uint32_t height) {
    const CodeSite *site = site_at(v, at);
    if (!site) return values_fail(v, "a call without a site");
    const SiteMap *map = map_of(v, site->wasm, !is_helper);
    if (!map) return true; // no references
    if (!site_is_mapped(v, map, height)) return false;
    if (v->code->pad_len > 0 && !is_helper && !site_is_flushed(v, map->height))
        return false;
    // References that nobody has changed are not to be used any more.
    for (uint32_t i = map->height; i < v->height; i++)
        values_set_slot(v, v->local_len + i, values_new(v));
    return true;
}

void values_row(Values *v, int64_t disp) {
    bool is_exact;
    uint32_t first = slot_at(v, disp, &is_exact);
    uint32_t end = MIN(v->local_len + v->height + 2, v->slot_len);
    for (uint32_t slot = first; slot < end; slot++)
        values_set_slot(v, slot, values_new(v));
}

// --- from claim to claim -----------------------------------------------------

// How many operands of before are still the same ones.
static uint32_t kept(const Values *v, uint32_t after) {
    uint32_t pushes = 1;
    switch ((int)v->in.op) {
    case OP_nop:
    case OP_block:
    case OP_loop:
    case OP_try_table:
    case OP_if:
    case OP_else:
    case OP_end:
    case OP_br_if:
    case OP_br_on_null:
    case OP_br_on_cast:
    case OP_br_on_cast_fail:
    case OP_br_on_non_null:
    case OP_drop:
    case OP_local_set:
        return MIN(v->height, after);
    case OP_call:
        pushes = module_func_type(v->m, v->in.imm.index)->func.result_len;
        break;
    case OP_call_indirect:
        pushes = v->m->types.data[v->in.imm.pair.first].func.result_len;
        break;
    case OP_call_ref:
        pushes = v->m->types.data[v->in.imm.index].func.result_len;
        break;
    default:
        if (op_info[v->in.op].sig) // others push one, or none
            pushes = MAX(sig_result_len(op_info[v->in.op].sig), 1);
        break;
    }
    return MIN(v->height, after - MIN(after, pushes));
}

static bool check_operand(Values *v, const ClaimValue *value, uint32_t i,
                          bool is_new) {
    Name is = claimed(v, value, i);
    if (is_new) {
        v->operands[i] = is ? is : values_new(v);
        v->types[i] = value->type;
    }
    if (v->types[i] == TYPE_UNKNOWN) v->types[i] = value->type;
    if (is && is != v->operands[i])
        return values_fail(v, "an operand that is not where it was said to be");
    return v->types[i] == value->type ||
           values_fail(v, "an operand that changes its type");
}

static bool check_operands(Values *v, const Claim *c, uint32_t keeps) {
    const ClaimValue *values = VEC_FROM(&v->claims->values, c->at);
    for (uint32_t i = keeps; i < c->lazy; i++) {
        v->operands[i] = v->slots[v->local_len + i];
        v->types[i] = TYPE_UNKNOWN;
    }
    for (uint32_t i = c->lazy; i < c->height; i++)
        if (!check_operand(v, &values[i - c->lazy], i, i >= keeps))
            return false;
    const char *what = slots_differ(v, MIN(c->lazy, c->height));
    return !what || values_fail(v, what);
}

static bool set_locals(Values *v) {
    bool is_set = v->in.op == OP_local_set || v->in.op == OP_local_tee;
    if (!is_set) return true;
    uint32_t local = v->in.imm.index;
    if (v->height == 0) return values_fail(v, "an operand is missing");
    v->locals[local] = v->operands[v->height - 1];
    VEC_PUSH(v->arena, &v->suspects, local);
    return true;
}

static bool read_at(Values *v, const Claim *c, Instr *out) {
    Err err = {0};
    Reader r;
    if (c->pc >= v->info->code_size) return values_fail(v, "a claim beyond");
    reader_init(&r, v->wasm + c->pc, v->info->code_size - c->pc, c->pc, &err);
    return instr_read(&r, v->m->features, out) ||
           values_fail(v, "a claim of no instruction");
}

// The local that the instruction sets, unless an operand is its old value.
static uint32_t set_next(Values *v, const Claim *c) {
    Instr next;
    if (!read_at(v, c, &next)) return UINT32_MAX;
    if (next.op != OP_local_set && next.op != OP_local_tee) return UINT32_MAX;
    const ClaimValue *value = VEC_FROM(&v->claims->values, c->at);
    for (uint32_t i = c->lazy; i < c->height; i++, value++)
        if (value->where == CLAIM_local && value->local == next.imm.index)
            return UINT32_MAX;
    return next.imm.index;
}

static bool check_instr(Values *v, const Claim *c) {
    if (v->claim->kind == CLAIM_instr && !set_locals(v)) return false;
    uint32_t keeps =
        v->claim->kind == CLAIM_instr ? kept(v, c->height) : v->height;
    if (!check_operands(v, c, MIN(keeps, c->height))) return false;
    const char *what = locals_differ(v, c, set_next(v, c));
    if (what) return values_fail(v, what);
    v->height = c->height;
    bool is_get = v->claim->kind == CLAIM_instr && v->in.op == OP_local_get;
    return !is_get ||
           v->operands[v->height - 1] == v->locals[v->in.imm.index] ||
           values_fail(v, "another local's value");
}

// Code behind what always traps is checked as if it were reached: operands that
// were in their slots and that the trap did not take are there still.
static bool go_on(Values *v, const Claim *c) {
    take_locals(v, c);
    bool ok = check_operands(v, c, MIN(v->claim->lazy, kept(v, c->height)));
    v->height = c->height;
    return ok;
}

// What may differ from now on is what differs by intent.
static void settle(Values *v, const Claim *c) {
    v->suspects.len = 0;
    const ClaimValue *at =
        VEC_FROM(&v->claims->values, c->at + c->height - c->lazy);
    for (uint32_t i = 0; i < popcnt32(c->cached); i++)
        if (c->dirty >> at[i].reg & 1)
            VEC_PUSH(v->arena, &v->suspects, at[i].local);
}

static bool begin(Values *v, const Claim *c) {
    switch ((ClaimKind)c->kind) {
    case CLAIM_entry:
        values_enter(v);
        v->is_live = true;
        return true;
    case CLAIM_label: {
        bool found;
        const char *what =
            v->is_live ? labels_differ(v, c->code, &found) : NULL;
        if (what) return values_fail(v, what);
        arrive(v, c);
        settle(v, c);
        return true;
    }
    case CLAIM_instr:
        if (!v->is_live && !v->has_trapped)
            return values_fail(v, "code that nothing gets to");
        if (v->is_live ? !check_instr(v, c) : !go_on(v, c)) return false;
        v->has_trapped = false;
        settle(v, c);
        return true;
    case CLAIM_dead:
    case CLAIM_late:
        v->is_live = false;
        return true;
    }
    UNREACHABLE();
}

// How many operands are gone when it branches.
static uint32_t pops_of(const Values *v) {
    switch ((int)v->in.op) {
    case OP_if:
    case OP_br_if:
    case OP_br_table:
    case OP_br_on_null:
        return 1;
    default:
        return 0;
    }
}

static bool follow(Values *v) {
    for (uint32_t i = 0; i < v->claims->list.len; i++) {
        const Claim *c = &v->claims->list.data[i];
        v->at = c->code;
        if (!begin(v, c)) return false;
        if (c->kind == CLAIM_late) return true;
        // A label within an instruction leaves that as it is.
        if (c->kind == CLAIM_instr || c->kind == CLAIM_dead) {
            if (!read_at(v, c, &v->in)) return false;
            v->pops = pops_of(v);
            v->table = 0;
        } else {
            v->pops = 0;
        }
        if (c->kind != CLAIM_label || !v->claim) v->claim = c;
        v->end = c[1].code;
        v->ahead.len = v->writes.len = v->log.len = 0;
        if (!values_run(v)) return false;
    }
    return true; // no more claims were made
}

// --- what is to be known first -----------------------------------------------

static void found(void *env, uint32_t pc, const ValType *slots, uint32_t len) {
    Values *v = env;
    SiteMap map = {.height = len - v->local_len};
    for (uint32_t k = 0; k < MIN(map.height, (uint32_t)MAP_TOP); k++)
        if (class_of(v->m, slots[len - 1 - k]) == CLAIM_ref)
            map.refs |= (uint64_t)1 << k;
    if (!map_set(&v->by_site, (uint64_t)pc << 1 | v->at_call, v->maps.len))
        arena_fail(v->arena);
    VEC_PUSH(v->arena, &v->maps, map);
}

static const CodeReloc *reloc_before(const Values *v, uint32_t at) {
    uint32_t low = 0, high = v->code->reloc_len;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (v->code->relocs[middle].at + 4 < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low < v->code->reloc_len && v->code->relocs[low].at + 4 == at
               ? &v->code->relocs[low]
               : NULL;
}

// The list of roots at each call, as collectors get it.
static void read_maps(Values *v, bool at_call, uint8_t *wanted) {
    uint32_t len = 0;
    memset(wanted, 0, v->info->code_size);
    for (uint32_t i = 0; i < v->code->site_len; i++) {
        const CodeSite *s = &v->code->sites[i];
        if (s->wasm & CODE_SITE_FAULT || s->wasm >= v->info->code_size)
            continue;
        const CodeReloc *r = reloc_before(v, s->code);
        if (r && r->kind == RELOC_trap) continue;
        bool is_helper = r && r->kind == RELOC_helper;
        if (is_helper == at_call || wanted[s->wasm]) continue;
        wanted[s->wasm] = 1;
        len++;
    }
    if (len == 0) return;
    uint32_t *pcs = NEW_N(v->arena, uint32_t, len), at = 0;
    for (uint32_t pc = 0; pc < v->info->code_size; pc++)
        if (wanted[pc]) pcs[at++] = pc;
    v->at_call = at_call;
    StackMapQuery query = {
        .pcs = pcs,
        .pc_len = len,
        .after_operands = at_call,
        .top = MAP_TOP,
        .found = found,
        .env = v,
    };
    valid_stack_maps(v->m, v->func + v->m->imported[EXTERN_func], v->info,
                     &query, v->arena);
}

// --- types -------------------------------------------------------------------

// Of each instruction: as many operands, and of the same types, as validation
// found.
static void compare(void *env, uint32_t pc, const ValType *slots,
                    uint32_t len) {
    Values *v = env;
    const Claim *list = v->claims->list.data;
    while (list[v->next_pc].kind != CLAIM_instr)
        v->next_pc++;
    const Claim *c = &list[v->next_pc++];
    const ClaimValue *values = VEC_FROM(&v->claims->values, c->at);
    bool ok = c->pc == pc && c->height == len - v->local_len;
    for (uint32_t i = c->lazy; ok && i < c->height; i++)
        ok =
            values[i - c->lazy].type == class_of(v->m, slots[v->local_len + i]);
    const ClaimValue *cached =
        VEC_FROM(&v->claims->values, c->at + c->height - c->lazy);
    for (uint32_t i = 0; ok && i < popcnt32(c->cached); i++)
        ok = cached[i].type == class_of(v->m, slots[cached[i].local]);
    for (uint32_t i = 0; ok && c == list + 1 && i < v->local_len; i++)
        ok = v->claims->local_types[i] == class_of(v->m, slots[i]);
    if (!ok && !v->what) v->at = c->code;
    if (!ok) (void)values_fail(v, "operands that validation has not");
}

static bool compare_types(Values *v) {
    uint32_t len = 0;
    uint32_t *pcs = NEW_N(v->arena, uint32_t, v->claims->list.len);
    VEC_EACH (const Claim, c, &v->claims->list)
        if (c->kind == CLAIM_instr) pcs[len++] = c->pc;
    StackMapQuery query = {
        .pcs = pcs,
        .pc_len = len,
        .top = MAP_TOP,
        .found = compare,
        .env = v,
    };
    valid_stack_maps(v->m, v->func + v->m->imported[EXTERN_func], v->info,
                     &query, v->arena);
    return !v->what;
}

// --- all ---------------------------------------------------------------------

static void init(Values *v) {
    v->local_len = v->info->local_len;
    v->slot_len = v->local_len + v->info->operand_max + 2;
    v->slots = NEW_N(v->arena, Name, v->slot_len);
    v->locals = NEW_N(v->arena, Name, (size_t)v->local_len + 1);
    v->operands = NEW_N(v->arena, Name, (size_t)v->info->operand_max + 2);
    v->types = NEW_N(v->arena, uint8_t, (size_t)v->info->operand_max + 2);
    v->by_site.arena = v->arena;
    v->late = v->code->size;
    VEC_EACH (const Claim, c, &v->claims->list)
        if (c->kind == CLAIM_late) v->late = c->code;
    for (uint32_t i = 0; i < v->local_len; i++)
        v->locals[i] = i < v->type->param_len ? values_new(v) : name_const(0);
    for (uint32_t i = 0; i < v->local_len; i++)
        VEC_PUSH(v->arena, &v->suspects, i);
}

static bool check(Values *v) {
    const Claims *c = v->claims;
    if (!c || c->is_full || c->list.len < 2) return true;
    Bytes body = module_slice(
        v->m, module_body(v->m, v->func + v->m->imported[EXTERN_func])->bytes);
    v->wasm = body.data + (v->info->code_at - body.at);
    init(v);
    if (!compare_types(v)) return false;
    if (v->info->flags & FUNC_has_refs || v->info->catch_len) {
        uint8_t *wanted = NEW_N(v->arena, uint8_t, v->info->code_size);
        read_maps(v, false, wanted);
        read_maps(v, true, wanted);
    }
    return follow(v);
}

bool verify_values(const VerifyEnv *env, uint32_t func, const CodeFunc *code,
                   Arena *scratch, VerifyRefusal *out) {
    const Module *m = env->module;
    Values v = {
        .env = env,
        .m = m,
        .code = code,
        .claims = code->claims,
        .info = &env->side->funcs.data[func],
        .type = &module_func_type(m, func + m->imported[EXTERN_func])->func,
        .func = func,
        .arena = scratch,
    };
    bool ok = check(&v);
    *out = (VerifyRefusal){v.at, v.what};
    return ok;
}
