// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// foliot.h: version, features, engines, and what belongs to the process.
#include "api/api_int.h"
#include "api/foliot_int.h"

#include "base/alloc.h"
#include "base/log.h"
#include "os/fault.h"

#include <foliot.h>

bool option_copy(void *out, size_t out_size, const void *from, size_t least) {
    size_t size;
    if (!from) return false;
    memcpy(&size, from, sizeof size);
    if (size < least || size > out_size) return false;
    memset(out, 0, out_size);
    memcpy(out, from, size);
    return true;
}

// --- version and features ------------------------------------------------------

const char *foliot_version(void) {
    return FOLIOT_VERSION;
}

bool foliot_feature_at(size_t index, foliot_feature_t *out) {
    if (index >= FEATURE_count || !out) return false;
    const FeatureInfo *f = &feature_info[index];
    foliot_feature_t all = {
        .size = out->size,
        .name = f->flag,
        .what = f->what,
        .phase = f->phase,
        .is_default = f->is_default,
    };
    if (out->size < sizeof all.size || out->size > sizeof all) return false;
    memcpy(out, &all, out->size);
    return true;
}

static bool find_feature(const char *name, Feature *out) {
    if (!name) return false;
    *out = feature_find(str_of(name));
    return *out != FEATURE_count;
}

bool foliot_config_feature_set(wasm_config_t *config, const char *name,
                               bool on) {
    Feature f;
    if (!config || !find_feature(name, &f)) return false;
    FeatureSet *set = &config->engine.features;
    *set = features_with(*set, f, on);
    return true;
}

bool foliot_engine_has_feature(const wasm_engine_t *engine, const char *name) {
    Feature f;
    return find_feature(name, &f) &&
           feature_on(engine->engine->config.features, f);
}

bool foliot_config_limit_set(wasm_config_t *config, const char *name,
                             uint64_t value) {
    LimitId id = name ? limit_find(str_of(name)) : LIMIT_count;
    if (!config || id == LIMIT_count) return false;
    *limit_at(&config->engine.limits, id) = value;
    return true;
}

bool foliot_engine_limit(const wasm_engine_t *engine, const char *name,
                         uint64_t *value) {
    LimitId id = name ? limit_find(str_of(name)) : LIMIT_count;
    if (id == LIMIT_count) return false;
    LimitSet limits = engine->engine->config.limits;
    *value = *limit_at(&limits, id);
    return true;
}

// --- engines -------------------------------------------------------------------

wasm_engine_t *foliot_engine_new(wasm_config_t *config,
                                 wasmtime_error_t **error) {
    wasm_config_t *c = config ? config : wasm_config_new();
    const char *refused = c ? config_settle(c) : NULL;
    *error = refused ? error_of_text("%s", refused) : NULL;
    wasm_engine_t *engine = wasm_engine_new_with_config(c);
    if (!engine && !*error) *error = error_no_memory();
    return engine;
}

bool foliot_config_tier_set(wasm_config_t *config, foliot_tier_t tier) {
    static const TierPolicy tiers[] = {
        [FOLIOT_TIER_AUTO] = TIERS_auto,
        [FOLIOT_TIER_INTERPRETER] = TIERS_interp,
        [FOLIOT_TIER_BASELINE] = TIERS_baseline,
        [FOLIOT_TIER_OPTIMIZING] = TIERS_optimizing,
    };
    if (!config || (size_t)tier >= COUNTOF(tiers)) return false;
    config->engine.tiers = tiers[tier];
    return true;
}

bool foliot_config_tiering_set(wasm_config_t *config,
                               const foliot_tiering_t *tiering) {
    foliot_tiering_t t;
    if (!config || !option_copy(&t, sizeof t, tiering, sizeof t)) return false;
    if ((unsigned)t.compile > FOLIOT_COMPILE_COUNTED) return false;
    EngineConfig *c = &config->engine;
    c->compile_eagerly = t.compile == FOLIOT_COMPILE_EAGER;
    bool counts = t.compile == FOLIOT_COMPILE_COUNTED;
    c->tier_calls = !counts ? 0 : t.calls ? t.calls : (uint32_t)TIER_CALLS;
    c->tier_loops = !counts ? 0 : t.loops ? t.loops : (uint32_t)TIER_LOOPS;
    return true;
}

const char *foliot_engine_tier(const wasm_engine_t *engine) {
    return engine->engine->tier->name;
}

bool foliot_config_executor_set(wasm_config_t *config,
                                const foliot_executor_t *executor) {
    foliot_executor_t e;
    if (!config || !option_copy(&e, sizeof e, executor, sizeof e)) return false;
    if (!e.submit) return false;
    Executor *old = &config->engine.executor;
    if (old->free) old->free(old->env);
    *old = (Executor){.env = e.env, .submit = e.submit, .free = e.free};
    return true;
}

// --- the process ---------------------------------------------------------------

bool foliot_set_allocator(const foliot_allocator_t *allocator) {
    if (allocator_is_held()) return false;
    if (!allocator) {
        allocator_set(NULL);
        return true;
    }
    foliot_allocator_t a;
    if (!option_copy(&a, sizeof a, allocator, sizeof a)) return false;
    if (!a.alloc || !a.realloc || !a.free) return false;
    Allocator all = {
        .alloc = a.alloc,
        .realloc = a.realloc,
        .free = a.free,
        .env = a.env,
    };
    allocator_set(&all);
    return true;
}

static_assert(FOLIOT_LOG_DECODE == 1 << LOG_decode &&
                  FOLIOT_LOG_VALID == 1 << LOG_valid &&
                  FOLIOT_LOG_INTERP == 1 << LOG_interp &&
                  FOLIOT_LOG_GC == 1 << LOG_gc &&
                  FOLIOT_LOG_WASI == 1 << LOG_wasi &&
                  FOLIOT_LOG_CODE == 1 << LOG_code,
              "topics are bits");

static struct {
    void (*sink)(void *env, foliot_log_topic_t topic, const char *line);
    void *env;
} log_to;

static void on_line(void *env, LogTopic topic, const char *line) {
    (void)env;
    log_to.sink(log_to.env, (foliot_log_topic_t)(1 << topic), line);
}

void foliot_set_log(void (*sink)(void *env, foliot_log_topic_t topic,
                                 const char *line),
                    void *env, uint32_t topics) {
    log_sink_set(NULL, NULL, 0);
    log_to.sink = sink;
    log_to.env = env;
    if (sink) log_sink_set(on_line, NULL, topics);
}

void foliot_set_fatal(void (*fatal)(const char *what, const char *file,
                                    int line)) {
    fatal_hook_set(fatal);
}

bool foliot_handle_fault(int signal, void *info, void *context) {
    return fault_offer(signal, info, context);
}
