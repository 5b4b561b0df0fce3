// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "rt/global.h"

#include "base/alloc.h"

Global *global_new(Store *s, RtValType type, bool is_mutable, Raw init) {
    if (type.type && !store_hold_type(s, type.type)) return NULL;
    Global *g = MEM_NEW(Global);
    if (!g) return NULL;
    *g = (Global){
        .cell = init,
        .type = type,
        .is_mutable = is_mutable,
        .is_ref = rt_val_type_is_traced(type),
        .handle = s->globals.len,
        .store = s,
    };
    if (LIST_PUSH(&s->globals, g)) return g;
    mem_free(g);
    return NULL;
}

Tag *tag_new(Store *s, RtType *type) {
    if (!store_hold_type(s, type)) return NULL;
    Tag *t = MEM_NEW(Tag);
    if (!t) return NULL;
    *t = (Tag){
        .type = type, .handle = s->tags.len, .gc_type = UINT32_MAX, .store = s};
    if (LIST_PUSH(&s->tags, t)) return t;
    mem_free(t);
    return NULL;
}
