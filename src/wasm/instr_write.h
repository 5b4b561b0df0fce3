// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The one writer of instructions and of the types in them: the mirror of
// instr_read. Everything gets its shortest form.
//
// The text parser knows the pieces of an instruction one after the other, so it
// writes them one by one; whoever has a whole Instr calls instr_write.
#pragma once

#include "base/writer.h"
#include "wasm/op.h"

void write_op(Writer *w, Op op);

// A field's storage type too.
void write_val_type(Writer *w, ValType t);
// The heap type of a reference.
void write_heap_type(Writer *w, ValType t);
void write_memarg(Writer *w, const MemArg *arg);
void write_br_cast(Writer *w, uint32_t label, ValType from, ValType to);
void write_catch(Writer *w, const CatchClause *clause);

// `r` is the reader that *in was read with: the lists of immediates are read
// from its bytes.
void instr_write(Writer *w, const Reader *r, FeatureSet features,
                 const Instr *in);
