// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The sections that carry contents: element segments, function bodies, data
// segments (core, 5.5.12 to 5.5.15).
#include "binary/binary_int.h"
#include "wasm/op.h"

// Bytes of the smallest entry of each section.
enum {
    LEAST_ELEM = 3,
    LEAST_BODY = 3,
    LEAST_DATA = 2,
};

// --- element segments --------------------------------------------------------

static bool elem_mode(Decoder *d, ElemDecl *out) {
    if (out->flags & ELEM_not_active) {
        out->mode =
            out->flags & ELEM_explicit ? SEGMENT_declarative : SEGMENT_passive;
        return true;
    }
    out->mode = SEGMENT_active;
    if (out->flags & ELEM_explicit) out->table = read_u32(&d->r);
    return reader_ok(&d->r) && decode_expr(d, &out->offset);
}

// Function indices never yield null; of expressions nothing is known.
static bool elem_type(Decoder *d, ElemDecl *out) {
    Reader *r = &d->r;
    bool is_written = out->flags & (ELEM_not_active | ELEM_explicit);
    out->has_exprs = out->flags & ELEM_exprs;
    if (out->has_exprs && is_written)
        return read_ref_type(r, d->m->features, &out->type);
    out->type = out->has_exprs ? VT_FUNCREF : VT_ABSTRACT_REF(HEAP_func);
    if (!is_written) return true;
    if (read_u8(r) == 0) return reader_ok(r);
    r->at--;
    return reader_fail(r, E_malformed_elem_kind);
}

static bool elem_items(Decoder *d, ElemDecl *out) {
    Reader *r = &d->r;
    Arena *arena = d->m->arena;
    uint64_t at = reader_offset(r), most = d->m->limits->elem_items;
    if (!decode_len(r, &out->len)) return false;
    if (out->len > most)
        return decode_over(d, at, LIMIT_elem_items, out->len, most);
    if (out->has_exprs) {
        Bytes *exprs = arena_alloc_raw(arena, sizeof *exprs, out->len);
        out->exprs = exprs;
        for (uint32_t i = 0; i < out->len; i++)
            if (!decode_expr(d, &exprs[i])) return false;
        return true;
    }
    uint32_t *funcs = arena_alloc_raw(arena, sizeof *funcs, out->len);
    out->funcs = funcs;
    for (uint32_t i = 0; i < out->len && reader_ok(r); i++)
        funcs[i] = read_u32(r);
    return reader_ok(r);
}

static bool elem_entry(Decoder *d) {
    Module *m = d->m;
    ElemDecl elem = {.at = reader_offset(&d->r)};
    uint32_t flags = read_u32(&d->r);
    if (!reader_ok(&d->r)) return false;
    if (flags > (ELEM_not_active | ELEM_explicit | ELEM_exprs))
        return err_at(d->err, elem.at, E_malformed_elem, flags);
    if (flags && !decode_need(d, elem.at, FEATURE_bulk_memory,
                              "an element segment of this form"))
        return false;
    elem.flags = (uint8_t)flags;
    if (!elem_mode(d, &elem) || !elem_type(d, &elem) || !elem_items(d, &elem))
        return false;
    VEC_PUSH(m->arena, &m->elems, elem);
    return true;
}

bool decode_elem(Decoder *d) {
    uint32_t n;
    if (!DECODE_COUNT(d, elems, elems, LEAST_ELEM, &n)) return false;
    for (uint32_t i = 0; i < n; i++)
        if (!decode_entry(d) || !elem_entry(d)) return false;
    return true;
}

// --- data segments -----------------------------------------------------------

bool decode_data_count(Decoder *d) {
    Module *m = d->m;
    m->has_data_count = true;
    m->data_count = read_u32(&d->r);
    return reader_ok(&d->r);
}

static bool data_entry(Decoder *d) {
    Module *m = d->m;
    Reader *r = &d->r;
    DataDecl data = {.at = reader_offset(r)};
    uint32_t flags = read_u32(r);
    if (!reader_ok(r)) return false;
    if (flags > DATA_explicit)
        return err_at(d->err, data.at, E_malformed_data, flags);
    if (flags && !decode_need(d, data.at, FEATURE_bulk_memory,
                              "a data segment of this form"))
        return false;
    data.flags = (uint8_t)flags;
    data.mode = flags == DATA_passive ? SEGMENT_passive : SEGMENT_active;
    if (flags == DATA_explicit) data.memory = read_u32(r);
    if (!reader_ok(r)) return false;
    if (data.mode == SEGMENT_active && !decode_expr(d, &data.offset))
        return false;
    if (!decode_len(r, &data.bytes.size)) return false;
    data.bytes.at = reader_offset(r);
    data.bytes.data = read_bytes(r, data.bytes.size);
    VEC_PUSH(m->arena, &m->datas, data);
    return reader_ok(r);
}

bool decode_data(Decoder *d) {
    uint32_t n;
    d->data_at = reader_offset(&d->r);
    if (!DECODE_COUNT(d, datas, datas, LEAST_DATA, &n)) return false;
    for (uint32_t i = 0; i < n; i++)
        if (!decode_entry(d) || !data_entry(d)) return false;
    return true;
}

// --- function bodies ---------------------------------------------------------

// Locals come in groups of one type, so few bytes can claim very many.
static bool body_locals(Decoder *d, Reader *r) {
    uint64_t start = reader_offset(r), most = d->m->limits->locals;
    uint64_t total = 0;
    uint32_t groups;
    if (!decode_len(r, &groups)) return false;
    for (uint32_t i = 0; i < groups; i++) {
        ValType type;
        total += read_u32(r);
        if (!read_val_type(r, d->m->features, &type)) return false;
    }
    if (total > UINT32_MAX)
        return err_at(d->err, start, E_too_many_locals,
                      (unsigned long long)total);
    return total <= most || decode_over(d, start, LIMIT_locals, total, most);
}

// A body whose last byte is not `end` is malformed. What is wrong with it may
// be an earlier instruction, so that is looked for; if there is none, the error
// is said as if reading had gone on past the body.
static COLD bool body_end_error(Decoder *d, Reader *body) {
    Err err = {0};
    Instr in;
    uint64_t at = body->base + (uint64_t)(body->end - body->start);
    body->err = &err;
    while (instr_read(body, d->m->features, &in))
        continue;
    if (err.id != body->end_error) {
        *d->err = err;
        return false;
    }
    if (reader_left(&d->r)) return err_at(d->err, at, E_end_expected);
    return err_at(d->err, at,
                  d->is_last ? E_unexpected_end_section : E_section_size);
}

// Whether the last byte is an instruction at all, validation sees.
static bool body_end(Decoder *d, Reader *body) {
    return (reader_left(body) && body->end[-1] == CODE_end) ||
           body_end_error(d, body);
}

static bool body_entry(Decoder *d, uint32_t func) {
    Module *m = d->m;
    uint64_t at = reader_offset(&d->r), most = m->limits->body_size;
    uint32_t size;
    if (!decode_len(&d->r, &size)) return false;
    if (size > most) return decode_over(d, at, LIMIT_body_size, size, most);
    Bytes bytes = {.size = size, .at = reader_offset(&d->r)};
    bytes.data = read_bytes(&d->r, size);
    if (!bytes.data) return false;
    VEC_PUSH(m->arena, &m->bodies, (Body){bytes});
    Reader body;
    reader_init(&body, bytes.data, size, bytes.at, d->err);
    body.end_error = d->r.end_error;
    body.whole_end = d->r.whole_end;
    if (body_locals(d, &body) && body_end(d, &body)) return true;
    d->err->func = func;
    return false;
}

bool decode_code(Decoder *d) {
    uint32_t n, imported = d->m->imported[EXTERN_func];
    d->code_at = reader_offset(&d->r);
    if (!DECODE_COUNT(d, bodies, funcs, LEAST_BODY, &n)) return false;
    for (uint32_t i = 0; i < n; i++)
        if (!decode_entry(d) || !body_entry(d, imported + i)) return false;
    return true;
}
