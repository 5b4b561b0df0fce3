// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/linker.h"

#include "base/alloc.h"
#include "base/hash.h"

// A host function without a store. Each store that links it gets a Func of its
// own, which keeps this alive: the linker may go before the store.
typedef struct HostDef {
    _Atomic uint32_t refs;
    HostFn host;
    void *env;
    void (*finalize)(void *env);
} HostDef;

// A definition: an extern of one store, or a host function.
typedef struct Entry {
    char *names; // module, then name; owned
    uint32_t module_len, name_len;
    Extern item;
    uint64_t store_id;
    RtType *type;  // of the host function; counted
    HostDef *host; // NULL: `item` it is
} Entry;

struct Linker {
    Engine *engine;
    List(Entry) entries;
    Map index; // hash of both names -> entry
    bool may_shadow, unknown_traps, unknown_defaults;
};

Linker *linker_new(Engine *e) {
    Linker *l = MEM_NEW(Linker);
    if (!l) return NULL;
    l->engine = e;
    engine_ref(e);
    return l;
}

static void host_def_unref(void *env) {
    HostDef *d = env;
    if (atomic_fetch_sub_explicit(&d->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (d->finalize) d->finalize(d->env);
    mem_free(d);
}

static Status call_host_def(HostCall *call) {
    const HostDef *d = call->env;
    call->env = d->env;
    return d->host(call);
}

static void entry_release(const Linker *l, Entry *e) {
    mem_free(e->names);
    if (!e->host) return;
    rt_type_unref(l->engine->registry, e->type);
    host_def_unref(e->host);
}

void linker_free(Linker *l) {
    if (!l) return;
    VEC_EACH (Entry, e, &l->entries) {
        entry_release(l, e);
    }
    LIST_RELEASE(&l->entries);
    map_release(&l->index);
    engine_unref(l->engine);
    mem_free(l);
}

Engine *linker_engine(const Linker *l) {
    return l->engine;
}

void linker_allow_shadowing(Linker *l, bool allow) {
    l->may_shadow = allow;
}

void linker_unknown_as_traps(Linker *l, bool yes) {
    l->unknown_traps = yes;
}

void linker_unknown_as_defaults(Linker *l, bool yes) {
    l->unknown_defaults = yes;
}

// --- lookup ------------------------------------------------------------------------

typedef struct Key {
    Str module, name;
} Key;

static uint64_t key_hash(Str module, Str name) {
    return hash_combine(hash_bytes(module.data, module.len),
                        hash_bytes(name.data, name.len));
}

static bool is_entry(const void *env, uint32_t value, const void *key,
                     size_t size) {
    const Linker *l = env;
    const Entry *e = &l->entries.data[value];
    const Key *k = key;
    (void)size;
    return str_eq((Str){e->names, e->module_len}, k->module) &&
           str_eq((Str){e->names + e->module_len, e->name_len}, k->name);
}

static Entry *find(const Linker *l, Str module, Str name) {
    Key key = {module, name};
    uint32_t i = map_find(&l->index, key_hash(module, name), is_entry, l, &key,
                          sizeof key);
    return i == MAP_NONE ? NULL : &l->entries.data[i];
}

// The entry of a name, new or shadowed, with nothing but its names set.
static Entry *claim(Linker *l, Str module, Str name, Err *err) {
    Entry *e = find(l, module, name);
    if (e && !l->may_shadow) {
        (void)err_at(err, ERR_NOWHERE, E_already_defined, (int)module.len,
                     module.data, (int)name.len, name.data);
        return NULL;
    }
    char *names = mem_alloc((size_t)module.len + name.len + 1);
    if (!names) goto no_memory;
    if (!e) {
        if (!LIST_RESERVE(&l->entries, 1)) goto no_memory;
        if (!map_add(&l->index, key_hash(module, name), l->entries.len))
            goto no_memory;
        e = &l->entries.data[l->entries.len++];
    } else {
        entry_release(l, e);
    }
    if (module.len) memcpy(names, module.data, module.len);
    if (name.len) memcpy(names + module.len, name.data, name.len);
    *e = (Entry){
        .names = names,
        .module_len = module.len,
        .name_len = name.len,
    };
    return e;

no_memory:
    mem_free(names);
    (void)err_at(err, ERR_NOWHERE, E_out_of_memory);
    return NULL;
}

bool linker_define(Linker *l, Str module, Str name, const Extern *item,
                   const Store *store, Err *err) {
    CHECK(store->engine == l->engine);
    Entry *e = claim(l, module, name, err);
    if (!e) return false;
    e->item = *item;
    e->store_id = store->id;
    return true;
}

bool linker_define_func(Linker *l, Str module, Str name, RtType *type,
                        HostFn host, void *env, void (*finalize)(void *env),
                        Err *err) {
    HostDef *d = MEM_NEW(HostDef);
    if (!d) return err_at(err, ERR_NOWHERE, E_out_of_memory);
    Entry *e = claim(l, module, name, err);
    if (!e) {
        mem_free(d);
        return false;
    }
    *d = (HostDef){.host = host, .env = env, .finalize = finalize};
    atomic_init(&d->refs, 1);
    rt_type_ref(type);
    e->type = type;
    e->host = d;
    return true;
}

bool linker_define_instance(Linker *l, Str module, Instance *inst, Err *err) {
    const Module *m = &inst->module->module;
    for (uint32_t i = 0; i < m->exports.len; i++) {
        Extern item;
        if (!instance_export_at(inst, i, &item, err)) return false;
        if (!linker_define(l, module, m->exports.data[i].name, &item,
                           inst->store, err))
            return false;
    }
    return true;
}

static bool entry_get(const Entry *e, Store *s, Extern *out) {
    if (!e->host) {
        *out = e->item;
        return e->store_id == s->id;
    }
    Func *f = func_new_host(s, e->type, call_host_def, e->host, host_def_unref);
    if (!f) return false;
    atomic_fetch_add_explicit(&e->host->refs, 1, memory_order_relaxed);
    *out = (Extern){.kind = EXTERN_func, .func = f};
    return true;
}

bool linker_get(Linker *l, Store *s, Str module, Str name, Extern *out) {
    const Entry *e = find(l, module, name);
    return e && entry_get(e, s, out);
}

// --- unknown imports ---------------------------------------------------------------

static Status unknown_traps(HostCall *call) {
    return store_trap_text(call->store, TRAP_host,
                           "unknown import has not been defined");
}

static Status unknown_defaults(HostCall *call) {
    for (uint32_t i = 0; i < call->type->result_len; i++)
        call->values[i] = (Raw){0};
    call->is_result = true;
    return STATUS_ok;
}

static bool has_defaults(const RtType *t) {
    for (uint32_t i = 0; i < t->result_len; i++)
        if (!vt_is_defaultable(t->results[i].code)) return false;
    return true;
}

// What answers calls of an unknown import, or NULL.
static HostFn unknown_host(const Linker *l, const RtType *type) {
    if (l->unknown_traps) return unknown_traps;
    return l->unknown_defaults && has_defaults(type) ? unknown_defaults : NULL;
}

static bool resolve_unknown(const Linker *l, Store *s, const RtModule *m,
                            const Import *im, Extern *out, Err *err) {
    RtType *type = im->kind == EXTERN_func
                       ? m->types[m->module.funcs.data[im->index].type]
                       : NULL;
    HostFn host = type ? unknown_host(l, type) : NULL;
    if (!host)
        return err_at(err, im->at, E_unknown_import, (int)im->module.len,
                      im->module.data, (int)im->name.len, im->name.data);
    out->kind = EXTERN_func;
    out->func = func_new_host(s, type, host, NULL, NULL);
    return out->func || err_at(err, ERR_NOWHERE, E_out_of_memory);
}

// A name that is there but not for this store is no unknown import.
static bool resolve(Linker *l, Store *s, const RtModule *m, const Import *im,
                    Extern *out, Err *err) {
    const Entry *e = find(l, im->module, im->name);
    if (!e) return resolve_unknown(l, s, m, im, out, err);
    if (entry_get(e, s, out)) return true;
    if (e->host) return err_at(err, ERR_NOWHERE, E_out_of_memory);
    return err_at(err, im->at, E_import_store, (int)im->module.len,
                  im->module.data, (int)im->name.len, im->name.data);
}

static bool resolve_all(Linker *l, Store *s, const RtModule *m, Extern *imports,
                        Err *err) {
    for (uint32_t i = 0; i < m->module.imports.len; i++)
        if (!resolve(l, s, m, &m->module.imports.data[i], &imports[i], err))
            return false;
    return true;
}

Status linker_instantiate(Linker *l, Store *s, RtModule *m, Instance **out,
                          Err *err) {
    CHECK(l->engine == s->engine);
    *out = NULL;
    uint32_t len = m->module.imports.len;
    Extern *imports = MEM_NEW_N(Extern, (size_t)len + 1);
    if (!imports) {
        (void)err_at(err, ERR_NOWHERE, E_out_of_memory);
        return STATUS_trap;
    }
    Status status = STATUS_trap;
    if (resolve_all(l, s, m, imports, err))
        status = instance_new(s, m, imports, len, out, err);
    mem_free(imports);
    return status;
}
