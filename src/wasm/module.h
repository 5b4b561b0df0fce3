// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A module as decoded from bytes or parsed from text: plain arrays in an arena
// (core, 2.5). Data only; decoding is in binary/, parsing in text/, checking
// in valid/.
//
// Index spaces hold imports first. Bytes (bodies, constant expressions,
// segments, names) are borrowed from the module's bytes, which outlive it.
#pragma once

#include "base/err.h"
#include "wasm/feature.h"
#include "wasm/limit.h"
#include "wasm/type.h"

// Bytes inside a module, with their offset in it for messages. Those of bodies
// and segments may come without an address (Module.bytes and `at` say it), so
// that tables of them can lie in a file: module_slice finds them.
typedef struct Bytes {
    const uint8_t *data;
    uint32_t size;
    uint64_t at;
} Bytes;

typedef enum ExternKind {
    EXTERN_func,
    EXTERN_table,
    EXTERN_memory,
    EXTERN_global,
    EXTERN_tag,
    EXTERN_count
} ExternKind;

typedef struct Limits {
    uint64_t min, max;
    bool has_max;
    bool is_64;     // the index type is i64
    bool is_shared; // memories only
} Limits;

enum {
    PAGE_LOG2 = 16
}; // pages are 64 KiB unless the type says otherwise

typedef struct MemoryType {
    Limits limits; // in pages
    uint8_t page_log2;
    bool has_page_size; // written: the encoder keeps the form
} MemoryType;
// The most pages that the index type can address.
uint64_t memory_type_pages_max(const MemoryType *t);

typedef struct TableType {
    Limits limits;
    ValType elem;
} TableType;

typedef struct GlobalType {
    ValType type;
    bool is_mutable;
} GlobalType;

typedef struct Import {
    Str module, name;
    ExternKind kind;
    uint32_t index; // in the index space of its kind
    uint64_t at;
} Import;

typedef struct Export {
    Str name;
    ExternKind kind;
    uint32_t index;
    uint64_t at;
} Export;

typedef struct FuncDecl {
    uint32_t type;    // type index
    bool is_declared; // set by validation: bodies may use it in ref.func
    uint64_t at;      // of the declaration
} FuncDecl;

typedef struct TableDecl {
    TableType type;
    Bytes init; // constant expression, size 0: null
    uint64_t at;
} TableDecl;

typedef struct MemoryDecl {
    MemoryType type;
    uint64_t at;
} MemoryDecl;

typedef struct GlobalDecl {
    GlobalType type;
    Bytes init; // size 0 for imports
    uint64_t at;
} GlobalDecl;

typedef struct TagDecl {
    uint32_t type; // type index
    uint64_t at;
} TagDecl;

typedef enum SegmentMode {
    SEGMENT_active,
    SEGMENT_passive,
    SEGMENT_declarative, // element segments only
} SegmentMode;

typedef struct ElemDecl {
    SegmentMode mode;
    uint8_t flags; // as in the binary format: the encoder keeps the form
    ValType type;
    uint32_t table;
    Bytes offset;          // active only
    uint32_t len;          // entries
    bool has_exprs;        // entries are expressions, else function indices
    const uint32_t *funcs; // one of the two, `len` of them
    const Bytes *exprs;
    uint64_t at;
} ElemDecl;

typedef struct DataDecl {
    SegmentMode mode;
    uint8_t flags; // as in the binary format: the encoder keeps the form
    uint32_t memory;
    Bytes offset; // active only
    Bytes bytes;
    uint64_t at;
} DataDecl;

// One function body. `bytes` starts at the declarations of locals and ends with
// the final `end`.
typedef struct Body {
    Bytes bytes;
} Body;

typedef struct CustomSection {
    Str name;
    Bytes bytes;   // after the name
    uint8_t after; // id of the last non-custom section before it; 0 = none
    uint64_t at;
} CustomSection;

// --- names (the custom sections "name" and its extension) --------------------

typedef struct NameAssoc {
    uint32_t index;
    Str name;
} NameAssoc;

typedef struct NameMap {
    Vec(NameAssoc) items; // ascending by index
} NameMap;

typedef struct IndirectAssoc {
    uint32_t index;
    NameMap map;
} IndirectAssoc;

typedef struct IndirectNameMap {
    Vec(IndirectAssoc) items; // ascending by index
} IndirectNameMap;

// Subsections of the name section; the value is the subsection's id.
typedef enum NameSpace {
    NAME_module = 0,
    NAME_func = 1,
    NAME_local = 2, // indirect
    NAME_label = 3, // indirect
    NAME_type = 4,
    NAME_table = 5,
    NAME_memory = 6,
    NAME_global = 7,
    NAME_elem = 8,
    NAME_data = 9,
    NAME_field = 10, // indirect
    NAME_tag = 11,
    NAME_count = 12
} NameSpace;

typedef struct Names {
    uint64_t section_at; // the CustomSection they are from; 0: from text
    bool has_module;
    Str module;
    NameMap of[NAME_count];         // direct spaces
    IndirectNameMap in[NAME_count]; // NAME_local, NAME_label, NAME_field
} Names;

// A function's name without an address: the bytes of the module from `at` on.
typedef struct FlatName {
    uint32_t index, at, len;
} FlatName;

// metadata.code.branch_hint: per function, offset of the instruction from the
// start of the body's bytes, and whether the branch is likely.
typedef struct BranchHint {
    uint32_t func;
    uint32_t at;
    bool likely;
} BranchHint;

// --- the module --------------------------------------------------------------

struct Module {
    Arena *arena;
    const uint8_t *bytes; // borrowed; NULL for a module parsed from text
    size_t size;
    FeatureSet features; // what it was decoded under
    const LimitSet *limits;

    Vec(TypeDef) types;
    Vec(Import) imports;
    Vec(FuncDecl) funcs;
    Vec(TableDecl) tables;
    Vec(MemoryDecl) memories;
    Vec(GlobalDecl) globals;
    Vec(TagDecl) tags;
    Vec(Export) exports;
    Vec(ElemDecl) elems;
    Vec(DataDecl) datas;
    Vec(Body) bodies; // of funcs[imported[EXTERN_func] ...]
    Vec(CustomSection) customs;
    Vec(BranchHint) hints; // ascending by (func, at)
    Names names;
    // The functions' names instead of those in `names`, where the module is
    // from a compiled file; ascending by index.
    const FlatName *flat_names;
    uint32_t flat_name_len;

    uint32_t imported[EXTERN_count]; // how many of each space are imports
    bool has_start;
    uint32_t start; // function index
    uint64_t start_at;
    bool has_data_count;
    uint32_t data_count;
};

// An empty module, ready to be decoded or parsed into. The arena needs a guard
// from here on.
static inline void module_init(Module *m, Arena *arena, FeatureSet features,
                               const LimitSet *limits) {
    *m = (Module){.arena = arena, .features = features, .limits = limits};
}

static inline const TypeDef *module_func_type(const Module *m, uint32_t func) {
    return &m->types.data[m->funcs.data[func].type];
}
// How many there are in the index space of a kind, imports included.
uint32_t module_len(const Module *m, ExternKind kind);
// The body of a defined function, by function index.
static inline const Body *module_body(const Module *m, uint32_t func) {
    return &m->bodies.data[func - m->imported[EXTERN_func]];
}
// Where bytes of the module are: none if they are not in it.
static inline Bytes module_slice(const Module *m, Bytes b) {
    if (b.data) return b;
    bool is_inside = b.size <= m->size && b.at <= m->size - b.size;
    if (is_inside && m->bytes)
        b.data = m->bytes + b.at;
    else
        b.size = 0;
    return b;
}
// A function's name from the name section, or {NULL, 0}.
Str module_func_name(const Module *m, uint32_t func);
Str name_map_get(const NameMap *map, uint32_t index);
const NameMap *name_map_in(const IndirectNameMap *map, uint32_t index);

extern const char *const extern_text[EXTERN_count]; // "func", "table", ...
