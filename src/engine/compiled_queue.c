// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Functions that are compiled together. Lazily: a function when it is first
// called, with functions that it calls, until a few pages are full; with
// neighbours, until the first one is. Pages are never written again, so what is
// left of a group's last one is lost.
#include "base/alloc.h"
#include "base/log.h"
#include "engine/compiled_int.h"
#include "rt/store.h"
#include "verify/values.h"

#include <stdio.h>

enum {
    GROUP_SIZE = 16 * 1024, // bytes of code of a lazy group, with callees
    GROUP_LEAST = 4 * 1024, // with neighbours
};

CodeGroup *code_group_new(const CodeVariant *v, ArenaBudget *budget) {
    CodeGroup *g = MEM_NEW(CodeGroup);
    if (!g) return NULL;
    g->v = v;
    arena_init(&g->arena, v->module->engine->config.limits.compile_memory);
    g->arena.budget = budget;
    return g;
}

void code_group_free(CodeGroup *g) {
    arena_release(&g->arena);
    mem_free(g);
}

static void want(CodeGroup *g, uint32_t func) {
    if (g->len == GROUP_FUNCS || code_region_has(g->v->region, func) ||
        !compiled_was_called(g->v, func))
        return;
    for (uint32_t i = 0; i < g->len; i++)
        if (g->indices[i] == func) return;
    g->indices[g->len++] = func;
}

static void want_callees(CodeGroup *g, const CodeFunc *f) {
    for (uint32_t i = 0; i < f->reloc_len; i++)
        if (f->relocs[i].kind == RELOC_slot) want(g, f->relocs[i].index);
}

// The next neighbour of the first function, if there is one.
static void want_neighbour(CodeGroup *g) {
    uint32_t end = g->v->region->func_len;
    uint32_t before = g->len, func = g->indices[0];
    for (uint32_t i = 1; i < GROUP_FUNCS && g->len == before; i++)
        want(g, (func + i) % end);
}

// --- proofs --------------------------------------------------------------------------

static bool is_planted(const EngineConfig *config, uint32_t func) {
    return config->refuse_every && func % config->refuse_every == 0;
}

// Code that is not sure to stay in its sandbox is a bug of ours, and does not
// run: its function is interpreted, or its module is not loaded. Where bugs are
// looked for, the process ends with it.
static void refuse(CodeGroup *g, uint32_t func, const VerifyRefusal *refusal) {
    const RtModule *m = g->v->module;
    const EngineConfig *config = &m->engine->config;
    snprintf(g->refusal, sizeof g->refusal,
             "machine code of function %u at 0x%x: %s",
             func + m->module.imported[EXTERN_func], refusal->at,
             refusal->what);
    if (DEBUG_BUILD && !is_planted(config, func))
        fatal_error(g->refusal, __FILE__, __LINE__);
    compiled_give_up(g->v, func);
    LOG(LOG_code, "%s", g->refusal);
    if (config->code_refused) config->code_refused(g->refusal);
}

static bool prove(CodeGroup *g, const BaselineEnv *env, uint32_t func,
                  const CodeFunc *f) {
    const EngineConfig *config = &g->v->module->engine->config;
    if (!config->verify_code) return true;
    VerifyEnv facts = {
        .module = env->module,
        .side = env->side,
        .memory0_is_guarded = env->options->memory0_is_guarded,
        .guard_bytes = env->options->guard_bytes,
    };
    VerifyRefusal refusal = {0, "refused for a test"};
    ArenaMark before = arena_mark(&g->arena);
    bool ok = !is_planted(config, func) &&
              verify_code(&facts, func, f, &g->arena, &refusal) &&
              verify_values(&facts, func, f, &g->arena, &refusal);
    arena_rewind(&g->arena, before);
    if (!ok) refuse(g, func, &refusal);
    return ok;
}

// --- compiling -----------------------------------------------------------------------

// Compiles what is listed; a lazy group finds more until it is large enough.
static void compile(CodeGroup *g) {
    BaselineEnv env = {
        .module = &g->v->module->module,
        .side = g->v->module->side,
        .options = &g->v->options,
    };
    uint64_t size = 0;
    while (g->done < g->len && (!g->is_lazy || size < GROUP_SIZE)) {
        CodeFunc *f = &g->funcs[g->done];
        baseline_compile(&env, g->indices[g->done], &g->arena, f);
        if (!prove(g, &env, g->indices[g->done], f)) {
            if (!g->is_lazy) return;
            g->indices[g->done] = g->indices[--g->len];
            continue;
        }
        size += f->size;
        g->done++;
        if (!g->is_lazy) continue;
        want_callees(g, f);
        if (g->done == g->len && size < GROUP_LEAST) want_neighbour(g);
    }
}

bool code_group_compile(CodeGroup *g) {
    ArenaGuard guard;
    bool ok = ARENA_GUARD(&g->arena, &guard);
    if (ok) compile(g);
    arena_unguard(&g->arena, &guard);
    return ok && (g->is_lazy || !g->refusal[0]);
}

bool code_group_place(CodeGroup *g) {
    if (!code_group_compile(g) ||
        !code_region_place(g->v->region, g->funcs, g->indices, g->done))
        return false;
    compiled_describe(g->v);
    return true;
}

bool compiled_compile_group(const CodeVariant *v, uint32_t func) {
    if (code_region_is_full(v->region)) return false;
    CodeGroup *g = code_group_new(v, NULL);
    if (!g) return false;
    g->is_lazy = true;
    want(g, func);
    bool ok = code_group_place(g);
    code_group_free(g);
    return ok;
}
