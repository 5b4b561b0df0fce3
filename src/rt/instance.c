// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Instantiation, in the order of the specification (core, 4.5.4): nothing of
// the store changes before all imports fit; what traps later leaves an
// instance behind, for its functions may already be in foreign tables.
#include "rt/instance.h"

#include "base/alloc.h"
#include "base/bits.h"
#include "rt/rt_int.h"

static const Store *extern_store(const Extern *e) {
    switch (e->kind) {
    case EXTERN_func:
        return e->func->store;
    case EXTERN_table:
        return e->table->store;
    case EXTERN_memory:
        return e->memory->store;
    case EXTERN_global:
        return e->global->store;
    case EXTERN_tag:
        return e->tag->store;
    case EXTERN_count:
        break;
    }
    UNREACHABLE();
}

static bool imports_match(const Store *s, const RtModule *m,
                          const Extern *imports, uint32_t import_len,
                          Err *err) {
    uint32_t wanted = m->module.imports.len;
    if (import_len != wanted)
        return err_at(err, ERR_NOWHERE, E_import_count, wanted, import_len);
    for (uint32_t i = 0; i < wanted; i++) {
        const Import *im = &m->module.imports.data[i];
        if (extern_store(&imports[i]) != s)
            return err_at(err, im->at, E_import_store, (int)im->module.len,
                          im->module.data, (int)im->name.len, im->name.data);
        if (!import_matches(m, i, &imports[i], err)) return false;
    }
    return true;
}

// --- storage -----------------------------------------------------------------------

// One block holds the instance and all its arrays.
typedef struct Layout {
    size_t size;
} Layout;

static size_t place(Layout *l, size_t item, size_t len) {
    size_t at = align_up(l->size, 16);
    l->size = at + item * len;
    return at;
}

static uint32_t chunk_count(const Module *m) {
    uint32_t defined = m->funcs.len - m->imported[EXTERN_func];
    return (defined + FUNC_CHUNK - 1) / FUNC_CHUNK;
}

// Does the instance need segments of its own? Segments that are dropped from
// the start cannot change.
static bool owns_segments(const RtModule *rm) {
    return !rm->image->is_known || rm->image->has_passive;
}

static void copy_segments(Instance *inst, char *elems, char *datas) {
    const Module *m = &inst->module->module;
    const ModuleImage *image = inst->module->image;
    inst->elems = (ElemInstance *)(void *)elems;
    inst->datas = (DataInstance *)(void *)datas;
    if (m->elems.len)
        memcpy(inst->elems, image->elems, m->elems.len * sizeof *inst->elems);
    if (m->datas.len)
        memcpy(inst->datas, image->datas, m->datas.len * sizeof *inst->datas);
}

static Instance *instance_alloc(Store *s, RtModule *rm) {
    const Module *m = &rm->module;
    bool owns = owns_segments(rm);
    Layout l = {.size = sizeof(Instance)};
    size_t memories = place(&l, sizeof(Memory *), m->memories.len);
    size_t tables = place(&l, sizeof(Table *), m->tables.len);
    size_t globals = place(&l, sizeof(Global *), m->globals.len);
    size_t imports = place(&l, sizeof(Func *), m->imported[EXTERN_func]);
    size_t funcs = place(&l, sizeof(Func **), chunk_count(m));
    size_t tags = place(&l, sizeof(Tag *), m->tags.len);
    size_t gc_types = place(&l, sizeof(uint32_t), m->types.len);
    size_t elems = place(&l, sizeof(ElemInstance), owns ? m->elems.len : 0);
    size_t datas = place(&l, sizeof(DataInstance), owns ? m->datas.len : 0);
    char *block = mem_calloc(1, l.size);
    if (!block) return NULL;
    Instance *inst = (Instance *)(void *)block;
    inst->context = (Context){
        .store = &s->context,
        .memories = (Memory **)(void *)(block + memories),
        .tables = (Table **)(void *)(block + tables),
        .globals = (Global **)(void *)(block + globals),
        .funcs = (Func **)(void *)(block + imports),
        .types = rm->types,
        .tags = (Tag **)(void *)(block + tags),
        .gc_types = (uint32_t *)(void *)(block + gc_types),
    };
    inst->module = rm;
    inst->store = s;
    inst->handle = s->instances.len;
    inst->funcs = (Func ***)(void *)(block + funcs);
    inst->elems = rm->image->elems;
    inst->datas = rm->image->datas;
    if (owns) copy_segments(inst, block + elems, block + datas);
    return inst;
}

static void segment_release(ElemInstance *e) {
    if (e->is_owned && e->is_func) mem_free(e->funcs);
    if (e->is_owned && !e->is_func) mem_free(e->refs);
    *e = (ElemInstance){.is_func = e->is_func};
}

void instance_free(Instance *inst) {
    const Module *m = &inst->module->module;
    engine_pool_give(inst->store->engine, POOL_instances);
    for (uint32_t i = 0; owns_segments(inst->module) && i < m->elems.len; i++)
        segment_release(&inst->elems[i]);
    for (uint32_t i = 0; i < chunk_count(m); i++)
        mem_free(inst->funcs[i]);
    rt_module_unref(inst->module);
    mem_free(inst);
}

static void put_import(Instance *inst, const Import *im, const Extern *e) {
    switch (im->kind) {
    case EXTERN_func:
        inst->context.funcs[im->index] = e->func;
        return;
    case EXTERN_table:
        inst->context.tables[im->index] = e->table;
        return;
    case EXTERN_memory:
        inst->context.memories[im->index] = e->memory;
        return;
    case EXTERN_global:
        inst->context.globals[im->index] = e->global;
        return;
    case EXTERN_tag:
        inst->context.tags[im->index] = e->tag;
        return;
    case EXTERN_count:
        break;
    }
    UNREACHABLE();
}

// --- what the module defines -------------------------------------------------------

// The image that a memory of the module may have; NULL: none.
static PoolImage *memory_image(const Instance *inst, uint32_t index) {
    const ModuleImage *image = inst->module->image;
    uint32_t imported = inst->module->module.imported[EXTERN_memory];
    if (!image->is_known || index < imported) return NULL;
    PoolImage *of = &image->memories[index - imported].pool;
    return of->size ? of : NULL;
}

static bool make_memories(Instance *inst, Err *err) {
    const Module *m = &inst->module->module;
    for (uint32_t i = m->imported[EXTERN_memory]; i < m->memories.len; i++) {
        const MemoryType *type = &m->memories.data[i].type;
        Memory *memory = type->limits.is_shared
                             ? memory_new_any(inst->store, type, err)
                             : memory_new_of_image(inst->store, type,
                                                   memory_image(inst, i), err);
        if (!memory) return false;
        inst->context.memories[i] = memory;
    }
    return true;
}

static bool make_tags(Instance *inst, Err *err) {
    const Module *m = &inst->module->module;
    for (uint32_t i = m->imported[EXTERN_tag]; i < m->tags.len; i++) {
        Tag *tag =
            tag_new(inst->store, inst->context.types[m->tags.data[i].type]);
        if (!tag) return err_at(err, ERR_NOWHERE, E_out_of_memory);
        inst->context.tags[i] = tag;
    }
    return true;
}

static void adopt_memory0(Instance *inst) {
    if (inst->module->module.memories.len == 0) return;
    Memory *m = inst->context.memories[0];
    inst->context.memory0_base = m->base;
    if (m->shared) return; // the size is read from the memory
    inst->context.memory0_size = m->size;
    inst->memory_next = m->users;
    m->users = inst;
}

static Status no_memory(Store *s) {
    return store_trap(s, TRAP_out_of_memory);
}

static Status make_globals(Instance *inst) {
    const Module *m = &inst->module->module;
    const GlobalImage *image = inst->module->image->globals;
    for (uint32_t i = m->imported[EXTERN_global]; i < m->globals.len;
         i++, image++) {
        const GlobalDecl *decl = &m->globals.data[i];
        Raw init = image->value;
        Status status = image->is_known
                            ? STATUS_ok
                            : const_expr_eval(inst, decl->init, &init);
        if (status != STATUS_ok) return status;
        Global *g = global_new(
            inst->store, rt_val_type(decl->type.type, inst->module->types),
            decl->type.is_mutable, init);
        if (!g) return no_memory(inst->store);
        inst->context.globals[i] = g;
    }
    return STATUS_ok;
}

// A table that only this instance fills may hold its function indices. Until
// fill_tables and write_elems, one without an image holds nulls, whatever its
// type.
static bool make_tables(Instance *inst, Err *err) {
    const Module *m = &inst->module->module;
    const ModuleImage *image = inst->module->image;
    uint32_t imported = m->imported[EXTERN_table];
    for (uint32_t i = imported; i < m->tables.len; i++) {
        const TableType *type = &m->tables.data[i].type;
        RtValType elem = rt_val_type(type->elem, inst->module->types);
        TableImage *cells =
            image->is_known ? &image->tables[i - imported] : NULL;
        Table *t =
            cells && cells->len
                ? table_new_of_image(inst->store, &type->limits, elem, cells,
                                     err)
                : table_new(inst->store, &type->limits, elem, (Raw){0}, err);
        if (!t) return false;
        t->owner = inst;
        inst->context.tables[i] = t;
    }
    return true;
}

static Status fill_tables(Instance *inst) {
    const Module *m = &inst->module->module;
    for (uint32_t i = m->imported[EXTERN_table]; i < m->tables.len; i++) {
        const TableDecl *decl = &m->tables.data[i];
        if (!decl->init.size) continue;
        Raw init = {0};
        Status status = const_expr_eval(inst, decl->init, &init);
        if (status != STATUS_ok) return status;
        Table *t = inst->context.tables[i];
        Trap trap = table_fill(t, 0, init, t->size);
        CHECK(trap == TRAP_none);
    }
    return STATUS_ok;
}

static Status fill_elem(Instance *inst, const ElemDecl *decl, FuncCell *funcs,
                        GcRef *refs) {
    for (uint32_t i = 0; i < decl->len; i++) {
        Raw value;
        Status status = const_expr_eval(inst, decl->exprs[i], &value);
        if (status != STATUS_ok) return status;
        if (funcs)
            funcs[i] = (FuncCell)(void *)value.func;
        else
            refs[i] = value.ref;
    }
    return STATUS_ok;
}

// A segment that the module has no cells for.
static Status make_elem(Instance *inst, const ElemDecl *decl, ElemInstance *e) {
    FuncCell *funcs = e->is_func ? MEM_NEW_N(FuncCell, decl->len) : NULL;
    GcRef *refs = e->is_func ? NULL : MEM_NEW_N(GcRef, decl->len);
    if (!funcs && !refs) return no_memory(inst->store);
    if (funcs)
        e->funcs = funcs;
    else
        e->refs = refs;
    e->is_owned = true;
    e->len = decl->len; // zeroed references are fine as roots
    return fill_elem(inst, decl, funcs, refs);
}

// Is anything left of a segment after instantiation, or needed for it?
static bool elem_matters(const Instance *inst, const ElemDecl *decl) {
    return decl->mode == SEGMENT_passive ||
           (decl->mode == SEGMENT_active && !inst->module->image->is_known);
}

static Status make_elems(Instance *inst) {
    const Module *m = &inst->module->module;
    if (!owns_segments(inst->module)) return STATUS_ok;
    for (uint32_t i = 0; i < m->elems.len; i++) {
        const ElemDecl *decl = &m->elems.data[i];
        ElemInstance *e = &inst->elems[i];
        if (!elem_matters(inst, decl) || e->len == decl->len) continue;
        Status status = make_elem(inst, decl, e);
        if (status != STATUS_ok) return status;
    }
    return STATUS_ok;
}

// --- active segments and start -------------------------------------------------------

// An i32 offset is zero-extended in its value.
static Status write_elems(Instance *inst) {
    const Module *m = &inst->module->module;
    if (inst->module->image->is_known) return STATUS_ok; // done by make_tables
    for (uint32_t i = 0; i < m->elems.len; i++) {
        const ElemDecl *decl = &m->elems.data[i];
        if (decl->mode == SEGMENT_active) {
            Raw at;
            Status status = const_expr_eval(inst, decl->offset, &at);
            if (status != STATUS_ok) return status;
            Trap t =
                instance_table_init(inst, decl->table, i, at.u64, 0, decl->len);
            if (t != TRAP_none) return store_trap(inst->store, t);
        }
        if (decl->mode != SEGMENT_passive) instance_elem_drop(inst, i);
    }
    return STATUS_ok;
}

// Does the memory begin with its data?
static bool has_image(const Instance *inst, uint32_t index) {
    const Memory *memory = inst->context.memories[index];
    const PoolImage *image = memory_image(inst, index);
    return image && memory->slot && memory->slot->image == image;
}

static bool all_have_images(const Instance *inst) {
    const Module *m = &inst->module->module;
    const ModuleImage *image = inst->module->image;
    uint32_t imported = m->imported[EXTERN_memory];
    if (!image->is_known) return false;
    for (uint32_t i = imported; i < m->memories.len; i++)
        if (image->memories[i - imported].end && !has_image(inst, i))
            return false;
    return true;
}

static Status write_datas(Instance *inst) {
    const Module *m = &inst->module->module;
    if (all_have_images(inst)) return STATUS_ok;
    for (uint32_t i = 0; i < m->datas.len; i++) {
        const DataDecl *decl = &m->datas.data[i];
        if (decl->mode != SEGMENT_active || has_image(inst, decl->memory))
            continue;
        Raw at;
        Status status = const_expr_eval(inst, decl->offset, &at);
        if (status != STATUS_ok) return status;
        Memory *memory = inst->context.memories[decl->memory];
        Bytes bytes = module_slice(m, decl->bytes);
        if (!memory_write(memory, at.u64, bytes.data, bytes.size))
            return store_trap(inst->store, TRAP_memory_bounds);
        instance_data_drop(inst, i);
    }
    return STATUS_ok;
}

Status instance_start(Instance *inst) {
    const Module *m = &inst->module->module;
    if (!m->has_start) return STATUS_ok;
    Func *f = instance_func(inst, m->start);
    if (!f) return no_memory(inst->store);
    return func_call(inst->store, f, NULL);
}

static Status initialise(Instance *inst) {
    Status status = make_globals(inst);
    if (status == STATUS_ok) status = fill_tables(inst);
    if (status == STATUS_ok) status = make_elems(inst);
    if (status == STATUS_ok) status = write_elems(inst);
    if (status == STATUS_ok) status = write_datas(inst);
    return status;
}

// Adds the instance to the store, which owns it from then on.
static Instance *add(Store *s, RtModule *m, Err *err) {
    if (s->instances.len >= s->limits.instances) {
        (void)err_at(err, ERR_NOWHERE, E_over_limit, "instances of a store",
                     (unsigned long long)s->instances.len + 1,
                     (unsigned long long)s->limits.instances);
        return NULL;
    }
    if (!engine_pool_take(s->engine, POOL_instances)) {
        (void)err_at(err, ERR_NOWHERE, E_pool_full, "instances");
        return NULL;
    }
    Instance *inst = instance_alloc(s, m);
    if (inst && LIST_PUSH(&s->instances, inst)) {
        rt_module_ref(m);
        return inst;
    }
    engine_pool_give(s->engine, POOL_instances);
    mem_free(inst);
    (void)err_at(err, ERR_NOWHERE, E_out_of_memory);
    return NULL;
}

// How much there is in a store of what an instance makes before any code of it
// can run, and before anything else can know of it.
typedef struct Extent {
    uint32_t memories, tables, tags;
} Extent;

static Extent extent_of(const Store *s) {
    return (Extent){s->memories.len, s->tables.len, s->tags.len};
}

// Everything that may fail with an error.
static bool make_all(Instance *inst, Err *err) {
    if (!make_memories(inst, err) || !make_tags(inst, err) ||
        !make_tables(inst, err))
        return false;
    adopt_memory0(inst);
    const TierOps *tier = inst->store->engine->tier;
    return !tier->instance_ready || tier->instance_ready(inst, err);
}

// The store is as it was.
static void undo(Instance *inst, const Extent *before) {
    Store *s = inst->store;
    if (inst->module->module.memories.len) {
        Memory *m = inst->context.memories[0];
        if (m && m->users == inst) m->users = inst->memory_next;
    }
    while (s->memories.len > before->memories)
        memory_free(s->memories.data[--s->memories.len]);
    while (s->tables.len > before->tables)
        table_free(s->tables.data[--s->tables.len]);
    while (s->tags.len > before->tags)
        mem_free(s->tags.data[--s->tags.len]);
    assert(VEC_LAST(&s->instances) == inst);
    s->instances.len--;
    instance_free(inst);
}

Status instance_make_linked(Store *s, RtModule *m, const Extern *imports,
                            Instance **out, Err *err) {
    CHECK(m->engine == s->engine);
    *out = NULL;
    if (!module_image_ready(m, err)) return STATUS_trap;
    Extent before = extent_of(s);
    Instance *inst = add(s, m, err);
    if (!inst) return STATUS_trap;
    module_image_map(m);
    for (uint32_t i = 0; i < m->module.imports.len; i++)
        put_import(inst, &m->module.imports.data[i], &imports[i]);
    if (!make_all(inst, err)) {
        undo(inst, &before);
        return STATUS_trap;
    }
    Status status = initialise(inst);
    if (status == STATUS_ok) *out = inst;
    return status;
}

Status instance_make(Store *s, RtModule *m, const Extern *imports,
                     uint32_t import_len, Instance **out, Err *err) {
    *out = NULL;
    if (!imports_match(s, m, imports, import_len, err)) return STATUS_trap;
    return instance_make_linked(s, m, imports, out, err);
}

Status instance_new(Store *s, RtModule *m, const Extern *imports,
                    uint32_t import_len, Instance **out, Err *err) {
    Status status = instance_make(s, m, imports, import_len, out, err);
    if (status == STATUS_ok) status = instance_start(*out);
    if (status != STATUS_ok) *out = NULL;
    return status;
}

// --- exports -----------------------------------------------------------------------

bool instance_export_at(Instance *inst, uint32_t index, Extern *out, Err *err) {
    const Export *ex = &inst->module->module.exports.data[index];
    *out = (Extern){.kind = ex->kind};
    switch (ex->kind) {
    case EXTERN_func:
        out->func = instance_func(inst, ex->index);
        return out->func || err_at(err, ERR_NOWHERE, E_out_of_memory);
    case EXTERN_table:
        out->table = inst->context.tables[ex->index];
        break;
    case EXTERN_memory:
        out->memory = inst->context.memories[ex->index];
        break;
    case EXTERN_global:
        out->global = inst->context.globals[ex->index];
        break;
    case EXTERN_tag:
        out->tag = inst->context.tags[ex->index];
        break;
    case EXTERN_count:
        UNREACHABLE();
    }
    return true;
}

bool instance_export(Instance *inst, Str name, Extern *out, Err *err) {
    uint32_t index = rt_module_export(inst->module, name);
    if (index != MAP_NONE) return instance_export_at(inst, index, out, err);
    return err_at(err, ERR_NOWHERE, E_unknown_export, (int)name.len, name.data);
}

// --- segments ----------------------------------------------------------------------

// The value of a lazy cell, or of one that is not. False: no memory.
static bool cell_func(Instance *inst, FuncCell cell, Func **out) {
    *out = func_cell_is_lazy(cell) ? instance_func(inst, func_cell_index(cell))
                                   : (Func *)(void *)cell;
    return *out || !cell;
}

bool instance_elem_get(Instance *inst, uint32_t elem, uint32_t index,
                       Raw *out) {
    const ElemInstance *e = &inst->elems[elem];
    *out = (Raw){0};
    if (e->is_func) return cell_func(inst, e->funcs[index], &out->func);
    out->ref = e->refs[index];
    return true;
}

// Foreign tables get references. That one cannot be made must be noticed before
// anything is written; afterwards they are there.
static Trap init_foreign(Instance *inst, FuncCell *to, const FuncCell *from,
                         uint32_t len) {
    Func *f;
    for (uint32_t i = 0; i < len; i++)
        if (!cell_func(inst, from[i], &f)) return TRAP_out_of_memory;
    for (uint32_t i = 0; i < len; i++) {
        if (!cell_func(inst, from[i], &f)) UNREACHABLE();
        to[i] = (FuncCell)(void *)f;
    }
    return TRAP_none;
}

Trap instance_table_init(Instance *inst, uint32_t table, uint32_t elem,
                         uint64_t at, uint32_t from, uint32_t len) {
    Table *t = inst->context.tables[table];
    const ElemInstance *e = &inst->elems[elem];
    if (len > e->len || from > e->len - len) return TRAP_table_bounds;
    if (len > t->size || at > t->size - len) return TRAP_table_bounds;
    if (len == 0) return TRAP_none;
    if (!t->is_func)
        memcpy(t->refs + at, e->refs + from, len * sizeof(GcRef));
    else if (t->owner != inst)
        return init_foreign(inst, t->funcs + at, e->funcs + from, len);
    else
        memcpy(t->funcs + at, e->funcs + from, len * sizeof(FuncCell));
    return TRAP_none;
}

Trap instance_memory_init(Instance *inst, uint32_t memory, uint32_t data,
                          uint64_t at, uint32_t from, uint32_t len) {
    const DataInstance *d = &inst->datas[data];
    if (len > d->size || from > d->size - len) return TRAP_memory_bounds;
    Memory *m = inst->context.memories[memory];
    return memory_write(m, at, d->data + from, len) ? TRAP_none
                                                    : TRAP_memory_bounds;
}

void instance_elem_drop(Instance *inst, uint32_t elem) {
    if (owns_segments(inst->module)) segment_release(&inst->elems[elem]);
}

void instance_data_drop(Instance *inst, uint32_t data) {
    if (owns_segments(inst->module)) inst->datas[data].size = 0;
}
