// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A whole module: the order in which it is read, and what belongs to no field.
#include "text/parse_int.h"

void parser_init(Parser *p, Module *m, const char *text, size_t size,
                 Err *err) {
    *p = (Parser){.m = m, .arena = m->arena, .err = err};
    p->lex = (Lexer){.start = text,
                     .at = text,
                     .end = text + size,
                     .arena = m->arena,
                     .err = err};
    p->func_types.arena = m->arena;
    ids_init(&p->ids, m->arena);
    writer_init(&p->code, m->arena);
    writer_init(&p->pending, m->arena);
    writer_init(&p->scratch, m->arena);
}

// --- custom sections ---------------------------------------------------------

// Sections in the order that a binary module has them.
typedef struct Section {
    const char *word;
    uint8_t id;
} Section;

static const Section sections[] = {
    {"first", 0},  {"type", 1},   {"import", 2}, {"func", 3},
    {"table", 4},  {"memory", 5}, {"tag", 13},   {"global", 6},
    {"export", 7}, {"start", 8},  {"elem", 9},   {"datacount", 12},
    {"code", 10},  {"data", 11},
};

static size_t section_rank(uint8_t id) {
    size_t rank = 0;
    while (rank < COUNTOF(sections) - 1 && sections[rank].id != id)
        rank++;
    return rank;
}

static bool custom_fail(Parser *p, const char *what) {
    return err_at(p->err, p->tok.at, E_custom_annotation, what);
}

static bool parse_place(Parser *p, uint8_t *after) {
    *after = sections[COUNTOF(sections) - 1].id;
    if (!parse_is(p, TOK_lpar)) return true;
    parse_advance(p);
    bool before = parse_word(p, "before");
    if (!before && !parse_word(p, "after"))
        return custom_fail(p, "malformed placement");
    size_t rank = 0;
    while (rank < COUNTOF(sections) && !parse_word(p, sections[rank].word))
        rank++;
    bool is_last = rank == COUNTOF(sections) && parse_word(p, "last");
    if (rank == COUNTOF(sections) && !is_last)
        return custom_fail(p, "malformed section kind");
    if (!is_last) *after = sections[rank - (before && rank > 0)].id;
    return parse_rpar(p) || custom_fail(p, "unexpected token");
}

bool parse_custom(Parser *p) {
    CustomSection c = {.at = p->field_at};
    if (!parse_is(p, TOK_string)) return custom_fail(p, "missing section name");
    Err err = {0}, *outer = p->err;
    p->err = &err;
    bool ok = parse_name(p, &c.name);
    p->err = outer;
    if (!ok) return custom_fail(p, err.text);
    if (!parse_place(p, &c.after)) return false;
    Str bytes;
    c.bytes.at = p->tok.at;
    parse_strings(p, &bytes);
    c.bytes.data = (const uint8_t *)bytes.data;
    c.bytes.size = bytes.len;
    if (!parse_rpar(p)) return custom_fail(p, "unexpected token");
    VEC_PUSH(p->arena, &p->m->customs, c);
    return true;
}

// By place, those of one place in the order of the text.
static void sort_customs(Parser *p) {
    const CustomSection *old = p->m->customs.data;
    uint32_t len = p->m->customs.len, at = 0;
    CustomSection *sorted = NEW_N(p->arena, CustomSection, len);
    for (size_t rank = 0; rank < COUNTOF(sections) && at < len; rank++)
        for (uint32_t i = 0; i < len; i++)
            if (section_rank(old[i].after) == rank) sorted[at++] = old[i];
    p->m->customs.data = sorted;
    p->m->customs.cap = len;
}

// --- the module --------------------------------------------------------------

static bool check_limits(Parser *p) {
    const Module *m = p->m;
    const LimitSet *most = m->limits;
    return parse_limit(p, m->types.len, most->types, LIMIT_types) &&
           parse_limit(p, m->imports.len, most->imports, LIMIT_imports) &&
           parse_limit(p, m->exports.len, most->exports, LIMIT_exports) &&
           parse_limit(p, m->funcs.len, most->funcs, LIMIT_funcs) &&
           parse_limit(p, m->tables.len, most->tables, LIMIT_tables) &&
           parse_limit(p, m->memories.len, most->memories, LIMIT_memories) &&
           parse_limit(p, m->globals.len, most->globals, LIMIT_globals) &&
           parse_limit(p, m->tags.len, most->tags, LIMIT_tags) &&
           parse_limit(p, m->elems.len, most->elems, LIMIT_elems) &&
           parse_limit(p, m->datas.len, most->datas, LIMIT_datas);
}

static bool parse_types(Parser *p) {
    VEC_EACH (uint64_t, at, &p->type_fields) {
        parse_seek(p, *at);
        if (!parse_type_field(p)) return false;
    }
    return true;
}

bool parse_module_fields(Parser *p) {
    uint64_t start = p->tok.at;
    parse_scan(p);
    if (!parse_types(p)) return false;
    parse_seek(p, start);
    while (parse_is(p, TOK_lpar) || parse_is(p, TOK_annot))
        if (!parse_field(p)) return false;
    if (!err_ok(p->err) || !check_limits(p)) return false;
    // Validation in one pass needs the number of data segments before code.
    p->m->has_data_count = p->uses_data;
    p->m->data_count = p->uses_data ? p->m->datas.len : 0;
    if (p->m->customs.len) sort_customs(p);
    return true;
}

// $id? (@name "x")?, behind the word `module`.
bool parse_module_name(Parser *p) {
    Names *names = &p->m->names;
    if (parse_is(p, TOK_id)) {
        names->has_module = true;
        names->module = (Str){p->tok.text.data + 1, p->tok.text.len - 1};
        parse_advance(p);
    }
    for (int i = 0;; i++) {
        bool found;
        Token t = p->tok;
        if (!parse_name_annot(p, &found, &names->module)) return false;
        if (!found) return true;
        if (i > 0) return err_at(p->err, t.at, E_name_twice);
        names->has_module = true;
    }
}

// A text is several times as long as the module it means, so it has a limit of
// its own: lengths of tokens have 32 bits.
bool parse_check_size(size_t size, Err *err) {
    if (size <= UINT32_MAX) return true;
    return err_at(err, 0, E_over_limit, "bytes of text",
                  (unsigned long long)size, (unsigned long long)UINT32_MAX);
}

bool text_parse_module(Module *m, const char *text, size_t size, Err *err) {
    return text_parse_places(m, text, size, NULL, err);
}

bool text_parse_places(Module *m, const char *text, size_t size,
                       TextPlaces *places, Err *err) {
    Parser p;
    if (!parse_check_size(size, err)) return false;
    parser_init(&p, m, text, size, err);
    p.places = places;
    parse_advance(&p);
    bool has_module = parse_open(&p, "module");
    if (has_module && !parse_module_name(&p)) return false;
    if (!parse_module_fields(&p)) return false;
    if (has_module && !parse_expect(&p, TOK_rpar)) return false;
    return parse_is(&p, TOK_eof) || parse_unexpected(&p);
}
