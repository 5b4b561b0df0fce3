// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A module as text, field by field.
//
// What the text format cannot say about the binary form is either not kept
// (how locals are grouped, padded numbers) or said by how it is written: a
// segment that names table or memory 0 has the form with an index.
#include "text/print_int.h"

enum {
    ELEM_FLAG_explicit = 2
};

static void open_field(Printer *p, const char *word) {
    text_str(p->out, "\n  (");
    text_str(p->out, word);
}

static void close_field(Printer *p) {
    text_char(p->out, ')');
}

// The index, for the reader's eyes.
static void print_number(Printer *p, uint32_t index) {
    text_printf(p->out, " (;%u;)", index);
}

static void print_thing(Printer *p, NameSpace space, uint32_t index) {
    print_binding(p, space, &p->m->names.of[space], index);
    print_number(p, index);
}

// --- types -------------------------------------------------------------------

static void print_field_type(Printer *p, const FieldType *f) {
    if (f->is_mutable) text_str(p->out, " (mut");
    print_val_type(p, f->storage);
    if (f->is_mutable) text_char(p->out, ')');
}

static void print_struct(Printer *p, uint32_t index, const TypeDef *t) {
    const NameMap *names = name_map_in(&p->m->names.in[NAME_field], index);
    print_find_ids(p, NAME_field, names, t->structure.field_len);
    print_count_names(p, names, t->structure.field_len);
    for (uint32_t i = 0; i < t->structure.field_len; i++) {
        text_str(p->out, " (field");
        print_binding(p, NAME_field, names, i);
        print_field_type(p, &t->structure.fields[i]);
        text_char(p->out, ')');
    }
}

static void print_comp_type(Printer *p, uint32_t index, const TypeDef *t) {
    switch (t->kind) {
    case COMP_func:
        text_str(p->out, " (func");
        print_types(p, "param", t->func.params, t->func.param_len);
        print_types(p, "result", t->func.results, t->func.result_len);
        break;
    case COMP_struct:
        text_str(p->out, " (struct");
        print_struct(p, index, t);
        break;
    case COMP_array:
        text_str(p->out, " (array");
        print_field_type(p, t->structure.fields);
        break;
    }
    text_char(p->out, ')');
}

static void print_type(Printer *p, uint32_t index) {
    const TypeDef *t = &p->m->types.data[index];
    text_str(p->out, "(type");
    print_thing(p, NAME_type, index);
    if (t->has_sub) {
        text_str(p->out, t->is_final ? " (sub final" : " (sub");
        if (t->super != TYPE_NONE) print_ref(p, NAME_type, t->super);
    }
    print_comp_type(p, index, t);
    if (t->has_sub) text_char(p->out, ')');
    text_char(p->out, ')');
}

static void print_type_fields(Printer *p) {
    const Module *m = p->m;
    for (uint32_t i = 0; i < m->types.len; i++) {
        const TypeDef *t = &m->types.data[i];
        bool first = t->has_rec && i == t->group_start;
        bool last = t->has_rec && i + 1 == t->group_start + t->group_len;
        if (first) text_str(p->out, "\n  (rec");
        text_str(p->out, t->has_rec ? "\n    " : "\n  ");
        print_type(p, i);
        if (last) text_char(p->out, ')');
    }
}

// --- types of things ---------------------------------------------------------

static void print_type_use(Printer *p, uint32_t type) {
    text_str(p->out, " (type");
    print_ref(p, NAME_type, type);
    text_char(p->out, ')');
}

// A function's type with the names of its parameters; *param_len is how many.
static void print_signature(Printer *p, uint32_t func, uint32_t *param_len) {
    uint32_t index = p->m->funcs.data[func].type;
    const FuncType *t = print_func_type(p, index);
    const NameMap *names = name_map_in(&p->m->names.in[NAME_local], func);
    p->local_names = names;
    *param_len = t ? t->param_len : 0;
    print_type_use(p, index);
    if (!t) return;
    print_find_ids(p, NAME_local, names, t->param_len);
    bool open = false;
    for (uint32_t i = 0; i < t->param_len; i++) {
        bool named = name_map_get(names, i).data;
        if (open && named) text_char(p->out, ')');
        if (!open || named) text_str(p->out, " (param");
        if (named) print_binding(p, NAME_local, names, i);
        print_val_type(p, t->params[i]);
        if (named) text_char(p->out, ')');
        open = !named;
    }
    if (open) text_char(p->out, ')');
    print_types(p, "result", t->results, t->result_len);
}

static void print_limits(Printer *p, const Limits *l) {
    if (l->is_64) text_str(p->out, " i64");
    text_printf(p->out, " %llu", (unsigned long long)l->min);
    if (l->has_max) text_printf(p->out, " %llu", (unsigned long long)l->max);
    if (l->is_shared) text_str(p->out, " shared");
}

static void print_table_type(Printer *p, const TableType *t) {
    print_limits(p, &t->limits);
    print_val_type(p, t->elem);
}

static void print_memory_type(Printer *p, const MemoryType *t) {
    print_limits(p, &t->limits);
    if (t->has_page_size)
        text_printf(p->out, " (pagesize %llu)", 1ULL << (t->page_log2 & 63));
}

static void print_global_type(Printer *p, const GlobalType *t) {
    if (t->is_mutable) text_str(p->out, " (mut");
    print_val_type(p, t->type);
    if (t->is_mutable) text_char(p->out, ')');
}

static void print_tag_type(Printer *p, const TagDecl *t) {
    const FuncType *type = print_func_type(p, t->type);
    print_type_use(p, t->type);
    if (!type) return;
    print_types(p, "param", type->params, type->param_len);
    print_types(p, "result", type->results, type->result_len);
}

// --- imports and exports -----------------------------------------------------

static const NameSpace space_of_kind[EXTERN_count] = {
    [EXTERN_func] = NAME_func,     [EXTERN_table] = NAME_table,
    [EXTERN_memory] = NAME_memory, [EXTERN_global] = NAME_global,
    [EXTERN_tag] = NAME_tag,
};

static void print_extern_type(Printer *p, ExternKind kind, uint32_t index) {
    const Module *m = p->m;
    uint32_t param_len;
    switch (kind) {
    case EXTERN_func:
        print_signature(p, index, &param_len);
        print_count_names(p, p->local_names, param_len);
        return;
    case EXTERN_table:
        print_table_type(p, &m->tables.data[index].type);
        return;
    case EXTERN_memory:
        print_memory_type(p, &m->memories.data[index].type);
        return;
    case EXTERN_global:
        print_global_type(p, &m->globals.data[index].type);
        return;
    case EXTERN_tag:
        print_tag_type(p, &m->tags.data[index]);
        return;
    case EXTERN_count:
        break;
    }
    UNREACHABLE();
}

static void print_imports(Printer *p) {
    VEC_EACH (Import, i, &p->m->imports) {
        open_field(p, "import ");
        print_name(p, i->module);
        text_char(p->out, ' ');
        print_name(p, i->name);
        text_printf(p->out, " (%s", extern_text[i->kind]);
        print_thing(p, space_of_kind[i->kind], i->index);
        print_extern_type(p, i->kind, i->index);
        text_char(p->out, ')');
        close_field(p);
    }
}

static void print_exports(Printer *p) {
    VEC_EACH (Export, e, &p->m->exports) {
        open_field(p, "export ");
        print_name(p, e->name);
        text_printf(p->out, " (%s", extern_text[e->kind]);
        print_ref(p, space_of_kind[e->kind], e->index);
        text_char(p->out, ')');
        close_field(p);
    }
}

// --- definitions -------------------------------------------------------------

// All but functions, whose bodies come last.
static bool print_definitions(Printer *p) {
    const Module *m = p->m;
    for (ExternKind kind = EXTERN_table; kind < EXTERN_count; kind++) {
        uint32_t len[EXTERN_count] = {
            [EXTERN_table] = m->tables.len,
            [EXTERN_memory] = m->memories.len,
            [EXTERN_global] = m->globals.len,
            [EXTERN_tag] = m->tags.len,
        };
        for (uint32_t i = m->imported[kind]; i < len[kind]; i++) {
            Bytes none = {0};
            const Bytes *init = kind == EXTERN_table ? &m->tables.data[i].init
                                : kind == EXTERN_global
                                    ? &m->globals.data[i].init
                                    : &none;
            open_field(p, extern_text[kind]);
            print_thing(p, space_of_kind[kind], i);
            print_extern_type(p, kind, i);
            if (init->size && !print_const(p, NULL, init)) return false;
            close_field(p);
        }
    }
    return true;
}

static bool print_funcs(Printer *p) {
    const Module *m = p->m;
    for (uint32_t i = m->imported[EXTERN_func]; i < m->funcs.len; i++) {
        uint32_t param_len;
        const NameMap *labels = name_map_in(&m->names.in[NAME_label], i);
        open_field(p, "func");
        print_thing(p, NAME_func, i);
        print_signature(p, i, &param_len);
        p->label_names = labels;
        // There are fewer blocks than bytes.
        print_find_ids(p, NAME_label, labels, module_body(m, i)->bytes.size);
        if (!print_body(p, i, param_len)) return false;
        print_count_names(p, labels, p->block_count);
        close_field(p);
    }
    p->id[NAME_label].len = 0;
    return true;
}

// --- segments ----------------------------------------------------------------

static bool print_elem_items(Printer *p, const ElemDecl *e) {
    if (e->has_exprs)
        print_val_type(p, e->type);
    else
        text_str(p->out, " func");
    for (uint32_t i = 0; i < e->len; i++) {
        if (!e->has_exprs)
            print_ref(p, NAME_func, e->funcs[i]);
        else if (!print_const(p, "item", &e->exprs[i]))
            return false;
    }
    return true;
}

static bool print_elems(Printer *p) {
    for (uint32_t i = 0; i < p->m->elems.len; i++) {
        const ElemDecl *e = &p->m->elems.data[i];
        open_field(p, "elem");
        print_thing(p, NAME_elem, i);
        if (e->mode == SEGMENT_declarative) text_str(p->out, " declare");
        if (e->mode == SEGMENT_active) {
            if (e->flags & ELEM_FLAG_explicit) {
                text_str(p->out, " (table");
                print_ref(p, NAME_table, e->table);
                text_char(p->out, ')');
            }
            if (!print_const(p, "offset", &e->offset)) return false;
        }
        if (!print_elem_items(p, e)) return false;
        close_field(p);
    }
    return true;
}

static bool print_datas(Printer *p) {
    for (uint32_t i = 0; i < p->m->datas.len; i++) {
        const DataDecl *d = &p->m->datas.data[i];
        open_field(p, "data");
        print_thing(p, NAME_data, i);
        if (d->mode == SEGMENT_active) {
            if (d->flags) {
                text_str(p->out, " (memory");
                print_ref(p, NAME_memory, d->memory);
                text_char(p->out, ')');
            }
            if (!print_const(p, "offset", &d->offset)) return false;
        }
        text_char(p->out, ' ');
        print_bytes(p, d->bytes.data, d->bytes.size);
        close_field(p);
    }
    return true;
}

// --- the module --------------------------------------------------------------

static void print_module_name(Printer *p) {
    const Names *n = &p->m->names;
    if (!n->has_module) return;
    text_char(p->out, ' ');
    if (n->module.len) {
        print_id(p, n->module);
        return;
    }
    text_str(p->out, "(@name \"\")");
}

static void find_ids(Printer *p, NameSpace space, uint32_t len) {
    const NameMap *names = &p->m->names.of[space];
    print_find_ids(p, space, names, len);
    print_count_names(p, names, len);
}

static void find_all_ids(Printer *p) {
    const Module *m = p->m;
    find_ids(p, NAME_func, m->funcs.len);
    find_ids(p, NAME_type, m->types.len);
    find_ids(p, NAME_table, m->tables.len);
    find_ids(p, NAME_memory, m->memories.len);
    find_ids(p, NAME_global, m->globals.len);
    find_ids(p, NAME_elem, m->elems.len);
    find_ids(p, NAME_data, m->datas.len);
    find_ids(p, NAME_tag, m->tags.len);
}

struct TextFuncs {
    Printer printer;
};

TextFuncs *text_funcs_new(const Module *m, Arena *arena) {
    TextFuncs *t = NEW(arena, TextFuncs);
    t->printer = (Printer){.m = m, .scratch = arena, .wants_lines = true};
    ids_init(&t->printer.ids, arena);
    find_all_ids(&t->printer);
    return t;
}

bool text_func_lines(TextFuncs *t, uint32_t func, TextBuf *out,
                     const TextLine **lines, uint32_t *len, Err *err) {
    Printer *p = &t->printer;
    p->out = out;
    p->err = err;
    p->lines.len = 0;
    p->local_names = name_map_in(&p->m->names.in[NAME_local], func);
    p->label_names = name_map_in(&p->m->names.in[NAME_label], func);
    if (!print_body(p, func, module_func_type(p->m, func)->func.param_len))
        return false;
    text_char(out, '\n');
    *lines = p->lines.data;
    *len = p->lines.len ? p->lines.len - 1 : 0; // without the last `end`
    return true;
}

bool text_print_module(const Module *m, TextBuf *out, Arena *scratch,
                       Err *err) {
    Printer p = {.m = m, .out = out, .scratch = scratch, .err = err};
    ids_init(&p.ids, scratch);
    find_all_ids(&p);
    text_str(out, "(module");
    print_module_name(&p);
    print_type_fields(&p);
    print_imports(&p);
    bool ok = print_definitions(&p);
    if (ok) {
        print_exports(&p);
        if (m->has_start) {
            open_field(&p, "start");
            print_ref(&p, NAME_func, m->start);
            close_field(&p);
        }
    }
    ok = ok && print_elems(&p) && print_funcs(&p) && print_datas(&p);
    if (!ok) return false;
    print_customs(&p);
    text_str(out, ")\n");
    return true;
}
