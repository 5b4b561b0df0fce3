// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Instances of wasm.h.
#include "api/api_int.h"

#include "base/alloc.h"

static wasm_instance_t *fail(wasm_trap_t *why, wasm_trap_t **trap) {
    if (trap)
        *trap = why;
    else
        wasm_trap_delete(why);
    return NULL;
}

// False: something among them is not an extern.
static bool put_imports(const wasm_extern_vec_t *from, Extern *out) {
    for (size_t i = 0; from && i < from->size; i++)
        if (!from->data[i] || !ref_to_extern(&from->data[i]->ref, &out[i]))
            return false;
    return true;
}

static wasm_instance_t *instantiate(Store *s, RtModule *m,
                                    const Extern *imports, uint32_t len,
                                    wasm_trap_t **trap) {
    Err err = {0};
    Instance *inst = NULL;
    Status status = instance_new(s, m, imports, len, &inst, &err);
    if (!err_ok(&err)) return fail(trap_of_text(s, err.text), trap);
    if (status != STATUS_ok) return fail(trap_take(s, status, true), trap);
    wasm_instance_t *i = ref_of(s, REF_instance, inst);
    return i ? i : fail(trap_of_text(s, "out of memory"), trap);
}

wasm_instance_t *wasm_instance_new(wasm_store_t *store,
                                   const wasm_module_t *module,
                                   const wasm_extern_vec_t *imports,
                                   wasm_trap_t **trap) {
    Store *s = store->store;
    RtModule *m = module->ref.module;
    size_t len = imports ? imports->size : 0;
    if (trap) *trap = NULL;
    if (m->engine != s->engine)
        return fail(trap_of_text(s, "the module is of another engine"), trap);
    if (len > UINT32_MAX)
        return fail(trap_of_text(s, "too many imports"), trap);
    Extern *externs = MEM_NEW_N(Extern, len);
    wasm_instance_t *i = NULL;
    if (!externs)
        i = fail(trap_of_text(s, "out of memory"), trap);
    else if (!put_imports(imports, externs))
        i = fail(trap_of_text(s, "an import is missing"), trap);
    else
        i = instantiate(s, m, externs, (uint32_t)len, trap);
    mem_free(externs);
    return i;
}

void wasm_instance_exports(const wasm_instance_t *instance,
                           wasm_extern_vec_t *out) {
    Store *s = instance->ref.store;
    Instance *inst = instance->ref.instance;
    uint32_t len = inst->module->module.exports.len;
    wasm_extern_vec_new_uninitialized(out, len);
    bool ok = out->size == len;
    for (uint32_t i = 0; ok && i < len; i++) {
        Err err = {0};
        Extern e;
        ok = instance_export_at(inst, i, &e, &err);
        if (ok) out->data[i] = ref_of_extern(s, &e);
        ok = ok && out->data[i];
    }
    if (!ok) wasm_extern_vec_delete(out);
}
