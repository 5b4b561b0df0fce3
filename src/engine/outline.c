// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A module as flat tables that name no address, and back.
//
// What a module can have very many of is a table; the rest is decoded from its
// bytes, which takes less than reading would.
#include "binary/binary.h"
#include "engine/artifact_int.h"
#include "valid/valid.h"

#include <string.h>

// --- out -----------------------------------------------------------------------------

// Into zeros, field by field: what lies between fields would be written to the
// file as well, and structures that are copied have anything there.
static void put_flat(Bytes *to, Bytes b) {
    to->size = b.size;
    to->at = b.at;
}

static void write_functions(const Module *m, Arena *arena, ArtifactParts *out) {
    Body *bodies = NEW_N(arena, Body, m->bodies.len);
    for (uint32_t i = 0; i < m->bodies.len; i++)
        put_flat(&bodies[i].bytes, m->bodies.data[i].bytes);
    FuncDecl *decls = NEW_N(arena, FuncDecl, m->funcs.len);
    for (uint32_t i = 0; i < m->funcs.len; i++) {
        decls[i].type = m->funcs.data[i].type;
        decls[i].is_declared = m->funcs.data[i].is_declared;
        decls[i].at = m->funcs.data[i].at;
    }
    out->bodies.data = bodies;
    out->bodies.len = m->bodies.len;
    out->decls.data = decls;
    out->decls.len = m->funcs.len;
}

static void count_elems(const Module *m, uint64_t *funcs, uint64_t *exprs) {
    *funcs = *exprs = 0;
    VEC_EACH (const ElemDecl, e, &m->elems)
        *(e->has_exprs ? exprs : funcs) += e->len;
}

static void put_elem(ElemDecl *to, const ElemDecl *e) {
    to->mode = e->mode;
    to->flags = e->flags;
    to->type = e->type;
    to->table = e->table;
    put_flat(&to->offset, e->offset);
    to->len = e->len;
    to->has_exprs = e->has_exprs;
    to->at = e->at;
}

static void write_elems(const Module *m, Arena *arena, ArtifactParts *out) {
    count_elems(m, &out->elem_funcs.len, &out->elem_exprs.len);
    ElemDecl *elems = NEW_N(arena, ElemDecl, m->elems.len);
    uint32_t *funcs = NEW_N(arena, uint32_t, out->elem_funcs.len);
    Bytes *exprs = NEW_N(arena, Bytes, out->elem_exprs.len);
    out->elems.data = elems;
    out->elems.len = m->elems.len;
    out->elem_funcs.data = funcs;
    out->elem_exprs.data = exprs;
    for (uint32_t i = 0; i < m->elems.len; i++) {
        const ElemDecl *e = &m->elems.data[i];
        put_elem(&elems[i], e);
        for (uint32_t k = 0; k < e->len; k++) {
            if (e->has_exprs)
                put_flat(exprs++, e->exprs[k]);
            else
                *funcs++ = e->funcs[k];
        }
    }
}

static void write_datas(const Module *m, Arena *arena, ArtifactParts *out) {
    DataDecl *datas = NEW_N(arena, DataDecl, m->datas.len);
    for (uint32_t i = 0; i < m->datas.len; i++) {
        const DataDecl *d = &m->datas.data[i];
        datas[i].mode = d->mode;
        datas[i].flags = d->flags;
        datas[i].memory = d->memory;
        put_flat(&datas[i].offset, d->offset);
        put_flat(&datas[i].bytes, d->bytes);
        datas[i].at = d->at;
    }
    out->datas.data = datas;
    out->datas.len = m->datas.len;
}

static void write_names(const Module *m, Arena *arena, ArtifactParts *out) {
    if (m->flat_names) {
        out->names.data = m->flat_names;
        out->names.len = m->flat_name_len;
        return;
    }
    const NameMap *map = &m->names.of[NAME_func];
    FlatName *names = NEW_N(arena, FlatName, map->items.len);
    for (uint32_t i = 0; i < map->items.len; i++) {
        const NameAssoc *n = &map->items.data[i];
        uint64_t at = (uint64_t)((const uint8_t *)n->name.data - m->bytes);
        names[i] = (FlatName){n->index, (uint32_t)at, n->name.len};
    }
    out->names.data = names;
    out->names.len = map->items.len;
}

static void write_side(const SideTables *side, ArtifactParts *out) {
    out->infos.data = side->funcs.data;
    out->infos.len = side->funcs.len;
    out->ctl.data = side->ctl.data;
    out->ctl.len = side->ctl.len;
    out->far_ctl.data = side->far_ctl.data;
    out->far_ctl.len = side->far_ctl.len;
    out->catches.data = side->catches.data;
    out->catches.len = side->catches.len;
    out->loops.data = side->loops.data;
    out->loops.len = side->loops.len;
    out->loop_locals.data = side->loop_locals.data;
    out->loop_locals.len = side->loop_locals.len;
}

void outline_write(const RtModule *m, Arena *arena, ArtifactParts *out) {
    write_functions(&m->module, arena, out);
    write_elems(&m->module, arena, out);
    write_datas(&m->module, arena, out);
    write_names(&m->module, arena, out);
    write_side(m->side, out);
    out->wasm.data = m->bytes;
    out->wasm.len = m->size;
}

// --- in ------------------------------------------------------------------------------

// Nobody writes to what was validated, so that constness may go. A length is
// that of a section of at most 4 Gi items.
#define ATTACH(vec, part)                          \
    ((vec)->data = (void *)(uintptr_t)(part).data, \
     (vec)->len = (vec)->cap = (uint32_t)(part).len)

static void attach_side(const ArtifactParts *p, SideTables *side) {
    ATTACH(&side->funcs, p->infos);
    ATTACH(&side->ctl, p->ctl);
    ATTACH(&side->far_ctl, p->far_ctl);
    ATTACH(&side->catches, p->catches);
    ATTACH(&side->loops, p->loops);
    ATTACH(&side->loop_locals, p->loop_locals);
}

// Exactly the active segments say where they go.
static bool is_placed(SegmentMode mode, Bytes offset) {
    return (mode == SEGMENT_active) == (offset.size > 0);
}

// Values that the decoder gives; whether they fit the module is checked later.
// What is no bool must not even be read as one.
static bool is_elem(const ElemDecl *e) {
    uint8_t has_exprs;
    memcpy(&has_exprs, &e->has_exprs, sizeof has_exprs);
    bool has_type = vt_is_ref(e->type) &&
                    (vt_is_concrete(e->type) || vt_heap(e->type) < HEAP_bot);
    return has_exprs <= 1 && has_type && e->mode <= SEGMENT_declarative &&
           is_placed(e->mode, e->offset);
}

// Segments are few; what they hold is checked, since indices are so cheap to.
static bool attach_elems(const ArtifactParts *p, Module *m) {
    ElemDecl *elems = NEW_N(m->arena, ElemDecl, p->elems.len);
    uint64_t func_at = 0, expr_at = 0;
    for (uint32_t i = 0; i < p->elems.len; i++) {
        ElemDecl *e = &elems[i];
        *e = p->elems.data[i];
        if (!is_elem(e)) return false;
        uint64_t *at = e->has_exprs ? &expr_at : &func_at;
        uint64_t all = e->has_exprs ? p->elem_exprs.len : p->elem_funcs.len;
        if (e->len > all - *at) return false;
        if (e->has_exprs)
            e->exprs = p->elem_exprs.data + *at;
        else
            e->funcs = p->elem_funcs.data + *at;
        *at += e->len;
    }
    for (uint64_t i = 0; i < p->elem_funcs.len; i++)
        if (p->elem_funcs.data[i] >= m->funcs.len) return false;
    m->elems.data = elems;
    m->elems.len = m->elems.cap = (uint32_t)p->elems.len;
    return true;
}

// An address would be taken for where the bytes are.
static bool attach_datas(const ArtifactParts *p, Module *m) {
    for (uint64_t i = 0; i < p->datas.len; i++) {
        const DataDecl *d = &p->datas.data[i];
        if (d->mode > SEGMENT_passive || !is_placed(d->mode, d->offset) ||
            d->bytes.data)
            return false;
    }
    ATTACH(&m->datas, p->datas);
    return true;
}

static void attach_names(const ArtifactParts *p, const ArtifactHead *head,
                         Module *m) {
    Bytes name = {.at = head->module_name_at, .size = head->module_name_len};
    name = module_slice(m, name);
    m->flat_names = p->names.data;
    m->flat_name_len = (uint32_t)p->names.len;
    m->names.has_module = head->has_module_name;
    m->names.module = (Str){(const char *)name.data, name.size};
}

static bool counts_fit(const ArtifactParts *p, const Module *m) {
    return p->decls.len == m->funcs.len + p->bodies.len &&
           p->bodies.len == p->infos.len && p->bodies.len == p->func_at.len &&
           p->bodies.len == p->code_funcs.len &&
           (!m->has_data_count || m->data_count == p->datas.len);
}

bool outline_read(const ArtifactParts *p, const ArtifactHead *head, Module *m,
                  SideTables *side, Err *err) {
    if (!module_decode_outline(m, p->wasm.data, p->wasm.len, err)) return false;
    if (!counts_fit(p, m))
        return err_at(err, ERR_NOWHERE, E_artifact_damaged, "functions");
    ATTACH(&m->funcs, p->decls);
    ATTACH(&m->bodies, p->bodies);
    attach_side(p, side);
    side->code_size = head->code_size;
    attach_names(p, head, m);
    if (!attach_elems(p, m))
        return err_at(err, ERR_NOWHERE, E_artifact_damaged, "elements");
    if (!attach_datas(p, m))
        return err_at(err, ERR_NOWHERE, E_artifact_damaged, "data");
    return valid_outline(m, err);
}
