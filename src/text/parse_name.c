// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Identifiers, indices, and the names that a module keeps of them.
#include "text/parse_int.h"

const char *const space_text[NAME_count] = {
    [NAME_module] = "module",     [NAME_func] = "func",
    [NAME_local] = "local",       [NAME_label] = "label",
    [NAME_type] = "type",         [NAME_table] = "table",
    [NAME_memory] = "memory",     [NAME_global] = "global",
    [NAME_elem] = "elem segment", [NAME_data] = "data segment",
    [NAME_field] = "field",       [NAME_tag] = "tag",
};

bool parse_unknown(Parser *p, const char *what, const Token *t) {
    return err_at(p->err, t->at, E_text_unknown, what,
                  (int)MIN(t->text.len, 80), t->text.data);
}

static bool parse_ref(Parser *p, NameSpace space, uint32_t owner,
                      uint32_t *out) {
    if (!parse_is(p, TOK_id)) return parse_u32(p, out);
    *out = ids_find(&p->ids, space, owner, p->tok.text);
    if (*out == ID_NONE) {
        if (!p->scan_failed)
            return parse_unknown(p, space_text[space], &p->tok);
        *out = 0;
    }
    parse_advance(p);
    return true;
}

bool parse_index(Parser *p, NameSpace space, uint32_t *out) {
    return parse_ref(p, space, 0, out);
}

bool parse_field_index(Parser *p, uint32_t type, uint32_t *out) {
    return parse_ref(p, NAME_field, type, out);
}

bool parse_label(Parser *p, uint32_t *depth) {
    bool by_name = parse_is(p, TOK_id);
    if (!parse_ref(p, NAME_label, 0, depth)) return false;
    if (by_name) *depth = p->label_len - 1 - *depth;
    return true;
}

// --- names that are kept -----------------------------------------------------

static void keep(Arena *a, NameMap *map, uint32_t index, Str name) {
    if (map->items.len && VEC_LAST(&map->items).index == index)
        VEC_LAST(&map->items).name = name;
    else
        VEC_PUSH(a, &map->items, ((NameAssoc){index, name}));
}

void parse_keep_name_in(Parser *p, NameSpace space, uint32_t owner,
                        uint32_t index, Str name) {
    IndirectNameMap *in = &p->m->names.in[space];
    if (in->items.len == 0 || VEC_LAST(&in->items).index != owner)
        VEC_PUSH(p->arena, &in->items, ((IndirectAssoc){.index = owner}));
    keep(p->arena, &VEC_LAST(&in->items).map, index, name);
}

static Str without_dollar(Str id) {
    return (Str){id.data + 1, id.len - 1};
}

// It must fit in the annotation: a string and nothing else.
bool parse_name_annot(Parser *p, bool *found, Str *out) {
    *found = parse_is(p, TOK_annot) && str_eq_z(p->tok.text, "name");
    if (!*found) return true;
    parse_advance(p);
    return parse_name(p, out) && parse_expect(p, TOK_rpar);
}

bool parse_binding(Parser *p, NameSpace space, uint32_t index) {
    NameMap *map = &p->m->names.of[space];
    bool found;
    Str name;
    if (parse_is(p, TOK_id)) {
        keep(p->arena, map, index, without_dollar(p->tok.text));
        parse_advance(p);
    }
    if (!parse_name_annot(p, &found, &name)) return false;
    if (found) keep(p->arena, map, index, name);
    return true;
}

bool parse_binding_in(Parser *p, NameSpace space, uint32_t owner,
                      uint32_t index) {
    uint32_t scope = space == NAME_field ? owner : 0;
    bool found;
    Str name;
    if (parse_is(p, TOK_id)) {
        Str id = p->tok.text;
        if (ids_find(&p->ids, space, scope, id) != ID_NONE)
            return err_at(p->err, p->tok.at, E_text_duplicate,
                          space_text[space], (int)MIN(id.len, 80), id.data);
        ids_add(&p->ids, space, scope, id, index);
        parse_keep_name_in(p, space, owner, index, without_dollar(id));
        parse_advance(p);
    }
    if (!parse_name_annot(p, &found, &name)) return false;
    if (found) parse_keep_name_in(p, space, owner, index, name);
    return true;
}
