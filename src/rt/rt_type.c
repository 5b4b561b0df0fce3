// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Questions about types outside of any module, and their spelling.
#include "rt/registry.h"

#include <stdio.h>

bool rt_val_type_equal(RtValType a, RtValType b) {
    return a.code == b.code && a.type == b.type;
}

static HeapKind kind_heap(CompKind kind) {
    switch (kind) {
    case COMP_func:
        return HEAP_func;
    case COMP_struct:
        return HEAP_struct;
    case COMP_array:
        return HEAP_array;
    }
    UNREACHABLE();
}

HeapKind rt_val_type_top(RtValType ref) {
    if (ref.type) return ref.type->kind == COMP_func ? HEAP_func : HEAP_any;
    return type_top(NULL, ref.code); // abstract: no module is asked
}

static bool heap_type_matches(RtValType sub, RtValType super) {
    if (sub.type && super.type) return rt_type_is(sub.type, super.type);
    if (sub.type)
        return heap_matches(kind_heap(sub.type->kind), vt_heap(super.code));
    if (!super.type)
        return heap_matches(vt_heap(sub.code), vt_heap(super.code));
    // Of abstract types only the bottom is below a concrete one.
    bool is_func = super.type->kind == COMP_func;
    return vt_heap(sub.code) == (is_func ? HEAP_nofunc : HEAP_none);
}

bool rt_val_type_matches(RtValType sub, RtValType super) {
    if (rt_val_type_equal(sub, super)) return true;
    if (!vt_is_ref(sub.code) || !vt_is_ref(super.code)) return false;
    if (vt_is_nullable(sub.code) && !vt_is_nullable(super.code)) return false;
    return heap_type_matches(sub, super);
}

// --- spelling ----------------------------------------------------------------

// Writes pieces whole or not at all; after the first that did not fit, none.
typedef struct Line {
    char *text;
    size_t len, cap; // cap leaves room for the ending
    bool is_full;
} Line;

static void line_add(Line *l, const char *piece) {
    size_t size = strlen(piece);
    l->is_full |= size > l->cap - l->len;
    if (l->is_full) return;
    memcpy(l->text + l->len, piece, size);
    l->len += size;
}

// A type named inside another is cut short: it may name the outer one.
const char *rt_val_type_print(char out[TYPE_TEXT_MAX], RtValType t) {
    if (!t.type) return type_print(out, t.code);
    snprintf(out, TYPE_TEXT_MAX, "(ref %s(%s ...))",
             vt_is_nullable(t.code) ? "null " : "",
             heap_text[kind_heap(t.type->kind)]);
    return out;
}

static void line_add_type(Line *l, RtValType t) {
    char text[TYPE_TEXT_MAX];
    char piece[TYPE_TEXT_MAX + 1];
    snprintf(piece, sizeof piece, " %s", rt_val_type_print(text, t));
    line_add(l, piece);
}

static void line_add_vals(Line *l, const char *word, const RtValType *vals,
                          uint32_t len) {
    if (len == 0) return;
    line_add(l, " (");
    line_add(l, word);
    for (uint32_t i = 0; i < len && !l->is_full; i++)
        line_add_type(l, vals[i]);
    line_add(l, ")");
}

static void line_add_fields(Line *l, const RtType *t) {
    for (uint32_t i = 0; i < t->field_len && !l->is_full; i++) {
        const RtField *f = &t->fields[i];
        line_add(l, t->kind == COMP_struct ? " (field" : "");
        line_add(l, f->is_mutable ? " (mut" : "");
        line_add_type(l, f->storage);
        line_add(l, f->is_mutable ? ")" : "");
        line_add(l, t->kind == COMP_struct ? ")" : "");
    }
}

const char *rt_type_print(char out[RT_TYPE_TEXT_MAX], const RtType *t) {
    static const char shortened[] = " ...";
    Line l = {.text = out, .cap = RT_TYPE_TEXT_MAX - sizeof shortened - 1};
    line_add(&l, "(");
    line_add(&l, heap_text[kind_heap(t->kind)]);
    line_add_vals(&l, "param", t->params, t->param_len);
    line_add_vals(&l, "result", t->results, t->result_len);
    line_add_fields(&l, t);
    snprintf(out + l.len, RT_TYPE_TEXT_MAX - l.len, "%s)",
             l.is_full ? shortened : "");
    return out;
}
