// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tables: of function references (pointers) or of collected references.
//
// A cell of a function table may be lazy: the table belongs to one instance,
// whose element segments fill it with function indices; the reference is made
// when the cell is first read as a value. call_indirect of the owner calls a
// lazy cell without making it.
#pragma once

#include "rt/pool.h"
#include "rt/store.h"

struct TableImage;

// NULL, a Func *, or lazy: the owner's function index << 1 | 1.
typedef uintptr_t FuncCell;

static inline bool func_cell_is_lazy(FuncCell c) {
    return c & 1;
}
static inline uint32_t func_cell_index(FuncCell c) {
    return (uint32_t)(c >> 1);
}
static inline FuncCell func_cell_of_index(uint32_t func) {
    return (FuncCell)func << 1 | 1;
}

struct Table {
    union {
        FuncCell *funcs; // is_func
        GcRef *refs;     // roots
    };
    uint64_t size, cap;
    uint64_t max;   // declared maximum, index type and limits
    RtValType elem; // its type is held by the store
    Limits limits;  // as declared
    bool is_func;
    PoolSlot *slot;  // where the cells lie; NULL: in the allocator
    Instance *owner; // whose indices lazy cells are; NULL: none are lazy
    uint32_t handle; // index in store->tables
    Store *store;
};

// `init` is a reference of the element type.
NODISCARD Table *table_new(Store *s, const Limits *limits, RtValType elem,
                           Raw init, Err *err);
// A table of functions that begins as its module's image says.
NODISCARD Table *table_new_of_image(Store *s, const Limits *limits,
                                    RtValType elem, struct TableImage *image,
                                    Err *err);
// The caller has checked the index. False: no memory for a lazy reference.
NODISCARD bool table_get(Table *t, uint64_t index, Raw *out);
void table_set(Table *t, uint64_t index, Raw value);
// The old size or -1.
int64_t table_grow(Table *t, uint64_t delta, Raw init);
// Bulk operations: bounds first, then all; TRAP_none, TRAP_table_bounds or
// TRAP_out_of_memory.
NODISCARD Trap table_fill(Table *t, uint64_t at, Raw value, uint64_t len);
NODISCARD Trap table_copy(Table *to, uint64_t at, Table *from, uint64_t from_at,
                          uint64_t len);
Limits table_limits_now(const Table *t);
