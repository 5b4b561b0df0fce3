// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Proves a file's machine code (verify/verify.h), where that is asked for. The
// module inside is decoded and validated as if there were no code; the tables
// that were made of it must be those of the file, and the code must be a proof
// for them. What compilers write down while they compile is not in files: what
// collectors find in frames is as it was said to be (decision 0042).
#include "engine/artifact_int.h"
#include "engine/compiled_int.h"
#include "verify/verify.h"

#include <stdio.h>
#include <string.h>

typedef struct Proof {
    const CodeVariant *v;
    const ArtifactParts *parts;
    const CodeRegion *r;
    CodePlaced func; // whose code it is about
    Arena arena;
} Proof;

static bool damaged(Err *err, const char *what) {
    return err_at(err, ERR_NOWHERE, E_artifact_damaged, what);
}

// --- tables ----------------------------------------------------------------------------

static bool same_tables(Proof *p, const RtModule *m, Err *err) {
    ArtifactParts made = {0};
    outline_write(m, &p->arena, &made);
#define PART(name, section, type)                                           \
    if (PART_##name > PART_pads &&                                          \
        (made.name.len != p->parts->name.len ||                             \
         (made.name.len > 0 && memcmp(made.name.data, p->parts->name.data,  \
                                      made.name.len * sizeof(type)) != 0))) \
        return damaged(err, section);
    ARTIFACT_PARTS(PART)
#undef PART
    return true;
}

// --- what calls refer to -----------------------------------------------------------------

static CodeReloc reloc(CodeRelocKind kind, uint32_t index) {
    return (CodeReloc){.kind = (uint32_t)kind & 15,
                       .index = index & ((1u << 28) - 1)};
}

static bool find_stub(const CodeRegion *r, uint32_t at, CodeReloc *out) {
    uint32_t i = 0;
    while (i < HELPER_COUNT && r->stubs.helper[i] != at)
        i++;
    *out = reloc(RELOC_helper, i);
    if (i < HELPER_COUNT) return true;
    for (i = 0; i < TRAP_count && r->stubs.trap[i] != at;)
        i++;
    *out = reloc(RELOC_trap, i);
    return i < TRAP_count;
}

// The function whose code, or whose thunk, is there.
static bool find_func(const CodeRegion *r, uint32_t at, CodeReloc *out) {
    uint32_t low = 0, high = r->func_len, thunk = at - r->stubs.size;
    *out = reloc(RELOC_func, thunk / CODE_THUNK_SIZE);
    if (thunk / CODE_THUNK_SIZE < r->func_len)
        return thunk % CODE_THUNK_SIZE == 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (r->image.funcs[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == r->func_len || r->image.funcs[low].at != at) return false;
    *out = reloc(RELOC_func, r->image.funcs[low].func);
    return true;
}

static bool find_target(void *env, int64_t to, CodeReloc *out) {
    const Proof *p = env;
    int64_t at = p->func.at + to;
    if (at < 0 || at > INT32_MAX) return false;
    return (uint32_t)at < p->r->stubs.size ? find_stub(p->r, (uint32_t)at, out)
                                           : find_func(p->r, (uint32_t)at, out);
}

// --- functions -----------------------------------------------------------------------------

// Each has a place of its own, behind the one before, and a thunk that goes
// there.
static bool is_placed(Proof *p, uint32_t n, uint32_t end) {
    const CodeRegion *r = p->r;
    uint8_t jump[CODE_THUNK_SIZE];
    if (!code_region_nth(r, n, &p->func) || p->func.func >= r->func_len ||
        p->func.at < end || r->func_at[p->func.func] != p->func.at)
        return false;
    uint32_t at = r->stubs.size + p->func.func * CODE_THUNK_SIZE;
    code_thunk_write_jump(jump, at, p->func.at);
    return memcmp(jump, r->text + at, sizeof jump) == 0;
}

static bool prove_func(Proof *p, const VerifyEnv *env, Err *err) {
    const CodePlaced *f = &p->func;
    CodeFunc code = {
        .code = p->r->text + f->at,
        .size = f->size,
        .frame_size = f->frame_size,
        .is_wide = f->is_wide,
        .sites = f->sites,
        .site_len = f->site_len,
        .pads = f->pads,
        .pad_len = f->pad_len,
    };
    VerifyRefusal refusal;
    ArenaMark before = arena_mark(&p->arena);
    bool ok = verify_code(env, f->func, &code, &p->arena, &refusal);
    arena_rewind(&p->arena, before);
    char text[REFUSAL_SIZE];
    if (ok) return true;
    snprintf(text, sizeof text, "machine code of function %u at 0x%x: %s",
             f->func + env->module->imported[EXTERN_func], refusal.at,
             refusal.what);
    return err_at(err, ERR_NOWHERE, E_code_refused, text);
}

static bool prove_all(Proof *p, const RtModule *m, Err *err) {
    const BaselineOptions *options = &p->v->options;
    VerifyEnv env = {
        .module = &m->module,
        .side = m->side,
        .memory0_is_guarded = options->memory0_is_guarded,
        .guard_bytes = options->guard_bytes,
        .target = find_target,
        .target_env = p,
    };
    uint64_t end =
        p->r->stubs.size + (uint64_t)p->r->func_len * CODE_THUNK_SIZE;
    if (!same_tables(p, m, err)) return false;
    if (m->side->funcs.len != p->r->func_len) return damaged(err, "functions");
    for (uint32_t n = 0; n < p->r->func_len; n++) {
        if (!is_placed(p, n, (uint32_t)end)) return damaged(err, "tables");
        end = p->func.at + p->func.size;
        if (!prove_func(p, &env, err)) return false;
    }
    return true;
}

bool compiled_prove_file(const CodeVariant *v, const Precompiled *from,
                         Err *err) {
    const RtModule *of = v->module;
    RtModule *m = module_load_apart(of->engine, of->bytes, of->size, err);
    if (!m) return false;
    Proof p = {.v = v, .parts = from->parts, .r = v->region};
    arena_init(&p.arena, of->engine->config.limits.compile_memory);
    ArenaGuard guard;
    volatile bool ok = false;
    if (ARENA_GUARD(&p.arena, &guard))
        ok = prove_all(&p, m, err);
    else
        (void)err_at(err, ERR_NOWHERE, E_out_of_memory);
    arena_unguard(&p.arena, &guard);
    arena_release(&p.arena);
    rt_module_unref(m);
    return ok;
}
