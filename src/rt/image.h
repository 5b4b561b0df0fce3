// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What all instances of a module begin with, worked out once, when the module
// is loaded, or first instantiated if it is from a compiled file: the values of its globals, the cells of its tables, its segments.
// Instantiating it then costs nothing for each function, element or segment
// (docs/decisions/0023-what-instances-begin-with.md).
//
// Whatever an instance has to compute for itself, because a constant expression
// reads an imported global or makes an object, is left to instantiation, and so
// is everything that may trap.
#pragma once

#include "rt/pool.h"
#include "rt/rt_module.h"
#include "rt/table.h"

// An element segment after instantiation: its references, or none once dropped.
typedef struct ElemInstance {
    uint32_t len;
    bool is_func;
    bool is_owned; // the array is the instance's, not its module's
    union {
        FuncCell *funcs; // lazy cells of this instance
        GcRef *refs;     // roots
    };
} ElemInstance;

typedef struct DataInstance {
    const uint8_t *data; // borrowed from the module
    uint32_t size;       // 0 once dropped
} DataInstance;

// The first cells of a table that the module defines; the others are null.
typedef struct TableImage {
    FuncCell *cells;
    uint64_t len;
    PoolImage pool; // the same cells, if there are many
} TableImage;

// Where the data of a memory lies that the module defines.
typedef struct MemoryImage {
    uint64_t begin, end; // bytes; `end` 0: it has none
    uint64_t data;       // bytes in segments
    PoolImage pool;      // whole pages around it, if there is much
} MemoryImage;

typedef struct GlobalImage {
    Raw value;
    bool is_known;
} GlobalImage;

typedef struct ModuleImage {
    // No active segment can trap, and each goes to a table or memory that the
    // module defines: `tables` holds the elements, and `elems` and `datas` are
    // as instantiation leaves them.
    bool is_known;
    bool has_passive;    // segments, not empty, that an instance may drop
    ElemInstance *elems; // those with expressions to evaluate are empty
    DataInstance *datas;
    TableImage *tables;     // of defined tables, in order; where is_known
    MemoryImage *memories;  // of defined memories; where is_known
    GlobalImage *globals;   // of defined globals, in order
    Mutex lock;             // making what is mapped
    _Atomic bool is_mapped; // that was tried
} ModuleImage;

// Of a module that was validated; all of it lies in the module's arena, which
// must have a guard.
ModuleImage *module_image_new(RtModule *m);
void module_image_release(RtModule *m); // what is not in the arena

// Before an instance is made: images that can be mapped, where they are worth it
// and the host can do that. Thread-safe.
void module_image_map(RtModule *m);

// Images that are worth it, as `*out` for each `n` below the length; false: it
// is not. m->image is there.
uint32_t module_image_part_len(const RtModule *m);
NODISCARD bool module_image_part(const RtModule *m, uint32_t n, ImagePart *out);
// Writes its bytes over zeros.
void module_image_fill(const RtModule *m, const ImagePart *part,
                       uint8_t *bytes);

// Makes m->image unless it is there. Thread-safe; false with *err.
NODISCARD bool module_image_ready(RtModule *m, Err *err);

// The value of a constant expression that is the same in every instance. False:
// it has to be evaluated. Function references have no such value.
NODISCARD bool const_expr_known(const Module *m, Bytes expr, Raw *out);
// The cell of a table that a constant expression stands for, in every instance.
NODISCARD bool const_expr_cell(const Module *m, Bytes expr, FuncCell *out);
