// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The sections that declare: imports, functions, tables, memories, tags,
// globals, exports, the start function (core, 5.5.5 to 5.5.11).
#include "binary/binary_int.h"
#include "wasm/op.h"

// Bytes of the smallest entry of each section.
enum {
    LEAST_IMPORT = 4,
    LEAST_FUNC = 1,
    LEAST_TABLE = 3,
    LEAST_MEMORY = 2,
    LEAST_TAG = 2,
    LEAST_GLOBAL = 4,
    LEAST_EXPORT = 3,
    PAGE_LOG2_MAX = 63, // more does not fit into an address
};

// --- types of what is declared -----------------------------------------------

bool decode_mutability(Decoder *d, bool *out) {
    uint8_t byte = read_u8(&d->r);
    *out = byte == 1;
    if (byte <= 1) return reader_ok(&d->r);
    d->r.at--;
    return reader_fail(&d->r, E_malformed_mutability);
}

// What each flag needs, as long as anything can be said for it at all.
static bool limits_flags(Decoder *d, uint8_t flags, unsigned known) {
    static const struct {
        uint8_t flag;
        Feature feature;
        const char *what;
    } rows[] = {
        {LIMITS_shared, FEATURE_threads, "shared"},
        {LIMITS_64, FEATURE_memory64, "64-bit"},
        {LIMITS_page_size, FEATURE_custom_page_sizes, "a custom page size"},
    };
    uint64_t at = reader_offset(&d->r) - 1;
    if (flags & ~known)
        return err_at(d->err, at, E_limits_flags, (unsigned)flags);
    for (size_t i = 0; i < COUNTOF(rows); i++)
        if (flags & rows[i].flag &&
            !feature_on(d->m->features, rows[i].feature))
            return err_at(d->err, at, E_limits_flags_off, (unsigned)flags,
                          rows[i].what, feature_info[rows[i].feature].flag);
    return true;
}

// The range of 32-bit limits is checked by validation, as the specification
// has it since there are 64-bit ones.
static bool decode_limits(Decoder *d, unsigned known, uint8_t *flags,
                          Limits *out) {
    Reader *r = &d->r;
    *flags = read_u8(r);
    if (!reader_ok(r) || !limits_flags(d, *flags, known)) return false;
    bool wide = feature_on(d->m->features, FEATURE_memory64);
    out->has_max = *flags & LIMITS_max;
    out->is_shared = *flags & LIMITS_shared;
    out->is_64 = *flags & LIMITS_64;
    out->min = wide ? read_u64(r) : read_u32(r);
    if (out->has_max) out->max = wide ? read_u64(r) : read_u32(r);
    return reader_ok(r);
}

static bool table_type(Decoder *d, TableType *out) {
    uint8_t flags;
    return read_ref_type(&d->r, d->m->features, &out->elem) &&
           decode_limits(d, LIMITS_max | LIMITS_64, &flags, &out->limits);
}

static bool memory_type(Decoder *d, MemoryType *out) {
    uint8_t flags;
    unsigned known = LIMITS_max | LIMITS_shared | LIMITS_64 | LIMITS_page_size;
    out->page_log2 = PAGE_LOG2;
    if (!decode_limits(d, known, &flags, &out->limits)) return false;
    if (!(flags & LIMITS_page_size)) return true;
    uint64_t at = reader_offset(&d->r);
    uint32_t log2 = read_u32(&d->r);
    if (!reader_ok(&d->r)) return false;
    if (log2 > PAGE_LOG2_MAX) return err_at(d->err, at, E_page_log2, log2);
    out->page_log2 = (uint8_t)log2;
    out->has_page_size = true;
    return true;
}

static bool global_type(Decoder *d, GlobalType *out) {
    return read_val_type(&d->r, d->m->features, &out->type) &&
           decode_mutability(d, &out->is_mutable);
}

static bool tag_type(Decoder *d, uint32_t *type) {
    Reader *r = &d->r;
    uint8_t attribute = read_u8(r);
    if (attribute != 0) {
        r->at--;
        return reader_fail(r, E_zero_byte);
    }
    *type = read_u32(r);
    return reader_ok(r);
}

// --- imports -----------------------------------------------------------------

// The declaration of an import goes to the space of its kind.
static bool import_decl(Decoder *d, ExternKind kind, uint64_t at) {
    Module *m = d->m;
    switch (kind) {
    case EXTERN_func: {
        FuncDecl func = {.at = at};
        func.type = read_u32(&d->r);
        VEC_PUSH(m->arena, &m->funcs, func);
        return reader_ok(&d->r);
    }
    case EXTERN_table: {
        TableDecl table = {.at = at};
        if (!table_type(d, &table.type)) return false;
        VEC_PUSH(m->arena, &m->tables, table);
        return true;
    }
    case EXTERN_memory: {
        MemoryDecl memory = {.at = at};
        if (!memory_type(d, &memory.type)) return false;
        VEC_PUSH(m->arena, &m->memories, memory);
        return true;
    }
    case EXTERN_global: {
        GlobalDecl global = {.at = at};
        if (!global_type(d, &global.type)) return false;
        VEC_PUSH(m->arena, &m->globals, global);
        return true;
    }
    case EXTERN_tag: {
        TagDecl tag = {.at = at};
        if (!decode_need(d, at, FEATURE_exceptions, "the import of a tag") ||
            !tag_type(d, &tag.type))
            return false;
        VEC_PUSH(m->arena, &m->tags, tag);
        return true;
    }
    case EXTERN_count:
        break;
    }
    UNREACHABLE();
}

static bool extern_name(Decoder *d, Str *out) {
    uint64_t at = reader_offset(&d->r), most = d->m->limits->name_size;
    if (!decode_name(&d->r, out)) return false;
    return out->len <= most ||
           decode_over(d, at, LIMIT_name_size, out->len, most);
}

static bool extern_kind(Decoder *d, ErrId bad, ExternKind *out) {
    uint64_t at = reader_offset(&d->r);
    uint8_t kind = read_u8(&d->r);
    if (!reader_ok(&d->r)) return false;
    if (kind >= EXTERN_count) return err_at(d->err, at, bad, (unsigned)kind);
    *out = (ExternKind)kind;
    return true;
}

static bool import_entry(Decoder *d) {
    Module *m = d->m;
    Import import = {.at = reader_offset(&d->r)};
    if (!extern_name(d, &import.module) || !extern_name(d, &import.name))
        return false;
    uint64_t at = reader_offset(&d->r);
    if (!extern_kind(d, E_malformed_import, &import.kind) ||
        !import_decl(d, import.kind, at))
        return false;
    import.index = m->imported[import.kind]++;
    VEC_PUSH(m->arena, &m->imports, import);
    return true;
}

// Imports count among the things of their kind.
static bool import_limits(Decoder *d, uint64_t at) {
    static const LimitId ids[EXTERN_count] = {
        LIMIT_funcs, LIMIT_tables, LIMIT_memories, LIMIT_globals, LIMIT_tags};
    const LimitSet *limits = d->m->limits;
    const uint64_t most[EXTERN_count] = {limits->funcs, limits->tables,
                                         limits->memories, limits->globals,
                                         limits->tags};
    for (unsigned kind = 0; kind < EXTERN_count; kind++)
        if (d->m->imported[kind] > most[kind])
            return decode_over(d, at, ids[kind], d->m->imported[kind],
                               most[kind]);
    return true;
}

bool decode_import(Decoder *d) {
    uint64_t at = reader_offset(&d->r);
    uint32_t n;
    if (!DECODE_COUNT(d, imports, imports, LEAST_IMPORT, &n)) return false;
    for (uint32_t i = 0; i < n; i++)
        if (!decode_entry(d) || !import_entry(d)) return false;
    return import_limits(d, at);
}

// --- declarations ------------------------------------------------------------

bool decode_func(Decoder *d) {
    Module *m = d->m;
    uint32_t n;
    if (!DECODE_COUNT(d, funcs, funcs, LEAST_FUNC, &n)) return false;
    for (uint32_t i = 0; i < n; i++) {
        FuncDecl func = {.at = reader_offset(&d->r)};
        if (!decode_entry(d)) return false;
        func.type = read_u32(&d->r);
        VEC_PUSH(m->arena, &m->funcs, func);
        if (!reader_ok(&d->r)) return false;
    }
    return true;
}

static bool table_entry(Decoder *d, TableDecl *out) {
    Reader *r = &d->r;
    bool has_init = *r->at == FORM_table_init;
    if (has_init) {
        if (!decode_need(d, out->at, FEATURE_function_references,
                         "a table with an initial value"))
            return false;
        r->at++;
        if (read_u8(r) != 0) {
            r->at--;
            return reader_fail(r, E_zero_byte);
        }
    }
    return reader_ok(r) && table_type(d, &out->type) &&
           (!has_init || decode_expr(d, &out->init));
}

bool decode_table(Decoder *d) {
    Module *m = d->m;
    uint32_t n;
    if (!DECODE_COUNT(d, tables, tables, LEAST_TABLE, &n)) return false;
    for (uint32_t i = 0; i < n; i++) {
        TableDecl table = {.at = reader_offset(&d->r)};
        if (!decode_entry(d) || !table_entry(d, &table)) return false;
        VEC_PUSH(m->arena, &m->tables, table);
    }
    return true;
}

bool decode_memory(Decoder *d) {
    Module *m = d->m;
    uint32_t n;
    if (!DECODE_COUNT(d, memories, memories, LEAST_MEMORY, &n)) return false;
    for (uint32_t i = 0; i < n; i++) {
        MemoryDecl memory = {.at = reader_offset(&d->r)};
        if (!decode_entry(d) || !memory_type(d, &memory.type)) return false;
        VEC_PUSH(m->arena, &m->memories, memory);
    }
    return true;
}

bool decode_tag(Decoder *d) {
    Module *m = d->m;
    uint32_t n;
    if (!DECODE_COUNT(d, tags, tags, LEAST_TAG, &n)) return false;
    for (uint32_t i = 0; i < n; i++) {
        TagDecl tag = {.at = reader_offset(&d->r)};
        if (!decode_entry(d) || !tag_type(d, &tag.type)) return false;
        VEC_PUSH(m->arena, &m->tags, tag);
    }
    return true;
}

bool decode_global(Decoder *d) {
    Module *m = d->m;
    uint32_t n;
    if (!DECODE_COUNT(d, globals, globals, LEAST_GLOBAL, &n)) return false;
    for (uint32_t i = 0; i < n; i++) {
        GlobalDecl global = {.at = reader_offset(&d->r)};
        if (!decode_entry(d) || !global_type(d, &global.type) ||
            !decode_expr(d, &global.init))
            return false;
        VEC_PUSH(m->arena, &m->globals, global);
    }
    return true;
}

bool decode_export(Decoder *d) {
    Module *m = d->m;
    uint32_t n;
    if (!DECODE_COUNT(d, exports, exports, LEAST_EXPORT, &n)) return false;
    for (uint32_t i = 0; i < n; i++) {
        Export export = {.at = reader_offset(&d->r)};
        if (!decode_entry(d) || !extern_name(d, &export.name) ||
            !extern_kind(d, E_malformed_export, &export.kind))
            return false;
        export.index = read_u32(&d->r);
        if (!reader_ok(&d->r)) return false;
        VEC_PUSH(m->arena, &m->exports, export);
    }
    return true;
}

bool decode_start(Decoder *d) {
    Module *m = d->m;
    m->has_start = true;
    m->start_at = reader_offset(&d->r);
    m->start = read_u32(&d->r);
    return reader_ok(&d->r);
}
