// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files of api/ share: the objects behind the public headers.
//
// A reference of wasm.h is a WasmRef. Functions, globals, tables, memories,
// tags and instances have one each, made when first asked for and owned by the
// store: a handle is the pointer to it plus one reference on the store. Copying
// takes another, deleting drops one, and two handles are the same when the
// pointers are. Traps, modules, foreign and collected objects are counted by
// themselves besides (`refs`).
#pragma once

#include "engine/load.h"
#include "rt/linker.h"
#include "wasi/wasi.h"

#include <wasi.h>
#include <wasm.h>
#include <wasmtime/error.h>

// --- configuration, engine, store --------------------------------------------

struct wasm_config_t {
    EngineConfig engine;
    bool no_objects;                    // no feature that makes objects
    bool canonical_nans, fixed_relaxed; // either: engine.is_deterministic
    char *cache_dir;                    // engine.cache_dir points to it
    const char *error; // the first thing that a setter could not do, or NULL
};

void config_fail(wasm_config_t *c, const char *error);
// Before an engine is made of it: what several setters decide together. The
// error, or NULL.
const char *config_settle(wasm_config_t *c);

struct wasm_engine_t {
    Engine *engine; // counted
};

struct wasmtime_context; // wasmtime/store.h

// What an embedder gave to a store of wasmtime/store.h.
typedef struct StoreHost {
    void *data;
    void (*data_free)(void *data);
    uint64_t memory_max, table_max; // bytes and elements of each
    wasmtime_error_t *(*on_deadline)(const struct wasmtime_context *context,
                                     void *data, uint64_t *delta,
                                     uint8_t *kind);
    void *deadline_data;
    void (*deadline_free)(void *data);
    uint64_t yield_delta; // ticks to the next deadline where futures suspend
    bool allows_http;     // components may use wasi:http
} StoreHost;
void store_host_release(StoreHost *h);

// What the API keeps for a store; store->data points to it.
typedef struct StoreData {
    Map ref_index; // address of what a WasmRef is for -> index in refs
    List(struct wasm_ref_t *) refs;
    struct wasm_trap_t *no_memory; // for when there is none to make a trap
    Wasi *wasi;                    // also store->wasi; NULL: none was set
    StoreHost host;
} StoreData;

struct wasm_store_t {
    Store *store; // counted
};

// A store with its StoreData; NULL when memory ran out.
NODISCARD Store *api_store_new(Engine *e);

static inline StoreData *store_data(const Store *s) {
    return s->data;
}

// --- WASI --------------------------------------------------------------------

struct wasi_config_t {
    Wasi *wasi;
    bool has_failed; // a function that returns nothing had no memory
};

// Takes the configuration: the store's guests see it, in place of what they saw
// before. False: it has failed before, or is NULL. Not while WASI runs.
NODISCARD bool wasi_config_apply(Store *s, wasi_config_t *config);

// --- types -------------------------------------------------------------------

struct wasm_valtype_t {
    RtValType type;
    Engine *engine; // counted, and so is type.type; NULL when that is
};

struct wasm_externtype_t {
    wasm_externkind_t kind;
};

struct wasm_functype_t {
    wasm_externtype_t base;
    wasm_valtype_vec_t params, results;
    Engine *engine; // counted, and so is `type`; NULL: made of its parts
    RtType *type;
};

struct wasm_globaltype_t {
    wasm_externtype_t base;
    wasm_mutability_t mutability;
    wasm_valtype_t *content;
};

struct wasm_tabletype_t {
    wasm_externtype_t base;
    wasm_valtype_t *element;
    Limits limits;
    wasm_limits_t shown; // `limits` as far as they fit
};

struct wasm_memorytype_t {
    wasm_externtype_t base;
    MemoryType type;
    wasm_limits_t shown;
};

struct wasm_tagtype_t {
    wasm_externtype_t base;
    wasm_functype_t *func;
};

struct wasm_importtype_t {
    wasm_name_t module, name;
    wasm_externtype_t *type;
};

struct wasm_exporttype_t {
    wasm_name_t name;
    wasm_externtype_t *type;
};

// New types from the engine's; NULL when memory ran out.
NODISCARD wasm_valtype_t *valtype_of(Engine *e, RtValType t);
NODISCARD wasm_functype_t *functype_of(Engine *e, RtType *t);
NODISCARD wasm_globaltype_t *globaltype_of(Engine *e, RtValType t,
                                           bool is_mutable);
NODISCARD wasm_tabletype_t *tabletype_of(Engine *e, RtValType elem,
                                         const Limits *limits);
NODISCARD wasm_memorytype_t *memorytype_of(const MemoryType *t);
NODISCARD wasm_tagtype_t *tagtype_of(Engine *e, RtType *t);
// The engine's type of a function type; the caller owns a reference. NULL when
// memory ran out, or it names types of another engine.
NODISCARD RtType *functype_register(Engine *e, const wasm_functype_t *t);
// May a value type be used with this engine?
bool valtype_fits(const Engine *e, const wasm_valtype_t *t);

// A name, without or with a terminating zero. False: no memory.
NODISCARD bool name_of(wasm_name_t *out, const char *data, size_t len);
NODISCARD bool name_of_z(wasm_name_t *out, const char *data, size_t len);

// Modules as wasm.h and wasmtime/module.h have them. Loading sets *err.
void module_serialize(RtModule *m, wasm_byte_vec_t *out);
NODISCARD RtModule *module_deserialize(Engine *e, const uint8_t *bytes,
                                       size_t size, Err *err);
void module_imports(const RtModule *m, wasm_importtype_vec_t *out);
void module_exports(const RtModule *m, wasm_exporttype_vec_t *out);

// --- references --------------------------------------------------------------

typedef enum RefKind {
    REF_func,
    REF_global,
    REF_table,
    REF_memory,
    REF_tag,
    REF_instance, // up to here: owned by the store
    REF_trap,
    REF_module,
    REF_foreign,
    REF_object, // something in the collected heap
} RefKind;

struct wasm_ref_t {
    RefKind kind;
    _Atomic uint32_t refs; // handles and external values, or unused
    Store *store;          // each handle has a reference on it; may be NULL
    void *info;            // the host's, with its finalizer
    void (*info_free)(void *info);
    union {
        void *item; // whatever it is
        Func *func;
        Global *global;
        Table *table;
        Memory *memory;
        Tag *tag;
        Instance *instance;
        RtModule *module; // counted
        RootCell *cell;   // counted
    };
};

struct wasm_trap_t {
    struct wasm_ref_t ref;
    TrapInfo info;          // code, frames; the text is in `message`
    wasm_message_t message; // with its terminating zero
    int code;               // wasmtime/trap.h, or NO_TRAP_CODE
    bool throws;            // stands for the store's pending exception
};

enum {
    NO_TRAP_CODE = -1
};

// The other references have nothing more.
struct wasm_foreign_t {
    struct wasm_ref_t ref;
};
struct wasm_module_t {
    struct wasm_ref_t ref;
};
struct wasm_func_t {
    struct wasm_ref_t ref;
};
struct wasm_global_t {
    struct wasm_ref_t ref;
};
struct wasm_table_t {
    struct wasm_ref_t ref;
};
struct wasm_memory_t {
    struct wasm_ref_t ref;
};
struct wasm_extern_t {
    struct wasm_ref_t ref;
};
struct wasm_instance_t {
    struct wasm_ref_t ref;
};

typedef struct wasm_ref_t WasmRef;

struct wasm_frame_t {
    TraceFrame frame; // its module is counted
    Store *store;     // counted; NULL: the instance is not to be asked for
    wasm_name_t func_name, module_name; // the module's; size 0: none
};

// A handle to what the store owns; NULL when memory ran out.
NODISCARD void *ref_of(Store *s, RefKind kind, void *item);
NODISCARD wasm_extern_t *ref_of_extern(Store *s, const Extern *e);
// The runtime's view of an extern; false when it is not one.
bool ref_to_extern(const WasmRef *ref, Extern *out);
// Makes a counted reference of `size` bytes with one handle on `store`.
NODISCARD void *ref_new(Store *store, RefKind kind, size_t size);
void ref_free(WasmRef *ref); // finalizer and all: nothing refers to it

// --- values ------------------------------------------------------------------

// The value in the store's terms. False: it is not of the type, belongs to
// another store, or memory ran out. May allocate in the heap.
NODISCARD bool raw_of_val(Store *s, const wasm_val_t *v, RtValType t, Raw *out);
NODISCARD bool raw_of_ref(Store *s, WasmRef *ref, RtValType t, Raw *out);
// An owned value. False: no memory, or a v128, for which there is no kind.
NODISCARD bool val_of_raw(Store *s, Raw raw, RtValType t, wasm_val_t *out);
NODISCARD bool ref_of_raw(Store *s, Raw raw, RtValType t, WasmRef **out);

// --- traps -------------------------------------------------------------------

// What stopped a call: takes the pending trap out of the store. Never NULL.
// `keeps_store`, as wasm.h has it: frames can be asked for their instances, and
// an exception is forgotten; otherwise it stays pending.
wasm_trap_t *trap_take(Store *s, Status status, bool keeps_store);
// A trap with a message; the store's spare one when memory ran out.
wasm_trap_t *trap_of_text(Store *s, const char *text);
// Ends a host function with a trap of the embedder's, which it takes.
Status trap_raise(Store *s, wasm_trap_t *trap);
// A trap without a store; NULL when memory ran out.
NODISCARD wasm_trap_t *trap_new(Store *s, const char *text, size_t len);
// A trap code of wasmtime/trap.h, or NO_TRAP_CODE.
int trap_code_of(Trap t);
// A text with the backtrace below it, terminated; false: no memory.
NODISCARD bool trap_message(const TrapInfo *info, const char *text,
                            wasm_message_t *out);
// The frames, which keep the store if there is one.
void trap_trace(const TrapInfo *info, Store *s, wasm_frame_vec_t *out);

// --- errors ------------------------------------------------------------------

// Never NULL: there is one for when memory ran out.
wasmtime_error_t *error_of_text(const char *format, ...) PRINTF(1, 2);
// The trap of a host function whose result of that index is not of its type.
Status result_misfits(Store *s, const RtType *t, uint32_t index);
// With the offset, where there is one.
wasmtime_error_t *error_of(const Err *err);
wasmtime_error_t *error_no_memory(void);
// What stopped a guest, as an error: takes the trap.
wasmtime_error_t *error_of_trap(wasm_trap_t *trap);
// Ends a guest with an error of the embedder's, which it takes.
Status error_raise(Store *s, wasmtime_error_t *error);
// The pending trap of the store if it is such an error, an exit, or one without
// a code that is not the embedder's; else NULL, and it stays.
wasmtime_error_t *error_take(Store *s);
