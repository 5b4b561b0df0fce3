// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The typer's operand stack and labels (part of valid/typer.h, which see).
//
// Every body of n bytes has room for n operands and a few more from the start,
// and no instruction pushes more than it has bytes, except those that push
// lists: only they look for room.
#pragma once

#include "base/bits.h"
#include "valid/valid_int.h"

INLINE Ctrl *top_ctrl(const Typer *t) {
    return &VEC_LAST(&t->ctrls);
}

INLINE bool has_operands(const Typer *t, size_t len) {
    return (size_t)(t->sp - t->floor) >= len;
}

INLINE bool is_dead(const Typer *t) {
    return top_ctrl(t)->is_dead;
}

// What follows is never reached.
INLINE void set_dead(Typer *t) {
    t->sp = t->floor;
    top_ctrl(t)->is_dead = true;
}

INLINE bool fits(const Typer *t, ValType got, ValType want) {
    return LIKELY(got == want) || type_matches(t->m, got, want);
}

// --- pushing -----------------------------------------------------------------

// Of a type that needs no flag: i32, i64, f32, f64, a function reference.
INLINE void push_plain(Typer *t, ValType type) {
    *t->sp++ = type;
    if (TYPER_CHECKS && UNLIKELY(t->sp > t->max)) t->max = t->sp;
}

INLINE void note_type(Typer *t, ValType type) {
    if (TYPER_CHECKS && UNLIKELY(type >= VT_v128))
        t->flags |= typer_type_flags(t->m, type);
}

INLINE void push(Typer *t, ValType type) {
    note_type(t, type);
    push_plain(t, type);
}

INLINE void push_list(Typer *t, const ValType *types, uint32_t len) {
    if (UNLIKELY(len > 1)) {
        size_t room = (size_t)(t->limit - t->sp);
        if (room < len + reader_left(&t->r) + STACK_SLACK) typer_grow(t, len);
    }
    for (uint32_t i = 0; i < len; i++) {
        note_type(t, types[i]);
        *t->sp++ = types[i];
    }
    if (TYPER_CHECKS && UNLIKELY(t->sp > t->max)) t->max = t->sp;
}

// --- popping -----------------------------------------------------------------

INLINE void drop_operands(Typer *t, size_t len) {
    size_t have = (size_t)(t->sp - t->floor);
    t->sp -= MIN(len, have);
}

// Are operands of these types on top? In dead code what is missing fits.
INLINE bool check_list(Typer *t, const ValType *want, uint32_t len) {
    if (!TYPER_CHECKS) return true;
    uint32_t have = len;
    if (UNLIKELY(!has_operands(t, len))) {
        if (!is_dead(t)) return typer_fail_operands(t, want, len);
        have = (uint32_t)(t->sp - t->floor);
    }
    for (uint32_t i = 1; i <= have; i++)
        if (UNLIKELY(!fits(t, t->sp[-(ptrdiff_t)i], want[len - i])))
            return typer_fail_operands(t, want, len);
    return true;
}

INLINE bool pop_list(Typer *t, const ValType *want, uint32_t len) {
    if (!check_list(t, want, len)) return false;
    drop_operands(t, len);
    return true;
}

INLINE bool pop(Typer *t, ValType want) {
    if (LIKELY(has_operands(t, 1)) &&
        (!TYPER_CHECKS || LIKELY(t->sp[-1] == want))) {
        t->sp--;
        return true;
    }
    return pop_list(t, &want, 1);
}

INLINE bool pop2(Typer *t, ValType first, ValType second) {
    return pop_list(t, (const ValType[]){first, second}, 2);
}

INLINE bool pop3(Typer *t, ValType first, ValType second, ValType third) {
    return pop_list(t, (const ValType[]){first, second, third}, 3);
}

INLINE bool pop_any(Typer *t, ValType *out) {
    *out = VT_bot;
    if (LIKELY(has_operands(t, 1)))
        *out = *--t->sp;
    else if (TYPER_CHECKS && !is_dead(t))
        return typer_mismatch(t, "an operand is missing");
    return true;
}

// Any reference; VT_bot in dead code.
INLINE bool pop_ref(Typer *t, ValType *out) {
    if (!pop_any(t, out)) return false;
    if (TYPER_CHECKS && *out != VT_bot && !vt_is_ref(*out))
        return typer_mismatch(t, "the operand is not a reference");
    return true;
}

// --- fixed signatures --------------------------------------------------------

INLINE uint32_t sig_letter(char c) {
    switch (c) {
    case 'i':
        return SIG_i32;
    case 'l':
        return SIG_i64;
    case 'f':
        return SIG_f32;
    case 'd':
        return SIG_f64;
    case 'v':
        return SIG_v128;
    default:
        return SIG_addr;
    }
}

// Packs a row's text as op_info[].sig is packed (typer_test.c compares them).
// The text is a constant, so the result is one too, which a load from op_info
// would not be.
INLINE OpSig sig_pack(const char *s) {
    uint32_t p = s[0] == ':'   ? 0
                 : s[1] == ':' ? 1
                 : s[2] == ':' ? 2
                 : s[3] == ':' ? 3
                               : 4;
    uint32_t r = !s[p + 1] ? 0 : !s[p + 2] ? 1 : 2;
    OpSig sig = p << 24 | r << 28;
    if (p > 0) sig |= sig_letter(s[p - 1]);
    if (p > 1) sig |= sig_letter(s[p - 2]) << 4;
    if (p > 2) sig |= sig_letter(s[p - 3]) << 8;
    if (p > 3) sig |= sig_letter(s[p - 4]) << 12;
    if (r > 0) sig |= sig_letter(s[p + 1]) << 16;
    if (r > 1) sig |= sig_letter(s[p + 2]) << 20;
    return sig;
}

INLINE ValType sig_value(OpSigType s, ValType addr) {
    return s == SIG_addr ? addr : (ValType)s;
}

static NOINLINE bool valid_sig_slow(Typer *t, OpSig sig, ValType addr) {
    ValType want[4];
    uint32_t len = sig_param_len(sig);
    for (uint32_t i = 0; i < len; i++)
        want[len - 1 - i] = sig_value(sig_param(sig, i), addr);
    if (!pop_list(t, want, len)) return false;
    for (uint32_t i = 0; i < sig_result_len(sig); i++)
        push(t, sig_value(sig_result(sig, i), addr));
    return true;
}

// With a constant signature this folds to a few compares.
INLINE bool valid_sig(Typer *t, OpSig sig, ValType addr) {
    unsigned params = sig_param_len(sig), results = sig_result_len(sig);
    if (UNLIKELY(!has_operands(t, params))) return valid_sig_slow(t, sig, addr);
    for (unsigned i = 0; TYPER_CHECKS && i < params; i++) {
        ValType want = sig_value(sig_param(sig, i), addr);
        if (UNLIKELY(t->sp[-1 - (int)i] != want))
            return valid_sig_slow(t, sig, addr);
    }
    t->sp -= params;
    for (unsigned i = 0; i < results; i++)
        *t->sp++ = sig_value(sig_result(sig, i), addr);
    if (TYPER_CHECKS && results > params && UNLIKELY(t->sp > t->max))
        t->max = t->sp;
    return true;
}

// --- labels ------------------------------------------------------------------

typedef struct TypeList {
    const ValType *types;
    uint32_t len;
} TypeList;

// What a branch to the construct takes along.
INLINE TypeList label_types(const Ctrl *c) {
    if (c->kind == CTRL_loop)
        return (TypeList){c->type->params, c->type->param_len};
    return (TypeList){c->type->results, c->type->result_len};
}

INLINE Ctrl *label_ctrl(Typer *t, uint32_t label) {
    if (TYPER_CHECKS && UNLIKELY(label >= t->ctrls.len)) {
        typer_fail(t, E_unknown_label, label);
        return NULL;
    }
    return &t->ctrls.data[t->ctrls.len - 1 - label];
}
