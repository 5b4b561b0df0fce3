// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a module imports besides functions: the first few of its memories,
// tables, globals and tags belong to another module, its library. That one lies
// in a section of the module, so that every engine can make it, and one file
// is all there is to run.
#include "fuzz/smith/types.h"

#include "binary/binary.h"

#include <stdio.h>

static void import(Smith *s, Module *lib, ExternKind kind, uint32_t index,
                   SmithShape shape) {
    static const char prefix[] = {
        [EXTERN_table] = 't',
        [EXTERN_memory] = 'm',
        [EXTERN_global] = 'g',
        [EXTERN_tag] = 'e',
    };
    char name[16];
    int len = snprintf(name, sizeof name, "%c%u", prefix[kind], index);
    Str word = {arena_strdup(s->arena, name, (size_t)len), (uint32_t)len};
    Import i = {
        .module = STR("lib"), .name = word, .kind = kind, .index = index};
    Export e = {.name = word, .kind = kind, .index = index};
    VEC_PUSH(s->arena, &s->m.imports, i);
    VEC_PUSH(s->arena, &lib->exports, e);
    s->m.imported[kind] = index + 1;
    smith_note(s, shape);
}

// What is imported may be larger than the import asks for.
static void enlarge(Smith *s, Limits *limits) {
    if (limits->min < limits->max && smith_chance(s, 3)) limits->min++;
}

static void memories(Smith *s, Module *lib) {
    for (uint32_t n = smith_below(s, s->m.memories.len + 1), i = 0; i < n;
         i++) {
        MemoryDecl m = s->m.memories.data[i];
        enlarge(s, &m.type.limits);
        VEC_PUSH(s->arena, &lib->memories, m);
        import(s, lib, EXTERN_memory, i, SHAPE_imported_memory);
    }
}

// A table whose entries cannot be null needs an initial value, which may be
// one of the module's functions.
static void tables(Smith *s, Module *lib) {
    for (uint32_t n = smith_below(s, s->m.tables.len + 1), i = 0; i < n; i++) {
        TableDecl *t = &s->m.tables.data[i];
        if (!vt_is_nullable(t->type.elem)) return;
        t->init = (Bytes){0};
        TableDecl own = *t;
        enlarge(s, &own.type.limits);
        VEC_PUSH(s->arena, &lib->tables, own);
        import(s, lib, EXTERN_table, i, SHAPE_imported_table);
    }
}

static void globals(Smith *s, Module *lib) {
    for (uint32_t i = 0; i < s->imported_globals; i++) {
        VEC_PUSH(s->arena, &lib->globals, s->m.globals.data[i]);
        import(s, lib, EXTERN_global, i, SHAPE_imported_global);
    }
}

static void tags(Smith *s, Module *lib) {
    for (uint32_t n = smith_below(s, s->m.tags.len + 1), i = 0; i < n; i++) {
        VEC_PUSH(s->arena, &lib->tags, s->m.tags.data[i]);
        import(s, lib, EXTERN_tag, i, SHAPE_imported_tag);
    }
}

void smith_lib(Smith *s) {
    Module *lib = NEW(s->arena, Module);
    module_init(lib, s->arena, FEATURES_ALL, s->m.limits);
    lib->types = s->m.types;
    memories(s, lib);
    tables(s, lib);
    globals(s, lib);
    tags(s, lib);
    CustomSection section = {.name = STR("lib")};
    module_encode(lib, s->arena, &section.bytes);
    VEC_PUSH(s->arena, &s->m.customs, section);
}
