// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A generator of valid modules. Every choice comes from the caller's bytes and,
// when they are used up, from a seed; the same input gives the same module.
//
// It is driven by the tables: a row OP in wasm/op.def is generated as soon as
// it exists, a row OPX needs a function smith_<name>, or nothing compiles.
// Each module uses a random part of the features and of the instructions, so
// that some modules are all about one thing.
//
// What a module looks like to those who run it:
//
//   it imports     maybe, from host:
//                  mix   (i64 i64) -> i64   smith_mix
//                  none  () -> ()
//                  back  () -> i64          calls r0 of the instance that calls
//                  peer  () -> i64          r0 of another instance of the
//                                           module, whose own peer is absent
//                  What is absent, r0 of a module that is still being
//                  instantiated for example, answers SMITH_ABSENT.
//                  maybe, from lib: its first memories, tables, globals and
//                  tags, which a module exports that lies in the custom
//                  section `lib` (one instance of it for the peer, too)
//   it exports     fuel, mark   mutable i32 globals
//                  r0, r1, ...  functions () -> i64: a call of some function
//                               with arguments, its results mixed into one
//                  state        () -> i64: all globals and tables, mixed
//                  m0, m1, ...  memories
//                  t0, e0, ...  tables, tags
//
// The caller sets `fuel` (the peer's too) to SMITH_FUEL before each call. Each call of a
// function and each turn of a loop takes one; when none is left, functions
// return. `mark` is set just before the instruction that a module is about.
#pragma once

#include "base/arena.h"
#include "wasm/module.h"
#include "wasm/op.h"

enum {
    SMITH_FUEL = 100,
    SMITH_ABSENT = 7,
};

typedef struct SmithInput {
    uint64_t seed;
    const uint8_t *bytes; // `size` of them are used before the seed
    size_t size;
    FeatureSet features;     // what may be used
    bool nans_are_canonical; // by code behind what makes them
    // One instruction with all kinds of operands, or OP_count: anything.
    Op single;
    const struct SmithRule *broken; // what is wrong; NULL: a valid module
} SmithInput;

// What modules are made of that is neither an instruction nor a feature. Where
// a row is counted, smith_note says what its name means.
// clang-format off
#define SMITH_SHAPES(SHAPE)                                                    \
    SHAPE(imported_memory) SHAPE(imported_table) SHAPE(imported_global)        \
    SHAPE(imported_tag)    SHAPE(imported_func)  SHAPE(imported_back)          \
    SHAPE(imported_peer)   SHAPE(start)                                        \
    SHAPE(subtype)         SHAPE(rec_group)      SHAPE(rec_cycle)              \
    SHAPE(shared_memory)   SHAPE(wide_memory)    SHAPE(byte_pages)             \
    SHAPE(wide_table)      SHAPE(filled_table)                                 \
    SHAPE(elem_0) SHAPE(elem_1) SHAPE(elem_2) SHAPE(elem_3)                    \
    SHAPE(elem_4) SHAPE(elem_5) SHAPE(elem_6) SHAPE(elem_7)                    \
    SHAPE(data_0) SHAPE(data_1) SHAPE(data_2)                                  \
    SHAPE(many_locals)     SHAPE(many_live)      SHAPE(live_across_call)       \
    SHAPE(deep_blocks)     SHAPE(block_params)   SHAPE(block_results)          \
    SHAPE(loop_again)      SHAPE(long_br_table)  SHAPE(dead_code)              \
    SHAPE(tail_call_nested) SHAPE(tail_call_in_try) SHAPE(tail_call_host)      \
    SHAPE(call_in_try)     SHAPE(thrown_again)                                 \
    SHAPE(between_memories) SHAPE(between_tables)
// clang-format on

typedef enum SmithShape {
#define SHAPE(name) SHAPE_##name,
    SMITH_SHAPES(SHAPE)
#undef SHAPE
    SHAPE_count
} SmithShape;
static_assert(SHAPE_count <= 64, "SmithOutput.shapes has a bit for each");

static inline bool smith_had(uint64_t shapes, SmithShape shape) {
    return shapes >> shape & 1;
}

// What an operand of an instruction is that a module is about.
// clang-format off
#define SMITH_OPERANDS(OPERAND)                                                \
    OPERAND(constant) OPERAND(local) OPERAND(global) OPERAND(load)             \
    OPERAND(spilled)
// clang-format on

typedef enum SmithOperand {
#define OPERAND(name) OPERAND_##name,
    SMITH_OPERANDS(OPERAND)
#undef OPERAND
    OPERAND_count
} SmithOperand;

typedef struct SmithOutput {
    Bytes bytes;
    FeatureSet used;
    uint64_t shapes;              // 1 << SmithShape
    uint32_t operands;            // 1 << SmithOperand, of the one instruction
    bool is_broken;               // false: the rule did not apply
    uint32_t run_len;             // r0 ...
    uint32_t memory_len;          // m0 ...
    uint32_t generated[OP_count]; // how often
} SmithOutput;

// The arena must have a guard.
void smith_module(const SmithInput *in, Arena *arena, SmithOutput *out);

// What instruction a value of `mark` stands for, or OP_count.
Op smith_marked(uint32_t mark);

// What host.mix computes.
uint64_t smith_mix(uint64_t a, uint64_t b);
