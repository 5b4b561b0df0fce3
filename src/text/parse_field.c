// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Module fields (core, 6.6): functions, tables, memories, globals, tags, with
// their inline imports and exports; and the fields import, export and start.
#include "base/bits.h"
#include "text/parse_int.h"

// --- imports and exports -----------------------------------------------------

static const NameSpace space_of_kind[EXTERN_count] = {
    [EXTERN_func] = NAME_func,     [EXTERN_table] = NAME_table,
    [EXTERN_memory] = NAME_memory, [EXTERN_global] = NAME_global,
    [EXTERN_tag] = NAME_tag,
};

// Imports come first in every index space, so they must come first in the text.
static bool add_import(Parser *p, uint64_t at, ExternKind kind, Str module,
                       Str name) {
    static const char *const words[EXTERN_count] = {
        [EXTERN_func] = "function", [EXTERN_table] = "table",
        [EXTERN_memory] = "memory", [EXTERN_global] = "global",
        [EXTERN_tag] = "tag",
    };
    for (ExternKind k = 0; k < EXTERN_count; k++)
        if (p->has_defined[k])
            return err_at(p->err, at, E_import_after, words[k]);
    Import import = {.module = module,
                     .name = name,
                     .kind = kind,
                     .index = module_len(p->m, kind),
                     .at = at};
    VEC_PUSH(p->arena, &p->m->imports, import);
    p->m->imported[kind]++;
    return true;
}

static bool parse_inline_exports(Parser *p, ExternKind kind, uint32_t index) {
    uint64_t at = p->tok.at;
    while (parse_open(p, "export")) {
        Export e = {.kind = kind, .index = index, .at = at};
        if (!parse_name(p, &e.name) || !parse_expect(p, TOK_rpar)) return false;
        VEC_PUSH(p->arena, &p->m->exports, e);
        at = p->tok.at;
    }
    return true;
}

// What all five kinds begin with: $id? (export "x")* (import "m" "n")?
static bool parse_head(Parser *p, ExternKind kind, bool *is_import) {
    uint32_t index = module_len(p->m, kind);
    uint64_t at = p->field_at;
    if (!parse_binding(p, space_of_kind[kind], index) ||
        !parse_inline_exports(p, kind, index))
        return false;
    *is_import = parse_open(p, "import");
    if (!*is_import) {
        p->has_defined[kind] = true;
        return true;
    }
    Str module, name;
    return parse_name(p, &module) && parse_name(p, &name) &&
           parse_expect(p, TOK_rpar) && add_import(p, at, kind, module, name);
}

// --- limits ------------------------------------------------------------------

static bool parse_address_type(Parser *p, Limits *out) {
    uint64_t at = p->tok.at;
    out->is_64 = parse_word(p, "i64");
    bool is_written = out->is_64 || parse_word(p, "i32");
    return !is_written || parse_feature(p, at, FEATURE_memory64, "i64");
}

static bool parse_size(Parser *p, uint64_t *out) {
    if (feature_on(p->m->features, FEATURE_memory64)) return parse_u64(p, out);
    uint32_t size;
    if (!parse_u32(p, &size)) return false;
    *out = size;
    return true;
}

static bool parse_limits(Parser *p, Limits *out) {
    if (!parse_size(p, &out->min)) return false;
    out->has_max = parse_is(p, TOK_number);
    return !out->has_max || parse_size(p, &out->max);
}

// --- functions ---------------------------------------------------------------

// Keeps the names of parameters; those of a body come into scope.
static bool bind_params(Parser *p, uint32_t func, bool has_body) {
    VEC_EACH (ParamName, n, &p->param_names) {
        if (n->id.len && has_body) {
            if (ids_find(&p->ids, NAME_local, 0, n->id) != ID_NONE)
                return err_at(p->err, n->at, E_text_duplicate, "local",
                              (int)MIN(n->id.len, 80), n->id.data);
            ids_add(&p->ids, NAME_local, 0, n->id, n->index);
        }
        // An annotation names a parameter that may have no identifier.
        Str name = n->name;
        if (!n->has_name) name = (Str){n->id.data + 1, n->id.len - 1};
        parse_keep_name_in(p, NAME_local, func, n->index, name);
    }
    return true;
}

static bool parse_locals(Parser *p, uint32_t func, uint32_t param_len) {
    p->locals.len = 0;
    while (parse_open(p, "local")) {
        bool named = parse_is(p, TOK_id) || parse_is(p, TOK_annot);
        if (!parse_binding_in(p, NAME_local, func, param_len + p->locals.len))
            return false;
        do {
            ValType t;
            if (!named && parse_is(p, TOK_rpar)) break;
            if (!parse_val_type(p, &t)) return false;
            VEC_PUSH(p->arena, &p->locals, t);
        } while (!named);
        if (!parse_expect(p, TOK_rpar)) return false;
    }
    return parse_limit(p, (uint64_t)param_len + p->locals.len,
                       p->m->limits->locals, LIMIT_locals);
}

// Runs of equal types are one declaration.
static void write_locals(Writer *w, const ValTypes *types) {
    uint32_t groups = 0;
    for (uint32_t i = 0; i < types->len; i++)
        groups += i == 0 || types->data[i] != types->data[i - 1];
    write_u32(w, groups);
    for (uint32_t i = 0, end; i < types->len; i = end) {
        for (end = i + 1; end < types->len; end++)
            if (types->data[end] != types->data[i]) break;
        write_u32(w, end - i);
        write_val_type(w, types->data[i]);
    }
}

static bool parse_body(Parser *p, uint32_t func, uint32_t param_len) {
    uint32_t ids_len = p->ids.list.len;
    if (!bind_params(p, func, true) || !parse_locals(p, func, param_len))
        return false;
    p->code.len = 0;
    write_locals(&p->code, &p->locals);
    p->in_func = true;
    p->func = func;
    if (!parse_instrs(p)) return false;
    ids_leave(&p->ids, ids_len);
    Body body = {parse_keep_code(p, p->field_at)};
    p->in_func = false;
    VEC_PUSH(p->arena, &p->m->bodies, body);
    return parse_limit(p, body.bytes.size, p->m->limits->body_size,
                       LIMIT_body_size);
}

// Parameters that only the type has count as locals too.
static uint32_t param_len_of(const Parser *p, uint32_t type) {
    const Module *m = p->m;
    bool is_func = type < m->types.len && m->types.data[type].kind == COMP_func;
    return is_func ? m->types.data[type].func.param_len : p->params.len;
}

static bool parse_func_type(Parser *p, FuncDecl *f) {
    bool inline_only;
    if (!parse_type_use(p, true, &f->type, &inline_only)) return false;
    if (inline_only) f->type = parse_signature_type(p);
    return true;
}

static bool parse_func(Parser *p) {
    bool is_import;
    uint32_t index = p->m->funcs.len;
    FuncDecl f = {.at = p->field_at};
    if (!parse_head(p, EXTERN_func, &is_import) || !parse_func_type(p, &f))
        return false;
    VEC_PUSH(p->arena, &p->m->funcs, f);
    bool ok = is_import ? bind_params(p, index, false)
                        : parse_body(p, index, param_len_of(p, f.type));
    return ok && parse_expect(p, TOK_rpar);
}

// --- tables ------------------------------------------------------------------

static bool parse_table_type(Parser *p, TableType *out) {
    return parse_address_type(p, &out->limits) &&
           parse_limits(p, &out->limits) && parse_ref_type(p, &out->elem);
}

static bool parse_table(Parser *p) {
    bool is_import;
    uint32_t index = p->m->tables.len;
    TableDecl t = {.at = p->field_at};
    if (!parse_head(p, EXTERN_table, &is_import) ||
        !parse_address_type(p, &t.type.limits))
        return false;
    if (is_import || parse_is(p, TOK_number)) {
        if (!parse_limits(p, &t.type.limits) ||
            !parse_ref_type(p, &t.type.elem))
            return false;
        bool has_init = !is_import && !parse_is(p, TOK_rpar);
        if (has_init &&
            (!parse_feature(p, p->tok.at, FEATURE_function_references,
                            "a table's initial value") ||
             !parse_const_rest(p, &t.init)))
            return false;
    } else if (!parse_ref_type(p, &t.type.elem) ||
               !parse_inline_elem(p, index, &t.type)) {
        return false;
    }
    VEC_PUSH(p->arena, &p->m->tables, t);
    return parse_expect(p, TOK_rpar);
}

// --- memories ----------------------------------------------------------------

static bool parse_page_size(Parser *p, MemoryType *out) {
    uint64_t at = p->tok.at, size;
    out->page_log2 = PAGE_LOG2;
    out->has_page_size = parse_open(p, "pagesize");
    if (!out->has_page_size) return true;
    if (!parse_feature(p, at, FEATURE_custom_page_sizes, "pagesize"))
        return false;
    at = p->tok.at;
    if (!parse_u64(p, &size)) return false;
    if (!is_pow2(size)) return err_at(p->err, at, E_page_size);
    out->page_log2 = (uint8_t)ctz64(size);
    return parse_expect(p, TOK_rpar);
}

// Behind the address type.
static bool parse_memory_limits(Parser *p, MemoryType *out) {
    if (!parse_limits(p, &out->limits)) return false;
    uint64_t at = p->tok.at;
    out->limits.is_shared = parse_word(p, "shared");
    if (out->limits.is_shared &&
        !parse_feature(p, at, FEATURE_threads, "a shared memory"))
        return false;
    return parse_page_size(p, out);
}

static bool parse_memory(Parser *p) {
    bool is_import;
    uint32_t index = p->m->memories.len;
    MemoryDecl d = {.at = p->field_at};
    if (!parse_head(p, EXTERN_memory, &is_import) ||
        !parse_address_type(p, &d.type.limits))
        return false;
    if (is_import || parse_is(p, TOK_number)) {
        if (!parse_memory_limits(p, &d.type)) return false;
    } else {
        if (!parse_page_size(p, &d.type) ||
            !parse_inline_data(p, index, &d.type))
            return false;
    }
    VEC_PUSH(p->arena, &p->m->memories, d);
    return parse_expect(p, TOK_rpar);
}

// --- globals and tags --------------------------------------------------------

static bool parse_global_type(Parser *p, GlobalType *out) {
    out->is_mutable = parse_open(p, "mut");
    return parse_val_type(p, &out->type) &&
           (!out->is_mutable || parse_expect(p, TOK_rpar));
}

static bool parse_global(Parser *p) {
    bool is_import;
    GlobalDecl g = {.at = p->field_at};
    if (!parse_head(p, EXTERN_global, &is_import) ||
        !parse_global_type(p, &g.type) ||
        (!is_import && !parse_const_rest(p, &g.init)))
        return false;
    VEC_PUSH(p->arena, &p->m->globals, g);
    return parse_expect(p, TOK_rpar);
}

static bool parse_tag_type(Parser *p, TagDecl *t) {
    FuncDecl f;
    if (!parse_feature(p, p->field_at, FEATURE_exceptions, "tag") ||
        !parse_func_type(p, &f))
        return false;
    t->type = f.type;
    return true;
}

static bool parse_tag(Parser *p) {
    bool is_import;
    TagDecl t = {.at = p->field_at};
    if (!parse_head(p, EXTERN_tag, &is_import) || !parse_tag_type(p, &t))
        return false;
    VEC_PUSH(p->arena, &p->m->tags, t);
    return parse_expect(p, TOK_rpar);
}

// --- import, export, start ---------------------------------------------------

static bool parse_kind(Parser *p, ExternKind *out) {
    for (ExternKind k = 0; k < EXTERN_count; k++) {
        if (!parse_word(p, extern_text[k])) continue;
        *out = k;
        return true;
    }
    return parse_unexpected(p);
}

// The type of an import, added to its index space.
static bool parse_import_type(Parser *p, ExternKind kind) {
    Module *m = p->m;
    uint64_t at = p->field_at;
    FuncDecl func = {.at = at};
    TableDecl table = {.at = at};
    MemoryDecl memory = {.at = at};
    GlobalDecl global = {.at = at};
    TagDecl tag = {.at = at};
    switch (kind) {
    case EXTERN_func:
        if (!parse_func_type(p, &func)) return false;
        VEC_PUSH(p->arena, &m->funcs, func);
        return bind_params(p, m->funcs.len - 1, false);
    case EXTERN_table:
        if (!parse_table_type(p, &table.type)) return false;
        VEC_PUSH(p->arena, &m->tables, table);
        return true;
    case EXTERN_memory:
        if (!parse_address_type(p, &memory.type.limits) ||
            !parse_memory_limits(p, &memory.type))
            return false;
        VEC_PUSH(p->arena, &m->memories, memory);
        return true;
    case EXTERN_global:
        if (!parse_global_type(p, &global.type)) return false;
        VEC_PUSH(p->arena, &m->globals, global);
        return true;
    case EXTERN_tag:
        if (!parse_tag_type(p, &tag)) return false;
        VEC_PUSH(p->arena, &m->tags, tag);
        return true;
    case EXTERN_count:
        break;
    }
    UNREACHABLE();
}

static bool parse_import(Parser *p) {
    Str module, name;
    ExternKind kind = EXTERN_func;
    if (!parse_name(p, &module) || !parse_name(p, &name) ||
        !parse_expect(p, TOK_lpar) || !parse_kind(p, &kind) ||
        !add_import(p, p->field_at, kind, module, name))
        return false;
    uint32_t index = module_len(p->m, kind);
    return parse_binding(p, space_of_kind[kind], index) &&
           parse_import_type(p, kind) && parse_expect(p, TOK_rpar) &&
           parse_expect(p, TOK_rpar);
}

static bool parse_export(Parser *p) {
    Export e = {.at = p->field_at};
    if (!parse_name(p, &e.name) || !parse_expect(p, TOK_lpar) ||
        !parse_kind(p, &e.kind) ||
        !parse_index(p, space_of_kind[e.kind], &e.index))
        return false;
    VEC_PUSH(p->arena, &p->m->exports, e);
    return parse_expect(p, TOK_rpar) && parse_expect(p, TOK_rpar);
}

static bool parse_start(Parser *p) {
    Module *m = p->m;
    if (m->has_start) return err_at(p->err, p->field_at, E_multiple_start);
    m->has_start = true;
    m->start_at = p->field_at;
    return parse_index(p, NAME_func, &m->start) && parse_expect(p, TOK_rpar);
}

// Types have been read already.
static bool skip_type_field(Parser *p) {
    p->lex.at = p->lex.start + p->tok.at;
    p->has_next = false;
    if (!lex_skip(&p->lex, 1))
        return err_at(p->err, p->tok.at, E_unexpected_eof);
    parse_advance(p);
    return true;
}

typedef struct FieldParser {
    const char *word;
    bool (*parse)(Parser *p);
} FieldParser;

static const FieldParser fields[] = {
    {"func", parse_func},     {"type", skip_type_field},
    {"import", parse_import}, {"export", parse_export},
    {"global", parse_global}, {"data", parse_data},
    {"elem", parse_elem},     {"table", parse_table},
    {"memory", parse_memory}, {"tag", parse_tag},
    {"start", parse_start},   {"rec", skip_type_field},
};

// (@custom ...), and (@foliot.data_count): there is a data count section though
// no instruction needs it, which the text cannot say otherwise.
static bool parse_annot_field(Parser *p) {
    if (str_eq_z(p->tok.text, "foliot.data_count")) {
        p->uses_data = true;
        parse_advance(p);
        return parse_expect(p, TOK_rpar);
    }
    if (!str_eq_z(p->tok.text, "custom")) return parse_unexpected(p);
    parse_advance(p);
    return parse_custom(p);
}

bool parse_field(Parser *p) {
    p->field_at = p->tok.at;
    if (parse_is(p, TOK_annot)) return parse_annot_field(p);
    for (size_t i = 0; i < COUNTOF(fields); i++)
        if (parse_open(p, fields[i].word)) return fields[i].parse(p);
    return parse_unexpected(p);
}
