// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Module-level rules (core, 3.4), in the order of the specification's
// validation: types, imports and declarations, then what refers to them.
#include "base/hash.h"
#include "valid/valid_int.h"

enum {
    CHUNK_FUNCS = 256,
    CHUNK_SIZE = 16 * 1024, // bytes of bodies: a tenth of a millisecond's work
};

typedef struct Checker {
    Module *m;
    Arena *scratch;
    Err *err;
} Checker;

static bool over_limit(Checker *c, uint64_t at, const char *what, uint64_t len,
                       uint64_t max) {
    return err_at(c->err, at, E_over_limit, what, (unsigned long long)len,
                  (unsigned long long)max);
}

// The decoder checks these as it goes; modules from text come here unchecked.
static bool check_sizes(Checker *c) {
    const Module *m = c->m;
    const LimitSet *l = m->limits;
    const struct {
        const char *what;
        uint64_t len, max;
    } sizes[] = {
        {"types", m->types.len, l->types},
        {"imports", m->imports.len, l->imports},
        {"exports", m->exports.len, l->exports},
        {"functions", m->funcs.len, l->funcs},
        {"tables", m->tables.len, l->tables},
        {"memories", m->memories.len, l->memories},
        {"globals", m->globals.len, l->globals},
        {"tags", m->tags.len, l->tags},
        {"element segments", m->elems.len, l->elems},
        {"data segments", m->datas.len, l->datas},
    };
    for (size_t i = 0; i < COUNTOF(sizes); i++)
        if (sizes[i].len > sizes[i].max)
            return over_limit(c, ERR_NOWHERE, sizes[i].what, sizes[i].len,
                              sizes[i].max);
    return true;
}

static bool check_type_sizes(Checker *c, const TypeDef *d) {
    const LimitSet *l = c->m->limits;
    if (d->group_len > l->rec_group)
        return over_limit(c, d->at, "types in a recursion group", d->group_len,
                          l->rec_group);
    if (d->kind != COMP_func) {
        uint32_t len = d->structure.field_len;
        if (len <= l->struct_fields) return true;
        return over_limit(c, d->at, "fields of a structure", len,
                          l->struct_fields);
    }
    if (d->func.param_len > l->params)
        return over_limit(c, d->at, "parameters of a function type",
                          d->func.param_len, l->params);
    if (d->func.result_len > l->results)
        return over_limit(c, d->at, "results of a function type",
                          d->func.result_len, l->results);
    return true;
}

// --- declarations ------------------------------------------------------------

static bool check_func_type(Checker *c, uint32_t type, uint64_t at) {
    if (type >= c->m->types.len)
        return err_at(c->err, at, E_unknown_type, type);
    if (c->m->types.data[type].kind != COMP_func)
        return err_at(c->err, at, E_not_a_func, type);
    return true;
}

static bool check_val_type(Checker *c, ValType type, uint64_t at) {
    if (val_type_known(c->m, type)) return true;
    return err_at(c->err, at, E_unknown_type, vt_index(type));
}

static bool check_limits(Checker *c, Limits l, uint64_t at) {
    if (!l.has_max || l.min <= l.max) return true;
    return err_at(c->err, at, E_limits_order);
}

static bool check_funcs(Checker *c) {
    VEC_EACH (const FuncDecl, f, &c->m->funcs)
        if (!check_func_type(c, f->type, f->at)) return false;
    return true;
}

static bool check_tags(Checker *c) {
    VEC_EACH (const TagDecl, tag, &c->m->tags) {
        if (!check_func_type(c, tag->type, tag->at)) return false;
        if (c->m->types.data[tag->type].func.result_len > 0)
            return err_at(c->err, tag->at, E_tag_results);
    }
    return true;
}

static bool check_table_size(Checker *c, Limits l, uint64_t at) {
    if (l.is_64) return true;
    if (l.min <= UINT32_MAX && (!l.has_max || l.max <= UINT32_MAX)) return true;
    return err_at(c->err, at, E_table_size);
}

// Initial values see the imported globals only.
static bool check_table_init(Checker *c, const TableDecl *table) {
    if (table->init.size > 0)
        return const_expr_valid(c->m, table->init, table->type.elem,
                                c->m->imported[EXTERN_global], c->scratch,
                                c->err);
    if (vt_is_nullable(table->type.elem)) return true;
    return err_at(c->err, table->at, E_type_mismatch, "table",
                  "its element type has no default value");
}

static bool check_tables(Checker *c) {
    const Module *m = c->m;
    if (m->tables.len > 1 && !feature_on(m->features, FEATURE_reference_types))
        return err_at(c->err, m->tables.data[1].at, E_multiple_tables);
    for (uint32_t i = 0; i < m->tables.len; i++) {
        const TableDecl *table = &m->tables.data[i];
        if (!check_val_type(c, table->type.elem, table->at)) return false;
        if (!check_table_size(c, table->type.limits, table->at)) return false;
        if (!check_limits(c, table->type.limits, table->at)) return false;
        bool is_import = i < m->imported[EXTERN_table];
        if (!is_import && !check_table_init(c, table)) return false;
    }
    return true;
}

static bool check_memory_size(Checker *c, const MemoryType *t, uint64_t at) {
    uint64_t most = memory_type_pages_max(t);
    uint64_t largest =
        t->limits.has_max ? MAX(t->limits.min, t->limits.max) : t->limits.min;
    if (largest <= most) return true;
    return err_at(c->err, at, E_memory_size, (unsigned long long)most,
                  t->limits.is_64     ? "16EiB"
                  : t->page_log2 == 0 ? "4GiB - 1"
                                      : "4GiB");
}

static bool check_memories(Checker *c) {
    const Module *m = c->m;
    if (m->memories.len > 1 && !feature_on(m->features, FEATURE_multi_memory))
        return err_at(c->err, m->memories.data[1].at, E_multiple_memories);
    VEC_EACH (const MemoryDecl, memory, &m->memories) {
        const MemoryType *t = &memory->type;
        if (t->page_log2 != PAGE_LOG2 && t->page_log2 != 0)
            return err_at(c->err, memory->at, E_invalid_page_size,
                          t->page_log2);
        if (!check_memory_size(c, t, memory->at)) return false;
        if (!check_limits(c, t->limits, memory->at)) return false;
        if (t->limits.is_shared && !t->limits.has_max)
            return err_at(c->err, memory->at, E_shared_max);
    }
    return true;
}

// Before any initial value is: those of tables see imported globals.
static bool check_global_types(Checker *c) {
    VEC_EACH (const GlobalDecl, g, &c->m->globals)
        if (!check_val_type(c, g->type.type, g->at)) return false;
    return true;
}

// An initial value sees the globals before it; before the gc feature, only
// imported ones.
static bool check_globals(Checker *c) {
    Module *m = c->m;
    uint32_t imports = m->imported[EXTERN_global];
    bool sees_all = feature_on(m->features, FEATURE_gc);
    for (uint32_t i = imports; i < m->globals.len; i++) {
        const GlobalDecl *g = &m->globals.data[i];
        if (!const_expr_valid(m, g->init, g->type.type, sees_all ? i : imports,
                              c->scratch, c->err))
            return false;
    }
    return true;
}

static uint32_t visible_globals(const Module *m) {
    bool sees_all = feature_on(m->features, FEATURE_gc);
    return sees_all ? m->globals.len : m->imported[EXTERN_global];
}

// --- segments ----------------------------------------------------------------

static bool check_elem_table(Checker *c, const ElemDecl *e) {
    const Module *m = c->m;
    if (e->mode != SEGMENT_active) return true;
    if (e->table >= m->tables.len)
        return err_at(c->err, e->at, E_unknown_table, e->table);
    if (type_matches(m, e->type, m->tables.data[e->table].type.elem))
        return true;
    return err_at(c->err, e->at, E_type_mismatch, "elem",
                  "the segment's type is not the table's");
}

static bool check_elem_place(Checker *c, const ElemDecl *e) {
    Module *m = c->m;
    if (!check_elem_table(c, e)) return false;
    if (e->mode != SEGMENT_active) return true;
    const TableType *t = &m->tables.data[e->table].type;
    return const_expr_valid(m, e->offset, t->limits.is_64 ? VT_i64 : VT_i32,
                            visible_globals(m), c->scratch, c->err);
}

static bool check_elem_funcs(Checker *c, const ElemDecl *e) {
    for (uint32_t i = 0; i < e->len; i++) {
        if (e->funcs[i] >= c->m->funcs.len)
            return err_at(c->err, e->at, E_unknown_func, e->funcs[i]);
        c->m->funcs.data[e->funcs[i]].is_declared = true;
    }
    return true;
}

static bool check_elem(Checker *c, const ElemDecl *e) {
    Module *m = c->m;
    if (e->len > m->limits->elem_items)
        return over_limit(c, e->at, "entries of an element segment", e->len,
                          m->limits->elem_items);
    if (!check_val_type(c, e->type, e->at)) return false;
    if (!e->has_exprs) {
        if (!check_elem_funcs(c, e)) return false;
    } else {
        for (uint32_t i = 0; i < e->len; i++)
            if (!const_expr_valid(m, e->exprs[i], e->type, visible_globals(m),
                                  c->scratch, c->err))
                return false;
    }
    return check_elem_place(c, e);
}

static bool check_elems(Checker *c) {
    VEC_EACH (const ElemDecl, e, &c->m->elems)
        if (!check_elem(c, e)) return false;
    return true;
}

static bool check_data_memory(Checker *c, const DataDecl *d) {
    if (d->mode != SEGMENT_active || d->memory < c->m->memories.len)
        return true;
    return err_at(c->err, d->at, E_unknown_memory, d->memory);
}

static bool check_datas(Checker *c) {
    Module *m = c->m;
    VEC_EACH (const DataDecl, d, &m->datas) {
        if (!check_data_memory(c, d)) return false;
        if (d->mode != SEGMENT_active) continue;
        bool is_64 = m->memories.data[d->memory].type.limits.is_64;
        if (!const_expr_valid(m, d->offset, is_64 ? VT_i64 : VT_i32,
                              visible_globals(m), c->scratch, c->err))
            return false;
    }
    return true;
}

// --- start and exports -------------------------------------------------------

static bool check_start(Checker *c) {
    const Module *m = c->m;
    if (!m->has_start) return true;
    if (m->start >= m->funcs.len)
        return err_at(c->err, m->start_at, E_unknown_func, m->start);
    const FuncType *type = &module_func_type(m, m->start)->func;
    if (type->param_len + type->result_len == 0) return true;
    return err_at(c->err, m->start_at, E_start_type, m->start);
}

static bool check_export_index(Checker *c, const Export *e) {
    Module *m = c->m;
    const struct {
        uint32_t len;
        ErrId error;
    } spaces[EXTERN_count] = {
        [EXTERN_func] = {m->funcs.len, E_unknown_func},
        [EXTERN_table] = {m->tables.len, E_unknown_table},
        [EXTERN_memory] = {m->memories.len, E_unknown_memory},
        [EXTERN_global] = {m->globals.len, E_unknown_global},
        [EXTERN_tag] = {m->tags.len, E_unknown_tag},
    };
    if (e->index >= spaces[e->kind].len)
        return err_at(c->err, e->at, spaces[e->kind].error, e->index);
    if (e->kind == EXTERN_func) m->funcs.data[e->index].is_declared = true;
    return true;
}

// MapEq: does export `value` have the name at `key`?
static bool export_named(const void *env, uint32_t value, const void *key,
                         size_t size) {
    const Module *m = env;
    return str_eq(m->exports.data[value].name, (Str){key, (uint32_t)size});
}

static bool check_exports(Checker *c) {
    const Module *m = c->m;
    Map names = {.arena = c->scratch};
    for (uint32_t i = 0; i < m->exports.len; i++) {
        const Export *e = &m->exports.data[i];
        if (!check_export_index(c, e)) return false;
        uint64_t hash = hash_bytes(e->name.data, e->name.len);
        uint32_t same =
            map_find(&names, hash, export_named, m, e->name.data, e->name.len);
        if (same != MAP_NONE)
            return err_at(c->err, e->at, E_duplicate_export,
                          (int)MIN(e->name.len, 100u), e->name.data);
        // An arena map: the guard sees running out.
        bool ok = map_add(&names, hash, i);
        CHECK(ok);
    }
    return true;
}

static bool check_mutable_externs(Checker *c) {
    const Module *m = c->m;
    if (feature_on(m->features, FEATURE_mutable_global)) return true;
    VEC_EACH (const Import, i, &m->imports)
        if (i->kind == EXTERN_global &&
            m->globals.data[i->index].type.is_mutable)
            return err_at(c->err, i->at, E_feature_off,
                          "importing a mutable global", "mutable-global");
    VEC_EACH (const Export, e, &m->exports)
        if (e->kind == EXTERN_global &&
            m->globals.data[e->index].type.is_mutable)
            return err_at(c->err, e->at, E_feature_off,
                          "exporting a mutable global", "mutable-global");
    return true;
}

// Exports come before segments and bodies here: they declare functions.
static bool check_module(Checker *c) {
    if (!check_sizes(c)) return false;
    VEC_EACH (const TypeDef, d, &c->m->types)
        if (!check_type_sizes(c, d)) return false;
    return types_valid(c->m, c->scratch, c->err) && check_funcs(c) &&
           check_tags(c) && check_memories(c) && check_global_types(c) &&
           check_tables(c) && check_globals(c) && check_datas(c) &&
           check_elems(c) && check_start(c) && check_exports(c) &&
           check_mutable_externs(c);
}

// Where segments go, without their constant expressions.
static bool check_segments(Checker *c) {
    const Module *m = c->m;
    VEC_EACH (const ElemDecl, e, &m->elems) {
        if (!check_val_type(c, e->type, e->at)) return false;
        if (!check_elem_table(c, e)) return false;
        if (!e->has_exprs && type_top(m, e->type) != HEAP_func)
            return err_at(c->err, e->at, E_type_mismatch, "elem",
                          "the segment is not of functions");
    }
    VEC_EACH (const DataDecl, d, &m->datas)
        if (!check_data_memory(c, d)) return false;
    return true;
}

// Of a module whose functions and segments were checked before.
static bool check_outline(Checker *c) {
    const Module *m = c->m;
    if (!check_sizes(c)) return false;
    VEC_EACH (const TypeDef, d, &m->types)
        if (!check_type_sizes(c, d)) return false;
    if (!types_valid(c->m, c->scratch, c->err) || !check_funcs(c) ||
        !check_tags(c) || !check_memories(c) || !check_global_types(c))
        return false;
    VEC_EACH (const TableDecl, t, &m->tables)
        if (!check_val_type(c, t->type.elem, t->at)) return false;
    VEC_EACH (const Export, e, &m->exports)
        if (e->index >= module_len(m, e->kind))
            return err_at(c->err, e->at, E_unknown_func, e->index);
    return check_segments(c) && check_start(c);
}

bool valid_outline(Module *m, Err *err) {
    ArenaMark mark = arena_mark(m->arena);
    Checker c = {.m = m, .scratch = m->arena, .err = err};
    bool ok = check_outline(&c);
    arena_rewind(m->arena, mark);
    return ok;
}

bool valid_module(Module *m, Err *err) {
    ArenaMark mark = arena_mark(m->arena);
    Checker c = {.m = m, .scratch = m->arena, .err = err};
    VEC_EACH (FuncDecl, f, &m->funcs)
        f->is_declared = false;
    bool ok = check_module(&c);
    arena_rewind(m->arena, mark);
    return ok;
}

// --- the whole module --------------------------------------------------------

// Growing would copy the large tables. So much for the bytes of code is more
// than compilers' output has, most of the time.
void valid_reserve(const Module *m, SideTables *side, Arena *side_arena) {
    uint64_t size = 0;
    VEC_EACH (const Body, body, &m->bodies)
        size += body->bytes.size;
    VEC_RESERVE(side_arena, &side->funcs, m->bodies.len);
    VEC_RESERVE(side_arena, &side->ctl, size / 16);
    VEC_RESERVE(side_arena, &side->far_ctl, size / 256);
    VEC_RESERVE(side_arena, &side->loops, size / 256);
    VEC_RESERVE(side_arena, &side->loop_locals, size / 32);
}

uint32_t valid_chunk_end(const Module *m, uint32_t first) {
    uint32_t end = MIN(m->funcs.len - first, (uint32_t)CHUNK_FUNCS) + first;
    uint64_t size = 0;
    for (uint32_t i = first; i < end; i++) {
        size += module_body(m, i)->bytes.size;
        if (size >= CHUNK_SIZE) return i + 1;
    }
    return end;
}

bool valid_chunk(const Module *m, uint32_t first, SideTables *side,
                 Arena *side_arena, Arena *scratch, Err *err) {
    uint32_t end = valid_chunk_end(m, first);
    side->chunk = side_mark(side);
    for (uint32_t i = first; i < end; i++) {
        bool ok = valid_body(m, i, side, side_arena, scratch, err);
        arena_reset(scratch);
        if (!ok) return false;
    }
    return true;
}

// Scratch memory comes from an arena of its own, so that what a body needs is
// given back; running out there becomes running out here.
bool valid_all(Module *m, SideTables *side, Err *err) {
    if (!valid_module(m, err)) return false;
    valid_reserve(m, side, m->arena);
    Arena scratch;
    arena_init_beside(&scratch, m->arena);
    ArenaGuard guard;
    volatile bool ok = true;
    const Arena *volatile out = NULL; // which ran out
    if (ARENA_GUARD(&scratch, &guard)) {
        ArenaGuard outer; // side tables grow in m->arena
        if (ARENA_GUARD(m->arena, &outer)) {
            for (uint32_t i = m->imported[EXTERN_func]; ok && i < m->funcs.len;
                 i = valid_chunk_end(m, i))
                ok = valid_chunk(m, i, side, m->arena, &scratch, err);
        } else {
            out = m->arena;
        }
        arena_unguard(m->arena, &outer);
    } else {
        out = &scratch;
    }
    arena_unguard(&scratch, &guard);
    arena_release(&scratch);
    if (out) arena_fail_like(m->arena, out);
    return ok;
}
