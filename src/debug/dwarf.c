// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "debug/dwarf.h"

#include "base/bits.h"
#include "base/reader.h"
#include "debug/dwarf_int.h"

// --- the cursor ----------------------------------------------------------------

static void cut_fail(Cut *c) {
    c->failed = true;
    c->at = c->end;
}

// Takes steps off the budget. False: failed.
static bool charge(Cut *c, uint64_t steps) {
    if (!c->failed && c->d->budget >= steps) {
        c->d->budget -= steps;
        return true;
    }
    cut_fail(c);
    return false;
}

Cut cut_of(Dwarf *d, Bytes section, uint64_t at) {
    Cut c = {.d = d, .failed = at > section.size};
    c.start = section.data;
    c.end = section.size ? section.data + section.size : section.data;
    c.at = c.failed || !section.size ? c.end : section.data + at;
    return c;
}

void cut_skip(Cut *c, uint64_t size) {
    if (!charge(c, 1) || size > cut_left(c)) {
        cut_fail(c);
        return;
    }
    c->at += size;
}

uint64_t cut_fixed(Cut *c, uint32_t size) {
    const uint8_t *at = c->at;
    uint64_t x = 0;
    cut_skip(c, size);
    for (uint32_t i = 0; !c->failed && i < size; i++)
        x |= (uint64_t)at[i] << 8 * i;
    return x;
}

uint64_t cut_uleb(Cut *c) {
    uint64_t x = 0;
    if (!charge(c, 1)) return 0;
    for (uint32_t shift = 0; c->at < c->end; shift += 7) {
        uint8_t byte = *c->at++;
        if (shift < 64) x |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return x;
    }
    cut_fail(c);
    return 0;
}

int64_t cut_sleb(Cut *c) {
    uint64_t x = 0;
    if (!charge(c, 1)) return 0;
    for (uint32_t shift = 0; c->at < c->end;) {
        uint8_t byte = *c->at++;
        if (shift < 64) x |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
        if (byte >= 0x80) continue;
        if ((byte & 0x40) && shift < 64) x |= UINT64_MAX << shift;
        return (int64_t)x;
    }
    cut_fail(c);
    return 0;
}

Str cut_text(Cut *c) {
    const uint8_t *end = cut_left(c) ? memchr(c->at, 0, cut_left(c)) : NULL;
    if (!end || !charge(c, 1 + (uint64_t)(end - c->at) / 16)) {
        cut_fail(c);
        return (Str){0};
    }
    Str s = {(const char *)c->at, (uint32_t)(end - c->at)};
    c->at = end + 1;
    return s;
}

Cut cut_unit(Cut *c, bool *is_64) {
    uint64_t size = cut_fixed(c, 4);
    *is_64 = size == UINT32_MAX;
    if (*is_64) size = cut_fixed(c, 8);
    Cut unit = *c;
    cut_skip(c, size);
    if (c->failed)
        cut_fail(&unit);
    else
        unit.end = c->at;
    return unit;
}

uint64_t cut_address(Cut *c, const DwarfUnit *u) {
    if (u->address_size != 4 && u->address_size != 8) cut_fail(c);
    return cut_fixed(c, u->address_size);
}

// --- forms ---------------------------------------------------------------------

// DW_FORM_<name>: DWARF 5, table 7.6.
enum {
    FORM_addr = 0x01,
    FORM_block2 = 0x03,
    FORM_block4 = 0x04,
    FORM_data2 = 0x05,
    FORM_data4 = 0x06,
    FORM_data8 = 0x07,
    FORM_string = 0x08,
    FORM_block = 0x09,
    FORM_block1 = 0x0a,
    FORM_data1 = 0x0b,
    FORM_flag = 0x0c,
    FORM_sdata = 0x0d,
    FORM_strp = 0x0e,
    FORM_udata = 0x0f,
    FORM_ref_addr = 0x10,
    FORM_ref1 = 0x11,
    FORM_ref2 = 0x12,
    FORM_ref4 = 0x13,
    FORM_ref8 = 0x14,
    FORM_ref_udata = 0x15,
    FORM_indirect = 0x16,
    FORM_sec_offset = 0x17,
    FORM_exprloc = 0x18,
    FORM_flag_present = 0x19,
    FORM_strx = 0x1a,
    FORM_addrx = 0x1b,
    FORM_ref_sup4 = 0x1c,
    FORM_strp_sup = 0x1d,
    FORM_data16 = 0x1e,
    FORM_line_strp = 0x1f,
    FORM_ref_sig8 = 0x20,
    FORM_implicit_const = 0x21,
    FORM_loclistx = 0x22,
    FORM_rnglistx = 0x23,
    FORM_ref_sup8 = 0x24,
    FORM_strx1 = 0x25,
    FORM_strx4 = 0x28,
    FORM_addrx1 = 0x29,
    FORM_addrx4 = 0x2c,
    FORM_COUNT = 0x2d,
};

typedef enum FormSize {
    SIZE_unknown, // such a form ends the unit
    SIZE_1,
    SIZE_2,
    SIZE_3,
    SIZE_4,
    SIZE_8,
    SIZE_16,
    SIZE_0,
    SIZE_uleb,
    SIZE_sleb,
    SIZE_text,
    SIZE_offset,
    SIZE_address,
    SIZE_reference, // an offset; an address in version 2
    SIZE_block,     // a length of one of these sizes, and so many bytes
    SIZE_block1,
    SIZE_block2,
    SIZE_block4,
    SIZE_indirect,
} FormSize;

static const struct {
    uint8_t size, kind;
} forms[FORM_COUNT] = {
    [FORM_addr] = {SIZE_address, DWARF_address},
    [FORM_block2] = {SIZE_block2, DWARF_none},
    [FORM_block4] = {SIZE_block4, DWARF_none},
    [FORM_data2] = {SIZE_2, DWARF_number},
    [FORM_data4] = {SIZE_4, DWARF_number}, // an offset before version 4
    [FORM_data8] = {SIZE_8, DWARF_number},
    [FORM_string] = {SIZE_text, DWARF_string},
    [FORM_block] = {SIZE_block, DWARF_none},
    [FORM_block1] = {SIZE_block1, DWARF_none},
    [FORM_data1] = {SIZE_1, DWARF_number},
    [FORM_flag] = {SIZE_1, DWARF_number},
    [FORM_sdata] = {SIZE_sleb, DWARF_number},
    [FORM_strp] = {SIZE_offset, DWARF_string},
    [FORM_udata] = {SIZE_uleb, DWARF_number},
    [FORM_ref_addr] = {SIZE_reference, DWARF_none},
    [FORM_ref1] = {SIZE_1, DWARF_in_unit},
    [FORM_ref2] = {SIZE_2, DWARF_in_unit},
    [FORM_ref4] = {SIZE_4, DWARF_in_unit},
    [FORM_ref8] = {SIZE_8, DWARF_in_unit},
    [FORM_ref_udata] = {SIZE_uleb, DWARF_in_unit},
    [FORM_indirect] = {SIZE_indirect, DWARF_none},
    [FORM_sec_offset] = {SIZE_offset, DWARF_offset},
    [FORM_exprloc] = {SIZE_block, DWARF_none},
    [FORM_flag_present] = {SIZE_0, DWARF_number},
    [FORM_strx] = {SIZE_uleb, DWARF_indexed_string},
    [FORM_addrx] = {SIZE_uleb, DWARF_indexed_address},
    [FORM_ref_sup4] = {SIZE_4, DWARF_none},
    [FORM_strp_sup] = {SIZE_offset, DWARF_none},
    [FORM_data16] = {SIZE_16, DWARF_none},
    [FORM_line_strp] = {SIZE_offset, DWARF_string},
    [FORM_ref_sig8] = {SIZE_8, DWARF_none},
    [FORM_implicit_const] = {SIZE_0, DWARF_number},
    [FORM_loclistx] = {SIZE_uleb, DWARF_none},
    [FORM_rnglistx] = {SIZE_uleb, DWARF_indexed_range},
    [FORM_ref_sup8] = {SIZE_8, DWARF_none},
    [FORM_strx1] = {SIZE_1, DWARF_indexed_string},
    [FORM_strx1 + 1] = {SIZE_2, DWARF_indexed_string},
    [FORM_strx1 + 2] = {SIZE_3, DWARF_indexed_string},
    [FORM_strx4] = {SIZE_4, DWARF_indexed_string},
    [FORM_addrx1] = {SIZE_1, DWARF_indexed_address},
    [FORM_addrx1 + 1] = {SIZE_2, DWARF_indexed_address},
    [FORM_addrx1 + 2] = {SIZE_3, DWARF_indexed_address},
    [FORM_addrx4] = {SIZE_4, DWARF_indexed_address},
};

static Str text_at(Dwarf *d, Bytes section, uint64_t at) {
    Cut c = cut_of(d, section, at);
    return cut_text(&c);
}

// The value's number, or what there is of it.
static uint64_t cut_sized(Cut *c, const DwarfUnit *u, FormSize size,
                          int64_t constant) {
    switch (size) {
    case SIZE_1:
        return cut_fixed(c, 1);
    case SIZE_2:
        return cut_fixed(c, 2);
    case SIZE_3:
        return cut_fixed(c, 3);
    case SIZE_4:
        return cut_fixed(c, 4);
    case SIZE_8:
        return cut_fixed(c, 8);
    case SIZE_16:
        cut_skip(c, 16);
        return 0;
    case SIZE_0:
        cut_skip(c, 0); // costs a step like the others
        return (uint64_t)constant;
    case SIZE_uleb:
        return cut_uleb(c);
    case SIZE_sleb:
        return (uint64_t)cut_sleb(c);
    case SIZE_offset:
        return cut_offset(c, u);
    case SIZE_address:
        return cut_address(c, u);
    case SIZE_reference:
        return u->version <= 2 ? cut_address(c, u) : cut_offset(c, u);
    case SIZE_block:
        cut_skip(c, cut_uleb(c));
        return 0;
    case SIZE_block1:
        cut_skip(c, cut_fixed(c, 1));
        return 0;
    case SIZE_block2:
        cut_skip(c, cut_fixed(c, 2));
        return 0;
    case SIZE_block4:
        cut_skip(c, cut_fixed(c, 4));
        return 0;
    case SIZE_text:
    case SIZE_indirect: // once more would be a loop of the sections' choice
    case SIZE_unknown:
        break;
    }
    cut_fail(c);
    return 0;
}

DwarfValue cut_form(Cut *c, const DwarfUnit *u, uint32_t form,
                    int64_t constant) {
    if (form == FORM_indirect) form = (uint32_t)cut_uleb(c);
    if (form >= FORM_COUNT) form = 0;
    DwarfValue v = {.kind = (DwarfClass)forms[form].kind};
    if (form == FORM_string) {
        v.text = cut_text(c);
        return v;
    }
    v.number = cut_sized(c, u, (FormSize)forms[form].size, constant);
    if (form == FORM_strp) v.text = text_at(c->d, c->d->str, v.number);
    if (form == FORM_line_strp)
        v.text = text_at(c->d, c->d->line_str, v.number);
    return v;
}

Str dwarf_text(Dwarf *d, const DwarfUnit *u, const DwarfValue *v) {
    if (v->kind == DWARF_string) return v->text;
    if (v->kind != DWARF_indexed_string || v->number > UINT32_MAX)
        return (Str){0};
    Cut c = cut_of(d, d->str_offsets,
                   u->str_offsets_base + v->number * (u->is_64 ? 8 : 4));
    uint64_t at = cut_offset(&c, u);
    return c.failed ? (Str){0} : text_at(d, d->str, at);
}

uint64_t dwarf_address(Dwarf *d, const DwarfUnit *u, const DwarfValue *v) {
    if (v->kind == DWARF_address) return v->number;
    if (v->kind != DWARF_indexed_address || v->number > UINT32_MAX) return 0;
    Cut c = cut_of(d, d->addr, u->addr_base + v->number * u->address_size);
    return cut_address(&c, u);
}

// --- the module ----------------------------------------------------------------

static Bytes section_of(const Module *m, const char *name) {
    VEC_EACH (CustomSection, s, &m->customs) {
        if (str_eq_z(s->name, name)) return s->bytes;
    }
    return (Bytes){0};
}

bool dwarf_has_lines(const Module *m) {
    return section_of(m, ".debug_line").size > 0;
}

// Where the contents of the code section begin.
static uint64_t find_code(const Module *m) {
    enum {
        HEADER_SIZE = 8,
        SECTION_CODE = 10,
    };
    Err err = {0};
    Reader r;
    if (!m->bytes || m->size < HEADER_SIZE) return 0;
    reader_init(&r, m->bytes + HEADER_SIZE, m->size - HEADER_SIZE, HEADER_SIZE,
                &err);
    while (reader_ok(&r) && reader_left(&r)) {
        uint8_t id = read_u8(&r);
        uint32_t size = read_u32(&r);
        uint64_t at = reader_offset(&r);
        if (id == SECTION_CODE && reader_ok(&r)) return at;
        (void)read_bytes(&r, size);
    }
    return 0;
}

// False: there is nothing to read.
static bool dwarf_open(Dwarf *d, const Module *m, Arena *arena) {
    enum {
        STEPS_PER_BYTE = 16,
        STEPS_LEAST = 1 << 16,
    };
    *d = (Dwarf){.arena = arena, .code_at = find_code(m)};
    uint64_t size = 0;
#define DWARF_SECTION(field, name)  \
    d->field = section_of(m, name); \
    size += d->field.size;
    DWARF_SECTIONS(DWARF_SECTION)
#undef DWARF_SECTION
    d->budget = STEPS_LEAST + size * STEPS_PER_BYTE;
    return d->line.size && d->code_at && size <= DWARF_SIZE_MAX;
}

// --- finding -------------------------------------------------------------------

// What runs while line tables are read: the row before, and who wants it.
typedef struct Finder {
    const uint64_t *at; // addresses
    uint32_t len;
    uint64_t least, most;
    LineRow last;
    bool has_last;
    LineHead *head;
    SourcePlace *out;
} Finder;

static void answer(const Finder *f, uint32_t i) {
    SourceSpot *spot = &f->out[i].spots[0];
    f->out[i].len = 1;
    spot->line = f->last.line;
    spot->column = f->last.column;
    line_file(f->head, f->last.file, &spot->dir, &spot->file);
}

// A row is good up to the next one. Code that was thrown away at link time
// keeps its rows, at address 0 or near the end.
static void find_in_row(void *env, const LineRow *row) {
    Finder *f = env;
    if (f->has_last && f->last.address && f->last.address <= f->most &&
        row->address > f->least)
        for (uint32_t i = 0; i < f->len; i++)
            if (f->at[i] >= f->last.address && f->at[i] < row->address &&
                f->out[i].len == 0)
                answer(f, i);
    f->last = *row;
    f->has_last = !row->ends;
}

static void find_lines(Dwarf *d, Finder *f) {
    Cut c = cut_of(d, d->line, 0);
    f->least = UINT64_MAX;
    for (uint32_t i = 0; i < f->len; i++) {
        f->least = MIN(f->least, f->at[i]);
        f->most = MAX(f->most, f->at[i]);
    }
    while (!c.failed && cut_left(&c)) {
        ArenaMark mark = arena_mark(d->arena);
        LineHead head;
        f->head = &head;
        f->has_last = false;
        if (line_head(&c, &head)) line_run(&head, find_in_row, f);
        arena_rewind(d->arena, mark);
    }
}

void dwarf_find(const Module *m, const uint64_t *at, uint32_t len,
                SourcePlace *out, Arena *arena) {
    Dwarf d;
    for (uint32_t i = 0; i < len; i++)
        out[i].len = 0;
    if (!len || !dwarf_open(&d, m, arena)) return;
    uint64_t *addresses = NEW_N(arena, uint64_t, len);
    for (uint32_t i = 0; i < len; i++)
        addresses[i] = at[i] - d.code_at;
    Finder f = {.at = addresses, .len = len, .out = out};
    find_lines(&d, &f);
    info_find(&d, addresses, len, out);
}

// --- all rows ------------------------------------------------------------------

typedef struct Each {
    LineHead *head;
    uint64_t code_at, started;
    void (*row)(void *env, const DwarfRow *row);
    void *env;
    bool has_start;
} Each;

static void hand_on(void *env, const LineRow *row) {
    Each *e = env;
    if (!e->has_start) e->started = row->address;
    e->has_start = !row->ends;
    if (!e->started) return; // thrown away
    DwarfRow out = {
        .at = row->address + e->code_at,
        .line = row->line,
        .column = row->column,
        .ends = row->ends,
    };
    line_file(e->head, row->file, &out.dir, &out.file);
    e->row(e->env, &out);
}

void dwarf_each_row(const Module *m, Arena *arena,
                    void (*row)(void *env, const DwarfRow *row), void *env) {
    Dwarf d;
    if (!dwarf_open(&d, m, arena)) return;
    Cut c = cut_of(&d, d.line, 0);
    while (!c.failed && cut_left(&c)) {
        ArenaMark mark = arena_mark(arena);
        LineHead head;
        Each e = {.head = &head, .code_at = d.code_at, .row = row, .env = env};
        if (line_head(&c, &head)) line_run(&head, hand_on, &e);
        arena_rewind(arena, mark);
    }
}
