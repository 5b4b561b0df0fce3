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
// With the same definitions and settings. NULL: no memory.
NODISCARD Linker *linker_clone(const Linker *l);
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
// Defines what a module imports and the linker lacks: without a store,
// functions that trap; with one, functions that return default values, and
// globals, tables, memories and tags of the store. E_no_default: there is no
// such value.
NODISCARD bool linker_define_missing(Linker *l, const RtModule *m, Store *s,
                                     Err *err);
NODISCARD bool linker_get(const Linker *l, Store *s, Str module, Str name,
                          Extern *out);
// Resolves the imports and instantiates. ERR_unlinkable "unknown import ..."
// names what is missing. Any thread, as long as none defines something.
NODISCARD Status linker_instantiate(Linker *l, Store *s, RtModule *m,
                                    Instance **out, Err *err);
// All of it but the start function, see instance_start.
NODISCARD Status linker_make(Linker *l, Store *s, RtModule *m, Instance **out,
                             Err *err);

// A module with its imports resolved once, for any number of instances. What
// is of a store serves that store only. Counted; any thread.
typedef struct LinkedModule LinkedModule;

// Unknown imports are an error, whatever the linker would answer.
NODISCARD LinkedModule *linker_link(const Linker *l, RtModule *m, Err *err);
void linked_ref(LinkedModule *p);
void linked_unref(LinkedModule *p);
RtModule *linked_module(const LinkedModule *p);
NODISCARD Status linked_instantiate(const LinkedModule *p, Store *s,
                                    Instance **out, Err *err);
NODISCARD Status linked_make(const LinkedModule *p, Store *s, Instance **out,
                             Err *err);
