// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The module is parsed again and encoded, and what was encoded is decoded: both
// then have the same things in the same order, one with offsets into the text,
// the other with offsets into the bytes.
#include "cli/place.h"

#include "binary/binary.h"
#include "text/text.h"

typedef struct Place {
    const Module *text, *binary;
    uint64_t want;  // offset into the bytes
    uint64_t found; // the last one that is not behind it; 0: none
    uint64_t at;    // and where that is in the text
} Place;

static void consider(Place *p, uint64_t text_at, uint64_t binary_at) {
    if (binary_at > p->want || binary_at <= p->found) return;
    p->found = binary_at;
    p->at = text_at;
}

static void consider_code(Place *p, const Bytes *text, const Bytes *binary) {
    if (text->size && binary->size) consider(p, text->at, binary->at);
}

// Things of the same index space, each with its offset.
#define CONSIDER_ALL(p, field)                            \
    for (uint32_t i = 0; i < (p)->binary->field.len; i++) \
    consider((p), (p)->text->field.data[i].at, (p)->binary->field.data[i].at)

static void consider_definitions(Place *p) {
    CONSIDER_ALL(p, types);
    CONSIDER_ALL(p, imports);
    CONSIDER_ALL(p, exports);
    CONSIDER_ALL(p, elems);
    CONSIDER_ALL(p, datas);
    CONSIDER_ALL(p, funcs);
    CONSIDER_ALL(p, tables);
    CONSIDER_ALL(p, memories);
    CONSIDER_ALL(p, globals);
    CONSIDER_ALL(p, tags);
    if (p->binary->has_start)
        consider(p, p->text->start_at, p->binary->start_at);
}

static void consider_exprs(Place *p) {
    const Module *t = p->text, *b = p->binary;
    for (uint32_t i = 0; i < b->tables.len; i++)
        consider_code(p, &t->tables.data[i].init, &b->tables.data[i].init);
    for (uint32_t i = 0; i < b->globals.len; i++)
        consider_code(p, &t->globals.data[i].init, &b->globals.data[i].init);
    for (uint32_t i = 0; i < b->datas.len; i++)
        consider_code(p, &t->datas.data[i].offset, &b->datas.data[i].offset);
    for (uint32_t i = 0; i < b->elems.len; i++) {
        const ElemDecl *text = &t->elems.data[i], *binary = &b->elems.data[i];
        consider_code(p, &text->offset, &binary->offset);
        for (uint32_t k = 0; binary->has_exprs && k < binary->len; k++)
            consider_code(p, &text->exprs[k], &binary->exprs[k]);
    }
}

// The function's instructions are in order.
static void consider_body(Place *p, const TextPlaces *places) {
    uint64_t start = module_body(p->binary, places->func)->bytes.at;
    consider(p, p->text->funcs.data[places->func].at, start);
    VEC_EACH (const TextPlace, place, &places->entries) {
        if (start + place->code > p->want) break;
        consider(p, place->at, start + place->code);
    }
}

// The offsets of what lies in the code section are those of bodies.
static bool is_body(const Module *m, uint64_t func) {
    return func >= m->imported[EXTERN_func] && func < m->funcs.len;
}

bool place_in_text(Arena *arena, FeatureSet features, const LimitSet *limits,
                   Str text, const Err *err, uint64_t *at) {
    Err unused = {0};
    Bytes bytes;
    TextPlaces places = {.func = (uint32_t)MIN(err->func, UINT32_MAX)};
    Module *t = NEW(arena, Module), *b = NEW(arena, Module);
    module_init(t, arena, features, limits);
    module_init(b, arena, features, limits);
    if (!text_parse_places(t, text.data, text.len, &places, &unused))
        return false;
    module_encode(t, arena, &bytes);
    if (!module_decode(b, bytes.data, bytes.size, &unused)) return false;
    Place p = {.text = t, .binary = b, .want = err->at};
    if (is_body(b, err->func)) {
        consider_body(&p, &places);
    } else {
        consider_definitions(&p);
        consider_exprs(&p);
    }
    *at = p.at;
    return p.found != 0;
}
