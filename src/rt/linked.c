// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Linking: what the imports of a module are satisfied with is found and checked
// once, in a plan, for any number of instances in any stores
// (docs/decisions/0037-imports-are-planned.md).
#include "base/alloc.h"
#include "rt/linker_int.h"

// Whoever has a plan has the engine. It does not keep the module, which may go
// while a linker or a store still has the plan.
struct ImportPlan {
    _Atomic uint32_t refs;
    Engine *engine;
    uint64_t module_id;
    Func *hosts; // those of the host, in order, for func_new_hosts
    uint32_t host_len;
    uint32_t len;
    Definition imports[];
};

struct LinkedModule {
    _Atomic uint32_t refs;
    RtModule *module; // counted
    ImportPlan *plan; // counted
};

// --- plans -------------------------------------------------------------------------

static void plan_ref(ImportPlan *p) {
    atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
}

static void plan_unref(void *plan) {
    ImportPlan *p = plan;
    if (!p || atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (uint32_t i = 0; i < p->len; i++)
        definition_unref(p->engine, &p->imports[i]);
    mem_free(p->hosts);
    mem_free(p);
}

static bool find_all(ImportPlan *p, const Linker *l, const RtModule *m,
                     bool unknown, Err *err) {
    for (; p->len < m->module.imports.len; p->len++) {
        const Import *im = &m->module.imports.data[p->len];
        Definition *out = &p->imports[p->len];
        if (!linker_find(l, m, im, unknown, out, err)) return false;
        p->host_len += out->host != NULL;
    }
    return true;
}

// Functions of the host are known now; what is of a store is looked at when
// that store is.
static bool match_hosts(ImportPlan *p, const RtModule *m, Err *err) {
    Func *f = p->hosts;
    for (uint32_t i = 0; i < p->len; i++) {
        const Definition *d = &p->imports[i];
        if (!d->host) continue;
        func_init_host(p->engine, f, d->type, d->host->host, d->host->env);
        Extern item = {.kind = EXTERN_func, .func = f++};
        if (!import_matches(m, i, &item, err)) return false;
    }
    return true;
}

static bool plan_fill(ImportPlan *p, const Linker *l, const RtModule *m,
                      bool unknown, Err *err) {
    if (!find_all(p, l, m, unknown, err)) return false;
    p->hosts = MEM_NEW_N(Func, p->host_len);
    if (!p->hosts) return err_at(err, ERR_NOWHERE, E_out_of_memory);
    return match_hosts(p, m, err);
}

static ImportPlan *plan_new(const Linker *l, const RtModule *m, bool unknown,
                            Err *err) {
    size_t imports = (size_t)m->module.imports.len * sizeof(Definition);
    ImportPlan *p = mem_calloc(1, sizeof *p + imports);
    if (!p) {
        (void)err_at(err, ERR_NOWHERE, E_out_of_memory);
        return NULL;
    }
    atomic_init(&p->refs, 1);
    p->engine = l->engine;
    p->module_id = m->id;
    if (plan_fill(p, l, m, unknown, err)) return p;
    plan_unref(p);
    return NULL;
}

void linker_keep_plan(Linker *l, ImportPlan *plan) {
    plan_unref(atomic_exchange_explicit(&l->plan, plan, memory_order_acq_rel));
}

// The caller owns a reference.
static ImportPlan *plan_of(Linker *l, const RtModule *m, Err *err) {
    ImportPlan *p =
        atomic_exchange_explicit(&l->plan, NULL, memory_order_acq_rel);
    if (p && p->module_id == m->id) return p;
    plan_unref(p);
    return plan_new(l, m, true, err);
}

// --- instances ---------------------------------------------------------------------

static bool get_item(const Definition *d, const Store *s, const RtModule *m,
                     uint32_t import, Extern *out, Err *err) {
    const Import *im = &m->module.imports.data[import];
    *out = d->item;
    if (d->store_id == s->id) return import_matches(m, import, out, err);
    return err_at(err, im->at, E_import_store, (int)im->module.len,
                  im->module.data, (int)im->name.len, im->name.data);
}

static bool get_items(const ImportPlan *p, const Store *s, const RtModule *m,
                      Extern *imports, Err *err) {
    for (uint32_t i = 0; p->host_len < p->len && i < p->len; i++)
        if (!p->imports[i].host &&
            !get_item(&p->imports[i], s, m, i, &imports[i], err))
            return false;
    return true;
}

// The store gets functions of its own.
static bool get_hosts(ImportPlan *p, Store *s, Extern *imports, Err *err) {
    if (p->host_len == 0) return true;
    Func *f = func_new_hosts(s, p->hosts, p->host_len, plan_unref, p);
    if (!f) return err_at(err, ERR_NOWHERE, E_out_of_memory);
    plan_ref(p);
    for (uint32_t i = 0; i < p->len; i++)
        if (p->imports[i].host)
            imports[i] = (Extern){.kind = EXTERN_func, .func = f++};
    return true;
}

// The imports go before the start function runs: that one may be suspended and
// never come back.
static Status plan_make(ImportPlan *p, Store *s, RtModule *m, Instance **out,
                        Err *err) {
    Extern *imports = MEM_NEW_N(Extern, p->len);
    Status status = STATUS_trap;
    if (!imports)
        (void)err_at(err, ERR_NOWHERE, E_out_of_memory);
    else if (get_items(p, s, m, imports, err) && get_hosts(p, s, imports, err))
        status = instance_make_linked(s, m, imports, out, err);
    mem_free(imports);
    return status;
}

Status linker_make(Linker *l, Store *s, RtModule *m, Instance **out, Err *err) {
    CHECK(l->engine == s->engine);
    *out = NULL;
    ImportPlan *p = plan_of(l, m, err);
    if (!p) return STATUS_trap;
    Status status = plan_make(p, s, m, out, err);
    linker_keep_plan(l, p);
    return status;
}

static Status start(Status status, Instance **inst) {
    if (status == STATUS_ok) status = instance_start(*inst);
    if (status != STATUS_ok) *inst = NULL;
    return status;
}

Status linker_instantiate(Linker *l, Store *s, RtModule *m, Instance **out,
                          Err *err) {
    return start(linker_make(l, s, m, out, err), out);
}

// --- linked modules ----------------------------------------------------------------

LinkedModule *linker_link(const Linker *l, RtModule *m, Err *err) {
    CHECK(l->engine == m->engine);
    ImportPlan *plan = plan_new(l, m, false, err);
    if (!plan) return NULL;
    LinkedModule *p = MEM_NEW(LinkedModule);
    if (!p) {
        (void)err_at(err, ERR_NOWHERE, E_out_of_memory);
        plan_unref(plan);
        return NULL;
    }
    atomic_init(&p->refs, 1);
    p->plan = plan;
    p->module = m;
    rt_module_ref(m);
    return p;
}

void linked_ref(LinkedModule *p) {
    atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
}

void linked_unref(LinkedModule *p) {
    if (atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1)
        return;
    plan_unref(p->plan); // while the module has the engine
    rt_module_unref(p->module);
    mem_free(p);
}

RtModule *linked_module(const LinkedModule *p) {
    return p->module;
}

Status linked_make(const LinkedModule *p, Store *s, Instance **out, Err *err) {
    CHECK(p->module->engine == s->engine);
    *out = NULL;
    return plan_make(p->plan, s, p->module, out, err);
}

Status linked_instantiate(const LinkedModule *p, Store *s, Instance **out,
                          Err *err) {
    return start(linked_make(p, s, out, err), out);
}
