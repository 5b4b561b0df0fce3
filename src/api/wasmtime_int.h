// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files behind wasmtime/*.h share: stores, handles, values, and how a
// call ends.
//
// A context is the store itself. A handle is {store id, index in the store's
// list}, both checked whenever it is used. A root is {store id, ..., cell}, or
// an i31 by itself, which needs no cell.
#pragma once

#include "api/api_int.h"

#include <wasmtime/instance.h>
#include <wasmtime/linker.h>
#include <wasmtime/types.h>

struct wasmtime_store {
    Store *store; // counted
};

struct wasmtime_module {
    RtModule *module; // counted
};

struct wasmtime_sharedmemory {
    SharedMemory *memory; // counted
};

struct wasmtime_linker {
    Linker *linker;
};

struct wasmtime_instance_pre {
    LinkedModule *linked; // counted
};

// A type of an engine.
typedef struct EngineType {
    Engine *engine; // counted
    RtType *type;   // counted
} EngineType;
struct wasmtime_struct_type {
    EngineType of;
};
struct wasmtime_array_type {
    EngineType of;
};
struct wasmtime_exn_type { // the type of its tags
    EngineType of;
};
// NULL: no memory.
NODISCARD wasmtime_struct_type_t *struct_type_of(Engine *e, RtType *t);
NODISCARD wasmtime_array_type_t *array_type_of(Engine *e, RtType *t);
NODISCARD wasmtime_exn_type_t *exn_type_of(Engine *e, RtType *t);

// An argument of host functions: the beginning of their HostCall.
struct wasmtime_caller {
    Store *store;
    Instance *instance; // NULL: the host called
};
static_assert(offsetof(HostCall, store) ==
                      offsetof(struct wasmtime_caller, store) &&
                  offsetof(HostCall, caller) ==
                      offsetof(struct wasmtime_caller, instance),
              "the beginning of it");
static inline wasmtime_caller_t *caller_of(HostCall *call) {
    return (wasmtime_caller_t *)(void *)call;
}

static inline Store *store_of_context(const wasmtime_context_t *c) {
    return (Store *)(uintptr_t)c; // the object is not constant
}
static inline wasmtime_context_t *context_of_store(Store *s) {
    return (wasmtime_context_t *)(void *)s;
}

// Names of any length that the embedder passes.
static inline Str str_of_name(const char *data, size_t len) {
    return (Str){data, (uint32_t)MIN(len, (size_t)UINT32_MAX)};
}

// Another handle to a module; NULL: no memory.
NODISCARD wasmtime_module_t *module_handle(RtModule *m);

// --- handles -----------------------------------------------------------------

// The thing, or NULL when the handle is not one of the store's.
static inline Func *handle_func(const Store *s, const wasmtime_func_t *h) {
    if (UNLIKELY(!h || h->store_id != s->id)) return NULL;
    uintptr_t index = (uintptr_t)h->__private;
    if (UNLIKELY(index >= s->funcs.len)) return NULL;
    Func *f = s->funcs.data[index];
    if (!f) UNREACHABLE();
    return f;
}
Table *handle_table(const Store *s, const wasmtime_table_t *h);
Memory *handle_memory(const Store *s, const wasmtime_memory_t *h);
Global *handle_global(const Store *s, const wasmtime_global_t *h);
Tag *handle_tag(const Store *s, const wasmtime_tag_t *h);
Instance *handle_instance(const Store *s, const wasmtime_instance_t *h);

wasmtime_func_t handle_of_func(const Func *f); // NULL: null
wasmtime_table_t handle_of_table(const Table *t);
wasmtime_memory_t handle_of_memory(const Memory *m);
wasmtime_global_t handle_of_global(const Global *g);
wasmtime_tag_t handle_of_tag(const Tag *t);
wasmtime_instance_t handle_of_instance(const Instance *inst);

// False: no memory (for a shared memory's own handle).
NODISCARD bool handle_of_extern(const Extern *e, wasmtime_extern_t *out);
// False: not of the store, or no memory (a shared memory becomes one of the
// store).
NODISCARD bool handle_extern(Store *s, const wasmtime_extern_t *h, Extern *out);
wasmtime_error_t *error_of_handle(void); // "... of another store"

// --- values ------------------------------------------------------------------

// The value in the store's terms. False: not of the type, or of another store.
// Never allocates.
NODISCARD bool value_to_raw(Store *s, const wasmtime_val_t *v, RtValType t,
                            Raw *out);
// An owned value, from one whose upper half is zero where it is narrow. False:
// no memory for a root; *out is then null.
NODISCARD bool value_of_raw(Store *s, Raw raw, RtValType t,
                            wasmtime_val_t *out);
// Values of types; on failure none is owned.
NODISCARD bool values_to_raws(Store *s, const wasmtime_val_t *from,
                              const RtValType *types, uint32_t len, Raw *out);
NODISCARD bool values_of_raws(Store *s, const Raw *from, const RtValType *types,
                              uint32_t len, wasmtime_val_t *out);
// Which is the first that is not; `len`: none.
uint32_t values_misfit(Store *s, const wasmtime_val_t *from,
                       const RtValType *types, uint32_t len);
void values_unroot(wasmtime_val_t *values, size_t len);

// Any of the six structures of roots, by its common form.
typedef wasmtime_anyref_t Root;
// A root of an object; null for 0. False: no memory, and *out is null.
NODISCARD bool root_new(Store *s, GcRef ref, Root *out);
void root_clone(const Root *from, Root *out);
void root_unroot(Root *r);
// The object, or 0 for null and for roots of other stores.
GcRef root_get(const Store *s, const Root *r);

// --- calls -------------------------------------------------------------------

// How something that ran in a store ended: NULL and *trap NULL for STATUS_ok,
// else either one.
wasmtime_error_t *call_outcome(Store *s, Status status, wasm_trap_t **trap);
// The same where it may also have failed before anything ran (*err).
wasmtime_error_t *link_outcome(Store *s, Status status, const Err *err,
                               wasm_trap_t **trap);

// The wrong numbers of arguments and results for a function.
wasmtime_error_t *error_of_count(const RtType *t, size_t nargs,
                                 size_t nresults);

// A function of the host: what calls it, for func_new_host and for linkers.
typedef struct HostFunc {
    wasmtime_func_callback_t checked; // one of the two
    wasmtime_func_unchecked_callback_t unchecked;
    void *env;
    void (*finalize)(void *env);
} HostFunc;
// Its HostFn, whose env it is.
HostFn host_func_call(const HostFunc *f, const RtType *t);
void host_func_free(void *env);
// NULL: no memory; nothing was finalized.
NODISCARD HostFunc *host_func_new(const HostFunc *from);
// Ends a host function as its callback's answer says; takes the trap, which is
// not NULL.
Status host_raise(Store *s, wasm_trap_t *trap);
// Stores the results of a callback, and unroots them. A trap: some are not of
// their types.
NODISCARD Status host_results(HostCall *call, wasmtime_val_t *results);
// Arguments that are not of the parameters' types.
wasmtime_error_t *error_of_args(Store *s, const RtType *t,
                                const wasmtime_val_t *args);
