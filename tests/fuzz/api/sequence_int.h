// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the files of the oracle over the C API share: what is alive.
#pragma once

#include "base/defs.h"
#include "fuzz/api/sequence.h"

#include <wasmtime.h>

enum {
    STORES_MAX = 3,
    MODULES_MAX = 6,
    LINKERS_MAX = 3,
    PRES_MAX = 3,
    INSTANCES_MAX = 12,
    ITEMS_MAX = 40,
    VALS_MAX = 24,
    DEPTH_MAX = 3, // calls of hosts inside of each other
    ARGS_MAX = 8,
};

// What belongs to a store goes with it.
typedef struct SeqInstance {
    uint32_t store;
    wasmtime_instance_t of;
} SeqInstance;

typedef struct SeqItem {
    uint32_t store;
    wasmtime_extern_t of;
} SeqItem;

typedef struct SeqVal { // rooted
    uint32_t store;
    wasmtime_val_t of;
} SeqVal;

typedef struct Seq {
    const SequenceInput *in;
    SequenceOutput *out;
    size_t at;
    uint64_t random;
    uint32_t depth;

    wasm_engine_t *engine;
    wasmtime_store_t *stores[STORES_MAX]; // NULL: free
    wasmtime_module_t *modules[MODULES_MAX];
    wasmtime_linker_t *linkers[LINKERS_MAX];
    // A linker with things of a store, and what was made from it, serve that
    // store only; STORES_MAX: any.
    uint32_t linker_store[LINKERS_MAX], pre_store[PRES_MAX];
    wasmtime_instance_pre_t *pres[PRES_MAX];
    SeqInstance instances[INSTANCES_MAX];
    uint32_t instance_len;
    SeqItem items[ITEMS_MAX];
    uint32_t item_len;
    SeqVal vals[VALS_MAX];
    uint32_t val_len;
} Seq;

#define ROW(name, weight) bool row_##name(Seq *s);
#include "fuzz/api/sequence.def"

// --- choices and answers (sequence.c) ---------------------------------------

uint32_t seq_below(Seq *s, uint32_t n); // n > 0
bool seq_chance(Seq *s, uint32_t one_in);
uint64_t seq_bits(Seq *s);
PRINTF(2, 3) void seq_say(Seq *s, const char *format, ...);
void seq_wrong(Seq *s, const char *what);
// Says how a call ended and deletes what it gave. True: it succeeded.
bool seq_end(Seq *s, const char *what, wasmtime_error_t *error,
             wasm_trap_t *trap);
// A promise was kept, or the sequence has found a bug.
void seq_expect(Seq *s, bool ok, const char *what);

// --- what is alive (alive.c) --------------------------------------------------

// An index of what is there, or of a free place; `len` when there is none.
uint32_t seq_some(Seq *s, void *const *slots, uint32_t len);
uint32_t seq_free(void *const *slots, uint32_t len);
#define SEQ_SOME(s, slots) \
    seq_some(s, (void *const *)(const void *)(slots), COUNTOF(slots))
#define SEQ_FREE(slots) \
    seq_free((void *const *)(const void *)(slots), COUNTOF(slots))

wasmtime_context_t *seq_context(const Seq *s, uint32_t store);
// Something of that kind (of any store: STORES_MAX); NULL: nothing.
SeqItem *seq_item(Seq *s, wasmtime_extern_kind_t kind, uint32_t store);
SeqItem *seq_any_item(Seq *s, uint32_t store);
void seq_keep_item(Seq *s, uint32_t store, const wasmtime_extern_t *item);
void seq_keep_instance(Seq *s, uint32_t store, const wasmtime_instance_t *of);
// Takes a rooted value over.
void seq_keep_val(Seq *s, uint32_t store, wasmtime_val_t *val);
// A value of the type, owned by the caller: wasmtime_val_unroot it. False: the
// type has none that can be made here.
bool seq_val(Seq *s, uint32_t store, const wasm_valtype_t *type,
             wasmtime_val_t *out);
void seq_say_val(Seq *s, uint32_t store, const wasmtime_val_t *val);
wasm_valtype_t *seq_val_type(Seq *s);
wasm_functype_t *seq_func_type(Seq *s);
void seq_drop_store(Seq *s, uint32_t store);
void seq_drop_all(Seq *s);
// What hosts are made with, given to seq_finalize once.
void *seq_env(Seq *s);
void seq_finalize(void *env);
wasm_trap_t *seq_host(void *env, wasmtime_caller_t *caller,
                      const wasmtime_val_t *args, size_t nargs,
                      wasmtime_val_t *results, size_t nresults);
// Calls a function of the store with arguments that fit.
void seq_call(Seq *s, wasmtime_context_t *context, uint32_t store,
              const wasmtime_func_t *func);
