// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// One random change.
#include "fuzz/mutate/mutate.h"

#include "base/writer.h"
#include "wasm/instr_write.h"

static uint32_t below(uint64_t *random, uint32_t n) {
    uint64_t x = *random += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    return (uint32_t)((x ^ x >> 27) >> 16) % n;
}

// --- bodies --------------------------------------------------------------------------

// A row with the same types and no immediate: what it replaces stays valid.
static bool same_types(Op a, Op b) {
    return a != b && op_info[a].sig == op_info[b].sig &&
           op_info[a].sig != OP_SIG_NONE && op_info[a].imm == IMM_none &&
           op_info[b].imm == IMM_none;
}

static bool exchange_row(Module *m, BodyParts *parts, uint32_t at,
                         uint64_t *random) {
    uint32_t from = below(random, OP_count);
    for (uint32_t i = 0; i < OP_count; i++) {
        Op op = (Op)((from + i) % OP_count);
        if (!same_types(parts->ops.data[at], op) ||
            !feature_on(m->features, (Feature)op_info[op].feature))
            continue;
        Writer w;
        writer_init(&w, m->arena);
        write_op(&w, op);
        parts->code.data[at] = (Bytes){w.data, (uint32_t)w.len, 0};
        return true;
    }
    return false;
}

static bool other_constant(Module *m, BodyParts *parts, uint32_t at,
                           uint64_t *random) {
    static const int64_t corners[] = {0,   1,     -1,        127,      128,
                                      255, 65535, INT32_MAX, INT32_MIN};
    Op op = parts->ops.data[at];
    int64_t value = corners[below(random, COUNTOF(corners))];
    Writer w;
    writer_init(&w, m->arena);
    write_op(&w, op);
    if (op == OP_i32_const)
        write_s32(&w, (int32_t)value);
    else if (op == OP_i64_const)
        write_s64(&w, below(random, 8) ? value : INT64_MIN);
    else
        return false;
    parts->code.data[at] = (Bytes){w.data, (uint32_t)w.len, 0};
    return true;
}

// An index or an offset that is one byte: the validator says what fits.
static bool other_immediate(Module *m, BodyParts *parts, uint32_t at,
                            uint64_t *random) {
    Bytes old = parts->code.data[at];
    if (old.size < 2 || old.data[old.size - 1] & 0x80) return false;
    uint8_t *copy = NEW_N(m->arena, uint8_t, old.size);
    for (uint32_t i = 0; i < old.size; i++)
        copy[i] = old.data[i];
    copy[old.size - 1] = (uint8_t)below(random, below(random, 4) ? 8 : 128);
    parts->code.data[at].data = copy;
    return true;
}

// The instructions [at, at + len) go, or stand there twice.
static bool repeat_or_drop(Module *m, BodyParts *parts, uint32_t at,
                           uint64_t *random) {
    uint32_t len = parts->code.len, n = 1 + below(random, 4);
    if (at + n >= len) return false;
    bool drops = below(random, 2) == 0;
    BodyParts out = {.locals = parts->locals};
    for (uint32_t i = 0; i < len; i++) {
        if (i < at || i >= at + n || !drops)
            VEC_PUSH(m->arena, &out.code, parts->code.data[i]);
        if (i == at + n - 1 && !drops)
            for (uint32_t k = at; k < at + n; k++)
                VEC_PUSH(m->arena, &out.code, parts->code.data[k]);
    }
    parts->code = out.code;
    return true;
}

static bool mutate_body(Module *m, uint64_t *random) {
    static bool (*const ways[])(Module *, BodyParts *, uint32_t, uint64_t *) = {
        exchange_row, other_constant, other_immediate, repeat_or_drop};
    if (!m->bodies.len) return false;
    Body *b = &m->bodies.data[below(random, m->bodies.len)];
    BodyParts parts;
    if (!body_split(m, b->bytes, m->arena, &parts)) return false;
    uint32_t at = below(random, parts.code.len);
    if (!ways[below(random, COUNTOF(ways))](m, &parts, at, random))
        return false;
    b->bytes = body_join(&parts, m->arena);
    return true;
}

// Another function's body, of the same type.
static bool other_body(Module *m, uint64_t *random) {
    uint32_t len = m->bodies.len, first = m->imported[EXTERN_func];
    if (len < 2) return false;
    uint32_t to = below(random, len), from = below(random, len);
    if (to == from ||
        m->funcs.data[first + to].type != m->funcs.data[first + from].type)
        return false;
    m->bodies.data[to] = m->bodies.data[from];
    return true;
}

// --- the rest ------------------------------------------------------------------------

static bool mutate_limits(Module *m, uint64_t *random) {
    Limits *l = NULL;
    if (m->memories.len && below(random, 2))
        l = &m->memories.data[below(random, m->memories.len)].type.limits;
    else if (m->tables.len)
        l = &m->tables.data[below(random, m->tables.len)].type.limits;
    if (!l) return false;
    l->min = below(random, 4);
    l->has_max = below(random, 2);
    l->max = l->min + below(random, 3);
    return true;
}

static bool mutate_exports(Module *m, uint64_t *random) {
    if (!m->exports.len) return false;
    Export *e = &m->exports.data[below(random, m->exports.len)];
    if (below(random, 2)) {
        *e = VEC_LAST(&m->exports);
        m->exports.len--;
    } else {
        e->index = below(random, 8);
    }
    return true;
}

static bool mutate_segments(Module *m, uint64_t *random) {
    if (m->datas.len && below(random, 2)) {
        DataDecl *d = &m->datas.data[below(random, m->datas.len)];
        d->bytes.size = d->bytes.size ? below(random, d->bytes.size) : 0;
        return true;
    }
    if (!m->elems.len) return false;
    ElemDecl *e = &m->elems.data[below(random, m->elems.len)];
    e->len = e->len ? below(random, e->len) : 0;
    return true;
}

static bool mutate_start(Module *m, uint64_t *random) {
    m->has_start = !m->has_start;
    m->start = m->funcs.len ? below(random, m->funcs.len) : 0;
    return true;
}

bool module_mutate(Module *m, uint64_t *random) {
    switch (below(random, 16)) {
    case 0:
        return mutate_limits(m, random);
    case 1:
        return mutate_exports(m, random);
    case 2:
        return mutate_segments(m, random);
    case 3:
        return mutate_start(m, random);
    case 4:
        return other_body(m, random);
    default:
        return mutate_body(m, random);
    }
}
