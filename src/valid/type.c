// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Recursion groups: are they valid, and which of them are equal?
//
// Equality of types is equality of their groups, position by position
// (iso-recursive types: core, 3.1). Groups are hash-consed in order: names of
// types inside the group count by position, names of earlier types by their
// canonical index, so that equal groups have equal hashes and one comparison
// decides. Linear in the size of the type section.
#include "base/hash.h"
#include "valid/valid_int.h"

// The words that a type is made of, in one order for hashing and comparing.
// A group is walked by asking for word 0, 1, 2 ... of each of its types.
enum {
    WORD_kind, // kind, finality, and how many components there are
    WORD_super,
    WORD_first, // components: parameters and results, or fields
};

static uint32_t component_len(const TypeDef *d) {
    if (d->kind == COMP_func) return d->func.param_len + d->func.result_len;
    return d->structure.field_len;
}

static ValType component(const TypeDef *d, uint32_t i) {
    if (d->kind != COMP_func) return d->structure.fields[i].storage;
    uint32_t params = d->func.param_len;
    return i < params ? d->func.params[i] : d->func.results[i - params];
}

// A type index as the group starting at `start` sees it: below 2^32 for
// earlier types, above for its own.
static uint64_t relative(const Module *m, uint32_t start, uint32_t index) {
    if (index >= start) return (uint64_t)1 << 32 | (index - start);
    return m->types.data[index].canon;
}

static uint64_t word(const Module *m, uint32_t start, const TypeDef *d,
                     uint32_t i) {
    if (i == WORD_kind) {
        uint64_t params = d->kind == COMP_func ? d->func.param_len : 0;
        return (uint64_t)d->kind | (uint64_t)d->is_final << 2 | params << 3 |
               (uint64_t)component_len(d) << 32;
    }
    if (i == WORD_super)
        return d->super == TYPE_NONE ? UINT64_MAX
                                     : relative(m, start, d->super);
    ValType t = component(d, i - WORD_first);
    bool is_mutable =
        d->kind != COMP_func && d->structure.fields[i - WORD_first].is_mutable;
    uint64_t shape = (uint64_t)is_mutable << 63;
    if (!vt_is_concrete(t)) return shape | t;
    return shape | (uint64_t)(t & ~VT_INDEX) << 30 |
           relative(m, start, vt_index(t));
}

static uint64_t group_hash(const Module *m, uint32_t start, uint32_t len) {
    // Starts where hash_bytes does, which no module can know.
    uint64_t hash = hash_bytes(&len, sizeof len);
    for (uint32_t k = 0; k < len; k++) {
        const TypeDef *d = &m->types.data[start + k];
        uint32_t words = WORD_first + component_len(d);
        for (uint32_t i = 0; i < words; i++)
            hash = hash_combine(hash, word(m, start, d, i));
    }
    return hash;
}

// MapEq: is the group at `value` equal to the one at *key?
static bool group_equal(const void *env, uint32_t value, const void *key,
                        size_t size) {
    (void)size;
    const Module *m = env;
    uint32_t start = *(const uint32_t *)key;
    const TypeDef *a = &m->types.data[value], *b = &m->types.data[start];
    if (a->group_len != b->group_len) return false;
    for (uint32_t k = 0; k < a->group_len; k++) {
        uint32_t words = WORD_first + component_len(&b[k]);
        for (uint32_t i = 0; i < words; i++)
            if (word(m, value, &a[k], i) != word(m, start, &b[k], i))
                return false; // word 0 has the number of words
    }
    return true;
}

static void group_canon(Module *m, Map *groups, uint32_t start, uint32_t len) {
    uint64_t hash = group_hash(m, start, len);
    uint32_t first =
        map_find(groups, hash, group_equal, m, &start, sizeof start);
    if (first == MAP_NONE) {
        first = start;
        // An arena map: the guard sees running out.
        bool ok = map_add(groups, hash, start);
        CHECK(ok);
    }
    for (uint32_t k = 0; k < len; k++)
        m->types.data[start + k].canon = first + k;
}

// --- what a group may name ---------------------------------------------------

static bool group_names(const Module *m, uint32_t start, uint32_t len,
                        Err *err) {
    for (uint32_t k = 0; k < len; k++) {
        uint32_t index = start + k;
        const TypeDef *d = &m->types.data[index];
        if (d->super != TYPE_NONE && d->super >= index)
            return err_at(err, d->at, E_unknown_type, d->super);
        for (uint32_t i = 0; i < component_len(d); i++) {
            ValType t = component(d, i);
            if (vt_is_concrete(t) && vt_index(t) >= start + len)
                return err_at(err, d->at, E_unknown_type, vt_index(t));
        }
        if (d->kind == COMP_func && d->func.result_len > 1 &&
            !feature_on(m->features, FEATURE_multi_value))
            return err_at(err, d->at, E_feature_off,
                          "a function type with several results",
                          "multi-value");
    }
    return true;
}

// --- subtypes ----------------------------------------------------------------

static bool field_matches(const Module *m, const FieldType *sub,
                          const FieldType *super) {
    if (sub->is_mutable != super->is_mutable) return false;
    if (sub->is_mutable) return type_equal(m, sub->storage, super->storage);
    return type_matches(m, sub->storage, super->storage);
}

static bool func_matches(const Module *m, const FuncType *sub,
                         const FuncType *super) {
    if (sub->param_len != super->param_len) return false;
    if (sub->result_len != super->result_len) return false;
    for (uint32_t i = 0; i < sub->param_len; i++)
        if (!type_matches(m, super->params[i], sub->params[i])) return false;
    for (uint32_t i = 0; i < sub->result_len; i++)
        if (!type_matches(m, sub->results[i], super->results[i])) return false;
    return true;
}

static bool def_matches(const Module *m, const TypeDef *sub,
                        const TypeDef *super) {
    if (sub->kind != super->kind || super->is_final) return false;
    if (sub->kind == COMP_func)
        return func_matches(m, &sub->func, &super->func);
    uint32_t len = super->structure.field_len;
    if (sub->structure.field_len < len) return false;
    for (uint32_t i = 0; i < len; i++)
        if (!field_matches(m, &sub->structure.fields[i],
                           &super->structure.fields[i]))
            return false;
    return true;
}

// Supertypes come first, so their depth is known.
static bool group_depths(Module *m, uint32_t start, uint32_t len, Err *err) {
    for (uint32_t k = 0; k < len; k++) {
        TypeDef *d = &m->types.data[start + k];
        d->depth = 0;
        if (d->super == TYPE_NONE) continue;
        d->depth = m->types.data[d->super].depth + 1;
        if (d->depth > m->limits->subtype_depth)
            return err_at(err, d->at, E_over_limit, "depth of subtyping",
                          (unsigned long long)d->depth,
                          (unsigned long long)m->limits->subtype_depth);
    }
    return true;
}

static bool group_supers(const Module *m, uint32_t start, uint32_t len,
                         Err *err) {
    for (uint32_t k = 0; k < len; k++) {
        const TypeDef *d = &m->types.data[start + k];
        if (d->super == TYPE_NONE) continue;
        if (!def_matches(m, d, &m->types.data[d->super]))
            return err_at(err, d->at, E_sub_type, start + k, d->super);
    }
    return true;
}

bool types_valid(Module *m, Arena *scratch, Err *err) {
    Map groups = {.arena = scratch};
    uint32_t start = 0;
    while (start < m->types.len) {
        uint32_t len = m->types.data[start].group_len;
        assert(len > 0 && m->types.data[start].group_start == start);
        if (!group_names(m, start, len, err)) return false;
        group_canon(m, &groups, start, len);
        if (!group_depths(m, start, len, err)) return false;
        if (!group_supers(m, start, len, err)) return false;
        start += len;
    }
    return true;
}
