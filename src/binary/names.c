// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The name section (core, appendix 7.4.1, with the subsections of the
// extended-name-section proposal): read and written.
#include "binary/binary_int.h"
#include "binary/encode_int.h"

enum {
    LEAST_NAME = 2, // bytes of the smallest entry of both kinds of map
};

static bool is_indirect(NameSpace space) {
    return space == NAME_local || space == NAME_label || space == NAME_field;
}

// --- reading -----------------------------------------------------------------

// Entries are ascending by index; `first` says that there was none before.
static bool name_index(Reader *r, bool first, uint32_t last, uint32_t *out) {
    uint64_t at = reader_offset(r);
    *out = read_u32(r);
    if (!reader_ok(r)) return false;
    return first || *out > last || err_at(r->err, at, E_name_index, *out);
}

static bool name_map(Reader *r, Arena *arena, NameMap *out) {
    uint32_t len, last = 0;
    if (!decode_len(r, &len)) return false;
    VEC_RESERVE(arena, &out->items, MIN(len, reader_left(r) / LEAST_NAME));
    for (uint32_t i = 0; i < len; i++) {
        NameAssoc assoc;
        if (!name_index(r, i == 0, last, &assoc.index) ||
            !decode_name(r, &assoc.name))
            return false;
        last = assoc.index;
        VEC_PUSH(arena, &out->items, assoc);
    }
    return true;
}

static bool indirect_map(Reader *r, Arena *arena, IndirectNameMap *out) {
    uint32_t len, last = 0;
    if (!decode_len(r, &len)) return false;
    VEC_RESERVE(arena, &out->items, MIN(len, reader_left(r) / LEAST_NAME));
    for (uint32_t i = 0; i < len; i++) {
        IndirectAssoc assoc = {0};
        if (!name_index(r, i == 0, last, &assoc.index) ||
            !name_map(r, arena, &assoc.map))
            return false;
        last = assoc.index;
        VEC_PUSH(arena, &out->items, assoc);
    }
    return true;
}

// A subsection that this version does not know is not an error.
static bool subsection(Reader *r, unsigned id, Arena *arena, Names *out) {
    if (id >= NAME_count) return true;
    if (id == NAME_module) {
        if (!decode_name(r, &out->module)) return false;
        out->has_module = true;
    } else if (is_indirect((NameSpace)id)) {
        if (!indirect_map(r, arena, &out->in[id])) return false;
    } else if (!name_map(r, arena, &out->of[id])) {
        return false;
    }
    return !reader_left(r) || reader_fail(r, E_name_size);
}

// Leaves the names of one subsection out.
static void forget(Names *names, unsigned id) {
    if (id >= NAME_count) return;
    if (id == NAME_module) names->has_module = false;
    names->of[id].items.len = 0;
    names->in[id].items.len = 0;
}

// Each subsection is framed, so an error in one is no reason to lose the next
// one; the first error is the one that is reported.
bool names_decode(const CustomSection *custom, Arena *arena, Names *names,
                  Err *err) {
    Err framing = {0}, first = {0};
    Reader r;
    reader_init(&r, custom->bytes.data, custom->bytes.size, custom->bytes.at,
                &framing);
    unsigned next = 0;
    while (reader_ok(&r) && reader_left(&r)) {
        uint64_t at = reader_offset(&r);
        unsigned id = read_u8(&r);
        uint32_t size;
        if (!decode_len(&r, &size)) break;
        uint64_t base = reader_offset(&r);
        const uint8_t *bytes = read_bytes(&r, size);
        if (!bytes) break;
        Err bad = {0};
        Reader sub;
        reader_init(&sub, bytes, size, base, &bad);
        if (id < next)
            err_at(&bad, at, E_name_order, id);
        else if (!subsection(&sub, id, arena, names))
            forget(names, id);
        next = MAX(next, id + 1);
        if (err_ok(&first)) first = bad;
    }
    *err = err_ok(&first) ? framing : first;
    return err_ok(err);
}

bool names_empty(const Names *names) {
    if (names->has_module) return false;
    for (unsigned i = 0; i < NAME_count; i++)
        if (names->of[i].items.len || names->in[i].items.len) return false;
    return true;
}

void names_decode_lenient(Module *m, const CustomSection *custom) {
    if (!names_empty(&m->names)) return;
    Err err = {0};
    bool ok = names_decode(custom, m->arena, &m->names, &err);
    (void)ok; // what could be read is there
    if (!names_empty(&m->names)) m->names.section_at = custom->at;
}

// --- writing -----------------------------------------------------------------

static void write_map(Writer *w, const NameMap *map) {
    write_u32(w, map->items.len);
    VEC_EACH (NameAssoc, assoc, &map->items) {
        write_u32(w, assoc->index);
        write_name(w, assoc->name.data, assoc->name.len);
    }
}

static void write_indirect(Writer *w, const IndirectNameMap *map) {
    write_u32(w, map->items.len);
    VEC_EACH (IndirectAssoc, assoc, &map->items) {
        write_u32(w, assoc->index);
        write_map(w, &assoc->map);
    }
}

void names_encode(const Names *names, Writer *w) {
    for (unsigned id = 0; id < NAME_count; id++) {
        size_t start = encode_begin(w, (uint8_t)id);
        if (id == NAME_module && names->has_module)
            write_name(w, names->module.data, names->module.len);
        else if (names->in[id].items.len)
            write_indirect(w, &names->in[id]);
        else if (names->of[id].items.len)
            write_map(w, &names->of[id]);
        encode_end(w, start);
    }
}
