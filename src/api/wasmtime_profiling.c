// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// wasmtime/profiling.h, over engine/guest_profile.h.
#include "api/wasmtime_int.h"
#include "engine/guest_profile.h"

#include <wasmtime/profiling.h>

// The embedder's pointer is ours in disguise.
static GuestProfile *profile_of(wasmtime_guestprofiler_t *p) {
    return (GuestProfile *)(void *)p;
}

void wasmtime_guestprofiler_delete(wasmtime_guestprofiler_t *p) {
    guest_profile_free(profile_of(p));
}

wasmtime_guestprofiler_t *wasmtime_guestprofiler_new(
    const wasm_engine_t *engine, const wasm_name_t *module_name,
    uint64_t interval_nanos, const wasmtime_guestprofiler_modules_t *modules,
    size_t modules_len) {
    (void)engine;
    GuestProfile *p = guest_profile_new(
        str_of_name(module_name->data, module_name->size), interval_nanos);
    bool ok = p;
    for (size_t i = 0; ok && i < modules_len; i++)
        ok = guest_profile_add(
            p, modules[i].mod->module,
            str_of_name(modules[i].name->data, modules[i].name->size));
    if (ok) return (wasmtime_guestprofiler_t *)(void *)p;
    guest_profile_free(p);
    return NULL;
}

void wasmtime_guestprofiler_sample(wasmtime_guestprofiler_t *p,
                                   const wasmtime_store_t *store,
                                   uint64_t delta_nanos) {
    guest_profile_sample(profile_of(p), store->store, delta_nanos);
}

static bool take(void *env, const char *data, size_t len) {
    wasm_byte_vec_new(env, len, data);
    return ((wasm_byte_vec_t *)env)->data;
}

wasmtime_error_t *wasmtime_guestprofiler_finish(wasmtime_guestprofiler_t *p,
                                                wasm_byte_vec_t *out) {
    wasm_byte_vec_t bytes = WASM_EMPTY_VEC;
    bool ok = guest_profile_write(profile_of(p), take, &bytes);
    guest_profile_free(profile_of(p));
    if (!ok) return error_no_memory();
    *out = bytes;
    return NULL;
}
