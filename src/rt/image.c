// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/image.h"

#include "base/bits.h"

// A table whose segments lie far apart is not prepared: its image takes at most
// so many times the cells that are in them, beyond a few.
enum {
    SPARSE_MAX = 8,
    SPARSE_FREE = 4096,
};

// Bytes from which on mapping costs less than copying: a page that is touched
// costs a fault, as much as copying a few of them.
#define IMAGE_MIN ((uint64_t)32 * 1024)

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
        image->has_passive |= decl->mode == SEGMENT_passive && decl->len;
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

// False: some segment has to wait for the instance.
static bool make_memories(RtModule *rm, ModuleImage *image) {
    const Module *m = &rm->module;
    uint32_t imported = m->imported[EXTERN_memory];
    image->memories =
        NEW_N(&rm->arena, MemoryImage, m->memories.len - imported);
    for (uint32_t i = 0; i < m->datas.len; i++) {
        const DataDecl *decl = &m->datas.data[i];
        uint64_t at;
        if (decl->mode != SEGMENT_active) continue;
        if (!data_place(m, decl, &at)) return false;
        if (!decl->bytes.size) continue;
        MemoryImage *memory = &image->memories[decl->memory - imported];
        if (!memory->end || at < memory->begin) memory->begin = at;
        memory->end = MAX(memory->end, at + decl->bytes.size);
        memory->data += decl->bytes.size;
    }
    return true;
}

static void make_datas(RtModule *rm, ModuleImage *image) {
    const Module *m = &rm->module;
    image->datas = NEW_N(&rm->arena, DataInstance, m->datas.len);
    for (uint32_t i = 0; i < m->datas.len; i++) {
        const DataDecl *decl = &m->datas.data[i];
        bool is_passive = decl->mode == SEGMENT_passive;
        Bytes bytes = module_slice(m, decl->bytes);
        image->has_passive |= is_passive && bytes.size;
        if (is_passive || !image->is_known)
            image->datas[i] = (DataInstance){bytes.data, bytes.size};
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

// --- mapping -----------------------------------------------------------------------

// What a memory or table is filled with, from `at` on.
typedef struct Filling {
    const Module *m;
    uint32_t memory;
    uint64_t at;
    const TableImage *table;
} Filling;

static void fill_memory(void *env, uint8_t *bytes) {
    const Filling *f = env;
    for (uint32_t i = 0; i < f->m->datas.len; i++) {
        const DataDecl *decl = &f->m->datas.data[i];
        uint64_t at;
        if (decl->mode != SEGMENT_active || decl->memory != f->memory) continue;
        if (!data_place(f->m, decl, &at)) UNREACHABLE();
        Bytes b = module_slice(f->m, decl->bytes);
        if (b.size) memcpy(bytes + (at - f->at), b.data, b.size);
    }
}

static void fill_table(void *env, uint8_t *bytes) {
    const TableImage *t = ((const Filling *)env)->table;
    memcpy(bytes, t->cells, t->len * sizeof *t->cells);
}

static bool make_image(PoolImage *image, uint64_t at, uint64_t size,
                       void (*fill)(void *env, uint8_t *bytes), Filling *f) {
    f->at = at;
    if (!vm_image_init(&image->vm, size, fill, f)) return false;
    image->at = at;
    image->size = size;
    return true;
}

// What lies between segments takes memory too.
static bool is_worth_mapping(const MemoryImage *memory, uint64_t size) {
    return memory->data >= IMAGE_MIN && size / 2 <= memory->data;
}

static void map_memory(const Module *m, uint32_t index, MemoryImage *memory) {
    uint64_t page = vm_page_size();
    uint64_t begin = memory->begin & ~(page - 1);
    uint64_t end = align_up(memory->end, page);
    Filling f = {.m = m, .memory = index};
    if (is_worth_mapping(memory, end - begin))
        (void)make_image(&memory->pool, begin, end - begin, fill_memory, &f);
}

static void map_table(TableImage *table) {
    uint64_t size = align_up(table->len * sizeof *table->cells, vm_page_size());
    Filling f = {.table = table};
    if (size >= IMAGE_MIN)
        (void)make_image(&table->pool, 0, size, fill_table, &f);
}

static void map_all(const Module *m, ModuleImage *image) {
    uint32_t memories = m->imported[EXTERN_memory];
    for (uint32_t i = memories; i < m->memories.len; i++)
        map_memory(m, i, &image->memories[i - memories]);
    uint32_t tables = m->imported[EXTERN_table];
    for (uint32_t i = tables; i < m->tables.len; i++)
        map_table(&image->tables[i - tables]);
}

void module_image_map(RtModule *rm) {
    ModuleImage *image = rm->image;
    if (atomic_load_explicit(&image->is_mapped, memory_order_acquire)) return;
    mutex_lock(&image->lock);
    bool is_mapped =
        atomic_load_explicit(&image->is_mapped, memory_order_relaxed);
    if (!is_mapped && image->is_known && !rm->engine->config.no_images)
        map_all(&rm->module, image);
    atomic_store_explicit(&image->is_mapped, true, memory_order_release);
    mutex_unlock(&image->lock);
}

static void unmap(Engine *e, PoolImage *image) {
    if (!image->size) return;
    pool_forget(&e->slots, image);
    vm_image_release(&image->vm);
}

void module_image_release(RtModule *rm) {
    ModuleImage *image = rm->image;
    if (!image) return;
    const Module *m = &rm->module;
    uint32_t memories = m->memories.len - m->imported[EXTERN_memory];
    for (uint32_t i = 0; image->is_known && i < memories; i++)
        unmap(rm->engine, &image->memories[i].pool);
    uint32_t tables = m->tables.len - m->imported[EXTERN_table];
    for (uint32_t i = 0; image->is_known && i < tables; i++)
        unmap(rm->engine, &image->tables[i].pool);
    mutex_release(&image->lock);
}

// --- all of it ---------------------------------------------------------------------

ModuleImage *module_image_new(RtModule *rm) {
    ModuleImage *image = NEW(&rm->arena, ModuleImage);
    make_globals(rm, image);
    image->is_known = make_memories(rm, image) && make_tables(rm, image);
    make_elems(rm, image);
    make_datas(rm, image);
    return image;
}

static bool work_out(RtModule *m, Err *err) {
    ArenaGuard guard;
    volatile bool ok = false;
    if (ARENA_GUARD(&m->arena, &guard)) {
        atomic_store_explicit(&m->image, module_image_new(m),
                              memory_order_release);
        ok = true;
    } else {
        ok = err_at(err, ERR_NOWHERE,
                    m->arena.over_limit ? E_compile_memory : E_out_of_memory);
    }
    arena_unguard(&m->arena, &guard);
    return ok;
}

bool module_image_ready(RtModule *m, Err *err) {
    if (atomic_load_explicit(&m->image, memory_order_acquire)) return true;
    mutex_lock(&m->image_lock);
    bool ok = atomic_load_explicit(&m->image, memory_order_relaxed) ||
              work_out(m, err);
    mutex_unlock(&m->image_lock);
    return ok;
}
