// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Functions, memories, tables, globals, tags; values; handles of other stores.
#include "fuzz/api/sequence_int.h"

#include <string.h>

enum {
    PAGE = 65536,
};

// --- functions --------------------------------------------------------------------

bool row_func_new(Seq *s) {
    uint32_t store = SEQ_SOME(s, s->stores);
    if (store == STORES_MAX) return false;
    wasm_functype_t *type =
        seq_chance(s, 3) ? wasm_functype_new_0_0() : seq_func_type(s);
    wasmtime_extern_t item = {.kind = WASMTIME_EXTERN_FUNC};
    wasmtime_func_new(seq_context(s, store), type, seq_host, seq_env(s),
                      seq_finalize, &item.of.func);
    seq_keep_item(s, store, &item);
    wasm_functype_delete(type);
    return true;
}

bool row_func_type(Seq *s) {
    SeqItem *item = seq_item(s, WASMTIME_EXTERN_FUNC, STORES_MAX);
    if (!item) return false;
    wasm_functype_t *type =
        wasmtime_func_type(seq_context(s, item->store), &item->of.of.func);
    seq_say(s, "type %zu %zu\n", wasm_functype_params(type)->size,
            wasm_functype_results(type)->size);
    wasm_functype_delete(type);
    return true;
}

bool row_func_call(Seq *s) {
    SeqItem *item = seq_item(s, WASMTIME_EXTERN_FUNC, STORES_MAX);
    if (!item) return false;
    wasmtime_func_t func = item->of.of.func;
    uint32_t store = item->store;
    seq_call(s, seq_context(s, store), store, &func);
    return true;
}

// One argument too many, or a result too few: an error, and nothing runs.
bool row_func_call_wrong(Seq *s) {
    SeqItem *item = seq_item(s, WASMTIME_EXTERN_FUNC, STORES_MAX);
    if (!item) return false;
    wasmtime_context_t *context = seq_context(s, item->store);
    wasm_functype_t *type = wasmtime_func_type(context, &item->of.of.func);
    wasmtime_val_t args[ARGS_MAX] = {0}, results[ARGS_MAX] = {0};
    size_t nargs = wasm_functype_params(type)->size + 1;
    size_t nresults = wasm_functype_results(type)->size;
    wasm_functype_delete(type);
    if (nargs > ARGS_MAX || nresults > ARGS_MAX) return false;
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_func_call(
        context, &item->of.of.func, args, nargs, results, nresults, &trap);
    seq_expect(s, error && !trap, "a wrong number of arguments is taken");
    (void)seq_end(s, "wrong call", error, trap);
    return true;
}

// Numbers only: a raw reference is as good as who made it.
bool row_func_call_unchecked(Seq *s) {
    SeqItem *item = seq_item(s, WASMTIME_EXTERN_FUNC, STORES_MAX);
    if (!item) return false;
    uint32_t store = item->store;
    wasmtime_func_t func = item->of.of.func;
    wasmtime_context_t *context = seq_context(s, store);
    wasm_functype_t *type = wasmtime_func_type(context, &func);
    const wasm_valtype_vec_t *of[] = {wasm_functype_params(type),
                                      wasm_functype_results(type)};
    size_t len = 0;
    bool fits = true;
    for (int i = 0; i < 2; i++) {
        for (size_t j = 0; j < of[i]->size; j++)
            fits &= wasm_valtype_kind(of[i]->data[j]) <= WASM_F64;
        len = MAX(len, of[i]->size);
    }
    fits &= len <= ARGS_MAX;
    if (fits) {
        wasmtime_val_raw_t raws[ARGS_MAX] = {0};
        for (size_t i = 0; i < len; i++)
            raws[i].i64 = (int64_t)seq_below(s, 9);
        wasm_trap_t *trap = NULL;
        wasmtime_error_t *error =
            wasmtime_func_call_unchecked(context, &func, raws, len, &trap);
        if (seq_end(s, "raw call", error, trap) && of[1]->size)
            seq_say(s, "raw %d\n", raws[0].i32);
    }
    wasm_functype_delete(type);
    return fits;
}

// --- memories ------------------------------------------------------------------------

bool row_memory_new(Seq *s) {
    uint32_t store = SEQ_SOME(s, s->stores);
    if (store == STORES_MAX) return false;
    wasm_memorytype_t *type = NULL;
    wasmtime_extern_t item = {.kind = WASMTIME_EXTERN_MEMORY};
    wasmtime_error_t *error = wasmtime_memorytype_new(
        seq_below(s, 3), seq_chance(s, 2), 2 + seq_below(s, 8),
        seq_chance(s, 4), false, 16, &type);
    if (!seq_end(s, "memory type", error, NULL)) return true;
    error = wasmtime_memory_new(seq_context(s, store), type, &item.of.memory);
    if (seq_end(s, "memory", error, NULL)) seq_keep_item(s, store, &item);
    wasm_memorytype_delete(type);
    return true;
}

// Bytes written through the pointer are there when it is asked for again.
bool row_memory_bytes(Seq *s) {
    SeqItem *item = seq_item(s, WASMTIME_EXTERN_MEMORY, STORES_MAX);
    if (!item) return false;
    wasmtime_context_t *context = seq_context(s, item->store);
    const wasmtime_memory_t *memory = &item->of.of.memory;
    size_t size = wasmtime_memory_data_size(context, memory);
    seq_expect(s, size == wasmtime_memory_size(context, memory) * PAGE,
               "pages and bytes of a memory differ");
    seq_say(s, "bytes %zu\n", size);
    if (!size) return true;
    size_t at = seq_chance(s, 2) ? size - 1 : seq_below(s, 64);
    uint8_t byte = (uint8_t)seq_bits(s);
    wasmtime_memory_data(context, memory)[at] = byte;
    seq_expect(s, wasmtime_memory_data(context, memory)[at] == byte,
               "a byte is lost");
    return true;
}

bool row_memory_grow(Seq *s) {
    SeqItem *item = seq_item(s, WASMTIME_EXTERN_MEMORY, STORES_MAX);
    if (!item) return false;
    wasmtime_context_t *context = seq_context(s, item->store);
    const wasmtime_memory_t *memory = &item->of.of.memory;
    uint64_t size = wasmtime_memory_size(context, memory), before = 0;
    uint64_t delta = seq_chance(s, 8) ? seq_bits(s) : seq_below(s, 4);
    bool ok = seq_end(
        s, "grow", wasmtime_memory_grow(context, memory, delta, &before), NULL);
    uint64_t after = wasmtime_memory_size(context, memory);
    seq_expect(s, after == (ok ? size + delta : size), "a wrong size");
    seq_expect(s, !ok || before == size, "a wrong size before");
    return true;
}

// --- tables --------------------------------------------------------------------------

static const wasm_valtype_t *elem_of(const wasm_tabletype_t *type) {
    return wasm_tabletype_element(type);
}

// A value for the table, owned by the caller; false: none.
static bool elem_val(Seq *s, const SeqItem *item, wasmtime_val_t *out) {
    wasm_tabletype_t *type =
        wasmtime_table_type(seq_context(s, item->store), &item->of.of.table);
    bool ok = seq_val(s, item->store, elem_of(type), out);
    wasm_tabletype_delete(type);
    return ok;
}

bool row_table_new(Seq *s) {
    uint32_t store = SEQ_SOME(s, s->stores);
    if (store == STORES_MAX) return false;
    wasm_limits_t limits = {seq_below(s, 6), 6 + seq_below(s, 20)};
    wasm_tabletype_t *type = wasm_tabletype_new(
        wasm_valtype_new(seq_chance(s, 2) ? WASM_FUNCREF : WASM_EXTERNREF),
        &limits);
    wasmtime_val_t init;
    wasmtime_extern_t item = {.kind = WASMTIME_EXTERN_TABLE};
    if (seq_val(s, store, elem_of(type), &init)) {
        wasmtime_error_t *error = wasmtime_table_new(
            seq_context(s, store), type, &init, &item.of.table);
        if (seq_end(s, "table", error, NULL)) seq_keep_item(s, store, &item);
        wasmtime_val_unroot(&init);
    }
    wasm_tabletype_delete(type);
    return true;
}

bool row_table_get(Seq *s) {
    SeqItem *item = seq_item(s, WASMTIME_EXTERN_TABLE, STORES_MAX);
    if (!item) return false;
    uint32_t store = item->store;
    wasmtime_context_t *context = seq_context(s, store);
    wasmtime_val_t val;
    uint64_t size = wasmtime_table_size(context, &item->of.of.table);
    uint64_t at = seq_below(s, (uint32_t)size + 2);
    bool has = wasmtime_table_get(context, &item->of.of.table, at, &val);
    seq_expect(s, has == (at < size), "an entry behind the end, or none");
    seq_say(s, "entry %llu %d", (unsigned long long)at, has);
    if (has) {
        seq_say_val(s, store, &val);
        seq_keep_val(s, store, &val);
    }
    seq_say(s, "\n");
    return true;
}

bool row_table_set(Seq *s) {
    SeqItem *item = seq_item(s, WASMTIME_EXTERN_TABLE, STORES_MAX);
    wasmtime_val_t val;
    if (!item || !elem_val(s, item, &val)) return false;
    wasmtime_context_t *context = seq_context(s, item->store);
    const wasmtime_table_t *table = &item->of.of.table;
    uint64_t size = wasmtime_table_size(context, table);
    uint64_t at = seq_below(s, (uint32_t)size + 2);
    bool ok =
        seq_end(s, "set", wasmtime_table_set(context, table, at, &val), NULL);
    seq_expect(s, ok == (at < size), "a table is set behind its end");
    wasmtime_val_unroot(&val);
    return true;
}

bool row_table_grow(Seq *s) {
    SeqItem *item = seq_item(s, WASMTIME_EXTERN_TABLE, STORES_MAX);
    wasmtime_val_t val;
    if (!item || !elem_val(s, item, &val)) return false;
    wasmtime_context_t *context = seq_context(s, item->store);
    const wasmtime_table_t *table = &item->of.of.table;
    uint64_t size = wasmtime_table_size(context, table), before = 0;
    uint64_t delta = seq_chance(s, 8) ? seq_bits(s) : seq_below(s, 5);
    bool ok = seq_end(s, "grow table",
                      wasmtime_table_grow(context, table, delta, &val, &before),
                      NULL);
    seq_expect(s,
               wasmtime_table_size(context, table) ==
                       (ok ? size + delta : size) &&
                   (!ok || before == size),
               "a table of a wrong size");
    wasmtime_val_unroot(&val);
    return true;
}

// --- globals and tags ------------------------------------------------------------------

bool row_global_new(Seq *s) {
    uint32_t store = SEQ_SOME(s, s->stores);
    if (store == STORES_MAX) return false;
    wasm_globaltype_t *type = wasm_globaltype_new(
        seq_val_type(s), seq_chance(s, 3) ? WASM_CONST : WASM_VAR);
    wasmtime_val_t val;
    wasmtime_extern_t item = {.kind = WASMTIME_EXTERN_GLOBAL};
    if (seq_val(s, store, wasm_globaltype_content(type), &val)) {
        wasmtime_error_t *error = wasmtime_global_new(
            seq_context(s, store), type, &val, &item.of.global);
        if (seq_end(s, "global", error, NULL)) seq_keep_item(s, store, &item);
        wasmtime_val_unroot(&val);
    }
    wasm_globaltype_delete(type);
    return true;
}

bool row_global_get(Seq *s) {
    SeqItem *item = seq_item(s, WASMTIME_EXTERN_GLOBAL, STORES_MAX);
    if (!item) return false;
    uint32_t store = item->store;
    wasmtime_val_t val;
    wasmtime_global_get(seq_context(s, store), &item->of.of.global, &val);
    seq_say(s, "global");
    seq_say_val(s, store, &val);
    seq_say(s, "\n");
    seq_keep_val(s, store, &val);
    return true;
}

// Of its own type, unless it is constant; any other type is an error.
bool row_global_set(Seq *s) {
    SeqItem *item = seq_item(s, WASMTIME_EXTERN_GLOBAL, STORES_MAX);
    if (!item) return false;
    wasmtime_context_t *context = seq_context(s, item->store);
    wasm_globaltype_t *type =
        wasmtime_global_type(context, &item->of.of.global);
    wasm_valtype_t *other = seq_val_type(s);
    const wasm_valtype_t *own = wasm_globaltype_content(type);
    bool is_own =
        seq_chance(s, 2) || wasm_valtype_kind(other) == wasm_valtype_kind(own);
    wasmtime_val_t val;
    if (seq_val(s, item->store, is_own ? own : other, &val)) {
        bool ok = seq_end(
            s, "set global",
            wasmtime_global_set(context, &item->of.of.global, &val), NULL);
        bool want = is_own && wasm_globaltype_mutability(type) == WASM_VAR;
        seq_expect(s, ok == want, "a global takes what it must not");
        wasmtime_val_unroot(&val);
    }
    wasm_valtype_delete(other);
    wasm_globaltype_delete(type);
    return true;
}

bool row_tag_new(Seq *s) {
    uint32_t store = SEQ_SOME(s, s->stores);
    if (store == STORES_MAX) return false;
    wasm_tagtype_t *type = wasm_tagtype_new(wasm_functype_new_1_0(
        wasm_valtype_new(seq_chance(s, 2) ? WASM_I32 : WASM_EXTERNREF)));
    wasmtime_extern_t item = {.kind = WASMTIME_EXTERN_TAG};
    wasmtime_error_t *error =
        wasmtime_tag_new(seq_context(s, store), type, &item.of.tag);
    if (seq_end(s, "tag", error, NULL)) {
        seq_expect(
            s,
            wasmtime_tag_eq(seq_context(s, store), &item.of.tag, &item.of.tag),
            "a tag is not itself");
        seq_keep_item(s, store, &item);
    }
    wasm_tagtype_delete(type);
    return true;
}

// --- shared memories: of the engine, kept with any store ----------------------------------

bool row_shared_new(Seq *s) {
    uint32_t store = SEQ_SOME(s, s->stores);
    if (store == STORES_MAX) return false;
    wasm_memorytype_t *type = NULL;
    wasmtime_extern_t item = {.kind = WASMTIME_EXTERN_SHAREDMEMORY};
    wasmtime_error_t *error =
        wasmtime_memorytype_new(1, true, 4, false, true, 16, &type);
    if (!seq_end(s, "shared type", error, NULL)) return true;
    error = wasmtime_sharedmemory_new(s->engine, type, &item.of.sharedmemory);
    if (seq_end(s, "shared", error, NULL)) seq_keep_item(s, store, &item);
    wasm_memorytype_delete(type);
    return true;
}

bool row_shared_grow(Seq *s) {
    SeqItem *item = seq_item(s, WASMTIME_EXTERN_SHAREDMEMORY, STORES_MAX);
    if (!item) return false;
    wasmtime_sharedmemory_t *copy =
        wasmtime_sharedmemory_clone(item->of.of.sharedmemory);
    uint64_t size = wasmtime_sharedmemory_size(copy), before = 0;
    bool ok = seq_end(s, "grow shared",
                      wasmtime_sharedmemory_grow(copy, 1, &before), NULL);
    seq_expect(
        s, wasmtime_sharedmemory_size(item->of.of.sharedmemory) == size + ok,
        "a shared memory of two sizes");
    wasmtime_sharedmemory_delete(copy);
    return true;
}

bool row_extern_type(Seq *s) {
    uint32_t store = SEQ_SOME(s, s->stores);
    SeqItem *item = store < STORES_MAX ? seq_any_item(s, store) : NULL;
    if (!item) return false;
    wasm_externtype_t *type =
        wasmtime_extern_type(seq_context(s, store), &item->of);
    seq_say(s, "extern %d is %d\n", item->of.kind,
            type ? wasm_externtype_kind(type) : -1);
    if (type) wasm_externtype_delete(type);
    return true;
}

// --- references ----------------------------------------------------------------------------

bool row_externref_new(Seq *s) {
    uint32_t store = SEQ_SOME(s, s->stores);
    if (store == STORES_MAX) return false;
    wasmtime_val_t val = {.kind = WASMTIME_EXTERNREF};
    void *env = seq_env(s);
    if (wasmtime_externref_new(seq_context(s, store), env, seq_finalize,
                               &val.of.externref))
        seq_keep_val(s, store, &val);
    else
        seq_wrong(s, "no reference can be made");
    return true;
}

bool row_anyref_new(Seq *s) {
    uint32_t store = SEQ_SOME(s, s->stores);
    if (store == STORES_MAX) return false;
    wasmtime_context_t *context = seq_context(s, store);
    wasmtime_val_t val = {.kind = WASMTIME_ANYREF};
    uint32_t number = seq_below(s, 1000), back = 0;
    wasmtime_anyref_from_i31(context, number, &val.of.anyref);
    seq_expect(s,
               wasmtime_anyref_i31_get_u(context, &val.of.anyref, &back) &&
                   back == number,
               "a number is lost in a reference");
    seq_keep_val(s, store, &val);
    return true;
}

bool row_val_clone(Seq *s) {
    if (!s->val_len) return false;
    const SeqVal *from = &s->vals[seq_below(s, s->val_len)];
    uint32_t store = from->store;
    wasmtime_val_t val;
    wasmtime_val_clone(&from->of, &val);
    seq_keep_val(s, store, &val);
    return true;
}

bool row_val_unroot(Seq *s) {
    if (!s->val_len) return false;
    uint32_t at = seq_below(s, s->val_len);
    wasmtime_val_unroot(&s->vals[at].of);
    s->vals[at] = s->vals[--s->val_len];
    return true;
}

bool row_ref_look(Seq *s) {
    if (!s->val_len) return false;
    const SeqVal *val = &s->vals[seq_below(s, s->val_len)];
    seq_say(s, "look");
    seq_say_val(s, val->store, &val->of);
    seq_say(s, "\n");
    return true;
}

// --- handles of another store ------------------------------------------------------------

// An error each time, and both stores stay whole.
bool row_foreign_handle(Seq *s) {
    uint32_t store = SEQ_SOME(s, s->stores);
    SeqItem *item = seq_item(
        s, (wasmtime_extern_kind_t)seq_below(s, WASMTIME_EXTERN_MEMORY + 1),
        STORES_MAX);
    if (store == STORES_MAX || !item || item->store == store) return false;
    wasmtime_context_t *context = seq_context(s, store);
    wasmtime_error_t *error = NULL;
    wasm_trap_t *trap = NULL;
    wasmtime_val_t val = {.kind = WASMTIME_I32};
    uint64_t before;
    switch (item->of.kind) {
    case WASMTIME_EXTERN_FUNC:
        error = wasmtime_func_call(context, &item->of.of.func, NULL, 0, NULL, 0,
                                   &trap);
        break;
    case WASMTIME_EXTERN_GLOBAL:
        error = wasmtime_global_set(context, &item->of.of.global, &val);
        break;
    case WASMTIME_EXTERN_TABLE:
        val.kind = WASMTIME_EXTERNREF;
        error = wasmtime_table_set(context, &item->of.of.table, 0, &val);
        break;
    default:
        error = wasmtime_memory_grow(context, &item->of.of.memory, 0, &before);
    }
    seq_expect(s, error && !trap, "a handle of another store is taken");
    (void)seq_end(s, "foreign handle", error, trap);
    return true;
}
