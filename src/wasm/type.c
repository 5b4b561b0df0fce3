// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Subtyping (core, 3.3). The abstract heap types form a small lattice, kept as
// one bit set per type; defined types form chains by their declared
// supertypes, in which two types are equal when their canonical indices are.
#include "wasm/type.h"

#include "wasm/module.h"

#include <stdio.h>

// clang-format off
#define HEAP(name, text, code, short, top) [HEAP_##name] = text,
const char *const heap_text[HEAP_count] = {
    [HEAP_bot] = "bot",
    HEAP_TYPES(HEAP)
};
#undef HEAP

#define HEAP(name, text, code, short, top) [HEAP_##name] = short,
const char *const heap_shorthand[HEAP_count] = {
    [HEAP_bot] = "(ref null bot)",
    HEAP_TYPES(HEAP)
};
#undef HEAP

#define HEAP(name, text, code, short, top) [HEAP_##name] = code,
const uint8_t heap_code[HEAP_count] = {HEAP_TYPES(HEAP)};
#undef HEAP

#define HEAP(name, text, code, short, top) [HEAP_##name] = HEAP_##top,
static const uint8_t heap_top[HEAP_count] = {
    [HEAP_bot] = HEAP_bot,
    HEAP_TYPES(HEAP)
};
#undef HEAP
// clang-format on

HeapKind heap_of_code(uint8_t code) {
    enum {
        FIRST = 0x69, // the codes are 0x69 to 0x74
        LAST = 0x74
    };
#define HEAP(name, text, code, short, top) [code - FIRST] = HEAP_##name,
    static const uint8_t kinds[LAST - FIRST + 1] = {HEAP_TYPES(HEAP)};
#undef HEAP
    if (code < FIRST || code > LAST) return HEAP_count;
    return (HeapKind)kinds[code - FIRST];
}

// Bit k of row s: s is a subtype of k.
#define BIT(kind) (1u << HEAP_##kind)
static const uint16_t heap_supers[HEAP_count] = {
    [HEAP_func] = BIT(func),
    [HEAP_extern] = BIT(extern),
    [HEAP_any] = BIT(any),
    [HEAP_eq] = BIT(eq) | BIT(any),
    [HEAP_i31] = BIT(i31) | BIT(eq) | BIT(any),
    [HEAP_struct] = BIT(struct) | BIT(eq) | BIT(any),
    [HEAP_array] = BIT(array) | BIT(eq) | BIT(any),
    [HEAP_exn] = BIT(exn),
    [HEAP_none] =
        BIT(none) | BIT(i31) | BIT(struct) | BIT(array) | BIT(eq) | BIT(any),
    [HEAP_noextern] = BIT(noextern) | BIT(extern),
    [HEAP_nofunc] = BIT(nofunc) | BIT(func),
    [HEAP_noexn] = BIT(noexn) | BIT(exn),
    [HEAP_bot] = BIT(count) - 1,
};
#undef BIT
static_assert(HEAP_count <= 16, "a row of heap_supers has 16 bits");

bool heap_matches(HeapKind sub, HeapKind super) {
    return heap_supers[sub] >> super & 1;
}

static const TypeDef *type_def(const Module *m, uint32_t index) {
    assert(index < m->types.len);
    return &m->types.data[index];
}

// The abstract type right above a defined type, and the one below all of its
// hierarchy.
static HeapKind def_heap(const TypeDef *def) {
    switch (def->kind) {
    case COMP_func:
        return HEAP_func;
    case COMP_struct:
        return HEAP_struct;
    case COMP_array:
        return HEAP_array;
    }
    UNREACHABLE();
}

static HeapKind def_bottom(const TypeDef *def) {
    return def->kind == COMP_func ? HEAP_nofunc : HEAP_none;
}

// Only the supertype at the same depth can be the one, and a chain is as long
// as its depth says: that bounds the walk.
bool type_def_matches(const Module *m, uint32_t sub, uint32_t super) {
    const TypeDef *from = type_def(m, sub);
    const TypeDef *to = type_def(m, super);
    if (from->depth < to->depth) return false;
    for (uint32_t up = from->depth - to->depth; up > 0; up--)
        from = type_def(m, from->super);
    return from->canon == to->canon;
}

static bool ref_heap_matches(const Module *m, ValType sub, ValType super) {
    if (!vt_is_concrete(sub) && !vt_is_concrete(super))
        return heap_matches(vt_heap(sub), vt_heap(super));
    if (!vt_is_concrete(sub)) {
        const TypeDef *def = type_def(m, vt_index(super));
        return vt_heap(sub) == HEAP_bot || vt_heap(sub) == def_bottom(def);
    }
    if (!vt_is_concrete(super))
        return heap_matches(def_heap(type_def(m, vt_index(sub))),
                            vt_heap(super));
    return type_def_matches(m, vt_index(sub), vt_index(super));
}

bool type_matches(const Module *m, ValType sub, ValType super) {
    if (sub == super || sub == VT_bot) return true;
    if (!vt_is_ref(sub) || !vt_is_ref(super)) return false;
    if (vt_is_nullable(sub) && !vt_is_nullable(super)) return false;
    return ref_heap_matches(m, sub, super);
}

bool type_equal(const Module *m, ValType a, ValType b) {
    if (a == b) return true;
    if (!vt_is_concrete(a) || !vt_is_concrete(b)) return false;
    if (vt_is_nullable(a) != vt_is_nullable(b)) return false;
    return type_def(m, vt_index(a))->canon == type_def(m, vt_index(b))->canon;
}

HeapKind type_top(const Module *m, ValType ref) {
    assert(vt_is_ref(ref));
    HeapKind kind = vt_is_concrete(ref) ? def_heap(type_def(m, vt_index(ref)))
                                        : vt_heap(ref);
    return (HeapKind)heap_top[kind];
}

static const char *ref_print(char out[TYPE_TEXT_MAX], ValType t) {
    const char *null = vt_is_nullable(t) ? "null " : "";
    if (vt_is_concrete(t))
        snprintf(out, TYPE_TEXT_MAX, "(ref %s%u)", null, vt_index(t));
    else if (vt_is_nullable(t))
        snprintf(out, TYPE_TEXT_MAX, "%s", heap_shorthand[vt_heap(t)]);
    else
        snprintf(out, TYPE_TEXT_MAX, "(ref %s)", heap_text[vt_heap(t)]);
    return out;
}

const char *type_print(char out[TYPE_TEXT_MAX], ValType t) {
    static const char *const plain[VT_num_count] = {
        [VT_bot] = "bot", [VT_i32] = "i32", [VT_i64] = "i64",
        [VT_f32] = "f32", [VT_f64] = "f64", [VT_v128] = "v128",
        [VT_i8] = "i8",   [VT_i16] = "i16",
    };
    if (vt_is_ref(t)) return ref_print(out, t);
    snprintf(out, TYPE_TEXT_MAX, "%s", t < VT_num_count ? plain[t] : "?");
    return out;
}
