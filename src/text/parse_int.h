// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shared by the files of the text parser.
//
// A module is read three times over: once quickly for the identifiers of all
// index spaces (parse_scan.c), then its types, then everything else in order.
// Function bodies become bytes at once, so nothing is kept of their text.
//
// Errors: a function that returns false has recorded one. There is one token
// of lookahead beyond the current one, enough to see what `(` opens.
#pragma once

#include "base/map.h"
#include "text/ids.h"
#include "text/lex.h"
#include "text/text.h"
#include "wasm/instr_write.h"

typedef Vec(ValType) ValTypes;

// A parameter that has an identifier, a @name, or both.
typedef struct ParamName {
    uint32_t index;
    uint64_t at;
    Str id, name;
    bool has_name;
} ParamName;

// What instructions are being read in.
typedef enum FrameKind {
    FRAME_flat,       // block ... end
    FRAME_fold,       // (op ...), waiting for its operands
    FRAME_fold_block, // (block ...)
    FRAME_fold_if,    // (if ...), around then and else
    FRAME_then,
    FRAME_else,
} FrameKind;

typedef struct Frame {
    FrameKind kind;
    bool is_if;       // FRAME_flat: may have an else
    bool has_then;    // FRAME_fold_if
    bool has_else;    // FRAME_flat, FRAME_fold_if
    uint8_t hint;     // FRAME_fold, FRAME_fold_if: of the instruction
    uint32_t ids_len; // names in scope outside
    size_t pending;   // where its instruction starts in Parser.pending
    uint64_t at;      // of its word
    Str label;        // $id or none
    Str label_name;   // @name, if has_label_name
    bool has_label_name;
} Frame;

typedef struct Parser {
    Lexer lex;
    Token tok;  // the current one
    Token next; // behind it, if has_next
    bool has_next;
    Module *m;
    Arena *arena;
    Err *err;

    // Names of index spaces; an unknown name is no error when the scan could
    // not read all of the text, since a better error will come.
    Ids ids;
    bool scan_failed;
    Vec(uint64_t) type_fields; // offsets of (type ...) and (rec ...)
    Map func_types;            // hash of a plain function type -> its index
    bool has_defined[EXTERN_count]; // not imported: no import may follow
    uint64_t field_at;              // the field being read

    // The function whose body is being read, or none.
    bool in_func;
    uint32_t func;
    uint32_t local_len;
    uint32_t label_len;       // depth of labels, the function's own included
    uint32_t block_count;     // structured instructions so far: names of labels
    bool uses_data;           // an instruction names a data segment
    ValTypes locals;          // declared ones, without parameters
    Writer code;              // the body or constant expression
    Writer pending;           // instructions whose operands are being read
    Writer scratch;           // data strings
    ValTypes params, results; // of the last type use
    Vec(ParamName) param_names;
    Vec(Frame) frames;
    TextPlaces *places; // asked for, or NULL
    uint8_t hint;       // Hint of the next instruction
    uint64_t hint_at;
} Parser;

// --- tokens (parse_tok.c) ----------------------------------------------------

// Starts reading at that offset.
void parse_seek(Parser *p, uint64_t at);
void parse_advance(Parser *p);
const Token *parse_peek(Parser *p);
// The current token cannot be here.
COLD bool parse_unexpected(Parser *p);
COLD bool parse_unexpected_token(Parser *p, const Token *t);

static inline bool parse_is(const Parser *p, TokKind kind) {
    return p->tok.kind == kind;
}
static inline bool tok_is_word(const Token *t, const char *word, size_t len) {
    return t->kind == TOK_word && t->text.len == len &&
           !memcmp(t->text.data, word, len);
}
// Is the current token that word?
#define AT_WORD(p, word) tok_is_word(&(p)->tok, word, sizeof(word) - 1)
// Are the next two `(` and that word?
#define AT_OPEN(p, word)        \
    (parse_is((p), TOK_lpar) && \
     tok_is_word(parse_peek(p), word, sizeof(word) - 1))

// Moves past it if it is there.
bool parse_word(Parser *p, const char *word);
bool parse_open(Parser *p, const char *word);
// Expects it.
NODISCARD bool parse_expect(Parser *p, TokKind kind);
NODISCARD bool parse_expect_word(Parser *p, const char *word);
NODISCARD bool parse_expect_open(Parser *p, const char *word);

static inline bool parse_rpar(Parser *p) {
    if (!parse_is(p, TOK_rpar)) return false;
    parse_advance(p);
    return true;
}

// Numbers.
NODISCARD bool parse_u32(Parser *p, uint32_t *out);
NODISCARD bool parse_u64(Parser *p, uint64_t *out);
NODISCARD bool parse_lane(Parser *p, uint8_t *out);
NODISCARD bool parse_int(Parser *p, unsigned bits, uint64_t *out);
NODISCARD bool parse_f32(Parser *p, uint32_t *out);
NODISCARD bool parse_f64(Parser *p, uint64_t *out);
// One string that is a name.
NODISCARD bool parse_name(Parser *p, Str *out);
// Any number of strings, joined.
void parse_strings(Parser *p, Str *out);
// Is this word a keyword of the language?
bool parse_is_keyword(Str word);

NODISCARD bool parse_feature(Parser *p, uint64_t at, Feature f,
                             const char *what);
NODISCARD bool parse_limit(Parser *p, uint64_t got, uint64_t most, LimitId id);

// --- names and indices -------------------------------------------------------

// Is there an index here?
static inline bool parse_at_index(const Parser *p) {
    return p->tok.kind == TOK_id || p->tok.kind == TOK_number;
}
NODISCARD bool parse_index(Parser *p, NameSpace space, uint32_t *out);
NODISCARD bool parse_field_index(Parser *p, uint32_t type, uint32_t *out);
NODISCARD bool parse_label(Parser *p, uint32_t *depth);
// "unknown func $f"
COLD bool parse_unknown(Parser *p, const char *what, const Token *t);
extern const char *const space_text[NAME_count];

// The identifier, already in p->ids, and the @name of what has that index;
// kept in the module.
NODISCARD bool parse_binding(Parser *p, NameSpace space, uint32_t index);
// The same for things of a function or type, which come into scope here.
NODISCARD bool parse_binding_in(Parser *p, NameSpace space, uint32_t owner,
                                uint32_t index);
// (@name "..."), if it is here.
NODISCARD bool parse_name_annot(Parser *p, bool *found, Str *out);
void parse_keep_name_in(Parser *p, NameSpace space, uint32_t owner,
                        uint32_t index, Str name);

// --- parts -------------------------------------------------------------------

// Finds all identifiers from here to the end (parse_scan.c).
void parse_scan(Parser *p);

// Types (parse_type.c).
NODISCARD bool parse_val_type(Parser *p, ValType *out);
NODISCARD bool parse_ref_type(Parser *p, ValType *out);
NODISCARD bool parse_heap_type(Parser *p, ValType *out);
// (param ...)* and (result ...)*, into p->params and p->results.
NODISCARD bool parse_signature(Parser *p, bool may_name);
// A type use; p->params has the parameters that are written, *inline_only says
// that no (type ...) is.
NODISCARD bool parse_type_use(Parser *p, bool may_name, uint32_t *type,
                              bool *inline_only);
// The first type that is this function type, added when there is none.
uint32_t parse_signature_type(Parser *p);
// (type ...) or (rec ...), at the opening parenthesis.
NODISCARD bool parse_type_field(Parser *p);

// Instructions (parse_instr.c). Up to the `)` that closes what they are in;
// p->code has them, with the final end.
NODISCARD bool parse_instrs(Parser *p);
// One folded instruction, or (word instr*), as a constant expression.
NODISCARD bool parse_const_expr(Parser *p, const char *word, Bytes *out);
// All until `)`.
NODISCARD bool parse_const_rest(Parser *p, Bytes *out);
// The immediates of op, written behind its opcode (parse_imm.c). Some decide
// about the opcode, which is therefore written here too.
NODISCARD bool parse_op(Parser *p, Op op, Writer *out);
void write_code(Writer *w, const Writer *from, size_t start);
Bytes parse_keep_code(Parser *p, uint64_t at);

// Module fields: everything but types (parse_field.c, parse_segment.c). Each
// begins behind its word and ends behind its `)`.
NODISCARD bool parse_field(Parser *p);
NODISCARD bool parse_elem(Parser *p);
NODISCARD bool parse_data(Parser *p);
// The segment in a table's or memory's definition, at its opening parenthesis;
// the limits are made to fit.
NODISCARD bool parse_inline_elem(Parser *p, uint32_t table, TableType *type);
NODISCARD bool parse_inline_data(Parser *p, uint32_t memory, MemoryType *type);
// (@custom ...), behind its id.
NODISCARD bool parse_custom(Parser *p);

// The inside of one module, from the current token to `)` or the end of the
// text, which is not consumed.
NODISCARD bool parse_module_fields(Parser *p);
// $id? (@name "x")?, behind the word `module`.
NODISCARD bool parse_module_name(Parser *p);
NODISCARD bool parse_check_size(size_t size, Err *err);
void parser_init(Parser *p, Module *m, const char *text, size_t size, Err *err);
