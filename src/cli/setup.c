// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From options to an engine.
#include "base/log.h"
#include "cli/profile.h"
#include "cli/report.h"
#include "cli/tool.h"
#include "engine/cache.h"
#include "engine/load.h"
#include "os/cpu.h"

#include <stdio.h>
#include <string.h>

enum {
    CACHE_PATH_MAX = 4096
};

// First what is turned on, with all that it builds on; then what is turned off,
// with all that builds on it.
static FeatureSet features_of(const Options *o) {
    FeatureSet set = features_default();
    const OptionValue *all = &o->values[OPTION_all_proposals];
    if (all->is_set) set = all->is_on ? FEATURES_ALL : FEATURE_BIT(mvp);
    for (int on = 1; on >= 0; on--)
        for (int f = 0; f < FEATURE_count; f++) {
            const OptionValue *v = &o->values[OPTION_feature_mvp + f];
            if (v->is_set && v->is_on == on)
                set = features_with(set, (Feature)f, on);
        }
    return set;
}

static void set_limits(const Options *o, LimitSet *limits) {
    for (int i = 0; i < LIMIT_count; i++) {
        const OptionValue *v = &o->values[OPTION_limit_module_size + i];
        if (v->is_set) *limit_at(limits, (LimitId)i) = v->number;
    }
}

static void set_memory(const Options *o, EngineConfig *config) {
    const OptionValue *reservation = &o->values[OPTION_reservation];
    const OptionValue *guard = &o->values[OPTION_guard_size];
    if (reservation->is_set) config->memory_reservation = reservation->number;
    if (guard->is_set) config->memory_guard = guard->number;
    if (!option_or(o, OPTION_may_move, true))
        config->memory_reservation =
            MAX(config->memory_reservation, (uint64_t)4 << 30);
    config->use_guards = option_or(o, OPTION_signals, config->use_guards);
}

static void set_tiers(const Options *o, EngineConfig *config) {
    const OptionValue *calls = &o->values[OPTION_tier_calls];
    const OptionValue *loops = &o->values[OPTION_tier_loops];
    const char *when = o->values[OPTION_compile].text;
    config->compile_eagerly = when && !strcmp(when, "eager");
    if (when) config->tier_calls = 0;
    if (!when || !strcmp(when, "counted")) {
        if (when) config->tier_calls = TIER_CALLS;
        if (calls->is_set)
            config->tier_calls = (uint32_t)MIN(calls->number, UINT32_MAX - 1);
        if (loops->is_set)
            config->tier_loops = (uint32_t)MIN(loops->number, UINT32_MAX - 1);
    }
    config->tier_seed = o->values[OPTION_tier_seed].number;
}

// An option's number, where it was given; too large ones are the largest.
static void set_count(const Options *o, OptionId id, uint32_t *out) {
    const OptionValue *v = &o->values[id];
    if (v->is_set) *out = (uint32_t)MIN(v->number, (uint64_t)UINT32_MAX);
}

static void set_size(const Options *o, OptionId id, uint64_t *out) {
    if (o->values[id].is_set) *out = o->values[id].number;
}

static void set_pool(const Options *o, EngineConfig *config) {
    config->no_images = !option_or(o, OPTION_init_cow, true);
    if (!option_on(o, OPTION_pooling)) return;
    PoolConfig pool;
    pool_config_init(&pool);
    set_count(o, OPTION_pool_instances, &pool.max[POOL_instances]);
    set_count(o, OPTION_pool_memories, &pool.max[POOL_memories]);
    set_count(o, OPTION_pool_tables, &pool.max[POOL_tables]);
    set_count(o, OPTION_pool_stacks, &pool.max[POOL_stacks]);
    set_count(o, OPTION_pool_heaps, &pool.max[POOL_heaps]);
    set_size(o, OPTION_pool_memory_size, &pool.memory_size);
    set_size(o, OPTION_pool_elements, &pool.table_elements);
    set_count(o, OPTION_pool_warm, &pool.warm);
    set_size(o, OPTION_pool_resident, &pool.resident);
    engine_config_set_pool(config, &pool);
}

static _Atomic bool has_refusals;

static void code_refused(const char *why) {
    fprintf(stderr, "error: %s\n", why);
    atomic_store(&has_refusals, true);
}

bool setup_has_refusals(void) {
    return atomic_load(&has_refusals);
}

// Names of other runtimes' compilers stand for ours of their kind.
static void set_compiler(const Options *o, EngineConfig *config) {
    static const struct {
        const char *name;
        TierPolicy tiers;
    } names[] = {
        {"auto", TIERS_auto},         {"interp", TIERS_interp},
        {"baseline", TIERS_baseline}, {"winch", TIERS_baseline},
        {"opt", TIERS_optimizing},    {"cranelift", TIERS_optimizing},
    };
    const char *name = o->values[OPTION_compiler].text;
    for (size_t i = 0; name && i < COUNTOF(names); i++)
        if (!strcmp(name, names[i].name)) config->tiers = names[i].tiers;
    bool needs_code = o->tool == TOOL_objdump || o->tool == TOOL_explore ||
                      o->tool == TOOL_compile ||
                      option_on(o, OPTION_allow_precompiled);
    if (needs_code && config->tiers == TIERS_auto)
        config->tiers = TIERS_baseline;
    if (option_or(o, OPTION_parallel, true))
        config->compile_threads = cpu_count();
    const char *cpu = o->values[OPTION_cpu].text;
    config->cpu_floor = cpu && !strcmp(cpu, "floor");
    set_tiers(o, config);
    config->verify_code = option_or(o, OPTION_verify_code, config->verify_code);
    config->code_refused = code_refused;
    config->verify_values =
        option_or(o, OPTION_verify_values, config->verify_values);
    config->chaos_seed = o->values[OPTION_chaos_seed].number;
}

static void print_log(void *env, LogTopic topic, const char *line) {
    (void)env, (void)topic;
    fprintf(stderr, "log: %s\n", line);
}

static void set_config(const Options *o, EngineConfig *config) {
    engine_config_init(config);
    config->features = features_of(o);
    set_pool(o, config);
    set_limits(o, &config->limits); // which may say more than the pool
    set_memory(o, config);
    config->use_fuel = o->values[OPTION_fuel].is_set;
    ProfileKind profile = profile_kind(o);
    config->gc_collect_always = option_on(o, OPTION_gc_always);
    config->use_epoch = o->values[OPTION_timeout].is_set ||
                        profile == PROFILE_guest || config->gc_collect_always;
    config->perf_map = profile == PROFILE_perfmap;
    config->jitdump = profile == PROFILE_jitdump;
    config->debug_info = option_on(o, OPTION_debug_info);
    config->keep_slots =
        option_or(o, OPTION_keep_slots, o->values[OPTION_coredump].text);
    config->is_deterministic = option_on(o, OPTION_nan_canonicalization) ||
                               option_on(o, OPTION_relaxed_deterministic);
    if (option_on(o, OPTION_logging))
        log_sink_set(print_log, NULL, (1u << LOG_topic_count) - 1);
    config->trace_lines = true;
    set_compiler(o, config);
}

static void set_cache(const Options *o, EngineConfig *config, char *room,
                      size_t size) {
    const char *dir = o->values[OPTION_cache_dir].text;
    config->cache_size = o->values[OPTION_cache_size].number;
    if (!option_or(o, OPTION_cache, dir != NULL)) return;
    if (!dir && cache_default_dir(room, size)) dir = room;
    config->cache_dir = dir;
}

Engine *setup_engine(const Options *o) {
    EngineConfig config;
    char dir[CACHE_PATH_MAX];
    set_config(o, &config);
    set_cache(o, &config, dir, sizeof dir);
    Engine *e = engine_new(&config);
    if (!e) (void)report_no_memory();
    return e;
}
