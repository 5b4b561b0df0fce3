// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Custom sections. Names and branch hints are said where they belong, so their
// sections need not be; but a name section may say more than the text does
// (names of what there is not, padded numbers, parts that nobody knows), and
// then its bytes are printed too.
//
// Whether it does is a matter of counting: everything that is lost on the way
// from its bytes to m->names makes the smallest section with those names
// smaller than it was.
//
// Of several name sections one is where the names are from. The others are
// printed with their bytes; those that have none would look like the place of
// the names, and are left out.
#include "text/print_int.h"

enum {
    SECTION_ID_code = 10,
    SECTION_ID_data = 11,
};

// --- the smallest name section -----------------------------------------------

static size_t u32_size(uint32_t x) {
    size_t size = 1;
    while (x >>= 7)
        size++;
    return size;
}

static size_t map_size(const NameMap *map) {
    size_t size = u32_size(map->items.len);
    VEC_EACH (NameAssoc, n, &map->items)
        size += u32_size(n->index) + u32_size(n->name.len) + n->name.len;
    return size;
}

static size_t indirect_size(const IndirectNameMap *map) {
    size_t size = u32_size(map->items.len);
    VEC_EACH (IndirectAssoc, i, &map->items)
        size += u32_size(i->index) + map_size(&i->map);
    return size;
}

static size_t names_size(const Names *n) {
    size_t size = 0;
    for (unsigned space = 0; space < NAME_count; space++) {
        size_t part = 0;
        if (space == NAME_module && n->has_module)
            part = u32_size(n->module.len) + n->module.len;
        else if (n->in[space].items.len)
            part = indirect_size(&n->in[space]);
        else if (n->of[space].items.len)
            part = map_size(&n->of[space]);
        if (part) size += 1 + u32_size((uint32_t)part) + part;
    }
    return size;
}

// Names of things inside a thing without a place in the text.
static bool has_lost_owner(const Module *m, NameSpace space) {
    VEC_EACH (IndirectAssoc, i, &m->names.in[space].items) {
        if (i->map.items.len == 0) return true;
        uint32_t first = space == NAME_label ? m->imported[EXTERN_func] : 0;
        if (space != NAME_field) {
            if (i->index < first || i->index >= m->funcs.len) return true;
        } else if (i->index >= m->types.len ||
                   m->types.data[i->index].kind != COMP_struct) {
            return true;
        }
    }
    return false;
}

static bool says_all(const Printer *p, const CustomSection *c) {
    const Module *m = p->m;
    return !p->lost_names && names_size(&m->names) == c->bytes.size &&
           !has_lost_owner(m, NAME_local) && !has_lost_owner(m, NAME_label) &&
           !has_lost_owner(m, NAME_field);
}

// --- all of them -------------------------------------------------------------

static const char *section_word(uint8_t id) {
    static const char *const words[] = {
        "before first",    "after type",   "after import", "after func",
        "after table",     "after memory", "after global", "after export",
        "after start",     "after elem",   "after code",   "after data",
        "after datacount", "after tag",
    };
    return id < COUNTOF(words) ? words[id] : "after last";
}

static bool is_name_section(const CustomSection *c) {
    return str_eq_z(c->name, "name");
}

// The one that the names are from, or that holds their place; NULL: none.
static const CustomSection *find_names(const Module *m) {
    uint64_t at = m->names.section_at;
    VEC_EACH (const CustomSection, c, &m->customs)
        if (is_name_section(c) && (at ? c->at == at : c->bytes.size == 0))
            return c;
    return NULL;
}

// Are the bytes of this section not in the text?
static bool is_left_out(const CustomSection *c, const CustomSection *names) {
    if (is_name_section(c)) return c != names && c->bytes.size == 0;
    return str_eq_z(c->name, "metadata.code.branch_hint");
}

// Is it behind everything else, and alone, where the names go by themselves?
static bool is_at_end(const Module *m, const CustomSection *names) {
    uint8_t last = m->datas.len    ? SECTION_ID_data
                   : m->bodies.len ? SECTION_ID_code
                                   : 0;
    if (!last || names->after != last) return false;
    VEC_EACH (const CustomSection, c, &m->customs) {
        bool is_other = c > names || (c < names && is_name_section(c));
        if (is_other && !is_left_out(c, names)) return false;
    }
    return true;
}

static void print_custom(Printer *p, const CustomSection *c, size_t size) {
    text_str(p->out, "\n  (@custom ");
    print_name(p, c->name);
    text_printf(p->out, " (%s) ", section_word(c->after));
    print_bytes(p, c->bytes.data, size);
    text_char(p->out, ')');
}

// A name section without contents keeps the place of the names.
static void print_name_section(Printer *p, const CustomSection *c,
                               const CustomSection *names) {
    bool is_said = c == names && (c->bytes.size == 0 || says_all(p, c));
    if (!is_said)
        print_custom(p, c, c->bytes.size);
    else if (!is_at_end(p->m, c))
        print_custom(p, c, 0);
}

void print_customs(Printer *p) {
    const Module *m = p->m;
    const CustomSection *names = find_names(m);
    if (m->has_data_count && !p->uses_data)
        text_str(p->out, "\n  (@foliot.data_count)");
    VEC_EACH (CustomSection, c, &m->customs) {
        if (is_left_out(c, names)) continue;
        if (is_name_section(c))
            print_name_section(p, c, names);
        else
            print_custom(p, c, c->bytes.size);
    }
}
