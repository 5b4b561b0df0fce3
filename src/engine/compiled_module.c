// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Code of modules: one variant for each kind of memory 0 that instances have.
#include "base/alloc.h"
#include "engine/artifact.h"
#include "engine/compiled_int.h"
#include "os/cpu.h"
#include "rt/store.h"

static void variant_free(CodeVariant *v) {
    if (!v) return;
    compiled_undescribe(v);
    code_region_free(v->region);
    mem_free(v);
}

void compiled_module_free(RtModule *m) {
    ModuleCode *c = m->code;
    if (!c) return;
    for (int i = 0; i < VARIANT_COUNT; i++)
        variant_free(c->variants[i]);
    variant_free(c->for_files);
    mutex_release(&c->lock);
    mem_free(c);
}

void compiled_fork_lock_module(RtModule *m) {
    ModuleCode *c = m->code;
    if (!c) return;
    mutex_lock(&c->lock);
    for (int i = 0; i < VARIANT_COUNT; i++) {
        if (!c->variants[i]) continue;
        code_region_lock(c->variants[i]->region);
        compiled_describe_lock(c->variants[i]);
    }
}

void compiled_fork_unlock_module(RtModule *m) {
    ModuleCode *c = m->code;
    if (!c) return;
    for (int i = 0; i < VARIANT_COUNT; i++) {
        if (!c->variants[i]) continue;
        compiled_describe_unlock(c->variants[i]);
        code_region_unlock(c->variants[i]->region);
    }
    mutex_unlock(&c->lock);
}

uint32_t compiled_find_cpu(void) {
    static const struct {
        CpuFeature feature;
        BaselineCpu cpu;
    } map[] = {
        {CPU_avx, BASELINE_CPU_avx},     {CPU_avx2, BASELINE_CPU_avx2},
        {CPU_bmi1, BASELINE_CPU_bmi1},   {CPU_bmi2, BASELINE_CPU_bmi2},
        {CPU_lzcnt, BASELINE_CPU_lzcnt}, {CPU_popcnt, BASELINE_CPU_popcnt},
        {CPU_fma, BASELINE_CPU_fma},
    };
    uint64_t have = cpu_features();
    uint32_t cpu = 0;
    for (size_t i = 0; i < COUNTOF(map); i++)
        if (have & (uint64_t)1 << map[i].feature) cpu |= map[i].cpu;
    return cpu;
}

void compiled_options(const Engine *e, bool is_guarded, BaselineOptions *out) {
    const EngineConfig *config = &e->config;
    *out = (BaselineOptions){
        .memory0_is_guarded = is_guarded,
        .guard_bytes = is_guarded ? config->memory_guard : 0,
        .use_fuel = config->use_fuel,
        .use_epoch = config->use_epoch,
        .is_deterministic = config->is_deterministic,
        .wants_claims = config->verify_code && config->verify_values,
        .keep_slots = config->keep_slots,
        .cpu = compiled_cpu(e),
        .loop_entries = config->tier_seed || config->tier_calls > 0,
        .chaos_seed = config->chaos_seed,
    };
}

// Without code yet.
static CodeVariant *variant_alloc(RtModule *m, bool is_guarded) {
    CodeVariant *v = MEM_NEW(CodeVariant);
    if (!v) return NULL;
    v->module = m;
    compiled_options(m->engine, is_guarded, &v->options);
    if (compiled_describable(v)) return v;
    mem_free(v);
    return NULL;
}

static CodeVariant *variant_new(RtModule *m, bool is_guarded) {
    CodeVariant *v = variant_alloc(m, is_guarded);
    if (!v) return NULL;
    v->region =
        code_region_new(m->side->funcs.len, m->side->code_size, is_guarded);
    if (v->region)
        code_region_limit(v->region, m->engine->config.limits.machine_code);
    if (v->region) return v;
    variant_free(v);
    return NULL;
}

// For functions that are compiled when they are called.
static CodeVariant *variant_new_lazy(RtModule *m, bool is_guarded) {
    CodeVariant *v = variant_new(m, is_guarded);
    bool picks_tiers = m->engine->config.tier_seed;
    if (!v || !picks_tiers || code_region_keep_thunks(v->region)) return v;
    variant_free(v);
    return NULL;
}

static CodeVariant *variant_new_complete(RtModule *m, bool is_guarded,
                                         Err *err) {
    CodeVariant *v = variant_new(m, is_guarded);
    if (v) v->options.call_direct = true;
    if (v && compiled_compile_all(v, err) && code_region_seal(v->region))
        return v;
    variant_free(v);
    if (err_ok(err)) (void)err_at(err, ERR_NOWHERE, E_out_of_memory);
    return NULL;
}

CodeVariant *compiled_variant(RtModule *m, bool is_guarded) {
    int which = is_guarded ? VARIANT_guarded : VARIANT_checked;
    ModuleCode *c = m->code;
    mutex_lock(&c->lock);
    if (!c->variants[which])
        c->variants[which] = variant_new_lazy(m, is_guarded);
    CodeVariant *v = c->variants[which];
    mutex_unlock(&c->lock);
    return v;
}

static CodeVariant *find_complete(const ModuleCode *c, int which) {
    CodeVariant *v = c->variants[which];
    return v && v->region->is_sealed ? v : c->for_files;
}

// Compiling takes no lock: it may wait for threads that want it. Of two that do
// the same one is in vain. Nobody sees the thunks of `made` becoming jumps.
const CodeVariant *compiled_complete(RtModule *m, Err *err) {
    bool is_guarded = compiled_expects_guard(m);
    int which = is_guarded ? VARIANT_guarded : VARIANT_checked;
    ModuleCode *c = m->code;
    mutex_lock(&c->lock);
    CodeVariant *v = find_complete(c, which);
    mutex_unlock(&c->lock);
    if (v) return v;
    CodeVariant *made = variant_new_complete(m, is_guarded, err);
    if (!made) return NULL;
    mutex_lock(&c->lock);
    v = find_complete(c, which);
    if (!v) {
        bool is_free = !c->variants[which] && !m->engine->config.tier_seed;
        *(is_free ? &c->variants[which] : &c->for_files) = v = made;
        made = NULL;
    }
    mutex_unlock(&c->lock);
    variant_free(made);
    return v;
}

bool compiled_instance_ready(Instance *inst, Err *err) {
    RtModule *m = inst->module;
    bool is_guarded =
        m->module.memories.len && inst->context.memories[0]->is_guarded;
    inst->code = compiled_variant(m, is_guarded);
    return inst->code || err_at(err, ERR_NOWHERE, E_out_of_memory);
}

bool compiled_expects_guard(const RtModule *m) {
    if (!m->engine->config.use_guards || m->module.memories.len == 0)
        return false;
    const MemoryType *t = &m->module.memories.data[0].type;
    return !t->limits.is_64 && t->page_log2 == PAGE_LOG2;
}

// Code that was made before becomes the module's.
static bool adopt(RtModule *m, const Precompiled *p, Err *err) {
    if (p->image.func_len != m->side->funcs.len)
        return err_at(err, ERR_NOWHERE, E_artifact_damaged, "functions");
    CodeVariant *v = variant_alloc(m, p->is_guarded);
    if (!v) return err_at(err, ERR_NOWHERE, E_out_of_memory);
    v->options.keep_slots = p->keeps_slots;
    switch (code_region_of_image(&p->image, p->is_guarded, &v->region)) {
    case CODE_IMAGE_ok:
        if (m->engine->config.verify_code && !compiled_prove_file(v, p, err))
            break;
        ((ModuleCode *)m->code)
            ->variants[p->is_guarded ? VARIANT_guarded : VARIANT_checked] = v;
        compiled_describe(v);
        return true;
    case CODE_IMAGE_no_memory:
        (void)err_at(err, ERR_NOWHERE, E_out_of_memory);
        break;
    case CODE_IMAGE_malformed:
        (void)err_at(err, ERR_NOWHERE, E_artifact_damaged, "tables");
        break;
    case CODE_IMAGE_other_stubs:
        (void)err_at(err, ERR_NOWHERE, E_artifact_version);
        break;
    }
    variant_free(v);
    return false;
}

// Where tiers are picked at random, calls have to go through slots.
static bool compile_now(RtModule *m, Err *err) {
    if (!m->engine->config.tier_seed) return compiled_complete(m, err);
    const CodeVariant *v = compiled_variant(m, compiled_expects_guard(m));
    if (!v) return err_at(err, ERR_NOWHERE, E_out_of_memory);
    return compiled_compile_all(v, err);
}

bool compiled_module_ready(RtModule *m, const Precompiled *code, Err *err) {
    m->code = MEM_NEW(ModuleCode);
    if (!m->code) return err_at(err, ERR_NOWHERE, E_out_of_memory);
    if (code) return adopt(m, code, err);
    return !m->engine->config.compile_eagerly || compile_now(m, err);
}
