// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// wasmtime/config.h: setters of an engine's configuration. What each means here
// is in docs/c-api.md.
#include "api/api_int.h"

#include "base/alloc.h"
#include "os/cpu.h"

#include <wasmtime/config.h>

// --- keeping and refusing ------------------------------------------------------

void config_fail(wasm_config_t *c, const char *error) {
    if (!c->error) c->error = error;
}

static void refuse(wasm_config_t *c, bool on, const char *error) {
    if (c && on) config_fail(c, error);
}

const char *config_settle(wasm_config_t *c) {
    EngineConfig *e = &c->engine;
    e->is_deterministic |= c->canonical_nans || c->fixed_relaxed;
    if (c->no_objects) {
        e->features = features_with(e->features, FEATURE_gc, false);
        e->features = features_with(e->features, FEATURE_exceptions, false);
    }
    return c->error;
}

void wasm_config_delete(wasm_config_t *c) {
    if (!c) return;
    engine_config_release(&c->engine);
    mem_free(c->cache_dir);
    mem_free(c);
    allocator_let_go();
}

// --- features ------------------------------------------------------------------

#define FEATURE_SETTER(name, feature)                               \
    void name(wasm_config_t *c, bool on) {                          \
        FeatureSet *set = c ? &c->engine.features : NULL;           \
        if (set) *set = features_with(*set, FEATURE_##feature, on); \
    }

// clang-format off
FEATURE_SETTER(wasmtime_config_wasm_threads_set,             threads)
FEATURE_SETTER(wasmtime_config_wasm_tail_call_set,           tail_call)
FEATURE_SETTER(wasmtime_config_wasm_reference_types_set,     reference_types)
FEATURE_SETTER(wasmtime_config_wasm_function_references_set, function_references)
FEATURE_SETTER(wasmtime_config_wasm_gc_set,                  gc)
FEATURE_SETTER(wasmtime_config_wasm_simd_set,                simd)
FEATURE_SETTER(wasmtime_config_wasm_relaxed_simd_set,        relaxed_simd)
FEATURE_SETTER(wasmtime_config_wasm_bulk_memory_set,         bulk_memory)
FEATURE_SETTER(wasmtime_config_wasm_multi_value_set,         multi_value)
FEATURE_SETTER(wasmtime_config_wasm_multi_memory_set,        multi_memory)
FEATURE_SETTER(wasmtime_config_wasm_memory64_set,            memory64)
FEATURE_SETTER(wasmtime_config_wasm_wide_arithmetic_set,     wide_arithmetic)
FEATURE_SETTER(wasmtime_config_wasm_exceptions_set,          exceptions)
FEATURE_SETTER(wasmtime_config_wasm_custom_page_sizes_set,   custom_page_sizes)
// clang-format on

void wasmtime_config_wasm_compact_imports_set(wasm_config_t *c, bool on) {
    refuse(c, on, "the compact imports proposal is not supported");
}

void wasmtime_config_wasm_stack_switching_set(wasm_config_t *c, bool on) {
    refuse(c, on, "the stack switching proposal is not supported");
}

void wasmtime_config_wasm_branch_hinting_set(wasm_config_t *c, bool on) {
    (void)c, (void)on; // a custom section
}

void wasmtime_config_macos_use_mach_ports_set(wasm_config_t *c, bool on) {
    (void)c, (void)on; // another host's
}

// --- fields --------------------------------------------------------------------

#define FIELD_SETTER(name, type, field, value) \
    void name(wasm_config_t *c, type x) {      \
        if (c) c->field = (value);             \
    }

// clang-format off
FIELD_SETTER(wasmtime_config_gc_support_set, bool, no_objects, !x)
FIELD_SETTER(wasmtime_config_wasm_relaxed_simd_deterministic_set, bool, fixed_relaxed, x)
FIELD_SETTER(wasmtime_config_cranelift_nan_canonicalization_set, bool, canonical_nans, x)
FIELD_SETTER(wasmtime_config_consume_fuel_set, bool, engine.use_fuel, x)
FIELD_SETTER(wasmtime_config_epoch_interruption_set, bool, engine.use_epoch, x)
FIELD_SETTER(wasmtime_config_shared_memory_set, bool, engine.no_shared_memory, !x)
FIELD_SETTER(wasmtime_config_signals_based_traps_set, bool, engine.no_signals, !x)
FIELD_SETTER(wasmtime_config_memory_may_move_set, bool, engine.memory_is_fixed, !x)
FIELD_SETTER(wasmtime_config_memory_reservation_set, uint64_t, engine.memory_reservation, x)
FIELD_SETTER(wasmtime_config_memory_guard_size_set, uint64_t, engine.memory_guard, x)
FIELD_SETTER(wasmtime_config_memory_reservation_for_growth_set, uint64_t, engine.memory_growth, x)
FIELD_SETTER(wasmtime_config_memory_init_cow_set, bool, engine.no_images, !x)
FIELD_SETTER(wasmtime_config_cranelift_debug_verifier_set, bool, engine.verify_code, x)
FIELD_SETTER(wasmtime_config_debug_info_set, bool, engine.debug_info, x)
FIELD_SETTER(wasmtime_config_native_unwind_info_set, bool, engine.no_unwind_info, !x)
FIELD_SETTER(wasmtime_config_parallel_compilation_set, bool, engine.compile_threads, x ? cpu_count() : 0)
// clang-format on

void wasmtime_config_max_wasm_stack_set(wasm_config_t *c, size_t size) {
    if (!c) return;
    if (size == 0) config_fail(c, "max_wasm_stack is zero");
    c->engine.limits.stack_size = size;
}

// --- compilers -----------------------------------------------------------------

void wasmtime_config_strategy_set(wasm_config_t *c, wasmtime_strategy_t s) {
    static const TierPolicy tiers[] = {
        [WASMTIME_STRATEGY_AUTO] = TIERS_auto,
        [WASMTIME_STRATEGY_CRANELIFT] = TIERS_optimizing,
        [WASMTIME_STRATEGY_WINCH] = TIERS_baseline,
    };
    if (!c) return;
    if (s < COUNTOF(tiers))
        c->engine.tiers = tiers[s];
    else
        config_fail(c, "unknown strategy");
}

void wasmtime_config_cranelift_opt_level_set(wasm_config_t *c,
                                             wasmtime_opt_level_t level) {
    static const OptLevel levels[] = {
        [WASMTIME_OPT_LEVEL_NONE] = OPT_none,
        [WASMTIME_OPT_LEVEL_SPEED] = OPT_speed,
        [WASMTIME_OPT_LEVEL_SPEED_AND_SIZE] = OPT_speed_and_size,
    };
    if (!c) return;
    if (level < COUNTOF(levels))
        c->engine.opt_level = levels[level];
    else
        config_fail(c, "unknown optimization level");
}

void wasmtime_config_cranelift_regalloc_algorithm_set(
    wasm_config_t *c, wasmtime_regalloc_algorithm_t algorithm) {
    if (!c) return;
    c->engine.quick_regalloc = algorithm == WASMTIME_REGALLOC_SINGLE_PASS;
    if (algorithm > WASMTIME_REGALLOC_SINGLE_PASS)
        config_fail(c, "unknown algorithm of register allocation");
}

void wasmtime_config_profiler_set(wasm_config_t *c,
                                  wasmtime_profiling_strategy_t strategy) {
    if (!c) return;
    c->engine.perf_map = strategy == WASMTIME_PROFILING_STRATEGY_PERFMAP;
    c->engine.jitdump = strategy == WASMTIME_PROFILING_STRATEGY_JITDUMP;
    if (strategy != WASMTIME_PROFILING_STRATEGY_NONE && !c->engine.perf_map &&
        !c->engine.jitdump)
        config_fail(c, "this kind of profiling is not supported");
}

void wasmtime_config_cranelift_flag_enable(wasm_config_t *c, const char *flag) {
    (void)flag;
    refuse(c, true, "no code generator here has such flags");
}

void wasmtime_config_cranelift_flag_set(wasm_config_t *c, const char *key,
                                        const char *value) {
    (void)value;
    wasmtime_config_cranelift_flag_enable(c, key);
}

// Is it this architecture, on this system?
static bool is_host_triple(const char *text) {
    size_t len = strlen(cpu_arch);
    return strncmp(text, cpu_arch, len) == 0 && text[len] == '-' &&
           strstr(text + len, "-linux");
}

wasmtime_error_t *wasmtime_config_target_set(wasm_config_t *c,
                                             const char *triple) {
    if (c && triple && is_host_triple(triple)) return NULL;
    return error_of_text("the target is not this host: %.100s",
                         triple ? triple : "");
}

// --- memories ------------------------------------------------------------------

// The embedder's callbacks, behind the runtime's.

static uint8_t *linear_get(void *env, size_t *size, size_t *capacity) {
    const wasmtime_linear_memory_t *l = env;
    return l->get_memory(l->env, size, capacity);
}

static bool linear_grow(void *env, size_t size) {
    const wasmtime_linear_memory_t *l = env;
    wasmtime_error_t *error = l->grow_memory(l->env, size);
    if (error) wasmtime_error_delete(error);
    return !error;
}

static void linear_free(void *env) {
    wasmtime_linear_memory_t *l = env;
    if (l->finalizer) l->finalizer(l->env);
    mem_free(l);
}

static bool take_error(wasmtime_error_t *error, Err *err) {
    wasm_name_t text;
    wasmtime_error_message(error, &text);
    wasmtime_error_delete(error);
    (void)err_at(err, ERR_NOWHERE, E_creator_refused, (int)text.size,
                 text.data ? text.data : "");
    wasm_byte_vec_delete(&text);
    return false;
}

static bool creator_create(void *env, const MemoryType *type, size_t min,
                           size_t max, size_t reserved, size_t guard,
                           HostMemory *out, Err *err) {
    const wasmtime_memory_creator_t *c = env;
    wasm_memorytype_t *shown = memorytype_of(type);
    wasmtime_linear_memory_t *l = MEM_NEW(wasmtime_linear_memory_t);
    wasmtime_error_t *error = error_no_memory();
    if (shown && l)
        error = c->new_memory(c->env, shown, min, max, reserved, guard, l);
    wasm_memorytype_delete(shown);
    if (!error) {
        *out = (HostMemory){
            .env = l,
            .get = linear_get,
            .grow = linear_grow,
            .free = linear_free,
        };
        return true;
    }
    mem_free(l);
    return take_error(error, err);
}

static void creator_free(void *env) {
    wasmtime_memory_creator_t *c = env;
    if (c->finalizer) c->finalizer(c->env);
    mem_free(c);
}

void wasmtime_config_host_memory_creator_set(
    wasm_config_t *c, wasmtime_memory_creator_t *creator) {
    if (!c || !creator) return;
    wasmtime_memory_creator_t *copy = MEM_NEW(wasmtime_memory_creator_t);
    if (!copy) {
        if (creator->finalizer) creator->finalizer(creator->env);
        config_fail(c, "out of memory");
        return;
    }
    *copy = *creator;
    MemoryCreator *old = &c->engine.memory_creator;
    if (old->free) old->free(old->env);
    *old = (MemoryCreator){
        .env = copy,
        .create = creator_create,
        .free = creator_free,
    };
}
