// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A store: everything that instances own, and the state of the call in
// progress. Belongs to one thread at a time. Releasing the last reference
// frees everything it made, in any state.
//
// Objects never move; handles outside are {store id, index} into the lists.
#pragma once

#include "base/map.h"
#include "gc/gc.h"
#include "rt/trap.h"

typedef struct Instance Instance;
typedef struct FuncBlock FuncBlock;

// What the embedder allows beyond the engine's limits; NULL members: allowed.
typedef struct StoreLimiter {
    void *env;
    bool (*memory_grow)(void *env, uint64_t from, uint64_t to, uint64_t max);
    bool (*table_grow)(void *env, uint64_t from, uint64_t to, uint64_t max);
    bool traps_on_failure; // of memory.grow and table.grow
} StoreLimiter;

// What to do when the deadline is reached.
typedef enum EpochAnswer {
    EPOCH_trap,
    EPOCH_continue, // the callback has set a new deadline
    EPOCH_yield,    // the same, and the call suspends first, or traps
} EpochAnswer;

typedef struct HostValue {
    void *value; // the embedder's
    void (*finalize)(void *value);
    uint32_t next_free; // while unused
    bool is_used;
} HostValue;

// A reference held outside the heap: counted, cloned and dropped on any thread
// and after the store is gone; the store sweeps cells that only it holds
// (architecture, decision 11).
typedef struct RootCell {
    _Atomic uint32_t refs;
    GcRef ref; // the store's thread only; 0 once the store is gone
    uint64_t store_id;
} RootCell;

// References that C code holds across an allocation: scopes nest like the C
// frames that own them, and the collector visits (and updates) what they name.
typedef struct RootScope {
    struct RootScope *outer;
    void (*visit)(struct RootScope *scope, GcHeap *heap, GcVisit visit);
} RootScope;

// What a C frame owns while it waits for code that may suspend: on a suspended
// stack that is dropped, `run` releases it instead of the frame. Cleanups nest
// like the frames that they lie in.
typedef struct Cleanup {
    struct Cleanup *outer;
    void (*run)(struct Cleanup *cleanup);
} Cleanup;

typedef struct Computation Computation;

// One stack of calls (rt/computation.h). That of the running one is in the
// store and its context, in fields of the same names.
typedef struct Execution {
    Activation *activation;
    char *stack_limit;
    ValueStack *value_stack;
    void *exit_frame;
    RootScope *scopes;
    Cleanup *cleanups;
    uint32_t entries;
    Computation *computation;
} Execution;

struct Store {
    StoreContext context; // first: code finds the store by it
    _Atomic uint32_t refs;
    uint64_t id;
    Engine *engine;
    LimitSet limits; // the engine's, narrowed by the embedder
    StoreLimiter limiter;
    void *data; // the embedder's
    void (*data_free)(void *data);
    struct Wasi *wasi; // borrowed: what its guests see of the host (wasi/)

    List(Instance *) instances;
    List(Func *) funcs;
    FuncBlock *func_blocks; // some of them
    List(Memory *) memories;
    List(Table *) tables;
    List(Global *) globals;
    List(Tag *) tags;
    List(RootCell *) roots;
    RootScope *scopes;         // innermost
    Cleanup *cleanups;         // innermost
    uint32_t entries;          // calls from C on this stack within another one
    Computation *computation;  // that runs; NULL: on its caller's stack
    Computation *computations; // all that have not ended
    List(HostValue) host_values;
    uint32_t host_value_free; // first free one, or UINT32_MAX

    GcHeap *heap;        // NULL until the first object; see store_heap
    PoolSlot *heap_slot; // where it lies
    Map gc_types;        // heap map: RtType id -> index of the heap's type
    List(RtType *) held_types; // references that the store keeps ...
    Map held;                  // ... and whether it has one: by RtType id

    ValueStack *main_stack; // for calls on the caller's stack; made when needed
    TrapInfo trap;
    // Called where a trap is recorded, and where an instruction throws, with
    // `exception` set, whether it will be caught or not; the frames are still
    // there. Exits are no traps. It may not run code of the store.
    void (*trap_hook)(void *env, Store *store);
    void *trap_env;
    GcRef exception;     // pending with STATUS_exception; a root
    uint64_t host_bytes; // charged to limits.host_memory
    EpochAnswer (*epoch_callback)(void *env, Store *store);
    void *epoch_env;
    uint64_t deadline;      // context.deadline, but where all polls are due
    uint64_t fuel_reserve;  // not yet in context.fuel
    uint64_t fuel_interval; // suspend whenever so much is spent; 0: never
};

NODISCARD Store *store_new(Engine *engine);
void store_ref(Store *s);
void store_unref(Store *s);

static inline Store *store_of(StoreContext *c) {
    return (Store *)(void *)c;
}

// The heap, made at the first need. NULL when memory ran out.
NODISCARD GcHeap *store_heap(Store *s);
// The heap's type index for a structure or array type; UINT32_MAX: no memory.
uint32_t store_gc_type(Store *s, RtType *t);
uint32_t store_gc_tag(Store *s, Tag *tag);
uint32_t store_gc_extern(Store *s);

// Keeps a type in use as long as the store lives; cheap when it already is.
NODISCARD bool store_hold_type(Store *s, RtType *t);

// Charges host memory that a guest made us allocate. False: over the limit.
NODISCARD bool store_charge(Store *s, uint64_t bytes);
void store_discharge(Store *s, uint64_t bytes);

// The slow path of a poll: the epoch has reached the deadline, or fuel is below
// zero. STATUS_ok: go on (memories may have moved, anything may have changed).
NODISCARD Status store_poll(Store *s);
void store_set_deadline(Store *s, uint64_t ticks_from_now);

// What the guest may spend, in all. With an interval, calls that can suspend do
// so whenever they have spent so much, and go on with what is left.
void store_set_fuel(Store *s, uint64_t fuel);
uint64_t store_get_fuel(const Store *s); // what is left
void store_set_fuel_interval(Store *s, uint64_t interval);
// Spends units in advance; false: there are fewer, and nothing has changed.
NODISCARD bool store_spend_fuel(Store *s, uint64_t units);

// A root; the caller owns one reference to it. NULL when memory ran out.
NODISCARD RootCell *root_cell_new(Store *s, GcRef ref);
void root_cell_ref(RootCell *cell);
void root_cell_unref(RootCell *cell);

// An embedder's value as an externref; 0 when memory ran out (`finalize` has
// then not been called).
NODISCARD GcRef store_extern_new(Store *s, void *value,
                                 void (*finalize)(void *value));
// The value in an external reference, or NULL with *ok false when the object
// is an internal one that was externalized.
void *store_extern_get(Store *s, GcRef ref, bool *ok);

// The value stack that calls on this C stack use; NULL when memory ran out.
NODISCARD ValueStack *store_value_stack(Store *s);
// Bytes of it, for values of a call that are too many for a frame of C. They
// are given back in reverse order. Traps when there are no more.
NODISCARD Status store_borrow(Store *s, uint64_t size, void **bytes);
void store_give_back(Store *s, void *bytes);
NODISCARD ValueStack *value_stack_new(Engine *e, uint64_t size);
void value_stack_free(Engine *e, ValueStack *v); // NULL is fine

// Does a reference of a store's value match a type? `raw` holds a reference of
// the type's hierarchy (func, any, extern or exn).
bool store_ref_matches(Store *s, Raw raw, RtValType type);

// --- roots of C code -----------------------------------------------------------

void root_scope_enter(Store *s, RootScope *scope);
void root_scope_leave(Store *s, RootScope *scope); // the innermost

void cleanup_enter(Store *s, Cleanup *cleanup);
void cleanup_leave(Store *s, Cleanup *cleanup); // the innermost; does not run

// `len` references.
typedef struct RefScope {
    RootScope scope;
    GcRef *refs;
    uint32_t len;
} RefScope;
void ref_scope_enter(Store *s, RefScope *scope, GcRef *refs, uint32_t len);

// `len` values of the types that start at `types`, `type_stride` bytes apart.
typedef struct RawScope {
    RootScope scope;
    Raw *values;
    const RtValType *types;
    size_t type_stride;
    uint32_t len;
} RawScope;
void raw_scope_enter(Store *s, RawScope *scope, Raw *values,
                     const RtValType *types, uint32_t len);

// --- objects and values (rt/object.c), for the API and constant expressions -----
//
// References among `values` are kept up to date while an allocation moves
// objects. On failure a trap is recorded.

NODISCARD Status object_new_struct(Store *s, RtType *t, Raw *values,
                                   GcRef *out); // values NULL: defaults
NODISCARD Status object_new_array(Store *s, RtType *t, uint32_t len, Raw fill,
                                  GcRef *out);
NODISCARD Status object_new_array_of(Store *s, RtType *t, Raw *values,
                                     uint32_t len, GcRef *out);
NODISCARD Status object_new_exn(Store *s, Tag *tag, Raw *values, GcRef *out);
// Fields as values: packed ones are zero-extended, function references are
// turned from and into their heap form.
Raw object_field_get(Store *s, GcRef ref, uint32_t field);
void object_field_set(Store *s, GcRef ref, uint32_t field, Raw value);
Raw object_element_get(Store *s, GcRef ref, uint32_t index);
void object_element_set(Store *s, GcRef ref, uint32_t index, Raw value);
Tag *object_exn_tag(Store *s, GcRef exn);
RtType *object_type(Store *s, GcRef ref); // of a structure or an array

// A function reference's index for the heap and back; 0 is null.
uint32_t store_func_index(Func *f);
Func *store_func_at(Store *s, uint32_t index);
