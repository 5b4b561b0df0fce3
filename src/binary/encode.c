// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The module as bytes (core, 5.5). Sections that hold nothing are left out;
// everything else is written in the form that the module remembers.
#include "binary/binary.h"

#include "binary/encode_int.h"
#include "wasm/instr_write.h"

#include <string.h>

enum {
    SIZE_ROOM = 5 // bytes of the longest u32
};

// --- types -------------------------------------------------------------------

static void write_types(Writer *w, const ValType *types, uint32_t len) {
    write_u32(w, len);
    for (uint32_t i = 0; i < len; i++)
        write_val_type(w, types[i]);
}

static void write_field(Writer *w, const FieldType *field) {
    write_val_type(w, field->storage);
    write_u8(w, field->is_mutable);
}

static void write_sub_type(Writer *w, const TypeDef *type) {
    if (type->has_sub) {
        write_u8(w, type->is_final ? FORM_sub_final : FORM_sub);
        write_u32(w, type->super != TYPE_NONE);
        if (type->super != TYPE_NONE) write_u32(w, type->super);
    }
    switch (type->kind) {
    case COMP_func:
        write_u8(w, FORM_func);
        write_types(w, type->func.params, type->func.param_len);
        write_types(w, type->func.results, type->func.result_len);
        return;
    case COMP_struct:
        write_u8(w, FORM_struct);
        write_u32(w, type->structure.field_len);
        for (uint32_t i = 0; i < type->structure.field_len; i++)
            write_field(w, &type->structure.fields[i]);
        return;
    case COMP_array:
        write_u8(w, FORM_array);
        write_field(w, type->structure.fields);
        return;
    }
    UNREACHABLE();
}

static void write_limits(Writer *w, const Limits *limits, bool has_page_size) {
    write_u8(w, (uint8_t)((limits->has_max ? LIMITS_max : 0) |
                          (limits->is_shared ? LIMITS_shared : 0) |
                          (limits->is_64 ? LIMITS_64 : 0) |
                          (has_page_size ? LIMITS_page_size : 0)));
    write_u64(w, limits->min);
    if (limits->has_max) write_u64(w, limits->max);
}

static void write_table_type(Writer *w, const TableType *type) {
    write_val_type(w, type->elem);
    write_limits(w, &type->limits, false);
}

static void write_memory_type(Writer *w, const MemoryType *type) {
    write_limits(w, &type->limits, type->has_page_size);
    if (type->has_page_size) write_u32(w, type->page_log2);
}

static void write_global_type(Writer *w, const GlobalType *type) {
    write_val_type(w, type->type);
    write_u8(w, type->is_mutable);
}

static void write_tag_type(Writer *w, const TagDecl *tag) {
    write_u8(w, 0);
    write_u32(w, tag->type);
}

static void write_raw(Writer *w, const Bytes *bytes) {
    write_bytes(w, bytes->data, bytes->size);
}

// --- sections ----------------------------------------------------------------
//
// encode_x writes the contents of section x, or nothing when it is empty.

static void encode_type(const Module *m, Writer *w) {
    uint32_t groups = 0;
    VEC_EACH (TypeDef, type, &m->types)
        groups += type->group_start == (uint32_t)(type - m->types.data);
    if (!groups) return;
    write_u32(w, groups);
    VEC_EACH (TypeDef, type, &m->types) {
        bool is_first = type->group_start == (uint32_t)(type - m->types.data);
        if (is_first && type->has_rec) {
            write_u8(w, FORM_rec);
            write_u32(w, type->group_len);
        }
        write_sub_type(w, type);
    }
}

static void write_import(const Module *m, Writer *w, const Import *import) {
    write_name(w, import->module.data, import->module.len);
    write_name(w, import->name.data, import->name.len);
    write_u8(w, (uint8_t)import->kind);
    switch (import->kind) {
    case EXTERN_func:
        write_u32(w, m->funcs.data[import->index].type);
        return;
    case EXTERN_table:
        write_table_type(w, &m->tables.data[import->index].type);
        return;
    case EXTERN_memory:
        write_memory_type(w, &m->memories.data[import->index].type);
        return;
    case EXTERN_global:
        write_global_type(w, &m->globals.data[import->index].type);
        return;
    case EXTERN_tag:
        write_tag_type(w, &m->tags.data[import->index]);
        return;
    case EXTERN_count:
        break;
    }
    UNREACHABLE();
}

static void encode_import(const Module *m, Writer *w) {
    if (!m->imports.len) return;
    write_u32(w, m->imports.len);
    VEC_EACH (Import, import, &m->imports)
        write_import(m, w, import);
}

// The number of things of a kind that are not imported, written if there are
// any; imports come first.
static bool write_defined(const Module *m, Writer *w, ExternKind kind,
                          uint32_t len) {
    uint32_t defined = len - m->imported[kind];
    if (defined) write_u32(w, defined);
    return defined;
}

static void encode_func(const Module *m, Writer *w) {
    if (!write_defined(m, w, EXTERN_func, m->funcs.len)) return;
    for (uint32_t i = m->imported[EXTERN_func]; i < m->funcs.len; i++)
        write_u32(w, m->funcs.data[i].type);
}

static void encode_table(const Module *m, Writer *w) {
    if (!write_defined(m, w, EXTERN_table, m->tables.len)) return;
    for (uint32_t i = m->imported[EXTERN_table]; i < m->tables.len; i++) {
        const TableDecl *table = &m->tables.data[i];
        if (table->init.size) {
            write_u8(w, FORM_table_init);
            write_u8(w, 0);
        }
        write_table_type(w, &table->type);
        write_raw(w, &table->init);
    }
}

static void encode_memory(const Module *m, Writer *w) {
    if (!write_defined(m, w, EXTERN_memory, m->memories.len)) return;
    for (uint32_t i = m->imported[EXTERN_memory]; i < m->memories.len; i++)
        write_memory_type(w, &m->memories.data[i].type);
}

static void encode_tag(const Module *m, Writer *w) {
    if (!write_defined(m, w, EXTERN_tag, m->tags.len)) return;
    for (uint32_t i = m->imported[EXTERN_tag]; i < m->tags.len; i++)
        write_tag_type(w, &m->tags.data[i]);
}

static void encode_global(const Module *m, Writer *w) {
    if (!write_defined(m, w, EXTERN_global, m->globals.len)) return;
    for (uint32_t i = m->imported[EXTERN_global]; i < m->globals.len; i++) {
        write_global_type(w, &m->globals.data[i].type);
        write_raw(w, &m->globals.data[i].init);
    }
}

static void encode_export(const Module *m, Writer *w) {
    if (!m->exports.len) return;
    write_u32(w, m->exports.len);
    VEC_EACH (Export, exported, &m->exports) {
        write_name(w, exported->name.data, exported->name.len);
        write_u8(w, (uint8_t)exported->kind);
        write_u32(w, exported->index);
    }
}

static void encode_start(const Module *m, Writer *w) {
    if (m->has_start) write_u32(w, m->start);
}

static void write_elem(Writer *w, const ElemDecl *elem) {
    bool is_active = elem->mode == SEGMENT_active;
    bool is_explicit = elem->flags & ELEM_explicit;
    write_u32(w, elem->flags);
    if (is_active && is_explicit) write_u32(w, elem->table);
    if (is_active) write_raw(w, &elem->offset);
    if (!is_active || is_explicit) {
        if (elem->has_exprs)
            write_val_type(w, elem->type);
        else
            write_u8(w, 0);
    }
    write_u32(w, elem->len);
    for (uint32_t i = 0; i < elem->len; i++) {
        if (elem->has_exprs)
            write_raw(w, &elem->exprs[i]);
        else
            write_u32(w, elem->funcs[i]);
    }
}

static void encode_elem(const Module *m, Writer *w) {
    if (!m->elems.len) return;
    write_u32(w, m->elems.len);
    VEC_EACH (ElemDecl, elem, &m->elems)
        write_elem(w, elem);
}

static void encode_data_count(const Module *m, Writer *w) {
    if (m->has_data_count) write_u32(w, m->datas.len);
}

static void encode_code(const Module *m, Writer *w) {
    if (!m->bodies.len) return;
    write_u32(w, m->bodies.len);
    VEC_EACH (Body, body, &m->bodies) {
        write_u32(w, body->bytes.size);
        write_raw(w, &body->bytes);
    }
}

static void encode_data(const Module *m, Writer *w) {
    if (!m->datas.len) return;
    write_u32(w, m->datas.len);
    VEC_EACH (DataDecl, data, &m->datas) {
        write_u32(w, data->flags);
        if (data->flags == DATA_explicit) write_u32(w, data->memory);
        if (data->mode == SEGMENT_active) write_raw(w, &data->offset);
        write_u32(w, data->bytes.size);
        write_raw(w, &data->bytes);
    }
}

// --- custom sections ---------------------------------------------------------

static void hints_encode(const Module *m, Writer *w) {
    const BranchHint *hints = m->hints.data;
    uint32_t len = m->hints.len, funcs = 0, next;
    for (uint32_t i = 0; i < len; i++)
        funcs += i == 0 || hints[i].func != hints[i - 1].func;
    write_u32(w, funcs);
    for (uint32_t i = 0; i < len; i = next) {
        for (next = i; next < len && hints[next].func == hints[i].func;)
            next++;
        write_u32(w, hints[i].func);
        write_u32(w, next - i);
        for (uint32_t k = i; k < next; k++) {
            write_u32(w, hints[k].at);
            write_u32(w, 1);
            write_u8(w, hints[k].likely);
        }
    }
}

static bool has_custom(const Module *m, const char *name) {
    VEC_EACH (CustomSection, custom, &m->customs)
        if (str_eq_z(custom->name, name)) return true;
    return false;
}

// --- the module --------------------------------------------------------------

// Sizes are in front of what they measure: it is written behind room for the
// longest size, then moved up.
size_t encode_begin(Writer *w, uint8_t id) {
    size_t start = w->len;
    write_u8(w, id);
    writer_add(w, SIZE_ROOM);
    return start;
}

void encode_end(Writer *w, size_t start) {
    size_t at = start + 1 + SIZE_ROOM, size = w->len - at;
    if (size > UINT32_MAX) arena_fail(w->arena);
    w->len = start;
    if (!size) return;
    w->len++;
    write_u32(w, (uint32_t)size);
    memmove(w->data + w->len, w->data + at, size);
    w->len += size;
}

// A name section without contents is, in a module from text, the place where
// the names go.
static void write_customs_after(const Module *m, Writer *w, SectionId id) {
    VEC_EACH (CustomSection, custom, &m->customs) {
        if (custom->after != id) continue;
        bool is_place = !m->names.section_at && !custom->bytes.size &&
                        str_eq_z(custom->name, NAME_SECTION);
        size_t start = encode_begin(w, SECTION_custom);
        write_name(w, custom->name.data, custom->name.len);
        write_raw(w, &custom->bytes);
        if (is_place) names_encode(&m->names, w);
        encode_end(w, start);
    }
}

// Those that the module has as data only.
static void write_hints(const Module *m, Writer *w) {
    if (!m->hints.len || has_custom(m, HINT_SECTION)) return;
    size_t start = encode_begin(w, SECTION_custom);
    write_name(w, HINT_SECTION, sizeof HINT_SECTION - 1);
    hints_encode(m, w);
    encode_end(w, start);
}

static void write_names(const Module *m, Writer *w) {
    if (names_empty(&m->names) || has_custom(m, NAME_SECTION)) return;
    size_t start = encode_begin(w, SECTION_custom);
    write_name(w, NAME_SECTION, sizeof NAME_SECTION - 1);
    names_encode(&m->names, w);
    encode_end(w, start);
}

typedef struct SectionWriter {
    SectionId id;
    void (*encode)(const Module *m, Writer *w);
} SectionWriter;

static const SectionWriter sections[] = {
#define SECTION(name, id) {SECTION_##name, encode_##name},
    SECTIONS(SECTION)
#undef SECTION
};

void module_encode(const Module *m, Arena *arena, Bytes *out) {
    Writer w;
    writer_init(&w, arena);
    writer_add(&w, m->size + SIZE_ROOM); // it seldom gets longer than it was
    w.len = 0;
    write_bytes(&w, module_header, HEADER_SIZE);
    write_customs_after(m, &w, SECTION_custom);
    for (size_t i = 0; i < COUNTOF(sections); i++) {
        if (sections[i].id == SECTION_code) write_hints(m, &w);
        size_t start = encode_begin(&w, (uint8_t)sections[i].id);
        sections[i].encode(m, &w);
        encode_end(&w, start);
        write_customs_after(m, &w, sections[i].id);
    }
    write_names(m, &w);
    if (w.len > UINT32_MAX) arena_fail(arena);
    *out = (Bytes){.data = w.data, .size = (uint32_t)w.len};
}
