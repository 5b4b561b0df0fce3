// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Code of modules: variants, and when functions are compiled.
//
// A function is compiled when it is first called, together with functions that
// it calls, until a few pages are full: pages are never written again, so what
// is left of the last one is lost.
#include "base/alloc.h"
#include "engine/compiled_int.h"
#include "os/cpu.h"
#include "rt/store.h"

enum {
    GROUP_SIZE = 16 * 1024, // bytes of code
    GROUP_FUNCS = 64,
};

// --- modules and variants ------------------------------------------------------------

bool compiled_module_ready(RtModule *m, Err *err) {
    m->code = MEM_NEW(ModuleCode);
    return m->code || err_at(err, ERR_NOWHERE, E_out_of_memory);
}

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

bool compiled_instance_ready(Instance *inst, Err *err) {
    RtModule *m = inst->module;
    ModuleCode *c = m->code;
    bool is_guarded =
        m->module.memories.len && inst->context.memories[0]->is_guarded;
    int which = is_guarded ? VARIANT_guarded : VARIANT_checked;
    mutex_lock(&c->lock);
    if (!c->variants[which]) c->variants[which] = variant_new(m, is_guarded);
    inst->code = c->variants[which];
    mutex_unlock(&c->lock);
    return inst->code || err_at(err, ERR_NOWHERE, E_out_of_memory);
}

// --- compiling -----------------------------------------------------------------------

// Functions that are compiled together.
typedef struct Group {
    const CodeVariant *v;
    Arena arena;
    CodeFunc funcs[GROUP_FUNCS];
    uint32_t indices[GROUP_FUNCS]; // of defined functions
    uint32_t len, done;            // listed, compiled
    uint64_t size;                 // of the code so far
} Group;

static void want(Group *g, uint32_t func) {
    if (g->len == GROUP_FUNCS || code_region_has(g->v->region, func)) return;
    for (uint32_t i = 0; i < g->len; i++)
        if (g->indices[i] == func) return;
    g->indices[g->len++] = func;
}

static void want_callees(Group *g, const CodeFunc *f) {
    for (uint32_t i = 0; i < f->reloc_len; i++)
        if (f->relocs[i].kind == RELOC_slot) want(g, f->relocs[i].index);
}

static void compile_group(Group *g) {
    BaselineEnv env = {
        .module = &g->v->module->module,
        .side = g->v->module->side,
        .options = &g->v->options,
    };
    while (g->done < g->len && g->size < GROUP_SIZE) {
        CodeFunc *f = &g->funcs[g->done];
        baseline_compile(&env, g->indices[g->done], &g->arena, f);
        g->size += f->size;
        want_callees(g, f);
        g->done++;
    }
}

static bool compile_guarded(Group *g) {
    ArenaGuard guard;
    bool ok = ARENA_GUARD(&g->arena, &guard);
    if (ok) compile_group(g);
    arena_unguard(&g->arena, &guard);
    return ok;
}

static bool compile_around(const CodeVariant *v, uint32_t func) {
    Group *g = MEM_NEW(Group);
    if (!g) return false;
    g->v = v;
    arena_init(&g->arena, v->module->engine->config.limits.compile_memory);
    want(g, func);
    bool ok = compile_guarded(g) &&
              code_region_place(v->region, g->funcs, g->indices, g->done);
    arena_release(&g->arena);
    mem_free(g);
    return ok;
}

uintptr_t compiled_compile(Instance *inst, uint32_t func) {
    const CodeVariant *v = instance_variant(inst);
    if (!code_region_has(v->region, func) && !compile_around(v, func)) {
        (void)store_trap(inst->store, TRAP_out_of_memory);
        return 0;
    }
    return code_region_func(v->region, func);
}
