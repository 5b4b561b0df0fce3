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

// --- parts -------------------------------------------------------------------------

// What lies between segments takes memory too.
static bool is_worth_mapping(const MemoryImage *memory, uint64_t size) {
    return memory->data >= IMAGE_MIN && size / 2 <= memory->data;
}

static uint32_t memory_len(const Module *m) {
    return m->memories.len - m->imported[EXTERN_memory];
}

static bool memory_part(const RtModule *rm, uint32_t defined, ImagePart *out) {
    const MemoryImage *memory = &rm->image->memories[defined];
    uint64_t page = vm_page_size();
    *out = (ImagePart){
        .at = memory->begin & ~(page - 1),
        .index = rm->module.imported[EXTERN_memory] + defined,
    };
    out->size = align_up(memory->end, page) - out->at;
    return is_worth_mapping(memory, out->size);
}

static bool table_part(const RtModule *rm, uint32_t defined, ImagePart *out) {
    const TableImage *table = &rm->image->tables[defined];
    uint64_t size = table->len * sizeof *table->cells;
    *out = (ImagePart){
        .size = align_up(size, vm_page_size()),
        .index = rm->module.imported[EXTERN_table] + defined,
        .is_table = true,
    };
    return out->size >= IMAGE_MIN;
}

uint32_t module_image_part_len(const RtModule *rm) {
    const Module *m = &rm->module;
    uint32_t tables = m->tables.len - m->imported[EXTERN_table];
    return rm->image->is_known ? memory_len(m) + tables : 0;
}

bool module_image_part(const RtModule *rm, uint32_t n, ImagePart *out) {
    uint32_t memories = memory_len(&rm->module);
    return n < memories ? memory_part(rm, n, out)
                        : table_part(rm, n - memories, out);
}

static const TableImage *table_of(const RtModule *rm, const ImagePart *part) {
    uint32_t imported = rm->module.imported[EXTERN_table];
    return &rm->image->tables[part->index - imported];
}

static void fill_memory(const Module *m, const ImagePart *part,
                        uint8_t *bytes) {
    for (uint32_t i = 0; i < m->datas.len; i++) {
        const DataDecl *decl = &m->datas.data[i];
        uint64_t at;
        if (decl->mode != SEGMENT_active || decl->memory != part->index)
            continue;
        if (!data_place(m, decl, &at)) UNREACHABLE();
        Bytes b = module_slice(m, decl->bytes);
        if (b.size) memcpy(bytes + (at - part->at), b.data, b.size);
    }
}

void module_image_fill(const RtModule *rm, const ImagePart *part,
                       uint8_t *bytes) {
    const TableImage *t = part->is_table ? table_of(rm, part) : NULL;
    if (t)
        memcpy(bytes, t->cells, t->len * sizeof *t->cells);
    else
        fill_memory(&rm->module, part, bytes);
}

// --- mapping -----------------------------------------------------------------------

static bool is_zero(const uint8_t *bytes, uint64_t size) {
    return size == 0 || (bytes[0] == 0 && !memcmp(bytes, bytes + 1, size - 1));
}

// The file may have any bytes for a memory, whose guest it may surprise. Cells
// are what code calls: they must be those that the module asks for.
static bool is_sound(const RtModule *rm, const ImagePart *part,
                     const uint8_t *bytes) {
    if (!part->is_table) return true;
    const TableImage *t = table_of(rm, part);
    uint64_t size = t->len * sizeof *t->cells;
    return !memcmp(bytes, t->cells, size) &&
           is_zero(bytes + size, part->size - size);
}

// False: the file has no such part.
static bool find_part(const RtModule *rm, const ImagePart *want, VmImage *out) {
    const ImageFile *f = &rm->image_file;
    uint64_t at = 0;
    for (uint32_t i = 0; i < f->part_len; i++) {
        const ImagePart *part = &f->parts[i];
        if (part->size > f->file.size - at) return false;
        if (!memcmp(part, want, sizeof *part))
            return is_sound(rm, part, f->bytes + at) &&
                   vm_image_part(out, &f->file, at, part->size);
        at += part->size;
        if (at % vm_page_size() != 0) return false;
    }
    return false;
}

typedef struct Filling {
    const RtModule *module;
    const ImagePart *part;
} Filling;

static void fill(void *env, uint8_t *bytes) {
    const Filling *f = env;
    module_image_fill(f->module, f->part, bytes);
}

static void map_part(const RtModule *rm, const ImagePart *part,
                     PoolImage *image) {
    Filling f = {rm, part};
    if (!find_part(rm, part, &image->vm) &&
        !vm_image_init(&image->vm, part->size, fill, &f))
        return;
    image->at = part->at;
    image->size = part->size;
}

static PoolImage *pool_image(const ModuleImage *image, uint32_t memories,
                             uint32_t n) {
    return n < memories ? &image->memories[n].pool
                        : &image->tables[n - memories].pool;
}

static void map_all(const RtModule *rm) {
    for (uint32_t n = 0; n < module_image_part_len(rm); n++) {
        ImagePart part;
        if (module_image_part(rm, n, &part))
            map_part(rm, &part,
                     pool_image(rm->image, memory_len(&rm->module), n));
    }
}

void module_image_map(RtModule *rm) {
    ModuleImage *image = rm->image;
    if (atomic_load_explicit(&image->is_mapped, memory_order_acquire)) return;
    mutex_lock(&image->lock);
    bool is_mapped =
        atomic_load_explicit(&image->is_mapped, memory_order_relaxed);
    if (!is_mapped && image->is_known && !rm->engine->config.no_images)
        map_all(rm);
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
    uint32_t memories = memory_len(&rm->module);
    for (uint32_t n = 0; n < module_image_part_len(rm); n++)
        unmap(rm->engine, pool_image(image, memories, n));
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
