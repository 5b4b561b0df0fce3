// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/image.h"

#include "base/bits.h"

// A table whose segments lie far apart is not prepared: its image takes at most
// so many times the cells that are in them, beyond a few.
enum {
    SPARSE_MAX = 8,
    SPARSE_FREE = 4096,
};

// Where an active segment goes; false where that is not known or out of bounds.
static bool known_place(const Module *m, Bytes offset, uint64_t len,
                        uint64_t size, uint64_t *at) {
    Raw value;
    if (!const_expr_known(m, offset, &value)) return false;
    *at = value.u64;
    return len <= size && *at <= size - len;
}

// --- element segments --------------------------------------------------------------

static bool known_cell(const Module *m, const ElemDecl *decl, uint32_t i,
                       FuncCell *out) {
    if (decl->has_exprs) return const_expr_cell(m, decl->exprs[i], out);
    *out = func_cell_of_index(decl->funcs[i]);
    return true;
}

static bool all_known(const Module *m, const ElemDecl *decl) {
    FuncCell cell;
    for (uint32_t i = 0; decl->has_exprs && i < decl->len; i++)
        if (!const_expr_cell(m, decl->exprs[i], &cell)) return false;
    return true;
}

static bool is_of_functions(const Module *m, const ElemDecl *decl) {
    return type_top(m, decl->type) == HEAP_func;
}

// The cells of a segment of functions; it stays empty where some are not known.
static void find_cells(RtModule *rm, const ElemDecl *decl, ElemInstance *e) {
    if (!all_known(&rm->module, decl)) return;
    FuncCell *cells = NEW_N(&rm->arena, FuncCell, decl->len);
    for (uint32_t i = 0; i < decl->len; i++)
        if (!known_cell(&rm->module, decl, i, &cells[i])) UNREACHABLE();
    e->funcs = cells;
    e->len = decl->len;
}

// Those that instantiation leaves, and, where the instance has to write the
// active ones itself, those too.
static void make_elems(RtModule *rm, ModuleImage *image) {
    const Module *m = &rm->module;
    image->elems = NEW_N(&rm->arena, ElemInstance, m->elems.len);
    for (uint32_t i = 0; i < m->elems.len; i++) {
        const ElemDecl *decl = &m->elems.data[i];
        ElemInstance *e = &image->elems[i];
        e->is_func = is_of_functions(m, decl);
        bool stays = decl->mode == SEGMENT_passive ||
                     (decl->mode == SEGMENT_active && !image->is_known);
        if (stays && e->is_func) find_cells(rm, decl, e);
        image->has_passive |= decl->mode == SEGMENT_passive;
    }
}

// --- tables ------------------------------------------------------------------------

// How far the segments of a table reach, and how many cells are in them.
typedef struct Extent {
    uint64_t end, cells;
} Extent;

static bool elem_place(const Module *m, const ElemDecl *decl, uint64_t *at) {
    if (decl->table < m->imported[EXTERN_table]) return false;
    const TableDecl *table = &m->tables.data[decl->table];
    return !table->init.size && is_of_functions(m, decl) &&
           known_place(m, decl->offset, decl->len, table->type.limits.min, at);
}

static bool is_worthwhile(const RtModule *rm, const Extent *e) {
    if (e->end > rm->engine->config.limits.table_elements) return false;
    return e->end <= SPARSE_FREE || e->end / SPARSE_MAX <= e->cells;
}

static bool measure_tables(const RtModule *rm, Extent *extents) {
    const Module *m = &rm->module;
    for (uint32_t i = 0; i < m->elems.len; i++) {
        const ElemDecl *decl = &m->elems.data[i];
        if (decl->mode != SEGMENT_active) continue;
        uint64_t at;
        if (!elem_place(m, decl, &at) || !all_known(m, decl)) return false;
        Extent *e = &extents[decl->table];
        e->end = MAX(e->end, at + decl->len);
        e->cells += decl->len;
    }
    for (uint32_t i = 0; i < m->tables.len; i++)
        if (!is_worthwhile(rm, &extents[i])) return false;
    return true;
}

// In the order of the segments: later ones write over earlier ones.
static void fill_tables(RtModule *rm, ModuleImage *image) {
    const Module *m = &rm->module;
    uint32_t imported = m->imported[EXTERN_table];
    for (uint32_t i = 0; i < m->elems.len; i++) {
        const ElemDecl *decl = &m->elems.data[i];
        if (decl->mode != SEGMENT_active) continue;
        uint64_t at;
        if (!elem_place(m, decl, &at)) UNREACHABLE();
        FuncCell *cells = image->tables[decl->table - imported].cells + at;
        for (uint32_t j = 0; j < decl->len; j++)
            if (!known_cell(m, decl, j, &cells[j])) UNREACHABLE();
    }
}

static bool make_tables(RtModule *rm, ModuleImage *image) {
    const Module *m = &rm->module;
    uint32_t imported = m->imported[EXTERN_table];
    image->tables = NEW_N(&rm->arena, TableImage, m->tables.len - imported);
    Extent *extents = NEW_N(&rm->arena, Extent, m->tables.len);
    if (!measure_tables(rm, extents)) return false;
    for (uint32_t i = imported; i < m->tables.len; i++) {
        TableImage *t = &image->tables[i - imported];
        t->len = extents[i].end;
        t->cells = NEW_N(&rm->arena, FuncCell, t->len);
    }
    fill_tables(rm, image);
    return true;
}

// --- memories ----------------------------------------------------------------------

static uint64_t min_bytes(const MemoryType *t) {
    uint64_t pages = t->limits.min;
    return pages > UINT64_MAX >> t->page_log2 ? UINT64_MAX
                                              : pages << t->page_log2;
}

static bool data_place(const Module *m, const DataDecl *decl, uint64_t *at) {
    if (decl->memory < m->imported[EXTERN_memory]) return false;
    const MemoryType *type = &m->memories.data[decl->memory].type;
    return known_place(m, decl->offset, decl->bytes.size, min_bytes(type), at);
}

static bool datas_are_known(const Module *m) {
    uint64_t at;
    for (uint32_t i = 0; i < m->datas.len; i++) {
        const DataDecl *decl = &m->datas.data[i];
        if (decl->mode == SEGMENT_active && !data_place(m, decl, &at))
            return false;
    }
    return true;
}

static void make_datas(RtModule *rm, ModuleImage *image) {
    const Module *m = &rm->module;
    image->datas = NEW_N(&rm->arena, DataInstance, m->datas.len);
    for (uint32_t i = 0; i < m->datas.len; i++) {
        const DataDecl *decl = &m->datas.data[i];
        bool is_passive = decl->mode == SEGMENT_passive;
        image->has_passive |= is_passive;
        if (is_passive || !image->is_known)
            image->datas[i] =
                (DataInstance){decl->bytes.data, decl->bytes.size};
    }
}

// --- globals -----------------------------------------------------------------------

static void make_globals(RtModule *rm, ModuleImage *image) {
    const Module *m = &rm->module;
    uint32_t imported = m->imported[EXTERN_global];
    image->globals = NEW_N(&rm->arena, GlobalImage, m->globals.len - imported);
    for (uint32_t i = imported; i < m->globals.len; i++) {
        GlobalImage *g = &image->globals[i - imported];
        g->is_known = const_expr_known(m, m->globals.data[i].init, &g->value);
    }
}

ModuleImage *module_image_new(RtModule *rm) {
    ModuleImage *image = NEW(&rm->arena, ModuleImage);
    make_globals(rm, image);
    image->is_known = datas_are_known(&rm->module) && make_tables(rm, image);
    make_elems(rm, image);
    make_datas(rm, image);
    return image;
}
