// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Modules made by hand for the tests of valid/.
#pragma once

#include "base/writer.h"
#include "valid/valid_int.h"

#include <string.h>

typedef struct Fixture {
    Arena arena, scratch;
    LimitSet limits;
    Module m;
    SideTables side;
    Err err;
} Fixture;

static inline void fixture_init(Fixture *f) {
    *f = (Fixture){.limits = limits_default(), .err = {.func = ERR_NOWHERE}};
    arena_init(&f->arena, 0);
    arena_init(&f->scratch, 0);
    module_init(&f->m, &f->arena, FEATURES_ALL, &f->limits);
}

static inline void fixture_release(Fixture *f) {
    arena_release(&f->arena);
    arena_release(&f->scratch);
}

static inline const ValType *fixture_types(Fixture *f, const char *letters,
                                           uint32_t *len) {
    *len = (uint32_t)strlen(letters);
    ValType *types = NEW_N(&f->arena, ValType, *len);
    for (uint32_t i = 0; i < *len; i++) {
        switch (letters[i]) {
        case 'i':
            types[i] = VT_i32;
            break;
        case 'l':
            types[i] = VT_i64;
            break;
        case 'f':
            types[i] = VT_f32;
            break;
        case 'd':
            types[i] = VT_f64;
            break;
        case 'v':
            types[i] = VT_v128;
            break;
        default:
            types[i] = VT_ANYREF;
            break;
        }
    }
    return types;
}

// Adds a function type in a group of its own; letters as in op.def, r = anyref.
static inline uint32_t fixture_type(Fixture *f, const char *params,
                                    const char *results) {
    TypeDef def = {
        .kind = COMP_func,
        .is_final = true,
        .super = TYPE_NONE,
        .group_start = f->m.types.len,
        .group_len = 1,
    };
    def.func.params = fixture_types(f, params, &def.func.param_len);
    def.func.results = fixture_types(f, results, &def.func.result_len);
    VEC_PUSH(&f->arena, &f->m.types, def);
    return f->m.types.len - 1;
}

static inline uint32_t fixture_func(Fixture *f, uint32_t type,
                                    const uint8_t *body, size_t size) {
    VEC_PUSH(&f->arena, &f->m.funcs, ((FuncDecl){.type = type}));
    VEC_PUSH(&f->arena, &f->m.bodies,
             ((Body){.bytes = {.data = body, .size = (uint32_t)size}}));
    return f->m.funcs.len - 1;
}

static inline void fixture_memory(Fixture *f, bool is_64) {
    VEC_PUSH(&f->arena, &f->m.memories,
             ((MemoryDecl){.type = {.limits = {.min = 1, .is_64 = is_64},
                                    .page_log2 = PAGE_LOG2}}));
}

// The whole module, under guards; false with f->err set.
static inline bool fixture_valid(Fixture *f) {
    ArenaGuard guard;
    volatile bool ok = false;
    if (ARENA_GUARD(&f->arena, &guard))
        ok = valid_all(&f->m, &f->side, &f->err);
    else
        err_at(&f->err, ERR_NOWHERE, E_out_of_memory);
    arena_unguard(&f->arena, &guard);
    return ok;
}
