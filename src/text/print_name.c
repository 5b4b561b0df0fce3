// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Identifiers, strings and types, as the text format spells them.
#include "text/print_int.h"

void print_find_ids(Printer *p, NameSpace space, const NameMap *names,
                    uint32_t len) {
    StrVec *ids = &p->id[space];
    ids->len = 0;
    uint32_t scope = p->ids.list.len;
    for (uint32_t i = 0; i < names->items.len; i++) {
        const NameAssoc *n = &names->items.data[i];
        if (n->index >= len) break;
        if (n->name.len == 0) continue;
        if (ids_find(&p->ids, space, 0, n->name) != ID_NONE) continue;
        ids_add(&p->ids, space, 0, n->name, n->index);
        while (ids->len < n->index)
            VEC_PUSH(p->scratch, ids, ((Str){0}));
        VEC_PUSH(p->scratch, ids, n->name);
    }
    ids_leave(&p->ids, scope);
}

void print_count_names(Printer *p, const NameMap *names, uint32_t len) {
    uint32_t count = names->items.len;
    p->lost_names |= count && names->items.data[count - 1].index >= len;
}

static Str id_of(const Printer *p, NameSpace space, uint32_t index) {
    const StrVec *ids = &p->id[space];
    return index < ids->len ? ids->data[index] : (Str){0};
}

static bool is_idchar(char c) {
    return c > ' ' && c < 0x7f && !strchr("\"(),;[]{}", c);
}

void print_id(Printer *p, Str id) {
    bool plain = true;
    for (uint32_t i = 0; i < id.len && plain; i++)
        plain = is_idchar(id.data[i]);
    text_char(p->out, '$');
    if (plain)
        text_bytes(p->out, id.data, id.len);
    else
        print_name(p, id);
}

void print_binding(Printer *p, NameSpace space, const NameMap *names,
                   uint32_t index) {
    Str id = id_of(p, space, index);
    if (id.len) {
        text_char(p->out, ' ');
        print_id(p, id);
        return;
    }
    Str name = name_map_get(names, index);
    if (!name.data) return;
    text_str(p->out, " (@name ");
    print_name(p, name);
    text_char(p->out, ')');
}

void print_ref(Printer *p, NameSpace space, uint32_t index) {
    Str id = id_of(p, space, index);
    text_char(p->out, ' ');
    if (id.len)
        print_id(p, id);
    else
        text_printf(p->out, "%u", index);
}

// --- strings -----------------------------------------------------------------

static void print_quoted(Printer *p, const uint8_t *bytes, size_t size,
                         bool ascii) {
    static const char hex[] = "0123456789abcdef";
    text_char(p->out, '"');
    for (size_t i = 0, end; i < size; i = end) {
        // A run that needs no escapes, then one that does.
        for (end = i; end < size; end++) {
            uint8_t c = bytes[end];
            bool plain = c >= ' ' && c != '"' && c != '\\' && c != 0x7f &&
                         (c < 0x80 || !ascii);
            if (!plain) break;
        }
        if (end > i) text_bytes(p->out, (const char *)bytes + i, end - i);
        if (end == size) break;
        char escape[3] = {'\\', hex[bytes[end] >> 4], hex[bytes[end] & 15]};
        text_bytes(p->out, escape, sizeof escape);
        end++;
    }
    text_char(p->out, '"');
}

void print_name(Printer *p, Str name) {
    print_quoted(p, (const uint8_t *)name.data, name.len, false);
}

void print_bytes(Printer *p, const uint8_t *bytes, size_t size) {
    print_quoted(p, bytes, size, true);
}

// --- types -------------------------------------------------------------------

void print_heap_type(Printer *p, ValType t) {
    if (vt_is_concrete(t)) {
        print_ref(p, NAME_type, vt_index(t));
        return;
    }
    text_char(p->out, ' ');
    text_str(p->out, heap_text[vt_heap(t)]);
}

void print_val_type(Printer *p, ValType t) {
    bool is_long = vt_is_ref(t) && (vt_is_concrete(t) || !vt_is_nullable(t));
    text_char(p->out, ' ');
    if (!is_long) {
        char text[TYPE_TEXT_MAX];
        text_str(p->out, type_print(text, t));
        return;
    }
    text_str(p->out, vt_is_nullable(t) ? "(ref null" : "(ref");
    print_heap_type(p, t);
    text_char(p->out, ')');
}

void print_types(Printer *p, const char *word, const ValType *types,
                 uint32_t len) {
    if (len == 0) return;
    text_str(p->out, " (");
    text_str(p->out, word);
    for (uint32_t i = 0; i < len; i++)
        print_val_type(p, types[i]);
    text_char(p->out, ')');
}

const FuncType *print_func_type(const Printer *p, uint32_t index) {
    const Module *m = p->m;
    if (index >= m->types.len) return NULL;
    const TypeDef *t = &m->types.data[index];
    return t->kind == COMP_func ? &t->func : NULL;
}
