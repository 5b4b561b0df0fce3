// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Globals, tables, bulk memory, references, objects, exceptions: mostly calls of
// the runtime.
#include "baseline/emit.h"
#include "baseline/masm.h"

// --- select and nothing ------------------------------------------------------

static void select(Base *f) {
    Entry cond = pop_entry(f);
    Reg r = REG_NONE;
    if (cond.where != AT_flags) r = entry_reg(f, &cond);
    Entry b = pop_entry(f);
    Reg otherwise = entry_reg(f, &b);
    BaseType t = (BaseType)b.type;
    Reg to = pop_own(f);
    Cond c = cond.cond;
    if (r != REG_NONE) {
        masm_test(f, TY_i32, r);
        c = masm_unless_zero;
    }
    masm_select(f, t, to, otherwise, c);
    push_reg(f, t, to);
}

void base_select(Base *f) {
    select(f);
}

void base_select_t(Base *f) {
    select(f);
}

// --- calls of the runtime ----------------------------------------------------

static uint32_t index_of(const Base *f) {
    return f->in.imm.index;
}

static BaseType memory_index(const Base *f, uint32_t memory) {
    return f->m->memories.data[memory].type.limits.is_64 ? TY_i64 : TY_i32;
}

static BaseType table_index(const Base *f, uint32_t table) {
    return f->m->tables.data[table].type.limits.is_64 ? TY_i64 : TY_i32;
}

void base_table_get(Base *f) {
    emit_table_get(f, index_of(f));
}

void base_table_set(Base *f) {
    emit_table_set(f, index_of(f));
}

void base_table_size(Base *f) {
    emit_table_size(f, index_of(f));
}

void base_table_grow(Base *f) {
    uint32_t table = index_of(f);
    row_call(f, HELPER_table_grow, 2, table, 0);
    row_result(f, table_index(f, table));
}

void base_table_fill(Base *f) {
    row_call(f, HELPER_table_fill, 3, index_of(f), 0);
}

static void row_of_pair(Base *f, HelperId helper, uint32_t operands) {
    row_call(f, helper, operands, f->in.imm.pair.first, f->in.imm.pair.second);
}

void base_table_copy(Base *f) {
    row_of_pair(f, HELPER_table_copy, 3);
}

void base_table_init(Base *f) {
    row_of_pair(f, HELPER_table_init, 3);
}

void base_elem_drop(Base *f) {
    row_call(f, HELPER_elem_drop, 0, index_of(f), 0);
}

void base_memory_size(Base *f) {
    emit_memory_size(f, index_of(f));
}

void base_memory_grow(Base *f) {
    uint32_t memory = index_of(f);
    row_call(f, HELPER_memory_grow, 1, memory, 0);
    row_result(f, memory_index(f, memory));
}

void base_memory_init(Base *f) {
    row_of_pair(f, HELPER_memory_init, 3);
}

void base_data_drop(Base *f) {
    row_call(f, HELPER_data_drop, 0, index_of(f), 0);
}

void base_memory_copy(Base *f) {
    if (!emit_memory_copy(f, f->in.imm.pair.first, f->in.imm.pair.second))
        row_of_pair(f, HELPER_memory_copy, 3);
}

void base_memory_fill(Base *f) {
    if (!emit_memory_fill(f, index_of(f)))
        row_call(f, HELPER_memory_fill, 3, index_of(f), 0);
}

// --- references --------------------------------------------------------------

void base_ref_null(Base *f) {
    push_const(f, base_type(f, f->in.imm.heap), 0);
}

void base_ref_is_null(Base *f) {
    Entry e = pop_entry(f);
    Reg r = entry_reg(f, &e);
    masm_test(f, e.type == TY_func ? TY_i64 : TY_i32, r);
    push_cond(f, masm_if_zero);
}

void base_ref_func(Base *f) {
    row_call(f, HELPER_ref_func, 0, index_of(f), 0);
    row_result(f, TY_func);
}

void base_ref_as_non_null(Base *f) {
    Entry e = pop_entry(f);
    Reg r = entry_reg(f, &e);
    masm_trap_if_zero(f, r, TRAP_null_reference);
    push_again(f, e, r);
}

void base_br_on_null(Base *f) {
    end_segment(f);
    Entry e = pop_entry(f);
    Reg r = entry_reg(f, &e);
    BaseType t = (BaseType)e.type;
    masm_test(f, t == TY_func ? TY_i64 : TY_i32, r);
    branch_if(f, f->in.imm.index, masm_if_zero);
    push_again(f, e, r); // above what the branch took
}

void base_br_on_non_null(Base *f) {
    end_segment(f);
    Reg r = pop_own(f);
    Entry *popped = &f->stack[f->height];
    BaseType t = (BaseType)popped->type;
    push_reg(f, t, r);
    masm_test(f, t == TY_func ? TY_i64 : TY_i32, r);
    branch_if(f, f->in.imm.index, masm_unless_zero);
    pop_entry(f);
}

// --- objects -----------------------------------------------------------------

static const TypeDef *type_def(const Base *f, uint32_t index) {
    return &f->m->types.data[index];
}

static ValType field_type(const Base *f, uint32_t type, uint32_t field) {
    return vt_unpacked(type_def(f, type)->structure.fields[field].storage);
}

static void new_object(Base *f, HelperId helper, uint32_t operands, uint64_t a,
                       uint64_t b) {
    row_call(f, helper, operands, a, b);
    row_result(f, TY_ref);
}

void base_struct_new(Base *f) {
    uint32_t type = index_of(f);
    if (emit_struct_new(f, type, false)) return;
    new_object(f, HELPER_struct_new, type_def(f, type)->structure.field_len,
               type, 0);
}

void base_struct_new_default(Base *f) {
    if (emit_struct_new(f, index_of(f), true)) return;
    new_object(f, HELPER_struct_new_default, 0, index_of(f), 0);
}

static void struct_get(Base *f, HelperId helper, bool is_signed) {
    uint32_t type = f->in.imm.pair.first, field = f->in.imm.pair.second;
    if (emit_field_get(f, type, field, is_signed)) return;
    row_call(f, helper, 1, type, field);
    row_result(f, base_type(f, field_type(f, type, field)));
}

void base_struct_get(Base *f) {
    struct_get(f, HELPER_struct_get, false);
}

void base_struct_get_s(Base *f) {
    struct_get(f, HELPER_struct_get_s, true);
}

void base_struct_get_u(Base *f) {
    struct_get(f, HELPER_struct_get_u, false);
}

void base_struct_set(Base *f) {
    if (!emit_field_set(f, f->in.imm.pair.first, f->in.imm.pair.second))
        row_of_pair(f, HELPER_struct_set, 2);
}

void base_array_new(Base *f) {
    if (emit_array_new(f, index_of(f), false)) return;
    new_object(f, HELPER_array_new, 2, index_of(f), 0);
}

void base_array_new_default(Base *f) {
    if (emit_array_new(f, index_of(f), true)) return;
    new_object(f, HELPER_array_new_default, 1, index_of(f), 0);
}

void base_array_new_fixed(Base *f) {
    uint32_t type = f->in.imm.pair.first, len = f->in.imm.pair.second;
    if (emit_array_new_fixed(f, type, len)) return;
    new_object(f, HELPER_array_new_fixed, len, type, len);
}

void base_array_new_data(Base *f) {
    row_of_pair(f, HELPER_array_new_data, 2);
    row_result(f, TY_ref);
}

void base_array_new_elem(Base *f) {
    row_of_pair(f, HELPER_array_new_elem, 2);
    row_result(f, TY_ref);
}

static void array_get(Base *f, HelperId helper, bool is_signed) {
    uint32_t type = index_of(f);
    if (emit_element_get(f, type, is_signed)) return;
    row_call(f, helper, 2, type, 0);
    row_result(f, base_type(f, field_type(f, type, 0)));
}

void base_array_get(Base *f) {
    array_get(f, HELPER_array_get, false);
}

void base_array_get_s(Base *f) {
    array_get(f, HELPER_array_get_s, true);
}

void base_array_get_u(Base *f) {
    array_get(f, HELPER_array_get_u, false);
}

void base_array_set(Base *f) {
    uint32_t type = index_of(f);
    if (!emit_element_set(f, type)) row_call(f, HELPER_array_set, 3, type, 0);
}

void base_array_len(Base *f) {
    emit_array_len(f);
}

void base_array_fill(Base *f) {
    row_call(f, HELPER_array_fill, 4, index_of(f), 0);
}

void base_array_copy(Base *f) {
    row_of_pair(f, HELPER_array_copy, 5);
}

void base_array_init_data(Base *f) {
    row_of_pair(f, HELPER_array_init_data, 4);
}

void base_array_init_elem(Base *f) {
    row_of_pair(f, HELPER_array_init_elem, 4);
}

// --- casts -------------------------------------------------------------------

void base_ref_test(Base *f) {
    emit_ref_test(f, f->in.imm.heap);
}

void base_ref_test_null(Base *f) {
    emit_ref_test(f, f->in.imm.heap | VT_NULL);
}

void base_ref_cast(Base *f) {
    emit_ref_cast(f, f->in.imm.heap);
}

void base_ref_cast_null(Base *f) {
    emit_ref_cast(f, f->in.imm.heap | VT_NULL);
}

// The test takes a copy of the reference, which stays below it.
static void br_on_cast(Base *f, Cond c) {
    end_segment(f);
    Entry e = pop_entry(f);
    Reg r = entry_reg(f, &e);
    push_again(f, e, r);
    push_again(f, e, r);
    emit_ref_test(f, f->in.imm.br_cast.to);
    Reg is_true = pop_reg(f);
    masm_test(f, TY_i32, is_true);
    branch_if(f, f->in.imm.br_cast.label, c);
}

void base_br_on_cast(Base *f) {
    br_on_cast(f, masm_unless_zero);
}

void base_br_on_cast_fail(Base *f) {
    br_on_cast(f, masm_if_zero);
}

void base_any_convert_extern(Base *f) {
    (void)f;
}

void base_extern_convert_any(Base *f) {
    (void)f;
}

// --- exceptions --------------------------------------------------------------

void base_throw(Base *f) {
    uint32_t tag = index_of(f);
    const TagDecl *decl = &f->m->tags.data[tag];
    end_segment(f);
    row_call(f, HELPER_throw, type_def(f, decl->type)->func.param_len, tag, 0);
    f->is_live = false;
}

void base_throw_ref(Base *f) {
    end_segment(f);
    row_call(f, HELPER_throw_ref, 1, 0, 0);
    f->is_live = false;
}
