// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a linker knows, shared by defining (linker.c) and linking (linked.c).
#pragma once

#include "rt/linker.h"

// A host function without a store. Each store that links it gets a Func of its
// own, which keeps this alive: the linker may go before the store.
typedef struct HostDef {
    _Atomic uint32_t refs;
    HostFn host;
    void *env;
    void (*finalize)(void *env);
} HostDef;

// An extern of one store, or a host function.
typedef struct Definition {
    Extern item;
    uint64_t store_id;
    RtType *type;  // of the host function; counted
    HostDef *host; // counted; NULL: `item` it is
} Definition;

// Takes a reference to `type`. False: out of memory, and `env` stays the
// caller's.
NODISCARD bool definition_of_host(Definition *d, RtType *type, HostFn host,
                                  void *env, void (*finalize)(void *env),
                                  Err *err);
void definition_ref(const Definition *d);
void definition_unref(Engine *e, const Definition *d);

typedef struct Entry {
    char *names; // module, then name; owned
    uint32_t module_len, name_len;
    Definition def;
} Entry;

typedef struct ImportPlan ImportPlan;

struct Linker {
    Engine *engine;
    List(Entry) entries;
    Map index; // hash of both names -> entry
    bool may_shadow, unknown_traps, unknown_defaults;
    // The latest plan, for whoever instantiates the same module again, on any
    // thread: it is taken out to be looked at. NULL: none, or somebody has it.
    _Atomic(ImportPlan *) plan;
};

// What an import is satisfied with; the caller owns a reference. `unknown`: the
// linker may answer for names that it lacks.
NODISCARD bool linker_find(const Linker *l, const RtModule *m, const Import *im,
                           bool unknown, Definition *out, Err *err);
// Gives the linker a reference to keep in place of the one that it has.
void linker_keep_plan(Linker *l, ImportPlan *plan);
