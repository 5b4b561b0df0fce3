// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The functions of WASI 0.1 as host functions, under both module names.
#include "base/alloc.h"
#include "wasi/p1/p1_int.h"

// Which versions have a function.
enum {
    VERSIONS_all = 1 << P1_unstable | 1 << P1_snapshot,
    VERSIONS_new = 1 << P1_snapshot,
};

typedef struct P1Row {
    const char *name, *types;
    P1Function function;
    unsigned versions;
} P1Row;

enum {
#define P1(name, types, versions) P1_##name,
#include "wasi/p1/p1.def"
};

static const P1Row rows[] = {
#define P1(name, types, versions) \
    {#name, types, p1_##name, VERSIONS_##versions},
#include "wasi/p1/p1.def"
};

static const char *const module_names[P1_ABI_COUNT] = {
    [P1_unstable] = "wasi_unstable",
    [P1_snapshot] = "wasi_snapshot_preview1",
};

// --- a call ------------------------------------------------------------------

// The memory that the caller exports, which addresses are of.
static Memory *memory_of(Wasi *w, Instance *caller) {
    const Store *s = caller->store;
    if (w->memory_store == s->id && w->memory_instance == caller->handle)
        return w->memory;
    Extern item;
    Err err = {0};
    bool found = instance_export(caller, STR("memory"), &item, &err) &&
                 item.kind == EXTERN_memory;
    w->memory = found ? item.memory : NULL;
    w->memory_store = s->id;
    w->memory_instance = caller->handle;
    return w->memory;
}

// All but those that never return answer an error number.
static bool returns(const P1Row *row) {
    return strchr(row->types, 'e') != NULL;
}

static Status call_function(HostCall *call) {
    const P1Binding *b = call->env;
    Wasi *wasi = b->wasi ? b->wasi : call->store->wasi;
    if (!wasi)
        return store_trap_text(call->store, TRAP_host,
                               "the store was given nothing of WASI");
    Memory *memory = call->caller ? memory_of(wasi, call->caller) : NULL;
    if (!memory && returns(b->row))
        return store_trap_text(call->store, TRAP_host,
                               "the module exports no memory named memory");
    P1Call c = {
        .wasi = wasi,
        .store = call->store,
        .memory = memory,
        .args = call->values,
        .abi = b->abi,
        .status = STATUS_ok,
    };
    desc_table_bind(&wasi->descs, call->store);
    Errno e = b->row->function(&c);
    if (c.status != STATUS_ok || !returns(b->row)) return c.status;
    call->values[0] = (Raw){.u64 = e};
    call->is_result = true;
    return STATUS_ok;
}

// --- definitions -------------------------------------------------------------

enum {
    PARAMS_MAX = 9
};

static RtType *type_of(Registry *r, const char *types) {
    static const RtValType result = {.code = VT_i32};
    RtValType params[PARAMS_MAX];
    uint32_t len = 0;
    for (; types[len] != ':'; len++) {
        assert(len < PARAMS_MAX);
        params[len].code = types[len] == 'l' ? VT_i64 : VT_i32;
        params[len].type = NULL;
    }
    return registry_func_type(r, params, len, &result, types[len + 1] == 'e');
}

static bool define_function(Linker *l, const P1Binding *b, Err *err) {
    Registry *registry = linker_engine(l)->registry;
    RtType *type = type_of(registry, b->row->types);
    if (!type) return err_at(err, ERR_NOWHERE, E_out_of_memory);
    union {
        const P1Binding *binding; // never written to by call_function
        void *env;
    } env = {.binding = b};
    bool ok = linker_define_func(l, str_of(module_names[b->abi]),
                                 str_of(b->row->name), type, call_function,
                                 env.env, NULL, err);
    rt_type_unref(registry, type);
    return ok;
}

// The functions of both versions that see the store's Wasi.
static const P1Binding of_store[] = {
#define P1(name, types, versions) {.row = &rows[P1_##name], .abi = P1_unstable},
#include "wasi/p1/p1.def"
#define P1(name, types, versions) {.row = &rows[P1_##name], .abi = P1_snapshot},
#include "wasi/p1/p1.def"
};
static_assert(COUNTOF(of_store) == P1_ABI_COUNT * COUNTOF(rows), "by version");

static bool define_all(Linker *l, const P1Binding *b, Err *err) {
    for (size_t i = 0; i < COUNTOF(of_store); i++) {
        bool has_it = b[i].row->versions & 1u << b[i].abi;
        if (has_it && !define_function(l, &b[i], err)) return false;
    }
    return true;
}

bool wasi_define(Linker *l, Wasi *w, Err *err) {
    if (!w->bindings) {
        w->bindings = MEM_NEW_N(P1Binding, COUNTOF(of_store));
        if (!w->bindings) return err_at(err, ERR_NOWHERE, E_out_of_memory);
        for (size_t i = 0; i < COUNTOF(of_store); i++) {
            w->bindings[i] = of_store[i];
            w->bindings[i].wasi = w;
        }
    }
    return define_all(l, w->bindings, err);
}

bool wasi_define_of_store(Linker *l, Err *err) {
    return define_all(l, of_store, err);
}
