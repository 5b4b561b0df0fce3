// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shared by the files of binary/: the sections and the decoder's state.
//
// Decoding goes a section at a time: the Decoder holds all that one section
// needs to know of the earlier ones, so whoever has the next section's bytes
// can decode it without having the rest of the module.
#pragma once

#include "base/reader.h"
#include "binary/binary.h"

// Every section but the custom one, in the order that a module has them.
//   SECTION(name, id)
#define SECTIONS(SECTION)   \
    SECTION(type, 1)        \
    SECTION(import, 2)      \
    SECTION(func, 3)        \
    SECTION(table, 4)       \
    SECTION(memory, 5)      \
    SECTION(tag, 13)        \
    SECTION(global, 6)      \
    SECTION(export, 7)      \
    SECTION(start, 8)       \
    SECTION(elem, 9)        \
    SECTION(data_count, 12) \
    SECTION(code, 10)       \
    SECTION(data, 11)

typedef enum SectionId {
    SECTION_custom = 0,
#define SECTION(name, id) SECTION_##name = id,
    SECTIONS(SECTION)
#undef SECTION
    SECTION_count = 14
} SectionId;

// The bytes of the format that more than one function knows.
enum {
    HEADER_SIZE = 8,
    FORM_func = 0x60,
    FORM_struct = 0x5f,
    FORM_array = 0x5e,
    FORM_sub = 0x50,
    FORM_sub_final = 0x4f,
    FORM_rec = 0x4e,
    FORM_table_init = 0x40,
    CODE_end = 0x0b,
    LIMITS_max = 1,
    LIMITS_shared = 2,
    LIMITS_64 = 4,
    LIMITS_page_size = 8,
    ELEM_not_active = 1, // then ELEM_explicit says declarative
    ELEM_explicit = 2,   // active: the table's index is given
    ELEM_exprs = 4,      // expressions, else function indices
    DATA_passive = 1,
    DATA_explicit = 2, // the memory's index is given
};
extern const uint8_t module_header[HEADER_SIZE];

typedef struct Decoder {
    Module *m;
    Err *err;
    Reader r;        // the section being read
    bool is_outline; // see module_decode_outline
    bool is_last;    // no byte of the module follows that section
    unsigned rank;   // place in SECTIONS of the last one, from 1; 0: none yet
    SectionId last;  // its id
    uint64_t code_at, data_at; // these sections, or where they are missing
} Decoder;

// Decodes one section, whose contents d->r covers.
NODISCARD bool decode_section(Decoder *d, SectionId id);
// What can only be said when all sections are there.
NODISCARD bool decode_finish(Decoder *d);

#define SECTION(name, id) NODISCARD bool decode_##name(Decoder *d);
SECTIONS(SECTION)
#undef SECTION
NODISCARD bool decode_custom(Decoder *d);

// --- pieces of sections ------------------------------------------------------

// A length in bytes, or a count of things of a byte or more: at most what is
// left, so that memory may be taken for it.
NODISCARD bool decode_len(Reader *r, uint32_t *out);
NODISCARD bool decode_name(Reader *r, Str *out);
// A constant expression with its `end`; also checked to be made of
// instructions, since nothing else says where it ends.
NODISCARD bool decode_expr(Decoder *d, Bytes *out);
NODISCARD bool decode_mutability(Decoder *d, bool *out);
// Before every entry of a section: is there any of it?
NODISCARD bool decode_entry(Decoder *d);

// Errors that carry a value, at the offset given; both return false.
bool decode_off(Decoder *d, uint64_t at, Feature f, const char *what);
bool decode_over(Decoder *d, uint64_t at, LimitId id, uint64_t got,
                 uint64_t most);

static inline bool decode_need(Decoder *d, uint64_t at, Feature f,
                               const char *what) {
    return feature_on(d->m->features, f) || decode_off(d, at, f, what);
}

// The number of entries of a section that go to d->m->vec, with the limit of
// that name; reserves, but no more than entries of `least` bytes can need.
#define DECODE_COUNT(d, vec, name, least, out)                              \
    (decode_count((d), (d)->m->vec.len, (d)->m->limits->name, LIMIT_##name, \
                  (out)) &&                                                 \
     (VEC_RESERVE((d)->m->arena, &(d)->m->vec,                              \
                  MIN(*(out), reader_left(&(d)->r) / (least))),             \
      true))
NODISCARD bool decode_count(Decoder *d, uint32_t have, uint64_t most,
                            LimitId id, uint32_t *out);

// --- custom sections with a meaning ------------------------------------------

// Read the contents of one custom section strictly; *err says what is wrong,
// and what was read is to be thrown away then.
NODISCARD bool names_decode(const CustomSection *custom, Arena *arena,
                            Names *names, Err *err);
// Appends to m->hints.
NODISCARD bool hints_decode(const CustomSection *custom, Module *m, Err *err);
// The same for whoever only wants the good ones: a section with an error is
// left out.
void names_decode_lenient(Module *m, const CustomSection *custom);
void hints_decode_lenient(Module *m, const CustomSection *custom);

#define NAME_SECTION "name"
#define HINT_SECTION "metadata.code.branch_hint"
