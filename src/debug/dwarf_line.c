// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Line tables: programs for a small machine that appends rows (DWARF 5,
// section 6.2).
#include "debug/dwarf_int.h"

// --- the header ----------------------------------------------------------------

// Versions before 5: texts, the last one empty. Number 0 is the directory that
// the compiler ran in, or the unit's own file.
static void read_lists(Cut *c, LineHead *h) {
    VEC_PUSH(c->d->arena, &h->dirs, (Str){0});
    for (Str s; (s = cut_text(c)).len;)
        VEC_PUSH(c->d->arena, &h->dirs, s);
    VEC_PUSH(c->d->arena, &h->files, (LineFile){0});
    for (Str s; (s = cut_text(c)).len;) {
        LineFile file = {.name = s, .dir = cut_uleb(c)};
        (void)cut_uleb(c); // time
        (void)cut_uleb(c); // size
        VEC_PUSH(c->d->arena, &h->files, file);
    }
}

enum {
    CONTENT_path = 1, // DW_LNCT_path
    CONTENT_dir = 2,  // DW_LNCT_directory_index
    FORMATS_MAX = 16,
};

// The columns of a list in version 5, and its rows.
typedef struct EntryFormat {
    uint64_t content[FORMATS_MAX];
    uint32_t form[FORMATS_MAX];
    uint32_t len;
} EntryFormat;

static void read_format(Cut *c, EntryFormat *f) {
    f->len = (uint32_t)cut_fixed(c, 1);
    if (f->len > FORMATS_MAX) c->failed = true;
    for (uint32_t i = 0; !c->failed && i < f->len; i++) {
        f->content[i] = cut_uleb(c);
        f->form[i] = (uint32_t)cut_uleb(c);
    }
}

static LineFile read_entry(Cut *c, const LineHead *h, const EntryFormat *f) {
    LineFile file = {0};
    const uint8_t *before = c->at;
    for (uint32_t i = 0; i < f->len; i++) {
        DwarfValue v = cut_form(c, &h->unit, f->form[i], 0);
        if (f->content[i] == CONTENT_path)
            file.name = dwarf_text(c->d, &h->unit, &v);
        if (f->content[i] == CONTENT_dir) file.dir = v.number;
    }
    // Else a count could ask for any number of them.
    if (c->at == before) c->failed = true;
    return file;
}

static void read_tables(Cut *c, LineHead *h) {
    EntryFormat f;
    read_format(c, &f);
    for (uint64_t n = cut_uleb(c); !c->failed && n > 0; n--) {
        Str dir = read_entry(c, h, &f).name;
        VEC_PUSH(c->d->arena, &h->dirs, dir);
    }
    read_format(c, &f);
    for (uint64_t n = cut_uleb(c); !c->failed && n > 0; n--) {
        LineFile file = read_entry(c, h, &f);
        VEC_PUSH(c->d->arena, &h->files, file);
    }
}

// What both kinds of lists come after.
static void read_sizes(Cut *c, LineHead *h) {
    h->least_size = (uint8_t)cut_fixed(c, 1);
    if (h->unit.version >= 4) cut_skip(c, 1); // operations of an instruction
    cut_skip(c, 1);                           // whether rows begin statements
    h->line_base = (int8_t)cut_fixed(c, 1);
    h->line_range = (uint8_t)cut_fixed(c, 1);
    h->opcode_base = (uint8_t)cut_fixed(c, 1);
    h->operand_counts = c->at;
    cut_skip(c, h->opcode_base ? h->opcode_base - 1u : 0);
    if (!h->line_range || !h->opcode_base) c->failed = true;
}

bool line_head(Cut *c, LineHead *h) {
    *h = (LineHead){0};
    Cut unit = cut_unit(c, &h->unit.is_64);
    h->unit.version = (uint16_t)cut_fixed(&unit, 2);
    if (h->unit.version < 2 || h->unit.version > 5) return false;
    h->unit.address_size = 4;
    if (h->unit.version >= 5) {
        h->unit.address_size = (uint8_t)cut_fixed(&unit, 1);
        cut_skip(&unit, 1); // segment selectors
    }
    uint64_t size = cut_offset(&unit, &h->unit);
    h->program = unit;
    cut_skip(&h->program, size);
    if (h->program.failed) return false;
    unit.end = h->program.at;
    read_sizes(&unit, h);
    if (unit.failed) return false;
    if (h->unit.version >= 5)
        read_tables(&unit, h);
    else
        read_lists(&unit, h);
    return !unit.failed;
}

void line_file(const LineHead *h, uint64_t file, Str *dir, Str *name) {
    if (file >= h->files.len) return;
    const LineFile *f = &h->files.data[file];
    *name = f->name;
    bool is_absolute = f->name.len && f->name.data[0] == '/';
    if (!is_absolute && f->dir < h->dirs.len) *dir = h->dirs.data[f->dir];
}

// --- the program ---------------------------------------------------------------

enum {
    LNS_copy = 1,
    LNS_advance_pc,
    LNS_advance_line,
    LNS_set_file,
    LNS_set_column,
    LNS_negate_stmt,
    LNS_set_basic_block,
    LNS_const_add_pc,
    LNS_fixed_advance_pc,
    LNS_set_prologue_end,
    LNS_set_epilogue_begin,
    LNS_set_isa,
    LNE_end_sequence = 1,
    LNE_set_address = 2,
};

typedef struct Machine {
    LineHead *h;
    Cut *c;
    LineRow row;
    void (*emit)(void *env, const LineRow *row);
    void *env;
} Machine;

static void reset(Machine *m) {
    m->row = (LineRow){.file = 1, .line = 1};
}

static void advance(Machine *m, uint64_t instructions) {
    m->row.address += instructions * m->h->least_size;
}

static void special(Machine *m, uint32_t opcode) {
    const LineHead *h = m->h;
    uint32_t adjusted = opcode - h->opcode_base;
    advance(m, adjusted / h->line_range);
    m->row.line +=
        (uint32_t)(h->line_base + (int32_t)(adjusted % h->line_range));
    m->emit(m->env, &m->row);
}

static void extended(Machine *m) {
    uint64_t size = cut_uleb(m->c);
    Cut c = *m->c;
    cut_skip(m->c, size);
    if (m->c->failed || size == 0) return;
    c.end = m->c->at;
    switch (cut_fixed(&c, 1)) {
    case LNE_end_sequence:
        m->row.ends = true;
        m->emit(m->env, &m->row);
        reset(m);
        break;
    case LNE_set_address:
        // Its own size says how long an address is.
        if (size == 5 || size == 9)
            m->row.address = cut_fixed(&c, (uint32_t)size - 1);
        break;
    default:
        break;
    }
}

static void standard(Machine *m, uint32_t opcode) {
    switch (opcode) {
    case LNS_copy:
        m->emit(m->env, &m->row);
        return;
    case LNS_advance_pc:
        advance(m, cut_uleb(m->c));
        return;
    case LNS_advance_line:
        m->row.line += (uint32_t)cut_sleb(m->c);
        return;
    case LNS_set_file:
        m->row.file = cut_uleb(m->c);
        return;
    case LNS_set_column:
        m->row.column = (uint32_t)cut_uleb(m->c);
        return;
    case LNS_const_add_pc:
        advance(m, (255u - m->h->opcode_base) / m->h->line_range);
        return;
    case LNS_fixed_advance_pc:
        m->row.address += cut_fixed(m->c, 2);
        return;
    default: // without an effect here, or of a later version
        for (uint8_t n = m->h->operand_counts[opcode - 1]; n > 0; n--)
            (void)cut_uleb(m->c);
        return;
    }
}

void line_run(LineHead *h, void (*row)(void *env, const LineRow *row),
              void *env) {
    Machine m = {.h = h, .c = &h->program, .emit = row, .env = env};
    reset(&m);
    while (!m.c->failed && cut_left(m.c)) {
        uint32_t opcode = (uint32_t)cut_fixed(m.c, 1);
        if (opcode == 0)
            extended(&m);
        else if (opcode >= h->opcode_base)
            special(&m, opcode);
        else
            standard(&m, opcode);
    }
}
