// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shared by the files of the text printer.
#pragma once

#include "text/ids.h"
#include "text/text.h"
#include "wasm/op.h"

typedef Vec(Str) StrVec;

typedef struct Label {
    uint32_t count; // which of the function's structured instructions it is
    bool is_if;     // and has no else yet
} Label;

typedef struct Printer {
    const Module *m;
    TextBuf *out;
    Arena *scratch;
    Err *err;
    // The identifier of each thing, without its $; none where there is no name
    // or an earlier thing has the same. Locals and labels are those of the
    // function being printed.
    Ids ids;
    StrVec id[NAME_count];
    const NameMap *local_names, *label_names;
    Vec(Label) labels;    // innermost last
    Vec(ValType) locals;  // declared ones
    uint32_t block_count; // structured instructions so far
    size_t next_hint;     // in m->hints
    bool lost_names;      // of what is not there
    bool uses_data;       // an instruction names a data segment
    bool wants_lines;     // of the function being printed
    Vec(TextLine) lines;
} Printer;

// --- names, strings and types (print_name.c) ---------------------------------

// Finds the identifiers of `len` things from their names.
void print_find_ids(Printer *p, NameSpace space, const NameMap *names,
                    uint32_t len);
// Notes when there are names beyond the first `len` things.
void print_count_names(Printer *p, const NameMap *names, uint32_t len);
// " $id" or nothing; then " (@name ...)" where the name could not be one.
void print_binding(Printer *p, NameSpace space, const NameMap *names,
                   uint32_t index);
// " $id" or " 3"
void print_ref(Printer *p, NameSpace space, uint32_t index);
// "$id"
void print_id(Printer *p, Str id);
// In quotes: names as they are, bytes as ASCII.
void print_name(Printer *p, Str name);
void print_bytes(Printer *p, const uint8_t *bytes, size_t size);
void print_val_type(Printer *p, ValType t);
void print_heap_type(Printer *p, ValType t);
void print_types(Printer *p, const char *word, const ValType *types,
                 uint32_t len);
// The function type of that index, or NULL where there is none.
const FuncType *print_func_type(const Printer *p, uint32_t index);

// --- custom sections (print_custom.c) ----------------------------------------

void print_customs(Printer *p);

// --- instructions (print_instr.c) --------------------------------------------

// Declarations of locals and instructions, each on a line.
NODISCARD bool print_body(Printer *p, uint32_t func, uint32_t param_len);
// A constant expression: " (op imm)" when it is one instruction; else, in
// parentheses with that word if there is one, all of them.
NODISCARD bool print_const(Printer *p, const char *word, const Bytes *expr);
// The immediates of one instruction, each behind a space.
NODISCARD bool print_imm(Printer *p, const Reader *r, const Instr *in);
NODISCARD bool print_catches(Printer *p, const Reader *r, const Instr *in);
void print_block_type(Printer *p, const BlockType *t);
void print_label(Printer *p, uint32_t depth);
