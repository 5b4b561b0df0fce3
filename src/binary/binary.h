// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The binary format (core, 5): bytes to Module and back.
//
// Decoding checks everything that the grammar says outside function bodies and
// constant expressions; those are kept as bytes and read by validation, so that
// no byte is read twice. It checks no types and no indices beyond what the
// grammar needs.
#pragma once

#include "wasm/module.h"

// Decodes a whole module into *m, which comes from module_init. `bytes` is
// borrowed and must outlive *m. Memory comes from m->arena, which must have a
// guard. On failure returns false with *err set; *m is then unusable.
//
// Constant expressions include their `end` and are known to be instructions of
// the features that are on. Bodies are known to have well-formed declarations
// of locals, at most the limit of them, and the byte of `end` as their last.
NODISCARD bool module_decode(Module *m, const uint8_t *bytes, size_t size,
                             Err *err);

// The same without what a module can have very many of: the functions that it
// defines, their bodies, segments, names and hints. Whoever has these from
// elsewhere puts them into *m.
NODISCARD bool module_decode_outline(Module *m, const uint8_t *bytes,
                                     size_t size, Err *err);

// The "name" section and the branch hints are read by module_decode, but
// leniently: what is malformed in them is ignored, as the specification asks.
// This reads them strictly, for tools and tests that want the error. It also
// checks that m->hints, wherever they come from, are about branches of
// functions of *m.
NODISCARD bool module_decode_customs(Module *m, Err *err);

// Does it start with the magic number of a module?
bool module_is_binary(const uint8_t *bytes, size_t size);

// Brings what module_encode copies as it is, the bodies and constant
// expressions, to its shortest form: minimal LEB128 in every instruction, locals
// grouped. Text printed from the module then is parsed and encoded to the bytes
// that *m is encoded to. The branch hints move with their instructions; hints
// for what is no instruction, and what is malformed in their section, go. What
// other custom sections say about offsets (debug information) is wrong
// afterwards. Memory comes from m->arena, which must have a guard. Bodies are
// read strictly: on failure returns false with *err set, and parts of *m are in
// the new form, parts in the old.
NODISCARD bool module_normalise(Module *m, Err *err);

// Encodes with minimal LEB128, sections in order, empty ones left out. The
// bytes live in `arena` (which must have a guard); *out says where. Custom
// sections go after the section that they followed. The name section is made
// from m->names unless m->customs has one with contents; it goes where
// m->customs has one without, otherwise last. So are the branch hints from
// m->hints, which go before the code.
void module_encode(const Module *m, Arena *arena, Bytes *out);
