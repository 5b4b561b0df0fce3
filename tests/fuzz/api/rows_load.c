// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Stores, modules, linkers, instances.
#include "fuzz/api/sequence_int.h"

#include <stdlib.h>
#include <string.h>

// --- stores ---------------------------------------------------------------------

bool row_store_new(Seq *s) {
    uint32_t at = SEQ_FREE(s->stores);
    if (at == STORES_MAX) return false;
    s->stores[at] = wasmtime_store_new(s->engine, NULL, NULL);
    seq_expect(s, s->stores[at] != NULL, "no store");
    return true;
}

bool row_store_delete(Seq *s) {
    uint32_t at = SEQ_SOME(s, s->stores);
    if (at == STORES_MAX) return false;
    seq_drop_store(s, at);
    return true;
}

bool row_store_gc(Seq *s) {
    uint32_t at = SEQ_SOME(s, s->stores);
    if (at == STORES_MAX) return false;
    seq_expect(s,
               seq_end(s, "gc", wasmtime_context_gc(seq_context(s, at)), NULL),
               "a collection fails");
    return true;
}

bool row_store_limit(Seq *s) {
    uint32_t at = SEQ_SOME(s, s->stores);
    if (at == STORES_MAX) return false;
    bool has_any = seq_chance(s, 2);
    wasmtime_store_limiter(s->stores[at], has_any ? 20 << 16 : -1,
                           has_any ? 100 : -1, -1, -1, -1);
    return true;
}

// --- modules ----------------------------------------------------------------------

static const char *const texts[] = {
    // Everything is exported.
    "(module (memory (export \"memory\") 1 10)"
    " (table $t (export \"table\") 6 40 funcref)"
    " (table $x (export \"refs\") 4 30 externref)"
    " (global $g (export \"global\") (mut i32) (i32.const 5))"
    " (global (export \"constant\") i64 (i64.const -3))"
    " (global (export \"ref\") (mut externref) (ref.null extern))"
    " (tag $e (export \"tag\") (param i32))"
    " (elem (table $t) (i32.const 1) func $add $div)"
    " (func $add (export \"add\") (param i32 i32) (result i32)"
    "  (global.set $g (i32.add (global.get $g) (i32.const 1)))"
    "  (i32.add (local.get 0) (local.get 1)))"
    " (func $div (export \"div\") (param i32 i32) (result i32)"
    "  (i32.div_s (local.get 0) (local.get 1)))"
    " (func (export \"grow\") (param i32) (result i32)"
    "  (memory.grow (i32.and (local.get 0) (i32.const 3))))"
    " (func (export \"store\") (param i32 i64)"
    "  (i64.store (local.get 0) (local.get 1)))"
    " (func (export \"load\") (param i32) (result i64)"
    "  (i64.load (local.get 0)))"
    " (func (export \"throw\") (param i32) (throw $e (local.get 0)))"
    " (func (export \"catch\") (param i32) (result i32)"
    "  (block $h (result i32) (try_table (catch $e $h)"
    "   (throw $e (local.get 0))) (unreachable)))"
    " (func (export \"call\") (param i32 i32 i32) (result i32)"
    "  (call_indirect (param i32 i32) (result i32)"
    "   (local.get 0) (local.get 1) (i32.and (local.get 2) (i32.const 7))))"
    " (func (export \"keep\") (param i32 externref) (result externref)"
    "  (table.set $x (i32.and (local.get 0) (i32.const 3)) (local.get 1))"
    "  (global.get 2)))",
    // A function of the host, in front of and behind a frame.
    "(module (import \"h\" \"f\" (func $f (param i32) (result i32)))"
    " (memory (export \"memory\") 1 5)"
    " (func (export \"twice\") (param i32) (result i32)"
    "  (call $f (call $f (local.get 0))))"
    " (func (export \"tail\") (param i32) (result i32)"
    "  (return_call $f (local.get 0)))"
    " (func (export \"around\") (param i32) (result i32)"
    "  (block $h (try_table (catch_all $h)"
    "   (return (call $f (local.get 0))))) (i32.const -5))"
    " (export \"f\" (func $f)))",
    // Everything is imported.
    "(module (import \"h\" \"memory\" (memory 1))"
    " (import \"h\" \"table\" (table 2 funcref))"
    " (import \"h\" \"global\" (global $g (mut i32)))"
    " (func (export \"sum\") (param i32) (result i32)"
    "  (i32.store8 (local.get 0) (global.get $g))"
    "  (i32.add (i32.load (i32.const 0)) (table.size 0)))"
    " (func $own (result i32) (global.get $g))"
    " (elem declare func $own)"
    " (func (export \"put\") (table.set (i32.const 0) (ref.func $own))))",
    // Starting it traps, after its segment has been copied.
    "(module (import \"h\" \"memory\" (memory 1))"
    " (data (i32.const 8) \"abc\") (func $f (unreachable)) (start $f))",
    // Objects that live across calls.
    "(module (type $s (struct (field (mut i32)) (field (mut externref))))"
    " (import \"h\" \"n\" (func $n))"
    " (global $k (mut (ref null $s)) (ref.null $s))"
    " (func (export \"make\") (param i32 externref) (result i32)"
    "  (local $o (ref null $s))"
    "  (local.set $o (struct.new $s (local.get 0) (local.get 1)))"
    "  (call $n) (global.set $k (local.get $o))"
    "  (struct.get $s 0 (local.get $o)))"
    " (func (export \"field\") (result externref)"
    "  (struct.get $s 1 (global.get $k)))"
    " (func (export \"i31\") (param i32) (result anyref)"
    "  (ref.i31 (local.get 0)))"
    " (func (export \"same\") (param anyref) (result anyref)"
    "  (call $n) (local.get 0)))",
    // Another instance's function.
    "(module (import \"a\" \"add\""
    "   (func $add (param i32 i32) (result i32)))"
    " (func (export \"plus\") (param i32) (result i32)"
    "  (call $add (local.get 0) (i32.const 40)))"
    " (func (export \"\") (result i32) (i32.const 9)))",
};

static bool keep_module(Seq *s, wasmtime_module_t *m) {
    uint32_t at = SEQ_FREE(s->modules);
    if (at == MODULES_MAX) {
        at = seq_below(s, MODULES_MAX);
        wasmtime_module_delete(s->modules[at]);
    }
    s->modules[at] = m;
    return true;
}

static void bytes_of(Seq *s, wasm_byte_vec_t *out) {
    const char *text = texts[seq_below(s, COUNTOF(texts))];
    wasmtime_error_t *error = wasmtime_wat2wasm(text, strlen(text), out);
    seq_expect(s, seq_end(s, "wat", error, NULL), "a text is refused");
}

bool row_module_new(Seq *s) {
    wasm_byte_vec_t bytes = WASM_EMPTY_VEC;
    wasmtime_module_t *m = NULL;
    bytes_of(s, &bytes);
    const uint8_t *data = (const uint8_t *)(const void *)bytes.data;
    if (seq_chance(s, 4))
        (void)seq_end(s, "validate",
                      wasmtime_module_validate(s->engine, data, bytes.size),
                      NULL);
    wasmtime_error_t *error =
        wasmtime_module_new(s->engine, data, bytes.size, &m);
    bool ok = seq_end(s, "module", error, NULL);
    seq_expect(s, ok && m, "a module is refused");
    wasm_byte_vec_delete(&bytes);
    return m && keep_module(s, m);
}

// Any byte may be another one: what comes back is a module or an error.
bool row_module_refused(Seq *s) {
    wasm_byte_vec_t bytes = WASM_EMPTY_VEC;
    wasmtime_module_t *m = NULL;
    bytes_of(s, &bytes);
    for (uint32_t n = 1 + seq_below(s, 3); n > 0 && bytes.size; n--)
        bytes.data[seq_bits(s) % bytes.size] = (char)seq_bits(s);
    wasmtime_error_t *error = wasmtime_module_new(
        s->engine, (const uint8_t *)(const void *)bytes.data, bytes.size, &m);
    bool ok = seq_end(s, "changed module", error, NULL);
    seq_expect(s, ok == (m != NULL), "a module and an error");
    if (m) wasmtime_module_delete(m);
    wasm_byte_vec_delete(&bytes);
    return true;
}

bool row_module_clone(Seq *s) {
    uint32_t at = SEQ_SOME(s, s->modules);
    if (at == MODULES_MAX) return false;
    return keep_module(s, wasmtime_module_clone(s->modules[at]));
}

bool row_module_delete(Seq *s) {
    uint32_t at = SEQ_SOME(s, s->modules);
    if (at == MODULES_MAX) return false;
    wasmtime_module_delete(s->modules[at]);
    s->modules[at] = NULL;
    return true;
}

bool row_module_lists(Seq *s) {
    uint32_t at = SEQ_SOME(s, s->modules);
    if (at == MODULES_MAX) return false;
    wasm_importtype_vec_t imports;
    wasm_exporttype_vec_t exports;
    wasmtime_module_imports(s->modules[at], &imports);
    wasmtime_module_exports(s->modules[at], &exports);
    seq_say(s, "imports %zu exports %zu\n", imports.size, exports.size);
    wasm_importtype_vec_delete(&imports);
    wasm_exporttype_vec_delete(&exports);
    return true;
}

bool row_module_through_file(Seq *s) {
    uint32_t at = SEQ_SOME(s, s->modules);
    if (at == MODULES_MAX) return false;
    wasm_byte_vec_t bytes = WASM_EMPTY_VEC;
    wasmtime_module_t *m = NULL;
    bool ok = seq_end(s, "serialize",
                      wasmtime_module_serialize(s->modules[at], &bytes), NULL);
    seq_expect(s, ok, "a module cannot be serialized");
    if (!ok) return true;
    wasmtime_error_t *error = wasmtime_module_deserialize(
        s->engine, (const uint8_t *)(const void *)bytes.data, bytes.size, &m);
    seq_expect(s, seq_end(s, "deserialize", error, NULL) && m,
               "what was serialized is refused");
    wasm_byte_vec_delete(&bytes);
    return m && keep_module(s, m);
}

// --- linkers -----------------------------------------------------------------------

bool row_linker_new(Seq *s) {
    uint32_t at = SEQ_FREE(s->linkers);
    if (at == LINKERS_MAX) return false;
    s->linkers[at] = wasmtime_linker_new(s->engine);
    s->linker_store[at] = STORES_MAX;
    if (seq_chance(s, 2)) wasmtime_linker_allow_shadowing(s->linkers[at], true);
    return true;
}

bool row_linker_clone(Seq *s) {
    uint32_t from = SEQ_SOME(s, s->linkers), at = SEQ_FREE(s->linkers);
    if (from == LINKERS_MAX || at == LINKERS_MAX) return false;
    s->linkers[at] = wasmtime_linker_clone(s->linkers[from]);
    s->linker_store[at] = s->linker_store[from];
    return true;
}

bool row_linker_delete(Seq *s) {
    uint32_t at = SEQ_SOME(s, s->linkers);
    if (at == LINKERS_MAX) return false;
    wasmtime_linker_delete(s->linkers[at]);
    s->linkers[at] = NULL;
    return true;
}

// A linker, and a store that it may be used with.
static bool linker_and_store(Seq *s, uint32_t *linker, uint32_t *store) {
    *linker = SEQ_SOME(s, s->linkers);
    if (*linker == LINKERS_MAX) return false;
    *store = s->linker_store[*linker];
    if (*store == STORES_MAX) *store = SEQ_SOME(s, s->stores);
    return *store < STORES_MAX;
}

static const char *const item_names[] = {"f",      "memory", "table",
                                         "global", "n",      "other"};

bool row_linker_define(Seq *s) {
    uint32_t l, store;
    if (!linker_and_store(s, &l, &store)) return false;
    SeqItem *item = seq_any_item(s, store);
    if (!item) return false;
    const char *name = item_names[seq_below(s, COUNTOF(item_names))];
    wasmtime_error_t *error =
        wasmtime_linker_define(s->linkers[l], seq_context(s, store), "h", 1,
                               name, strlen(name), &item->of);
    if (seq_end(s, "define", error, NULL)) s->linker_store[l] = store;
    return true;
}

bool row_linker_define_func(Seq *s) {
    uint32_t l = SEQ_SOME(s, s->linkers);
    if (l == LINKERS_MAX) return false;
    bool is_f = seq_chance(s, 2);
    wasm_functype_t *type = is_f ? wasm_functype_new_1_1(wasm_valtype_new_i32(),
                                                         wasm_valtype_new_i32())
                                 : wasm_functype_new_0_0();
    uint32_t before = s->out->finalized;
    wasmtime_error_t *error =
        wasmtime_linker_define_func(s->linkers[l], "h", 1, is_f ? "f" : "n", 1,
                                    type, seq_host, seq_env(s), seq_finalize);
    bool ok = seq_end(s, "define function", error, NULL);
    seq_say(s, "finalized %u\n", s->out->finalized - before);
    seq_expect(s, ok || s->out->finalized == before + 1,
               "what was not defined is not finalized");
    wasm_functype_delete(type);
    return true;
}

bool row_linker_define_instance(Seq *s) {
    uint32_t l, store;
    if (!linker_and_store(s, &l, &store)) return false;
    for (uint32_t i = 0; i < s->instance_len; i++) {
        if (s->instances[i].store != store) continue;
        wasmtime_error_t *error = wasmtime_linker_define_instance(
            s->linkers[l], seq_context(s, store), "a", 1, &s->instances[i].of);
        (void)seq_end(s, "define instance", error, NULL);
        s->linker_store[l] = store; // some of it may be defined
        return true;
    }
    return false;
}

bool row_linker_unknown(Seq *s) {
    uint32_t l, store, m = SEQ_SOME(s, s->modules);
    if (m == MODULES_MAX || !linker_and_store(s, &l, &store)) return false;
    if (seq_chance(s, 2)) {
        wasmtime_error_t *error =
            wasmtime_linker_define_unknown_imports_as_traps(s->linkers[l],
                                                            s->modules[m]);
        (void)seq_end(s, "unknown as traps", error, NULL);
        return true;
    }
    wasmtime_error_t *error =
        wasmtime_linker_define_unknown_imports_as_default_values(
            s->linkers[l], seq_context(s, store), s->modules[m]);
    (void)seq_end(s, "unknown as defaults", error, NULL);
    s->linker_store[l] = store;
    return true;
}

bool row_linker_get(Seq *s) {
    uint32_t l, store;
    if (!linker_and_store(s, &l, &store)) return false;
    const char *name = item_names[seq_below(s, COUNTOF(item_names))];
    wasmtime_extern_t item;
    bool has = wasmtime_linker_get(s->linkers[l], seq_context(s, store), "h", 1,
                                   name, strlen(name), &item);
    seq_say(s, "get %s %d kind %d\n", name, has, has ? item.kind : -1);
    if (has) seq_keep_item(s, store, &item);
    return true;
}

// Both are there, or neither; a trap leaves no instance.
static void instantiated(Seq *s, const char *what, uint32_t store,
                         wasmtime_error_t *error, wasm_trap_t *trap,
                         const wasmtime_instance_t *inst) {
    if (seq_end(s, what, error, trap)) seq_keep_instance(s, store, inst);
}

bool row_linker_instantiate(Seq *s) {
    uint32_t l, store, m = SEQ_SOME(s, s->modules);
    if (m == MODULES_MAX || !linker_and_store(s, &l, &store)) return false;
    wasmtime_instance_t inst = {0};
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_linker_instantiate(
        s->linkers[l], seq_context(s, store), s->modules[m], &inst, &trap);
    instantiated(s, "instantiate", store, error, trap, &inst);
    return true;
}

bool row_linker_module(Seq *s) {
    uint32_t l, store, m = SEQ_SOME(s, s->modules);
    if (m == MODULES_MAX || !linker_and_store(s, &l, &store)) return false;
    wasmtime_context_t *context = seq_context(s, store);
    wasmtime_error_t *error =
        wasmtime_linker_module(s->linkers[l], context, "a", 1, s->modules[m]);
    (void)seq_end(s, "module under a name", error, NULL);
    s->linker_store[l] = store;
    wasmtime_extern_t item = {.kind = WASMTIME_EXTERN_FUNC};
    error = wasmtime_linker_get_default(s->linkers[l], context, "a", 1,
                                        &item.of.func);
    if (seq_end(s, "default", error, NULL)) seq_keep_item(s, store, &item);
    return true;
}

bool row_pre_new(Seq *s) {
    uint32_t l = SEQ_SOME(s, s->linkers), m = SEQ_SOME(s, s->modules);
    uint32_t at = SEQ_FREE(s->pres);
    if (l == LINKERS_MAX || m == MODULES_MAX || at == PRES_MAX) return false;
    wasmtime_error_t *error = wasmtime_linker_instantiate_pre(
        s->linkers[l], s->modules[m], &s->pres[at]);
    if (!seq_end(s, "pre", error, NULL)) s->pres[at] = NULL;
    s->pre_store[at] = s->linker_store[l];
    return true;
}

bool row_pre_instantiate(Seq *s) {
    uint32_t at = SEQ_SOME(s, s->pres);
    if (at == PRES_MAX) return false;
    uint32_t store = s->pre_store[at];
    if (store == STORES_MAX) store = SEQ_SOME(s, s->stores);
    if (store == STORES_MAX) return false;
    wasmtime_instance_t inst = {0};
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_instance_pre_instantiate(
        s->pres[at], seq_context(s, store), &inst, &trap);
    instantiated(s, "pre instantiate", store, error, trap, &inst);
    return true;
}

bool row_pre_delete(Seq *s) {
    uint32_t at = SEQ_SOME(s, s->pres);
    if (at == PRES_MAX) return false;
    wasmtime_instance_pre_delete(s->pres[at]);
    s->pres[at] = NULL;
    return true;
}

// --- instances --------------------------------------------------------------------

// Imports of the right kind where there are any, else whatever there is.
bool row_instance_new(Seq *s) {
    uint32_t m = SEQ_SOME(s, s->modules), store = SEQ_SOME(s, s->stores);
    if (m == MODULES_MAX || store == STORES_MAX) return false;
    wasm_importtype_vec_t types;
    wasmtime_extern_t imports[4];
    wasmtime_module_imports(s->modules[m], &types);
    size_t len = 0;
    for (; len < types.size && len < COUNTOF(imports); len++) {
        static const wasmtime_extern_kind_t kinds[] = {
            [WASM_EXTERN_FUNC] = WASMTIME_EXTERN_FUNC,
            [WASM_EXTERN_GLOBAL] = WASMTIME_EXTERN_GLOBAL,
            [WASM_EXTERN_TABLE] = WASMTIME_EXTERN_TABLE,
            [WASM_EXTERN_MEMORY] = WASMTIME_EXTERN_MEMORY,
        };
        wasm_externkind_t kind =
            wasm_externtype_kind(wasm_importtype_type(types.data[len]));
        SeqItem *item =
            kind < COUNTOF(kinds) ? seq_item(s, kinds[kind], store) : NULL;
        if (!item) item = seq_any_item(s, store);
        if (!item) break;
        imports[len] = item->of;
    }
    wasmtime_instance_t inst = {0};
    wasm_trap_t *trap = NULL;
    wasmtime_error_t *error = wasmtime_instance_new(
        seq_context(s, store), s->modules[m], imports, len, &inst, &trap);
    instantiated(s, "instance", store, error, trap, &inst);
    wasm_importtype_vec_delete(&types);
    return true;
}

bool row_instance_export_get(Seq *s) {
    static const char *const names[] = {"memory", "table", "add",    "global",
                                        "f",      "refs",  "nothing"};
    if (!s->instance_len) return false;
    const SeqInstance *inst = &s->instances[seq_below(s, s->instance_len)];
    const char *name = names[seq_below(s, COUNTOF(names))];
    wasmtime_extern_t item;
    uint32_t store = inst->store;
    bool has = wasmtime_instance_export_get(seq_context(s, store), &inst->of,
                                            name, strlen(name), &item);
    seq_say(s, "export %s %d\n", name, has);
    if (has) seq_keep_item(s, store, &item);
    return true;
}

bool row_instance_export_nth(Seq *s) {
    if (!s->instance_len) return false;
    const SeqInstance *inst = &s->instances[seq_below(s, s->instance_len)];
    uint32_t store = inst->store;
    wasmtime_extern_t item;
    char *name;
    size_t len, index = seq_below(s, 20);
    bool has = wasmtime_instance_export_nth(seq_context(s, store), &inst->of,
                                            index, &name, &len, &item);
    seq_say(s, "export %zu %d %.*s\n", index, has, has ? (int)len : 0,
            has ? name : "");
    if (has) seq_keep_item(s, store, &item);
    return true;
}
