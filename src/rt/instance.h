// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Instances and instantiation (core, 4.5.4).
#pragma once

#include "rt/func.h"
#include "rt/global.h"
#include "rt/image.h"
#include "rt/memory.h"

typedef struct Extern {
    ExternKind kind;
    union {
        Func *func;
        Table *table;
        Memory *memory;
        Global *global;
        Tag *tag;
    };
} Extern;

// References to the functions that an instance defines, so many at a time.
enum {
    FUNC_CHUNK = 512,
};

struct Instance {
    Context context;  // first: code finds the instance by it
    RtModule *module; // counted
    Store *store;
    void *code;            // the tier's: of its module, for its memory
    uint32_t handle;       // index in store->instances
    Instance *memory_next; // in memories[0]->users
    Func ***funcs;         // of defined functions: chunks, NULL until needed
    ElemInstance *elems;   // the module's, unless it can drop some
    DataInstance *datas;   // the same
};

static inline RtType *instance_func_type(const Instance *inst, uint32_t func) {
    return inst->context.types[inst->module->module.funcs.data[func].type];
}

// Checks that `imports` (one per import, in order) fit, allocates, evaluates
// initialisers, copies active segments, runs the start function.
// ERR_unlinkable or ERR_limit in *err: nothing happened. STATUS_trap: the
// instance exists in the store (its functions may be in foreign tables) but is
// not returned. `imports` is borrowed.
NODISCARD Status instance_new(Store *s, RtModule *m, const Extern *imports,
                              uint32_t import_len, Instance **out, Err *err);
// The same in two steps: all but the start function, which may be called in
// any way ...
NODISCARD Status instance_make(Store *s, RtModule *m, const Extern *imports,
                               uint32_t import_len, Instance **out, Err *err);
// ... the same again, of imports that are known to fit ...
NODISCARD Status instance_make_linked(Store *s, RtModule *m,
                                      const Extern *imports, Instance **out,
                                      Err *err);
// ... and that function, if the module has one.
NODISCARD Status instance_start(Instance *inst);
// Does an extern fit an import? *err says why not.
NODISCARD bool import_matches(const RtModule *m, uint32_t import,
                              const Extern *have, Err *err);

// An export by name; false when there is none, or no memory for a reference
// (*err says).
NODISCARD bool instance_export(Instance *inst, Str name, Extern *out, Err *err);
NODISCARD bool instance_export_at(Instance *inst, uint32_t index, Extern *out,
                                  Err *err);

// Evaluates a constant expression (extended ones too) in an instance.
// STATUS_trap with a trap recorded when memory ran out.
NODISCARD Status const_expr_eval(Instance *inst, Bytes expr, Raw *out);

// table.init, memory.init and array.new_data/elem read segments:
NODISCARD Trap instance_table_init(Instance *inst, uint32_t table,
                                   uint32_t elem, uint64_t at, uint32_t from,
                                   uint32_t len);
NODISCARD Trap instance_memory_init(Instance *inst, uint32_t memory,
                                    uint32_t data, uint64_t at, uint32_t from,
                                    uint32_t len);
void instance_elem_drop(Instance *inst, uint32_t elem);
void instance_data_drop(Instance *inst, uint32_t data);
// One entry of an element segment as a value; false: no memory.
NODISCARD bool instance_elem_get(Instance *inst, uint32_t elem, uint32_t index,
                                 Raw *out);
