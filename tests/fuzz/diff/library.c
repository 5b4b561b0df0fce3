// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/diff/library.h"

#include "base/reader.h"
#include "fuzz/diff/hash.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>

// --- the library -------------------------------------------------------------------------

// The function of that name; NULL, and a line, when there is none.
static void *find(void *handle, const char *name) {
    void *function = dlsym(handle, name);
    if (!function) fprintf(stderr, "the library has no %s\n", name);
    return function;
}

static bool find_all(Library *l, void *handle) {
    bool ok = true;
#define FIND(name) \
    ok = (*(void **)&l->name = find(handle, #name)) != NULL && ok;
    LIBRARY_FUNCTIONS(FIND)
#undef FIND
    return ok;
}

// Every feature is on, and relaxed instructions have the results that are the
// same everywhere.
static bool switch_on(wasm_config_t *config, void *handle) {
    void (*set)(wasm_config_t *, bool);
#define SWITCH(name)                      \
    *(void **)&set = find(handle, #name); \
    if (!set) return false;               \
    set(config, true);
    LIBRARY_SWITCHES(SWITCH)
#undef SWITCH
    return true;
}

// It stays loaded: it may have threads and handlers of signals.
bool library_open(Library *l, const char *path) {
    *l = (Library){0};
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        fprintf(stderr, "%s\n", dlerror());
        return false;
    }
    if (!find_all(l, handle)) return false;
    wasm_config_t *config = l->wasm_config_new();
    if (!switch_on(config, handle)) return false;
    l->wasmtime_config_cranelift_opt_level_set(config, WASMTIME_OPT_LEVEL_NONE);
    // The published library aborts where an address faults that lies in a shared
    // memory of two instances, as those of `lib` do.
    l->wasmtime_config_signals_based_traps_set(config, false);
    l->engine = l->wasm_engine_new_with_config(config);
    return l->engine != NULL;
}

void library_close(Library *l) {
    l->wasm_engine_delete(l->engine);
}

// --- what is observed --------------------------------------------------------------------

PRINTF(2, 3) static void say(Library *l, const char *format, ...) {
    va_list args;
    va_start(args, format);
    size_t left = sizeof l->text - l->len;
    int len = vsnprintf(l->text + l->len, left, format, args);
    va_end(args);
    if (len > 0 && (size_t)len < left) l->len += (size_t)len;
}

// The trap's names are ours where both mean the same, see library_main.c.
static const char *const trap_name[] = {
    [WASMTIME_TRAP_CODE_STACK_OVERFLOW] = "stack_exhausted",
    [WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS] = "memory_bounds",
    [WASMTIME_TRAP_CODE_HEAP_MISALIGNED] = "unaligned_atomic",
    [WASMTIME_TRAP_CODE_TABLE_OUT_OF_BOUNDS] = "table_bounds",
    [WASMTIME_TRAP_CODE_INDIRECT_CALL_TO_NULL] = "uninitialized_element",
    [WASMTIME_TRAP_CODE_BAD_SIGNATURE] = "indirect_type",
    [WASMTIME_TRAP_CODE_INTEGER_OVERFLOW] = "int_overflow",
    [WASMTIME_TRAP_CODE_INTEGER_DIVISION_BY_ZERO] = "div_by_zero",
    [WASMTIME_TRAP_CODE_BAD_CONVERSION_TO_INTEGER] = "bad_conversion",
    [WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED] = "unreachable",
    [WASMTIME_TRAP_CODE_ATOMIC_WAIT_NON_SHARED_MEMORY] = "wait_unshared",
    [WASMTIME_TRAP_CODE_NULL_REFERENCE] = "null",
    [WASMTIME_TRAP_CODE_ARRAY_OUT_OF_BOUNDS] = "array_bounds",
    [WASMTIME_TRAP_CODE_ALLOCATION_TOO_LARGE] = "allocation_too_large",
    [WASMTIME_TRAP_CODE_CAST_FAILURE] = "cast_failure",
};

static void say_trap(Library *l, const wasm_trap_t *trap) {
    wasmtime_trap_code_t code;
    if (!l->wasmtime_trap_code(trap, &code))
        say(l, "trap without a code");
    else if (code < COUNTOF(trap_name) && trap_name[code])
        say(l, "trap %s", trap_name[code]);
    else
        say(l, "trap of code %u", code);
}

// Errors say in many lines what in one is enough.
static void say_error(Library *l, const wasmtime_error_t *error) {
    wasm_name_t text;
    l->wasmtime_error_message(error, &text);
    const char *end = memchr(text.data, '\n', text.size);
    int len = (int)(end ? end - text.data : (ptrdiff_t)text.size);
    say(l, "error %.*s", len, text.data);
    l->wasm_byte_vec_delete(&text);
}

// An exception comes as a trap or as an error, and waits in the store.
static bool took_exception(Library *l, wasmtime_context_t *context) {
    wasmtime_exnref_t exception;
    if (!l->wasmtime_context_take_exception(context, &exception)) return false;
    l->wasmtime_exnref_unroot(&exception);
    return true;
}

static void say_end(Library *l, wasmtime_context_t *context, const char *name,
                    wasmtime_error_t *error, wasm_trap_t *trap, int64_t value) {
    say(l, "%s ", name);
    if ((error || trap) && took_exception(l, context))
        say(l, "exception");
    else if (error)
        say_error(l, error);
    else if (trap)
        say_trap(l, trap);
    else
        say(l, "ok %016llx", (unsigned long long)value);
    if (error) l->wasmtime_error_delete(error);
    if (trap) l->wasm_trap_delete(trap);
}

// --- what modules import -----------------------------------------------------------------

// An instance, and what its function `back` needs.
typedef struct Side {
    Library *l;
    wasmtime_context_t *context;
    wasmtime_instance_t instance;
    wasmtime_func_t run; // r0
    bool is_ready;
} Side;

// An export that is of that kind, which the caller owns.
static bool export_of(const Side *side, const char *name,
                      wasmtime_extern_kind_t kind, wasmtime_extern_t *out) {
    Library *l = side->l;
    if (!l->wasmtime_instance_export_get(side->context, &side->instance, name,
                                         strlen(name), out))
        return false;
    if (out->kind == kind) return true;
    l->wasmtime_extern_delete(out);
    return false;
}

static wasm_trap_t *mix(void *env, wasmtime_caller_t *caller,
                        const wasmtime_val_t *args, size_t arg_len,
                        wasmtime_val_t *results, size_t result_len) {
    (void)env, (void)caller, (void)arg_len, (void)result_len;
    uint64_t x = smith_mix((uint64_t)args[0].of.i64, (uint64_t)args[1].of.i64);
    results[0] = (wasmtime_val_t){WASMTIME_I64, {.i64 = (int64_t)x}};
    return NULL;
}

static wasm_trap_t *none(void *env, wasmtime_caller_t *caller,
                         const wasmtime_val_t *args, size_t arg_len,
                         wasmtime_val_t *results, size_t result_len) {
    (void)env, (void)caller, (void)args, (void)arg_len;
    (void)results, (void)result_len;
    return NULL;
}

static wasm_trap_t *absent(void *env, wasmtime_caller_t *caller,
                           const wasmtime_val_t *args, size_t arg_len,
                           wasmtime_val_t *results, size_t result_len) {
    (void)env, (void)caller, (void)args, (void)arg_len, (void)result_len;
    results[0] = (wasmtime_val_t){WASMTIME_I64, {.i64 = SMITH_ABSENT}};
    return NULL;
}

// An exception that a call ended with is thrown again.
static wasm_trap_t *pass_on(Library *l, wasmtime_context_t *context,
                            wasm_trap_t *trap) {
    wasmtime_exnref_t exception;
    if (!l->wasmtime_context_take_exception(context, &exception)) return trap;
    l->wasm_trap_delete(trap);
    trap = l->wasmtime_context_set_exception(context, &exception);
    l->wasmtime_exnref_unroot(&exception);
    return trap;
}

static wasm_trap_t *back(void *env, wasmtime_caller_t *caller,
                         const wasmtime_val_t *args, size_t arg_len,
                         wasmtime_val_t *results, size_t result_len) {
    const Side *side = env;
    if (!side->is_ready)
        return absent(env, caller, args, arg_len, results, result_len);
    Library *l = side->l;
    wasm_trap_t *trap = NULL;
    wasmtime_context_t *context = l->wasmtime_caller_context(caller);
    wasmtime_error_t *error = l->wasmtime_func_call(
        context, &side->run, NULL, 0, results, result_len, &trap);
    if (trap) return pass_on(l, context, trap);
    if (!error) return NULL;
    l->wasmtime_error_delete(error);
    return l->wasmtime_trap_new("error", strlen("error"));
}

static bool succeeds(Library *l, wasmtime_error_t *error) {
    if (error) l->wasmtime_error_delete(error);
    return !error;
}

static bool define(Side *side, wasmtime_linker_t *linker, const char *name,
                   size_t param_len, size_t result_len,
                   wasmtime_func_callback_t fn) {
    Library *l = side->l;
    wasm_valtype_t *types[3];
    for (size_t i = 0; i < param_len + result_len; i++)
        types[i] = l->wasm_valtype_new(WASM_I64);
    wasm_valtype_vec_t params, results;
    l->wasm_valtype_vec_new(&params, param_len, types);
    l->wasm_valtype_vec_new(&results, result_len, types + param_len);
    wasm_functype_t *type = l->wasm_functype_new(&params, &results);
    wasmtime_error_t *error =
        l->wasmtime_linker_define_func(linker, "host", strlen("host"), name,
                                       strlen(name), type, fn, side, NULL);
    l->wasm_functype_delete(type);
    return succeeds(l, error);
}

static bool define_all(Side *side, wasmtime_linker_t *linker) {
    side->l->wasmtime_linker_allow_shadowing(linker, true);
    return define(side, linker, "mix", 2, 1, mix) &&
           define(side, linker, "none", 0, 0, none) &&
           define(side, linker, "back", 0, 1, back) &&
           define(side, linker, "peer", 0, 1, absent);
}

// --- a module ----------------------------------------------------------------------------

typedef struct Modules {
    wasmtime_module_t *self, *lib; // lib: NULL where there is none
} Modules;

static bool imports_peer(Library *l, const wasmtime_module_t *module) {
    wasm_importtype_vec_t imports;
    l->wasmtime_module_imports(module, &imports);
    bool found = false;
    for (size_t i = 0; i < imports.size; i++) {
        const wasm_name_t *name = l->wasm_importtype_name(imports.data[i]);
        found |= name->size == strlen("peer") &&
                 memcmp(name->data, "peer", name->size) == 0;
    }
    l->wasm_importtype_vec_delete(&imports);
    return found;
}

static void set_i32(const Side *side, const char *name, int32_t value) {
    wasmtime_extern_t item;
    if (!export_of(side, name, WASMTIME_EXTERN_GLOBAL, &item)) return;
    wasmtime_val_t v = {WASMTIME_I32, {.i32 = value}};
    (void)succeeds(side->l, side->l->wasmtime_global_set(side->context,
                                                         &item.of.global, &v));
}

static int32_t get_i32(const Side *side, const char *name) {
    wasmtime_extern_t item;
    wasmtime_val_t v = {0};
    if (export_of(side, name, WASMTIME_EXTERN_GLOBAL, &item))
        side->l->wasmtime_global_get(side->context, &item.of.global, &v);
    return v.of.i32;
}

static bool call(const Side *side, const char *name, const Side *peer) {
    Library *l = side->l;
    wasmtime_extern_t item;
    if (!export_of(side, name, WASMTIME_EXTERN_FUNC, &item)) return false;
    set_i32(side, "fuel", SMITH_FUEL);
    if (peer->is_ready) set_i32(peer, "fuel", SMITH_FUEL);
    set_i32(side, "mark", 0);
    wasm_trap_t *trap = NULL;
    wasmtime_val_t value = {0};
    wasmtime_error_t *error = l->wasmtime_func_call(
        side->context, &item.of.func, NULL, 0, &value, 1, &trap);
    say_end(l, side->context, name, error, trap, value.of.i64);
    say(l, " fuel %u\n", (uint32_t)get_i32(side, "fuel"));
    return true;
}

static bool say_memory(const Side *side, const char *name) {
    Library *l = side->l;
    wasmtime_extern_t item;
    const uint8_t *bytes;
    size_t size;
    if (export_of(side, name, WASMTIME_EXTERN_MEMORY, &item)) {
        bytes = l->wasmtime_memory_data(side->context, &item.of.memory);
        size = l->wasmtime_memory_data_size(side->context, &item.of.memory);
    } else if (export_of(side, name, WASMTIME_EXTERN_SHAREDMEMORY, &item)) {
        bytes = l->wasmtime_sharedmemory_data(item.of.sharedmemory);
        size = l->wasmtime_sharedmemory_data_size(item.of.sharedmemory);
    } else {
        return false;
    }
    say(l, "%s bytes %zu hash %08x\n", name, size, diff_hash(bytes, size));
    l->wasmtime_extern_delete(&item);
    return true;
}

static void observe(const Side *side, const Side *peer) {
    char name[16];
    uint32_t i = 0;
    do
        snprintf(name, sizeof name, "r%u", i++);
    while (call(side, name, peer));
    (void)call(side, "state", peer);
    if (peer->is_ready) (void)call(peer, "state", peer);
    i = 0;
    do
        snprintf(name, sizeof name, "m%u", i++);
    while (say_memory(side, name));
}

// Instantiates with what the linker has; `what` is said when that fails.
static bool instantiate(Side *side, const wasmtime_linker_t *linker,
                        const wasmtime_module_t *module, const char *what) {
    Library *l = side->l;
    wasm_trap_t *trap = NULL;
    wasmtime_extern_t item;
    wasmtime_error_t *error = l->wasmtime_linker_instantiate(
        linker, side->context, module, &side->instance, &trap);
    bool ok = !error && !trap;
    size_t len = l->len;
    say_end(l, side->context, what, error, trap, 0);
    say(l, "\n");
    if (ok && export_of(side, "r0", WASMTIME_EXTERN_FUNC, &item))
        side->run = item.of.func;
    if (ok && strcmp(what, "start") != 0) l->len = len; // goes without saying
    return ok;
}

// A linker for one of the two instances; NULL: it cannot be made.
static wasmtime_linker_t *linker_for(Side *side, const Side *lib) {
    Library *l = side->l;
    wasmtime_linker_t *linker = l->wasmtime_linker_new(l->engine);
    bool ok =
        define_all(side, linker) &&
        (!lib->is_ready || succeeds(l, l->wasmtime_linker_define_instance(
                                           linker, side->context, "lib",
                                           strlen("lib"), &lib->instance)));
    if (ok) return linker;
    l->wasmtime_linker_delete(linker);
    return NULL;
}

// The other instance, whose r0 is what the module imports.
static void make_peer(Side *peer, const Side *lib, const Modules *m,
                      wasmtime_linker_t *linker) {
    Library *l = peer->l;
    wasmtime_linker_t *own = linker_for(peer, lib);
    size_t len = l->len;
    peer->is_ready = own && instantiate(peer, own, m->self, "peer");
    l->len = len; // a peer may be absent
    l->wasmtime_linker_delete(own);
    if (!peer->is_ready) return;
    wasmtime_extern_t item = {WASMTIME_EXTERN_FUNC, {.func = peer->run}};
    (void)succeeds(l, l->wasmtime_linker_define(linker, peer->context, "host",
                                                strlen("host"), "peer",
                                                strlen("peer"), &item));
}

static void run_in(Library *l, wasmtime_context_t *context, const Modules *m) {
    Side self = {.l = l, .context = context}, peer = self, lib = self;
    if (m->lib) {
        wasmtime_linker_t *empty = l->wasmtime_linker_new(l->engine);
        lib.is_ready = instantiate(&lib, empty, m->lib, "lib");
        l->wasmtime_linker_delete(empty);
        if (!lib.is_ready) return;
    }
    wasmtime_linker_t *linker = linker_for(&self, &lib);
    if (!linker) return;
    if (imports_peer(l, m->self)) make_peer(&peer, &lib, m, linker);
    self.is_ready = instantiate(&self, linker, m->self, "start");
    if (self.is_ready) observe(&self, &peer);
    l->wasmtime_linker_delete(linker);
}

enum {
    HEADER_SIZE = 8,
    SECTION_custom = 0,
};

// The bytes of the custom section `lib`.
static Bytes lib_of(Bytes module) {
    Err err = {0};
    Reader r;
    reader_init(&r, module.data, module.size, 0, &err);
    (void)read_bytes(&r, HEADER_SIZE);
    while (reader_ok(&r) && reader_left(&r)) {
        uint8_t id = read_u8(&r);
        uint32_t size = read_u32(&r);
        const uint8_t *start = read_bytes(&r, size);
        static const uint8_t name[] = {3, 'l', 'i', 'b'};
        if (reader_ok(&r) && id == SECTION_custom && size >= sizeof name &&
            memcmp(start, name, sizeof name) == 0)
            return (Bytes){.data = start + sizeof name,
                           .size = size - (uint32_t)sizeof name};
    }
    return (Bytes){0};
}

static wasmtime_module_t *load(Library *l, Bytes bytes) {
    wasmtime_module_t *module = NULL;
    wasmtime_error_t *error =
        l->wasmtime_module_new(l->engine, bytes.data, bytes.size, &module);
    if (!error) return module;
    say(l, "start ");
    say_error(l, error);
    l->wasmtime_error_delete(error);
    return NULL;
}

void library_run(Library *l, Bytes module) {
    l->len = 0;
    l->text[0] = 0;
    Bytes lib = lib_of(module);
    Modules m = {.self = load(l, module)};
    if (m.self && lib.size) m.lib = load(l, lib);
    wasmtime_store_t *store = l->wasmtime_store_new(l->engine, NULL, NULL);
    if (m.self && store && (m.lib || !lib.size))
        run_in(l, l->wasmtime_store_context(store), &m);
    if (store) l->wasmtime_store_delete(store);
    if (m.lib) l->wasmtime_module_delete(m.lib);
    if (m.self) l->wasmtime_module_delete(m.self);
    l->text[l->len] = 0;
}
