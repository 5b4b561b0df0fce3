// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Debugging entries: which functions there are, and what was inlined into them
// where (DWARF 5, sections 2 and 3). They are a tree, written as a list in which
// a parent comes before its children, so one pass finds the chain of functions
// around an address, outermost first.
#include "debug/dwarf_int.h"

enum {
    TAG_inlined_subroutine = 0x1d,
    TAG_subprogram = 0x2e,
    AT_name = 0x03,
    AT_stmt_list = 0x10,
    AT_low_pc = 0x11,
    AT_high_pc = 0x12,
    AT_abstract_origin = 0x31,
    AT_specification = 0x47,
    AT_ranges = 0x55,
    AT_call_column = 0x57,
    AT_call_file = 0x58,
    AT_call_line = 0x59,
    AT_str_offsets_base = 0x72,
    AT_addr_base = 0x73,
    AT_rnglists_base = 0x74,
    UNIT_compile = 1, // DW_UT_compile
    UNIT_partial = 3,
};

typedef struct AttrSpec {
    uint32_t name, form;
    int64_t constant;
} AttrSpec;

// The shape of entries: what their code stands for.
typedef struct Abbrev {
    uint64_t code;
    uint32_t tag, attr_at, attr_len;
    bool has_children;
} Abbrev;

// What we want to know of an entry.
typedef struct Entry {
    uint32_t tag; // 0: the end of a list of children
    bool has_children;
    DwarfValue name, low, high, ranges, origin;
    uint64_t call_file, call_line, call_column, stmt_list;
    bool has_stmt_list;
} Entry;

// The functions around an address, outermost first.
typedef struct Chain {
    Entry items[DWARF_DEPTH_MAX];
    uint32_t len;
} Chain;

typedef struct Info {
    Dwarf *d;
    DwarfUnit unit;
    Cut entries;          // begins at the unit's header
    const uint8_t *first; // what offsets in the unit count from
    Vec(AttrSpec) attrs;
    Vec(Abbrev) abbrevs;
    uint64_t base; // of ranges
    Entry root;
    const uint64_t *at;
    uint32_t len;
    Chain *chains; // for each address
    SourcePlace *out;
} Info;

// --- entries -------------------------------------------------------------------

static void read_abbrevs(Info *in, uint64_t at) {
    Cut c = cut_of(in->d, in->d->abbrev, at);
    Arena *arena = in->d->arena;
    for (uint64_t code; (code = cut_uleb(&c)) != 0;) {
        Abbrev a = {.code = code, .tag = (uint32_t)cut_uleb(&c)};
        a.has_children = cut_fixed(&c, 1);
        a.attr_at = in->attrs.len;
        while (!c.failed) {
            enum {
                FORM_implicit_const = 0x21
            };
            AttrSpec s = {.name = (uint32_t)cut_uleb(&c)};
            s.form = (uint32_t)cut_uleb(&c);
            if (s.form == FORM_implicit_const) s.constant = cut_sleb(&c);
            if (s.name == 0 && s.form == 0) break;
            VEC_PUSH(arena, &in->attrs, s);
        }
        a.attr_len = in->attrs.len - a.attr_at;
        if (c.failed) break;
        VEC_PUSH(arena, &in->abbrevs, a);
    }
}

// Codes are nearly always 1, 2, 3 ...; where they are not, each step costs.
static const Abbrev *find_abbrev(Info *in, Cut *c, uint64_t code) {
    if (code - 1 < in->abbrevs.len && in->abbrevs.data[code - 1].code == code)
        return &in->abbrevs.data[code - 1];
    VEC_EACH (Abbrev, a, &in->abbrevs) {
        if (a->code == code) return a;
        cut_skip(c, 0);
        if (c->failed) break;
    }
    c->failed = true;
    return NULL;
}

static void take(Info *in, Entry *e, uint32_t name, const DwarfValue *v) {
    switch (name) {
    case AT_name:
        e->name = *v;
        return;
    case AT_low_pc:
        e->low = *v;
        return;
    case AT_high_pc:
        e->high = *v;
        return;
    case AT_ranges:
        e->ranges = *v;
        return;
    case AT_abstract_origin:
    case AT_specification:
        e->origin = *v;
        return;
    case AT_call_file:
        e->call_file = v->number;
        return;
    case AT_call_line:
        e->call_line = v->number;
        return;
    case AT_call_column:
        e->call_column = v->number;
        return;
    case AT_stmt_list:
        e->stmt_list = v->number;
        e->has_stmt_list = true;
        return;
    case AT_str_offsets_base:
        in->unit.str_offsets_base = v->number;
        return;
    case AT_addr_base:
        in->unit.addr_base = v->number;
        return;
    case AT_rnglists_base:
        in->unit.rnglists_base = v->number;
        return;
    default:
        return;
    }
}

static bool read_die(Info *in, Cut *c, Entry *e) {
    *e = (Entry){0};
    uint64_t code = cut_uleb(c);
    if (c->failed) return false;
    if (code == 0) return true;
    const Abbrev *a = find_abbrev(in, c, code);
    if (!a) return false;
    e->tag = a->tag;
    e->has_children = a->has_children;
    for (uint32_t i = 0; i < a->attr_len; i++) {
        const AttrSpec *s = &in->attrs.data[a->attr_at + i];
        DwarfValue v = cut_form(c, &in->unit, s->form, s->constant);
        if (c->failed) return false;
        take(in, e, s->name, &v);
    }
    return true;
}

// --- ranges of addresses -------------------------------------------------------

static bool is_in(uint64_t at, uint64_t low, uint64_t high) {
    return low && at >= low && at < high; // 0: thrown away at link time
}

static bool in_old_ranges(Info *in, uint64_t offset, uint64_t at) {
    Cut c = cut_of(in->d, in->d->ranges, offset);
    uint64_t base = in->base;
    uint64_t none = in->unit.address_size == 8 ? UINT64_MAX : UINT32_MAX;
    while (!c.failed) {
        uint64_t low = cut_address(&c, &in->unit);
        uint64_t high = cut_address(&c, &in->unit);
        if (low == 0 && high == 0) return false;
        if (low == none)
            base = high;
        else if (is_in(at, base + low, base + high))
            return true;
    }
    return false;
}

static uint64_t indexed(Info *in, Cut *c) {
    DwarfValue v = {.kind = DWARF_indexed_address, .number = cut_uleb(c)};
    return dwarf_address(in->d, &in->unit, &v);
}

// One entry of a list (DWARF 5, section 7.25). False: the end.
static bool read_range(Info *in, Cut *c, uint64_t *base, uint64_t *low,
                       uint64_t *high) {
    const DwarfUnit *u = &in->unit;
    *low = *high = 0;
    switch (cut_fixed(c, 1)) {
    case 1: // DW_RLE_base_addressx
        *base = indexed(in, c);
        break;
    case 2: // DW_RLE_startx_endx
        *low = indexed(in, c);
        *high = indexed(in, c);
        break;
    case 3: // DW_RLE_startx_length
        *low = indexed(in, c);
        *high = *low + cut_uleb(c);
        break;
    case 4: // DW_RLE_offset_pair
        *low = *base + cut_uleb(c);
        *high = *base + cut_uleb(c);
        break;
    case 5: // DW_RLE_base_address
        *base = cut_address(c, u);
        break;
    case 6: // DW_RLE_start_end
        *low = cut_address(c, u);
        *high = cut_address(c, u);
        break;
    case 7: // DW_RLE_start_length
        *low = cut_address(c, u);
        *high = *low + cut_uleb(c);
        break;
    default:
        return false;
    }
    return !c->failed;
}

static bool in_list(Info *in, uint64_t offset, uint64_t at) {
    Cut c = cut_of(in->d, in->d->rnglists, offset);
    uint64_t base = in->base, low, high;
    while (read_range(in, &c, &base, &low, &high))
        if (is_in(at, low, high)) return true;
    return false;
}

static bool in_ranges(Info *in, const DwarfValue *v, uint64_t at) {
    const DwarfUnit *u = &in->unit;
    if (u->version < 5) return in_old_ranges(in, v->number, at);
    if (v->kind != DWARF_indexed_range) return in_list(in, v->number, at);
    if (v->number > UINT32_MAX) return false;
    uint64_t cell = u->rnglists_base + v->number * (u->is_64 ? 8 : 4);
    Cut c = cut_of(in->d, in->d->rnglists, cell);
    uint64_t offset = cut_offset(&c, u);
    return !c.failed && in_list(in, u->rnglists_base + offset, at);
}

static bool has_place(const Entry *e) {
    return e->ranges.kind != DWARF_none || e->high.kind != DWARF_none;
}

static bool covers(Info *in, const Entry *e, uint64_t at) {
    if (e->ranges.kind != DWARF_none) return in_ranges(in, &e->ranges, at);
    uint64_t low = dwarf_address(in->d, &in->unit, &e->low);
    bool is_size = e->high.kind == DWARF_number;
    uint64_t high = is_size ? low + e->high.number
                            : dwarf_address(in->d, &in->unit, &e->high);
    return is_in(at, low, high);
}

// --- chains --------------------------------------------------------------------

static void enter(Chain *c, const Entry *e) {
    if (e->tag == TAG_subprogram) c->len = 0;
    if (c->len == DWARF_DEPTH_MAX) { // the innermost are worth more
        c->len--;
        memmove(c->items, c->items + 1, c->len * sizeof *c->items);
    }
    c->items[c->len++] = *e;
}

static bool wants_any(Info *in, const Entry *e) {
    for (uint32_t i = 0; i < in->len; i++)
        if (in->out[i].len == 1 && covers(in, e, in->at[i])) return true;
    return false;
}

static void look_at(Info *in, const Entry *e) {
    bool is_func = e->tag == TAG_subprogram || e->tag == TAG_inlined_subroutine;
    if (!is_func || !has_place(e)) return;
    for (uint32_t i = 0; i < in->len; i++)
        if (in->out[i].len == 1 && covers(in, e, in->at[i]))
            enter(&in->chains[i], e);
}

static void read_tree(Info *in, Cut *c) {
    uint64_t depth = 1;
    for (Entry e; depth > 0 && read_die(in, c, &e);) {
        if (e.tag == 0) depth--;
        if (e.has_children) depth++;
        look_at(in, &e);
    }
}

// --- what a chain says ---------------------------------------------------------

// The name of an entry, which may be that of the one that it stands for.
static Str name_of(Info *in, const Entry *from) {
    Entry e = *from;
    for (int links = 0; links < 4; links++) {
        Str name = dwarf_text(in->d, &in->unit, &e.name);
        if (name.len || e.origin.kind != DWARF_in_unit) return name;
        Cut c = in->entries;
        c.at = in->first;
        cut_skip(&c, e.origin.number);
        if (!read_die(in, &c, &e)) break;
    }
    return (Str){0};
}

static void tell(Info *in, const LineHead *h, const Chain *c,
                 SourcePlace *out) {
    out->spots[0].func = name_of(in, &c->items[c->len - 1]);
    for (uint32_t k = 1; k < c->len; k++) {
        const Entry *callee = &c->items[c->len - k];
        if (callee->tag != TAG_inlined_subroutine) break;
        SourceSpot *spot = &out->spots[out->len++];
        *spot = (SourceSpot){
            .func = name_of(in, &c->items[c->len - 1 - k]),
            .line = (uint32_t)callee->call_line,
            .column = (uint32_t)callee->call_column,
        };
        line_file(h, callee->call_file, &spot->dir, &spot->file);
    }
}

static void tell_all(Info *in) {
    LineHead head = {0};
    Cut c = cut_of(in->d, in->d->line, in->root.stmt_list);
    if (!in->root.has_stmt_list || !line_head(&c, &head)) head = (LineHead){0};
    for (uint32_t i = 0; i < in->len; i++)
        if (in->chains[i].len) tell(in, &head, &in->chains[i], &in->out[i]);
}

// --- units ---------------------------------------------------------------------

// False: nothing that has functions.
static bool read_head(Info *in, Cut *c) {
    uint64_t abbrevs = 0;
    uint8_t type = UNIT_compile;
    in->unit.version = (uint16_t)cut_fixed(c, 2);
    if (in->unit.version < 2 || in->unit.version > 5) return false;
    if (in->unit.version >= 5) {
        type = (uint8_t)cut_fixed(c, 1);
        in->unit.address_size = (uint8_t)cut_fixed(c, 1);
        abbrevs = cut_offset(c, &in->unit);
    } else {
        abbrevs = cut_offset(c, &in->unit);
        in->unit.address_size = (uint8_t)cut_fixed(c, 1);
    }
    if (c->failed || (type != UNIT_compile && type != UNIT_partial))
        return false;
    read_abbrevs(in, abbrevs);
    return true;
}

static void read_unit(Info *in, Cut c) {
    if (!read_head(in, &c) || !read_die(in, &c, &in->root)) return;
    in->base = dwarf_address(in->d, &in->unit, &in->root.low);
    if (has_place(&in->root) && !wants_any(in, &in->root)) return;
    for (uint32_t i = 0; i < in->len; i++)
        in->chains[i].len = 0;
    if (in->root.has_children) read_tree(in, &c);
    tell_all(in);
}

void info_find(Dwarf *d, const uint64_t *at, uint32_t len, SourcePlace *out) {
    Cut c = cut_of(d, d->info, 0);
    Chain *chains = NEW_N(d->arena, Chain, len);
    while (!c.failed && cut_left(&c)) {
        ArenaMark mark = arena_mark(d->arena);
        Info in = {.d = d,
                   .first = c.at,
                   .at = at,
                   .len = len,
                   .chains = chains,
                   .out = out};
        Cut unit = cut_unit(&c, &in.unit.is_64);
        in.entries = unit;
        if (!unit.failed) read_unit(&in, unit);
        arena_rewind(d->arena, mark);
    }
}
