// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Memory, atomics and globals on x86-64. All addresses of linear memory are
// formed by one function, together with their check.
#include "baseline/x64/x64.h"

// --- addresses ---------------------------------------------------------------

static const MemoryDecl *memory_decl(const Base *f, uint32_t memory) {
    return &f->m->memories.data[memory];
}

// Relies on what lies behind the memory instead of a check.
static bool is_guarded(const Base *f, const MemArg *m, uint64_t size) {
    return m->memory == 0 && f->options->memory0_is_guarded &&
           !memory_decl(f, 0)->type.limits.is_64 &&
           m->offset <= f->options->guard_bytes &&
           size <= f->options->guard_bytes - m->offset;
}

// Compares r11, the end of the access, with the memory's size; its base is in
// the register that is returned.
static X64Gp check_end(Base *f, uint32_t memory) {
    CodeBuf *b = &f->b;
    bool is_shared = memory_decl(f, memory)->type.limits.is_shared;
    X64Gp base = GP_r14;
    X64Mem size = context_mem(CONTEXT_FIELD_memory0_size);
    if (memory > 0 || is_shared) {
        X64Gp object = gp(reg_alloc(f, false));
        x64_mov_rm(b, W_64, object, context_mem(CONTEXT_FIELD_memories));
        x64_mov_rm(b, W_64, object, x64_at(object, (int32_t)memory * 8));
        base = gp(reg_alloc(f, false));
        x64_mov_rm(b, W_64, base, x64_at(object, LAYOUT_MEMORY_BASE));
        size = x64_at(object, LAYOUT_MEMORY_SIZE);
        if (is_shared) {
            x64_mov_rm(b, W_64, object, x64_at(object, LAYOUT_MEMORY_SHARED));
            size = x64_at(object, LAYOUT_SHARED_SIZE);
        }
    }
    x64_cmp_rm(b, W_64, GP_r11, size);
    x64_jcc(b, CC_a, trap_label(f, TRAP_memory_bounds));
    return base;
}

// r11 = index + offset + size, the end of the access; traps if it does not fit.
static void find_end(Base *f, Entry *index, uint64_t offset, uint64_t size,
                     bool is_64) {
    CodeBuf *b = &f->b;
    uint64_t past;
    if (!add_ok(offset, size, &past)) {
        x64_jmp(b, trap_label(f, TRAP_memory_bounds));
        past = UINT64_MAX;
    }
    if (index->where == AT_const) {
        uint64_t end;
        if (!add_ok(index->value, past, &end)) {
            x64_jmp(b, trap_label(f, TRAP_memory_bounds));
            end = UINT64_MAX;
        }
        x64_mov(b, GP_r11, end);
        return;
    }
    X64Gp r = gp(entry_reg(f, index));
    if (!is_64 && past <= INT32_MAX) {
        x64_lea(b, W_64, GP_r11, x64_at(r, (int32_t)past));
        return;
    }
    x64_mov(b, GP_r11, past);
    x64_add_rr(b, W_64, GP_r11, r);
    if (is_64) x64_jcc(b, CC_b, trap_label(f, TRAP_memory_bounds));
}

X64Gp x64_range(Base *f, Entry *index, uint32_t memory, uint64_t size) {
    bool is_64 = memory_decl(f, memory)->type.limits.is_64;
    find_end(f, index, 0, size, is_64);
    return check_end(f, memory);
}

X64Mem x64_address(Base *f, Entry *index, const MemArg *m, uint64_t size,
                   bool *faults) {
    *faults = is_guarded(f, m, size);
    if (!*faults) {
        bool is_64 = memory_decl(f, m->memory)->type.limits.is_64;
        find_end(f, index, m->offset, size, is_64);
        X64Gp base = check_end(f, m->memory);
        return x64_at_index(base, GP_r11, 0, -(int32_t)size);
    }
    uint64_t offset = m->offset;
    if (index->where == AT_const) {
        offset += index->value;
        if (offset <= INT32_MAX) return x64_at(GP_r14, (int32_t)offset);
        x64_mov(&f->b, GP_r11, offset);
        return x64_at_index(GP_r14, GP_r11, 0, 0);
    }
    X64Gp r = gp(entry_reg(f, index));
    if (offset <= INT32_MAX) return x64_at_index(GP_r14, r, 0, (int32_t)offset);
    x64_mov(&f->b, GP_r11, offset);
    x64_add_rr(&f->b, W_64, GP_r11, r);
    return x64_at_index(GP_r14, GP_r11, 0, 0);
}

// --- loads and stores --------------------------------------------------------

static void load_int(Base *f, BaseType t, uint32_t size, bool is_signed,
                     X64Gp to, X64Mem m) {
    CodeBuf *b = &f->b;
    X64Width w = width_of(t);
    if (size == 3) {
        x64_mov_rm(b, W_64, to, m);
    } else if (size == 2) {
        if (is_signed && w == W_64)
            x64_movsxd_rm(b, to, m);
        else
            x64_mov_rm(b, W_32, to, m);
    } else if (size == 1) {
        if (is_signed)
            x64_movsx16_rm(b, w, to, m);
        else
            x64_movzx16_rm(b, W_32, to, m);
    } else if (is_signed) {
        x64_movsx8_rm(b, w, to, m);
    } else {
        x64_movzx8_rm(b, W_32, to, m);
    }
}

void x64_load(Base *f, BaseType t, uint32_t size, bool is_signed, Reg to,
              X64Mem m) {
    if (t == TY_v128)
        x64_movups_rm(&f->b, xmm(to), m);
    else if (t == TY_f64)
        x64_movsd_rm(&f->b, xmm(to), m);
    else if (t == TY_f32)
        x64_movss_rm(&f->b, xmm(to), m);
    else
        load_int(f, t, size, is_signed, gp(to), m);
}

void x64_store(Base *f, BaseType t, uint32_t size, X64Mem m, Reg from) {
    if (t == TY_v128)
        x64_movups_mr(&f->b, m, xmm(from));
    else if (t == TY_f64)
        x64_movsd_mr(&f->b, m, xmm(from));
    else if (t == TY_f32)
        x64_movss_mr(&f->b, m, xmm(from));
    else
        x64_mov_mr(&f->b, (X64Width)size, m, gp(from));
}

void emit_load(Base *f, BaseType t, uint32_t size, bool is_signed) {
    bool faults;
    MemArg arg = f->in.imm.mem.arg;
    Entry index = pop_entry(f);
    X64Mem m = x64_address(f, &index, &arg, (uint64_t)1 << size, &faults);
    bool is_whole = size == (width_of(t) == W_64 || t == TY_f64 ? 3 : 2);
    Reg used = m.index < REG_FLOATS && m.index != GP_rsp ? m.index : REG_NONE;
    if (is_whole && x64_fold_load(f, t, m, faults, used)) return;
    Reg a = index.where == AT_reg ? index.reg : REG_NONE;
    Reg to = result_reg(f, t, a, 0);
    if (faults) site_fault(f);
    x64_load(f, t, size, is_signed, to, m);
    push_reg(f, t, to);
}

void emit_store(Base *f, BaseType t, uint32_t size) {
    bool faults;
    MemArg arg = f->in.imm.mem.arg;
    Entry value = pop_entry(f), index = pop_entry(f);
    bool is_imm = value.where == AT_const && !ty_is_float(t) &&
                  (size < 3 || (int64_t)value.value == (int32_t)value.value);
    Reg from = is_imm ? REG_NONE : entry_reg(f, &value);
    X64Mem m = x64_address(f, &index, &arg, (uint64_t)1 << size, &faults);
    if (faults) site_fault(f);
    if (is_imm)
        x64_mov_mi(&f->b, (X64Width)size, m, (int32_t)value.value);
    else
        x64_store(f, t, size, m, from);
}

// --- atomics -----------------------------------------------------------------

// An address that is a multiple of the size, in a register or r11; `at`: where
// it faults.
static X64Mem atomic_address(Base *f, Entry *index, uint32_t size,
                             bool *faults) {
    CodeBuf *b = &f->b;
    MemArg arg = f->in.imm.mem.arg;
    X64Gp r = gp(entry_reg(f, index));
    if (size > 0) {
        int32_t mask = (1 << size) - 1;
        if ((arg.offset & (uint64_t)mask) == 0) {
            x64_test(b, W_32, r, mask);
        } else {
            x64_lea(b, W_32, GP_r11,
                    x64_at(r, (int32_t)(arg.offset & (uint64_t)mask)));
            x64_test(b, W_32, GP_r11, mask);
        }
        x64_jcc(b, CC_ne, trap_label(f, TRAP_unaligned_atomic));
    }
    return x64_address(f, index, &arg, (uint64_t)1 << size, faults);
}

void emit_atomic_load(Base *f, BaseType t, uint32_t size) {
    bool faults;
    Entry index = pop_entry(f);
    X64Mem m = atomic_address(f, &index, size, &faults);
    Reg to = reg_alloc(f, false);
    if (faults) site_fault(f);
    load_int(f, t, size, false, gp(to), m);
    push_reg(f, t, to);
}

void emit_atomic_store(Base *f, BaseType t, uint32_t size) {
    (void)t;
    bool faults;
    Reg value = pop_own(f);
    Entry index = pop_entry(f);
    X64Mem m = atomic_address(f, &index, size, &faults);
    if (faults) site_fault(f);
    x64_xchg_mr(&f->b, (X64Width)size, m, gp(value));
}

// What a narrow exchange leaves above its width.
static void clear_above(Base *f, uint32_t size, Reg r) {
    if (size == 0)
        x64_movzx8_rr(&f->b, W_32, gp(r), gp(r));
    else if (size == 1)
        x64_movzx16_rr(&f->b, W_32, gp(r), gp(r));
    else if (size == 2)
        x64_mov_rr(&f->b, W_32, gp(r), gp(r));
}

// A register for the exchange: neither the value's nor the index's own.
static Reg copy_of(Base *f, Reg r) {
    Reg copy = reg_alloc(f, false);
    masm_move(f, copy, r);
    return copy;
}

static void take_rax(Base *f) {
    f->locked &= ~reg_bit(GP_rax);
    reg_take(f, GP_rax);
}

// Out of rax, which the exchange uses.
static Reg not_rax(Base *f, Reg r) {
    reg_lock(f, GP_rax);
    return r == GP_rax ? copy_of(f, r) : r;
}

static void rmw_loop(Base *f, BaseType t, uint32_t size, X64Alu alu) {
    CodeBuf *b = &f->b;
    X64Width w = (X64Width)size;
    bool faults;
    Reg value = not_rax(f, pop_reg(f));
    Entry index = pop_entry(f);
    Reg r = not_rax(f, entry_reg(f, &index));
    index = (Entry){.where = AT_reg, .type = index.type, .reg = r};
    take_rax(f);
    Reg temp = reg_alloc(f, false);
    X64Mem m = atomic_address(f, &index, size, &faults);
    if (faults) site_fault(f);
    load_int(f, t, size, false, GP_rax, m);
    CodeLabel again = code_label(b);
    code_bind(b, again);
    x64_mov_rr(b, W_64, gp(temp), GP_rax);
    x64_alu_rr(b, alu, W_64, gp(temp), gp(value));
    if (faults) site_fault(f);
    x64_lock_cmpxchg_mr(b, w, m, gp(temp));
    x64_jcc(b, CC_ne, again);
    clear_above(f, size, GP_rax);
    push_reg(f, t, GP_rax);
}

void emit_atomic_rmw(Base *f, BaseType t, uint32_t size, AtomicOp op) {
    static const X64Alu loops[] = {
        [ATOMIC_and] = ALU_and,
        [ATOMIC_or] = ALU_or,
        [ATOMIC_xor] = ALU_xor,
    };
    if (op >= ATOMIC_and && op <= ATOMIC_xor) {
        rmw_loop(f, t, size, loops[op]);
        return;
    }
    bool faults;
    Reg value = copy_of(f, pop_reg(f));
    Entry index = pop_entry(f);
    if (op == ATOMIC_sub) x64_neg_r(&f->b, W_64, gp(value));
    X64Mem m = atomic_address(f, &index, size, &faults);
    if (faults) site_fault(f);
    if (op == ATOMIC_xchg)
        x64_xchg_mr(&f->b, (X64Width)size, m, gp(value));
    else
        x64_lock_xadd_mr(&f->b, (X64Width)size, m, gp(value));
    clear_above(f, size, value);
    push_reg(f, t, value);
}

void emit_cmpxchg(Base *f, BaseType t, uint32_t size) {
    bool faults;
    Reg value = not_rax(f, pop_reg(f));
    Reg expected = pop_reg(f);
    Entry index = pop_entry(f);
    Reg r = not_rax(f, entry_reg(f, &index));
    index = (Entry){.where = AT_reg, .type = index.type, .reg = r};
    take_rax(f);
    masm_move(f, GP_rax, expected);
    X64Mem m = atomic_address(f, &index, size, &faults);
    if (faults) site_fault(f);
    x64_lock_cmpxchg_mr(&f->b, (X64Width)size, m, gp(value));
    clear_above(f, size, GP_rax);
    push_reg(f, t, GP_rax);
}

void emit_fence(Base *f) {
    x64_mfence(&f->b);
}

// --- globals -----------------------------------------------------------------

static X64Mem global_cell(Base *f) {
    CodeBuf *b = &f->b;
    x64_mov_rm(b, W_64, GP_r11, context_mem(CONTEXT_FIELD_globals));
    x64_mov_rm(b, W_64, GP_r11, x64_at(GP_r11, (int32_t)f->in.imm.index * 8));
    return x64_at(GP_r11, 0);
}

static BaseType global_type(const Base *f) {
    return base_type(f, f->m->globals.data[f->in.imm.index].type.type);
}

static uint32_t cell_size(BaseType t) {
    return width_of(t) == W_64 ? 3 : 2;
}

void base_global_get(Base *f) {
    BaseType t = global_type(f);
    X64Mem m = global_cell(f);
    Reg to = result_reg(f, t, REG_NONE, 0);
    x64_load(f, t, cell_size(t), false, to, m);
    push_reg(f, t, to);
}

void base_global_set(Base *f) {
    BaseType t = global_type(f);
    Reg from = pop_reg(f);
    X64Mem m = global_cell(f);
    x64_store(f, t, ty_is_float(t) ? 0 : 3, m, from); // a whole word
}
