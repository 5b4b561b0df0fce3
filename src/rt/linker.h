// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A linker: names to things that imports may be satisfied with.
//
// Things of a store belong to that store; host functions may be defined without
// one, and are then made anew in each store that links them.
#pragma once

#include "base/map.h"
#include "rt/instance.h"

typedef struct Linker Linker;

NODISCARD Linker *linker_new(Engine *e);
void linker_free(Linker *l); // NULL is fine
Engine *linker_engine(const Linker *l);
void linker_allow_shadowing(Linker *l, bool allow);
// Answer unknown function imports with functions that trap, or that return
// default values.
void linker_unknown_as_traps(Linker *l, bool yes);
void linker_unknown_as_defaults(Linker *l, bool yes);

// False with *err: already defined (and no shadowing), or out of memory.
NODISCARD bool linker_define(Linker *l, Str module, Str name,
                             const Extern *item, const Store *store, Err *err);
NODISCARD bool linker_define_func(Linker *l, Str module, Str name, RtType *type,
                                  HostFn host, void *env,
                                  void (*finalize)(void *env), Err *err);
// All exports of an instance under a module name.
NODISCARD bool linker_define_instance(Linker *l, Str module, Instance *inst,
                                      Err *err);
NODISCARD bool linker_get(Linker *l, Store *s, Str module, Str name,
                          Extern *out);
// Resolves the imports and instantiates. ERR_unlinkable "unknown import ..."
// names what is missing.
NODISCARD Status linker_instantiate(Linker *l, Store *s, RtModule *m,
                                    Instance **out, Err *err);
