// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What is alive in a sequence, values made of it, and hosts that are called.
#include "fuzz/api/sequence_int.h"

#include <stdlib.h>

// --- what hosts hold -----------------------------------------------------------

// What hosts are made with.
typedef struct SeqEnv {
    uint32_t number; // first: what `say_ref` reads
    Seq *s;
} SeqEnv;

void *seq_env(Seq *s) {
    SeqEnv *e = malloc(sizeof *e);
    if (!e) abort();
    *e = (SeqEnv){s->out->made++, s};
    return e;
}

void seq_finalize(void *env) {
    SeqEnv *e = env;
    e->s->out->finalized++;
    free(e);
}

// --- places -------------------------------------------------------------------

uint32_t seq_some(Seq *s, void *const *slots, uint32_t len) {
    uint32_t from = seq_below(s, len);
    for (uint32_t i = 0; i < len; i++)
        if (slots[(from + i) % len]) return (from + i) % len;
    return len;
}

uint32_t seq_free(void *const *slots, uint32_t len) {
    uint32_t i = 0;
    while (i < len && slots[i])
        i++;
    return i;
}

wasmtime_context_t *seq_context(const Seq *s, uint32_t store) {
    return wasmtime_store_context(s->stores[store]);
}

SeqItem *seq_item(Seq *s, wasmtime_extern_kind_t kind, uint32_t store) {
    uint32_t len = s->item_len, from = len ? seq_below(s, len) : 0;
    for (uint32_t i = 0; i < len; i++) {
        SeqItem *item = &s->items[(from + i) % len];
        if (item->of.kind == kind &&
            (store == STORES_MAX || item->store == store))
            return item;
    }
    return NULL;
}

SeqItem *seq_any_item(Seq *s, uint32_t store) {
    for (int tries = 0; tries < 4; tries++) {
        SeqItem *item =
            seq_item(s, (wasmtime_extern_kind_t)seq_below(s, 6), store);
        if (item) return item;
    }
    return NULL;
}

// When all places are taken a random one is given up.
void seq_keep_item(Seq *s, uint32_t store, const wasmtime_extern_t *item) {
    uint32_t at = s->item_len;
    if (at < ITEMS_MAX) {
        s->item_len++;
    } else {
        at = seq_below(s, ITEMS_MAX);
        wasmtime_extern_delete(&s->items[at].of);
    }
    s->items[at] = (SeqItem){store, *item};
}

void seq_keep_instance(Seq *s, uint32_t store, const wasmtime_instance_t *of) {
    uint32_t at = s->instance_len < INSTANCES_MAX ? s->instance_len++
                                                  : seq_below(s, INSTANCES_MAX);
    s->instances[at] = (SeqInstance){store, *of};
}

static bool is_rooted(const wasmtime_val_t *val) {
    return val->kind == WASMTIME_EXTERNREF || val->kind == WASMTIME_ANYREF ||
           val->kind == WASMTIME_EXNREF;
}

void seq_keep_val(Seq *s, uint32_t store, wasmtime_val_t *val) {
    if (!is_rooted(val)) return;
    uint32_t at = s->val_len;
    if (at < VALS_MAX) {
        s->val_len++;
    } else {
        at = seq_below(s, VALS_MAX);
        wasmtime_val_unroot(&s->vals[at].of);
    }
    s->vals[at] = (SeqVal){store, *val};
}

// --- values ---------------------------------------------------------------------

static bool val_ref(Seq *s, uint32_t store, wasmtime_valkind_t kind,
                    wasmtime_val_t *out) {
    out->kind = kind;
    uint32_t len = s->val_len, from = len ? seq_below(s, len) : 0;
    for (uint32_t i = 0; i < len; i++) {
        const SeqVal *v = &s->vals[(from + i) % len];
        if (v->store != store || v->of.kind != kind) continue;
        wasmtime_val_clone(&v->of, out);
        break;
    }
    return true;
}

bool seq_val(Seq *s, uint32_t store, const wasm_valtype_t *type,
             wasmtime_val_t *out) {
    static const int64_t corners[] = {0, 1, -1, 7, 65535, 65536, INT32_MIN};
    *out = (wasmtime_val_t){0};
    uint64_t bits = seq_chance(s, 4)
                        ? seq_bits(s)
                        : (uint64_t)corners[seq_below(s, COUNTOF(corners))];
    switch (wasm_valtype_kind(type)) {
    case WASM_I32:
        out->kind = WASMTIME_I32;
        out->of.i32 = (int32_t)bits;
        return true;
    case WASM_I64:
        out->kind = WASMTIME_I64;
        out->of.i64 = (int64_t)bits;
        return true;
    case WASM_F32:
        out->kind = WASMTIME_F32;
        out->of.f32 = (float32_t)(int32_t)bits;
        return true;
    case WASM_F64:
        out->kind = WASMTIME_F64;
        out->of.f64 = (float64_t)(int64_t)bits;
        return true;
    case WASM_FUNCREF: {
        SeqItem *item = seq_item(s, WASMTIME_EXTERN_FUNC, store);
        out->kind = WASMTIME_FUNCREF;
        if (item && !seq_chance(s, 4)) out->of.funcref = item->of.of.func;
        return true;
    }
    case WASM_EXTERNREF:
        return val_ref(s, store, WASMTIME_EXTERNREF, out);
    default:
        return false;
    }
}

static void say_ref(Seq *s, uint32_t store, const wasmtime_val_t *val) {
    wasmtime_context_t *context = seq_context(s, store);
    uint32_t i31 = 0;
    if (val->kind == WASMTIME_EXTERNREF) {
        bool is_null = wasmtime_externref_is_null(&val->of.externref);
        const uint32_t *data =
            is_null ? NULL
                    : wasmtime_externref_data(context, &val->of.externref);
        seq_say(s, is_null ? " null" : " extern %u", data ? *data : 0);
    } else if (val->kind == WASMTIME_ANYREF) {
        bool has = !wasmtime_anyref_is_null(&val->of.anyref) &&
                   wasmtime_anyref_i31_get_u(context, &val->of.anyref, &i31);
        seq_say(s, has ? " i31 %u" : " any %u", i31);
    } else {
        seq_say(s, " ref of kind %d", val->kind);
    }
}

void seq_say_val(Seq *s, uint32_t store, const wasmtime_val_t *val) {
    switch (val->kind) {
    case WASMTIME_I32:
        seq_say(s, " i32 %d", val->of.i32);
        return;
    case WASMTIME_I64:
        seq_say(s, " i64 %lld", (long long)val->of.i64);
        return;
    case WASMTIME_F32:
        seq_say(s, " f32 %a", (double)val->of.f32);
        return;
    case WASMTIME_F64:
        seq_say(s, " f64 %a", val->of.f64);
        return;
    case WASMTIME_FUNCREF:
        seq_say(s, " func %d", !wasmtime_funcref_is_null(&val->of.funcref));
        return;
    default:
        say_ref(s, store, val);
    }
}

wasm_valtype_t *seq_val_type(Seq *s) {
    static const wasm_valkind_t kinds[] = {
        WASM_I32, WASM_I64, WASM_F32, WASM_F64, WASM_FUNCREF, WASM_EXTERNREF};
    return wasm_valtype_new(kinds[seq_below(s, COUNTOF(kinds))]);
}

wasm_functype_t *seq_func_type(Seq *s) {
    wasm_valtype_vec_t vecs[2];
    for (int i = 0; i < 2; i++) {
        size_t len = seq_below(s, 4);
        wasm_valtype_vec_new_uninitialized(&vecs[i], len);
        for (size_t j = 0; j < len; j++)
            vecs[i].data[j] = seq_val_type(s);
    }
    return wasm_functype_new(&vecs[0], &vecs[1]);
}

// --- calls ----------------------------------------------------------------------

static void unroot_all(wasmtime_val_t *vals, size_t len) {
    for (size_t i = 0; i < len; i++)
        wasmtime_val_unroot(&vals[i]);
}

void seq_call(Seq *s, wasmtime_context_t *context, uint32_t store,
              const wasmtime_func_t *func) {
    wasm_functype_t *type = wasmtime_func_type(context, func);
    const wasm_valtype_vec_t *params = wasm_functype_params(type);
    size_t nresults = wasm_functype_results(type)->size;
    wasmtime_val_t args[ARGS_MAX], results[ARGS_MAX] = {0};
    size_t nargs = 0;
    while (nargs < params->size && nargs < ARGS_MAX &&
           seq_val(s, store, params->data[nargs], &args[nargs]))
        nargs++;
    if (nargs == params->size && nresults <= ARGS_MAX) {
        wasm_trap_t *trap = NULL;
        wasmtime_error_t *error = wasmtime_func_call(context, func, args, nargs,
                                                     results, nresults, &trap);
        if (seq_end(s, "call", error, trap))
            for (size_t i = 0; i < nresults; i++) {
                seq_say_val(s, store, &results[i]);
                seq_keep_val(s, store, &results[i]);
            }
        seq_say(s, "\n");
    }
    unroot_all(args, nargs);
    wasm_functype_delete(type);
}

// What a host does before it answers: calls something, collects, grows.
static void meddle(Seq *s, wasmtime_caller_t *caller, uint32_t store) {
    wasmtime_context_t *context = wasmtime_caller_context(caller);
    wasmtime_extern_t item;
    SeqItem *func = seq_item(s, WASMTIME_EXTERN_FUNC, store);
    switch (seq_below(s, 6)) {
    case 0:
        if (func && s->depth < DEPTH_MAX) {
            wasmtime_func_t copy = func->of.of.func;
            s->depth++;
            seq_call(s, context, store, &copy);
            s->depth--;
        }
        return;
    case 1:
        (void)seq_end(s, "host gc", wasmtime_context_gc(context), NULL);
        return;
    case 2: {
        bool has = wasmtime_caller_export_get(caller, "memory", 6, &item);
        uint64_t before = 0;
        seq_say(s, "host memory %d\n", has);
        if (!has) return;
        if (item.kind == WASMTIME_EXTERN_MEMORY)
            (void)seq_end(
                s, "host grow",
                wasmtime_memory_grow(context, &item.of.memory, 1, &before),
                NULL);
        wasmtime_extern_delete(&item);
        return;
    }
    default:
        return;
    }
}

static uint32_t store_of(const Seq *s, const wasmtime_context_t *context) {
    for (uint32_t i = 0; i < STORES_MAX; i++)
        if (s->stores[i] && seq_context(s, i) == context) return i;
    return STORES_MAX;
}

wasm_trap_t *seq_host(void *env, wasmtime_caller_t *caller,
                      const wasmtime_val_t *args, size_t nargs,
                      wasmtime_val_t *results, size_t nresults) {
    Seq *s = ((SeqEnv *)env)->s;
    uint32_t store = store_of(s, wasmtime_caller_context(caller));
    if (store == STORES_MAX) {
        seq_wrong(s, "a host is called from no store that is alive");
        return NULL;
    }
    seq_say(s, "host");
    for (size_t i = 0; i < nargs; i++)
        seq_say_val(s, store, &args[i]);
    seq_say(s, "\n");
    meddle(s, caller, store);
    if (seq_chance(s, 8)) return wasmtime_trap_new("the host says no", 16);
    for (size_t i = 0; i < nresults; i++) {
        wasmtime_val_t result = {.kind = results[i].kind};
        if (i < nargs && args[i].kind == results[i].kind)
            wasmtime_val_clone(&args[i], &result);
        results[i] = result;
    }
    return NULL;
}

// --- going ------------------------------------------------------------------------

static void drop_vals(Seq *s, uint32_t store) {
    for (uint32_t i = s->val_len; i-- > 0;) {
        if (s->vals[i].store != store) continue;
        wasmtime_val_unroot(&s->vals[i].of);
        s->vals[i] = s->vals[--s->val_len];
    }
}

static void drop_items(Seq *s, uint32_t store) {
    for (uint32_t i = s->item_len; i-- > 0;) {
        if (s->items[i].store != store) continue;
        wasmtime_extern_delete(&s->items[i].of);
        s->items[i] = s->items[--s->item_len];
    }
    for (uint32_t i = s->instance_len; i-- > 0;)
        if (s->instances[i].store == store)
            s->instances[i] = s->instances[--s->instance_len];
}

void seq_drop_store(Seq *s, uint32_t store) {
    drop_vals(s, store);
    drop_items(s, store);
    for (uint32_t i = 0; i < PRES_MAX; i++)
        if (s->pres[i] && s->pre_store[i] == store) {
            wasmtime_instance_pre_delete(s->pres[i]);
            s->pres[i] = NULL;
        }
    for (uint32_t i = 0; i < LINKERS_MAX; i++)
        if (s->linkers[i] && s->linker_store[i] == store) {
            wasmtime_linker_delete(s->linkers[i]);
            s->linkers[i] = NULL;
        }
    wasmtime_store_delete(s->stores[store]);
    s->stores[store] = NULL;
}

static void drop_modules(Seq *s) {
    for (uint32_t i = 0; i < MODULES_MAX; i++) {
        if (s->modules[i]) wasmtime_module_delete(s->modules[i]);
        s->modules[i] = NULL;
    }
}

static void drop_linkers(Seq *s) {
    for (uint32_t i = 0; i < PRES_MAX; i++)
        if (s->pres[i]) wasmtime_instance_pre_delete(s->pres[i]);
    for (uint32_t i = 0; i < LINKERS_MAX; i++)
        if (s->linkers[i]) wasmtime_linker_delete(s->linkers[i]);
}

// In any order: everything holds what it needs.
void seq_drop_all(Seq *s) {
    bool engine_first = seq_chance(s, 2), modules_first = seq_chance(s, 2);
    if (engine_first) wasm_engine_delete(s->engine);
    if (modules_first) drop_modules(s);
    for (uint32_t i = 0; i < STORES_MAX; i++)
        if (s->stores[i]) seq_drop_store(s, i);
    for (uint32_t i = 0; i < s->item_len; i++) // shared memories
        wasmtime_extern_delete(&s->items[i].of);
    drop_linkers(s);
    if (!modules_first) drop_modules(s);
    if (!engine_first) wasm_engine_delete(s->engine);
}
