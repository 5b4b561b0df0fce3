// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "fuzz/mutate/mutate.h"

#include "base/writer.h"
#include "binary/binary.h"
#include "valid/valid.h"

static bool skip_locals(Reader *r, FeatureSet features) {
    for (uint32_t n = read_u32(r); n > 0 && reader_ok(r); n--) {
        ValType t;
        (void)read_u32(r);
        if (!read_val_type(r, features, &t)) return false;
    }
    return reader_ok(r);
}

bool body_split(const Module *m, Bytes body, Arena *arena, BodyParts *out) {
    Err err = {0};
    Reader r;
    reader_init(&r, body.data, body.size, 0, &err);
    *out = (BodyParts){0};
    if (!skip_locals(&r, m->features)) return false;
    out->locals = (Bytes){body.data, (uint32_t)(r.at - body.data), 0};
    while (reader_left(&r)) {
        const uint8_t *start = r.at;
        Instr in;
        if (!instr_read(&r, m->features, &in)) return false;
        VEC_PUSH(arena, &out->code,
                 ((Bytes){start, (uint32_t)(r.at - start), 0}));
        VEC_PUSH(arena, &out->ops, in.op);
    }
    return true;
}

Bytes body_join(const BodyParts *parts, Arena *arena) {
    Writer w;
    writer_init(&w, arena);
    write_bytes(&w, parts->locals.data, parts->locals.size);
    VEC_EACH (const Bytes, b, &parts->code)
        write_bytes(&w, b->data, b->size);
    return (Bytes){w.data, (uint32_t)w.len, 0};
}

bool module_still_valid(const Module *m, Arena *arena, Bytes *out) {
    Err err = {0};
    module_encode(m, arena, out);
    Module *again = NEW(arena, Module);
    SideTables *side = NEW(arena, SideTables);
    module_init(again, arena, m->features, m->limits);
    return module_decode(again, out->data, out->size, &err) &&
           valid_all(again, side, &err);
}
