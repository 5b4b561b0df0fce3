// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "engine/load.h"

#include "base/alloc.h"
#include "binary/binary.h"
#include "engine/artifact_int.h"
#include "engine/cache.h"
#include "engine/compiled_int.h"
#include "engine/copy.h"
#include "engine/fork.h"
#include "engine/validate.h"
#include "interp/interp.h"
#include "rt/image.h"
#include "text/text.h"

static bool is_compiled(TierPolicy tiers) {
    switch (tiers) {
    case TIERS_interp:
        return false;
    case TIERS_auto:
    case TIERS_baseline:
    case TIERS_optimizing:
        break;
    }
    return compiled_is_supported();
}

// Gives the engine its tier's data. The interpreter has none.
static bool init_tier(Engine *e) {
    if (e->tier == &interp_tier || compiled_init(e)) return true;
    if (e->config.tiers != TIERS_auto) return false;
    e->tier = &interp_tier;
    e->config.use_guards = false;
    return true;
}

Engine *engine_new(const EngineConfig *config) {
    bool compiled = is_compiled(config->tiers);
    Engine *e = engine_create(config, compiled ? &compiled_tier : &interp_tier);
    if (!e) return NULL;
    if (init_tier(e) && fork_add_engine(e)) return e;
    engine_unref(e);
    return NULL;
}

// --- bytes -------------------------------------------------------------------------

static void free_copy(void *env, const uint8_t *bytes, size_t size) {
    (void)bytes, (void)size;
    mem_free(env);
}

static bool take_bytes(RtModule *m, const uint8_t *bytes, size_t size,
                       const LoadOptions *options) {
    m->bytes = bytes;
    m->size = size;
    LoadBytes how = options ? options->bytes : LOAD_copy;
    if (how == LOAD_copy && size) {
        uint8_t *copy = mem_alloc(size);
        if (!copy) return false;
        copy_bytes(m->engine, copy, bytes, size);
        m->bytes = copy;
        m->bytes_free = free_copy;
        m->bytes_env = copy;
    }
    return true;
}

// --- decode, validate, register ------------------------------------------------------

static bool check(RtModule *m, SideTables *side, const Precompiled *from,
                  Err *err) {
    Engine *e = m->engine;
    module_init(&m->module, &m->arena, e->config.features, &e->config.limits);
    if (from)
        return outline_read(from->parts, from->head, &m->module, side, err);
    return module_decode(&m->module, m->bytes, m->size, err) &&
           validate_module(m, side, err);
}

static bool out_of_arena(const Arena *arena, Err *err) {
    return err_at(err, ERR_NOWHERE,
                  arena->over_limit ? E_compile_memory : E_out_of_memory);
}

// Everything that lies in the module's arena, under its guard.
static bool build(RtModule *m, const Precompiled *from, Err *err) {
    ArenaGuard guard;
    bool ok = false;
    if (ARENA_GUARD(&m->arena, &guard)) {
        SideTables *side = NEW(&m->arena, SideTables);
        m->side = side;
        ok = check(m, side, from, err);
        if (ok) m->types = NEW_N(&m->arena, RtType *, m->module.types.len);
        if (ok) rt_module_index_exports(m);
    } else {
        ok = out_of_arena(&m->arena, err);
    }
    arena_unguard(&m->arena, &guard);
    return ok && err_ok(err);
}

// Outside the guard: registering takes a lock.
static bool register_types(RtModule *m, Err *err) {
    RtType **types = m->types;
    if (registry_add_module(m->engine->registry, &m->module, types))
        return true;
    m->types = NULL;
    return err_at(err, ERR_NOWHERE, E_out_of_memory);
}

static RtModule *module_alloc(Engine *e) {
    RtModule *m = MEM_NEW(RtModule);
    if (!m) return NULL;
    atomic_init(&m->refs, 1);
    m->engine = e;
    engine_ref(e);
    m->id = unique_id();
    m->budget.limit = e->config.limits.compile_memory;
    arena_init(&m->arena, m->budget.limit);
    m->arena.budget = &m->budget;
    return m;
}

static bool tell_tier(RtModule *m, const LoadOptions *options, Err *err) {
    const TierOps *tier = m->engine->tier;
    return !tier->module_ready ||
           tier->module_ready(m, options ? options->precompiled : NULL, err);
}

// What a file has of what instances begin with. Without a descriptor it is made
// when it is needed.
static void keep_images(RtModule *m, const Precompiled *from) {
    const ArtifactParts *p = from->parts;
    ImageFile *images = &m->image_file;
    if (!from->image.file || !p->images.len ||
        !vm_image_of_file(&images->file, from->image.file - 1, from->images_at,
                          p->images.len))
        return;
    images->bytes = p->images.data;
    images->parts = p->image_parts.data;
    images->part_len = (uint32_t)p->image_parts.len;
}

static RtModule *load(Engine *e, const uint8_t *bytes, size_t size,
                      const LoadOptions *options, Err *err) {
    RtModule *m = module_alloc(e);
    if (!m || !take_bytes(m, bytes, size, options)) {
        (void)err_at(err, ERR_NOWHERE, E_out_of_memory);
        if (m) rt_module_unref(m);
        return NULL;
    }
    const Precompiled *from = options ? options->precompiled : NULL;
    bool ok = build(m, from, err);
    if (!ok) m->types = NULL; // nothing was registered
    // What is from a file says later what instances begin with: that takes
    // longer than all else. The tier may have found it out meanwhile.
    if (ok && register_types(m, err) && tell_tier(m, options, err) &&
        (from || module_image_ready(m, err))) {
        if (options && options->bytes == LOAD_take) {
            m->bytes_free = options->bytes_free;
            m->bytes_env = options->bytes_env;
        }
        if (from) keep_images(m, from);
        fork_add_module(m);
        return m;
    }
    rt_module_unref(m);
    return NULL;
}

static Cache *cache_of(const Engine *e) {
    if (e->tier != &compiled_tier) return NULL;
    const EngineCode *code = e->tier_data;
    return code->cache;
}

static RtModule *load_cached(Cache *cache, Engine *e, const uint8_t *bytes,
                             size_t size, const LoadOptions *options,
                             Err *err) {
    CacheKey key;
    cache_key(e, bytes, size, &key);
    RtModule *m = cache_find(cache, e, &key);
    if (!m) {
        m = load(e, bytes, size, options, err);
        if (m) cache_add(cache, m, &key);
    } else if (options && options->bytes == LOAD_take) {
        options->bytes_free(options->bytes_env, bytes, size);
    }
    return m;
}

RtModule *module_load(Engine *e, const uint8_t *bytes, size_t size,
                      const LoadOptions *options, Err *err) {
    if (size > e->config.limits.module_size) {
        (void)err_at(err, ERR_NOWHERE, E_over_limit, "module size",
                     (unsigned long long)size,
                     (unsigned long long)e->config.limits.module_size);
        return NULL;
    }
    Cache *cache = cache_of(e);
    if (cache && !(options && options->precompiled))
        return load_cached(cache, e, bytes, size, options, err);
    return load(e, bytes, size, options, err);
}

RtModule *module_load_apart(Engine *e, const uint8_t *bytes, size_t size,
                            Err *err) {
    RtModule *m = module_alloc(e);
    if (!m) {
        (void)err_at(err, ERR_NOWHERE, E_out_of_memory);
        return NULL;
    }
    m->bytes = bytes;
    m->size = size;
    bool ok = build(m, NULL, err);
    m->types = NULL;
    if (ok) return m;
    rt_module_unref(m);
    return NULL;
}

bool module_check(Engine *e, const uint8_t *bytes, size_t size, Err *err) {
    RtModule *m = module_load_apart(e, bytes, size, err);
    if (m) rt_module_unref(m);
    return m;
}

// --- text --------------------------------------------------------------------------

// Parses and encodes under a guard; the bytes live in the arena.
static bool assemble(const Engine *e, Arena *arena, const char *text,
                     size_t size, Bytes *out, Err *err) {
    ArenaGuard guard;
    bool ok = false;
    if (ARENA_GUARD(arena, &guard)) {
        Module *m = NEW(arena, Module);
        module_init(m, arena, e->config.features, &e->config.limits);
        ok = text_parse_module(m, text, size, err);
        if (ok) module_encode(m, arena, out);
    } else {
        ok = out_of_arena(arena, err);
    }
    arena_unguard(arena, &guard);
    return ok && err_ok(err);
}

RtModule *module_load_text(Engine *e, const char *text, size_t size, Err *err,
                           bool *in_text) {
    Arena arena;
    arena_init(&arena, e->config.limits.compile_memory);
    Bytes bytes = {0};
    RtModule *m = NULL;
    *in_text = !assemble(e, &arena, text, size, &bytes, err);
    if (!*in_text) m = module_load(e, bytes.data, bytes.size, NULL, err);
    arena_release(&arena);
    return m;
}
