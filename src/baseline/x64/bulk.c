// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tables and their cells, sizes, and small blocks of memory on x86-64.
#include "baseline/x64/x64.h"

// --- tables ------------------------------------------------------------------

static BaseType cell_type(const Base *f, uint32_t table) {
    return base_type(f, f->m->tables.data[table].type.elem);
}

static BaseType index_type(bool is_64) {
    return is_64 ? TY_i64 : TY_i32;
}

// r = the table.
static void load_table(Base *f, X64Gp r, uint32_t table) {
    x64_mov_rm(&f->b, W_64, r, context_mem(CONTEXT_FIELD_tables));
    x64_mov_rm(&f->b, W_64, r, x64_at(r, (int32_t)table * 8));
}

// A cell, after its check; `r` is free to use.
static X64Mem cell(Base *f, X64Gp r, uint32_t table, Reg index) {
    CodeBuf *b = &f->b;
    bool is_func = cell_type(f, table) == TY_func;
    load_table(f, r, table);
    x64_cmp_rm(b, W_64, gp(index), x64_at(r, LAYOUT_TABLE_SIZE));
    x64_jcc(b, CC_ae, trap_label(f, TRAP_table_bounds));
    x64_mov_rm(b, W_64, r, x64_at(r, LAYOUT_TABLE_CELLS));
    return x64_at_index(r, gp(index), is_func ? 3 : 2, 0);
}

// A function's reference may not be made yet: its cell is an odd number.
void emit_table_get(Base *f, uint32_t table) {
    BaseType t = cell_type(f, table);
    Reg index = pop_reg(f), to = reg_alloc(f, false);
    X64Gp r = gp(to);
    if (t != TY_func) {
        x64_mov_rm(&f->b, W_32, r, cell(f, r, table, index));
        push_reg(f, t, to);
        return;
    }
    LateCall *late = late_call(f, HELPER_table_get, table, t, to);
    late->has_operand = true;
    late->operand = (Move){.type = TY_i64, .from = FROM_reg, .reg = index};
    CodeLabel slow = late->label, back = late->back;
    x64_mov_rm(&f->b, W_64, r, cell(f, r, table, index));
    x64_test(&f->b, W_32, r, 1);
    x64_jcc(&f->b, CC_ne, slow);
    code_bind(&f->b, back);
    push_reg(f, t, to);
}

void emit_table_set(Base *f, uint32_t table) {
    Reg value = pop_reg(f), index = pop_reg(f);
    X64Mem m = cell(f, gp(reg_alloc(f, false)), table, index);
    x64_mov_mr(&f->b, width_of(cell_type(f, table)), m, gp(value));
}

void emit_table_size(Base *f, uint32_t table) {
    BaseType t = index_type(f->m->tables.data[table].type.limits.is_64);
    Reg to = result_reg(f, t, REG_NONE, 0);
    load_table(f, gp(to), table);
    x64_mov_rm(&f->b, W_64, gp(to), x64_at(gp(to), LAYOUT_TABLE_SIZE));
    push_reg(f, t, to);
}

// --- memory ------------------------------------------------------------------

// r = bytes.
static void load_size(Base *f, X64Gp r, uint32_t memory, bool is_shared) {
    CodeBuf *b = &f->b;
    if (memory == 0 && !is_shared) {
        x64_mov_rm(b, W_64, r, context_mem(CONTEXT_FIELD_memory0_size));
        return;
    }
    x64_mov_rm(b, W_64, r, context_mem(CONTEXT_FIELD_memories));
    x64_mov_rm(b, W_64, r, x64_at(r, (int32_t)memory * 8));
    if (is_shared) {
        x64_mov_rm(b, W_64, r, x64_at(r, LAYOUT_MEMORY_SHARED));
        x64_mov_rm(b, W_64, r, x64_at(r, LAYOUT_SHARED_SIZE));
    } else {
        x64_mov_rm(b, W_64, r, x64_at(r, LAYOUT_MEMORY_SIZE));
    }
}

void emit_memory_size(Base *f, uint32_t memory) {
    const MemoryType *type = &f->m->memories.data[memory].type;
    BaseType t = index_type(type->limits.is_64);
    Reg to = result_reg(f, t, REG_NONE, 0);
    load_size(f, gp(to), memory, type->limits.is_shared);
    if (type->page_log2 > 0)
        x64_shift_ri(&f->b, SHIFT_shr, W_64, gp(to), type->page_log2);
    push_reg(f, t, to);
}

// --- small blocks ------------------------------------------------------------

enum {
    BLOCK_MAX = 64, // bytes that are moved in line
    PIECES_MAX = 4,
};

// A block is a few pieces of one size, the last of which may lie over the one
// before.
typedef struct Pieces {
    uint32_t len;
    uint32_t log2[PIECES_MAX], at[PIECES_MAX];
} Pieces;

static Pieces pieces_of(uint32_t size) {
    Pieces p = {0};
    uint32_t log2 = 4;
    while (log2 > 0 && size >> log2 == 0)
        log2--;
    for (uint32_t at = 0; at < size; p.len++) {
        uint32_t left = size - at;
        p.log2[p.len] = log2;
        p.at[p.len] = left < 1u << log2 ? size - (1u << log2) : at;
        at = p.at[p.len] + (1u << log2);
    }
    return p;
}

static BaseType piece_type(uint32_t log2) {
    return log2 == 4 ? TY_v128 : TY_i64;
}

// The constant size of a block on top of the operands, if it is small. Fuel is
// for the length that is moved, which the runtime counts.
static bool small_block(const Base *f, uint32_t *size) {
    const Entry *len = &f->stack[f->height - 1];
    if (len->where != AT_const || len->value > BLOCK_MAX) return false;
    *size = (uint32_t)len->value;
    return !f->options->use_fuel;
}

// Both ranges are checked, and all is loaded, before anything is stored.
bool emit_memory_copy(Base *f, uint32_t to, uint32_t from) {
    CodeBuf *b = &f->b;
    uint32_t size;
    if (!small_block(f, &size)) return false;
    pop_entry(f);
    Entry source = pop_entry(f), target = pop_entry(f);
    X64Gp base = x64_range(f, &source, from, size);
    X64Gp at = gp(reg_alloc(f, false));
    x64_lea(b, W_64, at, x64_at_index(base, GP_r11, 0, -(int32_t)size));
    base = x64_range(f, &target, to, size);
    Pieces p = pieces_of(size);
    Reg regs[PIECES_MAX];
    for (uint32_t i = 0; i < p.len; i++) {
        regs[i] = reg_alloc(f, p.log2[i] == 4);
        x64_load(f, piece_type(p.log2[i]), p.log2[i], false, regs[i],
                 x64_at(at, (int32_t)p.at[i]));
    }
    for (uint32_t i = 0; i < p.len; i++)
        x64_store(
            f, piece_type(p.log2[i]), p.log2[i],
            x64_at_index(base, GP_r11, 0, (int32_t)p.at[i] - (int32_t)size),
            regs[i]);
    return true;
}

// The byte in every byte of a register.
static Reg pop_pattern(Base *f) {
    const uint64_t each = 0x0101010101010101;
    Entry value = pop_entry(f);
    Reg pattern = reg_alloc(f, false);
    if (value.where == AT_const) {
        x64_mov(&f->b, gp(pattern), (value.value & 0xff) * each);
        return pattern;
    }
    Reg r = entry_reg(f, &value);
    x64_movzx8_rr(&f->b, W_32, gp(pattern), gp(r));
    x64_mov(&f->b, GP_r11, each);
    x64_imul_rr(&f->b, W_64, gp(pattern), GP_r11);
    return pattern;
}

bool emit_memory_fill(Base *f, uint32_t memory) {
    CodeBuf *b = &f->b;
    uint32_t size;
    if (!small_block(f, &size)) return false;
    pop_entry(f);
    Reg pattern = pop_pattern(f);
    Entry target = pop_entry(f);
    Reg wide = REG_NONE;
    if (size >= 16) {
        wide = reg_alloc(f, true);
        x64_movq_xr(b, xmm(wide), gp(pattern));
        x64_punpcklqdq_rr(b, xmm(wide), xmm(wide));
    }
    X64Gp base = x64_range(f, &target, memory, size);
    Pieces p = pieces_of(size);
    for (uint32_t i = 0; i < p.len; i++)
        x64_store(
            f, piece_type(p.log2[i]), p.log2[i],
            x64_at_index(base, GP_r11, 0, (int32_t)p.at[i] - (int32_t)size),
            p.log2[i] == 4 ? wide : pattern);
    return true;
}
