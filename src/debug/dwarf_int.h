// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files dwarf*.c share: the sections, a cursor over one of them, and
// the values of attributes ("forms", DWARF 5, section 7.5.6).
#pragma once

#include "debug/dwarf.h"

// section(field, "name in the module")
#define DWARF_SECTIONS(section)                                               \
    section(line, ".debug_line") section(line_str, ".debug_line_str")         \
        section(str, ".debug_str") section(str_offsets, ".debug_str_offsets") \
            section(info, ".debug_info") section(abbrev, ".debug_abbrev")     \
                section(addr, ".debug_addr") section(ranges, ".debug_ranges") \
                    section(rnglists, ".debug_rnglists")

typedef struct Dwarf {
#define DWARF_SECTION(field, name) Bytes field;
    DWARF_SECTIONS(DWARF_SECTION)
#undef DWARF_SECTION
    uint64_t code_at; // addresses count from here: the code section's contents
    uint64_t budget;  // steps left
    Arena *arena;
} Dwarf;

// A place in a section. After the first failure all reads are zero and `failed`
// stays; running out of the budget is such a failure.
typedef struct Cut {
    Dwarf *d;
    const uint8_t *start, *at, *end;
    bool failed;
} Cut;

// What a unit says about the sizes of its fields.
typedef struct DwarfUnit {
    uint16_t version;
    uint8_t address_size;
    bool is_64; // offsets of 8 bytes
    // Version 5 (section 3.1.1): where the unit's parts of these sections are.
    uint64_t str_offsets_base, addr_base, rnglists_base;
} DwarfUnit;

typedef enum DwarfClass {
    DWARF_none, // nothing that we use
    DWARF_number,
    DWARF_string,  // `text`
    DWARF_address, // `number`
    DWARF_indexed_address,
    DWARF_indexed_string,
    DWARF_offset,        // into another section
    DWARF_indexed_range, // of .debug_rnglists
    DWARF_in_unit,       // offset of another entry, from the unit's header
} DwarfClass;

typedef struct DwarfValue {
    DwarfClass kind;
    uint64_t number;
    Str text;
} DwarfValue;

Cut cut_of(Dwarf *d, Bytes section, uint64_t at);
static inline size_t cut_left(const Cut *c) {
    return (size_t)(c->end - c->at);
}
uint64_t cut_fixed(Cut *c, uint32_t size); // 1, 2, 3, 4 or 8 bytes
uint64_t cut_uleb(Cut *c);
int64_t cut_sleb(Cut *c);
Str cut_text(Cut *c); // up to a zero byte
void cut_skip(Cut *c, uint64_t size);
// The length that begins a unit. The result ends where the unit does, and `c`
// goes on behind it.
Cut cut_unit(Cut *c, bool *is_64);
static inline uint64_t cut_offset(Cut *c, const DwarfUnit *u) {
    return cut_fixed(c, u->is_64 ? 8 : 4);
}
uint64_t cut_address(Cut *c, const DwarfUnit *u);

// The value of an attribute with this form. `constant` is that of
// DW_FORM_implicit_const.
DwarfValue cut_form(Cut *c, const DwarfUnit *u, uint32_t form,
                    int64_t constant);
// With indices looked up; what cannot be is empty, or 0.
Str dwarf_text(Dwarf *d, const DwarfUnit *u, const DwarfValue *v);
uint64_t dwarf_address(Dwarf *d, const DwarfUnit *u, const DwarfValue *v);

// --- dwarf_line.c --------------------------------------------------------------

typedef struct LineFile {
    Str name;
    uint64_t dir; // index
} LineFile;

// The header of a line table.
typedef struct LineHead {
    DwarfUnit unit;
    uint8_t least_size; // of an instruction
    int8_t line_base;
    uint8_t line_range, opcode_base;
    const uint8_t *operand_counts; // of opcodes 1 ... opcode_base - 1
    Vec(Str) dirs;
    Vec(LineFile) files;
    Cut program;
} LineHead;

// Reads the header of the unit that `c` is at, and moves `c` behind the unit.
// False: it makes no sense.
bool line_head(Cut *c, LineHead *out);
// Directory and name of a file by its number in the table.
void line_file(const LineHead *h, uint64_t file, Str *dir, Str *name);

typedef struct LineRow {
    uint64_t address, file;
    uint32_t line, column;
    bool ends;
} LineRow;
void line_run(LineHead *h, void (*row)(void *env, const LineRow *row),
              void *env);

// --- dwarf_info.c --------------------------------------------------------------

// Completes places that have their innermost spot: names, and the callers of
// what was inlined. `at` are addresses.
void info_find(Dwarf *d, const uint64_t *at, uint32_t len, SourcePlace *out);
