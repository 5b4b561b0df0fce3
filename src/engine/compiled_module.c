// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Code of modules: one variant for each kind of memory 0 that instances have.
#include "base/alloc.h"
#include "engine/compiled_int.h"
#include "os/cpu.h"
#include "rt/store.h"

static void variant_free(CodeVariant *v) {
    if (!v) return;
    code_region_free(v->region);
    mem_free(v);
}

void compiled_module_free(RtModule *m) {
    ModuleCode *c = m->code;
    if (!c) return;
    for (int i = 0; i < VARIANT_COUNT; i++)
        variant_free(c->variants[i]);
    mutex_release(&c->lock);
    mem_free(c);
}

static uint32_t baseline_cpu(void) {
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

static CodeVariant *variant_new(RtModule *m, bool is_guarded) {
    const EngineConfig *config = &m->engine->config;
    CodeVariant *v = MEM_NEW(CodeVariant);
    if (!v) return NULL;
    v->module = m;
    v->options = (BaselineOptions){
        .memory0_is_guarded = is_guarded,
        .guard_bytes = is_guarded ? config->memory_guard : 0,
        .use_fuel = config->use_fuel,
        .use_epoch = config->use_epoch,
        .is_deterministic = config->is_deterministic,
        .cpu = baseline_cpu(),
        .chaos_seed = config->chaos_seed,
    };
    v->region =
        code_region_new(m->side->funcs.len, m->side->code_size, is_guarded);
    if (v->region) return v;
    mem_free(v);
    return NULL;
}

// Made when it is first asked for; NULL: no memory.
static CodeVariant *variant_of(RtModule *m, bool is_guarded) {
    int which = is_guarded ? VARIANT_guarded : VARIANT_checked;
    ModuleCode *c = m->code;
    mutex_lock(&c->lock);
    if (!c->variants[which]) c->variants[which] = variant_new(m, is_guarded);
    CodeVariant *v = c->variants[which];
    mutex_unlock(&c->lock);
    return v;
}

bool compiled_instance_ready(Instance *inst, Err *err) {
    RtModule *m = inst->module;
    bool is_guarded =
        m->module.memories.len && inst->context.memories[0]->is_guarded;
    inst->code = variant_of(m, is_guarded);
    return inst->code || err_at(err, ERR_NOWHERE, E_out_of_memory);
}

// Will instances have a guarded memory 0? They may yet turn out not to.
static bool expects_guard(const RtModule *m) {
    if (!m->engine->config.use_guards || m->module.memories.len == 0)
        return false;
    const MemoryType *t = &m->module.memories.data[0].type;
    return !t->limits.is_64 && t->page_log2 == PAGE_LOG2;
}

bool compiled_module_ready(RtModule *m, Err *err) {
    m->code = MEM_NEW(ModuleCode);
    bool ok = m->code;
    if (ok && m->engine->config.compile_eagerly) {
        const CodeVariant *v = variant_of(m, expects_guard(m));
        ok = v && compiled_compile_all(v, m->engine->config.compile_threads);
    }
    return ok || err_at(err, ERR_NOWHERE, E_out_of_memory);
}
