// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Mistakes in code.
#include "fuzz/smith/invalid.h"

enum {
    BLOCK_void = 0x40,
    FAR = 900000, // beyond what modules have
    RAW_i32 = 0x7f,
    RAW_i64 = 0x7e,
};

static void emit_bytes(Smith *s, const char *bytes, size_t size) {
    write_bytes(s->w, bytes, size);
}
#define RAW(bytes) emit_bytes(s, bytes, sizeof bytes - 1)

static void emit_null(Smith *s, ValType t) {
    emit_op(s, OP_ref_null);
    emit_heap_type(s, t);
}

// --- how instructions are written ----------------------------------------------------

bool smith_bad_code_after_end(Smith *s) {
    if (s->labels.len > 1) return false;
    smith_values(s, s->results, s->result_len);
    emit_op(s, OP_end);
    emit_op(s, OP_nop);
    return true;
}

bool smith_bad_opcode_of_nothing(Smith *s) {
    static const uint8_t holes[] = {0x16, 0x17, 0x1d, 0x1e, 0x27,
                                    0xc5, 0xd7, 0xe0, 0xff};
    write_u8(s->w, holes[smith_below(s, COUNTOF(holes))]);
    return true;
}

bool smith_bad_prefixed_opcode_of_nothing(Smith *s) {
    write_u8(s->w, (uint8_t)(0xfb + smith_below(s, 4)));
    write_u32(s->w, 5000 + smith_below(s, 1000));
    return true;
}

bool smith_bad_long_constant(Smith *s) {
    emit_op(s, OP_i32_const);
    RAW("\x80\x80\x80\x80\x80\x00");
    emit_op(s, OP_drop);
    return true;
}

bool smith_bad_large_constant(Smith *s) {
    emit_op(s, OP_i32_const);
    if (smith_chance(s, 2))
        RAW("\xff\xff\xff\xff\x0f");
    else
        RAW("\x80\x80\x80\x80\x70");
    emit_op(s, OP_drop);
    return true;
}

bool smith_bad_memory_flags(Smith *s) {
    if (!s->m.memories.len) return false;
    emit_i32(s, 0);
    emit_op(s, OP_i32_load);
    write_u32(s->w, 128u << smith_below(s, 4));
    write_u32(s->w, 0);
    emit_op(s, OP_drop);
    return true;
}

bool smith_bad_cast_flags(Smith *s) {
    emit_null(s, VT_ANYREF);
    emit_op(s, OP_br_on_cast);
    write_u8(s->w, (uint8_t)(4 + smith_below(s, 60)));
    write_u32(s->w, 0);
    emit_heap_type(s, VT_ANYREF);
    emit_heap_type(s, VT_EQREF);
    emit_op(s, OP_drop);
    return true;
}

bool smith_bad_catch_kind(Smith *s) {
    emit_op(s, OP_try_table);
    write_u8(s->w, BLOCK_void);
    write_u32(s->w, 1);
    write_u8(s->w, (uint8_t)(4 + smith_below(s, 100)));
    write_u32(s->w, 0);
    emit_op(s, OP_end);
    return true;
}

bool smith_bad_select_of_no_type(Smith *s) {
    for (int i = 0; i < 3; i++)
        emit_i32(s, 0);
    emit_op(s, OP_select_t);
    RAW("\x01\x10");
    emit_op(s, OP_drop);
    return true;
}

bool smith_bad_null_of_no_type(Smith *s) {
    emit_op(s, OP_ref_null);
    RAW("\x40");
    emit_op(s, OP_drop);
    return true;
}

bool smith_bad_block_of_no_value(Smith *s) {
    emit_op(s, OP_block);
    RAW("\x50");
    emit_op(s, OP_end);
    return true;
}

bool smith_bad_block_of_no_type(Smith *s) {
    emit_op(s, OP_block);
    RAW("\xff\x7e");
    emit_op(s, OP_end);
    return true;
}

bool smith_bad_block_of_type(Smith *s) {
    emit_op(s, OP_block);
    write_s64(s->w, smith_func_type(s, NULL, 0, NULL, 0));
    emit_op(s, OP_end);
    return true;
}

// The opcode alone: nothing behind it is looked at.
bool smith_bad_opcode_that_is_off(Smith *s) {
    uint32_t from = smith_below(s, OP_count);
    for (uint32_t i = 0; i < OP_count; i++) {
        Op op = (Op)((from + i) % OP_count);
        FeatureSet bit = (FeatureSet)1 << op_info[op].feature;
        if (!(s->in->broken->without & bit)) continue;
        emit_op(s, op);
        return true;
    }
    return false;
}

// --- what is named must exist ----------------------------------------------------------

static bool name_index(Smith *s, Op op, uint32_t index) {
    emit_index(s, op, index);
    return true;
}

bool smith_bad_no_local(Smith *s) {
    return name_index(s, OP_local_get, FAR);
}

bool smith_bad_no_global(Smith *s) {
    return name_index(s, OP_global_get, s->m.globals.len + smith_below(s, 3));
}

bool smith_bad_no_func(Smith *s) {
    return name_index(s, OP_call, FAR);
}

bool smith_bad_no_func_reference(Smith *s) {
    return name_index(s, OP_ref_func, FAR);
}

bool smith_bad_no_table(Smith *s) {
    return name_index(s, OP_table_size, s->m.tables.len + smith_below(s, 3));
}

bool smith_bad_no_memory(Smith *s) {
    return name_index(s, OP_memory_size, s->m.memories.len + smith_below(s, 3));
}

bool smith_bad_no_tag(Smith *s) {
    return name_index(s, OP_throw, s->m.tags.len + smith_below(s, 3));
}

bool smith_bad_no_elem(Smith *s) {
    return name_index(s, OP_elem_drop, s->m.elems.len + smith_below(s, 3));
}

bool smith_bad_no_data(Smith *s) {
    return s->m.has_data_count &&
           name_index(s, OP_data_drop, s->m.datas.len + smith_below(s, 3));
}

bool smith_bad_no_label(Smith *s) {
    return name_index(s, OP_br, s->labels.len + smith_below(s, 3));
}

bool smith_bad_no_label_in_table(Smith *s) {
    emit_op(s, OP_block);
    write_u8(s->w, BLOCK_void);
    emit_i32(s, 0);
    emit_index(s, OP_br_table, 1);
    write_u32(s->w, 0);
    write_u32(s->w, s->labels.len + 1);
    emit_op(s, OP_end);
    return true;
}

static bool catch_clause(Smith *s, CatchKind kind, uint32_t tag,
                         uint32_t label) {
    emit_op(s, OP_try_table);
    write_u8(s->w, BLOCK_void);
    write_u32(s->w, 1);
    write_u8(s->w, (uint8_t)kind);
    if (kind == CATCH_tag || kind == CATCH_tag_ref) write_u32(s->w, tag);
    write_u32(s->w, label);
    emit_op(s, OP_end);
    return true;
}

bool smith_bad_catch_no_tag(Smith *s) {
    return catch_clause(s, smith_chance(s, 2) ? CATCH_tag : CATCH_tag_ref,
                        s->m.tags.len + smith_below(s, 2), 0);
}

bool smith_bad_catch_no_label(Smith *s) {
    return catch_clause(s, CATCH_all, 0, s->labels.len + smith_below(s, 2));
}

// The label takes nothing, the handler has an exception to give.
bool smith_bad_catch_without_place(Smith *s) {
    return s->labels.len > 1 && catch_clause(s, CATCH_all_ref, 0, 0);
}

bool smith_bad_no_type(Smith *s) {
    return name_index(s, smith_chance(s, 2) ? OP_call_ref : OP_struct_new, FAR);
}

bool smith_bad_no_type_in_block(Smith *s) {
    emit_op(s, OP_block);
    write_s64(s->w, FAR);
    emit_op(s, OP_end);
    return true;
}

bool smith_bad_no_type_in_null(Smith *s) {
    emit_op(s, OP_ref_null);
    write_s64(s->w, FAR);
    emit_op(s, OP_drop);
    return true;
}

bool smith_bad_no_field(Smith *s) {
    uint32_t t = smith_def(s, COMP_struct);
    if (t == TYPE_NONE) return false;
    emit_null(s, vt_ref(t, true));
    emit_pair(s, OP_struct_get, t,
              s->m.types.data[t].structure.field_len + smith_below(s, 2));
    emit_op(s, OP_drop);
    return true;
}

bool smith_bad_call_of_structure(Smith *s) {
    uint32_t t = smith_def(s, COMP_struct);
    if (t == TYPE_NONE) return false;
    emit_null(s, vt_ref(t, true));
    emit_index(s, OP_call_ref, t);
    return true;
}

bool smith_bad_structure_of_array(Smith *s) {
    uint32_t t = smith_def(s, smith_chance(s, 2) ? COMP_array : COMP_func);
    if (t == TYPE_NONE) return false;
    emit_index(s, OP_struct_new_default, t);
    emit_op(s, OP_drop);
    return true;
}

bool smith_bad_array_of_structure(Smith *s) {
    uint32_t t = smith_def(s, COMP_struct);
    if (t == TYPE_NONE) return false;
    emit_null(s, vt_ref(t, true));
    emit_i32(s, 0);
    emit_index(s, OP_array_get, t);
    emit_op(s, OP_drop);
    return true;
}

bool smith_bad_undeclared(Smith *s) {
    emit_index(s, OP_ref_func, s->undeclared);
    emit_op(s, OP_drop);
    return true;
}

bool smith_bad_uninit(Smith *s) {
    emit_index(s, OP_local_get, smith_local(s, VT_ABSTRACT_REF(HEAP_i31)));
    emit_op(s, OP_drop);
    return true;
}

// Beyond the locals that readers keep in arrays.
bool smith_bad_uninit_far(Smith *s) {
    for (uint32_t i = 0; i < 2000; i++)
        (void)smith_local(s, VT_ABSTRACT_REF(HEAP_i31));
    return smith_bad_uninit(s);
}

// What a block sets is forgotten behind it.
bool smith_bad_uninit_after_block(Smith *s) {
    uint32_t l = smith_local(s, VT_ABSTRACT_REF(HEAP_i31));
    emit_op(s, OP_block);
    write_u8(s->w, BLOCK_void);
    emit_i32(s, 1);
    emit_op(s, OP_ref_i31);
    emit_index(s, OP_local_set, l);
    emit_op(s, OP_end);
    emit_index(s, OP_local_get, l);
    emit_op(s, OP_drop);
    return true;
}

// --- what is written must be mutable, what is immediate in range -----------------------

bool smith_bad_write_global(Smith *s) {
    for (uint32_t g = GLOBAL_FIRST; g < s->m.globals.len; g++) {
        const GlobalType *type = &s->m.globals.data[g].type;
        if (type->is_mutable) continue;
        smith_const(s, type->type);
        emit_index(s, OP_global_set, g);
        return true;
    }
    return false;
}

bool smith_bad_write_field(Smith *s) {
    for (uint32_t t = 0; t < s->m.types.len; t++) {
        const TypeDef *def = &s->m.types.data[t];
        for (uint32_t i = 0;
             def->kind == COMP_struct && i < def->structure.field_len; i++) {
            if (def->structure.fields[i].is_mutable) continue;
            emit_null(s, vt_ref(t, true));
            smith_const(s, vt_unpacked(def->structure.fields[i].storage));
            emit_pair(s, OP_struct_set, t, i);
            return true;
        }
    }
    return false;
}

bool smith_bad_write_array(Smith *s) {
    for (uint32_t t = 0; t < s->m.types.len; t++) {
        const TypeDef *def = &s->m.types.data[t];
        if (def->kind != COMP_array || def->structure.fields[0].is_mutable)
            continue;
        emit_null(s, vt_ref(t, true));
        emit_i32(s, 0);
        smith_const(s, vt_unpacked(def->structure.fields[0].storage));
        emit_index(s, OP_array_set, t);
        return true;
    }
    return false;
}

bool smith_bad_lane(Smith *s) {
    static const Op ops[] = {OP_i8x16_extract_lane_u, OP_i16x8_extract_lane_s,
                             OP_i32x4_extract_lane,   OP_f32x4_extract_lane,
                             OP_i64x2_extract_lane,   OP_f64x2_extract_lane};
    Op op = ops[smith_below(s, COUNTOF(ops))];
    smith_const(s, VT_v128);
    emit_op(s, op);
    write_u8(s->w, (uint8_t)(op_info[op].lanes + smith_below(s, 64)));
    emit_op(s, OP_drop);
    return true;
}

bool smith_bad_shuffle_lane(Smith *s) {
    smith_const(s, VT_v128);
    smith_const(s, VT_v128);
    emit_op(s, OP_i8x16_shuffle);
    for (uint32_t i = 0, at = smith_below(s, 16); i < 16; i++)
        write_u8(s->w, (uint8_t)(i == at ? 32 : smith_below(s, 32)));
    emit_op(s, OP_drop);
    return true;
}

// A row that loads from memory 0 and needs nothing else.
static Op any_load(Smith *s, uint8_t prefix) {
    uint32_t from = smith_below(s, OP_count);
    for (uint32_t i = 0;; i++) {
        Op op = (Op)((from + i) % OP_count);
        OpSig sig = op_info[op].sig;
        if (op_info[op].imm == IMM_memarg && op_info[op].prefix == prefix &&
            op_is_plain(op) && sig_param_len(sig) == 1)
            return op;
    }
}

static bool bad_align(Smith *s, uint8_t prefix, bool is_less) {
    if (!s->m.memories.len) return false;
    Op op = any_load(s, prefix);
    uint32_t natural = op_info[op].access_log2;
    if (is_less && !natural) return false;
    emit_addr(s, s->m.memories.data[0].type.limits.is_64, 0);
    emit_op(s, op);
    write_u32(s->w, is_less ? smith_below(s, natural)
                            : natural + 1 + smith_below(s, 3));
    write_u32(s->w, 0);
    emit_op(s, OP_drop);
    return true;
}

bool smith_bad_alignment(Smith *s) {
    return bad_align(s, smith_chance(s, 4) ? 0xfd : 0, false);
}

bool smith_bad_atomic_alignment(Smith *s) {
    return bad_align(s, 0xfe, true);
}

bool smith_bad_offset(Smith *s) {
    if (!s->m.memories.len || s->m.memories.data[0].type.limits.is_64)
        return false;
    emit_i32(s, 0);
    emit_op(s, OP_i32_load);
    write_u32(s->w, 0);
    write_u64(s->w, (UINT64_C(1) << 32) + smith_below(s, 9));
    emit_op(s, OP_drop);
    return true;
}

bool smith_bad_select_two(Smith *s) {
    for (int i = 0; i < 3; i++)
        emit_i32(s, 0);
    uint32_t len = smith_chance(s, 2) ? 0 : 2;
    emit_index(s, OP_select_t, len);
    for (uint32_t i = 0; i < len; i++)
        write_u8(s->w, RAW_i32);
    emit_op(s, OP_drop);
    return true;
}

bool smith_bad_else_of_block(Smith *s) {
    emit_op(s, OP_block);
    write_u8(s->w, BLOCK_void);
    emit_op(s, OP_else);
    emit_op(s, OP_end);
    return true;
}

bool smith_bad_second_else(Smith *s) {
    emit_i32(s, 0);
    emit_op(s, OP_if);
    write_u8(s->w, BLOCK_void);
    emit_op(s, OP_else);
    emit_op(s, OP_else);
    emit_op(s, OP_end);
    return true;
}

// --- types -----------------------------------------------------------------------------

// A row with fixed types, operands and no immediate.
static Op any_row(Smith *s) {
    uint32_t from = smith_below(s, OP_count);
    for (uint32_t i = 0;; i++) {
        Op op = (Op)((from + i) % OP_count);
        if (op_is_plain(op) && sig_param_len(op_info[op].sig) &&
            op_info[op].imm == IMM_none)
            return op;
    }
}

static ValType operand(Op op, uint32_t i) {
    OpSig sig = op_info[op].sig;
    return (ValType)sig_param(sig, sig_param_len(sig) - 1 - i);
}

static bool bad_operands(Smith *s, uint32_t missing, uint32_t wrong) {
    Op op = any_row(s);
    uint32_t len = sig_param_len(op_info[op].sig);
    for (uint32_t i = MIN(missing, len); i < len; i++) {
        ValType t = operand(op, i);
        if (wrong && i == wrong % len) t = t == VT_i32 ? VT_f64 : VT_i32;
        if (wrong && i == wrong % len && smith_chance(s, 3)) t = VT_FUNCREF;
        smith_const(s, t);
    }
    emit_op(s, op);
    return true;
}

bool smith_bad_wrong_operand(Smith *s) {
    return bad_operands(s, 0, 4 + smith_below(s, 4));
}

bool smith_bad_missing_operand(Smith *s) {
    return bad_operands(s, 1 + smith_below(s, 2), 0);
}

// A block sees nothing of what lies below it.
static bool below_block(Smith *s, Op op) {
    emit_i32(s, 1);
    emit_op(s, OP_block);
    write_u8(s->w, BLOCK_void);
    emit_op(s, op);
    emit_op(s, OP_end);
    return true;
}

bool smith_bad_operand_below_block(Smith *s) {
    return below_block(s, OP_i32_eqz);
}

bool smith_bad_drop_below_block(Smith *s) {
    return below_block(s, OP_drop);
}

// A type of another kind.
static ValType other_type(ValType t) {
    return t == VT_i64 ? VT_f32 : VT_i64;
}

bool smith_bad_wrong_argument(Smith *s) {
    for (uint32_t f = 0; f < s->m.funcs.len; f++) {
        const FuncType *t = &module_func_type(&s->m, f)->func;
        if (!t->param_len) continue;
        uint32_t wrong = smith_below(s, t->param_len);
        for (uint32_t i = 0; i < t->param_len; i++)
            smith_const(s,
                        i == wrong ? other_type(t->params[i]) : t->params[i]);
        emit_index(s, OP_call, f);
        return true;
    }
    return false;
}

// The index type of a memory is that of its addresses.
bool smith_bad_wrong_index(Smith *s) {
    if (!s->m.memories.len) return false;
    uint32_t memory = smith_below(s, s->m.memories.len);
    bool is_64 = s->m.memories.data[memory].type.limits.is_64;
    emit_addr(s, !is_64, 0);
    if (smith_chance(s, 2)) {
        emit_index(s, OP_memory_grow, memory);
    } else {
        emit_op(s, OP_i32_load);
        write_u32(s->w, 64);
        write_u32(s->w, memory);
        write_u32(s->w, 0);
    }
    emit_op(s, OP_drop);
    return true;
}

bool smith_bad_wrong_store(Smith *s) {
    if (!s->m.tables.len) return false;
    uint32_t table = smith_below(s, s->m.tables.len);
    const TableType *t = &s->m.tables.data[table].type;
    emit_addr(s, t->limits.is_64, 0);
    if (type_top(&s->m, t->elem) == HEAP_func)
        emit_null(s, VT_EXTERNREF);
    else
        emit_null(s, VT_FUNCREF);
    emit_index(s, OP_table_set, table);
    return true;
}

// What may be null does not go where nothing may be.
bool smith_bad_wrong_reference(Smith *s) {
    emit_op(s, OP_block);
    write_s64(s->w, smith_func_type(s, &(ValType){VT_ABSTRACT_REF(HEAP_i31)}, 1,
                                    NULL, 0));
    // The operand comes too late: the block above has none.
    emit_op(s, OP_drop);
    emit_op(s, OP_end);
    return true;
}

bool smith_bad_set_supertype(Smith *s) {
    uint32_t l = smith_local(s, VT_I31REF);
    emit_null(s, smith_chance(s, 2) ? VT_ANYREF : VT_EQREF);
    emit_index(s, OP_local_set, l);
    return true;
}

bool smith_bad_missing_result(Smith *s) {
    emit_op(s, OP_block);
    write_u8(s->w, RAW_i32);
    emit_op(s, OP_end);
    emit_op(s, OP_drop);
    return true;
}

bool smith_bad_wrong_result(Smith *s) {
    emit_op(s, smith_chance(s, 2) ? OP_loop : OP_block);
    write_u8(s->w, RAW_i64);
    smith_const(s, smith_chance(s, 2) ? VT_i32 : VT_FUNCREF);
    emit_op(s, OP_end);
    emit_op(s, OP_drop);
    return true;
}

bool smith_bad_result_too_many(Smith *s) {
    emit_op(s, OP_block);
    write_u8(s->w, BLOCK_void);
    smith_const(s, smith_num_type(s));
    emit_op(s, OP_end);
    return true;
}

bool smith_bad_if_without_else(Smith *s) {
    emit_i32(s, 0);
    emit_op(s, OP_if);
    write_u8(s->w, RAW_i32);
    emit_i32(s, 0);
    emit_op(s, OP_end);
    emit_op(s, OP_drop);
    return true;
}

bool smith_bad_select_of_references(Smith *s) {
    emit_null(s, VT_FUNCREF);
    emit_null(s, VT_FUNCREF);
    emit_i32(s, 0);
    emit_op(s, OP_select);
    emit_op(s, OP_drop);
    return true;
}

// br_on_cast goes down only.
bool smith_bad_cast_up(Smith *s) {
    emit_null(s, VT_I31REF);
    emit_op(s, OP_br_on_cast);
    write_u8(s->w, 3);
    write_u32(s->w, 0);
    emit_heap_type(s, VT_I31REF);
    emit_heap_type(s, VT_ANYREF);
    emit_op(s, OP_drop);
    return true;
}

// Types 0 to 2 are arrays of i8, i64 and funcref (smith_types).
bool smith_bad_copy_other_array(Smith *s) {
    uint32_t to = smith_below(s, 3), from = (to + 1 + smith_below(s, 2)) % 3;
    emit_null(s, vt_ref(to, true));
    emit_i32(s, 0);
    emit_null(s, vt_ref(from, true));
    emit_i32(s, 0);
    emit_i32(s, 0);
    emit_pair(s, OP_array_copy, to, from);
    return true;
}

bool smith_bad_array_of_references(Smith *s) {
    if (!s->m.has_data_count || !s->m.datas.len) return false;
    emit_i32(s, 0);
    emit_i32(s, 0);
    emit_pair(s, OP_array_new_data, 2, 0);
    emit_op(s, OP_drop);
    return true;
}
