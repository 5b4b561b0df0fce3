// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// References into the collected heap: anyref, eqref, i31, externref, and what
// all six have in common.
#include "api/wasmtime_int.h"

#include <wasmtime/anyref.h>
#include <wasmtime/arrayref.h>
#include <wasmtime/eqref.h>
#include <wasmtime/exnref.h>
#include <wasmtime/externref.h>
#include <wasmtime/structref.h>

// All roots have the form of an anyref (wasmtime_val.c asserts it).
#define ROOT(r)       ((Root *)(void *)(r))
#define CONST_ROOT(r) ((const Root *)(const void *)(r))

#define CLONE_AND_UNROOT(name)                                    \
    void wasmtime_##name##_clone(const wasmtime_##name##_t *from, \
                                 wasmtime_##name##_t *out) {      \
        root_clone(CONST_ROOT(from), ROOT(out));                  \
    }                                                             \
    void wasmtime_##name##_unroot(wasmtime_##name##_t *ref) {     \
        root_unroot(ROOT(ref));                                   \
    }
CLONE_AND_UNROOT(anyref)
CLONE_AND_UNROOT(eqref)
CLONE_AND_UNROOT(structref)
CLONE_AND_UNROOT(arrayref)
CLONE_AND_UNROOT(externref)
CLONE_AND_UNROOT(exnref)

#define UPCAST(name, to)                                           \
    void wasmtime_##name##_to_##to(const wasmtime_##name##_t *ref, \
                                   wasmtime_##to##_t *out) {       \
        root_clone(CONST_ROOT(ref), ROOT(out));                    \
    }
UPCAST(eqref, anyref)
UPCAST(structref, anyref)
UPCAST(structref, eqref)
UPCAST(arrayref, anyref)
UPCAST(arrayref, eqref)

// --- raw references ----------------------------------------------------------

// Does a raw reference of the embedder's name an object at all?
static bool is_sound(const Store *s, uint32_t raw) {
    return gc_ref_is_i31(raw) || (raw && s->heap && gc_holds(s->heap, raw));
}

// Without memory, or of something that is no reference, null.
#define RAW(name)                                                              \
    void wasmtime_##name##_from_raw(wasmtime_context_t *context, uint32_t raw, \
                                    wasmtime_##name##_t *out) {                \
        Store *s = store_of_context(context);                                  \
        (void)!root_new(s, is_sound(s, raw) ? raw : 0, ROOT(out));             \
    }                                                                          \
    uint32_t wasmtime_##name##_to_raw(wasmtime_context_t *context,             \
                                      const wasmtime_##name##_t *ref) {        \
        return root_get(store_of_context(context), CONST_ROOT(ref));           \
    }
RAW(anyref)
RAW(externref)
RAW(exnref)

// --- what an object is -------------------------------------------------------

static bool matches(wasmtime_context_t *context, const Root *r, ValType t) {
    Store *s = store_of_context(context);
    Raw raw = {.u64 = root_get(s, r)};
    return raw.ref && store_ref_matches(s, raw, (RtValType){.code = t});
}

static bool cast(wasmtime_context_t *context, const Root *r, ValType t,
                 Root *out) {
    bool ok = matches(context, r, t);
    root_clone(ok ? r : NULL, out);
    return ok;
}

#define IS_AND_AS(name, is, to, T)                                   \
    bool wasmtime_##name##_is_##is(wasmtime_context_t *context,      \
                                   const wasmtime_##name##_t *ref) { \
        return matches(context, CONST_ROOT(ref), T);                 \
    }                                                                \
    bool wasmtime_##name##_as_##is(wasmtime_context_t *context,      \
                                   const wasmtime_##name##_t *ref,   \
                                   wasmtime_##to##_t *out) {         \
        return cast(context, CONST_ROOT(ref), T, ROOT(out));         \
    }
IS_AND_AS(anyref, eqref, eqref, VT_EQREF)
IS_AND_AS(anyref, struct, structref, VT_STRUCTREF)
IS_AND_AS(anyref, array, arrayref, VT_ARRAYREF)
IS_AND_AS(eqref, struct, structref, VT_STRUCTREF)
IS_AND_AS(eqref, array, arrayref, VT_ARRAYREF)

// --- 31-bit integers ---------------------------------------------------------

static bool get_i31(wasmtime_context_t *context, const Root *r, GcRef *out) {
    *out = root_get(store_of_context(context), r);
    return gc_ref_is_i31(*out);
}

#define I31(name)                                                         \
    void wasmtime_##name##_from_i31(wasmtime_context_t *context,          \
                                    uint32_t i31val,                      \
                                    wasmtime_##name##_t *out) {           \
        (void)!root_new(store_of_context(context), gc_ref_of_i31(i31val), \
                        ROOT(out)); /* needs no memory */                 \
    }                                                                     \
    bool wasmtime_##name##_is_i31(wasmtime_context_t *context,            \
                                  const wasmtime_##name##_t *ref) {       \
        GcRef i31;                                                        \
        return get_i31(context, CONST_ROOT(ref), &i31);                   \
    }                                                                     \
    bool wasmtime_##name##_i31_get_u(wasmtime_context_t *context,         \
                                     const wasmtime_##name##_t *ref,      \
                                     uint32_t *dst) {                     \
        GcRef i31;                                                        \
        if (!get_i31(context, CONST_ROOT(ref), &i31)) return false;       \
        *dst = gc_i31_u(i31);                                             \
        return true;                                                      \
    }                                                                     \
    bool wasmtime_##name##_i31_get_s(wasmtime_context_t *context,         \
                                     const wasmtime_##name##_t *ref,      \
                                     int32_t *dst) {                      \
        GcRef i31;                                                        \
        if (!get_i31(context, CONST_ROOT(ref), &i31)) return false;       \
        *dst = gc_i31_s(i31);                                             \
        return true;                                                      \
    }
I31(anyref)
I31(eqref)

// --- types of objects --------------------------------------------------------

// False: null, or no memory.
static bool type_of(wasmtime_context_t *context, const Root *r,
                    wasmtime_heaptype_t *out) {
    Store *s = store_of_context(context);
    GcRef ref = root_get(s, r);
    if (!ref) return false;
    *out = (wasmtime_heaptype_t){.kind = WASMTIME_HEAPTYPE_KIND_I31};
    if (gc_ref_is_i31(ref)) return true;
    switch (gc_type_of(s->heap, ref)->kind) {
    case GC_struct:
        out->kind = WASMTIME_HEAPTYPE_KIND_CONCRETE_STRUCT;
        out->of.concrete_struct =
            struct_type_of(s->engine, object_type(s, ref));
        return out->of.concrete_struct != NULL;
    case GC_array:
        out->kind = WASMTIME_HEAPTYPE_KIND_CONCRETE_ARRAY;
        out->of.concrete_array = array_type_of(s->engine, object_type(s, ref));
        return out->of.concrete_array != NULL;
    case GC_exn:
    case GC_extern: // a pointer of the embedder's, internalized
    case GC_func_none:
        break;
    }
    out->kind = WASMTIME_HEAPTYPE_KIND_ANY;
    return true;
}

bool wasmtime_anyref_type(wasmtime_context_t *context,
                          const wasmtime_anyref_t *anyref,
                          wasmtime_heaptype_t *out) {
    return type_of(context, anyref, out);
}

bool wasmtime_eqref_type(wasmtime_context_t *context,
                         const wasmtime_eqref_t *eqref,
                         wasmtime_heaptype_t *out) {
    return type_of(context, CONST_ROOT(eqref), out);
}

// --- pointers of the embedder ------------------------------------------------

bool wasmtime_externref_new(wasmtime_context_t *context, void *data,
                            void (*finalizer)(void *),
                            wasmtime_externref_t *out) {
    Store *s = store_of_context(context);
    GcRef ref = store_extern_new(s, data, finalizer);
    if (!ref) {
        *out = (wasmtime_externref_t){0};
        if (finalizer) finalizer(data);
        return false;
    }
    return root_new(s, ref, ROOT(out)); // else it is garbage at once
}

void *wasmtime_externref_data(wasmtime_context_t *context,
                              const wasmtime_externref_t *data) {
    Store *s = store_of_context(context);
    bool is_external;
    return store_extern_get(s, root_get(s, CONST_ROOT(data)), &is_external);
}
