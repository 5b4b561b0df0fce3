// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// wasmtime/instance.h.
#include "api/wasmtime_int.h"

#include "base/alloc.h"

#include <wasmtime/instance.h>

static wasmtime_error_t *error_of_engine(void) {
    return error_of_text("the module is of another engine");
}

// Whatever is exported must be of the store, which `externs` cannot say.
static bool put_imports(Store *s, const wasmtime_extern_t *from, size_t len,
                        Extern *out) {
    for (size_t i = 0; i < len; i++)
        if (!handle_extern(s, &from[i], &out[i])) return false;
    return true;
}

// The list of imports goes before the start function runs.
static Status make(Store *s, RtModule *m, const wasmtime_extern_t *imports,
                   size_t len, Instance **out, Err *err) {
    Extern *externs = MEM_NEW_N(Extern, len + 1);
    Status status = STATUS_trap;
    if (!externs)
        (void)err_at(err, ERR_NOWHERE, E_out_of_memory);
    else if (!put_imports(s, imports, len, externs))
        (void)err_at(err, ERR_NOWHERE, E_import_handle);
    else
        status = instance_make(s, m, externs, (uint32_t)len, out, err);
    mem_free(externs);
    return status;
}

wasmtime_error_t *wasmtime_instance_new(wasmtime_context_t *store,
                                        const wasmtime_module_t *module,
                                        const wasmtime_extern_t *imports,
                                        size_t nimports,
                                        wasmtime_instance_t *instance,
                                        wasm_trap_t **trap) {
    Store *s = store_of_context(store);
    RtModule *m = module->module;
    Instance *inst = NULL;
    Err err = {0};
    *trap = NULL;
    if (m->engine != s->engine) return error_of_engine();
    if (nimports != m->module.imports.len)
        return error_of_text("expected %u imports, found %zu",
                             m->module.imports.len, nimports);
    Status status = make(s, m, imports, nimports, &inst, &err);
    if (status == STATUS_ok) status = instance_start(inst);
    if (status != STATUS_ok) return link_outcome(s, status, &err, trap);
    *instance = handle_of_instance(inst);
    return NULL;
}

// --- exports -----------------------------------------------------------------

bool wasmtime_instance_export_get(wasmtime_context_t *store,
                                  const wasmtime_instance_t *instance,
                                  const char *name, size_t name_len,
                                  wasmtime_extern_t *item) {
    Instance *inst = handle_instance(store_of_context(store), instance);
    Extern e;
    Err err = {0};
    return inst &&
           instance_export(inst, str_of_name(name, name_len), &e, &err) &&
           handle_of_extern(&e, item);
}

bool wasmtime_instance_export_nth(wasmtime_context_t *store,
                                  const wasmtime_instance_t *instance,
                                  size_t index, char **name, size_t *name_len,
                                  wasmtime_extern_t *item) {
    Instance *inst = handle_instance(store_of_context(store), instance);
    Extern e;
    Err err = {0};
    if (!inst || index >= inst->module->module.exports.len) return false;
    if (!instance_export_at(inst, (uint32_t)index, &e, &err)) return false;
    if (!handle_of_extern(&e, item)) return false;
    Str s = inst->module->module.exports.data[index].name;
    *name = (char *)(uintptr_t)s.data; // the API's type; nobody writes to it
    *name_len = s.len;
    return true;
}

// --- with resolved imports ---------------------------------------------------

void wasmtime_instance_pre_delete(wasmtime_instance_pre_t *pre) {
    if (!pre) return;
    linked_unref(pre->linked);
    mem_free(pre);
}

wasmtime_error_t *wasmtime_instance_pre_instantiate(
    const wasmtime_instance_pre_t *pre, wasmtime_context_t *store,
    wasmtime_instance_t *instance, wasm_trap_t **trap_ptr) {
    Store *s = store_of_context(store);
    Instance *inst = NULL;
    Err err = {0};
    *trap_ptr = NULL;
    if (linked_module(pre->linked)->engine != s->engine)
        return error_of_engine();
    Status status = linked_instantiate(pre->linked, s, &inst, &err);
    if (status != STATUS_ok) return link_outcome(s, status, &err, trap_ptr);
    *instance = handle_of_instance(inst);
    return NULL;
}

wasmtime_module_t *wasmtime_instance_pre_module(
    const wasmtime_instance_pre_t *pre) {
    return module_handle(linked_module(pre->linked));
}
