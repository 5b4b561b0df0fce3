// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Custom sections: all are kept as bytes; the names and the branch hints are
// also read. Errors in them never make a module malformed, so decoding leaves
// out what is wrong, and module_decode_customs tells.
#include "binary/binary_int.h"
#include "wasm/op.h"

bool decode_custom(Decoder *d) {
    Module *m = d->m;
    Reader *r = &d->r;
    CustomSection custom = {.after = (uint8_t)d->last, .at = reader_offset(r)};
    if (!decode_name(r, &custom.name)) return false;
    custom.bytes.at = reader_offset(r);
    custom.bytes.size = (uint32_t)reader_left(r);
    custom.bytes.data = read_bytes(r, custom.bytes.size);
    VEC_PUSH(m->arena, &m->customs, custom);
    if (d->is_outline) return true;
    if (str_eq(custom.name, STR(NAME_SECTION)))
        names_decode_lenient(m, &custom);
    else if (str_eq(custom.name, STR(HINT_SECTION)))
        hints_decode_lenient(m, &custom);
    return true;
}

// --- branch hints (proposal branch-hinting) ----------------------------------

enum {
    LEAST_HINT_FUNC = 2,
    LEAST_HINT = 3,
};

static bool hint_entry(Reader *r, BranchHint *out) {
    out->at = read_u32(r);
    uint64_t at = reader_offset(r);
    uint32_t size = read_u32(r);
    uint8_t value = read_u8(r);
    if (!reader_ok(r)) return false;
    if (size != 1 || value > 1)
        return err_at(r->err, at, E_hint_value, size, (unsigned)value);
    out->likely = value;
    return true;
}

static bool hint_func(Reader *r, Module *m, uint32_t func) {
    uint32_t len;
    if (!decode_len(r, &len)) return false;
    VEC_RESERVE(m->arena, &m->hints, MIN(len, reader_left(r) / LEAST_HINT));
    for (uint32_t i = 0; i < len; i++) {
        uint64_t at = reader_offset(r);
        BranchHint hint = {.func = func};
        if (!hint_entry(r, &hint)) return false;
        if (i > 0 && hint.at <= VEC_LAST(&m->hints).at)
            return err_at(r->err, at, E_hint_order);
        VEC_PUSH(m->arena, &m->hints, hint);
    }
    return true;
}

bool hints_decode(const CustomSection *custom, Module *m, Err *err) {
    Reader r;
    reader_init(&r, custom->bytes.data, custom->bytes.size, custom->bytes.at,
                err);
    if (custom->after == SECTION_code || custom->after == SECTION_data)
        return reader_fail(&r, E_hint_place);
    uint32_t funcs, last = 0;
    if (!decode_len(&r, &funcs)) return false;
    for (uint32_t i = 0; i < funcs; i++) {
        uint64_t at = reader_offset(&r);
        uint32_t func = read_u32(&r);
        if (!reader_ok(&r)) return false;
        if (i > 0 && func <= last) return err_at(err, at, E_hint_order);
        last = func;
        if (!hint_func(&r, m, func)) return false;
    }
    return !reader_left(&r) || reader_fail(&r, E_section_size);
}

void hints_decode_lenient(Module *m, const CustomSection *custom) {
    if (m->hints.len) return;
    Err err = {0};
    if (!hints_decode(custom, m, &err)) m->hints.len = 0;
}

// --- the strict reading ------------------------------------------------------

// Reads the body up to the instruction at each hint's offset: it must be one
// that a hint can be about.
static bool hint_targets(const Module *m, const BranchHint *hints, size_t len,
                         Err *err) {
    const Bytes *body = &module_body(m, hints->func)->bytes;
    Reader r;
    reader_init(&r, body->data, body->size, body->at, err);
    uint32_t groups;
    if (!decode_len(&r, &groups)) return false;
    for (uint32_t i = 0; i < groups; i++) {
        ValType type;
        read_u32(&r);
        if (!read_val_type(&r, m->features, &type)) return false;
    }
    for (size_t i = 0; i < len; i++) {
        uint64_t target = body->at + hints[i].at;
        Instr in = {0};
        while (reader_left(&r) && reader_offset(&r) <= target)
            if (!instr_read(&r, m->features, &in)) return false;
        if (in.at != target || (in.op != OP_if && in.op != OP_br_if))
            return err_at(err, target, E_hint_target);
    }
    return true;
}

static bool hints_check(const Module *m, Err *err) {
    const BranchHint *hints = m->hints.data;
    uint32_t len = m->hints.len, next;
    for (uint32_t i = 0; i < len; i = next) {
        uint32_t func = hints[i].func;
        for (next = i + 1; next < len && hints[next].func == func;)
            next++;
        if (func < m->imported[EXTERN_func] || func >= m->funcs.len)
            return err_at(err, 0, E_hint_func, func);
        if (!hint_targets(m, hints + i, next - i, err)) {
            err->func = func;
            return false;
        }
    }
    return true;
}

// Into a copy that is thrown away: *m keeps what decoding found good.
static bool custom_check(const Module *m, const CustomSection *custom,
                         Err *err) {
    if (str_eq(custom->name, STR(NAME_SECTION))) {
        Names names = {0};
        return names_decode(custom, m->arena, &names, err);
    }
    Module copy = *m;
    copy.hints.data = NULL;
    copy.hints.len = copy.hints.cap = 0;
    return hints_decode(custom, &copy, err);
}

bool module_decode_customs(Module *m, Err *err) {
    static const char *const known[] = {NAME_SECTION, HINT_SECTION};
    bool seen[COUNTOF(known)] = {false};
    err_clear(err);
    VEC_EACH (CustomSection, custom, &m->customs) {
        for (size_t i = 0; i < COUNTOF(known); i++) {
            if (!str_eq_z(custom->name, known[i])) continue;
            if (seen[i])
                return err_at(err, custom->at, E_custom_twice, known[i]);
            seen[i] = true;
            if (!custom_check(m, custom, err)) return false;
        }
    }
    return hints_check(m, err);
}
