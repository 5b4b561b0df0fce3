// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/alloc.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "rt/linker_int.h"

#include <stdio.h>

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

bool definition_of_host(Definition *d, RtType *type, HostFn host, void *env,
                        void (*finalize)(void *env), Err *err) {
    HostDef *def = MEM_NEW(HostDef);
    if (!def) return err_at(err, ERR_NOWHERE, E_out_of_memory);
    *def = (HostDef){.host = host, .env = env, .finalize = finalize};
    atomic_init(&def->refs, 1);
    rt_type_ref(type);
    *d = (Definition){.type = type, .host = def};
    return true;
}

void definition_ref(const Definition *d) {
    if (!d->host) return;
    rt_type_ref(d->type);
    atomic_fetch_add_explicit(&d->host->refs, 1, memory_order_relaxed);
}

void definition_unref(Engine *e, const Definition *d) {
    if (!d->host) return;
    rt_type_unref(e->registry, d->type);
    host_def_unref(d->host);
}

static void entry_release(const Linker *l, Entry *e) {
    mem_free(e->names);
    definition_unref(l->engine, &e->def);
}

// What was worked out from the definitions does not hold any more.
static void forget_plan(Linker *l) {
    linker_keep_plan(l, NULL);
}

void linker_free(Linker *l) {
    if (!l) return;
    forget_plan(l);
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
    forget_plan(l);
}

void linker_unknown_as_defaults(Linker *l, bool yes) {
    l->unknown_defaults = yes;
    forget_plan(l);
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
    if (!utf8_valid(module.data, module.len) ||
        !utf8_valid(name.data, name.len)) {
        (void)err_at(err, ERR_NOWHERE, E_malformed_utf8);
        return NULL;
    }
    Entry *e = find(l, module, name);
    if (e && !l->may_shadow) {
        (void)err_at(err, ERR_NOWHERE, E_already_defined, (int)module.len,
                     module.data, (int)name.len, name.data);
        return NULL;
    }
    forget_plan(l);
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
    e->def.item = *item;
    e->def.store_id = store->id;
    return true;
}

bool linker_define_func(Linker *l, Str module, Str name, RtType *type,
                        HostFn host, void *env, void (*finalize)(void *env),
                        Err *err) {
    Definition d;
    if (!definition_of_host(&d, type, host, env, finalize, err)) return false;
    Entry *e = claim(l, module, name, err);
    if (e) {
        e->def = d;
        return true;
    }
    d.host->finalize = NULL; // the caller keeps `env`
    definition_unref(l->engine, &d);
    return false;
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

// A function of the host is made anew for the store. False: of another store,
// or no memory.
static bool definition_get(const Definition *d, Store *s, Extern *out) {
    if (!d->host) {
        *out = d->item;
        return d->store_id == s->id;
    }
    Func *f = func_new_host(s, d->type, call_host_def, d->host, host_def_unref);
    if (!f) return false;
    atomic_fetch_add_explicit(&d->host->refs, 1, memory_order_relaxed);
    *out = (Extern){.kind = EXTERN_func, .func = f};
    return true;
}

bool linker_get(const Linker *l, Store *s, Str module, Str name, Extern *out) {
    const Entry *e = find(l, module, name);
    return e && definition_get(&e->def, s, out);
}

// --- copies ------------------------------------------------------------------------

static bool copy_entry(Linker *to, const Entry *e) {
    Err err = {0};
    Entry *copy = claim(to, (Str){e->names, e->module_len},
                        (Str){e->names + e->module_len, e->name_len}, &err);
    if (!copy) return false;
    copy->def = e->def;
    definition_ref(&e->def);
    return true;
}

Linker *linker_clone(const Linker *l) {
    Linker *copy = linker_new(l->engine);
    if (!copy) return NULL;
    VEC_EACH (const Entry, e, &l->entries) {
        if (copy_entry(copy, e)) continue;
        linker_free(copy);
        return NULL;
    }
    copy->may_shadow = l->may_shadow;
    copy->unknown_traps = l->unknown_traps;
    copy->unknown_defaults = l->unknown_defaults;
    return copy;
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

static bool is_unknown(const Import *im, Err *err) {
    return err_at(err, im->at, E_unknown_import, (int)im->module.len,
                  im->module.data, (int)im->name.len, im->name.data);
}

static bool define_unknown(const Linker *l, const RtModule *m, const Import *im,
                           Definition *out, Err *err) {
    RtType *type = im->kind == EXTERN_func
                       ? m->types[m->module.funcs.data[im->index].type]
                       : NULL;
    HostFn host = type ? unknown_host(l, type) : NULL;
    if (!host) return is_unknown(im, err);
    return definition_of_host(out, type, host, NULL, NULL, err);
}

bool linker_find(const Linker *l, const RtModule *m, const Import *im,
                 bool unknown, Definition *out, Err *err) {
    const Entry *e = find(l, im->module, im->name);
    if (!e)
        return unknown ? define_unknown(l, m, im, out, err)
                       : is_unknown(im, err);
    *out = e->def;
    definition_ref(out);
    return true;
}

static Status trap_unknown(HostCall *call) {
    const char *name = call->env;
    return store_trap_text(call->store, TRAP_host,
                           "unknown import %s has not been defined", name);
}

// "module.name", terminated.
static char *full_name(const Import *im) {
    size_t size = (size_t)im->module.len + im->name.len + 2;
    char *out = mem_alloc(size);
    if (out)
        snprintf(out, size, "%.*s.%.*s", (int)im->module.len, im->module.data,
                 (int)im->name.len, im->name.data);
    return out;
}

static bool define_trap(Linker *l, RtType *type, const Import *im, Err *err) {
    char *name = full_name(im);
    if (!name) return err_at(err, ERR_NOWHERE, E_out_of_memory);
    if (linker_define_func(l, im->module, im->name, type, trap_unknown, name,
                           mem_free, err))
        return true;
    mem_free(name);
    return false;
}

static bool no_default(const Import *im, Err *err) {
    return err_at(err, im->at, E_no_default, (int)im->module.len,
                  im->module.data, (int)im->name.len, im->name.data);
}

static bool default_global(Store *s, RtValType type, bool is_mutable,
                           Extern *out, Err *err) {
    out->global = global_new(s, type, is_mutable, (Raw){0});
    return out->global || err_at(err, ERR_NOWHERE, E_out_of_memory);
}

// What an import other than a function is satisfied with.
static bool default_item(Store *s, const RtModule *m, const Import *im,
                         Extern *out, Err *err) {
    const Module *module = &m->module;
    *out = (Extern){.kind = im->kind};
    switch (im->kind) {
    case EXTERN_global: {
        const GlobalType *t = &module->globals.data[im->index].type;
        if (!vt_is_defaultable(t->type)) return no_default(im, err);
        return default_global(s, rt_val_type(t->type, m->types), t->is_mutable,
                              out, err);
    }
    case EXTERN_table: {
        const TableType *t = &module->tables.data[im->index].type;
        if (!vt_is_defaultable(t->elem)) return no_default(im, err);
        out->table = table_new(s, &t->limits, rt_val_type(t->elem, m->types),
                               (Raw){0}, err);
        return out->table != NULL;
    }
    case EXTERN_memory:
        out->memory =
            memory_new_any(s, &module->memories.data[im->index].type, err);
        return out->memory != NULL;
    case EXTERN_tag:
        out->tag = tag_new(s, m->types[module->tags.data[im->index].type]);
        return out->tag || err_at(err, ERR_NOWHERE, E_out_of_memory);
    case EXTERN_func:
    case EXTERN_count:
        break;
    }
    UNREACHABLE();
}

static bool define_missing(Linker *l, const RtModule *m, const Import *im,
                           Store *s, Err *err) {
    if (im->kind == EXTERN_func) {
        RtType *type = m->types[m->module.funcs.data[im->index].type];
        if (!s) return define_trap(l, type, im, err);
        if (!has_defaults(type)) return no_default(im, err);
        return linker_define_func(l, im->module, im->name, type,
                                  unknown_defaults, NULL, NULL, err);
    }
    Extern item;
    if (!s) return true;
    return default_item(s, m, im, &item, err) &&
           linker_define(l, im->module, im->name, &item, s, err);
}

bool linker_define_missing(Linker *l, const RtModule *m, Store *s, Err *err) {
    for (uint32_t i = 0; i < m->module.imports.len; i++) {
        const Import *im = &m->module.imports.data[i];
        if (find(l, im->module, im->name)) continue;
        if (!define_missing(l, m, im, s, err)) return false;
    }
    return true;
}
