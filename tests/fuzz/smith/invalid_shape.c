// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Mistakes in what is not code.
#include "fuzz/smith/invalid.h"

enum {
    FAR = 900000, // beyond what modules have
};

static uint32_t add_struct(Smith *s) {
    uint32_t index = s->m.types.len;
    TypeDef def = {
        .kind = COMP_struct,
        .is_final = true,
        .super = TYPE_NONE,
        .group_start = index,
        .group_len = 1,
        .canon = index,
    };
    VEC_PUSH(s->arena, &s->m.types, def);
    return index;
}

// --- memories and tables -----------------------------------------------------------

static MemoryType *some_memory(Smith *s) {
    uint32_t len = s->m.memories.len;
    return len ? &s->m.memories.data[smith_below(s, len)].type : NULL;
}

static TableType *some_table(Smith *s) {
    return &s->m.tables.data[smith_below(s, s->m.tables.len)].type;
}

bool smith_bad_memory_limits_order(Smith *s) {
    MemoryType *t = some_memory(s);
    if (!t) return false;
    t->limits.max = 1 + smith_below(s, 3);
    t->limits.min = t->limits.max + 1 + smith_below(s, 3);
    t->limits.has_max = true;
    return true;
}

bool smith_bad_table_limits_order(Smith *s) {
    TableType *t = some_table(s);
    t->limits.max = t->limits.min - 1;
    t->limits.has_max = true;
    return true;
}

static uint64_t most_pages(const MemoryType *t) {
    return UINT64_C(1) << ((t->limits.is_64 ? 64 : 32) - t->page_log2);
}

bool smith_bad_memory_of_too_many_pages(Smith *s) {
    MemoryType *t = some_memory(s);
    if (!t || t->page_log2 != PAGE_LOG2) return false;
    t->limits.min = t->limits.max = most_pages(t) + 1 + smith_below(s, 9);
    return true;
}

bool smith_bad_memory_maximum_too_large(Smith *s) {
    MemoryType *t = some_memory(s);
    if (!t || t->page_log2 != PAGE_LOG2) return false;
    t->limits.max = most_pages(t) + 1;
    return true;
}

bool smith_bad_table_too_large(Smith *s) {
    TableType *t = some_table(s);
    if (t->limits.is_64) return false;
    t->limits.max = UINT64_C(1) << 32;
    return true;
}

bool smith_bad_second_table(Smith *s) {
    TableDecl t = {.type = {.elem = VT_FUNCREF}};
    VEC_PUSH(s->arena, &s->m.tables, t);
    return true;
}

bool smith_bad_second_memory(Smith *s) {
    MemoryDecl m = {.type = {.page_log2 = PAGE_LOG2}};
    VEC_PUSH(s->arena, &s->m.memories, m);
    return s->m.memories.len > 1;
}

// --- functions and tags ----------------------------------------------------------------

bool smith_bad_function_of_no_type(Smith *s) {
    s->m.funcs.data[s->m.imported[EXTERN_func]].type = FAR;
    return true;
}

bool smith_bad_function_of_structure(Smith *s) {
    s->m.funcs.data[s->m.imported[EXTERN_func]].type = add_struct(s);
    return true;
}

static bool add_tag(Smith *s, uint32_t type) {
    VEC_PUSH(s->arena, &s->m.tags, (TagDecl){.type = type});
    return true;
}

bool smith_bad_tag_of_structure(Smith *s) {
    return add_tag(s, add_struct(s));
}

bool smith_bad_tag_with_results(Smith *s) {
    return add_tag(s, smith_func_type(s, NULL, 0, &(ValType){VT_i32}, 1));
}

// --- globals -----------------------------------------------------------------------------

static bool add_global(Smith *s, ValType t, const char *expr, uint32_t size) {
    GlobalDecl g = {
        .type = {t, true},
        .init = {.data = (const uint8_t *)expr, .size = size},
    };
    VEC_PUSH(s->arena, &s->m.globals, g);
    return true;
}
#define ADD_GLOBAL(t, expr) add_global(s, t, expr, sizeof expr - 1)

bool smith_bad_global_not_constant(Smith *s) {
    return smith_chance(s, 2) ? ADD_GLOBAL(VT_i32, "\x41\x00\x45\x0b")
                              : ADD_GLOBAL(VT_i32, "\x01\x41\x00\x0b");
}

// Global 0 is mutable.
bool smith_bad_global_of_mutable_global(Smith *s) {
    return ADD_GLOBAL(VT_i32, "\x23\x00\x0b");
}

bool smith_bad_global_of_later_global(Smith *s) {
    return ADD_GLOBAL(VT_i32, "\x23\xc0\x84\x3d\x0b");
}

bool smith_bad_global_without_operand(Smith *s) {
    return ADD_GLOBAL(VT_i32, "\x41\x00\x6a\x0b");
}

bool smith_bad_global_of_other_type(Smith *s) {
    return smith_chance(s, 2) ? ADD_GLOBAL(VT_i32, "\x42\x00\x0b")
                              : ADD_GLOBAL(VT_i64, "\x0b");
}

// --- segments ------------------------------------------------------------------------------

bool smith_bad_table_without_value(Smith *s) {
    TableDecl t = {.type = {.elem = VT_FUNCREF & ~VT_NULL}};
    VEC_PUSH(s->arena, &s->m.tables, t);
    return true;
}

static bool add_elem(Smith *s, uint32_t table, ElemDecl e) {
    bool is_64 =
        table < s->m.tables.len && s->m.tables.data[table].type.limits.is_64;
    static const uint8_t i32_0[] = {0x41, 0, 0x0b}, i64_0[] = {0x42, 0, 0x0b};
    e.mode = SEGMENT_active;
    e.table = table;
    e.offset = (Bytes){.data = is_64 ? i64_0 : i32_0, .size = 3};
    VEC_PUSH(s->arena, &s->m.elems, e);
    return true;
}

bool smith_bad_elem_of_other_type(Smith *s) {
    for (uint32_t t = 0; t < s->m.tables.len; t++) {
        bool is_func =
            type_top(&s->m, s->m.tables.data[t].type.elem) == HEAP_func;
        if (!is_func)
            return add_elem(s, t, (ElemDecl){.flags = 2, .type = VT_FUNCREF});
        if (smith_chance(s, 2))
            return add_elem(s, t,
                            (ElemDecl){.flags = 6,
                                       .type = VT_EXTERNREF,
                                       .has_exprs = true});
    }
    return false;
}

bool smith_bad_elem_of_no_table(Smith *s) {
    return add_elem(s, s->m.tables.len,
                    (ElemDecl){.flags = 2, .type = VT_FUNCREF});
}

bool smith_bad_elem_of_no_function(Smith *s) {
    static const uint32_t far[] = {FAR};
    ElemDecl e = {
        .mode = SEGMENT_passive,
        .flags = 1,
        .type = VT_FUNCREF,
        .len = 1,
        .funcs = far,
    };
    VEC_PUSH(s->arena, &s->m.elems, e);
    return true;
}

bool smith_bad_data_of_no_memory(Smith *s) {
    static const uint8_t zero[] = {0x41, 0, 0x0b};
    DataDecl d = {
        .mode = SEGMENT_active,
        .flags = 2,
        .memory = s->m.memories.len,
        .offset = {.data = zero, .size = sizeof zero},
        .bytes = {.data = zero, .size = 0},
    };
    VEC_PUSH(s->arena, &s->m.datas, d);
    return true;
}

bool smith_bad_no_data_count(Smith *s) {
    if (!s->out->generated[OP_data_drop] && !s->out->generated[OP_memory_init])
        return false;
    s->m.has_data_count = false;
    return true;
}

// --- exports and the start function ----------------------------------------------------------

static bool add_export(Smith *s, ExternKind kind, uint32_t index) {
    Export e = {.name = STR("extra"), .kind = kind, .index = index};
    VEC_PUSH(s->arena, &s->m.exports, e);
    return true;
}

bool smith_bad_export_twice(Smith *s) {
    return add_export(s, EXTERN_func, 0) && add_export(s, EXTERN_table, 0);
}

bool smith_bad_export_no_function(Smith *s) {
    return add_export(s, EXTERN_func, s->m.funcs.len);
}

bool smith_bad_export_no_table(Smith *s) {
    return add_export(s, EXTERN_table, s->m.tables.len);
}

bool smith_bad_export_no_memory(Smith *s) {
    return add_export(s, EXTERN_memory, s->m.memories.len);
}

bool smith_bad_export_no_global(Smith *s) {
    return add_export(s, EXTERN_global, s->m.globals.len);
}

bool smith_bad_export_no_tag(Smith *s) {
    return add_export(s, EXTERN_tag, s->m.tags.len);
}

// The generator's own exports are enough.
bool smith_bad_export_mutable_global(Smith *s) {
    return s->m.globals.data[GLOBAL_FUEL].type.is_mutable;
}

bool smith_bad_start_no_function(Smith *s) {
    s->m.has_start = true;
    s->m.start = s->m.funcs.len;
    return true;
}

// The last function is `state`, which has a result.
bool smith_bad_start_with_results(Smith *s) {
    s->m.has_start = true;
    s->m.start = s->m.funcs.len - 1;
    return true;
}

// --- bodies --------------------------------------------------------------------------------

static Bytes *some_body(Smith *s) {
    return &s->m.bodies.data[smith_below(s, s->m.bodies.len)].bytes;
}

bool smith_bad_body_of_many_locals(Smith *s) {
    static const uint8_t code[] = {2,    0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f,
                                   0xff, 0xff, 0xff, 0xff, 0x0f, 0x7e, 0x0b};
    *some_body(s) = (Bytes){.data = code, .size = sizeof code};
    return true;
}

// Not the last one, behind which the section ends.
bool smith_bad_body_without_end(Smith *s) {
    Bytes *b = &s->m.bodies.data[smith_below(s, s->m.bodies.len - 1)].bytes;
    uint8_t *copy = NEW_N(s->arena, uint8_t, b->size);
    for (uint32_t i = 0; i < b->size; i++)
        copy[i] = b->data[i];
    copy[b->size - 1] = 0x01;
    b->data = copy;
    return true;
}

// The byte of `end` is what the constant before it is.
bool smith_bad_body_that_stops(Smith *s) {
    static const uint8_t code[] = {0, 0x41, 0x0b};
    *some_body(s) = (Bytes){.data = code, .size = sizeof code};
    return true;
}
