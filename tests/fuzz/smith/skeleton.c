// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Everything of a module but its types and its code.
#include "fuzz/smith/types.h"

enum {
    PAGE_BYTES = 0, // log2 of the size of a custom page
    FUNCS_MAX = 8,
    ITEMS_MAX = 5,
    DATA_MAX = 64,
};

// --- constant expressions --------------------------------------------------------------

static void extended(Smith *s, ValType t) {
    static const Op ops[2][3] = {
        {OP_i32_add, OP_i32_sub, OP_i32_mul},
        {OP_i64_add, OP_i64_sub, OP_i64_mul},
    };
    s->out->used |= FEATURE_BIT(extended_const);
    smith_const(s, t);
    smith_const(s, t);
    emit_op(s, ops[t == VT_i64][smith_below(s, 3)]);
}

// Without garbage collection's extension only imports can be named.
static bool constant_global(Smith *s, ValType t) {
    uint32_t len =
        smith_has(s, FEATURE_gc) ? s->m.globals.len : s->imported_globals;
    for (uint32_t g = GLOBAL_FIRST; g < len; g++) {
        const GlobalType *type = &s->m.globals.data[g].type;
        if (type->is_mutable || !smith_fits(s, type->type, t)) continue;
        emit_index(s, OP_global_get, g);
        return true;
    }
    return false;
}

static Writer *begin_expr(Smith *s) {
    Writer *outer = s->w;
    s->w = NEW(s->arena, Writer);
    writer_init(s->w, s->arena);
    return outer;
}

static Bytes end_expr(Smith *s, Writer *outer) {
    emit_op(s, OP_end);
    Bytes out = {.data = s->w->data, .size = (uint32_t)s->w->len};
    s->w = outer;
    return out;
}

Bytes smith_const_expr(Smith *s, ValType t) {
    Writer *outer = begin_expr(s);
    bool is_int = t == VT_i32 || t == VT_i64;
    if (is_int && smith_has(s, FEATURE_extended_const) && smith_chance(s, 3))
        extended(s, t);
    else if (!smith_chance(s, 4) || !constant_global(s, t))
        smith_const(s, t);
    return end_expr(s, outer);
}

static Bytes address_expr(Smith *s, bool is_64, uint64_t at) {
    Writer *outer = begin_expr(s);
    emit_addr(s, is_64, at);
    return end_expr(s, outer);
}

// --- functions, memories, tables, tags, globals ------------------------------------------

static void import_func(Smith *s, const char *name, uint32_t type,
                        SmithShape shape) {
    Import import = {
        .module = STR("host"),
        .name = str_of(name),
        .kind = EXTERN_func,
        .index = s->m.funcs.len,
    };
    VEC_PUSH(s->arena, &s->m.imports, import);
    VEC_PUSH(s->arena, &s->m.funcs, (FuncDecl){.type = type});
    s->m.imported[EXTERN_func]++;
    smith_note(s, shape);
}

static void imports(Smith *s) {
    const ValType i64[] = {VT_i64, VT_i64};
    if (smith_chance(s, 2))
        import_func(s, "mix", smith_func_type(s, i64, 2, i64, 1),
                    SHAPE_imported_func);
    if (smith_chance(s, 2))
        import_func(s, "none", smith_func_type(s, NULL, 0, NULL, 0),
                    SHAPE_imported_func);
    if (smith_chance(s, 3))
        import_func(s, "back", smith_func_type(s, NULL, 0, i64, 1),
                    SHAPE_imported_back);
    if (smith_chance(s, 4))
        import_func(s, "peer", smith_func_type(s, NULL, 0, i64, 1),
                    SHAPE_imported_peer);
}

static uint32_t new_func_type(Smith *s) {
    uint32_t t = smith_def(s, COMP_func);
    if (t != TYPE_NONE && smith_chance(s, 2)) return t;
    ValType types[8];
    uint32_t params = smith_below(s, 5);
    uint32_t results =
        smith_below(s, smith_has(s, FEATURE_multi_value) ? 4 : 2);
    for (uint32_t i = 0; i < 8; i++)
        types[i] = smith_type(s);
    return smith_func_type(s, types, params, types + 4, results);
}

static void memories(Smith *s) {
    uint32_t len =
        smith_has(s, FEATURE_multi_memory) ? 1 + smith_below(s, 3) : 1;
    for (uint32_t i = 0; i < len; i++) {
        MemoryType t = {.page_log2 = PAGE_LOG2};
        t.limits.min = smith_chance(s, 8) ? 0 : 1 + smith_below(s, 2);
        t.limits.max = t.limits.min + smith_below(s, 4);
        t.limits.has_max = true;
        t.limits.is_64 = smith_has(s, FEATURE_memory64) && smith_chance(s, 3);
        t.limits.is_shared =
            smith_has(s, FEATURE_threads) && smith_chance(s, 3);
        if (t.limits.is_64) smith_note(s, SHAPE_wide_memory);
        if (t.limits.is_shared) smith_note(s, SHAPE_shared_memory);
        if (smith_has(s, FEATURE_custom_page_sizes) && smith_chance(s, 2)) {
            t.has_page_size = true;
            s->out->used |= FEATURE_BIT(custom_page_sizes);
            if (smith_chance(s, 2)) {
                t.page_log2 = PAGE_BYTES;
                smith_note(s, SHAPE_byte_pages);
                t.limits.min = smith_below(s, 70000);
                t.limits.max = t.limits.min + smith_below(s, 1000);
            }
        }
        VEC_PUSH(s->arena, &s->m.memories, (MemoryDecl){.type = t});
    }
}

static void tables(Smith *s) {
    uint32_t len =
        smith_has(s, FEATURE_reference_types) ? 1 + smith_below(s, 3) : 1;
    for (uint32_t i = 0; i < len; i++) {
        TableDecl t = {.type.elem = VT_FUNCREF};
        if (i > 0) t.type.elem = smith_ref_type(s) | VT_NULL;
        t.type.limits.min = 4 + smith_below(s, 8);
        t.type.limits.max = t.type.limits.min + smith_below(s, 20);
        t.type.limits.has_max = true;
        t.type.limits.is_64 =
            smith_has(s, FEATURE_memory64) && smith_chance(s, 3);
        if (t.type.limits.is_64) smith_note(s, SHAPE_wide_table);
        if (smith_has(s, FEATURE_function_references) && smith_chance(s, 4)) {
            smith_note(s, SHAPE_filled_table);
            bool has_func = t.type.elem == VT_FUNCREF && smith_chance(s, 2);
            if (has_func || t.type.elem == VT_I31REF) t.type.elem &= ~VT_NULL;
            t.init = smith_const_expr(s, t.type.elem);
        }
        VEC_PUSH(s->arena, &s->m.tables, t);
    }
}

static void tags(Smith *s) {
    if (!smith_has(s, FEATURE_exceptions)) return;
    for (uint32_t n = smith_below(s, 3) + 1; n > 0; n--) {
        ValType types[3];
        uint32_t len = smith_below(s, 4);
        for (uint32_t i = 0; i < len; i++)
            types[i] = smith_type(s);
        TagDecl tag = {.type = smith_func_type(s, types, len, NULL, 0)};
        VEC_PUSH(s->arena, &s->m.tags, tag);
    }
}

static void add_global(Smith *s, ValType t, bool is_mutable, Bytes init) {
    GlobalDecl g = {.type = {t, is_mutable}, .init = init};
    VEC_PUSH(s->arena, &s->m.globals, g);
}

// What callers set, then some.
static void globals(Smith *s, uint32_t max) {
    if (!s->m.globals.len) {
        add_global(s, VT_i32, true, address_expr(s, false, SMITH_FUEL));
        add_global(s, VT_i32, true, address_expr(s, false, 0));
    }
    for (uint32_t n = smith_below(s, max); n > 0; n--) {
        ValType t = smith_defaultable_type(s);
        add_global(s, t, !smith_chance(s, 3), smith_const_expr(s, t));
    }
}

// --- segments ------------------------------------------------------------------------

// Makes every function one that ref.func may name.
static void declare_funcs(Smith *s) {
    uint32_t *funcs = NEW_N(s->arena, uint32_t, s->m.funcs.len);
    for (uint32_t i = 0; i < s->m.funcs.len; i++)
        funcs[i] = i;
    ElemDecl e = {
        .mode = SEGMENT_declarative,
        .flags = 3,
        .type = VT_FUNCREF,
        .len = s->m.funcs.len,
        .funcs = funcs,
    };
    VEC_PUSH(s->arena, &s->m.elems, e);
}

static void elem_items(Smith *s, ElemDecl *e) {
    uint32_t *funcs = NEW_N(s->arena, uint32_t, ITEMS_MAX);
    Bytes *exprs = NEW_N(s->arena, Bytes, ITEMS_MAX);
    e->len = smith_below(s, ITEMS_MAX + 1);
    for (uint32_t i = 0; i < e->len; i++) {
        if (e->has_exprs)
            exprs[i] = smith_const_expr(s, e->type);
        else
            funcs[i] = smith_below(s, s->m.funcs.len);
    }
    e->funcs = funcs;
    e->exprs = exprs;
}

// With ELEM_passive, ELEM_explicit means that the segment only declares.
enum {
    ELEM_passive = 1,
    ELEM_explicit = 2,
    ELEM_exprs = 4,
};

// `at` is the offset as a number: no expression has to be evaluated to know.
static void place_elem(Smith *s, ElemDecl *e) {
    uint32_t table = smith_below(s, s->m.tables.len);
    const TableType *t = &s->m.tables.data[table].type;
    bool has_modes = smith_has(s, FEATURE_bulk_memory);
    if (has_modes && smith_chance(s, 12)) {
        e->mode = SEGMENT_declarative;
        e->flags |= ELEM_passive | ELEM_explicit;
        return;
    }
    if (has_modes && (smith_chance(s, 3) || !smith_fits(s, e->type, t->elem))) {
        e->mode = SEGMENT_passive;
        e->flags |= ELEM_passive;
        return;
    }
    e->mode = SEGMENT_active;
    e->table = table;
    e->len = MIN(e->len, (uint32_t)t->limits.min);
    e->at = smith_rarely(s, 60)
                ? t->limits.min
                : smith_below(s, (uint32_t)t->limits.min - e->len + 1);
    e->offset = address_expr(s, t->limits.is_64, e->at);
    bool is_short = table == 0 && (!e->has_exprs || e->type == VT_FUNCREF);
    if (!is_short || (has_modes && smith_chance(s, 2)))
        e->flags |= ELEM_explicit;
}

static void elems(Smith *s) {
    for (uint32_t n = 1 + smith_below(s, 4); n > 0; n--) {
        ElemDecl e = {.type = VT_FUNCREF};
        e.has_exprs =
            smith_has(s, FEATURE_reference_types) && smith_chance(s, 2);
        if (e.has_exprs) {
            e.flags = ELEM_exprs;
            if (!smith_chance(s, 3)) e.type = smith_ref_type(s) | VT_NULL;
        }
        if (!e.has_exprs && s->m.tables.data[0].type.elem != VT_FUNCREF)
            e.type &= ~VT_NULL;
        elem_items(s, &e);
        place_elem(s, &e);
        smith_note(s, (SmithShape)(SHAPE_elem_0 + e.flags));
        VEC_PUSH(s->arena, &s->m.elems, e);
    }
}

static void datas(Smith *s) {
    for (uint32_t n = 1 + smith_below(s, 3); n > 0; n--) {
        uint32_t len = smith_below(s, DATA_MAX);
        uint8_t *bytes = NEW_N(s->arena, uint8_t, DATA_MAX);
        for (uint32_t i = 0; i < len; i++)
            bytes[i] = (uint8_t)smith_bits(s);
        DataDecl d = {.bytes = {.data = bytes, .size = len}};
        bool has_modes = smith_has(s, FEATURE_bulk_memory);
        d.memory = has_modes ? smith_below(s, s->m.memories.len) : 0;
        const MemoryType *t = &s->m.memories.data[d.memory].type;
        uint64_t size = t->limits.min << t->page_log2;
        bool fits = size >= 2 * DATA_MAX || smith_rarely(s, 20);
        if (!fits && !has_modes) continue;
        d.mode = fits && (!has_modes || !smith_chance(s, 3)) ? SEGMENT_active
                                                             : SEGMENT_passive;
        if (d.mode == SEGMENT_passive) {
            d.flags = 1;
            d.memory = 0;
        } else {
            d.flags = d.memory || (has_modes && smith_chance(s, 4)) ? 2 : 0;
            uint32_t at =
                smith_rarely(s, 60) ? (uint32_t)size : smith_below(s, DATA_MAX);
            d.offset = address_expr(s, t->limits.is_64, at);
        }
        smith_note(s, (SmithShape)(SHAPE_data_0 + d.flags));
        VEC_PUSH(s->arena, &s->m.datas, d);
    }
    s->m.has_data_count = smith_has(s, FEATURE_bulk_memory);
}

void smith_skeleton(Smith *s) {
    bool has_lib = !s->in->broken && smith_chance(s, 3);
    if (has_lib && smith_chance(s, 2)) {
        globals(s, 4); // before there are functions, which they could name
        s->imported_globals = s->m.globals.len;
    }
    imports(s);
    for (uint32_t n = 1 + smith_below(s, FUNCS_MAX); n > 0; n--) {
        FuncDecl f = {.type = new_func_type(s)};
        VEC_PUSH(s->arena, &s->m.funcs, f);
    }
    if (!smith_rarely(s, 16)) memories(s);
    tables(s); // their initial values cannot name globals of the module
    globals(s, 8);
    tags(s);
    if (has_lib) smith_lib(s);
    if (smith_has(s, FEATURE_bulk_memory)) declare_funcs(s);
    elems(s);
    if (s->m.memories.len) datas(s);
    if (!s->in->broken) return;
    s->undeclared = s->m.funcs.len;
    FuncDecl f = {.type = smith_func_type(s, NULL, 0, NULL, 0)};
    VEC_PUSH(s->arena, &s->m.funcs, f);
}
