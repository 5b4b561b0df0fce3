// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Code that was placed is described to perf and debuggers (debug/native.h), if
// the configuration asks for it.
#include "base/alloc.h"
#include "debug/native.h"
#include "engine/compiled_int.h"

#include <stdio.h>

enum {
    NAME_MAX_SIZE = 512 // what is longer is cut
};

// What belongs to no module.
struct EngineNative {
    Native native;
    Mutex lock;
    uint32_t adapters; // bytes of them that were described
    NativeObject *objects;
};

// What was described of a variant, in the order of its code.
struct VariantNative {
    Mutex lock;
    Native *engine;
    uint32_t described; // functions so far, of region->placed
    bool has_stubs;     // they are the first
    bool asked_lines;
    NativeLines *lines;
    NativeObject *objects;
};

// --- what belongs to no module -----------------------------------------------------

static NativeFunc stubs_of(const CodeRegion *r) {
    return (NativeFunc){
        .name = STR("foliot-stubs"),
        .code = r->text,
        .size = r->stubs.size + r->func_len * CODE_THUNK_SIZE,
    };
}

bool compiled_native_new(const EngineConfig *config, const CodeRegion *stubs,
                         EngineNative **out) {
    NativeWants wants = {
        .perf_map = config->perf_map,
        .jitdump = config->jitdump,
        .gdb = config->debug_info,
    };
    *out = NULL;
    if (!wants.perf_map && !wants.jitdump && !wants.gdb) return true;
    EngineNative *n = MEM_NEW(EngineNative);
    *out = n;
    if (!n) return false;
    native_init(&n->native, wants);
    NativeFunc func = stubs_of(stubs);
    native_add(&n->native, NULL, &func, 1, &n->objects);
    return true;
}

void compiled_native_free(EngineNative *n) {
    if (!n) return;
    native_forget(n->objects);
    native_release(&n->native);
    mutex_release(&n->lock);
    mem_free(n);
}

void compiled_describe_adapters(const EngineCode *code) {
    EngineNative *n = code->native;
    uint32_t size;
    const uint8_t *text = code_adapters_text(code->adapters, &size);
    mutex_lock(&n->lock);
    if (size > n->adapters) {
        NativeFunc func = {
            .name = STR("foliot-adapters"),
            .code = text + n->adapters,
            .size = size - n->adapters,
        };
        native_add(&n->native, NULL, &func, 1, &n->objects);
        n->adapters = size;
    }
    mutex_unlock(&n->lock);
}

// Whoever holds a variant's may want the engine's, and the process's after it.
void compiled_native_lock(EngineNative *n) {
    if (!n) return;
    mutex_lock(&n->lock);
    native_lock(&n->native);
}

void compiled_native_unlock(EngineNative *n) {
    if (!n) return;
    native_unlock(&n->native);
    mutex_unlock(&n->lock);
}

// --- modules -----------------------------------------------------------------------

void compiled_undescribe(CodeVariant *v) {
    VariantNative *n = v->native;
    if (!n) return;
    native_forget(n->objects);
    native_lines_free(n->lines);
    mutex_release(&n->lock);
    mem_free(n);
}

void compiled_describe_lock(const CodeVariant *v) {
    if (v->native) mutex_lock(&v->native->lock);
}

void compiled_describe_unlock(const CodeVariant *v) {
    if (v->native) mutex_unlock(&v->native->lock);
}

bool compiled_describable(CodeVariant *v) {
    const EngineCode *code = v->module->engine->tier_data;
    if (!code->native) return true;
    v->native = MEM_NEW(VariantNative);
    if (!v->native) return false;
    v->native->engine = &code->native->native;
    return true;
}

// Tools take a name up to the end of the line, or the next space.
static Str name_of(const Module *m, uint32_t defined, Arena *arena) {
    uint32_t index = defined + m->imported[EXTERN_func];
    Str name = module_func_name(m, index);
    char number[40];
    if (name.len == 0) {
        int len = snprintf(number, sizeof number, "wasm-function[%u]", index);
        name = (Str){number, (uint32_t)len};
    }
    name.len = MIN(name.len, (uint32_t)NAME_MAX_SIZE);
    char *text = arena_strdup(arena, name.data, name.len);
    for (uint32_t i = 0; i < name.len; i++)
        if ((unsigned char)text[i] <= ' ' || text[i] == 127) text[i] = '_';
    return (Str){text, name.len};
}

static NativeFunc func_of(const CodeVariant *v, const CodePlaced *p,
                          Arena *arena) {
    const RtModule *m = v->module;
    return (NativeFunc){
        .name = name_of(&m->module, p->func, arena),
        .code = v->region->text + p->at,
        .size = p->size,
        .sites = p->sites,
        .site_len = p->site_len,
        .wasm_at = m->side->funcs.data[p->func].code_at,
        .has_frame = true,
    };
}

static void describe(const CodeVariant *v, Arena *arena) {
    VariantNative *n = v->native;
    const CodeRegion *r = v->region;
    uint32_t end = atomic_load_explicit(&r->placed_len, memory_order_acquire);
    if (end == n->described) return;
    NativeFunc *funcs = NEW_N(arena, NativeFunc, end - n->described + 1u);
    uint32_t len = 0;
    if (!n->has_stubs) funcs[len++] = stubs_of(r);
    CodePlaced p;
    for (uint32_t i = n->described; i < end; i++)
        if (code_region_nth(r, i, &p)) funcs[len++] = func_of(v, &p, arena);
    n->has_stubs = true;
    n->described = end;
    native_add(n->engine, n->lines, funcs, len, &n->objects);
}

static void ask_lines(const CodeVariant *v) {
    VariantNative *n = v->native;
    if (n->asked_lines) return;
    n->asked_lines = true;
    if (n->engine->wants.gdb || n->engine->wants.jitdump)
        n->lines = native_lines_new(&v->module->module);
}

void compiled_describe_now(const CodeVariant *v) {
    Arena arena;
    ArenaGuard guard;
    arena_init(&arena, v->module->engine->config.limits.compile_memory);
    mutex_lock(&v->native->lock);
    ask_lines(v);
    // What it owns is the arena's; objects are in their list at once.
    if (ARENA_GUARD(&arena, &guard)) describe(v, &arena);
    arena_unguard(&arena, &guard);
    mutex_unlock(&v->native->lock);
    arena_release(&arena);
}
