// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One pass over a function: read an instruction, make its code, go on.
#include "baseline/emit.h"
#include "baseline/masm.h"

#include <string.h>

enum {
    EMIT_ROWS = 0
#define EMIT(name, call) +1
#define EMITX(name)      +1
#include "baseline/emit.def"
};
static_assert((int)EMIT_ROWS == (int)OP_count, "a row for each instruction");

// --- locals ------------------------------------------------------------------

static void add_local(Base *f, uint32_t index, ValType t) {
    f->local_type[index] = (uint8_t)base_type(f, t);
}

// The declarations, up to the first instruction.
static void read_locals(Base *f) {
    uint32_t at = 0;
    for (; at < f->type->param_len; at++)
        add_local(f, at, f->type->params[at]);
    for (uint32_t groups = read_u32(&f->r); groups > 0; groups--) {
        uint32_t len = read_u32(&f->r);
        ValType t;
        bool ok = read_val_type(&f->r, f->features, &t);
        CHECK(ok && len <= f->local_len - at);
        if (len == 0) continue;
        add_local(f, at, t);
        memset(f->local_type + at, f->local_type[at], len);
        at += len;
    }
    CHECK(at == f->local_len);
}

static void init(Base *f, const BaselineEnv *env, uint32_t func, Arena *arena,
                 Err *err) {
    const Module *m = env->module;
    const FuncInfo *info = &env->side->funcs.data[func];
    uint32_t index = func + m->imported[EXTERN_func];
    Bytes body = module_slice(m, module_body(m, index)->bytes);
    // One more for operands that instructions copy.
    uint32_t slots = info->local_len + info->operand_max + 1;
    bool is_wide = info->flags & FUNC_has_v128;
    *f = (Base){
        .arena = arena,
        .options = env->options,
        .env = env,
        .m = m,
        .info = info,
        .type = &module_func_type(m, index)->func,
        .features = m->features,
        .is_wide = is_wide,
        .has_try = info->flags & FUNC_has_try,
        .local_len = info->local_len,
        .frame_size =
            (uint32_t)align_up((is_wide ? 16u : 8u) * (uint64_t)slots + 16, 16),
        .random = env->options->chaos_seed
                      ? env->options->chaos_seed * 2 + func * 2 + 1
                      : 0,
        .local_type = NEW_N(arena, uint8_t, info->local_len),
        .local_reg = NEW_N(arena, Reg, info->local_len),
        .local_refs = NEW_N(arena, uint8_t, info->local_len),
        .stack = NEW_N(arena, Entry, (size_t)info->operand_max + 2),
        .pads = NEW_N(arena, uint32_t, info->catch_len),
    };
    memset(f->local_reg, REG_NONE, info->local_len);
    code_init(&f->b, arena);
    reader_init(&f->r, body.data, body.size, body.at, err);
    read_locals(f);
    f->r.start = f->r.at;
    f->r.base = 0;
    if (env->options->wants_claims) claims_init(f);
}

// --- instructions ------------------------------------------------------------

// Registers may go on as caches of locals.
static void keep_slots(Base *f) {
    flush_for_call(f, 0);
    flush_operands(f);
}

static void mark(Base *f, uint32_t pc) {
    CodeSite here = {.code = code_offset(&f->b), .wasm = pc};
    if (f->options->wants_marks) VEC_PUSH(f->arena, &f->marks, here);
}

INLINE void step(Base *f) {
    f->locked = 0;
    state_check(f);
    claim(f, f->is_live ? CLAIM_instr : CLAIM_dead);
    bool ok = instr_read_inline(&f->r, f->features, &f->in);
    CHECK(ok);
    f->pc = (uint32_t)f->in.at;
    f->segment += op_info[f->in.op].cost;
    if (UNLIKELY(f->options->wants_marks)) mark(f, f->pc);
    if (UNLIKELY(f->options->keep_slots)) keep_slots(f);
    switch (f->in.op) {
#define EMIT(name, call) \
    case OP_##name:      \
        emit_##call;     \
        break;
#define EMITX(name)     \
    case OP_##name:     \
        base_##name(f); \
        break;
#include "baseline/emit.def"
    case OP_count:
        UNREACHABLE();
    }
}

static void body(Base *f) {
    base_begin_func(f);
    claim(f, CLAIM_entry);
    base_entry(f);
    f->is_live = true;
    while (true) {
        step(f);
        if (f->ctrls.len == 0) return;
        if (!f->is_live) base_skip_dead(f);
    }
}

void baseline_compile(const BaselineEnv *env, uint32_t func, Arena *arena,
                      CodeFunc *out) {
    Base f;
    Err err = {0};
    init(&f, env, func, arena, &err);
    body(&f);
    mark(&f, CODE_MARK_LATE);
    claim(&f, CLAIM_late);
    write_late(&f);
    code_pool(&f.b);
    uint32_t size = code_finish(&f.b);
    *out = (CodeFunc){
        .code = f.b.start,
        .size = size,
        .align = 16,
        .frame_size = f.frame_size,
        .is_wide = f.is_wide,
        .relocs = f.relocs.data,
        .reloc_len = f.relocs.len,
        .sites = f.sites.data,
        .site_len = f.sites.len,
        .marks = f.marks.data,
        .mark_len = f.marks.len,
        .pads = f.pads,
        .pad_len = f.info->catch_len,
        .loops = f.loops.data,
        .loop_len = f.loops.len,
        .claims = f.claims,
    };
}
