// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Fields and elements of collected objects on x86-64 (vmabi/layout.h). An
// address is the heap's base, read anew each time, and the reference.
#include "baseline/x64/x64.h"

enum {
    FIELD_MAX = 64, // so that finding a field takes constant time
    SIZE_func = 99,
};

// log2 of the bytes; references to functions are stored in the runtime's way.
static uint32_t storage_size(const Base *f, ValType storage) {
    if (storage == VT_i8) return 0;
    if (storage == VT_i16) return 1;
    switch (base_type(f, storage)) {
    case TY_i32:
    case TY_f32:
    case TY_ref:
        return 2;
    case TY_i64:
    case TY_f64:
        return 3;
    case TY_v128:
        return 4;
    case TY_func:
        break;
    }
    return SIZE_func;
}

static ValType storage_of(const Base *f, uint32_t type, uint32_t field) {
    return f->m->types.data[type].structure.fields[field].storage;
}

static int32_t field_offset(const Base *f, uint32_t type, uint32_t field) {
    uint64_t at = LAYOUT_OBJECT_FIELDS;
    for (uint32_t i = 0;; i++) {
        uint32_t size = storage_size(f, storage_of(f, type, i));
        uint64_t bytes = size == SIZE_func ? 4 : (uint64_t)1 << size;
        at = layout_field_at(at, bytes);
        if (i == field) return (int32_t)at;
        at += bytes;
    }
}

// r11 = the heap's base.
static void load_base(Base *f) {
    x64_mov_rm(&f->b, W_64, GP_r11, context_mem(CONTEXT_FIELD_store));
    x64_mov_rm(&f->b, W_64, GP_r11,
               store_mem(GP_r11, STORE_CONTEXT_FIELD_gc_base));
}

static void push_loaded(Base *f, ValType storage, bool is_signed, X64Mem m) {
    BaseType t = base_type(f, storage);
    Reg to = result_reg(f, t, REG_NONE, 0);
    x64_load(f, t, storage_size(f, storage), is_signed, to, m);
    push_reg(f, t, to);
}

bool emit_field_get(Base *f, uint32_t type, uint32_t field, bool is_signed) {
    if (field >= FIELD_MAX) return false;
    ValType storage = storage_of(f, type, field);
    if (storage_size(f, storage) == SIZE_func) return false;
    Reg object = pop_reg(f);
    masm_trap_if_zero(f, object, TRAP_null_struct_reference);
    load_base(f);
    push_loaded(
        f, storage, is_signed,
        x64_at_index(GP_r11, gp(object), 0, field_offset(f, type, field)));
    return true;
}

bool emit_field_set(Base *f, uint32_t type, uint32_t field) {
    if (field >= FIELD_MAX) return false;
    ValType storage = storage_of(f, type, field);
    uint32_t size = storage_size(f, storage);
    if (size == SIZE_func) return false;
    Reg value = pop_reg(f), object = pop_reg(f);
    masm_trap_if_zero(f, object, TRAP_null_struct_reference);
    load_base(f);
    x64_store(f, base_type(f, storage), size,
              x64_at_index(GP_r11, gp(object), 0, field_offset(f, type, field)),
              value);
    return true;
}

// An element's address, after its checks. Changes r11.
static X64Mem element(Base *f, Reg object, Reg index, uint32_t size) {
    masm_trap_if_zero(f, object, TRAP_null_array_reference);
    load_base(f);
    x64_add_rr(&f->b, W_64, GP_r11, gp(object));
    x64_cmp_rm(&f->b, W_32, gp(index), x64_at(GP_r11, LAYOUT_OBJECT_LEN));
    x64_jcc(&f->b, CC_ae, trap_label(f, TRAP_array_bounds));
    return x64_at_index(GP_r11, gp(index), size, LAYOUT_OBJECT_FIELDS);
}

bool emit_element_get(Base *f, uint32_t type, bool is_signed) {
    ValType storage = storage_of(f, type, 0);
    uint32_t size = storage_size(f, storage);
    if (size > 3) return false; // functions, and more than an index scales
    Reg index = pop_reg(f), object = pop_reg(f);
    push_loaded(f, storage, is_signed, element(f, object, index, size));
    return true;
}

bool emit_element_set(Base *f, uint32_t type) {
    ValType storage = storage_of(f, type, 0);
    uint32_t size = storage_size(f, storage);
    if (size > 3) return false;
    Reg value = pop_reg(f), index = pop_reg(f), object = pop_reg(f);
    X64Mem m = element(f, object, index, size);
    x64_store(f, base_type(f, storage), size, m, value);
    return true;
}

void emit_array_len(Base *f) {
    Reg object = pop_reg(f);
    masm_trap_if_zero(f, object, TRAP_null_array_reference);
    load_base(f);
    push_loaded(f, VT_i32, false,
                x64_at_index(GP_r11, gp(object), 0, LAYOUT_OBJECT_LEN));
}
