// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The vectors of wasm.h.
#include "api/api_int.h"

#include "base/alloc.h"

// Every vector is a size and a pointer. These work on any of them.
typedef struct AnyVec {
    size_t size;
    void *data;
} AnyVec;

static bool any_new(AnyVec *out, size_t size, size_t item) {
    *out = (AnyVec){0};
    if (size == 0) return true;
    out->data = mem_calloc(size, item);
    if (!out->data) return false;
    out->size = size;
    return true;
}

// VEC(name, the type of its elements): what is the same for all of them.
#define VEC(name, T)                                                   \
    static_assert(sizeof(wasm_##name##_vec_t) == sizeof(AnyVec) &&     \
                      offsetof(wasm_##name##_vec_t, data) ==           \
                          offsetof(AnyVec, data),                      \
                  "all vectors have one shape");                       \
    void wasm_##name##_vec_new_empty(wasm_##name##_vec_t *out) {       \
        *out = (wasm_##name##_vec_t){0};                               \
    }                                                                  \
    void wasm_##name##_vec_new_uninitialized(wasm_##name##_vec_t *out, \
                                             size_t size) {            \
        (void)any_new((AnyVec *)(void *)out, size, sizeof(T));         \
    }

// Elements that are pointers, or values with parts: each has its own copy.
//   release(T *item), copy(T *out, const T *from) -> did it fail?
#define VEC_DEEP(name, T, release, copy)                                    \
    VEC(name, T)                                                            \
    void wasm_##name##_vec_delete(wasm_##name##_vec_t *v) {                 \
        if (!v) return;                                                     \
        for (size_t i = 0; v->data && i < v->size; i++)                     \
            release(&v->data[i]);                                           \
        mem_free(v->data);                                                  \
        *v = (wasm_##name##_vec_t){0};                                      \
    }                                                                       \
    void wasm_##name##_vec_copy(wasm_##name##_vec_t *out,                   \
                                const wasm_##name##_vec_t *from) {          \
        if (!any_new((AnyVec *)(void *)out, from->size, sizeof(T))) return; \
        bool ok = true;                                                     \
        for (size_t i = 0; ok && i < from->size; i++)                       \
            ok = copy(&out->data[i], &from->data[i]);                       \
        if (!ok) wasm_##name##_vec_delete(out);                             \
    }                                                                       \
    void wasm_##name##_vec_new(wasm_##name##_vec_t *out, size_t size,       \
                               T const data[]) {                            \
        bool ok = any_new((AnyVec *)(void *)out, size, sizeof(T));          \
        for (size_t i = 0; i < size; i++) {                                 \
            T item = data[i];                                               \
            if (ok)                                                         \
                out->data[i] = item;                                        \
            else                                                            \
                release(&item); /* the elements were given away */          \
        }                                                                   \
    }

#define VEC_POINTERS(name)                                  \
    static void name##_release(wasm_##name##_t **item) {    \
        wasm_##name##_delete(*item);                        \
    }                                                       \
    static bool name##_copy(wasm_##name##_t **out,          \
                            wasm_##name##_t *const *from) { \
        *out = *from ? wasm_##name##_copy(*from) : NULL;    \
        return *out || !*from;                              \
    }                                                       \
    VEC_DEEP(name, wasm_##name##_t *, name##_release, name##_copy)

static bool val_copy(wasm_val_t *out, const wasm_val_t *from) {
    wasm_val_copy(out, from);
    return true;
}

// clang-format off
VEC_POINTERS(valtype)
VEC_POINTERS(functype)
VEC_POINTERS(globaltype)
VEC_POINTERS(tabletype)
VEC_POINTERS(memorytype)
VEC_POINTERS(tagtype)
VEC_POINTERS(externtype)
VEC_POINTERS(importtype)
VEC_POINTERS(exporttype)
VEC_POINTERS(frame)
VEC_POINTERS(extern)
VEC_DEEP(val, wasm_val_t, wasm_val_delete, val_copy)
VEC(byte, wasm_byte_t)
// clang-format on

void wasm_byte_vec_new(wasm_byte_vec_t *out, size_t size,
                       const wasm_byte_t data[]) {
    if (any_new((AnyVec *)(void *)out, size, 1) && size)
        memcpy(out->data, data, size);
}

void wasm_byte_vec_copy(wasm_byte_vec_t *out, const wasm_byte_vec_t *from) {
    wasm_byte_vec_new(out, from->size, from->data);
}

void wasm_byte_vec_delete(wasm_byte_vec_t *v) {
    if (!v) return;
    mem_free(v->data);
    *v = (wasm_byte_vec_t){0};
}

bool name_of(wasm_name_t *out, const char *data, size_t len) {
    wasm_byte_vec_new(out, len, data);
    return out->size == len;
}

bool name_of_z(wasm_name_t *out, const char *data, size_t len) {
    wasm_byte_vec_new_uninitialized(out, len + 1); // zeroed
    if (!out->data) return false;
    if (len) memcpy(out->data, data, len);
    return true;
}
