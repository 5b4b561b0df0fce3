// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Types beyond wasm.h: of structures, arrays and exceptions, value types that
// can be looked into, memory types with all their parts.
#include "api/wasmtime_int.h"

#include "base/alloc.h"

#include <wasmtime/memory.h>
#include <wasmtime/types.h>

// --- types of an engine ------------------------------------------------------

static void *type_new(Engine *e, RtType *t) {
    EngineType *type = MEM_NEW(EngineType);
    if (!type) return NULL;
    *type = (EngineType){e, t};
    engine_ref(e);
    rt_type_ref(t);
    return type;
}

static void type_free(EngineType *t) {
    rt_type_unref(t->engine->registry, t->type);
    engine_unref(t->engine);
    mem_free(t);
}

#define ENGINE_TYPE(name)                                                 \
    static_assert(sizeof(wasmtime_##name##_type_t) == sizeof(EngineType), \
                  "nothing but the type");                                \
    wasmtime_##name##_type_t *name##_type_of(Engine *e, RtType *t) {      \
        return type_new(e, t);                                            \
    }                                                                     \
    wasmtime_##name##_type_t *wasmtime_##name##_type_copy(                \
        const wasmtime_##name##_type_t *ty) {                             \
        return type_new(ty->of.engine, ty->of.type);                      \
    }                                                                     \
    void wasmtime_##name##_type_delete(wasmtime_##name##_type_t *ty) {    \
        if (ty) type_free(&ty->of);                                       \
    }
ENGINE_TYPE(struct)
ENGINE_TYPE(array)
ENGINE_TYPE(exn)

// --- fields ------------------------------------------------------------------

void wasmtime_storage_type_clone(const wasmtime_storage_type_t *storage,
                                 wasmtime_storage_type_t *out) {
    bool has_type =
        storage->kind == WASMTIME_STORAGE_TYPE_KIND_VALTYPE && storage->valtype;
    out->kind = storage->kind;
    out->valtype = has_type ? wasm_valtype_copy(storage->valtype) : NULL;
}

void wasmtime_storage_type_delete(wasmtime_storage_type_t *storage) {
    if (!storage || storage->kind != WASMTIME_STORAGE_TYPE_KIND_VALTYPE) return;
    wasm_valtype_delete(storage->valtype);
    storage->valtype = NULL;
}

void wasmtime_field_type_clone(const wasmtime_field_type_t *field,
                               wasmtime_field_type_t *out) {
    out->mutable_ = field->mutable_;
    wasmtime_storage_type_clone(&field->storage, &out->storage);
}

void wasmtime_field_type_delete(wasmtime_field_type_t *field) {
    if (field) wasmtime_storage_type_delete(&field->storage);
}

static bool put_field(const Engine *e, const wasmtime_field_type_t *from,
                      RtField *out) {
    const wasm_valtype_t *t = from->storage.valtype;
    *out = (RtField){.is_mutable = from->mutable_};
    switch (from->storage.kind) {
    case WASMTIME_STORAGE_TYPE_KIND_I8:
        out->storage.code = VT_i8;
        return true;
    case WASMTIME_STORAGE_TYPE_KIND_I16:
        out->storage.code = VT_i16;
        return true;
    case WASMTIME_STORAGE_TYPE_KIND_VALTYPE:
        if (!t || !valtype_fits(e, t)) return false;
        out->storage = t->type;
        return true;
    default: // any byte may come in
        return false;
    }
}

// False: no memory for its type.
static bool get_field(Engine *e, const RtField *from,
                      wasmtime_field_type_t *out) {
    ValType code = from->storage.code;
    wasmtime_field_type_t field = {.mutable_ = from->is_mutable};
    if (code == VT_i8) {
        field.storage.kind = WASMTIME_STORAGE_TYPE_KIND_I8;
    } else if (code == VT_i16) {
        field.storage.kind = WASMTIME_STORAGE_TYPE_KIND_I16;
    } else {
        field.storage.kind = WASMTIME_STORAGE_TYPE_KIND_VALTYPE;
        field.storage.valtype = valtype_of(e, from->storage);
    }
    *out = field;
    return vt_is_packed(code) || field.storage.valtype;
}

static RtType *register_fields(Engine *e, CompKind kind,
                               const wasmtime_field_type_t *fields,
                               size_t len) {
    if (len > e->config.limits.struct_fields) return NULL;
    RtField *own = MEM_NEW_N(RtField, len + 1); // never empty
    if (!own) return NULL;
    bool ok = true;
    for (size_t i = 0; ok && i < len; i++)
        ok = put_field(e, &fields[i], &own[i]);
    RtType *t = NULL;
    if (ok) t = registry_struct_type(e->registry, kind, own, (uint32_t)len);
    mem_free(own);
    return t;
}

// Drops the reference that registering gave.
static void *handle_type(Engine *e, RtType *t) {
    if (!t) return NULL;
    void *type = type_new(e, t);
    rt_type_unref(e->registry, t);
    return type;
}

// --- structures and arrays ---------------------------------------------------

wasmtime_struct_type_t *wasmtime_struct_type_new(
    const wasm_engine_t *engine, const wasmtime_field_type_t *fields,
    size_t nfields) {
    Engine *e = engine->engine;
    return handle_type(e, register_fields(e, COMP_struct, fields, nfields));
}

size_t wasmtime_struct_type_num_fields(const wasmtime_struct_type_t *ty) {
    return ty->of.type->field_len;
}

bool wasmtime_struct_type_field(const wasmtime_struct_type_t *ty, size_t index,
                                wasmtime_field_type_t *out) {
    const RtType *t = ty->of.type;
    wasmtime_field_type_t field;
    if (index >= t->field_len ||
        !get_field(ty->of.engine, &t->fields[index], &field))
        return false;
    *out = field;
    return true;
}

wasmtime_array_type_t *wasmtime_array_type_new(
    const wasm_engine_t *engine, const wasmtime_field_type_t *field) {
    Engine *e = engine->engine;
    return handle_type(e, register_fields(e, COMP_array, field, 1));
}

void wasmtime_array_type_element(const wasmtime_array_type_t *ty,
                                 wasmtime_field_type_t *out) {
    (void)!get_field(ty->of.engine, ty->of.type->fields, out);
}

// --- exceptions --------------------------------------------------------------

wasmtime_error_t *wasmtime_exn_type_new(const wasm_engine_t *engine,
                                        const wasm_valtype_vec_t *params,
                                        wasmtime_exn_type_t **out) {
    Engine *e = engine->engine;
    wasm_functype_t func = {.params = *params}; // borrowed for this call
    RtType *t = functype_register(e, &func);
    if (!t)
        return error_of_text("the exception type is too large or of another "
                             "engine");
    wasmtime_exn_type_t *type = handle_type(e, t);
    if (!type) return error_no_memory();
    *out = type;
    return NULL;
}

wasm_tagtype_t *wasmtime_exn_type_tag_type(const wasmtime_exn_type_t *ty) {
    return tagtype_of(ty->of.engine, ty->of.type);
}

// --- value types -------------------------------------------------------------

wasm_valtype_t *wasmtime_wasm_valtype_v128(void) {
    return valtype_of(NULL, (RtValType){.code = VT_v128});
}

bool wasmtime_wasm_valtype_equal(const wasm_valtype_t *a,
                                 const wasm_valtype_t *b) {
    return rt_val_type_equal(a->type, b->type);
}

// The kinds of abstract heap types, both ways.
static const wasmtime_heaptype_kind_t heap_kinds[HEAP_bot] = {
    [HEAP_func] = WASMTIME_HEAPTYPE_KIND_FUNC,
    [HEAP_extern] = WASMTIME_HEAPTYPE_KIND_EXTERN,
    [HEAP_any] = WASMTIME_HEAPTYPE_KIND_ANY,
    [HEAP_eq] = WASMTIME_HEAPTYPE_KIND_EQ,
    [HEAP_i31] = WASMTIME_HEAPTYPE_KIND_I31,
    [HEAP_struct] = WASMTIME_HEAPTYPE_KIND_STRUCT,
    [HEAP_array] = WASMTIME_HEAPTYPE_KIND_ARRAY,
    [HEAP_exn] = WASMTIME_HEAPTYPE_KIND_EXN,
    [HEAP_none] = WASMTIME_HEAPTYPE_KIND_NONE,
    [HEAP_noextern] = WASMTIME_HEAPTYPE_KIND_NOEXTERN,
    [HEAP_nofunc] = WASMTIME_HEAPTYPE_KIND_NOFUNC,
    [HEAP_noexn] = WASMTIME_HEAPTYPE_KIND_NOEXN,
};

static bool abstract_heap(wasmtime_heaptype_kind_t kind, HeapKind *out) {
    for (int i = 0; i < HEAP_bot; i++) {
        *out = (HeapKind)i;
        if (heap_kinds[i] == kind) return true;
    }
    return false;
}

static void heaptype_of(Engine *e, RtValType t, wasmtime_heaptype_t *out) {
    *out = (wasmtime_heaptype_t){0};
    if (!t.type) {
        out->kind = heap_kinds[vt_heap(t.code)];
        return;
    }
    switch (t.type->kind) {
    case COMP_func:
        out->kind = WASMTIME_HEAPTYPE_KIND_CONCRETE_FUNC;
        out->of.concrete_func = functype_of(e, t.type);
        return;
    case COMP_struct:
        out->kind = WASMTIME_HEAPTYPE_KIND_CONCRETE_STRUCT;
        out->of.concrete_struct = struct_type_of(e, t.type);
        return;
    case COMP_array:
        out->kind = WASMTIME_HEAPTYPE_KIND_CONCRETE_ARRAY;
        out->of.concrete_array = array_type_of(e, t.type);
        return;
    }
    UNREACHABLE();
}

void wasmtime_valtype_new(const wasm_valtype_t *ty, wasmtime_valtype_t *out) {
    ValType code = ty->type.code;
    *out = (wasmtime_valtype_t){0};
    if (!vt_is_ref(code)) {
        out->kind = wasm_valtype_kind(ty); // numbers have the same kinds
        return;
    }
    out->kind = WASMTIME_VALTYPE_KIND_REF;
    out->reftype.nullable = vt_is_nullable(code);
    heaptype_of(ty->engine, ty->type, &out->reftype.heaptype);
}

void wasmtime_heaptype_clone(const wasmtime_heaptype_t *ty,
                             wasmtime_heaptype_t *out) {
    *out = (wasmtime_heaptype_t){.kind = ty->kind};
    switch (ty->kind) {
    case WASMTIME_HEAPTYPE_KIND_CONCRETE_FUNC:
        if (ty->of.concrete_func)
            out->of.concrete_func = wasm_functype_copy(ty->of.concrete_func);
        return;
    case WASMTIME_HEAPTYPE_KIND_CONCRETE_STRUCT:
        if (ty->of.concrete_struct)
            out->of.concrete_struct =
                wasmtime_struct_type_copy(ty->of.concrete_struct);
        return;
    case WASMTIME_HEAPTYPE_KIND_CONCRETE_ARRAY:
        if (ty->of.concrete_array)
            out->of.concrete_array =
                wasmtime_array_type_copy(ty->of.concrete_array);
        return;
    case WASMTIME_HEAPTYPE_KIND_CONCRETE_EXN:
        if (ty->of.concrete_exn)
            out->of.concrete_exn = wasmtime_exn_type_copy(ty->of.concrete_exn);
        return;
    default: // the others own nothing
        return;
    }
}

void wasmtime_heaptype_delete(wasmtime_heaptype_t *ty) {
    if (!ty) return;
    switch (ty->kind) {
    case WASMTIME_HEAPTYPE_KIND_CONCRETE_FUNC:
        wasm_functype_delete(ty->of.concrete_func);
        break;
    case WASMTIME_HEAPTYPE_KIND_CONCRETE_STRUCT:
        wasmtime_struct_type_delete(ty->of.concrete_struct);
        break;
    case WASMTIME_HEAPTYPE_KIND_CONCRETE_ARRAY:
        wasmtime_array_type_delete(ty->of.concrete_array);
        break;
    case WASMTIME_HEAPTYPE_KIND_CONCRETE_EXN:
        wasmtime_exn_type_delete(ty->of.concrete_exn);
        break;
    default: // the others own nothing
        return;
    }
    ty->of = (wasmtime_heaptype_union_t){0};
}

void wasmtime_reftype_clone(const wasmtime_reftype_t *ty,
                            wasmtime_reftype_t *out) {
    out->nullable = ty->nullable;
    wasmtime_heaptype_clone(&ty->heaptype, &out->heaptype);
}

void wasmtime_reftype_delete(wasmtime_reftype_t *ty) {
    if (ty) wasmtime_heaptype_delete(&ty->heaptype);
}

void wasmtime_valtype_clone(const wasmtime_valtype_t *ty,
                            wasmtime_valtype_t *out) {
    *out = (wasmtime_valtype_t){.kind = ty->kind};
    if (ty->kind == WASMTIME_VALTYPE_KIND_REF)
        wasmtime_reftype_clone(&ty->reftype, &out->reftype);
}

void wasmtime_valtype_delete(wasmtime_valtype_t *ty) {
    if (ty && ty->kind == WASMTIME_VALTYPE_KIND_REF)
        wasmtime_reftype_delete(&ty->reftype);
}

// The engine's type of a concrete heap type; the caller owns a reference. NULL:
// there is none, it is of another engine, or no memory.
static RtType *concrete_type(Engine *e, const wasmtime_heaptype_t *ty) {
    const EngineType *t = NULL;
    if (ty->kind == WASMTIME_HEAPTYPE_KIND_CONCRETE_FUNC)
        return ty->of.concrete_func ? functype_register(e, ty->of.concrete_func)
                                    : NULL;
    if (ty->kind == WASMTIME_HEAPTYPE_KIND_CONCRETE_STRUCT &&
        ty->of.concrete_struct)
        t = &ty->of.concrete_struct->of;
    if (ty->kind == WASMTIME_HEAPTYPE_KIND_CONCRETE_ARRAY &&
        ty->of.concrete_array)
        t = &ty->of.concrete_array->of;
    if (!t || t->engine != e) return NULL;
    rt_type_ref(t->type);
    return t->type;
}

static wasm_valtype_t *ref_to_wasm(Engine *e, const wasmtime_reftype_t *ty) {
    ValType null = ty->nullable ? VT_NULL : 0;
    HeapKind kind;
    if (abstract_heap(ty->heaptype.kind, &kind))
        return valtype_of(NULL,
                          (RtValType){.code = VT_ABSTRACT_REF(kind) | null});
    RtType *type = concrete_type(e, &ty->heaptype);
    if (!type) return NULL;
    wasm_valtype_t *t = valtype_of(e, (RtValType){VT_REF | null, type});
    rt_type_unref(e->registry, type);
    return t;
}

wasm_valtype_t *wasmtime_valtype_to_wasm(const wasm_engine_t *engine,
                                         const wasmtime_valtype_t *ty) {
    if (ty->kind == WASMTIME_VALTYPE_KIND_REF)
        return ref_to_wasm(engine->engine, &ty->reftype);
    if (ty->kind > WASMTIME_VALTYPE_KIND_V128) return NULL;
    return wasm_valtype_new(ty->kind); // numbers have the same kinds
}

// --- memory types ------------------------------------------------------------

wasmtime_error_t *wasmtime_memorytype_new(uint64_t min, bool max_present,
                                          uint64_t max, bool is_64, bool shared,
                                          uint8_t page_size_log2,
                                          wasm_memorytype_t **ret) {
    MemoryType type = {
        .limits = {.min = min,
                   .max = max_present ? max : 0,
                   .has_max = max_present,
                   .is_64 = is_64,
                   .is_shared = shared},
        .page_log2 = page_size_log2,
    };
    if (page_size_log2 != 0 && page_size_log2 != PAGE_LOG2)
        return error_of_text("pages have 1 or 65536 bytes");
    if (max_present && min > max)
        return error_of_text("the memory's minimum is above its maximum");
    if (MAX(min, type.limits.max) > memory_type_pages_max(&type))
        return error_of_text("the memory is larger than its index can address");
    if (shared && !max_present)
        return error_of_text("a shared memory needs a maximum");
    wasm_memorytype_t *t = memorytype_of(&type);
    if (!t) return error_no_memory();
    *ret = t;
    return NULL;
}

uint64_t wasmtime_memorytype_minimum(const wasm_memorytype_t *ty) {
    return ty->type.limits.min;
}

bool wasmtime_memorytype_maximum(const wasm_memorytype_t *ty, uint64_t *max) {
    if (!ty->type.limits.has_max) return false;
    *max = ty->type.limits.max;
    return true;
}

bool wasmtime_memorytype_is64(const wasm_memorytype_t *ty) {
    return ty->type.limits.is_64;
}

bool wasmtime_memorytype_isshared(const wasm_memorytype_t *ty) {
    return ty->type.limits.is_shared;
}

uint64_t wasmtime_memorytype_page_size(const wasm_memorytype_t *ty) {
    return (uint64_t)1 << ty->type.page_log2;
}

uint8_t wasmtime_memorytype_page_size_log2(const wasm_memorytype_t *ty) {
    return (uint8_t)ty->type.page_log2;
}
