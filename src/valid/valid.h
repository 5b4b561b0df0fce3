// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Validation (core, 3): module-level rules, function bodies, constant
// expressions; in the same pass the side tables (valid/side.h).
//
// The typer is one source in two instances: CHECK, here, and TRUST, for those
// who need types and labels of code that was already checked (valid/typer.h).
#pragma once

#include "valid/side.h"

// Validates everything but function bodies: types (computing canon and depth),
// imports, declarations, constant expressions, segments, exports, start.
NODISCARD bool valid_module(Module *m, Err *err);

// For a module that was valid when a file was made from it: computes what
// validation computes of types, and checks indices of declarations and where
// segments go. Constant expressions and bodies are taken as they are, and no
// function is written to.
NODISCARD bool valid_outline(Module *m, Err *err);

// Validates one body and appends its side tables. `scratch` is rewound by the
// caller after each function or a few; it must have a guard, as m->arena must.
// Several threads may validate bodies of one module at once, each with its own
// SideTables and scratch.
NODISCARD bool valid_body(const Module *m, uint32_t func, SideTables *side,
                          Arena *side_arena, Arena *scratch, Err *err);

// Functions are validated in chunks of neighbours, which threads may share out
// among themselves: where a chunk ends, and so what its tables are, follows from
// the module alone. The end of the one that begins with a function:
uint32_t valid_chunk_end(const Module *m, uint32_t first);
// All of its bodies, in order; `scratch` is reset after each.
NODISCARD bool valid_chunk(const Module *m, uint32_t first, SideTables *side,
                           Arena *side_arena, Arena *scratch, Err *err);
// Room for about as much as the tables of all bodies take.
void valid_reserve(const Module *m, SideTables *side, Arena *side_arena);

// Both: the whole module, all bodies in order, one SideTables in m->arena.
NODISCARD bool valid_all(Module *m, SideTables *side, Err *err);

// --- the operand stack of validated code, for collectors and debuggers ---------

// Answers, for ascending pcs (offsets from the code start) of one function, the
// types of the operand stack when the instruction at each pc is about to run;
// for calls (and what calls the host) without their arguments if
// `after_operands`. One pass over the body for all pcs. Locals: the declared
// types. The callback gets every local and operand type, locals first.
typedef struct StackMapQuery {
    const uint32_t *pcs; // ascending, without duplicates
    uint32_t pc_len;
    bool after_operands;
    uint32_t top; // only the topmost operands are given, so many; those below
                  // are of any type. 0: all of them
    void (*found)(void *env, uint32_t pc, const ValType *slots, uint32_t len);
    void *env;
} StackMapQuery;
// The scratch arena must have a guard; nothing else can fail.
void valid_stack_maps(const Module *m, uint32_t func, const FuncInfo *info,
                      const StackMapQuery *query, Arena *scratch);
