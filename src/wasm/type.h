// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Value types, heap types and composite types (core, 2.3), as one module sees
// them.
//
// A ValType is one word. Two equal words are equal types; two different words
// may still be equal, when they name two type indices of the module that
// validation found to be the same type. type_matches knows; it compares words
// first, so programs without recursive types never get to the slow part.
//
//   bit  31     it is a reference
//   bit  30     the reference may be null
//   bit  29     the heap type is abstract: the low bits are a HeapKind;
//               otherwise they are a type index of the module
//   low bits    for other types, a NumKind
#pragma once

#include "base/str.h"
#include "base/vec.h"

typedef uint32_t ValType;

enum {
    VT_bot = 0, // below every type: the operand stack of unreachable code
    VT_i32 = 1,
    VT_i64 = 2,
    VT_f32 = 3,
    VT_f64 = 4,
    VT_v128 = 5,
    VT_i8 = 6, // storage types of fields only
    VT_i16 = 7,
    VT_num_count = 8,
};

#define VT_REF      ((ValType)1 << 31)
#define VT_NULL     ((ValType)1 << 30)
#define VT_ABSTRACT ((ValType)1 << 29)
#define VT_INDEX    (((ValType)1 << 29) - 1)

// Abstract heap types; the code is the one byte of the binary format.
//   HEAP(name, "text", code, "text of the nullable shorthand", top)
// clang-format off
#define HEAP_TYPES(HEAP)                                \
    HEAP(func,     "func",     0x70, "funcref",       func)   \
    HEAP(extern,   "extern",   0x6f, "externref",     extern) \
    HEAP(any,      "any",      0x6e, "anyref",        any)    \
    HEAP(eq,       "eq",       0x6d, "eqref",         any)    \
    HEAP(i31,      "i31",      0x6c, "i31ref",        any)    \
    HEAP(struct,   "struct",   0x6b, "structref",     any)    \
    HEAP(array,    "array",    0x6a, "arrayref",      any)    \
    HEAP(exn,      "exn",      0x69, "exnref",        exn)    \
    HEAP(none,     "none",     0x71, "nullref",       any)    \
    HEAP(noextern, "noextern", 0x72, "nullexternref", extern) \
    HEAP(nofunc,   "nofunc",   0x73, "nullfuncref",   func)   \
    HEAP(noexn,    "noexn",    0x74, "nullexnref",    exn)
// clang-format on

typedef enum HeapKind {
#define HEAP(name, text, code, short, top) HEAP_##name,
    HEAP_TYPES(HEAP)
#undef HEAP
    HEAP_bot, // below every heap type: unreachable code only
    HEAP_count
} HeapKind;

#define VT_ABSTRACT_REF(kind) (VT_REF | VT_ABSTRACT | (ValType)(kind))
#define VT_FUNCREF            (VT_ABSTRACT_REF(HEAP_func) | VT_NULL)
#define VT_EXTERNREF          (VT_ABSTRACT_REF(HEAP_extern) | VT_NULL)
#define VT_ANYREF             (VT_ABSTRACT_REF(HEAP_any) | VT_NULL)
#define VT_EQREF              (VT_ABSTRACT_REF(HEAP_eq) | VT_NULL)
#define VT_I31REF             (VT_ABSTRACT_REF(HEAP_i31) | VT_NULL)
#define VT_STRUCTREF          (VT_ABSTRACT_REF(HEAP_struct) | VT_NULL)
#define VT_ARRAYREF           (VT_ABSTRACT_REF(HEAP_array) | VT_NULL)
#define VT_EXNREF             (VT_ABSTRACT_REF(HEAP_exn) | VT_NULL)

static inline ValType vt_ref(uint32_t type_index, bool nullable) {
    return VT_REF | (nullable ? VT_NULL : 0) | type_index;
}
static inline bool vt_is_ref(ValType t) {
    return t >> 31;
}
static inline bool vt_is_nullable(ValType t) {
    return t >> 30 & 1;
}
static inline bool vt_is_concrete(ValType t) {
    return (t & (VT_REF | VT_ABSTRACT)) == VT_REF;
}
static inline uint32_t vt_index(ValType t) {
    return t & VT_INDEX;
}
static inline HeapKind vt_heap(ValType t) {
    return (HeapKind)(t & VT_INDEX);
}
static inline bool vt_is_num(ValType t) {
    return t >= VT_i32 && t <= VT_f64;
}
static inline bool vt_is_packed(ValType t) {
    return t == VT_i8 || t == VT_i16;
}
// What reading a field of this storage type leaves on the stack.
static inline ValType vt_unpacked(ValType t) {
    return vt_is_packed(t) ? VT_i32 : t;
}
// Has a default value: numbers, vectors, nullable references.
static inline bool vt_is_defaultable(ValType t) {
    return !vt_is_ref(t) || vt_is_nullable(t);
}

typedef enum CompKind {
    COMP_func,
    COMP_struct,
    COMP_array,
} CompKind;

typedef struct FieldType {
    ValType storage;
    bool is_mutable;
} FieldType;

typedef struct FuncType {
    const ValType *params, *results;
    uint32_t param_len, result_len;
} FuncType;

#define TYPE_NONE UINT32_MAX

// One defined type: a composite type with its place in the subtype hierarchy
// and in its recursion group.
typedef struct TypeDef {
    CompKind kind;
    bool is_final;
    bool has_sub;         // written with `sub`: the encoder keeps the form
    bool has_rec;         // its group was written with `rec`
    uint32_t super;       // type index, or TYPE_NONE
    uint32_t group_start; // first type of its group ...
    uint32_t group_len;   // ... and how many there are
    uint64_t at;          // of the definition
    // Set by validation (valid/type.c):
    uint32_t canon; // the first type index of the module that is equal
    uint32_t depth; // number of supertypes above it
    union {
        FuncType func;
        struct {
            const FieldType *fields;
            uint32_t field_len;
        } structure; // COMP_struct; COMP_array has exactly one field
    };
} TypeDef;

typedef struct Module Module;

// Does a value of type `sub` fit where `super` is wanted? (core, 3.3)
// Needs types[].canon and depth to be set.
bool type_matches(const Module *m, ValType sub, ValType super);
// The same for defined types by index.
bool type_def_matches(const Module *m, uint32_t sub, uint32_t super);
bool type_equal(const Module *m, ValType a, ValType b);
// The top of the hierarchy that a reference type belongs to: func, extern, any
// or exn (HEAP_bot for HEAP_bot).
HeapKind type_top(const Module *m, ValType ref);
bool heap_matches(HeapKind sub, HeapKind super);

extern const char *const heap_text[HEAP_count];      // "func"
extern const char *const heap_shorthand[HEAP_count]; // "funcref"
extern const uint8_t heap_code[HEAP_count];
// The other bytes that types are written with.
enum {
    TYPE_CODE_i32 = 0x7f, // counting down: i64, f32, f64, v128, as in ValType
    TYPE_CODE_v128 = 0x7b,
    TYPE_CODE_i8 = 0x78,
    TYPE_CODE_i16 = 0x77,
    TYPE_CODE_ref = 0x64,
    TYPE_CODE_ref_null = 0x63,
    TYPE_CODE_empty = 0x40, // the type of a block
};
// The kind with that code byte, or HEAP_count.
HeapKind heap_of_code(uint8_t code);

enum {
    TYPE_TEXT_MAX = 48
};
// Spells a type as the text format does: "i32", "(ref null 3)", "funcref".
const char *type_print(char out[TYPE_TEXT_MAX], ValType t);
