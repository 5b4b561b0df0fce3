// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The engine's types: recursion groups, hash-consed, shared by all modules and
// stores of the engine.
//
// Equal types of any two modules are one RtType, so type identity is pointer
// identity and a subtype test is one look into the display. Ids are 64-bit and
// never reused. Counts belong to groups; whether a group dies is decided under
// the lock only (a count that reached zero outside it proves nothing, for
// another thread may have found the group again).
#pragma once

#include "base/vec.h"
#include "vmabi/machine.h"
#include "wasm/module.h"

#include <stdatomic.h>

typedef struct RtType RtType;
typedef struct RtGroup RtGroup;
typedef struct Registry Registry;

// A value type outside of any module. For a concrete reference `type` says
// which and the index bits of `code` are zero; otherwise `type` is NULL. All
// vt_is_* questions may be asked of `code`.
typedef struct RtValType {
    ValType code;
    RtType *type;
} RtValType;

typedef struct RtField {
    RtValType storage;
    bool is_mutable;
} RtField;

struct RtType { // depth and display: vmabi/layout.h
    uint32_t depth;
    uint32_t index;   // in the group
    RtType **display; // the supertype at each depth; display[depth] is itself
    uint64_t id;      // never 0
    RtGroup *group;
    CompKind kind;
    bool is_final;
    // COMP_func
    bool has_v128, has_ref; // in the signature
    uint32_t param_len, result_len;
    uint32_t value_len; // the greater of them: room that a call needs
    const RtValType *params, *results;
    // How values cross between C and machine code; NULL: nobody asked yet. Set
    // by the tier, on any thread; lives as long as the engine.
    _Atomic(const MachineAdapter *) adapter;
    // COMP_struct, COMP_array (one field)
    uint32_t field_len;
    const RtField *fields;
};

NODISCARD Registry *registry_new(void);
void registry_free(Registry *r); // no type may be in use; NULL is fine

// Registers all types of a validated module and takes one reference on each
// group, or takes none and returns false (out of memory). out[i] is the type of
// type index i. Thread-safe.
NODISCARD bool registry_add_module(Registry *r, const Module *m, RtType **out);
void registry_drop_module(Registry *r, const Module *m, RtType **types);

// A final function type without supertype, made by the host. NULL when memory
// ran out. The caller owns one reference. The value types' own types must be
// in use. Thread-safe.
NODISCARD RtType *registry_func_type(Registry *r, const RtValType *params,
                                     uint32_t param_len,
                                     const RtValType *results,
                                     uint32_t result_len);
// The same for a structure or an array type.
NODISCARD RtType *registry_struct_type(Registry *r, CompKind kind,
                                       const RtField *fields,
                                       uint32_t field_len);
// References to types of one's own; the type must be in use. Any thread.
void rt_type_ref(RtType *t);
void rt_type_unref(Registry *r, RtType *t);

// How many groups are alive; for tests.
uint32_t registry_len(Registry *r);
// Takes and releases the lock around a fork.
void registry_lock(Registry *r);
void registry_unlock(Registry *r);

static inline bool rt_type_is(const RtType *sub, const RtType *super) {
    return sub == super ||
           (sub->depth > super->depth && sub->display[super->depth] == super);
}

// A module's value type in the engine's terms.
static inline RtValType rt_val_type(ValType t, RtType *const *types) {
    if (!vt_is_concrete(t)) return (RtValType){.code = t};
    return (RtValType){t & ~VT_INDEX, types[vt_index(t)]};
}
bool rt_val_type_equal(RtValType a, RtValType b);
bool rt_val_type_matches(RtValType sub, RtValType super);
// any, func, extern or exn.
HeapKind rt_val_type_top(RtValType ref);
// Is it a reference that the collector traces (any, extern, exn)?
static inline bool rt_val_type_is_traced(RtValType t) {
    return vt_is_ref(t.code) && rt_val_type_top(t) != HEAP_func;
}
// Has a slot of it a zero upper half?
static inline bool rt_val_type_is_narrow(RtValType t) {
    return t.code == VT_i32 || t.code == VT_f32 || rt_val_type_is_traced(t);
}
// A value whose upper half may be anything, as slots have it.
static inline Raw rt_narrow(RtValType t, Raw value) {
    return rt_val_type_is_narrow(t) ? (Raw){.u64 = value.u32} : value;
}
enum {
    RT_TYPE_TEXT_MAX = 256
};
// As type_print; of a concrete type no more than its kind: "(ref (func ...))".
const char *rt_val_type_print(char out[TYPE_TEXT_MAX], RtValType t);
// "(func (param i32) (result i64))", shortened when it does not fit.
const char *rt_type_print(char out[RT_TYPE_TEXT_MAX], const RtType *t);
