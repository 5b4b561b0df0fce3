// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Modules of wasm.h: loading, asking, sharing, serializing.
#include "api/api_int.h"

#include "base/alloc.h"
#include "engine/artifact.h"

struct wasm_shared_module_t {
    RtModule *module; // counted
};

// --- loading -----------------------------------------------------------------

// Takes the reference on the module; NULL stays NULL.
static wasm_module_t *module_of(RtModule *m) {
    wasm_module_t *module =
        m ? ref_new(NULL, REF_module, sizeof(wasm_module_t)) : NULL;
    if (module)
        module->ref.module = m;
    else if (m)
        rt_module_unref(m);
    return module;
}

static const uint8_t *bytes_of(const wasm_byte_vec_t *v) {
    return (const uint8_t *)(const void *)v->data;
}

wasm_module_t *wasm_module_new(wasm_store_t *store,
                               const wasm_byte_vec_t *binary) {
    Err err = {0};
    return module_of(module_load(store->store->engine, bytes_of(binary),
                                 binary->size, NULL, &err));
}

bool wasm_module_validate(wasm_store_t *store, const wasm_byte_vec_t *binary) {
    Err err = {0};
    return module_check(store->store->engine, bytes_of(binary), binary->size,
                        &err);
}

// --- sharing -----------------------------------------------------------------

wasm_shared_module_t *wasm_module_share(const wasm_module_t *m) {
    wasm_shared_module_t *shared = MEM_NEW(wasm_shared_module_t);
    if (!shared) return NULL;
    shared->module = m->ref.module;
    rt_module_ref(shared->module);
    return shared;
}

void wasm_shared_module_delete(wasm_shared_module_t *shared) {
    if (!shared) return;
    rt_module_unref(shared->module);
    mem_free(shared);
}

wasm_module_t *wasm_module_obtain(wasm_store_t *store,
                                  const wasm_shared_module_t *shared) {
    if (shared->module->engine != store->store->engine) return NULL;
    rt_module_ref(shared->module);
    return module_of(shared->module);
}

// --- serializing -------------------------------------------------------------
//
// The interpreter runs a module's bytes as they are, so these follow a header
// that says what they are. Loading them checks all of it again. Where there is a
// compiler, its code goes along (engine/artifact.h).

static const char SERIAL_MAGIC[16] = "\x7f"
                                     "foliot-module1";

// Under a guard: what is copied lies in an arena. Nothing on failure.
static void serialize_code(RtModule *m, wasm_byte_vec_t *out) {
    Arena arena;
    ArenaGuard guard;
    Err err = {0};
    wasm_byte_vec_new_empty(out);
    arena_init(&arena, m->engine->config.limits.compile_memory);
    if (ARENA_GUARD(&arena, &guard)) {
        uint8_t *bytes;
        size_t size;
        if (artifact_write(m, &arena, &bytes, &size, &err))
            wasm_byte_vec_new(out, size, (const wasm_byte_t *)bytes);
    }
    arena_unguard(&arena, &guard);
    arena_release(&arena);
}

static void free_copy(void *env, const uint8_t *bytes, size_t size) {
    (void)bytes, (void)size;
    mem_free(env);
}

// Its tables are used where they lie, so they must be aligned.
static RtModule *deserialize_code(Engine *e, const uint8_t *bytes, size_t size,
                                  Err *err) {
    if ((uintptr_t)bytes % 16 == 0)
        return artifact_load(e, bytes, size, NULL, err);
    uint8_t *copy = mem_alloc(size);
    if (!copy) {
        (void)err_at(err, ERR_NOWHERE, E_out_of_memory);
        return NULL;
    }
    memcpy(copy, bytes, size);
    LoadOptions options = {
        .bytes = LOAD_take, .bytes_free = free_copy, .bytes_env = copy};
    RtModule *m = artifact_load(e, copy, size, &options, err);
    if (!m) mem_free(copy);
    return m;
}

void module_serialize(RtModule *m, wasm_byte_vec_t *out) {
    if (m->engine->tier->compile) {
        serialize_code(m, out);
        return;
    }
    wasm_byte_vec_new_uninitialized(out, sizeof SERIAL_MAGIC + m->size);
    if (!out->data) return;
    memcpy(out->data, SERIAL_MAGIC, sizeof SERIAL_MAGIC);
    memcpy(out->data + sizeof SERIAL_MAGIC, m->bytes, m->size);
}

RtModule *module_deserialize(Engine *e, const uint8_t *bytes, size_t size,
                             Err *err) {
    size_t header = sizeof SERIAL_MAGIC;
    if (artifact_is(bytes, size)) return deserialize_code(e, bytes, size, err);
    if (size < header || memcmp(bytes, SERIAL_MAGIC, header) != 0) {
        (void)err_at(err, ERR_NOWHERE, E_not_serialized);
        return NULL;
    }
    return module_load(e, bytes + header, size - header, NULL, err);
}

void wasm_module_serialize(const wasm_module_t *m, wasm_byte_vec_t *out) {
    module_serialize(m->ref.module, out);
}

wasm_module_t *wasm_module_deserialize(wasm_store_t *store,
                                       const wasm_byte_vec_t *bytes) {
    Err err = {0};
    return module_of(module_deserialize(store->store->engine, bytes_of(bytes),
                                        bytes->size, &err));
}

// --- imports and exports -----------------------------------------------------

static wasm_functype_t *func_type(const RtModule *m, uint32_t index) {
    return functype_of(m->engine, m->types[m->module.funcs.data[index].type]);
}

static wasm_externtype_t *externtype_of(const RtModule *m, ExternKind kind,
                                        uint32_t index) {
    const Module *module = &m->module;
    switch (kind) {
    case EXTERN_func:
        return wasm_functype_as_externtype(func_type(m, index));
    case EXTERN_table: {
        const TableType *t = &module->tables.data[index].type;
        RtValType elem = rt_val_type(t->elem, m->types);
        return wasm_tabletype_as_externtype(
            tabletype_of(m->engine, elem, &t->limits));
    }
    case EXTERN_memory:
        return wasm_memorytype_as_externtype(
            memorytype_of(&module->memories.data[index].type));
    case EXTERN_global: {
        const GlobalType *t = &module->globals.data[index].type;
        RtValType content = rt_val_type(t->type, m->types);
        return wasm_globaltype_as_externtype(
            globaltype_of(m->engine, content, t->is_mutable));
    }
    case EXTERN_tag:
        return wasm_tagtype_as_externtype(
            tagtype_of(m->engine, m->types[module->tags.data[index].type]));
    case EXTERN_count:
        break;
    }
    UNREACHABLE();
}

static wasm_importtype_t *importtype_of(const RtModule *m, const Import *im) {
    wasm_name_t module, name = {0};
    if (name_of(&module, im->module.data, im->module.len) &&
        name_of(&name, im->name.data, im->name.len))
        return wasm_importtype_new(&module, &name,
                                   externtype_of(m, im->kind, im->index));
    wasm_name_delete(&module);
    wasm_name_delete(&name);
    return NULL;
}

static wasm_exporttype_t *exporttype_of(const RtModule *m, const Export *ex) {
    wasm_name_t name;
    if (!name_of(&name, ex->name.data, ex->name.len)) return NULL;
    return wasm_exporttype_new(&name, externtype_of(m, ex->kind, ex->index));
}

void module_imports(const RtModule *m, wasm_importtype_vec_t *out) {
    uint32_t len = m->module.imports.len;
    wasm_importtype_vec_new_uninitialized(out, len);
    bool ok = out->size == len;
    for (uint32_t i = 0; ok && i < len; i++) {
        out->data[i] = importtype_of(m, &m->module.imports.data[i]);
        ok = out->data[i] != NULL;
    }
    if (!ok) wasm_importtype_vec_delete(out);
}

void module_exports(const RtModule *m, wasm_exporttype_vec_t *out) {
    uint32_t len = m->module.exports.len;
    wasm_exporttype_vec_new_uninitialized(out, len);
    bool ok = out->size == len;
    for (uint32_t i = 0; ok && i < len; i++) {
        out->data[i] = exporttype_of(m, &m->module.exports.data[i]);
        ok = out->data[i] != NULL;
    }
    if (!ok) wasm_exporttype_vec_delete(out);
}

void wasm_module_imports(const wasm_module_t *m, wasm_importtype_vec_t *out) {
    module_imports(m->ref.module, out);
}

void wasm_module_exports(const wasm_module_t *m, wasm_exporttype_vec_t *out) {
    module_exports(m->ref.module, out);
}
