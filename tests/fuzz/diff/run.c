// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/diff/diff.h"

#include "fuzz/diff/hash.h"
#include "rt/linker.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// Adding a tier, or a way to run one, is adding a row. Those prove whose machine
// code is another than that of the rows above.
// clang-format off
const DiffConfig diff_configs[DIFF_configs] = {
    {.name = "plain", .tiers = TIERS_interp, .has_guards = true},
    {.name = "fuel", .tiers = TIERS_interp, .use_fuel = true},
    {.name = "collect-always", .tiers = TIERS_interp, .collects_always = true},
    {.name = "deterministic", .tiers = TIERS_interp, .is_deterministic = true},
    {.name = "baseline", .tiers = TIERS_baseline, .has_guards = true, .proves = true},
    {.name = "baseline-fuel", .tiers = TIERS_baseline, .use_fuel = true, .proves = true},
    {.name = "baseline-collect", .tiers = TIERS_baseline, .collects_always = true},
    {.name = "baseline-chaos", .tiers = TIERS_baseline, .is_deterministic = true, .chaos_seed = 1, .proves = true},
    {.name = "mixed", .tiers = TIERS_baseline, .has_guards = true, .tier_seed = 1},
    {.name = "mixed-fuel", .tiers = TIERS_baseline, .use_fuel = true, .tier_seed = 2},
    {.name = "ahead", .tiers = TIERS_baseline, .has_guards = true, .is_ahead = true},
};
// clang-format on

const char *const diff_trap_name[TRAP_count] = {
#define TRAP(name, text) [TRAP_##name] = #name,
#include "wasm/trap.def"
};

// What the checkers of finished code refused last. Engines here use one thread.
static char refused[160];

static void refuse(const char *why) {
    snprintf(refused, sizeof refused, "%s", why);
}

bool diff_run_init(DiffRun *r, const DiffConfig *config) {
    EngineConfig c;
    engine_config_init(&c);
    c.features = FEATURES_ALL;
    c.tiers = config->tiers;
    c.use_fuel = config->use_fuel;
    c.gc_collect_always = config->collects_always;
    c.is_deterministic = config->is_deterministic;
    c.use_guards = config->has_guards;
    c.chaos_seed = config->chaos_seed;
    c.tier_seed = config->tier_seed;
    c.verify_code |= config->proves;
    c.verify_values |= config->proves;
    c.code_refused = refuse;
    // Calls between tiers and through the host nest frames of C, which
    // sanitizers make large.
    c.limits.stack_size = (uint64_t)6 << 20;
    *r = (DiffRun){.config = config, .engine = engine_new(&c)};
    return r->engine != NULL;
}

void diff_run_release(DiffRun *r) {
    engine_unref(r->engine);
}

// --- what is observed --------------------------------------------------------------------

PRINTF(2, 3) static void say(DiffRun *r, const char *format, ...) {
    va_list args;
    va_start(args, format);
    size_t left = sizeof r->text - r->len;
    int len = vsnprintf(r->text + r->len, left, format, args);
    va_end(args);
    if (len > 0 && (size_t)len < left) r->len += (size_t)len;
}

static void say_end(DiffRun *r, const char *name, Store *store, Status status,
                    uint64_t value) {
    switch (status) {
    case STATUS_ok:
        say(r, "%s ok %016llx", name, (unsigned long long)value);
        return;
    case STATUS_exception:
        say(r, "%s exception", name);
        return;
    case STATUS_trap:
        say(r, "%s trap %s", name, diff_trap_name[store->trap.code]);
        return;
    }
    UNREACHABLE();
}

// --- what modules import -----------------------------------------------------------------

static Status mix(HostCall *call) {
    call->is_result = true;
    call->values[0] =
        (Raw){.u64 = smith_mix(call->values[0].u64, call->values[1].u64)};
    return STATUS_ok;
}

static Status none(HostCall *call) {
    call->is_result = true;
    return STATUS_ok;
}

static Status absent(HostCall *call) {
    call->is_result = true;
    call->values[0] = (Raw){.u64 = SMITH_ABSENT};
    return STATUS_ok;
}

// Into the module again; what it throws goes through this frame.
static Status back(HostCall *call) {
    const DiffRun *r = call->env;
    Extern item;
    Err err = {0};
    bool is_ready = call->caller == r->self || call->caller == r->peer;
    if (!is_ready || !instance_export(call->caller, STR("r0"), &item, &err))
        return absent(call);
    call->is_result = true;
    return func_call(call->store, item.func, call->values);
}

static bool define(DiffRun *r, Linker *l, const char *name, uint32_t params,
                   uint32_t results, HostFn fn) {
    const RtValType types[] = {{.code = VT_i64}, {.code = VT_i64}};
    Registry *registry = r->engine->registry;
    RtType *type = registry_func_type(registry, types, params, types, results);
    Err err = {0};
    bool ok = type && linker_define_func(l, STR("host"), str_of(name), type, fn,
                                         r, NULL, &err);
    if (type) rt_type_unref(registry, type);
    return ok;
}

static bool define_all(DiffRun *r, Linker *l) {
    linker_allow_shadowing(l, true);
    return define(r, l, "mix", 2, 1, mix) && define(r, l, "none", 0, 0, none) &&
           define(r, l, "back", 0, 1, back) &&
           define(r, l, "peer", 0, 1, absent);
}

static bool imports_peer(const Module *m) {
    VEC_EACH (Import, import, &m->imports)
        if (str_eq(import->name, STR("peer"))) return true;
    return false;
}

// Another instance of the module, whose function `r0` is what it imports.
static void make_peer(DiffRun *r, Store *store, Linker *l, RtModule *m) {
    Err err = {0};
    Extern item;
    Instance *peer = NULL;
    Status status = linker_instantiate(l, store, m, &peer, &err);
    trap_clear(&store->trap);
    store->exception = 0;
    if (!err_ok(&err) || status != STATUS_ok) return;
    if (instance_export(peer, STR("r0"), &item, &err) &&
        linker_define(l, STR("host"), STR("peer"), &item, store, &err))
        r->peer = peer;
}

// --- a module ------------------------------------------------------------------------------

static Global *global_of(Instance *inst, const char *name) {
    Extern item;
    Err err = {0};
    return instance_export(inst, str_of(name), &item, &err) ? item.global
                                                            : NULL;
}

static bool call(DiffRun *r, Instance *inst, const char *name) {
    Store *store = inst->store;
    Global *fuel = global_of(inst, "fuel"), *mark = global_of(inst, "mark");
    Extern item;
    Err err = {0};
    if (!fuel || !mark || !instance_export(inst, str_of(name), &item, &err))
        return false;
    fuel->cell.u64 = SMITH_FUEL;
    if (r->peer) global_of(r->peer, "fuel")->cell.u64 = SMITH_FUEL;
    mark->cell.u64 = 0;
    Raw value = {0};
    Status status = func_call(store, item.func, &value);
    say_end(r, name, store, status, value.u64);
    say(r, " fuel %u\n", fuel->cell.u32);
    Op marked = smith_marked(mark->cell.u32);
    if (marked != OP_count) r->executed[marked]++;
    if (status == STATUS_trap) r->traps[store->trap.code]++;
    trap_clear(&store->trap);
    store->exception = 0;
    return true;
}

// All that is exported under the names that tests/fuzz/smith/smith.h lists.
static void observe(DiffRun *r, Instance *inst) {
    char name[16];
    for (uint32_t i = 0;; i++) {
        snprintf(name, sizeof name, "r%u", i);
        if (!call(r, inst, name)) break;
    }
    if (!call(r, inst, "state")) say(r, "state is not exported\n");
    if (r->peer) (void)call(r, r->peer, "state");
    for (uint32_t i = 0;; i++) {
        Extern item;
        Err err = {0};
        snprintf(name, sizeof name, "m%u", i);
        if (!instance_export(inst, str_of(name), &item, &err)) break;
        uint64_t size = memory_size(item.memory);
        say(r, "%s bytes %llu hash %08x\n", name, (unsigned long long)size,
            diff_hash(item.memory->base, size));
    }
}

// What the module imports besides functions.
static bool make_lib(Store *store, Linker *l, RtModule *lib, Err *err) {
    Instance *inst;
    if (!lib) return true;
    return linker_instantiate(l, store, lib, &inst, err) == STATUS_ok &&
           err_ok(err) && linker_define_instance(l, STR("lib"), inst, err);
}

static void instantiate(DiffRun *r, Store *store, Linker *l, RtModule *m,
                        RtModule *lib) {
    Err err = {0};
    Instance *inst;
    store->context.fuel = INT64_MAX;
    if (!make_lib(store, l, lib, &err)) {
        say(r, "lib is not there: %s\n", err.text);
        return;
    }
    if (imports_peer(&m->module)) make_peer(r, store, l, m);
    Status status = linker_instantiate(l, store, m, &inst, &err);
    if (!err_ok(&err)) {
        say(r, "start is not linked: %s\n", err.text);
        return;
    }
    say_end(r, "start", store, status, 0);
    say(r, "\n");
    r->self = inst;
    if (status == STATUS_ok) observe(r, inst);
    if (r->config->use_fuel)
        r->fuel = (uint64_t)INT64_MAX - (uint64_t)store->context.fuel;
}

// The module as it comes back from a file of code.
static RtModule *through_file(DiffRun *r, RtModule *m, Err *err) {
    Arena arena;
    arena_init(&arena, 0);
    uint8_t *bytes;
    size_t size;
    RtModule *again = NULL;
    ArenaGuard guard;
    if (!ARENA_GUARD(&arena, &guard))
        (void)err_at(err, 0, E_out_of_memory);
    else if (artifact_write(m, &arena, &bytes, &size, err))
        again = artifact_load(r->engine, bytes, size, NULL, err);
    arena_unguard(&arena, &guard);
    arena_release(&arena);
    rt_module_unref(m);
    return again;
}

static RtModule *load(DiffRun *r, Bytes module, Err *err) {
    RtModule *m = module_load(r->engine, module.data, module.size, NULL, err);
    return m && r->config->is_ahead ? through_file(r, m, err) : m;
}

// The module that lies in a section of this one.
static RtModule *load_lib(DiffRun *r, const Module *m, Err *err) {
    VEC_EACH (const CustomSection, section, &m->customs)
        if (str_eq(section->name, STR("lib")))
            return load(r, module_slice(m, section->bytes), err);
    return NULL;
}

static void run_module(DiffRun *r, Bytes module) {
    Err err = {0};
    r->self = r->peer = NULL;
    RtModule *m = load(r, module, &err);
    RtModule *lib = m ? load_lib(r, &m->module, &err) : NULL;
    r->is_valid = err_ok(&err);
    if (!r->is_valid) {
        say(r, "start is not valid: %s at %llu\n", err.text,
            (unsigned long long)err.at);
        if (m) rt_module_unref(m);
        return;
    }
    Store *store = store_new(r->engine);
    Linker *l = linker_new(r->engine);
    if (store && l && define_all(r, l)) instantiate(r, store, l, m, lib);
    linker_free(l);
    if (store) store_unref(store);
    if (lib) rt_module_unref(lib);
    rt_module_unref(m);
}

// Code that is refused does not run, and another tier would answer for it: so
// that is all that is observed then.
void diff_run_module(DiffRun *r, Bytes module) {
    refused[0] = 0;
    r->len = 0;
    r->text[0] = 0;
    run_module(r, module);
    if (!refused[0]) return;
    r->len = 0;
    say(r, "refused: %s\n", refused);
}

// --- comparing -----------------------------------------------------------------------------

// A bulk instruction pays for its length before it looks at bounds
// (vmabi/fuel.h): a length that nobody can pay for ends the comparison.
static size_t comparable_len(const DiffRun *r) {
    const char *end = strstr(r->text, " trap out_of_fuel");
    if (!end) return r->len;
    while (end > r->text && end[-1] != '\n')
        end--;
    return (size_t)(end - r->text);
}

bool diff_same(const DiffRun *a, const DiffRun *b) {
    size_t len = comparable_len(b);
    if (a->config->use_fuel && b->config->use_fuel && a->fuel != b->fuel)
        return false;
    return (len < b->len || a->len == len) && a->len >= len &&
           memcmp(a->text, b->text, len) == 0;
}

const DiffRun *diff_judge(const DiffRun *runs, int i) {
    int first = 0;
    while (runs[i].config->use_fuel && !runs[first].config->use_fuel)
        first++;
    return first == i ? &runs[0] : &runs[first];
}
