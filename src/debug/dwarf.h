// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where in a program's source an instruction came from, read from the DWARF
// sections (versions 2 to 5) that compilers put into a module.
//
// Nothing is read before somebody asks, and nothing is kept: one question
// answers for all frames of a backtrace in one pass over the sections. They are
// untrusted: what makes no sense ends the reading of its unit, and the steps
// are counted against a budget that is linear in the sections' sizes.
#pragma once

#include "wasm/module.h"

enum {
    DWARF_DEPTH_MAX = 8 // functions inlined into each other at one address
};

// One place in the source: of the function itself, or of one that was inlined.
typedef struct SourceSpot {
    Str func;      // as the source calls it; of the outermost spot often none
    Str dir, file; // `dir` may be empty, `file` absolute
    uint32_t line, column; // 0: unknown
} SourceSpot;

// Innermost first; none when the sections do not say.
typedef struct SourcePlace {
    SourceSpot spots[DWARF_DEPTH_MAX];
    uint32_t len;
} SourcePlace;

// Has the module lines at all?
bool dwarf_has_lines(const Module *m);

// For `len` instructions, by their offsets in the module. The arena needs a
// guard; texts lie in the module's bytes.
void dwarf_find(const Module *m, const uint64_t *at, uint32_t len,
                SourcePlace *out, Arena *arena);

// Every row of the line tables, in the order of the sections: for those who
// make tables of their own. `at` is an offset in the module; a row with `ends`
// only says where the one before it ends.
typedef struct DwarfRow {
    uint64_t at;
    Str dir, file;
    uint32_t line, column;
    bool ends;
} DwarfRow;
void dwarf_each_row(const Module *m, Arena *arena,
                    void (*row)(void *env, const DwarfRow *row), void *env);

// Bytes of the sections that are read for one question; beyond, nothing is
// said. Bounds the time of a backtrace.
#define DWARF_SIZE_MAX ((uint64_t)256 << 20)
