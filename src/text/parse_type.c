// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Types and type uses (core, 6.4).
#include "base/hash.h"
#include "text/parse_int.h"

// --- value types -------------------------------------------------------------

typedef struct TypeWord {
    const char *text;
    ValType type;
    Feature feature;
} TypeWord;

static const TypeWord num_types[] = {
    {"i32", VT_i32, FEATURE_mvp},    {"i64", VT_i64, FEATURE_mvp},
    {"f32", VT_f32, FEATURE_mvp},    {"f64", VT_f64, FEATURE_mvp},
    {"v128", VT_v128, FEATURE_simd},
};

static Feature heap_feature(HeapKind h) {
    switch (h) {
    case HEAP_func:
        return FEATURE_mvp;
    case HEAP_extern:
        return FEATURE_reference_types;
    case HEAP_exn:
    case HEAP_noexn:
        return FEATURE_exceptions;
    case HEAP_any:
    case HEAP_eq:
    case HEAP_i31:
    case HEAP_struct:
    case HEAP_array:
    case HEAP_none:
    case HEAP_noextern:
    case HEAP_nofunc:
    case HEAP_bot:
    case HEAP_count:
        break;
    }
    return FEATURE_gc;
}

static HeapKind find_heap(const Token *t, const char *const texts[]) {
    if (t->kind != TOK_word) return HEAP_count;
    for (HeapKind h = 0; h < HEAP_bot; h++)
        if (str_eq_z(t->text, texts[h])) return h;
    return HEAP_count;
}

static bool take_heap(Parser *p, HeapKind h) {
    if (!parse_feature(p, p->tok.at, heap_feature(h), heap_text[h]))
        return false;
    parse_advance(p);
    return true;
}

// As a non-null reference to it.
bool parse_heap_type(Parser *p, ValType *out) {
    HeapKind h = find_heap(&p->tok, heap_text);
    if (h != HEAP_count) {
        *out = VT_ABSTRACT_REF(h);
        return take_heap(p, h);
    }
    uint64_t at = p->tok.at;
    uint32_t index;
    if (!parse_at_index(p)) return parse_unexpected(p);
    if (!parse_index(p, NAME_type, &index)) return false;
    // Indices that a ValType cannot hold are of no type either way.
    *out = vt_ref(MIN(index, VT_INDEX), false);
    return parse_feature(p, at, FEATURE_function_references, "a type index");
}

bool parse_ref_type(Parser *p, ValType *out) {
    uint64_t at = p->tok.at;
    if (parse_open(p, "ref")) {
        bool nullable = parse_word(p, "null");
        if (!parse_heap_type(p, out) || !parse_expect(p, TOK_rpar))
            return false;
        if (nullable) *out |= VT_NULL;
        // The long form of what reference types have a short form for.
        if (*out == VT_FUNCREF || *out == VT_EXTERNREF) return true;
        return parse_feature(p, at, FEATURE_function_references, "(ref ...)");
    }
    HeapKind h = find_heap(&p->tok, heap_shorthand);
    if (h == HEAP_count) return parse_unexpected(p);
    *out = VT_ABSTRACT_REF(h) | VT_NULL;
    return take_heap(p, h);
}

bool parse_val_type(Parser *p, ValType *out) {
    for (size_t i = 0; i < COUNTOF(num_types); i++) {
        const TypeWord *w = &num_types[i];
        if (!tok_is_word(&p->tok, w->text, strlen(w->text))) continue;
        if (!parse_feature(p, p->tok.at, w->feature, w->text)) return false;
        *out = w->type;
        parse_advance(p);
        return true;
    }
    return parse_ref_type(p, out);
}

// --- signatures --------------------------------------------------------------

static bool parse_param(Parser *p, bool may_name) {
    bool named = parse_is(p, TOK_id) || parse_is(p, TOK_annot);
    ParamName n = {.index = p->params.len, .at = p->tok.at};
    if (named && !may_name) return parse_unexpected(p);
    if (parse_is(p, TOK_id)) {
        n.id = p->tok.text;
        parse_advance(p);
    }
    if (!parse_name_annot(p, &n.has_name, &n.name)) return false;
    if (named) VEC_PUSH(p->arena, &p->param_names, n);
    // With a name exactly one type, without any number.
    do {
        ValType t;
        if (!named && parse_is(p, TOK_rpar)) break;
        if (!parse_val_type(p, &t)) return false;
        VEC_PUSH(p->arena, &p->params, t);
    } while (!named);
    return parse_expect(p, TOK_rpar);
}

static bool parse_result(Parser *p) {
    while (!parse_is(p, TOK_rpar)) {
        ValType t;
        if (!parse_val_type(p, &t)) return false;
        VEC_PUSH(p->arena, &p->results, t);
    }
    return parse_expect(p, TOK_rpar);
}

bool parse_signature(Parser *p, bool may_name) {
    const LimitSet *most = p->m->limits;
    p->params.len = p->results.len = p->param_names.len = 0;
    while (parse_open(p, "param"))
        if (!parse_param(p, may_name)) return false;
    while (parse_open(p, "result"))
        if (!parse_result(p)) return false;
    // The wrong order is said to be that before types are compared.
    if (AT_OPEN(p, "param")) return parse_unexpected(p);
    return parse_limit(p, p->params.len, most->params, LIMIT_params) &&
           parse_limit(p, p->results.len, most->results, LIMIT_results);
}

// --- function types by what they are -----------------------------------------

static const ValType *copy_types(Parser *p, const ValTypes *types) {
    ValType *copy = NEW_N(p->arena, ValType, types->len);
    if (types->len) memcpy(copy, types->data, types->len * sizeof *copy);
    return copy;
}

static bool same_types(const ValTypes *a, const ValType *b, uint32_t b_len) {
    return a->len == b_len &&
           (b_len == 0 || !memcmp(a->data, b, b_len * sizeof *b));
}

static bool is_signature(const Parser *p, const TypeDef *t) {
    return t->kind == COMP_func &&
           same_types(&p->params, t->func.params, t->func.param_len) &&
           same_types(&p->results, t->func.results, t->func.result_len);
}

static bool is_signature_at(const void *env, uint32_t index, const void *key,
                            size_t size) {
    (void)key, (void)size;
    const Parser *p = env;
    return is_signature(p, &p->m->types.data[index]);
}

static uint64_t signature_hash(const Parser *p) {
    const ValTypes *ins = &p->params, *outs = &p->results;
    return hash_combine(hash_bytes(ins->data, ins->len * sizeof(ValType)),
                        hash_bytes(outs->data, outs->len * sizeof(ValType)));
}

static uint32_t find_signature(const Parser *p, uint64_t hash) {
    return map_find(&p->func_types, hash, is_signature_at, p, NULL, 0);
}

// Type uses without an index mean the first plain type that is the same.
static void enter_func_type(Parser *p, uint64_t hash, uint32_t index) {
    if (find_signature(p, hash) == MAP_NONE &&
        !map_add(&p->func_types, hash, index))
        arena_fail(p->arena);
}

static FuncType keep_signature(Parser *p) {
    return (FuncType){.params = copy_types(p, &p->params),
                      .results = copy_types(p, &p->results),
                      .param_len = p->params.len,
                      .result_len = p->results.len};
}

uint32_t parse_signature_type(Parser *p) {
    uint64_t hash = signature_hash(p);
    uint32_t index = find_signature(p, hash);
    if (index != MAP_NONE) return index;
    index = p->m->types.len;
    TypeDef t = {.kind = COMP_func,
                 .is_final = true,
                 .super = TYPE_NONE,
                 .group_start = index,
                 .group_len = 1,
                 .canon = index,
                 .at = p->field_at,
                 .func = keep_signature(p)};
    VEC_PUSH(p->arena, &p->m->types, t);
    enter_func_type(p, hash, index);
    return index;
}

static bool check_inline(Parser *p, const Token *use, uint32_t type) {
    if (p->scan_failed) return true;
    if (type >= p->m->types.len) return parse_unknown(p, "type", use);
    if (is_signature(p, &p->m->types.data[type])) return true;
    return err_at(p->err, use->at, E_inline_type, type);
}

bool parse_type_use(Parser *p, bool may_name, uint32_t *type,
                    bool *inline_only) {
    *inline_only = !parse_open(p, "type");
    Token use = p->tok;
    if (!*inline_only &&
        (!parse_index(p, NAME_type, type) || !parse_expect(p, TOK_rpar)))
        return false;
    if (!parse_signature(p, may_name)) return false;
    if (*inline_only || (p->params.len == 0 && p->results.len == 0))
        return true;
    return check_inline(p, &use, *type);
}

// --- definitions -------------------------------------------------------------

static bool parse_storage(Parser *p, FieldType *out) {
    out->is_mutable = parse_open(p, "mut");
    if (parse_word(p, "i8"))
        out->storage = VT_i8;
    else if (parse_word(p, "i16"))
        out->storage = VT_i16;
    else if (!parse_val_type(p, &out->storage))
        return false;
    return !out->is_mutable || parse_expect(p, TOK_rpar);
}

static bool parse_struct(Parser *p, uint32_t index, TypeDef *t) {
    Vec(FieldType) fields = {0};
    while (parse_open(p, "field")) {
        bool named = parse_is(p, TOK_id) || parse_is(p, TOK_annot);
        if (!parse_binding_in(p, NAME_field, index, fields.len)) return false;
        do {
            FieldType f;
            if (!named && parse_is(p, TOK_rpar)) break;
            if (!parse_storage(p, &f)) return false;
            VEC_PUSH(p->arena, &fields, f);
        } while (!named);
        if (!parse_expect(p, TOK_rpar)) return false;
    }
    t->structure.fields = fields.data;
    t->structure.field_len = fields.len;
    return parse_limit(p, fields.len, p->m->limits->struct_fields,
                       LIMIT_struct_fields);
}

static bool parse_array(Parser *p, TypeDef *t) {
    FieldType *field = NEW(p->arena, FieldType);
    t->structure.fields = field;
    t->structure.field_len = 1;
    return parse_storage(p, field);
}

// (func ...), (struct ...) or (array ...)
static bool parse_comp_type(Parser *p, uint32_t index, TypeDef *t) {
    uint64_t at = p->tok.at;
    if (parse_open(p, "func")) {
        t->kind = COMP_func;
        if (!parse_signature(p, true)) return false;
        t->func = keep_signature(p);
        return parse_expect(p, TOK_rpar);
    }
    bool is_struct = AT_OPEN(p, "struct");
    if (!is_struct && !AT_OPEN(p, "array")) return parse_unexpected(p);
    if (!parse_feature(p, at, FEATURE_gc, is_struct ? "struct" : "array"))
        return false;
    parse_advance(p);
    parse_advance(p);
    t->kind = is_struct ? COMP_struct : COMP_array;
    return (is_struct ? parse_struct(p, index, t) : parse_array(p, t)) &&
           parse_expect(p, TOK_rpar);
}

static bool parse_sub_type(Parser *p, uint32_t index, TypeDef *t) {
    uint64_t at = p->tok.at;
    t->is_final = true;
    t->super = TYPE_NONE;
    t->has_sub = parse_open(p, "sub");
    if (!t->has_sub) return parse_comp_type(p, index, t);
    if (!parse_feature(p, at, FEATURE_gc, "sub")) return false;
    t->is_final = parse_word(p, "final");
    for (uint32_t i = 0; parse_at_index(p); i++) {
        if (i > 0) return err_at(p->err, p->tok.at, E_several_supertypes);
        if (!parse_index(p, NAME_type, &t->super)) return false;
    }
    return parse_comp_type(p, index, t) && parse_expect(p, TOK_rpar);
}

// (type $id? ...), behind the opening parenthesis and the word.
static bool parse_type_def(Parser *p) {
    uint32_t index = p->m->types.len;
    TypeDef t = {.canon = index, .at = p->tok.at};
    if (!parse_binding(p, NAME_type, index) || !parse_sub_type(p, index, &t) ||
        !parse_expect(p, TOK_rpar))
        return false;
    VEC_PUSH(p->arena, &p->m->types, t);
    return parse_limit(p, p->m->types.len, p->m->limits->types, LIMIT_types);
}

static void set_group(Parser *p, uint32_t start, bool has_rec) {
    uint32_t end = p->m->types.len;
    for (uint32_t i = start; i < end; i++) {
        TypeDef *t = &p->m->types.data[i];
        t->group_start = start;
        t->group_len = end - start;
        t->has_rec = has_rec;
    }
    // p->params still are those of a single function type.
    const TypeDef *t = &p->m->types.data[start];
    if (end - start != 1 || t->kind != COMP_func) return;
    if (t->is_final && t->super == TYPE_NONE)
        enter_func_type(p, signature_hash(p), start);
}

bool parse_type_field(Parser *p) {
    uint32_t start = p->m->types.len;
    uint64_t at = p->tok.at;
    if (parse_open(p, "type")) {
        if (!parse_type_def(p)) return false;
        set_group(p, start, false);
        return true;
    }
    if (!parse_expect_open(p, "rec") ||
        !parse_feature(p, at, FEATURE_gc, "rec"))
        return false;
    while (parse_open(p, "type"))
        if (!parse_type_def(p)) return false;
    if (p->m->types.len > start) set_group(p, start, true);
    return parse_limit(p, p->m->types.len - start, p->m->limits->rec_group,
                       LIMIT_rec_group) &&
           parse_expect(p, TOK_rpar);
}
