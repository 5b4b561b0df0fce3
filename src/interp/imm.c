// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Immediates of validated code: nothing can be wrong with them.
#include "interp/interp_int.h"

void imm_skip(const uint8_t **p) {
    while (*(*p)++ & 0x80)
        ;
}

uint64_t imm_u64_long(const uint8_t **p) {
    uint64_t value = 0;
    unsigned shift = 0;
    uint8_t byte;
    do {
        byte = *(*p)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    return value;
}

int64_t imm_s64(const uint8_t **p) {
    uint64_t value = 0;
    unsigned shift = 0;
    uint8_t byte;
    do {
        byte = *(*p)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    if (shift < 64 && (byte & 0x40)) value |= UINT64_MAX << shift;
    return (int64_t)value;
}

// --- types -----------------------------------------------------------------------

enum {
    CODE_REF_NULL = 0x63, // a heap type follows
    CODE_REF = 0x64,
};

static const uint8_t *skip_val_type(const uint8_t *p) {
    if (*p == CODE_REF_NULL || *p == CODE_REF) p++;
    imm_skip(&p);
    return p;
}

const uint8_t *imm_skip_block(const uint8_t *p) {
    return skip_val_type(p);
}

const uint8_t *imm_skip_types(const uint8_t *p) {
    for (uint32_t len = imm_u32(&p); len > 0; len--)
        p = skip_val_type(p);
    return p;
}

const uint8_t *imm_skip_try_table(const uint8_t *p) {
    p = imm_skip_block(p);
    for (uint32_t len = imm_u32(&p); len > 0; len--) {
        uint8_t kind = *p++;
        if (kind == CATCH_tag || kind == CATCH_tag_ref) imm_skip(&p);
        imm_skip(&p);
    }
    return p;
}

RtValType imm_heap(const Exec *x, const uint8_t **p, bool is_nullable) {
    int64_t code = imm_s64(p);
    ValType null = is_nullable ? VT_NULL : 0;
    if (code >= 0) return (RtValType){VT_REF | null, x->context->types[code]};
    HeapKind kind = heap_of_code((uint8_t)(code & 0x7f));
    return (RtValType){.code = VT_ABSTRACT_REF(kind) | null};
}
