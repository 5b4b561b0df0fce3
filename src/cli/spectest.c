// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The module that the test suite's scripts import from: "spectest".
#include "cli/wast_int.h"

// Printing is not looked at: what is tested is that the call fits.
static Status print_nothing(HostCall *call) {
    call->is_result = true;
    return STATUS_ok;
}

static bool define(Wast *w, const char *name, const Extern *item, Err *err) {
    return linker_define(w->linker, STR("spectest"), str_of(name), item,
                         w->store, err);
}

static bool define_print(Wast *w, const char *name, const char *params,
                         Err *err) {
    RtValType types[2];
    uint32_t len = 0;
    for (; params[len]; len++) {
        const char *letters = "?ilfd"; // at the index of the ValType
        types[len] = (RtValType){
            .code = (ValType)(strchr(letters, params[len]) - letters)};
    }
    RtType *type = registry_func_type(w->engine->registry, types, len, NULL, 0);
    if (!type) return err_at(err, ERR_NOWHERE, E_out_of_memory);
    Func *f = func_new_host(w->store, type, print_nothing, NULL, NULL);
    rt_type_unref(w->engine->registry, type);
    if (!f) return err_at(err, ERR_NOWHERE, E_out_of_memory);
    Extern item = {.kind = EXTERN_func, .func = f};
    return define(w, name, &item, err);
}

static bool define_prints(Wast *w, Err *err) {
    return define_print(w, "print", "", err) &&
           define_print(w, "print_i32", "i", err) &&
           define_print(w, "print_i64", "l", err) &&
           define_print(w, "print_f32", "f", err) &&
           define_print(w, "print_f64", "d", err) &&
           define_print(w, "print_i32_f32", "if", err) &&
           define_print(w, "print_f64_f64", "dd", err);
}

static bool define_global(Wast *w, const char *name, ValType type, Raw init,
                          Err *err) {
    Global *g = global_new(w->store, (RtValType){.code = type}, false, init);
    if (!g) return err_at(err, ERR_NOWHERE, E_out_of_memory);
    Extern item = {.kind = EXTERN_global, .global = g};
    return define(w, name, &item, err);
}

static bool define_globals(Wast *w, Err *err) {
    return define_global(w, "global_i32", VT_i32, (Raw){.u64 = 666}, err) &&
           define_global(w, "global_i64", VT_i64, (Raw){.u64 = 666}, err) &&
           define_global(w, "global_f32", VT_f32, (Raw){.f32 = 666.6f}, err) &&
           define_global(w, "global_f64", VT_f64, (Raw){.f64 = 666.6}, err);
}

static bool define_table(Wast *w, const char *name, bool is_64, Err *err) {
    Limits limits = {.min = 10, .max = 20, .has_max = true, .is_64 = is_64};
    Table *t = table_new(w->store, &limits, (RtValType){.code = VT_FUNCREF},
                         (Raw){0}, err);
    Extern item = {.kind = EXTERN_table, .table = t};
    return t && define(w, name, &item, err);
}

static bool define_memory(Wast *w, Err *err) {
    MemoryType type = {
        .limits = {.min = 1, .max = 2, .has_max = true},
        .page_log2 = PAGE_LOG2,
    };
    Memory *m = memory_new(w->store, &type, err);
    Extern item = {.kind = EXTERN_memory, .memory = m};
    return m && define(w, "memory", &item, err);
}

static bool define_shared_memory(Wast *w, Err *err) {
    MemoryType type = {
        .limits = {.min = 1, .max = 2, .has_max = true, .is_shared = true},
        .page_log2 = PAGE_LOG2,
    };
    SharedMemory *shared =
        shared_memory_new(w->engine, &type, &w->store->limits, err);
    if (!shared) return false;
    Memory *m = memory_of_shared(w->store, shared, err);
    shared_memory_unref(shared);
    Extern item = {.kind = EXTERN_memory, .memory = m};
    return m && define(w, "shared_memory", &item, err);
}

bool spectest_define(Wast *w, Err *err) {
    return define_prints(w, err) && define_globals(w, err) &&
           define_table(w, "table", false, err) &&
           define_table(w, "table64", true, err) && define_memory(w, err) &&
           (!feature_on(w->engine->config.features, FEATURE_threads) ||
            define_shared_memory(w, err));
}
