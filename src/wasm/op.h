// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Opcodes, their static facts, and one decoded instruction.
//
// op.def is the instruction set said once; everything that must know all
// instructions expands it. instr_read is the only function in the code base
// that knows how immediates are encoded (the validator inlines the same
// reader, wasm/instr_read.h); instr_write is the one that writes them.
#pragma once

#include "base/reader.h"
#include "wasm/feature.h"
#include "wasm/type.h"

typedef enum Op {
#define OP(name, prefix, code, text, imm, sig, feature, cost) OP_##name,
#include "wasm/op.def"
    OP_count
} Op;

typedef enum ImmKind {
#define IMM(name, how) IMM_##name,
#include "wasm/imm.def"
    IMM_count
} ImmKind;

// A fixed signature in one word, made from the row's string at build time:
// up to four operands and two results of four bits each (OpSigType), operands
// first, the last operand lowest; then the two counts.
typedef uint32_t OpSig;

typedef enum OpSigType {
    SIG_none,
    SIG_i32 = VT_i32,   // i; the numbers are those of ValType
    SIG_i64 = VT_i64,   // l
    SIG_f32 = VT_f32,   // f
    SIG_f64 = VT_f64,   // d
    SIG_v128 = VT_v128, // v
    SIG_addr = 6,       // m: the index type of the instruction's memory
} OpSigType;

#define OP_SIG_NONE UINT32_MAX // the types depend on context: an OPX row

static inline unsigned sig_param_len(OpSig s) {
    return s >> 24 & 7;
}
static inline unsigned sig_result_len(OpSig s) {
    return s >> 28 & 3;
}
// Operand i counted from the top of the stack; result i in order.
static inline OpSigType sig_param(OpSig s, unsigned i) {
    return (OpSigType)(s >> (4 * i) & 15);
}
static inline OpSigType sig_result(OpSig s, unsigned i) {
    return (OpSigType)(s >> (16 + 4 * i) & 15);
}

typedef struct OpInfo {
    const char *text; // "i32.add"
    OpSig sig;
    uint32_t code;       // after the prefix
    uint8_t prefix;      // 0, 0xfb, 0xfc, 0xfd, 0xfe
    uint8_t imm;         // ImmKind
    uint8_t feature;     // Feature
    uint8_t cost;        // fuel
    uint8_t access_log2; // loads, stores, atomics: log2 of the bytes accessed
    uint8_t lanes;       // lane instructions: how many lanes there are
} OpInfo;

extern const OpInfo op_info[OP_count];

// The row's name, "i32_add".
extern const char *const op_name[OP_count];
// The instruction with that text ("i32.add"), or OP_count.
Op op_find(Str text);
// One-byte opcodes: Op + 1, 0 for holes and prefixes.
extern const uint16_t op_one_byte[256];
// Prefixed opcodes: the Op, or OP_count.
Op op_of_code(uint8_t prefix, uint32_t code);

typedef enum BlockTypeKind {
    BLOCK_empty, // 0x40
    BLOCK_value, // one result
    BLOCK_type,  // a function type by index
} BlockTypeKind;

typedef struct BlockType {
    BlockTypeKind kind;
    ValType value;  // BLOCK_value
    uint32_t index; // BLOCK_type
} BlockType;

typedef enum CatchKind {
    CATCH_tag = 0,
    CATCH_tag_ref = 1,
    CATCH_all = 2,
    CATCH_all_ref = 3,
} CatchKind;

enum {
    MEMARG_memory = 64, // flag beside the alignment: a memory index follows
    BR_CAST_from_null = 1,
    BR_CAST_to_null = 2,
};

typedef struct MemArg {
    uint32_t align_log2;
    uint32_t memory;
    uint64_t offset;
} MemArg;

// One decoded instruction. Which member of `imm` is valid follows from
// op_info[op].imm.
typedef struct Instr {
    Op op;
    uint64_t at; // offset of the opcode
    union {
        BlockType block;
        struct {
            BlockType block;
            uint32_t len;        // catch clauses, read one at a time ...
            const uint8_t *list; // ... from here, with read_catch
        } try_table;
        uint32_t index; // label, func, type, local, global, table, memory,
                        // tag, elem, data, lane
        struct {
            uint32_t first, second; // the two-index kinds, in binary order
        } pair;
        struct {
            uint32_t len;        // targets without the default ...
            const uint8_t *list; // ... u32s from here, then the default
        } br_table;
        struct {
            uint32_t label;
            ValType from, to; // references
        } br_cast;
        struct {
            MemArg arg;
            uint8_t lane;
        } mem;
        int32_t i32;
        int64_t i64;
        uint32_t f32;           // bits
        uint64_t f64;           // bits
        const uint8_t *bytes16; // v128, shuffle; in place
        ValType heap;           // as a non-null reference to that heap type
        struct {
            uint32_t len;
            const uint8_t *list; // value types from here
        } types;
    } imm;
} Instr;

// Reads one instruction at the cursor. What comes from the features is checked
// (an instruction of a feature that is off is ERR_disabled, its text that of an
// illegal opcode); indices are not: that is validation. An error leaves the
// cursor at what is wrong. With false, only out->at means something.
NODISCARD bool instr_read(Reader *r, FeatureSet features, Instr *out);

// Value types, reference types and heap types occur in sections too. A type of
// a feature that is off is ERR_disabled, its text that of a malformed type. What
// cannot be read is VT_bot.
NODISCARD bool read_val_type(Reader *r, FeatureSet features, ValType *out);
NODISCARD bool read_ref_type(Reader *r, FeatureSet features, ValType *out);
// A non-null reference to the heap type.
NODISCARD bool read_heap_type(Reader *r, FeatureSet features, ValType *out);
NODISCARD bool read_block_type(Reader *r, FeatureSet features, BlockType *out);

typedef struct CatchClause {
    CatchKind kind;
    uint32_t tag;   // CATCH_tag, CATCH_tag_ref
    uint32_t label; // depth, counted outside the try_table
} CatchClause;
NODISCARD bool read_catch(Reader *r, CatchClause *out);
