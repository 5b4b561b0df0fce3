// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Element and data segments (core, 6.6.9 and 6.6.10), also those inside the
// definition of a table or memory.
//
// The flags are those of the binary format. A table or memory that the text
// names asks for the form with an index, even if the index is 0.
#include "base/bits.h"
#include "text/parse_int.h"

enum {
    SEGMENT_FLAG_not_active = 1,
    SEGMENT_FLAG_explicit = 2, // or declarative
    SEGMENT_FLAG_exprs = 4,
};

// (table 1) or (memory 1), or the bare index of older texts.
static bool parse_target(Parser *p, const char *word, NameSpace space,
                         bool *found, uint32_t *out) {
    *out = 0;
    *found = true;
    if (parse_open(p, word))
        return parse_index(p, space, out) && parse_expect(p, TOK_rpar);
    if (parse_at_index(p)) return parse_index(p, space, out);
    *found = false;
    return true;
}

// --- elements ----------------------------------------------------------------

static bool parse_func_items(Parser *p, ElemDecl *e) {
    Vec(uint32_t) funcs = {0};
    while (parse_at_index(p)) {
        uint32_t func;
        if (!parse_index(p, NAME_func, &func)) return false;
        VEC_PUSH(p->arena, &funcs, func);
    }
    e->funcs = funcs.data;
    e->len = funcs.len;
    return true;
}

static bool parse_expr_items(Parser *p, ElemDecl *e) {
    Vec(Bytes) exprs = {0};
    while (!parse_is(p, TOK_rpar)) {
        Bytes expr;
        if (!parse_const_expr(p, "item", &expr)) return false;
        VEC_PUSH(p->arena, &exprs, expr);
    }
    e->has_exprs = true;
    e->exprs = exprs.data;
    e->len = exprs.len;
    return true;
}

// What follows mode and offset.
static bool parse_elem_list(Parser *p, ElemDecl *e) {
    e->type = VT_ABSTRACT_REF(HEAP_func);
    bool may_be_bare = e->mode == SEGMENT_active;
    bool is_bare = parse_at_index(p) || parse_is(p, TOK_rpar);
    if (parse_word(p, "func") || (may_be_bare && is_bare))
        return parse_func_items(p, e);
    return parse_ref_type(p, &e->type) && parse_expr_items(p, e);
}

// Only funcref can go without saying where there are expressions.
static uint8_t elem_flags(const ElemDecl *e, bool has_table) {
    unsigned flags = e->has_exprs ? SEGMENT_FLAG_exprs : 0;
    switch (e->mode) {
    case SEGMENT_passive:
        return (uint8_t)(flags | SEGMENT_FLAG_not_active);
    case SEGMENT_declarative:
        return (uint8_t)(flags | SEGMENT_FLAG_not_active |
                         SEGMENT_FLAG_explicit);
    case SEGMENT_active:
        break;
    }
    bool needs_type = e->has_exprs && e->type != VT_FUNCREF;
    if (has_table || needs_type) flags |= SEGMENT_FLAG_explicit;
    return (uint8_t)flags;
}

static bool add_elem(Parser *p, const ElemDecl *e) {
    VEC_PUSH(p->arena, &p->m->elems, *e);
    return parse_limit(p, e->len, p->m->limits->elem_items, LIMIT_elem_items);
}

bool parse_elem(Parser *p) {
    ElemDecl e = {.mode = SEGMENT_passive, .at = p->field_at};
    bool has_table = false;
    if (!parse_binding(p, NAME_elem, p->m->elems.len)) return false;
    if (parse_word(p, "declare"))
        e.mode = SEGMENT_declarative;
    else if (!parse_target(p, "table", NAME_table, &has_table, &e.table))
        return false;
    bool has_offset = parse_is(p, TOK_lpar) && !AT_OPEN(p, "ref");
    if (e.mode == SEGMENT_passive && (has_table || has_offset)) {
        e.mode = SEGMENT_active;
        if (!parse_const_expr(p, "offset", &e.offset)) return false;
    } else if (!parse_feature(p, e.at, FEATURE_bulk_memory,
                              "a passive segment")) {
        return false;
    }
    if (!parse_elem_list(p, &e)) return false;
    e.flags = elem_flags(&e, has_table);
    return parse_expect(p, TOK_rpar) && add_elem(p, &e);
}

static Bytes zero_offset(Parser *p, bool is_64, uint64_t at) {
    p->code.len = 0;
    write_op(&p->code, is_64 ? OP_i64_const : OP_i32_const);
    write_s32(&p->code, 0);
    return parse_keep_code(p, at);
}

// Function indices mean references to functions; a table of another type of
// references wants them as expressions.
static void funcs_to_exprs(Parser *p, ElemDecl *e) {
    Bytes *exprs = NEW_N(p->arena, Bytes, e->len);
    for (uint32_t i = 0; i < e->len; i++) {
        p->code.len = 0;
        write_op(&p->code, OP_ref_func);
        write_u32(&p->code, e->funcs[i]);
        exprs[i] = parse_keep_code(p, e->at);
    }
    e->has_exprs = true;
    e->exprs = exprs;
    e->funcs = NULL;
}

bool parse_inline_elem(Parser *p, uint32_t table, TableType *type) {
    ElemDecl e = {.mode = SEGMENT_active,
                  .type = VT_ABSTRACT_REF(HEAP_func),
                  .table = table,
                  .at = p->tok.at};
    if (!parse_expect_open(p, "elem")) return false;
    bool has_exprs = parse_is(p, TOK_lpar);
    if (!(has_exprs ? parse_expr_items(p, &e) : parse_func_items(p, &e)) ||
        !parse_expect(p, TOK_rpar))
        return false;
    bool of_funcs = type->elem == VT_FUNCREF || type->elem == e.type;
    if (!has_exprs && !of_funcs) funcs_to_exprs(p, &e);
    if (e.has_exprs) e.type = type->elem;
    e.offset = zero_offset(p, type->limits.is_64, e.at);
    e.flags = elem_flags(&e, table != 0);
    type->limits.min = type->limits.max = e.len;
    type->limits.has_max = true;
    return add_elem(p, &e);
}

// --- data --------------------------------------------------------------------

static void parse_data_bytes(Parser *p, Bytes *out) {
    Str s;
    out->at = p->tok.at;
    parse_strings(p, &s);
    out->data = (const uint8_t *)s.data;
    out->size = s.len;
}

bool parse_data(Parser *p) {
    DataDecl d = {.mode = SEGMENT_passive,
                  .flags = SEGMENT_FLAG_not_active,
                  .at = p->field_at};
    bool has_memory;
    if (!parse_binding(p, NAME_data, p->m->datas.len) ||
        !parse_target(p, "memory", NAME_memory, &has_memory, &d.memory))
        return false;
    if (has_memory || parse_is(p, TOK_lpar)) {
        d.mode = SEGMENT_active;
        d.flags = has_memory ? SEGMENT_FLAG_explicit : 0;
        if (!parse_const_expr(p, "offset", &d.offset)) return false;
    } else if (!parse_feature(p, d.at, FEATURE_bulk_memory,
                              "a passive segment")) {
        return false;
    }
    parse_data_bytes(p, &d.bytes);
    VEC_PUSH(p->arena, &p->m->datas, d);
    return parse_expect(p, TOK_rpar);
}

bool parse_inline_data(Parser *p, uint32_t memory, MemoryType *type) {
    DataDecl d = {.mode = SEGMENT_active,
                  .flags = memory ? SEGMENT_FLAG_explicit : 0,
                  .memory = memory,
                  .at = p->tok.at};
    if (!parse_expect_open(p, "data")) return false;
    parse_data_bytes(p, &d.bytes);
    if (!parse_expect(p, TOK_rpar)) return false;
    d.offset = zero_offset(p, type->limits.is_64, d.at);
    uint64_t page = (uint64_t)1 << type->page_log2;
    uint64_t pages = d.bytes.size / page + (d.bytes.size % page != 0);
    type->limits.min = type->limits.max = pages;
    type->limits.has_max = true;
    VEC_PUSH(p->arena, &p->m->datas, d);
    return true;
}
