// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Towards a smaller module. Steps that take much come first; all are tried again
// until a round changes nothing. A step that makes the module invalid is not
// even shown to the judge.
#include "fuzz/mutate/mutate.h"

#include "base/writer.h"
#include "binary/binary.h"
#include "wasm/instr_write.h"

enum {
    ROUNDS_MAX = 12
};

typedef struct Reduce {
    Arena *arena;
    ReduceKeeps *keeps;
    void *env;
    Bytes best;
    Module m; // decoded from it, to be changed
} Reduce;

static void restart(Reduce *r) {
    static LimitSet limits;
    limits = limits_default();
    Err err = {0};
    module_init(&r->m, r->arena, FEATURES_ALL, &limits);
    bool ok = module_decode(&r->m, r->best.data, r->best.size, &err);
    CHECK(ok);
}

// Takes the changed module, or goes back to the best one.
static bool settle(Reduce *r) {
    Bytes bytes;
    bool taken = module_still_valid(&r->m, r->arena, &bytes) &&
                 bytes.size < r->best.size && r->keeps(r->env, bytes);
    if (taken) r->best = bytes;
    restart(r);
    return taken;
}

// --- whole parts -----------------------------------------------------------------------

static bool drop_names(Reduce *r) {
    r->m.customs.len = 0;
    r->m.hints.len = 0;
    r->m.names = (Names){0};
    return settle(r);
}

static bool drop_start(Reduce *r) {
    r->m.has_start = false;
    return settle(r);
}

static bool drop_exports(Reduce *r) {
    bool changed = false;
    for (uint32_t i = r->m.exports.len; i-- > 0;) {
        for (uint32_t k = i; k + 1 < r->m.exports.len; k++)
            r->m.exports.data[k] = r->m.exports.data[k + 1];
        r->m.exports.len--;
        changed |= settle(r);
    }
    return changed;
}

static bool empty_segments(Reduce *r) {
    bool changed = false;
    for (uint32_t i = r->m.datas.len; i-- > 0;) {
        r->m.datas.data[i].bytes.size = 0;
        changed |= settle(r);
        if (i + 1 < r->m.datas.len) continue;
        r->m.datas.len--;
        r->m.data_count = r->m.datas.len;
        changed |= settle(r);
    }
    for (uint32_t i = r->m.elems.len; i-- > 0;) {
        r->m.elems.data[i].len = 0;
        changed |= settle(r);
        if (i + 1 < r->m.elems.len) continue;
        r->m.elems.len--;
        changed |= settle(r);
    }
    return changed;
}

static bool drop_last_globals(Reduce *r) {
    bool changed = false;
    while (r->m.globals.len > r->m.imported[EXTERN_global]) {
        r->m.globals.len--;
        if (!settle(r)) break;
        changed = true;
    }
    return changed;
}

// Functions from the end on: nothing has to be renumbered.
static bool drop_last_funcs(Reduce *r) {
    bool changed = false;
    while (r->m.bodies.len) {
        r->m.bodies.len--;
        r->m.funcs.len--;
        if (!settle(r)) break;
        changed = true;
    }
    return changed;
}

// --- bodies --------------------------------------------------------------------------

static bool stub_bodies(Reduce *r) {
    static const uint8_t stub[] = {0, 0x00, 0x0b};
    bool changed = false;
    for (uint32_t i = 0; i < r->m.bodies.len; i++) {
        r->m.bodies.data[i].bytes = (Bytes){stub, sizeof stub, 0};
        changed |= settle(r);
    }
    return changed;
}

// What stands for a value of the type: a constant, or nothing that is known.
static void write_any(Writer *w, ValType t) {
    switch (t) {
    case VT_i32:
        write_op(w, OP_i32_const);
        write_s32(w, 0);
        return;
    case VT_i64:
        write_op(w, OP_i64_const);
        write_s64(w, 0);
        return;
    case VT_f32:
        write_op(w, OP_f32_const);
        write_f32_bits(w, 0);
        return;
    case VT_f64:
        write_op(w, OP_f64_const);
        write_f64_bits(w, 0);
        return;
    default:
        write_op(w, OP_unreachable);
    }
}

// The instruction as operands thrown away and a constant; false: not that kind.
static bool as_constant(Op op, Writer *w) {
    OpSig sig = op_info[op].sig;
    if (sig == OP_SIG_NONE || sig_param_len(sig) == 0) return false;
    for (uint32_t i = 0; i < sig_param_len(sig); i++)
        write_op(w, OP_drop);
    for (uint32_t i = 0; i < sig_result_len(sig); i++)
        write_any(w, (ValType)sig_result(sig, i));
    return true;
}

// Instructions [from, to) of a body become `bytes`.
static bool replace(Reduce *r, uint32_t body, uint32_t from, uint32_t to,
                    Bytes bytes) {
    BodyParts parts, out = {0};
    Body *b = &r->m.bodies.data[body];
    if (!body_split(&r->m, b->bytes, r->arena, &parts)) return false;
    out.locals = parts.locals;
    for (uint32_t i = 0; i < parts.code.len; i++) {
        if (i == from) VEC_PUSH(r->arena, &out.code, bytes);
        if (i < from || i >= to)
            VEC_PUSH(r->arena, &out.code, parts.code.data[i]);
    }
    b->bytes = body_join(&out, r->arena);
    return settle(r);
}

static uint32_t code_len(Reduce *r, uint32_t body) {
    BodyParts parts;
    Bytes bytes = r->m.bodies.data[body].bytes;
    return body_split(&r->m, bytes, r->arena, &parts) ? parts.code.len : 0;
}

// Ranges of halving length go (Zeller and Hildebrandt's ddmin, 2002).
static bool shrink_body(Reduce *r, uint32_t body) {
    static const uint8_t trap[] = {0x00};
    bool changed = false;
    for (uint32_t size = code_len(r, body); size > 0; size /= 2)
        for (uint32_t at = 0; at + size < code_len(r, body);) {
            bool taken = replace(r, body, at, at + size, (Bytes){0}) ||
                         replace(r, body, at, at + size, (Bytes){trap, 1, 0});
            changed |= taken;
            if (!taken) at += size;
        }
    return changed;
}

static bool simplify_body(Reduce *r, uint32_t body) {
    bool changed = false;
    for (uint32_t at = 0; at + 1 < code_len(r, body); at++) {
        BodyParts parts;
        Writer w;
        writer_init(&w, r->arena);
        if (!body_split(&r->m, r->m.bodies.data[body].bytes, r->arena, &parts))
            return changed;
        if (as_constant(parts.ops.data[at], &w))
            changed |= replace(r, body, at, at + 1,
                               (Bytes){w.data, (uint32_t)w.len, 0});
    }
    return changed;
}

static bool shrink_bodies(Reduce *r) {
    bool changed = false;
    for (uint32_t i = 0; i < r->m.bodies.len; i++)
        changed |= shrink_body(r, i);
    for (uint32_t i = 0; i < r->m.bodies.len; i++)
        changed |= simplify_body(r, i);
    return changed;
}

Bytes module_reduce(Bytes module, Arena *arena, ReduceKeeps *keeps, void *env) {
    static bool (*const steps[])(Reduce *) = {
        drop_names,      drop_start,    drop_exports,   stub_bodies,
        drop_last_funcs, shrink_bodies, empty_segments, drop_last_globals};
    Reduce r = {.arena = arena, .keeps = keeps, .env = env, .best = module};
    restart(&r);
    bool changed = true;
    for (int round = 0; changed && round < ROUNDS_MAX; round++) {
        changed = false;
        for (size_t i = 0; i < COUNTOF(steps); i++)
            changed |= steps[i](&r);
    }
    return r.best;
}
