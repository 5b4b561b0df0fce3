// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where a compiler says that a function's values are, while it makes the code:
// at the beginning of each instruction, and at each label. Whoever checks the
// code compares (verify/values.h); nobody else needs it.
#pragma once

#include "base/vec.h"

typedef enum ClaimWhere {
    CLAIM_slot,  // in its slot
    CLAIM_reg,   // in register `reg`: 16 and more are the vectors'
    CLAIM_const, // nowhere: it is `value`
    CLAIM_local, // nowhere: it is what local `local` is
    CLAIM_flags, // what the flags answer
} ClaimWhere;

typedef enum ClaimType {
    CLAIM_i32,
    CLAIM_i64,
    CLAIM_f32,
    CLAIM_f64,
    CLAIM_v128,
    CLAIM_ref,  // collected
    CLAIM_func, // a reference to a function
} ClaimType;

typedef struct ClaimValue {
    uint8_t where; // ClaimWhere
    uint8_t type;  // ClaimType
    uint8_t reg;
    uint32_t local;
    uint64_t value;
} ClaimValue;

typedef enum ClaimKind {
    CLAIM_entry, // of the function: before its first instruction's code
    CLAIM_instr, // an instruction begins
    CLAIM_dead,  // so does one, and nothing gets here
    CLAIM_label, // where branches arrive, or handlers
    CLAIM_late,  // code that is seldom run begins: the end of the others
} ClaimKind;

enum {
    CLAIM_REGS = 32,
    CLAIMS_MAX = 1 << 20, // LIMIT: values; beyond, nothing is claimed
};

// A local is in its slot, unless a register has it; the slot may be older if
// that is dirty.
typedef struct Claim {
    uint8_t kind; // ClaimKind
    uint32_t code, pc;
    uint32_t base;          // of a label: operands from here on go along
    uint32_t height;        // operands: those below `lazy` are in their slots
    uint32_t lazy;          // for the others, and then for the registers with
    uint32_t at;            // locals, by number, there are values from here on
    uint32_t cached, dirty; // those registers
} Claim;

typedef struct Claims {
    Vec(Claim) list; // ascending by `code`
    Vec(ClaimValue) values;
    const uint8_t *local_types; // ClaimType
    bool is_full;
} Claims;
