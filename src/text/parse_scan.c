// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The first look at a module: which identifiers there are and what index each
// one means, so that uses may come before definitions. Reads the head of each
// field and skips the rest, so it is fast and sees few errors; the real parse
// sees them all.
#include "text/parse_int.h"

typedef struct Scan {
    Parser *p;
    Err *err;                  // the parser's own, for duplicates
    uint32_t next[NAME_count]; // the next index of each space
} Scan;

// From the current token to behind the `)` that closes what is open `depth`
// levels deep.
static bool skip(Parser *p, uint32_t depth) {
    p->lex.at = p->lex.start + p->tok.at;
    p->has_next = false;
    if (!lex_skip(&p->lex, depth)) return false;
    parse_advance(p);
    return true;
}

static bool skip_name_annot(Parser *p) {
    if (!parse_is(p, TOK_annot)) return true;
    parse_advance(p);
    return skip(p, 1);
}

// The identifier of a new thing, if it has one.
static bool scan_id(Scan *s, NameSpace space) {
    Parser *p = s->p;
    uint32_t index = s->next[space]++;
    if (parse_is(p, TOK_id)) {
        Str id = p->tok.text;
        if (ids_find(&p->ids, space, 0, id) != ID_NONE)
            return err_at(s->err, p->tok.at, E_text_duplicate,
                          space_text[space], (int)MIN(id.len, 80), id.data);
        ids_add(&p->ids, space, 0, id, index);
        parse_advance(p);
    }
    return skip_name_annot(p);
}

typedef struct FieldWord {
    const char *word;
    NameSpace space;
} FieldWord;

static const FieldWord things[] = {
    {"func", NAME_func},     {"table", NAME_table}, {"memory", NAME_memory},
    {"global", NAME_global}, {"tag", NAME_tag},     {"elem", NAME_elem},
    {"data", NAME_data},     {"type", NAME_type},
};

// Moves past the word of a field that defines something.
static bool at_thing(Parser *p, NameSpace *out) {
    for (size_t i = 0; i < COUNTOF(things); i++) {
        if (!parse_word(p, things[i].word)) continue;
        *out = things[i].space;
        return true;
    }
    return false;
}

// A table or memory may contain a segment, which then has an index too. A
// table with one has no limits; a memory has nothing but the page size.
static bool scan_inline_segment(Scan *s, NameSpace space) {
    Parser *p = s->p;
    while (parse_open(p, "export"))
        if (!skip(p, 1)) return false;
    if (AT_OPEN(p, "import")) return true;
    if (!parse_word(p, "i64")) (void)parse_word(p, "i32");
    if (space == NAME_table) {
        if (!parse_is(p, TOK_number)) s->next[NAME_elem]++;
        return true;
    }
    if (parse_open(p, "pagesize") && !skip(p, 1)) return false;
    if (AT_OPEN(p, "data")) s->next[NAME_data]++;
    return true;
}

static bool scan_import(Scan *s) {
    Parser *p = s->p;
    NameSpace space;
    if (!parse_is(p, TOK_string)) return skip(p, 1);
    parse_advance(p);
    if (!parse_is(p, TOK_string)) return skip(p, 1);
    parse_advance(p);
    if (!parse_is(p, TOK_lpar)) return skip(p, 1);
    parse_advance(p);
    if (!at_thing(p, &space)) return skip(p, 2);
    return scan_id(s, space) && skip(p, 2);
}

static bool scan_rec(Scan *s) {
    Parser *p = s->p;
    while (parse_open(p, "type"))
        if (!scan_id(s, NAME_type) || !skip(p, 1)) return false;
    return skip(p, 1);
}

static bool scan_field(Scan *s) {
    Parser *p = s->p;
    uint64_t at = p->tok.at;
    NameSpace space;
    parse_advance(p);
    if (parse_word(p, "import")) return scan_import(s);
    if (parse_word(p, "rec")) {
        VEC_PUSH(p->arena, &p->type_fields, at);
        return scan_rec(s);
    }
    if (!at_thing(p, &space)) return skip(p, 1);
    if (space == NAME_type) VEC_PUSH(p->arena, &p->type_fields, at);
    if (!scan_id(s, space)) return false;
    bool may_contain = space == NAME_table || space == NAME_memory;
    return (!may_contain || scan_inline_segment(s, space)) && skip(p, 1);
}

void parse_scan(Parser *p) {
    Err unseen = {0};
    Scan s = {.p = p, .err = p->err};
    p->err = p->lex.err = &unseen;
    bool ok = true;
    while (ok && (parse_is(p, TOK_lpar) || parse_is(p, TOK_annot)))
        ok = scan_field(&s);
    p->scan_failed = !ok || p->tok.kind == TOK_error;
    p->err = p->lex.err = s.err;
}
