// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A load whose value is the last operand of the next instruction: that
// instruction reads memory itself. Nothing comes between the two, so traps and
// their order are the same.
#include "baseline/x64/x64.h"

typedef enum FoldKind {
    FOLD_none,
    FOLD_binary, // how: X64Alu
    FOLD_mul,
    FOLD_compare, // how: X64Cc
    FOLD_eqz,
    FOLD_test,  // of what stays where it is: a condition
    FOLD_float, // how: FloatOp
} FoldKind;

typedef struct Fold {
    uint8_t kind; // FoldKind
    uint8_t type; // BaseType
    uint8_t how;
    uint16_t op; // Op, for its cost
} Fold;

// By the opcode, one byte.
// clang-format off
static const Fold folds[256] = {
#define ROW(code, kind, type, how, op) \
    [code] = {FOLD_##kind, TY_##type, how, OP_##op},
    ROW(0x04, test, i32, 0, if)
    ROW(0x0d, test, i32, 0, br_if)
    ROW(0x1b, test, i32, 0, select)
    ROW(0x45, eqz, i32, 0, i32_eqz)
    ROW(0x46, compare, i32, CC_e, i32_eq)     ROW(0x47, compare, i32, CC_ne, i32_ne)
    ROW(0x48, compare, i32, CC_l, i32_lt_s)   ROW(0x49, compare, i32, CC_b, i32_lt_u)
    ROW(0x4a, compare, i32, CC_g, i32_gt_s)   ROW(0x4b, compare, i32, CC_a, i32_gt_u)
    ROW(0x4c, compare, i32, CC_le, i32_le_s)  ROW(0x4d, compare, i32, CC_be, i32_le_u)
    ROW(0x4e, compare, i32, CC_ge, i32_ge_s)  ROW(0x4f, compare, i32, CC_ae, i32_ge_u)
    ROW(0x50, eqz, i64, 0, i64_eqz)
    ROW(0x51, compare, i64, CC_e, i64_eq)     ROW(0x52, compare, i64, CC_ne, i64_ne)
    ROW(0x53, compare, i64, CC_l, i64_lt_s)   ROW(0x54, compare, i64, CC_b, i64_lt_u)
    ROW(0x55, compare, i64, CC_g, i64_gt_s)   ROW(0x56, compare, i64, CC_a, i64_gt_u)
    ROW(0x57, compare, i64, CC_le, i64_le_s)  ROW(0x58, compare, i64, CC_be, i64_le_u)
    ROW(0x59, compare, i64, CC_ge, i64_ge_s)  ROW(0x5a, compare, i64, CC_ae, i64_ge_u)
    ROW(0x6a, binary, i32, ALU_add, i32_add)  ROW(0x6b, binary, i32, ALU_sub, i32_sub)
    ROW(0x6c, mul, i32, 0, i32_mul)
    ROW(0x71, binary, i32, ALU_and, i32_and)  ROW(0x72, binary, i32, ALU_or, i32_or)
    ROW(0x73, binary, i32, ALU_xor, i32_xor)
    ROW(0x7c, binary, i64, ALU_add, i64_add)  ROW(0x7d, binary, i64, ALU_sub, i64_sub)
    ROW(0x7e, mul, i64, 0, i64_mul)
    ROW(0x83, binary, i64, ALU_and, i64_and)  ROW(0x84, binary, i64, ALU_or, i64_or)
    ROW(0x85, binary, i64, ALU_xor, i64_xor)
    ROW(0x92, float, f32, FLOAT_add, f32_add) ROW(0x93, float, f32, FLOAT_sub, f32_sub)
    ROW(0x94, float, f32, FLOAT_mul, f32_mul) ROW(0x95, float, f32, FLOAT_div, f32_div)
    ROW(0xa0, float, f64, FLOAT_add, f64_add) ROW(0xa1, float, f64, FLOAT_sub, f64_sub)
    ROW(0xa2, float, f64, FLOAT_mul, f64_mul) ROW(0xa3, float, f64, FLOAT_div, f64_div)
#undef ROW
};
// clang-format on

// Not zero: the flags say so where the next instruction looks at them.
static bool fold_test(Base *f, X64Mem m, bool faults) {
    if (f->options->use_fuel) return false;
    if (faults) site_fault(f);
    x64_alu_mi(&f->b, ALU_cmp, W_32, m, 0);
    push_cond(f, CC_ne);
    return true;
}

static void fold_compare(Base *f, const Fold *fold, X64Mem m, bool faults) {
    X64Width w = width_of((BaseType)fold->type);
    if (fold->kind == FOLD_eqz) {
        if (faults) site_fault(f);
        x64_alu_mi(&f->b, ALU_cmp, w, m, 0);
        push_cond(f, CC_e);
        return;
    }
    Reg left = pop_reg(f);
    if (faults) site_fault(f);
    x64_cmp_rm(&f->b, w, gp(left), m);
    push_cond(f, fold->how);
}

// The result is in no register of the address: it is written before that is
// read.
static void fold_integer(Base *f, const Fold *fold, X64Mem m, bool faults,
                         Reg index) {
    BaseType t = (BaseType)fold->type;
    X64Width w = width_of(t);
    Reg a = pop_reg(f);
    Reg to = result_reg(f, t, a, index == REG_NONE ? 0 : reg_bit(index));
    masm_move(f, to, a);
    if (faults) site_fault(f);
    if (fold->kind == FOLD_mul)
        x64_imul_rm(&f->b, w, gp(to), m);
    else
        x64_alu_rm(&f->b, (X64Alu)fold->how, w, gp(to), m);
    push_reg(f, t, to);
}

static void fold_float(Base *f, const Fold *fold, X64Mem m, bool faults) {
    BaseType t = (BaseType)fold->type;
    Reg a = pop_reg(f), to = x64_vec_result(f, t, a, REG_NONE);
    if (!has_cpu(f, BASELINE_CPU_avx)) { // the site is what reads
        masm_move(f, to, a);
        a = to;
    }
    if (faults) site_fault(f);
    x64_vec_m(f, x64_float_row(t, (FloatOp)fold->how), to, a, m);
    x64_canonical(f, t, to);
    push_reg(f, t, to);
}

bool x64_fold_load(Base *f, BaseType t, X64Mem m, bool faults, Reg index) {
    if (f->r.at == f->r.end) return false;
    const Fold *fold = &folds[*f->r.at];
    if (fold->kind == FOLD_none || (BaseType)fold->type != t) return false;
    if (fold->kind == FOLD_test) return fold_test(f, m, faults);
    f->r.at++;
    f->segment += op_info[fold->op].cost;
    if (fold->kind == FOLD_compare || fold->kind == FOLD_eqz)
        fold_compare(f, fold, m, faults);
    else if (fold->kind == FOLD_float)
        fold_float(f, fold, m, faults);
    else
        fold_integer(f, fold, m, faults, index);
    return true;
}
