// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Collected objects on x86-64 (vmabi/layout.h): their fields and elements, and
// new ones. An address is the heap's base, read anew each time into r11, and
// the reference. Taking operands into registers leaves r11 alone.
//
// A new object is made by moving where the heap's next one goes, if its type is
// known to the heap by now and there is room; else the runtime makes it, in
// code behind the function's, and may move all others meanwhile.
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

void masm_heap_base(Base *f) {
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
    masm_heap_base(f);
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
    masm_heap_base(f);
    x64_store(f, base_type(f, storage), size,
              x64_at_index(GP_r11, gp(object), 0, field_offset(f, type, field)),
              value);
    return true;
}

// An element's address, after its checks. Changes r11.
static X64Mem element(Base *f, Reg object, Reg index, uint32_t size) {
    masm_trap_if_zero(f, object, TRAP_null_array_reference);
    masm_heap_base(f);
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
    masm_heap_base(f);
    push_loaded(f, VT_i32, false,
                x64_at_index(GP_r11, gp(object), 0, LAYOUT_OBJECT_LEN));
}

// --- new objects -------------------------------------------------------------

enum {
    NEW_SIZE_MAX = 256, // bytes of an object that is made in line
    NEW_LEN_MAX = 1024, // bytes of elements, where the length is not constant
};

// Bytes of a structure, or 0 for those that are left to the runtime.
static uint32_t struct_size(const Base *f, uint32_t type) {
    uint64_t at = LAYOUT_OBJECT_FIELDS;
    uint32_t len = f->m->types.data[type].structure.field_len;
    if (len > FIELD_MAX) return 0;
    for (uint32_t i = 0; i < len; i++) {
        uint32_t size = storage_size(f, storage_of(f, type, i));
        if (size == SIZE_func) return 0;
        at = layout_field_at(at, (uint64_t)1 << size) + ((uint64_t)1 << size);
    }
    at = align_up(at, 8);
    return at <= NEW_SIZE_MAX ? (uint32_t)at : 0;
}

// r = the heap's index of the type, r11 = the heap.
static void load_type(Base *f, X64Gp r, uint32_t type, CodeLabel unknown) {
    CodeBuf *b = &f->b;
    x64_mov_rm(b, W_64, GP_r11, context_mem(CONTEXT_FIELD_gc_types));
    x64_mov_rm(b, W_32, r, x64_at(GP_r11, (int32_t)type * 4));
    x64_alu_ri(b, ALU_sub, W_32, r, 1);
    x64_jcc(b, CC_b, unknown);
    x64_mov_rm(b, W_64, GP_r11, context_mem(CONTEXT_FIELD_store));
    x64_mov_rm(b, W_64, GP_r11, store_mem(GP_r11, STORE_CONTEXT_FIELD_gc_heap));
}

// The header of the object at r11 + r.
static void store_header(Base *f, X64Gp r, X64Gp type) {
    x64_mov_mr(&f->b, W_32, x64_at_index(GP_r11, r, 0, LAYOUT_OBJECT_TYPE),
               type);
}

// Zeros from `from` to `to` bytes, multiples of 8, of the object at r11 + r.
static void store_zeros(Base *f, X64Gp r, uint32_t from, uint32_t to) {
    CodeBuf *b = &f->b;
    if ((to - from) % 16 != 0) {
        x64_mov_mi(b, W_64, x64_at_index(GP_r11, r, 0, (int32_t)from), 0);
        from += 8;
    }
    if (from == to) return;
    x64_xorps_rr(b, XMM_15, XMM_15);
    for (; from < to; from += 16)
        x64_movups_mr(b, x64_at_index(GP_r11, r, 0, (int32_t)from), XMM_15);
}

// An object of constant size; r11 is the heap's base afterwards. Arrays have
// `len` elements.
static Reg new_object(Base *f, uint32_t type, uint32_t size, bool is_array,
                      uint32_t len, bool is_zeroed) {
    CodeBuf *b = &f->b;
    Reg object = reg_alloc(f, false), temp = reg_alloc(f, false);
    X64Gp r = gp(object), t = gp(temp);
    HelperId helper =
        is_array ? HELPER_array_new_default : HELPER_struct_new_default;
    LateCall *late = late_call(f, helper, type, TY_ref, object);
    late->has_operand = is_array;
    late->operand = (Move){.type = TY_i32, .from = FROM_const, .value = len};
    CodeLabel slow = late->label, back = late->back;
    load_type(f, t, type, slow);
    x64_mov_rm(b, W_32, r, x64_at(GP_r11, LAYOUT_HEAP_NEXT));
    x64_alu_ri(b, ALU_add, W_32, r, (int32_t)size);
    x64_cmp_rm(b, W_32, r, x64_at(GP_r11, LAYOUT_HEAP_FAST_END));
    x64_jcc(b, CC_a, slow);
    x64_mov_mr(b, W_32, x64_at(GP_r11, LAYOUT_HEAP_NEXT), r);
    x64_mov_rm(b, W_64, GP_r11, x64_at(GP_r11, LAYOUT_HEAP_BASE));
    x64_alu_ri(b, ALU_sub, W_32, r, (int32_t)size);
    store_header(f, r, t);
    x64_mov_mi(b, W_32, x64_at_index(GP_r11, r, 0, LAYOUT_OBJECT_LEN),
               (int32_t)len);
    if (is_zeroed) store_zeros(f, r, LAYOUT_OBJECT_FIELDS, size);
    code_bind(b, back);
    return object;
}

// Pops a value into the object at r11 + `object`.
static void pop_into(Base *f, Reg object, ValType storage, int32_t at) {
    uint32_t locked = f->locked;
    uint32_t size = storage_size(f, storage);
    Entry value = pop_entry(f);
    x64_store(f, base_type(f, storage), size,
              x64_at_index(GP_r11, gp(object), 0, at), entry_reg(f, &value));
    f->locked = locked;
}

bool emit_struct_new(Base *f, uint32_t type, bool is_default) {
    uint32_t size = struct_size(f, type);
    if (size == 0) return false;
    Reg object = new_object(f, type, size, false, 0, is_default);
    uint32_t len = f->m->types.data[type].structure.field_len;
    for (uint32_t i = is_default ? 0 : len; i-- > 0;)
        pop_into(f, object, storage_of(f, type, i), field_offset(f, type, i));
    push_reg(f, TY_ref, object);
    return true;
}

bool emit_array_new_fixed(Base *f, uint32_t type, uint32_t len) {
    ValType storage = storage_of(f, type, 0);
    uint32_t log2 = storage_size(f, storage);
    if (log2 == SIZE_func || len > NEW_SIZE_MAX) return false;
    uint64_t size = align_up(LAYOUT_OBJECT_FIELDS + ((uint64_t)len << log2), 8);
    // Its fuel depends on its length.
    if (size > NEW_SIZE_MAX || f->options->use_fuel) return false;
    Reg object = new_object(f, type, (uint32_t)size, true, len, false);
    for (uint32_t i = len; i-- > 0;)
        pop_into(f, object, storage,
                 LAYOUT_OBJECT_FIELDS + (int32_t)(i << log2));
    push_reg(f, TY_ref, object);
    return true;
}

// Zeros the elements of the new array at r11 + object, which ends at `end`.
static void clear_elements(Base *f, X64Gp object, X64Gp end, X64Gp temp) {
    CodeBuf *b = &f->b;
    CodeLabel again = code_label(b), done = code_label(b);
    x64_lea(b, W_64, temp, x64_at(object, LAYOUT_OBJECT_FIELDS));
    code_bind(b, again);
    x64_cmp_rr(b, W_32, temp, end);
    x64_jcc(b, CC_ae, done);
    x64_mov_mi(b, W_64, x64_at_index(GP_r11, temp, 0, 0), 0);
    x64_alu_ri(b, ALU_add, W_64, temp, 8);
    x64_jmp(b, again);
    code_bind(b, done);
}

// Pops the value of all elements of the array at r11 + object.
static void fill_elements(Base *f, ValType storage, Reg object) {
    CodeBuf *b = &f->b;
    uint32_t log2 = storage_size(f, storage);
    Reg value = pop_reg(f);
    X64Gp left = gp(reg_alloc(f, false));
    CodeLabel again = code_label(b), done = code_label(b);
    x64_add_rr(b, W_64, GP_r11, gp(object));
    x64_mov_rm(b, W_32, left, x64_at(GP_r11, LAYOUT_OBJECT_LEN));
    code_bind(b, again);
    x64_alu_ri(b, ALU_sub, W_64, left, 1);
    x64_jcc(b, CC_b, done);
    x64_store(f, base_type(f, storage), log2,
              x64_at_index(GP_r11, left, log2, LAYOUT_OBJECT_FIELDS), value);
    x64_jmp(b, again);
    code_bind(b, done);
}

bool emit_array_new(Base *f, uint32_t type, bool is_default) {
    CodeBuf *b = &f->b;
    ValType storage = storage_of(f, type, 0);
    uint32_t log2 = storage_size(f, storage);
    if (log2 > 3 || f->options->use_fuel) return false;
    Reg len = pop_reg(f), object = reg_alloc(f, false);
    X64Gp t = gp(reg_alloc(f, false)), end = gp(reg_alloc(f, false));
    X64Gp r = gp(object);
    LateCall *late =
        late_call(f, HELPER_array_new_default, type, TY_ref, object);
    late->has_operand = true;
    late->operand = (Move){.type = TY_i32, .from = FROM_reg, .reg = len};
    CodeLabel slow = late->label, back = late->back;
    x64_alu_ri(b, ALU_cmp, W_32, gp(len), NEW_LEN_MAX >> log2);
    x64_jcc(b, CC_a, slow);
    load_type(f, t, type, slow);
    x64_mov_rr(b, W_32, end, gp(len));
    x64_shift_ri(b, SHIFT_shl, W_32, end, (uint8_t)log2);
    x64_alu_ri(b, ALU_add, W_32, end, LAYOUT_OBJECT_FIELDS + 7);
    x64_alu_ri(b, ALU_and, W_32, end, -8);
    x64_mov_rm(b, W_32, r, x64_at(GP_r11, LAYOUT_HEAP_NEXT));
    x64_add_rr(b, W_32, end, r);
    x64_cmp_rm(b, W_32, end, x64_at(GP_r11, LAYOUT_HEAP_FAST_END));
    x64_jcc(b, CC_a, slow);
    x64_mov_mr(b, W_32, x64_at(GP_r11, LAYOUT_HEAP_NEXT), end);
    x64_mov_rm(b, W_64, GP_r11, x64_at(GP_r11, LAYOUT_HEAP_BASE));
    store_header(f, r, t);
    x64_mov_mr(b, W_32, x64_at_index(GP_r11, r, 0, LAYOUT_OBJECT_LEN), gp(len));
    if (is_default) clear_elements(f, r, end, t);
    code_bind(b, back);
    if (!is_default) {
        f->locked = reg_bit(object);
        fill_elements(f, storage, object);
    }
    push_reg(f, TY_ref, object);
    return true;
}
