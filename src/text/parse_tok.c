// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The parser's view of tokens: looking, expecting, numbers, strings, and what
// to say when a token cannot be where it is.
#include "base/num_text.h"
#include "base/utf8.h"
#include "text/parse_int.h"

void parse_seek(Parser *p, uint64_t at) {
    p->lex.at = p->lex.start + at;
    p->has_next = false;
    p->tok = lex_token(&p->lex);
}

void parse_advance(Parser *p) {
    p->tok = p->has_next ? p->next : lex_token(&p->lex);
    p->has_next = false;
}

const Token *parse_peek(Parser *p) {
    if (!p->has_next) p->next = lex_token(&p->lex);
    p->has_next = true;
    return &p->next;
}

// --- what cannot be ----------------------------------------------------------

// Words that are neither instructions nor reference types. What is in no list
// is "unknown".
static const char keywords[] =
    "after any array assert_exception assert_exhaustion assert_invalid "
    "assert_invalid_custom assert_malformed assert_malformed_custom "
    "assert_return assert_trap assert_unlinkable before binary catch "
    "catch_all catch_all_ref catch_ref data declare definition either "
    "elem eq exn export extern f32 f32x4 f64 f64x2 field final first "
    "func get global i16 i16x8 i31 i32 i32x4 i64 i64x2 i8 i8x16 import "
    "instance invoke item last local memory module mut nan:arithmetic "
    "nan:canonical noexn noextern nofunc none null offset pagesize "
    "param quote rec ref ref.any ref.array ref.exn ref.extern ref.host "
    "ref.struct register result shared start struct sub table tag then "
    "thread type v128 wait ";

static bool is_in_list(Str word, const char *list) {
    for (const char *end; (end = strchr(list, ' ')) != NULL; list = end + 1)
        if (str_eq(word, (Str){list, (uint32_t)(end - list)})) return true;
    return false;
}

// offset=N, align=N
static bool is_assignment(Str word, const char *name) {
    size_t len = strlen(name);
    uint64_t unused;
    return word.len > len && !memcmp(word.data, name, len) &&
           num_parse_uint(word.data + len, word.len - len, 64, &unused) !=
               NUM_malformed;
}

bool parse_is_keyword(Str word) {
    if (is_in_list(word, keywords)) return true;
    for (int i = 0; i < HEAP_bot; i++)
        if (str_eq_z(word, heap_shorthand[i])) return true;
    return is_assignment(word, "offset=") || is_assignment(word, "align=") ||
           op_find(word) != OP_count;
}

static bool is_number(Str s) {
    uint64_t unused;
    return num_parse_f64(s.data, s.len, &unused) != NUM_malformed;
}

static int shown_len(Str s) {
    return (int)MIN(s.len, 80);
}

static bool misplaced(Parser *p, const Token *t) {
    ErrId id = str_eq_z(t->text, "metadata.code.branch_hint") && !p->in_func
                   ? E_hint_outside
                   : E_misplaced_annotation;
    return err_at(p->err, t->at, id, shown_len(t->text), t->text.data);
}

bool parse_unexpected_token(Parser *p, const Token *t) {
    ErrId id = E_unexpected_token;
    switch (t->kind) {
    case TOK_error:
        return false;
    case TOK_annot:
        return misplaced(p, t);
    case TOK_eof:
        return err_at(p->err, t->at, E_unexpected_eof);
    case TOK_word:
        if (!parse_is_keyword(t->text)) id = E_unknown_operator;
        break;
    case TOK_number:
        if (!is_number(t->text)) id = E_unknown_operator;
        break;
    case TOK_reserved:
        id = E_unknown_operator;
        break;
    case TOK_lpar:
    case TOK_rpar:
    case TOK_id:
    case TOK_string:
        break;
    }
    return err_at(p->err, t->at, id, shown_len(t->text), t->text.data);
}

// When a parenthesis is not expected, the word behind it says more.
bool parse_unexpected(Parser *p) {
    const Token *t = &p->tok;
    if (t->kind == TOK_lpar) {
        const Token *next = parse_peek(p);
        bool is_plain = next->kind == TOK_lpar || next->kind == TOK_rpar ||
                        next->kind == TOK_string;
        if (!is_plain) t = next;
    }
    return parse_unexpected_token(p, t);
}

bool parse_feature(Parser *p, uint64_t at, Feature f, const char *what) {
    if (feature_on(p->m->features, f)) return true;
    return err_at(p->err, at, E_feature_off, what, feature_info[f].flag);
}

bool parse_limit(Parser *p, uint64_t got, uint64_t most, LimitId id) {
    if (got <= most) return true;
    return err_at(p->err, p->tok.at, E_over_limit, limit_info[id].what,
                  (unsigned long long)got, (unsigned long long)most);
}

// --- words and parentheses ---------------------------------------------------

bool parse_word(Parser *p, const char *word) {
    if (!tok_is_word(&p->tok, word, strlen(word))) return false;
    parse_advance(p);
    return true;
}

bool parse_open(Parser *p, const char *word) {
    if (!parse_is(p, TOK_lpar) ||
        !tok_is_word(parse_peek(p), word, strlen(word)))
        return false;
    parse_advance(p);
    parse_advance(p);
    return true;
}

bool parse_expect(Parser *p, TokKind kind) {
    if (!parse_is(p, kind)) return parse_unexpected(p);
    parse_advance(p);
    return true;
}

bool parse_expect_word(Parser *p, const char *word) {
    return parse_word(p, word) || parse_unexpected(p);
}

bool parse_expect_open(Parser *p, const char *word) {
    return parse_open(p, word) || parse_unexpected(p);
}

// --- numbers -----------------------------------------------------------------

// What became of the number at the current token; moves past a good one.
static bool number_done(Parser *p, NumText result, const char *type) {
    switch (result) {
    case NUM_ok:
        parse_advance(p);
        return true;
    case NUM_malformed:
        return parse_unexpected(p);
    case NUM_out_of_range:
        break;
    }
    return err_at(p->err, p->tok.at, E_constant_range, type,
                  shown_len(p->tok.text), p->tok.text.data);
}

static bool parse_uint(Parser *p, unsigned bits, const char *type,
                       uint64_t *out) {
    if (!parse_is(p, TOK_number)) return parse_unexpected(p);
    Str s = p->tok.text;
    return number_done(p, num_parse_uint(s.data, s.len, bits, out), type);
}

bool parse_u32(Parser *p, uint32_t *out) {
    uint64_t x;
    if (!parse_uint(p, 32, "i32 ", &x)) return false;
    *out = (uint32_t)x;
    return true;
}

bool parse_u64(Parser *p, uint64_t *out) {
    return parse_uint(p, 64, "i64 ", out);
}

bool parse_lane(Parser *p, uint8_t *out) {
    uint64_t x;
    if (!parse_uint(p, 8, "i8 ", &x)) return false;
    *out = (uint8_t)x;
    return true;
}

bool parse_int(Parser *p, unsigned bits, uint64_t *out) {
    if (!parse_is(p, TOK_number)) return parse_unexpected(p);
    Str s = p->tok.text;
    return number_done(p, num_parse_int(s.data, s.len, bits, out), "");
}

bool parse_f32(Parser *p, uint32_t *out) {
    if (!parse_is(p, TOK_number)) return parse_unexpected(p);
    Str s = p->tok.text;
    return number_done(p, num_parse_f32(s.data, s.len, out), "");
}

bool parse_f64(Parser *p, uint64_t *out) {
    if (!parse_is(p, TOK_number)) return parse_unexpected(p);
    Str s = p->tok.text;
    return number_done(p, num_parse_f64(s.data, s.len, out), "");
}

// --- strings -----------------------------------------------------------------

bool parse_name(Parser *p, Str *out) {
    if (!parse_is(p, TOK_string)) return parse_unexpected(p);
    *out = lex_string(&p->tok, p->arena);
    if (!utf8_valid(out->data, out->len))
        return err_at(p->err, p->tok.at, E_malformed_utf8);
    parse_advance(p);
    return true;
}

void parse_strings(Parser *p, Str *out) {
    *out = (Str){0};
    if (!parse_is(p, TOK_string)) return;
    *out = lex_string(&p->tok, p->arena);
    parse_advance(p);
    if (!parse_is(p, TOK_string)) return;
    p->scratch.len = 0;
    write_bytes(&p->scratch, out->data, out->len);
    for (; parse_is(p, TOK_string); parse_advance(p)) {
        Str s = lex_string(&p->tok, p->arena);
        write_bytes(&p->scratch, s.data, s.len);
    }
    out->len = (uint32_t)p->scratch.len;
    out->data = arena_strdup(p->arena, (const char *)p->scratch.data, out->len);
}
