// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The functions that emit.def names: one for each shape of instruction, which
// take operands from the abstract state and leave results there. Each machine
// has its own, in baseline/<arch>/, but those of emit.c.
#pragma once

#include "baseline/base_int.h"

typedef enum BinOp {
    BIN_add,
    BIN_sub,
    BIN_and,
    BIN_or,
    BIN_xor,
} BinOp;

typedef enum ShiftOp {
    SH_shl,
    SH_shr_s,
    SH_shr_u,
    SH_rotl,
    SH_rotr,
} ShiftOp;

typedef enum CompareOp {
    CMP_eq,
    CMP_ne,
    CMP_lt_s,
    CMP_lt_u,
    CMP_gt_s,
    CMP_gt_u,
    CMP_le_s,
    CMP_le_u,
    CMP_ge_s,
    CMP_ge_u,
} CompareOp;

typedef enum DivOp {
    DIV_div_s,
    DIV_div_u,
    DIV_rem_s,
    DIV_rem_u,
} DivOp;

typedef enum FloatOp {
    FLOAT_add,
    FLOAT_sub,
    FLOAT_mul,
    FLOAT_div,
} FloatOp;

typedef enum RoundOp {
    ROUND_nearest,
    ROUND_floor,
    ROUND_ceil,
    ROUND_trunc,
} RoundOp;

typedef enum BitsOp {
    BITS_clz,
    BITS_ctz,
    BITS_popcnt,
} BitsOp;

// --- emit.c: the same on all machines ----------------------------------------

void emit_nothing(Base *f);
void emit_const(Base *f);
void emit_num(Base *f); // by HELPER_num
void emit_notify(Base *f);
void emit_wait(Base *f, HelperId helper);

// --- integers ----------------------------------------------------------------

void emit_binary(Base *f, BaseType t, BinOp op);
void emit_mul(Base *f, BaseType t);
void emit_div(Base *f, BaseType t, DivOp op);
void emit_shift(Base *f, BaseType t, ShiftOp op);
void emit_compare(Base *f, BaseType t, CompareOp op);
void emit_eqz(Base *f, BaseType t);
void emit_bits(Base *f, BaseType t, BitsOp op);
void emit_extend(Base *f, BaseType to, uint32_t bits); // signed
void emit_extend_u(Base *f);
void emit_wrap(Base *f);
void emit_wide_add(Base *f, bool is_sub);
void emit_wide_mul(Base *f, bool is_signed);

// --- floats ------------------------------------------------------------------

void emit_float(Base *f, BaseType t, FloatOp op);
void emit_float_compare(Base *f, BaseType t, CompareOp op);
void emit_min(Base *f, BaseType t, bool is_max);
void emit_sqrt(Base *f, BaseType t);
void emit_round(Base *f, BaseType t, RoundOp op);
void emit_abs(Base *f, BaseType t);
void emit_neg(Base *f, BaseType t);
void emit_copysign(Base *f, BaseType t);
void emit_demote(Base *f);
void emit_promote(Base *f);
void emit_reinterpret(Base *f, BaseType to);
void emit_convert(Base *f, BaseType to, BaseType from, bool is_signed);
void emit_trunc(Base *f, BaseType to, BaseType from, bool is_signed,
                bool saturates);

// --- memory ------------------------------------------------------------------

// `size`: log2 of the bytes.
void emit_load(Base *f, BaseType t, uint32_t size, bool is_signed);
void emit_store(Base *f, BaseType t, uint32_t size);
void emit_atomic_load(Base *f, BaseType t, uint32_t size);
void emit_atomic_store(Base *f, BaseType t, uint32_t size);
typedef enum AtomicOp {
    ATOMIC_add,
    ATOMIC_sub,
    ATOMIC_and,
    ATOMIC_or,
    ATOMIC_xor,
    ATOMIC_xchg,
} AtomicOp;
void emit_atomic_rmw(Base *f, BaseType t, uint32_t size, AtomicOp op);
void emit_cmpxchg(Base *f, BaseType t, uint32_t size);
void emit_fence(Base *f);

// --- tables, and memory by the block ----------------------------------------

void emit_table_get(Base *f, uint32_t table);
void emit_table_set(Base *f, uint32_t table);
void emit_table_size(Base *f, uint32_t table);
void emit_memory_size(Base *f, uint32_t memory);
// False, and nothing done: the runtime does it.
bool emit_memory_copy(Base *f, uint32_t to, uint32_t from);
bool emit_memory_fill(Base *f, uint32_t memory);

// --- objects -----------------------------------------------------------------

// False, and nothing done: the runtime does it.
bool emit_field_get(Base *f, uint32_t type, uint32_t field, bool is_signed);
bool emit_field_set(Base *f, uint32_t type, uint32_t field);
bool emit_element_get(Base *f, uint32_t type, bool is_signed);
bool emit_element_set(Base *f, uint32_t type);
void emit_array_len(Base *f);
bool emit_struct_new(Base *f, uint32_t type, bool is_default);
bool emit_array_new(Base *f, uint32_t type, bool is_default);
bool emit_array_new_fixed(Base *f, uint32_t type, uint32_t len);

// --- casts -------------------------------------------------------------------

void emit_ref_test(Base *f, ValType want); // pushes 1 or 0
void emit_ref_cast(Base *f, ValType want); // or traps

// --- vectors -----------------------------------------------------------------

void emit_v128_const(Base *f);
void emit_shuffle(Base *f);
// Whatever else: by the instruction's own tables, or the runtime.
void emit_vector(Base *f);
void emit_vector_load(Base *f);
void emit_vector_lane(Base *f); // load or store
