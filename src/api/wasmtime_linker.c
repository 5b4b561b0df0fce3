// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// wasmtime/linker.h.
#include "api/wasmtime_int.h"

#include "base/alloc.h"

#include <wasmtime/linker.h>

// --- making and freeing ------------------------------------------------------

// Takes the linker; NULL stays NULL.
static wasmtime_linker_t *linker_of(Linker *l) {
    wasmtime_linker_t *linker = l ? MEM_NEW(wasmtime_linker_t) : NULL;
    if (linker)
        linker->linker = l;
    else
        linker_free(l);
    return linker;
}

wasmtime_linker_t *wasmtime_linker_new(wasm_engine_t *engine) {
    return linker_of(linker_new(engine->engine));
}

wasmtime_linker_t *wasmtime_linker_clone(const wasmtime_linker_t *linker) {
    return linker_of(linker_clone(linker->linker));
}

void wasmtime_linker_delete(wasmtime_linker_t *linker) {
    if (!linker) return;
    linker_free(linker->linker);
    mem_free(linker);
}

void wasmtime_linker_allow_shadowing(wasmtime_linker_t *linker,
                                     bool allow_shadowing) {
    linker_allow_shadowing(linker->linker, allow_shadowing);
}

// --- engines -----------------------------------------------------------------

static bool is_of(const wasmtime_linker_t *l, const Engine *e) {
    return linker_engine(l->linker) == e;
}

static wasmtime_error_t *error_of_engine(void) {
    return error_of_text("the linker is of another engine");
}

// NULL where it is none.
static wasmtime_error_t *error_unless(bool ok, const Err *err) {
    return ok ? NULL : error_of(err);
}

// --- defining ----------------------------------------------------------------

wasmtime_error_t *wasmtime_linker_define_unknown_imports_as_traps(
    wasmtime_linker_t *linker, const wasmtime_module_t *module) {
    Err err = {0};
    if (!is_of(linker, module->module->engine)) return error_of_engine();
    bool ok = linker_define_missing(linker->linker, module->module, NULL, &err);
    return error_unless(ok, &err);
}

wasmtime_error_t *wasmtime_linker_define_unknown_imports_as_default_values(
    wasmtime_linker_t *linker, wasmtime_context_t *store,
    const wasmtime_module_t *module) {
    Store *s = store_of_context(store);
    Err err = {0};
    if (!is_of(linker, module->module->engine) || !is_of(linker, s->engine))
        return error_of_engine();
    bool ok = linker_define_missing(linker->linker, module->module, s, &err);
    return error_unless(ok, &err);
}

wasmtime_error_t *wasmtime_linker_define(wasmtime_linker_t *linker,
                                         wasmtime_context_t *store,
                                         const char *module, size_t module_len,
                                         const char *name, size_t name_len,
                                         const wasmtime_extern_t *item) {
    Store *s = store_of_context(store);
    Extern e;
    Err err = {0};
    if (!is_of(linker, s->engine)) return error_of_engine();
    if (!handle_extern(s, item, &e)) return error_of_handle();
    bool ok = linker_define(linker->linker, str_of_name(module, module_len),
                            str_of_name(name, name_len), &e, s, &err);
    return error_unless(ok, &err);
}

typedef struct TwoNames {
    Str module, name;
} TwoNames;

static bool define_host(Linker *l, TwoNames names, const wasm_functype_t *ty,
                        const HostFunc *from, Err *err) {
    Engine *e = linker_engine(l);
    RtType *type = functype_register(e, ty);
    if (!type) return err_at(err, ERR_NOWHERE, E_host_type);
    HostFunc *env = host_func_new(from);
    bool ok = env ? linker_define_func(l, names.module, names.name, type,
                                       host_func_call(from, type), env,
                                       host_func_free, err)
                  : err_at(err, ERR_NOWHERE, E_out_of_memory);
    rt_type_unref(e->registry, type); // the definition holds it
    if (!ok) mem_free(env);
    return ok;
}

static wasmtime_error_t *define_func(wasmtime_linker_t *linker, TwoNames names,
                                     const wasm_functype_t *ty,
                                     const HostFunc *from) {
    Err err = {0};
    if (define_host(linker->linker, names, ty, from, &err)) return NULL;
    if (from->finalize) from->finalize(from->env);
    return error_of(&err);
}

wasmtime_error_t *wasmtime_linker_define_func(
    wasmtime_linker_t *linker, const char *module, size_t module_len,
    const char *name, size_t name_len, const wasm_functype_t *ty,
    wasmtime_func_callback_t cb, void *data, void (*finalizer)(void *)) {
    TwoNames names = {str_of_name(module, module_len),
                      str_of_name(name, name_len)};
    HostFunc from = {.checked = cb, .env = data, .finalize = finalizer};
    return define_func(linker, names, ty, &from);
}

wasmtime_error_t *wasmtime_linker_define_func_unchecked(
    wasmtime_linker_t *linker, const char *module, size_t module_len,
    const char *name, size_t name_len, const wasm_functype_t *ty,
    wasmtime_func_unchecked_callback_t cb, void *data,
    void (*finalizer)(void *)) {
    TwoNames names = {str_of_name(module, module_len),
                      str_of_name(name, name_len)};
    HostFunc from = {.unchecked = cb, .env = data, .finalize = finalizer};
    return define_func(linker, names, ty, &from);
}

wasmtime_error_t *wasmtime_linker_define_wasi(wasmtime_linker_t *linker) {
    Err err = {0};
    return error_unless(wasi_define_of_store(linker->linker, &err), &err);
}

wasmtime_error_t *wasmtime_linker_define_instance(
    wasmtime_linker_t *linker, wasmtime_context_t *store, const char *name,
    size_t name_len, const wasmtime_instance_t *instance) {
    Store *s = store_of_context(store);
    Instance *inst = handle_instance(s, instance);
    Err err = {0};
    if (!is_of(linker, s->engine)) return error_of_engine();
    if (!inst) return error_of_handle();
    bool ok = linker_define_instance(linker->linker,
                                     str_of_name(name, name_len), inst, &err);
    return error_unless(ok, &err);
}

// --- instantiating -----------------------------------------------------------

wasmtime_error_t *wasmtime_linker_instantiate(const wasmtime_linker_t *linker,
                                              wasmtime_context_t *store,
                                              const wasmtime_module_t *module,
                                              wasmtime_instance_t *instance,
                                              wasm_trap_t **trap) {
    Store *s = store_of_context(store);
    Instance *inst = NULL;
    Err err = {0};
    *trap = NULL;
    if (!is_of(linker, s->engine) || !is_of(linker, module->module->engine))
        return error_of_engine();
    Status status =
        linker_instantiate(linker->linker, s, module->module, &inst, &err);
    if (status != STATUS_ok) return link_outcome(s, status, &err, trap);
    *instance = handle_of_instance(inst);
    return NULL;
}

wasmtime_error_t *wasmtime_linker_instantiate_pre(
    const wasmtime_linker_t *linker, const wasmtime_module_t *module,
    wasmtime_instance_pre_t **instance_pre) {
    Err err = {0};
    if (!is_of(linker, module->module->engine)) return error_of_engine();
    wasmtime_instance_pre_t *pre = MEM_NEW(wasmtime_instance_pre_t);
    if (!pre) return error_no_memory();
    pre->linked = linker_link(linker->linker, module->module, &err);
    if (pre->linked) {
        *instance_pre = pre;
        return NULL;
    }
    mem_free(pre);
    return error_of(&err);
}

// --- commands ----------------------------------------------------------------

// A function of a command: calling it makes an instance of its own.
typedef struct Command {
    LinkedModule *linked; // counted
    uint32_t index;       // of the export
} Command;

static void command_free(void *env) {
    Command *c = env;
    linked_unref(c->linked);
    mem_free(c);
}

static Status run_command(HostCall *call) {
    const Command *c = call->env;
    Instance *inst;
    Extern item;
    Err err = {0};
    Status status = linked_instantiate(c->linked, call->store, &inst, &err);
    if (status == STATUS_ok && !instance_export_at(inst, c->index, &item, &err))
        status = STATUS_trap;
    if (!err_ok(&err))
        return store_trap_text(call->store, TRAP_host, "%s", err.text);
    if (status == STATUS_ok)
        status = func_call(call->store, item.func, call->values);
    call->is_result = status == STATUS_ok;
    return status;
}

// Frames of ours that own nothing lie between the caller and the command, so
// that what the caller may do, the command may too: suspend.
static Status command_call(HostCall *call) {
    call->store->entries--;
    Status status = run_command(call);
    call->store->entries++;
    return status;
}

static bool define_command(Linker *l, Str name, LinkedModule *linked,
                           uint32_t index, Err *err) {
    const RtModule *m = linked_module(linked);
    const Export *ex = &m->module.exports.data[index];
    if (ex->kind != EXTERN_func) return true;
    Command *c = MEM_NEW(Command);
    if (!c) return err_at(err, ERR_NOWHERE, E_out_of_memory);
    *c = (Command){.linked = linked, .index = index};
    linked_ref(linked);
    RtType *type = m->types[m->module.funcs.data[ex->index].type];
    if (linker_define_func(l, name, ex->name, type, command_call, c,
                           command_free, err))
        return true;
    command_free(c);
    return false;
}

static wasmtime_error_t *link_command(Linker *l, Str name, RtModule *m) {
    Err err = {0};
    LinkedModule *linked = linker_link(l, m, &err);
    if (!linked) return error_of(&err);
    bool ok = true;
    for (uint32_t i = 0; ok && i < m->module.exports.len; i++)
        ok = define_command(l, name, linked, i, &err);
    linked_unref(linked);
    return error_unless(ok, &err);
}

// --- modules -----------------------------------------------------------------

static bool has_export(const RtModule *m, const char *name, uint32_t *index) {
    const Module *module = &m->module;
    for (uint32_t i = 0; i < module->exports.len; i++) {
        *index = i;
        if (str_eq_z(module->exports.data[i].name, name)) return true;
    }
    return false;
}

// Where there is nowhere to put a trap, it is an error.
static wasmtime_error_t *outcome_as_error(Store *s, Status status,
                                          const Err *err) {
    wasm_trap_t *trap;
    wasmtime_error_t *error = link_outcome(s, status, err, &trap);
    return trap ? error_of_trap(trap) : error;
}

static wasmtime_error_t *initialize(Instance *inst) {
    uint32_t index;
    Extern item;
    Err err = {0};
    if (!has_export(inst->module, "_initialize", &index)) return NULL;
    if (!instance_export_at(inst, index, &item, &err)) return error_of(&err);
    if (item.kind != EXTERN_func || item.func->type->param_len ||
        item.func->type->result_len)
        return error_of_text("_initialize is not a function without "
                             "parameters and results");
    Status status = func_call(inst->store, item.func, NULL);
    return outcome_as_error(inst->store, status, &err);
}

static wasmtime_error_t *link_reactor(Linker *l, Store *s, Str name,
                                      RtModule *m) {
    Instance *inst;
    Err err = {0};
    Status status = linker_instantiate(l, s, m, &inst, &err);
    if (status != STATUS_ok) return outcome_as_error(s, status, &err);
    wasmtime_error_t *error = initialize(inst);
    if (error) return error;
    return error_unless(linker_define_instance(l, name, inst, &err), &err);
}

wasmtime_error_t *wasmtime_linker_module(wasmtime_linker_t *linker,
                                         wasmtime_context_t *store,
                                         const char *name, size_t name_len,
                                         const wasmtime_module_t *module) {
    Store *s = store_of_context(store);
    RtModule *m = module->module;
    Str under = str_of_name(name, name_len);
    uint32_t start, initialize;
    if (!is_of(linker, s->engine) || !is_of(linker, m->engine))
        return error_of_engine();
    if (!has_export(m, "_start", &start))
        return link_reactor(linker->linker, s, under, m);
    if (m->module.exports.data[start].kind != EXTERN_func)
        return error_of_text("_start is not a function");
    if (has_export(m, "_initialize", &initialize))
        return error_of_text("a module with _start and _initialize is neither "
                             "a command nor a reactor");
    return link_command(linker->linker, under, m);
}

// --- asking ------------------------------------------------------------------

static Status do_nothing(HostCall *call) {
    (void)call;
    return STATUS_ok;
}

static Func *func_of_nothing(Store *s) {
    RtType *type = registry_func_type(s->engine->registry, NULL, 0, NULL, 0);
    if (!type) return NULL;
    Func *f = func_new_host(s, type, do_nothing, NULL, NULL);
    rt_type_unref(s->engine->registry, type); // the store holds it
    return f;
}

wasmtime_error_t *wasmtime_linker_get_default(const wasmtime_linker_t *linker,
                                              wasmtime_context_t *store,
                                              const char *name, size_t name_len,
                                              wasmtime_func_t *func) {
    Store *s = store_of_context(store);
    Str module = str_of_name(name, name_len);
    Extern item = {.kind = EXTERN_func};
    if (!is_of(linker, s->engine)) return error_of_engine();
    if (!linker_get(linker->linker, s, module, STR(""), &item) &&
        !linker_get(linker->linker, s, module, STR("_start"), &item))
        item.func = func_of_nothing(s);
    if (item.kind != EXTERN_func)
        return error_of_text("the default export of %.*s is not a function",
                             (int)module.len, module.data);
    if (!item.func) return error_no_memory();
    *func = handle_of_func(item.func);
    return NULL;
}

bool wasmtime_linker_get(const wasmtime_linker_t *linker,
                         wasmtime_context_t *store, const char *module,
                         size_t module_len, const char *name, size_t name_len,
                         wasmtime_extern_t *item) {
    Store *s = store_of_context(store);
    Extern e;
    return is_of(linker, s->engine) &&
           linker_get(linker->linker, s, str_of_name(module, module_len),
                      str_of_name(name, name_len), &e) &&
           handle_of_extern(&e, item);
}
