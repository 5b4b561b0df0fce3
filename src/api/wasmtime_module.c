// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// wasmtime/engine.h, wasmtime/module.h and wasmtime/wat.h.
#include "api/wasmtime_int.h"

#include "base/alloc.h"
#include "binary/binary.h"
#include "engine/artifact.h"
#include "os/file.h"
#include "os/path.h"
#include "text/text.h"

#include <wasmtime/engine.h>
#include <wasmtime/module.h>
#include <wasmtime/wat.h>

// --- engines -----------------------------------------------------------------

wasm_engine_t *wasmtime_engine_clone(const wasm_engine_t *engine) {
    wasm_engine_t *e = MEM_NEW(wasm_engine_t);
    if (!e) return NULL;
    e->engine = engine->engine;
    engine_ref(e->engine);
    return e;
}

void wasmtime_engine_increment_epoch(const wasm_engine_t *engine) {
    engine_raise_epoch(engine->engine);
}

bool wasmtime_engine_is_pulley(const wasm_engine_t *engine) {
    (void)engine;
    return false;
}

// --- loading -----------------------------------------------------------------

// Takes the module, or tells why there is none.
static wasmtime_error_t *give(RtModule *m, const Err *err,
                              wasmtime_module_t **ret) {
    if (!m) return error_of(err);
    wasmtime_module_t *module = MEM_NEW(wasmtime_module_t);
    if (!module) {
        rt_module_unref(m);
        return error_no_memory();
    }
    module->module = m;
    *ret = module;
    return NULL;
}

wasmtime_error_t *wasmtime_module_new(wasm_engine_t *engine,
                                      const uint8_t *wasm, size_t wasm_len,
                                      wasmtime_module_t **ret) {
    Err err = {0};
    RtModule *m = module_load(engine->engine, wasm, wasm_len, NULL, &err);
    return give(m, &err, ret);
}

wasmtime_error_t *wasmtime_module_validate(wasm_engine_t *engine,
                                           const uint8_t *wasm,
                                           size_t wasm_len) {
    Err err = {0};
    bool ok = module_check(engine->engine, wasm, wasm_len, &err);
    return ok ? NULL : error_of(&err);
}

void wasmtime_module_delete(wasmtime_module_t *m) {
    if (!m) return;
    rt_module_unref(m->module);
    mem_free(m);
}

wasmtime_module_t *module_handle(RtModule *m) {
    wasmtime_module_t *module = MEM_NEW(wasmtime_module_t);
    if (!module) return NULL;
    module->module = m;
    rt_module_ref(m);
    return module;
}

wasmtime_module_t *wasmtime_module_clone(const wasmtime_module_t *m) {
    return module_handle(m->module);
}

// --- asking ------------------------------------------------------------------

void wasmtime_module_imports(const wasmtime_module_t *m,
                             wasm_importtype_vec_t *out) {
    module_imports(m->module, out);
}

void wasmtime_module_exports(const wasmtime_module_t *m,
                             wasm_exporttype_vec_t *out) {
    module_exports(m->module, out);
}

void wasmtime_module_image_range(const wasmtime_module_t *m, void **start,
                                 void **end) {
    uint8_t *bytes = (uint8_t *)(uintptr_t)m->module->bytes;
    *start = bytes;
    *end = bytes + m->module->size;
}

// --- serialized --------------------------------------------------------------

wasmtime_error_t *wasmtime_module_serialize(const wasmtime_module_t *m,
                                            wasm_byte_vec_t *ret) {
    module_serialize(m->module, ret);
    return ret->data ? NULL : error_no_memory();
}

wasmtime_error_t *wasmtime_module_deserialize(wasm_engine_t *engine,
                                              const uint8_t *bytes,
                                              size_t bytes_len,
                                              wasmtime_module_t **ret) {
    Err err = {0};
    RtModule *m = module_deserialize(engine->engine, bytes, bytes_len, &err);
    return give(m, &err, ret);
}

// Reads `size` bytes; less when the file is shorter by now.
static wasmtime_error_t *read_bytes(const char *path, int fd,
                                    wasm_byte_vec_t *out) {
    size_t at = 0, done = 1;
    while (at < out->size && done > 0) {
        FileBuf room = {out->data + at, out->size - at};
        OsError error = file_read(fd, &room, 1, &done);
        if (error)
            return error_of_text("cannot read %s: %s", path,
                                 os_error_text(error));
        at += done;
    }
    out->size = at;
    return NULL;
}

static wasmtime_error_t *read_file(const char *path, uint64_t size_max, int fd,
                                   wasm_byte_vec_t *out) {
    FileStat stat;
    OsError error = file_stat(fd, &stat);
    if (error)
        return error_of_text("cannot read %s: %s", path, os_error_text(error));
    if (stat.type != FILE_regular || stat.size > size_max)
        return error_of_text("%s is no file of at most %llu bytes", path,
                             (unsigned long long)size_max);
    wasm_byte_vec_new_uninitialized(out, stat.size);
    if (stat.size && !out->data) return error_no_memory();
    return read_bytes(path, fd, out);
}

static bool is_compiled(int fd) {
    uint8_t start[16];
    FileBuf room = {start, sizeof start};
    size_t done = 0;
    return !file_read_at(fd, &room, 1, 0, &done) && artifact_is(start, done);
}

wasmtime_error_t *wasmtime_module_deserialize_file(wasm_engine_t *engine,
                                                   const char *path,
                                                   wasmtime_module_t **ret) {
    int fd;
    OsError error = file_open_host(path, &fd);
    if (error)
        return error_of_text("cannot open %s: %s", path, os_error_text(error));
    if (is_compiled(fd)) {
        Err err = {0};
        RtModule *m = artifact_load_file(engine->engine, fd, &err);
        file_close(fd);
        return give(m, &err, ret);
    }
    wasm_byte_vec_t bytes = {0};
    wasmtime_error_t *e =
        read_file(path, engine->engine->config.limits.module_size, fd, &bytes);
    file_close(fd);
    if (!e)
        e = wasmtime_module_deserialize(
            engine, (const uint8_t *)(const void *)bytes.data, bytes.size, ret);
    wasm_byte_vec_delete(&bytes);
    return e;
}

// --- text --------------------------------------------------------------------

// Into the arena, under its guard.
static bool assemble(Arena *arena, const LimitSet *limits, Str text, Bytes *out,
                     Err *err) {
    ArenaGuard guard;
    bool ok = false;
    if (ARENA_GUARD(arena, &guard)) {
        Module *m = NEW(arena, Module);
        module_init(m, arena, FEATURES_ALL, limits);
        ok = text_parse_module(m, text.data, text.len, err);
        if (ok) module_encode(m, arena, out);
    } else {
        ok = err_at(err, ERR_NOWHERE, E_out_of_memory);
    }
    arena_unguard(arena, &guard);
    return ok && err_ok(err);
}

static wasmtime_error_t *text_error(const char *wat, size_t wat_len,
                                    const Err *err) {
    if (err->at == ERR_NOWHERE) return error_of(err);
    TextPos pos = text_locate(wat, wat_len, err->at);
    return error_of_text("%u:%u: %s", pos.line, pos.column, err->text);
}

wasmtime_error_t *wasmtime_wat2wasm(const char *wat, size_t wat_len,
                                    wasm_byte_vec_t *ret) {
    Arena arena;
    Bytes bytes = {0};
    Err err = {0};
    LimitSet limits = limits_default();
    wasm_byte_vec_t out = {0};
    if (wat_len > limits.module_size)
        return error_of_text("the text is over the limit of %llu bytes",
                             (unsigned long long)limits.module_size);
    arena_init(&arena, limits.compile_memory);
    Str text = {wat, (uint32_t)wat_len};
    wasmtime_error_t *e = NULL;
    if (!assemble(&arena, &limits, text, &bytes, &err))
        e = text_error(wat, wat_len, &err);
    else if (name_of(&out, (const char *)(const void *)bytes.data, bytes.size))
        *ret = out;
    else
        e = error_no_memory();
    arena_release(&arena);
    return e;
}
