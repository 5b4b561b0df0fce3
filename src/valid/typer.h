// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The typer: one source, compiled into whoever includes it, once per source
// file, after saying which instance it wants:
//
//     enum { TYPER_CHECKS = true };   CHECK: code that is not trusted; writes
//                                     the side tables (body.c)
//     enum { TYPER_CHECKS = false };  TRUST: code that passed CHECK; the same
//                                     stack and labels, no tests (stack_map.c)
//
// Use: typer_init, then typer_step until it answers false: at the function's
// `end`, when no construct is open any more, or at an error. Between
// steps stack, floor, sp, ctrls and locals say what is known (valid_int.h).
//
// Rows with fixed types are checked from their signature, packed when the
// compiler folds sig_pack; the others have a function valid_<row>, and a row
// without one does not compile. One-byte instructions are inlined in the loop,
// the rest share one path.
#pragma once

#include "valid/typer_ref.h"
#include "wasm/instr_read.h"

// --- rows with a prefix ------------------------------------------------------

// The lanes that an immediate names exist. A shuffle names 16 of 32.
static inline bool check_lanes(Typer *t, const OpInfo *info) {
    if (info->imm == IMM_lane && t->in.imm.index >= info->lanes)
        return typer_fail(t, E_lane_index, t->in.imm.index);
    if (info->imm == IMM_memarg_lane && t->in.imm.mem.lane >= info->lanes)
        return typer_fail(t, E_lane_index, t->in.imm.mem.lane);
    if (info->imm != IMM_shuffle) return true;
    for (int i = 0; i < 16; i++)
        if (t->in.imm.bytes16[i] >= 32)
            return typer_fail(t, E_lane_index, t->in.imm.bytes16[i]);
    return true;
}

static NOINLINE bool valid_plain_row(Typer *t, const OpInfo *info) {
    if (!imm_read(&t->r, t->features, (ImmKind)info->imm, &t->in)) return false;
    if (info->prefix == 0xfd) note_effect(t, 0, FUNC_has_v128);
    if (info->prefix == 0xfe) note_effect(t, LOOP_atomics, 0);
    if (TYPER_CHECKS && !check_lanes(t, info)) return false;
    Access access = (Access)typer_access[t->in.op];
    if (access == ACCESS_none) return valid_sig(t, info->sig, VT_bot);
    bool is_atomic = access >= ACCESS_atomic_load;
    if (access == ACCESS_store || access == ACCESS_atomic_store)
        note_store(t, t->in.imm.mem.arg.memory);
    ValType addr = check_memarg(t, info->access_log2, is_atomic);
    return addr != VT_bot && valid_sig(t, info->sig, addr);
}

// clang-format off
#define PREFIXED_00(name, kind)
#define PREFIXED_fb(name, kind)                                      \
    case OP_##name:                                                  \
        return imm_read(&t->r, t->features, IMM_##kind, &t->in) &&   \
               valid_##name(t);
#define PREFIXED_fc PREFIXED_fb
#define OPX(name, prefix, code, text, kind, feature, cost) \
    PREFIXED_##prefix(name, kind)
// clang-format on

// An instruction with a prefix, or none at all.
static NOINLINE bool typer_prefixed(Typer *t) {
    t->r.at = t->at;
    if (!op_read(&t->r, t->features, &t->in)) return false;
    switch ((int)t->in.op) {
#include "wasm/op.def"
    default:
        return valid_plain_row(t, &op_info[t->in.op]);
    }
}

// --- rows without one --------------------------------------------------------

// The first instructions are in every feature set; the compiler sees that.
INLINE bool has_feature(Typer *t, Feature feature, Op op) {
    if (feature == FEATURE_mvp || LIKELY(feature_on(t->features, feature)))
        return true;
    return op_fail_disabled(&t->r, typer_offset(t), op);
}

// clang-format off
#define CASE(name, code, kind, feature, valid)                       \
    case code:                                                       \
        return has_feature(t, FEATURE_##feature, OP_##name) &&       \
               imm_read(&t->r, t->features, IMM_##kind, &t->in) &&   \
               valid;
#define NO_CASE(name, code, kind, feature, valid)
#define CASE_00 CASE
#define CASE_fb NO_CASE
#define CASE_fc NO_CASE
#define CASE_fd NO_CASE
#define CASE_fe NO_CASE
#define OP(name, prefix, code, text, kind, sig, feature, cost) \
    CASE_##prefix(name, code, kind, feature, \
                  valid_sig(t, sig_pack(sig), VT_bot))
#define LOAD(name, prefix, code, text, kind, sig, feature, cost, access) \
    CASE_##prefix(name, code, kind, feature, \
                  valid_load(t, sig_pack(sig), access))
#define STORE(name, prefix, code, text, kind, sig, feature, cost, access) \
    CASE_##prefix(name, code, kind, feature, \
                  valid_store(t, sig_pack(sig), access))
#define OPX(name, prefix, code, text, kind, feature, cost) \
    CASE_##prefix(name, code, kind, feature, valid_##name(t))
// clang-format on

// Reads and types one instruction. One switch on the byte: going through the
// opcode's tables first would be most of the time that is spent here.
INLINE bool typer_step(Typer *t) {
    t->at = t->r.at;
    if (TYPER_CHECKS) t->op_len++;
    switch (UNLIKELY(t->r.at == t->r.end) ? -1 : *t->r.at++) {
#include "wasm/op.def"
    default:
        return typer_prefixed(t);
    }
}
