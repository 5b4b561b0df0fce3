// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The grammar is that of the specification: a token is the longest run of
// characters that can be one, so `0drop` and `"a"x` are single tokens, which no
// rule accepts ("reserved").
#include "text/lex.h"

#include "base/utf8.h"

enum {
    CH_idchar = 1, // may be in identifiers, words and numbers
    CH_space = 2,
    CH_plain = 4,   // in a string: stands for itself
    CH_digit = 8,   // starts a number, or a sign does
    CH_lower = 16,  // starts a word
    CH_control = 32 // allowed in comments only
};

// clang-format off
#define I  (CH_idchar | CH_plain)
#define D  (CH_idchar | CH_plain | CH_digit)
#define L  (CH_idchar | CH_plain | CH_lower)
#define P  CH_plain
#define S  CH_space
#define SP (CH_space | CH_plain)
#define C  CH_control
static const uint8_t char_class[256] = {
    C, C, C, C, C, C, C, C, C, S, S, C, C, S, C, C,
    C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C,
    SP, I, 0, I, I, I, I, I, P, P, I, D, P, D, I, I, // !"#$%&'()*+,-./
    D, D, D, D, D, D, D, D, D, D, I, P, I, I, I, I,  // 0-9 :;<=>?
    I, I, I, I, I, I, I, I, I, I, I, I, I, I, I, I,
    I, I, I, I, I, I, I, I, I, I, I, P, 0, P, I, I,  // X-Z [\]^_
    I, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
    L, L, L, L, L, L, L, L, L, L, L, P, I, P, I, C,  // {|}~ delete
};
#undef I
#undef D
#undef L
#undef P
#undef S
#undef SP
#undef C
// clang-format on

static unsigned class_of(char c) {
    return char_class[(unsigned char)c];
}

// Outside strings a backslash is an ordinary character of identifiers.
static bool is_idchar(char c) {
    return (class_of(c) & CH_idchar) || c == '\\';
}

static bool lex_fail(Lexer *l, const char *at, ErrId id) {
    return err_at(l->err, lex_offset(l, at), id);
}

static bool next_is(const Lexer *l, const char *p, char c) {
    return l->end - p > 1 && p[1] == c;
}

// Past a character beyond ASCII, which must be whole.
static bool skip_utf8(Lexer *l, const char **p) {
    uint32_t c;
    size_t size = utf8_read(*p, (size_t)(l->end - *p), &c);
    if (size == 0) return lex_fail(l, *p, E_malformed_utf8);
    *p += size;
    return true;
}

// From ";;" to the end of the line.
static bool skip_line_comment(Lexer *l, const char **at) {
    const char *p = *at + 2;
    while (p < l->end && *p != '\n' && *p != '\r') {
        if ((unsigned char)*p < 0x80)
            p++;
        else if (!skip_utf8(l, &p))
            return false;
    }
    *at = p;
    return true;
}

// From "(;" to the matching ";)".
static bool skip_block_comment(Lexer *l, const char **at) {
    const char *p = *at + 2;
    for (uint64_t depth = 1; depth;) {
        if (p == l->end) return lex_fail(l, *at, E_unclosed_comment);
        if (*p == '(' && next_is(l, p, ';')) {
            depth++;
            p += 2;
        } else if (*p == ';' && next_is(l, p, ')')) {
            depth--;
            p += 2;
        } else if ((unsigned char)*p < 0x80) {
            p++;
        } else if (!skip_utf8(l, &p)) {
            return false;
        }
    }
    *at = p;
    return true;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// Hexadecimal digits, with single underscores between them, as \u{...} has
// them. Returns the end, or NULL where there is no scalar value.
static const char *read_hex_scalar(const char *p, const char *end,
                                   uint32_t *out) {
    uint32_t c = 0;
    bool after_digit = false;
    for (; p < end; p++) {
        int digit = hex_digit(*p);
        if (digit < 0 && !(after_digit && *p == '_')) break;
        after_digit = digit >= 0;
        if (!after_digit) continue;
        c = c << 4 | (uint32_t)digit;
        if (c > 0x10ffff) return NULL;
    }
    char bytes[4];
    *out = c;
    return after_digit && utf8_write(bytes, c) ? p : NULL;
}

// Reads the escape at a backslash; writes what it stands for to out[4] and its
// size to *size. Returns the end, or NULL when it is none.
static const char *read_escape(const char *p, const char *end, char *out,
                               size_t *size) {
    static const char letters[] = "t\tn\nr\r\"\"''\\\\";
    if (end - p < 2) return NULL;
    *size = 1;
    for (size_t i = 0; i < sizeof letters - 1; i += 2) {
        if (p[1] != letters[i]) continue;
        out[0] = letters[i + 1];
        return p + 2;
    }
    if (end - p < 3) return NULL;
    if (p[1] == 'u' && p[2] == '{') {
        uint32_t c;
        p = read_hex_scalar(p + 3, end, &c);
        if (!p || p == end || *p != '}') return NULL;
        *size = utf8_write(out, c);
        return p + 1;
    }
    int high = hex_digit(p[1]), low = hex_digit(p[2]);
    if (high < 0 || low < 0) return NULL;
    out[0] = (char)(high << 4 | low);
    return p + 3;
}

// Past the string that starts with the quote at *at.
static bool skip_string(Lexer *l, const char **at, bool *has_escape) {
    const char *p = *at + 1;
    for (;;) {
        while (p < l->end && (class_of(*p) & CH_plain))
            p++;
        if (p == l->end || *p == '\n')
            return lex_fail(l, *at, E_unclosed_string);
        if (*p == '"') break;
        if (*p == '\\') {
            char bytes[4];
            size_t size;
            const char *after = read_escape(p, l->end, bytes, &size);
            if (!after) return lex_fail(l, p, E_illegal_escape);
            *has_escape = true;
            p = after;
        } else if ((unsigned char)*p < 0x80) {
            return lex_fail(l, p, E_illegal_control);
        } else if (!skip_utf8(l, &p)) {
            return false;
        }
    }
    *at = p + 1;
    return true;
}

Str lex_string(const Token *t, Arena *arena) {
    if (!t->has_escape) return t->text;
    const char *p = t->text.data, *end = p + t->text.len;
    char *bytes = arena_alloc_raw(arena, 1, t->text.len);
    size_t len = 0;
    while (p < end) {
        if (*p != '\\') {
            bytes[len++] = *p++;
            continue;
        }
        char escape[4];
        size_t size = 0;
        p = read_escape(p, end, escape, &size);
        memcpy(bytes + len, escape, size);
        len += size;
    }
    return (Str){bytes, (uint32_t)len};
}

// --- annotations -------------------------------------------------------------

// The contents of an annotation are any tokens; only that parentheses and
// strings are closed matters, and that characters are legal.
static bool skip_annotation(Lexer *l, const char **at) {
    const char *p = *at;
    bool unused;
    for (uint64_t depth = 1; depth;) {
        if (p == l->end) return lex_fail(l, *at, E_unclosed_annotation);
        bool ok = true;
        if (*p == '"') {
            ok = skip_string(l, &p, &unused);
        } else if (*p == '(' && next_is(l, p, ';')) {
            ok = skip_block_comment(l, &p);
        } else if (*p == ';' && next_is(l, p, ';')) {
            ok = skip_line_comment(l, &p);
        } else if ((unsigned char)*p >= 0x80) {
            const char *illegal = p;
            ok = skip_utf8(l, &p) && lex_fail(l, illegal, E_illegal_character);
        } else if (class_of(*p) & CH_control) {
            ok = lex_fail(l, p, E_illegal_character);
        } else {
            depth += *p == '(';
            depth -= *p == ')';
            p++;
        }
        if (!ok) return false;
    }
    *at = p;
    return true;
}

static bool is_ours(Str id) {
    return str_eq_z(id, "custom") || str_eq_z(id, "name") ||
           str_eq_z(id, "metadata.code.branch_hint") ||
           str_eq_z(id, "foliot.data_count");
}

// A string in the place of an identifier's characters: at least one character,
// all of them valid. `empty` is the error when there is no such string.
static bool read_quoted_id(Lexer *l, const char **at, ErrId empty, Str *out) {
    const char *start = *at, *p = start;
    Token t = {.kind = TOK_string};
    Err err = {0};
    Lexer inner = *l;
    inner.err = &err;
    if (!skip_string(&inner, &p, &t.has_escape)) {
        if (err.id == E_malformed_utf8)
            return err_at(l->err, err.at, E_malformed_utf8);
        return lex_fail(l, start, empty);
    }
    t.text = (Str){start + 1, (uint32_t)(p - start - 2)};
    *out = lex_string(&t, l->arena);
    if (out->len == 0) return lex_fail(l, start, empty);
    if (!utf8_valid(out->data, out->len))
        return lex_fail(l, start, E_malformed_utf8);
    *at = p;
    return true;
}

static const char *skip_idchars(const Lexer *l, const char *p) {
    while (p < l->end && is_idchar(*p))
        p++;
    return p;
}

// At "(@": its id; moves behind it.
static bool read_annotation_id(Lexer *l, const char **at, Str *out) {
    const char *start = *at + 2, *p = start;
    if (p < l->end && *p == '"') {
        *at = p;
        return read_quoted_id(l, at, E_empty_annotation_id, out);
    }
    p = skip_idchars(l, p);
    if (p == start) return lex_fail(l, *at, E_empty_annotation_id);
    *out = (Str){start, (uint32_t)(p - start)};
    *at = p;
    return true;
}

// --- tokens ------------------------------------------------------------------

// Past white space, comments and annotations of others. *annot is the id of an
// annotation of ours, at which it stops.
static bool skip_space(Lexer *l, const char **at, Str *annot) {
    const char *p = *at;
    for (; p < l->end; *at = p) {
        if (class_of(*p) & CH_space) {
            p++;
        } else if (*p == ';' && next_is(l, p, ';')) {
            if (!skip_line_comment(l, &p)) return false;
        } else if (*p == '(' && next_is(l, p, ';')) {
            if (!skip_block_comment(l, &p)) return false;
        } else if (*p == '(' && next_is(l, p, '@')) {
            if (!read_annotation_id(l, &p, annot)) return false;
            if (is_ours(*annot)) {
                l->at = p;
                return true;
            }
            *annot = (Str){0};
            if (!skip_annotation(l, &p)) return false;
        } else {
            break;
        }
    }
    *at = p;
    return true;
}

static TokKind kind_of_word(const char *start, const char *end) {
    size_t len = (size_t)(end - start);
    if (class_of(*start) & CH_digit) return TOK_number;
    if (!(class_of(*start) & CH_lower)) return TOK_reserved;
    Str word = {start, (uint32_t)len};
    bool is_payload = len > 6 && !memcmp(start, "nan:0x", 6);
    return is_payload || str_eq_z(word, "nan") || str_eq_z(word, "inf")
               ? TOK_number
               : TOK_word;
}

// $name or $"name"; moves behind it.
static bool read_id(Lexer *l, Token *t, const char **at) {
    const char *start = *at;
    const char *p = skip_idchars(l, start + 1);
    t->kind = TOK_id;
    t->text = (Str){start, (uint32_t)(p - start)};
    *at = p;
    if (p > start + 1) return true;
    Str id;
    if (p == l->end || *p != '"') return lex_fail(l, start, E_empty_id);
    if (!read_quoted_id(l, at, E_empty_id, &id)) return false;
    char *name = arena_alloc_raw(l->arena, 1, (size_t)id.len + 1);
    name[0] = '$';
    memcpy(name + 1, id.data, id.len);
    t->text = (Str){name, id.len + 1};
    return true;
}

// A token of identifier characters or a string. What follows without a space
// belongs to it, and then it is none.
static bool read_run(Lexer *l, Token *t, const char *start) {
    const char *p = start;
    if (*p == '$') {
        if (!read_id(l, t, &p)) return false;
    } else if (*p == '"') {
        if (!skip_string(l, &p, &t->has_escape)) return false;
        t->kind = TOK_string;
        t->text = (Str){start + 1, (uint32_t)(p - start - 2)};
    } else {
        p = skip_idchars(l, p);
        t->kind = kind_of_word(start, p);
        t->text = (Str){start, (uint32_t)(p - start)};
    }
    const char *end = p;
    while (p < l->end && (*p == '"' || is_idchar(*p))) {
        bool unused;
        if (*p != '"')
            p = skip_idchars(l, p);
        else if (!skip_string(l, &p, &unused))
            return false;
    }
    if (p != end) {
        t->kind = TOK_reserved;
        t->text = (Str){start, (uint32_t)(p - start)};
    }
    l->at = p;
    return true;
}

static bool read_token(Lexer *l, Token *t) {
    const char *p = l->at;
    Str annot = {0};
    if (!skip_space(l, &p, &annot)) return false;
    t->at = lex_offset(l, p);
    if (annot.len) {
        t->kind = TOK_annot;
        t->text = annot;
        return true;
    }
    if (p == l->end) {
        t->kind = TOK_eof;
        t->text = (Str){p, 0};
        l->at = p;
        return true;
    }
    if (*p == '"' || is_idchar(*p)) return read_run(l, t, p);
    if ((unsigned char)*p >= 0x80)
        return skip_utf8(l, &p) && err_at(l->err, t->at, E_illegal_character);
    if (class_of(*p) & CH_control) return lex_fail(l, p, E_illegal_character);
    t->kind = *p == '(' ? TOK_lpar : *p == ')' ? TOK_rpar : TOK_reserved;
    t->text = (Str){p, 1};
    l->at = p + 1;
    return true;
}

Token lex_token(Lexer *l) {
    Token t = {.kind = TOK_eof, .at = lex_offset(l, l->at)};
    if (!read_token(l, &t)) t.kind = TOK_error;
    return t;
}

// --- skipping ----------------------------------------------------------------

// Past a string, escapes and all; NULL when it does not end in its line.
static const char *skip_string_blind(const char *p, const char *end) {
    for (p++; p < end && *p != '"' && *p != '\n'; p++)
        if (*p == '\\') p++;
    return p < end && *p == '"' ? p + 1 : NULL;
}

static const char *skip_block_comment_blind(const char *p, const char *end) {
    uint64_t depth = 0;
    for (; end - p > 1; p++) {
        if (p[0] == '(' && p[1] == ';') {
            depth++;
            p++;
        } else if (p[0] == ';' && p[1] == ')') {
            p++;
            if (--depth == 0) return p + 1;
        }
    }
    return NULL;
}

bool lex_skip(Lexer *l, uint32_t depth) {
    const char *p = l->at;
    while (p && p < l->end) {
        if (*p == '"') {
            p = skip_string_blind(p, l->end);
        } else if (*p == ';' && next_is(l, p, ';')) {
            while (p < l->end && *p != '\n' && *p != '\r')
                p++;
        } else if (*p == '(' && next_is(l, p, ';')) {
            p = skip_block_comment_blind(p, l->end);
        } else {
            depth += *p == '(';
            depth -= *p == ')';
            p++;
            if (depth == 0) {
                l->at = p;
                return true;
            }
        }
    }
    l->at = l->end;
    return false;
}
