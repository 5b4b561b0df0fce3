// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Does what is offered fit what a module imports? (core, 3.5: matching of
// external types)
#include "rt/instance.h"

#include <stdio.h>

// `have` and `want` as the text format spells them.
static bool mismatch(const Import *im, Err *err, const char *have,
                     const char *want) {
    return err_at(err, im->at, E_import_type, (int)im->module.len,
                  im->module.data, (int)im->name.len, im->name.data, have,
                  want);
}

// --- spelling ----------------------------------------------------------------

enum {
    LIMITS_TEXT_MAX = 48,
    ITEM_TEXT_MAX = LIMITS_TEXT_MAX + TYPE_TEXT_MAX + 32,
};

static const char *limits_print(char out[LIMITS_TEXT_MAX], const Limits *l) {
    char max[24] = "";
    if (l->has_max)
        snprintf(max, sizeof max, " %llu", (unsigned long long)l->max);
    snprintf(out, LIMITS_TEXT_MAX, "%s%llu%s", l->is_64 ? "i64 " : "",
             (unsigned long long)l->min, max);
    return out;
}

static const char *table_print(char out[ITEM_TEXT_MAX], const Limits *l,
                               RtValType elem) {
    char limits[LIMITS_TEXT_MAX], type[TYPE_TEXT_MAX];
    snprintf(out, ITEM_TEXT_MAX, "(table %s %s)", limits_print(limits, l),
             rt_val_type_print(type, elem));
    return out;
}

static const char *memory_print(char out[ITEM_TEXT_MAX], const MemoryType *t) {
    char limits[LIMITS_TEXT_MAX], page[32] = "";
    if (t->page_log2 != PAGE_LOG2)
        snprintf(page, sizeof page, " (pagesize %u)", 1u << t->page_log2);
    snprintf(out, ITEM_TEXT_MAX, "(memory %s%s%s)",
             limits_print(limits, &t->limits),
             t->limits.is_shared ? " shared" : "", page);
    return out;
}

static const char *global_print(char out[ITEM_TEXT_MAX], bool is_mutable,
                                RtValType t) {
    char type[TYPE_TEXT_MAX];
    snprintf(out, ITEM_TEXT_MAX,
             is_mutable ? "(global (mut %s))" : "(global %s)",
             rt_val_type_print(type, t));
    return out;
}

// --- matching ----------------------------------------------------------------

static bool limits_match(const Limits *have, const Limits *want) {
    if (have->is_64 != want->is_64 || have->is_shared != want->is_shared)
        return false;
    if (have->min < want->min) return false;
    if (!want->has_max) return true;
    return have->has_max && have->max <= want->max;
}

static bool func_matches(const RtModule *m, const Import *im, const Func *have,
                         Err *err) {
    const RtType *want = m->types[m->module.funcs.data[im->index].type];
    if (rt_type_is(have->type, want)) return true;
    char got[RT_TYPE_TEXT_MAX], wanted[RT_TYPE_TEXT_MAX];
    return mismatch(im, err, rt_type_print(got, have->type),
                    rt_type_print(wanted, want));
}

static bool table_matches(const RtModule *m, const Import *im,
                          const Table *have, Err *err) {
    const TableType *want = &m->module.tables.data[im->index].type;
    Limits now = table_limits_now(have);
    RtValType elem = rt_val_type(want->elem, m->types);
    if (rt_val_type_equal(have->elem, elem) &&
        limits_match(&now, &want->limits))
        return true;
    char got[ITEM_TEXT_MAX], wanted[ITEM_TEXT_MAX];
    return mismatch(im, err, table_print(got, &now, have->elem),
                    table_print(wanted, &want->limits, elem));
}

static bool memory_matches(const RtModule *m, const Import *im,
                           const Memory *have, Err *err) {
    const MemoryType *want = &m->module.memories.data[im->index].type;
    MemoryType now = memory_type_now(have);
    if (now.page_log2 == want->page_log2 &&
        limits_match(&now.limits, &want->limits))
        return true;
    char got[ITEM_TEXT_MAX], wanted[ITEM_TEXT_MAX];
    return mismatch(im, err, memory_print(got, &now),
                    memory_print(wanted, want));
}

static bool global_matches(const RtModule *m, const Import *im,
                           const Global *have, Err *err) {
    const GlobalType *want = &m->module.globals.data[im->index].type;
    RtValType type = rt_val_type(want->type, m->types);
    bool fits = want->is_mutable ? rt_val_type_equal(have->type, type)
                                 : rt_val_type_matches(have->type, type);
    if (fits && have->is_mutable == want->is_mutable) return true;
    char got[ITEM_TEXT_MAX], wanted[ITEM_TEXT_MAX];
    return mismatch(im, err, global_print(got, have->is_mutable, have->type),
                    global_print(wanted, want->is_mutable, type));
}

static bool tag_matches(const RtModule *m, const Import *im, const Tag *have,
                        Err *err) {
    const RtType *want = m->types[m->module.tags.data[im->index].type];
    if (have->type == want) return true;
    char got[RT_TYPE_TEXT_MAX], wanted[RT_TYPE_TEXT_MAX];
    return mismatch(im, err, rt_type_print(got, have->type),
                    rt_type_print(wanted, want));
}

bool import_matches(const RtModule *m, uint32_t import, const Extern *have,
                    Err *err) {
    const Import *im = &m->module.imports.data[import];
    if (have->kind != im->kind)
        return err_at(err, im->at, E_import_kind, (int)im->module.len,
                      im->module.data, (int)im->name.len, im->name.data,
                      extern_text[have->kind], extern_text[im->kind]);
    switch (im->kind) {
    case EXTERN_func:
        return func_matches(m, im, have->func, err);
    case EXTERN_table:
        return table_matches(m, im, have->table, err);
    case EXTERN_memory:
        return memory_matches(m, im, have->memory, err);
    case EXTERN_global:
        return global_matches(m, im, have->global, err);
    case EXTERN_tag:
        return tag_matches(m, im, have->tag, err);
    case EXTERN_count:
        break;
    }
    UNREACHABLE();
}
