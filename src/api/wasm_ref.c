// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// References of wasm.h: handles, identity, host info, casts.
#include "api/api_int.h"

#include "base/alloc.h"

static bool is_of_store(RefKind kind) {
    return kind <= REF_instance;
}

// --- making and freeing ------------------------------------------------------

// What the store owns: found by its address, or made now.
static WasmRef *store_ref_of(Store *s, RefKind kind, void *item) {
    StoreData *d = store_data(s);
    uint64_t key = (uint64_t)(uintptr_t)item;
    uint32_t index = map_get(&d->ref_index, key);
    if (index != MAP_NONE) return d->refs.data[index];
    if (!LIST_RESERVE(&d->refs, 1)) return NULL;
    WasmRef *ref = MEM_NEW(WasmRef);
    if (!ref || !map_set(&d->ref_index, key, d->refs.len)) {
        mem_free(ref);
        return NULL;
    }
    ref->kind = kind;
    ref->store = s;
    ref->item = item;
    d->refs.data[d->refs.len++] = ref;
    return ref;
}

void *ref_of(Store *s, RefKind kind, void *item) {
    WasmRef *ref = store_ref_of(s, kind, item);
    if (ref) store_ref(s);
    return ref;
}

void *ref_new(Store *store, RefKind kind, size_t size) {
    WasmRef *ref = mem_calloc(1, size);
    if (!ref) return NULL;
    ref->kind = kind;
    atomic_init(&ref->refs, 1);
    ref->store = store;
    if (store) store_ref(store);
    return ref;
}

static void trap_release(wasm_trap_t *t) {
    trap_clear(&t->info);
    wasm_byte_vec_delete(&t->message);
}

static void item_release(WasmRef *ref) {
    switch (ref->kind) {
    case REF_trap:
        trap_release((wasm_trap_t *)(void *)ref);
        break;
    case REF_module:
        rt_module_unref(ref->module);
        break;
    case REF_object:
        if (ref->cell) root_cell_unref(ref->cell);
        break;
    case REF_func:
    case REF_global:
    case REF_table:
    case REF_memory:
    case REF_tag:
    case REF_instance:
    case REF_foreign:
        break;
    }
}

void ref_free(WasmRef *ref) {
    if (ref->info_free) ref->info_free(ref->info);
    item_release(ref);
    mem_free(ref);
}

// --- handles -----------------------------------------------------------------

static void count_ref(WasmRef *ref) {
    if (!is_of_store(ref->kind))
        atomic_fetch_add_explicit(&ref->refs, 1, memory_order_relaxed);
}

static void count_unref(WasmRef *ref) {
    if (is_of_store(ref->kind)) return;
    if (atomic_fetch_sub_explicit(&ref->refs, 1, memory_order_acq_rel) == 1)
        ref_free(ref);
}

wasm_ref_t *wasm_ref_copy(const wasm_ref_t *from) {
    if (!from) return NULL;
    WasmRef *ref = (WasmRef *)(uintptr_t)from; // the object is not constant
    count_ref(ref);
    if (ref->store) store_ref(ref->store);
    return ref;
}

void wasm_ref_delete(wasm_ref_t *ref) {
    if (!ref) return;
    Store *s = ref->store;
    count_unref(ref);
    if (s) store_unref(s); // frees what the store owns
}

static bool same_object(const WasmRef *a, const WasmRef *b) {
    return a->store == b->store && a->cell->ref == b->cell->ref;
}

bool wasm_ref_same(const wasm_ref_t *a, const wasm_ref_t *b) {
    if (a == b) return true;
    if (!a || !b || a->kind != b->kind) return false;
    if (a->kind == REF_module) return a->module == b->module;
    return a->kind == REF_object && same_object(a, b);
}

void *wasm_ref_get_host_info(const wasm_ref_t *ref) {
    return ref->info;
}

void wasm_ref_set_host_info(wasm_ref_t *ref, void *info) {
    wasm_ref_set_host_info_with_finalizer(ref, info, NULL);
}

void wasm_ref_set_host_info_with_finalizer(wasm_ref_t *ref, void *info,
                                           void (*finalizer)(void *)) {
    void *old = ref->info;
    void (*old_free)(void *) = ref->info_free;
    ref->info = info;
    ref->info_free = finalizer;
    if (old_free) old_free(old);
}

// --- the same for every type of reference ------------------------------------

static bool is_extern(const WasmRef *ref) {
    return ref->kind <= REF_tag;
}

// REF(name, test): the functions of WASM_DECLARE_REF. All references start
// with a WasmRef, so a cast is one.
#define REF(name, test)                                                       \
    void wasm_##name##_delete(wasm_##name##_t *r) {                           \
        wasm_ref_delete((WasmRef *)(void *)r);                                \
    }                                                                         \
    wasm_##name##_t *wasm_##name##_copy(const wasm_##name##_t *r) {           \
        return (wasm_##name##_t *)(void *)wasm_ref_copy(                      \
            (const WasmRef *)(const void *)r);                                \
    }                                                                         \
    bool wasm_##name##_same(const wasm_##name##_t *a,                         \
                            const wasm_##name##_t *b) {                       \
        return wasm_ref_same((const WasmRef *)(const void *)a,                \
                             (const WasmRef *)(const void *)b);               \
    }                                                                         \
    void *wasm_##name##_get_host_info(const wasm_##name##_t *r) {             \
        return r->ref.info;                                                   \
    }                                                                         \
    void wasm_##name##_set_host_info(wasm_##name##_t *r, void *info) {        \
        wasm_ref_set_host_info(&r->ref, info);                                \
    }                                                                         \
    void wasm_##name##_set_host_info_with_finalizer(                          \
        wasm_##name##_t *r, void *info, void (*finalizer)(void *)) {          \
        wasm_ref_set_host_info_with_finalizer(&r->ref, info, finalizer);      \
    }                                                                         \
    wasm_ref_t *wasm_##name##_as_ref(wasm_##name##_t *r) {                    \
        return (WasmRef *)(void *)r;                                          \
    }                                                                         \
    const wasm_ref_t *wasm_##name##_as_ref_const(const wasm_##name##_t *r) {  \
        return (const WasmRef *)(const void *)r;                              \
    }                                                                         \
    wasm_##name##_t *wasm_ref_as_##name(wasm_ref_t *r) {                      \
        return r && (test) ? (wasm_##name##_t *)(void *)r : NULL;             \
    }                                                                         \
    const wasm_##name##_t *wasm_ref_as_##name##_const(const wasm_ref_t *r) {  \
        return r && (test) ? (const wasm_##name##_t *)(const void *)r : NULL; \
    }
// clang-format off
REF(trap,     r->kind == REF_trap)
REF(foreign,  r->kind == REF_foreign)
REF(module,   r->kind == REF_module)
REF(func,     r->kind == REF_func)
REF(global,   r->kind == REF_global)
REF(table,    r->kind == REF_table)
REF(memory,   r->kind == REF_memory)
REF(instance, r->kind == REF_instance)
REF(extern,   is_extern(r))
// clang-format on

#define AS_EXTERN(name)                                                 \
    wasm_extern_t *wasm_##name##_as_extern(wasm_##name##_t *r) {        \
        return (wasm_extern_t *)(void *)r;                              \
    }                                                                   \
    const wasm_extern_t *wasm_##name##_as_extern_const(                 \
        const wasm_##name##_t *r) {                                     \
        return (const wasm_extern_t *)(const void *)r;                  \
    }                                                                   \
    wasm_##name##_t *wasm_extern_as_##name(wasm_extern_t *e) {          \
        return wasm_ref_as_##name(wasm_extern_as_ref(e));               \
    }                                                                   \
    const wasm_##name##_t *wasm_extern_as_##name##_const(               \
        const wasm_extern_t *e) {                                       \
        return wasm_ref_as_##name##_const(wasm_extern_as_ref_const(e)); \
    }
// clang-format off
AS_EXTERN(func)
AS_EXTERN(global)
AS_EXTERN(table)
AS_EXTERN(memory)
// clang-format on

wasm_foreign_t *wasm_foreign_new(wasm_store_t *store) {
    return ref_new(store->store, REF_foreign, sizeof(wasm_foreign_t));
}

// --- externs -----------------------------------------------------------------

wasm_extern_t *ref_of_extern(Store *s, const Extern *e) {
    switch (e->kind) {
    case EXTERN_func:
        return ref_of(s, REF_func, e->func);
    case EXTERN_table:
        return ref_of(s, REF_table, e->table);
    case EXTERN_memory:
        return ref_of(s, REF_memory, e->memory);
    case EXTERN_global:
        return ref_of(s, REF_global, e->global);
    case EXTERN_tag:
        return ref_of(s, REF_tag, e->tag);
    case EXTERN_count:
        break;
    }
    UNREACHABLE();
}

bool ref_to_extern(const WasmRef *ref, Extern *out) {
    switch (ref->kind) {
    case REF_func:
        *out = (Extern){.kind = EXTERN_func, .func = ref->func};
        return true;
    case REF_global:
        *out = (Extern){.kind = EXTERN_global, .global = ref->global};
        return true;
    case REF_table:
        *out = (Extern){.kind = EXTERN_table, .table = ref->table};
        return true;
    case REF_memory:
        *out = (Extern){.kind = EXTERN_memory, .memory = ref->memory};
        return true;
    case REF_tag:
        *out = (Extern){.kind = EXTERN_tag, .tag = ref->tag};
        return true;
    case REF_instance:
    case REF_trap:
    case REF_module:
    case REF_foreign:
    case REF_object:
        return false;
    }
    UNREACHABLE();
}

// --- values ------------------------------------------------------------------

static void external_dead(void *value) {
    count_unref(value);
}

// A reference of the host's as an external value. The value counts the
// reference but not the store, which would never go.
static bool raw_of_external(Store *s, WasmRef *ref, Raw *out) {
    count_ref(ref);
    out->ref = store_extern_new(s, ref, external_dead);
    if (!out->ref) count_unref(ref);
    return out->ref != 0;
}

static bool is_exn(const Store *s, GcRef ref) {
    return !gc_ref_is_i31(ref) && gc_type_of(s->heap, ref)->kind == GC_exn;
}

bool raw_of_ref(Store *s, WasmRef *ref, RtValType t, Raw *out) {
    *out = (Raw){0};
    if (!ref) return vt_is_nullable(t.code);
    if (ref->store && ref->store != s) return false;
    if (rt_val_type_top(t) == HEAP_func) {
        if (ref->kind != REF_func) return false;
        out->func = ref->func;
        return store_ref_matches(s, *out, t);
    }
    bool want_exn = rt_val_type_top(t) == HEAP_exn;
    if (ref->kind != REF_object)
        return !want_exn && raw_of_external(s, ref, out) &&
               store_ref_matches(s, *out, t);
    out->ref = ref->cell->ref;
    return is_exn(s, out->ref) == want_exn && store_ref_matches(s, *out, t);
}

static WasmRef *object_ref(Store *s, GcRef object) {
    WasmRef *ref = ref_new(s, REF_object, sizeof *ref);
    if (!ref) return NULL;
    ref->cell = root_cell_new(s, object);
    if (ref->cell) return ref;
    wasm_ref_delete(ref);
    return NULL;
}

bool ref_of_raw(Store *s, Raw raw, RtValType t, WasmRef **out) {
    *out = NULL;
    if (rt_val_type_top(t) == HEAP_func) {
        if (!raw.func) return true;
        *out = ref_of(s, REF_func, raw.func);
        return *out != NULL;
    }
    if (!raw.ref) return true;
    bool is_external;
    void *value = store_extern_get(s, raw.ref, &is_external);
    *out = is_external ? wasm_ref_copy(value) : object_ref(s, raw.ref);
    return *out != NULL;
}
