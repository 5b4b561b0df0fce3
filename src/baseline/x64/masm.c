// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Moves, frames, calls and jumps on x86-64.
#include "baseline/x64/x64.h"

const Reg masm_int_args[MACHINE_INT_REGS] = {
    GP_rax, GP_rcx, GP_rdx, GP_rsi, GP_rdi, GP_r8, GP_r9, GP_r10,
};
const Reg masm_callee_regs[MASM_CALLEE_REGS] = {GP_rbx, GP_r12, GP_r13};
const Reg masm_entry_free = GP_rbx;
const Reg masm_scratch = REG_scratch, masm_float_scratch = REG_float_scratch;
const Cond masm_if_zero = CC_e, masm_unless_zero = CC_ne;

uint32_t masm_regs(bool is_float) {
    enum {
        INTS = 1 << GP_rax | 1 << GP_rcx | 1 << GP_rdx | 1 << GP_rbx |
               1 << GP_rsi | 1 << GP_rdi | 1 << GP_r8 | 1 << GP_r9 |
               1 << GP_r10 | 1 << GP_r12 | 1 << GP_r13,
    };
    return is_float ? 0x7fff0000u : INTS;
}

// --- moves -------------------------------------------------------------------

void masm_move(Base *f, Reg to, Reg from) {
    if (to == from) return;
    if (to >= REG_FLOATS)
        x64_movaps_rr(&f->b, xmm(to), xmm(from));
    else
        x64_mov_rr(&f->b, W_64, gp(to), gp(from));
}

void masm_load(Base *f, BaseType t, Reg to, Place from) {
    X64Mem m = place_mem(from);
    switch (t) {
    case TY_i32:
    case TY_ref:
        x64_mov_rm(&f->b, W_32, gp(to), m);
        break;
    case TY_i64:
    case TY_func:
        x64_mov_rm(&f->b, W_64, gp(to), m);
        break;
    case TY_f32:
        x64_movss_rm(&f->b, xmm(to), m);
        break;
    case TY_f64:
        x64_movsd_rm(&f->b, xmm(to), m);
        break;
    case TY_v128:
        x64_movups_rm(&f->b, xmm(to), m);
        break;
    }
}

// Slots are whole words, whatever they hold.
void masm_store(Base *f, BaseType t, Place to, Reg from) {
    X64Mem m = place_mem(to);
    if (t == TY_v128)
        x64_movups_mr(&f->b, m, xmm(from));
    else if (ty_is_float(t))
        x64_movsd_mr(&f->b, m, xmm(from));
    else
        x64_mov_mr(&f->b, W_64, m, gp(from));
}

void masm_copy(Base *f, BaseType t, Place to, Place from) {
    if (t == TY_v128) {
        masm_load(f, t, REG_float_scratch, from);
        masm_store(f, t, to, REG_float_scratch);
    } else {
        masm_load(f, TY_i64, REG_scratch, from);
        masm_store(f, TY_i64, to, REG_scratch);
    }
}

void masm_const(Base *f, BaseType t, Reg to, uint64_t value) {
    if (!ty_is_float(t)) {
        x64_mov(&f->b, gp(to), value);
    } else if (value == 0) {
        x64_xorps_rr(&f->b, xmm(to), xmm(to));
    } else if (t == TY_f32) {
        uint32_t bits = (uint32_t)value;
        x64_movss_rm(&f->b, xmm(to), x64_at_label(code_const(&f->b, &bits, 4)));
    } else {
        x64_movsd_rm(&f->b, xmm(to),
                     x64_at_label(code_const(&f->b, &value, 8)));
    }
}

void masm_v128(Base *f, Reg to, const uint8_t bytes[16]) {
    if ((load_u64(bytes) | load_u64(bytes + 8)) == 0)
        x64_xorps_rr(&f->b, xmm(to), xmm(to));
    else
        x64_movaps_rm(&f->b, xmm(to),
                      x64_at_label(code_const(&f->b, bytes, 16)));
}

void masm_store_const(Base *f, BaseType t, Place to, uint64_t value) {
    assert(t != TY_v128);
    (void)t;
    if ((int64_t)value == (int32_t)value) {
        x64_mov_mi(&f->b, W_64, place_mem(to), (int32_t)value);
        return;
    }
    x64_mov(&f->b, GP_r11, value);
    x64_mov_mr(&f->b, W_64, place_mem(to), GP_r11);
}

// The condition of one flag as a byte in the scratch register.
static void set_byte(Base *f, X64Cc cc, X64Gp to) {
    x64_setcc_r(&f->b, cc, to);
}

void masm_set(Base *f, Reg to, Cond c) {
    if (c < COND_float_eq) {
        set_byte(f, (X64Cc)c, gp(to));
        x64_movzx8_rr(&f->b, W_32, gp(to), gp(to));
        return;
    }
    // Equal, and not unordered. Later moves keep the flags, so two conditional
    // moves follow from one constant.
    bool is_eq = c == COND_float_eq;
    CodeLabel done = code_label(&f->b);
    x64_mov(&f->b, gp(to), !is_eq);
    x64_jcc(&f->b, CC_p, done);
    x64_jcc(&f->b, CC_ne, done);
    x64_mov(&f->b, gp(to), is_eq);
    code_bind(&f->b, done);
}

// --- jumps -------------------------------------------------------------------

void masm_jump(Base *f, CodeLabel to) {
    x64_jmp(&f->b, to);
}

void masm_jump_if(Base *f, Cond c, CodeLabel to) {
    if (c < COND_float_eq) {
        x64_jcc(&f->b, (X64Cc)c, to);
        return;
    }
    if (c == COND_float_ne) {
        x64_jcc(&f->b, CC_p, to);
        x64_jcc(&f->b, CC_ne, to);
        return;
    }
    CodeLabel unordered = code_label(&f->b);
    x64_jcc(&f->b, CC_p, unordered);
    x64_jcc(&f->b, CC_e, to);
    code_bind(&f->b, unordered);
}

void masm_test(Base *f, BaseType t, Reg r) {
    x64_test_rr(&f->b, width_of(t), gp(r), gp(r));
}

void masm_jump_table(Base *f, Reg index, Reg temp, const CodeLabel *labels,
                     uint32_t len) {
    CodeBuf *b = &f->b;
    if (len == 0) {
        x64_jmp(b, labels[0]);
        return;
    }
    CodeLabel table = code_label(b);
    x64_alu_ri(b, ALU_cmp, W_32, gp(index), (int32_t)len);
    x64_jcc(b, CC_ae, labels[len]);
    x64_lea(b, W_64, GP_r11, x64_at_label(table));
    x64_movsxd_rm(b, gp(temp), x64_at_index(GP_r11, gp(index), 2, 0));
    x64_add_rr(b, W_64, GP_r11, gp(temp));
    x64_jmp_r(b, GP_r11);
    code_align(b, 4, 0xcc);
    code_bind(b, table);
    uint32_t base = code_offset(b);
    for (uint32_t i = 0; i < len; i++)
        code_distance(b, base, labels[i]);
}

// `to` stays if the condition holds.
void masm_select(Base *f, BaseType t, Reg to, Reg otherwise, Cond c) {
    CodeBuf *b = &f->b;
    if (!ty_is_float(t) && c < COND_float_eq) {
        x64_cmovcc_rr(b, W_64, (X64Cc)cond_not(c), gp(to), gp(otherwise));
        return;
    }
    CodeLabel stays = code_label(b);
    masm_jump_if(f, c, stays);
    masm_move(f, to, otherwise);
    code_bind(b, stays);
}

// --- frames ------------------------------------------------------------------

static bool is_small_leaf(const Base *f) {
    return (f->info->flags & FUNC_is_leaf) &&
           f->frame_size <= MACHINE_SMALL_LEAF;
}

void masm_check_stack(Base *f, uint32_t size) {
    CodeBuf *b = &f->b;
    x64_mov_rm(b, W_64, GP_r11, context_mem(CONTEXT_FIELD_store));
    X64Mem limit = store_mem(GP_r11, STORE_CONTEXT_FIELD_stack_limit);
    if (size == 0) {
        x64_cmp_rm(b, W_64, GP_rsp, limit);
    } else {
        x64_mov_rm(b, W_64, GP_r11, limit);
        x64_alu_ri(b, ALU_add, W_64, GP_r11, (int32_t)size);
        x64_cmp_rr(b, W_64, GP_rsp, GP_r11);
    }
    x64_jcc(b, CC_b, trap_label(f, TRAP_stack_exhausted));
}

enum {
    SMALL_FRAME = 2048, // may lie beyond the limit for an instruction or two
};

void masm_enter(Base *f) {
    CodeBuf *b = &f->b;
    x64_push_r(b, GP_rbp);
    x64_mov_rr(b, W_64, GP_rbp, GP_rsp);
    x64_push_r(b, GP_r15);
    if (f->frame_size <= SMALL_FRAME) {
        x64_alu_ri(b, ALU_sub, W_64, GP_rsp, (int32_t)f->frame_size - 8);
        if (!is_small_leaf(f)) masm_check_stack(f, 0);
        return;
    }
    x64_push_r(b, GP_r15);
    masm_check_stack(f, f->frame_size);
    x64_alu_ri(b, ALU_sub, W_64, GP_rsp, (int32_t)f->frame_size - 16);
}

void masm_enter_loop(Base *f, uint32_t slots) {
    CodeBuf *b = &f->b;
    int32_t size = f->is_wide ? 16 : 8;
    x64_push_r(b, GP_rbp);
    x64_mov_rr(b, W_64, GP_rbp, GP_rsp);
    x64_push_r(b, GP_r15);
    x64_alu_ri(b, ALU_sub, W_64, GP_rsp, (int32_t)f->frame_size - 8);
    if (slots == 0) return;
    CodeLabel again = code_label(b);
    x64_lea(b, W_64, GP_rcx, slot_mem(f, 0));
    x64_mov(b, GP_rdx, slots);
    code_bind(b, again);
    if (f->is_wide) {
        x64_movups_rm(b, XMM_15, x64_at(GP_rax, 0));
        x64_movups_mr(b, x64_at(GP_rcx, 0), XMM_15);
    } else {
        x64_mov_rm(b, W_64, GP_r11, x64_at(GP_rax, 0));
        x64_mov_mr(b, W_64, x64_at(GP_rcx, 0), GP_r11);
    }
    x64_alu_ri(b, ALU_add, W_64, GP_rax, size);
    x64_alu_ri(b, ALU_sub, W_64, GP_rcx, size);
    x64_alu_ri(b, ALU_sub, W_32, GP_rdx, 1);
    x64_jcc(b, CC_ne, again);
}

// Slots from `from` to `to` are zero; two narrow ones at a time.
void masm_zero_slots(Base *f, uint32_t from, uint32_t to) {
    enum {
        UNROLLED = 16,
    };
    CodeBuf *b = &f->b;
    if (from == to) return;
    uint32_t each = f->is_wide ? 1 : 2;
    if (!f->is_wide && (to - from) % 2 != 0) {
        x64_mov_mi(b, W_64, slot_mem(f, from), 0);
        if (++from == to) return;
    }
    x64_xorps_rr(b, XMM_15, XMM_15);
    uint32_t count = (to - from) / each;
    if (count <= UNROLLED) {
        for (uint32_t i = 0; i < count; i++)
            x64_movups_mr(b, slot_mem(f, from + i * each + each - 1), XMM_15);
        return;
    }
    // From the lowest address, which is the last slot's.
    CodeLabel again = code_label(b);
    x64_lea(b, W_64, GP_r11, slot_mem(f, to - 1));
    x64_lea(b, W_64, gp(masm_entry_free), x64_at(GP_r11, (int32_t)count * 16));
    code_bind(b, again);
    x64_movups_mr(b, x64_at(GP_r11, 0), XMM_15);
    x64_alu_ri(b, ALU_add, W_64, GP_r11, 16);
    x64_cmp_rr(b, W_64, GP_r11, gp(masm_entry_free));
    x64_jcc(b, CC_b, again);
}

void masm_leave(Base *f) {
    CodeBuf *b = &f->b;
    x64_leave(b);
    if (f->args_size == 0) {
        x64_ret(b);
    } else if (f->args_size <= INT16_MAX) {
        x64_ret_i(b, (uint16_t)f->args_size);
    } else {
        x64_pop_r(b, GP_r11);
        x64_alu_ri(b, ALU_add, W_64, GP_rsp, (int32_t)f->args_size);
        x64_jmp_r(b, GP_r11);
    }
}

// The arguments move to where ours ended, the last first: they move upwards.
// rbx, r12 and r13 are nobody's here; r11 may hold a reference.
void masm_leave_for(Base *f, uint32_t size) {
    CodeBuf *b = &f->b;
    if (size == 0 && f->args_size == 0) {
        x64_leave(b);
        return;
    }
    int32_t at = 16 + (int32_t)f->args_size - (int32_t)size;
    x64_mov_rm(b, W_64, GP_rbx, x64_at(GP_rbp, 8));
    x64_mov_rm(b, W_64, GP_r12, x64_at(GP_rbp, 0));
    if (size > 0) {
        CodeLabel again = code_label(b);
        x64_mov(b, GP_r13, size);
        code_bind(b, again);
        x64_movups_rm(b, XMM_15, x64_at_index(GP_rsp, GP_r13, 0, -16));
        x64_movups_mr(b, x64_at_index(GP_rbp, GP_r13, 0, at - 16), XMM_15);
        x64_alu_ri(b, ALU_sub, W_64, GP_r13, 16);
        x64_jcc(b, CC_ne, again);
    }
    x64_lea(b, W_64, GP_rsp, x64_at(GP_rbp, at - 8));
    x64_mov_mr(b, W_64, x64_at(GP_rsp, 0), GP_rbx);
    x64_mov_rr(b, W_64, GP_rbp, GP_r12);
}

void masm_push_area(Base *f, uint32_t size) {
    if (size == 0) return;
    if (size > SMALL_FRAME) masm_check_stack(f, size);
    x64_alu_ri(&f->b, ALU_sub, W_64, GP_rsp, (int32_t)size);
}

void masm_pop_area(Base *f, uint32_t size) {
    if (size > 0) x64_alu_ri(&f->b, ALU_add, W_64, GP_rsp, (int32_t)size);
}

// --- calls -------------------------------------------------------------------

// A distance that is filled in later.
static void put_rel32(Base *f, uint8_t opcode, CodeRelocKind kind,
                      uint32_t index) {
    uint8_t *p = code_room(&f->b);
    p[0] = opcode;
    store_u32(p + 1, 0);
    f->b.at += 5;
    reloc_here(f, kind, index);
}

enum {
    OPCODE_call = 0xe8,
    OPCODE_jmp = 0xe9,
};

void masm_call_func(Base *f, uint32_t func, bool is_tail) {
    if (f->options->call_direct) {
        put_rel32(f, is_tail ? OPCODE_jmp : OPCODE_call, RELOC_func, func);
        return;
    }
    if (is_tail)
        x64_jmp_m(&f->b, x64_at_rip(0));
    else
        x64_call_m(&f->b, x64_at_rip(0));
    reloc_here(f, RELOC_slot, func);
}

void masm_call_ref(Base *f, bool is_tail) {
    X64Mem entry = x64_at(GP_r11, LAYOUT_FUNC_ENTRY);
    if (is_tail)
        x64_jmp_m(&f->b, entry);
    else
        x64_call_m(&f->b, entry);
}

void masm_load_func(Base *f, uint32_t func) {
    x64_mov_rm(&f->b, W_64, GP_r11, context_mem(CONTEXT_FIELD_funcs));
    x64_mov_rm(&f->b, W_64, GP_r11, x64_at(GP_r11, (int32_t)func * 8));
}

void masm_find_callee(Base *f, Reg func, Reg index, uint32_t table,
                      uint32_t type, CodeLabel otherwise) {
    CodeBuf *b = &f->b;
    X64Gp r = gp(func);
    x64_mov_rm(b, W_64, r, context_mem(CONTEXT_FIELD_tables));
    x64_mov_rm(b, W_64, r, x64_at(r, (int32_t)table * 8));
    x64_cmp_rm(b, W_64, gp(index), x64_at(r, LAYOUT_TABLE_SIZE));
    x64_jcc(b, CC_ae, otherwise);
    x64_mov_rm(b, W_64, r, x64_at(r, LAYOUT_TABLE_CELLS));
    x64_mov_rm(b, W_64, r, x64_at_index(r, gp(index), 3, 0));
    x64_test_rr(b, W_64, r, r);
    x64_jcc(b, CC_e, otherwise);
    x64_test(b, W_32, r, 1); // a function that has no reference yet
    x64_jcc(b, CC_ne, otherwise);
    x64_mov_rm(b, W_64, GP_r11, context_mem(CONTEXT_FIELD_types));
    x64_mov_rm(b, W_64, GP_r11, x64_at(GP_r11, (int32_t)type * 8));
    x64_cmp_rm(b, W_64, GP_r11, x64_at(r, LAYOUT_FUNC_TYPE));
    x64_jcc(b, CC_ne, otherwise);
}

void masm_trap_if_zero(Base *f, Reg r, Trap t) {
    x64_test_rr(&f->b, W_64, gp(r), gp(r));
    x64_jcc(&f->b, CC_e, trap_label(f, t));
}

void masm_reload(Base *f, bool context) {
    if (context)
        x64_mov_rm(&f->b, W_64, GP_r15, x64_at(GP_rbp, MACHINE_FRAME_CONTEXT));
    if (f->m->memories.len > 0)
        x64_mov_rm(&f->b, W_64, GP_r14,
                   context_mem(CONTEXT_FIELD_memory0_base));
}

void masm_helper(Base *f, HelperId helper) {
    put_rel32(f, OPCODE_call, RELOC_helper, (uint32_t)helper);
}

void masm_trap_call(Base *f, Trap t) {
    put_rel32(f, OPCODE_call, RELOC_trap, (uint32_t)t);
}

void masm_row_args(Base *f, uint32_t slot, uint64_t a, uint64_t b) {
    x64_lea(&f->b, W_64, GP_rsi, slot_mem(f, slot));
    x64_mov(&f->b, GP_rdx, a);
    x64_mov(&f->b, GP_rcx, b);
    x64_mov_ris(&f->b, GP_r8, f->is_wide ? -16 : -8);
}

// --- fuel and deadlines ------------------------------------------------------

void masm_poll(Base *f, Reg temp, CodeLabel slow) {
    CodeBuf *b = &f->b;
    x64_mov_rm(b, W_64, GP_r11, context_mem(CONTEXT_FIELD_store));
    if (f->options->use_fuel) {
        x64_alu_mi(b, ALU_cmp, W_64,
                   store_mem(GP_r11, STORE_CONTEXT_FIELD_fuel), 0);
        x64_jcc(b, CC_l, slow);
    }
    if (f->options->use_epoch) {
        x64_mov_rm(b, W_64, gp(temp),
                   store_mem(GP_r11, STORE_CONTEXT_FIELD_epoch));
        x64_mov_rm(b, W_64, gp(temp), x64_at(gp(temp), 0));
        x64_cmp_rm(b, W_64, gp(temp),
                   store_mem(GP_r11, STORE_CONTEXT_FIELD_deadline));
        x64_jcc(b, CC_ae, slow);
    }
}

void masm_charge(Base *f, uint32_t fuel) {
    CodeBuf *b = &f->b;
    x64_mov_rm(b, W_64, GP_r11, context_mem(CONTEXT_FIELD_store));
    x64_alu_mi(b, ALU_sub, W_64, store_mem(GP_r11, STORE_CONTEXT_FIELD_fuel),
               (int32_t)MIN(fuel, (uint32_t)INT32_MAX));
}
