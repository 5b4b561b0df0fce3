// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Integers and references on x86-64. An i32 in a register has zeros above it:
// every operation of 32 bits does that.
#include "baseline/x64/x64.h"

// The local's or operand's slot, without a register of its own.
Operand x64_operand(Base *f, Entry *e) {
    if (e->where == AT_slot)
        return (Operand){.is_mem = true, .mem = slot_mem(f, e->local)};
    return (Operand){.reg = entry_reg(f, e)};
}

// A constant that an instruction of the type can hold.
static bool is_imm(const Entry *e, BaseType t, int32_t *out) {
    if (e->where != AT_const) return false;
    *out = (int32_t)e->value;
    return t == TY_i32 || (int64_t)e->value == *out;
}

// `a` in a register that may be written, which is not one of `not_in`.
static Reg start(Base *f, BaseType t, Entry *a, uint32_t not_in) {
    Reg from = REG_NONE;
    if (a->where == AT_reg || a->where == AT_local || a->where == AT_flags)
        from = entry_reg(f, a);
    Reg to = result_reg(f, t, from, not_in);
    if (from != REG_NONE)
        masm_move(f, to, from);
    else if (a->where == AT_const)
        masm_const(f, t, to, a->value);
    else
        masm_load(f, t, to, base_slot_place(f, a->local));
    return to;
}

static const X64Alu alu_of[] = {
    [BIN_add] = ALU_add, [BIN_sub] = ALU_sub, [BIN_and] = ALU_and,
    [BIN_or] = ALU_or,   [BIN_xor] = ALU_xor,
};

static void swap(Entry *a, Entry *b) {
    Entry c = *a;
    *a = *b;
    *b = c;
}

// a + constant into another register than a's.
static bool add_by_lea(Base *f, BaseType t, Entry *a, int32_t imm) {
    if (a->where != AT_local) return false;
    Reg from = entry_reg(f, a);
    Reg to = result_reg(f, t, REG_NONE, 0);
    if (to == from)
        x64_alu_ri(&f->b, ALU_add, width_of(t), gp(to), imm);
    else
        x64_lea(&f->b, width_of(t), gp(to), x64_at(gp(from), imm));
    push_reg(f, t, to);
    return true;
}

// Is it better to make the result in b's register? Yes, if the next instruction
// sets b's local, or if b's register is nobody's and a's is wanted further.
static bool prefers_second(const Base *f, const Entry *a, Reg a_reg,
                           const Entry *b, Reg b_reg) {
    Reg next = next_local_reg(f);
    if (next != REG_NONE) return next == b_reg && next != a_reg;
    return b->where == AT_reg && a->where == AT_local && reg_is_free(f, b_reg);
}

void emit_binary(Base *f, BaseType t, BinOp op) {
    X64Width w = width_of(t);
    Entry b = pop_entry(f), a = pop_entry(f);
    if (op != BIN_sub && a.where == AT_const) swap(&a, &b);
    int32_t imm;
    if (is_imm(&b, t, &imm)) {
        if (op == BIN_sub && imm != INT32_MIN) {
            op = BIN_add;
            imm = -imm;
        }
        if (op == BIN_add && add_by_lea(f, t, &a, imm)) return;
        Reg to = start(f, t, &a, 0);
        x64_alu_ri(&f->b, alu_of[op], w, gp(to), imm);
        push_reg(f, t, to);
        return;
    }
    Operand other = x64_operand(f, &b);
    Reg first = a.where == AT_local ? f->local_reg[a.local] : a.reg;
    if (op != BIN_sub && !other.is_mem && a.where != AT_slot &&
        prefers_second(f, &a, first, &b, other.reg)) {
        swap(&a, &b);
        other = (Operand){.reg = entry_reg(f, &b)};
    }
    Reg to = start(f, t, &a, other.is_mem ? 0 : reg_bit(other.reg));
    if (other.is_mem)
        x64_alu_rm(&f->b, alu_of[op], w, gp(to), other.mem);
    else
        x64_alu_rr(&f->b, alu_of[op], w, gp(to), gp(other.reg));
    push_reg(f, t, to);
}

void emit_mul(Base *f, BaseType t) {
    X64Width w = width_of(t);
    Entry b = pop_entry(f), a = pop_entry(f);
    if (a.where == AT_const) swap(&a, &b);
    int32_t imm;
    if (is_imm(&b, t, &imm)) {
        Reg from = entry_reg(f, &a), to = result_reg(f, t, from, 0);
        x64_imul(&f->b, w, gp(to), gp(from), imm);
        push_reg(f, t, to);
        return;
    }
    Operand other = x64_operand(f, &b);
    Reg to = start(f, t, &a, other.is_mem ? 0 : reg_bit(other.reg));
    if (other.is_mem)
        x64_imul_rm(&f->b, w, gp(to), other.mem);
    else
        x64_imul_rr(&f->b, w, gp(to), gp(other.reg));
    push_reg(f, t, to);
}

// --- registers with a duty --------------------------------------------------

Reg x64_move_away(Base *f, Reg r, uint32_t wanted) {
    f->locked |= wanted;
    if (!(reg_bit(r) & wanted)) return r;
    Reg elsewhere = reg_alloc(f, false);
    masm_move(f, elsewhere, r);
    return elsewhere;
}

void x64_take_locked(Base *f, Reg r) {
    f->locked &= ~reg_bit(r);
    reg_take(f, r);
}

// --- shifts ------------------------------------------------------------------

static const X64Shift shift_of[] = {
    [SH_shl] = SHIFT_shl,  [SH_shr_s] = SHIFT_sar, [SH_shr_u] = SHIFT_shr,
    [SH_rotl] = SHIFT_rol, [SH_rotr] = SHIFT_ror,
};

// Any count in any register; the hardware cuts it to the width as we do.
static bool shift_bmi2(Base *f, BaseType t, ShiftOp op, Entry *a, Entry *b) {
    if (!has_cpu(f, BASELINE_CPU_bmi2) || op >= SH_rotl) return false;
    Reg count = entry_reg(f, b), from = entry_reg(f, a);
    Reg to = result_reg(f, t, from, 0);
    X64Width w = width_of(t);
    if (op == SH_shl)
        x64_shlx_rr(&f->b, w, gp(to), gp(from), gp(count));
    else if (op == SH_shr_s)
        x64_sarx_rr(&f->b, w, gp(to), gp(from), gp(count));
    else
        x64_shrx_rr(&f->b, w, gp(to), gp(from), gp(count));
    push_reg(f, t, to);
    return true;
}

// base + (index << count), as every access of an array begins: the addition,
// which comes next, is made here too.
static bool shift_and_add(Base *f, BaseType t, Entry *index, uint8_t count) {
    Op add = t == TY_i64 ? OP_i64_add : OP_i32_add;
    enum {
        BYTE_i32_add = 0x6a,
        BYTE_i64_add = 0x7c,
    };
    int byte = t == TY_i64 ? BYTE_i64_add : BYTE_i32_add;
    if (count == 0 || count > 3 || f->r.at == f->r.end || *f->r.at != byte)
        return false;
    f->r.at++;
    f->segment += op_info[add].cost;
    Entry base = pop_entry(f);
    Reg i = entry_reg(f, index);
    int32_t disp;
    bool is_disp = is_imm(&base, t, &disp);
    Reg from = is_disp ? REG_NONE : entry_reg(f, &base);
    Reg to = result_reg(f, t, is_disp ? i : from, 0);
    x64_lea(&f->b, width_of(t), gp(to),
            is_disp ? x64_at_scaled(gp(i), count, disp)
                    : x64_at_index(gp(from), gp(i), count, 0));
    push_reg(f, t, to);
    return true;
}

void emit_shift(Base *f, BaseType t, ShiftOp op) {
    X64Width w = width_of(t);
    Entry b = pop_entry(f), a = pop_entry(f);
    if (b.where == AT_const) {
        uint8_t count = (uint8_t)(b.value & (t == TY_i64 ? 63 : 31));
        if (op == SH_shl && shift_and_add(f, t, &a, count)) return;
        Reg to = start(f, t, &a, 0);
        x64_shift_ri(&f->b, shift_of[op], w, gp(to), count);
        push_reg(f, t, to);
        return;
    }
    if (shift_bmi2(f, t, op, &a, &b)) return;
    Reg count = entry_reg(f, &b), from = entry_reg(f, &a);
    from = x64_move_away(f, from, reg_bit(GP_rcx));
    if (count != GP_rcx) {
        x64_take_locked(f, GP_rcx);
        masm_move(f, GP_rcx, count);
    }
    Reg to = result_reg(f, t, from, reg_bit(GP_rcx));
    masm_move(f, to, from);
    x64_shift_rc(&f->b, shift_of[op], w, gp(to));
    push_reg(f, t, to);
}

// --- comparisons -------------------------------------------------------------

static const Cond cc_of[] = {
    [CMP_eq] = CC_e,    [CMP_ne] = CC_ne,   [CMP_lt_s] = CC_l,
    [CMP_lt_u] = CC_b,  [CMP_gt_s] = CC_g,  [CMP_gt_u] = CC_a,
    [CMP_le_s] = CC_le, [CMP_le_u] = CC_be, [CMP_ge_s] = CC_ge,
    [CMP_ge_u] = CC_ae,
};

void emit_compare(Base *f, BaseType t, CompareOp op) {
    X64Width w = width_of(t);
    Entry b = pop_entry(f), a = pop_entry(f);
    int32_t imm;
    if (is_imm(&b, t, &imm)) {
        Reg left = entry_reg(f, &a);
        if (imm == 0)
            x64_test_rr(&f->b, w, gp(left), gp(left));
        else
            x64_alu_ri(&f->b, ALU_cmp, w, gp(left), imm);
    } else {
        Operand right = x64_operand(f, &b);
        Reg left = entry_reg(f, &a);
        if (right.is_mem)
            x64_cmp_rm(&f->b, w, gp(left), right.mem);
        else
            x64_cmp_rr(&f->b, w, gp(left), gp(right.reg));
    }
    push_cond(f, cc_of[op]);
}

void emit_eqz(Base *f, BaseType t) {
    Entry a = pop_entry(f);
    if (a.where == AT_flags) {
        push_cond(f, cond_not(a.cond));
        return;
    }
    masm_test(f, t, entry_reg(f, &a));
    push_cond(f, CC_e);
}

void base_ref_eq(Base *f) {
    Reg b = pop_reg(f), a = pop_reg(f);
    x64_cmp_rr(&f->b, W_32, gp(a), gp(b));
    push_cond(f, CC_e);
}

// --- bits --------------------------------------------------------------------

// Without the newer instructions: the index of the highest or lowest bit, and
// the width for zero.
static void count_zeros(Base *f, BaseType t, BitsOp op) {
    CodeBuf *b = &f->b;
    X64Width w = width_of(t);
    int32_t bits = t == TY_i64 ? 64 : 32;
    Reg from = pop_reg(f), to = reg_alloc(f, false);
    bool is_clz = op == BITS_clz;
    x64_mov(b, GP_r11, (uint64_t)(is_clz ? 2 * bits - 1 : bits));
    if (is_clz)
        x64_bsr_rr(b, w, gp(to), gp(from));
    else
        x64_bsf_rr(b, w, gp(to), gp(from));
    x64_cmovcc_rr(b, W_64, CC_e, gp(to), GP_r11);
    if (is_clz) x64_alu_ri(b, ALU_xor, W_32, gp(to), bits - 1);
    push_reg(f, t, to);
}

void emit_bits(Base *f, BaseType t, BitsOp op) {
    static const BaselineCpu needs[] = {
        [BITS_clz] = BASELINE_CPU_lzcnt,
        [BITS_ctz] = BASELINE_CPU_bmi1,
        [BITS_popcnt] = BASELINE_CPU_popcnt,
    };
    if (!has_cpu(f, needs[op])) {
        if (op == BITS_popcnt)
            emit_num(f);
        else
            count_zeros(f, t, op);
        return;
    }
    X64Width w = width_of(t);
    Reg from = pop_reg(f), to = result_reg(f, t, from, 0);
    if (op == BITS_clz)
        x64_lzcnt_rr(&f->b, w, gp(to), gp(from));
    else if (op == BITS_ctz)
        x64_tzcnt_rr(&f->b, w, gp(to), gp(from));
    else
        x64_popcnt_rr(&f->b, w, gp(to), gp(from));
    push_reg(f, t, to);
}

void emit_extend(Base *f, BaseType to_type, uint32_t bits) {
    X64Width w = width_of(to_type);
    Reg from = pop_reg(f), to = result_reg(f, to_type, from, 0);
    if (bits == 8)
        x64_movsx8_rr(&f->b, w, gp(to), gp(from));
    else if (bits == 16)
        x64_movsx16_rr(&f->b, w, gp(to), gp(from));
    else
        x64_movsxd_rr(&f->b, gp(to), gp(from));
    push_reg(f, to_type, to);
}

// Already so.
void emit_extend_u(Base *f) {
    Entry e = pop_entry(f);
    if (e.where == AT_const) {
        push_const(f, TY_i64, e.value);
        return;
    }
    if (e.where == AT_local) {
        e.type = TY_i64;
        f->local_refs[e.local]++;
        push_entry(f, e);
        return;
    }
    Reg from = entry_reg(f, &e), to = result_reg(f, TY_i64, from, 0);
    masm_move(f, to, from);
    push_reg(f, TY_i64, to);
}

void emit_wrap(Base *f) {
    Entry e = pop_entry(f);
    if (e.where == AT_const) {
        push_const(f, TY_i32, (uint32_t)e.value);
        return;
    }
    Reg from = entry_reg(f, &e), to = result_reg(f, TY_i32, from, 0);
    x64_mov_rr(&f->b, W_32, gp(to), gp(from));
    push_reg(f, TY_i32, to);
}

// --- 128 bits ----------------------------------------------------------------

void emit_wide_add(Base *f, bool is_sub) {
    Reg b_high = pop_reg(f), b_low = pop_reg(f);
    Reg a_high = pop_own(f);
    Entry e = pop_entry(f);
    Reg from = entry_reg(f, &e);
    if (a_high == b_low || a_high == b_high) {
        Reg copy = reg_alloc(f, false);
        masm_move(f, copy, a_high);
        a_high = copy;
    }
    Reg a_low = reg_alloc(f, false);
    masm_move(f, a_low, from);
    x64_alu_rr(&f->b, is_sub ? ALU_sub : ALU_add, W_64, gp(a_low), gp(b_low));
    x64_alu_rr(&f->b, is_sub ? ALU_sbb : ALU_adc, W_64, gp(a_high), gp(b_high));
    push_reg(f, TY_i64, a_low);
    push_reg(f, TY_i64, a_high);
}

void emit_wide_mul(Base *f, bool is_signed) {
    enum {
        RAX_RDX = 1 << GP_rax | 1 << GP_rdx,
    };
    Reg b = pop_reg(f), a = pop_reg(f);
    x64_mov_rr(&f->b, W_64, GP_r11, gp(b));
    f->locked |= RAX_RDX;
    x64_take_locked(f, GP_rax);
    masm_move(f, GP_rax, a);
    x64_take_locked(f, GP_rdx);
    if (is_signed)
        x64_imul_r(&f->b, W_64, GP_r11);
    else
        x64_mul_r(&f->b, W_64, GP_r11);
    push_reg(f, TY_i64, GP_rax);
    push_reg(f, TY_i64, GP_rdx);
}

// --- i31 ---------------------------------------------------------------------

void base_ref_i31(Base *f) {
    Reg to = pop_own(f);
    x64_alu_rr(&f->b, ALU_add, W_32, gp(to), gp(to));
    x64_alu_ri(&f->b, ALU_or, W_32, gp(to), 1);
    push_reg(f, TY_ref, to);
}

static void i31_get(Base *f, X64Shift shift) {
    Reg to = pop_own(f);
    masm_trap_if_zero(f, to, TRAP_null_i31_reference);
    x64_shift_ri(&f->b, shift, W_32, gp(to), 1);
    push_reg(f, TY_i32, to);
}

void base_i31_get_s(Base *f) {
    i31_get(f, SHIFT_sar);
}

void base_i31_get_u(Base *f) {
    i31_get(f, SHIFT_shr);
}
