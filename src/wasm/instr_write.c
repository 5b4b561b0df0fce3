// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "wasm/instr_write.h"

void write_op(Writer *w, Op op) {
    const OpInfo *info = &op_info[op];
    if (info->prefix == 0) {
        write_u8(w, (uint8_t)info->code);
        return;
    }
    write_u8(w, info->prefix);
    write_u32(w, info->code);
}

// --- types -------------------------------------------------------------------

void write_heap_type(Writer *w, ValType t) {
    if (vt_is_concrete(t))
        write_s64(w, vt_index(t));
    else
        write_u8(w, heap_code[vt_heap(t)]);
}

// The shorthand of nullable abstract types is the shortest form.
void write_val_type(Writer *w, ValType t) {
    static const uint8_t codes[VT_num_count] = {
        [VT_i32] = TYPE_CODE_i32,     [VT_i64] = TYPE_CODE_i32 - 1,
        [VT_f32] = TYPE_CODE_i32 - 2, [VT_f64] = TYPE_CODE_i32 - 3,
        [VT_v128] = TYPE_CODE_v128,   [VT_i8] = TYPE_CODE_i8,
        [VT_i16] = TYPE_CODE_i16};
    if (!vt_is_ref(t)) {
        write_u8(w, codes[t]);
        return;
    }
    if (vt_is_concrete(t) || !vt_is_nullable(t))
        write_u8(w, vt_is_nullable(t) ? TYPE_CODE_ref_null : TYPE_CODE_ref);
    write_heap_type(w, t);
}

static void write_block_type(Writer *w, const BlockType *t) {
    switch (t->kind) {
    case BLOCK_empty:
        write_u8(w, TYPE_CODE_empty);
        return;
    case BLOCK_value:
        write_val_type(w, t->value);
        return;
    case BLOCK_type:
        write_s64(w, t->index);
        return;
    }
    UNREACHABLE();
}

// --- immediates --------------------------------------------------------------

void write_memarg(Writer *w, const MemArg *arg) {
    write_u32(w, arg->align_log2 | (arg->memory ? MEMARG_memory : 0));
    if (arg->memory) write_u32(w, arg->memory);
    write_u64(w, arg->offset);
}

void write_br_cast(Writer *w, uint32_t label, ValType from, ValType to) {
    write_u8(w, (uint8_t)((vt_is_nullable(from) ? BR_CAST_from_null : 0) |
                          (vt_is_nullable(to) ? BR_CAST_to_null : 0)));
    write_u32(w, label);
    write_heap_type(w, from);
    write_heap_type(w, to);
}

void write_catch(Writer *w, const CatchClause *clause) {
    bool has_tag = clause->kind == CATCH_tag || clause->kind == CATCH_tag_ref;
    write_u8(w, (uint8_t)clause->kind);
    if (has_tag) write_u32(w, clause->tag);
    write_u32(w, clause->label);
}

// The lists were read once already, so reading them again cannot fail.

static void write_br_table(Writer *w, Reader r, const Instr *in) {
    uint32_t len = in->imm.br_table.len;
    r.at = in->imm.br_table.list;
    write_u32(w, len);
    for (uint32_t i = 0; i <= len; i++)
        write_u32(w, read_u32(&r));
}

static void write_try_table(Writer *w, Reader r, const Instr *in) {
    uint32_t len = in->imm.try_table.len;
    r.at = in->imm.try_table.list;
    write_block_type(w, &in->imm.try_table.block);
    write_u32(w, len);
    CatchClause clause;
    for (uint32_t i = 0; i < len && read_catch(&r, &clause); i++)
        write_catch(w, &clause);
}

static void write_select_types(Writer *w, Reader r, FeatureSet features,
                               const Instr *in) {
    uint32_t len = in->imm.types.len;
    r.at = in->imm.types.list;
    write_u32(w, len);
    ValType type;
    for (uint32_t i = 0; i < len && read_val_type(&r, features, &type); i++)
        write_val_type(w, type);
}

// LONG: one arm a kind of immediate.
void instr_write(Writer *w, const Reader *r, FeatureSet features,
                 const Instr *in) {
    write_op(w, in->op);
    switch ((ImmKind)op_info[in->op].imm) {
    case IMM_none:
        return;
    case IMM_block:
        write_block_type(w, &in->imm.block);
        return;
    case IMM_try_table:
        write_try_table(w, *r, in);
        return;
    case IMM_br_table:
        write_br_table(w, *r, in);
        return;
    case IMM_br_cast:
        write_br_cast(w, in->imm.br_cast.label, in->imm.br_cast.from,
                      in->imm.br_cast.to);
        return;
    case IMM_label:
    case IMM_func:
    case IMM_type:
    case IMM_local:
    case IMM_global:
    case IMM_table:
    case IMM_memory:
    case IMM_tag:
    case IMM_elem:
    case IMM_data:
        write_u32(w, in->imm.index);
        return;
    case IMM_type_table:
    case IMM_elem_table:
    case IMM_data_memory:
    case IMM_table_table:
    case IMM_memory_memory:
    case IMM_type_field:
    case IMM_type_type:
    case IMM_type_len:
    case IMM_type_data:
    case IMM_type_elem:
        write_u32(w, in->imm.pair.first);
        write_u32(w, in->imm.pair.second);
        return;
    case IMM_memarg:
        write_memarg(w, &in->imm.mem.arg);
        return;
    case IMM_memarg_lane:
        write_memarg(w, &in->imm.mem.arg);
        write_u8(w, in->imm.mem.lane);
        return;
    case IMM_lane:
        write_u8(w, (uint8_t)in->imm.index);
        return;
    case IMM_shuffle:
    case IMM_v128:
        write_bytes(w, in->imm.bytes16, 16);
        return;
    case IMM_i32:
        write_s32(w, in->imm.i32);
        return;
    case IMM_i64:
        write_s64(w, in->imm.i64);
        return;
    case IMM_f32:
        write_f32_bits(w, in->imm.f32);
        return;
    case IMM_f64:
        write_f64_bits(w, in->imm.f64);
        return;
    case IMM_heap:
        write_heap_type(w, in->imm.heap);
        return;
    case IMM_types:
        write_select_types(w, *r, features, in);
        return;
    case IMM_zero_byte:
        write_u8(w, 0);
        return;
    case IMM_count:
        break;
    }
    UNREACHABLE();
}
