// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Types of references, asked at run time, on x86-64. An object's header has an
// index into the heap's types, an entry there its kind and, for structures and
// arrays, its type in the engine's registry; a function has its type in its
// Func. A type has a display, the supertype at each depth: a cast is one load
// and one comparison beyond finding the type, and for a final type only that.
#include "baseline/x64/x64.h"

typedef struct Match {
    Reg ref, temp; // the second is free to use
    ValType want;
    CodeLabel yes, no;
} Match;

static const TypeDef *wanted_type(const Base *f, const Match *m) {
    return &f->m->types.data[vt_index(m->want)];
}

// r11 = the object's entry in the heap's types.
static void load_entry(Base *f, const Match *m) {
    CodeBuf *b = &f->b;
    X64Gp t = gp(m->temp);
    x64_mov_rm(b, W_64, GP_r11, context_mem(CONTEXT_FIELD_store));
    x64_mov_rm(b, W_64, GP_r11, store_mem(GP_r11, STORE_CONTEXT_FIELD_gc_heap));
    x64_mov_rm(b, W_64, t, x64_at(GP_r11, LAYOUT_HEAP_BASE));
    x64_mov_rm(b, W_32, t, x64_at_index(t, gp(m->ref), 0, LAYOUT_OBJECT_TYPE));
    x64_mov_rm(b, W_64, GP_r11, x64_at(GP_r11, LAYOUT_HEAP_TYPES));
    x64_mov_rm(b, W_64, GP_r11, x64_at_index(GP_r11, t, 3, 0));
}

// Is the type in r11 the one that is wanted, or below it? An external value in
// the heap has none.
static void match_type(Base *f, const Match *m, bool may_be_none) {
    CodeBuf *b = &f->b;
    const TypeDef *want = wanted_type(f, m);
    X64Mem cell = x64_at(gp(m->temp), (int32_t)vt_index(m->want) * 8);
    x64_mov_rm(b, W_64, gp(m->temp), context_mem(CONTEXT_FIELD_types));
    if (!want->is_final) {
        if (may_be_none) {
            x64_test_rr(b, W_64, GP_r11, GP_r11);
            x64_jcc(b, CC_e, m->no);
        }
        x64_alu_mi(b, ALU_cmp, W_32, x64_at(GP_r11, LAYOUT_TYPE_DEPTH),
                   (int32_t)want->depth);
        x64_jcc(b, CC_b, m->no);
        x64_mov_rm(b, W_64, GP_r11, x64_at(GP_r11, LAYOUT_TYPE_DISPLAY));
        x64_mov_rm(b, W_64, GP_r11, x64_at(GP_r11, (int32_t)want->depth * 8));
    }
    x64_cmp_rm(b, W_64, GP_r11, cell);
    x64_jcc(b, CC_ne, m->no);
}

// Structures and arrays; for eq an i31 is right as well.
static void match_kind(Base *f, const Match *m, HeapKind heap) {
    CodeBuf *b = &f->b;
    x64_test(b, W_32, gp(m->ref), 1);
    x64_jcc(b, CC_ne, heap == HEAP_eq ? m->yes : m->no);
    load_entry(f, m);
    X64Mem kind = x64_at(GP_r11, LAYOUT_GC_TYPE_KIND);
    static_assert(LAYOUT_GC_KIND_STRUCT == 0 && LAYOUT_GC_KIND_ARRAY == 1,
                  "the first two");
    x64_alu_mi(b, ALU_cmp, W_32, kind,
               heap == HEAP_struct ? LAYOUT_GC_KIND_STRUCT
                                   : LAYOUT_GC_KIND_ARRAY);
    x64_jcc(b, heap == HEAP_eq ? CC_a : CC_ne, m->no);
}

static void match_concrete(Base *f, const Match *m) {
    CodeBuf *b = &f->b;
    bool is_func = wanted_type(f, m)->kind == COMP_func;
    if (is_func) {
        x64_mov_rm(b, W_64, GP_r11, x64_at(gp(m->ref), LAYOUT_FUNC_TYPE));
    } else {
        x64_test(b, W_32, gp(m->ref), 1);
        x64_jcc(b, CC_ne, m->no);
        load_entry(f, m);
        x64_mov_rm(b, W_64, GP_r11, x64_at(GP_r11, LAYOUT_GC_TYPE_OWNER));
    }
    match_type(f, m, !is_func);
}

static void match_heap(Base *f, const Match *m, HeapKind heap) {
    switch (heap) {
    case HEAP_func:
    case HEAP_extern:
    case HEAP_any:
    case HEAP_exn:
        return; // whatever it is
    case HEAP_eq:
    case HEAP_struct:
    case HEAP_array:
        match_kind(f, m, heap);
        return;
    case HEAP_i31:
        x64_test(&f->b, W_32, gp(m->ref), 1);
        x64_jcc(&f->b, CC_e, m->no);
        return;
    case HEAP_none:
    case HEAP_nofunc:
    case HEAP_noextern:
    case HEAP_noexn:
        x64_jmp(&f->b, m->no);
        return;
    case HEAP_bot:
    case HEAP_count:
        break;
    }
    UNREACHABLE();
}

// Goes on here, or to `yes`, if the reference is of the type; else to `no`.
static void match(Base *f, const Match *m) {
    x64_test_rr(&f->b, W_64, gp(m->ref), gp(m->ref));
    x64_jcc(&f->b, CC_e, vt_is_nullable(m->want) ? m->yes : m->no);
    if (vt_is_concrete(m->want))
        match_concrete(f, m);
    else
        match_heap(f, m, vt_heap(m->want));
}

void emit_ref_test(Base *f, ValType want) {
    CodeBuf *b = &f->b;
    Reg ref = pop_reg(f), to = reg_alloc(f, false), temp = reg_alloc(f, false);
    Match m = {ref, temp, want, code_label(b), code_label(b)};
    x64_mov(b, gp(to), 0);
    match(f, &m);
    code_bind(b, m.yes);
    x64_mov(b, gp(to), 1);
    code_bind(b, m.no);
    push_reg(f, TY_i32, to);
}

void emit_ref_cast(Base *f, ValType want) {
    Entry e = pop_entry(f);
    Reg ref = entry_reg(f, &e), temp = reg_alloc(f, false);
    Match m = {ref, temp, want, code_label(&f->b),
               trap_label(f, TRAP_cast_failure)};
    match(f, &m);
    code_bind(&f->b, m.yes);
    push_again(f, e, ref);
}
