// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Function bodies and constant expressions, which decoding and encoding carry
// along as bytes, brought to the form that the text parser gives them:
// instruction by instruction, every integer as short as it can be, locals of
// equal type in one declaration.
#include "binary/binary_int.h"
#include "wasm/instr_write.h"

#include <string.h>

typedef struct LocalGroup {
    uint32_t len;
    ValType type;
} LocalGroup;

typedef struct Normaliser {
    Module *m;
    Err *err;
    Writer w;               // one body or expression
    Vec(LocalGroup) locals; // of one body
    uint32_t next_hint;     // of m->hints, the first that was not looked at
    uint32_t hint_len;      // of m->hints, how many were kept
} Normaliser;

// Most bytes are short already and stay where they are.
static void keep_written(Normaliser *n, Bytes *bytes) {
    size_t size = n->w.len;
    if (size == bytes->size && !memcmp(n->w.data, bytes->data, size)) return;
    uint8_t *copy = arena_alloc_raw(n->m->arena, 1, size);
    memcpy(copy, n->w.data, size);
    bytes->data = copy;
    bytes->size = (uint32_t)size; // no form is longer than the shortest
}

// --- constant expressions ----------------------------------------------------

static bool normalise_expr(Normaliser *n, Bytes *expr) {
    if (expr->size == 0) return true;
    Reader r;
    Instr in;
    n->w.len = 0;
    reader_init(&r, expr->data, expr->size, expr->at, n->err);
    while (reader_left(&r)) {
        if (!instr_read(&r, n->m->features, &in)) return false;
        instr_write(&n->w, &r, n->m->features, &in);
    }
    keep_written(n, expr);
    return true;
}

static bool normalise_items(Normaliser *n, ElemDecl *elem) {
    Bytes *exprs = NEW_N(n->m->arena, Bytes, elem->len);
    for (uint32_t i = 0; i < elem->len; i++) {
        exprs[i] = elem->exprs[i];
        if (!normalise_expr(n, &exprs[i])) return false;
    }
    elem->exprs = exprs;
    return true;
}

static bool normalise_exprs(Normaliser *n) {
    Module *m = n->m;
    VEC_EACH (TableDecl, table, &m->tables)
        if (!normalise_expr(n, &table->init)) return false;
    VEC_EACH (GlobalDecl, global, &m->globals)
        if (!normalise_expr(n, &global->init)) return false;
    VEC_EACH (ElemDecl, elem, &m->elems) {
        if (!normalise_expr(n, &elem->offset)) return false;
        if (elem->has_exprs && !normalise_items(n, elem)) return false;
    }
    VEC_EACH (DataDecl, data, &m->datas)
        if (!normalise_expr(n, &data->offset)) return false;
    return true;
}

// --- bodies ------------------------------------------------------------------

static bool normalise_locals(Normaliser *n, Reader *r) {
    uint32_t groups = read_u32(r);
    n->locals.len = 0;
    for (uint32_t i = 0; i < groups; i++) {
        LocalGroup group = {.len = read_u32(r)};
        if (!read_val_type(r, n->m->features, &group.type)) return false;
        if (n->locals.len && VEC_LAST(&n->locals).type == group.type)
            VEC_LAST(&n->locals).len += group.len; // LIMIT: LIMIT_locals
        else if (group.len)
            VEC_PUSH(n->m->arena, &n->locals, group);
    }
    write_u32(&n->w, n->locals.len);
    VEC_EACH (LocalGroup, group, &n->locals) {
        write_u32(&n->w, group->len);
        write_val_type(&n->w, group->type);
    }
    return reader_ok(r);
}

// Before the instruction of that function that was at `at` and will be at `to`:
// a hint for it moves along, those for what is no instruction go.
static void move_hints(Normaliser *n, uint32_t func, uint64_t at, size_t to) {
    BranchHint *hints = n->m->hints.data;
    for (; n->next_hint < n->m->hints.len; n->next_hint++) {
        BranchHint hint = hints[n->next_hint];
        if (hint.func > func || (hint.func == func && hint.at > at)) return;
        if (hint.func < func || hint.at < at) continue;
        hint.at = (uint32_t)to;
        hints[n->hint_len++] = hint;
    }
}

static bool normalise_body(Normaliser *n, uint32_t func, Bytes *body) {
    Reader r;
    Instr in;
    n->w.len = 0;
    reader_init(&r, body->data, body->size, body->at, n->err);
    bool ok = normalise_locals(n, &r);
    while (ok && reader_left(&r)) {
        size_t to = n->w.len;
        ok = instr_read(&r, n->m->features, &in);
        if (!ok) break;
        move_hints(n, func, in.at - body->at, to);
        instr_write(&n->w, &r, n->m->features, &in);
    }
    if (!ok) {
        n->err->func = func;
        return false;
    }
    keep_written(n, body);
    return true;
}

// The section's bytes have the old offsets; without them the encoder makes it
// anew.
static void drop_hint_sections(Module *m) {
    uint32_t len = 0;
    VEC_EACH (CustomSection, custom, &m->customs)
        if (!str_eq_z(custom->name, HINT_SECTION))
            m->customs.data[len++] = *custom;
    m->customs.len = len;
}

bool module_normalise(Module *m, Err *err) {
    Normaliser n = {.m = m, .err = err};
    err_clear(err);
    writer_init(&n.w, m->arena);
    if (!normalise_exprs(&n)) return false;
    for (uint32_t i = 0; i < m->bodies.len; i++) {
        uint32_t func = m->imported[EXTERN_func] + i;
        if (!normalise_body(&n, func, &m->bodies.data[i].bytes)) return false;
    }
    m->hints.len = n.hint_len;
    drop_hint_sections(m);
    return true;
}
