// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Text to tokens (core, 6.3), one at a time, in place.
//
// White space, comments and annotations that mean nothing to us are skipped.
// Annotations that do mean something are tokens, whose contents and closing
// parenthesis follow as ordinary ones. What kind of number a number is, and
// whether a word is a keyword, is for the parser to ask: most never need to
// know.
#pragma once

#include "base/err.h"
#include "base/str.h"

typedef enum TokKind {
    TOK_eof,
    TOK_lpar,
    TOK_rpar,
    TOK_id,       // $name
    TOK_string,   // between the quotes, escapes checked but not resolved
    TOK_number,   // starts as a number does, or is nan or inf
    TOK_word,     // starts with a lower-case letter
    TOK_reserved, // any other run of characters: no token of the language
    TOK_annot,    // "(@" and an id of ours
    TOK_error,    // recorded
} TokKind;

typedef struct Token {
    TokKind kind;
    bool has_escape; // TOK_string
    uint64_t at;     // offset in the text
    Str text;        // as written; strings without quotes, annotations
                     // without "(@"; identifiers with $, escapes resolved
} Token;

typedef struct Lexer {
    const char *start, *at, *end;
    Arena *arena; // for identifiers that have escapes
    Err *err;
} Lexer;

static inline uint64_t lex_offset(const Lexer *l, const char *p) {
    return (uint64_t)(p - l->start);
}

// The next token. After an error the cursor stays where it was.
Token lex_token(Lexer *l);

// Moves past the parenthesis that closes the `depth`-th open one, looking at
// nothing but what can hold parentheses. Reports nothing: false when the text
// ends before.
NODISCARD bool lex_skip(Lexer *l, uint32_t depth);

// The bytes that a string token stands for: borrowed when nothing is escaped.
Str lex_string(const Token *t, Arena *arena);
