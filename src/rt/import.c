// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Does what is offered fit what a module imports? (core, 3.5: matching of
// external types)
#include "rt/instance.h"

static bool mismatch(const Import *im, Err *err, const char *why) {
    return err_at(err, im->at, E_import_type, (int)im->module.len,
                  im->module.data, (int)im->name.len, im->name.data, why);
}

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
    char got[RT_TYPE_TEXT_MAX];
    return mismatch(im, err, rt_type_print(got, have->type));
}

static bool table_matches(const RtModule *m, const Import *im,
                          const Table *have, Err *err) {
    const TableType *want = &m->module.tables.data[im->index].type;
    Limits now = table_limits_now(have);
    if (!rt_val_type_equal(have->elem, rt_val_type(want->elem, m->types)))
        return mismatch(im, err, "another element type");
    if (!limits_match(&now, &want->limits))
        return mismatch(im, err, "another size or index type");
    return true;
}

static bool memory_matches(const RtModule *m, const Import *im,
                           const Memory *have, Err *err) {
    const MemoryType *want = &m->module.memories.data[im->index].type;
    MemoryType now = memory_type_now(have);
    if (now.page_log2 != want->page_log2)
        return mismatch(im, err, "another page size");
    if (!limits_match(&now.limits, &want->limits))
        return mismatch(im, err, "another size, index type or sharing");
    return true;
}

static bool global_matches(const RtModule *m, const Import *im,
                           const Global *have, Err *err) {
    const GlobalType *want = &m->module.globals.data[im->index].type;
    RtValType type = rt_val_type(want->type, m->types);
    if (have->is_mutable != want->is_mutable)
        return mismatch(im, err, "another mutability");
    bool fits = want->is_mutable ? rt_val_type_equal(have->type, type)
                                 : rt_val_type_matches(have->type, type);
    return fits || mismatch(im, err, "another value type");
}

static bool tag_matches(const RtModule *m, const Import *im, const Tag *have,
                        Err *err) {
    const RtType *want = m->types[m->module.tags.data[im->index].type];
    return have->type == want || mismatch(im, err, "another tag type");
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
