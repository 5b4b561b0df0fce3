// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Hash-consing of recursion groups.
//
// A group is one block of memory: its types, their displays and components.
// Whatever asks for a group first builds it as a candidate; under the lock the
// candidate is either found to be equal to a group of the table and thrown
// away, or becomes a member. Two groups are equal when their words are: names
// of types inside the group count by position, names of others by id.
//
// A count belongs to a group. It is raised by whoever holds a reference
// already, or under the lock; it falls to zero under the lock only, and in the
// same critical section the group leaves the table. So a group that is found
// in the table is alive, and one that died is never found. The model of this
// is tests/spin/registry.pml.
#include "rt/registry.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "os/random.h"
#include "os/thread.h"
#include "rt/engine.h"

#include <stdatomic.h>
#include <string.h>

struct RtGroup {
    // References of modules, stores, hosts, and of other groups' types. From
    // above one anybody who holds one may take or drop one; to zero only under
    // the lock.
    _Atomic uint64_t refs;
    uint64_t hash;
    RtGroup *next; // in its bucket, later in a list of the dead
    uint32_t len;
    RtType types[];
};

struct Registry {
    Mutex lock; // for everything below
    RtGroup **buckets;
    uint32_t bucket_len; // a power of two, at least `len`
    uint32_t len;
    uint64_t seed; // of hashes: a guest cannot choose what collides
};

enum {
    BUCKETS_MIN = 64
};

// --- the words that a group is made of ---------------------------------------

enum {
    WORD_shape, // kind, finality, number of parameters
    WORD_len,   // components: parameters and results, or fields
    WORD_super,
    WORD_first, // two per component: what it is, and which type it names
};

static uint32_t component_len(const RtType *t) {
    return t->kind == COMP_func ? t->param_len + t->result_len : t->field_len;
}

// Results lie behind the parameters.
static RtValType component(const RtType *t, uint32_t i) {
    return t->kind == COMP_func ? t->params[i] : t->fields[i].storage;
}

static RtType *supertype(const RtType *t) {
    return t->depth ? t->display[t->depth - 1] : NULL;
}

// Ids stay far below the bit that marks a position.
static uint64_t name_word(const RtGroup *g, const RtType *named) {
    if (!named) return 0;
    if (named->group == g) return (uint64_t)1 << 63 | named->index;
    return named->id;
}

static uint64_t word_len(const RtType *t) {
    return WORD_first + (uint64_t)2 * component_len(t);
}

static uint64_t word(const RtType *t, uint64_t i) {
    if (i == WORD_shape)
        return (uint64_t)t->kind | (uint64_t)t->is_final << 2 |
               (uint64_t)t->param_len << 32;
    if (i == WORD_len) return component_len(t);
    if (i == WORD_super) return name_word(t->group, supertype(t));
    uint32_t k = (uint32_t)((i - WORD_first) / 2);
    RtValType c = component(t, k);
    if ((i - WORD_first) % 2) return name_word(t->group, c.type);
    bool is_mutable = t->kind != COMP_func && t->fields[k].is_mutable;
    return (uint64_t)c.code | (uint64_t)is_mutable << 32;
}

static uint64_t group_hash(uint64_t seed, const RtGroup *g) {
    uint64_t hash = hash_combine(seed, g->len);
    for (uint32_t k = 0; k < g->len; k++) {
        uint64_t words = word_len(&g->types[k]);
        for (uint64_t i = 0; i < words; i++)
            hash = hash_combine(hash, word(&g->types[k], i));
    }
    return hash;
}

// WORD_len comes before the words that depend on it.
static bool type_equal_words(const RtType *a, const RtType *b) {
    uint64_t words = word_len(b);
    for (uint64_t i = 0; i < words; i++)
        if (word(a, i) != word(b, i)) return false;
    return true;
}

static bool group_equal(const RtGroup *a, const RtGroup *b) {
    if (a->hash != b->hash || a->len != b->len) return false;
    for (uint32_t k = 0; k < a->len; k++)
        if (!type_equal_words(&a->types[k], &b->types[k])) return false;
    return true;
}

// --- building a candidate ----------------------------------------------------

// How much of each a group needs; then, where the next of each goes.
typedef struct GroupSize {
    uint64_t types, displays, vals, fields;
} GroupSize;

typedef struct GroupRoom {
    RtType **displays;
    RtValType *vals;
    RtField *fields;
} GroupRoom;

static RtGroup *group_new(const GroupSize *n, GroupRoom *room) {
    uint64_t size = sizeof(RtGroup) + n->types * sizeof(RtType) +
                    n->displays * sizeof *room->displays +
                    n->vals * sizeof *room->vals +
                    n->fields * sizeof *room->fields;
    RtGroup *g = mem_alloc(size);
    if (!g) return NULL;
    atomic_init(&g->refs, 0);
    g->next = NULL;
    g->len = (uint32_t)n->types;
    room->displays = (RtType **)(void *)&g->types[n->types];
    room->vals = (RtValType *)(void *)(room->displays + n->displays);
    room->fields = (RtField *)(void *)(room->vals + n->vals);
    return g;
}

// A type with its display and room for its components. Ids come later, when
// the group turns out to be new.
static RtType *type_init(RtGroup *g, uint32_t index, CompKind kind,
                         const RtType *super, GroupRoom *room) {
    RtType *t = &g->types[index];
    *t = (RtType){
        .group = g,
        .index = index,
        .kind = kind,
        .depth = super ? super->depth + 1 : 0,
        .display = room->displays,
        .params = room->vals,
        .results = room->vals,
        .fields = room->fields,
    };
    if (super)
        memcpy(t->display, super->display, t->depth * sizeof *t->display);
    t->display[t->depth] = t;
    room->displays += t->depth + 1;
    return t;
}

static RtValType *type_add_vals(RtType *t, uint32_t params, uint32_t results,
                                GroupRoom *room) {
    RtValType *vals = room->vals;
    t->param_len = params;
    t->result_len = results;
    t->value_len = MAX(params, results);
    t->results = vals + params;
    room->vals += (uint64_t)params + results;
    return vals;
}

static RtField *type_add_fields(RtType *t, uint32_t len, GroupRoom *room) {
    RtField *fields = room->fields;
    t->field_len = len;
    room->fields += len;
    return fields;
}

static void type_look_at_vals(RtType *t) {
    for (uint32_t i = 0; i < t->param_len + t->result_len; i++) {
        t->has_v128 |= t->params[i].code == VT_v128;
        t->has_ref |= vt_is_ref(t->params[i].code);
    }
}

// --- candidates from modules -------------------------------------------------

static GroupSize module_group_size(const TypeDef *defs, uint32_t len) {
    GroupSize n = {.types = len};
    for (const TypeDef *d = defs; d != defs + len; d++) {
        n.displays += (uint64_t)d->depth + 1;
        if (d->kind == COMP_func)
            n.vals += (uint64_t)d->func.param_len + d->func.result_len;
        else
            n.fields += d->structure.field_len;
    }
    return n;
}

static void module_func(RtType *t, const FuncType *f, RtType *const *types,
                        GroupRoom *room) {
    RtValType *vals = type_add_vals(t, f->param_len, f->result_len, room);
    for (uint32_t i = 0; i < f->param_len; i++)
        *vals++ = rt_val_type(f->params[i], types);
    for (uint32_t i = 0; i < f->result_len; i++)
        *vals++ = rt_val_type(f->results[i], types);
    type_look_at_vals(t);
}

static void module_fields(RtType *t, const TypeDef *d, RtType *const *types,
                          GroupRoom *room) {
    uint32_t len = d->structure.field_len;
    RtField *fields = type_add_fields(t, len, room);
    for (uint32_t i = 0; i < len; i++) {
        const FieldType *f = &d->structure.fields[i];
        fields[i] = (RtField){rt_val_type(f->storage, types), f->is_mutable};
    }
}

// The group that starts at `start`; types[0 .. start) are canonical. Sets
// those of the group to the candidate's, which its components may name.
static RtGroup *module_group(const Module *m, uint32_t start, RtType **types) {
    const TypeDef *defs = &m->types.data[start];
    uint32_t len = defs->group_len;
    GroupSize size = module_group_size(defs, len);
    GroupRoom room;
    RtGroup *g = group_new(&size, &room);
    if (!g) return NULL;
    for (uint32_t k = 0; k < len; k++)
        types[start + k] = &g->types[k];
    for (uint32_t k = 0; k < len; k++) {
        const TypeDef *d = &defs[k];
        // A supertype comes before its subtypes.
        const RtType *super = d->super == TYPE_NONE ? NULL : types[d->super];
        RtType *t = type_init(g, k, d->kind, super, &room);
        t->is_final = d->is_final;
        if (d->kind == COMP_func)
            module_func(t, &d->func, types, &room);
        else
            module_fields(t, d, types, &room);
    }
    return g;
}

// --- members of the table; all with the lock held ----------------------------

static RtGroup **bucket(const Registry *r, uint64_t hash) {
    return &r->buckets[hash & (r->bucket_len - 1)];
}

static void bucket_push(const Registry *r, RtGroup *g) {
    RtGroup **head = bucket(r, g->hash);
    g->next = *head;
    *head = g;
}

// Room for one more member.
static bool make_room(Registry *r) {
    if (r->len < r->bucket_len) return true;
    if (r->bucket_len > UINT32_MAX / 2) return false;
    Registry bigger = {.bucket_len = r->bucket_len * 2};
    bigger.buckets = MEM_NEW_N(RtGroup *, bigger.bucket_len);
    if (!bigger.buckets) return false;
    for (uint32_t i = 0; i < r->bucket_len; i++) {
        for (RtGroup *g = r->buckets[i], *next; g; g = next) {
            next = g->next;
            bucket_push(&bigger, g);
        }
    }
    mem_free(r->buckets);
    r->buckets = bigger.buckets;
    r->bucket_len = bigger.bucket_len;
    return true;
}

static void group_ref(RtGroup *g) {
    atomic_fetch_add_explicit(&g->refs, 1, memory_order_relaxed);
}

static RtGroup *group_outside(const RtGroup *g, const RtType *named) {
    return named && named->group != g ? named->group : NULL;
}

// Calls visit for each group that a type of g names, as often as it does.
static void group_each_named(const RtGroup *g,
                             void (*visit)(void *env, RtGroup *named),
                             void *env) {
    for (const RtType *t = g->types; t != g->types + g->len; t++) {
        RtGroup *named = group_outside(g, supertype(t));
        if (named) visit(env, named);
        uint32_t len = component_len(t);
        for (uint32_t i = 0; i < len; i++) {
            named = group_outside(g, component(t, i).type);
            if (named) visit(env, named);
        }
    }
}

static void visit_ref(void *env, RtGroup *named) {
    (void)env;
    group_ref(named);
}

static void group_insert(Registry *r, RtGroup *g) {
    for (uint32_t k = 0; k < g->len; k++)
        g->types[k].id = unique_id();
    group_each_named(g, visit_ref, NULL);
    bucket_push(r, g);
    r->len++;
}

// Takes the candidate; the member that is equal to it, with one more
// reference.
static RtGroup *group_intern(Registry *r, RtGroup *candidate) {
    candidate->hash = group_hash(r->seed, candidate);
    RtGroup *g = *bucket(r, candidate->hash);
    while (g && !group_equal(g, candidate))
        g = g->next;
    if (g) {
        mem_free(candidate);
    } else {
        g = candidate;
        group_insert(r, g);
    }
    group_ref(g);
    return g;
}

static void bucket_remove(Registry *r, const RtGroup *g) {
    RtGroup **at = bucket(r, g->hash);
    while (*at != g)
        at = &(*at)->next;
    *at = g->next;
    r->len--;
}

// Groups that lost their last reference.
typedef struct Graves {
    Registry *registry;
    RtGroup *dying; // out of the table, still naming others
    RtGroup *dead;  // to be freed, after the lock
} Graves;

// Drops a reference. The only place where a count becomes zero.
static void group_unref(void *env, RtGroup *g) {
    Graves *graves = env;
    if (atomic_fetch_sub_explicit(&g->refs, 1, memory_order_acq_rel) != 1)
        return;
    bucket_remove(graves->registry, g);
    g->next = graves->dying;
    graves->dying = g;
}

// Lets go of what the dying name, and so on down.
static void graves_settle(Graves *graves) {
    while (graves->dying) {
        RtGroup *g = graves->dying;
        graves->dying = g->next;
        group_each_named(g, group_unref, graves);
        g->next = graves->dead;
        graves->dead = g;
    }
}

// Without the lock.
static void graves_clear(Graves *graves) {
    for (RtGroup *g = graves->dead, *next; g; g = next) {
        next = g->next;
        mem_free(g);
    }
}

// --- the door ----------------------------------------------------------------

Registry *registry_new(void) {
    Registry *r = MEM_NEW(Registry);
    if (!r) return NULL;
    r->bucket_len = BUCKETS_MIN;
    r->buckets = MEM_NEW_N(RtGroup *, BUCKETS_MIN);
    if (!r->buckets) {
        mem_free(r);
        return NULL;
    }
    // Without random bytes the address is better than nothing.
    if (!random_fill(&r->seed, sizeof r->seed))
        r->seed = hash_u64((uint64_t)(uintptr_t)r);
    return r;
}

void registry_free(Registry *r) {
    if (!r) return;
    assert(r->len == 0);
    mutex_release(&r->lock);
    mem_free(r->buckets);
    mem_free(r);
}

void registry_lock(Registry *r) {
    mutex_lock(&r->lock);
}

void registry_unlock(Registry *r) {
    mutex_unlock(&r->lock);
}

uint32_t registry_len(Registry *r) {
    registry_lock(r);
    uint32_t len = r->len;
    registry_unlock(r);
    return len;
}

static bool add_module_group(Registry *r, const Module *m, uint32_t start,
                             RtType **types) {
    if (!make_room(r)) return false;
    RtGroup *g = module_group(m, start, types);
    if (!g) return false;
    g = group_intern(r, g);
    for (uint32_t k = 0; k < g->len; k++)
        types[start + k] = &g->types[k];
    return true;
}

// The groups of types[0 .. end).
static void unref_module_groups(const Module *m, uint32_t end, RtType **types,
                                Graves *graves) {
    for (uint32_t i = 0; i < end; i += m->types.data[i].group_len)
        group_unref(graves, types[i]->group);
    graves_settle(graves);
}

bool registry_add_module(Registry *r, const Module *m, RtType **out) {
    Graves graves = {.registry = r};
    uint32_t i = 0;
    registry_lock(r);
    while (i < m->types.len && add_module_group(r, m, i, out))
        i += m->types.data[i].group_len;
    bool ok = i == m->types.len;
    if (!ok) unref_module_groups(m, i, out, &graves);
    registry_unlock(r);
    graves_clear(&graves);
    return ok;
}

void registry_drop_module(Registry *r, const Module *m, RtType **types) {
    Graves graves = {.registry = r};
    registry_lock(r);
    unref_module_groups(m, m->types.len, types, &graves);
    registry_unlock(r);
    graves_clear(&graves);
}

// Interns a group of one type.
static RtType *add_single(Registry *r, RtGroup *candidate) {
    registry_lock(r);
    RtGroup *g = make_room(r) ? group_intern(r, candidate) : NULL;
    registry_unlock(r);
    if (!g) mem_free(candidate);
    return g ? &g->types[0] : NULL;
}

RtType *registry_func_type(Registry *r, const RtValType *params,
                           uint32_t param_len, const RtValType *results,
                           uint32_t result_len) {
    GroupSize size = {1, 1, (uint64_t)param_len + result_len, 0};
    GroupRoom room;
    RtGroup *g = group_new(&size, &room);
    if (!g) return NULL;
    RtType *t = type_init(g, 0, COMP_func, NULL, &room);
    t->is_final = true;
    RtValType *vals = type_add_vals(t, param_len, result_len, &room);
    for (uint32_t i = 0; i < param_len; i++)
        *vals++ = params[i];
    for (uint32_t i = 0; i < result_len; i++)
        *vals++ = results[i];
    type_look_at_vals(t);
    return add_single(r, g);
}

RtType *registry_struct_type(Registry *r, CompKind kind, const RtField *fields,
                             uint32_t field_len) {
    assert(kind == COMP_struct || (kind == COMP_array && field_len == 1));
    GroupSize size = {1, 1, 0, field_len};
    GroupRoom room;
    RtGroup *g = group_new(&size, &room);
    if (!g) return NULL;
    RtType *t = type_init(g, 0, kind, NULL, &room);
    t->is_final = true;
    RtField *own = type_add_fields(t, field_len, &room);
    for (uint32_t i = 0; i < field_len; i++)
        own[i] = fields[i];
    return add_single(r, g);
}

void rt_type_ref(RtType *t) {
    group_ref(t->group);
}

// One of several references goes without the lock; what might be the last one
// is dropped under it, and only there is it known to be the last.
void rt_type_unref(Registry *r, RtType *t) {
    RtGroup *g = t->group;
    uint64_t refs = atomic_load_explicit(&g->refs, memory_order_relaxed);
    while (refs > 1)
        if (atomic_compare_exchange_weak_explicit(&g->refs, &refs, refs - 1,
                                                  memory_order_release,
                                                  memory_order_relaxed))
            return;
    Graves graves = {.registry = r};
    registry_lock(r);
    group_unref(&graves, g);
    graves_settle(&graves);
    registry_unlock(r);
    graves_clear(&graves);
}
