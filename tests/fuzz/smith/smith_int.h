// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files of the generator share.
//
// Code is generated as expression trees: smith_value leaves one value of a
// type, smith_stmt nothing. Below them is one function for each OPX row,
//
//   bool smith_<name>(Smith *s, ValType want)
//
// which generates the instruction with its operands and leaves a value of type
// `want`, or nothing when that is VT_bot. It returns false, and has generated
// nothing, when the row cannot do that here.
#pragma once

#include "base/writer.h"
#include "fuzz/smith/smith.h"

enum {
    GLOBAL_FUEL = 0,
    GLOBAL_MARK = 1,
    GLOBAL_FIRST = 2, // the first one that is generated
};

// A block being generated: what a branch to it takes.
typedef struct Label {
    const ValType *types;
    uint32_t len;
    bool is_loop; // a branch goes back
    bool is_try;  // what is thrown inside may be caught
} Label;

typedef struct Smith {
    const SmithInput *in;
    SmithOutput *out;
    Arena *arena;
    Module m;
    uint32_t imported_globals; // the first ones
    size_t at;                 // in the input's bytes
    uint64_t random;

    // What this module uses of what there is.
    FeatureSet features;
    Vec(Op) plain[VT_num_count]; // OP rows by first result; VT_bot: none
    Vec(Op) special;             // OPX rows
    uint32_t depth_max;
    uint32_t body_max;
    bool is_crowded; // functions have many live values
    bool is_deep;    // functions have many blocks inside of each other

    // The function being generated.
    Writer *w;
    Vec(ValType) locals; // parameters first
    uint32_t param_len;
    const ValType *results;
    uint32_t result_len;
    Vec(Label) labels; // innermost last
    uint32_t depth;
    uint32_t budget; // instructions left, about
    bool is_marked;  // the single instruction has its mark
    bool in_leaf;    // no further loads
    uint32_t nested; // constants inside of constants
    // Of the single instruction: what its first operand should be, and what its
    // operands are so far.
    SmithOperand first; // OPERAND_count: anything
    uint32_t operands;

    // Of a module with a mistake: has it been made, and a function that no
    // segment or export names (UINT32_MAX: there is none).
    bool is_broken;
    uint32_t undeclared;
} Smith;

// The module has that shape.
static inline void smith_note(Smith *s, SmithShape shape) {
    s->out->shapes |= UINT64_C(1) << shape;
}

// Is the row's type fixed? Then it is generated from the table.
static inline bool op_is_plain(Op op) {
    return op_info[op].sig != OP_SIG_NONE;
}

static inline bool smith_has(const Smith *s, Feature f) {
    return feature_on(s->features, f);
}

// --- choices (choose.c) --------------------------------------------------------

uint32_t smith_below(Smith *s, uint32_t n); // n > 0
bool smith_chance(Smith *s, uint32_t one_in);
// For what would keep everything else from running: not in modules about one
// instruction.
bool smith_rarely(Smith *s, uint32_t one_in);
uint64_t smith_bits(Smith *s);
// Numbers at which something happens, as bits.
uint32_t smith_i32_bits(Smith *s);
uint64_t smith_i64_bits(Smith *s);
uint32_t smith_f32_bits(Smith *s);
uint64_t smith_f64_bits(Smith *s);
// Types that the module may use.
ValType smith_num_type(Smith *s);
ValType smith_type(Smith *s);
ValType smith_ref_type(Smith *s);
ValType smith_defaultable_type(Smith *s);
// A random type definition of that kind, or TYPE_NONE.
uint32_t smith_def(Smith *s, CompKind kind);
// The module's index of a function type.
uint32_t smith_func_type(Smith *s, const ValType *params, uint32_t param_len,
                         const ValType *results, uint32_t result_len);

// --- code (code.c) ---------------------------------------------------------------

void emit_op(Smith *s, Op op);
void emit_index(Smith *s, Op op, uint32_t index);
void emit_pair(Smith *s, Op op, uint32_t first, uint32_t second);
void emit_val_type(Smith *s, ValType t);
void emit_heap_type(Smith *s, ValType t);
void emit_i32(Smith *s, uint32_t bits);
void emit_i64(Smith *s, uint64_t bits);
void emit_addr(Smith *s, bool is_64, uint64_t value);
uint32_t smith_local(Smith *s, ValType t); // a new local
void smith_value(Smith *s, ValType want);
void smith_values(Smith *s, const ValType *types, uint32_t len);
void smith_leaf(Smith *s, ValType want);
// A number that is known, as any operand may be, but for what a load gives.
void smith_known(Smith *s, bool is_64, uint64_t value);
void smith_const(Smith *s, ValType want);
void smith_stmt(Smith *s);
void smith_stmts(Smith *s, uint32_t max);
// Takes one value away.
void smith_sink(Smith *s, ValType t);
void smith_sinks(Smith *s, const ValType *types, uint32_t len);
// Of the values on the stack leaves the one that fits; false, with nothing
// generated, when none does.
bool smith_can_keep(Smith *s, const ValType *types, uint32_t len, ValType want);
void smith_keep(Smith *s, const ValType *types, uint32_t len, ValType want);
bool smith_plain(Smith *s, Op op, ValType want);
// Returns from the function, whatever is on the stack.
void smith_leave(Smith *s);
// Takes fuel, and leaves the function when there is none.
void smith_burn(Smith *s);

bool smith_fits(Smith *s, ValType have, ValType want);
static inline ValType index_type(const Limits *limits) {
    return limits->is_64 ? VT_i64 : VT_i32;
}

// --- special rows ------------------------------------------------------------------

typedef bool SpecialFn(Smith *s, ValType want);
extern SpecialFn *const smith_special[OP_count];
#define OP(name, prefix, code, text, imm, sig, feature, cost)
#define OPX(name, prefix, code, text, imm, feature, cost) \
    SpecialFn smith_##name;
#include "wasm/op.def"

// Generates that instruction if it can.
bool smith_force(Smith *s, Op op, ValType want);

// --- shapes (shapes.c) ---------------------------------------------------------------

// Moves all operands out of registers.
void smith_spill(Smith *s);
// As special rows do.
bool smith_crowd(Smith *s, ValType want);
bool smith_tower(Smith *s, ValType want);

// --- constant expressions (skeleton.c) -----------------------------------------------

Bytes smith_const_expr(Smith *s, ValType t);

// --- folding results into one number (mix.c) ---------------------------------------

// Takes the value on top and mixes it into the local `to`, an i64.
void smith_mix_value(Smith *s, ValType t, uint32_t to);
